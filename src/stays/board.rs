//! The boards: who arrives, who is in the house, who leaves. A fixed number of queries, however long the list.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Decision, InHouse, Status, Stay};
use crate::db::Conn;
use crate::db::schema::{guests, room_types, stay_candidates, stays};
use crate::guests::{Guest, person};
use crate::properties::Reference;
use crate::rooms::{self, Room};
use crate::welcome::Visit;
use crate::welcome::memory::{self, Memory};
use crate::{fixed_sql, text_enum};

text_enum! {
    /// Which board.
    pub enum Board {
        /// Who comes on a date.
        Arrivals = "arrivals",
        /// Who sleeps here.
        InHouse = "in-house",
        /// Who leaves on a date.
        Departures = "departures",
    }
}

/// A stay longer than this is not found on the in-house board of a past date.
const LONGEST_STAY: TimeDelta = TimeDelta::days(366);

fixed_sql! {
    /// Whether the person of a profile has others: only then is there more to read of who they are.
    IsMerged: Bool = "EXISTS (SELECT 1 FROM guests AS other WHERE other.person_id = guests.person_id AND other.id <> guests.id)"
}

/// A stay with its profile, the room type booked, and whether the person has other profiles.
type Found = (Stay, Guest, Option<String>, bool);

/// One line of a board.
pub struct Row {
    /// The stay.
    pub stay: Stay,
    /// The profile it is on.
    pub guest: Guest,
    /// The room type booked.
    pub room_type: Option<String>,
    /// The room assigned.
    pub room: Option<Room>,
    /// What is remembered of the person.
    pub memory: Memory,
    /// Profiles this could be, where recognition asks.
    pub candidates: Vec<i64>,
}

impl Row {
    /// Whether the guest is to come or in the house.
    pub fn is_open(&self) -> bool {
        matches!(self.stay.status, Status::Reserved | Status::InHouse)
    }

    /// Everything a card is made of.
    pub fn visit<'a>(&'a self, reference: &'a Reference, today: NaiveDate) -> Visit<'a> {
        Visit {
            stay: &self.stay,
            guest: &self.guest,
            memory: &self.memory,
            room: self.room.as_ref(),
            candidates: &self.candidates,
            reference,
            today,
        }
    }
}

/// The board of a house on a date, by expected time and name. `today` is the house's business date.
pub fn rows(
    conn: &mut Conn,
    board: Board,
    property_id: i64,
    date: NaiveDate,
    today: NaiveDate,
) -> QueryResult<Vec<Row>> {
    let mut query = stays::table
        .inner_join(guests::table)
        .left_join(room_types::table.on(room_types::id.nullable().eq(stays::room_type_id)))
        .filter(stays::property_id.eq(property_id))
        .select((
            Stay::as_select(),
            Guest::as_select(),
            room_types::name.nullable(),
            IsMerged,
        ))
        .order((
            stays::arrival_time.is_null(),
            stays::arrival_time,
            stays::id,
        ))
        .into_boxed();
    query = match board {
        Board::Arrivals => query
            .filter(stays::arrival.eq(date))
            .filter(stays::status.ne(Status::Cancelled)),
        Board::Departures => query
            .filter(stays::departure.eq(date))
            .filter(stays::status.eq_any([Status::InHouse, Status::Departed])),
        Board::InHouse if date == today => query.filter(InHouse),
        Board::InHouse => query
            .filter(stays::arrival.between(date - LONGEST_STAY, date))
            .filter(stays::departure.gt(date))
            .filter(stays::status.eq_any([Status::InHouse, Status::Departed])),
    };
    let found: Vec<Found> = query.load(conn)?;
    with_memory(conn, found)
}

/// Adds rooms, memories and candidates to stays.
fn with_memory(conn: &mut Conn, mut found: Vec<Found>) -> QueryResult<Vec<Row>> {
    let mut persons: Vec<i64> = found.iter().map(|(_, guest, ..)| guest.person_id).collect();
    persons.sort_unstable();
    persons.dedup();
    let merged = found.iter_mut().filter(|(.., is_merged)| *is_merged);
    let mut merged: Vec<&mut Guest> = merged.map(|(_, guest, ..)| guest).collect();
    let several: Vec<i64> = merged.iter().map(|guest| guest.person_id).collect();
    person::complete(conn, merged.iter_mut().map(|guest| &mut **guest), &several)?;
    let memories = memory::of_persons(conn, &persons)?;
    let room_ids: Vec<i64> = found.iter().filter_map(|(stay, ..)| stay.room_id).collect();
    let rooms: HashMap<i64, Room> = rooms::by_ids(conn, &room_ids)?
        .into_iter()
        .map(|room| (room.id, room))
        .collect();
    let unsure: Vec<i64> = found
        .iter()
        .filter(|(stay, ..)| stay.decision == Decision::Review)
        .map(|(stay, ..)| stay.id)
        .collect();
    let mut candidates = candidates_of(conn, &unsure)?;
    Ok(found
        .into_iter()
        .map(|(stay, guest, room_type, _)| Row {
            room: stay.room_id.and_then(|id| rooms.get(&id).cloned()),
            // Two stays of one person share a board rarely; the clone is cheaper than sharing.
            memory: memories.get(&guest.person_id).cloned().unwrap_or_default(),
            candidates: candidates.remove(&stay.id).unwrap_or_default(),
            stay,
            guest,
            room_type,
        })
        .collect())
}

/// One stay as a row; for the card.
pub fn row(conn: &mut Conn, stay_id: i64) -> QueryResult<Option<Row>> {
    let found: Option<Found> = stays::table
        .inner_join(guests::table)
        .left_join(room_types::table.on(room_types::id.nullable().eq(stays::room_type_id)))
        .filter(stays::id.eq(stay_id))
        .select((
            Stay::as_select(),
            Guest::as_select(),
            room_types::name.nullable(),
            IsMerged,
        ))
        .first(conn)
        .optional()?;
    let Some(found) = found else { return Ok(None) };
    Ok(with_memory(conn, vec![found])?.pop())
}

fn candidates_of(conn: &mut Conn, stay_ids: &[i64]) -> QueryResult<HashMap<i64, Vec<i64>>> {
    let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
    if stay_ids.is_empty() {
        return Ok(found);
    }
    let pairs: Vec<(i64, i64)> = stay_candidates::table
        .filter(stay_candidates::stay_id.eq_any(stay_ids))
        .select((stay_candidates::stay_id, stay_candidates::guest_id))
        .load(conn)?;
    for (stay_id, guest_id) in pairs {
        found.entry(stay_id).or_default().push(guest_id);
    }
    Ok(found)
}
