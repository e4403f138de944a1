//! The feed: every event has a place in it, and who has read up to a place has missed nothing before it.
//!
//! Ids are given before a transaction commits, so a lower id can appear after a higher one was read. Places are given
//! afterwards, by one at a time, to what is committed: whatever commits later comes later. Nothing depends on numbers of
//! the database's own, so a feed goes on in a database that was restored elsewhere.

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::{exists, max, min};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::Kind;
use crate::clock;
use crate::db::schema::{events, guests, stays};
use crate::db::{Conn, dialect};
use crate::properties::Reference;
use crate::staff::Houses;

/// How long events are kept.
pub const KEPT: TimeDelta = TimeDelta::days(30);

/// An event as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = events)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Stored {
    pub id: i64,
    pub public_id: String,
    pub kind: Kind,
    pub property_id: Option<i64>,
    pub guest_id: Option<i64>,
    pub other_id: Option<i64>,
    pub stay_id: Option<i64>,
    pub detail: String,
    pub at: NaiveDateTime,
    pub position: Option<i64>,
}

/// Which events are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of these kinds; none is all.
    pub kinds: Vec<Kind>,
    /// Of these houses, and of none.
    pub houses: Houses,
    /// Of this house alone.
    pub only: Option<i64>,
}

/// Whether something was committed that has no place yet.
pub fn has_unplaced(conn: &mut Conn) -> QueryResult<bool> {
    diesel::select(exists(
        events::table
            .filter(events::position.is_null())
            .filter(events::kind.ne(Kind::Test)),
    ))
    .get_result(conn)
}

/// Gives committed events their places. Call it in a write transaction of its own.
pub fn place(conn: &mut Conn) -> QueryResult<usize> {
    dialect::lock_feed(conn)?;
    diesel::sql_query(
        "UPDATE events SET position = (SELECT coalesce(max(position), 0) FROM events) + waiting.turn \
         FROM (SELECT id, row_number() OVER (ORDER BY id) AS turn FROM events \
               WHERE position IS NULL AND kind <> 'webhook.test' ORDER BY id LIMIT 5000) AS waiting \
         WHERE events.id = waiting.id",
    )
    .execute(conn)
}

/// The place of the newest event; 0 where there was none yet.
pub fn newest(conn: &mut Conn) -> QueryResult<i64> {
    let newest: Option<i64> = events::table.select(max(events::position)).first(conn)?;
    Ok(newest.unwrap_or(0))
}

/// Whether everything after a place is still kept. Places have no gaps, so what is missing was taken away.
pub fn reaches_back_to(conn: &mut Conn, position: i64) -> QueryResult<bool> {
    let oldest: Option<i64> = events::table.select(min(events::position)).first(conn)?;
    Ok(position == 0 || oldest.is_none_or(|oldest| oldest <= position + 1))
}

/// Events after a place and up to another, in order.
pub fn between(
    conn: &mut Conn,
    after: i64,
    to: i64,
    wanted: &Wanted,
    most: i64,
) -> QueryResult<Vec<Stored>> {
    let mut query = events::table
        .filter(events::position.gt(after))
        .filter(events::position.le(to))
        .order(events::position)
        .limit(most)
        .select(Stored::as_select())
        .into_boxed();
    if !wanted.kinds.is_empty() {
        query = query.filter(events::kind.eq_any(&wanted.kinds));
    }
    if let Houses::Only(houses) = &wanted.houses {
        query = query.filter(
            events::property_id
                .is_null()
                .or(events::property_id.eq_any(houses.iter().map(|id| Some(*id)))),
        );
    }
    if let Some(property_id) = wanted.only {
        query = query.filter(events::property_id.eq(property_id));
    }
    query.load(conn)
}

/// Events as they are told, in the same order.
pub fn told(conn: &mut Conn, reference: &Reference, found: &[Stored]) -> QueryResult<Vec<Value>> {
    let guest_ids: Vec<i64> = found
        .iter()
        .flat_map(|event| [event.guest_id, event.other_id])
        .flatten()
        .collect();
    let stay_ids: Vec<i64> = found.iter().filter_map(|event| event.stay_id).collect();
    let guests: HashMap<i64, String> = guests::table
        .filter(guests::id.eq_any(guest_ids))
        .select((guests::id, guests::public_id))
        .load(conn)?
        .into_iter()
        .collect();
    let numbers: HashMap<i64, String> = stays::table
        .filter(stays::id.eq_any(stay_ids))
        .select((stays::id, stays::confirmation_number))
        .load(conn)?
        .into_iter()
        .collect();
    let one = |event: &Stored| {
        let guest = |id: Option<i64>| id.and_then(|id| guests.get(&id));
        let house = event.property_id.and_then(|id| reference.property(id));
        let detail: Value = serde_json::from_str(&event.detail).unwrap_or_default();
        let mut told = json!({
            "id": event.public_id,
            "kind": event.kind,
            "at": event.at.and_utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            "property": house.map(|house| &house.code),
            "confirmation_number": event.stay_id.and_then(|id| numbers.get(&id)),
            "guest_id": guest(event.guest_id),
            "other_id": guest(event.other_id),
            "position": event.position,
        });
        if let Some(told) = told.as_object_mut() {
            told.retain(|_, value| !value.is_null());
            told.insert("data".into(), detail);
        }
        told
    };
    Ok(found.iter().map(one).collect())
}

/// Takes old events away, but for the newest: the next place follows it.
pub fn prune(conn: &mut Conn) -> QueryResult<usize> {
    let newest = newest(conn)?;
    diesel::delete(
        events::table
            .filter(events::at.lt(clock::now() - KEPT))
            .filter(events::position.is_null().or(events::position.lt(newest))),
    )
    .execute(conn)
}
