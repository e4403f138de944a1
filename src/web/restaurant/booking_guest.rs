//! Who books a table: somebody looked up, somebody the hotel knows by what was typed, or somebody new.
//!
//! Guests who are in the house or arrive come first, as the search box has them; then the same recognition as for rooms.

use super::Here;
use super::booking_form::Typed;
use crate::clock;
use crate::dining::memory::Memory;
use crate::error::FieldError;
use crate::guests::profile;
use crate::guests::search::{self, Asking, Found, Group, Why};
use crate::guests::typed::TypedGuest;
use crate::guests::{Guest, person};
use crate::recognition::{self, Decision, Known, Settings, Signals, verdict};
use crate::stays::Status;
use crate::web::AppError;
use crate::web::desk::View;
use crate::words::Message;

/// Candidates that are asked about.
const ASKED: usize = 5;

/// Who it is.
pub(super) enum Who {
    /// A guest, and the stay they are here for.
    Guest(Box<Guest>, Option<i64>),
    /// A name, and nothing more.
    Nobody(String),
}

/// Somebody who may be meant.
pub(super) struct Candidate {
    pub public_id: String,
    pub name: String,
    pub name_language: Option<&'static str>,
    pub about: String,
}

/// The guest of an opaque id, as all their profiles make them; none for an empty one.
pub(super) fn known(view: &mut View<'_>, public_id: &str) -> Result<Option<Guest>, AppError> {
    if public_id.is_empty() {
        return Ok(None);
    }
    let mut guest = Guest::by_public_id(view.conn, public_id)?.ok_or(AppError::NotFound)?;
    let person_id = guest.person_id;
    person::complete(view.conn, std::iter::once(&mut guest), &[person_id])?;
    Ok(Some(guest))
}

/// Those who may be meant by what was typed: in the house or arriving.
pub(super) fn candidates(
    view: &mut View<'_>,
    here: &Here,
    typed: &Typed,
) -> Result<Vec<Candidate>, AppError> {
    let found = likely(view, here, typed)?;
    let words = view.words();
    Ok(found
        .into_iter()
        .map(|found| {
            let stay = found.stay.as_ref();
            let about = stay.map(|stay| match (&stay.room, stay.status) {
                (Some(room), Status::InHouse) => words.fill("room-number", room),
                _ => words.fill("search-from", words.day(stay.arrival)),
            });
            Candidate {
                public_id: found.guest.public_id.clone(),
                name: person::full_name(&found.guest),
                name_language: found.guest.name_language(),
                about: about.unwrap_or_default(),
            }
        })
        .collect())
}

fn likely(view: &mut View<'_>, here: &Here, typed: &Typed) -> Result<Vec<Found>, AppError> {
    let asking = Asking {
        houses: &[here.house.id],
        property_id: here.house.id,
        today: here.house.business_date(here.now),
    };
    let mut all: Vec<Found> = Vec::new();
    for text in [typed.phone.trim(), typed.name.trim()] {
        let found = search::find(view.conn, &view.app.finder, text, &asking, ASKED)?;
        for found in found {
            let here = found.group != Group::Past && found.why != Why::Alike;
            let twice = all
                .iter()
                .any(|one| one.guest.person_id == found.guest.person_id);
            if here && !twice {
                all.push(found);
            }
        }
    }
    all.truncate(ASKED);
    Ok(all)
}

/// Who it is; asks where it could be somebody who is here. Call it inside a write transaction.
pub(super) fn recognise(view: &mut View<'_>, here: &Here, typed: &Typed) -> Result<Who, AppError> {
    let chosen = if typed.guest.is_empty() {
        Some(typed.who.as_str())
            .filter(|who| *who != "new")
            .unwrap_or_default()
    } else {
        typed.guest.as_str()
    };
    if let Some(guest) = known(view, chosen)? {
        return at_home(view, here, guest);
    }
    let name = typed.name.trim();
    if name.is_empty() {
        return Err(wrong("name", Message::new("error-name-missing")));
    }
    let typed_guest = spelled(name, &typed.phone);
    let profile = typed_guest
        .understand(here.house.calling_from())
        .map_err(|errors| {
            // The form has one field for the name.
            let errors = errors.into_iter().map(|error| match error.field {
                "phone" => error,
                _ => FieldError::new("name", error.message),
            });
            AppError::Invalid(errors.collect())
        })?;
    if typed.phone.trim().is_empty() {
        if typed.who != "new" && !likely(view, here, typed)?.is_empty() {
            return Err(wrong("who", Message::new("error-who")));
        }
        return Ok(Who::Nobody(name.chars().take(60).collect()));
    }
    let settings = Settings::load(view.conn)?;
    let signals = Signals::of(&profile, &view.app.keys);
    let known = Known::load(view.conn, std::slice::from_ref(&signals))?;
    let verdict = verdict(&signals, &known, &recognition::current(view.conn)?);
    let linked = verdict
        .guest_id
        .filter(|_| verdict.decision == Decision::Linked && typed.who != "new");
    let guest_id = match linked {
        Some(id) => id,
        None if typed.who != "new" && !likely(view, here, typed)?.is_empty() => {
            return Err(wrong("who", Message::new("error-who")));
        }
        None => {
            let profile = profile.seen_by(&settings.relays);
            profile::create(view.conn, &view.app.keys, &[profile], clock::now())?
                .into_iter()
                .next()
                .ok_or(AppError::NotFound)?
        }
    };
    let guest = Guest::by_ids(view.conn, &[guest_id])?.into_iter().next();
    at_home(view, here, guest.ok_or(AppError::NotFound)?)
}

/// The guest, with the stay they are in the house for.
fn at_home(view: &mut View<'_>, here: &Here, guest: Guest) -> Result<Who, AppError> {
    let memory = Memory::load(view.conn, guest.person_id, here.house.id)?;
    Ok(Who::Guest(Box::new(guest), memory.stay.map(|stay| stay.id)))
}

/// One field for the name: in its own script, or given names before the family name.
fn spelled(name: &str, phone: &str) -> TypedGuest {
    let mut guest = TypedGuest {
        phone: phone.to_owned(),
        ..TypedGuest::default()
    };
    let is_latin = name.chars().all(|c| !c.is_alphabetic() || c < '\u{0370}');
    match name.rsplit_once(char::is_whitespace) {
        _ if !is_latin => guest.native_name = name.to_owned(),
        Some((given, family)) => {
            guest.given_name = given.trim().to_owned();
            guest.family_name = family.to_owned();
        }
        None => guest.family_name = name.to_owned(),
    }
    guest
}

fn wrong(field: &'static str, message: Message) -> AppError {
    AppError::Invalid(vec![FieldError::new(field, message)])
}
