//! How much a piece of evidence still says, and the group's rules for it. Pure.
//!
//! `weight = sureness × shown × 2^(-age / half-life)`, between 0 and 1:
//!
//! - *sureness* by how we know: stated 1, observed 0.9, imported 0.7, inferred 0.5;
//! - *shown* for what stays showed: `(times + 1) / (chances + 2)`, so that three of three say less than nine of nine;
//!   1 for what was told;
//! - *age* in days since it was last known to hold. A need, a must and a never do not fade: that an allergy was told
//!   long ago makes it one to ask about again, not a smaller one.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::preferences::{Preference, Source, Strength};
use crate::error::FieldError;
use crate::words::Message;

/// The settings' name.
pub const SETTINGS: &str = "wishes";

/// Half-lives that make sense, in months.
const HALF_LIVES: std::ops::RangeInclusive<i64> = 1..=240;

/// Days of a month, on average over the calendar's four hundred years.
const DAYS_OF_A_MONTH: f64 = 146_097.0 / 4_800.0;

/// The group's rules for wishes: how they fade, and what stays must show to teach one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Months after which evidence that nobody confirmed says half as much.
    pub half_life_months: i64,
    /// Stays that must show something before it counts as a wish.
    pub least_stays: i64,
    /// Of a hundred stays that could have shown it, so many must.
    pub least_percent: i64,
    /// How much more often than by chance, in percent: 100 is chance itself.
    pub least_lift_percent: i64,
    /// Stays that must have left a room for one without a feature before it counts as disliked.
    pub least_moves: i64,
    /// Who arrives before this hour arrives early.
    pub early_hour: i64,
    /// Who arrives from this hour on arrives late.
    pub late_hour: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            half_life_months: 24,
            least_stays: 3,
            least_percent: 80,
            least_lift_percent: 125,
            least_moves: 2,
            early_hour: 12,
            late_hour: 22,
        }
    }
}

impl Settings {
    /// The half-life.
    pub fn half_life(self) -> HalfLife {
        HalfLife::months(self.half_life_months)
    }

    /// What can't be right, by field.
    pub fn faults(&self) -> Vec<FieldError> {
        let fields = [
            ("half_life_months", self.half_life_months, HALF_LIVES),
            ("least_stays", self.least_stays, 2..=50),
            ("least_percent", self.least_percent, 51..=100),
            ("least_lift_percent", self.least_lift_percent, 100..=1_000),
            ("least_moves", self.least_moves, 1..=50),
            ("early_hour", self.early_hour, 6..=15),
            ("late_hour", self.late_hour, 16..=23),
        ];
        fields
            .into_iter()
            .filter(|(_, value, range)| !range.contains(value))
            .map(|(field, _, range)| {
                let message = Message::new("error-between")
                    .number("least", *range.start())
                    .number("most", *range.end());
                FieldError::new(field, message)
            })
            .collect()
    }
}

/// The time in which evidence comes to say half as much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfLife {
    days: f64,
}

impl HalfLife {
    /// So many months; at least one.
    pub fn months(months: i64) -> Self {
        let months = months.clamp(*HALF_LIVES.start(), *HALF_LIVES.end());
        Self {
            days: months as f64 * DAYS_OF_A_MONTH,
        }
    }

    /// What is left of something of this age: 1 when new, and of what lies ahead.
    pub fn left_after(self, days: i64) -> f64 {
        (-(days.max(0) as f64) / self.days).exp2()
    }
}

impl Preference {
    /// How much it still says, from 0 to 1: the formula of this module. For choosing between wishes, never for
    /// deciding whether a need holds.
    pub fn weight(&self, today: NaiveDate, half_life: HalfLife) -> f64 {
        let shown = match self.source {
            Source::Stated | Source::Imported => 1.0,
            Source::Observed | Source::Inferred => {
                (self.times as f64 + 1.0) / (self.chances as f64 + 2.0)
            }
        };
        sureness(self.source) * shown * self.freshness(today, half_life)
    }

    /// Whether it says half as much as when it was new, or less.
    pub fn is_fading(&self, today: NaiveDate, half_life: HalfLife) -> bool {
        self.freshness(today, half_life) <= 0.5
    }

