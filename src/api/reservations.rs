//! Reservations: as their source now says them, and as we know them.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::NaiveDateTime;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::door::{Door, Reply, View};
use super::listing::{Cursor, Day, Page};
use super::problem::Problem;
use crate::importing::object::Object;
use crate::importing::stays::{self as reading, FIELDS, Read};
use crate::properties::Property;
use crate::stays::reservation::shown::{self, Asked, Candidate, Shown};
use crate::stays::reservation::{self, Context, Taken};
use crate::stays::{Status, held};
use crate::words::{Language, Money};

/// Where a reservation is: the house's code and the confirmation number.
pub type Place = web::Path<(String, String)>;

/// `PUT /reservations/{property}/{confirmation}`
pub async fn put(door: Door, place: Place) -> HttpResponse {
    let (property, confirmation) = place.into_inner();
    door.write(move |view, body| {
        let house = view.property(&property)?;
        take_in(view, &house, &confirmation, body)
    })
    .await
}

/// Takes a reservation in, and answers with what it is now and whose.
fn take_in(
    view: &mut View<'_>,
    house: &Property,
    confirmation: &str,
    body: &Map<String, Value>,
) -> Result<Reply, Problem> {
    if view.call.if_match.is_some()
        && let Some(now) = shown::by_number(view.conn, house.id, confirmation)?
    {
        view.must_match(&told(&now, house))?;
    }
    let context = view.context()?;
    let read = understand(view, &context, house, confirmation, body)?;
    let given = std::slice::from_ref(&read.reservation);
    let taken = reservation::take_in(view.conn, &context, given)?.pop();
    let taken = taken.ok_or_else(|| Problem::Internal("nothing became of it".into()))?;
    let (outcome, stay_id) = became(taken)?;
    let reference = Arc::clone(&view.reference);
    let teller = view.teller(house, &reference);
    let released = held::release(view.conn, house, confirmation, &teller)?;
    let shown = shown::by_id(view.conn, stay_id)?
        .ok_or_else(|| Problem::Internal("the stay is gone".into()))?;
    if matches!(outcome, "created" | "changed") {
        view.line("put_reservation")
            .guest(shown.stay.guest_id)
            .stay(stay_id, house.id)
            .detail(outcome)
            .insert(view.conn)?;
    }
    let mut body = told(&shown, house);
    if let Some(body) = body.as_object_mut() {
        body.insert("outcome".into(), outcome.into());
        body.insert("released".into(), released.into());
        body.insert("warnings".into(), read.warnings.into());
    }
    let status = if outcome == "created" {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok(Reply::status(status, body).changed(house.id))
}

/// What became of a reservation, in a word, and its stay.
pub fn became(taken: Taken) -> Result<(&'static str, i64), Problem> {
    match taken {
        Taken::New(id) => Ok(("created", id)),
        Taken::Changed(id) => Ok(("changed", id)),
        Taken::Unchanged(id) => Ok(("unchanged", id)),
        Taken::Older(id) => Ok(("older", id)),
        Taken::Refused(rejection) => Err(rejection.into()),
    }
}

/// Reads a reservation of a house.
pub fn understand(
    view: &mut View<'_>,
    context: &Context,
    house: &Property,
    confirmation: &str,
    body: &Map<String, Value>,
) -> Result<Read, Problem> {
    let object = object(confirmation, body)?;
    Ok(reading::read(view.conn, &object, house, context)??)
}

/// What is said of a reservation, with its number from the address.
pub fn object(confirmation: &str, body: &Map<String, Value>) -> Result<Object, Problem> {
    Ok(Object::read(body, FIELDS)?.with("confirmation_number", confirmation))
}

/// `GET /reservations/{property}/{confirmation}`
pub async fn show(door: Door, place: Place) -> HttpResponse {
    let (property, confirmation) = place.into_inner();
    door.read(move |view| {
        let house = view.property(&property)?;
        let shown = shown::by_number(view.conn, house.id, &confirmation)?
            .ok_or_else(|| unknown(&house, &confirmation))?;
        let look = view
            .line("view_stay")
            .guest(shown.stay.guest_id)
            .stay(shown.stay.id, house.id);
        Ok(Reply::ok(told(&shown, &house)).look(look))
    })
    .await
}

/// There is no such reservation.
pub fn unknown(house: &Property, confirmation: &str) -> Problem {
    let number: String = confirmation.chars().take(64).collect();
    Problem::NotFound(format!("'{number}' is not a reservation of {}", house.code))
}

/// Which reservations are listed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    property: String,
    status: Option<Status>,
    arrival_from: Option<Day>,
    arrival_to: Option<Day>,
    cursor: Option<Cursor>,
    limit: Option<usize>,
}

