//! Check-in, room assignment and move, cancellation and no-show, and their undoing.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Status, Stay, nights, room_lock};
use crate::clock;
use crate::db::schema::{folio_charges, promises, room_moves, rooms, stays};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::outbox::{self, Event, Kind};
use crate::rooms::Housekeeping;
use crate::staff::audit::{Actor, Line};
use crate::words::Message;

/// Who acts, and on which business date.
#[derive(Clone, Copy, Debug)]
pub struct Acting {
    /// Who.
    pub by: Actor,
    /// The house's business date.
    pub today: NaiveDate,
}

/// A stay held for this transaction: of two clerks, the second sees what the first did.
pub(super) fn hold(conn: &mut Conn, stay_id: i64) -> Result<Stay, Fault> {
    dialect::lock_stay(conn, stay_id)?;
    Stay::by_id(conn, stay_id)?.ok_or(Fault::NotFound)
}

/// Refuses when the stay is no longer what the clerk saw.
pub(crate) fn must_be(stay: &Stay, status: Status) -> Result<(), Fault> {
    if stay.status == status {
        return Ok(());
    }
    Err(Fault::Refused(match stay.status {
        Status::Reserved => Message::new("refused-not-arrived"),
        Status::InHouse => Message::new("refused-in-house"),
        Status::Departed => Message::new("refused-departed"),
        Status::Cancelled => Message::new("refused-cancelled"),
        Status::NoShow => Message::new("refused-no-show"),
    }))
}

/// Checks a guest in to a room, today. Early arrival needs `early`: the stay then begins today.
pub fn check_in(
    conn: &mut Conn,
    stay_id: i64,
    room: &str,
    early: bool,
    acting: Acting,
) -> Result<(), Fault> {
    let stay = hold(conn, stay_id)?;
    must_be(&stay, Status::Reserved)?;
    if stay.arrival > acting.today && !early {
        return Err(Message::new("refused-early")
            .date("arrival", stay.arrival)
            .into());
    }
    if stay.departure < acting.today {
        return Err(Message::new("refused-over")
            .date("departure", stay.departure)
            .into());
    }
    let room_id = let_room(conn, &stay, room, true, acting.today)?;
    diesel::update(stays::table.find(stay_id))
        .set((
            stays::status.eq(Status::InHouse),
            stays::room_id.eq(room_id),
            stays::arrival.eq(stay.arrival.min(acting.today)),
            stays::booked_arrival.eq(Some(stay.arrival).filter(|booked| *booked > acting.today)),
            stays::checked_in_at.eq(clock::now()),
            stays::updated_at.eq(clock::now()),
        ))
        .execute(conn)?;
    record(conn, &stay, "check_in", acting, Some(room))
}

/// Takes a check-in back, on the day it was made and before anything was charged.
pub fn undo_check_in(
    conn: &mut Conn,
    stay_id: i64,
    checked_in_on: NaiveDate,
    acting: Acting,
) -> Result<(), Fault> {
    let stay = hold(conn, stay_id)?;
    must_be(&stay, Status::InHouse)?;
    let charges: i64 = folio_charges::table
        .filter(folio_charges::stay_id.eq(stay_id))
        .count()
        .get_result(conn)?;
    if charges > 0 || checked_in_on != acting.today {
        return Err(Message::new("refused-undo").into());
    }
    let arrival = stay.booked_arrival.unwrap_or(stay.arrival);
    // The nights before the booked arrival go back to whoever needs them.
    nights::release(conn, stay_id, acting.today)?;
    if let Some(room_id) = stay.room_id
        && nights::take(
            conn,
            stay_id,
            room_id,
            arrival.max(acting.today),
            stay.departure,
        )?
        .is_err()
    {
        // Its own nights, held until a moment ago in this transaction: nobody can have them.
        return Err(Fault::NotFound);
    }
    diesel::update(stays::table.find(stay_id))
        .set((
            stays::status.eq(Status::Reserved),
            stays::arrival.eq(arrival),
            stays::booked_arrival.eq(None::<NaiveDate>),
            stays::checked_in_at.eq(None::<chrono::NaiveDateTime>),
            stays::updated_at.eq(clock::now()),
        ))
        .execute(conn)?;
    // A stay that has not begun has kept and taught nothing; what an offer promised stands.
    let said = promises::stay_id
        .eq(stay_id)
        .and(promises::outcome.is_not_null());
    diesel::delete(promises::table.filter(said)).execute(conn)?;
    diesel::delete(room_moves::table.filter(room_moves::stay_id.eq(stay_id))).execute(conn)?;
    record(conn, &stay, "undo_check_in", acting, None)
}

