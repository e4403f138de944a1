//! Lessons at a check-out, and over the whole history.

use diesel::prelude::*;

use super::{Changed, facts, keep};
use crate::db::schema::guests;
use crate::db::{Conn, Database, dialect};
use crate::error::Fault;
use crate::guests::evidence::Settings;
use crate::properties::{Property, Reference};

/// Persons in one transaction.
const CHUNK: i64 = 200;

/// What a walk over the history came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Persons looked at.
    pub persons: u64,
    /// Lessons that are new.
    pub noted: u64,
    /// Known ones that were brought up to date.
    pub updated: u64,
    /// Those that stays no longer bear out.
    pub withdrawn: u64,
}

impl Learned {
    fn add(&mut self, changed: &Changed) {
        self.persons += 1;
        self.noted += changed.noted as u64;
        self.updated += (changed.taught.len() - changed.noted) as u64;
        self.withdrawn += changed.withdrawn as u64;
    }
}

/// What the stays of one person teach, now that one more is over. Call it inside the transaction of the check-out.
pub fn learn_of(
    conn: &mut Conn,
    person_id: i64,
    reference: &Reference,
) -> QueryResult<Vec<&'static str>> {
    // Of two check-outs of one person the second sees what the first taught.
    dialect::lock_guest(conn, person_id)?;
    let houses = facts::houses(conn)?;
    let known = facts::of_persons(conn, &[person_id], &reference.properties)?;
    match known.get(&person_id) {
        Some(known) => Ok(keep(conn, known, &houses, &reference.wishes, true)?.taught),
        None => Ok(Vec::new()),
    }
}

/// Learns from the whole history, a few hundred persons to a transaction and to memory. Done twice it changes nothing.
pub fn learn_all(db: &Database, mut told: impl FnMut(&Learned)) -> Result<Learned, Fault> {
    let reference = db.read(|conn| Ok::<_, Fault>(Reference::load(conn)?))?;
    let mut all = Learned::default();
    let mut after = Some(0);
    while let Some(last) = after {
        after = db.write(|conn| {
            let (houses, rules) = (&reference.properties, &reference.wishes);
            Ok::<_, Fault>(some(conn, last, houses, rules, &mut all)?)
        })?;
        told(&all);
    }
    Ok(all)
}

/// Learns of the next persons; the last of them, while there are more.
fn some(
    conn: &mut Conn,
    after: i64,
    properties: &[Property],
    rules: &Settings,
    all: &mut Learned,
) -> QueryResult<Option<i64>> {
    // A person is a profile that stands for itself.
    let persons: Vec<i64> = guests::table
        .filter(guests::id.gt(after))
        .filter(guests::person_id.eq(guests::id))
        .order(guests::id)
        .limit(CHUNK)
        .select(guests::id)
        .load(conn)?;
    let Some(last) = persons.last().copied() else {
        return Ok(None);
    };
    let houses = facts::houses(conn)?;
    let known = facts::of_persons(conn, &persons, properties)?;
    for person_id in &persons {
        let changed = match known.get(person_id) {
            Some(known) => keep(conn, known, &houses, rules, false)?,
            None => Changed::default(),
        };
        all.add(&changed);
    }
    Ok(Some(last))
}
