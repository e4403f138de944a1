//! Table bookings: the day's, by service; and the form that makes or changes one.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use serde::Deserialize;

use super::booking_guest::{self, Candidate, Who};
use super::lines::{self, PartyLine};
use super::{Here, path};
use crate::dining::floor::Floor;
use crate::dining::host::{self, Becomes, Change, NewParty};
use crate::dining::memory::{Habits, Memory};
use crate::dining::outlet::Sitting;
use crate::dining::table::Plan;
use crate::dining::visit::{self, Party};
use crate::dining::{booking, seating};
use crate::error::FieldError;
use crate::guests::Guest;
use crate::secret;
use crate::vocabulary::{self, Feature, Kind};
use crate::web::desk::View;
use crate::web::form::Form;
use crate::web::page::Page;
use crate::web::{Answer, AppError, Desk};
use crate::words::Message;

/// Bookings are taken this far ahead.
const AHEAD: TimeDelta = TimeDelta::days(366);

/// A day of bookings.
#[derive(Template)]
#[template(path = "bookings.html")]
struct BookingsPage {
    page: Arc<Page>,
    here: Here,
    date: NaiveDate,
    services: Vec<ServiceLines>,
}

struct ServiceLines {
    name: String,
    hours: String,
    parties: usize,
    covers: i64,
    lines: Vec<PartyLine>,
}

impl BookingsPage {
    fn base(&self) -> String {
        self.here.path()
    }

    fn before(&self) -> NaiveDate {
        self.date.pred_opt().unwrap_or(self.date)
    }

    fn weekday(&self, date: &NaiveDate) -> String {
        self.page.words.weekday(date)
    }

    fn next_open(&self) -> Option<NaiveDate> {
        self.here.hours.next_open(self.date)
    }

