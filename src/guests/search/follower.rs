//! The thread that keeps the index: opens it, builds it where there is none, and follows the log of changes.
//!
//! The index is derived and disposable. Whatever is wrong with it (lost, broken, of another version, of another
//! database, too far behind) has one remedy: it is built anew, while names are looked up in the database.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use tantivy::IndexWriter;

use super::changes::{self, Place, Reader};
use super::finder::Inner;
use super::index::Index;
use super::known;
use super::presence::Presences;
use crate::clock;
use crate::db::schema::guests;
use crate::db::{Database, Unavailable};

/// How often the log is read. Until then new names are read from the log with each search.
const TICK: Duration = Duration::from_millis(200);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(2);
/// How often presences are read and old lines of the log go.
const HOURLY: Duration = Duration::from_secs(3_600);
/// Profiles read in one query when building.
const AT_ONCE: i64 = 5_000;
/// Threads and memory for building, and for following.
const BUILDING: (usize, usize) = (2, 120_000_000);
const FOLLOWING: (usize, usize) = (1, 20_000_000);
/// Directories tried where another process holds the first.
const DIRECTORIES: usize = 16;

/// Why the thread has to begin again.
enum Trouble {
    /// The server is gone.
    Over,
    /// The database does not answer: wait.
    Database(String),
    /// The index is of no use: build another.
    Index(String),
}

impl From<Unavailable> for Trouble {
    fn from(error: Unavailable) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<diesel::result::Error> for Trouble {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<tantivy::TantivyError> for Trouble {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Index(error.to_string())
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Index(error.to_string())
    }
}

type Outcome<T = ()> = Result<T, Trouble>;

/// Keeps the index in a directory until whoever searches it is gone.
pub(super) fn run(inner: Weak<Inner>, db: Database, directory: PathBuf) {
    let keeper = Keeper {
        inner,
        db,
        directory,
    };
    let mut is_broken = false;
    loop {
        let kept =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| keeper.keep(is_broken)));
        let trouble = match kept {
            Ok(Err(trouble)) => trouble,
            Ok(Ok(())) => Trouble::Over,
            Err(_) => Trouble::Index("it could not be read".into()),
        };
        let Some(inner) = keeper.inner.upgrade() else {
            return;
        };
        inner.lose();
        drop(inner);
        is_broken = matches!(trouble, Trouble::Index(_));
        match trouble {
            Trouble::Over => return,
            Trouble::Database(error) => {
                log::warn!("the search index waits for the database: {error}")
            }
            Trouble::Index(error) => log::warn!("the search index is built anew: {error}"),
        }
        thread::sleep(PAUSE);
    }
}

struct Keeper {
    inner: Weak<Inner>,
    db: Database,
    directory: PathBuf,
}

impl Keeper {
    fn keep(&self, is_broken: bool) -> Outcome {
        let (_claim, directory) = claim(&self.directory)?;
        let directory = directory.join("names");
        let (index, place) = match self.open(&directory, is_broken)? {
            Some(found) => found,
            None => self.build(&directory)?,
        };
        self.inner()?.show(index.snapshot(&place)?);
        self.follow(&index, place)
    }

    fn inner(&self) -> Outcome<Arc<Inner>> {
        self.inner.upgrade().ok_or(Trouble::Over)
    }

    /// The index as it was left, if it is whole and the log goes on from there.
    fn open(&self, directory: &Path, is_broken: bool) -> Outcome<Option<(Index, Place)>> {
        if is_broken || !directory.exists() {
            return Ok(None);
        }
        match Index::open(directory) {
            Ok(Some((index, place))) => {
                let holds = self.db.read(|conn| Ok::<_, Trouble>(place.holds(conn)?))?;
                Ok(holds.then_some((index, place)))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                log::warn!("the search index can't be opened: {error}");
                Ok(None)
            }
        }
    }

    fn build(&self, directory: &Path) -> Outcome<(Index, Place)> {
        let started = Instant::now();
        // What is written from here on is in the log behind this place.
        let place = self.db.read(|conn| Ok::<_, Trouble>(Place::now(conn)?))?;
        let index = Index::create(directory)?;
        let mut writer = index.writer(BUILDING.0, BUILDING.1)?;
        let (mut last, mut count) = (0, 0_usize);
        loop {
            self.inner()?;
            let named: Vec<known::Named> = self.db.read(|conn| {
                Ok::<_, Trouble>(
                    guests::table
                        .filter(guests::id.gt(last))
                        .order(guests::id)
                        .select((
                            guests::id,
                            guests::given_name,
                            guests::family_name,
                            guests::native_name,
                        ))
                        .limit(AT_ONCE)
                        .load(conn)?,
                )
            })?;
            let Some((id, ..)) = named.last() else { break };
            last = *id;
            count += named.len();
            for named in &named {
                index.add(&writer, named.0, &known::spelled(named))?;
            }
        }
        index.commit(&mut writer, &place)?;
        writer.wait_merging_threads()?;
        log::info!(
            "search index of {count} profiles built in {:.1} s",
            started.elapsed().as_secs_f64()
        );
        Ok((index, place))
    }

    fn follow(&self, index: &Index, place: Place) -> Outcome {
        let mut writer = index.writer(FOLLOWING.0, FOLLOWING.1)?;
        let mut reader = Reader::at(place);
        let mut last_hour: Option<Instant> = None;
        loop {
            self.catch_up(index, &mut writer, &mut reader)?;
            if last_hour.is_none_or(|at| at.elapsed() > HOURLY) {
                self.hourly()?;
                last_hour = Some(Instant::now());
            }
            thread::sleep(TICK);
            if self.inner()?.is_lost() {
                return Err(Trouble::Index("it could not be searched".into()));
            }
        }
    }

    fn catch_up(&self, index: &Index, writer: &mut IndexWriter, reader: &mut Reader) -> Outcome {
        let changed = self
            .db
            .read(|conn| Ok::<_, Trouble>(reader.changed(conn)?))?;
        if changed.is_empty() {
            return Ok(());
        }
        for ids in changed.chunks(AT_ONCE as usize) {
            let mut named: std::collections::HashMap<i64, known::Named> = self
                .db
                .read(|conn| Ok::<_, Trouble>(known::names(conn, ids)?))?
                .into_iter()
                .map(|named| (named.0, named))
                .collect();
            for id in ids {
                let name = named.remove(id).map(|named| known::spelled(&named));
                index.put(writer, *id, name.as_ref())?;
            }
        }
        let snapshot = index.commit(writer, &reader.place)?;
        self.inner()?.show(snapshot);
        Ok(())
    }

    fn hourly(&self) -> Outcome {
        let presences = Presences::load::<Trouble>(&self.db, clock::now().date())?;
        self.inner()?.met(presences);
        self.db
            .write(|conn| Ok::<_, Trouble>(changes::prune(conn)?))?;
        Ok(())
    }
}

/// A directory that no other process writes to: the one asked for, or one beside it.
fn claim(directory: &Path) -> Outcome<(File, PathBuf)> {
    for number in 1..=DIRECTORIES {
        let directory = match number {
            1 => directory.to_owned(),
            number => PathBuf::from(format!("{}-{number}", directory.display())),
        };
        fs::create_dir_all(&directory)?;
        let claim = File::options()
            .create(true)
            .append(true)
            .open(directory.join("claim"))?;
        if claim.try_lock().is_ok() {
            return Ok((claim, directory));
        }
    }
    Err(Trouble::Index(format!(
        "{} and those beside it are in use",
        directory.display()
    )))
}
