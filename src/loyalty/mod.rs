//! The loyalty programme: accounts, tiers, and a ledger that is only ever appended to.

pub mod account;
pub mod ledger;

pub use account::Account;
