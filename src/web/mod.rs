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
mod answer;
mod backup;
mod boards;
mod call;
mod caller;
mod card;
mod check_out;
mod duplicates;
mod guests;
mod held;
mod imports;
mod live;
mod login;
mod loyalty;
mod merging;
mod metrics;
mod pills;
mod points;
mod preferences;
mod programme;
mod recognition;
mod registration;
mod related;
mod review;
mod rooms;
mod search;
mod settings;
mod stays;
mod versus;
mod webhooks;

pub use answer::Answer;
pub use app::App;
pub use desk::{Desk, View};
pub use error::AppError;