/// `GET /reservations?property=&status=&arrival_from=&arrival_to=&cursor=&limit=`
pub async fn list(door: Door) -> HttpResponse {
    door.find(|view, query: Query| {
        let house = view.property(&query.property)?;
        let page = Page::of(query.cursor, query.limit, "cursor")?;
        let asked = Asked {
            property_id: house.id,
            status: query.status,
            arrival_from: query.arrival_from.map(|Day(date)| date),
            arrival_to: query.arrival_to.map(|Day(date)| date),
            after: page.after,
            most: page.most(),
        };
        let found = shown::list(view.conn, &asked)?;
        let (found, next) = page.cut(found, |shown| shown.stay.id);
        let look = view.line("list_reservations").detail(house.code.as_str());
        let items: Vec<Value> = found.iter().map(|shown| told(shown, &house)).collect();
        Ok(Reply::ok(json!({"items": items, "next_cursor": next})).look(look))
    })
    .await
}

/// A reservation as it is answered.
pub fn told(shown: &Shown, house: &Property) -> Value {
    let stay = &shown.stay;
    let rate = stay.rate_minor.map(|minor| money(minor, &stay.currency));
    let requests: Vec<&str> = stay
        .requested_codes()
        .chain(stay.requested_words())
        .collect();
    json!({
        "property": house.code,
        "confirmation_number": stay.confirmation_number,
        "guest_id": shown.guest_id,
        "status": stay.status,
        "arrival": stay.arrival,
        "departure": stay.departure,
        "room_type": shown.room_type,
        "room": shown.room,
        "rate": rate,
        "currency": stay.currency,
        "channel": stay.channel,
        "agency": stay.agency,
        "adults": stay.adults,
        "children": stay.children,
        "requests": requests,
        "checked_in_at": stay.checked_in_at.map(moment),
        "source_updated_at": shown.source_updated_at.map(moment),
        "updated_at": moment(shown.updated_at),
        "recognition": {
            "decision": stay.decision,
            "guest_id": shown.guest_id,
            "probability": shown.probability,
            "reasons": reasons(stay.reasons.as_deref().unwrap_or_default()),
            "candidates": shown.candidates.iter().map(candidate).collect::<Vec<_>>(),
        },
    })
}

fn candidate(candidate: &Candidate) -> Value {
    json!({
        "guest_id": candidate.guest_id,
        "probability": candidate.probability,
        "reasons": reasons(&candidate.reasons),
    })
}

/// Codes of reasons as words.
pub fn reasons(codes: &str) -> Vec<String> {
    let words = Language::En.words();
    codes
        .split(';')
        .filter(|code| !code.is_empty())
        .map(|code| words.code("reason", code))
        .collect()
}

/// An amount in minor units, as it is answered.
pub fn money(minor: i64, currency: &str) -> Value {
    let money = Money::new(minor, currency);
    json!({"amount": money.major(), "currency": money.currency})
}

/// A moment, as it is answered: RFC 3339 in UTC.
pub fn moment(at: NaiveDateTime) -> String {
    at.and_utc()
        .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
