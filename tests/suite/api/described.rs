//! The API's description says what the API does.

use diesel::prelude::*;
use innkeeper::api::openapi;
use innkeeper::db::schema::{held_events, room_nights, rooms, stays};
use serde_json::{Value, json};

use super::{Answer, Program, booking, day};
use crate::support::app::TestApp;
use crate::support::on_both;
use crate::support::sitemap::REGULAR;

on_both!(
    every_example_is_taken_as_it_stands,
    the_description_is_there_for_whoever_asks,
);

#[test]
fn every_call_is_described() {
    assert_eq!(openapi::undescribed(), Vec::<&str>::new());
}

/// The address of a call, with the examples of what it must be asked with.
fn address(
    path: &str,
    operation: &Value,
    guest: &str,
    number: &str,
    held: &str,
    more: &str,
) -> String {
    let path = path
        .replace("{property}", "RIV")
        .replace("{confirmation}", number)
        .replace("{id}", guest)
        .replace("{held}", held)
        .replace("{preference}", more)
        .replace("{merge}", more);
    let parameters = operation["parameters"].as_array().unwrap();
    let query: Vec<String> = parameters
        .iter()
        .filter(|one| one["in"] == "query" && !one["example"].is_null())
        .map(|one| {
            let example = one["example"]
                .as_str()
                .map_or_else(|| one["example"].to_string(), str::to_owned);
            format!("{}={example}", one["name"].as_str().unwrap())
        })
        .collect();
    format!("{path}?{}", query.join("&"))
}

async fn every_example_is_taken_as_it_stands(app: TestApp) {
    let pms = Program::pms(&app);
    let guest = app.guest_of(app.stay_in(REGULAR));
    let document = openapi::document();
    let mut tried = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            tried += 1;
            // The examples name rooms and days: whoever is there on the day of the test makes way.
            app.sql(|conn| {
                diesel::update(rooms::table)
                    .set(rooms::housekeeping.eq("clean"))
                    .execute(conn)?;
                diesel::delete(room_nights::table).execute(conn)
            });
            let number = format!("EX-{tried}");
            let known = path.contains("{confirmation}") && method != "put";
            if known {
                let mut today = booking("Solheim");
                (today["arrival"], today["departure"]) = (day(0).into(), day(2).into());
                pms.put(&format!("/reservations/RIV/{number}"), &today)
                    .await
                    .is(201);
            }
            if path.ends_with("/check-out") || path.ends_with("/charges") {
                let here = json!({"room": "1205"});
                pms.post(&format!("/reservations/RIV/{number}/check-in"), &here)
                    .await
                    .is(200);
            }
            if path.ends_with("/charges") {
                pms.post(&format!("/reservations/RIV/{number}/check-out"), &json!({}))
                    .await
                    .is(200);
            }
            pms.post(
                &format!("/reservations/RIV/HELD-{tried}/cancel"),
                &json!({}),
            )
            .await
            .is(202);
            let held: i64 = app
                .sql(|conn| {
                    held_events::table
                        .select(diesel::dsl::max(held_events::id))
                        .first::<Option<i64>>(conn)
                })
                .unwrap();
            let mut example =
                operation["requestBody"]["content"]["application/json"]["example"].clone();
            // What a call needs to be there before.
            let other = pms
                .post("/guests", &json!({"family_name": "Quist"}))
                .await
                .is(201);
            let more = match path.rsplit('/').next().unwrap() {
                "{preference}" => {
                    let wish = json!({"preference": "bathtub"});
                    pms.post(&format!("/guests/{guest}/preferences"), &wish)
                        .await
                        .is(201)
                }
                "undo" => {
                    let merge = json!({"other_id": other["id"]});
                    pms.post(&format!("/guests/{guest}/merge"), &merge)
                        .await
                        .is(200)
                }
                _ => other.clone(),
            };
            if path.ends_with("/merge") {
                example["other_id"] = other["id"].clone();
            }
            let more = more["id"].as_str().unwrap();
            let address = address(path, operation, &guest, &number, &held.to_string(), more);
            let xml = &operation["requestBody"]["content"]["application/xml"]["example"];
            let answer = if let Some(xml) = xml.as_str() {
                let request = pms.request(method, &address);
                let request = request.header("content-type", "application/xml");
                Answer::to(request.body(xml.to_owned())).await
            } else if example.is_null() {
                Answer::to(pms.request(method, &address)).await
            } else {
                pms.send(method, &address, &example).await
            };
            let what = format!(
                "{method} {address} {example} → {} {}",
                answer.status(),
                answer.page.body
            );
            assert!((200..300).contains(&answer.status()), "{what}");
            assert!(
                operation["responses"]
                    .get(answer.status().to_string())
                    .is_some(),
                "{what}"
            );
            if let Some(items) = answer.json["items"].as_array() {
                assert!(items.iter().all(|item| item["problem"].is_null()), "{what}");
            }
        }
    }
    assert!(tried > 10);
    let taken: i64 = app.sql(|conn| {
        stays::table
            .filter(stays::confirmation_number.eq("API-1001"))
            .count()
            .get_result(conn)
    });
    assert_eq!(taken, 1);
}

async fn the_description_is_there_for_whoever_asks(app: TestApp) {
    let visitor = app.visitor();
    let served = visitor.see("/api/v1/openapi.json").await;
    let served: Value = serde_json::from_str(&served.body).unwrap();
    assert_eq!(served, openapi::document());
    assert_eq!(served["openapi"], "3.1.0");
    let docs = visitor.see("/api/docs").await;
    for path in served["paths"].as_object().unwrap().keys() {
        assert!(docs.text("main").contains(path.as_str()), "{path}");
    }
}
