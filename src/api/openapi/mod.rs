//! What the API is, for programs (OpenAPI 3.1) and for people: made from the table of routes and the fields it reads.

mod answers;
mod operations;
mod read;
mod schema;

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

use super::routes::{Route, TABLE, Who};
use crate::importing::object::Field;
use crate::staff::Role;

/// What a call reads as its body.
enum Body {
    None,
    /// These fields; those named must be there.
    Fields(&'static [Field], &'static [&'static str]),
    /// The same, with lines of a folio.
    CheckOut,
    /// Lines of a folio alone.
    Charges,
    /// Many reservations.
    Batch,
}

/// A call, described.
struct Operation {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    /// What may stand behind the question mark; the first so many must.
    query: (usize, &'static [Field]),
    body: Body,
    /// Statuses of success, and what they mean.
    answers: &'static [Answer],
}

/// What a call answers when all is well.
struct Answer {
    status: u16,
    about: &'static str,
    /// The name of its schema; none where the answer is empty.
    schema: Option<&'static str>,
}

impl Answer {
    /// With a body of this schema.
    const fn of(status: u16, about: &'static str, schema: &'static str) -> Self {
        Self {
            status,
            about,
            schema: Some(schema),
        }
    }

    /// With no body.
    const fn empty(status: u16, about: &'static str) -> Self {
        Self {
            status,
            about,
            schema: None,
        }
    }
}

/// What may go wrong with any call.
const PROBLEMS: [(u16, &str); 14] = [
    (400, "The request can't be read."),
    (401, "No token, or none in force."),
    (403, "The token does not allow this."),
    (404, "There is no such thing."),
    (405, "Not by this method."),
    (408, "The body took too long."),
    (409, "A rule of the house forbids it."),
    (412, "It has changed since it was read."),
    (413, "The body is too long."),
    (415, "The body must be JSON."),
    (
        422,
        "A field can't be right, or the key stands for another request.",
    ),
    (429, "Too many calls; see Retry-After."),
    (500, "Our fault."),
    (503, "Not just now; see Retry-After."),
];

/// `GET /api/v1/openapi.json`
pub async fn serve() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("content-type", "application/json"))
        .body(document().to_string())
}

/// `GET /api/docs`
pub async fn read() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("content-type", "text/plain; charset=utf-8"))
        .body(read::text())
}

/// The document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::all() {
        let path = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method.into(), operation.described());
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Innkeeper",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Times are RFC 3339 in UTC. Errors are problem details. A write takes an Idempotency-Key: the same key and body is answered as the first time, for 48 hours. A write takes If-Match with the ETag that was read.",
        },
        "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": answers::all(),
        },
        "paths": paths,
    })
}

impl Operation {
    fn route(&self) -> Option<&'static Route> {
        TABLE
            .iter()
            .find(|route| (route.method, route.path) == (self.method, self.path))
    }

    /// The roles whose tokens may make the call.
    fn roles(&self) -> Vec<&'static str> {
        let who = self.route().map(|route| route.who);
        Role::ALL
            .iter()
            .filter(|role| who.is_some_and(|who| who.admits(**role)))
            .map(|role| role.as_str())
            .collect()
    }

    fn described(&self) -> Value {
        let parts = self.path.split('/').filter_map(|part| {
            let name = part.strip_prefix('{')?.strip_suffix('}')?;
            Some(
                json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
            )
        });
        let (required, query) = self.query;
        let query = query.iter().enumerate().map(|(index, field)| {
            json!({
                "name": field.name,
                "in": "query",
                "required": index < required,
                "description": field.about,
                "schema": schema::schema(field),
                "example": field.sample(),
            })
        });
        let key = json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "minLength": 1, "maxLength": 255}});
        let key = (self.method != "get").then_some(key);
        let answers = self.answers.iter().map(|answer| {
            let mut described = json!({"description": answer.about});
            if let Some(name) = answer.schema {
                let schema = json!({"$ref": format!("#/components/schemas/{name}")});
                let content = json!({"application/json": {"schema": schema}});
                schema::put(Some(&mut described), "content", content);
            }
            (answer.status.to_string(), described)
        });
        let problems = PROBLEMS.iter().map(|(status, about)| {
            let content = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
            (status.to_string(), json!({"description": about, "content": content}))
        });
        let mut described = json!({
            "operationId": format!("{}{}", self.method, self.path.trim_start_matches("/api/v1").replace(['/', '{', '}', ':', '-'], "_")),
            "summary": self.summary,
            "description": format!("Tokens of: {}.", self.roles().join(", ")),
            "parameters": parts.chain(query).chain(key).collect::<Vec<_>>(),
            "responses": answers.chain(problems).collect::<Map<String, Value>>(),
        });
        if let (Some((schema, example)), Some(described)) =
            (self.body.described(), described.as_object_mut())
        {
            let content = json!({"application/json": {"schema": schema, "example": example}});
            described.insert(
                "requestBody".into(),
                json!({"required": true, "content": content}),
            );
        }
        described
    }
}

/// Calls of the table that are not described; none, or the document would keep something back.
pub fn undescribed() -> Vec<&'static str> {
    let is_described = |route: &&Route| {
        operations::all()
            .any(|operation| (operation.method, operation.path) == (route.method, route.path))
    };
    TABLE
        .iter()
        .filter(|route| route.who != Who::Anyone && !is_described(route))
        .map(|route| route.path)
        .collect()
}
