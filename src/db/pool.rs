//! The r2d2 pool: connections by URL scheme, thrown away when the database went away under them.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};

use super::{Conn, DatabaseUrl, Unavailable};

/// Connections kept open; two cores and a disk gain nothing from more.
const CONNECTIONS: u32 = 8;

thread_local! {
    static QUERIES: Cell<u32> = const { Cell::new(0) };
}

/// Queries run on this thread since [`reset_queries_run`].
pub fn queries_run() -> u32 {
    QUERIES.get()
}

/// Starts the count of [`queries_run`] again.
pub fn reset_queries_run() {
    QUERIES.set(0);
}

/// The connection, whose queries count.
pub(super) fn counted(mut conn: Conn) -> Conn {
    conn.set_instrumentation(|event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            QUERIES.set(QUERIES.get() + 1);
        }
    });
    conn
}

/// Opens and judges connections for r2d2.
pub struct Manager {
    url: DatabaseUrl,
    /// Raised when a connection is found dead: all older ones are then suspect.
    generation: Arc<AtomicU64>,
}

/// A connection in the pool.
pub struct Pooled {
    pub(super) conn: Conn,
    born: u64,
    broken: bool,
    generation: Arc<AtomicU64>,
}

impl Pooled {
    /// After an error: is the database still there? If not, this connection and all older ones go.
    pub(super) fn check(&mut self) {
        if self.conn.batch_execute("SELECT 1").is_err() {
            self.broken = true;
            self.generation.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Pooled;
    type Error = diesel::ConnectionError;

    fn connect(&self) -> Result<Pooled, Self::Error> {
        Ok(Pooled {
            conn: counted(self.url.connect()?),
            born: self.generation.load(Ordering::Relaxed),
            broken: false,
            generation: Arc::clone(&self.generation),
        })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), Self::Error> {
        pooled
            .conn
            .batch_execute("SELECT 1")
            .map_err(diesel::ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.broken || std::thread::panicking()
    }
}

pub(super) fn open(url: DatabaseUrl) -> r2d2::Pool<Manager> {
    let manager = Manager {
        url,
        generation: Arc::default(),
    };
    r2d2::Pool::builder()
        .max_size(CONNECTIONS)
        .min_idle(Some(1))
        .connection_timeout(Duration::from_secs(5))
        .test_on_check_out(false)
        .error_handler(Box::new(r2d2::LoggingErrorHandler))
        .build_unchecked(manager)
}

pub(super) fn get(
    pool: &r2d2::Pool<Manager>,
) -> Result<r2d2::PooledConnection<Manager>, Unavailable> {
    loop {
        let mut pooled = pool.get().map_err(|error| Unavailable(error.to_string()))?;
        if pooled.born == pooled.generation.load(Ordering::Relaxed) {
            return Ok(pooled);
        }
        pooled.broken = true;
    }
}
