//! Events that wait: listed, tried again, given up.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::{Door, Reply, View};
use super::listing::{Cursor, Page};
use super::problem::Problem;
use super::reservations::moment;
use crate::importing::object::Object;
use crate::properties::Property;
use crate::stays::held::{self, Held};

/// Which events are listed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    property: String,
    cursor: Option<Cursor>,
    limit: Option<usize>,
}

/// `GET /held?property=&cursor=&limit=`
pub async fn list(door: Door) -> HttpResponse {
    door.find(|view, query: Query| {
        let house = view.property(&query.property)?;
        let page = Page::of(query.cursor, query.limit, "cursor")?;
        let found = held::list(view.conn, house.id, page.after, page.most())?;
        let (found, next) = page.cut(found, |held| held.id);
        let items: Vec<Value> = found.iter().map(|held| told(held, &house)).collect();
        let look = view.line("list_events").detail(house.code.as_str());
        Ok(Reply::ok(json!({"items": items, "next_cursor": next})).look(look))
    })
    .await
}

/// `POST /held/{held}/retry`
pub async fn retry(door: Door, id: web::Path<String>) -> HttpResponse {
    door.write(move |view, body| {
        Object::read(body, &[])?;
        let (held, house) = waiting(view, &id)?;
        let reference = Arc::clone(&view.reference);
        let teller = view.teller(&house, &reference);
        let is_done = held::try_again(view.conn, &house, &held, &teller)?;
        view.line("retry_event")
            .detail(id.as_str())
            .insert(view.conn)?;
        let now = held::by_id(view.conn, held.id)?;
        let body = json!({
            "outcome": if is_done { "settled" } else { "held" },
            "held": now.map(|held| told(&held, &house)),
        });
        Ok(Reply::ok(body).changed(house.id))
    })
    .await
}

/// `DELETE /held/{held}`
pub async fn drop(door: Door, id: web::Path<String>) -> HttpResponse {
    door.write(move |view, body| {
        Object::read(body, &[])?;
        let (held, _) = waiting(view, &id)?;
        held::drop(view.conn, held.id)?;
        view.line("drop_event")
            .detail(id.as_str())
            .insert(view.conn)?;
        Ok(Reply::status(StatusCode::NO_CONTENT, Value::Null))
    })
    .await
}

/// An event that waits in a house the token's rights hold for.
fn waiting(view: &mut View<'_>, id: &str) -> Result<(Held, Property), Problem> {
    let none = || {
        let id: String = id.chars().take(20).collect();
        Problem::NotFound(format!("'{id}' is not an event that waits"))
    };
    let number: i64 = id.parse().map_err(|_| none())?;
    let held = held::by_id(view.conn, number)?.ok_or_else(none)?;
    let house = view.reference.property(held.property_id).cloned();
    let house = house.ok_or_else(none)?;
    let house = view.property(&house.code)?;
    Ok((held, house))
}

/// An event that waits, as it is answered.
pub fn told(held: &Held, house: &Property) -> Value {
    let event: Value = serde_json::from_str(&held.event).unwrap_or_default();
    json!({
        "id": held.id.to_string(),
        "property": house.code,
        "confirmation_number": held.confirmation_number,
        "event": event.get("event"),
        "reason": held.reason,
        "detail": held.detail,
        "source_updated_at": held.source_updated_at.map(moment),
        "received_at": moment(held.received_at),
        "tries": held.tries,
    })
}
