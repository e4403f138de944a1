//! What is on a plan beside its tables: drawings, tables put together, services, days off.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::Here;
use super::plan::{plan_path, saved, show};
use crate::dining::Service;
use crate::dining::editing::{self, Part};
use crate::web::desk::View;
use crate::web::fields::{self, Reading, invalid};
use crate::web::form::Form;
use crate::web::{AppError, Desk};
use crate::words::Message;

/// The latest a service closes: noon of the day after.
const LATEST: i64 = 2160;

/// What else is added to a plan: something drawn, tables put together, a service, a day off.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PartForm {
    part: String,
    kind: String,
    label: String,
    x: String,
    y: String,
    width: String,
    height: String,
    tables: Vec<String>,
    seats: String,
    meal: String,
    weekday: Vec<u32>,
    opens_at: String,
    closes_at: String,
    turn_small: String,
    turn_middle: String,
    turn_large: String,
    date: String,
}

/// `POST /restaurant/{outlet}/plan/parts`
pub async fn add(desk: Desk, outlet: web::Path<String>, form: Form<PartForm>) -> HttpResponse {
    let again = outlet.clone();
    desk.submit(
        form,
        move |view, form| {
            let here = Here::at(view, &outlet)?;
            let acting = here.acting(view);
            match form.part.as_str() {
                "mark" => mark(view, &here, form)?,
                "combination" => combination(view, &here, form)?,
                "service" => {
                    let service = service(&here, form)?;
                    editing::add_service(view.conn, &service, acting)?;
                }
                "closure" => {
                    let mut reading = Reading::default();
                    let date = reading.value("closed-date", fields::date(&form.date));
                    editing::close(view.conn, reading.done(date)?, None, acting)?;
                }
                _ => return Err(AppError::NotFound),
            }
            saved(view, &here, None)
        },
        move |view, _, errors| {
            let here = Here::at(view, &again)?;
            show(view, here, None, None, errors)
        },
    )
    .await
}

/// Something drawn beside the tables.
fn mark(view: &mut View<'_>, here: &Here, form: &PartForm) -> Result<(), AppError> {
    let kind = form.kind.parse().map_err(|_| AppError::NotFound)?;
    let label: String = form.label.trim().chars().take(60).collect();
    let label = Some(label.as_str()).filter(|label| !label.is_empty());
    let (width, height) = (here.outlet.width, here.outlet.height);
    let mut reading = Reading::default();
    let places = [
        ("mark-x", &form.x, 0, width),
        ("mark-y", &form.y, 0, height),
        ("mark-width", &form.width, 5, width),
        ("mark-height", &form.height, 5, height),
    ]
    .map(|(field, text, least, most)| reading.number(field, text, least, most));
    let places = reading.done(Some(places))?;
    let acting = here.acting(view);
    Ok(editing::add_mark(view.conn, kind, label, places, acting)?)
}

/// Tables that can be put together.
fn combination(view: &mut View<'_>, here: &Here, form: &PartForm) -> Result<(), AppError> {
    let ids = form.tables.iter().filter_map(|id| id.parse().ok());
    let tables: Vec<i64> = ids.collect();
    let mut reading = Reading::default();
    let seats = reading.number("combined-seats", &form.seats, 2, 99);
    let seats = reading.done(Some(seats))?;
    let acting = here.acting(view);
    Ok(editing::combine(view.conn, &tables, seats, acting)?)
}

/// A service as it was typed: times as "17:30", the end after midnight where it is before the beginning.
fn service(here: &Here, form: &PartForm) -> Result<Service, AppError> {
    let mut reading = Reading::default();
    let weekdays = form
        .weekday
        .iter()
        .filter(|day| **day < 7)
        .fold(0, |days, day| days | 1 << day);
    if weekdays == 0 {
        reading.wrong("weekday", Message::new("error-weekdays"));
    }
    let opens_at = reading.value("opens_at", fields::time(&form.opens_at));
    let closes_at = reading.value("closes_at", fields::time(&form.closes_at));
    let [turn_small, turn_middle, turn_large] = [
        ("turn_small", &form.turn_small),
        ("turn_middle", &form.turn_middle),
        ("turn_large", &form.turn_large),
    ]
    .map(|(field, text)| reading.number(field, text, 15, 480));
    let (opens_at, closes_at) = reading.done(opens_at.zip(closes_at))?;
    let service = Service {
        id: 0,
        outlet_id: here.outlet.id,
        meal: form.meal.parse().map_err(|_| AppError::NotFound)?,
        weekdays,
        opens_at,
        closes_at: if closes_at <= opens_at {
            closes_at + 1440
        } else {
            closes_at
        },
        turn_small,
        turn_middle,
        turn_large,
    };
    if service.closes_at > LATEST {
        return Err(invalid("closes_at", Message::new("error-service-long")));
    }
    match editing::overlaps(&here.hours.services, &service) {
        Some(other) => Err(invalid(
            "opens_at",
            Message::new("error-service-overlaps").message("meal", super::stand::meal_name(other)),
        )),
        None => Ok(service),
    }
}

/// What is taken away.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Gone {
    mark: String,
    combination: String,
    service: String,
    closure: String,
}

/// `POST /restaurant/{outlet}/plan/remove`
pub async fn remove(desk: Desk, outlet: web::Path<String>, form: Form<Gone>) -> HttpResponse {
    desk.act(form, plan_path(&outlet), move |view, form| {
        let here = Here::at(view, &outlet)?;
        let part = match (
            form.mark.parse(),
            form.combination.parse(),
            form.service.parse(),
            form.closure.parse(),
        ) {
            (Ok(id), ..) => Part::Mark(id),
            (_, Ok(id), ..) => Part::Combination(id),
            (_, _, Ok(id), _) => Part::Service(id),
            (.., Ok(date)) => Part::Closure(date),
            _ => return Err(AppError::NotFound),
        };
        editing::remove(view.conn, part, here.acting(view))?;
        saved(view, &here, None)
    })
    .await
}
