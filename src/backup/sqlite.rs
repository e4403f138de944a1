//! Backups of an SQLite file: a copy of it made by SQLite itself, which is an SQLite file again.

use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::files::{self, Partial};
use super::sealed::Sealer;
use super::{Copied, Facts, Named};
use crate::db::{Conn, DatabaseUrl};
use crate::staff::journal;

/// The table of the copy that brings the secret key along.
pub(super) const KEY_TABLE: &str = "backup_secret_key";

/// Copies a database to an empty file, and reads the copy.
pub(super) fn copy(
    database: &Path,
    to: &Partial,
    passphrase: Option<&str>,
    tell: &dyn Fn(&str),
) -> Result<Copied, String> {
    let Some(passphrase) = passphrase else {
        let facts = copy_plain(database, to.path(), None, tell)?;
        return Ok(Copied {
            facts,
            secret_key: false,
            checked: checked(),
        });
    };
    // Beside the database nobody reads the plain copy who may not read the database.
    let plain = Partial::beside(database)?;
    let key = secret_key(database)?;
    let facts = copy_plain(database, plain.path(), key.as_deref(), tell)?;
    tell("sealing");
    let named = files::named(to.path());
    let from = std::fs::File::open(plain.path()).map_err(&named)?;
    let mut sealer = Sealer::new(BufWriter::new(to.open()?), passphrase).map_err(&named)?;
    std::io::copy(&mut BufReader::new(from), &mut sealer).map_err(&named)?;
    let mut sealed = sealer.finish().map_err(&named)?;
    sealed.flush().map_err(&named)?;
    to.sync()?;
    tell("checking what was sealed");
    let opened = super::digest(super::reading(to.path(), Some(passphrase))?).map_err(&named)?;
    if opened != super::fingerprint(plain.path())? {
        return Err(format!(
            "{}: does not open to what was sealed; try another disk",
            to.path().display()
        ));
    }
    let mut checked = checked();
    checked.push("opens to the same".into());
    Ok(Copied {
        facts,
        secret_key: key.is_some(),
        checked,
    })
}

fn checked() -> Vec<String> {
    ["integrity", "foreign keys", "rows counted"]
        .map(str::to_owned)
        .into()
}

/// The key kept beside the database; one that comes from the environment is kept by whoever set it.
fn secret_key(database: &Path) -> Result<Option<String>, String> {
    let path = files::with_suffix(database, ".key");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(files::named(&path)(error)),
    }
}

fn copy_plain(
    database: &Path,
    to: &Path,
    key: Option<&str>,
    tell: &dyn Fn(&str),
) -> Result<Facts, String> {
    let at = database.display();
    if !database.exists() {
        return Err(format!("{at}: there is no such database"));
    }
    // First the looks, then the copy: one carried over in between is in both, and stored once.
    let looks = journal::pending(database).map_err(files::named(database))?;
    let url = DatabaseUrl::Sqlite(database.to_owned());
    let mut conn = url.connect().map_err(|error| format!("{at}: {error}"))?;
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(to.to_string_lossy())
        .execute(&mut conn)
        .map_err(|error| format!("{}: {error}", to.display()))?;
    drop(conn);
    let mut copy = open(to)?;
    let complete = |conn: &mut Conn| -> QueryResult<()> {
        journal::store_missing(conn, &looks)?;
        if let Some(key) = key {
            conn.batch_execute(&format!("CREATE TABLE {KEY_TABLE} (hex TEXT NOT NULL)"))?;
            diesel::sql_query(format!("INSERT INTO {KEY_TABLE} VALUES (?)"))
                .bind::<Text, _>(key)
                .execute(conn)?;
        }
        Ok(())
    };
    crate::db::write_tx(&mut copy, complete)
        .map_err(|error| format!("{}: {error}", to.display()))?;
    drop(copy);
    tell("checking");
    check(to)
}

/// Opens a file as it is, without turning it into one that is written ahead.
pub(super) fn open(file: &Path) -> Result<Conn, String> {
    SqliteConnection::establish(&file.to_string_lossy())
        .map(Conn::Sqlite)
        .map_err(|error| format!("{}: {error}", file.display()))
}

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct Broken {
    #[diesel(sql_type = Text)]
    table: String,
}

/// Reads all of a file, and counts what is in it.
pub(super) fn check(file: &Path) -> Result<Facts, String> {
    let mut conn = open(file)?;
    let read = |conn: &mut Conn| -> QueryResult<Result<Facts, String>> {
        conn.batch_execute("PRAGMA query_only = ON")?;
        let said: Vec<Verdict> = diesel::sql_query("PRAGMA integrity_check(1)").load(conn)?;
        if let Some(wrong) = said.iter().find(|said| said.integrity_check != "ok") {
            return Ok(Err(wrong.integrity_check.clone()));
        }
        let broken: Vec<Broken> = diesel::sql_query("PRAGMA foreign_key_check").load(conn)?;
        if let Some(Broken { table }) = broken.first() {
            return Ok(Err(format!("a row of {table} refers to nothing")));
        }
        let mut facts = super::facts(conn)?;
        facts.rows.remove(KEY_TABLE);
        Ok(Ok(facts))
    };
    read(&mut conn)
        .map_err(|error| error.to_string())
        .flatten()
        .map_err(|error| format!("{}: is damaged: {error}", file.display()))
}

/// Takes the secret key out of a copy, where one came along.
pub(super) fn take_key(conn: &mut Conn) -> QueryResult<Option<String>> {
    if !super::tables(conn)?.iter().any(|table| table == KEY_TABLE) {
        return Ok(None);
    }
    let found: Option<Named> = diesel::sql_query(format!("SELECT hex AS name FROM {KEY_TABLE}"))
        .get_result(conn)
        .optional()?;
    conn.batch_execute(&format!(
        "PRAGMA secure_delete = ON; DROP TABLE {KEY_TABLE}"
    ))?;
    Ok(found.map(|found| found.name))
}
