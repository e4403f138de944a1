//! The record of looks: a page that shows a guest is sent only when its line is safe from a crash of the process.
//!
//! On PostgreSQL lines are committed in groups. On SQLite every commit makes all connections forget
//! their cached pages, so looks are appended to a file beside the database and carried over from time to time,
//! and before somebody reads the record; what a crash leaves in the file is carried over at the next start.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::thread;
use std::time::Duration;

use diesel::QueryResult;
use tokio::sync::oneshot;

use super::audit::{self, Line};
use crate::db::dialect::ROWS_PER_STATEMENT;
use crate::db::{Conn, Database, DatabaseUrl, Unavailable};

/// How often looks are carried from the file to the database.
const CARRY: Duration = Duration::from_secs(10);
/// Looks that may wait for their group at once.
const BACKLOG: usize = 4096;
/// Lines in one statement, so that a clerk's check-in never waits long for its turn.
const GROUP: usize = ROWS_PER_STATEMENT;

/// Records looks.
#[derive(Clone)]
pub enum Journal {
    /// Beside an SQLite database.
    Beside(Arc<Beside>),
    /// In groups, into PostgreSQL.
    Grouped(mpsc::SyncSender<(Line, oneshot::Sender<()>)>),
}

impl Journal {
    /// Starts recording; on SQLite, first carries over what a crash left behind.
    pub fn start(db: Database) -> Result<Self, Unavailable> {
        let unavailable = |error: io::Error| Unavailable(format!("the record of looks: {error}"));
        match db.url().clone() {
            DatabaseUrl::Sqlite(path) => {
                let beside = Beside::open(db, &path).map_err(unavailable)?;
                let keeper = Arc::downgrade(&beside);
                thread::Builder::new()
                    .name("journal".into())
                    .spawn(move || carry_on(&keeper))
                    .map_err(unavailable)?;
                Ok(Self::Beside(beside))
            }
            DatabaseUrl::Postgresql(_) => {
                let (sender, receiver) = mpsc::sync_channel(BACKLOG);
                thread::Builder::new()
                    .name("journal".into())
                    .spawn(move || commit_groups(&db, &receiver))
                    .map_err(unavailable)?;
                Ok(Self::Grouped(sender))
            }
        }
    }

    /// Records a look; an error means that it is not on record, and the page must not be shown.
    pub async fn record(&self, line: Line) -> Result<(), Unavailable> {
        match self {
            Self::Beside(beside) => beside
                .append(line)
                .map_err(|error| Unavailable(format!("the look could not be recorded: {error}"))),
            Self::Grouped(sender) => {
                let (done, recorded) = oneshot::channel();
                let full = || Unavailable("the record of looks can't keep up".into());
                sender.try_send((line, done)).map_err(|_| full())?;
                recorded
                    .await
                    .map_err(|_| Unavailable("the look could not be recorded".into()))
            }
        }
    }

    /// Carries over what waits: before the record is read, and at the end of the server.
    pub fn carry(&self) {
        if let Self::Beside(beside) = self {
            beside.carry();
        }
    }
}

/// Looks in a file until they are carried over.
pub struct Beside {
    db: Database,
    /// Where looks are appended.
    current: PathBuf,
    /// Where those being carried over stand meanwhile.
    carried: PathBuf,
    state: Mutex<(File, Vec<Line>)>,
    /// One carries at a time.
    carrying: Mutex<()>,
}

impl Beside {
    fn open(db: Database, database: &Path) -> io::Result<Arc<Self>> {
        let current = beside(database, "-looks");
        let carried = beside(database, "-looks-carried");
        for left in [&carried, &current] {
            let lines = read(left)?;
            if !lines.is_empty() {
                let stored = db.write_unsynced(|conn| store_missing(conn, &lines));
                stored.map_err(|error| io::Error::other(error.to_string()))?;
                fs::remove_file(left)?;
            }
        }
        let file = append_to(&current)?;
        let (state, carrying) = (Mutex::new((file, Vec::new())), Mutex::default());
        Ok(Arc::new(Self {
            db,
            current,
            carried,
            state,
            carrying,
        }))
    }

