//! The rooms of a day's arrivals, all at once. Pure: one optimal matching over finite prices; nothing is tried again with
//! rules relaxed.
//!
//! A price has three parts, the first outweighing the second whatever it is: what guests lose, then the order among
//! guests who lose the same, then what is good for the house.

pub mod baseline;
pub mod matching;
pub mod order;
mod parties;
#[cfg(test)]
mod tests;
pub mod why;

use std::collections::HashSet;
use std::ops::{Add, Sub};

use chrono::NaiveDate;

use super::finding::{Asked, Fit, Tally};
use super::standing::{Standing, Standings};
use super::{Housekeeping, Room};
use matching::Prices;

/// To go without a room: more than any room could cost.
const WITHOUT: i64 = 100_000;
/// To lose the room one has, on top: nobody's room is taken away for somebody who has none.
const LOSES: i64 = 100_000;
/// For the house: a change that helps nobody is not made.
const CHANGE: i64 = 1_000;
/// For the house: a room still to be made up, where a clean one would do.
const UNMADE: i64 = 5;
/// For the house: each rank, where no class was booked.
const RANK: i64 = 50;
/// For the house: one night between two stays is hard to sell.
const LONELY_NIGHT: i64 = 5;

/// A guest who is yet to arrive on the day.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The stay.
    pub stay_id: i64,
    /// The guest, for those who read why.
    pub name: String,
    /// The person: two stays of one person are a party.
    pub person_id: i64,
    /// What the stay asks of a room.
    pub asked: Asked,
    /// When it ends.
    pub departure: NaiveDate,
    /// How long it is.
    pub nights: i64,
    /// Rank of the loyalty tier; 0 for none.
    pub tier: i64,
    /// Something is still to be put right.
    pub has_open_case: bool,
    /// The room it has.
    pub current: Option<i64>,
    /// That room is not to be changed.
    pub is_locked: bool,
}

/// A day's arrivals and the rooms of the house.
#[derive(Clone, Debug)]
pub struct Day {
    /// Who comes.
    pub arrivals: Vec<Arrival>,
    /// All rooms of the house.
    pub rooms: Vec<Room>,
    /// How they stand, but for the nights of these arrivals themselves.
    pub standings: Standings,
    /// Rooms with a door between them, by id.
    pub connections: Vec<(i64, i64)>,
}

/// What a place costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// What guests lose: wishes, the class they booked, a room at all.
    pub guests: i64,
    /// The same, the more the earlier a guest stands in the order.
    pub order: i64,
    /// What is good for the house: no idle changes, even wear, room for long stays.
    pub house: i64,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            guests: self.guests + other.guests,
            order: self.order + other.order,
            house: self.house + other.house,
        }
    }
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            guests: self.guests - other.guests,
            order: self.order - other.order,
            house: self.house - other.house,
        }
    }
}

/// What becomes of an arrival. Rooms are places in the day's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It gets, or keeps, this room.
    Room(usize),
    /// Its room is locked.
    Locked(usize),
    /// No room keeps its needs: it stays where it is, for a clerk to look at.
    Stuck(usize),
    /// There is no room for it.
    Without,
}

impl Place {
    /// The room, where there is one.
    pub fn room(self) -> Option<usize> {
        match self {
            Self::Room(room) | Self::Locked(room) | Self::Stuck(room) => Some(room),
            Self::Without => None,
        }
    }
}

/// A room for everybody, as far as there is one.
#[derive(Clone, Debug)]
pub struct Plan {
    /// One for each arrival.
    pub places: Vec<Place>,
    /// The arrivals, who comes first first.
    pub order: Vec<usize>,
    /// What was given out costs in all; what is locked or stuck costs nothing.
    pub total: Cost,
}

impl Day {
    /// The best plan there is.
    pub fn plan(&self) -> Plan {
        let order = order::order(&self.arrivals);
        let mut places = self.fixed();
        let table = Table::of(self, &order, &places);
        let (matching, apart) = parties::match_all(self, &table);
        for (row, column) in matching.columns.iter().enumerate() {
            let room = column.and_then(|column| table.columns.get(column));
            if let (Some(place), Some(room)) =
                (table.rows.get(row).and_then(|at| places.get_mut(*at)), room)
            {
                *place = Place::Room(*room);
            }
        }
        self.leave_where_they_are(&mut places);
        Plan {
            places,
            order,
            total: matching.total + apart,
        }
    }

