//! Many reservations moved at once: all of them, or none and the names of those something has changed for.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::arrive::{Acting, event};
use super::room_lock::{self, RoomLock};
use super::{Status, Stay};
use crate::clock;
use crate::db::schema::{guests, room_nights, stays};
use crate::db::{Conn, dialect};
use crate::error::{Fault, FieldError};
use crate::guests::Guest;
use crate::insert_rows;
use crate::outbox;
use crate::properties::Property;
use crate::rooms::{self, Housekeeping, Room};
use crate::staff::audit::{self, Line};
use crate::words::Message;

/// A stay that is to leave one room for another; no room is none yet, or none again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The stay.
    pub stay_id: i64,
    /// The room it has, as the clerk saw it.
    pub from: Option<i64>,
    /// The room it gets.
    pub to: Option<i64>,
}

/// "7:0:12": stay 7, which has no room, gets room 12.
impl FromStr for Move {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, ':').map(str::parse::<i64>);
        let mut next = || parts.next().unwrap_or_else(|| "".parse());
        let room = |id: i64| Some(id).filter(|id| *id != 0);
        Ok(Self {
            stay_id: next()?,
            from: room(next()?),
            to: room(next()?),
        })
    }
}

impl std::fmt::Display for Move {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, to) = (self.from.unwrap_or_default(), self.to.unwrap_or_default());
        write!(f, "{}:{from}:{to}", self.stay_id)
    }
}

