//! Backups of a PostgreSQL database: what `pg_dump` writes, in its own format.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::thread;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::files::{self, Partial};
use super::sealed::Sealer;
use super::tools::{Running, Tools};
use super::{Copied, Facts, Named};
use crate::db::{Conn, DatabaseUrl};

/// The table migrations are recorded in.
const APPLIED: &str = "__diesel_schema_migrations";

/// What is known of a server before its tools are called.
pub(super) struct Server {
    pub(super) tools: Tools,
    /// The schema our tables are in.
    pub(super) schema: String,
}

impl Server {
    pub(super) fn of(url: &DatabaseUrl, conn: &mut Conn) -> Result<Self, String> {
        let DatabaseUrl::Postgresql(address) = url else {
            return Err("this is not a PostgreSQL database".into());
        };
        let version = ask(conn, "SELECT current_setting('server_version_num') AS name")?;
        let number: u32 = version
            .parse()
            .map_err(|_| format!("server version {version}"))?;
        Ok(Self {
            tools: Tools::for_server(address, number / 10_000)?,
            schema: ask(conn, "SELECT current_schema()::text AS name")?,
        })
    }
}

/// One word from the server.
pub(super) fn ask(conn: &mut Conn, query: &str) -> Result<String, String> {
    let said: QueryResult<Named> = diesel::sql_query(query).get_result(conn);
    said.map(|said| said.name)
        .map_err(|error| error.to_string())
}

/// Dumps a database to an empty file, and reads the dump: what is in it must be what one transaction counted meanwhile.
pub(super) fn copy(
    url: &DatabaseUrl,
    to: &Partial,
    passphrase: Option<&str>,
    tell: &dyn Fn(&str),
) -> Result<Copied, String> {
    let mut conn = url.connect().map_err(|error| error.to_string())?;
    let server = Server::of(url, &mut conn)?;
    let said = |error: diesel::result::Error| error.to_string();
    conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .map_err(said)?;
    let snapshot = ask(&mut conn, "SELECT pg_export_snapshot() AS name")?;
    let mut command = server.tools.connected("pg_dump");
    command
        .args(["--format=custom", "--no-owner", "--no-privileges"])
        .arg(format!("--schema=\"{}\"", server.schema))
        .arg(format!("--snapshot={snapshot}"))
        .stdout(Stdio::piped());
    let mut running = Running::start(command)?;
    let mut dump = running.child.stdout.take().ok_or("pg_dump: no output")?;
    let named = files::named(to.path());
    let mut file = BufWriter::new(to.open()?);
    match passphrase {
        None => drop(io::copy(&mut dump, &mut file).map_err(&named)?),
        Some(passphrase) => {
            let mut sealer = Sealer::new(&mut file, passphrase).map_err(&named)?;
            io::copy(&mut dump, &mut sealer).map_err(&named)?;
            sealer.finish().map_err(&named)?;
        }
    }
    file.flush().map_err(&named)?;
    running.finish()?;
    let counted = super::facts(&mut conn).map_err(said)?;
    conn.batch_execute("COMMIT").map_err(said)?;
    to.sync()?;
    tell("checking");
    let dumped = read(&server.tools, to.path(), passphrase)?;
    if dumped.facts != counted {
        return Err(format!(
            "{}: the dump does not hold what the database held; try another disk",
            to.path().display()
        ));
    }
    Ok(Copied {
        facts: counted,
        secret_key: false,
        checked: vec![
            "read back whole".into(),
            "rows compared with the database's".into(),
        ],
    })
}

/// What a dump holds.
pub(super) struct Dumped {
    pub(super) facts: Facts,
    /// The schema its tables are in.
    pub(super) schema: String,
}

/// Reads a dump to its end, and counts what is in it.
pub(super) fn read(tools: &Tools, file: &Path, passphrase: Option<&str>) -> Result<Dumped, String> {
    let mut command = tools.alone("pg_restore");
    command.args(["--data-only", "--file=-"]);
    let mut dumped = Dumped {
        facts: Facts::default(),
        schema: String::new(),
    };
    restoring(command, file, passphrase, |script| {
        count(BufReader::new(script), &mut dumped)
    })?;
    dumped.facts.migrations.sort();
    Ok(dumped)
}

/// Runs `pg_restore` over a file, sealed or not, and hands on the script it makes. Fails unless both came to their end.
pub(super) fn restoring<T>(
    mut command: std::process::Command,
    file: &Path,
    passphrase: Option<&str>,
    take: impl FnOnce(&mut dyn Read) -> io::Result<T>,
) -> Result<T, String> {
    let mut from = super::reading(file, passphrase)?;
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = Running::start(command)?;
    let mut input = running.child.stdin.take().ok_or("pg_restore: no input")?;
    let mut script = running.child.stdout.take().ok_or("pg_restore: no output")?;
    let feeding = thread::spawn(move || io::copy(&mut from, &mut input));
    let taken = take(&mut script);
    drop(script);
    let fed = feeding
        .join()
        .map_err(|_| "pg_restore: its input broke off")?;
    // What opening the file says is nearer to the cause than that its reader came to a sudden end.
    let broken = |error: &io::Error| error.kind() != io::ErrorKind::BrokenPipe;
    if let Some(error) = fed.as_ref().err().filter(|error| broken(error)) {
        return Err(format!("{}: {error}", file.display()));
    }
    running
        .finish()
        .map_err(|error| format!("{}: {error}", file.display()))?;
    taken.map_err(files::named(file))
}

/// Counts the rows of a script: the lines between `COPY schema.table (…) FROM stdin;` and `\.`.
fn count(mut script: impl BufRead, dumped: &mut Dumped) -> io::Result<()> {
    let mut rows: HashMap<String, i64> = HashMap::new();
    let mut table: Option<String> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if script.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        match &table {
            Some(_) if line == b"\\.\n" => table = None,
            Some(name) => {
                if let Some(count) = rows.get_mut(name) {
                    *count += 1;
                }
                if name == APPLIED {
                    let version = line.split(|byte| *byte == b'\t').next();
                    let version = String::from_utf8_lossy(version.unwrap_or_default());
                    dumped.facts.migrations.push(version.into_owned());
                }
            }
            None => {
                if let Some((schema, name)) = copied(&line) {
                    dumped.schema = schema;
                    rows.insert(name.clone(), 0);
                    table = Some(name);
                }
            }
        }
    }
    dumped.facts.rows = rows.into_iter().collect();
    Ok(())
}

/// Schema and table of `COPY public.guests (id, …) FROM stdin;`.
fn copied(line: &[u8]) -> Option<(String, String)> {
    let line = std::str::from_utf8(line).ok()?;
    let rest = line.strip_prefix("COPY ")?;
    rest.trim_end().strip_suffix("FROM stdin;")?;
    let (place, _) = rest.split_once(" (")?;
    let (schema, table) = place.rsplit_once('.')?;
    let bare = |name: &str| name.trim_matches('"').to_owned();
    Some((bare(schema), bare(table)))
}
