//! The loyalty programme: accounts, tiers, and a ledger that is only ever appended to.
//!
//! A person joined of several profiles may hold several accounts, and all stand: nothing moves
//! between ledgers, so that undoing a merge parts them as they were. They are read as one: the tier
//! is the highest (that account leads), the points are the sum. A stay earns on the
//! account of its own profile, and on the leading one where that profile has none.

pub mod account;
pub mod earning;
pub mod expiry;
pub mod ledger;
pub mod number;
pub mod plan;
pub mod programme;
pub mod requests;
pub mod review;
pub mod rewards;
pub mod rules;

pub use account::Account;