    /// What is not to be chosen: locked rooms, and the rooms of guests whom no room would do for.
    fn fixed(&self) -> Vec<Place> {
        let mut places: Vec<Place> = self
            .arrivals
            .iter()
            .map(|arrival| match self.current(arrival) {
                Some(room) if arrival.is_locked => Place::Locked(room),
                _ => Place::Without,
            })
            .collect();
        let locked: HashSet<usize> = places.iter().filter_map(|place| place.room()).collect();
        for (arrival, place) in self.arrivals.iter().zip(&mut places) {
            let Some(current) = self.current(arrival).filter(|room| !locked.contains(room)) else {
                continue;
            };
            let mut rooms = self.rooms.iter().enumerate();
            let is_possible = rooms.any(|(at, room)| {
                !locked.contains(&at) && self.tally(arrival, room).price().is_some()
            });
            if !is_possible {
                *place = Place::Stuck(current);
            }
        }
        places
    }

    /// Whoever is left without a room and had one that nobody else got, keeps it.
    fn leave_where_they_are(&self, places: &mut [Place]) {
        let mut given: HashSet<usize> = places.iter().filter_map(|place| place.room()).collect();
        for (arrival, place) in self.arrivals.iter().zip(places) {
            if *place == Place::Without
                && let Some(room) = self.current(arrival)
                && given.insert(room)
            {
                *place = Place::Stuck(room);
            }
        }
    }

    /// The place of the room an arrival has.
    pub fn current(&self, arrival: &Arrival) -> Option<usize> {
        let id = arrival.current?;
        self.rooms.iter().position(|room| room.id == id)
    }

    /// How a room stands for an arrival.
    pub fn standing(&self, arrival: &Arrival, room: &Room) -> Standing {
        self.standings.of(room, arrival.departure)
    }

    fn tally(&self, arrival: &Arrival, room: &Room) -> Tally {
        Tally::of(&arrival.asked, room, self.standing(arrival, room))
    }

    /// A room's verdict for an arrival, in words.
    pub fn fit(&self, arrival: &Arrival, room: &Room) -> Fit {
        Fit::of(&arrival.asked, room, self.standing(arrival, room))
    }

    /// What a room costs for an arrival who stands so far from the end of the order; none where it is out of the question.
    fn cost(&self, arrival: &Arrival, room: &Room, weight: i64) -> Option<Cost> {
        let standing = self.standing(arrival, room);
        let guests = Tally::of(&arrival.asked, room, standing).price()?;
        Some(Cost {
            guests,
            order: guests * weight,
            house: house(arrival, room, standing),
        })
    }
}

/// What giving this room to this guest means for the house.
fn house(arrival: &Arrival, room: &Room, standing: Standing) -> i64 {
    let changes = arrival.current.is_some_and(|current| current != room.id);
    let is_unmade = standing.housekeeping == Housekeeping::Dirty;
    let rank = match arrival.asked.booked {
        Some(_) => 0,
        None => RANK * room.rank,
    };
    // A short stay goes where little is left after it, so that rooms free for long stay free for long stays.
    let rest = standing.free_after
        + if standing.free_after == 1 {
            LONELY_NIGHT
        } else {
            0
        };
    i64::from(changes) * CHANGE + i64::from(is_unmade) * UNMADE + rank + rest + standing.wear
}

/// The prices of what is to be chosen: arrivals by rooms, both by their place in the day.
struct Table {
    rows: Vec<usize>,
    columns: Vec<usize>,
    prices: Prices<Cost>,
}

impl Table {
    fn of(day: &Day, order: &[usize], fixed: &[Place]) -> Self {
        let taken: HashSet<usize> = fixed.iter().filter_map(|place| place.room()).collect();
        let columns: Vec<usize> = (0..day.rooms.len())
            .filter(|room| !taken.contains(room))
            .collect();
        let rows: Vec<usize> = order
            .iter()
            .copied()
            .filter(|at| fixed.get(*at) == Some(&Place::Without))
            .collect();
        let mut prices = Prices::new(columns.len());
        for (place, at) in rows.iter().enumerate() {
            let Some(arrival) = day.arrivals.get(*at) else {
                continue;
            };
            let weight = i64::try_from(rows.len() - place).unwrap_or(i64::MAX);
            let without = WITHOUT + i64::from(arrival.current.is_some()) * LOSES;
            let rooms = columns.iter().filter_map(|column| day.rooms.get(*column));
            prices.push(
                rooms.map(|room| day.cost(arrival, room, weight)),
                Cost {
                    guests: without,
                    order: without * weight,
                    house: 0,
                },
            );
        }
        Self {
            rows,
            columns,
            prices,
        }
    }
}
