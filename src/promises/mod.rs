//! Kept promises: what became of each wish of a stay, told at the next one, and how often a house keeps them.
//!
//! At check-out each wish of the stay's card becomes a promise, kept or missed as the room's features say; what people do
//! (a pillow, a late check-out) is not known until somebody says so, during the stay, at check-out or after. A taken offer
//! of an early arrival or a late departure is a promise as well.

mod marking;
pub mod rates;

pub use marking::{close, make, mark, of_last, of_stay, standing, withdraw};

use crate::guests::preferences::Strength;
use crate::rooms::fit::Answer;
use crate::text_enum;
use crate::welcome::card::AnsweredWish;

text_enum! {
    /// What became of a wish.
    pub enum Outcome {
        /// It was as wished.
        Kept = "kept",
        /// It was not.
        Missed = "missed",
    }
}

/// A wish of a stay, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct Promise {
    /// What was wished for.
    pub code: String,
    /// How much it mattered.
    pub strength: Strength,
    /// What became of it; none where nobody knows.
    pub outcome: Option<Outcome>,
    /// Who said so; none where the room's features did.
    pub marked_by: Option<i64>,
}

/// What somebody says of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which.
    pub code: String,
    /// What became of it; none where it is not known.
    pub outcome: Option<Outcome>,
}

/// The promises that the wishes of a card make, as far as the room says what became of them. Pure.
pub fn prefilled(wishes: &[AnsweredWish]) -> Vec<Promise> {
    let promises = wishes.iter().map(|answered| Promise {
        code: answered.wish.feature.code.to_owned(),
        strength: answered.wish.strength,
        outcome: match answered.answer {
            Answer::Kept => Some(Outcome::Kept),
            Answer::Missing => Some(Outcome::Missed),
            // Somebody has to see to it, or nothing is known of the room.
            _ => None,
        },
        marked_by: None,
    });
    promises.collect()
}

/// How well a stay's wishes were kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Kept.
    pub kept: i64,
    /// Of how many whose outcome is known.
    pub of: i64,
    /// Codes of those that were missed.
    pub missed: Vec<String>,
}

impl Summary {
    /// Sums promises up; none where of none it is known what became of it. Pure.
    pub fn of(promises: &[Promise]) -> Option<Self> {
        let mut summary = Self::default();
        for promise in promises {
            match promise.outcome {
                None => continue,
                Some(Outcome::Kept) => summary.kept += 1,
                Some(Outcome::Missed) => summary.missed.push(promise.code.clone()),
            }
            summary.of += 1;
        }
        (summary.of > 0).then_some(summary)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::rooms::fit::Wish;
    use crate::vocabulary;
    use crate::words::Message;

    fn answered(code: &str, answer: Answer) -> AnsweredWish {
        AnsweredWish {
            wish: Wish {
                feature: vocabulary::get(code).unwrap(),
                strength: Strength::Prefer,
                evidence: Message::new("evidence-stated"),
                as_of: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
                stale: false,
                for_this_stay: false,
                certainty: 900,
            },
            answer,
        }
    }

    #[test]
    fn the_room_says_what_it_can_and_the_rest_is_not_known() {
        let promises = prefilled(&[
            answered("high_floor", Answer::Kept),
            answered("bathtub", Answer::Missing),
            answered("fruit", Answer::Prepare),
            answered("quiet_room", Answer::Unknown),
        ]);
        let outcomes: Vec<_> = promises.iter().map(|one| one.outcome).collect();
        assert_eq!(
            outcomes,
            [Some(Outcome::Kept), Some(Outcome::Missed), None, None]
        );
        let summary = Summary::of(&promises).unwrap();
        assert_eq!((summary.kept, summary.of), (1, 2));
        assert_eq!(summary.missed, ["bathtub"]);
        assert_eq!(Summary::of(&promises[2..]), None);
    }

    proptest! {
        #[test]
        fn what_is_kept_and_missed_is_all_that_is_known(
            outcomes in prop::collection::vec(prop::option::of(prop::sample::select(Outcome::ALL)), 0..20)
        ) {
            let promises: Vec<Promise> = outcomes
                .iter()
                .map(|outcome| Promise {
                    code: "fruit".into(),
                    strength: Strength::Prefer,
                    outcome: *outcome,
                    marked_by: None,
                })
                .collect();
            let known = outcomes.iter().flatten().count() as i64;
            match Summary::of(&promises) {
                None => prop_assert_eq!(known, 0),
                Some(summary) => {
                    prop_assert_eq!(summary.of, known);
                    prop_assert_eq!(summary.kept + summary.missed.len() as i64, known);
                }
            }
        }
    }
}
