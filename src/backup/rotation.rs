//! Which of the scheduled backups are kept.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDateTime};

/// How many are kept: of the latest days, weeks and months that have one, the newest of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Days.
    pub daily: usize,
    /// ISO weeks.
    pub weekly: usize,
    /// Months.
    pub monthly: usize,
}

/// The backups that may go, by when they were made. The newest never goes.
pub fn surplus(made: &[NaiveDateTime], kept: Kept) -> Vec<NaiveDateTime> {
    let mut newest_first = made.to_vec();
    newest_first.sort_unstable_by(|a, b| b.cmp(a));
    let mut stay: HashSet<NaiveDateTime> = newest_first.first().copied().into_iter().collect();
    let day = |at: &NaiveDateTime| (at.year(), at.ordinal());
    let week = |at: &NaiveDateTime| (at.iso_week().year(), at.iso_week().week());
    let month = |at: &NaiveDateTime| (at.year(), at.month());
    stay.extend(newest_of_each(&newest_first, kept.daily, day));
    stay.extend(newest_of_each(&newest_first, kept.weekly, week));
    stay.extend(newest_of_each(&newest_first, kept.monthly, month));
    newest_first.retain(|at| !stay.contains(at));
    newest_first
}

fn newest_of_each(
    newest_first: &[NaiveDateTime],
    most: usize,
    period: impl Fn(&NaiveDateTime) -> (i32, u32),
) -> Vec<NaiveDateTime> {
    let mut seen = HashSet::new();
    let first_of_period = newest_first.iter().filter(|at| seen.insert(period(at)));
    first_of_period.take(most).copied().collect()
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeDelta};

    use super::*;

    #[test]
    fn the_latest_days_weeks_and_months_stay() {
        let start = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
        let start = start.and_hms_opt(3, 0, 0).unwrap();
        let kept = Kept {
            daily: 7,
            weekly: 4,
            monthly: 12,
        };
        let mut there: Vec<NaiveDateTime> = Vec::new();
        for day in 0..500 {
            there.push(start + TimeDelta::days(day));
            let gone = surplus(&there, kept);
            there.retain(|at| !gone.contains(at));
        }
        // Every day of a year and more: the last seven days, three older weeks, eleven older months.
        let last = *there.iter().max().unwrap();
        for day in 0..7 {
            assert!(there.contains(&(last - TimeDelta::days(day))));
        }
        let months: HashSet<_> = there.iter().map(|at| (at.year(), at.month())).collect();
        assert_eq!(months.len(), 12);
        assert!((18..=23).contains(&there.len()), "{}", there.len());
        assert!(surplus(&there, kept).is_empty());
    }

    #[test]
    fn the_newest_never_goes() {
        let at = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
        let at = at.and_hms_opt(3, 0, 0).unwrap();
        let none = Kept {
            daily: 0,
            weekly: 0,
            monthly: 0,
        };
        assert_eq!(
            surplus(&[at, at - TimeDelta::days(1)], none),
            [at - TimeDelta::days(1)]
        );
    }
}
