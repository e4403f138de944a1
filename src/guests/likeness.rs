//! Keys under which a profile is found by what is only like it: sound, nickname, a slip of the hand, a shared fact.
//!
//! Each is a hash of 64 bits, for they are looked up by equality alone; two texts of one hash cost a comparison, no
//! more. A profile and a booking that could be one person share at least one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::contacts::{Email, phone_identifies};
use super::names::{self, Name};
use super::profile::NewProfile;
use super::readings::{self, Part, Reading};
use super::sounds::{self, sound};
use crate::db::Conn;
use crate::db::schema::{guest_contacts, guest_likeness, guests};
use crate::insert_rows;

/// Ways to read a name that are keyed.
const READ: usize = 4;
/// Letters of a name's end that a slip elsewhere leaves whole.
const END: usize = 3;
/// Kinds that lead from a name cut short to its bearers: by an initial, by the surname alone.
const CUT: [char; 2] = ['i', 'f'];
/// Digits of a phone number that are the same however it is written.
const TAIL: usize = 8;
/// Profiles whose keys are written in one go.
const AT_ONCE: i64 = 2_000;
/// A mailbox shorter than this is anybody's.
const MAILBOX: usize = 6;

/// What a profile or booking says, as far as it makes keys: folded, and what identifies nobody left out.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the fields of a profile, folded")]
pub struct Facts {
    pub readings: Vec<Reading>,
    pub birth_date: Option<NaiveDate>,
    pub postal_code: Option<String>,
    pub street: Option<String>,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
}

impl Facts {
    /// The facts of a profile.
    pub fn of(profile: &NewProfile) -> Self {
        let email = profile.email.as_ref().filter(|email| email.identifies());
        let phone = profile.phone.as_ref().filter(|phone| phone.identifies());
        Self {
            readings: readings::readings(&profile.name()),
            birth_date: told_birth(profile.birth_date),
            postal_code: folded(profile.postal_code.as_deref()),
            street: folded(profile.street.as_deref()),
            phones: phone
                .map(|phone| phone.folded().to_owned())
                .into_iter()
                .collect(),
            emails: email
                .map(|email| email.folded().to_owned())
                .into_iter()
                .collect(),
        }
    }

    /// The keys a profile is found by, rising.
    pub fn keys(&self) -> Vec<i64> {
        self.keys_of(|_| true)
    }

    /// The keys a booking asks by: those of a name cut short only where its own is.
    pub fn asked_keys(&self) -> Vec<i64> {
        let is_short = |reading: &Reading| {
            let long = |part: &Part| part.iter().any(|word| word.chars().nth(1).is_some());
            !long(&reading.given) || !long(&reading.family)
        };
        let is_cut = self.readings.iter().any(is_short);
        self.keys_of(|kind| is_cut || !CUT.contains(&kind))
    }

    /// The keys that two bookings of one person share, as a rule: the whole name by its sound, and each contact.
    pub fn closest_keys(&self) -> impl Iterator<Item = i64> {
        let name = self.readings.first().map(|reading| {
            let (given, family) = (&reading.given.sound, &reading.family.sound);
            hash('s', &[given.min(family), given.max(family)])
        });
        let phones = self
            .phones
            .iter()
            .map(|phone| hash('p', &[tail(phone, TAIL)]));
        let emails = self.emails.iter().map(|email| hash('e', &[email]));
        name.into_iter().chain(phones).chain(emails)
    }

    fn keys_of(&self, is_wanted: impl Fn(char) -> bool) -> Vec<i64> {
        let mut keys = BTreeSet::new();
        let mut add = |kind: char, parts: &[&str]| {
            if is_wanted(kind) && parts.iter().all(|part| !part.is_empty()) {
                keys.insert(hash(kind, parts));
            }
        };
        for reading in self.readings.iter().take(READ) {
            of_name(reading, self.postal_code.as_deref(), &mut add);
        }
        if let Some(code) = &self.postal_code {
            add('o', &[code]);
        }
        if let Some(street) = &self.street {
            add('a', &[street]);
        }
        if let Some(born) = self.birth_date {
            add('b', &[&born.to_string()]);
        }
        for phone in &self.phones {
            add('p', &[tail(phone, TAIL)]);
        }
        for email in &self.emails {
            let mailbox = email.split('@').next().unwrap_or_default();
            if mailbox.len() >= MAILBOX {
                add('m', &[mailbox]);
            }
        }
        keys.into_iter().collect()
    }
}

/// The first of January is what forms fill in; it says nothing either way.
pub fn told_birth(date: Option<NaiveDate>) -> Option<NaiveDate> {
    date.filter(|date| (date.month(), date.day()) != (1, 1))
}

/// A place or company as it is compared.
pub fn folded(text: Option<&str>) -> Option<String> {
    text.map(|text| names::words(text).concat())
        .filter(|text| !text.is_empty())
}

