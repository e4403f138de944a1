//! Who somebody is, as all their profiles tell it: every value of a field, the one that wins, and
//! whether two portraits agree. Reading aside, all of it is pure.
//!
//! What wins: of names the one most profiles carry in any spelling, then one in its own script, then the newest; of
//! everything else what was verified, then the newest. An agency's masked address wins only where
//! there is nothing else. What does not win is kept, and found by search.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::contacts::phones_agree;
use super::documents;
use super::names::{self, Name};
use super::person::{Profile, full_name};
use crate::db::Conn;
use crate::db::schema::{guest_contacts, guest_documents};
use crate::loyalty::Account;
use crate::secret::{self, Keys};
use crate::text_enum;

text_enum! {
    /// What is told of somebody.
    pub enum Field {
        /// Given, family and native name.
        Name = "name",
        /// E-mail addresses.
        Email = "email",
        /// Phone numbers.
        Phone = "phone",
        /// The date of birth.
        BirthDate = "birth_date",
        /// Identity documents, which are compared and never shown.
        Document = "document",
        /// Where they live: the country.
        Country = "country",
        /// And the city.
        City = "city",
        /// Who they work for.
        Company = "company",
        /// What they speak.
        Language = "language",
        /// Loyalty numbers.
        Loyalty = "loyalty",
    }
}

text_enum! {
    /// Whether two sides tell the same.
    pub enum Agreement {
        /// They do.
        Same = "same",
        /// A part of it: one word of the name.
        Partly = "partly",
        /// They tell different things.
        Differs = "differs",
        /// One side tells nothing.
        Unknown = "unknown",
    }
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// As it is shown; empty for a document.
    pub text: String,
    /// The language of the text, where its script tells.
    pub language: Option<&'static str>,
    /// What equality is judged on; any that is shared will do.
    keys: Vec<String>,
    /// An agency's address: identifies nobody.
    pub masked: bool,
    /// The date, for those who show it in their own way.
    pub date: Option<NaiveDate>,
    /// Whether somebody made sure.
    pub verified: bool,
    /// When it was told.
    pub since: NaiveDateTime,
}

impl Value {
    fn new(text: impl Into<String>, keys: Vec<String>, since: NaiveDateTime) -> Self {
        Self {
            text: text.into(),
            language: None,
            keys,
            masked: false,
            date: None,
            verified: false,
            since,
        }
    }

    fn is_same(&self, field: Field, other: &Self) -> bool {
        let agree =
            |a: &String, b: &String| a == b || (field == Field::Phone && phones_agree(a, b));
        self.keys
            .iter()
            .any(|key| other.keys.iter().any(|theirs| agree(key, theirs)))
    }

    /// Whether one word of the name is the same.
    fn shares_a_word(&self, other: &Self) -> bool {
        let words = |value: &Self| -> Vec<String> {
            let all = value.keys.iter().flat_map(|key| key.split(' '));
            all.filter(|word| word.len() > 1).map(Into::into).collect()
        };
        let theirs = words(other);
        words(self).iter().any(|word| theirs.contains(word))
    }
}

/// What profiles tell of one person.
#[derive(Clone, Debug, Default)]
pub struct Portrait(HashMap<Field, Vec<Value>>);

/// The portraits of these persons, from their profiles and accounts: two more queries.
pub fn of_persons(
    conn: &mut Conn,
    profiles: &[Profile],
    accounts: &[Account],
) -> QueryResult<HashMap<i64, Portrait>> {
    let mut portraits: HashMap<i64, Portrait> = HashMap::new();
    let persons: HashMap<i64, i64> = profiles
        .iter()
        .map(|profile| (profile.guest.id, profile.guest.person_id))
        .collect();
    for profile in profiles {
        portraits
            .entry(profile.guest.person_id)
            .or_default()
            .tell(profile);
    }
    let ids: Vec<i64> = persons.keys().copied().collect();
    type Contact = (
        i64,
        String,
        String,
        String,
        bool,
        NaiveDateTime,
        Option<NaiveDateTime>,
    );
    let contacts: Vec<Contact> = guest_contacts::table
        .filter(guest_contacts::guest_id.eq_any(&ids))
        .order(guest_contacts::id)
        .select((
            guest_contacts::guest_id,
            guest_contacts::kind,
            guest_contacts::value,
            guest_contacts::folded,
            guest_contacts::masked,
            guest_contacts::created_at,
            guest_contacts::verified_at,
        ))
        .load(conn)?;
    for (guest_id, kind, text, folded, masked, since, verified) in contacts {
        let field = if kind == "email" {
            Field::Email
        } else {
            Field::Phone
        };
        let value = Value {
            masked,
            verified: verified.is_some(),
            ..Value::new(text, vec![folded], since)
        };
        if let Some(portrait) = persons.get(&guest_id).and_then(|p| portraits.get_mut(p)) {
            portrait.add(field, value);
        }
    }
    let documents: Vec<(i64, Vec<u8>, NaiveDateTime)> = guest_documents::table
        .filter(guest_documents::guest_id.eq_any(&ids))
        .order(guest_documents::id)
        .select((
            guest_documents::guest_id,
            guest_documents::number_hash,
            guest_documents::created_at,
        ))
        .load(conn)?;
    for (guest_id, hash, since) in documents {
        let value = Value::new("", vec![secret::hex(&hash)], since);
        if let Some(portrait) = persons.get(&guest_id).and_then(|p| portraits.get_mut(p)) {
            portrait.add(Field::Document, value);
        }
    }
    for account in accounts {
        if let Some(portrait) = portraits.get_mut(&account.person_id) {
            let keys = vec![super::keys::loyalty(&account.number)];
            portrait.add(
                Field::Loyalty,
                Value::new(account.number.clone(), keys, NaiveDateTime::default()),
            );
        }
    }
    Ok(portraits)
}

