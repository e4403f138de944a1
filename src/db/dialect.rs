//! Every difference in SQL between SQLite and PostgreSQL, and nothing else.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::SimpleConnection;
use diesel::dsl::max;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Date, Text};

use super::Conn;
use super::schema::{
    cases, dining_visits, greetings, guests, loyalty_accounts, properties, search_changes, stays,
    tasks, users,
};
use crate::greetings::outbox::ToSend;
use crate::greetings::{Occasion, State};

/// Expands one body for both databases, where diesel's query is typed by backend:
/// multi-row inserts, `on_conflict`, `as_returning`.
#[macro_export]
macro_rules! on_either {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($c) => $body,
            $crate::db::Conn::Postgresql($c) => $body,
        }
    };
}

/// Inserts many rows, a few hundred to a statement: both databases bound what one may bind.
///
/// A few rows go one by one: the statement for one is prepared once and kept, that for three is not.
///
/// The row's struct must say `treat_none_as_default_value = false` where it has options, else SQLite takes them one by one.
#[macro_export]
macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let rows = &$rows;
        if rows.len() <= $crate::db::dialect::ROWS_ONE_BY_ONE {
            for row in rows {
                diesel::insert_into($table).values(row).execute($conn)?;
            }
        } else {
            for chunk in rows.chunks($crate::db::dialect::ROWS_PER_STATEMENT) {
                $crate::on_either!($conn, |c| diesel::insert_into($table)
                    .values(chunk)
                    .execute(c))?;
            }
        }
    }};
}

/// Rows that are not worth a statement of their own.
pub const ROWS_ONE_BY_ONE: usize = 6;

/// Inserts rows, and leaves alone those that a unique key says are there already; how many were new.
///
/// Many rows with `on_conflict` do not compile on SQLite, where a statement costs next to nothing anyway.
#[macro_export]
macro_rules! insert_missing {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let mut new = 0;
        match $conn {
            $crate::db::Conn::Sqlite(c) => {
                for row in &$rows {
                    new += diesel::insert_into($table)
                        .values(row)
                        .on_conflict_do_nothing()
                        .execute(c)?;
                }
            }
            $crate::db::Conn::Postgresql(c) => {
                for chunk in $rows.chunks($crate::db::dialect::ROWS_PER_STATEMENT) {
                    new += diesel::insert_into($table)
                        .values(chunk)
                        .on_conflict_do_nothing()
                        .execute(c)?;
                }
            }
        }
        new
    }};
}

/// By the widest table (24 columns) and SQLite's 32,766 bound values.
pub const ROWS_PER_STATEMENT: usize = 250;

/// Tables whose ids can be reserved ahead, for inserting many rows that refer to each other.
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "the tables' names")]
pub enum Reserved {
    Guests,
    Stays,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The next ids of a sequence, by a statement that is prepared once.
#[derive(QueryId)]
struct NextIds {
    sequence: &'static str,
    count: i64,
}

impl Query for NextIds {
    type SqlType = BigInt;
}

impl RunQueryDsl<PgConnection> for NextIds {}

impl QueryFragment<Pg> for NextIds {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT nextval(CAST(");
        out.push_bind_param::<Text, _>(self.sequence)?;
        out.push_sql(" AS regclass)) FROM generate_series(1, ");
        out.push_bind_param::<BigInt, _>(&self.count)?;
        out.push_sql(")");
        Ok(())
    }
}

/// Reserves `count` ids, which rise but need not be without gaps. Call it inside a write transaction.
pub fn reserve_ids(conn: &mut Conn, table: Reserved, count: usize) -> QueryResult<Vec<i64>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    match conn {
        Conn::Sqlite(c) => {
            let last: Option<i64> = match table {
                Reserved::Guests => guests::table.select(max(guests::id)).first(c)?,
                Reserved::Stays => stays::table.select(max(stays::id)).first(c)?,
            };
            let last = last.unwrap_or_default();
            Ok((last + 1..=last + count).collect())
        }
        Conn::Postgresql(c) => {
            let sequence = match table {
                Reserved::Guests => "guests_id_seq",
                Reserved::Stays => "stays_id_seq",
            };
            NextIds { sequence, count }.load(c)
        }
    }
}

/// Holds a stay's row until the transaction ends, so that of two clerks one waits and then sees what the other did.
///
/// SQLite needs none: its write transactions follow one another.
pub fn lock_stay(conn: &mut Conn, stay_id: i64) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        stays::table
            .find(stay_id)
            .select(stays::id)
            .for_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// Holds a party's row in a restaurant, as above.
pub fn lock_visit(conn: &mut Conn, visit_id: i64) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        dining_visits::table
            .find(visit_id)
            .select(dining_visits::id)
            .for_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// Holds these stays, in one order for all, as above.
pub fn lock_stays(conn: &mut Conn, ids: &[i64]) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        stays::table
            .filter(stays::id.eq_any(ids))
            .order(stays::id)
            .select(stays::id)
            .for_update()
            .load::<i64>(c)?;
    }
    Ok(())
}

