//! The form that books a table, or changes a booking.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::booking_form::{self, Typed, understand};
use super::booking_guest::{self, Candidate, Who};
use super::{Here, path};
use crate::dining::host::{self, Becomes, Change, NewParty};
use crate::dining::table::Plan;
use crate::dining::visit::{self, Party};
use crate::error::FieldError;
use crate::guests::Guest;
use crate::secret;
use crate::vocabulary::{self, Feature, Kind};
use crate::web::desk::View;
use crate::web::fields::{self, Wrong};
use crate::web::form::Form;
use crate::web::page::Page;
use crate::web::{Answer, AppError, Desk};
use crate::words::Message;

/// The form.
#[derive(Template)]
#[template(path = "booking.html")]
struct BookingPage {
    page: Arc<Page>,
    here: Here,
    visit: Option<i64>,
    /// Who it is for, where that is known.
    guest: Option<Guest>,
    candidates: Vec<Candidate>,
    tables: Vec<String>,
    typed: Typed,
    once: String,
    errors: Wrong,
}

impl BookingPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn base(&self) -> String {
        self.here.path()
    }

    fn action(&self) -> String {
        match self.visit {
            Some(id) => format!("{}/visits/{id}", self.base()),
            None => format!("{}/bookings", self.base()),
        }
    }

    /// What may be wished of a table, and what the kitchen must know.
    fn wishes(&self, kind: &str) -> Vec<&'static Feature> {
        let wanted = if kind == "table" {
            Kind::Table
        } else {
            Kind::Allergy
        };
        vocabulary::all()
            .iter()
            .filter(|feature| {
                feature.kind == wanted || (kind == "table" && feature.code == "step_free")
            })
            .collect()
    }

    fn chosen(&self, feature: &Feature) -> bool {
        self.typed.wish.iter().any(|code| code == feature.code)
    }
}

/// `GET /restaurant/{outlet}/bookings/new`
pub async fn form(desk: Desk, outlet: web::Path<String>, typed: web::Query<Typed>) -> HttpResponse {
    desk.page(move |view| {
        let here = Here::at(view, &outlet)?;
        let mut typed = typed.into_inner();
        let (_, today) = here.meal();
        if typed.date.is_empty() {
            typed.date = today.to_string();
        }
        if typed.covers.is_empty() {
            typed.covers = "2".into();
        }
        show(view, here, None, typed, Vec::new())
    })
    .await
}

fn show(
    view: &mut View<'_>,
    here: Here,
    visit: Option<i64>,
    typed: Typed,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let guest = booking_guest::known(view, &typed.guest)?;
    let asks = errors.iter().any(|error| error.field == "who");
    let candidates = if asks {
        booking_guest::candidates(view, &here, &typed)?
    } else {
        Vec::new()
    };
    let plan = Plan::load(view.conn, here.outlet.id)?;
    let words = view.words();
    let look = match &guest {
        Some(guest) => view.line("view_table_card").guest(guest.id),
        None => view.line("view_bookings").detail(here.outlet.code.clone()),
    };
    let page = BookingPage {
        page: Arc::clone(&view.page),
        visit,
        guest,
        candidates,
        tables: plan.tables.into_iter().map(|table| table.name).collect(),
        once: if typed.once.is_empty() {
            secret::token()
        } else {
            typed.once.clone()
        },
        typed,
        errors: fields::wrong(&errors, words),
        here,
    };
    Ok(Answer::page(&page)?.look(look))
}

