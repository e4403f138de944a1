//! The rooms file: rooms, and the room types their rows agree on.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::cells::{Cells, Parsed, Rejection};
use super::houses::Houses;
use super::run::{FileKind, Outcome};
use crate::db::Conn;
use crate::db::schema::{room_connections, room_features, room_types, rooms};
use crate::insert_rows;
use crate::rooms::id_by_number;

pub(super) struct File {
    houses: Houses,
    /// What the file said of a room type first, and on which line.
    types: HashMap<(i64, String), (u64, TypeGiven)>,
    /// Rooms that lead into a room which is yet to come, by house and number.
    waiting: BTreeMap<(i64, String), Vec<i64>>,
}

impl File {
    pub(super) fn load(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Self> {
        Ok(Self {
            houses: Houses::load(conn, now)?,
            types: HashMap::new(),
            waiting: BTreeMap::new(),
        })
    }
}

/// A room type as a row gives it; as a changeset, nothing leaves the column alone.
#[derive(AsChangeset, Clone, PartialEq)]
#[diesel(table_name = room_types)]
struct TypeGiven {
    name: Option<String>,
    rank: Option<i64>,
    rate_minor: Option<i64>,
}

pub(super) struct Row {
    property_id: i64,
    number: String,
    room_type: String,
    type_given: TypeGiven,
    capacity: Option<i64>,
    floor: Option<i64>,
    features: Vec<String>,
    /// Numbers of the rooms it has a door to.
    connects: Vec<String>,
}

impl FileKind for File {
    type Row = Row;
    const COLUMNS: &'static [&'static str] = &[
        "property",
        "room",
        "room_type",
        "room_type_name",
        "type_rank",
        "rate",
        "capacity",
        "floor",
        "features",
        "connects",
    ];
    const REQUIRED: &'static [&'static str] = &["property", "room", "room_type"];

    fn parse(&mut self, cells: Cells<'_>, line: u64) -> Parsed<Row> {
        let house = self.houses.get(&cells.required("property")?)?;
        let row = Row {
            property_id: house.id,
            number: cells.key("room", 16)?,
            room_type: cells.key("room_type", 64)?,
            type_given: TypeGiven {
                name: cells.text("room_type_name")?,
                rank: cells.whole("type_rank", 1..=1000)?,
                rate_minor: cells.money("rate", &house.currency, false)?,
            },
            capacity: cells.whole("capacity", 1..=100)?,
            floor: cells.whole("floor", -20..=300)?,
            features: cells.features("features")?,
            connects: cells.list("connects")?,
        };
        if row.connects.contains(&row.number) {
            let reason = format!(
                "'{}' is the room itself; name the rooms it has a door to",
                row.number
            );
            return Err(Rejection::new("connects", reason));
        }
        self.agree_on_type(&row, line)?;
        Ok(row)
    }

    fn key(row: &Row) -> String {
        format!("{}/{}", row.property_id, row.number)
    }

    fn apply(&mut self, conn: &mut Conn, rows: &[Row]) -> QueryResult<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in rows {
            let outcome = match store(conn, row)? {
                Outcome::Unchanged if self.connect(conn, row)? => Outcome::Changed,
                Outcome::Unchanged => Outcome::Unchanged,
                Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
                done => {
                    self.connect(conn, row)?;
                    done
                }
            };
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    fn warnings(&self) -> Vec<String> {
        let waiting = self.waiting.keys();
        waiting
            .map(|(_, number)| {
                format!("connects: there is no room '{number}'; import it to connect it")
            })
            .collect()
    }
}

impl File {
    /// Stores the doors a row names, and those that waited for its room; whether there is a new one.
    fn connect(&mut self, conn: &mut Conn, row: &Row) -> QueryResult<bool> {
        let awaited = self.waiting.remove(&(row.property_id, row.number.clone()));
        if row.connects.is_empty() && awaited.is_none() {
            return Ok(false);
        }
        let Some(id) = id_by_number(conn, row.property_id, &row.number)? else {
            return Ok(false);
        };
        let mut is_new = false;
        for other in awaited.unwrap_or_default() {
            is_new |= store_door(conn, id, other)?;
        }
        for number in &row.connects {
            match id_by_number(conn, row.property_id, number)? {
                Some(other) => is_new |= store_door(conn, id, other)?,
                None => self
                    .waiting
                    .entry((row.property_id, number.clone()))
                    .or_default()
                    .push(id),
            }
        }
        Ok(is_new)
    }

    /// One type has one name, rank and rate throughout the file.
    fn agree_on_type(&mut self, row: &Row, line: u64) -> Parsed<()> {
        let key = (row.property_id, row.room_type.clone());
        let (first, known) = self
            .types
            .entry(key)
            .or_insert_with(|| (line, row.type_given.clone()));
        let given = &row.type_given;
        let differs = |column: &str| {
            let reason = format!(
                "differs from line {first} for room type '{}'; a type has one name, rank and rate",
                row.room_type
            );
            Err(Rejection::new(column, reason))
        };
        if given.name.is_some() && given.name != known.name {
            return differs("room_type_name");
        }
        if given.rank.is_some() && given.rank != known.rank {
            return differs("type_rank");
        }
        if given.rate_minor.is_some() && given.rate_minor != known.rate_minor {
            return differs("rate");
        }
        Ok(())
    }
}

