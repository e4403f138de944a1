nights = { $count ->
     [one] 1 night
    *[other] { $count } nights
}
adults = { $count ->
     [one] 1 adult
    *[other] { $count } adults
}
children = { $count ->
     [one] 1 child
    *[other] { $count } children
}
stays = { $count ->
     [0] no stay yet
     [one] 1 stay
    *[other] { $count } stays
}
profiles = { $count ->
     [one] one profile
    *[other] { $count } profiles linked
}
all-stays = { $count ->
     [one] The one before
    *[other] All { $count } before
}
match-count = { $count ->
     [one] 1 matches
    *[other] { $count } match
}
alert-who = { $count ->
     [one] Confirm who this is: one profile matches
    *[other] Confirm who this is: { $count } profiles match
}
line-ask-who = { $count ->
     [one] ask who this is, one profile matches
    *[other] ask who this is, { $count } profiles match
}
do-ask-who = { $count ->
     [one] Ask who this is: one profile matches.
    *[other] Ask who this is: { $count } profiles match.
}
nights-to-tier = { $count ->
     [one] 1 night to { $tier }
    *[other] { $count } nights to { $tier }
}
occasion-anniversary = { $years ->
     [one] A year since the first stay
    *[other] { $years } years since the first stay
}
search-found = { $count ->
     [0] Nobody for
     [one] 1 guest for
    *[other] { $count } guests for
}
search-count = { $count ->
     [0] nobody found
     [one] 1 found
    *[other] { $count } found
}
errors-title = { $count ->
     [one] One thing is not right yet
    *[other] { $count } things are not right yet
}
rooms-free = { $count ->
     [one] 1 clean room is free for these nights
    *[other] { $count } clean rooms are free for these nights
}
expected = { $count ->
     [one] 1 arrival
    *[other] { $count } arrivals
}
offer-free-rooms = { $count ->
     [one] 1 free every night
    *[other] { $count } free every night
}
rule-steps = { $count ->
     [one] one step up
    *[other] { $count } steps up
}
rule-a-day = { $count ->
     [one] once a day
    *[other] { $count } a day
}
rule-a-guest = { $count ->
     [one] once a guest
    *[other] { $count } a guest
}
rule-days-most = { $count ->
     [0] on the day
     [one] up to a day ahead
    *[other] up to { $count } days ahead
}
