//! What the API is, for programs (OpenAPI 3.1) and for people: made from the table of routes and the fields it reads.

use std::fmt::Write as _;

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

use super::events::{BARE, CHARGE, CHECK_IN};
use super::routes::{Route, TABLE, Who};
use crate::importing::object::{Field, Shape};
use crate::importing::stays::FIELDS;
use crate::staff::Role;

/// What a call reads as its body.
enum Body {
    None,
    /// These fields; those named must be there.
    Fields(&'static [Field], &'static [&'static str]),
    /// The same, with lines of a folio.
    CheckOut,
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
    answers: &'static [(u16, &'static str)],
}

const PROPERTY: Field = Field::text("property", "Code of the house.", "RIV");
const CURSOR: Field = Field::text("cursor", "`next_cursor` of the page before.", "");
const LIMIT: Field = Field::whole("limit", "Items on a page, 200 at most.", "50");
const NO_QUERY: (usize, &[Field]) = (0, &[]);
const STAY: &[(u16, &str)] = &[(200, "The reservation and whose it is.")];
const EVENT: &[(u16, &str)] = &[
    (
        200,
        "The reservation; `outcome` is `changed`, `unchanged` or `older`.",
    ),
    (202, "It came before what it needs, and waits; see `held`."),
];

const OPERATIONS: &[Operation] = &[
    Operation {
        method: "get",
        path: "/api/v1/reservations",
        summary: "Reservations of a house, in the order they became known",
        query: (
            1,
            &[
                PROPERTY,
                Field::text("status", "Only those in this state.", "reserved"),
                Field::date(
                    "arrival_from",
                    "Only those that arrive from this day on.",
                    "2026-11-24",
                ),
                Field::date(
                    "arrival_to",
                    "Only those that arrive up to this day.",
                    "2199-12-31",
                ),
                LIMIT,
                CURSOR,
            ],
        ),
        body: Body::None,
        answers: &[(
            200,
            "A page of reservations; `next_cursor` where there are more.",
        )],
    },
    Operation {
        method: "get",
        path: "/api/v1/reservations/{property}/{confirmation}",
        summary: "A reservation",
        query: NO_QUERY,
        body: Body::None,
        answers: STAY,
    },
    Operation {
        method: "put",
        path: "/api/v1/reservations/{property}/{confirmation}",
        summary: "A reservation, as its source now says it",
        query: NO_QUERY,
        body: Body::Fields(FIELDS, &["arrival", "departure"]),
        answers: &[
            (
                200,
                "It is known; `outcome` is `changed`, `unchanged` or `older`.",
            ),
            (201, "It is new."),
        ],
    },
    Operation {
        method: "post",
        path: "/api/v1/reservations:batch",
        summary: "Many reservations at once, each with a result of its own",
        query: NO_QUERY,
        body: Body::Batch,
        answers: &[(
            200,
            "A result for each, in order; those refused have a `problem`.",
        )],
    },
    Operation {
        method: "post",
        path: "/api/v1/reservations/{property}/{confirmation}/check-in",
        summary: "The guest has come",
        query: NO_QUERY,
        body: Body::Fields(CHECK_IN, &["room"]),
        answers: EVENT,
    },
    Operation {
        method: "post",
        path: "/api/v1/reservations/{property}/{confirmation}/check-out",
        summary: "The guest has left; the folio and the points are posted",
        query: NO_QUERY,
        body: Body::CheckOut,
        answers: EVENT,
    },
    Operation {
        method: "post",
        path: "/api/v1/reservations/{property}/{confirmation}/cancel",
        summary: "The guest will not come",
        query: NO_QUERY,
        body: Body::Fields(BARE, &[]),
        answers: EVENT,
    },
    Operation {
        method: "post",
        path: "/api/v1/reservations/{property}/{confirmation}/no-show",
        summary: "The guest did not come",
        query: NO_QUERY,
        body: Body::Fields(BARE, &[]),
        answers: EVENT,
    },
    Operation {
        method: "get",
        path: "/api/v1/events",
        summary: "What happened, in an order that skips nothing; kept for 30 days",
        query: (
            0,
            &[
                Field::text("after", "`next` of the answer before.", ""),
                Field::text(
                    "kind",
                    "Only these kinds, separated by commas.",
                    "stay.checked_in,stay.checked_out",
                ),
                Field::text("property", "Only of this house.", "RIV"),
                LIMIT,
            ],
        ),
        body: Body::None,
        answers: &[(
            200,
            "Events; ask again with `next` at once where there is `more`, else later.",
        )],
    },
    Operation {
        method: "get",
        path: "/api/v1/held",
        summary: "Events that wait for what they need",
        query: (1, &[PROPERTY, LIMIT, CURSOR]),
        body: Body::None,
        answers: &[(200, "A page of events, each with its reason.")],
    },
    Operation {
        method: "post",
        path: "/api/v1/held/{held}/retry",
        summary: "Try an event again",
        query: NO_QUERY,
        body: Body::None,
        answers: &[(
            200,
            "`outcome` is `settled`, or `held` with the reason it has now.",
        )],
    },
    Operation {
        method: "delete",
        path: "/api/v1/held/{held}",
        summary: "Give an event up",
        query: NO_QUERY,
        body: Body::None,
        answers: &[(204, "It waits no more.")],
    },
    Operation {
        method: "post",
        path: "/api/v1/recognize",
        summary: "Whose booking would this be? Nothing is stored",
        query: NO_QUERY,
        body: Body::Fields(FIELDS, &[]),
        answers: &[(
            200,
            "Decision, probability, reasons and candidates, the likeliest first.",
        )],
    },
    Operation {
        method: "get",
        path: "/api/v1/arrivals",
        summary: "The arrivals board",
        query: (
            1,
            &[
                PROPERTY,
                Field::date("date", "Today where nothing is said.", "2026-11-24"),
            ],
        ),
        body: Body::None,
        answers: &[(200, "Who arrives.")],
    },
    Operation {
        method: "get",
        path: "/api/v1/guests/{id}/welcome",
        summary: "The welcome card",
        query: (
            1,
            &[
                PROPERTY,
                Field::text(
                    "confirmation",
                    "Of this reservation; else of the stay, or the next.",
                    "",
                ),
            ],
        ),
        body: Body::None,
        answers: &[(
            200,
            "What to say, do and avoid, and what must not go wrong.",
        )],
    },
    Operation {
        method: "get",
        path: "/api/v1/guests/{id}",
        summary: "A guest: the person that all profiles make",
        query: NO_QUERY,
        body: Body::None,
        answers: &[(200, "Names, contacts, preferences, loyalty and counts.")],
    },
    Operation {
        method: "get",
        path: "/api/v1/lookup",
        summary: "The search box",
        query: (
            1,
            &[
                Field::text("q", "A name, a room, a number, an address.", "1208"),
                PROPERTY,
                Field::whole("limit", "50 at most.", "10"),
            ],
        ),
        body: Body::None,
        answers: &[(200, "Who was found: in house, arriving, past.")],
    },
];

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
        .body(text())
}