    fn after(&self) -> NaiveDate {
        self.date.succ_opt().unwrap_or(self.date)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Day {
    date: String,
}

/// `GET /restaurant/{outlet}/bookings`
pub async fn day(desk: Desk, outlet: web::Path<String>, day: web::Query<Day>) -> HttpResponse {
    desk.page(move |view| {
        let here = Here::at(view, &outlet)?;
        let (_, today) = here.meal();
        let date = day.date.parse().unwrap_or(today);
        let plan = Plan::load(view.conn, here.outlet.id)?;
        let parties = visit::of_date(view.conn, here.outlet.id, date)?;
        let words = view.words();
        let services = here.hours.on(date).map(|service| {
            let theirs = || {
                parties
                    .iter()
                    .filter(|p| p.visit.meal == service.meal && p.visit.on_date == date)
            };
            ServiceLines {
                name: words.tell(&super::stand::meal_name(service.meal)),
                hours: format!(
                    "{}–{}",
                    words.time(service.opens_at),
                    words.time(service.closes_at % 1440)
                ),
                parties: theirs().count(),
                covers: theirs().map(|party| party.visit.covers).sum(),
                lines: theirs()
                    .map(|party| {
                        let mut line =
                            lines::party(party, plan.name_of(&party.tables), &here, words, None);
                        line.time = here.clock(party.visit.starts_at);
                        if party.visit.status.is_to_come() {
                            line.href = format!("{}/visits/{}", here.path(), party.visit.id);
                        }
                        line
                    })
                    .collect(),
            }
        });
        let services = services.collect();
        let look = view
            .line("view_bookings")
            .detail(format!("{} {date}", here.outlet.code));
        Ok(Answer::page(&BookingsPage {
            page: Arc::clone(&view.page),
            here,
            date,
            services,
        })?
        .look(look))
    })
    .await
}

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
    errors: Vec<(&'static str, String)>,
}

impl BookingPage {
    fn error(&self, field: &str) -> Option<&str> {
        let found = self.errors.iter().find(|(name, _)| *name == field);
        found.map(|(_, text)| text.as_str())
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

/// The form as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub(super) guest: String,
    /// Which of the candidates; `new` for somebody else.
    pub(super) who: String,
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) date: String,
    time: String,
    covers: String,
    table: String,
    wish: Vec<String>,
    note: String,
    once: String,
}

/// What was typed, understood.
struct Wanted {
    date: NaiveDate,
    meal: crate::dining::Meal,
    from: NaiveDateTime,
    until: NaiveDateTime,
    covers: i64,
    requests: Option<String>,
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
        errors: errors
            .iter()
            .map(|error| (error.field, words.tell(&error.message)))
            .collect(),
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
            let tables = tables(view, &here, typed, &wanted, guest.as_ref(), None)?;
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
            let tables = tables(view, &here, typed, &wanted, party.guest.as_ref(), Some(id))?;
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

/// What was typed; all that is wrong with it, each at its field.
fn understand(here: &Here, typed: &Typed) -> Result<Wanted, AppError> {
    let mut errors = Vec::new();
    let mut wrong = |field, message: Message| errors.push(FieldError::new(field, message));
    let covers = typed
        .covers
        .trim()
        .parse()
        .ok()
        .filter(|n| (1..=99).contains(n));
    if covers.is_none() {
        wrong(
            "covers",
            Message::new("error-covers").text("text", typed.covers.trim()),
        );
    }
    let date: Option<NaiveDate> = typed.date.trim().parse().ok();
    if date.is_none() {
        wrong(
            "date",
            Message::new("error-no-date").text("text", typed.date.trim()),
        );
    }
    let time = NaiveTime::parse_from_str(typed.time.trim(), "%H:%M").ok();
    if time.is_none() {
        wrong(
            "time",
            Message::new("error-time").text("text", typed.time.trim()),
        );
    }
    let sitting = date.zip(time).and_then(|(date, time)| {
        let minutes = i64::from(time.num_seconds_from_midnight() / 60);
        let found = here
            .hours
            .sitting(date, minutes)
            .map(|sitting| (sitting, minutes));
        // After midnight it is still the night before.
        found.or_else(|| {
            let before = date.pred_opt()?;
            let sitting = here.hours.sitting(before, minutes + 1440)?;
            Some((sitting, minutes + 1440))
        })
    });
    if let (Some(date), Some(_), None) = (date, time, sitting) {
        wrong("time", closed(here, date));
    }
    let from = sitting.map(|(Sitting { date, .. }, minutes)| here.house.moment(date, minutes));
    if from.is_some_and(|from| from < here.now - TimeDelta::minutes(15)) {
        wrong("time", Message::new("error-time-past"));
    }
    if from.is_some_and(|from| from > here.now + AHEAD) {
        wrong("date", Message::new("error-date-far"));
    }
    match (covers, sitting, from) {
        (Some(covers), Some((sitting, _)), Some(from)) if errors.is_empty() => Ok(Wanted {
            date: sitting.date,
            meal: sitting.service.meal,
            from,
            until: from + TimeDelta::minutes(sitting.service.turn(covers)),
            covers,
            requests: requests(typed),
        }),
        _ => Err(AppError::Invalid(errors)),
    }
}

/// When it is open on that day, or on which day next.
fn closed(here: &Here, date: NaiveDate) -> Message {
    let open: Vec<String> = here
        .hours
        .on(date)
        .map(|service| {
            let time = |minutes: i64| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
            format!("{}–{}", time(service.opens_at), time(service.closes_at))
        })
        .collect();
    match here.hours.next_open(date) {
        _ if !open.is_empty() => Message::new("error-closed-then").text("hours", open.join(", ")),
        Some(next) => Message::new("error-closed-day").date("next", next),
        None => Message::new("error-closed"),
    }
}

fn requests(typed: &Typed) -> Option<String> {
    let codes = typed
        .wish
        .iter()
        .map(String::as_str)
        .filter(|code| vocabulary::get(code).is_some());
    let note = typed.note.replace(';', ",");
    let note: String = note.trim().chars().take(200).collect();
    let parts: Vec<&str> = codes
        .chain(Some(note.as_str()).filter(|note| !note.is_empty()))
        .collect();
    (!parts.is_empty()).then(|| parts.join(";"))
}

/// The tables that were named, or the best that are free.
fn tables(
    view: &mut View<'_>,
    here: &Here,
    typed: &Typed,
    wanted: &Wanted,
    guest: Option<&Guest>,
    own: Option<i64>,
) -> Result<Vec<i64>, AppError> {
    let plan = Plan::load(view.conn, here.outlet.id)?;
    let parties = visit::of_date(view.conn, here.outlet.id, wanted.date)?;
    let floor = Floor::of(&plan, &parties, here.now);
    let memory = match guest {
        Some(guest) => Memory::load(view.conn, guest.person_id, here.house.id)?,
        None => Memory::default(),
    };
    let habits = Habits::of(&memory.visits, here.outlet.id, wanted.meal);
    let requested: Vec<&str> = typed.wish.iter().map(String::as_str).collect();
    let seeking = seating::Party {
        covers: wanted.covers,
        wishes: seating::wishes(&memory.preferences, &requested, &habits, here.house.id),
        usual: habits.usual.as_ref().map(|usual| usual.table_id),
        from: wanted.from,
        turn: wanted.until - wanted.from,
    };
    let named = typed.table.trim();
    let refuse = |field, message| Err(AppError::Invalid(vec![FieldError::new(field, message)]));
    if !named.is_empty() {
        let ids: Option<Vec<i64>> = named
            .split('+')
            .map(|name| plan.named(name).map(|table| table.id))
            .collect();
        let Some(ids) = ids else {
            return refuse("table", Message::new("error-no-table").text("text", named));
        };
        if !booking::is_free(&floor, &seeking, &ids, own) {
            let others = booking::best(&floor, &seeking, own);
            let message = match others {
                Some(other) => Message::new("error-table-other")
                    .text("table", named)
                    .text("other", plan.name_of(&other)),
                None => Message::new("error-table-taken").text("table", named),
            };
            return refuse("table", message);
        }
        return Ok(ids);
    }
    if let Some(ids) = booking::best(&floor, &seeking, own) {
        return Ok(ids);
    }
    let minutes = |at| here.house.moment(wanted.date, at);
    let service = here.hours.on(wanted.date).find(|s| s.meal == wanted.meal);
    let open = service.map(|s| (minutes(s.opens_at).max(here.now), minutes(s.closes_at)));
    let times: Vec<String> = open
        .map(|open| booking::other_times(&floor, &seeking, own, open))
        .unwrap_or_default()
        .into_iter()
        .map(|time| here.clock(time))
        .collect();
    let message = if times.is_empty() {
        Message::new("error-full").number("covers", wanted.covers)
    } else {
        Message::new("error-full-then")
            .number("covers", wanted.covers)
            .text("times", view.words().list(&times))
    };
    refuse("time", message)
}