fn store(conn: &mut Conn, row: &Row) -> QueryResult<Outcome> {
    let (type_id, type_changed) = match store_type(conn, row)? {
        Ok(stored) => stored,
        Err(rejection) => return Ok(Outcome::Rejected(rejection)),
    };
    let stored: Option<(i64, i64, Option<i64>, i64)> = rooms::table
        .filter(rooms::property_id.eq(row.property_id))
        .filter(rooms::number.eq(&row.number))
        .select((
            rooms::id,
            rooms::room_type_id,
            rooms::floor,
            rooms::capacity,
        ))
        .first(conn)
        .optional()?;
    let Some((id, old_type, old_floor, old_capacity)) = stored else {
        let id: i64 = diesel::insert_into(rooms::table)
            .values((
                rooms::property_id.eq(row.property_id),
                rooms::room_type_id.eq(type_id),
                rooms::number.eq(&row.number),
                rooms::floor.eq(row.floor),
                rooms::capacity.eq(row.capacity.unwrap_or(2)),
            ))
            .returning(rooms::id)
            .get_result(conn)?;
        store_features(conn, id, &row.features)?;
        return Ok(Outcome::New);
    };
    let floor = row.floor.or(old_floor);
    let capacity = row.capacity.unwrap_or(old_capacity);
    let room_changed = (type_id, floor, capacity) != (old_type, old_floor, old_capacity);
    if room_changed {
        diesel::update(rooms::table.find(id))
            .set((
                rooms::room_type_id.eq(type_id),
                rooms::floor.eq(floor),
                rooms::capacity.eq(capacity),
            ))
            .execute(conn)?;
    }
    let features_changed = store_features(conn, id, &row.features)?;
    Ok(if room_changed || features_changed || type_changed {
        Outcome::Changed
    } else {
        Outcome::Unchanged
    })
}

/// The type's id, and whether the row changed the type.
fn store_type(conn: &mut Conn, row: &Row) -> QueryResult<Parsed<(i64, bool)>> {
    type Stored = (i64, String, i64, i64);
    let stored: Option<Stored> = room_types::table
        .filter(room_types::property_id.eq(row.property_id))
        .filter(room_types::code.eq(&row.room_type))
        .select((
            room_types::id,
            room_types::name,
            room_types::rank,
            room_types::rate_minor,
        ))
        .first(conn)
        .optional()?;
    let given = &row.type_given;
    let Some((id, name, rank, rate_minor)) = stored else {
        let missing = |column: &str| {
            let reason = format!("is empty; the new room type '{}' needs it", row.room_type);
            Ok(Err(Rejection::new(column, reason)))
        };
        let Some(rank) = given.rank else {
            return missing("type_rank");
        };
        let Some(rate_minor) = given.rate_minor else {
            return missing("rate");
        };
        let id = diesel::insert_into(room_types::table)
            .values((
                room_types::property_id.eq(row.property_id),
                room_types::code.eq(&row.room_type),
                room_types::name.eq(given.name.as_ref().unwrap_or(&row.room_type)),
                room_types::rank.eq(rank),
                room_types::rate_minor.eq(rate_minor),
            ))
            .returning(room_types::id)
            .get_result(conn)?;
        return Ok(Ok((id, true)));
    };
    let is_same = given.name.as_ref().is_none_or(|new| *new == name)
        && given.rank.is_none_or(|new| new == rank)
        && given.rate_minor.is_none_or(|new| new == rate_minor);
    if !is_same {
        diesel::update(room_types::table.find(id))
            .set(given.clone())
            .execute(conn)?;
    }
    Ok(Ok((id, !is_same)))
}

/// A cell that lists features lists all of them; an empty cell says nothing.
fn store_features(conn: &mut Conn, room_id: i64, features: &[String]) -> QueryResult<bool> {
    if features.is_empty() {
        return Ok(false);
    }
    let mut stored: Vec<String> = room_features::table
        .filter(room_features::room_id.eq(room_id))
        .select(room_features::feature)
        .load(conn)?;
    stored.sort_unstable();
    if stored == features {
        return Ok(false);
    }
    diesel::delete(room_features::table.filter(room_features::room_id.eq(room_id)))
        .execute(conn)?;
    let rows: Vec<_> = features
        .iter()
        .map(|feature| {
            (
                room_features::room_id.eq(room_id),
                room_features::feature.eq(feature),
            )
        })
        .collect();
    insert_rows!(conn, room_features::table, rows);
    Ok(true)
}

/// A door between two rooms, once; whether it is new.
fn store_door(conn: &mut Conn, one: i64, other: i64) -> QueryResult<bool> {
    let (first, second) = (one.min(other), one.max(other));
    let known: i64 = room_connections::table
        .find((first, second))
        .count()
        .get_result(conn)?;
    if known > 0 {
        return Ok(false);
    }
    diesel::insert_into(room_connections::table)
        .values((
            room_connections::room_id.eq(first),
            room_connections::other_id.eq(second),
        ))
        .execute(conn)?;
    Ok(true)
}
