//! The way back: a backup becomes the database, and what was there is kept aside. Until the last step nothing changes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::files::{self, Partial};
use super::tools::Running;
use super::{Facts, Kind, engine, postgresql, sqlite};
use crate::clock;
use crate::config;
use crate::db::schema::{guest_documents, search_changes};
use crate::db::{Conn, DatabaseUrl, migrate};
use crate::greetings::outbox;
use crate::guests::documents;
use crate::guests::search::changes;
use crate::secret::Keys;

/// How often, and after how long, it is looked whether others are connected.
const LOOKS: usize = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// What a restoring came to.
#[derive(Debug)]
pub struct Restored {
    /// What the backup held.
    pub facts: Facts,
    /// Migrations applied since it was written.
    pub migrated: usize,
    /// Where the database is that was there before: a file, or a schema.
    pub aside: Option<String>,
    /// What somebody has to do yet.
    pub warnings: Vec<String>,
}

/// Whether a passphrase is needed.
pub fn is_sealed(file: &Path) -> Result<bool, String> {
    let from = File::open(file).map_err(files::named(file))?;
    Ok(Kind::of(from, file)? == Kind::Sealed)
}

/// Makes a backup the database. One that is there is kept aside if it may be replaced, and refused otherwise.
pub fn restore(
    url: &DatabaseUrl,
    file: &Path,
    passphrase: Option<&str>,
    replace: bool,
    tell: &dyn Fn(&str),
) -> Result<Restored, String> {
    tell("reading");
    let kind = Kind::of(super::reading(file, passphrase)?, file)?;
    let is_ours = match url {
        DatabaseUrl::Sqlite(_) => kind == Kind::Sqlite,
        DatabaseUrl::Postgresql(_) => kind == Kind::Postgresql,
    };
    if !is_ours {
        let (file, here) = (file.display(), engine(url));
        return Err(format!(
            "{file}: is a backup of another kind of database; here DATABASE_URL names {here}"
        ));
    }
    match url {
        DatabaseUrl::Sqlite(database) => into_file(url, database, file, passphrase, replace, tell),
        DatabaseUrl::Postgresql(_) => into_server(url, file, passphrase, replace, tell),
    }
}

fn occupied(what: &str) -> String {
    format!("{what} holds data; with --replace it is kept aside, and the backup takes its place")
}

/// Refuses what a newer Innkeeper wrote.
fn must_be_known(url: &DatabaseUrl, facts: &Facts) -> Result<(), String> {
    let known = migrate::versions(url).map_err(|error| error.to_string())?;
    match facts.migrations.iter().find(|one| !known.contains(one)) {
        None if facts.migrations.is_empty() => {
            Err("the backup holds no Innkeeper database: it has no migrations".into())
        }
        None => Ok(()),
        Some(unknown) => Err(format!(
            "the backup is of a newer Innkeeper: it has migration {unknown}, this one ({}) ends at {}; install the newer one",
            env!("CARGO_PKG_VERSION"),
            known.last().map_or("none", String::as_str)
        )),
    }
}

fn migrated(conn: &mut Conn) -> Result<usize, String> {
    migrate::run(conn).map_err(|error| format!("migrations: {error}"))
}

/// When the old was put aside, as part of its name.
fn stamp(now: NaiveDateTime) -> String {
    now.format("%Y%m%dt%H%M%Sz").to_string()
}

fn into_file(
    url: &DatabaseUrl,
    database: &Path,
    file: &Path,
    passphrase: Option<&str>,
    replace: bool,
    tell: &dyn Fn(&str),
) -> Result<Restored, String> {
    let _claim = url.claim()?;
    let there = fs::metadata(database).is_ok_and(|there| there.len() > 0);
    if there && !replace {
        return Err(occupied(&database.display().to_string()));
    }
    let staged = Partial::beside(database)?;
    let mut to = BufWriter::new(staged.open()?);
    io::copy(&mut super::reading(file, passphrase)?, &mut to)
        .and_then(|_| to.flush())
        .map_err(files::named(file))?;
    drop(to);
    tell("checking");
    let facts = sqlite::check(staged.path()).map_err(|error| about(&staged, file, &error))?;
    must_be_known(url, &facts)?;
    let staged_url = DatabaseUrl::Sqlite(staged.path().to_owned());
    let mut conn = staged_url.connect().map_err(|error| error.to_string())?;
    let key = sqlite::take_key(&mut conn).map_err(|error| error.to_string())?;
    let migrated = migrated(&mut conn)?;
    let sealed = Sealed::of(&mut conn)?;
    // Closing the last connection takes what was written ahead into the file.
    drop(conn);
    tell("replacing");
    let aside = there
        .then(|| put_aside(database))
        .transpose()?
        .map(|aside| aside.display().to_string());
    staged.replace(database)?;
    let mut warnings = Vec::new();
    if let Some(key) = key {
        warnings.extend(put_key(database, &key)?);
    }
    warnings.extend(sealed.warning(url));
    Ok(Restored {
        facts,
        migrated,
        aside,
        warnings,
    })
}

