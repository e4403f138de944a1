//! What the API is, for people.

use std::fmt::Write as _;

use super::operations;

pub fn text() -> String {
    let mut text =
        String::from("Innkeeper, JSON API\n\nThe whole description: /api/v1/openapi.json\n");
    for operation in operations::all() {
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
        for answer in operation.answers {
            let _ = writeln!(text, "  {}  {}", answer.status, answer.about);
        }
    }
    text
}