    fn freshness(&self, today: NaiveDate, half_life: HalfLife) -> f64 {
        let holds_for_good = matches!(self.strength, Strength::Must | Strength::Never)
            || self.feature().is_some_and(|feature| feature.need);
        if holds_for_good {
            1.0
        } else {
            half_life.left_after((today - self.as_of()).num_days())
        }
    }
}

fn sureness(source: Source) -> f64 {
    match source {
        Source::Stated => 1.0,
        Source::Observed => 0.9,
        Source::Imported => 0.7,
        Source::Inferred => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Months, TimeDelta};
    use proptest::prelude::*;

    use super::*;

    const HALF: f64 = 1e-3;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 30).unwrap()
    }

    fn wish(code: &str, strength: Strength, source: Source, seen: (i64, i64)) -> Preference {
        Preference {
            id: 1,
            person_id: 1,
            code: code.into(),
            strength,
            source,
            property_id: None,
            noted_at_property_id: None,
            noted_on: day(),
            noted_by: None,
            note: None,
            times: seen.0,
            chances: seen.1,
            confirmed_on: None,
            noted_stay_id: None,
        }
    }

    fn weight(wish: &Preference, months: u32) -> f64 {
        wish.weight(day() + Months::new(months), HalfLife::months(24))
    }

    #[test]
    fn after_a_half_life_it_says_half() {
        let told = wish("quiet_room", Strength::Prefer, Source::Stated, (1, 1));
        assert_eq!(weight(&told, 0), 1.0);
        assert!(
            (weight(&told, 24) - 0.5).abs() < HALF,
            "{}",
            weight(&told, 24)
        );
        assert!((weight(&told, 48) - 0.25).abs() < HALF);
        assert!(!told.is_fading(day() + Months::new(23), HalfLife::months(24)));
        assert!(told.is_fading(day() + Months::new(25), HalfLife::months(24)));
    }

    #[test]
    fn who_confirms_makes_it_new_again() {
        let mut told = wish("quiet_room", Strength::Prefer, Source::Stated, (1, 1));
        told.confirmed_on = Some(day() + Months::new(30));
        assert_eq!(weight(&told, 30), 1.0);
    }

    #[test]
    fn what_was_told_says_more_than_what_was_seen_and_that_more_than_a_guess() {
        let of = |source, seen| weight(&wish("bathtub", Strength::Prefer, source, seen), 3);
        let falling = [
            of(Source::Stated, (1, 1)),
            of(Source::Observed, (9, 9)),
            of(Source::Observed, (3, 3)),
            of(Source::Imported, (1, 1)),
            of(Source::Inferred, (4, 5)),
            of(Source::Inferred, (2, 5)),
        ];
        assert!(
            falling.is_sorted_by(|more, less| more > less),
            "{falling:?}"
        );
    }

    #[test]
    fn a_need_does_not_fade() {
        let allergy = wish("peanut_allergy", Strength::Must, Source::Stated, (1, 1));
        assert_eq!(weight(&allergy, 400), 1.0);
        let never = wish("near_elevator", Strength::Never, Source::Stated, (1, 1));
        assert_eq!(weight(&never, 400), 1.0);
    }

    #[test]
    fn a_half_life_of_nothing_is_refused_by_name() {
        let wrong = Settings {
            half_life_months: 0,
            ..Settings::default()
        };
        assert_eq!(wrong.faults().len(), 1);
        assert!(Settings::default().faults().is_empty());
    }

    proptest! {
        #[test]
        fn evidence_only_ever_fades(
            times in 1..50_i64,
            more in 0..50_i64,
            source in prop::sample::select(Source::ALL),
            months in -10..400_i64,
            earlier in 0..20_000_i64,
            later in 0..20_000_i64,
        ) {
            let wish = wish("bathtub", Strength::Prefer, source, (times, times + more));
            let half_life = HalfLife::months(months);
            let (first, then) = (earlier.min(later), earlier.max(later));
            let [at_first, then] = [first, then].map(|days| wish.weight(day() + TimeDelta::days(days), half_life));
            prop_assert!(at_first >= then && then >= 0.0 && at_first <= 1.0, "{at_first} {then}");
        }
    }
}
