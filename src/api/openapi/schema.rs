//! What a call reads and answers, as JSON Schema.

use serde_json::{Map, Value, json};

use super::Body;
use super::operations::PROPERTY;
use crate::api::events::{BARE, CHARGE};
use crate::importing::object::{CURRENCY, Field, Rule, Shape};
use crate::importing::stays::FIELDS;

impl Body {
    /// Its schema and an example; none where there is no body.
    pub fn described(&self) -> Option<(Value, Value)> {
        let place = [
            PROPERTY,
            Field::text(
                "confirmation_number",
                "The house's number for it.",
                "API-1001",
            )
            .rule(Rule::Longest(64)),
        ];
        Some(match self {
            Self::None => return None,
            Self::Theirs("application/json", example) => {
                let example = serde_json::from_str(example).unwrap_or_default();
                (json!({"type": "object"}), example)
            }
            Self::Theirs(_, example) => (json!({"type": "string"}), (*example).into()),
            Self::Fields(fields, required) => (object(fields, required), sample(fields)),
            Self::Charges | Self::CheckOut => {
                let (fields, required): (&[Field], &[&str]) = match self {
                    Self::Charges => (&[], &["charges"]),
                    _ => (BARE, &[]),
                };
                let (mut schema, mut example) = (object(fields, required), sample(fields));
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
                    put(item.get_mut("properties"), field.name, schema(field, false));
                    put(Some(&mut example), field.name, field.sample());
                }
                let items = json!({"type": "array", "maxItems": 1000, "items": item});
                let schema = json!({"type": "object", "required": ["items"], "properties": {"items": items}, "additionalProperties": false});
                (schema, json!({"items": [example]}))
            }
        })
    }
}

pub fn put(object: Option<&mut Value>, name: &str, value: Value) {
    if let Some(object) = object.and_then(Value::as_object_mut) {
        object.insert(name.to_owned(), value);
    }
}

/// The schema of an object that has these fields and no others.
pub fn object(fields: &[Field], required: &[&str]) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let may_be_null = !required.contains(&field.name);
            (field.name.to_owned(), schema(field, may_be_null))
        })
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

/// The schema of a field; one that may be unknown may be null.
pub fn schema(field: &Field, may_be_null: bool) -> Value {
    let a = |kind: &str| {
        if may_be_null {
            json!([kind, "null"])
        } else {
            kind.into()
        }
    };
    let mut schema = match (field.shape, field.rule) {
        (Shape::Text, Rule::OneOf(words)) => {
            let words = words().into_iter().map(Value::from);
            let none = may_be_null.then_some(Value::Null);
            json!({"type": a("string"), "enum": words.chain(none).collect::<Vec<_>>()})
        }
        (Shape::Text, rule) => {
            let mut schema = text(rule, field.like);
            put(Some(&mut schema), "type", a("string"));
            if !may_be_null {
                put(Some(&mut schema), "minLength", 1.into());
            }
            schema
        }
        (Shape::Date, _) => json!({"type": a("string"), "format": "date"}),
        (Shape::Moment, _) => json!({"type": a("string"), "format": "date-time"}),
        (Shape::Whole, Rule::Between(from, to)) => {
            json!({"type": a("integer"), "minimum": from, "maximum": to})
        }
        (Shape::Whole, _) => json!({"type": a("integer"), "format": "int64"}),
        (Shape::Flag, _) => json!({"type": a("boolean")}),
        (Shape::Texts, rule) => {
            json!({"type": a("array"), "maxItems": 20, "items": text(rule, field.like)})
        }
        (Shape::Money, rule) => {
            let sign = if matches!(rule, Rule::NotBelowZero) {
                ""
            } else {
                "-?"
            };
            let amount = format!("^{sign}[0-9]{{1,12}}(\\.[0-9]+)?$");
            json!({
                "type": a("object"),
                "required": ["amount", "currency"],
                "properties": {
                    "amount": {"type": "string", "maxLength": 40, "pattern": amount},
                    "currency": {"type": "string", "pattern": CURRENCY},
                },
                "additionalProperties": false,
            })
        }
    };
    put(Some(&mut schema), "description", field.about.into());
    schema
}

/// A text under a rule: nothing that can't be printed.
fn text(rule: Rule, like: Option<&str>) -> Value {
    let (longest, plain) = match rule {
        Rule::Lines(most) => (
            most,
            "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\ufffd]*$",
        ),
        Rule::Longest(most) => (most, PLAIN),
        _ => (200, PLAIN),
    };
    json!({"type": "string", "maxLength": longest, "pattern": like.unwrap_or(plain)})
}

/// A part of an address.
pub fn part(name: &str) -> Value {
    let (schema, about) = match name {
        "property" => (
            json!({"type": "string", "minLength": 1, "maxLength": 64}),
            "Code of the house.",
        ),
        "confirmation" => (
            json!({"type": "string", "minLength": 1, "maxLength": 64}),
            "The house's number for the reservation.",
        ),
        "id" => (
            json!({"type": "string", "minLength": 1, "maxLength": 64}),
            "A guest's id; the id of any profile of a person leads to the person.",
        ),
        _ => (
            json!({"type": "string", "pattern": "^[0-9]{1,18}$"}),
            "The id it was answered with.",
        ),
    };
    let mut part = json!({"name": name, "in": "path", "required": true, "schema": schema, "description": about});
    if name == "property" {
        put(Some(&mut part), "example", PROPERTY.sample());
    }
    part
}

/// On one line.
const PLAIN: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f\\ufffd]*$";
