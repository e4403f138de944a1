//! Which table for whom. Pure: a party, its wishes and the places there are in; every place that can be had out, the best
//! first, with what it keeps, what it loses and what it costs.
//!
//! Needs exclude, wishes are weighed. Each place is measured once, by a sum of finite penalties: for each wish that is
//! lost, for a chair nobody sits on, for tables put together, for having to leave early. What others booked is not
//! weighed: it is not among the places.

use chrono::{NaiveDateTime, TimeDelta};

use super::floor::Place;
use super::memory::Habits;
use crate::guests::preferences::{Preference, Source, Strength};
use crate::vocabulary::{self, Feature, Kind};
use crate::words::Message;

/// A chair nobody sits on.
const EMPTY_CHAIR: i64 = 6;
/// Another table that has to be moved.
const JOINED: i64 = 15;
/// Having to leave before the usual time is over.
const CUT_SHORT: i64 = 120;
/// The table somebody usually has.
const USUAL: i64 = 25;
/// Less time than this nobody is seated for.
const SHORTEST: TimeDelta = TimeDelta::minutes(45);

/// A wish for a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The word for it.
    pub feature: &'static Feature,
    /// Whether it is to be had, and not to be avoided.
    pub wanted: bool,
    /// A table that does not answer it is out of the question.
    pub need: bool,
    /// What it costs to lose it.
    pub weight: i64,
    /// How we know, in words.
    pub evidence: Message,
}

impl Wish {
    /// Whether a place answers it: one of its tables has what is wanted, none has what is avoided.
    pub fn is_kept(&self, place: &Place<'_>) -> bool {
        let has = place
            .tables
            .iter()
            .any(|table| table.has(self.feature.code));
        has == self.wanted
    }
}

/// Who is to be seated, and from when.
#[derive(Clone, Debug)]
pub struct Party {
    /// How many.
    pub covers: i64,
    /// What they wish of a table, the weightiest first.
    pub wishes: Vec<Wish>,
    /// The table they usually have.
    pub usual: Option<i64>,
    /// From when.
    pub from: NaiveDateTime,
    /// How long they are likely to sit.
    pub turn: TimeDelta,
}

/// A place as it is offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer<'a> {
    /// The place.
    pub place: Place<'a>,
    /// Places of the wishes it keeps, in the party's list.
    pub kept: Vec<usize>,
    /// Places of the wishes it loses.
    pub lost: Vec<usize>,
    /// It is the table they usually have.
    pub is_usual: bool,
    /// They would have to leave before their usual time is over.
    pub is_short: bool,
    /// The sum of the penalties: less is better.
    pub cost: i64,
}

/// Whether a code says something of a table.
pub fn is_of_a_table(feature: &Feature) -> bool {
    feature.kind == Kind::Table || feature.code == "step_free"
}

/// The wishes for a table, one each: what this party asked for, then what is known of the guest, the surest first, then
/// what their tables so far had in common.
pub fn wishes(
    evidence: &[Preference],
    requested: &[&str],
    habits: &Habits,
    property_id: i64,
) -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    let mut add = |wish: Wish| {
        let known = wishes.iter().any(|w| w.feature.code == wish.feature.code);
        if !known && is_of_a_table(wish.feature) {
            wishes.push(wish);
        }
    };
    for feature in requested.iter().filter_map(|code| vocabulary::get(code)) {
        add(Wish {
            feature,
            wanted: true,
            need: feature.need,
            weight: 40,
            evidence: Message::new("evidence-this-table"),
        });
    }
    let here = |p: &&Preference| p.property_id.is_none_or(|id| id == property_id);
    for preference in evidence.iter().filter(here) {
        let Some(feature) = preference.feature() else {
            continue;
        };
        let wanted = preference.is_wanted();
        add(Wish {
            feature,
            wanted,
            need: matches!(preference.strength, Strength::Must | Strength::Never)
                || (feature.need && wanted),
            weight: weight(preference),
            evidence: preference.evidence(),
        });
    }
    for lesson in &habits.features {
        add(Wish {
            feature: lesson.feature,
            wanted: true,
            need: false,
            weight: 20 * lesson.times / lesson.of.max(1),
            evidence: habits.seen(lesson.times, lesson.of),
        });
    }
    wishes.sort_by_key(|wish| (!wish.need, -wish.weight));
    wishes
}

