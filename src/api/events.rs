//! Check-in, check-out, cancellation and no-show, as another system tells them.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};

use super::door::{Door, Reply, View};
use super::held::told as told_held;
use super::problem::Problem;
use super::reservations::{Place, told, unknown};
use crate::error::Rejection;
use crate::importing::object::{Field, Object, Rule};
use crate::properties::Property;
use crate::stays::events::{Event, Heard, Line, hear};
use crate::stays::folio::{Charge, Department};
use crate::stays::reservation::shown;
use crate::stays::{depart, held};
use crate::words::Money;

/// Lines of a folio in one call, at most.
const MOST_CHARGES: usize = 500;

const UPDATED_AT: Field = Field::moment(
    "updated_at",
    "When it happened; what is older than what the source told us changes nothing.",
    "2026-11-20T09:30:00Z",
);
/// The fields of a check-in.
pub const CHECK_IN: &[Field] = &[
    Field::text("room", "Number of the room the guest has.", "1204"),
    UPDATED_AT,
];
/// The fields of an event that says no more than that it happened.
pub const BARE: &[Field] = &[UPDATED_AT];
/// The fields of a line of a folio.
pub const CHARGE: &[Field] = &[
    Field::text("department", "Which part of the house charged.", "room").rule(Rule::OneOf(|| {
        Department::ALL.iter().map(|one| one.as_str()).collect()
    })),
    Field::money(
        "amount",
        "What was charged; below zero for a refund.",
        "880.00",
    ),
    Field::money("cost", "What it cost the house, where known.", "120.00"),
];

/// `POST /reservations/{property}/{confirmation}/check-in`
pub async fn check_in(door: Door, place: Place) -> HttpResponse {
    event(door, place, |body| {
        let object = Object::read(body, CHECK_IN)?;
        let room = object.required("room")?;
        Ok((Event::CheckIn { room }, object.moment("updated_at")?))
    })
    .await
}

/// `POST /reservations/{property}/{confirmation}/check-out`
pub async fn check_out(door: Door, place: Place) -> HttpResponse {
    event(door, place, |body| {
        let mut body = body.clone();
        let charges = charges(body.remove("charges"))?;
        let object = Object::read(&body, BARE)?;
        Ok((Event::CheckOut { charges }, object.moment("updated_at")?))
    })
    .await
}

/// `POST /reservations/{property}/{confirmation}/cancel`
pub async fn cancel(door: Door, place: Place) -> HttpResponse {
    event(door, place, |body| {
        Ok((
            Event::Cancel,
            Object::read(body, BARE)?.moment("updated_at")?,
        ))
    })
    .await
}

/// `POST /reservations/{property}/{confirmation}/no-show`
pub async fn no_show(door: Door, place: Place) -> HttpResponse {
    event(door, place, |body| {
        Ok((
            Event::NoShow,
            Object::read(body, BARE)?.moment("updated_at")?,
        ))
    })
    .await
}

/// `POST /reservations/{property}/{confirmation}/charges`: lines posted after check-out, below zero for a refund.
pub async fn correct(door: Door, place: Place) -> HttpResponse {
    let (property, confirmation) = place.into_inner();
    door.write(move |view, body| {
        let house = view.property(&property)?;
        let mut body = body.clone();
        let lines = charges(body.remove("charges"))?;
        Object::read(&body, &[])?;
        if lines.is_empty() {
            let reason = "is empty; send what is charged or refunded";
            return Err(Problem::field("charges", reason));
        }
        let found = shown::by_number(view.conn, house.id, &confirmation)?;
        let stay = found.ok_or_else(|| unknown(&house, &confirmation))?.stay;
        let reference = Arc::clone(&view.reference);
        let acting = view.teller(&house, &reference).acting;
        let lines: Vec<Charge> = lines.iter().map(|line| line.charge(acting.today)).collect();
        let points = depart::correct(view.conn, stay.id, &lines, acting)?;
        let shown = shown::by_id(view.conn, stay.id)?
            .ok_or_else(|| Problem::Internal("the stay is gone".into()))?;
        let mut body = told(&shown, &house);
        if let Some(body) = body.as_object_mut() {
            body.insert("points".into(), points.into());
        }
        Ok(Reply::ok(body))
    })
    .await
}

