//! The one place that asks what time it is.

use chrono::{NaiveDateTime, SubsecRound, Utc};

/// Now in UTC, to the microsecond, which both databases keep.
pub fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(6)
}
