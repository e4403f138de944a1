//! How long a party waits for a table: from how long parties of this outlet really sit, and who waits before them. Pure.

use std::collections::HashMap;
use std::ops::Range;

use chrono::NaiveDateTime;

use super::floor::{Floor, moment};
use super::outlet::Service;
use super::slots;
use super::table::Plan;

/// Fewer parties teach nothing; the plan's own turn time holds.
const MIN_SEEN: usize = 5;
/// Nobody is told to wait longer than this, in slots.
const FARTHEST: i64 = 16;

/// How long parties sit, by their size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turns {
    small: i64,
    middle: i64,
    large: i64,
}

impl Turns {
    /// The medians of what was seen, each where enough was seen of it; else the service's own.
    pub fn of(service: &Service, seen: &[(i64, i64)]) -> Self {
        let band = |sizes: Range<i64>, planned: i64| {
            let minutes = seen
                .iter()
                .filter(|(covers, _)| sizes.contains(covers))
                .map(|(_, minutes)| *minutes);
            median(minutes.collect()).unwrap_or(planned)
        };
        Self {
            small: band(1..3, service.turn_small),
            middle: band(3..5, service.turn_middle),
            large: band(5..100, service.turn_large),
        }
    }

    /// Minutes a party of that size is likely to sit.
    pub fn minutes(&self, covers: i64) -> i64 {
        match covers {
            ..=2 => self.small,
            3 | 4 => self.middle,
            _ => self.large,
        }
    }
}

fn median(mut minutes: Vec<i64>) -> Option<i64> {
    if minutes.len() < MIN_SEEN {
        return None;
    }
    minutes.sort_unstable();
    minutes.get(minutes.len() / 2).copied()
}

/// The minutes each party of a queue has to wait, in their order; none where nothing is free for them within hours.
///
/// Who came first is served first: each takes the table that is free for its whole turn soonest, and of those the
/// smallest, and the next sees that table taken.
pub fn waits(
    plan: &Plan,
    floor: &Floor<'_>,
    queue: &[i64],
    turns: Turns,
    now: NaiveDateTime,
) -> Vec<Option<i64>> {
    let mut taken: HashMap<i64, Vec<Range<i64>>> = plan
        .tables
        .iter()
        .map(|table| (table.id, floor.taken(table.id).collect()))
        .collect();
    let first = slots::of(now, now).start;
    queue
        .iter()
        .map(|covers| {
            let turn = (turns.minutes(*covers) + 14) / 15;
            let (from, tables) = (first..first + FARTHEST).find_map(|from| {
                let is_free = |id: &i64| {
                    taken.get(id).is_some_and(|theirs| {
                        let clash =
                            |other: &Range<i64>| other.start < from + turn && from < other.end;
                        !theirs.iter().any(clash)
                    })
                };
                places(plan, *covers)
                    .find(|tables| tables.iter().all(is_free))
                    .map(|tables| (from, tables))
            })?;
            for id in tables {
                taken.entry(id).or_default().push(from..from + turn);
            }
            let begins = moment(from)?;
            Some((begins - now).num_minutes().max(0))
        })
        .collect()
}

/// The tables that a party of that size can sit at, the smallest first, those to be put together last.
fn places(plan: &Plan, covers: i64) -> impl Iterator<Item = Vec<i64>> {
    let mut single: Vec<(i64, i64)> = plan
        .tables
        .iter()
        .filter(|table| table.seats >= covers)
        .map(|table| (table.seats, table.id))
        .collect();
    single.sort_unstable();
    let joined = plan.combinations.iter().filter(move |c| c.seats >= covers);
    let joined = joined.map(|combination| combination.tables.clone());
    single.into_iter().map(|(_, id)| vec![id]).chain(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dining::floor::tests::{at, party, plan};
    use crate::dining::outlet::Meal;
    use crate::dining::outlet::tests::service;
    use crate::dining::visit::Status;

    #[test]
    fn turn_times_are_what_this_outlet_has_seen() {
        let dinner = service(Meal::Dinner, 1050, 1350);
        let seen: Vec<(i64, i64)> = [70, 75, 80, 82, 140].map(|minutes| (2, minutes)).to_vec();
        let turns = Turns::of(&dinner, &seen);
        assert_eq!(turns.minutes(2), 80);
        assert_eq!(turns.minutes(4), 105, "nothing was seen of fours");
    }

    #[test]
    fn who_came_first_is_served_first_and_bookings_are_kept() {
        let plan = plan();
        let parties = [
            party(1, Status::Seated, ("17:30", "19:00"), &[1]),
            party(2, Status::Booked, ("19:30", "21:00"), &[2]),
            party(3, Status::Seated, ("18:00", "19:45"), &[3]),
        ];
        let now = at("18:50");
        let floor = Floor::of(&plan, &parties, now);
        let turns = Turns {
            small: 90,
            middle: 105,
            large: 120,
        };
        // T2 is free now, but somebody's at half past seven: nobody sits there for a whole turn before nine.
        let waits = waits(&plan, &floor, &[2, 2, 4, 9], turns, now);
        assert_eq!(waits, [Some(10), Some(55), Some(145), None]);
    }
}
