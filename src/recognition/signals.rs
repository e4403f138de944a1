//! What a booking or a profile tells about a person, folded so that it can be compared.

use chrono::{Datelike, NaiveDate};

use crate::guests::contacts::{Email, Phone};
use crate::guests::names::{self, Name, Spelling};
use crate::guests::profile::NewProfile;
use crate::guests::{documents, keys};
use crate::secret::Keys;

/// The comparable facts about a person. Masked and placeholder values are left out: they are not evidence.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    pub(super) spellings: Vec<Spelling>,
    pub(super) native: Option<String>,
    pub(super) emails: Vec<String>,
    pub(super) phones: Vec<String>,
    pub(super) birth_date: Option<NaiveDate>,
    /// Keyed hashes.
    pub(super) documents: Vec<Vec<u8>>,
    pub(super) loyalty: Option<String>,
    pub(super) country: Option<String>,
    pub(super) city: Option<String>,
    pub(super) postal_code: Option<String>,
}

impl Signals {
    /// The signals of what a booking says.
    pub fn of(booked: &NewProfile, secrets: &Keys) -> Self {
        let email = booked.email.as_ref().filter(|email| email.identifies());
        let phone = booked.phone.as_ref().filter(|phone| phone.identifies());
        let number = booked.document_number.as_deref();
        let mut signals = Self {
            emails: email
                .map(Email::folded)
                .map(str::to_owned)
                .into_iter()
                .collect(),
            phones: phone
                .map(Phone::folded)
                .map(str::to_owned)
                .into_iter()
                .collect(),
            documents: number
                .map(|number| documents::lookup(secrets, number))
                .into_iter()
                .collect(),
            loyalty: booked.loyalty_number.as_deref().map(keys::loyalty),
            ..Self::default()
        };
        signals.set_name(booked.name());
        signals.set_birth_date(booked.birth_date);
        signals.set_place(
            booked.country.as_deref(),
            booked.city.as_deref(),
            booked.postal_code.as_deref(),
        );
        signals
    }

    /// For a profile made from a booking, whose loyalty number is only claimed.
    pub fn without_loyalty(mut self) -> Self {
        self.loyalty = None;
        self
    }

    pub(super) fn set_name(&mut self, name: Name<'_>) {
        self.spellings = name.spellings();
        self.native = name.native_form();
    }

    /// The first of January is what forms fill in; it says nothing either way.
    pub(super) fn set_birth_date(&mut self, date: Option<NaiveDate>) {
        self.birth_date = date.filter(|date| (date.month(), date.day()) != (1, 1));
    }

    pub(super) fn set_place(
        &mut self,
        country: Option<&str>,
        city: Option<&str>,
        postal_code: Option<&str>,
    ) {
        let folded = |text: Option<&str>| {
            text.map(|text| names::words(text).concat())
                .filter(|text| !text.is_empty())
        };
        self.country = country.map(str::to_owned);
        self.city = folded(city);
        self.postal_code = folded(postal_code);
    }

    /// The name keys its profile would be stored under: one pair of words for each spelling, and the native name.
    pub(super) fn name_keys(&self) -> Vec<String> {
        let pairs = self
            .spellings
            .iter()
            .filter_map(|spelling| keys::pairs(spelling).into_iter().min());
        let mut found: Vec<String> = pairs.chain(self.native.clone()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn same_name(&self, other: &Self) -> bool {
        names::agree(&self.spellings, &other.spellings)
            || (self.native.is_some() && self.native == other.native)
    }
}
