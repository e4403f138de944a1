//! The walk over all profiles: in batches by id, each batch kept in one transaction together with how far it came, so
//! that a killed walk goes on where it stood. One walk at a time over all nodes: who walks holds a lease, and renews it
//! with every batch.

use std::ops::ControlFlow;
use std::thread;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use uuid::Uuid;

use super::{Kind, Pair, asking, stored};
use crate::clock;
use crate::db::schema::{duplicate_runs, guests};
use crate::db::{Conn, Database, dialect};
use crate::error::Fault;
use crate::words::Message;

/// Profiles asked and kept together, where nothing else is said.
pub const BATCH: usize = 1_000;
/// How long a walker may be silent before another takes over.
const LEASE: TimeDelta = TimeDelta::seconds(20);
/// An import stamps its rows with the hour it began: so much before the last walk began, a change may not have been seen.
const OVERLAP: TimeDelta = TimeDelta::hours(6);

/// Whom a walk asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Profiles made or changed since the last walk.
    Changed,
    /// Everybody again.
    All,
}

/// A walk and how far it is.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = duplicate_runs)]
pub struct Run {
    /// Its number.
    pub id: i64,
    since_id: Option<i64>,
    since: Option<NaiveDateTime>,
    last_id: i64,
    /// Profiles to ask, as counted at the start.
    pub total: i64,
    /// Profiles asked.
    pub asked: i64,
    /// Pairs found that could be one person.
    pub found: i64,
    /// When it began.
    pub started_at: NaiveDateTime,
    holder: Option<String>,
    held_until: Option<NaiveDateTime>,
    /// When it ended.
    pub finished_at: Option<NaiveDateTime>,
}

impl Run {
    /// Whether somebody is at it.
    pub fn is_held(&self, now: NaiveDateTime) -> bool {
        self.held_until.is_some_and(|until| until > now)
    }

    /// Whether all are asked.
    pub fn is_over(&self) -> bool {
        self.finished_at.is_some()
    }

    /// How far it is in hundredths.
    pub fn percent(&self) -> i64 {
        (self.asked * 100 / self.total.max(1)).min(100)
    }
}

/// The latest walk.
pub fn latest(conn: &mut Conn) -> QueryResult<Option<Run>> {
    duplicate_runs::table
        .order(duplicate_runs::id.desc())
        .select(Run::as_select())
        .first(conn)
        .optional()
}

/// Takes the walk that is not over, or begins one; refused while somebody is at it. Call it inside a write transaction.
pub fn claim(conn: &mut Conn, scope: Scope, by: Option<i64>) -> Result<Run, Fault> {
    dialect::lock_duplicates(conn)?;
    let now = clock::now();
    let last = latest(conn)?;
    let id = match &last {
        Some(run) if !run.is_over() && run.is_held(now) => {
            let message = Message::new("refused-duplicates-running")
                .number("asked", run.asked)
                .number("total", run.total);
            return Err(message.into());
        }
        Some(run) if !run.is_over() && (scope == Scope::Changed || run.since.is_none()) => run.id,
        last => {
            // A walk over the changed alone gives way to one over all.
            if let Some(run) = last.as_ref().filter(|run| !run.is_over()) {
                finish(conn, run.id)?;
            }
            let before = last.as_ref().filter(|run| run.is_over());
            begin(conn, before.filter(|_| scope == Scope::Changed), by)?
        }
    };
    hold(conn, id)
}

fn begin(conn: &mut Conn, before: Option<&Run>, by: Option<i64>) -> QueryResult<i64> {
    let since = before.map(|run| run.started_at - OVERLAP);
    let since_id = before.map(|run| run.last_id.max(run.since_id.unwrap_or(0)));
    let total: i64 = asked_in(0, since_id, since).count().get_result(conn)?;
    diesel::insert_into(duplicate_runs::table)
        .values((
            duplicate_runs::since_id.eq(since_id),
            duplicate_runs::since.eq(since),
            duplicate_runs::total.eq(total),
            duplicate_runs::started_at.eq(clock::now()),
            duplicate_runs::started_by.eq(by),
        ))
        .returning(duplicate_runs::id)
        .get_result(conn)
}

fn hold(conn: &mut Conn, id: i64) -> Result<Run, Fault> {
    diesel::update(duplicate_runs::table.find(id))
        .set((
            duplicate_runs::holder.eq(Uuid::now_v7().to_string()),
            duplicate_runs::held_until.eq(clock::now() + LEASE),
        ))
        .execute(conn)?;
    let run = duplicate_runs::table.find(id).select(Run::as_select());
    Ok(run.first(conn)?)
}

