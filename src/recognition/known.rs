//! The profiles a batch of bookings could mean: found by key, a handful of queries for the whole batch.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::compare::Holders;
use super::signals::Signals;
use crate::db::Conn;
use crate::db::schema::{
    guest_contacts, guest_documents, guest_keys, guest_likeness, guests, loyalty_accounts,
};
use crate::guests::contacts::{Email, phone_identifies};
use crate::guests::keys::{self, Key, Kind};
use crate::guests::likeness;
use crate::guests::names::Name;
use crate::guests::readings::Reading;

/// Profiles that one key may lead to; a key that more share says too little to follow.
const fn most(kind: Kind) -> i64 {
    match kind {
        Kind::Name => 60,
        Kind::Phone | Kind::Email | Kind::Loyalty => OWN,
    }
}
/// Profiles that can hold what is one person's: doubles of a guest, and a family.
const OWN: i64 = 8;
/// Profiles that one likeness may lead to.
const ALIKE: i64 = 25;
/// More names than this under one contact need no counting.
const MANY: usize = 8;
/// Values in one `IN (…)`, below what either database binds.
const IN_ONE_QUERY: usize = 8_000;

/// A profile that could be meant.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) guest_id: i64,
    pub(super) person_id: i64,
    pub(super) signals: Signals,
}

/// Under how many unrelated names each contact comes among bookings: an agency's comes under many.
#[derive(Clone, Default)]
pub struct Heard(Arc<HashMap<String, i64>>);

impl Heard {
    /// Listens to bookings.
    pub fn of(bookings: &[Signals]) -> Self {
        let mut names: HashMap<&str, Vec<[String; 2]>> = HashMap::new();
        for signals in bookings {
            let Some(reading) = signals.readings.first() else {
                continue;
            };
            let name = [reading.given.sound.clone(), reading.family.sound.clone()];
            for value in signals.emails.iter().chain(&signals.phones) {
                let names = names.entry(value).or_default();
                let is_related = |other: &[String; 2]| {
                    name.iter()
                        .any(|part| !part.is_empty() && other.contains(part))
                };
                if names.len() < MANY && !names.iter().any(is_related) {
                    names.push(name.clone());
                }
            }
        }
        let counted = names
            .into_iter()
            .map(|(value, names)| (value.to_owned(), names.len() as i64));
        Self(Arc::new(counted.collect()))
    }
}

/// What is known around a batch of bookings: candidates by key, and how many hold each value.
#[derive(Default)]
pub struct Known {
    candidates: Vec<Candidate>,
    by_id: HashMap<i64, usize>,
    by_key: HashMap<(Kind, String), Vec<usize>>,
    by_document: HashMap<Vec<u8>, Vec<usize>>,
    by_likeness: HashMap<i64, Vec<usize>>,
    holders: HashMap<String, i64>,
    document_holders: HashMap<Vec<u8>, i64>,
    heard: Heard,
}

impl Holders for Known {
    fn of_contact(&self, value: &str) -> i64 {
        let held = self.holders.get(value).copied().unwrap_or_default();
        held.max(self.heard.0.get(value).copied().unwrap_or_default())
    }

    fn of_document(&self, hash: &[u8]) -> i64 {
        self.document_holders.get(hash).copied().unwrap_or_default()
    }
}

/// How many others hold what is compared: the profiles of the person that is asked are not others.
pub(super) struct Others<'a> {
    pub(super) known: &'a Known,
    pub(super) own: &'a [&'a Candidate],
}

impl Others<'_> {
    fn own(&self, holds: impl Fn(&Signals) -> bool) -> i64 {
        self.own.iter().filter(|own| holds(&own.signals)).count() as i64
    }
}

impl Holders for Others<'_> {
    fn of_contact(&self, value: &str) -> i64 {
        let is = |held: &String| held == value;
        self.known.of_contact(value)
            - self.own(|own| own.emails.iter().any(is) || own.phones.iter().any(is))
    }

    fn of_document(&self, hash: &[u8]) -> i64 {
        let is = |held: &Vec<u8>| held == hash;
        self.known.of_document(hash) - self.own(|own| own.documents.iter().any(is))
    }
}