type Understood = Result<(Event, Option<NaiveDateTime>), Rejection>;

async fn event(
    door: Door,
    place: Place,
    understand: fn(&Map<String, Value>) -> Understood,
) -> HttpResponse {
    let (property, confirmation) = place.into_inner();
    door.write(move |view, body| {
        let house = view.property(&property)?;
        let (event, at) = understand(body)?;
        if !(1..=64).contains(&confirmation.chars().count()) {
            let reason = "is longer than 64 characters; shorten it";
            return Err(Problem::field("confirmation_number", reason));
        }
        tell(view, &house, &confirmation, &event, at)
    })
    .await
}

fn tell(
    view: &mut View<'_>,
    house: &Property,
    number: &str,
    event: &Event,
    at: Option<NaiveDateTime>,
) -> Result<Reply, Problem> {
    let reference = Arc::clone(&view.reference);
    let teller = view.teller(house, &reference);
    if let Some(now) = shown::by_number(view.conn, house.id, number)? {
        view.must_match(&told(&now, house))?;
    }
    let heard = hear(view.conn, house, number, event, at, &teller)?;
    let (outcome, points) = match heard {
        Heard::Changed { points, .. } => ("changed", points),
        Heard::Unchanged(_) => ("unchanged", 0),
        Heard::Older(_) => ("older", 0),
        Heard::Waits(reason) => {
            let held = held::hold(view.conn, house, number, event, at, reason, &teller)?;
            let body = json!({"outcome": "held", "held": told_held(&held, house)});
            return Ok(Reply::status(StatusCode::ACCEPTED, body));
        }
    };
    let released = held::release(view.conn, house, number, &teller)?;
    let shown = shown::by_number(view.conn, house.id, number)?
        .ok_or_else(|| Problem::Internal("the stay is gone".into()))?;
    let mut body = told(&shown, house);
    if let Some(body) = body.as_object_mut() {
        body.insert("outcome".into(), outcome.into());
        body.insert("points".into(), points.into());
        body.insert("released".into(), released.into());
    }
    Ok(Reply::ok(body).changed(house.id))
}

fn charges(given: Option<Value>) -> Result<Vec<Line>, Rejection> {
    let wrong = |reason: &str| Err(Rejection::new("charges", reason));
    let items = match given {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return wrong("is not a list of {department, amount, cost?}"),
    };
    if items.len() > MOST_CHARGES {
        return wrong("has more than 500 lines; send sums by department");
    }
    let lines = items.iter().enumerate().map(|(index, item)| {
        charge(item).map_err(|rejection| {
            let field = format!("charges[{index}].{}", rejection.column);
            Rejection::new(&field, rejection.reason)
        })
    });
    lines.collect()
}

fn charge(item: &Value) -> Result<Line, Rejection> {
    let Value::Object(item) = item else {
        return Err(Rejection::new("", "is not an object"));
    };
    let object = Object::read(item, CHARGE)?;
    let department: Department = object
        .required("department")?
        .parse()
        .map_err(|error: String| Rejection::new("department", error))?;
    let currency = item
        .get("amount")
        .and_then(|amount| amount.get("currency"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_uppercase();
    let minor = |field: &str, text: &str| {
        Money::parse(text, &currency).map_err(|error| Rejection::new(field, error))
    };
    let cost = object.optional("cost");
    Ok(Line {
        department,
        amount_minor: minor("amount", &object.required("amount")?)?,
        cost_minor: cost.map(|text| minor("cost", &text)).transpose()?,
        currency,
    })
}
