//! `/call?number=`: who is calling, before the clerk says hello.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::page::Page;
use super::pills;
use super::{Answer, AppError, Desk};
use crate::clock;
use crate::guests::profile::{self, NewProfile};
use crate::guests::typed::TypedGuest;
use crate::guests::{Guest, calling, names, notes, person};
use crate::recognition::{self, Known, Settings, Signals, verdict};
use crate::stays::Status;
use crate::stays::history::PastStay;
use crate::vocabulary;
use crate::welcome::memory::{self, Memory};
use crate::words::Message;

/// Persons shown; a number with more is a switchboard's.
const SHOWN: usize = 8;

/// The page.
#[derive(Template)]
#[template(path = "call.html")]
struct CallPage {
    page: Arc<Page>,
    /// As it is dialled; nothing where it was withheld.
    number: Option<String>,
    callers: Vec<Caller>,
    /// Profiles that what was typed could mean.
    alike: Vec<Alike>,
    typed: TypedGuest,
    errors: Wrong,
}

/// Somebody the number is known of.
struct Caller {
    guest: Guest,
    pronounced: Option<String>,
    visits: usize,
    tier: Option<String>,
    allergies: Vec<String>,
    cases: Vec<String>,
    /// The stay that is, or the next to come, or the last.
    stay: Option<(String, Option<String>)>,
    contact: Option<String>,
}

/// A profile that could be meant, and why.
struct Alike {
    guest: Guest,
    reasons: String,
}

impl CallPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

#[derive(Default, Deserialize)]
pub struct Calling {
    #[serde(default)]
    number: String,
}

/// `GET /call?number=`
pub async fn page(desk: Desk, query: web::Query<Calling>) -> HttpResponse {
    desk.page(move |view| {
        let country = view.house().ok().and_then(|house| house.calling_from());
        let phone = calling::number(&query.number, country);
        let mut guests = match &phone {
            Some(phone) => calling::callers(view.conn, phone)?,
            None => Vec::new(),
        };
        guests.truncate(SHOWN);
        let number = phone.map(|phone| phone.e164());
        let callers = callers(view, guests)?;
        let looks: Vec<_> = callers
            .iter()
            .map(|caller| view.line("view_call").guest(caller.guest.id))
            .collect();
        let page = CallPage {
            page: Arc::clone(&view.page),
            typed: TypedGuest {
                phone: number.clone().unwrap_or_default(),
                ..TypedGuest::default()
            },
            number,
            callers,
            alike: Vec::new(),
            errors: Vec::new(),
        };
        Ok(looks.into_iter().fold(Answer::page(&page)?, Answer::look))
    })
    .await
}

fn callers(view: &mut View<'_>, mut guests: Vec<Guest>) -> Result<Vec<Caller>, AppError> {
    let persons: Vec<i64> = guests.iter().map(|guest| guest.person_id).collect();
    person::complete(view.conn, guests.iter_mut(), &persons)?;
    let mut memories = memory::of_persons(view.conn, &persons)?;
    let mut noted = notes::latest(view.conn, &persons)?;
    Ok(guests
        .into_iter()
        .map(|guest| {
            let memory = memories.remove(&guest.person_id).unwrap_or_default();
            let note = noted.remove(&guest.person_id);
            caller(view, guest, &memory, note)
        })
        .collect())
}

