//! A copy of everything while clerks work, and the way back.
//!
//! A backup is what its database's own tools read: an SQLite file, or what `pg_dump` writes; sealed if asked. It is
//! written under another name, read back and checked, and only then has its own. The search index is derived and not in
//! it. See `docs/decisions/0015-backups.md`.

mod files;
mod postgresql;
pub mod restore;
pub mod rotation;
pub mod schedule;
mod sealed;
mod sqlite;
mod tools;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::files::Partial;
use self::sealed::Opener;
use crate::clock;
use crate::db::{Conn, DatabaseUrl};
use crate::secret::hex;

/// The passphrase of sealed backups; with `_FILE` appended, the file it is in.
pub const PASSPHRASE: &str = "INNKEEPER_BACKUP_PASSPHRASE";

/// What a database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Versions of the migrations applied, the oldest first.
    pub migrations: Vec<String>,
    /// Rows by table.
    pub rows: BTreeMap<String, i64>,
}

/// What a backup turned out to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Where it is.
    pub file: PathBuf,
    /// UTC.
    pub started_at: NaiveDateTime,
    /// How long writing and checking took.
    pub seconds: f64,
    /// The version of Innkeeper.
    pub innkeeper: String,
    /// `sqlite` or `postgresql`.
    pub database: String,
    /// What was counted when it was read back.
    #[serde(flatten)]
    pub facts: Facts,
    /// Its size.
    pub bytes: u64,
    /// Of the file as it is.
    pub sha256: String,
    /// Whether it opens by passphrase only.
    pub sealed: bool,
    /// Whether the secret key is in it; without the key nobody reads document numbers.
    pub secret_key: bool,
    /// What was checked.
    pub checked: Vec<String>,
}

/// What the copying came to.
struct Copied {
    facts: Facts,
    secret_key: bool,
    checked: Vec<String>,
}

/// Writes a backup, checks it, and puts a report beside it. `tell` hears what goes on.
pub fn write(
    url: &DatabaseUrl,
    file: &Path,
    passphrase: Option<&str>,
    tell: &dyn Fn(&str),
) -> Result<Report, String> {
    let (started, started_at) = (Instant::now(), clock::now());
    files::must_be_free(file)?;
    let partial = Partial::beside(file)?;
    tell("copying");
    let copied = match url {
        DatabaseUrl::Sqlite(database) => sqlite::copy(database, &partial, passphrase, tell)?,
        DatabaseUrl::Postgresql(_) => postgresql::copy(url, &partial, passphrase, tell)?,
    };
    let (bytes, sha256) = fingerprint(partial.path())?;
    partial.become_file(file)?;
    let report = Report {
        file: file.to_owned(),
        started_at,
        seconds: started.elapsed().as_secs_f64(),
        innkeeper: env!("CARGO_PKG_VERSION").into(),
        database: engine(url).into(),
        facts: copied.facts,
        bytes,
        sha256,
        sealed: passphrase.is_some(),
        secret_key: copied.secret_key,
        checked: copied.checked,
    };
    report.store()?;
    Ok(report)
}

impl Report {
    /// Where the report of a backup is.
    pub fn path_of(file: &Path) -> PathBuf {
        files::with_suffix(file, ".report.json")
    }

    fn store(&self) -> Result<(), String> {
        let path = Self::path_of(&self.file);
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        let partial = Partial::beside(&path)?;
        let mut file = partial.open()?;
        writeln!(file, "{text}").map_err(files::named(&path))?;
        partial.become_file(&path)
    }

