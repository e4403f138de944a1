//! Guests.

use super::super::{Answer, Body, Operation};
use super::{CURSOR, LIMIT, NO_QUERY, PROPERTY};
use crate::api::points::ENTRY;
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
    Operation {
        method: "get",
        path: "/api/v1/guests/{id}/points",
        summary: "What a guest's accounts hold, and the ledger, the newest entry first",
        query: (0, &[LIMIT, CURSOR]),
        body: Body::None,
        answers: &[Answer::of(
            200,
            "Balance, lots by the day they lapse, tier, and a page of entries.",
            "Points",
        )],
    },
    Operation {
        method: "post",
        path: "/api/v1/guests/{id}/points",
        summary: "Points earned, spent or put right",
        query: NO_QUERY,
        body: Body::Fields(ENTRY, &["kind", "points", "reason"]),
        answers: &[
            Answer::of(201, "It is posted; what the accounts hold now.", "Points"),
            Answer::of(
                202,
                "It is above the limit, and waits for somebody to approve it.",
                "Points",
            ),
        ],
    },
];
