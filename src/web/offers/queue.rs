//! `/offers/queue`: the free upgrades of today, and whose turn it is.

use std::sync::Arc;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::super::desk::View;
use super::super::form::Form;
use super::super::page::Page;
use super::super::stays::stay;
use super::super::{Answer, AppError, Desk};
use super::{accepted, making};
use crate::clock;
use crate::error::FieldError;
use crate::offers::House;
use crate::offers::outcome::{self, Seen};
use crate::offers::queue::{self, Claim, Place};
use crate::stays::board::{self, Board, Row};
use crate::web::fields::{self, Wrong};
use crate::words::{Message, Money, Words};

const PATH: &str = "/offers/queue";
/// The longest reason.
const LONGEST: usize = 500;

/// The page.
#[derive(Template)]
#[template(path = "offer_queue.html")]
struct QueuePage {
    page: Arc<Page>,
    lines: Vec<QueueLine>,
    typed: Turn,
    errors: Wrong,
}

/// A guest in the queue.
struct QueueLine {
    stay_id: i64,
    name: String,
    name_language: Option<&'static str>,
    also: Option<String>,
    room: String,
    claim: Vec<String>,
    offer: Option<Given>,
    next: bool,
}

/// What a guest would get.
struct Given {
    rule_id: i64,
    title: String,
    why: String,
    worth: String,
    cost: String,
}

/// Who is served; out of turn, why.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Turn {
    stay: String,
    rule: String,
    reason: String,
}

/// `GET /offers/queue`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| show(view, Turn::default(), Vec::new()))
        .await
}

/// Today's arrivals and their queue.
fn places(view: &mut View<'_>, fresh: bool) -> Result<(Vec<Row>, Vec<Place>), AppError> {
    let house = view.house()?.clone();
    let (now, today) = (clock::now(), view.page.today);
    let rows = board::rows(view.conn, Board::Arrivals, house.id, today, today)?;
    let from = if fresh {
        Arc::new(House::load(view.conn, house.id, today, now)?)
    } else {
        view.app.offers.get(view.conn, house.id, today, now)?
    };
    let reference = view.reference();
    let all: Vec<&Row> = rows.iter().collect();
    let places = queue::queue(view.conn, &from, &all, &reference, today, now)?;
    Ok((rows, places))
}

fn show(view: &mut View<'_>, typed: Turn, errors: Vec<FieldError>) -> Result<Answer, AppError> {
    let house = view.house()?.clone();
    let (rows, places) = places(view, false)?;
    let words = view.words();
    let lines = places.iter().filter_map(|place| {
        let row = rows.iter().find(|row| row.stay.id == place.stay_id)?;
        Some(QueueLine {
            stay_id: place.stay_id,
            name: row.guest.name(),
            name_language: row.guest.name_language(),
            also: row.guest.also(),
            room: row
                .room
                .as_ref()
                .map(|room| format!("{} · {}", room.number, room.type_name))
                .or(row.room_type.clone())
                .unwrap_or_default(),
            claim: claim(&place.claim, words),
            offer: place.offer.as_ref().map(|offer| Given {
                rule_id: offer.rule_id,
                title: offer.title(&house.currency, words),
                why: offer.why(&house.currency, words),
                worth: Money::new(offer.worth_minor, &house.currency).to_string(),
                cost: Money::new(offer.cost_minor, &house.currency).to_string(),
            }),
            next: queue::is_next(&places, place.stay_id),
        })
    });
    let page = QueuePage {
        lines: lines.collect(),
        typed,
        errors: fields::wrong(&errors, words),
        page: Arc::clone(&view.page),
    };
    let look = view
        .line("view_offer_queue")
        .detail(format!("{} {}", house.code, view.page.today));
    Ok(Answer::page(&page)?.look(look))
}

/// What speaks for a guest, in the order it counts.
fn claim(claim: &Claim, words: &Words) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some((tier, _)) = &claim.tier {
        parts.push(words.code("tier", tier));
    }
    if claim.open_case {
        parts.push(words.say("offer-why-case").to_owned());
    }
    if let Some(occasion) = claim.occasion {
        parts.push(words.code("offer-occasion", occasion));
    }
    parts.push(words.count("nights", claim.nights));
    parts.push(match claim.last {
        Some(day) => words.tell(&Message::new("upgrades-last").month("month", day)),
        None => words.say("upgrades-never").to_owned(),
    });
    parts
}

/// `POST /offers/queue`: gives an upgrade; out of turn only with a reason.
pub async fn give(desk: Desk, form: Form<Turn>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let wrong = |_| AppError::NotFound;
            let id: i64 = form.stay.parse().map_err(wrong)?;
            let rule: i64 = form.rule.parse().map_err(wrong)?;
            let (_, house, acting) = stay(view, id)?;
            let (_, places) = places(view, true)?;
            let reason = form.reason.trim();
            let in_turn = queue::is_next(&places, id);
            if !in_turn && !(1..=LONGEST).contains(&reason.chars().count()) {
                let message = Message::new("error-queue-reason").number("most", LONGEST as i64);
                return Err(AppError::Invalid(vec![FieldError::new("reason", message)]));
            }
            let seen = Seen {
                price_minor: Some(0),
                out_of_turn: Some(reason).filter(|_| !in_turn),
            };
            let reference = view.reference();
            let making = making(acting, &house, &reference);
            let offer = outcome::hold(view.conn, id, rule, seen, &making)?;
            Ok(accepted(view, id, offer, &making)?.to(PATH))
        },
        show,
    )
    .await
}

/// Which stay a reason is typed for.
impl QueuePage {
    fn error_of(&self, line: &QueueLine) -> Option<&str> {
        let (_, text) = self.errors.iter().find(|(name, _)| *name == "reason")?;
        (self.typed.stay == line.stay_id.to_string()).then_some(text.as_str())
    }

    fn reason_of(&self, line: &QueueLine) -> &str {
        if self.typed.stay == line.stay_id.to_string() {
            &self.typed.reason
        } else {
            ""
        }
    }
}
