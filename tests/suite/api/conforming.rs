//! Every answer a test gets from the API is one the API describes.

use std::collections::HashMap;
use std::sync::LazyLock;

use innkeeper::api::openapi;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::support::client::Page;

static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi::document);

/// What holds for the body of each named schema.
static VALIDATORS: LazyLock<HashMap<String, Validator>> = LazyLock::new(|| {
    let named = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let validators = named.keys().map(|name| {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": format!("#/components/schemas/{name}"),
            "components": DOCUMENT["components"],
        });
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        (name.clone(), validator)
    });
    validators.collect()
});

/// The description of a call, by its method and address.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let method = method.to_lowercase();
    let is_like = |pattern: &str| {
        pattern.split('/').count() == path.split('/').count()
            && pattern
                .split('/')
                .zip(path.split('/'))
                .all(|(part, given)| part.starts_with('{') || part == given)
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let (_, calls) = paths.iter().find(|(pattern, _)| is_like(pattern))?;
    calls.get(&method)
}

/// Holds an answer to the description. An address that is no call is not described.
pub fn check(method: &str, path: &str, page: &Page) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    let what = format!("{method} {path} → {} {}", page.status, page.body);
    let described = &operation["responses"][page.status.to_string()];
    assert!(described.is_object(), "not described: {what}");
    assert!(
        !page.header("x-request-id").is_empty(),
        "no request id: {what}"
    );
    let Some(content) = described["content"].as_object() else {
        assert_eq!(page.body, "", "described as empty: {what}");
        return;
    };
    let mime = page.header("content-type");
    let body: Value =
        serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("no JSON: {what}"));
    let reference = content[mime]["schema"]["$ref"].as_str();
    let name = reference.and_then(|reference| reference.rsplit('/').next());
    let name = name.unwrap_or_else(|| panic!("'{mime}' has no schema: {what}"));
    let wrong: Vec<String> = VALIDATORS[name]
        .iter_errors(&body)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "not a {name}: {wrong:#?} in {what}");
}

#[test]
fn every_schema_is_one_and_every_name_has_one() {
    assert!(VALIDATORS.len() > 15);
    let text = DOCUMENT.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(
            VALIDATORS.contains_key(name),
            "{name} is named and not there"
        );
    }
}

#[test]
fn an_answer_that_says_too_little_or_too_much_is_seen() {
    let loyalty = &VALIDATORS["Loyalty"];
    assert!(loyalty.is_valid(&json!({"number": "1", "tier": "gold", "points": 2})));
    for wrong in [
        json!({"number": "1", "tier": "gold"}),
        json!({"number": "1", "tier": "gold", "points": "2"}),
        json!({"number": "1", "tier": "gold", "points": 2, "secret": 1}),
    ] {
        assert!(!loyalty.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn every_example_of_a_body_is_one_its_schema_allows() {
    for (path, calls) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in calls.as_object().unwrap() {
            let body = &operation["requestBody"]["content"]["application/json"];
            if body.is_null() {
                continue;
            }
            let validator = jsonschema::options()
                .should_validate_formats(true)
                .build(&body["schema"])
                .unwrap();
            let wrong: Vec<String> = validator
                .iter_errors(&body["example"])
                .map(|error| error.to_string())
                .collect();
            assert!(wrong.is_empty(), "{method} {path}: {wrong:?}");
        }
    }
}