/// Holds the stays of these houses and confirmation numbers, in one order for all, as above.
pub fn lock_reservations(
    conn: &mut Conn,
    property_ids: &[i64],
    numbers: &[&str],
) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        stays::table
            .filter(stays::property_id.eq_any(property_ids))
            .filter(stays::confirmation_number.eq_any(numbers))
            .order(stays::id)
            .select(stays::id)
            .for_update()
            .load::<i64>(c)?;
    }
    Ok(())
}

/// Takes turns, in their order, by a statement that is prepared once.
#[derive(QueryId)]
struct LockTurns(Vec<i64>);

impl RunQueryDsl<PgConnection> for LockTurns {}

impl QueryFragment<Pg> for LockTurns {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT pg_advisory_xact_lock(12, turn::int) FROM (SELECT unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.0)?;
        out.push_sql(") AS turn ORDER BY 1) AS turns");
        Ok(())
    }
}

/// Turns that likeness keys share: as many locks as a transaction holds at most.
const TURNS: i64 = 1_024;

/// Holds what these keys stand for until the transaction ends, so that of two bookings of one guest nobody knows yet the
/// second finds whom the first made. Keys share turns: a batch of thousands takes no more locks than there are.
pub fn lock_likeness(conn: &mut Conn, keys: impl Iterator<Item = i64>) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        let turns: BTreeSet<i64> = keys.map(|key| key.rem_euclid(TURNS)).collect();
        // In one order for all, as above; the first number keeps these locks apart from any other.
        LockTurns(turns.into_iter().collect()).execute(c)?;
    }
    Ok(())
}

/// Holds these loyalty accounts, in one order for all, as above: what one posts, the next one sees.
pub fn lock_accounts(conn: &mut Conn, account_ids: &[i64]) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        loyalty_accounts::table
            .filter(loyalty_accounts::id.eq_any(account_ids))
            .order(loyalty_accounts::id)
            .select(loyalty_accounts::id)
            .for_no_key_update()
            .load::<i64>(c)?;
    }
    Ok(())
}

/// Holds all offering of a house until the transaction ends: limits and the last free rooms are counted by one clerk
/// after the other, as above. Bookings go on.
pub fn lock_offers(conn: &mut Conn, property_id: i64) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        properties::table
            .find(property_id)
            .select(properties::id)
            .for_no_key_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// Holds a profile's row, as above.
pub fn lock_guest(conn: &mut Conn, guest_id: i64) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        guests::table
            .find(guest_id)
            .select(guests::id)
            .for_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// Holds a case, as above.
pub fn lock_case(conn: &mut Conn, case_id: i64) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        cases::table
            .find(case_id)
            .select(cases::id)
            .for_no_key_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// Holds a user, as above: what one gives in a day is counted one after the other.
