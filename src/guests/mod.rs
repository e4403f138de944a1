//! Guests: who they are, how to reach them, what they wish for.

pub mod guest;
pub mod notes;
pub mod preferences;

pub use guest::Guest;