/// A text folded for comparison, in any script.
fn folded(text: &str) -> String {
    names::words(text).concat()
}

impl Portrait {
    /// Adds what a profile's own row tells.
    fn tell(&mut self, profile: &Profile) {
        let Profile {
            guest,
            updated_at: since,
            ..
        } = profile;
        let value = Value {
            language: guest.name_language(),
            ..Value::new(full_name(guest), name_keys(&profile.name()), *since)
        };
        self.add(Field::Name, value);
        self.tell_rest(
            *since,
            guest.birth_date,
            [
                (Field::Country, guest.country.as_deref()),
                (Field::City, profile.city.as_deref()),
                (Field::Company, profile.company.as_deref()),
            ],
        );
        if let Some(tag) = guest.language.as_deref() {
            let primary = tag.split('-').next().unwrap_or(tag).to_lowercase();
            self.add(Field::Language, Value::new(tag, vec![primary], *since));
        }
    }

    fn tell_rest(
        &mut self,
        since: NaiveDateTime,
        birth_date: Option<NaiveDate>,
        texts: [(Field, Option<&str>); 3],
    ) {
        if let Some(date) = birth_date {
            let value = Value {
                date: Some(date),
                ..Value::new(date.to_string(), vec![date.to_string()], since)
            };
            self.add(Field::BirthDate, value);
        }
        for (field, text) in texts {
            if let Some(text) = text {
                self.add(field, Value::new(text, vec![folded(text)], since));
            }
        }
    }

    /// Puts what a booking says over what its profile tells.
    pub fn tell_booking(&mut self, booking: &Booking, secrets: &Keys) {
        let since = NaiveDateTime::MAX;
        let add =
            |portrait: &mut Self, field, text: &Option<String>, key: &dyn Fn(&str) -> String| {
                if let Some(text) = text {
                    let keys = vec![key(text)];
                    let value = Value::new(text.clone(), keys, since);
                    let known = portrait
                        .values(field)
                        .iter()
                        .any(|own| own.is_same(field, &value));
                    if !known && !portrait.values(field).iter().any(|own| own.text == *text) {
                        portrait.add(field, value);
                    }
                }
            };
        add(
            self,
            Field::Loyalty,
            &booking.loyalty_number,
            &super::keys::loyalty,
        );
        add(self, Field::Company, &booking.company, &folded);
        add(self, Field::Email, &booking.email, &str::to_lowercase);
        let document = booking
            .document_sealed
            .as_deref()
            .and_then(|sealed| documents::open_booked(secrets, booking.stay_id, sealed));
        if let Some(number) = document
            && self.values(Field::Document).is_empty()
        {
            let keys = vec![secret::hex(&documents::lookup(secrets, &number))];
            self.add(Field::Document, Value::new("", keys, since));
        }
    }

    fn add(&mut self, field: Field, value: Value) {
        self.0.entry(field).or_default().push(value);
    }

    /// All values of a field.
    pub fn values(&self, field: Field) -> &[Value] {
        self.0.get(&field).map_or(&[], Vec::as_slice)
    }

    /// The values of a field, each once, the winner first.
    pub fn ranked(&self, field: Field) -> Vec<&Value> {
        let values = self.values(field);
        let times = |value: &Value| {
            let same = values.iter().filter(|other| other.is_same(field, value));
            if field == Field::Name {
                same.count()
            } else {
                0
            }
        };
        let mut ranked: Vec<&Value> = values.iter().collect();
        ranked.sort_by_key(|value| {
            std::cmp::Reverse((
                !value.masked,
                times(value),
                field == Field::Name && value.language.is_some(),
                value.verified,
                value.since,
            ))
        });
        let mut once: Vec<&Value> = Vec::new();
        for value in ranked {
            let is_new = |known: &&Value| known.text == value.text && known.keys == value.keys;
            if !once.iter().any(is_new) {
                once.push(value);
            }
        }
        once
    }

