//! How long there is to put a case right, as it is seen running. Pure.

use chrono::{NaiveDateTime, TimeDelta};

use crate::words::Message;

/// With less time left than this, it is time to act.
const SOON: TimeDelta = TimeDelta::minutes(30);

/// Where the clock of a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// So much time is left.
    Left(TimeDelta),
    /// It should have been done so long ago.
    Over(TimeDelta),
}

impl Clock {
    /// Where the clock stands at a moment.
    pub fn at(due_at: NaiveDateTime, now: NaiveDateTime) -> Self {
        if now < due_at {
            Self::Left(due_at - now)
        } else {
            Self::Over(now - due_at)
        }
    }

    /// The class of the pill it is shown in.
    pub fn class(self) -> &'static str {
        match self {
            Self::Over(_) => "caution",
            Self::Left(left) if left <= SOON => "attend",
            Self::Left(_) => "info",
        }
    }

    /// The shape that goes with it.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Over(_) => "triangle",
            Self::Left(left) if left <= SOON => "dot",
            Self::Left(_) => "",
        }
    }

    /// "due in 25 min", "overdue 2 days". A minute that has begun counts: nothing is due in 0 min.
    pub fn told(self) -> Message {
        let (time, minutes, hours, days) = match self {
            Self::Left(left) => (left, "due-minutes", "due-hours", "due-days"),
            Self::Over(over) => (over, "overdue-minutes", "overdue-hours", "overdue-days"),
        };
        let whole = match self {
            Self::Left(_) => (time.num_seconds() + 59) / 60,
            Self::Over(_) => time.num_minutes(),
        };
        match whole {
            ..120 => Message::new(minutes).number("count", whole),
            120..2_880 => Message::new(hours).number("count", whole / 60),
            2_880.. => Message::new(days).number("count", whole / 1_440),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn time_left_and_time_over_are_told_in_the_unit_that_is_read_at_a_glance() {
        let due: NaiveDateTime = "2026-11-20T12:00:00".parse().unwrap();
        for (now, told, class) in [
            ("2026-11-20T11:35:00", "due in 25 min", "attend"),
            ("2026-11-20T11:59:59", "due in 1 min", "attend"),
            ("2026-11-20T12:00:00", "overdue 0 min", "caution"),
            ("2026-11-20T12:10:30", "overdue 10 min", "caution"),
            ("2026-11-20T09:00:00", "due in 3 h", "info"),
            ("2026-11-17T12:00:00", "due in 3 days", "info"),
            ("2026-11-23T12:00:00", "overdue 3 days", "caution"),
        ] {
            let clock = Clock::at(due, now.parse().unwrap());
            assert_eq!(Language::En.words().tell(&clock.told()), told, "{now}");
            assert_eq!(clock.class(), class, "{now}");
        }
    }
}
