//! The JSON API under `/api/v1`: for the programs a hotel lives with.

mod adapters;
mod arrivals;
mod batch;
mod bounces;
mod call;
mod door;
mod events;
mod feed;
mod guests;
mod held;
mod limits;
mod listing;
mod lookup;
mod merges;
pub mod openapi;
mod points;
mod preferences;
mod problem;
mod profiles;
mod recognize;
mod reservations;
pub mod routes;
mod welcome;

pub use limits::Limits;

use actix_web::{HttpRequest, HttpResponse};

/// The answer to a call whose address can't be read.
pub fn unreadable(request: &HttpRequest) -> HttpResponse {
    let call = call::Call::of(request);
    problem::Problem::Unreadable("the address can't be read; write it in UTF-8".into())
        .respond(&call.id)
}
