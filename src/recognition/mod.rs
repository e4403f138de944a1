//! Whose booking is this? Signals of a booking against the profiles that could be meant.
//!
//! Link, don't guess: what exact evidence does not settle is asked.

pub mod exact;
mod known;
pub mod merging;
pub mod review;
mod signals;

pub use exact::{Decision, Verdict, reason, verdict};
pub use known::Known;
pub use signals::Signals;
