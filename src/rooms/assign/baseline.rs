//! How rooms are given out without a plan, to measure the plan against; and the measure.

use std::collections::HashSet;

use super::{Arrival, Cost, Day, Place, Plan, Table, order, parties};
use crate::rooms::Housekeeping;
use crate::rooms::Room;

impl Day {
    /// One after the other in the order, each takes the best room that is left.
    pub fn greedy(&self) -> Plan {
        let order = order::order(&self.arrivals);
        let mut places = self.fixed();
        let table = Table::of(self, &order, &places);
        let mut given = HashSet::new();
        for (row, at) in table.rows.iter().enumerate() {
            let prices = table.prices.row(row).iter().zip(&table.columns);
            let best = prices
                .filter(|(_, room)| !given.contains(*room))
                .filter_map(|(price, room)| Some(((*price)?, *room)))
                .min();
            if let (Some((_, room)), Some(place)) = (best, places.get_mut(*at)) {
                given.insert(room);
                *place = Place::Room(room);
            }
        }
        let total = self.total(&places).unwrap_or_default();
        Plan {
            places,
            order,
            total,
        }
    }

    /// What a way to give out the rooms costs, by the measure of the plan; none where a room is given twice or a need
    /// broken.
    pub fn total(&self, places: &[Place]) -> Option<Cost> {
        let table = Table::of(self, &order::order(&self.arrivals), &self.fixed());
        self.total_of(&table, places)
    }

    pub(super) fn total_of(&self, table: &Table, places: &[Place]) -> Option<Cost> {
        let mut total = Cost::default();
        let mut columns = Vec::with_capacity(table.rows.len());
        for (row, at) in table.rows.iter().enumerate() {
            let column = match places.get(*at)? {
                Place::Room(room) => Some(table.columns.iter().position(|it| it == room)?),
                _ => None,
            };
            if column.is_some() && columns.contains(&column) {
                return None;
            }
            total = total
                + match column {
                    Some(column) => table.prices.of(row, column)?,
                    None => table.prices.without(row),
                };
            columns.push(column);
        }
        Some(total + parties::apart(self, table, &columns))
    }

    /// As they come, each takes the first free room of the class booked by number, or of the next class above; wishes are
    /// not looked at.
    pub fn first_free(&self) -> Vec<Option<usize>> {
        let mut by_time: Vec<usize> = (0..self.arrivals.len()).collect();
        by_time.sort_by_key(|at| {
            let arrival = self.arrivals.get(*at);
            arrival.map(|arrival| (arrival.asked.arrives_at, arrival.stay_id))
        });
        let mut given = HashSet::new();
        let mut places = vec![None; self.arrivals.len()];
        for at in by_time {
            let Some(arrival) = self.arrivals.get(at) else {
                continue;
            };
            let rooms = self.rooms.iter().enumerate();
            let first = rooms
                .filter(|(at, room)| !given.contains(at) && self.is_free(arrival, room))
                .filter_map(|(at, room)| Some((step(arrival, room)?, at)))
                .min();
            if let (Some((_, room)), Some(place)) = (first, places.get_mut(at)) {
                given.insert(room);
                *place = Some(room);
            }
        }
        places
    }

    /// Whether a room is in order and free for all nights.
    pub(super) fn is_free(&self, arrival: &Arrival, room: &Room) -> bool {
        let standing = self.standing(arrival, room);
        standing.housekeeping != Housekeeping::OutOfOrder && !standing.is_taken
    }

    /// What a way of giving out rooms does for the guests.
    pub fn measure(&self, places: &[Option<usize>]) -> Measure {
        let mut measure = Measure {
            arrivals: self.arrivals.len(),
            ..Measure::default()
        };
        for (arrival, place) in self.arrivals.iter().zip(places) {
            let Some(room) = place.and_then(|at| self.rooms.get(at)) else {
                measure.without += 1;
                continue;
            };
            let fit = self.fit(arrival, room);
            let (kept, of) = fit.score();
            measure.kept += kept;
            measure.of += of;
            measure.perfect += usize::from(kept == of);
            measure.broken += usize::from(!fit.is_possible());
            if let Some((_, rank)) = arrival.asked.booked {
                measure.higher += usize::from(room.rank > rank);
                measure.lower += usize::from(room.rank < rank);
            }
        }
        measure
    }
}

/// How far a room is from the class booked; none for a class below it.
fn step(arrival: &Arrival, room: &Room) -> Option<i64> {
    match arrival.asked.booked {
        Some((booked, _)) if booked == room.room_type_id => Some(0),
        Some((_, rank)) => (room.rank > rank).then(|| room.rank - rank),
        None => Some(room.rank),
    }
}

/// What a day's rooms do for the guests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Who comes.
    pub arrivals: usize,
    /// Wishes that were kept.
    pub kept: usize,
    /// Of how many that a room can keep.
    pub of: usize,
    /// Guests with every wish kept.
    pub perfect: usize,
    /// Guests in a room that was out of the question for them.
    pub broken: usize,
    /// Guests above the class they booked.
    pub higher: usize,
    /// Guests below it.
    pub lower: usize,
    /// Guests without a room.
    pub without: usize,
}

impl Measure {
    /// Wishes kept of a hundred.
    pub fn percent(&self) -> f64 {
        if self.of == 0 {
            return 100.0;
        }
        self.kept as f64 * 100.0 / self.of as f64
    }
}