/// Moves many reservations at once, each from the room it is thought to have.
pub(super) fn rebook(
    conn: &mut Conn,
    house: &Property,
    moves: &[Move],
    acting: Acting,
) -> Result<(), Fault> {
    let ids: Vec<i64> = moves.iter().map(|it| it.stay_id).collect();
    if ids.iter().collect::<HashSet<_>>().len() != ids.len() {
        return Err(Message::new("refused-assign-twice").into());
    }
    dialect::lock_stays(conn, &ids)?;
    let booked = Booked::load(conn, &ids, moves)?;
    let mut clashes = booked.clashes(house, moves)?;
    let nights = booked.nights(moves, acting.today);
    if clashes.is_empty() {
        diesel::delete(
            room_nights::table.filter(
                room_nights::stay_id
                    .eq_any(&ids)
                    .and(room_nights::night.ge(acting.today)),
            ),
        )
        .execute(conn)?;
        clashes = booked.taken(conn, &nights)?;
    }
    if clashes.is_empty() {
        let stored = conn.transaction(|conn| store(conn, &nights));
        match stored {
            Ok(()) => {}
            // Let by somebody else between our look and our insert: now we can say to whom.
            Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                clashes = booked.taken(conn, &nights)?;
                if clashes.is_empty() {
                    return Err(Message::new("refused-assign-twice").into());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    if !clashes.is_empty() {
        return Err(Fault::Invalid(clashes));
    }
    booked.record(conn, moves, acting)
}

/// A night a room is to be taken for.
struct Night {
    room_id: i64,
    night: NaiveDate,
    stay_id: i64,
}

fn store(conn: &mut Conn, nights: &[Night]) -> QueryResult<()> {
    let rows: Vec<_> = nights
        .iter()
        .map(|it| {
            (
                room_nights::room_id.eq(it.room_id),
                room_nights::night.eq(it.night),
                room_nights::stay_id.eq(it.stay_id),
            )
        })
        .collect();
    insert_rows!(conn, room_nights::table, rows);
    Ok(())
}

/// The stays of an assignment as they are now, held until the transaction ends.
struct Booked {
    stays: HashMap<i64, Stay>,
    names: HashMap<i64, String>,
    locks: HashMap<i64, RoomLock>,
    rooms: HashMap<i64, Room>,
}

impl Booked {
    fn load(conn: &mut Conn, ids: &[i64], moves: &[Move]) -> QueryResult<Self> {
        let found: Vec<Stay> = stays::table
            .filter(stays::id.eq_any(ids))
            .select(Stay::as_select())
            .load(conn)?;
        let guest_ids: Vec<i64> = found.iter().map(|stay| stay.guest_id).collect();
        let names = Guest::by_ids(conn, &guest_ids)?;
        let room_ids: Vec<i64> = moves
            .iter()
            .flat_map(|it| [it.from, it.to])
            .flatten()
            .collect();
        Ok(Self {
            names: names
                .into_iter()
                .map(|guest| (guest.id, guest.name()))
                .collect(),
            locks: room_lock::of_stays(conn, ids)?,
            rooms: rooms::by_ids(conn, &room_ids)?
                .into_iter()
                .map(|room| (room.id, room))
                .collect(),
            stays: found.into_iter().map(|stay| (stay.id, stay)).collect(),
        })
    }

    fn name(&self, stay: &Stay) -> &str {
        self.names.get(&stay.guest_id).map_or("", String::as_str)
    }

    fn number(&self, room_id: Option<i64>) -> &str {
        let room = room_id.and_then(|id| self.rooms.get(&id));
        room.map_or("", |room| &room.number)
    }

    /// Everything that is no longer as it was seen, but for rooms let meanwhile.
    fn clashes(&self, house: &Property, moves: &[Move]) -> Result<Vec<FieldError>, Fault> {
        let mut clashes = Vec::new();
        for it in moves {
            let stay = self.stays.get(&it.stay_id).ok_or(Fault::NotFound)?;
            let rooms = it.from.iter().chain(&it.to);
            let is_here = |id: &i64| {
                let room = self.rooms.get(id);
                room.is_some_and(|room| room.property_id == house.id)
            };
            if stay.property_id != house.id || !rooms.clone().all(is_here) {
                return Err(Fault::NotFound);
            }
            if let Some(told) = self.clash(stay, it) {
                clashes.push(FieldError::new("moves", told));
            }
        }
        Ok(clashes)
    }

    fn clash(&self, stay: &Stay, it: &Move) -> Option<Message> {
        let guest = self.name(stay);
        let target = it.to.and_then(|id| self.rooms.get(&id));
        if stay.status != Status::Reserved {
            let key = match stay.status {
                Status::InHouse => "clash-in-house",
                Status::Departed => "clash-departed",
                Status::Cancelled | Status::NoShow | Status::Reserved => "clash-ended",
            };
            return Some(Message::new(key).text("guest", guest));
        }
        if stay.room_id != it.from {
            return Some(Message::new("clash-moved").text("guest", guest));
        }
        if self.locks.contains_key(&stay.id) {
            return Some(
                Message::new("clash-locked")
                    .text("guest", guest)
                    .text("room", self.number(it.from)),
            );
        }
        let room = target.filter(|room| room.housekeeping == Housekeeping::OutOfOrder)?;
        Some(
            Message::new("clash-out-of-order")
                .text("guest", guest)
                .text("room", &room.number),
        )
    }

    /// The nights ahead that the moves need.
    fn nights(&self, moves: &[Move], today: NaiveDate) -> Vec<Night> {
        let mut nights = Vec::new();
        for it in moves {
            let (Some(stay), Some(room_id)) = (self.stays.get(&it.stay_id), it.to) else {
                continue;
            };
            let ahead = stay
                .arrival
                .max(today)
                .iter_days()
                .take_while(|night| *night < stay.departure);
            nights.extend(ahead.map(|night| Night {
                room_id,
                night,
                stay_id: stay.id,
            }));
        }
        nights
    }

    /// Rooms that somebody else has for one of the nights.
    fn taken(&self, conn: &mut Conn, nights: &[Night]) -> QueryResult<Vec<FieldError>> {
        let dates = nights.iter().map(|it| it.night);
        let (Some(from), Some(to)) = (dates.clone().min(), dates.max()) else {
            return Ok(Vec::new());
        };
        let room_ids: HashSet<i64> = nights.iter().map(|it| it.room_id).collect();
        let held: Vec<(i64, NaiveDate, NaiveDate, Guest)> = room_nights::table
            .inner_join(stays::table.inner_join(guests::table))
            .filter(room_nights::room_id.eq_any(room_ids))
            .filter(room_nights::night.between(from, to))
            .select((
                room_nights::room_id,
                room_nights::night,
                stays::departure,
                Guest::as_select(),
            ))
            .load(conn)?;
        let mut clashes = Vec::new();
        for it in nights {
            let Some(stay) = self.stays.get(&it.stay_id) else {
                continue;
            };
            let holder = held
                .iter()
                .find(|(room_id, night, ..)| (*room_id, *night) == (it.room_id, it.night));
            let Some((_, _, until, guest)) = holder else {
                continue;
            };
            let told = Message::new("clash-taken")
                .text("guest", self.name(stay))
                .text("room", self.number(Some(it.room_id)))
                .text("other", guest.name())
                .date("until", *until);
            let clash = FieldError::new("moves", told);
            if !clashes.contains(&clash) {
                clashes.push(clash);
            }
        }
        Ok(clashes)
    }

    /// Stores the rooms on the stays, with a line and an event each.
    fn record(&self, conn: &mut Conn, moves: &[Move], acting: Acting) -> Result<(), Fault> {
        let mut lines = Vec::with_capacity(moves.len());
        let mut events = Vec::with_capacity(moves.len());
        for it in moves {
            let Some(stay) = self.stays.get(&it.stay_id) else {
                continue;
            };
            diesel::update(stays::table.find(stay.id))
                .set((stays::room_id.eq(it.to), stays::updated_at.eq(clock::now())))
                .execute(conn)?;
            let number = self.number(it.to);
            lines.push(
                Line::new(acting.by, "assign_room")
                    .guest(stay.guest_id)
                    .stay(stay.id, stay.property_id)
                    .detail(number),
            );
            events.push(event(stay, "assign_room", it.to.map(|_| number)));
        }
        for chunk in lines.chunks(dialect::ROWS_PER_STATEMENT) {
            audit::insert_all(conn, chunk)?;
        }
        Ok(outbox::tell(conn, events)?)
    }
}
