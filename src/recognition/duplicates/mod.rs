//! Duplicates inside the base: every profile is asked who it is, as if it were a booking.
//!
//! Same candidates, same comparison, same model; left out are the profile itself and the others of its person. What
//! is found is a question for a clerk: nothing is merged here. Those who share a contact and are plainly somebody else
//! are *related*: a family, colleagues.

mod answer;
mod asking;
mod clusters;
mod relation;
mod run;
mod stored;

use crate::text_enum;

pub use answer::{Answer, Answered, answer, undo};
pub use clusters::{Cluster, around, open};
pub use run::{BATCH, Run, Scope, claim, latest, walk, walk_on};
pub use stored::{Link, links};

text_enum! {
    /// How two profiles belong together.
    pub enum Kind {
        /// They could be one person's.
        Same = "same",
        /// A family, or whoever lives together.
        Household = "household",
        /// They work for the same company.
        Colleagues = "colleagues",
        /// They are reached by the same phone or mailbox; why is not known.
        Contact = "contact",
    }
}

/// Two profiles found to belong together, the lower id first.
#[derive(Clone, Debug, PartialEq, diesel::Queryable)]
pub struct Pair {
    /// The older profile.
    pub guest_id: i64,
    /// The newer one.
    pub other_id: i64,
    /// How.
    pub kind: Kind,
    /// How likely they are one person, 0 to 1.
    pub probability: f64,
    /// Codes of reasons joined by `;`.
    pub reasons: String,
}

impl Pair {
    /// The other one of the two.
    pub fn beside(&self, guest_id: i64) -> Option<i64> {
        match guest_id {
            id if id == self.guest_id => Some(self.other_id),
            id if id == self.other_id => Some(self.guest_id),
            _ => None,
        }
    }
}