impl Known {
    /// Loads what the batch needs.
    pub fn load(conn: &mut Conn, batch: &[Signals]) -> QueryResult<Self> {
        let mut known = Self::default();
        let mut found: Vec<(Kind, String, i64)> = Vec::new();
        for kind in keys::KINDS {
            known.load_keys(conn, kind, batch, &mut found)?;
        }
        known.heard = Heard::of(batch);
        let alike = load_likeness(conn, batch)?;
        let hashes = known.load_document_holders(conn, batch)?;
        let ids: HashSet<i64> = found
            .iter()
            .map(|(.., id)| *id)
            .chain(alike.iter().map(|(_, id)| *id))
            .chain(hashes.iter().map(|(_, id)| *id))
            .collect();
        known.load_candidates(conn, &ids.into_iter().collect::<Vec<_>>())?;
        for (kind, key, id) in found {
            if let Some(at) = known.by_id.get(&id) {
                known.by_key.entry((kind, key)).or_default().push(*at);
            }
        }
        for (key, id) in alike {
            if let Some(at) = known.by_id.get(&id) {
                known.by_likeness.entry(key).or_default().push(*at);
            }
        }
        for (hash, id) in hashes {
            if let Some(at) = known.by_id.get(&id) {
                known.by_document.entry(hash).or_default().push(*at);
            }
        }
        Ok(known)
    }

