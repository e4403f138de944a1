//! Events that came before what they need: they wait, with a reason, and are tried again when it has come.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::arrive::Acting;
use super::events::{Event, Heard, Reason, Teller, hear};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::held_events;
use crate::error::Fault;
use crate::on_either;
use crate::properties::{Property, Reference};
use crate::staff::audit::Actor;
use crate::words::Language;

/// An event that waits.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = held_events)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Held {
    pub id: i64,
    pub token_id: i64,
    pub property_id: i64,
    pub confirmation_number: String,
    pub event: String,
    pub reason: Reason,
    pub detail: Option<String>,
    pub source_updated_at: Option<NaiveDateTime>,
    pub received_at: NaiveDateTime,
    pub tries: i64,
}

impl Held {
    /// Who told it, for trying it again.
    pub fn teller<'a>(&self, today: NaiveDate, reference: &'a Reference) -> Teller<'a> {
        Teller {
            acting: Acting {
                by: Actor::Token(self.token_id),
                today,
            },
            token_id: self.token_id,
            reference,
        }
    }
}

/// Whether any event waits.
pub fn any(conn: &mut Conn) -> QueryResult<bool> {
    let waiting = held_events::table.filter(held_events::settled_at.is_null());
    diesel::select(diesel::dsl::exists(waiting)).get_result(conn)
}

/// Lets an event wait; the same told twice waits once. Call it inside a write transaction.
pub fn hold(
    conn: &mut Conn,
    house: &Property,
    number: &str,
    event: &Event,
    at: Option<NaiveDateTime>,
    reason: Reason,
    teller: &Teller<'_>,
) -> Result<Held, Fault> {
    let text = serde_json::to_string(event)
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    let row = (
        held_events::token_id.eq(teller.token_id),
        held_events::property_id.eq(house.id),
        held_events::confirmation_number.eq(number),
        held_events::event.eq(&text),
        held_events::reason.eq(reason),
        held_events::source_updated_at.eq(at),
        held_events::received_at.eq(clock::now()),
    );
    on_either!(conn, |c| diesel::insert_into(held_events::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    let mut waiting = waiting_for(conn, house, number)?.into_iter();
    waiting
        .find(|held| held.event == text)
        .ok_or(Fault::NotFound)
}

/// The events of a house that wait, in the order they came: those after an id, so many at most.
pub fn list(conn: &mut Conn, property_id: i64, after: i64, most: i64) -> QueryResult<Vec<Held>> {
    held_events::table
        .filter(held_events::property_id.eq(property_id))
        .filter(held_events::settled_at.is_null())
        .filter(held_events::id.gt(after))
        .order(held_events::id)
        .limit(most)
        .select(Held::as_select())
        .load(conn)
}

/// An event that waits.
pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Held>> {
    held_events::table
        .find(id)
        .filter(held_events::settled_at.is_null())
        .select(Held::as_select())
        .first(conn)
        .optional()
}

/// Tries what waits for a reservation, in the order it happened; how many were done. Call it inside a write transaction.
pub fn release(
    conn: &mut Conn,
    house: &Property,
    number: &str,
    teller: &Teller<'_>,
) -> Result<usize, Fault> {
    let mut waiting = waiting_for(conn, house, number)?;
    waiting.sort_by_key(|held| (held.source_updated_at, held.id));
    let mut done = 0;
    for held in waiting {
        done += usize::from(try_again(conn, house, &held, teller)?);
    }
    Ok(done)
}

/// Tries an event again; false where it still waits, with the reason it has now.
pub fn try_again(
    conn: &mut Conn,
    house: &Property,
    held: &Held,
    teller: &Teller<'_>,
) -> Result<bool, Fault> {
    let event: Event = serde_json::from_str(&held.event)
        .map_err(|error| diesel::result::Error::DeserializationError(error.into()))?;
    let number = &held.confirmation_number;
    // What is refused half-way is undone, and the rest of the transaction stands.
    let heard =
        conn.transaction(|conn| hear(conn, house, number, &event, held.source_updated_at, teller));
    let (reason, detail) = match heard {
        Ok(Heard::Changed { .. }) => return settle(conn, held.id, "changed"),
        Ok(Heard::Unchanged(_)) => return settle(conn, held.id, "unchanged"),
        Ok(Heard::Older(_)) => return settle(conn, held.id, "older"),
        Ok(Heard::Waits(reason)) => (reason, None),
        Err(Fault::Refused(message)) => {
            let detail = Language::En.words().tell(&message);
            (Reason::Refused, Some(detail))
        }
        Err(fault) => return Err(fault),
    };
    diesel::update(held_events::table.find(held.id))
        .set((
            held_events::reason.eq(reason),
            held_events::detail.eq(detail),
            held_events::tries.eq(held_events::tries + 1),
        ))
        .execute(conn)?;
    Ok(false)
}

/// Gives an event up.
pub fn drop(conn: &mut Conn, id: i64) -> Result<(), Fault> {
    settle(conn, id, "dropped").map(std::mem::drop)
}

fn settle(conn: &mut Conn, id: i64, outcome: &str) -> Result<bool, Fault> {
    diesel::update(held_events::table.find(id))
        .set((
            held_events::settled_at.eq(clock::now()),
            held_events::outcome.eq(outcome),
        ))
        .execute(conn)?;
    Ok(true)
}

fn waiting_for(conn: &mut Conn, house: &Property, number: &str) -> QueryResult<Vec<Held>> {
    held_events::table
        .filter(held_events::property_id.eq(house.id))
        .filter(held_events::confirmation_number.eq(number))
        .filter(held_events::settled_at.is_null())
        .order(held_events::id)
        .select(Held::as_select())
        .load(conn)
}
