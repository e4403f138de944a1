//! The rooms of a day's arrivals: read for a plan, given out in one transaction, and taken back as a whole.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::Status;
use super::arrive::Acting;
use super::board::{self, Board, Row};
use super::rebooking::{Move, rebook};
use super::room_lock::{self, RoomLock};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{assignment_moves, assignments, users};
use crate::error::Fault;
use crate::insert_rows;
use crate::properties::{Property, Reference};
use crate::rooms::assign::{Arrival, Day};
use crate::rooms::standing::{Apart, Moment, Standings};
use crate::rooms::{self, Room};
use crate::welcome::Visit;
use crate::words::Message;

/// A day's arrivals with what a plan needs, and the rows they are shown by.
pub struct Loaded {
    /// What the plan is made of.
    pub day: Day,
    /// The stays, in the order of the day's arrivals.
    pub rows: Vec<Row>,
    /// Locks, by stay.
    pub locks: HashMap<i64, RoomLock>,
}

/// Reads the arrivals of a day who have not come yet: a fixed number of queries, however many they are.
pub fn load(
    conn: &mut Conn,
    house: &Property,
    reference: &Reference,
    date: NaiveDate,
    moment: Moment,
) -> QueryResult<Loaded> {
    let mut rows = board::rows(conn, Board::Arrivals, house.id, date, moment.today)?;
    rows.retain(|row| row.stay.status == Status::Reserved);
    let ids: Vec<i64> = rows.iter().map(|row| row.stay.id).collect();
    let locks = room_lock::of_stays(conn, &ids)?;
    let rooms = rooms::of_property(conn, house.id)?;
    let connections = rooms::connections(conn, house.id)?;
    let standings = Standings::load(conn, house.id, date, moment, Apart::Arrivals)?
        .with_wear(conn, house.id)?;
    let arrivals = rows
        .iter()
        .map(|row| {
            let is_locked = locks.contains_key(&row.stay.id);
            arrival(row, is_locked, &rooms, reference, moment.today)
        })
        .collect();
    Ok(Loaded {
        day: Day {
            arrivals,
            rooms,
            standings,
            connections,
        },
        rows,
        locks,
    })
}

/// What a row of the board asks of a room.
pub(super) fn arrival(
    row: &Row,
    is_locked: bool,
    rooms: &[Room],
    reference: &Reference,
    today: NaiveDate,
) -> Arrival {
    let visit = Visit {
        stay: &row.stay,
        guest: &row.guest,
        memory: &row.memory,
        room: row.room.as_ref(),
        candidates: &row.candidates,
        reference,
        today,
    };
    let tier = row.memory.account.as_ref().and_then(|account| {
        let tier = reference
            .tiers
            .iter()
            .find(|tier| tier.code == account.tier);
        tier.map(|tier| tier.rank + 1)
    });
    Arrival {
        stay_id: row.stay.id,
        name: row.guest.name(),
        person_id: row.guest.person_id,
        asked: visit.asked(rooms),
        departure: row.stay.departure,
        nights: row.stay.nights(),
        tier: tier.unwrap_or_default(),
        has_open_case: row.memory.open_cases().next().is_some(),
        current: row.stay.room_id,
        is_locked,
    }
}

/// Gives out the rooms of a day as they were shown: all of them, or, where anything has changed since, none, with the
/// names of those it changed for. Returns the id under which it can be taken back.
pub fn apply(
    conn: &mut Conn,
    house: &Property,
    day: NaiveDate,
    moves: &[Move],
    acting: Acting,
) -> Result<i64, Fault> {
    if moves.is_empty() {
        return Err(Message::new("refused-assign-nothing").into());
    }
    rebook(conn, house, moves, acting)?;
    let id: i64 = diesel::insert_into(assignments::table)
        .values((
            assignments::property_id.eq(house.id),
            assignments::day.eq(day),
            assignments::made_at.eq(clock::now()),
            assignments::made_by.eq(acting.by.user_id()),
        ))
        .returning(assignments::id)
        .get_result(conn)?;
    let rows: Vec<_> = moves
        .iter()
        .filter_map(|it| {
            Some((
                assignment_moves::assignment_id.eq(id),
                assignment_moves::stay_id.eq(it.stay_id),
                assignment_moves::from_room_id.eq(it.from),
                assignment_moves::to_room_id.eq(it.to?),
            ))
        })
        .collect();
    insert_rows!(conn, assignment_moves::table, rows);
    Ok(id)
}

/// Takes an assignment back: every stay of it to the room it had before, or none of them.
pub fn undo(conn: &mut Conn, house: &Property, id: i64, acting: Acting) -> Result<(), Fault> {
    let standing = assignments::table
        .find(id)
        .filter(assignments::property_id.eq(house.id));
    let known: i64 = standing.count().get_result(conn)?;
    if known == 0 {
        return Err(Fault::NotFound);
    }
    // Of two who undo, the second waits here and then finds nothing to undo.
    let undone = diesel::update(standing.filter(assignments::undone_at.is_null()))
        .set((
            assignments::undone_at.eq(clock::now()),
            assignments::undone_by.eq(acting.by.user_id()),
        ))
        .execute(conn)?;
    if undone == 0 {
        return Err(Message::new("refused-assign-undone").into());
    }
    let made: Vec<(i64, Option<i64>, i64)> = assignment_moves::table
        .filter(assignment_moves::assignment_id.eq(id))
        .order(assignment_moves::stay_id)
        .select((
            assignment_moves::stay_id,
            assignment_moves::from_room_id,
            assignment_moves::to_room_id,
        ))
        .load(conn)?;
    let back: Vec<Move> = made
        .into_iter()
        .map(|(stay_id, before, after)| Move {
            stay_id,
            from: Some(after),
            to: before,
        })
        .collect();
    rebook(conn, house, &back, acting)
}

/// The last assignment of a day that stands.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the columns of the tables")]
pub struct Applied {
    pub id: i64,
    pub at: NaiveDateTime,
    pub by: Option<String>,
    /// Stays it gave a room to.
    pub changes: i64,
}

/// The last assignment of a day that was not taken back.
pub fn last(conn: &mut Conn, property_id: i64, day: NaiveDate) -> QueryResult<Option<Applied>> {
    let found: Option<(i64, NaiveDateTime, Option<String>)> = assignments::table
        .left_join(users::table.on(users::id.nullable().eq(assignments::made_by)))
        .filter(
            assignments::property_id
                .eq(property_id)
                .and(assignments::day.eq(day)),
        )
        .filter(assignments::undone_at.is_null())
        .order(assignments::id.desc())
        .select((
            assignments::id,
            assignments::made_at,
            users::display_name.nullable(),
        ))
        .first(conn)
        .optional()?;
    let Some((id, at, by)) = found else {
        return Ok(None);
    };
    let changes = assignment_moves::table
        .filter(assignment_moves::assignment_id.eq(id))
        .count()
        .get_result(conn)?;
    Ok(Some(Applied {
        id,
        at,
        by,
        changes,
    }))
}
