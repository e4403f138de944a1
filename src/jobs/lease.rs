//! Who is doing a job, and until when it is theirs.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::Job;
use crate::clock;
use crate::db::Conn;
use crate::db::schema::jobs;
use crate::on_either;

/// Who has not renewed a lease for this long is taken for dead.
pub const LEASE: TimeDelta = TimeDelta::seconds(10);
/// How long a job rests that failed, at least.
const AFTER_FAILURE: TimeDelta = TimeDelta::seconds(30);

/// Whether a job may be done now, as far as reading tells.
pub(super) fn is_free(conn: &mut Conn, name: &str) -> QueryResult<bool> {
    let now = clock::now();
    let job: Option<(chrono::NaiveDateTime, Option<chrono::NaiveDateTime>)> = jobs::table
        .find(name)
        .select((jobs::due_at, jobs::lease_until))
        .first(conn)
        .optional()?;
    Ok(job.is_none_or(|(due_at, lease_until)| {
        due_at <= now && lease_until.is_none_or(|until| until <= now)
    }))
}

/// Takes a job, if it is due and nobody holds it; of two that ask at once, one gets it.
pub(super) fn claim(conn: &mut Conn, name: &str, holder: &str) -> QueryResult<bool> {
    let now = clock::now();
    on_either!(conn, |c| diesel::insert_into(jobs::table)
        .values((jobs::name.eq(name), jobs::due_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(c))?;
    let free = jobs::table
        .find(name)
        .filter(jobs::due_at.le(now))
        .filter(jobs::lease_until.is_null().or(jobs::lease_until.le(now)));
    let claimed = diesel::update(free)
        .set((
            jobs::holder.eq(holder),
            jobs::lease_until.eq(now + LEASE),
            jobs::started_at.eq(now),
        ))
        .execute(conn)?;
    Ok(claimed == 1)
}

/// Says that the holder lives; false where the job is no longer theirs.
pub(super) fn renew(conn: &mut Conn, name: &str, holder: &str) -> QueryResult<bool> {
    let renewed = diesel::update(jobs::table.find(name).filter(jobs::holder.eq(holder)))
        .set(jobs::lease_until.eq(clock::now() + LEASE))
        .execute(conn)?;
    Ok(renewed == 1)
}

/// Gives a job free after a run.
pub(super) fn leave(
    conn: &mut Conn,
    job: &Job,
    holder: &str,
    error: Option<&String>,
) -> QueryResult<()> {
    let now = clock::now();
    let rest = TimeDelta::from_std(job.rest).unwrap_or(AFTER_FAILURE);
    let rest = match error {
        Some(_) => rest.max(AFTER_FAILURE),
        None => rest,
    };
    diesel::update(jobs::table.find(job.name).filter(jobs::holder.eq(holder)))
        .set((
            jobs::holder.eq(None::<String>),
            jobs::lease_until.eq(None::<chrono::NaiveDateTime>),
            jobs::finished_at.eq(now),
            jobs::due_at.eq(now + rest),
            jobs::error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}
