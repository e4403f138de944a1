//! The search box, for programs.

use actix_web::HttpResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::{Door, Reply, View};
use super::problem::Problem;
use crate::clock;
use crate::guests::search::{self, Asking, Found, Group};
use crate::properties::Property;
use crate::welcome::memory;

/// Results where nothing is said, and at most.
const USUAL: usize = 10;
const MOST: usize = 50;
/// Characters that are looked for.
const LONGEST: usize = 100;

/// What is looked up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    q: String,
    property: Option<String>,
    limit: Option<usize>,
}

/// `GET /lookup?q=&property=&limit=`
pub async fn find(door: Door) -> HttpResponse {
    door.find(|view, query: Query| {
        let house = house(view, query.property.as_deref())?;
        let most = query.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&most) {
            let reason = format!("'{most}' is not a number from 1 to {MOST}");
            return Err(Problem::field("limit", reason));
        }
        let length = query.q.chars().count();
        if length > LONGEST {
            let reason = format!("has {length} characters; at most {LONGEST} are looked for");
            return Err(Problem::field("q", reason));
        }
        let within = view.reference.within(&view.bearer.houses);
        let houses: Vec<i64> = within.map(|house| house.id).collect();
        let asking = Asking {
            houses: &houses,
            property_id: house.id,
            today: house.business_date(clock::now()),
        };
        let found = search::find(view.conn, &view.app.finder, &query.q, &asking, most)?;
        let persons: Vec<i64> = found.iter().map(|found| found.guest.person_id).collect();
        let allergies = memory::allergies_of(view.conn, &persons)?;
        let items = found.iter().map(|found| {
            let codes = allergies.get(&found.guest.person_id);
            told(view, found, codes.map_or(&[][..], Vec::as_slice))
        });
        let body = json!({"items": items.collect::<Vec<_>>()});
        Ok(Reply::ok(body).look(view.line("search").detail(query.q)))
    })
    .await
}

/// The house asked for, or the first of the token's.
fn house(view: &View<'_>, code: Option<&str>) -> Result<Property, Problem> {
    match code {
        Some(code) => view.property(code),
        None => view
            .reference
            .within(&view.bearer.houses)
            .next()
            .cloned()
            .ok_or_else(|| Problem::NotFound("the token has no property yet".into())),
    }
}

fn told(view: &View<'_>, found: &Found, allergies: &[String]) -> Value {
    let stay = found.stay.as_ref().map(|stay| {
        let house = view.reference.property(stay.property_id);
        json!({
            "property": house.map(|house| &house.code),
            "status": stay.status,
            "arrival": stay.arrival,
            "departure": stay.departure,
            "room": stay.room,
        })
    });
    json!({
        "guest_id": found.guest.public_id,
        "name": found.guest.name(),
        "also": found.guest.also(),
        "group": match found.group {
            Group::InHouse => "in_house",
            Group::Arriving => "arriving",
            Group::Past => "past",
        },
        "why": found.why.as_str(),
        "stay": stay,
        "allergies": allergies,
    })
}
