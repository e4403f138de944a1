//! Check-out: the folio closed, the points posted.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::page::Page;
use super::promises::{PromiseLine, marks};
use super::stays::{card, guest_name, stay};
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::guests::Guest;
use crate::promises;
use crate::stays::arrive::Acting;
use crate::stays::board;
use crate::stays::folio::{Charge, Department};
use crate::stays::{Stay, depart, folio};
use crate::words::{Message, Money};

/// The page that closes a folio.
#[derive(Template)]
#[template(path = "check_out.html")]
struct CheckOutPage {
    page: Arc<Page>,
    stay: Stay,
    guest: Guest,
    room: Option<String>,
    posted: Vec<Charge>,
    lines: Vec<ChargeField>,
    promises: Vec<PromiseLine>,
    errors: Wrong,
    earns: bool,
}

impl CheckOutPage {
    fn money(&self, minor: &i64) -> String {
        Money::new(*minor, &self.stay.currency).to_string()
    }

    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

/// One amount to be typed.
struct ChargeField {
    department: Department,
    amount: String,
}

/// Amounts by department, as typed.
#[derive(Default, Deserialize)]
pub struct Amounts {
    #[serde(default)]
    room: String,
    #[serde(default)]
    food: String,
    #[serde(default)]
    spa: String,
    #[serde(default)]
    minibar: String,
    #[serde(default)]
    other: String,
    /// What became of each wish: `bathtub:missed`.
    #[serde(default)]
    promise: Vec<String>,
}

impl Amounts {
    fn of(&self, department: Department) -> &str {
        match department {
            Department::Room => &self.room,
            Department::Food => &self.food,
            Department::Spa => &self.spa,
            Department::Minibar => &self.minibar,
            Department::Other => &self.other,
        }
        .trim()
    }
}

/// `GET /stays/{id}/check-out`
pub async fn page(desk: Desk, id: web::Path<i64>) -> HttpResponse {
    desk.page(move |view| {
        let (stay, ..) = stay(view, *id)?;
        let lodging = folio::has_lodging(view.conn, stay.id)?;
        let room = stay
            .rate_minor
            .filter(|_| !lodging)
            .map(|rate| Money::new(rate * stay.nights().max(1), &stay.currency).major());
        let amounts = Amounts {
            room: room.unwrap_or_default(),
            ..Amounts::default()
        };
        show(view, stay.id, &amounts, Vec::new())
    })
    .await
}

/// `POST /stays/{id}/check-out`
pub async fn post(desk: Desk, id: web::Path<i64>, form: Form<Amounts>) -> HttpResponse {
    let id = *id;
    desk.submit(
        form,
        move |view, amounts| {
            let (stay, house, acting) = stay(view, id)?;
            let charges = charges(amounts, &stay, acting)?;
            let marks = marks(&amounts.promise)?;
            promises::mark(view.conn, id, &marks, &view.reference(), acting)?;
            let departed = depart::check_out(view.conn, id, &charges, &view.reference(), acting)?;
            let guest = guest_name(view, &stay)?;
            let done = Message::new("done-check-out")
                .text("guest", guest)
                .text("points", view.words().number(departed.points));
            Ok(Answer::see(card(id))
                .say(view.words(), &done)
                .changed(house.id))
        },
        move |view, amounts, errors| show(view, id, &amounts, errors),
    )
    .await
}

fn show(
    view: &mut View<'_>,
    id: i64,
    amounts: &Amounts,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let row = board::row(view.conn, id)?.ok_or(AppError::NotFound)?;
    let house = view.in_house(row.stay.property_id)?;
    let posted = folio::of_stay(view.conn, id)?;
    let acting = view.acting(&house);
    let standing = promises::standing(view.conn, &row, &view.reference(), acting)?;
    let words = view.words();
    let mut promises = PromiseLine::all(standing, words);
    for mark in marks(&amounts.promise).unwrap_or_default() {
        let asked = promises.iter_mut().find(|one| one.code == mark.code);
        if let Some(asked) = asked {
            asked.outcome = mark.outcome;
        }
    }
    let page = CheckOutPage {
        page: Arc::clone(&view.page),
        room: row.room.map(|room| room.number),
        posted,
        promises,
        lines: Department::ALL
            .iter()
            .map(|&department| ChargeField {
                department,
                amount: amounts.of(department).to_owned(),
            })
            .collect(),
        errors: fields::wrong(&errors, words),
        earns: row.memory.account.is_some(),
        stay: row.stay,
        guest: row.guest,
    };
    let look = view
        .line("view_folio")
        .guest(page.guest.id)
        .stay(id, house.id);
    Ok(Answer::page(&page)?.look(look))
}

/// What was typed as charges; every field that can't be an amount is named.
fn charges(amounts: &Amounts, stay: &Stay, acting: Acting) -> Result<Vec<Charge>, AppError> {
    let mut errors = Vec::new();
    let mut charges = Vec::new();
    for &department in Department::ALL {
        let typed = amounts.of(department);
        if typed.is_empty() {
            continue;
        }
        match Money::parse(typed, &stay.currency) {
            Ok(0) => {}
            Ok(amount_minor) => charges.push(Charge {
                department,
                description: None,
                amount_minor,
                cost_minor: None,
                currency: stay.currency.clone(),
                posted_on: acting.today,
            }),
            Err(_) => errors.push(FieldError::new(
                department.as_str(),
                Message::new("error-amount").text("text", typed),
            )),
        }
    }
    if errors.is_empty() {
        Ok(charges)
    } else {
        Err(AppError::Invalid(errors))
    }
}
