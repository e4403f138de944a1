//! `/stays/{id}/promises`: were the wishes of this stay kept? During the stay, at check-out, and put right after.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::contradictions::wish_text;
use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::page::Page;
use super::stays::{card, stay};
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::guests::Guest;
use crate::promises::{self, Mark, Outcome, Promise};
use crate::stays::board::{self, Row};
use crate::stays::{Status, Stay};
use crate::words::{Message, Words};

/// A promise as it is asked about.
pub(super) struct PromiseLine {
    pub(super) code: String,
    pub(super) text: String,
    pub(super) outcome: Option<Outcome>,
    pub(super) by_room: bool,
}

impl PromiseLine {
    pub(super) fn all(promises: Vec<Promise>, words: &Words) -> Vec<Self> {
        let lines = promises.into_iter().map(|promise| Self {
            text: wish_text(&promise.code, promise.strength, words),
            by_room: promise.marked_by.is_none() && promise.outcome.is_some(),
            outcome: promise.outcome,
            code: promise.code,
        });
        lines.collect()
    }

    pub(super) fn is(&self, outcome: &str) -> bool {
        self.outcome.map_or("unknown", Outcome::as_str) == outcome
    }
}

/// The page.
#[derive(Template)]
#[template(path = "stay_promises.html")]
struct PromisesPage {
    page: Arc<Page>,
    stay: Stay,
    guest: Guest,
    promises: Vec<PromiseLine>,
    errors: Wrong,
}

/// What is said of each wish: `bathtub:missed`.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Said {
    promise: Vec<String>,
}

impl Said {
    fn marks(&self) -> Result<Vec<Mark>, AppError> {
        marks(&self.promise)
    }
}

/// What was chosen, as marks.
pub(super) fn marks(said: &[String]) -> Result<Vec<Mark>, AppError> {
    let mark = |one: &String| {
        let (code, outcome) = one.split_once(':')?;
        let outcome = match outcome {
            "unknown" => None,
            outcome => Some(outcome.parse().ok()?),
        };
        Some(Mark {
            code: code.to_owned(),
            outcome,
        })
    };
    let read = said.iter().map(|one| {
        mark(one).ok_or_else(|| {
            let message = Message::new("error-promise").text("text", one);
            AppError::Invalid(vec![FieldError::new("promises", message)])
        })
    });
    read.collect()
}

/// `GET /stays/{id}/promises`
pub async fn page(desk: Desk, id: web::Path<i64>) -> HttpResponse {
    desk.page(move |view| show(view, *id, Vec::new())).await
}

fn show(view: &mut View<'_>, id: i64, errors: Vec<FieldError>) -> Result<Answer, AppError> {
    let row = board::row(view.conn, id)?.ok_or(AppError::NotFound)?;
    let house = view.in_house(row.stay.property_id)?;
    let acting = view.acting(&house);
    let standing = promises::standing(view.conn, &row, &view.reference(), acting)?;
    let words = view.words();
    let look = view
        .line("view_stay")
        .guest(row.guest.id)
        .stay(id, house.id);
    let page = PromisesPage {
        page: Arc::clone(&view.page),
        promises: PromiseLine::all(standing, words),
        errors: fields::wrong(&errors, words),
        stay: row.stay,
        guest: row.guest,
    };
    Ok(Answer::page(&page)?.look(look))
}

/// `POST /stays/{id}/promises`
pub async fn save(desk: Desk, id: web::Path<i64>, form: Form<Said>) -> HttpResponse {
    let id = *id;
    desk.submit(
        form,
        move |view, said| {
            let (_, _, acting) = stay(view, id)?;
            promises::mark(view.conn, id, &said.marks()?, &view.reference(), acting)?;
            Ok(Answer::see(card(id)).say(view.words(), &Message::new("done-promises")))
        },
        move |view, _, errors| show(view, id, errors),
    )
    .await
}

/// Whether a stay has wishes to be marked: the guest is here, or has been.
pub(super) fn has_promises(stay: &Stay) -> bool {
    matches!(stay.status, Status::InHouse | Status::Departed)
}

/// "Last time we kept 4 of 5 wishes; missed: feather-free bedding."
pub(super) fn last_kept(view: &mut View<'_>, row: &Row) -> Result<Option<String>, AppError> {
    let Some(last) = promises::of_last(view.conn, row)? else {
        return Ok(None);
    };
    let key = if last.missed.is_empty() {
        "promises-last"
    } else {
        "promises-last-missed"
    };
    let mut message = Message::new(key)
        .number("kept", last.kept)
        .number("of", last.of);
    if !last.missed.is_empty() {
        message = message.features("missed", last.missed);
    }
    Ok(Some(view.words().tell(&message)))
}
