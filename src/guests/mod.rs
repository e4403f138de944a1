//! Guest profiles: names, contacts, documents, and the keys they are found by.

pub mod changes;
pub mod contacts;
pub mod documents;
mod han;
pub mod keys;
pub mod names;
pub mod profile;
