//! Rooms: what they are, whether they are free and clean, and how well they fit a guest's wishes.

pub mod assign;
pub mod best;
pub mod cache;
pub mod finding;
pub mod fit;
pub mod standing;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{room_connections, room_features, room_nights, room_types, rooms};
use crate::text_enum;

/// Rooms with their type and, one row each, their features; ordered so that a room's rows follow each other.
macro_rules! with_features {
    () => {
        rooms::table
            .inner_join(room_types::table.on(room_types::id.eq(rooms::room_type_id)))
            .left_join(room_features::table.on(room_features::room_id.eq(rooms::id)))
            .order((rooms::id, room_features::feature))
            .select((
                rooms::id,
                rooms::property_id,
                rooms::number,
                rooms::room_type_id,
                room_types::name,
                room_types::rank,
                rooms::floor,
                rooms::capacity,
                rooms::housekeeping,
                room_features::feature.nullable(),
            ))
    };
}

text_enum! {
    /// Whether a room can be let.
    #[derive(Default)]
    pub enum Housekeeping {
        /// Ready; also what a room is that nobody has said anything of.
        #[default]
        Clean = "clean",
        /// To be made up.
        Dirty = "dirty",
        /// Not to be let.
        OutOfOrder = "out_of_order",
    }
}

/// A room with what it offers.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the columns of the tables")]
pub struct Room {
    pub id: i64,
    pub property_id: i64,
    pub number: String,
    pub room_type_id: i64,
    pub type_name: String,
    pub rank: i64,
    pub floor: Option<i64>,
    pub capacity: i64,
    pub housekeeping: Housekeeping,
    /// Codes of the vocabulary.
    pub features: Vec<String>,
}

impl Room {
    /// Whether the room is known to have a feature.
    pub fn has(&self, code: &str) -> bool {
        self.features.iter().any(|feature| feature == code)
    }
}

type Row = (
    i64,
    i64,
    String,
    i64,
    String,
    i64,
    Option<i64>,
    i64,
    Housekeeping,
    Option<String>,
);

/// The rooms with these ids, in no order.
pub fn by_ids(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Room>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = crate::with_ids!(with_features!(), rooms::id, ids).load(conn)?;
    Ok(collect(rows))
}

/// All rooms of a house, by floor and number.
pub fn of_property(conn: &mut Conn, property_id: i64) -> QueryResult<Vec<Room>> {
    let rows: Vec<Row> = with_features!()
        .filter(rooms::property_id.eq(property_id))
        .load(conn)?;
    let mut rooms = collect(rows);
    rooms.sort_by_cached_key(|room| (room.floor, room.number.len(), room.number.clone()));
    Ok(rooms)
}

/// The id of a house's room by its number.
pub fn id_by_number(conn: &mut Conn, property_id: i64, number: &str) -> QueryResult<Option<i64>> {
    rooms::table
        .filter(
            rooms::property_id
                .eq(property_id)
                .and(rooms::number.eq(number)),
        )
        .select(rooms::id)
        .first(conn)
        .optional()
}

/// Ids of the house's rooms that are let or promised for any of these nights to somebody other than `stay_id`.
pub fn taken(
    conn: &mut Conn,
    property_id: i64,
    from: NaiveDate,
    to: NaiveDate,
    stay_id: i64,
) -> QueryResult<Vec<i64>> {
    room_nights::table
        .inner_join(rooms::table)
        .filter(rooms::property_id.eq(property_id))
        .filter(room_nights::night.ge(from).and(room_nights::night.lt(to)))
        .filter(room_nights::stay_id.ne(stay_id))
        .select(room_nights::room_id)
        .distinct()
        .load(conn)
}

/// The rooms of a house with a door between them, each pair once.
pub fn connections(conn: &mut Conn, property_id: i64) -> QueryResult<Vec<(i64, i64)>> {
    room_connections::table
        .inner_join(rooms::table.on(rooms::id.eq(room_connections::room_id)))
        .filter(rooms::property_id.eq(property_id))
        .select((room_connections::room_id, room_connections::other_id))
        .load(conn)
}

/// Says what housekeeping found.
pub fn set_housekeeping(
    conn: &mut Conn,
    property_id: i64,
    room_id: i64,
    state: Housekeeping,
) -> QueryResult<bool> {
    let room = rooms::table.filter(
        rooms::id
            .eq(room_id)
            .and(rooms::property_id.eq(property_id)),
    );
    Ok(diesel::update(room)
        .set(rooms::housekeeping.eq(state))
        .execute(conn)?
        == 1)
}

/// One room for each run of rows that differ only in the feature.
fn collect(rows: Vec<Row>) -> Vec<Room> {
    let mut rooms: Vec<Room> = Vec::new();
    for (
        id,
        property_id,
        number,
        room_type_id,
        type_name,
        rank,
        floor,
        capacity,
        housekeeping,
        feature,
    ) in rows
    {
        if rooms.last().is_none_or(|room| room.id != id) {
            rooms.push(Room {
                id,
                property_id,
                number,
                room_type_id,
                type_name,
                rank,
                floor,
                capacity,
                housekeeping,
                features: Vec::new(),
            });
        }
        if let (Some(room), Some(feature)) = (rooms.last_mut(), feature) {
            room.features.push(feature);
        }
    }
    rooms
}
