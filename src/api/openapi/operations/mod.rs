//! Every call, described; a file for each part of the API.

mod desk;
mod guests;
mod held;
mod reservations;

use super::Operation;
use crate::importing::object::Field;

/// The parts, in the order they are read.
const PARTS: [(&str, &[Operation]); 4] = [
    ("Reservations", reservations::CALLS),
    ("Held events", held::CALLS),
    ("The desk", desk::CALLS),
    ("Guests", guests::CALLS),
];

pub const PROPERTY: Field = Field::text("property", "Code of the house.", "RIV");
pub const CURSOR: Field = Field::text("cursor", "`next_cursor` of the page before.", "");
pub const LIMIT: Field = Field::whole("limit", "Items on a page, 200 at most.", "50");
pub const NO_QUERY: (usize, &[Field]) = (0, &[]);

/// Every call.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    PARTS.iter().flat_map(|(_, calls)| calls.iter())
}
