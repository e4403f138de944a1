//! Reservations, and what happens to them.

use super::super::{Answer, Body, Operation};
use super::{CURSOR, LIMIT, NO_QUERY, PROPERTY};
use crate::api::events::{BARE, CHECK_IN};
use crate::importing::object::{Field, Rule};
use crate::importing::stays::FIELDS;
use crate::stays::Status;

const STAY: &[Answer] = &[Answer::of(
    200,
    "The reservation and whose it is.",
    "Reservation",
)];
const EVENT: &[Answer] = &[
    Answer::of(
        200,
        "The reservation; `outcome` is `changed`, `unchanged` or `older`.",
        "Happened",
    ),
    Answer::of(
        202,
        "It came before what it needs, and waits; see `held`.",
        "Waits",
    ),
];

/// The calls.
pub const CALLS: &[Operation] = &[
    Operation {
        method: "get",
        path: "/api/v1/reservations",
        summary: "Reservations of a house, in the order they became known",
        query: (
            1,
            &[
                PROPERTY,
                Field::text("status", "Only those in this state.", "reserved").rule(Rule::OneOf(
                    || Status::ALL.iter().map(|one| one.as_str()).collect(),
                )),
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
        answers: &[Answer::of(
            200,
            "A page of reservations; `next_cursor` where there are more.",
            "ReservationPage",
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
            Answer::of(
                200,
                "It is known; `outcome` is `changed`, `unchanged` or `older`.",
                "Taken",
            ),
            Answer::of(201, "It is new.", "Taken"),
        ],
    },
    Operation {
        method: "post",
        path: "/api/v1/reservations:batch",
        summary: "Many reservations at once, each with a result of its own",
        query: NO_QUERY,
        body: Body::Batch,
        answers: &[Answer::of(
            200,
            "A result for each, in order; those refused have a `problem`.",
            "BatchResult",
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
        method: "post",
        path: "/api/v1/reservations/{property}/{confirmation}/charges",
        summary: "The folio of a stay that is over is corrected, and its points with it",
        query: NO_QUERY,
        body: Body::Charges,
        answers: &[Answer::of(
            200,
            "The reservation; `points` is how many more, or fewer, it has earned.",
            "Corrected",
        )],
    },
];
