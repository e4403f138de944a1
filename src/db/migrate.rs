//! Brings the database to the shape this binary expects.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::schema::features;
use super::{Conn, DatabaseUrl};
use crate::guests::likeness;
use crate::vocabulary;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRESQL: EmbeddedMigrations = embed_migrations!("migrations/postgresql");

/// Any number will do, as long as every node takes the same.
const ADVISORY_LOCK: i64 = 0x1_11EE_9E12;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Applies what is pending and returns how many migrations that were.
///
/// Nodes that start together take turns: on PostgreSQL by an advisory lock, on SQLite by the file's own.
pub fn run(conn: &mut Conn) -> Outcome<usize> {
    if let Conn::Postgresql(c) = conn {
        c.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
    }
    let applied = in_turn(conn);
    if let Conn::Postgresql(c) = conn {
        c.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?;
    }
    applied
}

fn in_turn(conn: &mut Conn) -> Outcome<usize> {
    let applied = match conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE)?.len(),
        Conn::Postgresql(c) => c.run_pending_migrations(POSTGRESQL)?.len(),
    };
    add_vocabulary(conn)?;
    super::write_tx(conn, likeness::fill)?;
    Ok(applied)
}

/// The versions of all migrations there are, the oldest first.
pub fn versions(url: &DatabaseUrl) -> Outcome<Vec<String>> {
    fn of<DB: Backend>(source: &EmbeddedMigrations) -> Outcome<Vec<String>> {
        let all = MigrationSource::<DB>::migrations(source)?;
        Ok(all
            .iter()
            .map(|one| one.name().version().to_string())
            .collect())
    }
    match url {
        DatabaseUrl::Sqlite(_) => of::<Sqlite>(&SQLITE),
        DatabaseUrl::Postgresql(_) => of::<Pg>(&POSTGRESQL),
    }
}

/// Whether nothing is pending.
pub fn is_current(conn: &mut Conn) -> Outcome<bool> {
    Ok(!match conn {
        Conn::Sqlite(c) => c.has_pending_migration(SQLITE)?,
        Conn::Postgresql(c) => c.has_pending_migration(POSTGRESQL)?,
    })
}

/// The words of the vocabulary that the database does not know yet.
fn add_vocabulary(conn: &mut Conn) -> QueryResult<()> {
    let known: Vec<String> = features::table.select(features::code).load(conn)?;
    super::write_tx(conn, |conn| {
        for feature in vocabulary::all()
            .iter()
            .filter(|f| !known.iter().any(|code| code == f.code))
        {
            diesel::insert_into(features::table)
                .values(features::code.eq(feature.code))
                .execute(conn)?;
        }
        Ok(())
    })
}
