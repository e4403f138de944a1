//! A room promised to a guest: while the lock holds, nobody moves the stay, neither a clerk nor the assignment of a day.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::arrive::{Acting, hold, must_be};
use super::{Status, Stay};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{room_locks, rooms, stays, users};
use crate::error::{Fault, FieldError};
use crate::staff::audit::Line;
use crate::words::Message;

/// Longest reason, in characters.
const MOST_CHARACTERS: usize = 200;

/// A lock that holds.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the tables")]
pub struct RoomLock {
    pub stay_id: i64,
    pub room: String,
    pub reason: Option<String>,
    pub at: NaiveDateTime,
    pub by: Option<String>,
}

/// The locks of these stays, by stay. A lock on a room the stay no longer has holds nothing.
pub fn of_stays(conn: &mut Conn, stay_ids: &[i64]) -> QueryResult<HashMap<i64, RoomLock>> {
    if stay_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let locks: Vec<RoomLock> = crate::with_ids!(
        room_locks::table
            .inner_join(stays::table)
            .inner_join(rooms::table.on(rooms::id.eq(room_locks::room_id)))
            .left_join(users::table)
            .filter(stays::room_id.eq(room_locks::room_id.nullable()))
            .select((
                room_locks::stay_id,
                rooms::number,
                room_locks::reason,
                room_locks::locked_at,
                users::display_name.nullable(),
            )),
        room_locks::stay_id,
        stay_ids
    )
    .load(conn)?;
    Ok(locks.into_iter().map(|lock| (lock.stay_id, lock)).collect())
}

/// The lock of a stay.
pub fn of_stay(conn: &mut Conn, stay_id: i64) -> QueryResult<Option<RoomLock>> {
    Ok(of_stays(conn, &[stay_id])?.remove(&stay_id))
}

/// Refuses where the stay's room is locked, with the reason.
pub(super) fn must_not_hold(conn: &mut Conn, stay: &Stay) -> Result<(), Fault> {
    if stay.room_id.is_none() {
        return Ok(());
    }
    match of_stay(conn, stay.id)? {
        Some(lock) => Err(refusal(&lock).into()),
        None => Ok(()),
    }
}

fn refusal(lock: &RoomLock) -> Message {
    match &lock.reason {
        Some(reason) => Message::new("refused-locked-why")
            .text("room", &lock.room)
            .text("reason", reason),
        None => Message::new("refused-locked").text("room", &lock.room),
    }
}

/// Locks the room a stay has; a lock there is takes the new reason.
pub fn lock(conn: &mut Conn, stay_id: i64, reason: &str, acting: Acting) -> Result<(), Fault> {
    let reason = reason.trim();
    if reason.chars().count() > MOST_CHARACTERS {
        let error = Message::new("error-lock-reason").number("most", MOST_CHARACTERS as i64);
        return Err(Fault::Invalid(vec![FieldError::new("reason", error)]));
    }
    let stay = hold(conn, stay_id)?;
    if stay.status != Status::InHouse {
        must_be(&stay, Status::Reserved)?;
    }
    let room_id = stay
        .room_id
        .ok_or_else(|| Message::new("refused-lock-nothing"))?;
    diesel::delete(room_locks::table.find(stay_id)).execute(conn)?;
    diesel::insert_into(room_locks::table)
        .values((
            room_locks::stay_id.eq(stay_id),
            room_locks::room_id.eq(room_id),
            room_locks::reason.eq(Some(reason).filter(|reason| !reason.is_empty())),
            room_locks::locked_at.eq(clock::now()),
            room_locks::locked_by.eq(acting.by.user_id()),
        ))
        .execute(conn)?;
    Ok(line(&stay, "lock_room", acting).insert(conn)?)
}

/// Unlocks it; refused where there is nothing to unlock.
pub fn unlock(conn: &mut Conn, stay_id: i64, acting: Acting) -> Result<(), Fault> {
    let stay = hold(conn, stay_id)?;
    if diesel::delete(room_locks::table.find(stay_id)).execute(conn)? == 0 {
        return Err(Message::new("refused-unlock-nothing").into());
    }
    Ok(line(&stay, "unlock_room", acting).insert(conn)?)
}

fn line(stay: &Stay, action: &'static str, acting: Acting) -> Line {
    Line::new(acting.by, action)
        .guest(stay.guest_id)
        .stay(stay.id, stay.property_id)
}
