//! People held in memory by name: who is likely at the desk now, and who was written a moment ago.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::fit::Spelled;
use super::lookups;
use crate::db::schema::{guest_keys, guests, stays};
use crate::db::{Conn, dialect};
use crate::guests::keys::Kind;
use crate::guests::names::Name;
use crate::stays::{InHouse, Status};

/// How long it is taken as known who is at a desk. Whoever comes meanwhile is found all the same, only not before others.
const DESK: Duration = Duration::from_secs(2);
/// How long their names are: a newer one is found by the log of changes.
const NAMES: Duration = Duration::from_secs(60);
/// People of one desk; a house of two thousand rooms on its busiest day.
const CROWD: i64 = 6_000;
/// Changes that are read before the index has them; an import writes a thousand at once.
const FRESH: i64 = 4_000;

/// A profile as it is searched.
pub struct Known {
    /// Whose.
    pub guest_id: i64,
    /// The name.
    pub spelled: Spelled,
    /// Phones, e-mails and loyalty number; for those at a desk alone.
    pub keys: Vec<(Kind, String)>,
}

/// Who is likely at the desk of a house.
#[derive(Default)]
pub struct Desk {
    today: NaiveDate,
    read_at: Option<Instant>,
    names_read_at: Option<Instant>,
    /// In the house, arriving today or gone today, with all profiles of their persons.
    pub people: HashMap<i64, Arc<Known>>,
}

/// The desks of the houses that ask.
#[derive(Default)]
pub struct Desks(Mutex<HashMap<i64, Arc<Desk>>>);

impl Desks {
    /// Who is likely at the desk of a house, as of a moment ago.
    pub fn of(
        &self,
        conn: &mut Conn,
        property_id: i64,
        today: NaiveDate,
    ) -> QueryResult<Arc<Desk>> {
        let is_young = |at: Option<Instant>, most| at.is_some_and(|at| at.elapsed() < most);
        let held = self.lock().get(&property_id).cloned().unwrap_or_default();
        if held.today == today && is_young(held.read_at, DESK) {
            return Ok(held);
        }
        let ids = at_desk(conn, property_id, today)?;
        let keeps_names = is_young(held.names_read_at, NAMES);
        let known = |id: &i64| held.people.get(id).filter(|_| keeps_names).cloned();
        let new: Vec<i64> = ids
            .iter()
            .copied()
            .filter(|id| known(id).is_none())
            .collect();
        let mut people = load(conn, &new, true)?;
        people.extend(ids.iter().filter_map(|id| Some((*id, known(id)?))));
        let desk = Arc::new(Desk {
            today,
            read_at: Some(Instant::now()),
            names_read_at: held
                .names_read_at
                .filter(|_| keeps_names)
                .or(Some(Instant::now())),
            people,
        });
        self.lock().insert(property_id, Arc::clone(&desk));
        Ok(desk)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Arc<Desk>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Profiles whose change the index has not read yet, by the id of the change.
#[derive(Default)]
pub struct Fresh(Mutex<HashMap<i64, Arc<Known>>>);

impl Fresh {
    /// Those behind a position in the log.
    pub fn since(&self, conn: &mut Conn, position: i64) -> QueryResult<Vec<Arc<Known>>> {
        let changes = dialect::changes_from(conn, position, FRESH)?;
        if changes.is_empty() {
            self.lock().clear();
            return Ok(Vec::new());
        }
        let mut held = std::mem::take(&mut *self.lock());
        let unread: HashSet<i64> = changes
            .iter()
            .filter(|change| !held.contains_key(&change.id))
            .map(|change| change.guest_id)
            .collect();
        let read = load(conn, &unread.into_iter().collect::<Vec<_>>(), false)?;
        let mut fresh = HashMap::with_capacity(changes.len());
        for change in changes {
            let known = held
                .remove(&change.id)
                .or_else(|| read.get(&change.guest_id).cloned());
            fresh.extend(known.map(|known| (change.id, known)));
        }
        let people = fresh.values().cloned().collect();
        *self.lock() = fresh;
        Ok(people)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Arc<Known>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The profiles of the persons who are in the house, arrive today or left today.
fn at_desk(conn: &mut Conn, property_id: i64, today: NaiveDate) -> QueryResult<Vec<i64>> {
    let rows = || stays::table.filter(stays::property_id.eq(property_id));
    let mut ids: Vec<i64> = rows()
        .filter(InHouse)
        .select(stays::guest_id)
        .limit(CROWD)
        .load(conn)?;
    ids.extend(
        rows()
            .filter(stays::arrival.eq(today))
            .filter(stays::status.eq(Status::Reserved))
            .select(stays::guest_id)
            .limit(CROWD)
            .load::<i64>(conn)?,
    );
    ids.extend(
        rows()
            .filter(stays::departure.eq(today))
            .filter(stays::status.eq(Status::Departed))
            .select(stays::guest_id)
            .limit(CROWD)
            .load::<i64>(conn)?,
    );
    let mut all = Vec::new();
    for ids in ids.chunks(lookups::IN_ONE_QUERY) {
        let persons: Vec<i64> = guests::table
            .filter(guests::id.eq_any(ids))
            .select(guests::person_id)
            .distinct()
            .load(conn)?;
        all.extend(
            guests::table
                .filter(guests::person_id.eq_any(persons))
                .select(guests::id)
                .load::<i64>(conn)?,
        );
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// A profile's id and names.
pub type Named = (i64, Option<String>, Option<String>, Option<String>);

/// The name as it is searched.
pub fn spelled((_, given, family, native): &Named) -> Spelled {
    Spelled::of(&Name {
        given: given.as_deref(),
        family: family.as_deref(),
        native: native.as_deref(),
    })
}

/// Reads the names of profiles; those that are gone are left out.
pub fn names(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Named>> {
    let mut all = Vec::with_capacity(ids.len());
    for ids in ids.chunks(lookups::IN_ONE_QUERY) {
        all.extend(
            guests::table
                .filter(guests::id.eq_any(ids))
                .select((
                    guests::id,
                    guests::given_name,
                    guests::family_name,
                    guests::native_name,
                ))
                .load::<Named>(conn)?,
        );
    }
    Ok(all)
}

fn load(conn: &mut Conn, ids: &[i64], with_keys: bool) -> QueryResult<HashMap<i64, Arc<Known>>> {
    let named = names(conn, ids)?;
    let mut keys: HashMap<i64, Vec<(Kind, String)>> = HashMap::new();
    for ids in ids.chunks(lookups::IN_ONE_QUERY).filter(|_| with_keys) {
        for kind in [Kind::Phone, Kind::Email, Kind::Loyalty] {
            let rows: Vec<(i64, String)> = guest_keys::table
                .filter(guest_keys::guest_id.eq_any(ids))
                .filter(guest_keys::kind.eq(kind as i16))
                .select((guest_keys::guest_id, guest_keys::key))
                .load(conn)?;
            for (guest_id, key) in rows {
                keys.entry(guest_id).or_default().push((kind, key));
            }
        }
    }
    let known = named.iter().map(|named| {
        let guest_id = named.0;
        let known = Known {
            guest_id,
            spelled: spelled(named),
            keys: keys.remove(&guest_id).unwrap_or_default(),
        };
        (guest_id, Arc::new(known))
    });
    Ok(known.collect())
}
