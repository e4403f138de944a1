//! The memory of the best innkeeper who ever lived.
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod generating;
pub mod guests;
pub mod importing;
pub mod recognition;
pub mod secret;
pub mod staff;
pub mod vocabulary;
pub mod words;
