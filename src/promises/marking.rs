//! Promises written down: during the stay, at its end, and put right after.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Mark, Promise, Summary, prefilled};
use crate::clock;
use crate::db::schema::promises;
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::guests::preferences::Strength;
use crate::properties::Reference;
use crate::staff::audit::Line;
use crate::stays::Status;
use crate::stays::arrive::Acting;
use crate::stays::board::{self, Row};
use crate::welcome::Card;
use crate::words::Message;
use crate::{insert_missing, insert_rows};

#[derive(Insertable)]
#[diesel(table_name = promises, treat_none_as_default_value = false)]
struct PromiseRow {
    stay_id: i64,
    code: String,
    strength: &'static str,
    outcome: Option<&'static str>,
    marked_by: Option<i64>,
    marked_at: NaiveDateTime,
}

impl PromiseRow {
    fn of(stay_id: i64, promise: Promise) -> Self {
        Self {
            stay_id,
            code: promise.code,
            strength: promise.strength.as_str(),
            outcome: promise.outcome.map(super::Outcome::as_str),
            marked_by: promise.marked_by,
            marked_at: clock::now(),
        }
    }
}

/// What is written down of a stay's promises.
pub fn of_stay(conn: &mut Conn, stay_id: i64) -> QueryResult<Vec<Promise>> {
    promises::table
        .filter(promises::stay_id.eq(stay_id))
        .order(promises::code)
        .select((
            promises::code,
            promises::strength,
            promises::outcome,
            promises::marked_by,
        ))
        .load(conn)
}

/// How well the wishes of the stay before this one were kept, as far as it is known; of no use once this one is over.
pub fn of_last(conn: &mut Conn, row: &Row) -> QueryResult<Option<Summary>> {
    if !row.is_open() {
        return Ok(None);
    }
    let last = row.memory.before(row.stay.id, row.stay.arrival).next();
    match last.filter(|last| last.status == Status::Departed) {
        Some(last) => Ok(Summary::of(&of_stay(conn, last.id)?)),
        None => Ok(None),
    }
}

/// The promises of a stay as they stand: what is written down, and while the guest is here what the card's wishes make.
pub fn standing(
    conn: &mut Conn,
    row: &Row,
    reference: &Reference,
    acting: Acting,
) -> QueryResult<Vec<Promise>> {
    let written = of_stay(conn, row.stay.id)?;
    if row.stay.status != Status::InHouse {
        return Ok(written);
    }
    let visit = row.visit(reference, acting.today);
    let mut standing = prefilled(&Card::of(&visit).wishes);
    for promise in written {
        match standing.iter_mut().find(|one| one.code == promise.code) {
            Some(one) => *one = promise,
            // Marked while it was a wish; that it was kept or missed stands.
            None => standing.push(promise),
        }
    }
    Ok(standing)
}

/// Writes down what somebody says of a stay's wishes; how many it changed. What says the same as before changes nothing.
pub fn mark(
    conn: &mut Conn,
    stay_id: i64,
    marks: &[Mark],
    reference: &Reference,
    acting: Acting,
) -> Result<usize, Fault> {
    dialect::lock_stay(conn, stay_id)?;
    let row = board::row(conn, stay_id)?.ok_or(Fault::NotFound)?;
    if !matches!(row.stay.status, Status::InHouse | Status::Departed) {
        return Err(Message::new("refused-promises").into());
    }
    let standing = standing(conn, &row, reference, acting)?;
    let mut changed = 0;
    for promise in standing {
        let mark = marks.iter().find(|mark| mark.code == promise.code);
        let Some(mark) = mark.filter(|mark| mark.outcome != promise.outcome) else {
            continue;
        };
        let said = Promise {
            outcome: mark.outcome,
            marked_by: acting.by.user_id(),
            ..promise
        };
        diesel::delete(promises::table.find((stay_id, &said.code))).execute(conn)?;
        insert_rows!(conn, promises::table, [PromiseRow::of(stay_id, said)]);
        changed += 1;
    }
    if changed > 0 {
        Line::new(acting.by, "mark_promises")
            .guest(row.stay.guest_id)
            .stay(stay_id, row.stay.property_id)
            .detail(changed.to_string())
            .insert(conn)?;
    }
    Ok(changed)
}

/// Promises something beside the wishes, whose outcome nobody knows yet; what is promised already stays as it is.
/// Call it inside a write transaction.
pub fn make(conn: &mut Conn, stay_id: i64, code: &str) -> QueryResult<()> {
    let promise = Promise {
        code: code.to_owned(),
        strength: Strength::Must,
        outcome: None,
        marked_by: None,
    };
    insert_missing!(conn, promises::table, [PromiseRow::of(stay_id, promise)]);
    Ok(())
}

/// Takes a promise back that nobody has said anything of. Call it inside a write transaction.
pub fn withdraw(conn: &mut Conn, stay_id: i64, code: &str) -> QueryResult<()> {
    let open = promises::table
        .find((stay_id, code))
        .filter(promises::outcome.is_null());
    diesel::delete(open).execute(conn)?;
    Ok(())
}

/// Writes down what nobody has marked, as the room's features say. Call it while the guest is still in the house, in the
/// transaction of the check-out.
pub fn close(conn: &mut Conn, row: &Row, reference: &Reference, acting: Acting) -> QueryResult<()> {
    let standing = standing(conn, row, reference, acting)?;
    let written = of_stay(conn, row.stay.id)?;
    let unwritten = standing
        .into_iter()
        .filter(|one| written.iter().all(|known| known.code != one.code));
    let rows: Vec<PromiseRow> = unwritten
        .map(|promise| PromiseRow::of(row.stay.id, promise))
        .collect();
    insert_rows!(conn, promises::table, rows);
    Ok(())
}