    fn append(&self, line: Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // One write: the kernel has the line, whatever becomes of the process.
        state.0.write_all(&text)?;
        state.1.push(line);
        Ok(())
    }

    /// Carries what waits into the database. What fails is tried again with the next.
    fn carry(&self) {
        let _one = self.carrying.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = match self.set_aside() {
            Ok(lines) => lines,
            Err(error) => return log::error!("looks could not be set aside: {error}"),
        };
        if lines.is_empty() {
            return;
        }
        let mut waiting = lines.as_slice();
        while !waiting.is_empty() {
            let (group, rest) = waiting.split_at(waiting.len().min(GROUP));
            if let Err(error) = self
                .db
                .write_unsynced(|conn| audit::insert_all(conn, group))
            {
                log::error!("looks could not be carried over: {error}");
                self.put_back(waiting);
                return;
            }
            waiting = rest;
        }
        if let Err(error) = fs::remove_file(&self.carried) {
            log::warn!("{}: {error}", self.carried.display());
        }
    }

    fn set_aside(&self) -> io::Result<Vec<Line>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.1.is_empty() {
            return Ok(Vec::new());
        }
        fs::rename(&self.current, &self.carried)?;
        state.0 = append_to(&self.current)?;
        Ok(std::mem::take(&mut state.1))
    }

    /// Lines that could not be stored wait again.
    fn put_back(&self, lines: &[Line]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for line in lines {
            let text = serde_json::to_vec(line).unwrap_or_default();
            if let Err(error) = state
                .0
                .write_all(&text)
                .and_then(|()| state.0.write_all(b"\n"))
            {
                log::error!("{}: {error}", self.current.display());
            }
        }
        state.1.extend_from_slice(lines);
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

/// The lines of a file; a last one that was cut off is nobody's answer.
fn read(path: &Path) -> io::Result<Vec<Line>> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(file) => BufReader::new(file)
            .lines()
            .filter_map(|line| {
                line.map(|text| serde_json::from_str(&text).ok())
                    .transpose()
            })
            .collect(),
    }
}

/// What a database's journal has not carried over yet; for a copy of it.
pub fn pending(database: &Path) -> io::Result<Vec<Line>> {
    // In this order: what is set aside in between is read twice, and stored once.
    let mut lines = read(&beside(database, "-looks"))?;
    lines.extend(read(&beside(database, "-looks-carried"))?);
    Ok(lines)
}

/// Stores the lines that are not stored yet, each once.
pub fn store_missing(conn: &mut Conn, lines: &[Line]) -> QueryResult<()> {
    for group in audit::missing(conn, lines)?.chunks(GROUP) {
        audit::insert_all(conn, group)?;
    }
    Ok(())
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", database.display()))
}

/// Until the journal is gone.
fn carry_on(journal: &Weak<Beside>) {
    loop {
        thread::sleep(CARRY);
        match journal.upgrade() {
            Some(journal) => journal.carry(),
            None => return,
        }
    }
}

fn commit_groups(db: &Database, receiver: &mpsc::Receiver<(Line, oneshot::Sender<()>)>) {
    while let Ok(first) = receiver.recv() {
        let group: Vec<_> = std::iter::once(first)
            .chain(receiver.try_iter().take(GROUP - 1))
            .collect();
        let (lines, waiting): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        match db.write_unsynced(|conn| audit::insert_all(conn, &lines)) {
            // Whoever waits for a line that was not written learns it by the closed channel.
            Err(error) => log::error!("{} looks could not be recorded: {error}", lines.len()),
            Ok(()) => {
                for done in waiting {
                    // Nobody waits any more: the browser went away.
                    let _ = done.send(());
                }
            }
        }
    }
}
