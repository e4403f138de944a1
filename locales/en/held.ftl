held-title = Waiting events
held-help = Other systems told us these before they could be done. They are tried when their reservation comes or changes, and by the clock; what waited two weeks is left to you.
held-empty = Nothing waits
held-empty-help = Everything other systems told us has been done.
held-event-check_in = Check-in
held-event-check_out = Check-out
held-event-cancel = Cancellation
held-event-no_show = No-show
held-reason-unknown_reservation = The reservation has not come yet.
held-reason-not_checked_in = The guest was never checked in.
held-reason-refused = A rule forbade it:
held-since = since { $date }, { $time }
held-tries = { $count ->
     [one] tried once
    *[other] tried { $count } times
}
held-given-up = given up
held-retry = Try again
held-drop = Drop
done-held-retry = Done: { $number } is as the other system says.
done-held-waits = Not yet: { $number } still waits.
done-held-drop = Dropped: { $number } waits no more.
refused-held-gone = It no longer waits.
reason-merged_at_source = joined in the system it came from
