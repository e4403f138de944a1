//! The subcommands.

pub mod generate;
pub mod import;
pub mod progress;
