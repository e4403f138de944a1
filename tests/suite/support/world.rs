//! A demo hotel for each test, copied from one that is made once for all of them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use innkeeper::clock;
use innkeeper::db::{Conn, DatabaseUrl, migrate, write_tx};
use innkeeper::demo;
use innkeeper::secret::Keys;
use tempfile::TempDir;

use super::database::{Scratch, server};

/// Which database is underneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgresql,
}

/// A database of a test's own; gone with the test.
pub struct World {
    pub url: DatabaseUrl,
    _file: Option<TempDir>,
    pub scratch: Option<Scratch>,
    indexes: TempDir,
}

/// The keys of every world.
pub fn keys() -> Keys {
    Keys::from_hex(HEX_KEY).unwrap()
}

pub const HEX_KEY: &str = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

impl World {
    /// The demo hotel, around today.
    pub fn demo(on: On) -> Self {
        match on {
            On::Sqlite => {
                let template = sqlite_template();
                Self::file(|path| {
                    fs::copy(template, path).unwrap();
                })
            }
            On::Postgresql => Self::scratch(Scratch::of_template(&postgresql_template())),
        }
    }

    /// A migrated database with nothing in it.
    pub fn empty(on: On) -> Self {
        let world = Self::bare(on);
        migrate::run(&mut world.url.connect().unwrap()).unwrap();
        world
    }

    /// A database without a single table.
    pub fn bare(on: On) -> Self {
        match on {
            On::Sqlite => Self::file(|_| ()),
            On::Postgresql => Self::scratch(Scratch::new()),
        }
    }

    fn file(make: impl FnOnce(&Path)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hotel.db");
        make(&path);
        Self {
            url: DatabaseUrl::Sqlite(path),
            _file: Some(directory),
            scratch: None,
            indexes: tempfile::tempdir().unwrap(),
        }
    }

    fn scratch(scratch: Scratch) -> Self {
        Self {
            url: scratch.url(),
            _file: None,
            scratch: Some(scratch),
            indexes: tempfile::tempdir().unwrap(),
        }
    }

    /// Where a server in this process keeps its search index.
    pub fn index(&self) -> PathBuf {
        self.indexes.path().join("search")
    }

    /// The address as the command line takes it.
    pub fn url_text(&self) -> String {
        match &self.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgresql(url) => url.clone(),
        }
    }
}

fn fill(conn: &mut Conn) {
    migrate::run(conn).unwrap();
    write_tx(conn, |conn| demo::fill(conn, &keys())).unwrap();
}

/// Tells templates apart: by the binary that made them, and by the day they are about.
fn edition() -> String {
    let binary = fs::metadata(std::env::current_exe().unwrap()).unwrap();
    let built = binary.modified().unwrap().duration_since(UNIX_EPOCH);
    format!(
        "{}_{}",
        built.unwrap().as_millis(),
        today().format("%Y%m%d")
    )
}

/// The business date of the demo's houses: the day rolls at four in the morning in Shanghai.
pub fn today() -> NaiveDate {
    (clock::now() + chrono::TimeDelta::hours(4)).date()
}

fn sqlite_template() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(directory).unwrap();
    let path = directory.join(format!("demo_{}.db", edition()));
    let lock = File::create(directory.join("demo.lock")).unwrap();
    lock.lock().unwrap();
    if !path.exists() {
        forget_old_templates(directory);
        let making = directory.join("making.db");
        for suffix in ["", "-wal", "-shm"] {
            drop(fs::remove_file(
                directory.join(format!("making.db{suffix}")),
            ));
        }
        fill(&mut DatabaseUrl::Sqlite(making.clone()).connect().unwrap());
        fs::rename(&making, &path).unwrap();
    }
    path
}

fn forget_old_templates(directory: &Path) {
    for entry in fs::read_dir(directory).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let age = entry.metadata().and_then(|file| file.modified());
        let is_old =
            age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > Duration::from_hours(1)));
        if name.starts_with("demo_") && is_old {
            drop(fs::remove_file(entry.path()));
        }
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn postgresql_template() -> String {
    let name = format!("innkeeper_demo_{}", edition());
    let mut conn = DatabaseUrl::Postgresql(server()).connect().unwrap();
    // Held until this connection closes; the one who comes first makes it for all.
    conn.batch_execute("SELECT pg_advisory_lock(20261121)")
        .unwrap();
    let there: Count =
        diesel::sql_query("SELECT count(*) AS count FROM pg_database WHERE datname = $1")
            .bind::<diesel::sql_types::Text, _>(&name)
            .get_result(&mut conn)
            .unwrap();
    if there.count == 0 {
        let making = Scratch::new();
        fill(&mut making.url().connect().unwrap());
        making.rename(&name);
    }
    name
}
