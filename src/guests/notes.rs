//! Notes of staff about a guest, by department. A correction replaces; the older words stay on record.

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::{guests, notes, users};
use crate::text_enum;

text_enum! {
    /// Who in the house works with it.
    pub enum Team {
        /// Reception.
        FrontDesk = "front_desk",
        /// Restaurants and bars.
        Restaurant = "restaurant",
        /// Rooms.
        Housekeeping = "housekeeping",
        /// Bookings.
        Reservations = "reservations",
        /// Management.
        Management = "management",
    }
}

/// The same note within this time is the same click.
const TWICE: TimeDelta = TimeDelta::minutes(1);

/// Longest note, in characters.
pub const MAX_LENGTH: usize = 2000;

/// A note.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Note {
    pub id: i64,
    pub team: Team,
    pub body: String,
    pub author: Option<String>,
    pub property_id: Option<i64>,
    pub written_at: NaiveDateTime,
    pub replaces_id: Option<i64>,
}

macro_rules! columns {
    () => {
        (
            notes::id,
            notes::department,
            notes::body,
            users::display_name.nullable(),
            notes::property_id,
            notes::written_at,
            notes::replaces_id,
        )
    };
}

/// The notes about a person, newest first; with `replaced`, also those a later one replaced.
pub fn of_person(conn: &mut Conn, person_id: i64, replaced: bool) -> QueryResult<Vec<Note>> {
    let all: Vec<Note> = notes::table
        .inner_join(guests::table)
        .left_join(users::table.on(users::id.nullable().eq(notes::author_id)))
        .filter(guests::person_id.eq(person_id))
        .order((notes::written_at.desc(), notes::id.desc()))
        .select(columns!())
        .load(conn)?;
    if replaced {
        return Ok(all);
    }
    let gone: Vec<i64> = all.iter().filter_map(|note| note.replaces_id).collect();
    Ok(all
        .into_iter()
        .filter(|note| !gone.contains(&note.id))
        .collect())
}

/// The latest note about each of these persons.
pub fn latest(conn: &mut Conn, persons: &[i64]) -> QueryResult<HashMap<i64, Note>> {
    let all: Vec<(i64, Note)> = notes::table
        .inner_join(guests::table)
        .left_join(users::table.on(users::id.nullable().eq(notes::author_id)))
        .filter(guests::person_id.eq_any(persons))
        .order((notes::written_at, notes::id))
        .select((guests::person_id, columns!()))
        .load(conn)?;
    Ok(all.into_iter().collect())
}

/// A note to be written.
pub struct NewNote<'a> {
    /// The profile it is about.
    pub guest_id: i64,
    /// The stay it was written during.
    pub stay_id: Option<i64>,
    /// The house it was written in.
    pub property_id: Option<i64>,
    /// Who works with it.
    pub team: Team,
    /// The words.
    pub body: &'a str,
    /// By whom.
    pub author_id: i64,
    /// The note it corrects.
    pub replaces_id: Option<i64>,
}

impl NewNote<'_> {
    /// Writes it; the same words sent twice are one note. Call it inside a write transaction.
    pub fn write(&self, conn: &mut Conn) -> QueryResult<i64> {
        let sent_before: Option<i64> = notes::table
            .filter(
                notes::guest_id
                    .eq(self.guest_id)
                    .and(notes::author_id.eq(self.author_id)),
            )
            .filter(
                notes::department
                    .eq(self.team)
                    .and(notes::body.eq(self.body)),
            )
            .filter(notes::written_at.gt(clock::now() - TWICE))
            .select(notes::id)
            .first(conn)
            .optional()?;
        if let Some(id) = sent_before {
            return Ok(id);
        }
        diesel::insert_into(notes::table)
            .values((
                notes::guest_id.eq(self.guest_id),
                notes::stay_id.eq(self.stay_id),
                notes::property_id.eq(self.property_id),
                notes::department.eq(self.team),
                notes::body.eq(self.body),
                notes::author_id.eq(self.author_id),
                notes::written_at.eq(clock::now()),
                notes::replaces_id.eq(self.replaces_id),
            ))
            .returning(notes::id)
            .get_result(conn)
    }
}
