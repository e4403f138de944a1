//! Events that wait.

use super::super::{Answer, Body, Operation};
use super::{CURSOR, LIMIT, NO_QUERY, PROPERTY};

/// The calls.
pub const CALLS: &[Operation] = &[
    Operation {
        method: "get",
        path: "/api/v1/held",
        summary: "Events that wait for what they need",
        query: (1, &[PROPERTY, LIMIT, CURSOR]),
        body: Body::None,
        answers: &[Answer::of(
            200,
            "A page of events, each with its reason.",
            "HeldPage",
        )],
    },
    Operation {
        method: "post",
        path: "/api/v1/held/{held}/retry",
        summary: "Try an event again",
        query: NO_QUERY,
        body: Body::None,
        answers: &[Answer::of(
            200,
            "`outcome` is `settled`, or `held` with the reason it has now.",
            "Retried",
        )],
    },
    Operation {
        method: "delete",
        path: "/api/v1/held/{held}",
        summary: "Give an event up",
        query: NO_QUERY,
        body: Body::None,
        answers: &[Answer::empty(204, "It waits no more.")],
    },
];