/// Errors are about the file that was given, not about its copy.
fn about(staged: &Partial, file: &Path, error: &str) -> String {
    let (copy, given) = (staged.path().display(), file.display());
    error.replace(&copy.to_string(), &given.to_string())
}

/// Gives a database another name beside its own, which it keeps until another takes it.
fn put_aside(database: &Path) -> Result<PathBuf, String> {
    let aside = files::with_suffix(database, &format!(".replaced-{}", stamp(clock::now())));
    files::must_be_free(&aside)?;
    // What is written ahead must not meet the database that comes: into its own file with it, or away.
    let written = DatabaseUrl::Sqlite(database.to_owned())
        .connect()
        .map_err(|error| error.to_string())
        .and_then(|mut conn| {
            let checkpoint = conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
            checkpoint.map_err(|error| error.to_string())
        });
    if let Err(error) = written {
        log::warn!("{}: {error}", database.display());
    }
    for suffix in ["-wal", "-shm", "-looks", "-looks-carried"] {
        let from = files::with_suffix(database, suffix);
        match fs::rename(&from, files::with_suffix(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(files::named(&from)(error));
            }
            _ => {}
        }
    }
    fs::hard_link(database, &aside).map_err(files::named(&aside))?;
    files::sync_directory(&aside)?;
    Ok(aside)
}

