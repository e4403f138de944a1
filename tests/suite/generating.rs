//! Filling an empty database.
