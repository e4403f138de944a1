//! What every request may use.

use std::path::PathBuf;

use tokio::sync::Semaphore;

use super::imports::Jobs;
use super::live::Hub;
use super::origin::Proxies;
use crate::api::Limits;
use crate::config;
use crate::db::{Database, DatabaseUrl};
use crate::guests::search::Finder;
use crate::offers;
use crate::properties::reference::Cache;
use crate::rooms;
use crate::secret::Keys;
use crate::staff::journal::Journal;

/// The state of a running server.
pub struct App {
    /// The database.
    pub db: Database,
    /// Sealing and hashing.
    pub keys: Keys,
    /// Houses and tiers.
    pub reference: Cache,
    /// What offers are chosen from.
    pub offers: offers::Cache,
    /// The rooms of each house.
    pub rooms: rooms::cache::Cache,
    /// The record of looks.
    pub journal: Journal,
    /// What the search box needs.
    pub finder: Finder,
    /// News for open boards.
    pub live: Hub,
    /// Files on their way in.
    pub imports: Jobs,
    /// Password hashing is heavy on purpose: two at a time, so that it can't be used to stop the house.
    pub hashing: Semaphore,
    /// Lets the first administrator be made, from the address printed at the start.
    pub setup_token: String,
    /// Proxies whose word on where a call comes from is taken.
    pub proxies: Proxies,
    /// Whether browsers reach us by https only.
    pub https: bool,
    /// The demo shows its users on the sign-in page.
    pub demo: bool,
    /// How often each program may call.
    pub api_limits: Limits,
    /// How often guests may use the links in their letters, by address.
    pub guest_limits: Limits,
    /// Say in a header how many queries a page took; for tests and benchmarks.
    pub count_queries: bool,
}

impl App {
    /// Prepares the state over an open database; the search index is kept in `index`.
    pub fn new(
        db: Database,
        keys: Keys,
        base_url: &str,
        index: PathBuf,
    ) -> Result<Self, crate::db::Unavailable> {
        Ok(Self {
            journal: Journal::start(db.clone())?,
            finder: Finder::start(db.clone(), index)?,
            reference: Cache::default(),
            offers: offers::Cache::default(),
            rooms: rooms::cache::Cache::default(),
            live: Hub::over(db.url()),
            imports: Jobs::default(),
            hashing: Semaphore::new(2),
            setup_token: keys.setup_token(),
            proxies: Proxies::default(),
            https: base_url.starts_with("https://"),
            demo: false,
            api_limits: Limits::default(),
            guest_limits: Limits::new(0.5, 40.0),
            count_queries: false,
            db,
            keys,
        })
    }

    /// Opens the database, applies migrations, reads the keys.
    pub fn open(url: &DatabaseUrl, base_url: &str) -> Result<Self, String> {
        let db = Database::open(url).map_err(|error| error.to_string())?;
        let keys = config::keys(url)?;
        db.read(|conn| crate::db::migrate::run(conn).map(drop))
            .map_err(|error| format!("migrations: {error}"))?;
        let index = config::index_directory(url)?;
        Self::new(db, keys, base_url, index).map_err(|error| error.to_string())
    }
}
