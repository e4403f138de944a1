//! What happened to a case, in order: who, when, what. Only ever appended to.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::{case_events, users};
use crate::guests::notes::Team;
use crate::text_enum;

text_enum! {
    /// What happened.
    pub enum Kind {
        /// Somebody heard of it.
        Opened = "opened",
        /// Something was said or done.
        Note = "note",
        /// Another puts it right from here.
        HandOver = "hand_over",
        /// It matters more, or less, than was thought.
        Severity = "severity",
        /// Something was given for it, asked for, approved or refused.
        Compensation = "compensation",
        /// It is put right.
        Closed = "closed",
        /// It is not.
        Reopened = "reopened",
    }
}

/// A line of the history.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Event {
    pub id: i64,
    pub kind: Kind,
    pub at: NaiveDateTime,
    /// Who; a program has no name.
    pub who: Option<String>,
    pub body: Option<String>,
    pub code: Option<String>,
    pub team: Option<Team>,
    /// Who it was handed to.
    pub owner: Option<String>,
}

/// A line to be written.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct NewEvent<'a> {
    pub kind: Kind,
    pub user_id: Option<i64>,
    pub body: Option<&'a str>,
    pub code: Option<&'a str>,
    pub team: Option<Team>,
    pub owner_id: Option<i64>,
}

impl<'a> NewEvent<'a> {
    /// Something a user did, with nothing more said than this.
    pub fn new(kind: Kind, user_id: i64) -> Self {
        Self {
            kind,
            user_id: Some(user_id),
            body: None,
            code: None,
            team: None,
            owner_id: None,
        }
    }

    /// In words.
    pub fn body(self, body: Option<&'a str>) -> Self {
        Self { body, ..self }
    }

    /// With a code that goes with its kind.
    pub fn code(self, code: &'a str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    /// Appends it. Call it inside the transaction of what it tells.
    pub fn append(self, conn: &mut Conn, case_id: i64) -> QueryResult<()> {
        diesel::insert_into(case_events::table)
            .values((
                case_events::case_id.eq(case_id),
                case_events::kind.eq(self.kind),
                case_events::at.eq(clock::now()),
                case_events::user_id.eq(self.user_id),
                case_events::body.eq(self.body),
                case_events::code.eq(self.code),
                case_events::team.eq(self.team),
                case_events::owner_id.eq(self.owner_id),
            ))
            .execute(conn)?;
        Ok(())
    }
}

/// The history of a case, the oldest first.
pub fn of_case(conn: &mut Conn, case_id: i64) -> QueryResult<Vec<Event>> {
    let (by, to) = diesel::alias!(users as by_users, users as to_users);
    case_events::table
        .left_join(by.on(by.field(users::id).nullable().eq(case_events::user_id)))
        .left_join(to.on(to.field(users::id).nullable().eq(case_events::owner_id)))
        .filter(case_events::case_id.eq(case_id))
        .order(case_events::id)
        .select((
            case_events::id,
            case_events::kind,
            case_events::at,
            by.field(users::display_name).nullable(),
            case_events::body,
            case_events::code,
            case_events::team,
            to.field(users::display_name).nullable(),
        ))
        .load(conn)
}
