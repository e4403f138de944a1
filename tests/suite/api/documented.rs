//! The examples of docs/api.md are true: they are run, in their order, against the demo hotel.

use std::collections::BTreeMap;

use diesel::prelude::*;
use innkeeper::api::routes::{TABLE, Who};
use innkeeper::db::schema::{room_nights, rooms};
use serde_json::{Value, json};

use super::{Answer, Program, day, with};
use crate::support::app::TestApp;
use crate::support::on_both;

on_both!(every_example_of_the_docs_is_answered_as_it_says,);

const DOCS: &str = include_str!("../../../docs/api.md");

/// A request as it stands, the answer as it stands, and what is kept of it.
#[derive(Default)]
struct Example {
    request: String,
    status: u16,
    answer: String,
    keep: Vec<(String, String)>,
}

/// The examples of the page: a block `http`, then a block `json STATUS`, then words that may keep something.
fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut lines = DOCS.lines();
    while let Some(line) = lines.next() {
        let block = |lines: &mut std::str::Lines<'_>| {
            let block: Vec<&str> = lines.take_while(|line| !line.starts_with("```")).collect();
            block.join("\n")
        };
        if line == "```http" {
            let request = block(&mut lines);
            examples.push(Example {
                request,
                ..Example::default()
            });
        } else if let Some(status) = line.strip_prefix("```json ") {
            let example = examples.last_mut().unwrap();
            example.status = status.parse().unwrap();
            example.answer = block(&mut lines);
        } else if let Some(rest) = line.strip_prefix("Keep `") {
            let mut parts = rest.split('`');
            let (path, name) = (parts.next().unwrap(), parts.nth(1).unwrap());
            let example = examples.last_mut().unwrap();
            example.keep.push((name.into(), path.into()));
        }
    }
    assert!(examples.iter().all(|example| example.status > 0));
    examples
}

/// Whether an answer says what the docs say; `…` is anything, and it may say more.
fn agrees(said: &Value, answered: &Value) -> bool {
    match (said, answered) {
        (Value::String(text), _) if text == "…" => true,
        (Value::Object(said), Value::Object(answered)) => said.iter().all(|(name, said)| {
            answered
                .get(name)
                .is_some_and(|answered| agrees(said, answered))
        }),
        (Value::Array(said), Value::Array(answered)) => {
            said.is_empty() == answered.is_empty()
                && said.len() <= answered.len()
                && said.iter().zip(answered).all(|(a, b)| agrees(a, b))
        }
        _ => said == answered,
    }
}

fn filled(text: &str, known: &BTreeMap<String, String>) -> String {
    // The longer name first: one may begin with another.
    known
        .iter()
        .rev()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(name.as_str(), value)
        })
}

async fn every_example_of_the_docs_is_answered_as_it_says(app: TestApp) {
    let pms = Program::pms(&app);
    let riverside = app.property_id("RIV");
    let room: String = app.sql(|conn| {
        rooms::table
            .filter(rooms::property_id.eq(riverside))
            .filter(rooms::housekeeping.eq("clean"))
            .filter(rooms::id.ne_all(room_nights::table.select(room_nights::room_id)))
            .select(rooms::number)
            .first(conn)
    });
    let mut known = BTreeMap::from([
        ("$TODAY".to_owned(), day(0)),
        ("$IN_3_DAYS".to_owned(), day(3)),
        ("$IN_5_DAYS".to_owned(), day(5)),
        ("$ROOM".to_owned(), room),
    ]);
    for example in examples() {
        let request = filled(&example.request, &known);
        let (head, body) = request.split_once("\n\n").unwrap_or((&request, ""));
        let mut head = head.lines();
        let (method, path) = head.next().unwrap().split_once(' ').unwrap();
        let mut call = pms.request(method, path);
        for header in head {
            let (name, value) = header.split_once(": ").unwrap();
            call = call.header(name, value);
        }
        if !body.is_empty() {
            let body: Value = serde_json::from_str(body).unwrap_or_else(|e| panic!("{body}: {e}"));
            call = with(call, &body);
        }
        let answer = Answer::to(call).await;
        let what = format!("{request}\n→ {} {}", answer.status(), answer.page.body);
        assert_eq!(answer.status(), example.status, "{what}");
        let said = filled(&example.answer, &known);
        if !said.trim().is_empty() {
            let said: Value = serde_json::from_str(&said).unwrap_or_else(|e| panic!("{said}: {e}"));
            assert!(
                agrees(&said, &answer.json),
                "{said}\nis not what came of\n{what}"
            );
        }
        for (name, path) in example.keep {
            let kept = path.split('.').fold(&answer.json, |at, part| {
                part.parse::<usize>().map_or(&at[part], |index| &at[index])
            });
            known.insert(name, kept.as_str().unwrap().to_owned());
        }
    }
}

#[test]
fn every_call_has_an_example() {
    let told: Vec<(String, String)> = examples()
        .iter()
        .map(|example| {
            let mut words = example.request.lines().next().unwrap().split(' ');
            let method = words.next().unwrap().to_lowercase();
            let path = words.next().unwrap().split('?').next().unwrap();
            (method, path.to_owned())
        })
        .collect();
    let is_like = |pattern: &str, path: &str| {
        pattern.split('/').count() == path.split('/').count()
            && pattern
                .split('/')
                .zip(path.split('/'))
                .all(|(part, given)| part.starts_with('{') || part == given)
    };
    // What other systems send has its examples in docs/adapters.md, run by the tests of the adapters.
    let ours = TABLE
        .iter()
        .filter(|route| route.who != Who::Anyone && !route.path.contains("/adapters/"));
    for route in ours {
        let has_one = told
            .iter()
            .any(|(method, path)| method == route.method && is_like(route.path, path));
        assert!(
            has_one,
            "docs/api.md has no example of {} {}",
            route.method, route.path
        );
    }
}

#[test]
fn an_example_that_is_not_true_is_seen() {
    let answered = json!({"a": [1, 2], "b": {"c": "x"}, "d": null});
    assert!(agrees(&json!({"a": [1], "b": {"c": "…"}}), &answered));
    for wrong in [
        json!({"a": [2]}),
        json!({"a": []}),
        json!({"b": {"e": "…"}}),
        json!({"d": 1}),
        json!({"e": null}),
    ] {
        assert!(!agrees(&wrong, &answered), "{wrong}");
    }
}