/// `POST /restaurant/{outlet}/bookings`
pub async fn create(desk: Desk, outlet: web::Path<String>, form: Form<Typed>) -> HttpResponse {
    let again = outlet.clone();
    desk.submit(
        form,
        move |view, typed| {
            let here = Here::at(view, &outlet)?;
            let wanted = understand(&here, typed)?;
            let who = booking_guest::recognise(view, &here, typed)?;
            let (guest, stay_id, called) = match who {
                Who::Guest(guest, stay_id) => (Some(*guest), stay_id, None),
                Who::Nobody(name) => (None, None, Some(name)),
            };
            let tables = booking_form::tables(view, &here, typed, &wanted, guest.as_ref(), None)?;
            let party = NewParty {
                on_date: wanted.date,
                meal: wanted.meal,
                guest_id: guest.map(|guest| guest.id),
                stay_id,
                called,
                covers: wanted.covers,
                requests: wanted.requests,
                time: (wanted.from, wanted.until),
                once: Some(typed.once.clone()).filter(|once| (1..=64).contains(&once.len())),
            };
            let acting = here.acting(view);
            let id = host::welcome(view.conn, &party, &Becomes::Booked(tables), acting)?;
            booked(view, &here, id)
        },
        move |view, typed, errors| {
            let here = Here::at(view, &again)?;
            show(view, here, None, typed, errors)
        },
    )
    .await
}

/// `GET /restaurant/{outlet}/visits/{visit}`: a booking, to be changed.
pub async fn edit(desk: Desk, at: web::Path<(String, i64)>) -> HttpResponse {
    desk.page(move |view| {
        let (outlet, id) = at.into_inner();
        let here = Here::at(view, &outlet)?;
        let party = party(view, &here, id)?;
        let plan = Plan::load(view.conn, here.outlet.id)?;
        let visit = &party.visit;
        let local = here.house.local(visit.starts_at);
        let typed = Typed {
            guest: party
                .guest
                .as_ref()
                .map(|g| g.public_id.clone())
                .unwrap_or_default(),
            name: visit.called.clone().unwrap_or_default(),
            date: local.date().to_string(),
            time: local.format("%H:%M").to_string(),
            covers: visit.covers.to_string(),
            table: plan.name_of(&party.tables),
            wish: visit.requested_codes().map(str::to_owned).collect(),
            note: visit.requested_words().collect::<Vec<_>>().join("; "),
            ..Typed::default()
        };
        show(view, here, Some(id), typed, Vec::new())
    })
    .await
}

/// `POST /restaurant/{outlet}/visits/{visit}`
pub async fn change(desk: Desk, at: web::Path<(String, i64)>, form: Form<Typed>) -> HttpResponse {
    let (outlet, id) = at.into_inner();
    let again = outlet.clone();
    desk.submit(
        form,
        move |view, typed| {
            let here = Here::at(view, &outlet)?;
            let party = party(view, &here, id)?;
            let wanted = understand(&here, typed)?;
            let tables =
                booking_form::tables(view, &here, typed, &wanted, party.guest.as_ref(), Some(id))?;
            let name = typed.name.trim();
            let change = Change {
                covers: wanted.covers,
                on_date: wanted.date,
                meal: wanted.meal,
                time: (wanted.from, wanted.until),
                tables,
                requests: wanted.requests,
                called: (!name.is_empty() && party.guest.is_none())
                    .then(|| name.chars().take(60).collect())
                    .or(party.visit.called),
            };
            host::change(view.conn, id, &change, here.acting(view))?;
            booked(view, &here, id)
        },
        move |view, typed, errors| {
            let here = Here::at(view, &again)?;
            show(view, here, Some(id), typed, errors)
        },
    )
    .await
}

fn party(view: &mut View<'_>, here: &Here, id: i64) -> Result<Party, AppError> {
    visit::party(view.conn, id)?
        .filter(|party| party.visit.outlet_id == here.outlet.id)
        .ok_or(AppError::NotFound)
}

/// Says what is booked, on the page of its day.
fn booked(view: &mut View<'_>, here: &Here, id: i64) -> Result<Answer, AppError> {
    let party = party(view, here, id)?;
    let plan = Plan::load(view.conn, here.outlet.id)?;
    let local = here.house.local(party.visit.starts_at);
    let done = Message::new("done-book")
        .text("table", plan.name_of(&party.tables))
        .message("party", party.name())
        .day("day", local.date())
        .text("time", local.format("%H:%M").to_string());
    let to = format!(
        "{}/bookings?date={}",
        path(&here.outlet.code),
        party.visit.on_date
    );
    Ok(Answer::see(to)
        .say(view.words(), &done)
        .changed(here.house.id))
}
