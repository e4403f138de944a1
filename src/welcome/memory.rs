//! What the group remembers of a person, read for one card or for a whole board with the same queries.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::cases::{self, Case};
use crate::db::Conn;
use crate::guests::preferences::{self, Preference};
use crate::loyalty::account::{self, Account};
use crate::stays::history::{self, PastStay};

/// What is remembered of one person, over all their profiles and all houses.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Stays, newest first.
    pub stays: Vec<PastStay>,
    /// Live evidence of wishes, the surest first.
    pub preferences: Vec<Preference>,
    /// Cases, open ones first.
    pub cases: Vec<Case>,
    /// The loyalty account; the leading one where the person holds several.
    pub account: Option<Account>,
    /// The other accounts, which stand as they are.
    pub other_accounts: Vec<Account>,
}

impl Memory {
    /// The stays before this one that count, newest first.
    pub fn before(&self, stay_id: i64, arrival: NaiveDate) -> impl Iterator<Item = &PastStay> {
        self.stays.iter().filter(move |past| {
            past.counts() && past.id != stay_id && (past.arrival, past.id) < (arrival, stay_id)
        })
    }

    /// All accounts, the leading one first.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.account.iter().chain(&self.other_accounts)
    }

    /// The points of all accounts.
    pub fn points(&self) -> i64 {
        self.accounts().map(|account| account.points).sum()
    }

    /// The account on which a stay of a profile earns: its own, else the leading one.
    pub fn account_of(&self, guest_id: i64) -> Option<&Account> {
        self.accounts()
            .find(|account| account.guest_id == guest_id)
            .or(self.account.as_ref())
    }

    /// Cases still to be put right.
    pub fn open_cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| case.is_open())
    }
}

/// What is remembered of these persons: four queries, however many they are.
pub fn of_persons(conn: &mut Conn, persons: &[i64]) -> QueryResult<HashMap<i64, Memory>> {
    let mut memories: HashMap<i64, Memory> =
        persons.iter().map(|&id| (id, Memory::default())).collect();
    if persons.is_empty() {
        return Ok(memories);
    }
    for stay in history::of_persons(conn, persons)? {
        memories.entry(stay.person_id).or_default().stays.push(stay);
    }
    for preference in preferences::of_persons(conn, persons)? {
        memories
            .entry(preference.person_id)
            .or_default()
            .preferences
            .push(preference);
    }
    for case in cases::of_persons(conn, persons)? {
        memories.entry(case.person_id).or_default().cases.push(case);
    }
    for account in account::of_persons(conn, persons)? {
        let memory = memories.entry(account.person_id).or_default();
        match memory.account {
            None => memory.account = Some(account),
            Some(_) => memory.other_accounts.push(account),
        }
    }
    Ok(memories)
}

/// What is remembered of one person.
pub fn of_person(conn: &mut Conn, person_id: i64) -> QueryResult<Memory> {
    Ok(of_persons(conn, &[person_id])?
        .remove(&person_id)
        .unwrap_or_default())
}

/// The allergies of these persons, by code; for lists that show no more than that.
pub fn allergies_of(conn: &mut Conn, persons: &[i64]) -> QueryResult<HashMap<i64, Vec<String>>> {
    let mut found: HashMap<i64, Vec<String>> = HashMap::new();
    if persons.is_empty() {
        return Ok(found);
    }
    for preference in preferences::of_persons(conn, persons)? {
        let codes = found.entry(preference.person_id).or_default();
        if preference.is_allergy() && preference.is_wanted() && !codes.contains(&preference.code) {
            codes.push(preference.code);
        }
    }
    Ok(found)
}
