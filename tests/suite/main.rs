//! The integration tests, one binary: a file per feature, each test in a hotel of its own.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod generating;
mod importing;
mod sign_in;
mod support;