    /// In lines, for a terminal.
    pub fn lines(&self) -> Vec<String> {
        let rows: i64 = self.facts.rows.values().sum();
        let last = self.facts.migrations.last().map_or("none", String::as_str);
        let sealed = if self.sealed { ", sealed" } else { "" };
        let mut lines = vec![
            format!("{}: {} bytes{sealed}", self.file.display(), self.bytes),
            format!("sha256 {}", self.sha256),
            format!(
                "{} UTC, {:.1} s, innkeeper {}, {}, migration {last}",
                self.started_at.format("%Y-%m-%d %H:%M:%S"),
                self.seconds,
                self.innkeeper,
                self.database
            ),
            format!("{rows} rows in {} tables", self.facts.rows.len()),
            format!("checked: {}", self.checked.join(", ")),
        ];
        lines.push(if self.secret_key {
            "the secret key is in it: the passphrase opens everything".into()
        } else {
            "the secret key is NOT in it: keep INNKEEPER_SECRET_KEY, or the .key file beside the database, elsewhere; \
             without it sealed document numbers are lost"
                .into()
        });
        lines
    }
}

/// `sqlite` or `postgresql`.
fn engine(url: &DatabaseUrl) -> &'static str {
    match url {
        DatabaseUrl::Sqlite(_) => "sqlite",
        DatabaseUrl::Postgresql(_) => "postgresql",
    }
}

/// What a file is, by how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgresql,
    Sealed,
}

impl Kind {
    fn of(mut from: impl Read, file: &Path) -> Result<Self, String> {
        let mut start = Vec::new();
        from.by_ref()
            .take(32)
            .read_to_end(&mut start)
            .map_err(files::named(file))?;
        if start.starts_with(b"SQLite format 3\0") {
            Ok(Self::Sqlite)
        } else if start.starts_with(b"PGDMP") {
            Ok(Self::Postgresql)
        } else if start.starts_with(sealed::MAGIC) {
            Ok(Self::Sealed)
        } else {
            let file = file.display();
            Err(format!(
                "{file}: is not a backup of Innkeeper, or is cut off"
            ))
        }
    }
}

/// Reads a backup, sealed or not.
fn reading(file: &Path, passphrase: Option<&str>) -> Result<Box<dyn Read + Send>, String> {
    let open = || {
        File::open(file)
            .map(BufReader::new)
            .map_err(files::named(file))
    };
    match (Kind::of(open()?, file)?, passphrase) {
        (Kind::Sealed, Some(passphrase)) => {
            let opener = Opener::new(open()?, passphrase).map_err(files::named(file))?;
            Ok(Box::new(opener))
        }
        (Kind::Sealed, None) => Err(format!(
            "{}: is sealed; give its passphrase",
            file.display()
        )),
        (Kind::Sqlite | Kind::Postgresql, _) => Ok(Box::new(open()?)),
    }
}

/// Size and SHA-256 of a file as it is on disk.
fn fingerprint(path: &Path) -> Result<(u64, String), String> {
    let file = File::open(path).map_err(files::named(path))?;
    digest(file).map_err(files::named(path))
}

fn digest(mut from: impl Read) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; 256 * 1024];
    let mut bytes = 0;
    loop {
        let read = from.read(&mut piece)?;
        let Some(part) = piece.get(..read).filter(|part| !part.is_empty()) else {
            return Ok((bytes, hex(&hash.finalize())));
        };
        hash.update(part);
        bytes += read as u64;
    }
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Tables of the schema a connection works in, by name.
fn tables(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let find = match conn {
        Conn::Sqlite(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        }
        Conn::Postgresql(_) => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        }
    };
    let named: Vec<Named> = diesel::sql_query(find).load(conn)?;
    Ok(named.into_iter().map(|one| one.name).collect())
}

/// Counts what a database holds.
fn facts(conn: &mut Conn) -> QueryResult<Facts> {
    let mut rows = BTreeMap::new();
    for table in tables(conn)? {
        let count = format!("SELECT count(*) AS count FROM \"{table}\"");
        let counted: Counted = diesel::sql_query(count).get_result(conn)?;
        rows.insert(table, counted.count);
    }
    let applied = "SELECT version AS name FROM __diesel_schema_migrations ORDER BY version";
    let applied: Vec<Named> = diesel::sql_query(applied).load(conn)?;
    Ok(Facts {
        migrations: applied.into_iter().map(|one| one.name).collect(),
        rows,
    })
}