    /// With what another tells.
    pub fn with(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for (field, values) in &other.0 {
            both.0
                .entry(*field)
                .or_default()
                .extend(values.iter().cloned());
        }
        both
    }

    /// Whether two portraits tell the same in a field.
    pub fn agreement(&self, field: Field, other: &Self) -> Agreement {
        let telling = |portrait: &Self| -> Vec<Value> {
            let values = portrait.values(field).iter();
            values.filter(|value| !value.masked).cloned().collect()
        };
        let (ours, theirs) = (telling(self), telling(other));
        let any = |test: &dyn Fn(&Value, &Value) -> bool| {
            ours.iter()
                .any(|own| theirs.iter().any(|their| test(own, their)))
        };
        if ours.is_empty() || theirs.is_empty() {
            Agreement::Unknown
        } else if any(&|own, their| own.is_same(field, their)) {
            Agreement::Same
        } else if field == Field::Name && any(&Value::shares_a_word) {
            Agreement::Partly
        } else {
            Agreement::Differs
        }
    }
}

/// The spellings of a name, each with its words in one order, so that a name the other way round is the same.
pub(super) fn name_keys(name: &Name<'_>) -> Vec<String> {
    let mut keys: Vec<String> = name
        .spellings()
        .into_iter()
        .map(|mut words| {
            words.sort_unstable();
            words.join(" ")
        })
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What a booking says of its guest beside what its profile keeps.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Booking {
    pub stay_id: i64,
    pub email: Option<String>,
    pub loyalty_number: Option<String>,
    pub company: Option<String>,
    pub document_sealed: Option<Vec<u8>>,
}

impl Booking {
    /// What the booking of a stay said.
    pub fn of_stay(conn: &mut Conn, stay_id: i64) -> QueryResult<Option<Self>> {
        use crate::db::schema::stay_bookings;
        stay_bookings::table
            .find(stay_id)
            .select((
                stay_bookings::stay_id,
                stay_bookings::email,
                stay_bookings::loyalty_number,
                stay_bookings::company,
                stay_bookings::document_sealed,
            ))
            .first(conn)
            .optional()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(field: Field, values: &[(&str, i64, bool, bool)]) -> Portrait {
        let mut portrait = Portrait::default();
        for (text, days, verified, masked) in values {
            let since = NaiveDateTime::default() + chrono::TimeDelta::days(*days);
            let keys = if field == Field::Name {
                let name = Name {
                    given: Some(text),
                    ..Name::default()
                };
                name_keys(&name)
            } else {
                vec![text.to_lowercase()]
            };
            let value = Value {
                verified: *verified,
                masked: *masked,
                ..Value::new(*text, keys, since)
            };
            portrait.add(field, value);
        }
        portrait
    }

    fn winner(portrait: &Portrait, field: Field) -> String {
        portrait.ranked(field)[0].text.clone()
    }

    #[test]
    fn what_was_verified_wins_then_the_newest_and_an_agencys_address_last() {
        let of =
            |values: &[(&str, i64, bool, bool)]| winner(&told(Field::Email, values), Field::Email);
        assert_eq!(
            of(&[("old", 1, false, false), ("new", 2, false, false)]),
            "new"
        );
        assert_eq!(
            of(&[("old", 1, true, false), ("new", 2, false, false)]),
            "old"
        );
        assert_eq!(
            of(&[("own", 1, false, false), ("agency", 2, false, true)]),
            "own"
        );
    }

    #[test]
    fn the_name_most_profiles_carry_in_any_spelling_wins() {
        let names = [
            ("Anna Berg", 2, false, false),
            ("BERG ANNA", 1, false, false),
            ("Anna Stein", 3, false, false),
        ];
        assert_eq!(winner(&told(Field::Name, &names), Field::Name), "Anna Berg");
    }

    #[test]
    fn a_name_the_other_way_round_agrees_and_one_word_agrees_in_part() {
        let of = |name: &str| told(Field::Name, &[(name, 1, false, false)]);
        let agreement = |a, b| of(a).agreement(Field::Name, &of(b));
        assert_eq!(agreement("Nana Ouyang", "OUYANG NANA"), Agreement::Same);
        assert_eq!(agreement("Nana Ouyang", "Lili Ouyang"), Agreement::Partly);
        assert_eq!(agreement("Nana Ouyang", "Hans Berg"), Agreement::Differs);
    }

    #[test]
    fn an_agencys_address_neither_agrees_nor_differs() {
        let masked = told(Field::Email, &[("x@agency", 1, false, true)]);
        let own = told(Field::Email, &[("x@agency", 1, false, false)]);
        assert_eq!(masked.agreement(Field::Email, &own), Agreement::Unknown);
        assert_eq!(own.agreement(Field::Email, &own), Agreement::Same);
    }
}
