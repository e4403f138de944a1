//! Guests.

use super::super::{Answer, Body, Operation};
use super::{CURSOR, LIMIT, NO_QUERY, PROPERTY};
use crate::api::{merges, points, preferences};
use crate::importing::object::Field;
use crate::importing::profiles;

/// The calls.
pub const CALLS: &[Operation] = &[
    Operation {
        method: "post",
        path: "/api/v1/guests",
        summary: "A new guest, as the token's program knows them",
        query: NO_QUERY,
        body: Body::Fields(profiles::FIELDS, &[]),
        answers: &[Answer::of(
            201,
            "The guest; `candidates` are those it could be, for a merge.",
            "NewGuest",
        )],
    },
    Operation {
        method: "patch",
        path: "/api/v1/guests/{id}",
        summary: "What is newly known of the profile in the address, and, by null, what is no longer known",
        query: NO_QUERY,
        body: Body::Fields(profiles::CHANGES, &[]),
        answers: &[Answer::of(
            200,
            "The person as they are now; `outcome` is `changed` or `unchanged`.",
            "ChangedGuest",
        )],
    },
    Operation {
        method: "post",
        path: "/api/v1/guests/{id}/preferences",
        summary: "A wish; the same from the same kind of source is confirmed",
        query: NO_QUERY,
        body: Body::Fields(preferences::FIELDS, &["preference"]),
        answers: &[Answer::of(201, "The wish as it stands.", "Preference")],
    },
    Operation {
        method: "delete",
        path: "/api/v1/guests/{id}/preferences/{preference}",
        summary: "A wish does not hold any more",
        query: NO_QUERY,
        body: Body::None,
        answers: &[Answer::empty(
            204,
            "It is retired; that it was known stays on record.",
        )],
    },
    Operation {
        method: "post",
        path: "/api/v1/guests/{id}/merge",
        summary: "Two guests are one person",
        query: NO_QUERY,
        body: Body::Fields(merges::FIELDS, &["other_id"]),
        answers: &[Answer::of(
            200,
            "The merge, and the person they make.",
            "Merge",
        )],
    },
    Operation {
        method: "post",
        path: "/api/v1/merges/{merge}/undo",
        summary: "They are not: the merge is taken back",
        query: NO_QUERY,
        body: Body::None,
        answers: &[Answer::of(200, "The merge, and the two guests.", "Parted")],
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
        body: Body::Fields(points::ENTRY, &["kind", "points", "reason"]),
        answers: &[
            Answer::of(
                201,
                "It is posted; what the accounts hold now.",
                "PointsPosted",
            ),
            Answer::of(
                202,
                "It is above the limit, and waits for somebody to approve it.",
                "PointsPosted",
            ),
        ],
    },
];
