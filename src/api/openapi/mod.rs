//! What the API is, for programs (OpenAPI 3.1) and for people: made from the table of routes and the fields it reads.

mod answers;
mod operations;
pub mod read;
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
    /// As another system writes it: the type, and an example.
    Theirs(&'static str, &'static str),
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
const PROBLEMS: [(u16, &str); 9] = [
    (400, "The request can't be read."),
    (401, "No token, or none in force."),
    (403, "The token does not allow this."),
    (404, "There is no such thing."),
    (405, "Not by this method."),
    (
        422,
        "A field can't be right, or the key stands for another request.",
    ),
    (429, "Too many calls; see Retry-After."),
    (500, "Our fault."),
    (503, "Not just now; see Retry-After."),
];

/// What may go wrong with a call that has a body too.
const PROBLEMS_OF_WRITES: [(u16, &str); 5] = [
    (408, "The body took too long."),
    (409, "A rule of the house forbids it."),
    (412, "It has changed since it was read."),
    (413, "The body is too long."),
    (415, "The body is of a type we don't read."),
];

/// `GET /api/v1/openapi.json`
pub async fn serve() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("content-type", "application/json"))
        .body(document().to_string())
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
            "parameters": {
                "IdempotencyKey": {"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}, "description": "The same key and request is done once, and answered as the first time."},
                "IfMatch": {"name": "If-Match", "in": "header", "required": false, "schema": {"type": "string"}, "description": "The ETag of what was read; the write is refused where that has changed."},
                "IfNoneMatch": {"name": "If-None-Match", "in": "header", "required": false, "schema": {"type": "string"}, "description": "The ETag of what was read; 304 where it is still so."},
            },
            "headers": {
                "RequestId": {"description": "Under which the call stands in the log.", "schema": {"type": "string"}},
                "ETag": {"description": "For If-Match and If-None-Match.", "schema": {"type": "string"}},
            },
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

    /// A name for programs and addresses: `get_guests_id_welcome`.
    fn id(&self) -> String {
        let path = self.path.trim_start_matches("/api/v1");
        let words = path.split(|c: char| !c.is_ascii_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        format!("{}_{}", self.method, words.join("_"))
    }

    fn described(&self) -> Value {
        let mut described = json!({
            "operationId": self.id(),
            "summary": self.summary,
            "description": format!("Tokens of: {}.", self.roles().join(", ")),
            "parameters": self.parameters(),
            "responses": self.responses(),
        });
        if let Some((schema, example)) = self.body.described() {
            let mime = match self.body {
                Body::Theirs(mime, _) => mime,
                _ => "application/json",
            };
            let content = json!({mime: {"schema": schema, "example": example}});
            let body = json!({"required": true, "content": content});
            schema::put(Some(&mut described), "requestBody", body);
        }
        described
    }

    fn parameters(&self) -> Vec<Value> {
        let parts = self.path.split('/').filter_map(|part| {
            let name = part.strip_prefix('{')?.strip_suffix('}')?;
            Some(schema::part(name))
        });
        let (required, query) = self.query;
        let query = query.iter().enumerate().map(|(index, field)| {
            let mut one = json!({
                "name": field.name,
                "in": "query",
                "required": index < required,
                "description": field.about,
                "schema": schema::schema(field, false),
            });
            if !field.example.is_empty() {
                schema::put(Some(&mut one), "example", field.sample());
            }
            one
        });
        let headers: &[&str] = match self.method {
            "get" => &["IfNoneMatch"],
            _ if self.stores_nothing() => &[],
            _ if self.has_tag() => &["IdempotencyKey", "IfMatch"],
            _ => &["IdempotencyKey"],
        };
        let headers = headers
            .iter()
            .map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
        parts.chain(query).chain(headers).collect()
    }

    /// Whether it only computes from what it is given.
    fn stores_nothing(&self) -> bool {
        self.path == "/api/v1/recognize"
    }

    /// Whether what it writes is read with a tag, and may have changed since.
    fn has_tag(&self) -> bool {
        self.method == "patch" || self.path.starts_with("/api/v1/reservations/")
    }

    fn responses(&self) -> Map<String, Value> {
        let request_id = json!({"$ref": "#/components/headers/RequestId"});
        let answers = self.answers.iter().map(|answer| {
            let mut headers = json!({"X-Request-Id": request_id});
            if self.method == "get" {
                let tag = json!({"$ref": "#/components/headers/ETag"});
                schema::put(Some(&mut headers), "ETag", tag);
            }
            let mut described = json!({"description": answer.about, "headers": headers});
            if let Some(name) = answer.schema {
                let schema = json!({"$ref": format!("#/components/schemas/{name}")});
                let content = json!({"application/json": {"schema": schema}});
                schema::put(Some(&mut described), "content", content);
            }
            (answer.status.to_string(), described)
        });
        let same = json!({"description": "What was read before is still so."});
        let same = (self.method == "get").then_some(("304".to_owned(), same));
        let more: &[(u16, &str)] = match self.method {
            "get" => &[],
            _ => &PROBLEMS_OF_WRITES,
        };
        let problems = PROBLEMS.iter().chain(more).map(|(status, about)| {
            let content = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
            let headers = json!({"X-Request-Id": request_id});
            (status.to_string(), json!({"description": about, "headers": headers, "content": content}))
        });
        answers.chain(same).chain(problems).collect()
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
