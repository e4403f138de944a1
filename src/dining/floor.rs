//! How the room stands: which tables are free, until when, and who has the others. Pure.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, NaiveDateTime, TimeDelta};

use super::slots;
use super::table::{Plan, Table};
use super::visit::{Party, Status};

/// Who has overstayed is thought to need this long to go.
const GRACE: TimeDelta = TimeDelta::minutes(15);

/// How a table stands.
#[derive(Clone, Copy, Debug)]
pub enum State<'a> {
    /// Nobody's, until the next party comes.
    Free {
        /// The next party that has it.
        next: Option<&'a Party>,
    },
    /// Kept: booked or held for somebody who is due.
    Kept(&'a Party),
    /// Somebody sits there.
    Seated(&'a Party),
}

/// Tables that a party could have, together.
#[derive(Clone, Debug, PartialEq)]
pub struct Place<'a> {
    /// The tables; several are put together.
    pub tables: Vec<&'a Table>,
    /// How many sit there.
    pub seats: i64,
    /// Until when, where somebody has one of them afterwards.
    pub until: Option<NaiveDateTime>,
}

impl Place<'_> {
    /// The tables' ids.
    pub fn ids(&self) -> Vec<i64> {
        self.tables.iter().map(|table| table.id).collect()
    }

    /// "T4", or "T11+T12".
    pub fn name(&self) -> String {
        let names: Vec<&str> = self
            .tables
            .iter()
            .map(|table| table.name.as_str())
            .collect();
        names.join("+")
    }
}

/// The room with everybody who has a table in it.
pub struct Floor<'a> {
    plan: &'a Plan,
    now: NaiveDateTime,
    /// By table, in the order of their times.
    taken: HashMap<i64, Vec<(Range<i64>, &'a Party)>>,
}

impl<'a> Floor<'a> {
    /// The room at a moment.
    pub fn of(plan: &'a Plan, parties: &'a [Party], now: NaiveDateTime) -> Self {
        let mut taken: HashMap<i64, Vec<(Range<i64>, &Party)>> = HashMap::new();
        for party in parties {
            let Some(slots) = slots_of(party, now) else {
                continue;
            };
            for table in &party.tables {
                taken
                    .entry(*table)
                    .or_default()
                    .push((slots.clone(), party));
            }
        }
        for parties in taken.values_mut() {
            parties.sort_by_key(|(slots, party)| (slots.start, party.visit.id));
        }
        Self { plan, now, taken }
    }

    /// How a table stands now.
    pub fn state(&self, table_id: i64) -> State<'a> {
        let slot = slots::of(self.now, self.now).start;
        let theirs = self.taken.get(&table_id).map_or(&[][..], Vec::as_slice);
        let seated = theirs
            .iter()
            .find(|(_, party)| party.visit.status == Status::Seated);
        if let Some((_, party)) = seated {
            return State::Seated(party);
        }
        match theirs.iter().find(|(slots, _)| slots.end > slot) {
            Some((slots, party)) if slots.start <= slot => State::Kept(party),
            next => State::Free {
                next: next.map(|(_, party)| *party),
            },
        }
    }

    /// How many tables are free now.
    pub fn free(&self) -> usize {
        let tables = self.plan.tables.iter();
        tables
            .filter(|table| matches!(self.state(table.id), State::Free { .. }))
            .count()
    }

    /// What a party could have from a moment on: tables, and those that can be put together. `own` is the party itself,
    /// whose tables are free for it.
    pub fn places(&self, from: NaiveDateTime, own: Option<i64>) -> Vec<Place<'a>> {
        let slot = slots::of(from, from).start;
        let mut until: HashMap<i64, Option<NaiveDateTime>> = HashMap::new();
        for table in &self.plan.tables {
            let others = self.taken.get(&table.id).map_or(&[][..], Vec::as_slice);
            let mut others = others
                .iter()
                .filter(|(slots, party)| Some(party.visit.id) != own && slots.end > slot);
            match others.next() {
                None => drop(until.insert(table.id, None)),
                Some((slots, _)) if slots.start > slot => {
                    until.insert(table.id, moment(slots.start));
                }
                Some(_) => {}
            }
        }
        let single = self.plan.tables.iter().filter_map(|table| {
            Some(Place {
                tables: vec![table],
                seats: table.seats,
                until: *until.get(&table.id)?,
            })
        });
        let joined = self.plan.combinations.iter().filter_map(|combination| {
            let mut place = Place {
                tables: Vec::new(),
                seats: combination.seats,
                until: None,
            };
            for id in &combination.tables {
                let until = *until.get(id)?;
                place.until = [place.until, until].into_iter().flatten().min();
                place.tables.push(self.plan.table(*id)?);
            }
            Some(place)
        });
        single.chain(joined).collect()
    }

    /// The times at which tables are taken, by table, in order; for the calculation of waiting.
    pub fn taken(&self, table_id: i64) -> impl Iterator<Item = Range<i64>> {
        let theirs = self.taken.get(&table_id).map_or(&[][..], Vec::as_slice);
        theirs.iter().map(|(slots, _)| slots.clone())
    }
}

