//! Letters as a person looks at them.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Occasion, State};
use crate::db::Conn;
use crate::db::schema::{greeting_attempts, greetings, guests};
use crate::fixed_sql;
use crate::guests::Guest;
use crate::words::Language;

/// A letter with its guest.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Row {
    pub id: i64,
    pub public_id: String,
    pub guest_id: i64,
    pub property_id: i64,
    pub occasion: Occasion,
    pub due_on: NaiveDate,
    pub address: String,
    pub language: Language,
    pub facts: String,
    pub state: State,
    pub reason: Option<String>,
    pub next_try_at: NaiveDateTime,
    pub sent_at: Option<NaiveDateTime>,
    pub message_id: Option<String>,
    pub guest: Guest,
}

macro_rules! columns {
    () => {
        (
            greetings::id,
            greetings::public_id,
            greetings::guest_id,
            greetings::property_id,
            greetings::occasion,
            greetings::due_on,
            greetings::address,
            greetings::language,
            greetings::facts,
            greetings::state,
            greetings::reason,
            greetings::next_try_at,
            greetings::sent_at,
            greetings::message_id,
            Guest::as_select(),
        )
    };
}

/// The letters of a house and day, in the order they leave.
pub fn of_day(conn: &mut Conn, house: i64, day: NaiveDate, most: i64) -> QueryResult<Vec<Row>> {
    greetings::table
        .inner_join(guests::table)
        .filter(greetings::due_on.eq(day))
        .filter(greetings::property_id.eq(house))
        .order((greetings::next_try_at, greetings::id))
        .limit(most)
        .select(columns!())
        .load(conn)
}

fixed_sql! {
    /// The index of letters in doubt serves only the word itself, not a bound one.
    InDoubt: Bool = "greetings.state = 'uncertain'"
}

/// The letters of a house that a person has to decide about, the newest first.
pub fn in_doubt(conn: &mut Conn, house: i64, most: i64) -> QueryResult<Vec<Row>> {
    greetings::table
        .inner_join(guests::table)
        .filter(InDoubt)
        .filter(greetings::property_id.eq(house))
        .order(greetings::id.desc())
        .limit(most)
        .select(columns!())
        .load(conn)
}

/// The letter with that id.
pub fn by_public_id(conn: &mut Conn, public_id: &str) -> QueryResult<Option<Row>> {
    greetings::table
        .inner_join(guests::table)
        .filter(greetings::public_id.eq(public_id))
        .select(columns!())
        .first(conn)
        .optional()
}

/// One attempt to hand a letter over.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Attempt {
    pub at: NaiveDateTime,
    pub node: String,
    pub outcome: State,
    pub conversation: String,
}

/// All attempts, the first first.
pub fn attempts(conn: &mut Conn, letter: i64) -> QueryResult<Vec<Attempt>> {
    greeting_attempts::table
        .filter(greeting_attempts::greeting_id.eq(letter))
        .order(greeting_attempts::id)
        .select((
            greeting_attempts::at,
            greeting_attempts::node,
            greeting_attempts::outcome,
            greeting_attempts::conversation,
        ))
        .load(conn)
}

/// A person says what became of uncertain letters: they arrived, or are to be sent again; how many were still uncertain.
/// Call it inside a write transaction.
pub fn decide(
    conn: &mut Conn,
    letters: &[i64],
    arrived: bool,
    now: NaiveDateTime,
) -> QueryResult<usize> {
    let doubtful = greetings::table
        .filter(greetings::id.eq_any(letters))
        .filter(greetings::state.eq(State::Uncertain));
    if arrived {
        return diesel::update(doubtful)
            .set((greetings::state.eq(State::Sent), greetings::sent_at.eq(now)))
            .execute(conn);
    }
    diesel::update(doubtful)
        .set((
            greetings::state.eq(State::Queued),
            greetings::next_try_at.eq(now),
            greetings::expires_at.eq(now + TimeDelta::hours(24)),
        ))
        .execute(conn)
}
