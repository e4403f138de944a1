//! What the desk asks: who is it, who comes, who was found.

use super::super::{Answer, Body, Operation};
use super::{NO_QUERY, PROPERTY};
use crate::importing::object::{Field, Rule};
use crate::importing::stays::FIELDS;

/// The calls.
pub const CALLS: &[Operation] = &[
    Operation {
        method: "post",
        path: "/api/v1/recognize",
        summary: "Whose booking would this be? Nothing is stored",
        query: NO_QUERY,
        body: Body::Fields(FIELDS, &[]),
        answers: &[Answer::of(
            200,
            "Decision, probability, reasons and candidates, the likeliest first.",
            "Recognised",
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
        answers: &[Answer::of(200, "Who arrives.", "Arrivals")],
    },
    Operation {
        method: "get",
        path: "/api/v1/lookup",
        summary: "The search box",
        query: (
            1,
            &[
                Field::text("q", "A name, a room, a number, an address.", "1208")
                    .rule(Rule::Longest(100)),
                PROPERTY,
                Field::whole("limit", "10 where nothing is said.", "10").rule(Rule::Between(1, 50)),
            ],
        ),
        body: Body::None,
        answers: &[Answer::of(
            200,
            "Who was found: in house, arriving, past.",
            "Found",
        )],
    },
];
