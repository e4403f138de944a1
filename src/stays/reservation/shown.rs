//! Reservations as programs read them.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::among::among;
use crate::db::schema::{guests, room_types, rooms, stay_candidates, stays};
use crate::stays::{Decision, Status, Stay};

/// A stay with the codes and numbers its ids stand for.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The stay.
    pub stay: Stay,
    /// The opaque id of the profile it is on.
    pub guest_id: String,
    /// The code of the room type.
    pub room_type: Option<String>,
    /// The number of the room.
    pub room: Option<String>,
    /// How likely recognition found its first candidate; none where it was not asked.
    pub probability: Option<f64>,
    /// When its source last changed it, in UTC.
    pub source_updated_at: Option<NaiveDateTime>,
    /// When it last changed here, in UTC.
    pub updated_at: NaiveDateTime,
    /// Who could be meant, the likeliest first.
    pub candidates: Vec<Candidate>,
}

/// Somebody who could be meant.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The profile's opaque id.
    pub guest_id: String,
    /// 0 to 1.
    pub probability: Option<f64>,
    /// Codes of reasons separated by `;`.
    pub reasons: String,
}

/// Which reservations of a house are listed.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The house.
    pub property_id: i64,
    /// Only those in this state.
    pub status: Option<Status>,
    /// Only those that arrive from this day on.
    pub arrival_from: Option<NaiveDate>,
    /// Only those that arrive up to this day.
    pub arrival_to: Option<NaiveDate>,
    /// Only those after this id.
    pub after: i64,
    /// So many at most.
    pub most: i64,
}

type Loaded = (
    Stay,
    String,
    Option<String>,
    Option<String>,
    Option<f64>,
    Option<NaiveDateTime>,
    NaiveDateTime,
);

macro_rules! shown {
    () => {
        stays::table
            .inner_join(guests::table)
            .left_join(room_types::table.on(room_types::id.nullable().eq(stays::room_type_id)))
            .left_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .select((
                Stay::as_select(),
                guests::public_id,
                room_types::code.nullable(),
                rooms::number.nullable(),
                stays::probability,
                stays::source_updated_at,
                stays::updated_at,
            ))
    };
}

/// The reservation of a house with that number.
pub fn by_number(
    conn: &mut Conn,
    property_id: i64,
    confirmation_number: &str,
) -> QueryResult<Option<Shown>> {
    let found: Option<Loaded> = shown!()
        .filter(stays::property_id.eq(property_id))
        .filter(stays::confirmation_number.eq(confirmation_number))
        .first(conn)
        .optional()?;
    Ok(with_candidates(conn, found.into_iter().collect())?.pop())
}

/// The reservations with these ids.
pub fn by_ids(conn: &mut Conn, stay_ids: &[i64]) -> QueryResult<Vec<Shown>> {
    let found: Vec<Loaded> = shown!().filter(among(stays::id, stay_ids)).load(conn)?;
    with_candidates(conn, found)
}

/// The reservation with that id.
pub fn by_id(conn: &mut Conn, stay_id: i64) -> QueryResult<Option<Shown>> {
    let found: Option<Loaded> = shown!()
        .filter(stays::id.eq(stay_id))
        .first(conn)
        .optional()?;
    Ok(with_candidates(conn, found.into_iter().collect())?.pop())
}

/// The reservations asked for, in the order they became known.
pub fn list(conn: &mut Conn, asked: &Asked) -> QueryResult<Vec<Shown>> {
    let mut query = shown!()
        .filter(stays::property_id.eq(asked.property_id))
        .filter(stays::id.gt(asked.after))
        .order(stays::id)
        .limit(asked.most)
        .into_boxed();
    if let Some(status) = asked.status {
        query = query.filter(stays::status.eq(status));
    }
    if let Some(from) = asked.arrival_from {
        query = query.filter(stays::arrival.ge(from));
    }
    if let Some(to) = asked.arrival_to {
        query = query.filter(stays::arrival.le(to));
    }
    let found: Vec<Loaded> = query.load(conn)?;
    with_candidates(conn, found)
}

fn with_candidates(conn: &mut Conn, found: Vec<Loaded>) -> QueryResult<Vec<Shown>> {
    // Where nobody is asked, nobody else could be meant.
    let asked = found
        .iter()
        .filter(|(stay, ..)| stay.decision == Decision::Review);
    let ids: Vec<i64> = asked.map(|(stay, ..)| stay.id).collect();
    let mut of_stay: HashMap<i64, Vec<Candidate>> = HashMap::new();
    if !ids.is_empty() {
        let rows: Vec<(i64, String, Option<f64>, String)> = stay_candidates::table
            .inner_join(guests::table)
            .filter(among(stay_candidates::stay_id, ids))
            .order(guests::id)
            .select((
                stay_candidates::stay_id,
                guests::public_id,
                stay_candidates::probability,
                stay_candidates::reasons,
            ))
            .load(conn)?;
        for (stay_id, guest_id, probability, reasons) in rows {
            of_stay.entry(stay_id).or_default().push(Candidate {
                guest_id,
                probability,
                reasons,
            });
        }
    }
    for candidates in of_stay.values_mut() {
        let likely = |candidate: &Candidate| candidate.probability.unwrap_or_default();
        candidates.sort_by(|a, b| likely(b).total_cmp(&likely(a)));
    }
    let shown = found.into_iter().map(
        |(stay, guest_id, room_type, room, probability, source_updated_at, updated_at)| Shown {
            candidates: of_stay.remove(&stay.id).unwrap_or_default(),
            stay,
            guest_id,
            room_type,
            room,
            probability,
            source_updated_at,
            updated_at,
        },
    );
    Ok(shown.collect())
}
