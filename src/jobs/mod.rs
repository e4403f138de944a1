//! What is done in the background, by one node at a time.
//!
//! Every node asks for every job; who gets it holds a lease while it works, and renews it. A node that dies lets its
//! lease run out, and another goes on. A job may therefore be begun again in the middle: whatever it does, it does in
//! transactions that can be repeated. The nodes' clocks may differ by less than [`LEASE`].

mod lease;
mod list;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{io, process};

use diesel::prelude::*;

use crate::db::{Conn, Database, Unavailable};
use crate::secret::{self, Keys};

pub use lease::LEASE;
pub use list::JOBS;

/// How often a node asks whether there is something to do; less often for what rests long anyway.
const ASK: Duration = Duration::from_millis(500);
const ASK_SELDOM: Duration = Duration::from_secs(5);
/// How often a node that works looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);
/// How often it says that it lives.
const RENEW: Duration = Duration::from_secs(3);

/// Something that is done in the background.
pub struct Job {
    /// What it is stored as.
    pub name: &'static str,
    /// How long it rests after a run.
    pub rest: Duration,
    /// Whether there is something to do; asked often, before anything is written.
    pub has_work: fn(&mut Conn) -> QueryResult<bool>,
    /// Does it.
    pub run: fn(&Work<'_>) -> Result<(), String>,
}

/// What a job works with.
pub struct Work<'a> {
    /// The database.
    pub db: &'a Database,
    /// Sealing and hashing.
    pub keys: &'a Keys,
    /// Raised when the lease is lost or the node stops.
    over: &'a AtomicBool,
}

impl<'a> Work<'a> {
    /// Work that goes on until it is told to stop.
    pub fn new(db: &'a Database, keys: &'a Keys, over: &'a AtomicBool) -> Self {
        Self { db, keys, over }
    }

    /// Whether the job is still this node's. To be asked before each step that others would see.
    pub fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    /// Reads, with an error in words.
    pub fn read<T>(&self, f: impl FnOnce(&mut Conn) -> QueryResult<T>) -> Result<T, String> {
        read(self.db, f)
    }

    /// Writes in one transaction, with an error in words.
    pub fn write<T>(&self, f: impl FnOnce(&mut Conn) -> QueryResult<T>) -> Result<T, String> {
        write(self.db, f)
    }
}

/// The database failed a job.
struct Failed(String);

impl From<diesel::result::Error> for Failed {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<Unavailable> for Failed {
    fn from(error: Unavailable) -> Self {
        Self(error.to_string())
    }
}

fn read<T>(db: &Database, f: impl FnOnce(&mut Conn) -> QueryResult<T>) -> Result<T, String> {
    db.read(|conn| f(conn).map_err(Failed::from))
        .map_err(|failed| failed.0)
}

fn write<T>(db: &Database, f: impl FnOnce(&mut Conn) -> QueryResult<T>) -> Result<T, String> {
    db.write(|conn| f(conn).map_err(Failed::from))
        .map_err(|failed| failed.0)
}

/// The jobs of this process.
pub struct Running {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Asks for all jobs, each on a thread of its own: a slow one keeps no other waiting.
    pub fn start(db: &Database, keys: &Keys) -> io::Result<Self> {
        let node = format!("{}-{}", process::id(), secret::hex(&secret::random::<4>()));
        let stop = Arc::new(AtomicBool::new(false));
        let threads = JOBS.iter().map(|job| {
            let (db, keys, node, stop) = (db.clone(), keys.clone(), node.clone(), stop.clone());
            thread::Builder::new()
                .name(format!("job {}", job.name))
                .spawn(move || ask(&db, &keys, &node, job, &stop))
        });
        Ok(Self {
            threads: threads.collect::<io::Result<_>>()?,
            stop,
        })
    }

    /// Ends what is being done at its next step, and gives it free for another node.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.thread().unpark();
            if thread.join().is_err() {
                log::error!("a job's thread panicked");
            }
        }
    }
}

fn ask(db: &Database, keys: &Keys, node: &str, job: &Job, stop: &AtomicBool) {
    let mut failed = String::new();
    while !stop.load(Ordering::Relaxed) {
        match turn(db, keys, node, job, stop) {
            Ok(()) => failed.clear(),
            // Said once, not twice a second.
            Err(error) if error == failed => {}
            Err(error) => {
                log::error!("job {}: {error}", job.name);
                failed = error;
            }
        }
        thread::park_timeout(job.rest.clamp(ASK, ASK_SELDOM));
    }
}

/// Does a job once, if there is something to do and no other node is at it.
pub fn turn(
    db: &Database,
    keys: &Keys,
    node: &str,
    job: &Job,
    stop: &AtomicBool,
) -> Result<(), String> {
    let is_open = read(db, |conn| {
        Ok(lease::is_free(conn, job.name)? && (job.has_work)(conn)?)
    })?;
    if !is_open || !write(db, |conn| lease::claim(conn, job.name, node))? {
        return Ok(());
    }
    let done = under_lease(db, keys, node, job, stop);
    let error = done.as_ref().err();
    write(db, |conn| lease::leave(conn, job, node, error))?;
    done
}

/// Works, and renews the lease meanwhile.
fn under_lease(
    db: &Database,
    keys: &Keys,
    node: &str,
    job: &Job,
    stop: &AtomicBool,
) -> Result<(), String> {
    let over = AtomicBool::new(false);
    let work = Work::new(db, keys, &over);
    let (done, finished) = mpsc::channel();
    thread::scope(|scope| {
        let worker = scope.spawn(move || {
            // The other end is below, and waits.
            let _ = done.send((job.run)(&work));
        });
        let mut held = Instant::now();
        let mut renewed = held;
        loop {
            match finished.recv_timeout(LOOK) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if stop.load(Ordering::Relaxed) {
                over.store(true, Ordering::Relaxed);
            }
            if renewed.elapsed() < RENEW {
                continue;
            }
            renewed = Instant::now();
            match write(db, |conn| lease::renew(conn, job.name, node)) {
                Ok(true) => held = renewed,
                Ok(false) => over.store(true, Ordering::Relaxed),
                Err(error) => {
                    log::warn!("job {}: the lease could not be renewed: {error}", job.name);
                    if held.elapsed() >= LEASE.to_std().unwrap_or_default() {
                        over.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
        // Only a panic ends it without a word.
        drop(worker.join());
        Err("it panicked".into())
    })
}
