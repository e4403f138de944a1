//! What a server keeps for its search box: the index, who is at the desks, who was written a moment ago.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;

use chrono::NaiveDate;

use super::follower;
use super::index::Snapshot;
use super::known::{Desks, Fresh};
use super::presence::{Likely, Presences};
use super::typed::Typed;
use crate::db::{Database, Unavailable};

/// The means of searching, shared by all requests.
#[derive(Clone)]
pub struct Finder(Arc<Inner>);

/// What the thread of [`follower`] keeps up to date.
#[derive(Default)]
pub(super) struct Inner {
    snapshot: RwLock<Option<Arc<Snapshot>>>,
    /// A search failed on the index: it is no good.
    lost: AtomicBool,
    presences: RwLock<Arc<Presences>>,
    has_met: AtomicBool,
    likely: RwLock<Option<Arc<Likely>>>,
    pub(super) desks: Desks,
    pub(super) fresh: Fresh,
}

impl Finder {
    /// Starts to keep an index in a directory. Until it is there, names are looked up in the database.
    pub fn start(db: Database, directory: PathBuf) -> Result<Self, Unavailable> {
        let inner = Arc::new(Inner::default());
        let theirs = Arc::downgrade(&inner);
        thread::Builder::new()
            .name("search index".into())
            .spawn(move || follower::run(theirs, db, directory))
            .map_err(|error| Unavailable(format!("the search index: {error}")))?;
        Ok(Self(inner))
    }

    /// Whether the index is there.
    pub fn is_ready(&self) -> bool {
        self.snapshot().is_some()
    }

    /// Whether it is known who was here when.
    pub fn knows_presences(&self) -> bool {
        self.0.has_met.load(Ordering::Relaxed)
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(super) fn snapshot(&self) -> Option<Arc<Snapshot>> {
        let held = self.0.snapshot.read();
        held.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The likeliest profiles whose names fit, by the index; none where it is of no use.
    pub(super) fn by_index(
        &self,
        snapshot: &Snapshot,
        typed: &Typed,
        today: NaiveDate,
        wanted: usize,
    ) -> Option<Vec<i64>> {
        match snapshot.find(typed, &self.0.likely(today), wanted) {
            Ok(found) => Some(found),
            Err(error) => {
                log::warn!("the search index failed: {error}");
                self.0.lost.store(true, Ordering::Relaxed);
                None
            }
        }
    }
}

impl Inner {
    pub(super) fn show(&self, snapshot: Snapshot) {
        let mut held = self
            .snapshot
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *held = Some(Arc::new(snapshot));
    }

    pub(super) fn lose(&self) {
        let mut held = self
            .snapshot
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *held = None;
        self.lost.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    pub(super) fn met(&self, presences: Presences) {
        let mut held = self
            .presences
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(presences);
        *self.likely.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.has_met.store(true, Ordering::Relaxed);
    }

    /// How likely each guest is today; worked out once a day.
    fn likely(&self, today: NaiveDate) -> Arc<Likely> {
        let held = self.likely.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(likely) = held.as_ref().filter(|likely| likely.today == today) {
            return Arc::clone(likely);
        }
        drop(held);
        let presences = self
            .presences
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let likely = Arc::new(Likely::on(Arc::clone(&presences), today));
        *self.likely.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&likely));
        likely
    }
}
