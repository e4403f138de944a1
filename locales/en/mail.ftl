mail-dear = Dear { $text },
mail-signature = Your hosts at { $text }
mail-because-agreed = You get this letter because you agreed to hear from { $text } now and then.
mail-because-stay = You get this letter because of your stay at { $text }.
mail-unsubscribe = No more of these letters
mail-answer = Simply answer this letter: somebody at the desk reads it.
mail-room = Your room { $text } is one you keep coming back to. Tell us when you are on your way, and we will do our best to keep it for you.
mail-birthday-subject = Happy birthday from { $text }
mail-birthday-wish = All of us at { $text } wish you a very happy birthday.
mail-birthday-end = May the year ahead be kind to you.
mail-anniversary-subject = { $count ->
    [one] A year ago you first stayed with us
   *[other] { $count } years ago you first stayed with us
}
mail-anniversary-since = { $count ->
    [one] It is a year today since you first came through our door.
   *[other] It is { $count } years today since you first came through our door.
}
mail-anniversary-thanks = Thank you for coming back to { $text }. It means a lot to us.
mail-before-subject = Your stay at { $text }: is everything as you like it?
mail-before-welcome = We are looking forward to having you at { $text }.
mail-before-time = You told us that you would arrive at about { $text }. If that has changed, let us know, and your room will be ready.
mail-before-time-unknown = At what time may we expect you? If you tell us, your room will be ready.
mail-before-wishes = We have these wishes noted and will see to them: { $wishes }. Is that still right?
mail-before-wishes-none = Is there anything that would make your stay better? Tell us, and we will see to it.
mail-before-table = Shall we keep a table for you on the first evening?
mail-welcome-subject = Good morning from { $text }
mail-welcome-slept = We hope that you slept well.
mail-welcome-right = If anything is not as you like it, tell us today: we would rather put it right now than hear of it later.
mail-after-subject = Thank you for staying at { $text }
mail-after-thanks = Thank you for staying at { $text }. It was a pleasure to have you.
mail-after-how = How was it? What should we keep, and what should we do better?
mail-after-end = We hope to see you again.
mail-points-subject = Your points at { $text } can be used for a while yet
mail-points-day = { $points } points on your account can be used until { $to }; after that day they lapse.
mail-points-days = { $points } points on your account lapse soon: the first can be used until { $from }, the last until { $to }.
mail-points-end = Answer this letter or ask at the desk of { $text }, and we will see what they buy.
mail-tier-subject = You have reached { $text }
mail-tier-reached = From now on you are { $text } with us. Thank you for every stay that led here.
mail-tier-bonus = Each of your stays now earns { $count } % more points.
mail-tier-end = We look forward to welcoming you at { $text }.
mail-miss-subject = It has been a while since you were at { $text }
mail-miss-last = You were last with us in { $text }, and we would be glad to see you again.
mail-miss-end = Whenever you come, { $text } will know you.
