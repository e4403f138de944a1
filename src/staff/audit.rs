//! Who did and saw what. Changes are recorded in their own transaction; looks are many and are
//! recorded by a [`Journal`] that commits them in groups.

use std::sync::mpsc;
use std::thread;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use tokio::sync::oneshot;

use crate::clock;
use crate::db::schema::{audit_log, users};
use crate::db::{Conn, Database, Unavailable};
use crate::on_either;

/// One line of the record.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = audit_log)]
pub struct Line {
    at: NaiveDateTime,
    user_id: Option<i64>,
    action: &'static str,
    guest_id: Option<i64>,
    stay_id: Option<i64>,
    property_id: Option<i64>,
    detail: Option<String>,
    address: Option<String>,
}

impl Line {
    /// Something `user_id` did, now.
    pub fn new(user_id: i64, action: &'static str) -> Self {
        Self {
            at: clock::now(),
            user_id: Some(user_id),
            action,
            guest_id: None,
            stay_id: None,
            property_id: None,
            detail: None,
            address: None,
        }
    }

    /// The guest it was about.
    pub fn guest(mut self, guest_id: i64) -> Self {
        self.guest_id = Some(guest_id);
        self
    }

    /// The stay it was about.
    pub fn stay(mut self, stay_id: i64, property_id: i64) -> Self {
        (self.stay_id, self.property_id) = (Some(stay_id), Some(property_id));
        self
    }

    /// What changed. Never a secret.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// From where.
    pub fn from(mut self, address: &str) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Stores it in the transaction of what it records.
    pub fn insert(self, conn: &mut Conn) -> QueryResult<()> {
        diesel::insert_into(audit_log::table)
            .values(self)
            .execute(conn)?;
        Ok(())
    }
}

/// A line as it is read.
#[derive(Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Entry {
    pub at: NaiveDateTime,
    pub who: Option<String>,
    pub action: String,
    pub detail: Option<String>,
}

/// The latest lines about a person's profiles, newest first.
pub fn about(conn: &mut Conn, guest_ids: &[i64], most: i64) -> QueryResult<Vec<Entry>> {
    audit_log::table
        .left_join(users::table.on(users::id.nullable().eq(audit_log::user_id)))
        .filter(audit_log::guest_id.eq_any(guest_ids))
        .order(audit_log::at.desc())
        .limit(most)
        .select((
            audit_log::at,
            users::display_name.nullable(),
            audit_log::action,
            audit_log::detail,
        ))
        .load(conn)
}

/// Records looks in groups: a page is sent only when its line is in the database.
///
/// The commit does not wait for the disk. The line outlives a crash of the process; a power cut
/// may take the looks of its last moments, which no change ever depends on.
#[derive(Clone)]
pub struct Journal(mpsc::SyncSender<(Line, oneshot::Sender<()>)>);

/// Looks that may wait at once; beyond, pages wait.
const BACKLOG: usize = 4096;
/// Lines in one commit, so that a clerk's check-in never waits long for its turn.
const GROUP: usize = 256;

impl Journal {
    /// Starts the journal's thread; it ends when the last sender is gone.
    pub fn start(db: Database) -> Result<Self, Unavailable> {
        let (sender, receiver) = mpsc::sync_channel::<(Line, oneshot::Sender<()>)>(BACKLOG);
        thread::Builder::new()
            .name("journal".into())
            .spawn(move || {
                while let Ok(first) = receiver.recv() {
                    let group: Vec<_> = std::iter::once(first)
                        .chain(receiver.try_iter().take(GROUP - 1))
                        .collect();
                    let (lines, waiting): (Vec<_>, Vec<_>) = group.into_iter().unzip();
                    match db.write_unsynced(|conn| insert_all(conn, &lines)) {
                        // Whoever waits for a line that was not written learns it by the closed channel.
                        Err(error) => {
                            log::error!("{} looks could not be recorded: {error}", lines.len())
                        }
                        Ok(()) => {
                            for done in waiting {
                                // Nobody waits any more: the browser went away.
                                let _ = done.send(());
                            }
                        }
                    }
                }
            })
            .map_err(|error| Unavailable(error.to_string()))?;
        Ok(Self(sender))
    }

    /// Records a look; an error means that it is not on record, and the page must not be shown.
    pub async fn record(&self, line: Line) -> Result<(), Unavailable> {
        let (done, recorded) = oneshot::channel();
        let full = || Unavailable("the record of looks can't keep up".into());
        self.0.try_send((line, done)).map_err(|_| full())?;
        recorded
            .await
            .map_err(|_| Unavailable("the look could not be recorded".into()))
    }
}

fn insert_all(conn: &mut Conn, lines: &[Line]) -> QueryResult<()> {
    on_either!(conn, |c| diesel::insert_into(audit_log::table)
        .values(lines)
        .execute(c))?;
    Ok(())
}
