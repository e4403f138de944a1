//! Many reservations in one transaction, each with a result of its own.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

use super::door::{Door, Reply, View};
use super::problem::Problem;
use super::reservations::{became, object, told};
use crate::importing::stays::{self as reading, House};
use crate::properties::Property;
use crate::staff::audit::{self, Line};
use crate::stays::held;
use crate::stays::reservation::shown::{self, Shown};
use crate::stays::reservation::{self, Context, Reservation};

/// Reservations in one call, at most.
const MOST: usize = 1_000;

/// A reservation of the batch: where it stands in it, and what it says.
struct Item {
    at: usize,
    house: Property,
    reservation: Reservation,
}

/// What became of an item.
type Became = Result<(&'static str, i64), Problem>;

/// `POST /reservations:batch`
pub async fn post(door: Door) -> HttpResponse {
    door.write(|view, body| {
        let given = match body.get("items") {
            Some(Value::Array(items)) if items.len() <= MOST && body.len() == 1 => items,
            _ => {
                let reason =
                    format!("must be the only field, a list of at most {MOST} reservations");
                return Err(Problem::field("items", reason));
            }
        };
        let context = view.context()?;
        let mut results: Vec<Option<Became>> = Vec::new();
        let mut items = Vec::new();
        let mut rooms = HashMap::new();
        for (at, one) in given.iter().enumerate() {
            match read(view, &context, &mut rooms, at, one) {
                Ok(item) => {
                    items.push(item);
                    results.push(None);
                }
                Err(problem @ (Problem::Internal(_) | Problem::Unavailable(_))) => {
                    return Err(problem);
                }
                Err(problem) => results.push(Some(Err(problem))),
            }
        }
        let houses: HashMap<i64, Property> = items
            .iter()
            .map(|item| (item.house.id, item.house.clone()))
            .collect();
        take_in(view, &context, items, &mut results)?;
        answer(view, given, &houses, results)
    })
    .await
}

fn read(
    view: &mut View<'_>,
    context: &Context,
    rooms: &mut HashMap<i64, House>,
    at: usize,
    given: &Value,
) -> Result<Item, Problem> {
    let Value::Object(given) = given else {
        return Err(Problem::field("items", "is not an object"));
    };
    let mut fields: Map<String, Value> = given.clone();
    let mut part = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(Problem::field(name, "is missing, or not a string")),
    };
    let (property, number) = (part("property")?, part("confirmation_number")?);
    let house = view.property(&property)?;
    let rooms = match rooms.entry(house.id) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => new.insert(House::load(view.conn, &house, context.now)?),
    };
    let read = reading::read_of(rooms, &object(&number, &fields)?, &house, context)?;
    Ok(Item {
        at,
        house,
        reservation: read.reservation,
    })
}

/// Takes the items in, in runs in which no two are of one stay; what waits for one of them is tried.
fn take_in(
    view: &mut View<'_>,
    context: &Context,
    items: Vec<Item>,
    results: &mut [Option<Became>],
) -> Result<(), Problem> {
    let reference = Arc::clone(&view.reference);
    let mut waiting: HashMap<i64, bool> = HashMap::new();
    let mut rest = items;
    while !rest.is_empty() {
        let mut seen = HashSet::new();
        let first = rest.iter().position(|item| {
            let one = &item.reservation;
            !seen.insert((one.property_id, one.confirmation_number.clone()))
        });
        let later = rest.split_off(first.unwrap_or(rest.len()));
        let mut run = Vec::with_capacity(rest.len());
        let mut places = Vec::with_capacity(rest.len());
        for Item {
            at,
            house,
            reservation,
        } in rest
        {
            places.push((at, house, reservation.confirmation_number.clone()));
            run.push(reservation);
        }
        let taken = reservation::take_in(view.conn, context, &run)?;
        for ((at, house, number), taken) in places.into_iter().zip(taken) {
            let became = became(taken);
            let waits = match waiting.get(&house.id) {
                Some(waits) => *waits,
                None => !held::list(view.conn, house.id, 0, 1)?.is_empty(),
            };
            waiting.insert(house.id, waits);
            if waits && became.is_ok() {
                let teller = view.teller(&house, &reference);
                held::release(view.conn, &house, &number, &teller)?;
            }
            if let Some(slot) = results.get_mut(at) {
                *slot = Some(became);
            }
        }
        rest = later;
    }
    Ok(())
}

fn answer(
    view: &mut View<'_>,
    given: &[Value],
    houses: &HashMap<i64, Property>,
    results: Vec<Option<Became>>,
) -> Result<Reply, Problem> {
    let done = results.iter().flatten().filter_map(|one| one.as_ref().ok());
    let ids: BTreeSet<i64> = done.map(|(_, id)| *id).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let mut shown: HashMap<i64, Shown> = HashMap::new();
    for chunk in ids.chunks(250) {
        let found = shown::by_ids(view.conn, chunk)?;
        shown.extend(found.into_iter().map(|shown| (shown.stay.id, shown)));
    }
    let mut lines: Vec<Line> = Vec::new();
    let mut items = Vec::with_capacity(results.len());
    for (given, result) in given.iter().zip(results) {
        let nothing = || Err(Problem::Internal("nothing became of it".into()));
        items.push(match result.unwrap_or_else(nothing) {
            Ok((outcome, id)) => {
                let shown = shown.get(&id);
                let house = shown.and_then(|shown| houses.get(&shown.stay.property_id));
                let (Some(shown), Some(house)) = (shown, house) else {
                    return Err(Problem::Internal("the stay is gone".into()));
                };
                if matches!(outcome, "created" | "changed") {
                    let line = view.line("put_reservation").detail(outcome);
                    lines.push(line.guest(shown.stay.guest_id).stay(id, house.id));
                }
                let status = if outcome == "created" { 201 } else { 200 };
                json!({"status": status, "outcome": outcome, "reservation": told(shown, house)})
            }
            Err(problem) => json!({
                "status": problem.status(),
                "outcome": "refused",
                "property": given.get("property"),
                "confirmation_number": given.get("confirmation_number"),
                "problem": problem.body(&view.call.id),
            }),
        });
    }
    audit::insert_all(view.conn, &lines)?;
    let refused = items
        .iter()
        .filter(|item| item.get("problem").is_some())
        .count();
    let reply = Reply::ok(json!({"items": items, "refused": refused}));
    Ok(houses.keys().fold(reply, |reply, id| reply.changed(*id)))
}