fn of_name(reading: &Reading, postal_code: Option<&str>, add: &mut impl FnMut(char, &[&str])) {
    let (given, family) = (reading.given.concat(), reading.family.concat());
    let (given_sound, family_sound) = (&reading.given.sound, &reading.family.sound);
    let first = |words: &[String]| words.first().map(|word| sound(word)).unwrap_or_default();
    // Either part may stand first.
    let mut pair = |kind: char, a: &str, b: &str| {
        if !a.is_empty() && !b.is_empty() {
            add(kind, &[a.min(b), a.max(b)]);
        }
    };
    pair('s', given_sound, family_sound);
    pair('s', &first(&reading.given), &first(&reading.family));
    // A slip is in one half of one part: the other half and the other part are as they were.
    for (slipped, whole) in [(&given, family_sound), (&family, given_sound)] {
        if slipped.len() > END {
            pair('h', head(slipped, END), whole);
            pair('t', tail(slipped, END), whole);
        }
    }
    pair('i', head(&given, 1), &family);
    pair('i', head(&family, 1), &given);
    for called in reading
        .given
        .iter()
        .flat_map(|word| sounds::families(word))
        .take(3)
    {
        add('n', &[&called.to_string(), family_sound]);
    }
    for surname in sounds::surnames(&family).iter().take(2) {
        add('c', &[&surname.to_string(), given_sound]);
    }
    add('f', &[&family]);
    if let Some(code) = postal_code {
        for name in [family_sound, given_sound] {
            add('z', &[code, name]);
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = guest_likeness)]
struct Row {
    key: i64,
    guest_id: i64,
}

/// Writes the keys of profiles that have none yet.
pub(super) fn write(
    conn: &mut Conn,
    profiles: impl IntoIterator<Item = (i64, Facts)>,
) -> QueryResult<()> {
    let rows: Vec<Row> = profiles
        .into_iter()
        .flat_map(|(guest_id, facts)| {
            let keys = facts.keys().into_iter();
            keys.map(move |key| Row { key, guest_id })
        })
        .collect();
    insert_rows!(conn, guest_likeness::table, rows);
    Ok(())
}

/// Writes the keys of stored profiles anew.
pub fn rewrite(conn: &mut Conn, guest_ids: &[i64]) -> QueryResult<()> {
    type Stored = (
        i64,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<NaiveDate>,
        Option<String>,
        Option<String>,
    );
    let stored: Vec<Stored> = guests::table
        .filter(guests::id.eq_any(guest_ids))
        .select((
            guests::id,
            guests::given_name,
            guests::family_name,
            guests::native_name,
            guests::birth_date,
            guests::postal_code,
            guests::street,
        ))
        .load(conn)?;
    let contacts: Vec<(i64, String, String, bool)> = guest_contacts::table
        .filter(guest_contacts::guest_id.eq_any(guest_ids))
        .select((
            guest_contacts::guest_id,
            guest_contacts::kind,
            guest_contacts::folded,
            guest_contacts::masked,
        ))
        .load(conn)?;
    let mut facts: BTreeMap<i64, Facts> = stored
        .into_iter()
        .map(|(id, given, family, native, born, postal_code, street)| {
            let name = Name {
                given: given.as_deref(),
                family: family.as_deref(),
                native: native.as_deref(),
            };
            let facts = Facts {
                readings: readings::readings(&name),
                birth_date: told_birth(born),
                postal_code: folded(postal_code.as_deref()),
                street: folded(street.as_deref()),
                ..Facts::default()
            };
            (id, facts)
        })
        .collect();
    for (id, kind, value, masked) in contacts {
        let Some(facts) = facts.get_mut(&id) else {
            continue;
        };
        match kind.as_str() {
            "phone" if phone_identifies(&value) => facts.phones.push(value),
            "email" if Email::stored(value.clone(), masked).identifies() => {
                facts.emails.push(value)
            }
            _ => {}
        }
    }
    diesel::delete(guest_likeness::table.filter(guest_likeness::guest_id.eq_any(guest_ids)))
        .execute(conn)?;
    write(conn, facts)
}

/// Writes the keys of all profiles, where there are none: after an upgrade from before they were kept.
pub fn fill(conn: &mut Conn) -> QueryResult<()> {
    let any: Option<i64> = guest_likeness::table
        .select(guest_likeness::guest_id)
        .first(conn)
        .optional()?;
    if any.is_some() {
        return Ok(());
    }
    let mut last = 0;
    loop {
        let ids: Vec<i64> = guests::table
            .filter(guests::id.gt(last))
            .order(guests::id)
            .select(guests::id)
            .limit(AT_ONCE)
            .load(conn)?;
        let Some(&id) = ids.last() else { return Ok(()) };
        rewrite(conn, &ids)?;
        last = id;
    }
}

fn head(text: &str, count: usize) -> &str {
    text.get(..count).unwrap_or(text)
}

fn tail(text: &str, count: usize) -> &str {
    text.get(text.len().saturating_sub(count)..).unwrap_or(text)
}

fn hash(kind: char, parts: &[&str]) -> i64 {
    let mut digest = Sha256::new();
    digest.update([kind as u8]);
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let bytes: [u8; 32] = digest.finalize().into();
    let (first, _) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
    i64::from_be_bytes(*first)
}
