//! The profiles a batch of bookings could mean: found by key, a handful of queries for the whole batch.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::compare::Holders;
use super::signals::Signals;
use crate::db::among::among;
use crate::db::schema::{guest_contacts, guest_documents, guests, loyalty_accounts};
use crate::db::{Conn, leads};
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
/// Profiles a booking is compared with, at most: those that share most with it. Among a million, a common name shares
/// some key with hundreds.
const COMPARED: usize = 48;
/// A key that so many share says nothing.
const MANY_SHARE: f64 = 1_000.0;
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
    /// Whom each key leads to: profiles, whether or not they are among the candidates.
    by_key: HashMap<Key, Vec<i64>>,
    by_document: HashMap<Vec<u8>, Vec<i64>>,
    by_likeness: HashMap<i64, Vec<i64>>,
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
        let mut known = Self {
            heard: Heard::of(batch),
            ..Self::default()
        };
        let keys: BTreeSet<Key> = batch.iter().flat_map(lookup_keys).collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let likeness: BTreeSet<i64> = batch
            .iter()
            .flat_map(|signals| signals.facts.asked_keys())
            .collect();
        let likeness: Vec<i64> = likeness.into_iter().collect();
        let asked: Vec<(i16, &str)> = keys
            .iter()
            .map(|(kind, key)| (*kind as i16, key.as_str()))
            .collect();
        let mut led = leads::leads(
            conn,
            &leads::Asked {
                keys: &asked,
                likeness: &likeness,
                most: most(Kind::Name) + 1,
                most_alike: ALIKE + 1,
            },
        )?;
        led.sort_unstable();
        for led in led.chunk_by(|a, b| a.0 == b.0) {
            let (Some((place, _)), count) = (led.first(), led.len() as i64) else {
                continue;
            };
            let ids = || led.iter().map(|(_, id)| *id).collect();
            if let Some((kind, key)) = keys.get(*place) {
                if let Some(value) = value_of(*kind, key) {
                    known.holders.insert(value, count);
                }
                if count <= most(*kind) {
                    known.by_key.insert((*kind, key.clone()), ids());
                }
            } else if let Some(key) = likeness.get(place - keys.len())
                && count <= ALIKE
            {
                known.by_likeness.insert(*key, ids());
            }
        }
        for (hash, id) in known.load_document_holders(conn, batch)? {
            known.by_document.entry(hash).or_default().push(id);
        }
        let ids: HashSet<i64> = batch
            .iter()
            .flat_map(|booked| known.likeliest(booked))
            .collect();
        let with_documents = batch.iter().any(|signals| !signals.documents.is_empty());
        known.load_candidates(conn, &ids.into_iter().collect::<Vec<_>>(), with_documents)?;
        Ok(known)
    }

    /// Stored profiles as they stand, to be asked who they are.
    pub(super) fn profiles(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Candidate>> {
        let mut known = Self::default();
        known.load_candidates(conn, ids, true)?;
        Ok(known.candidates)
    }

    /// A profile made for an earlier booking of the batch can be meant by a later one.
    pub fn remember(&mut self, guest_id: i64, signals: Signals) {
        let at = self.candidates.len();
        for (kind, key) in lookup_keys(&signals) {
            if let Some(value) = value_of(kind, &key) {
                *self.holders.entry(value).or_default() += 1;
            }
            self.by_key.entry((kind, key)).or_default().push(guest_id);
        }
        for key in signals.facts.keys() {
            self.by_likeness.entry(key).or_default().push(guest_id);
        }
        for hash in &signals.documents {
            *self.document_holders.entry(hash.clone()).or_default() += 1;
            self.by_document
                .entry(hash.clone())
                .or_default()
                .push(guest_id);
        }
        self.by_id.insert(guest_id, at);
        self.candidates.push(Candidate {
            guest_id,
            person_id: guest_id,
            signals,
        });
    }

    /// Those who share keys with the booking, as many as are compared.
    pub(super) fn candidates(&self, booked: &Signals) -> Vec<&Candidate> {
        self.likeliest(booked)
            .iter()
            .filter_map(|id| self.candidates.get(*self.by_id.get(id)?))
            .collect()
    }

    /// The profiles that share most with the booking, rising. A key says the more the fewer share it.
    fn likeliest(&self, booked: &Signals) -> Vec<i64> {
        let by_key = lookup_keys(booked)
            .into_iter()
            .filter_map(|key| Some((self.by_key.get(&key)?, most(key.0))));
        let by_document = booked
            .documents
            .iter()
            .filter_map(|hash| Some((self.by_document.get(hash)?, OWN)));
        let by_likeness = booked
            .facts
            .asked_keys()
            .into_iter()
            .filter_map(|key| Some((self.by_likeness.get(&key)?, ALIKE)));
        let mut shared: HashMap<i64, f64> = HashMap::new();
        for (holders, most) in by_key.chain(by_document).chain(by_likeness) {
            if holders.len() as i64 > most {
                continue;
            }
            let weight = (MANY_SHARE / holders.len() as f64).ln();
            for id in holders {
                *shared.entry(*id).or_default() += weight;
            }
        }
        let mut found: Vec<(i64, f64)> = shared.into_iter().collect();
        if found.len() > COMPARED {
            found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            found.truncate(COMPARED);
        }
        let mut found: Vec<i64> = found.into_iter().map(|(id, _)| id).collect();
        found.sort_unstable();
        found
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

    /// Loads profiles with what identifies them; their documents only where some are to be compared.
    fn load_candidates(
        &mut self,
        conn: &mut Conn,
        ids: &[i64],
        with_documents: bool,
    ) -> QueryResult<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let rows: Vec<(Row, Option<String>)> = guests::table
            .left_join(loyalty_accounts::table)
            .filter(among(guests::id, ids))
            .select((Row::as_select(), loyalty_accounts::number.nullable()))
            .load(conn)?;
        for (row, number) in rows {
            self.by_id.insert(row.id, self.candidates.len());
            let mut candidate = row.into_candidate();
            candidate.signals.loyalty = number.as_deref().map(keys::loyalty);
            self.candidates.push(candidate);
        }
        let contacts: Vec<(i64, String, String, bool)> = guest_contacts::table
            .filter(among(guest_contacts::guest_id, ids))
            .select((
                guest_contacts::guest_id,
                guest_contacts::kind,
                guest_contacts::folded,
                guest_contacts::masked,
            ))
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
        if !with_documents {
            return Ok(());
        }
        let hashes: Vec<(i64, Vec<u8>)> = guest_documents::table
            .filter(among(guest_documents::guest_id, ids))
            .select((guest_documents::guest_id, guest_documents::number_hash))
            .load(conn)?;
        for (id, hash) in hashes {
            if let Some(signals) = self.signals_of(id) {
                signals.documents.push(hash);
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
