//! Cases: a complaint or a broken promise that is being put right.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{cases, guests, rooms};
use crate::guests::notes::Team;

/// A case.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Case {
    pub id: i64,
    pub person_id: i64,
    pub property_id: i64,
    pub room_id: Option<i64>,
    pub room: Option<String>,
    pub team: Team,
    pub severity: i16,
    pub feature: Option<String>,
    pub summary: String,
    pub opened_at: NaiveDateTime,
    pub closed_at: Option<NaiveDateTime>,
    pub resolution: Option<String>,
}

impl Case {
    /// Whether it is still to be put right.
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }
}

/// The cases of these persons, open ones first, then the newest.
pub fn of_persons(conn: &mut Conn, persons: &[i64]) -> QueryResult<Vec<Case>> {
    crate::with_ids!(
        cases::table
            .inner_join(guests::table)
            .left_join(rooms::table.on(rooms::id.nullable().eq(cases::room_id)))
            .order((
                cases::closed_at.is_null().desc(),
                cases::severity.desc(),
                cases::opened_at.desc(),
            ))
            .select((
                cases::id,
                guests::person_id,
                cases::property_id,
                cases::room_id,
                rooms::number.nullable(),
                cases::department,
                cases::severity,
                cases::feature,
                cases::summary,
                cases::opened_at,
                cases::closed_at,
                cases::resolution,
            )),
        guests::person_id,
        persons
    )
    .load(conn)
}