/// Assigns a room to a reservation, or moves a guest who is in the house.
pub fn move_room(conn: &mut Conn, stay_id: i64, room: &str, acting: Acting) -> Result<(), Fault> {
    let stay = hold(conn, stay_id)?;
    if stay.status != Status::InHouse {
        must_be(&stay, Status::Reserved)?;
    }
    let room_id = let_room(conn, &stay, room, false, acting.today)?;
    if stay.status == Status::InHouse && stay.room_id != Some(room_id) {
        set_dirty(conn, stay.room_id)?;
        remember_move(conn, &stay, room_id)?;
    }
    diesel::update(stays::table.find(stay_id))
        .set((
            stays::room_id.eq(room_id),
            stays::updated_at.eq(clock::now()),
        ))
        .execute(conn)?;
    record(conn, &stay, "move_room", acting, Some(room))
}

/// Takes the room of a reservation away again: it is to be chosen anew, the booking itself stands.
pub fn give_up_room(conn: &mut Conn, stay_id: i64, acting: Acting) -> Result<(), Fault> {
    let stay = hold(conn, stay_id)?;
    must_be(&stay, Status::Reserved)?;
    room_lock::must_not_hold(conn, &stay)?;
    nights::release(conn, stay_id, stay.arrival.min(acting.today))?;
    diesel::update(stays::table.find(stay_id))
        .set((
            stays::room_id.eq(None::<i64>),
            stays::updated_at.eq(clock::now()),
        ))
        .execute(conn)?;
    record(conn, &stay, "give_up_room", acting, None)
}

