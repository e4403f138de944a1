//! The memory of the best innkeeper who ever lived.

pub mod api;
pub mod cases;
pub mod checking;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod error;
pub mod generating;
pub mod guests;
pub mod importing;
pub mod loyalty;
pub mod properties;
pub mod recognition;
pub mod rooms;
pub mod secret;
pub mod settings;
pub mod staff;
pub mod stays;
pub mod vocabulary;
pub mod web;
pub mod welcome;
pub mod words;
