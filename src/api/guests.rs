//! Guests: the person that all profiles make.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::door::{Door, Reply, View};
use super::problem::Problem;
use crate::clock;
use crate::guests::preferences::Preference;
use crate::guests::{Guest, contacts, person};
use crate::staff::Right;
use crate::vocabulary;
use crate::welcome::memory::{self, Memory};

/// `GET /guests/{id}`
pub async fn show(door: Door, id: web::Path<String>) -> HttpResponse {
    door.read(move |view| {
        let guest = guest(view, &id)?;
        let look = view.line("view_guest").guest(guest.id);
        Ok(Reply::ok(told(view, &guest)?).look(look))
    })
    .await
}

/// The profile behind an opaque id.
pub fn guest(view: &mut View<'_>, id: &str) -> Result<Guest, Problem> {
    Guest::by_public_id(view.conn, id)?.ok_or_else(|| {
        let id: String = id.chars().take(64).collect();
        Problem::NotFound(format!("'{id}' is not a guest"))
    })
}

/// A person as it is answered, under the id that was asked for.
pub fn told(view: &mut View<'_>, guest: &Guest) -> Result<Value, Problem> {
    let profiles = person::profiles(view.conn, &[guest.person_id])?;
    let ids: Vec<i64> = profiles.iter().map(|profile| profile.guest.id).collect();
    let mut shown = guest.clone();
    shown.show_as(&profiles);
    let memory = memory::of_person(view.conn, guest.person_id)?;
    let preferences = memory.preferences.iter();
    let mut told = json!({
        "id": shown.public_id,
        "profiles": profiles.iter().map(|profile| &profile.guest.public_id).collect::<Vec<_>>(),
        "name": shown.name(),
        "given_name": shown.given_name,
        "family_name": shown.family_name,
        "native_name": shown.native_name,
        "salutation": shown.salutation,
        "birth_date": shown.birth_date,
        "country": shown.country,
        "language": shown.language,
        "vip_level": shown.vip_level,
        "preferences": preferences.map(|one| preference(view, one)).collect::<Vec<_>>(),
        "loyalty": loyalty(&memory),
        "counts": counts(&memory),
    });
    if view.bearer.may(Right::SeeContacts)
        && let Some(told) = told.as_object_mut()
    {
        let contacts = contacts::of_guests(view.conn, &ids)?;
        let contacts = contacts
            .iter()
            .map(|contact| {
                let of = profiles.iter().find(|profile| profile.guest.id == contact.guest_id);
                let of = of.map(|profile| &profile.guest.public_id);
                json!({"kind": contact.kind, "value": contact.value, "masked": contact.masked, "profile": of})
            });
        told.insert("contacts".into(), contacts.collect());
    }
    Ok(told)
}

/// A preference as it is answered.
pub fn preference(view: &View<'_>, preference: &Preference) -> Value {
    let words = view.words();
    let house = |id: Option<i64>| {
        let house = id.and_then(|id| view.reference.property(id));
        house.map(|house| house.code.clone())
    };
    let today = clock::now().date();
    let weight = preference.weight(today, view.reference.wishes.half_life());
    json!({
        "id": preference.id.to_string(),
        "preference": preference.code,
        "label": vocabulary::label(&preference.code, words.language),
        "strength": preference.strength,
        "source": preference.source,
        "property": house(preference.property_id),
        "noted_at": house(preference.noted_at_property_id),
        "noted_on": preference.noted_on,
        "as_of": preference.as_of(),
        "evidence": words.tell(&preference.evidence()),
        "weight": (weight * 1_000.0).round() / 1_000.0,
        "ask_again": preference.is_stale(today),
        "note": preference.note,
    })
}

/// The leading account and the points of all; none where the guest is not enrolled.
pub fn loyalty(memory: &Memory) -> Option<Value> {
    let account = memory.account.as_ref()?;
    Some(json!({"number": account.number, "tier": account.tier, "points": memory.points()}))
}

fn counts(memory: &Memory) -> Value {
    let stayed = memory.stays.iter().filter(|stay| stay.counts());
    let nights: i64 = stayed
        .clone()
        .map(|stay| (stay.departure - stay.arrival).num_days())
        .sum();
    json!({
        "stays": stayed.count(),
        "nights": nights,
        "open_cases": memory.open_cases().count(),
    })
}
