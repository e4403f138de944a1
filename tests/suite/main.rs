//! The integration tests, one binary: a file per feature, each test in a hotel of its own.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod accessible;
mod adapters;
mod api;
mod assigning;
mod backup;
mod boards;
mod browser;
mod call;
mod cases;
mod command_line;
mod crashes;
mod dining;
mod duplicates;
mod events_out;
mod faults;
mod generating;
mod greetings;
mod house_times;
mod importing;
mod ledger;
mod matching;
mod merging;
mod nodes;
mod offers;
mod pages;
mod races;
mod recognition;
mod refitting;
mod review;
mod rights;
mod schema;
mod search;
mod search_index;
mod sign_in;
mod stays;
mod support;
mod webhooks;
mod wishes;
mod words;