/// Puts the secret key beside the database it belongs to; another one that is there is kept aside.
fn put_key(database: &Path, key: &str) -> Result<Option<String>, String> {
    let path = files::with_suffix(database, ".key");
    let mut warning = None;
    match fs::read_to_string(&path) {
        Ok(there) if there.trim() == key => return Ok(None),
        Ok(_) => {
            let aside = files::with_suffix(&path, &format!(".replaced-{}", stamp(clock::now())));
            files::must_be_free(&aside)?;
            fs::rename(&path, &aside).map_err(files::named(&path))?;
            warning = Some(format!(
                "the secret key that was here is now {}",
                aside.display()
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(files::named(&path)(error)),
    }
    let named = files::named(&path);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(&named)?;
    writeln!(file, "{key}")
        .and_then(|()| file.sync_all())
        .map_err(&named)?;
    Ok(warning)
}

/// A sealed document number of the database, to try a key on.
struct Sealed(Option<(i64, Vec<u8>, Vec<u8>)>);

impl Sealed {
    fn of(conn: &mut Conn) -> Result<Self, String> {
        guest_documents::table
            .order(guest_documents::id.desc())
            .select((
                guest_documents::guest_id,
                guest_documents::number_hash,
                guest_documents::number_sealed,
            ))
            .first(conn)
            .optional()
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// What to say where the key that is in force does not open it.
    fn warning(&self, url: &DatabaseUrl) -> Option<String> {
        let (guest_id, hash, sealed) = self.0.as_ref()?;
        let opens = |keys: &Keys| documents::open(keys, *guest_id, hash, sealed).is_some();
        let lost = "document numbers in it are sealed with another secret key";
        match known_keys(url) {
            Ok(Some(keys)) if opens(&keys) => None,
            Ok(_) => Some(format!(
                "{lost} than the one here: put back the key that belongs to this database (INNKEEPER_SECRET_KEY, \
                 or the .key file beside it) before serving"
            )),
            Err(error) => Some(error),
        }
    }
}

/// The keys in force here; none are made.
fn known_keys(url: &DatabaseUrl) -> Result<Option<Keys>, String> {
    let is_there = match url {
        DatabaseUrl::Sqlite(database) => files::with_suffix(database, ".key").exists(),
        DatabaseUrl::Postgresql(_) => false,
    };
    if !is_there && config::variable("INNKEEPER_SECRET_KEY")?.is_none() {
        return Ok(None);
    }
    config::keys(url).map(Some)
}

fn into_server(
    url: &DatabaseUrl,
    file: &Path,
    passphrase: Option<&str>,
    replace: bool,
    tell: &dyn Fn(&str),
) -> Result<Restored, String> {
    let mut conn = url.connect().map_err(|error| error.to_string())?;
    let said = |error: diesel::result::Error| error.to_string();
    let server = postgresql::Server::of(url, &mut conn)?;
    let schema = server.schema.clone();
    let is_empty = super::tables(&mut conn).map_err(said)?.is_empty();
    if !is_empty && !replace {
        return Err(occupied(&format!("schema {schema}")));
    }
    if !is_empty {
        must_be_alone(&mut conn)?;
    }
    tell("checking");
    let dumped = postgresql::read(&server.tools, file, passphrase)?;
    must_be_known(url, &dumped.facts)?;
    if dumped.schema != schema {
        return Err(format!(
            "the backup is of schema {}, this connection works in {schema}; set its search_path",
            dumped.schema
        ));
    }
    let aside = (!is_empty).then(|| format!("innkeeper_replaced_{}", stamp(clock::now())));
    tell("replacing");
    load(&server, file, passphrase, aside.as_deref())?;
    let checked = complete(&mut conn, &dumped.facts);
    let migrated = match checked {
        Ok(migrated) => migrated,
        Err(error) => {
            put_back(&mut conn, &schema, aside.as_deref()).map_err(said)?;
            return Err(error);
        }
    };
    let sealed = Sealed::of(&mut conn)?;
    Ok(Restored {
        facts: dumped.facts,
        migrated,
        aside: aside.map(|aside| format!("schema {aside}")),
        warnings: sealed.warning(url).into_iter().collect(),
    })
}

/// Refuses while others are connected. One who has just left is given a moment.
fn must_be_alone(conn: &mut Conn) -> Result<(), String> {
    let mut looks = 0;
    loop {
        let others = postgresql::ask(
            conn,
            "SELECT count(*)::text AS name FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )?;
        looks += 1;
        match others.as_str() {
            "0" => return Ok(()),
            _ if looks < LOOKS => thread::sleep(BETWEEN_LOOKS),
            others => {
                return Err(format!(
                    "{others} other connections to the database are open; stop every server first"
                ));
            }
        }
    }
}

/// Puts the old schema aside and fills a new one, in one transaction: it is committed only when the whole dump was read.
fn load(
    server: &postgresql::Server,
    file: &Path,
    passphrase: Option<&str>,
    aside: Option<&str>,
) -> Result<(), String> {
    let schema = &server.schema;
    let mut command = server.tools.connected("psql");
    command
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null());
    let mut running = Running::start(command)?;
    let mut input = running.child.stdin.take().ok_or("psql: no input")?;
    let mut command = server.tools.alone("pg_restore");
    command
        .args(["--no-owner", "--no-privileges", "--file=-"])
        .arg(format!("--schema={schema}"));
    let written = postgresql::restoring(command, file, passphrase, |script| {
        writeln!(input, "BEGIN;")?;
        if let Some(aside) = aside {
            writeln!(input, "ALTER SCHEMA \"{schema}\" RENAME TO \"{aside}\";")?;
            writeln!(input, "CREATE SCHEMA \"{schema}\";")?;
        }
        io::copy(script, &mut input)
    });
    let committed = written.and_then(|_| {
        let commit = writeln!(input, "COMMIT;").and_then(|()| input.flush());
        commit.map_err(|error| format!("psql: {error}"))
    });
    // Without the COMMIT the end of the input is the end of the transaction.
    drop(input);
    running.finish()?;
    committed
}

/// Compares what was filled in, and brings it to the shape this binary expects.
fn complete(conn: &mut Conn, expected: &Facts) -> Result<usize, String> {
    let said = |error: diesel::result::Error| error.to_string();
    if super::facts(conn).map_err(said)? != *expected {
        return Err("what was restored is not what the backup holds; nothing is changed".into());
    }
    let migrated = migrated(conn)?;
    // Positions in the log of changes are this server's own; an index begins anew.
    crate::db::write_tx(conn, |conn| {
        diesel::delete(search_changes::table).execute(conn)?;
        // What was waiting then may have been sent since.
        outbox::doubt(conn)?;
        changes::note(conn, [0])
    })
    .map_err(said)?;
    conn.batch_execute("ANALYZE").map_err(said)?;
    Ok(migrated)
}

/// Takes away what was filled in, and gives the old schema its name again.
fn put_back(conn: &mut Conn, schema: &str, aside: Option<&str>) -> QueryResult<()> {
    let mut back = format!("DROP SCHEMA \"{schema}\" CASCADE;");
    back.push_str(&match aside {
        Some(aside) => format!("ALTER SCHEMA \"{aside}\" RENAME TO \"{schema}\";"),
        None => format!("CREATE SCHEMA \"{schema}\";"),
    });
    crate::db::write_tx(conn, |conn| conn.batch_execute(&back))
}
