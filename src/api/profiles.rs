//! Profiles told by programs: made, and put right.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};

use super::door::{Door, Reply, View};
use super::guests::{guest, told};
use super::problem::Problem;
use super::recognize;
use crate::db::dialect;
use crate::guests::amending::{self, Amendment};
use crate::guests::{Guest, changes, profile};
use crate::importing::object::Object;
use crate::importing::profiles::{CHANGES, FIELDS, read};
use crate::recognition::{self, Known, Signals, verdict};
use crate::stays::reservation::Context;

/// Contacts that one call takes away, at most.
const MOST_CONTACTS: usize = 20;

/// `POST /guests`
pub async fn create(door: Door) -> HttpResponse {
    door.write(|view, body| {
        let context = view.context()?;
        let new = read(&Object::read(body, FIELDS)?, &context)?;
        if new.name().is_empty() {
            let reason = "is empty, and so are given_name and native_name; a guest needs a name";
            return Err(Problem::field("family_name", reason));
        }
        if let Some(key) = &new.external_id {
            must_be_new(view, &context, key)?;
        }
        if let Some(number) = &new.loyalty_number
            && let Some(taken) = amending::is_taken(view.conn, number)?
        {
            return Err(taken.into());
        }
        // Who it could be is asked before the profile is there, or it would be its own best answer.
        let signals = Signals::of(&new, &context.secrets);
        let known = Known::load(view.conn, std::slice::from_ref(&signals))?;
        let found = verdict(&signals, &known, &recognition::current(view.conn)?);
        let alike = recognize::candidates(view, &found)?;
        let given = std::slice::from_ref(&new);
        let id = profile::create(view.conn, &context.secrets, given, context.now)?.pop();
        let made = Guest::by_ids(view.conn, id.as_slice())?.pop();
        let made = made.ok_or_else(|| Problem::Internal("the profile is gone".into()))?;
        view.line("add_guest").guest(made.id).insert(view.conn)?;
        let mut body = told(view, &made)?;
        if let Some(body) = body.as_object_mut() {
            body.insert("candidates".into(), alike);
        }
        Ok(Reply::status(StatusCode::CREATED, body))
    })
    .await
}

/// The source's own key stands for one profile.
fn must_be_new(view: &mut View<'_>, context: &Context, key: &str) -> Result<(), Problem> {
    let known = changes::by_external_id(view.conn, &context.source, &[key])?;
    let Some(known) = known.get(key) else {
        return Ok(());
    };
    let known = Guest::by_ids(view.conn, &[known.id()])?.pop();
    let id = known.map(|guest| guest.public_id).unwrap_or_default();
    let detail = format!("guest_id: '{key}' is the guest '{id}' already; PATCH that one");
    Err(Problem::Conflict(detail))
}

/// `PATCH /guests/{id}`: what is said is said of the one profile in the address.
pub async fn change(door: Door, id: web::Path<String>) -> HttpResponse {
    door.write(move |view, body| {
        let one = guest(view, &id)?;
        dialect::lock_guest(view.conn, one.id)?;
        let now = told(view, &one)?;
        view.must_match(&now)?;
        let context = view.context()?;
        let amendment = understand(body, &context, &one)?;
        let secrets = &context.secrets;
        let is_new = amending::amend(view.conn, secrets, one.id, &amendment, context.now)??;
        if is_new {
            let fields: Vec<&str> = body.keys().map(String::as_str).collect();
            view.line("change_guest")
                .guest(one.id)
                .detail(fields.join(", "))
                .insert(view.conn)?;
        }
        let one = guest(view, &id)?;
        let mut answer = told(view, &one)?;
        if let Some(answer) = answer.as_object_mut() {
            let outcome = if is_new { "changed" } else { "unchanged" };
            answer.insert("outcome".into(), outcome.into());
        }
        Ok(Reply::ok(answer))
    })
    .await
}

fn understand(
    body: &Map<String, Value>,
    context: &Context,
    one: &Guest,
) -> Result<Amendment, Problem> {
    let retired = match body.get("remove_contacts") {
        Some(Value::Array(items)) if items.len() > MOST_CONTACTS => {
            let reason = format!("has {} items; send {MOST_CONTACTS} at most", items.len());
            return Err(Problem::field("remove_contacts", reason));
        }
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str),
        _ => [].iter().filter_map(Value::as_str),
    };
    let retired = retired.map(|text| text.trim().to_owned()).collect();
    let mut object = Object::read(body, CHANGES)?;
    let mut cleared = Vec::new();
    for (name, _) in body.iter().filter(|(_, value)| value.is_null()) {
        let field = changes::CLEARABLE.iter().find(|field| *field == name);
        let reason = "is null, but can't be emptied by that; leave it out, or see remove_contacts";
        cleared.push(*field.ok_or_else(|| Problem::field(name, reason))?);
    }
    // A number without a country code is meant as the guest's country writes it.
    if !body.contains_key("country")
        && let Some(country) = &one.country
    {
        object = object.with("country", country);
    }
    Ok(Amendment {
        said: read(&object, context)?,
        cleared,
        retired,
    })
}
