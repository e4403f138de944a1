//! What happened, for programs that ask.

use super::super::{Answer, Body, Operation};
use super::LIMIT;
use crate::importing::object::Field;

/// The calls.
pub const CALLS: &[Operation] = &[Operation {
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
    answers: &[Answer::of(
        200,
        "Events; ask again with `next` at once where there is `more`, else later.",
        "EventPage",
    )],
}];
