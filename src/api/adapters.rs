//! What the market sends: OHIP, Mews and OpenTravel, each item with a result of its own.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use diesel::Connection;
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::{Door, Reply, View};
use super::held::told as told_held;
use super::listing;
use super::problem::Problem;
use super::reservations::told;
use crate::adapters::take::{self, Done, Trouble};
use crate::adapters::{self, Asked, ReadAll, Said};
use crate::error::Rejection;
use crate::guests::Guest;
use crate::properties::Property;
use crate::stays::held;
use crate::stays::reservation::Context;
use crate::stays::reservation::shown;

/// What may stand behind the question mark.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    programme: Option<String>,
}

type ReadJson = fn(&Value, &Asked<'_>) -> Result<ReadAll, Rejection>;

/// `POST /adapters/ohip/{property}/reservations`
pub async fn ohip_reservations(door: Door, property: web::Path<String>) -> HttpResponse {
    json(
        door,
        Some(property.into_inner()),
        adapters::ohip_reservations,
    )
    .await
}

/// `POST /adapters/ohip/profiles`
pub async fn ohip_profiles(door: Door) -> HttpResponse {
    json(door, None, adapters::ohip_profiles).await
}

/// `POST /adapters/mews/{property}/reservations`
pub async fn mews_reservations(door: Door, property: web::Path<String>) -> HttpResponse {
    json(
        door,
        Some(property.into_inner()),
        adapters::mews_reservations,
    )
    .await
}

/// `POST /adapters/mews/customers`
pub async fn mews_customers(door: Door) -> HttpResponse {
    json(door, None, adapters::mews_customers).await
}

/// `POST /adapters/ota/{property}`
pub async fn ota(door: Door, property: web::Path<String>) -> HttpResponse {
    let property = property.into_inner();
    door.write_raw(move |view, body| {
        let house = view.property(&property)?;
        view.call.must_be_xml()?;
        let text = std::str::from_utf8(body)
            .map_err(|_| Problem::Unreadable("the body is not UTF-8".into()))?;
        all(view, Some(&house), |asked| {
            adapters::ota_reservations(text, asked)
        })
    })
    .await
}

async fn json(door: Door, property: Option<String>, read: ReadJson) -> HttpResponse {
    door.write(move |view, body| {
        let house = property
            .as_ref()
            .map(|code| view.property(code))
            .transpose()?;
        let body = Value::Object(body.clone());
        all(view, house.as_ref(), |asked| read(&body, asked))
    })
    .await
}

/// Reads all items, takes in each by itself, and answers with a result for each.
fn all(
    view: &mut View<'_>,
    house: Option<&Property>,
    read: impl FnOnce(&Asked<'_>) -> Result<ReadAll, Rejection>,
) -> Result<Reply, Problem> {
    let query: Query = listing::query(&view.call.query)?;
    let asked = Asked {
        house,
        programme: query.programme.as_deref(),
    };
    let context = view.context()?;
    let mut results: Vec<Result<Done, Problem>> = Vec::new();
    for said in read(&asked)? {
        results.push(match said {
            Ok(said) => one(view, &context, house, said)?,
            Err(rejection) => Err(rejection.into()),
        });
    }
    // Only now are all profiles there that one could have been joined to.
    for done in results.iter_mut().flatten() {
        let joined = take::join(view.conn, &context, done).map_err(problem)?;
        if let Some(pair) = joined {
            let both = Guest::by_ids(view.conn, &[pair.guest_id, pair.other_id])?;
            for (about, with) in both.iter().zip(both.iter().rev()) {
                let line = view.line("merge").guest(about.id);
                line.detail(with.public_id.clone()).insert(view.conn)?;
            }
        }
    }
    let refused = results.iter().filter(|result| result.is_err()).count();
    let mut items = Vec::with_capacity(results.len());
    for result in results {
        items.push(match result {
            Ok(done) => answer(view, house, done)?,
            Err(problem) => {
                json!({"status": problem.status(), "outcome": "refused", "problem": problem.body(&view.call.id)})
            }
        });
    }
    let reply = Reply::ok(json!({"items": items, "refused": refused}));
    Ok(match house {
        Some(house) => reply.changed(house.id),
        None => reply,
    })
}

/// One item, alone: what goes wrong with it is undone, and is its own result; what is nobody's fault ends the call.
fn one(
    view: &mut View<'_>,
    context: &Context,
    house: Option<&Property>,
    said: Said,
) -> Result<Result<Done, Problem>, Problem> {
    let reference = Arc::clone(&view.reference);
    let teller = house.map(|house| (house, view.teller(house, &reference)));
    let done = view.conn.transaction(|conn| match &teller {
        Some((house, teller)) => take::reservation(conn, context, house, said, teller),
        None => {
            let mut done = Done {
                ignored: said.ignored,
                ..Done::default()
            };
            take::person(conn, context, said.person, None, &reference, &mut done)?;
            done.outcome = done.guest.map_or("unchanged", |(_, outcome)| outcome);
            Ok(done)
        }
    });
    match done.map_err(problem) {
        Ok(done) => Ok(Ok(done)),
        Err(problem @ (Problem::Raced(_) | Problem::Unavailable(_) | Problem::Internal(_))) => {
            Err(problem)
        }
        Err(problem) => Ok(Err(problem)),
    }
}

fn problem(trouble: Trouble) -> Problem {
    match trouble {
        Trouble::Rejected(rejection) => rejection.into(),
        Trouble::Fault(fault) => fault.into(),
    }
}

/// What became of an item, with a line on the record for whom it changed.
fn answer(view: &mut View<'_>, house: Option<&Property>, done: Done) -> Result<Value, Problem> {
    let mut body = json!({
        "status": match done.outcome { "created" => 201, "held" => 202, _ => 200 },
        "outcome": done.outcome,
        "ignored": done.ignored,
    });
    let mut put = |name: &str, value: Value| {
        if let Some(body) = body.as_object_mut() {
            body.insert(name.to_owned(), value);
        }
    };
    if let (Some(id), Some(house)) = (done.stay_id, house) {
        let shown = shown::by_id(view.conn, id)?
            .ok_or_else(|| Problem::Internal("the stay is gone".into()))?;
        if matches!(done.outcome, "created" | "changed") {
            let line = view.line("put_reservation").detail(done.outcome);
            line.guest(shown.stay.guest_id)
                .stay(id, house.id)
                .insert(view.conn)?;
        }
        put("reservation", told(&shown, house));
    }
    if let Some((id, outcome)) = done.guest {
        let guest = Guest::by_ids(view.conn, &[id])?.pop();
        let guest = guest.ok_or_else(|| Problem::Internal("the profile is gone".into()))?;
        let action = match outcome {
            "created" => Some("add_guest"),
            "changed" => Some("change_guest"),
            _ => None,
        };
        if let Some(action) = action {
            view.line(action).guest(id).insert(view.conn)?;
        }
        put("guest", json!({"id": guest.public_id, "outcome": outcome}));
    }
    if let (Some(id), Some(house)) = (done.held, house)
        && let Some(held) = held::by_id(view.conn, id)?
    {
        put("held", told_held(&held, house));
    }
    Ok(body)
}
