//! Which database is underneath: opened by URL scheme, pooled, and the same to everyone above.
//!
//! Reads go through [`Database::read`], writes through [`Database::write`], each with one
//! connection for the whole request. What differs in SQL between the two lives in [`dialect`].

pub mod among;
mod conn;
pub mod dialect;
pub mod leads;
pub mod migrate;
pub mod notices;
mod pool;
pub mod schema;
mod writer;

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;

pub use pool::{Manager, queries_run, reset_queries_run};

pub use conn::Conn;
use writer::Writer;

/// Where the data is: `sqlite://path` or `postgres://…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file on this machine, owned by one process.
    Sqlite(PathBuf),
    /// A libpq connection URL.
    Postgresql(String),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        match url.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgresql(url.into())),
            _ => {
                let scheme = url.split_once(':').map_or(url, |(scheme, _)| scheme);
                Err(format!(
                    "DATABASE_URL: '{scheme}' is not a known scheme; use sqlite://path or postgres://user@host/name"
                ))
            }
        }
    }
}

impl DatabaseUrl {
    /// Opens one connection and prepares it (pragmas, time zone).
    pub fn connect(&self) -> ConnectionResult<Conn> {
        match self {
            Self::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                conn.batch_execute(
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; \
                     PRAGMA mmap_size = 2147418112; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 8000;",
                )
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Sqlite(conn))
            }
            Self::Postgresql(url) => {
                let mut conn = PgConnection::establish(url)?;
                conn.batch_execute("SET TIME ZONE 'UTC'; SET client_min_messages = warning;")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Postgresql(conn))
            }
        }
    }

    /// Claims the database for this process as the one that serves it, until the claim is dropped.
    ///
    /// An SQLite file has one serving process: live boards and looks not yet carried over are its own.
    pub fn claim(&self) -> Result<Option<File>, String> {
        let Self::Sqlite(path) = self else {
            return Ok(None);
        };
        // By whatever name it is called: a link leads to the same claim.
        let named = path.canonicalize().unwrap_or_else(|_| path.clone());
        let beside = PathBuf::from(format!("{}-serving", named.display()));
        let claim = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&beside)
            .map_err(|error| format!("{}: {error}", beside.display()))?;
        claim.try_lock().map_err(|_| {
            format!(
                "{} is served by another process; stop it first, or use PostgreSQL for several",
                path.display()
            )
        })?;
        Ok(Some(claim))
    }
}

/// Why the database could not be used at all.
#[derive(Debug)]
pub struct Unavailable(pub String);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the database does not answer: {}", self.0)
    }
}

impl std::error::Error for Unavailable {}

/// The pool, and the one door for writes.
#[derive(Clone)]
pub struct Database {
    pool: r2d2::Pool<Manager>,
    url: DatabaseUrl,
    /// On SQLite, the queue of writers.
    writer: Arc<Writer>,
    unsynced: Arc<Mutex<Option<Conn>>>,
}

impl Database {
    /// Opens the database and a pool over it; fails at once, with the cause, if it does not answer.
    pub fn open(url: &DatabaseUrl) -> Result<Self, Unavailable> {
        url.connect()
            .map_err(|error| Unavailable(error.to_string()))?;
        Ok(Self {
            pool: pool::open(url.clone()),
            url: url.clone(),
            writer: Arc::default(),
            unsynced: Arc::default(),
        })
    }

    /// Where the data is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs `f` with a pooled connection.
    pub fn read<T, E>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Unavailable>,
    {
        let mut pooled = pool::get(&self.pool)?;
        let result = f(&mut pooled.conn);
        if result.is_err() {
            pooled.check();
        }
        result
    }

    /// Runs `f` in one write transaction; see [`Database::write_on`].
    pub fn write<T, E>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Unavailable> + From<diesel::result::Error>,
    {
        match self.url {
            DatabaseUrl::Sqlite(_) => self.writer.run(&self.url, f),
            DatabaseUrl::Postgresql(_) => self.read(|conn| write_tx(conn, f)),
        }
    }

