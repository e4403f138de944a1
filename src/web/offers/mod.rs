//! Offers at the desk: made, taken, declined and taken back on the card of a stay.

pub mod lines;
pub mod queue;
pub mod report;
pub mod rules;

mod typed;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::desk::View;
use super::form::Form;
use super::login::Nothing;
use super::stays::{card, stay};
use super::{Answer, AppError, Desk};
use crate::clock;
use crate::error::Fault;
use crate::offers::Declined;
use crate::offers::outcome::{self, Making, Seen};
use crate::properties::{Property, Reference};
use crate::stays::arrive::Acting;
use crate::words::{Message, Money};

/// Which offer, and what is done with it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    act: String,
    rule: String,
    /// The whole price the clerk saw.
    price: String,
    reason: String,
}

/// Back to the offers of a stay.
fn place(id: i64) -> String {
    format!("{}#offers", card(id))
}

fn making<'a>(acting: Acting, house: &'a Property, reference: &'a Reference) -> Making<'a> {
    Making {
        acting,
        house,
        reference,
        now: clock::now(),
    }
}

/// `POST /stays/{id}/offers`: held while the clerk speaks; or given or declined at once.
pub async fn make(desk: Desk, id: web::Path<i64>, form: Form<Choice>) -> HttpResponse {
    let id = *id;
    desk.act(form, place(id), move |view, form| {
        let (_, house, acting) = stay(view, id)?;
        let reference = view.reference();
        let making = making(acting, &house, &reference);
        let rule = form.rule.parse().map_err(|_| Fault::NotFound)?;
        let seen = Seen {
            price_minor: form.price.parse().ok(),
            out_of_turn: None,
        };
        let offer = outcome::hold(view.conn, id, rule, seen, &making)?;
        match form.act.as_str() {
            "accept" => accepted(view, id, offer, &making),
            "decline" => declined(view, id, offer, &form.reason, &making),
            _ => {
                let answer =
                    Answer::see(place(id)).say(view.words(), &Message::new("done-offer-held"));
                Ok(changed(view, answer, &house))
            }
        }
    })
    .await
}

/// `POST /stays/{id}/offers/{offer}/accept`
pub async fn accept(desk: Desk, ids: web::Path<(i64, i64)>, form: Form<Nothing>) -> HttpResponse {
    let (id, offer) = *ids;
    desk.act(form, place(id), move |view, _| {
        let (_, house, acting) = stay(view, id)?;
        let reference = view.reference();
        accepted(view, id, offer, &making(acting, &house, &reference))
    })
    .await
}

/// Why an offer is declined.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Refusal {
    reason: String,
}

/// `POST /stays/{id}/offers/{offer}/decline`
pub async fn decline(desk: Desk, ids: web::Path<(i64, i64)>, form: Form<Refusal>) -> HttpResponse {
    let (id, offer) = *ids;
    desk.act(form, place(id), move |view, form| {
        let (_, house, acting) = stay(view, id)?;
        let reference = view.reference();
        declined(
            view,
            id,
            offer,
            &form.reason,
            &making(acting, &house, &reference),
        )
    })
    .await
}

/// `POST /stays/{id}/offers/{offer}/undo`
pub async fn undo(desk: Desk, ids: web::Path<(i64, i64)>, form: Form<Nothing>) -> HttpResponse {
    let (id, offer) = *ids;
    desk.act(form, place(id), move |view, _| {
        let (_, house, acting) = stay(view, id)?;
        let reference = view.reference();
        outcome::undo(view.conn, id, offer, &making(acting, &house, &reference))?;
        let answer = Answer::see(place(id)).say(view.words(), &Message::new("done-offer-undone"));
        Ok(changed(view, answer, &house))
    })
    .await
}

/// Takes what is held, and says what the guest has now.
pub(super) fn accepted(
    view: &mut View<'_>,
    id: i64,
    offer: i64,
    making: &Making<'_>,
) -> Result<Answer, AppError> {
    outcome::accept(view.conn, id, offer, making)?;
    let told = outcome::told(view.conn, offer)?;
    let words = view.words();
    let title = told.title(words);
    let done = match &told.room {
        Some(room) => Message::new("done-offer-room")
            .text("what", title)
            .text("room", room),
        None => Message::new("done-offer").text("what", title),
    };
    let done = Message::new("done-offer-price")
        .message("done", done)
        .money("price", Money::new(told.price_minor, &told.currency));
    let undo = format!("/stays/{id}/offers/{offer}/undo");
    let answer = Answer::see(place(id)).say_undo(words, &done, undo);
    Ok(changed(view, answer, making.house))
}

fn declined(
    view: &mut View<'_>,
    id: i64,
    offer: i64,
    reason: &str,
    making: &Making<'_>,
) -> Result<Answer, AppError> {
    let reason: Declined = reason
        .parse()
        .map_err(|_| Fault::from(Message::new("refused-offer-reason")))?;
    outcome::decline(view.conn, id, offer, reason, making)?;
    let undo = format!("/stays/{id}/offers/{offer}/undo");
    let done = Message::new("done-offer-declined");
    let answer = Answer::see(place(id)).say_undo(view.words(), &done, undo);
    Ok(changed(view, answer, making.house))
}

/// What is free and used up has changed: boards are told, and nothing old is kept.
fn changed(view: &View<'_>, answer: Answer, house: &Property) -> Answer {
    view.app.offers.forget(house.id);
    answer.changed(house.id)
}
