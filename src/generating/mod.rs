//! A synthetic group of hotels in an empty database, for load tests and for looking around.
//!
//! The same seed on the same day makes the same group, but for public ids and sealed numbers,
//! which are random everywhere.

mod dice;
mod extras;
mod houses;
mod people;
mod stays;

use chrono::NaiveDate;
use diesel::prelude::*;

use self::dice::Dice;
use crate::clock;
use crate::db::dialect::{self, Reserved, reserve_ids};
use crate::db::schema::{guests, properties};
use crate::db::{Conn, Database, Unavailable};
use crate::guests::profile::{self, NewProfile};
use crate::secret::Keys;

/// Rows in one transaction.
const BATCH: usize = 5_000;
/// Tables whose secondary indexes are built once, at the end.
const LARGE: [&str; 7] = [
    "guests",
    "guest_contacts",
    "guest_keys",
    "guest_likeness",
    "stays",
    "folio_charges",
    "preferences",
];

/// How much to make.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Guest profiles.
    pub guests: usize,
    /// Stays, over as many years as they fill.
    pub stays: usize,
    /// Another seed, another group.
    pub seed: u64,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Codes of the properties.
    pub properties: Vec<String>,
    /// The earliest arrival.
    pub since: NaiveDate,
}

/// Why nothing, or not everything, was made.
#[derive(Debug)]
pub enum GenerateError {
    /// The database has data in it.
    NotEmpty,
    /// Stays need guests.
    NoGuests,
    /// The database failed.
    Database(diesel::result::Error),
    /// The database does not answer.
    Unavailable(Unavailable),
}

impl std::fmt::Display for GenerateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotEmpty => f.write_str(
                "the database already has properties or guests; generate fills an empty one: name a new one with --database-url",
            ),
            Self::NoGuests => f.write_str("--guests: 0 guests cannot have stays; ask for at least 1"),
            Self::Database(error) => write!(f, "the database refused: {error}"),
            Self::Unavailable(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for GenerateError {}

impl From<diesel::result::Error> for GenerateError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Unavailable> for GenerateError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

/// Fills an empty database; `progress` hears of each batch how many rows of guests and stays there are.
///
/// The connection does not wait for the disk and secondary indexes come last: a run that is cut off
/// leaves a database to be thrown away, which a second run will refuse to fill.
pub fn generate(
    db: &Database,
    secrets: &Keys,
    size: Size,
    mut progress: impl FnMut(usize),
) -> Result<Made, GenerateError> {
    if size.guests == 0 && size.stays > 0 {
        return Err(GenerateError::NoGuests);
    }
    db.read(|conn| {
        require_empty(conn)?;
        dialect::start_bulk_load(conn)?;
        let indexes = dialect::drop_indexes(conn, &LARGE)?;
        let made = fill(conn, secrets, size, &mut progress);
        for index in indexes {
            diesel::sql_query(index).execute(conn)?;
        }
        dialect::finish_bulk_load(conn)?;
        made
    })
}

fn require_empty(conn: &mut Conn) -> Result<(), GenerateError> {
    let houses: i64 = properties::table.count().get_result(conn)?;
    let profiles: i64 = guests::table.count().get_result(conn)?;
    if houses + profiles > 0 {
        return Err(GenerateError::NotEmpty);
    }
    Ok(())
}

fn fill(
    conn: &mut Conn,
    secrets: &Keys,
    size: Size,
    progress: &mut dyn FnMut(usize),
) -> Result<Made, GenerateError> {
    let now = clock::now();
    let today = now.date();
    let mut dice = Dice::new(size.seed);
    let plan = houses::plan(size.stays);
    let mut houses = crate::db::write_tx(conn, |conn| houses::create(conn, &mut dice, &plan, now))?;
    let guest_ids = make_guests(conn, secrets, &mut dice, size, progress)?;
    let since = stays::make(
        conn,
        &mut dice,
        &mut houses,
        &plan,
        &guest_ids,
        now,
        &mut |count| progress(size.guests + count),
    )?;
    crate::db::write_tx(conn, |conn| {
        extras::make(conn, &mut dice, &houses, &guest_ids, today, now)
    })?;
    Ok(Made {
        properties: houses.into_iter().map(|house| house.code).collect(),
        since,
    })
}

fn make_guests(
    conn: &mut Conn,
    secrets: &Keys,
    dice: &mut Dice,
    size: Size,
    progress: &mut dyn FnMut(usize),
) -> QueryResult<Vec<i64>> {
    let now = clock::now();
    let mut all = Vec::with_capacity(size.guests);
    while all.len() < size.guests {
        let first = all.len();
        let count = BATCH.min(size.guests - first);
        let people: Vec<NewProfile> = (first..first + count)
            .map(|number| people::person(dice, number, now.date()))
            .collect();
        let ids = crate::db::write_tx(conn, |conn| {
            let ids = reserve_ids(conn, Reserved::Guests, count)?;
            let rows: Vec<(i64, &NewProfile)> = ids.iter().copied().zip(&people).collect();
            profile::create_as(conn, secrets, &rows, now)?;
            extras::preferences(conn, dice, &ids, now)?;
            QueryResult::Ok(ids)
        })?;
        all.extend(ids);
        progress(all.len());
    }
    Ok(all)
}
