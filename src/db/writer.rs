//! SQLite has one writer at a time, and a commit waits for the disk: writes that stand in line share one.
//!
//! They run on the one connection that writes: its pages and statements stay warm, which a commit by another connection
//! would take from it. Who comes after others runs in a savepoint, so that a failure undoes nobody else; the first needs
//! none. Who is done while others wait hands the open transaction on; who sees nobody commits for all. Nobody is answered
//! before the commit.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::{Conn, DatabaseUrl, pool, roll_back};

/// Writes that share a commit, at most, and how long the first of them may wait for the last.
const MOST: usize = 64;
const LONGEST: Duration = Duration::from_millis(50);

/// The queue of writers.
#[derive(Default)]
pub(super) struct Writer {
    turn: Mutex<State>,
    waiting: AtomicUsize,
}

/// What whoever has the turn works with.
#[derive(Default)]
pub(super) struct State {
    conn: Option<SqliteConnection>,
    group: Option<Group>,
}

/// An open transaction.
struct Group {
    members: usize,
    began: Instant,
    fate: Arc<Fate>,
}

/// Whether a transaction was committed, once that is decided.
#[derive(Default)]
struct Fate {
    decided: Mutex<Option<Result<(), String>>>,
    told: Condvar,
}

impl Fate {
    fn decide(&self, fate: Result<(), String>) {
        *self.decided.lock().unwrap_or_else(PoisonError::into_inner) = Some(fate);
        self.told.notify_all();
    }

    fn wait(&self) -> QueryResult<()> {
        let mut decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &*decided {
                Some(fate) => return fate.clone().map_err(|error| failed(&error)),
                None => {
                    let woken = self.told.wait(decided);
                    decided = woken.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

fn failed(error: &str) -> Error {
    Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(error.to_owned()))
}

impl Writer {
    /// Runs `f` in a savepoint; returns when what it did is on disk, or undone.
    pub(super) fn run<T, E: From<Error>>(
        &self,
        url: &DatabaseUrl,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.queue();
        let fate = state.join(url)?;
        let result = state.member(f);
        let nobody_waits = self.waiting.load(Ordering::SeqCst) == 0;
        if nobody_waits || state.group.as_ref().is_some_and(Group::is_full) {
            state.commit();
        }
        drop(state);
        fate.wait()?;
        result
    }

    /// The turn to write by other means, behind a commit of what is open.
    pub(super) fn alone(&self) -> MutexGuard<'_, State> {
        let mut state = self.queue();
        state.commit();
        state
    }

    /// Whoever is counted here takes the turn, and with it the duty to end what is open.
    fn queue(&self) -> MutexGuard<'_, State> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let state = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        state
    }
}

impl Group {
    fn is_full(&self) -> bool {
        self.members >= MOST || self.began.elapsed() > LONGEST
    }
}

impl State {
    /// Begins a transaction where none is open. It is immediate: a deferred one that reads and then writes fails at once
    /// when another process came between.
    fn join(&mut self, url: &DatabaseUrl) -> QueryResult<Arc<Fate>> {
        if let Some(group) = &mut self.group {
            group.members += 1;
            return Ok(Arc::clone(&group.fate));
        }
        if self.conn.is_none() {
            let opened = url.connect().map_err(|error| failed(&error.to_string()))?;
            self.conn = match pool::counted(opened) {
                Conn::Sqlite(conn) => Some(conn),
                Conn::Postgresql(_) => None,
            };
        }
        let conn = self.conn.as_mut().ok_or_else(|| failed("no SQLite"))?;
        AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?;
        let fate = Arc::<Fate>::default();
        self.group = Some(Group {
            members: 1,
            began: Instant::now(),
            fate: Arc::clone(&fate),
        });
        Ok(fate)
    }

    /// One write among those of the transaction.
    fn member<T, E: From<Error>>(
        &mut self,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(mut conn) = self.conn.take() else {
            return Err(failed("no transaction").into());
        };
        // What a savepoint may have to give back is copied: a thousand reservations are not copied for nothing.
        let is_first = self.group.as_ref().is_some_and(|group| group.members == 1);
        if !is_first && let Err(error) = AnsiTransactionManager::begin_transaction(&mut conn) {
            self.fail(&error.to_string());
            return Err(error.into());
        }
        let mut conn = Conn::Sqlite(conn);
        let result = catch_unwind(AssertUnwindSafe(|| f(&mut conn)));
        let Conn::Sqlite(mut conn) = conn else {
            return Err(failed("no SQLite").into());
        };
        let ended = match &result {
            Ok(Ok(_)) if is_first => Ok(()),
            Ok(Ok(_)) => AnsiTransactionManager::commit_transaction(&mut conn),
            _ => AnsiTransactionManager::rollback_transaction(&mut conn),
        };
        let is_undone = is_first && !matches!(result, Ok(Ok(_)));
        match ended {
            Ok(()) => {
                self.conn = Some(conn);
                if is_undone && let Some(group) = self.group.take() {
                    group.fate.decide(Ok(()));
                }
            }
            // SQLite itself undid the whole transaction: the disk is full, or fails.
            Err(error) => self.fail(&error.to_string()),
        }
        match result {
            Ok(result) => result,
            Err(panic) => {
                // Nobody may wait for a turn that is not handed on.
                self.commit();
                resume_unwind(panic)
            }
        }
    }

    /// Ends the open transaction, and tells its members.
    fn commit(&mut self) {
        let (Some(group), Some(conn)) = (self.group.take(), self.conn.as_mut()) else {
            return;
        };
        let committed = AnsiTransactionManager::commit_transaction(conn);
        if committed.is_err() {
            roll_back(conn);
            self.conn = None;
        }
        group
            .fate
            .decide(committed.map_err(|error| error.to_string()));
    }

    /// The transaction is gone; so is the connection.
    fn fail(&mut self, error: &str) {
        self.conn = None;
        if let Some(group) = self.group.take() {
            group.fate.decide(Err(error.to_owned()));
        }
    }
}
