//! Who did and saw what. Changes are recorded in their own transaction, looks by the
//! [journal](super::journal).

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::db::Conn;
use crate::db::schema::{api_tokens, audit_log, users};
use crate::on_either;

/// Who acts: a member of staff, or a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A user, by id.
    User(i64),
    /// An API token, by id.
    Token(i64),
}

impl Actor {
    /// The user, where it is one.
    pub fn user_id(self) -> Option<i64> {
        match self {
            Self::User(id) => Some(id),
            Self::Token(_) => None,
        }
    }

    /// The token, where it is one.
    pub fn token_id(self) -> Option<i64> {
        match self {
            Self::Token(id) => Some(id),
            Self::User(_) => None,
        }
    }
}

/// One line of the record.
#[derive(Clone, Debug, Insertable, Serialize, Deserialize)]
#[diesel(table_name = audit_log, treat_none_as_default_value = false)]
pub struct Line {
    at: NaiveDateTime,
    user_id: Option<i64>,
    #[serde(default)]
    token_id: Option<i64>,
    action: Cow<'static, str>,
    guest_id: Option<i64>,
    stay_id: Option<i64>,
    property_id: Option<i64>,
    detail: Option<String>,
    address: Option<String>,
}

impl Line {
    /// Something somebody did, now.
    pub fn new(who: Actor, action: &'static str) -> Self {
        Self {
            at: clock::now(),
            user_id: who.user_id(),
            token_id: who.token_id(),
            action: action.into(),
            guest_id: None,
            stay_id: None,
            property_id: None,
            detail: None,
            address: None,
        }
    }

    /// Something a guest did by the link in a letter, now.
    pub fn by_guest(action: &'static str) -> Self {
        Self {
            user_id: None,
            ..Self::new(Actor::User(0), action)
        }
    }

    /// The guest it was about.
    pub fn guest(mut self, guest_id: i64) -> Self {
        self.guest_id = Some(guest_id);
        self
    }

    /// The stay it was about.
    pub fn stay(mut self, stay_id: i64, property_id: i64) -> Self {
        (self.stay_id, self.property_id) = (Some(stay_id), Some(property_id));
        self
    }

    /// What changed. Never a secret.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// From where.
    pub fn from(mut self, address: &str) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Stores it in the transaction of what it records.
    pub fn insert(self, conn: &mut Conn) -> QueryResult<()> {
        diesel::insert_into(audit_log::table)
            .values(self)
            .execute(conn)?;
        Ok(())
    }
}

/// A line as it is read.
#[derive(Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Entry {
    pub at: NaiveDateTime,
    /// A member of staff.
    pub user: Option<String>,
    /// A program, by its token's name.
    pub program: Option<String>,
    pub action: String,
    pub detail: Option<String>,
}

impl Entry {
    /// Who it was: a member of staff, or a program by its token's name.
    pub fn who(&self) -> Option<&str> {
        self.user.as_deref().or(self.program.as_deref())
    }
}

/// The latest lines about a person's profiles, newest first.
pub fn about(conn: &mut Conn, guest_ids: &[i64], most: i64) -> QueryResult<Vec<Entry>> {
    audit_log::table
        .left_join(users::table.on(users::id.nullable().eq(audit_log::user_id)))
        .left_join(api_tokens::table.on(api_tokens::id.nullable().eq(audit_log::token_id)))
        .filter(audit_log::guest_id.eq_any(guest_ids))
        .order(audit_log::at.desc())
        .limit(most)
        .select((
            audit_log::at,
            users::display_name.nullable(),
            api_tokens::name.nullable(),
            audit_log::action,
            audit_log::detail,
        ))
        .load(conn)
}

/// Stores lines in one statement.
pub fn insert_all(conn: &mut Conn, lines: &[Line]) -> QueryResult<()> {
    on_either!(conn, |c| diesel::insert_into(audit_log::table)
        .values(lines)
        .execute(c))?;
    Ok(())
}

/// Those of some lines that are not stored yet, each once: after a crash between storing and forgetting. The record has
/// no index by time, so it is read once for all of them.
pub(super) fn missing(conn: &mut Conn, lines: &[Line]) -> QueryResult<Vec<Line>> {
    let Some(first) = lines.iter().map(|line| line.at).min() else {
        return Ok(Vec::new());
    };
    type Key = (NaiveDateTime, String, Option<i64>, Option<i64>);
    let stored: Vec<Key> = audit_log::table
        .filter(audit_log::at.ge(first))
        .select((
            audit_log::at,
            audit_log::action,
            audit_log::user_id,
            audit_log::token_id,
        ))
        .load(conn)?;
    let mut stored: HashSet<Key> = stored.into_iter().collect();
    let new = |line: &&Line| {
        stored.insert((
            line.at,
            line.action.to_string(),
            line.user_id,
            line.token_id,
        ))
    };
    Ok(lines.iter().filter(new).cloned().collect())
}
