//! Whose booking is this? Asked, and nothing stored.

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

use super::door::{Door, Reply, View};
use super::problem::Problem;
use super::reservations::reasons;
use crate::guests::Guest;
use crate::importing::object::Object;
use crate::importing::stays::{FIELDS, read_guest};
use crate::recognition::{self, Known, Signals, Verdict, verdict};

/// `POST /recognize`
pub async fn ask(door: Door) -> HttpResponse {
    door.ask(|view, body| {
        let found = recognise(view, body)?;
        let mut ids: Vec<i64> = found.candidates.iter().map(|one| one.guest_id).collect();
        ids.extend(found.guest_id);
        let guests = Guest::by_ids(view.conn, &ids)?;
        let looks = guests
            .iter()
            .map(|guest| view.line("recognize").guest(guest.id));
        let reply = Reply::ok(told(&found, &guests));
        Ok(looks.fold(reply, Reply::look))
    })
    .await
}

fn recognise(view: &mut View<'_>, body: &Map<String, Value>) -> Result<Verdict, Problem> {
    let object = Object::read(body, FIELDS)?;
    let context = view.context()?;
    let booked = read_guest(&object, &context)?;
    if booked.given_name.is_none() && booked.family_name.is_none() {
        let reason =
            "is empty, and so is given_name; whose booking it is can't be told without a name";
        return Err(Problem::field("family_name", reason));
    }
    let signals = Signals::of(&booked, &context.secrets);
    let known = Known::load(view.conn, std::slice::from_ref(&signals))?;
    Ok(verdict(&signals, &known, &recognition::current(view.conn)?))
}

fn told(found: &Verdict, guests: &[Guest]) -> Value {
    let id = found.guest_id.and_then(|id| public_id(guests, id));
    json!({
        "decision": found.decision,
        "guest_id": id,
        "probability": found.probability,
        "reasons": reasons(&found.reasons),
        "candidates": ranked(found, guests),
    })
}

/// Who a profile could be, the likeliest first; looked at, and on record.
pub fn candidates(view: &mut View<'_>, found: &Verdict) -> Result<Value, Problem> {
    let mut ids: Vec<i64> = found.candidates.iter().map(|one| one.guest_id).collect();
    ids.extend(found.guest_id);
    let guests = Guest::by_ids(view.conn, &ids)?;
    for guest in &guests {
        view.line("recognize").guest(guest.id).insert(view.conn)?;
    }
    Ok(ranked(found, &guests).into())
}

fn public_id(guests: &[Guest], id: i64) -> Option<&str> {
    let guest = guests.iter().find(|guest| guest.id == id);
    guest.map(|guest| guest.public_id.as_str())
}

fn ranked(found: &Verdict, guests: &[Guest]) -> Vec<Value> {
    let one = |guest_id: i64, probability: f64, codes: &str| {
        json!({
            "guest_id": public_id(guests, guest_id),
            "probability": probability,
            "reasons": reasons(codes),
        })
    };
    let linked = found
        .guest_id
        .map(|id| one(id, found.probability, &found.reasons));
    let asked = found
        .candidates
        .iter()
        .map(|judged| one(judged.guest_id, judged.probability, &judged.reasons));
    linked.into_iter().chain(asked).collect()
}
