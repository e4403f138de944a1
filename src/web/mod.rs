//! The thin layer between a browser and the hotel: routes, sessions, forms, pages.

pub mod app;
pub mod assets;
pub mod desk;
pub mod error;
pub mod flash;
pub mod form;
pub mod health;
pub mod page;
pub mod routes;
pub mod server;

mod account;
mod boards;
mod card;
mod guests;
mod imports;
mod live;
mod login;
mod metrics;
mod pills;
mod rooms;
mod search;
mod settings;
mod stays;

pub use app::App;
pub use desk::{Answer, Desk, View};
pub use error::AppError;
