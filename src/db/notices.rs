//! What nodes over one PostgreSQL tell each other: that something changed in a house.
//!
//! A change is told after its commit, on a connection of its own: a `NOTIFY` inside would make all commits of the
//! database follow one another. What a node that dies tells no more, boards learn when they connect anew.
//!
//! Nodes hear themselves as well. Who does not (the database restarts, or a pooler in between keeps notices from coming)
//! connects anew, and until that works tells its own boards every few seconds that anything may have changed.

use std::collections::BTreeSet;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::secret;

const CHANNEL: &str = "innkeeper_changes";
/// How often a node looks for what came.
const LOOK: Duration = Duration::from_millis(100);
/// How often a node says that it is there.
const BEAT: Duration = Duration::from_secs(4);
/// Who has not heard itself for this long hears nothing.
const DEAF: Duration = Duration::from_secs(12);
/// How long a node waits before it connects anew.
const RETRY: Duration = Duration::from_secs(2);
/// Houses in one notice: it has room for 8,000 bytes.
const MOST: usize = 300;

/// What a node hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something changed in a house.
    House(i64),
    /// Something may have changed anywhere.
    Anything,
}

/// Tells other nodes; the exchange ends when it is dropped.
pub struct Told(Sender<i64>);

impl Told {
    /// Something changed in a house, and is committed.
    pub fn tell(&self, property_id: i64) {
        if self.0.send(property_id).is_err() {
            log::error!("other nodes are not told any more: the thread is gone");
        }
    }
}

/// Why the exchange stopped.
enum Stop {
    /// Nobody needs it any more.
    Done,
    /// The connection is of no use.
    Broken(String),
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Tells and hears on a thread of its own; none where there can be no thread, and boards then poll.
pub fn exchange(url: &str, hear: impl Fn(Heard) + Send + 'static) -> Option<Told> {
    let (sender, receiver) = mpsc::channel();
    let url = patient(url);
    let started = thread::Builder::new()
        .name("notices".into())
        .spawn(move || {
            let mut node = Node {
                name: secret::hex(&secret::random::<8>()),
                receiver,
                waiting: BTreeSet::new(),
                hear,
            };
            node.live(&url);
        });
    match started {
        Ok(_) => Some(Told(sender)),
        Err(error) => {
            log::error!("other nodes are not heard: {error}");
            None
        }
    }
}

/// A database that vanished without a word is noticed within seconds.
fn patient(url: &str) -> String {
    let with = if url.contains('?') { '&' } else { '?' };
    format!("{url}{with}tcp_user_timeout=10000&keepalives_idle=10&connect_timeout=5")
}

struct Node<F> {
    name: String,
    receiver: Receiver<i64>,
    /// Houses that others are still to be told of.
    waiting: BTreeSet<i64>,
    hear: F,
}

impl<F: Fn(Heard)> Node<F> {
    fn live(&mut self, url: &str) {
        let mut is_first = true;
        loop {
            match self.talk(url, is_first) {
                Stop::Done => return,
                Stop::Broken(why) => log::warn!("other nodes are not heard: {why}"),
            }
            is_first = false;
            (self.hear)(Heard::Anything);
            if self.wait(RETRY).is_err() {
                return;
            }
        }
    }

    /// Talks until it can't.
    fn talk(&mut self, url: &str, is_first: bool) -> Stop {
        let mut conn = match PgConnection::establish(url) {
            Ok(conn) => conn,
            Err(error) => return Stop::Broken(error.to_string()),
        };
        match self.talk_on(&mut conn, is_first) {
            Ok(never) => match never {},
            Err(stop) => stop,
        }
    }

    fn talk_on(
        &mut self,
        conn: &mut PgConnection,
        is_first: bool,
    ) -> Result<std::convert::Infallible, Stop> {
        diesel::sql_query(format!("LISTEN {CHANNEL}")).execute(conn)?;
        if !is_first {
            log::info!("other nodes are heard again");
            (self.hear)(Heard::Anything);
        }
        let mut heard_at = Instant::now();
        let mut beat_at: Option<Instant> = None;
        loop {
            self.wait(LOOK)?;
            while !self.waiting.is_empty() {
                let told: Vec<i64> = self.waiting.iter().copied().take(MOST).collect();
                self.say(conn, &told)?;
                self.waiting.retain(|id| !told.contains(id));
            }
            if beat_at.is_none_or(|at| at.elapsed() >= BEAT) {
                self.say(conn, &[])?;
                beat_at = Some(Instant::now());
            }
            let notices: Vec<_> = conn.notifications_iter().collect::<Result<_, _>>()?;
            for notice in notices {
                let (node, houses) = notice.payload.split_once(' ').unwrap_or_default();
                if node == self.name {
                    heard_at = Instant::now();
                    continue;
                }
                for id in houses.split(',').filter_map(|id| id.parse().ok()) {
                    (self.hear)(Heard::House(id));
                }
            }
            if heard_at.elapsed() >= DEAF {
                return Err(Stop::Broken("no notice comes through".into()));
            }
        }
    }

    /// Collects what is to be told, for a moment.
    fn wait(&mut self, patience: Duration) -> Result<(), Stop> {
        match self.receiver.recv_timeout(patience) {
            Ok(id) => {
                self.waiting.insert(id);
                self.waiting.extend(self.receiver.try_iter());
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(Stop::Done),
        }
    }

    fn say(&self, conn: &mut PgConnection, houses: &[i64]) -> QueryResult<()> {
        let houses: Vec<String> = houses.iter().map(i64::to_string).collect();
        diesel::sql_query("SELECT pg_notify($1, $2)")
            .bind::<Text, _>(CHANNEL)
            .bind::<Text, _>(format!("{} {}", self.name, houses.join(",")))
            .execute(conn)?;
        Ok(())
    }
}