fn caller(view: &View<'_>, guest: Guest, memory: &Memory, note: Option<notes::Note>) -> Caller {
    let words = view.words();
    let allergies = memory
        .preferences
        .iter()
        .filter(|preference| preference.is_allergy() && preference.is_wanted())
        .map(|preference| pills::allergen(vocabulary::label(&preference.code, words.language)));
    Caller {
        pronounced: guest.native_name.as_deref().and_then(names::pronunciation),
        visits: memory.stays.iter().filter(|stay| stay.counts()).count(),
        tier: memory
            .account
            .as_ref()
            .map(|account| words.code("tier", &account.tier)),
        allergies: allergies.collect(),
        cases: memory
            .open_cases()
            .map(|case| case.summary.clone())
            .collect(),
        stay: current(&memory.stays).map(|stay| reservation(view, stay)),
        contact: note.map(|note| {
            let day = words.date(note.written_at.date());
            let parts = [Some(day), note.author, Some(note.body)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }),
        guest,
    }
}

/// The stay a call is most likely about: in house, the next to come, the last.
fn current(stays: &[PastStay]) -> Option<&PastStay> {
    let next = stays
        .iter()
        .filter(|stay| stay.status == Status::Reserved)
        .min_by_key(|stay| stay.arrival);
    let mut newest = stays.iter();
    newest
        .find(|stay| stay.status == Status::InHouse)
        .or(next)
        .or_else(|| stays.iter().find(|stay| stay.counts()))
}

/// What is said of a stay, and where its card is for those who may see it.
fn reservation(view: &View<'_>, stay: &PastStay) -> (String, Option<String>) {
    let words = view.words();
    let parts = [
        Some(words.code("status", stay.status.as_str())),
        Some(words.range(stay.arrival, stay.departure)),
        stay.room.clone(),
        Some(view.page.reference.name(stay.property_id).to_owned()),
    ];
    let may_open = view.clerk.houses.include(stay.property_id);
    (
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        may_open.then(|| super::stays::card(stay.id)),
    )
}

#[derive(Default, Deserialize)]
pub struct NewGuest {
    #[serde(flatten)]
    guest: TypedGuest,
    /// The clerk has seen who could be meant, and it is nobody of these.
    #[serde(default)]
    sure: String,
}

/// `POST /guests`: a profile for somebody nobody knows.
pub async fn create(desk: Desk, form: Form<NewGuest>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let country = view.house().ok().and_then(|house| house.calling_from());
            let new = form.guest.understand(country).map_err(AppError::Invalid)?;
            let settings = Settings::load(view.conn)?;
            let new = new.seen_by(&settings.relays);
            if form.sure.is_empty() {
                let alike = alike(view, &new)?;
                if !alike.is_empty() {
                    return ask(view, form.guest.clone(), alike);
                }
            }
            let id = profile::create(view.conn, &view.app.keys, &[new], clock::now())?
                .pop()
                .ok_or(AppError::NotFound)?;
            let guest = Guest::by_ids(view.conn, &[id])?
                .pop()
                .ok_or(AppError::NotFound)?;
            view.line("add_guest").guest(id).insert(view.conn)?;
            let done = Message::new("guest-added").text("guest", guest.name());
            Ok(Answer::see(format!("/guests/{}", guest.public_id)).say(view.words(), &done))
        },
        |view, form, errors| {
            let errors = fields::wrong(&errors, view.words());
            Answer::page(&CallPage {
                page: Arc::clone(&view.page),
                number: Some(form.guest.phone.clone()),
                callers: Vec::new(),
                alike: Vec::new(),
                typed: form.guest,
                errors,
            })
        },
    )
    .await
}

/// The profiles that a new one could be another of, the likeliest first.
fn alike(view: &mut View<'_>, new: &NewProfile) -> Result<Vec<Alike>, AppError> {
    let signals = Signals::of(new, &view.app.keys);
    let known = Known::load(view.conn, std::slice::from_ref(&signals))?;
    let found = verdict(&signals, &known, &recognition::current(view.conn)?);
    let linked = found.guest_id.map(|id| (id, found.reasons));
    let asked = found
        .candidates
        .into_iter()
        .map(|judged| (judged.guest_id, judged.reasons));
    let words = view.words();
    let mut alike = Vec::new();
    for (id, codes) in linked.into_iter().chain(asked) {
        let reasons = codes.split(';').filter(|code| !code.is_empty());
        let reasons: Vec<String> = reasons.map(|code| words.code("reason", code)).collect();
        alike.extend(Guest::by_ids(view.conn, &[id])?.pop().map(|guest| Alike {
            guest,
            reasons: reasons.join(" · "),
        }));
    }
    Ok(alike)
}

/// The form again, with who could be meant.
fn ask(view: &View<'_>, typed: TypedGuest, alike: Vec<Alike>) -> Result<Answer, AppError> {
    let looks: Vec<_> = alike
        .iter()
        .map(|alike| view.line("view_call").guest(alike.guest.id))
        .collect();
    let page = CallPage {
        page: Arc::clone(&view.page),
        number: Some(typed.phone.clone()),
        callers: Vec::new(),
        alike,
        typed,
        errors: Vec::new(),
    };
    Ok(looks.into_iter().fold(Answer::page(&page)?, Answer::look))
}
