//! Restaurants and bars: where their tables stand, who sits at them, and what is remembered of it.
//!
//! A party is one record ([`visit`]) from its booking to its leaving, as a stay is. Booked, held and seated parties hold
//! their tables by the same rows ([`slots`]), so no table is promised twice. Which table suits whom ([`seating`]), how
//! long one waits ([`waiting`]), how the room stands ([`floor`]) and what a host is told ([`card`]) are pure.

pub mod booking;
pub mod card;
pub mod dishes;
pub mod editing;
pub mod evening;
pub mod floor;
pub mod host;
pub mod memory;
pub mod menu;
pub mod outlet;
pub mod seating;
pub mod slots;
pub mod table;
pub mod visit;
pub mod waiting;

pub use outlet::{Meal, Outlet, Service};
pub use table::Table;
pub use visit::{Status, Visit};
