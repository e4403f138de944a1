//! The welcome card: who this is, what must not go wrong, what to do and what to say.

pub mod alerts;
mod asked;
pub mod card;
pub mod line;
pub mod memory;

pub use card::{Card, Visit};
pub use memory::Memory;
