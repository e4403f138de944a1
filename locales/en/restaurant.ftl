outlets-none = This house has no restaurant yet
outlets-none-help = Once one is set up, its floor plan, tables and bookings stand here.
stand-search = Guest, phone or room number
stand-changed = The room has changed.
stand-summary = { $meal } · { $booked } booked · { $free ->
    [one] { $free } free table
   *[other] { $free } free tables
}
meal-breakfast = Breakfast
meal-lunch = Lunch
meal-tea = Afternoon
meal-dinner = Dinner
meal-late = Late
nth-breakfast = { $number } breakfast with us
nth-lunch = { $number } lunch with us
nth-tea = { $number } afternoon with us
nth-dinner = { $number } dinner with us
nth-late = { $number } late evening with us
meals-breakfast = breakfasts
meals-lunch = lunches
meals-tea = afternoons
meals-dinner = dinners
meals-late = late evenings
meals-visits = visits
evidence-meals = { $times } of { $of } { $meals }
evidence-this-table = asked with this table
plan = Floor plan
tables = All tables
col-table = Table
col-seats = Seats
col-features = Has
legend-free = free
legend-kept = kept
legend-taken = seated
legend-over = over time
table-label = { $table }, { $about }: { $state }
table-best = best fit
table-free = free
table-free-until = free until { $time }: { $party }, { $covers }
table-kept = booked { $time }: { $party }, { $covers }
table-held = held from { $time }: { $party }, { $covers }
table-seated = { $party }, { $covers }, until { $time }
table-over = { $party }, { $covers }, expected to leave at { $time }
table-seats = { $count ->
    [one] { $count } seat
   *[other] { $count } seats
}
table-for = { $name }, table for { $covers }
table-kept-for = Kept for
table-could = Seat here
table-first = First time at our table
table-jubilee = { $number } time at our table
table-usual = Usually sits at { $table }
table-avoids = No { $feature }
table-lacks = no { $text }
table-keeps = { $kept } of { $of }
table-none = Nothing is free that is large enough.
table-none-soon = A table is free, but soon somebody else's.
table-none-wait = { $count ->
    [one] Nothing is free now. A table in about { $count } minute.
   *[other] Nothing is free now. A table in about { $count } minutes.
}
table-none-need = No free table answers what is needed: { $feature }.
table-refused = { $text } is not free for this party.
table-case = To put right: { $summary }
table-case-elsewhere = Something is still to be put right. The desk knows what.
table-discreet = Do not say the name aloud
table-say-like = You like it { $feature }: we kept { $table } for you. This way, please.
table-say-usual = Your table { $table } is waiting for you. This way, please.
table-say-plain = It is good to see you, { $name }. This way, please.
table-say-moment = It is good to see you, { $name }. Give us a moment, please.
tell-kitchen = tell the kitchen
of-the-party = somebody at this table
seat = Seat
seat-at = Seat at { $text }
hold = Hold
until = until { $text }
optional = optional
fewer = One fewer
more-people = One more
act-wait = Let them wait
act-leave = Has left
act-use = Seat here
leave-table = { $text } is free again
move-hint = To move them, tap another table.
move-table = Move to { $text }
join-table = Join { $text }
split-table = Some move to { $text }
split = Split
likes = Likes
no-show-table = Did not come
cancel-table = Cancel
list-next = Next
list-next-none = Nobody is booked for now.
list-more = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
list-waiting = Waiting
list-seated = Seated
pill-held = held
party-unnamed = Walk-in
party-of = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
party-late = { $count } min late
party-over = { $count } min over
party-now = a table is free
party-waits = about { $count } min
party-no-table = no table in sight
wait-none = Two can be seated at once.
wait-about = Two would wait about { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}.
wait-unknown = No table for two in the next hours.
queue-title = To be sent
error-covers = "{ $text }" is not a number of people; give 1 to 99.
refused-table-taken = { $table } is promised to { $party }. Choose another.
refused-table-sat = At { $table } sits { $party }. Choose another.
refused-table-missing = Choose a table.
refused-no-table = That table is not on the plan any more.
refused-table-early = They are not late yet.
refused-table-changed = A colleague was quicker: this party has changed.
refused-table-cancelled = This booking is cancelled.
refused-table-no-show = This party is marked as not come.
refused-seated = A colleague was quicker: they sit already.
refused-left = They have left already.
refused-split = Of { $covers } people, at least one stays and one goes.
done-seat = { $party } sits at { $table }.
done-hold = { $table } is held for { $party }.
done-wait = Told: about { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}.
done-wait-now = On the list; a table is free now.
done-wait-unknown = On the list; no table is in sight yet.
done-move-table = { $party } sits at { $table } now.
done-split = { $covers ->
    [one] { $covers } of { $party } sits at { $table } now.
   *[other] { $covers } of { $party } sit at { $table } now.
}
done-leave = { $table } is free again.
done-table-cancel = The booking is cancelled.
done-table-no-show = Marked as not come.
done-table-undo = Taken back: { $party }.
action-view_tables = Looked at the restaurant
action-view_table_card = Looked at the card at the host stand
action-seat_party = Seated
action-book_table = Booked a table
action-hold_table = Held a table
action-let_wait = Put on the waiting list
action-move_party = Moved to another table
action-split_party = Split a party
action-leave_table = Freed the table
action-undo_table = Took back at the host stand
action-cancel_table = Cancelled a table
action-no_show_table = Marked as not come to the table
action-change_table = Changed a table booking