fn finish(conn: &mut Conn, id: i64) -> QueryResult<()> {
    diesel::update(duplicate_runs::table.find(id))
        .set((
            duplicate_runs::finished_at.eq(clock::now()),
            duplicate_runs::holder.eq(None::<String>),
            duplicate_runs::held_until.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Profiles after this one that are new or changed; all where nobody was asked before.
#[diesel::dsl::auto_type(no_type_alias)]
fn asked_in(last_id: i64, since_id: Option<i64>, since: Option<NaiveDateTime>) -> _ {
    let is_new: diesel::dsl::Gt<guests::id, i64> = guests::id.gt(since_id.unwrap_or(0));
    let changed: diesel::dsl::Ge<guests::updated_at, NaiveDateTime> =
        guests::updated_at.ge(since.unwrap_or_default());
    guests::table
        .filter(guests::id.gt(last_id))
        .filter(is_new.or(changed))
}

/// Walks on all cores to the end, or until `tell`, which hears after each batch how far it is, says to stop.
pub fn walk(
    db: &Database,
    run: Run,
    batch: usize,
    mut tell: impl FnMut(&Run) -> ControlFlow<()>,
) -> Result<Run, Fault> {
    let mut run = run;
    while !run.is_over() {
        let ids = db.read(|conn| next(conn, &run, batch))?;
        let pairs = ask_on_all_cores(db, &ids)?;
        let is_last = ids.len() < batch;
        run = db.write(|conn| keep(conn, &run, &ids, pairs, is_last))?;
        if tell(&run).is_break() {
            break;
        }
    }
    Ok(run)
}

/// Walks to the end on a connection that is in a transaction already.
pub fn walk_on(conn: &mut Conn, run: Run) -> Result<Run, Fault> {
    let mut run = run;
    while !run.is_over() {
        let ids = next(conn, &run, BATCH)?;
        let pairs = asking::ask(conn, &ids)?;
        run = keep(conn, &run, &ids, pairs, ids.len() < BATCH)?;
    }
    Ok(run)
}

fn next(conn: &mut Conn, run: &Run, batch: usize) -> Result<Vec<i64>, Fault> {
    let ids = asked_in(run.last_id, run.since_id, run.since)
        .order(guests::id)
        .limit(i64::try_from(batch).unwrap_or(i64::MAX))
        .select(guests::id);
    Ok(ids.load(conn)?)
}

fn ask_on_all_cores(db: &Database, ids: &[i64]) -> Result<Vec<Pair>, Fault> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = ids.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let workers: Vec<_> = ids
            .chunks(share)
            .map(|ids| scope.spawn(move || db.read(|conn| Ok::<_, Fault>(asking::ask(conn, ids)?))))
            .collect();
        let mut pairs = Vec::new();
        for worker in workers {
            let done = worker
                .join()
                .unwrap_or_else(|_| Err(crate::db::Unavailable("a worker panicked".into()).into()));
            pairs.extend(done?);
        }
        Ok(pairs)
    })
}

/// Keeps what was found of a batch, and that it was asked; refused when another took over meanwhile.
fn keep(
    conn: &mut Conn,
    run: &Run,
    ids: &[i64],
    pairs: Vec<Pair>,
    is_last: bool,
) -> Result<Run, Fault> {
    dialect::lock_duplicates(conn)?;
    let now = clock::now();
    let is_ours = duplicate_runs::table
        .find(run.id)
        .filter(duplicate_runs::holder.eq(&run.holder))
        .filter(duplicate_runs::finished_at.is_null());
    if !diesel::select(diesel::dsl::exists(is_ours)).get_result::<bool>(conn)? {
        return Err(Message::new("refused-duplicates-taken").into());
    }
    let found = stored::keep(conn, ids, pairs, run.started_at, now)?;
    let same = found.iter().filter(|pair| pair.kind == Kind::Same).count();
    let mut run = Run {
        last_id: ids.last().copied().unwrap_or(run.last_id),
        asked: run.asked + ids.len() as i64,
        found: run.found + same as i64,
        held_until: Some(now + LEASE),
        ..run.clone()
    };
    diesel::update(duplicate_runs::table.find(run.id))
        .set((
            duplicate_runs::last_id.eq(run.last_id),
            duplicate_runs::asked.eq(run.asked),
            duplicate_runs::found.eq(run.found),
            duplicate_runs::held_until.eq(run.held_until),
        ))
        .execute(conn)?;
    if is_last {
        finish(conn, run.id)?;
        (run.finished_at, run.holder, run.held_until) = (Some(now), None, None);
    }
    Ok(run)
}
