//! What a booking or a profile tells about a person, folded so that it can be compared.

use std::ops::Deref;

use chrono::NaiveDate;

use crate::guests::contacts::Email;
use crate::guests::likeness::{self, Facts};
use crate::guests::names::{self, Name};
use crate::guests::profile::NewProfile;
use crate::guests::{documents, keys, readings};
use crate::secret::Keys;

/// The comparable facts about a person. Masked and placeholder values are left out: they are not evidence.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// Those that make keys too.
    pub(super) facts: Facts,
    pub(super) native: Option<String>,
    /// The name is in characters whose reading they don't give.
    pub(super) is_unreadable: bool,
    /// The letters before the `@` of all addresses, relayed ones too.
    pub(super) mailboxes: Vec<String>,
    /// Keyed hashes.
    pub(super) documents: Vec<Vec<u8>>,
    pub(super) loyalty: Option<String>,
    pub(super) country: Option<String>,
    pub(super) city: Option<String>,
    pub(super) company: Option<String>,
}

impl Deref for Signals {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.facts
    }
}

impl Signals {
    /// The signals of what a booking says.
    pub fn of(booked: &NewProfile, secrets: &Keys) -> Self {
        let number = booked.document_number.as_deref();
        let mut signals = Self {
            facts: Facts::of(booked),
            documents: number
                .map(|number| documents::lookup(secrets, number))
                .into_iter()
                .collect(),
            loyalty: booked.loyalty_number.as_deref().map(keys::loyalty),
            mailboxes: booked
                .email
                .as_ref()
                .and_then(mailbox)
                .into_iter()
                .collect(),
            ..Self::default()
        };
        signals.set_name(booked.name());
        signals.set_place(booked.country.as_deref(), booked.city.as_deref());
        signals.company = likeness::folded(booked.company.as_deref());
        signals
    }

    /// For a profile made from a booking, whose loyalty number is only claimed.
    pub fn without_loyalty(mut self) -> Self {
        self.loyalty = None;
        self
    }

    /// The name of a stored profile.
    pub(super) fn set_name(&mut self, name: Name<'_>) {
        if self.facts.readings.is_empty() {
            self.facts.readings = readings::readings(&name);
        }
        self.native = name.native_form();
        self.is_unreadable = self
            .native
            .as_deref()
            .is_some_and(|native| names::is_han(native) && names::pronunciation(native).is_none());
    }

    /// An address of a stored profile.
    pub(super) fn add_email(&mut self, email: &Email) {
        self.mailboxes.extend(mailbox(email));
        if email.identifies() {
            self.facts.emails.push(email.folded().into());
        }
    }

    pub(super) fn set_birth_date(&mut self, date: Option<NaiveDate>) {
        self.facts.birth_date = likeness::told_birth(date);
    }

    pub(super) fn set_place(&mut self, country: Option<&str>, city: Option<&str>) {
        self.country = country.map(str::to_owned);
        self.city = likeness::folded(city);
    }
}

/// The letters of a mailbox, in which a name may stand.
fn mailbox(email: &Email) -> Option<String> {
    let mailbox = email.folded().split('@').next().unwrap_or_default();
    let letters: String = mailbox.chars().filter(char::is_ascii_alphabetic).collect();
    (letters.len() >= 3).then_some(letters)
}
