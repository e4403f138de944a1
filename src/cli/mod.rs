//! The subcommands.

pub mod import;
pub mod progress;
