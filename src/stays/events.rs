//! What happens to a reservation, as another system tells it: in any order, more than once, and late.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::arrive::{self, Acting};
use super::folio::{Charge, Department};
use super::{Status, Stay, depart};
use crate::db::schema::{rooms, stays};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::properties::{Property, Reference};
use crate::text_enum;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// The guest has come.
    CheckIn {
        /// The room's number.
        room: String,
    },
    /// The guest has left.
    CheckOut {
        /// What is posted to the folio.
        charges: Vec<Line>,
    },
    /// The guest will not come.
    Cancel,
    /// The guest did not come.
    NoShow,
}

/// A line of a folio, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which part of the house charged.
    pub department: Department,
    /// Minor units.
    pub amount_minor: i64,
    /// What it cost the house, in minor units.
    pub cost_minor: Option<i64>,
    /// ISO 4217.
    pub currency: String,
}

impl Line {
    /// As it is posted on a day.
    pub fn charge(&self, posted_on: NaiveDate) -> Charge {
        Charge {
            department: self.department,
            description: None,
            amount_minor: self.amount_minor,
            cost_minor: self.cost_minor,
            currency: self.currency.clone(),
            posted_on,
        }
    }
}

text_enum! {
    /// Why an event has to wait.
    pub enum Reason {
        /// We know no such reservation yet.
        UnknownReservation = "unknown_reservation",
        /// The guest was never checked in.
        NotCheckedIn = "not_checked_in",
        /// A rule of the house forbade it when its turn had come.
        Refused = "refused",
    }
}

/// What became of an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was done.
    Changed {
        /// Its stay.
        stay_id: i64,
        /// Points earned by it.
        points: i64,
    },
    /// It had been done before.
    Unchanged(i64),
    /// The source has told us something newer already.
    Older(i64),
    /// It can't be done yet.
    Waits(Reason),
}

/// Who tells, and what is needed to do it.
pub struct Teller<'a> {
    /// Who acts, and on which business date.
    pub acting: Acting,
    /// The program's token.
    pub token_id: i64,
    /// The tiers of the programme.
    pub reference: &'a Reference,
}

/// Does what an event says, if its turn has come. Call it inside a write transaction.
pub fn hear(
    conn: &mut Conn,
    house: &Property,
    number: &str,
    event: &Event,
    at: Option<NaiveDateTime>,
    teller: &Teller<'_>,
) -> Result<Heard, Fault> {
    dialect::lock_reservations(conn, &[house.id], &[number])?;
    let found: Option<(Stay, Option<NaiveDateTime>)> = stays::table
        .filter(stays::property_id.eq(house.id))
        .filter(stays::confirmation_number.eq(number))
        .select((Stay::as_select(), stays::source_updated_at))
        .first(conn)
        .optional()?;
    let Some((stay, known_at)) = found else {
        return Ok(Heard::Waits(Reason::UnknownReservation));
    };
    if at.is_some() && at < known_at {
        return Ok(Heard::Older(stay.id));
    }
    let heard = turn(conn, &stay, event, teller)?;
    if let (Heard::Changed { .. } | Heard::Unchanged(_), Some(at)) = (&heard, at) {
        diesel::update(stays::table.find(stay.id))
            .set(stays::source_updated_at.eq(at))
            .execute(conn)?;
    }
    Ok(heard)
}

fn turn(conn: &mut Conn, stay: &Stay, event: &Event, teller: &Teller<'_>) -> Result<Heard, Fault> {
    let acting = teller.acting;
    let mut points = 0;
    match (event, stay.status) {
        (Event::CheckIn { room }, Status::InHouse) if is_in(conn, stay, room)? => {
            return Ok(Heard::Unchanged(stay.id));
        }
        (Event::CheckOut { .. }, Status::Departed)
        | (Event::Cancel, Status::Cancelled)
        | (Event::NoShow, Status::NoShow) => return Ok(Heard::Unchanged(stay.id)),
        (Event::CheckOut { .. }, Status::Reserved) => {
            return Ok(Heard::Waits(Reason::NotCheckedIn));
        }
        // What has happened in the house has happened: a guest who came early is not sent away.
        (Event::CheckIn { room }, _) => arrive::check_in(conn, stay.id, room, true, acting)?,
        (Event::CheckOut { charges }, _) => {
            let charges: Vec<Charge> = charges
                .iter()
                .map(|line| line.charge(acting.today))
                .collect();
            let departed = depart::check_out(conn, stay.id, &charges, teller.reference, acting)?;
            points = departed.points;
        }
        (Event::Cancel, _) => {
            arrive::end_reservation(conn, stay.id, Status::Cancelled, acting)?;
        }
        (Event::NoShow, _) => arrive::end_reservation(conn, stay.id, Status::NoShow, acting)?,
    }
    Ok(Heard::Changed {
        stay_id: stay.id,
        points,
    })
}

fn is_in(conn: &mut Conn, stay: &Stay, number: &str) -> QueryResult<bool> {
    let Some(room_id) = stay.room_id else {
        return Ok(false);
    };
    let room: String = rooms::table
        .find(room_id)
        .select(rooms::number)
        .first(conn)?;
    Ok(room == number.trim())
}
