//! Guests.

use super::super::{Answer, Body, Operation};
use super::{NO_QUERY, PROPERTY};
use crate::importing::object::Field;

/// The calls.
pub const CALLS: &[Operation] = &[
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
        answers: &[Answer::of(
            200,
            "What to say, do and avoid, and what must not go wrong.",
            "Welcome",
        )],
    },
    Operation {
        method: "get",
        path: "/api/v1/guests/{id}",
        summary: "A guest: the person that all profiles make",
        query: NO_QUERY,
        body: Body::None,
        answers: &[Answer::of(
            200,
            "Names, contacts, preferences, loyalty and counts.",
            "Guest",
        )],
    },
];
