//! Backups every night: a setting says where to and how many are kept; of several nodes one takes the day.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::rotation::{self, Kept};
use super::{PASSPHRASE, Report, files};
use crate::clock;
use crate::config;
use crate::db::schema::{backup_runs, properties};
use crate::db::{Conn, Database, DatabaseUrl};
use crate::error::Fault;
use crate::on_either;
use crate::settings;

const NAME: &str = "backup";
/// A backup that failed is tried again after this long.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// Whoever took the day and says nothing for so long is gone.
const GONE: TimeDelta = TimeDelta::hours(6);
/// How the files are called; between these stands the moment in UTC.
const BEFORE: &str = "innkeeper-";
const MOMENT: &str = "%Y-%m-%dT%H%M%SZ";

/// What was decided about backups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Where backups are written; empty: none are.
    pub directory: String,
    /// From this hour on, where the oldest house is.
    pub hour: u32,
    /// Days that keep one.
    pub daily: usize,
    /// Weeks that keep one.
    pub weekly: usize,
    /// Months that keep one.
    pub monthly: usize,
    /// Whether they are sealed, with the passphrase in the server's environment.
    pub sealed: bool,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            directory: String::new(),
            hour: 3,
            daily: 7,
            weekly: 4,
            monthly: 12,
            sealed: false,
        }
    }
}

impl Schedule {
    /// As it stands.
    pub fn load(conn: &mut Conn) -> QueryResult<Self> {
        settings::get(conn, NAME)
    }

    /// Decides. Call it inside a write transaction.
    pub fn store(&self, conn: &mut Conn) -> QueryResult<()> {
        settings::set(conn, NAME, self)
    }

    /// Whether any are made.
    pub fn is_on(&self) -> bool {
        !self.directory.is_empty()
    }

    fn kept(&self) -> Kept {
        Kept {
            daily: self.daily,
            weekly: self.weekly,
            monthly: self.monthly,
        }
    }
}

/// A backup that was due, and what became of it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = backup_runs)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Run {
    pub day: NaiveDate,
    pub started_at: NaiveDateTime,
    pub finished_at: Option<NaiveDateTime>,
    pub file: Option<String>,
    pub bytes: Option<i64>,
    pub error: Option<String>,
}

impl Run {
    /// The latest, the newest first.
    pub fn latest(conn: &mut Conn, most: i64) -> QueryResult<Vec<Self>> {
        backup_runs::table
            .order(backup_runs::day.desc())
            .limit(most)
            .select(Self::as_select())
            .load(conn)
    }
}

/// Makes the backup of the day where one is due and nobody has taken it. Safe to be called often, and by any node.
pub fn scheduled(db: &Database) -> Result<Option<Report>, String> {
    let now = clock::now();
    let told = |fault: Fault| format!("{fault:?}");
    let claimed = db
        .read(|conn| {
            let schedule = Schedule::load(conn)?;
            let day = due(conn, &schedule, now)?;
            Ok::<_, Fault>(day.map(|day| (schedule, day)))
        })
        .map_err(told)?;
    let Some((schedule, day)) = claimed else {
        return Ok(None);
    };
    let claimed = db.write(|conn| Ok::<_, Fault>(claim(conn, day, now)?));
    if !claimed.map_err(told)? {
        return Ok(None);
    }
    let done = back_up(db.url(), &schedule, now);
    let stored = db.write(|conn| Ok::<_, Fault>(finish(conn, day, &done)?));
    stored.map_err(told)?;
    let report = done.inspect_err(|error| log::error!("the backup of {day} failed: {error}"))?;
    log::info!("backup: {}", report.lines().join("; "));
    rotate(&schedule);
    Ok(Some(report))
}

/// Whether a backup is due that nobody has taken.
pub fn is_due(conn: &mut Conn) -> QueryResult<bool> {
    let schedule = Schedule::load(conn)?;
    Ok(due(conn, &schedule, clock::now())?.is_some())
}

/// The day whose backup is due: by the clock of the oldest house.
fn due(conn: &mut Conn, schedule: &Schedule, now: NaiveDateTime) -> QueryResult<Option<NaiveDate>> {
    if !schedule.is_on() {
        return Ok(None);
    }
    let zone: Option<String> = properties::table
        .order(properties::id)
        .select(properties::time_zone)
        .first(conn)
        .optional()?;
    let zone = zone.and_then(|zone| zone.parse::<chrono_tz::Tz>().ok());
    let local = DateTime::<Utc>::from_naive_utc_and_offset(now, Utc)
        .with_timezone(&zone.unwrap_or(chrono_tz::UTC));
    let day = local.date_naive();
    if local.hour() < schedule.hour {
        return Ok(None);
    }
    let run: Option<Run> = backup_runs::table
        .find(day)
        .select(Run::as_select())
        .first(conn)
        .optional()?;
    Ok(run.is_none_or(|run| is_open(&run, now)).then_some(day))
}