    /// Stored profiles as they stand, to be asked who they are.
    pub(super) fn profiles(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Candidate>> {
        let mut known = Self::default();
        known.load_candidates(conn, ids)?;
        Ok(known.candidates)
    }

    /// A profile made for an earlier booking of the batch can be meant by a later one.
    pub fn remember(&mut self, guest_id: i64, signals: Signals) {
        let at = self.candidates.len();
        for (kind, key) in lookup_keys(&signals) {
            if let Some(value) = value_of(kind, &key) {
                *self.holders.entry(value).or_default() += 1;
            }
            self.by_key.entry((kind, key)).or_default().push(at);
        }
        for key in signals.facts.keys() {
            self.by_likeness.entry(key).or_default().push(at);
        }
        for hash in &signals.documents {
            *self.document_holders.entry(hash.clone()).or_default() += 1;
            self.by_document.entry(hash.clone()).or_default().push(at);
        }
        self.by_id.insert(guest_id, at);
        self.candidates.push(Candidate {
            guest_id,
            person_id: guest_id,
            signals,
        });
    }

    /// Those who share a key with the booking.
    pub(super) fn candidates(&self, booked: &Signals) -> Vec<&Candidate> {
        let by_key = lookup_keys(booked).into_iter().filter_map(|key| {
            let holders = self.by_key.get(&key)?;
            (holders.len() as i64 <= most(key.0)).then_some(holders)
        });
        let by_document = booked
            .documents
            .iter()
            .filter_map(|hash| self.by_document.get(hash))
            .filter(|holders| holders.len() as i64 <= OWN);
        let by_likeness = booked
            .facts
            .asked_keys()
            .into_iter()
            .filter_map(|key| self.by_likeness.get(&key))
            .filter(|holders| holders.len() as i64 <= ALIKE);
        let mut found: Vec<usize> = by_key
            .chain(by_document)
            .chain(by_likeness)
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found
            .iter()
            .filter_map(|at| self.candidates.get(*at))
            .collect()
    }

    /// The person of a candidate.
    pub(super) fn person_id(&self, guest_id: Option<i64>) -> Option<i64> {
        let at = *self.by_id.get(&guest_id?)?;
        self.candidates.get(at).map(|candidate| candidate.person_id)
    }

    /// The same, with what was heard in a wider round than the batch.
    pub fn hearing(mut self, heard: &Heard) -> Self {
        self.heard = heard.clone();
        self
    }

    fn load_keys(
        &mut self,
        conn: &mut Conn,
        kind: Kind,
        batch: &[Signals],
        found: &mut Vec<(Kind, String, i64)>,
    ) -> QueryResult<()> {
        let asked: HashSet<String> = batch
            .iter()
            .flat_map(lookup_keys)
            .filter_map(|(k, key)| (k == kind).then_some(key))
            .collect();
        let asked: Vec<String> = asked.into_iter().collect();
        let mut usable = Vec::new();
        for asked in asked.chunks(IN_ONE_QUERY) {
            let counts: Vec<(String, i64)> = guest_keys::table
                .filter(guest_keys::kind.eq(kind as i16))
                .filter(guest_keys::key.eq_any(asked))
                .group_by(guest_keys::key)
                .select((guest_keys::key, count_star()))
                .load(conn)?;
            for (key, count) in counts {
                if let Some(value) = value_of(kind, &key) {
                    self.holders.insert(value, count);
                }
                if count <= most(kind) {
                    usable.push(key);
                }
            }
        }
        for usable in usable.chunks(IN_ONE_QUERY) {
            let rows: Vec<(String, i64)> = guest_keys::table
                .filter(guest_keys::kind.eq(kind as i16))
                .filter(guest_keys::key.eq_any(usable))
                .select((guest_keys::key, guest_keys::guest_id))
                .load(conn)?;
            found.extend(rows.into_iter().map(|(key, id)| (kind, key, id)));
        }
        Ok(())
    }

    /// Who holds the documents of the batch. A number that many hold is a placeholder, and leads to nobody.
    fn load_document_holders(
        &mut self,
        conn: &mut Conn,
        batch: &[Signals],
    ) -> QueryResult<Vec<(Vec<u8>, i64)>> {
        let asked: HashSet<&Vec<u8>> = batch
            .iter()
            .flat_map(|signals| &signals.documents)
            .collect();
        let asked: Vec<&Vec<u8>> = asked.into_iter().collect();
        let mut found = Vec::new();
        for asked in asked.chunks(IN_ONE_QUERY) {
            let counts: Vec<(Vec<u8>, i64)> = guest_documents::table
                .filter(guest_documents::number_hash.eq_any(asked.iter().copied()))
                .group_by(guest_documents::number_hash)
                .select((guest_documents::number_hash, count_star()))
                .load(conn)?;
            let few = counts.iter().filter(|(_, count)| *count <= OWN);
            let usable: Vec<&Vec<u8>> = few.map(|(hash, _)| hash).collect();
            found.extend(
                guest_documents::table
                    .filter(guest_documents::number_hash.eq_any(usable))
                    .select((guest_documents::number_hash, guest_documents::guest_id))
                    .load::<(Vec<u8>, i64)>(conn)?,
            );
            self.document_holders.extend(counts);
        }
        Ok(found)
    }

    fn load_candidates(&mut self, conn: &mut Conn, ids: &[i64]) -> QueryResult<()> {
        for ids in ids.chunks(IN_ONE_QUERY) {
            let rows: Vec<Row> = guests::table
                .filter(guests::id.eq_any(ids))
                .select(Row::as_select())
                .load(conn)?;
            for row in rows {
                self.by_id.insert(row.id, self.candidates.len());
                self.candidates.push(row.into_candidate());
            }
            self.load_identifying(conn, ids)?;
        }
        Ok(())
    }

    fn load_identifying(&mut self, conn: &mut Conn, ids: &[i64]) -> QueryResult<()> {
        let contacts: Vec<(i64, String, String, bool)> = guest_contacts::table
            .filter(guest_contacts::guest_id.eq_any(ids))
            .select((
                guest_contacts::guest_id,
                guest_contacts::kind,
                guest_contacts::folded,
                guest_contacts::masked,
            ))
            .load(conn)?;
        let hashes: Vec<(i64, Vec<u8>)> = guest_documents::table
            .filter(guest_documents::guest_id.eq_any(ids))
            .select((guest_documents::guest_id, guest_documents::number_hash))
            .load(conn)?;
        let numbers: Vec<(i64, String)> = loyalty_accounts::table
            .filter(loyalty_accounts::guest_id.eq_any(ids))
            .select((loyalty_accounts::guest_id, loyalty_accounts::number))
            .load(conn)?;
        for (id, kind, folded, masked) in contacts {
            let Some(signals) = self.signals_of(id) else {
                continue;
            };
            match kind.as_str() {
                "phone" if phone_identifies(&folded) => signals.facts.phones.push(folded),
                "email" => signals.add_email(&Email::stored(folded, masked)),
                _ => {}
            }
        }
        for (id, hash) in hashes {
            if let Some(signals) = self.signals_of(id) {
                signals.documents.push(hash);
            }
        }
        for (id, number) in numbers {
            if let Some(signals) = self.signals_of(id) {
                signals.loyalty = Some(keys::loyalty(&number));
            }
        }
        Ok(())
    }

    fn signals_of(&mut self, id: i64) -> Option<&mut Signals> {
        let at = *self.by_id.get(&id)?;
        self.candidates
            .get_mut(at)
            .map(|candidate| &mut candidate.signals)
    }
}

/// Who is alike, by keys that few share.
fn load_likeness(conn: &mut Conn, batch: &[Signals]) -> QueryResult<Vec<(i64, i64)>> {
    let asked: HashSet<i64> = batch
        .iter()
        .flat_map(|signals| signals.facts.asked_keys())
        .collect();
    let asked: Vec<i64> = asked.into_iter().collect();
    let mut found = Vec::new();
    for asked in asked.chunks(IN_ONE_QUERY) {
        let counts: Vec<(i64, i64)> = guest_likeness::table
            .filter(guest_likeness::key.eq_any(asked))
            .group_by(guest_likeness::key)
            .select((guest_likeness::key, count_star()))
            .load(conn)?;
        let usable: Vec<i64> = counts
            .into_iter()
            .filter(|(_, count)| *count <= ALIKE)
            .map(|(key, _)| key)
            .collect();
        found.extend(
            guest_likeness::table
                .filter(guest_likeness::key.eq_any(usable))
                .select((guest_likeness::key, guest_likeness::guest_id))
                .load::<(i64, i64)>(conn)?,
        );
    }
    Ok(found)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = guests)]
