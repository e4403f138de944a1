//! What calls answer: the named schemas of the document. A test holds every answer of the suite to them.

use serde_json::{Map, Value, json};

use super::schema::put;
use crate::greetings::returned::Taken;
use crate::guests::preferences::{Source, Strength};
use crate::loyalty::ledger;
use crate::offers;
use crate::outbox::Kind;
use crate::rooms::fit;
use crate::stays::events::Reason;
use crate::stays::{Channel, Decision, Status};
use crate::welcome::alerts::{Subject, Tier};

/// The words of an enum of ours.
macro_rules! words {
    ($enum:ty) => {
        json!({"type": "string", "enum": <$enum>::ALL})
    };
}

/// All of them.
pub fn all() -> Map<String, Value> {
    let outcome = |words: &[&str]| json!({"type": "string", "enum": words});
    let reservation = reservation();
    let mut taken = with(
        &reservation,
        "outcome",
        outcome(&["created", "changed", "unchanged", "older"]),
    );
    taken = with(&taken, "released", whole());
    taken = with(&taken, "warnings", list(text()));
    let mut happened = with(
        &reservation,
        "outcome",
        outcome(&["changed", "unchanged", "older"]),
    );
    happened = with(&happened, "released", whole());
    happened = with(&happened, "points", whole());
    let guest = guest();
    let named = [
        ("Problem", problem()),
        (
            "Money",
            exact(json!({"amount": text(), "currency": text()})),
        ),
        ("Candidate", candidate()),
        ("Recognised", recognised()),
        ("Reservation", reservation.clone()),
        ("ReservationPage", page("Reservation")),
        ("Taken", taken),
        ("Happened", happened),
        ("Held", held()),
        ("HeldPage", page("Held")),
        (
            "Waits",
            exact(json!({"outcome": {"const": "held"}, "held": refer("Held")})),
        ),
        (
            "Retried",
            exact(
                json!({"outcome": outcome(&["settled", "held"]), "held": or_null(refer("Held"))}),
            ),
        ),
        ("BounceTaken", exact(json!({"outcome": words!(Taken)}))),
        (
            "EventPage",
            exact(json!({"items": list(event()), "next": text(), "more": {"type": "boolean"}})),
        ),
        ("BatchResult", batch()),
        ("AdapterResult", adapted()),
        (
            "Arrivals",
            exact(json!({"property": text(), "date": date(), "items": list(row())})),
        ),
        ("Found", exact(json!({"items": list(found())}))),
        (
            "Points",
            with(
                &with(&points(), "items", list(entry())),
                "next_cursor",
                or_null(text()),
            ),
        ),
        ("PointsPosted", with(&points(), "waits", or_null(text()))),
        ("Corrected", with(&reservation, "points", whole())),
        ("Welcome", welcome()),
        ("Alert", alert()),
        (
            "Loyalty",
            exact(json!({"number": text(), "tier": text(), "points": whole()})),
        ),
        ("Preference", preference()),
        (
            "NewGuest",
            with(&guest, "candidates", list(refer("Candidate"))),
        ),
        (
            "ChangedGuest",
            with(&guest, "outcome", outcome(&["changed", "unchanged"])),
        ),
        ("Guest", guest),
        (
            "Merge",
            exact(json!({"id": text(), "guest": refer("Guest")})),
        ),
        (
            "Parted",
            exact(json!({"id": text(), "guests": list(text())})),
        ),
    ];
    named
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

fn text() -> Value {
    json!({"type": "string"})
}

fn whole() -> Value {
    json!({"type": "integer"})
}

fn date() -> Value {
    json!({"type": "string", "format": "date"})
}

fn moment() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn share() -> Value {
    json!({"type": "number", "minimum": 0, "maximum": 1})
}

fn refer(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn or_null(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn list(of: Value) -> Value {
    json!({"type": "array", "items": of})
}

/// An object that has all these fields and no others.
fn exact(fields: Value) -> Value {
    let names: Vec<String> = fields
        .as_object()
        .map(|fields| fields.keys().cloned().collect())
        .unwrap_or_default();
    json!({"type": "object", "required": names, "properties": fields, "additionalProperties": false})
}

/// The same with one more field.
fn with(object: &Value, name: &str, schema: Value) -> Value {
    let mut object = object.clone();
    put(object.get_mut("properties"), name, schema);
    if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
        required.push(name.into());
    }
    object
}

fn page(of: &str) -> Value {
    exact(json!({"items": list(refer(of)), "next_cursor": or_null(text())}))
}

fn candidate() -> Value {
    exact(json!({"guest_id": text(), "probability": or_null(share()), "reasons": list(text())}))
}

fn recognised() -> Value {
    exact(json!({
        "decision": words!(Decision),
        "guest_id": or_null(text()),
        "probability": or_null(share()),
        "reasons": list(text()),
        "candidates": list(refer("Candidate")),
    }))
}

fn reservation() -> Value {
    exact(json!({
        "property": text(),
        "confirmation_number": text(),
        "guest_id": text(),
        "status": words!(Status),
        "arrival": date(),
        "departure": date(),
        "room_type": or_null(text()),
        "room": or_null(text()),
        "rate": or_null(refer("Money")),
        "currency": text(),
        "channel": or_null(words!(Channel)),
        "agency": or_null(text()),
        "adults": whole(),
        "children": whole(),
        "requests": list(text()),
        "checked_in_at": or_null(moment()),
        "source_updated_at": or_null(moment()),
        "updated_at": moment(),
        "recognition": refer("Recognised"),
    }))
}

fn held() -> Value {
    exact(json!({
        "id": text(),
        "property": text(),
        "confirmation_number": text(),
        "event": text(),
        "reason": words!(Reason),
        "detail": or_null(text()),
        "source_updated_at": or_null(moment()),
        "received_at": moment(),
        "tries": whole(),
        "next_try_at": or_null(moment()),
        "given_up_at": or_null(moment()),
    }))
}

/// What happened; what it is not about is left out.
fn event() -> Value {
    let mut event = exact(json!({
        "id": text(),
        "kind": {"type": "string", "enum": Kind::told().map(Kind::as_str).collect::<Vec<_>>()},
        "at": moment(),
        "position": whole(),
        "data": {"type": ["object", "null"]},
    }));
    for name in ["property", "confirmation_number", "guest_id", "other_id"] {
        put(event.get_mut("properties"), name, text());
    }
    event
}

/// An item is taken or refused, in the order of the request.
fn batch() -> Value {
    let taken = exact(json!({
        "status": {"enum": [200, 201]},
        "outcome": {"enum": ["created", "changed", "unchanged", "older"]},
        "reservation": refer("Reservation"),
    }));
    let refused = exact(json!({
        "status": whole(),
        "outcome": {"const": "refused"},
        "property": {},
        "confirmation_number": {},
        "problem": refer("Problem"),
    }));
    let items = list(json!({"oneOf": [taken, refused]}));
    exact(json!({"items": items, "refused": whole()}))
}

/// The same of what an adapter took: what is not there, it had nothing to say of.
fn adapted() -> Value {
    let guest = exact(json!({
        "id": text(),
        "outcome": {"enum": ["created", "changed", "unchanged", "older"]},
    }));
    let item = json!({
        "type": "object",
        "required": ["status", "outcome"],
        "properties": {
            "status": whole(),
            "outcome": {"enum": ["created", "changed", "unchanged", "older", "held", "refused"]},
            "ignored": list(text()),
            "reservation": refer("Reservation"),
            "guest": guest,
            "held": refer("Held"),
            "problem": refer("Problem"),
        },
        "additionalProperties": false,
    });
    exact(json!({"items": list(item), "refused": whole()}))
}

fn row() -> Value {
    exact(json!({
        "confirmation_number": text(),
        "guest_id": text(),
        "name": text(),
        "status": words!(Status),
        "arrival": date(),
        "departure": date(),
        "room_type": or_null(text()),
        "room": or_null(text()),
        "decision": words!(Decision),
        "stay_number": whole(),
        "line": text(),
        "alerts": list(refer("Alert")),
        "loyalty": or_null(refer("Loyalty")),
    }))
}

fn alert() -> Value {
    exact(json!({
        "subject": words!(Subject),
        "tier": words!(Tier),
        "text": text(),
        "evidence": or_null(text()),
    }))
}

fn found() -> Value {
    let stay = exact(json!({
        "property": text(),
        "status": words!(Status),
        "arrival": date(),
        "departure": date(),
        "room": or_null(text()),
    }));
    exact(json!({
        "guest_id": text(),
        "name": text(),
        "also": or_null(text()),
        "group": {"enum": ["in_house", "arriving", "past"]},
        "why": {"enum": ["room", "booking", "loyalty", "email", "phone", "name", "alike"]},
        "stay": or_null(stay),
        "allergies": list(text()),
    }))
}

fn welcome() -> Value {
    let last = exact(json!({
        "property": or_null(text()),
        "arrival": date(),
        "departure": date(),
        "room": or_null(text()),
    }));
    let wish = exact(json!({
        "preference": text(),
        "label": text(),
        "strength": words!(Strength),
        "answer": words!(fit::Answer),
        "evidence": text(),
        "as_of": or_null(date()),
        "for_this_stay": {"type": "boolean"},
    }));
    let offer = exact(json!({
        "kind": words!(offers::Kind),
        "what": text(),
        "room_type": or_null(text()),
        "nights": whole(),
        "each": refer("Money"),
        "price": refer("Money"),
        "worth": refer("Money"),
        "reasons": list(text()),
    }));
    exact(json!({
        "guest_id": text(),
        "name": text(),
        "property": text(),
        "confirmation_number": text(),
        "status": words!(Status),
        "arrival": date(),
        "departure": date(),
        "room": or_null(text()),
        "decision": words!(Decision),
        "stay_number": whole(),
        "stay_number_here": whole(),
        "last_stay": or_null(last),
        "alerts": list(refer("Alert")),
        "say": list(text()),
        "do": list(text()),
        "avoid": list(text()),
        "wishes": list(wish),
        "wishes_kept": exact(json!({"kept": whole(), "of": whole()})),
        "offers": list(offer),
        "last_promises": or_null(exact(json!({"kept": whole(), "of": whole(), "missed": list(text())}))),
        "suggestions": list(exact(json!({"preference": text(), "label": text(), "strength": words!(Strength), "words": text()}))),
        "loyalty": or_null(refer("Loyalty")),
    }))
}

/// What a person's accounts hold.
fn points() -> Value {
    let next = exact(json!({"tier": text(), "nights": whole()}));
    let lot =
        exact(json!({"points": whole(), "remaining": whole(), "expires_on": or_null(date())}));
    exact(json!({
        "balance": whole(),
        "owed": whole(),
        "tier": or_null(text()),
        "next_tier": or_null(next),
        "accounts": list(refer("Loyalty")),
        "lots": list(lot),
    }))
}

fn entry() -> Value {
    exact(json!({
        "id": text(),
        "kind": words!(ledger::Kind),
        "points": whole(),
        "reason": text(),
        "posted_on": date(),
        "expires_on": or_null(date()),
        "reverses": or_null(text()),
    }))
}

fn preference() -> Value {
    exact(json!({
        "id": text(),
        "preference": text(),
        "label": text(),
        "strength": words!(Strength),
        "source": words!(Source),
        "property": or_null(text()),
        "noted_at": or_null(text()),
        "noted_on": date(),
        "as_of": date(),
        "evidence": text(),
        "weight": share(),
        "ask_again": {"type": "boolean"},
        "note": or_null(text()),
    }))
}

/// Contacts are there for those roles alone that see them.
fn guest() -> Value {
    let mut guest = exact(json!({
        "id": text(),
        "profiles": list(text()),
        "name": text(),
        "given_name": or_null(text()),
        "family_name": or_null(text()),
        "native_name": or_null(text()),
        "salutation": or_null(text()),
        "birth_date": or_null(date()),
        "country": or_null(text()),
        "language": or_null(text()),
        "vip_level": or_null(whole()),
        "preferences": list(refer("Preference")),
        "loyalty": or_null(refer("Loyalty")),
        "counts": exact(json!({"stays": whole(), "nights": whole(), "open_cases": whole()})),
    }));
    let contact = exact(json!({
        "kind": {"enum": ["email", "phone"]},
        "value": text(),
        "masked": {"type": "boolean"},
        "profile": or_null(text()),
    }));
    put(guest.get_mut("properties"), "contacts", list(contact));
    guest
}

fn problem() -> Value {
    let mut problem = exact(json!({
        "type": {"type": "string", "pattern": "^urn:innkeeper:problem:"},
        "title": text(),
        "status": whole(),
        "detail": {"type": "string", "description": "What happened, and what would be right."},
        "instance": {"type": "string", "description": "The request, as it stands in the log."},
    }));
    let errors = list(exact(json!({"field": text(), "detail": text()})));
    put(problem.get_mut("properties"), "errors", errors);
    problem
}
