//! What is free: rooms by type on every night of a stay, and how many of them others will need.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::ladder::Ladder;
use super::{Settings, State};
use crate::db::Conn;
use crate::db::schema::{offers, room_nights, rooms, stays};
use crate::rooms::{Housekeeping, Room};
use crate::stays::Status;

/// A reservation that has no room yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Waiting {
    pub stay_id: i64,
    pub room_type_id: Option<i64>,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
}

/// A room that waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct HeldRoom {
    pub stay_id: i64,
    pub room_id: Option<i64>,
    pub room_type_id: Option<i64>,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
}

/// What is let, promised, waited for and held in a house over some nights.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// Nights of each room, and whose they are.
    pub nights: HashMap<i64, Vec<(NaiveDate, i64)>>,
    /// Reservations that will need a room of their type.
    pub waiting: Vec<Waiting>,
    /// Rooms other stays are being offered.
    pub held: Vec<HeldRoom>,
}

/// For whom rooms are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Seeker<'a> {
    /// The stay; what it has itself is not in its way.
    pub stay_id: i64,
    /// The first night.
    pub from: NaiveDate,
    /// The day it ends.
    pub to: NaiveDate,
    /// In the house already: only a room that is made up will do.
    pub in_house: bool,
    /// Rooms that would do, the best first.
    pub fitting: &'a [i64],
}

/// The rooms of one type for one stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supply {
    /// The type.
    pub room_type_id: i64,
    /// Rooms free on every night that would do, the best first.
    pub free: Vec<i64>,
    /// Rooms left on the tightest night, less those kept back and those others wait for.
    pub spare: i64,
    /// Percent sold on the fullest night.
    pub fullest: i64,
    /// Percent sold on the emptiest night.
    pub emptiest: i64,
}

impl Supply {
    /// Whether one may be offered.
    pub fn is_offered(&self) -> bool {
        self.spare >= 1 && !self.free.is_empty()
    }
}

impl Market {
    /// Reads the nights from `from` up to `to`: two queries, however many stays are asked about.
    pub fn load(
        conn: &mut Conn,
        property_id: i64,
        from: NaiveDate,
        to: NaiveDate,
        held: Vec<HeldRoom>,
    ) -> QueryResult<Self> {
        let taken: Vec<(i64, NaiveDate, i64)> = room_nights::table
            .inner_join(rooms::table)
            .filter(rooms::property_id.eq(property_id))
            .filter(room_nights::night.ge(from).and(room_nights::night.lt(to)))
            .select((
                room_nights::room_id,
                room_nights::night,
                room_nights::stay_id,
            ))
            .load(conn)?;
        let mut nights: HashMap<i64, Vec<(NaiveDate, i64)>> = HashMap::new();
        for (room_id, night, stay_id) in taken {
            nights.entry(room_id).or_default().push((night, stay_id));
        }
        // A reservation that began more than a month before and has no room yet is waited for no longer.
        let waiting = stays::table
            .filter(stays::property_id.eq(property_id))
            .filter(stays::arrival.ge(from - chrono::TimeDelta::days(31)))
            .filter(stays::arrival.lt(to))
            .filter(stays::status.eq(Status::Reserved))
            .filter(stays::room_id.is_null())
            .filter(stays::departure.gt(from))
            .select((
                stays::id,
                stays::room_type_id,
                stays::arrival,
                stays::departure,
            ))
            .load(conn)?;
        Ok(Self {
            nights,
            waiting,
            held,
        })
    }

    /// What each better type has for a stay. `rooms` are all rooms of the house.
    pub fn supply(
        &self,
        rooms: &[Room],
        ladder: &Ladder,
        settings: &Settings,
        seeker: &Seeker<'_>,
    ) -> Vec<Supply> {
        let nights: Vec<NaiveDate> = seeker
            .from
            .iter_days()
            .take_while(|night| *night < seeker.to)
            .collect();
        ladder
            .types()
            .iter()
            .map(|kind| {
                let own: Vec<&Room> = rooms
                    .iter()
                    .filter(|room| room.room_type_id == kind.id)
                    .filter(|room| room.housekeeping != Housekeeping::OutOfOrder)
                    .collect();
                self.of_type(kind.id, &own, settings.kept_back(kind.id), &nights, seeker)
            })
            .collect()
    }

    fn of_type(
        &self,
        room_type_id: i64,
        own: &[&Room],
        kept_back: i64,
        nights: &[NaiveDate],
        seeker: &Seeker<'_>,
    ) -> Supply {
        let total = own.len() as i64;
        let (mut spare, mut fullest, mut emptiest) = (total, 0, 100);
        for night in nights {
            let taken = own
                .iter()
                .filter(|room| self.is_taken(room.id, *night, seeker.stay_id))
                .count() as i64;
            let covers =
                |arrival: NaiveDate, departure: NaiveDate| arrival <= *night && *night < departure;
            let waiting = self.waiting.iter().filter(|other| {
                other.room_type_id == Some(room_type_id)
                    && other.stay_id != seeker.stay_id
                    && covers(other.arrival, other.departure)
            });
            let held = self.held.iter().filter(|other| {
                other.room_type_id == Some(room_type_id)
                    && other.stay_id != seeker.stay_id
                    && covers(other.arrival, other.departure)
            });
            let sold = taken + waiting.count() as i64;
            spare = spare.min(total - sold - held.count() as i64 - kept_back);
            let percent = if total == 0 {
                100
            } else {
                (sold * 100 / total).min(100)
            };
            fullest = fullest.max(percent);
            emptiest = emptiest.min(percent);
        }
        let in_order: HashSet<i64> = own
            .iter()
            .filter(|room| !seeker.in_house || room.housekeeping == Housekeeping::Clean)
            .map(|room| room.id)
            .collect();
        let free = seeker.fitting.iter().copied().filter(|room_id| {
            in_order.contains(room_id)
                && !nights
                    .iter()
                    .any(|night| self.is_taken(*room_id, *night, seeker.stay_id))
                && !self.is_held(*room_id, seeker)
        });
        Supply {
            room_type_id,
            free: free.collect(),
            spare,
            fullest,
            emptiest: emptiest.min(fullest),
        }
    }

    fn is_taken(&self, room_id: i64, night: NaiveDate, stay_id: i64) -> bool {
        self.nights.get(&room_id).is_some_and(|nights| {
            nights
                .iter()
                .any(|(taken, whose)| *taken == night && *whose != stay_id)
        })
    }

    fn is_held(&self, room_id: i64, seeker: &Seeker<'_>) -> bool {
        self.held.iter().any(|held| {
            held.room_id == Some(room_id)
                && held.stay_id != seeker.stay_id
                && held.arrival < seeker.to
                && seeker.from < held.departure
        })
    }
}

/// The rooms that wait for an answer in a house.
pub fn held(conn: &mut Conn, property_id: i64, now: NaiveDateTime) -> QueryResult<Vec<HeldRoom>> {
    offers::table
        .inner_join(stays::table)
        .filter(offers::property_id.eq(property_id))
        .filter(offers::state.eq(State::Held))
        .filter(offers::held_until.gt(now))
        .filter(offers::room_type_id.is_not_null())
        .select((
            offers::stay_id,
            offers::room_id,
            offers::room_type_id,
            stays::arrival,
            stays::departure,
        ))
        .load(conn)
}
