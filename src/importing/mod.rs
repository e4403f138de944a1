//! Files in: the six kinds of CSV that other systems hand over.
//!
//! Rows stream through in batches, each batch in one transaction; a bad row is explained and never
//! stops the good ones. The same file twice changes nothing the second time.

mod cells;
mod codes;
mod decode;
mod guests;
mod houses;
pub mod labelled;
pub mod object;
mod orders;
pub mod preferences;
pub mod profiles;
mod properties;
mod reader;
mod rejected;
pub mod reservations;
mod rooms;
mod run;
pub mod stays;

use std::path::PathBuf;

pub use cells::Rejection;
pub(crate) use properties::add_earn_rules;
pub use rejected::Rejected;
pub use run::run;

use crate::db::Unavailable;
use crate::text_enum;

text_enum! {
    /// What a file holds.
    #[derive(clap::ValueEnum)]
    #[clap(rename_all = "lower")]
    pub enum Kind {
        /// Houses.
        Properties = "properties",
        /// Rooms and their types.
        Rooms = "rooms",
        /// Guest profiles.
        Guests = "guests",
        /// Reservations and stays.
        Stays = "stays",
        /// What guests like.
        Preferences = "preferences",
        /// What was eaten, by the lines of a restaurant's till.
        Orders = "orders",
    }
}

/// How a file is taken in.
#[derive(Clone, Debug)]
pub struct Options {
    /// Full validation and counts; nothing is written.
    pub dry_run: bool,
    /// All rows or none.
    pub strict: bool,
    /// Whose keys the file's `guest_id`s are.
    pub source: String,
    /// Where rejected rows go; made when there is a first one.
    pub errors: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dry_run: false,
            strict: false,
            source: "import".into(),
            errors: None,
        }
    }
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// Bytes read of the file as it is stored.
    pub bytes: u64,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Report {
    /// Rows that made something new.
    pub new: u64,
    /// Rows that changed what was stored.
    pub changed: u64,
    /// Rows that said what was known.
    pub unchanged: u64,
    /// Rows not taken in.
    pub rejected: u64,
    /// What was passed over, such as unknown columns.
    pub warnings: Vec<String>,
    /// The first rejected rows, for a page.
    pub examples: Vec<Rejected>,
    /// Whether the database holds the outcome: not after a dry run, nor after a strict import with a rejected row.
    pub is_written: bool,
}

impl Report {
    /// Rows read.
    pub fn rows(&self) -> u64 {
        self.new + self.changed + self.unchanged + self.rejected
    }
}

/// Why a file could not be taken in at all.
#[derive(Debug)]
pub enum ImportError {
    /// It is not the CSV it should be; the message says what to do.
    File(String),
    /// The database failed; what was committed before stands.
    Database(diesel::result::Error),
    /// The database does not answer.
    Unavailable(Unavailable),
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(message) => f.write_str(message),
            Self::Database(error) => write!(f, "the database refused: {error}"),
            Self::Unavailable(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<diesel::result::Error> for ImportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Unavailable> for ImportError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}
