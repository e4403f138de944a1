//! What a call reads and answers, as JSON Schema.

use serde_json::{Map, Value, json};

use super::Body;
use super::operations::PROPERTY;
use crate::api::events::{BARE, CHARGE};
use crate::importing::object::{Field, Shape};
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
            ),
        ];
        Some(match self {
            Self::None => return None,
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

pub fn put(object: Option<&mut Value>, name: &str, value: Value) {
    if let Some(object) = object.and_then(Value::as_object_mut) {
        object.insert(name.to_owned(), value);
    }
}

pub fn object(fields: &[Field], required: &[&str]) -> Value {
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

pub fn schema(field: &Field) -> Value {
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
