//! Letters to guests.

use super::super::{Answer, Body, Operation};
use super::NO_QUERY;
use crate::api::bounces;

/// The calls.
pub const CALLS: &[Operation] = &[Operation {
    method: "post",
    path: "/api/v1/bounces",
    summary: "A letter came back, or its reader calls it spam",
    query: NO_QUERY,
    body: Body::Fields(bounces::FIELDS, &["kind"]),
    answers: &[Answer::of(
        200,
        "`outcome` is `marked` where the address or the guest is not written to any more, `noted` where the letter counts as come \
         back and the address may still be good, `known`, or `unknown` where it is about no letter of the token's houses.",
        "BounceTaken",
    )],
}];
