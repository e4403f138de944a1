app-name = Innkeeper
