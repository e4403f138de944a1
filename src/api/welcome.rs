//! The welcome card as data: what the card's page is built from.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::{Door, Reply, View};
use super::guests;
use super::problem::Problem;
use super::reservations;
use crate::clock;
use crate::guests::Guest;
use crate::offers;
use crate::offers::choose::Offer;
use crate::promises;
use crate::properties::Property;
use crate::stays::board::{self, Row};
use crate::stays::readings;
use crate::stays::reservation::shown;
use crate::stays::{Status, history};
use crate::welcome::Card;
use crate::words::{Message, Words};

/// For which visit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    property: String,
    confirmation: Option<String>,
}

/// `GET /guests/{id}/welcome?property=&confirmation=`
///
/// Without a number: the stay the guest is in at the house, or the next to come.
pub async fn card(door: Door, id: web::Path<String>) -> HttpResponse {
    door.find(move |view, query: Query| {
        let house = view.property(&query.property)?;
        let guest = guests::guest(view, &id)?;
        let stay_id = match &query.confirmation {
            Some(number) => named(view, &house, &guest, number)?,
            None => nearest(view, &house, &guest)?,
        };
        let row = board::row(view.conn, stay_id)?
            .ok_or_else(|| Problem::NotFound("the stay is gone".into()))?;
        let look = view
            .line("view_stay")
            .guest(row.guest.id)
            .stay(stay_id, house.id);
        let now = clock::now();
        let today = house.business_date(now);
        let offers = if row.is_open() {
            offers(view, &house, &row, today, now)?
        } else {
            Vec::new()
        };
        let mut told = told(view, &house, &row, offers, today);
        let beside = beside(view, &row)?;
        if let (Some(told), Value::Object(beside)) = (told.as_object_mut(), beside) {
            told.extend(beside);
        }
        Ok(Reply::ok(told).look(look))
    })
    .await
}

/// What the stay can be offered now.
fn offers(
    view: &mut View<'_>,
    house: &Property,
    row: &Row,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<Vec<Value>, Problem> {
    let from = view.app.offers.get(view.conn, house.id, today, now)?;
    let reference = Arc::clone(&view.reference);
    let mut found = offers::of_rows(view.conn, &from, &[row], &reference, today, now)?;
    let on_stay = found.remove(&row.stay.id).unwrap_or_default();
    let offers = on_stay.now.iter();
    Ok(offers
        .map(|offer| offered(offer, house, view.words()))
        .collect())
}

/// What the card says beside itself: how the promises of the stay before were kept, and what the booking's words seem to
/// ask for.
fn beside(view: &mut View<'_>, row: &Row) -> Result<Value, Problem> {
    let last = promises::of_last(view.conn, row)?;
    let last = last.map(|last| json!({"kept": last.kept, "of": last.of, "missed": last.missed}));
    let read = readings::undecided(view.conn, &row.stay, &row.memory.preferences)?;
    let words = view.words();
    let suggestions = read.iter().map(|one| {
        json!({
            "preference": one.feature.code,
            "label": one.feature.label(words.language),
            "strength": one.strength,
            "words": one.words,
        })
    });
    Ok(json!({"last_promises": last, "suggestions": suggestions.collect::<Vec<_>>()}))
}

fn named(
    view: &mut View<'_>,
    house: &Property,
    guest: &Guest,
    number: &str,
) -> Result<i64, Problem> {
    let found = shown::by_number(view.conn, house.id, number)?;
    let found = found.ok_or_else(|| reservations::unknown(house, number))?;
    let of = Guest::by_ids(view.conn, &[found.stay.guest_id])?;
    if of.iter().any(|of| of.person_id == guest.person_id) {
        return Ok(found.stay.id);
    }
    let detail = format!("'{number}' is not a reservation of this guest");
    Err(Problem::NotFound(detail))
}

fn nearest(view: &mut View<'_>, house: &Property, guest: &Guest) -> Result<i64, Problem> {
    let stays = history::of_persons(view.conn, &[guest.person_id])?;
    let here = || stays.iter().filter(|stay| stay.property_id == house.id);
    let next = here()
        .filter(|stay| stay.status == Status::Reserved)
        .min_by_key(|stay| stay.arrival);
    here()
        .find(|stay| stay.status == Status::InHouse)
        .or(next)
        .map(|stay| stay.id)
        .ok_or_else(|| {
            let detail = format!("the guest is neither in {} nor expected there", house.code);
            Problem::NotFound(detail)
        })
}

fn told(
    view: &View<'_>,
    house: &Property,
    row: &Row,
    offers: Vec<Value>,
    today: NaiveDate,
) -> Value {
    let words = view.words();
    let visit = row.visit(&view.reference, today);
    let card = Card::of(&visit);
    let last = visit.last_stay().map(|last| {
        let house = view.reference.property(last.property_id);
        json!({
            "property": house.map(|house| &house.code),
            "arrival": last.arrival,
            "departure": last.departure,
            "room": last.room,
        })
    });
    let (kept, of) = card.kept();
    json!({
        "guest_id": row.guest.public_id,
        "name": row.guest.name(),
        "property": house.code,
        "confirmation_number": row.stay.confirmation_number,
        "status": row.stay.status,
        "arrival": row.stay.arrival,
        "departure": row.stay.departure,
        "room": row.room.as_ref().map(|room| &room.number),
        "decision": row.stay.decision,
        "stay_number": card.number,
        "stay_number_here": card.number_here,
        "last_stay": last,
        "alerts": alerts(&card, words),
        "say": tell(&card.say, words),
        "do": tell(&card.to_do, words),
        "avoid": tell(&card.avoid, words),
        "wishes": wishes(&card, words),
        "wishes_kept": {"kept": kept, "of": of},
        "offers": offers,
        "loyalty": guests::loyalty(&row.memory),
    })
}

/// An offer that can be made now, in the order the desk sees them.
fn offered(offer: &Offer, house: &Property, words: &Words) -> Value {
    let money = |minor| reservations::money(minor, &house.currency);
    json!({
        "kind": offer.kind,
        "what": offer.title(&house.currency, words),
        "room_type": offer.target.as_ref().map(|kind| &kind.code),
        "nights": offer.nights,
        "each": money(offer.each_minor),
        "price": money(offer.price_minor),
        "worth": money(offer.worth_minor),
        "reasons": offer.reasons.iter().map(|reason| reason.tell(words)).collect::<Vec<_>>(),
    })
}

fn tell(messages: &[Message], words: &Words) -> Vec<String> {
    messages.iter().map(|message| words.tell(message)).collect()
}

/// The alerts of a card, worst first.
pub fn alerts(card: &Card, words: &Words) -> Vec<Value> {
    let alerts = card.alerts.iter().map(|alert| {
        json!({
            "subject": alert.subject,
            "tier": alert.tier,
            "text": words.tell(&alert.text),
            "evidence": alert.evidence.as_ref().map(|evidence| words.tell(evidence)),
        })
    });
    alerts.collect()
}

fn wishes(card: &Card, words: &Words) -> Vec<Value> {
    let wishes = card.wishes.iter().map(|answered| {
        let wish = &answered.wish;
        json!({
            "preference": wish.feature.code,
            "label": wish.feature.label(words.language),
            "strength": wish.strength,
            "answer": answered.answer,
            "evidence": words.tell(&wish.evidence),
            "as_of": wish.as_of,
            "for_this_stay": wish.for_this_stay,
        })
    });
    wishes.collect()
}