/// The quarters of an hour in which a party has its tables.
fn slots_of(party: &Party, now: NaiveDateTime) -> Option<Range<i64>> {
    let visit = &party.visit;
    match visit.status {
        Status::Booked | Status::Held => Some(slots::of(visit.starts_at, visit.ends_at)),
        Status::Seated => {
            let since = visit.seated_at.unwrap_or(visit.starts_at);
            let until = if visit.ends_at > now {
                visit.ends_at
            } else {
                now + GRACE
            };
            Some(slots::of(since, until))
        }
        Status::Waiting | Status::Left | Status::Cancelled | Status::NoShow => None,
    }
}

/// When a slot begins.
pub fn moment(slot: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(slot * 15 * 60, 0).map(|at| at.naive_utc())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dining::outlet::Meal;
    use crate::dining::table::{Combination, Shape};
    use crate::dining::visit::Visit;

    pub(in crate::dining) fn at(text: &str) -> NaiveDateTime {
        format!("2026-11-21T{text}:00").parse().unwrap()
    }

    pub(in crate::dining) fn table(id: i64, seats: i64, features: &[&str]) -> Table {
        Table {
            id,
            name: format!("T{id}"),
            shape: Shape::Square,
            x: 0,
            y: 0,
            width: 80,
            height: 80,
            rotation: 0,
            seats,
            features: features.iter().map(|&code| code.into()).collect(),
        }
    }

    pub(in crate::dining) fn party(
        id: i64,
        status: Status,
        (from, to): (&str, &str),
        tables: &[i64],
    ) -> Party {
        Party {
            visit: Visit {
                id,
                outlet_id: 1,
                on_date: at(from).date(),
                meal: Meal::Dinner,
                status,
                guest_id: None,
                stay_id: None,
                called: None,
                covers: 2,
                starts_at: at(from),
                ends_at: at(to),
                seated_at: (status == Status::Seated).then(|| at(from)),
                left_at: None,
                quoted_minutes: None,
                requests: None,
                created_at: at(from),
            },
            guest: None,
            room: None,
            tables: tables.to_vec(),
            needs: Vec::new(),
        }
    }

    pub(in crate::dining) fn plan() -> Plan {
        Plan {
            tables: vec![table(1, 2, &[]), table(2, 2, &[]), table(3, 4, &[])],
            marks: Vec::new(),
            combinations: vec![Combination {
                id: 1,
                seats: 6,
                tables: vec![2, 3],
            }],
        }
    }

    #[test]
    fn a_table_is_free_kept_or_sat_at_and_nobody_is_thought_gone_before_they_go() {
        let plan = plan();
        let parties = [
            party(7, Status::Seated, ("17:00", "18:30"), &[1]),
            party(8, Status::Booked, ("19:00", "20:30"), &[2]),
            party(9, Status::Held, ("18:45", "20:15"), &[3]),
        ];
        let floor = Floor::of(&plan, &parties, at("18:50"));
        assert!(matches!(floor.state(1), State::Seated(party) if party.visit.id == 7));
        assert!(matches!(floor.state(2), State::Free { next: Some(party) } if party.visit.id == 8));
        assert!(matches!(floor.state(3), State::Kept(party) if party.visit.id == 9));
        assert_eq!(floor.free(), 1);
        let places = |own| {
            let places = floor.places(at("18:50"), own);
            places
                .iter()
                .map(|p| (p.name(), p.until))
                .collect::<Vec<_>>()
        };
        let until = Some(at("19:00"));
        assert_eq!(places(None), [("T2".to_owned(), until)]);
        // Who has a table may have it, and put it together with a neighbour's.
        assert_eq!(
            places(Some(9)),
            [
                ("T2".to_owned(), until),
                ("T3".to_owned(), None),
                ("T2+T3".to_owned(), until)
            ]
        );
    }
}