/// The document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
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
            "schemas": {"Problem": problem()},
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
                "schema": schema(field),
                "example": field.sample(),
            })
        });
        let key = json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "minLength": 1, "maxLength": 255}});
        let key = (self.method != "get").then_some(key);
        let answers = self.answers.iter().map(|(status, about)| {
            let mut answer = json!({"description": about});
            if *status != 204
                && let Some(answer) = answer.as_object_mut()
            {
                let content = json!({"application/json": {"schema": {"type": "object"}}});
                answer.insert("content".into(), content);
            }
            (status.to_string(), answer)
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

impl Body {
    /// Its schema and an example; none where there is no body.
    fn described(&self) -> Option<(Value, Value)> {
        let place = [
            PROPERTY,
            Field::text(
                "confirmation_number",
                "The house's number for it.",
                "API-1001",
            ),
        ];
        Some(match self {
            Self::None => return None,
            Self::Fields(fields, required) => (object(fields, required), sample(fields)),
            Self::CheckOut => {
                let (mut schema, mut example) = (object(BARE, &[]), sample(BARE));
                let lines = json!({"type": "array", "maxItems": 500, "items": object(CHARGE, &["department", "amount"])});
                put(schema.get_mut("properties"), "charges", lines);
                put(Some(&mut example), "charges", json!([sample(CHARGE)]));
                (schema, example)
            }
            Self::Batch => {
                let (mut item, mut example) = (
                    object(
                        FIELDS,
                        &["property", "confirmation_number", "arrival", "departure"],
                    ),
                    sample(FIELDS),
                );
                // A room is promised once: the examples can all be tried one after the other.
                if let Some(example) = example.as_object_mut() {
                    example.remove("room");
                }
                for field in &place {
                    put(item.get_mut("properties"), field.name, schema(field));
                    put(Some(&mut example), field.name, field.sample());
                }
                let items = json!({"type": "array", "maxItems": 1000, "items": item});
                let schema = json!({"type": "object", "required": ["items"], "properties": {"items": items}, "additionalProperties": false});
                (schema, json!({"items": [example]}))
            }
        })
    }
}

fn put(object: Option<&mut Value>, name: &str, value: Value) {
    if let Some(object) = object.and_then(Value::as_object_mut) {
        object.insert(name.to_owned(), value);
    }
}

fn object(fields: &[Field], required: &[&str]) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| (field.name.to_owned(), schema(field)))
        .collect();
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

/// All fields with their examples; whose guest and room it is depends on the house, and is left out.
fn sample(fields: &[Field]) -> Value {
    let fields = fields
        .iter()
        .filter(|field| field.name != "guest_id" && !field.example.is_empty())
        .map(|field| (field.name.to_owned(), field.sample()));
    Value::Object(fields.collect())
}

fn schema(field: &Field) -> Value {
    let mut schema = match field.shape {
        Shape::Text => json!({"type": ["string", "null"], "maxLength": 200}),
        Shape::Date => json!({"type": ["string", "null"], "format": "date"}),
        Shape::Moment => json!({"type": ["string", "null"], "format": "date-time"}),
        Shape::Whole => json!({"type": ["integer", "null"]}),
        Shape::Texts => json!({"type": ["array", "null"], "items": {"type": "string"}}),
        Shape::Money => json!({
            "type": ["object", "null"],
            "required": ["amount", "currency"],
            "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
        }),
    };
    put(Some(&mut schema), "description", field.about.into());
    schema
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What happened, and what would be right."},
            "instance": {"type": "string", "description": "The request, as it stands in the log."},
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"field": {"type": "string"}, "detail": {"type": "string"}}},
            },
        },
    })
}

/// The same for people.
fn text() -> String {
    let mut text =
        String::from("Innkeeper, JSON API\n\nThe whole description: /api/v1/openapi.json\n");
    for operation in OPERATIONS {
        let method = operation.method.to_uppercase();
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n{method} {}\n  {}\n  tokens of: {}\n",
            operation.path,
            operation.summary,
            operation.roles().join(", ")
        );
        for field in operation.query.1 {
            let _ = writeln!(text, "  ?{}  {}", field.name, field.about);
        }
        if let Some((_, example)) = operation.body.described() {
            let _ = writeln!(text, "  {example}");
        }
        for (status, about) in operation.answers {
            let _ = writeln!(text, "  {status}  {about}");
        }
    }
    text
}

/// Calls of the table that are not described; none, or the document would keep something back.
pub fn undescribed() -> Vec<&'static str> {
    let is_described = |route: &&Route| {
        OPERATIONS
            .iter()
            .any(|operation| (operation.method, operation.path) == (route.method, route.path))
    };
    TABLE
        .iter()
        .filter(|route| route.who != Who::Anyone && !is_described(route))
        .map(|route| route.path)
        .collect()
}