/// What was left, and for what, teaches what a guest likes.
fn remember_move(conn: &mut Conn, stay: &Stay, to_room_id: i64) -> QueryResult<()> {
    let Some(from_room_id) = stay.room_id else {
        return Ok(());
    };
    diesel::insert_into(room_moves::table)
        .values((
            room_moves::stay_id.eq(stay.id),
            room_moves::from_room_id.eq(from_room_id),
            room_moves::to_room_id.eq(to_room_id),
            room_moves::moved_at.eq(clock::now()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends a reservation whose guest will not, or did not, come: `Cancelled` or `NoShow`.
pub fn end_reservation(
    conn: &mut Conn,
    stay_id: i64,
    status: Status,
    acting: Acting,
) -> Result<(), Fault> {
    let stay = hold(conn, stay_id)?;
    must_be(&stay, Status::Reserved)?;
    if status == Status::NoShow && stay.arrival > acting.today {
        return Err(Message::new("refused-no-show-early")
            .date("arrival", stay.arrival)
            .into());
    }
    nights::release(conn, stay_id, stay.arrival)?;
    set_status(conn, stay_id, status)?;
    record(conn, &stay, status.as_str(), acting, None)
}

/// Brings a cancelled or no-show reservation back; its room, if it is still free.
pub fn reinstate(conn: &mut Conn, stay_id: i64, acting: Acting) -> Result<(), Fault> {
    let stay = hold(conn, stay_id)?;
    if stay.status != Status::NoShow {
        must_be(&stay, Status::Cancelled)?;
    }
    if let Some(room_id) = stay.room_id {
        let from = stay.arrival.max(acting.today);
        if nights::take(conn, stay_id, room_id, from, stay.departure)?.is_err() {
            diesel::update(stays::table.find(stay_id))
                .set(stays::room_id.eq(None::<i64>))
                .execute(conn)?;
        }
    }
    set_status(conn, stay_id, Status::Reserved)?;
    record(conn, &stay, "reinstate", acting, None)
}

/// Lets a room to a stay for all its nights from today on: it must exist, be in order, clean (for a guest
/// who is here now) and free.
fn let_room(
    conn: &mut Conn,
    stay: &Stay,
    number: &str,
    checking_in: bool,
    today: NaiveDate,
) -> Result<i64, Fault> {
    let number = number.trim();
    let found: Option<(i64, Housekeeping)> = rooms::table
        .filter(
            rooms::property_id
                .eq(stay.property_id)
                .and(rooms::number.eq(number)),
        )
        .select((rooms::id, rooms::housekeeping))
        .first(conn)
        .optional()?;
    let (room_id, housekeeping) =
        found.ok_or_else(|| Message::new("refused-no-room").text("room", number))?;
    let moves_in_now =
        checking_in || (stay.status == Status::InHouse && stay.room_id != Some(room_id));
    match housekeeping {
        Housekeeping::OutOfOrder => {
            return Err(Message::new("refused-out-of-order")
                .text("room", number)
                .into());
        }
        Housekeeping::Dirty if moves_in_now => {
            return Err(Message::new("refused-dirty").text("room", number).into());
        }
        Housekeeping::Dirty | Housekeeping::Clean => {}
    }
    if stay.room_id != Some(room_id) {
        room_lock::must_not_hold(conn, stay)?;
    }
    // Who checks in early sleeps here from tonight; who is late has given up the nights gone by.
    let from = if checking_in {
        today
    } else {
        stay.arrival.max(today)
    };
    match nights::take(conn, stay.id, room_id, from, stay.departure)? {
        Ok(()) => Ok(room_id),
        Err(taken) => Err(Message::new("refused-taken")
            .text("room", number)
            .text("guest", taken.guest.name())
            .date("until", taken.until)
            .into()),
    }
}

pub(super) fn set_dirty(conn: &mut Conn, room_id: Option<i64>) -> QueryResult<()> {
    if let Some(room_id) = room_id {
        diesel::update(rooms::table.find(room_id))
            .set(rooms::housekeeping.eq(Housekeeping::Dirty))
            .execute(conn)?;
    }
    Ok(())
}

fn set_status(conn: &mut Conn, stay_id: i64, status: Status) -> QueryResult<()> {
    diesel::update(stays::table.find(stay_id))
        .set((stays::status.eq(status), stays::updated_at.eq(clock::now())))
        .execute(conn)?;
    Ok(())
}

pub(super) fn record(
    conn: &mut Conn,
    stay: &Stay,
    action: &'static str,
    acting: Acting,
    detail: Option<&str>,
) -> Result<(), Fault> {
    let mut line = Line::new(acting.by, action)
        .guest(stay.guest_id)
        .stay(stay.id, stay.property_id);
    if let Some(detail) = detail {
        line = line.detail(detail);
    }
    line.insert(conn)?;
    Ok(outbox::tell(conn, [event(stay, action, detail)])?)
}

/// What others are told of what was done to a stay.
pub(super) fn event(stay: &Stay, action: &str, room: Option<&str>) -> Event {
    let (kind, changed) = match action {
        "check_in" => (Kind::CheckedIn, None),
        "check_out" => (Kind::CheckedOut, None),
        "cancelled" => (Kind::ReservationCancelled, None),
        "no_show" => (Kind::ReservationNoShow, None),
        "move_room" | "give_up_room" | "assign_room" => (Kind::ReservationChanged, Some("room")),
        _ => (Kind::ReservationChanged, Some("status")),
    };
    let event = Event::of_stay(kind, stay).dates(stay.arrival, stay.departure);
    let event = match room {
        Some(room) => event.with("room", room.trim()),
        None => event,
    };
    match changed {
        Some(changed) => event.with("changed", vec![changed]),
        None => event,
    }
}
