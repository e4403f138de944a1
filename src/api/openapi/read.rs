//! What the API is, for people: one page, made from the same description, that needs no network and no scripts.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use askama::Template;
use serde_json::Value;

use super::{Operation, PROBLEMS, PROBLEMS_OF_WRITES, answers, document, operations};
use crate::web::assets;

/// The page.
#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    parts: Vec<Part>,
    schemas: Vec<Schema>,
    problems: Vec<(u16, &'static str)>,
}

/// Calls that belong together.
struct Part {
    name: &'static str,
    calls: Vec<Call>,
}

/// A call as it is read.
struct Call {
    id: String,
    method: String,
    path: &'static str,
    summary: &'static str,
    roles: String,
    parameters: Vec<Line>,
    fields: Vec<Line>,
    curl: String,
    answers: Vec<Answered>,
}

struct Answered {
    status: u16,
    about: &'static str,
    schema: Option<&'static str>,
}

/// A named schema.
struct Schema {
    name: String,
    fields: Vec<Line>,
}

/// A parameter or field: its name, where it stands, whether it must be there, what it holds, what it means.
struct Line {
    name: String,
    place: String,
    is_needed: bool,
    holds: String,
    about: String,
}

/// `GET /api/docs`
pub async fn page() -> HttpResponse {
    let parts = operations::PARTS.iter().map(|(name, calls)| Part {
        name,
        calls: calls.iter().map(Call::of).collect(),
    });
    let schemas = answers::all().into_iter().map(|(name, schema)| Schema {
        name,
        fields: fields(&schema),
    });
    let page = ApiPage {
        parts: parts.collect(),
        schemas: schemas.collect(),
        problems: PROBLEMS
            .iter()
            .chain(&PROBLEMS_OF_WRITES)
            .copied()
            .collect(),
    };
    match page.render() {
        Ok(html) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .body(html),
        Err(error) => {
            log::error!("/api/docs: {error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}

impl Call {
    fn of(operation: &Operation) -> Self {
        let all = document();
        let parameters = operation.parameters();
        let parameters = parameters.iter().map(|one| {
            let name = one.get("$ref").and_then(Value::as_str);
            let shared = name.and_then(|name| all.pointer(name.trim_start_matches('#')));
            Line::parameter(shared.unwrap_or(one))
        });
        let body = operation.body.described();
        let answers = operation.answers.iter().map(|answer| Answered {
            status: answer.status,
            about: answer.about,
            schema: answer.schema,
        });
        Self {
            id: operation.id(),
            method: operation.method.to_uppercase(),
            path: operation.path,
            summary: operation.summary,
            roles: operation.roles().join(", "),
            parameters: parameters.collect(),
            fields: body
                .as_ref()
                .map_or_else(Vec::new, |(schema, _)| fields(schema)),
            curl: curl(operation, body.map(|(_, example)| example).as_ref()),
            answers: answers.collect(),
        }
    }
}

/// The call as a shell makes it.
fn curl(operation: &Operation, example: Option<&Value>) -> String {
    let path = operation
        .path
        .replace("{property}", "RIV")
        .replace("{confirmation}", "API-1001")
        .replace("{id}", "$GUEST")
        .replace('{', "$")
        .replace('}', "");
    let query = operation.query.1.iter().take(operation.query.0);
    let query: Vec<String> = query
        .map(|field| format!("{}={}", field.name, field.example))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let mut lines = vec![format!(
        "curl \"$INNKEEPER{path}{mark}{}\" -H \"Authorization: Bearer $TOKEN\"",
        query.join("&")
    )];
    if operation.stores_nothing() {
        lines.push("-X POST".to_owned());
    } else if operation.method != "get" {
        let method = operation.method.to_uppercase();
        lines.push(format!("-X {method} -H \"Idempotency-Key: $(uuidgen)\""));
    }
    if let Some(example) = example {
        let body = serde_json::to_string_pretty(example).unwrap_or_default();
        let body = body.replace('\'', "'\\''");
        lines.push(format!("-H 'Content-Type: application/json' -d '{body}'"));
    }
    lines.join(" \\\n  ")
}

impl Line {
    fn parameter(parameter: &Value) -> Self {
        let text = |name: &str| {
            let text = parameter.get(name).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        Self {
            name: text("name"),
            place: text("in"),
            is_needed: parameter.get("required") == Some(&Value::Bool(true)),
            holds: parameter.get("schema").map(holds).unwrap_or_default(),
            about: text("description"),
        }
    }
}

/// The fields of an object's schema.
fn fields(schema: &Value) -> Vec<Line> {
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema.get("properties").and_then(Value::as_object);
    let lines = properties.into_iter().flatten().map(|(name, field)| {
        let about = field.get("description").and_then(Value::as_str);
        Line {
            name: name.clone(),
            place: String::new(),
            is_needed: required.is_some_and(|all| all.iter().any(|one| one == name)),
            holds: holds(field),
            about: about.unwrap_or_default().to_owned(),
        }
    });
    lines.collect()
}

/// What a schema lets stand, in words.
fn holds(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(either) = schema.get("anyOf").or_else(|| schema.get("oneOf")) {
        let either = either.as_array().map_or(&[][..], Vec::as_slice);
        return either.iter().map(holds).collect::<Vec<_>>().join(" or ");
    }
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    let number = |name: &str| schema.get(name).and_then(Value::as_i64);
    if let Some(only) = schema.get("const") {
        return only.to_string();
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let told = words.iter().filter(|word| !word.is_null()).take(12);
        let told: Vec<String> = told
            .map(|word| {
                word.as_str()
                    .map_or_else(|| word.to_string(), str::to_owned)
            })
            .collect();
        let more = if words.len() > 13 { ", …" } else { "" };
        return format!("one of {}{more}", told.join(", "));
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut told = match kinds.first().copied() {
        Some("string") => text("format").unwrap_or("string").to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("array") => {
            let items = schema.get("items").map(holds).unwrap_or_default();
            format!("list of {items}")
        }
        Some("object") if schema.pointer("/properties/amount").is_some() => "Money".to_owned(),
        Some(kind) => kind.to_owned(),
        None => "anything".to_owned(),
    };
    if let (Some(from), Some(to)) = (number("minimum"), number("maximum")) {
        told = format!("{told} from {from} to {to}");
    }
    if let Some(most) = number("maxLength") {
        told = format!("{told}, at most {most} characters");
    }
    if kinds.contains(&"null") && kinds.len() > 1 {
        told.push_str(", or null");
    }
    told
}