pub fn lock_user(conn: &mut Conn, user_id: i64) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        users::table
            .find(user_id)
            .select(users::id)
            .for_no_key_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// Holds a task, as above.
pub fn lock_task(conn: &mut Conn, task_id: i64) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        tasks::table
            .find(task_id)
            .select(tasks::id)
            .for_no_key_update()
            .first::<i64>(c)
            .optional()?;
    }
    Ok(())
}

/// Holds all merging until the transaction ends: persons are joined and parted one after the other. Readers go on.
///
/// SQLite needs none, as above.
pub fn lock_merging(conn: &mut Conn) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        c.batch_execute("LOCK TABLE merges IN SHARE ROW EXCLUSIVE MODE")?;
    }
    Ok(())
}

/// Holds all searching for duplicates until the transaction ends, as above.
pub fn lock_duplicates(conn: &mut Conn) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        c.batch_execute("LOCK TABLE duplicate_runs IN SHARE ROW EXCLUSIVE MODE")?;
    }
    Ok(())
}

/// The oldest letters that are due, by no occasion that is paused. On PostgreSQL they are held until the transaction ends,
/// and those that another node holds are passed over.
pub fn due_greetings(
    conn: &mut Conn,
    now: NaiveDateTime,
    paused: &[Occasion],
    most: i64,
) -> QueryResult<Vec<i64>> {
    let due = greetings::table
        .filter(ToSend)
        .filter(greetings::next_try_at.le(now))
        .filter(greetings::expires_at.gt(now))
        .filter(greetings::occasion.ne_all(paused))
        .order((greetings::next_try_at, greetings::id))
        .limit(most)
        .select(greetings::id);
    match conn {
        Conn::Sqlite(c) => due.load(c),
        Conn::Postgresql(c) => due.for_update().skip_locked().load(c),
    }
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// Letters of a state that are compared, due between two days, after which the guest booked within so many days. Days are
/// added to a date differently.
pub fn letters_followed(
    conn: &mut Conn,
    houses: &[i64],
    state: State,
    (from, until): (NaiveDate, NaiveDate),
    window: i64,
) -> QueryResult<i64> {
    if houses.is_empty() {
        return Ok(0);
    }
    let end = match conn {
        Conn::Sqlite(_) => format!("date(greetings.due_on, '+{window} days')"),
        Conn::Postgresql(_) => format!("greetings.due_on + {window}"),
    };
    let houses: Vec<String> = houses.iter().map(i64::to_string).collect();
    let total: Total = diesel::sql_query(format!(
        "SELECT count(*) AS total FROM greetings WHERE greetings.state = $1 AND greetings.due_on >= $2 AND greetings.due_on < $3 \
         AND greetings.property_id IN ({}) AND greetings.occasion IN ('birthday', 'anniversary', 'festival', 'miss_you') \
         AND EXISTS (SELECT 1 FROM stays JOIN guests ON guests.id = stays.guest_id WHERE guests.person_id = greetings.guest_id \
         AND stays.booked_on > greetings.due_on AND stays.booked_on <= {end} AND stays.status <> 'cancelled')",
        houses.join(", ")
    ))
    .bind::<Text, _>(state.as_str())
    .bind::<Date, _>(from)
    .bind::<Date, _>(until)
    .get_result(conn)?;
    Ok(total.total)
}

/// Any number will do, as long as every node takes the same.
const FEED_LOCK: i64 = 0x1_11EE_FEED;

/// Holds the giving of places in the feed until the transaction ends, as above. Writers of events go on.
pub fn lock_feed(conn: &mut Conn) -> QueryResult<()> {
    if let Conn::Postgresql(c) = conn {
        c.batch_execute(&format!("SELECT pg_advisory_xact_lock({FEED_LOCK})"))?;
    }
    Ok(())
}

/// The month of a date in a column, as text: `2026-03`.
pub fn month_of(conn: &Conn, column: &str) -> String {
    match conn {
        Conn::Sqlite(_) => format!("substr({column}, 1, 7)"),
        Conn::Postgresql(_) => format!("to_char({column}, 'YYYY-MM')"),
    }
}

/// Commits on this connection return without waiting for the disk: they survive a crash of the
/// process, and a power cut takes at worst the last moments. For the record of looks alone.
pub fn do_not_wait_for_disk(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA synchronous = NORMAL"),
        Conn::Postgresql(c) => c.batch_execute("SET synchronous_commit = off"),
    }
}

