//! The day's table bookings, by service.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::Here;
use super::lines::{self, PartyLine, Wait};
use crate::dining::Service;
use crate::dining::table::Plan;
use crate::dining::visit::{self, Party};
use crate::web::page::Page;
use crate::web::{Answer, Desk};
use crate::words::Words;

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
pub async fn page(desk: Desk, outlet: web::Path<String>, day: web::Query<Day>) -> HttpResponse {
    desk.page(move |view| {
        let here = Here::at(view, &outlet)?;
        let (_, today) = here.meal();
        let date = day.date.parse().unwrap_or(today);
        let plan = Plan::load(view.conn, here.outlet.id)?;
        let parties = visit::of_date(view.conn, here.outlet.id, date)?;
        let services = here.hours.on(date).map(|service| {
            let theirs = |p: &&Party| p.visit.meal == service.meal && p.visit.on_date == date;
            let theirs: Vec<&Party> = parties.iter().filter(theirs).collect();
            of_service(service, &theirs, &plan, &here, view.words())
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

/// A service with its parties; who is to come opens as a booking.
fn of_service(
    service: &Service,
    parties: &[&Party],
    plan: &Plan,
    here: &Here,
    words: &Words,
) -> ServiceLines {
    let line = |party: &Party| {
        let mut line = lines::party(
            party,
            plan.name_of(&party.tables),
            here,
            words,
            Wait::Unasked,
        );
        line.time = here.clock(party.visit.starts_at);
        if party.visit.status.is_to_come() {
            line.href = format!("{}/visits/{}", here.path(), party.visit.id);
        }
        line
    };
    let (opens, closes) = (service.opens_at, service.closes_at % 1440);
    ServiceLines {
        name: words.tell(&super::stand::meal_name(service.meal)),
        hours: format!("{}–{}", words.time(opens), words.time(closes)),
        parties: parties.len(),
        covers: parties.iter().map(|party| party.visit.covers).sum(),
        lines: parties.iter().map(|party| line(party)).collect(),
    }
}
