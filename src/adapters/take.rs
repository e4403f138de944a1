//! What an adapter has read, taken in by the path of every other call.
//!
//! A reservation goes through `stays::reservation`, what happened through `stays::events`, the guest through the guests
//! file's rules. A profile that recognition links is kept as the source's own profile of that person: the next booking
//! under its key is known without asking, and undoing the merge parts them again.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::Map;

use super::{Fields, Happened, Person, Said, Wish};
use crate::db::schema::{guest_contacts, guests, loyalty_accounts, merges, stays};
use crate::db::{Conn, dialect};
use crate::error::{Fault, Rejection};
use crate::guests::changes;
use crate::guests::contacts::Email;
use crate::guests::preferences::Source as Evidence;
use crate::guests::profile::{self, NewProfile};
use crate::importing::object::Object;
use crate::importing::preferences::{self, Row};
use crate::importing::{profiles, stays as reading};
use crate::properties::{Property, Reference};
use crate::recognition::merging::{self, Pair, Source};
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
fn leniently<T>(
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
    let at = Object::read(&said.booking.values, reading::FIELDS)
        .and_then(|object| object.moment("updated_at"))
        .map_err(|rejection| said.booking.locate(rejection))?;
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
pub struct Owner {
    guest_id: i64,
    source: String,
    external_id: Option<String>,
    reasons: Option<String>,
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

/// Takes in what a source knows of a guest; `of` is whose the stay is that it came with. Call it inside a write transaction.
pub fn person(
    conn: &mut Conn,
    context: &Context,
    mut person: Person,
    of: Option<Owner>,
    reference: &Reference,
    done: &mut Done,
) -> Result<(), Trouble> {
    let told = person.fields.values.get("updated_at").cloned();
    let moment = told.map(|told| Map::from_iter([("updated_at".to_owned(), told)]));
    let updated_at = Object::read(&moment.unwrap_or_default(), reading::FIELDS)
        .and_then(|object| object.moment("updated_at"))
        .map_err(|rejection| person.fields.locate(rejection))?;
    person.fields.remove("updated_at");
    let mut said = leniently(&mut person.fields, &mut done.ignored, |fields| {
        Ok(Object::read(&fields.values, profiles::FIELDS)
            .and_then(|object| profiles::read(&object, context)))
    })?;
    if person.is_masked {
        said.email = said.email.map(Email::relayed);
    }
    if of.is_some() {
        // A number typed into a booking is a claim; the booking makes it, and enrols nobody.
        said.loyalty_number = None;
    }
    let Some((stored, outcome)) = place(conn, context, &mut said, of, done)? else {
        return Ok(());
    };
    let id = stored.id();
    dialect::lock_guest(conn, id)?;
    let known_at: Option<NaiveDateTime> = guests::table
        .find(id)
        .select(guests::source_updated_at)
        .first(conn)?;
    if updated_at.is_some() && updated_at < known_at {
        done.guest = Some((id, "older"));
        return Ok(());
    }
    let mut is_new = changes::differs(&context.secrets, &stored, &said);
    if is_new {
        changes::update(conn, &context.secrets, &stored, &said, context.now)?;
    }
    if updated_at.is_some() {
        diesel::update(guests::table.find(id))
            .set(guests::source_updated_at.eq(updated_at))
            .execute(conn)?;
    }
    is_new |= mask(conn, id, &said)?;
    is_new |= wish(conn, context, id, &person.wishes, reference, done)?;
    done.guest = Some((
        id,
        if is_new && outcome == "unchanged" {
            "changed"
        } else {
            outcome
        },
    ));
    done.merged_into = person.merged_into;
    Ok(())
}

/// The profile that what is said belongs to: the source's own, found, taken over from its booking, or made.
fn place(
    conn: &mut Conn,
    context: &Context,
    said: &mut NewProfile,
    of: Option<Owner>,
    done: &mut Done,
) -> Result<Option<(changes::Stored, &'static str)>, Trouble> {
    let key = said.external_id.clone();
    if let Some(key) = &key {
        let mut known = changes::by_external_id(conn, &context.source, &[key])?;
        if let Some(known) = known.remove(key) {
            claim(conn, said, Some(&known), done)?;
            return Ok(Some((known, "unchanged")));
        }
    }
    let own = of
        .as_ref()
        .filter(|of| of.source == context.source && of.external_id.is_none());
    if let Some(own) = own {
        // Made for a booking of this source a moment ago, or long ago: now it has a key.
        diesel::update(guests::table.find(own.guest_id))
            .set(guests::external_id.eq(&key))
            .execute(conn)?;
        return Ok(Some((changes::by_id(conn, own.guest_id)?, "unchanged")));
    }
    let Some(key) = key else {
        let said_more = said.vip_level.is_some() || said.email_consent.is_some();
        if said_more {
            let why = "guest: has no key of its own, and the booking is another profile's; VIP and consent are not taken";
            done.ignored.push(why.into());
        }
        return Ok(None);
    };
    if said.name().is_empty() {
        let reason = format!("names nobody; the new guest '{key}' needs a name");
        if of.is_none() {
            return Err(Rejection::new("guest", reason).into());
        }
        done.ignored.push(format!("guest: {reason}"));
        return Ok(None);
    }
    claim(conn, said, None, done)?;
    let made = profile::create(
        conn,
        &context.secrets,
        std::slice::from_ref(said),
        context.now,
    )?;
    let id = made.first().copied().unwrap_or_default();
    if let Some(of) = of {
        let pair = Pair {
            guest_id: of.guest_id,
            other_id: id,
        };
        let joined = merging::merge(conn, pair, Source::Booking, of.reasons.as_deref(), None);
        if let Err(fault) = joined {
            done.ignored.push(format!("guest: {}", refusal(fault)?));
        }
    }
    Ok(Some((changes::by_id(conn, id)?, "created")))
}

/// The words of a refusal; other faults go on.
fn refusal(fault: Fault) -> Result<String, Trouble> {
    match fault {
        Fault::Refused(message) => Ok(Language::En.words().tell(&message)),
        fault => Err(fault.into()),
    }
}

/// Leaves a loyalty number out that can't be this profile's account.
fn claim(
    conn: &mut Conn,
    said: &mut NewProfile,
    known: Option<&changes::Stored>,
    done: &mut Done,
) -> QueryResult<()> {
    let Some(number) = said.loyalty_number.clone() else {
        return Ok(());
    };
    let has_other = known
        .and_then(changes::Stored::loyalty_number)
        .is_some_and(|own| own != number);
    let owner: Option<i64> = loyalty_accounts::table
        .filter(loyalty_accounts::number.eq(&number))
        .select(loyalty_accounts::guest_id)
        .first(conn)
        .optional()?;
    let is_anothers = owner.is_some_and(|owner| known.is_none_or(|known| known.id() != owner));
    if has_other || is_anothers {
        let why = if has_other {
            "the guest has an account of another number"
        } else {
            "is the number of another profile; say that the two are one person"
        };
        done.ignored
            .push(format!("loyalty number '{number}': {why}"));
        said.loyalty_number = None;
    }
    Ok(())
}

/// An address that was told before without a word of its being masked is masked from now on.
fn mask(conn: &mut Conn, guest_id: i64, said: &NewProfile) -> QueryResult<bool> {
    let Some(email) = said.email.as_ref().filter(|email| email.is_masked()) else {
        return Ok(false);
    };
    let told = guest_contacts::table
        .filter(guest_contacts::guest_id.eq(guest_id))
        .filter(guest_contacts::kind.eq("email"))
        .filter(guest_contacts::folded.eq(email.folded()))
        .filter(guest_contacts::masked.eq(false));
    let masked = diesel::update(told)
        .set(guest_contacts::masked.eq(true))
        .execute(conn)?;
    if masked > 0 {
        profile::rekey(conn, guest_id)?;
    }
    Ok(masked > 0)
}

fn wish(
    conn: &mut Conn,
    context: &Context,
    guest_id: i64,
    wishes: &[Wish],
    reference: &Reference,
    done: &mut Done,
) -> QueryResult<bool> {
    let key = guest_id.to_string();
    let mut rows: Vec<Row> = Vec::new();
    for wish in wishes {
        let house = wish.property.as_deref();
        let property_id = house
            .and_then(|code| reference.by_code(code))
            .map(|house| house.id);
        if property_id.is_none()
            && let Some(code) = house
        {
            done.ignored.push(format!(
                "preference '{}': '{code}' is no house of ours",
                wish.code
            ));
            continue;
        }
        if rows
            .iter()
            .any(|row| row.code == wish.code && row.property_id == property_id)
        {
            continue;
        }
        rows.push(Row {
            guest_id: key.clone(),
            code: wish.code.to_owned(),
            strength: Some(wish.strength),
            source: Evidence::Imported,
            property_id,
            noted_on: None,
            note: wish
                .note
                .as_ref()
                .map(|note| note.chars().take(2_000).collect()),
        });
    }
    if rows.is_empty() {
        return Ok(false);
    }
    preferences::tell(conn, context, &HashMap::from([(key, guest_id)]), &rows)
}

/// Joins a profile to the one its source has joined it to; the merge made. What was joined here before is not joined
/// again: whoever has undone it knew better. Call it inside a write transaction, when all profiles of the call are there.
pub fn join(conn: &mut Conn, context: &Context, done: &mut Done) -> Result<Option<Pair>, Trouble> {
    let (Some((guest_id, _)), Some(into)) = (done.guest, done.merged_into.take()) else {
        return Ok(None);
    };
    let target = guest_ids(conn, &context.source, std::iter::once(into.as_str()))?;
    let Some(other_id) = target
        .get(&into)
        .copied()
        .filter(|other| *other != guest_id)
    else {
        done.ignored.push(format!(
            "MergeTargetId: '{into}' is not known yet; send this again after it"
        ));
        return Ok(None);
    };
    let pair = Pair { guest_id, other_id };
    let both = [guest_id, other_id];
    let before: i64 = merges::table
        .filter(
            merges::guest_id
                .eq_any(both)
                .and(merges::other_id.eq_any(both)),
        )
        .count()
        .get_result(conn)?;
    if before > 0 {
        return Ok(None);
    }
    match merging::merge(conn, pair, Source::Booking, Some("merged_at_source"), None) {
        Ok(_) => Ok(Some(pair)),
        Err(fault) => {
            done.ignored
                .push(format!("MergeTargetId: {}", refusal(fault)?));
            Ok(None)
        }
    }
}
