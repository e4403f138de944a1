//! The rooms of a house as they are built: what every card needs and hardly ever changes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use diesel::QueryResult;

use super::Room;
use crate::db::Conn;

/// A change made on another node is seen after this long.
const FRESH: Duration = Duration::from_secs(2);

/// Rooms as they were read, and when.
type Read = (Instant, Arc<Vec<Room>>);

/// Keeps the rooms of each house for a moment. What housekeeping says of them is not among what may be old: that is read
/// with how the rooms [stand](super::standing::Standings).
#[derive(Default)]
pub struct Cache(RwLock<HashMap<i64, Read>>);

impl Cache {
    /// A house's rooms by floor and number, read again when they are no longer fresh.
    pub fn get(&self, conn: &mut Conn, property_id: i64) -> QueryResult<Arc<Vec<Room>>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((read_at, rooms)) = known.get(&property_id)
            && read_at.elapsed() < FRESH
        {
            return Ok(Arc::clone(rooms));
        }
        drop(known);
        let rooms = Arc::new(super::of_property(conn, property_id)?);
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(property_id, (Instant::now(), Arc::clone(&rooms)));
        Ok(rooms)
    }

    /// Forgets them, after a change on this node.
    pub fn forget(&self) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
