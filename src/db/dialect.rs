//! Every difference in SQL between SQLite and PostgreSQL, and nothing else.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Conn;
use super::schema::stays;

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
/// The row's struct must say `treat_none_as_default_value = false` where it has options, else SQLite takes them one by one.
#[macro_export]
macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {
        for chunk in $rows.chunks($crate::db::dialect::ROWS_PER_STATEMENT) {
            $crate::on_either!($conn, |c| diesel::insert_into($table)
                .values(chunk)
                .execute(c))?;
        }
    };
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

/// Reserves `count` ids, which rise but need not be without gaps. Call it inside a write transaction.
pub fn reserve_ids(conn: &mut Conn, table: Reserved, count: usize) -> QueryResult<Vec<i64>> {
    let table = match table {
        Reserved::Guests => "guests",
        Reserved::Stays => "stays",
    };
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    match conn {
        Conn::Sqlite(c) => {
            let last: Id =
                diesel::sql_query(format!("SELECT coalesce(max(id), 0) AS id FROM {table}"))
                    .get_result(c)?;
            Ok((last.id + 1..=last.id + count).collect())
        }
        Conn::Postgresql(c) => {
            let ids: Vec<Id> = diesel::sql_query(format!(
                "SELECT nextval(pg_get_serial_sequence('{table}', 'id')) AS id FROM generate_series(1, $1)"
            ))
            .bind::<BigInt, _>(count)
            .load(c)?;
            Ok(ids.into_iter().map(|row| row.id).collect())
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

/// Commits on this connection return without waiting for the disk: they survive a crash of the
/// process, and a power cut takes at worst the last moments. For the record of looks alone.
pub fn do_not_wait_for_disk(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA synchronous = NORMAL"),
        Conn::Postgresql(c) => c.batch_execute("SET synchronous_commit = off"),
    }
}
