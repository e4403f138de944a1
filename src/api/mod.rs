//! The JSON API under `/api/v1`: for the programs a hotel lives with.

mod call;
mod door;
mod limits;
mod listing;
mod problem;
mod reservations;
pub mod routes;

pub use limits::Limits;

use actix_web::{HttpRequest, HttpResponse};

/// The answer to a call whose address can't be read.
pub fn unreadable(request: &HttpRequest) -> HttpResponse {
    let call = call::Call::of(request);
    problem::Problem::Unreadable("the address can't be read; write it in UTF-8".into())
        .respond(&call.id)
}
