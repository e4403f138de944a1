//! Events that came before what they need: they wait, with a reason, and are tried again when it has come.
//!
//! They are tried as time passes, too: a room is made up, a guest leaves. Each time in vain doubles the pause. After two
//! weeks an event is given up: it is tried by no clock any more, and stays in the list until somebody tries or drops it.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::arrive::Acting;
use super::events::{Event, Heard, Reason, Teller, hear};
use crate::clock;
use crate::db::schema::held_events;
use crate::db::{Conn, Database};
use crate::error::Fault;
use crate::on_either;
use crate::properties::{Property, Reference};
use crate::staff::audit::Actor;
use crate::words::Language;

/// The first pause; each is twice as long as the one before.
const PAUSE: TimeDelta = TimeDelta::minutes(5);
/// The longest pause.
const LONGEST: TimeDelta = TimeDelta::hours(6);
/// What waited for so long is given up.
const PATIENCE: TimeDelta = TimeDelta::days(14);
/// Events tried in one turn of the clock, at most.
const AT_ONCE: i64 = 200;

/// An event that waits.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = held_events)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Held {
    pub id: i64,
    pub property_id: i64,
    pub confirmation_number: String,
    pub event: String,
    pub reason: Reason,
    pub detail: Option<String>,
    pub source_updated_at: Option<NaiveDateTime>,
    pub received_at: NaiveDateTime,
    pub tries: i64,
    pub next_try_at: Option<NaiveDateTime>,
    /// It waited too long: no clock tries it any more.
    pub given_up_at: Option<NaiveDateTime>,
    token_id: i64,
}

impl Held {
    /// The token of the program that told it.
    pub fn token_id(&self) -> i64 {
        self.token_id
    }

    /// The name of what happened: `check_in`, `cancel`.
    pub fn name(&self) -> String {
        let event: serde_json::Value = serde_json::from_str(&self.event).unwrap_or_default();
        let name = event.get("event").and_then(serde_json::Value::as_str);
        name.unwrap_or_default().to_owned()
    }
}

/// What the clock is to try at a moment.
#[diesel::dsl::auto_type(no_type_alias)]
fn is_due(now: NaiveDateTime) -> _ {
    held_events::settled_at
        .is_null()
        .and(held_events::given_up_at.is_null())
        .and(held_events::next_try_at.le(now))
}

/// Whether the clock has something to try.
pub fn any_due(conn: &mut Conn) -> QueryResult<bool> {
    let due = held_events::table.filter(is_due(clock::now()));
    diesel::select(diesel::dsl::exists(due)).get_result(conn)
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
    let now = clock::now();
    let row = (
        held_events::token_id.eq(teller.token_id),
        held_events::property_id.eq(house.id),
        held_events::confirmation_number.eq(number),
        held_events::event.eq(&text),
        held_events::reason.eq(reason),
        held_events::source_updated_at.eq(at),
        held_events::received_at.eq(now),
        held_events::next_try_at.eq(now + PAUSE),
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
            held_events::next_try_at.eq(clock::now() + pause(held.tries)),
        ))
        .execute(conn)?;
    Ok(false)
}

fn pause(tries: i64) -> TimeDelta {
    let doubled = u32::try_from(tries).map_or(30, |tries| tries.min(30));
    PAUSE
        .checked_mul(1_i32 << doubled)
        .map_or(LONGEST, |pause| pause.min(LONGEST))
}

/// Tries what is due, each event in a transaction of its own, and gives up what waited too long; the houses in which
/// something was done. Any number of nodes may call it: an event is tried by the one that takes its turn.
pub fn try_due(
    db: &Database,
    reference: &Reference,
    now: NaiveDateTime,
) -> Result<Vec<i64>, Fault> {
    let due: Vec<Held> = db.read(|conn| {
        let due = held_events::table
            .filter(is_due(now))
            .order((held_events::source_updated_at, held_events::id))
            .limit(AT_ONCE)
            .select(Held::as_select());
        due.load(conn).map_err(Fault::from)
    })?;
    let mut houses = Vec::new();
    for held in due {
        let Some(house) = reference.property(held.property_id) else {
            continue;
        };
        let done = db.write(|conn| {
            let turn = diesel::update(held_events::table.find(held.id).filter(is_due(now)))
                .set(held_events::next_try_at.eq(now + PAUSE))
                .execute(conn)?;
            Ok::<_, Fault>(turn == 1 && take_turn(conn, house, &held, reference, now)?)
        });
        match done {
            Ok(true) => houses.push(house.id),
            Ok(false) => {}
            // The others are not to wait for this one.
            Err(fault) => log::warn!("held event {} could not be tried: {fault:?}", held.id),
        }
    }
    Ok(houses)
}

fn take_turn(
    conn: &mut Conn,
    house: &Property,
    held: &Held,
    reference: &Reference,
    now: NaiveDateTime,
) -> Result<bool, Fault> {
    let teller = Teller {
        acting: Acting {
            by: Actor::Token(held.token_id),
            today: house.business_date(now),
        },
        token_id: held.token_id,
        reference,
    };
    let is_done = try_again(conn, house, held, &teller)?;
    if !is_done && now - held.received_at > PATIENCE {
        diesel::update(held_events::table.find(held.id))
            .set(held_events::given_up_at.eq(now))
            .execute(conn)?;
        log::warn!("held event {} is given up; see /held", held.id);
    }
    Ok(is_done)
}

/// Says why an event waits, where its reason leaves that open.
pub fn explain(conn: &mut Conn, id: i64, detail: &str) -> QueryResult<()> {
    diesel::update(held_events::table.find(id))
        .set(held_events::detail.eq(detail))
        .execute(conn)?;
    Ok(())
}

/// Takes an event out of the list for good.
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
