//! A table for a time to come: the best one that is free for the whole of it, or the nearest times at which one is. Pure.

use chrono::{NaiveDateTime, TimeDelta};

use super::floor::Floor;
use super::seating::{self, Party};

/// How far around a time others are looked for, in quarters of an hour.
const AROUND: i64 = 10;
/// Other times that are told.
const TOLD: usize = 3;

/// The tables that suit a party best of those that are free for its whole turn. `own` is the booking that is changed.
pub fn best(floor: &Floor<'_>, party: &Party, own: Option<i64>) -> Option<Vec<i64>> {
    seating::rank(party, floor.places(party.from, own))
        .into_iter()
        .find(|offer| !offer.is_short)
        .map(|offer| offer.place.ids())
}

/// Whether these very tables are free for the party's whole turn.
pub fn is_free(floor: &Floor<'_>, party: &Party, tables: &[i64], own: Option<i64>) -> bool {
    let until = party.from + party.turn;
    let places = floor.places(party.from, own);
    tables.iter().all(|id| {
        places
            .iter()
            .any(|place| place.ids() == [*id] && place.until.is_none_or(|next| next >= until))
    })
}

/// The nearest times around at which a table is free, in order, within a service.
pub fn other_times(
    floor: &Floor<'_>,
    party: &Party,
    own: Option<i64>,
    (opens, closes): (NaiveDateTime, NaiveDateTime),
) -> Vec<NaiveDateTime> {
    let mut times: Vec<NaiveDateTime> = (1..=AROUND)
        .flat_map(|quarters| [-quarters, quarters])
        .map(|quarters| party.from + TimeDelta::minutes(15 * quarters))
        .filter(|time| *time >= opens && *time < closes)
        .filter(|time| {
            let then = Party {
                from: *time,
                ..party.clone()
            };
            best(floor, &then, own).is_some()
        })
        .take(TOLD)
        .collect();
    times.sort_unstable();
    times
}

/// The quarter of an hour that is usual: the middle of the times so far, in minutes of the day.
pub fn usual_time(times: &[i64]) -> Option<i64> {
    let mut times = times.to_vec();
    times.sort_unstable();
    let middle = times.get(times.len() / 2)?;
    Some((middle + 7) / 15 * 15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dining::floor::tests::{at, party, plan};
    use crate::dining::visit::Status;

    #[test]
    fn who_books_gets_a_table_for_the_whole_turn_or_other_times() {
        let plan = plan();
        let parties = [
            party(1, Status::Booked, ("18:00", "19:30"), &[1]),
            party(2, Status::Booked, ("20:00", "21:30"), &[2]),
            party(3, Status::Booked, ("18:30", "20:30"), &[3]),
        ];
        let floor = Floor::of(&plan, &parties, at("12:00"));
        let seeking = |from: &str, covers| Party {
            covers,
            wishes: Vec::new(),
            usual: None,
            from: at(from),
            turn: TimeDelta::minutes(90),
        };
        // T2 is free at 19:00, but for an hour only.
        assert_eq!(best(&floor, &seeking("19:00", 2), None), None);
        assert_eq!(best(&floor, &seeking("19:30", 2), None), Some(vec![1]));
        let open = (at("18:00"), at("22:00"));
        let times = other_times(&floor, &seeking("19:00", 2), None, open);
        assert_eq!(times, [at("18:15"), at("18:30"), at("19:30")]);
        // Their own table is free for a booking that is changed.
        assert!(is_free(&floor, &seeking("18:15", 2), &[1], Some(1)));
        assert!(!is_free(&floor, &seeking("18:15", 2), &[1], None));
        assert_eq!(
            usual_time(&[19 * 60 + 4, 18 * 60 + 50, 20 * 60]),
            Some(19 * 60)
        );
    }
}
