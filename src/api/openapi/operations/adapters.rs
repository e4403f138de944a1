//! What the market sends, as it sends it.

use super::super::{Answer, Body, Operation};
use crate::importing::object::Field;

const PROGRAMME: (usize, &[Field]) = (
    0,
    &[Field::text(
        "programme",
        "What the source calls our loyalty programme; numbers of all others are none of ours.",
        "",
    )],
);
const RESULTS: &[Answer] = &[Answer::of(
    200,
    "A result for each, in order, with what was not taken; those refused have a `problem`.",
    "AdapterResult",
)];

/// The calls.
pub const CALLS: &[Operation] = &[
    Operation {
        method: "post",
        path: "/api/v1/adapters/ohip/{property}/reservations",
        summary: "Reservations as Oracle OHIP writes them",
        query: PROGRAMME,
        body: Body::Theirs(
            "application/json",
            include_str!("../../../adapters/examples/ohip_reservations.json"),
        ),
        answers: RESULTS,
    },
    Operation {
        method: "post",
        path: "/api/v1/adapters/ohip/profiles",
        summary: "Profiles as Oracle OHIP writes them",
        query: PROGRAMME,
        body: Body::Theirs(
            "application/json",
            include_str!("../../../adapters/examples/ohip_profiles.json"),
        ),
        answers: RESULTS,
    },
    Operation {
        method: "post",
        path: "/api/v1/adapters/mews/{property}/reservations",
        summary: "Reservations as Mews writes them, with what they refer to",
        query: PROGRAMME,
        body: Body::Theirs(
            "application/json",
            include_str!("../../../adapters/examples/mews_reservations.json"),
        ),
        answers: RESULTS,
    },
    Operation {
        method: "post",
        path: "/api/v1/adapters/mews/customers",
        summary: "Customers as Mews writes them",
        query: PROGRAMME,
        body: Body::Theirs(
            "application/json",
            include_str!("../../../adapters/examples/mews_customers.json"),
        ),
        answers: RESULTS,
    },
    Operation {
        method: "post",
        path: "/api/v1/adapters/ota/{property}",
        summary: "An OpenTravel OTA_HotelResNotifRQ",
        query: PROGRAMME,
        body: Body::Theirs(
            "application/xml",
            include_str!("../../../adapters/examples/ota.xml"),
        ),
        answers: RESULTS,
    },
];
