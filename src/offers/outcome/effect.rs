//! What a taken offer changes: the room, the folio, the points, the promises; and how each is put back.

use diesel::prelude::*;

use super::{Made, Making};
use crate::db::schema::rooms;
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::loyalty::ledger::{self, Kind as EntryKind, NewEntry};
use crate::loyalty::rules;
use crate::offers::Kind;
use crate::offers::desk::House;
use crate::offers::facts;
use crate::offers::market::Market;
use crate::promises;
use crate::rooms::Housekeeping;
use crate::stays::Status;
use crate::stays::arrive;
use crate::stays::board::Row;
use crate::stays::folio::{self, Charge, Department};
use crate::words::{Language, Message};

/// Rooms tried, should others be let at the same moment.
const TRIES: usize = 5;

/// What was done.
pub struct Effect {
    /// The room given.
    pub room_id: Option<i64>,
    /// The points' entry.
    pub entry_id: Option<i64>,
}

/// Does what was promised.
pub fn have(conn: &mut Conn, row: &Row, made: &Made, making: &Making<'_>) -> Result<Effect, Fault> {
    let room_id = match made.kind {
        Kind::Upgrade => Some(move_up(conn, row, made, making)?),
        _ => None,
    };
    let entry_id = match made.kind {
        Kind::Points => Some(give_points(conn, row, made, making)?),
        _ => None,
    };
    if let Some(code) = made.kind.promise() {
        promises::make(conn, made.stay_id, code)?;
    }
    if made.price_minor > 0 {
        post(conn, made, made.price_minor, "", making)?;
    }
    Ok(Effect { room_id, entry_id })
}

/// Puts back what was done.
pub fn give_back(
    conn: &mut Conn,
    row: &Row,
    made: &Made,
    making: &Making<'_>,
) -> Result<(), Fault> {
    if made.kind == Kind::Upgrade {
        move_back(conn, row, made, making)?;
    }
    if let Some(entry_id) = made.entry_id {
        take_points(conn, row, made, entry_id, making)?;
    }
    if let Some(code) = made.kind.promise() {
        promises::withdraw(conn, made.stay_id, code)?;
    }
    if made.price_minor > 0 {
        post(conn, made, -made.price_minor, ":undone", making)?;
    }
    Ok(())
}

/// Lets the room held; should it be let meanwhile, the next of its type that would do.
fn move_up(conn: &mut Conn, row: &Row, made: &Made, making: &Making<'_>) -> Result<i64, Fault> {
    let property_id = row.stay.property_id;
    dialect::lock_offers(conn, property_id)?;
    let today = making.acting.today;
    let house = House::load(conn, property_id, today, making.now)?;
    let visit = row.visit(making.reference, today);
    let from = facts::first_night(&visit);
    let market = Market::load(
        conn,
        property_id,
        from,
        row.stay.departure,
        house.held.clone(),
    )?;
    let supply = house.supply(&visit, &market);
    let of_type = supply
        .iter()
        .find(|supply| Some(supply.room_type_id) == made.room_type_id);
    let mut free = of_type.map_or_else(Vec::new, |supply| supply.free.clone());
    free.sort_by_key(|room_id| Some(*room_id) != made.room_id);
    for room_id in free.into_iter().take(TRIES) {
        let Some(room) = house.rooms.iter().find(|room| room.id == room_id) else {
            continue;
        };
        match arrive::move_room(conn, row.stay.id, &room.number, making.acting) {
            Ok(()) => return Ok(room_id),
            Err(Fault::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    let name = made.room_type_id.and_then(|id| house.ladder.get(id));
    let name = name.map_or("", |kind| kind.name.as_str());
    Err(Message::new("refused-offer-let").text("text", name).into())
}

/// Back to the room before, which is made up as it was; without one, to none.
fn move_back(conn: &mut Conn, row: &Row, made: &Made, making: &Making<'_>) -> Result<(), Fault> {
    if row.stay.room_id != made.room_id {
        return Err(Message::new("refused-offer-moved").into());
    }
    let Some(before) = made.from_room_id else {
        return arrive::give_up_room(conn, row.stay.id, making.acting);
    };
    if row.stay.status == Status::InHouse {
        make_up(conn, before)?;
    }
    let number: String = rooms::table
        .find(before)
        .select(rooms::number)
        .first(conn)?;
    arrive::move_room(conn, row.stay.id, &number, making.acting)?;
    if let (Status::InHouse, Some(room_id)) = (row.stay.status, made.room_id) {
        make_up(conn, room_id)?;
    }
    Ok(())
}

/// Nobody has slept in it since.
fn make_up(conn: &mut Conn, room_id: i64) -> QueryResult<()> {
    let room = rooms::table
        .find(room_id)
        .filter(rooms::housekeeping.eq(Housekeeping::Dirty));
    diesel::update(room)
        .set(rooms::housekeeping.eq(Housekeeping::Clean))
        .execute(conn)?;
    Ok(())
}

fn post(
    conn: &mut Conn,
    made: &Made,
    amount_minor: i64,
    suffix: &str,
    making: &Making<'_>,
) -> QueryResult<()> {
    let department = match made.kind {
        Kind::Upgrade => Department::Room,
        Kind::Breakfast => Department::Food,
        _ => Department::Other,
    };
    let words = Language::negotiate(&making.house.language).words();
    let charge = Charge {
        department,
        description: Some(words.code("offer-charge", made.kind)),
        amount_minor,
        cost_minor: (amount_minor > 0).then_some(made.cost_minor),
        currency: made.currency.clone(),
        posted_on: making.acting.today,
    };
    folio::post(
        conn,
        made.stay_id,
        &[charge],
        &format!("{}{}{suffix}", folio::OFFER, made.id),
    )
}

fn give_points(conn: &mut Conn, row: &Row, made: &Made, making: &Making<'_>) -> Result<i64, Fault> {
    let account = row
        .memory
        .account_of(row.stay.guest_id)
        .ok_or_else(|| Message::new("refused-offer-no-account"))?;
    dialect::lock_accounts(conn, &[account.id])?;
    let reason = reason(row, making);
    let today = making.acting.today;
    let points = made.value.unwrap_or(0);
    let entry = NewEntry {
        expires_on: rules::load(conn)?.lapse(today),
        ..NewEntry::new(
            account.id,
            EntryKind::Adjust,
            points,
            &reason,
            today,
            Some(making.acting.by),
        )
    };
    Ok(entry.post(conn)?)
}

fn take_points(
    conn: &mut Conn,
    row: &Row,
    made: &Made,
    entry_id: i64,
    making: &Making<'_>,
) -> Result<(), Fault> {
    let account_id = ledger::account_of_entry(conn, entry_id)?;
    dialect::lock_accounts(conn, &[account_id])?;
    let points = made.value.unwrap_or(0);
    let held = ledger::balance(conn, account_id)?;
    if held < points {
        return Err(ledger::too_few(held, points));
    }
    let reason = reason(row, making);
    let entry = NewEntry {
        reverses_id: Some(entry_id),
        ..NewEntry::new(
            account_id,
            EntryKind::Reverse,
            -points,
            &reason,
            making.acting.today,
            Some(making.acting.by),
        )
    };
    entry.post(conn)?;
    Ok(())
}

/// What the statement says: the offer, and the booking it was made to.
fn reason(row: &Row, making: &Making<'_>) -> String {
    let words = Language::negotiate(&making.house.language).words();
    words.fill("offer-points-reason", &row.stay.confirmation_number)
}