fn weight(preference: &Preference) -> i64 {
    match preference.source {
        Source::Stated => 30,
        Source::Observed => 20 * preference.times / preference.chances.max(1),
        Source::Imported => 15,
        Source::Inferred => 10 * preference.times / preference.chances.max(1),
    }
}

/// Every place the party can have, the best first.
pub fn rank<'a>(party: &Party, places: Vec<Place<'a>>) -> Vec<Offer<'a>> {
    let mut offers: Vec<Offer<'a>> = places
        .into_iter()
        .filter_map(|place| offer(party, place))
        .collect();
    offers.sort_by(|a, b| {
        (a.cost, a.place.tables.len(), a.place.seats)
            .cmp(&(b.cost, b.place.tables.len(), b.place.seats))
            .then_with(|| a.place.ids().cmp(&b.place.ids()))
    });
    offers
}

/// What a place is to a party; none where it is out of the question.
fn offer<'a>(party: &Party, place: Place<'a>) -> Option<Offer<'a>> {
    if place.seats < party.covers || breaks(party, &place).is_some() {
        return None;
    }
    let stays_until = party.from + party.turn;
    let is_short = place.until.is_some_and(|until| until < stays_until);
    if place
        .until
        .is_some_and(|until| until < party.from + SHORTEST)
    {
        return None;
    }
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    let mut cost = EMPTY_CHAIR * (place.seats - party.covers);
    cost += JOINED * (place.tables.len() as i64 - 1);
    for (index, wish) in party.wishes.iter().enumerate() {
        if wish.is_kept(&place) {
            kept.push(index);
        } else {
            cost += wish.weight;
            lost.push(index);
        }
    }
    let is_usual = party
        .usual
        .is_some_and(|usual| place.tables.iter().any(|table| table.id == usual));
    if party.usual.is_some() && !is_usual {
        cost += USUAL;
    }
    if is_short {
        cost += CUT_SHORT;
    }
    Some(Offer {
        place,
        kept,
        lost,
        is_usual,
        is_short,
        cost,
    })
}