    /// Runs `f` in one write transaction: committed when it returns `Ok`, rolled back otherwise.
    ///
    /// On SQLite that is on the one connection that writes, and what waits meanwhile is committed with it; on PostgreSQL
    /// on the connection at hand.
    pub fn write_on<T, E>(
        &self,
        conn: &mut Conn,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<diesel::result::Error>,
    {
        match self.url {
            DatabaseUrl::Sqlite(_) => self.writer.run(&self.url, f),
            DatabaseUrl::Postgresql(_) => write_tx(conn, f),
        }
    }
}

impl Database {
    /// Runs one statement that need not be waited for on disk, on a connection of its own; see `staff::journal`.
    ///
    /// A connection that died since it was last used is replaced, and the statement runs again.
    pub fn write_unsynced<T>(
        &self,
        f: impl Fn(&mut Conn) -> QueryResult<T>,
    ) -> Result<T, Box<dyn std::error::Error>> {
        let mut held = self.unsynced.lock().unwrap_or_else(PoisonError::into_inner);
        let is_sqlite = matches!(self.url, DatabaseUrl::Sqlite(_));
        let _turn = is_sqlite.then(|| self.writer.alone());
        if let Some(mut conn) = held.take() {
            match f(&mut conn) {
                Err(_) if conn.batch_execute("SELECT 1").is_err() => {}
                result => {
                    *held = Some(conn);
                    return Ok(result?);
                }
            }
        }
        let mut fresh = self.url.connect()?;
        dialect::do_not_wait_for_disk(&mut fresh)?;
        let value = f(&mut fresh)?;
        *held = Some(fresh);
        Ok(value)
    }
}

/// One write transaction on a connection that is already at hand.
pub fn write_tx<T, E>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E>
where
    E: From<diesel::result::Error>,
{
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
        Conn::Postgresql(c) => AnsiTransactionManager::begin_transaction(c)?,
    }
    let result = f(conn);
    match (&result, conn) {
        (Ok(_), Conn::Sqlite(c)) => AnsiTransactionManager::commit_transaction(c)?,
        (Ok(_), Conn::Postgresql(c)) => AnsiTransactionManager::commit_transaction(c)?,
        (Err(_), Conn::Sqlite(c)) => roll_back(c),
        (Err(_), Conn::Postgresql(c)) => roll_back(c),
    }
    result
}

/// Reads of one moment, whatever others write meanwhile.
pub fn read_tx<T>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> QueryResult<T>) -> QueryResult<T> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")?,
        Conn::Postgresql(c) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )?,
    }
    let result = f(conn);
    match conn {
        Conn::Sqlite(c) => roll_back(c),
        Conn::Postgresql(c) => roll_back(c),
    }
    result
}

/// The first error is the one to report; a failed rollback leaves a connection that the pool throws away.
fn roll_back<C>(conn: &mut C)
where
    C: diesel::Connection<TransactionManager = AnsiTransactionManager>,
{
    if let Err(error) = AnsiTransactionManager::rollback_transaction(conn) {
        log::warn!("rollback failed: {error}");
    }
}

/// Filters a query by one id or by many.
///
/// One id is compared with `=`, whose statement is prepared once and kept; a list is prepared anew each time.
#[macro_export]
macro_rules! with_ids {
    ($query:expr, $column:expr, $ids:expr) => {{
        let query = $query.into_boxed();
        match $ids {
            [only] => query.filter($column.eq(*only)),
            many => query.filter($column.eq_any(many)),
        }
    }};
}

/// A piece of SQL as an expression of a query.
///
/// With diesel's own `sql` a statement is prepared anew each time; with this one it is prepared once and kept.
#[macro_export]
macro_rules! fixed_sql {
    ($(#[$meta:meta])* $name:ident: $type:ty = $sql:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, diesel::query_builder::QueryId, diesel::expression::ValidGrouping)]
        pub(crate) struct $name;

        impl diesel::Expression for $name {
            type SqlType = $type;
        }

        impl<Source> diesel::SelectableExpression<Source> for $name {}
        impl<Source> diesel::AppearsOnTable<Source> for $name {}

        impl<DB: diesel::backend::Backend> diesel::query_builder::QueryFragment<DB> for $name {
            fn walk_ast<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, DB>,
            ) -> diesel::QueryResult<()> {
                out.push_sql($sql);
                Ok(())
            }
        }
    };
}

/// Stores an enum as the text `as_str` gives, on either database.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow, serde::Serialize, serde::Deserialize)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        $vis enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant),+ }

        #[allow(dead_code, reason = "not every enum is listed")]
        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word it is stored and exchanged as.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(format!("'{text}' is not one of {}", [$($text),+].join(", "))),
                }
            }
        }

        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(String::from_sql(bytes)?.parse()?)
            }
        }
    };
}
