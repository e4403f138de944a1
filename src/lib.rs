//! The memory of the best innkeeper who ever lived.
//!
//! A newcomer finds a feature by its noun: [`guests`], [`stays`], [`rooms`], [`loyalty`], [`cases`];
//! [`welcome`] turns what they know into the card a clerk reads; [`web`] shows it.
//! The domain knows neither HTTP nor which database is underneath.

pub mod cases;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod guests;
pub mod loyalty;
pub mod properties;
pub mod recognition;
pub mod rooms;
pub mod secret;
pub mod staff;
pub mod stays;
pub mod vocabulary;
pub mod web;
pub mod welcome;
pub mod words;
