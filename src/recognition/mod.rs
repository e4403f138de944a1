//! Whose booking is this? Signals of a booking against the profiles that could be meant.
//!
//! Link, don't guess: what the evidence does not settle is asked.

pub mod again;
pub mod apart;
pub mod compare;
mod current;
pub mod duplicates;
pub mod fitting;
mod known;
pub mod labelled;
pub mod levels;
pub mod measuring;
pub mod merging;
pub mod model;
pub mod refit;
pub mod review;
pub mod settings;
mod signals;
mod verdict;

pub use current::{current, decided, set};
pub use known::{Heard, Known};
pub use model::Model;
pub use settings::Settings;
pub use signals::Signals;
pub use verdict::{Decision, Judged, NAMED, Verdict, verdict};
