//! What calls answer: the named schemas of the document.

use serde_json::{Map, Value, json};

use super::operations;

/// All of them.
pub fn all() -> Map<String, Value> {
    let names = operations::all()
        .flat_map(|call| call.answers)
        .filter_map(|answer| answer.schema);
    let mut all: Map<String, Value> = names
        .map(|name| (name.to_owned(), json!({"type": "object"})))
        .collect();
    all.insert("Problem".into(), problem());
    all
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
