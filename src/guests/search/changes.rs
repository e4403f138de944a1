//! The log of changed names, written in the transaction that changes them; what an index has still to read.

use std::collections::{BTreeSet, HashSet};

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::db::schema::search_changes;
use crate::db::{Conn, dialect};
use crate::insert_rows;

/// How long a line is kept; an index that slept longer builds itself anew.
const KEPT: TimeDelta = TimeDelta::days(7);

#[derive(Insertable)]
#[diesel(table_name = search_changes)]
struct Row {
    guest_id: i64,
    changed_at: NaiveDateTime,
}

/// Notes that these profiles are new, gone, or have another name. Call it inside their transaction.
pub fn note(conn: &mut Conn, guest_ids: impl IntoIterator<Item = i64>) -> QueryResult<()> {
    let changed_at = clock::now();
    let rows: Vec<Row> = guest_ids
        .into_iter()
        .map(|guest_id| Row {
            guest_id,
            changed_at,
        })
        .collect();
    insert_rows!(conn, search_changes::table, rows);
    Ok(())
}

/// Where an index stands in the log, and by what it knows the database again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Every change before this is in the index; see [`dialect::settled_changes`].
    pub position: i64,
    /// A line of the log from before: in an older copy of the database, or another one, it is not there.
    landmark: (i64, NaiveDateTime),
}

impl Place {
    /// The settled end of the log.
    pub fn now(conn: &mut Conn) -> QueryResult<Self> {
        let position = dialect::settled_changes(conn)?;
        let landmark = search_changes::table
            .order(search_changes::id.desc())
            .select((search_changes::id, search_changes::changed_at))
            .first(conn)?;
        Ok(Self { position, landmark })
    }

    /// Whether the log goes on from here: nothing was taken from it, and it is the same database, no older copy.
    pub fn holds(&self, conn: &mut Conn) -> QueryResult<bool> {
        let (id, changed_at) = self.landmark;
        let there: Option<NaiveDateTime> = search_changes::table
            .find(id)
            .select(search_changes::changed_at)
            .first(conn)
            .optional()?;
        Ok(there == Some(changed_at) && dialect::settled_changes(conn)? >= self.position)
    }
}

/// What a follower has read of the log.
pub struct Reader {
    /// Where it stands.
    pub place: Place,
    /// Lines behind the position that were read already, since an older transaction is still running.
    read: HashSet<i64>,
}

impl Reader {
    /// Reads on from a place.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            read: HashSet::new(),
        }
    }

    /// The profiles that changed since the last call; `place` moves on behind them.
    pub fn changed(&mut self, conn: &mut Conn) -> QueryResult<Vec<i64>> {
        // First how far the log is settled, then the lines: whatever is settled by then is among them.
        let next = Place::now(conn)?;
        let lines = dialect::changes_from(conn, self.place.position, i64::MAX)?;
        let unread = lines.iter().filter(|line| !self.read.contains(&line.id));
        let guest_ids: BTreeSet<i64> = unread.map(|line| line.guest_id).collect();
        self.read = lines
            .iter()
            .filter(|line| line.position >= next.position)
            .map(|line| line.id)
            .collect();
        self.place = next;
        Ok(guest_ids.into_iter().collect())
    }
}

/// Takes old lines away, but for the newest.
pub fn prune(conn: &mut Conn) -> QueryResult<usize> {
    let newest: i64 = search_changes::table
        .order(search_changes::id.desc())
        .select(search_changes::id)
        .first(conn)?;
    diesel::delete(
        search_changes::table
            .filter(search_changes::changed_at.lt(clock::now() - KEPT))
            .filter(search_changes::id.lt(newest)),
    )
    .execute(conn)
}