/// The file is read, not mapped: what a command touches of it is then not counted as its memory.
pub fn keep_memory_small(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA mmap_size = 0"),
        Conn::Postgresql(_) => Ok(()),
    }
}

/// Prepares a connection to fill an empty database: nothing waits for the disk, and more is kept in memory.
pub fn start_bulk_load(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -524288; PRAGMA wal_autocheckpoint = 20000;"),
        Conn::Postgresql(c) => c.batch_execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB';"),
    }
}

/// Puts the connection back as it was, everything on disk and the planner informed.
pub fn finish_bulk_load(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute(
            "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8000; \
             PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;",
        ),
        Conn::Postgresql(c) => {
            c.batch_execute("RESET synchronous_commit; RESET maintenance_work_mem;")?;
            // Alone, as it must be: what it marks as seen by all is then read from indexes without the table.
            c.batch_execute("VACUUM (ANALYZE)")
        }
    }
}

#[derive(QueryableByName)]
struct Statement {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    sql: String,
}

/// Drops the indexes of these tables that no constraint rests on, and returns the statements that make them again.
pub fn drop_indexes(conn: &mut Conn, tables: &[&str]) -> QueryResult<Vec<String>> {
    let names = tables
        .iter()
        .map(|table| format!("'{table}'"))
        .collect::<Vec<_>>()
        .join(", ");
    let find = match conn {
        Conn::Sqlite(_) => format!(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names}) ORDER BY name"
        ),
        Conn::Postgresql(_) => format!(
            "SELECT indexname::text AS name, indexdef AS sql FROM pg_indexes \
             WHERE schemaname = current_schema() AND tablename IN ({names}) \
             AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname) ORDER BY indexname"
        ),
    };
    let indexes: Vec<Statement> = diesel::sql_query(find).load(conn)?;
    for index in &indexes {
        diesel::sql_query(format!("DROP INDEX {}", index.name)).execute(conn)?;
    }
    Ok(indexes.into_iter().map(|index| index.sql).collect())
}

/// How far the log of changes is settled: everything before this position is committed or will never be.
///
/// On SQLite writers follow one another, so ids tell the order. On PostgreSQL a lower id may be committed after a higher
/// one, so the position is the oldest transaction still running.
pub fn settled_changes(conn: &mut Conn) -> QueryResult<i64> {
    let query = match conn {
        Conn::Sqlite(_) => "SELECT coalesce(max(id), 0) + 1 AS id FROM search_changes",
        Conn::Postgresql(_) => "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS id",
    };
    Ok(diesel::sql_query(query).get_result::<Id>(conn)?.id)
}

/// A line of the log of changes.
#[derive(Clone, Copy, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Change {
    pub id: i64,
    pub guest_id: i64,
    /// To be compared with [`settled_changes`].
    pub position: i64,
}

/// Changes from a position on, the newest first.
pub fn changes_from(conn: &mut Conn, position: i64, most: i64) -> QueryResult<Vec<Change>> {
    use search_changes::{guest_id, id, table, transaction_id};
    let newest = table.order(id.desc()).limit(most);
    match conn {
        Conn::Sqlite(c) => newest
            .filter(id.ge(position))
            .select((id, guest_id, id))
            .load(c),
        Conn::Postgresql(c) => newest
            .filter(transaction_id.ge(position))
            .select((id, guest_id, transaction_id))
            .load(c),
    }
}
