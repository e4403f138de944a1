//! Guests: who they are, how to reach them, what they wish for, how they are found.

pub mod amending;
pub mod calling;
pub mod changes;
pub mod consents;
pub mod contacts;
pub mod contradictions;
pub mod documents;
pub mod evidence;
pub mod guest;
mod han;
pub mod keys;
pub mod likeness;
pub mod names;
pub mod notes;
pub mod person;
pub mod portrait;
pub mod preferences;
pub mod profile;
pub mod readings;
pub mod search;
pub mod sounds;
pub mod typed;

pub use guest::Guest;
