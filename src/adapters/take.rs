//! What an adapter has read, taken in by the path of every other call.
//!
//! A reservation goes through `stays::reservation`, what happened through `stays::events`, the guest through the guests
//! file's rules. A profile that recognition links is kept as the source's own profile of that person: the next booking
//! under its key is known without asking, and undoing the merge parts them again.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::Map;

pub use super::person::{join, person};
use super::{Fields, Happened, Said};
use crate::db::Conn;
use crate::db::schema::{guests, stays};
use crate::error::{Fault, Rejection};
use crate::importing::object::Object;
use crate::importing::stays as reading;
use crate::properties::Property;
use crate::stays::events::{Event, Heard, Reason, Teller, hear};
use crate::stays::reservation::{self, Context, Taken, guest_ids};
use crate::stays::{Status, held};
use crate::words::Language;

/// Why an item is not taken in.
#[derive(Debug)]
pub enum Trouble {
    /// Something in it can't be right.
    Rejected(Rejection),
    /// The database.
    Fault(Fault),
}

impl From<Rejection> for Trouble {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<diesel::result::Error> for Trouble {
    fn from(error: diesel::result::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What became of an item.
#[derive(Debug, Default)]
pub struct Done {
    /// The stay; none for a guest alone, or for an event that waits for its reservation.
    pub stay_id: Option<i64>,
    /// `created`, `changed`, `unchanged`, `older` or `held`.
    pub outcome: &'static str,
    /// The source's profile, and what became of it.
    pub guest: Option<(i64, &'static str)>,
    /// What waits.
    pub held: Option<i64>,
    /// The key of the profile that the source has joined this one to; see [`join`].
    pub merged_into: Option<String>,
    /// What is not taken, by place.
    pub ignored: Vec<String>,
}

/// Fields that say who the guest is: one that can't be read is left out and named, and the booking is not lost for it.
const LENIENT: [&str; 16] = [
    "email",
    "phone",
    "birth_date",
    "country",
    "city",
    "postal_code",
    "street",
    "document_number",
    "loyalty_number",
    "company",
    "language",
    "gender",
    "vip_level",
    "note",
    "salutation",
    "channel",
];

/// Reads fields as often as it takes to leave out those that can't be read.
pub(super) fn leniently<T>(
    fields: &mut Fields,
    ignored: &mut Vec<String>,
    mut read: impl FnMut(&Fields) -> Result<Result<T, Rejection>, Trouble>,
) -> Result<T, Trouble> {
    loop {
        let rejection = match read(fields)? {
            Ok(read) => return Ok(read),
            Err(rejection) => rejection,
        };
        let column = rejection.column.clone();
        let told = fields.locate(rejection);
        if !LENIENT.contains(&column.as_str()) || !fields.remove(&column) {
            return Err(told.into());
        }
        ignored.push(format!("{}: {}", told.column, told.reason));
    }
}

/// When the source last changed what it says.
pub(super) fn updated_at(fields: &Fields) -> Result<Option<NaiveDateTime>, Rejection> {
    let told = fields.values.get("updated_at").cloned();
    let alone = told.map(|told| Map::from_iter([("updated_at".to_owned(), told)]));
    Object::read(&alone.unwrap_or_default(), reading::FIELDS)
        .and_then(|object| object.moment("updated_at"))
        .map_err(|rejection| fields.locate(rejection))
}

/// Takes a reservation in, with what happened to it and whose it is. Call it inside a write transaction.
pub fn reservation(
    conn: &mut Conn,
    context: &Context,
    house: &Property,
    said: Said,
    teller: &Teller<'_>,
) -> Result<Done, Trouble> {
    let number = said.number.clone().unwrap_or_default();
    if !(1..=64).contains(&number.chars().count()) {
        let reason = "the confirmation number has more than 64 characters, or none";
        return Err(Rejection::new("confirmation_number", reason).into());
    }
    let mut done = Done {
        ignored: said.ignored.clone(),
        ..Done::default()
    };
    let at = updated_at(&said.booking)?;
    let has_dates = ["arrival", "departure"]
        .iter()
        .any(|day| said.booking.values.contains_key(*day));
    let is_event_alone = !has_dates && !matches!(said.happened, None | Some(Happened::Booked));
    let known = known(conn, house, &number)?;
    if !is_event_alone {
        let taken = book(conn, context, house, &number, &said, known, &mut done)?;
        let (outcome, stay_id) = match taken {
            Taken::New(id) => ("created", id),
            Taken::Changed(id) => ("changed", id),
            Taken::Unchanged(id) => ("unchanged", id),
            Taken::Older(id) => ("older", id),
            Taken::Refused(rejection) => return Err(said.booking.locate(rejection).into()),
        };
        (done.outcome, done.stay_id) = (outcome, Some(stay_id));
        if outcome != "older" {
            let of = owner(conn, stay_id)?;
            let theirs = said.person.clone();
            person(conn, context, theirs, Some(of), teller.reference, &mut done)?;
        }
    }
    if let Some(event) = event(&said, status_of(conn, done.stay_id)?) {
        happen(conn, house, &number, &event, at, teller, &mut done)?;
    }
    held::release(conn, house, &number, teller)?;
    Ok(done)
}

/// A stay that is known under a number, with its guest.
fn known(conn: &mut Conn, house: &Property, number: &str) -> QueryResult<Option<(Status, i64)>> {
    stays::table
        .filter(stays::property_id.eq(house.id))
        .filter(stays::confirmation_number.eq(number))
        .select((stays::status, stays::guest_id))
        .first(conn)
        .optional()
}

fn status_of(conn: &mut Conn, stay_id: Option<i64>) -> QueryResult<Option<Status>> {
    let Some(id) = stay_id else { return Ok(None) };
    stays::table
        .find(id)
        .select(stays::status)
        .first(conn)
        .map(Some)
}

/// Takes in what the reservation says. Its state is put down where that is all we will ever hear of it.
fn book(
    conn: &mut Conn,
    context: &Context,
    house: &Property,
    number: &str,
    said: &Said,
    known: Option<(Status, i64)>,
    done: &mut Done,
) -> Result<Taken, Trouble> {
    let mut booking = said.booking.clone();
    let status = known.map(|(status, _)| status);
    let told = match (&said.happened, status) {
        (Some(Happened::Booked | Happened::In(Some(_))), _) => Some(Status::Reserved),
        // In which room is not said, or the guest had left before we heard of the coming.
        (Some(Happened::In(None)), _) => Some(Status::InHouse),
        (Some(Happened::Out), None | Some(Status::Reserved)) => Some(Status::Departed),
        _ => None,
    };
    if let Some(status) = told {
        booking
            .values
            .insert("status".into(), status.as_str().into());
    }
    if let Some(id) = named(conn, context, said, known)? {
        booking.values.insert("guest_id".into(), id.into());
    }
    let read = leniently(&mut booking, &mut done.ignored, |fields| {
        let object = match Object::read(&fields.values, reading::FIELDS) {
            Ok(object) => object.with("confirmation_number", number),
            Err(rejection) => return Ok(Err(rejection)),
        };
        Ok(reading::read(conn, &object, house, context)?)
    })?;
    done.ignored.extend(read.warnings);
    let taken = reservation::take_in(conn, context, std::slice::from_ref(&read.reservation))?;
    taken
        .into_iter()
        .next()
        .ok_or(Trouble::Fault(Fault::NotFound))
}

/// The source's key of the guest, where it names whose the stay is: a profile we know, of another person than the stay has.
fn named(
    conn: &mut Conn,
    context: &Context,
    said: &Said,
    known: Option<(Status, i64)>,
) -> QueryResult<Option<String>> {
    let Some(id) = said.person.id() else {
        return Ok(None);
    };
    let found = guest_ids(conn, &context.source, std::iter::once(id))?;
    let Some(profile) = found.get(id) else {
        return Ok(None);
    };
    if let Some((_, guest_id)) = known {
        let persons: Vec<i64> = guests::table
            .filter(guests::id.eq_any([*profile, guest_id]))
            .select(guests::person_id)
            .distinct()
            .load(conn)?;
        if persons.len() == 1 {
            return Ok(None);
        }
    }
    Ok(Some(id.to_owned()))
}

/// The event that brings the stay to the state told.
fn event(said: &Said, status: Option<Status>) -> Option<Event> {
    Some(match (said.happened.as_ref()?, status) {
        (Happened::In(Some(room)), _) => Event::CheckIn { room: room.clone() },
        (Happened::Out, None | Some(Status::InHouse)) => Event::CheckOut {
            charges: Vec::new(),
        },
        (Happened::Cancelled, _) => Event::Cancel,
        (Happened::NoShow, _) => Event::NoShow,
        (Happened::Booked | Happened::In(None) | Happened::Out, _) => return None,
    })
}

/// Does an event, or lets it wait: a rule that forbids it does not undo the booking.
fn happen(
    conn: &mut Conn,
    house: &Property,
    number: &str,
    event: &Event,
    at: Option<NaiveDateTime>,
    teller: &Teller<'_>,
    done: &mut Done,
) -> Result<(), Trouble> {
    let heard = conn.transaction(|conn| hear(conn, house, number, event, at, teller));
    let (reason, why) = match heard {
        Ok(Heard::Changed { stay_id, .. }) => {
            done.stay_id = Some(stay_id);
            if done.outcome != "created" {
                done.outcome = "changed";
            }
            return Ok(());
        }
        Ok(Heard::Unchanged(id)) => return known_already(done, id, "unchanged"),
        Ok(Heard::Older(id)) => return known_already(done, id, "older"),
        Ok(Heard::Waits(reason)) => (reason, None),
        Err(Fault::Refused(message)) => {
            (Reason::Refused, Some(Language::En.words().tell(&message)))
        }
        Err(fault) => return Err(fault.into()),
    };
    let waits = held::hold(conn, house, number, event, at, reason, teller)?;
    if let Some(why) = why {
        held::explain(conn, waits.id, &why)?;
    }
    done.held = Some(waits.id);
    if done.outcome.is_empty() {
        done.outcome = "held";
    }
    Ok(())
}

fn known_already(done: &mut Done, stay_id: i64, outcome: &'static str) -> Result<(), Trouble> {
    done.stay_id = Some(stay_id);
    if done.outcome.is_empty() {
        done.outcome = outcome;
    }
    Ok(())
}

/// Whose a stay is, and why.
#[allow(missing_docs, reason = "the columns of guest and stay")]
pub struct Owner {
    pub guest_id: i64,
    pub source: String,
    pub external_id: Option<String>,
    pub reasons: Option<String>,
}

fn owner(conn: &mut Conn, stay_id: i64) -> QueryResult<Owner> {
    let (guest_id, source, external_id, reasons) = stays::table
        .inner_join(guests::table)
        .filter(stays::id.eq(stay_id))
        .select((
            guests::id,
            guests::source,
            guests::external_id,
            stays::reasons,
        ))
        .first(conn)?;
    Ok(Owner {
        guest_id,
        source,
        external_id,
        reasons,
    })
}
