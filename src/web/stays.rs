//! What is done with a stay: check-in, room, check-out, cancel, no-show; and the walk-in.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::login::Nothing;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::guests::Guest;
use crate::properties::Property;
use crate::rooms::{self, Housekeeping, Room};
use crate::stays::arrive::{self, Acting};
use crate::stays::walk_in::{self, WalkIn};
use crate::stays::{Status, Stay};
use crate::words::Message;

pub(super) fn card(id: i64) -> String {
    format!("/stays/{id}")
}

/// The stay, if it is in a house of the clerk's, with the house and who acts.
pub(super) fn stay(view: &mut View<'_>, id: i64) -> Result<(Stay, Property, Acting), AppError> {
    let stay = Stay::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
    let house = view.in_house(stay.property_id)?;
    let acting = view.acting(&house);
    Ok((stay, house, acting))
}

pub(super) fn guest_name(view: &mut View<'_>, stay: &Stay) -> Result<String, AppError> {
    Ok(Guest::by_ids(view.conn, &[stay.guest_id])?
        .first()
        .map(Guest::name)
        .unwrap_or_default())
}

#[derive(Deserialize)]
pub struct CheckIn {
    #[serde(default)]
    room: String,
    early: Option<String>,
    #[serde(default)]
    back: String,
}

/// `POST /stays/{id}/check-in`
pub async fn check_in(desk: Desk, id: web::Path<i64>, form: Form<CheckIn>) -> HttpResponse {
    let id = *id;
    desk.act(form, card(id), move |view, form| {
        let (stay, house, acting) = stay(view, id)?;
        arrive::check_in(view.conn, id, &form.room, form.early.is_some(), acting)?;
        let name = guest_name(view, &stay)?;
        let done = Message::new("done-check-in")
            .text("guest", name)
            .text("room", form.room);
        let back = if form.back == "/arrivals" {
            format!("/arrivals#stay-{id}")
        } else {
            card(id)
        };
        Ok(Answer::see(back)
            .say_undo(view.words(), &done, format!("/stays/{id}/undo-check-in"))
            .changed(house.id))
    })
    .await
}

/// `POST /stays/{id}/undo-check-in`
pub async fn undo_check_in(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    let id = *id;
    desk.act(form, card(id), move |view, _| {
        let (stay, house, acting) = stay(view, id)?;
        let on = stay
            .checked_in_at
            .map_or(acting.today, |at| house.business_date(at));
        arrive::undo_check_in(view.conn, id, on, acting)?;
        Ok(Answer::see(card(id))
            .say(view.words(), &Message::new("done-undo-check-in"))
            .changed(house.id))
    })
    .await
}

/// `POST /stays/{id}/cancel`
pub async fn cancel(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    end(desk, *id, form, Status::Cancelled, "done-cancel").await
}

/// `POST /stays/{id}/no-show`
pub async fn no_show(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    end(desk, *id, form, Status::NoShow, "done-no-show").await
}

async fn end(
    desk: Desk,
    id: i64,
    form: Form<Nothing>,
    status: Status,
    done: &'static str,
) -> HttpResponse {
    desk.act(form, card(id), move |view, _| {
        let (_, house, acting) = stay(view, id)?;
        arrive::end_reservation(view.conn, id, status, acting)?;
        let undo = format!("/stays/{id}/reinstate");
        Ok(Answer::see(card(id))
            .say_undo(view.words(), &Message::new(done), undo)
            .changed(house.id))
    })
    .await
}

/// `POST /stays/{id}/reinstate`
pub async fn reinstate(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    let id = *id;
    desk.act(form, card(id), move |view, _| {
        let (_, house, acting) = stay(view, id)?;
        arrive::reinstate(view.conn, id, acting)?;
        Ok(Answer::see(card(id))
            .say(view.words(), &Message::new("done-reinstate"))
            .changed(house.id))
    })
    .await
}

/// The page for a guest without a reservation.
#[derive(Template)]
#[template(path = "walk_in.html")]
struct WalkInPage {
    page: Arc<Page>,
    typed: WalkIn,
    rooms: Vec<Room>,
    errors: Wrong,
}

impl WalkInPage {
    /// What was typed, or what most are.
    fn or<'a>(&self, typed: &'a str, usual: &'a str) -> &'a str {
        if typed.is_empty() && self.errors.is_empty() {
            usual
        } else {
            typed
        }
    }

    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

/// `GET /stays/new`
pub async fn walk_in_form(desk: Desk) -> HttpResponse {
    desk.page(|view| show_walk_in(view, WalkIn::default(), Vec::new()))
        .await
}

/// `POST /stays`: a walk-in, recognised and checked in.
pub async fn walk_in(desk: Desk, form: Form<WalkIn>) -> HttpResponse {
    desk.submit(
        form,
        |view, typed| {
            let house = view.house()?.clone();
            let acting = view.acting(&house);
            let id = walk_in::welcome(view.conn, &view.app.keys, &house, typed, acting)?;
            let done = Message::new("done-check-in")
                .text("guest", typed.guest.name())
                .text("room", typed.room.trim());
            Ok(Answer::see(card(id))
                .say(view.words(), &done)
                .changed(house.id))
        },
        show_walk_in,
    )
    .await
}

fn show_walk_in(
    view: &mut View<'_>,
    typed: WalkIn,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let house = view.house()?.clone();
    let today = house.business_date(crate::clock::now());
    let nights = typed.nights.trim().parse().unwrap_or(1_u64).clamp(1, 30);
    let taken = rooms::taken(
        view.conn,
        house.id,
        today,
        today + chrono::Days::new(nights),
        0,
    )?;
    let rooms = rooms::of_property(view.conn, house.id)?
        .into_iter()
        .filter(|room| room.housekeeping == Housekeeping::Clean && !taken.contains(&room.id))
        .collect();
    let errors = fields::wrong(&errors, view.words());
    Answer::page(&WalkInPage {
        page: Arc::clone(&view.page),
        typed,
        rooms,
        errors,
    })
}