struct Row {
    id: i64,
    person_id: i64,
    given_name: Option<String>,
    family_name: Option<String>,
    native_name: Option<String>,
    birth_date: Option<chrono::NaiveDate>,
    country: Option<String>,
    city: Option<String>,
    postal_code: Option<String>,
    street: Option<String>,
    company: Option<String>,
}

impl Row {
    fn into_candidate(self) -> Candidate {
        let mut signals = Signals::default();
        signals.set_name(Name {
            given: self.given_name.as_deref(),
            family: self.family_name.as_deref(),
            native: self.native_name.as_deref(),
        });
        signals.set_birth_date(self.birth_date);
        signals.set_place(self.country.as_deref(), self.city.as_deref());
        signals.facts.postal_code = likeness::folded(self.postal_code.as_deref());
        signals.facts.street = likeness::folded(self.street.as_deref());
        signals.company = likeness::folded(self.company.as_deref());
        Candidate {
            guest_id: self.id,
            person_id: self.person_id,
            signals,
        }
    }
}

/// The keys a booking is looked up by: of each way to read its name one order of two words. Of those that a profile made
/// from it is stored under, they are all that is ever asked for.
fn lookup_keys(signals: &Signals) -> Vec<Key> {
    let mut names: Vec<String> = signals.readings.iter().flat_map(name_keys).collect();
    names.extend(signals.native.clone());
    names.sort_unstable();
    names.dedup();
    let names = names.into_iter().map(|key| (Kind::Name, key));
    names.chain(other_keys(signals)).collect()
}

fn name_keys(reading: &Reading) -> Vec<String> {
    let (given, family) = (reading.given.concat(), reading.family.concat());
    if given.is_empty() || family.is_empty() {
        return vec![given + family.as_str()];
    }
    let first = |words: &[String]| words.first().cloned().unwrap_or_default();
    let pair = |a: String, b: String| {
        if a < b {
            format!("{a} {b}")
        } else {
            format!("{b} {a}")
        }
    };
    vec![
        pair(given, family),
        pair(first(&reading.given), first(&reading.family)),
    ]
}

fn other_keys(signals: &Signals) -> impl Iterator<Item = Key> {
    let phones = signals
        .phones
        .iter()
        .map(|digits| (Kind::Phone, keys::backwards(digits)));
    let emails = signals
        .emails
        .iter()
        .map(|email| (Kind::Email, email.clone()));
    let loyalty = signals
        .loyalty
        .iter()
        .map(|number| (Kind::Loyalty, number.clone()));
    phones.chain(emails).chain(loyalty)
}

/// The contact behind a key, whose holders are counted.
fn value_of(kind: Kind, key: &str) -> Option<String> {
    match kind {
        Kind::Phone => Some(keys::backwards(key)),
        Kind::Email => Some(key.to_owned()),
        _ => None,
    }
}
