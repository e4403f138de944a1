//! The people who work with Innkeeper: who they are, what they may do, what they did.

pub mod audit;
pub mod journal;
pub mod once;
pub mod outlets;
pub mod password;
pub mod role;
pub mod session;
pub mod throttle;
pub mod token;
pub mod user;

pub use outlets::Outlets;
pub use role::{Houses, Right, Role};
pub use session::Clerk;