/// The first need that a place does not answer.
pub fn breaks<'a>(party: &'a Party, place: &Place<'_>) -> Option<&'a Wish> {
    party
        .wishes
        .iter()
        .find(|wish| wish.need && !wish.is_kept(place))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dining::floor::tests::{at, table};
    use crate::dining::table::Table;

    fn wish(code: &str, wanted: bool, need: bool, weight: i64) -> Wish {
        Wish {
            feature: vocabulary::get(code).unwrap(),
            wanted,
            need,
            weight,
            evidence: Message::new("evidence-stated"),
        }
    }

    fn party(covers: i64, wishes: Vec<Wish>) -> Party {
        Party {
            covers,
            wishes,
            usual: None,
            from: at("18:52"),
            turn: TimeDelta::minutes(90),
        }
    }

    fn place(table: &Table, until: Option<&str>) -> (Table, Option<NaiveDateTime>) {
        (table.clone(), until.map(at))
    }

    fn ranked(party: &Party, tables: &[(Table, Option<NaiveDateTime>)]) -> Vec<String> {
        let places = tables.iter().map(|(table, until)| Place {
            tables: vec![table],
            seats: table.seats,
            until: *until,
        });
        let offers = rank(party, places.collect());
        offers.iter().map(|offer| offer.place.name()).collect()
    }

    #[test]
    fn the_window_comes_before_a_table_of_the_right_size_and_needs_exclude() {
        let tables = [
            place(&table(1, 2, &["quiet_table"]), None),
            place(&table(4, 4, &["window_table", "corner_table"]), None),
            place(&table(5, 2, &["window_table"]), None),
            place(&table(6, 2, &["window_table"]), Some("19:15")),
            place(&table(7, 1, &["window_table"]), None),
        ];
        let likes = || {
            vec![
                wish("window_table", true, false, 30),
                wish("corner_table", true, false, 20),
            ]
        };
        // T6 is somebody's in twenty minutes, T7 too small.
        assert_eq!(ranked(&party(2, likes()), &tables), ["T4", "T5", "T1"]);
        assert_eq!(ranked(&party(2, Vec::new()), &tables), ["T1", "T5", "T4"]);
        let quiet = vec![wish("quiet_table", true, true, 30)];
        assert_eq!(ranked(&party(2, quiet), &tables), ["T1"]);
        let never = vec![wish("window_table", false, true, 30)];
        assert_eq!(ranked(&party(2, never), &tables), ["T1"]);
    }

    #[test]
    fn a_table_that_must_be_left_early_is_the_last_resort() {
        let tables = [
            place(&table(4, 2, &["window_table"]), Some("20:00")),
            place(&table(9, 8, &[]), None),
        ];
        let party = party(2, vec![wish("window_table", true, false, 40)]);
        assert_eq!(ranked(&party, &tables), ["T9", "T4"]);
    }

    const CODES: [&str; 5] = [
        "window_table",
        "corner_table",
        "quiet_table",
        "booth",
        "step_free",
    ];

    prop_compose! {
        fn any_table()(id in 1_i64..300, seats in 1_i64..9, has in prop::collection::vec(any::<bool>(), 5)) -> Table {
            let features: Vec<&str> = CODES.iter().zip(has).filter(|(_, has)| *has).map(|(code, _)| *code).collect();
            table(id, seats, &features)
        }
    }

    prop_compose! {
        fn any_wish()(code in 0..5_usize, wanted in any::<bool>(), need in prop::bool::weighted(0.2), weight in 0_i64..60) -> Wish {
            wish(CODES[code], wanted, need, weight)
        }
    }

    proptest! {
        /// The suggestion is never worse than any free table by its own measure, nothing that could be had is left out,
        /// and nothing is offered that is too small or breaks a need.
        #[test]
        fn no_free_table_is_better_than_the_suggested_one(
            tables in prop::collection::vec((any_table(), prop::option::of(0_i64..240)), 0..40),
            wishes in prop::collection::vec(any_wish(), 0..5),
            covers in 1_i64..7,
            usual in prop::option::of(1_i64..300),
        ) {
            let party = Party { usual, ..party(covers, wishes) };
            let places: Vec<Place<'_>> = tables
                .iter()
                .map(|(table, until)| Place {
                    tables: vec![table],
                    seats: table.seats,
                    until: until.map(|minutes| party.from + TimeDelta::minutes(minutes)),
                })
                .collect();
            let offers = rank(&party, places.clone());
            let alone: Vec<Offer<'_>> = places.into_iter().filter_map(|place| offer(&party, place)).collect();
            prop_assert_eq!(offers.len(), alone.len());
            if let Some(best) = offers.first() {
                for other in &alone {
                    prop_assert!(best.cost <= other.cost, "{} before {}", best.place.name(), other.place.name());
                }
            }
            for offer in &offers {
                prop_assert!(offer.place.seats >= covers);
                prop_assert!(breaks(&party, &offer.place).is_none());
                prop_assert_eq!(offer.kept.len() + offer.lost.len(), party.wishes.len());
                // Losing one more wish never makes a table better.
                let lost: i64 = offer.lost.iter().map(|&index| party.wishes[index].weight).sum();
                prop_assert!(offer.cost >= lost);
            }
        }
    }
}
