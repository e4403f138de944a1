//! When an occasion falls. Pure: dates in, dates out.

use chrono::{Datelike, Days, NaiveDate};

/// The stays a guest must have for their rhythm to be known.
pub const RHYTHM_STAYS: i64 = 3;
/// Who comes more often than this is not missed sooner.
const SHORTEST_ABSENCE: i64 = 30;

/// The day in a year on which a date comes round.
///
/// Who was born on 29 February celebrates on the 28th in years without one: in the month they were born in.
pub fn comes_round(date: NaiveDate, year: i32) -> Option<NaiveDate> {
    date.with_year(year)
        .or_else(|| NaiveDate::from_ymd_opt(year, date.month(), 28))
}

/// Years since a date, if it comes round on this day.
pub fn years_on(date: NaiveDate, day: NaiveDate) -> Option<i32> {
    let years = day.year() - date.year();
    (years > 0 && comes_round(date, day.year()) == Some(day)).then_some(years)
}

/// What is known of a guest's stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// Stays that are over.
    pub stays: i64,
    /// The arrival of the first.
    pub first_arrival: NaiveDate,
    /// The arrival of the last.
    pub last_arrival: NaiveDate,
    /// The departure of the last.
    pub last_departure: NaiveDate,
}

impl Rhythm {
    /// Days that usually lie between two arrivals; none where there are too few stays to tell.
    pub fn usual_gap(&self) -> Option<i64> {
        let days = (self.last_arrival - self.first_arrival).num_days();
        (self.stays >= RHYTHM_STAYS && days > 0).then(|| days / (self.stays - 1))
    }

    /// The day on which the guest is missed: so many percent of the usual gap after the last departure.
    pub fn missed_on(&self, percent: i64) -> Option<NaiveDate> {
        let days = (self.usual_gap()? * percent / 100).max(SHORTEST_ABSENCE);
        self.last_departure
            .checked_add_days(Days::new(u64::try_from(days).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn who_was_born_on_29_february_is_greeted_on_the_28th_in_other_years() {
        let born = day("1992-02-29");
        assert_eq!(years_on(born, day("2024-02-29")), Some(32));
        assert_eq!(years_on(born, day("2024-02-28")), None);
        assert_eq!(years_on(born, day("2026-02-28")), Some(34));
        assert_eq!(years_on(born, day("2026-03-01")), None);
        assert_eq!(years_on(day("1992-02-28"), day("2024-02-28")), Some(32));
        assert_eq!(years_on(born, born), None, "not on the day itself");
    }

    proptest! {
        #[test]
        fn a_date_comes_round_exactly_once_a_year(born in 0..40_000_i64, year in 1990..=2060_i32) {
            let born = day("1950-01-01") + chrono::TimeDelta::days(born);
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let days = first.iter_days().take_while(|day| day.year() == year);
            let due = days.filter(|day| years_on(born, *day).is_some()).count();
            prop_assert_eq!(due, usize::from(year > born.year()));
        }

        #[test]
        fn a_guest_is_missed_on_one_day_and_after_their_usual_gap(
            stays in 3..60_i64, first in 0..5_000_i64, length in 1..4_000_i64, nights in 1..10_i64
        ) {
            let first_arrival = day("2010-01-01") + chrono::TimeDelta::days(first);
            let last_arrival = first_arrival + chrono::TimeDelta::days(length);
            let rhythm = Rhythm { stays, first_arrival, last_arrival, last_departure: last_arrival + chrono::TimeDelta::days(nights) };
            let missed = rhythm.missed_on(150).unwrap();
            let away = (missed - rhythm.last_departure).num_days();
            prop_assert!(away >= rhythm.usual_gap().unwrap() && away >= SHORTEST_ABSENCE);
        }
    }

    #[test]
    fn two_stays_are_no_rhythm() {
        let rhythm = Rhythm {
            stays: 2,
            first_arrival: day("2025-01-01"),
            last_arrival: day("2026-01-01"),
            last_departure: day("2026-01-03"),
        };
        assert_eq!(rhythm.missed_on(150), None);
        let third = Rhythm { stays: 3, ..rhythm };
        assert_eq!(third.missed_on(150), Some(day("2026-10-03")));
    }
}
