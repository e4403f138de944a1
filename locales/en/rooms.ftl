rooms-more = More free rooms
rooms-none-free = No room is free for all nights
rooms-none-free-help = Move another guest, or shorten the stay; a room that is let until then can not be taken.
room-best = The best rooms for this stay
other-room = Another room
ready-now = ready
ready-at = ready { $time }
ready-by-then = made up by then
best-keeps = Keeps:
best-loses = Lacks:
wish-elsewhere = { $room } has it, { $ready }
fit-out-of-order = out of order
fit-taken = not free for all nights
fit-too-small = sleeps { $capacity }, the party is { $party }
fit-need = needs { $feature }
fit-never = never { $feature }
fit-liked = { $count ->
    [one] had it before and came back
   *[other] had it { $count } times and came back
}
fit-complaint = complained here: { $summary }
fit-higher = { $count ->
    [one] a class above the one booked
   *[other] { $count } classes above the one booked
}
fit-lower = { $count ->
    [one] a class below the one booked
   *[other] { $count } classes below the one booked
}
fit-other-class = another class, of the same rank
fit-waits = not ready before { $time }
move-short = Move
lock-room = Lock the room
unlock-room = Unlock
room-locked = Room { $text } is locked for this guest
lock-reason = Keep { $text } for this guest, because
done-lock = The room is locked: nobody moves it.
done-unlock = The room can be changed again.
done-no-room = The reservation has no room again.
refused-locked = Room { $room } is locked for this guest. Unlock it first.
refused-locked-why = Room { $room } is locked for this guest: { $reason }. Unlock it first.
refused-lock-nothing = There is no room to lock yet. Choose one first.
refused-unlock-nothing = A colleague was quicker: the room is not locked any more.
refused-undo-move = The room has been changed since. Choose one by hand.
error-lock-reason = The reason is too long: at most { $most } characters.
action-lock_room = Locked the room
action-unlock_room = Unlocked the room
action-assign_room = Was given a room with the day's arrivals
assign-rooms = Assign rooms
assign-title = Assign rooms
assign-summary = { $arrivals ->
    [one] 1 to come
   *[other] { $arrivals } to come
} · { $changes ->
    [0] nothing changes
    [one] 1 change
   *[other] { $changes } changes
}{ $without ->
    [0] { "" }
    [one] { " " }· 1 without a room
   *[other] { " " }· { $without } without a room
}
assign-wishes = wishes kept: { $before } now, { $after } of { $of } then
assign-last = { $count ->
    [one] 1 room was given out by { $by } at { $time }.
   *[other] { $count } rooms were given out by { $by } at { $time }.
}
assign-apply = { $count ->
    [one] Apply 1 change
   *[other] Apply { $count } changes
}
assign-undo = Take all back
assign-lock = Lock
assign-order = Place in the order
assign-none = Nobody is still to come on this day
assign-none-help = When reservations arrive on this day, each gets the room that suits it best, and you see why before anything is changed.
assign-settled = Everybody has the best room there is: nothing to change.
assign-foot = What guests lose counts first; among equals who needs more of a room, then the tier, an open case and the longer stay; then even wear and room for long stays.
assign-clash = Nothing was changed, for the day has moved on
assign-clash-help = Below is what suits best now.
assign-first = gets a room
assign-moves = moves
assign-stays = keeps the room
assign-locked = locked
assign-stuck = no other room would do
assign-without = no room
why-gains = keeps { $features }
why-loses = gives up { $features }
why-leaves = leaves { $room }: { $reason }
why-makes-way = { $room } goes to { $guest }, who comes first: { $ground }
why-none-free = no room is free for all nights
why-others-first = every room that would do goes to guests who come first
why-needs = no free room keeps { $features }
why-too-small = no free room sleeps { $party }
ground-needs = needs more of a room
ground-tier = higher tier
ground-open_case = something is still to be put right
ground-nights = longer stay
ground-time = expected earlier
clash-in-house = { $guest } is in house by now.
clash-departed = { $guest } has departed by now.
clash-ended = The reservation of { $guest } has ended.
clash-moved = { $guest } has been given another room by a colleague.
clash-locked = { $guest }: room { $room } has been locked.
clash-out-of-order = { $guest }: room { $room } is out of order by now.
clash-taken = { $guest }: room { $room } is let to { $other } until { $until }.
refused-assign-nothing = There is nothing to change.
refused-assign-over = This day is over: rooms are given out for today and days to come.
refused-assign-twice = A guest or a room stands twice in this assignment. Open the page again.
refused-assign-undone = A colleague was quicker: this has been taken back.
done-assign = { $count ->
    [one] 1 guest has a new room.
   *[other] { $count } guests have a new room.
}
done-assign-undone = All rooms are as they were before.
action-view_assignment = Looked at the assignment of rooms
