//! What was said to be not the same person: read, and taken back.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::merging::Pair;
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{not_same, users};
use crate::error::Fault;
use crate::text_enum;
use crate::words::Message;

text_enum! {
    /// Where it was said.
    pub enum Said {
        /// A clerk answered who a booking is.
        Review = "review",
        /// A clerk answered whether two are duplicates.
        Duplicate = "duplicate",
        /// Somebody said so on a profile's page.
        Desk = "desk",
    }
}

/// A statement that stands.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its number.
    pub id: i64,
    /// The profile it was said of.
    pub of: i64,
    /// The profile that is not theirs.
    pub other: i64,
    /// Where it was said.
    pub said: Said,
    /// When.
    pub said_at: NaiveDateTime,
    /// What colleagues read; nobody for a command.
    pub said_by: Option<String>,
}

/// What stands about these profiles, the newest first.
pub fn of_profiles(conn: &mut Conn, guest_ids: &[i64]) -> QueryResult<Vec<Statement>> {
    type Row = (
        i64,
        i64,
        i64,
        Option<i64>,
        Option<i64>,
        NaiveDateTime,
        Option<String>,
    );
    let rows: Vec<Row> = not_same::table
        .left_join(users::table.on(users::id.nullable().eq(not_same::said_by)))
        .filter(not_same::withdrawn_at.is_null())
        .filter(
            not_same::guest_id
                .eq_any(guest_ids)
                .or(not_same::other_id.eq_any(guest_ids)),
        )
        .order(not_same::id.desc())
        .select((
            not_same::id,
            not_same::guest_id,
            not_same::other_id,
            not_same::review_id,
            not_same::answer_id,
            not_same::said_at,
            users::display_name.nullable(),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, a, b, review_id, answer_id, said_at, said_by)| {
            let (of, other) = if guest_ids.contains(&a) {
                (a, b)
            } else {
                (b, a)
            };
            let said = match (review_id, answer_id) {
                (Some(_), _) => Said::Review,
                (None, Some(_)) => Said::Duplicate,
                (None, None) => Said::Desk,
            };
            Statement {
                id,
                of,
                other,
                said,
                said_at,
                said_by,
            }
        })
        .collect())
}

/// Takes a statement back: the two may be proposed and joined again. Call it inside a write transaction.
pub fn withdraw(conn: &mut Conn, statement_id: i64, by: i64) -> Result<(), Fault> {
    let standing = not_same::table
        .find(statement_id)
        .filter(not_same::withdrawn_at.is_null());
    let withdrawn = diesel::update(standing)
        .set((
            not_same::withdrawn_at.eq(clock::now()),
            not_same::withdrawn_by.eq(by),
        ))
        .execute(conn)?;
    if withdrawn == 0 {
        return Err(Message::new("refused-apart-withdrawn").into());
    }
    Ok(())
}

/// The profiles a statement is about, whether it stands or not.
pub fn pair(conn: &mut Conn, statement_id: i64) -> QueryResult<Option<Pair>> {
    let found: Option<(i64, i64)> = not_same::table
        .find(statement_id)
        .select((not_same::guest_id, not_same::other_id))
        .first(conn)
        .optional()?;
    Ok(found.map(|(guest_id, other_id)| Pair { guest_id, other_id }))
}
