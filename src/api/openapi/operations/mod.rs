//! Every call, described; a file for each part of the API.

mod adapters;
mod desk;
mod feed;
mod guests;
mod held;
mod letters;
mod reservations;

use super::Operation;
use crate::importing::object::{Field, Rule};

/// The parts, in the order they are read.
pub const PARTS: [(&str, &[Operation]); 7] = [
    ("Reservations", reservations::CALLS),
    ("Held events", held::CALLS),
    ("Events out", feed::CALLS),
    ("The desk", desk::CALLS),
    ("Guests", guests::CALLS),
    ("Letters", letters::CALLS),
    ("Adapters", adapters::CALLS),
];

pub const PROPERTY: Field = Field::text("property", "Code of the house.", "RIV");
pub const CURSOR: Field =
    Field::text("cursor", "`next_cursor` of the page before.", "").like("^[0-9a-z]{1,12}$");
pub const LIMIT: Field = Field::whole("limit", "Items on a page; 50 where nothing is said.", "50")
    .rule(Rule::Between(1, 200));
pub const NO_QUERY: (usize, &[Field]) = (0, &[]);

/// Every call.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    PARTS.iter().flat_map(|(_, calls)| calls.iter())
}