/// Whether a day that was taken may be taken again.
fn is_open(run: &Run, now: NaiveDateTime) -> bool {
    match (run.finished_at, &run.error) {
        (Some(finished_at), Some(_)) => finished_at < now - AGAIN,
        (Some(_), None) => false,
        (None, _) => run.started_at < now - GONE,
    }
}

/// Takes a day; false where another node has it.
fn claim(conn: &mut Conn, day: NaiveDate, now: NaiveDateTime) -> QueryResult<bool> {
    let row = (backup_runs::day.eq(day), backup_runs::started_at.eq(now));
    let made = on_either!(conn, |c| diesel::insert_into(backup_runs::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if made == 1 {
        return Ok(true);
    }
    let failed = backup_runs::error
        .is_not_null()
        .and(backup_runs::finished_at.lt(now - AGAIN));
    let gone = backup_runs::finished_at
        .is_null()
        .and(backup_runs::started_at.lt(now - GONE));
    let taken = diesel::update(
        backup_runs::table
            .filter(backup_runs::day.eq(day))
            .filter(failed.or(gone)),
    )
    .set((
        backup_runs::started_at.eq(now),
        backup_runs::finished_at.eq(None::<NaiveDateTime>),
        backup_runs::error.eq(None::<String>),
    ))
    .execute(conn)?;
    Ok(taken == 1)
}

fn finish(conn: &mut Conn, day: NaiveDate, done: &Result<Report, String>) -> QueryResult<()> {
    let report = done.as_ref().ok();
    diesel::update(backup_runs::table.find(day))
        .set((
            backup_runs::finished_at.eq(Some(clock::now())),
            backup_runs::file.eq(report.map(|report| report.file.display().to_string())),
            backup_runs::bytes.eq(report.map(|report| report.bytes as i64)),
            backup_runs::error.eq(done.as_ref().err()),
        ))
        .execute(conn)?;
    Ok(())
}

fn back_up(url: &DatabaseUrl, schedule: &Schedule, now: NaiveDateTime) -> Result<Report, String> {
    let passphrase = match config::variable(PASSPHRASE)? {
        Some(passphrase) if schedule.sealed => Some(passphrase),
        None if schedule.sealed => {
            return Err(format!(
                "backups are to be sealed, and {PASSPHRASE} is not set for the server"
            ));
        }
        _ => None,
    };
    let name = format!("{BEFORE}{}{}", now.format(MOMENT), ending(url));
    let file = Path::new(&schedule.directory).join(name);
    super::write(url, &file, passphrase.as_deref(), &|_| ())
}

fn ending(url: &DatabaseUrl) -> &'static str {
    match url {
        DatabaseUrl::Sqlite(_) => ".db",
        DatabaseUrl::Postgresql(_) => ".dump",
    }
}

/// Takes the surplus away, and nothing that is not called as our backups are.
fn rotate(schedule: &Schedule) {
    let Ok(entries) = fs::read_dir(&schedule.directory) else {
        return log::error!("{}: can't be read", schedule.directory);
    };
    let files: Vec<(NaiveDateTime, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((moment(entry.file_name().to_str()?)?, entry.path())))
        .collect();
    let made: Vec<NaiveDateTime> = files.iter().map(|(at, _)| *at).collect();
    let gone = rotation::surplus(&made, schedule.kept());
    for (_, file) in files.iter().filter(|(at, _)| gone.contains(at)) {
        for path in [file.clone(), Report::path_of(file)] {
            if let Err(error) = fs::remove_file(&path) {
                log::warn!("{}", files::named(&path)(error));
            }
        }
    }
}

/// When a backup with this name was made; none for any other file.
fn moment(name: &str) -> Option<NaiveDateTime> {
    let (stem, ending) = name.strip_prefix(BEFORE)?.rsplit_once('.')?;
    let is_ours = matches!(ending, "db" | "dump");
    NaiveDateTime::parse_from_str(stem, MOMENT)
        .ok()
        .filter(|_| is_ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_called_like_backups_are_ours() {
        assert!(moment("innkeeper-2026-11-22T030000Z.db").is_some());
        assert!(moment("innkeeper-2026-11-22T030000Z.dump").is_some());
        for other in [
            "innkeeper.db",
            "innkeeper-2026-11-22T030000Z.db.report.json",
            "innkeeper-2026-11-22T030000Z.db.partial-1",
            "innkeeper-my-own.db",
            "holiday-2026-11-22T030000Z.db",
        ] {
            assert!(moment(other).is_none(), "{other}");
        }
    }
}
