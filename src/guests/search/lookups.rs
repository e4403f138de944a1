//! What a search asks the database: identifiers by their beginning, and what is known of those found.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Asking, FoundStay};
use crate::db::Conn;
use crate::db::schema::{guest_keys, guests, rooms, stays};
use crate::guests::Guest;
use crate::guests::keys::Kind;
use crate::stays::{InHouse, Status};

/// Ids bound in one query.
pub const IN_ONE_QUERY: usize = 1_000;
/// Keys read for one identifier: beyond that it is too little to tell people apart.
const KEYS_READ: i64 = 48;
/// Bookings read for the beginning of a number.
const BOOKINGS: i64 = 20;
/// Letters of the longest name of a room.
const ROOM: usize = 24;

/// Who is in a room, or arrives today to stay in it.
pub fn by_room(conn: &mut Conn, typed: &str, asking: &Asking<'_>) -> QueryResult<Vec<i64>> {
    if typed.len() > ROOM {
        return Ok(Vec::new());
    }
    let room: Option<i64> = rooms::table
        .filter(rooms::property_id.eq(asking.property_id))
        .filter(rooms::number.eq_any([typed.to_owned(), typed.to_uppercase()]))
        .select(rooms::id)
        .first(conn)
        .optional()?;
    let Some(room) = room else {
        return Ok(Vec::new());
    };
    let rows = || {
        stays::table
            .filter(stays::property_id.eq(asking.property_id))
            .filter(stays::room_id.eq(room))
            .select(stays::guest_id)
    };
    let mut found: Vec<i64> = rows().filter(InHouse).load(conn)?;
    found.extend(
        rows()
            .filter(stays::arrival.eq(asking.today))
            .filter(stays::status.eq(Status::Reserved))
            .load::<i64>(conn)?,
    );
    Ok(found)
}

/// Who booked under a number that begins so.
pub fn by_booking(conn: &mut Conn, typed: &str, asking: &Asking<'_>) -> QueryResult<Vec<i64>> {
    if typed.len() < 3 || !typed.chars().any(|c| c.is_ascii_digit()) {
        return Ok(Vec::new());
    }
    let typed = typed.to_uppercase();
    stays::table
        .filter(stays::property_id.eq_any(asking.houses))
        .filter(stays::confirmation_number.ge(&typed))
        .filter(stays::confirmation_number.lt(after(&typed)))
        .select(stays::guest_id)
        .limit(BOOKINGS)
        .load(conn)
}

/// Whose identifier begins so.
pub fn by_key(conn: &mut Conn, kind: Kind, prefix: &str) -> QueryResult<Vec<i64>> {
    guest_keys::table
        .filter(guest_keys::kind.eq(kind as i16))
        .filter(guest_keys::key.ge(prefix))
        .filter(guest_keys::key.lt(after(prefix)))
        .select(guest_keys::guest_id)
        .limit(KEYS_READ)
        .load(conn)
}

/// The least text that begins with none of the texts that begin with `prefix`.
fn after(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// The profiles found.
pub fn guests(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Guest>> {
    guests::table
        .filter(guests::id.eq_any(ids))
        .select(Guest::as_select())
        .load(conn)
}

/// A stay as the index by guest has it.
#[derive(Clone, Copy, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Brief {
    pub id: i64,
    pub person_id: i64,
    pub property_id: i64,
    pub status: Status,
    pub arrival: chrono::NaiveDate,
    pub departure: chrono::NaiveDate,
    pub room_id: Option<i64>,
}

/// The stays of persons, on whichever of their profiles.
pub fn stays_of(conn: &mut Conn, person_ids: &[i64]) -> QueryResult<HashMap<i64, Vec<Brief>>> {
    let mut of_person: HashMap<i64, Vec<Brief>> = HashMap::new();
    let stays: Vec<Brief> = stays::table
        .inner_join(guests::table)
        .filter(guests::person_id.eq_any(person_ids))
        .select((
            stays::id,
            guests::person_id,
            stays::property_id,
            stays::status,
            stays::arrival,
            stays::departure,
            stays::room_id,
        ))
        .load(conn)?;
    for stay in stays {
        of_person.entry(stay.person_id).or_default().push(stay);
    }
    Ok(of_person)
}

/// The numbers of the rooms of these stays.
pub fn with_rooms(conn: &mut Conn, stays: &[Brief]) -> QueryResult<HashMap<i64, FoundStay>> {
    let ids: Vec<i64> = stays.iter().filter_map(|stay| stay.room_id).collect();
    let numbers: HashMap<i64, String> = if ids.is_empty() {
        HashMap::new()
    } else {
        rooms::table
            .filter(rooms::id.eq_any(ids))
            .select((rooms::id, rooms::number))
            .load::<(i64, String)>(conn)?
            .into_iter()
            .collect()
    };
    let found = stays.iter().map(|stay| {
        let room = stay.room_id.and_then(|id| numbers.get(&id).cloned());
        let found = FoundStay {
            id: stay.id,
            property_id: stay.property_id,
            status: stay.status,
            arrival: stay.arrival,
            departure: stay.departure,
            room,
        };
        (stay.id, found)
    });
    Ok(found.collect())
}
