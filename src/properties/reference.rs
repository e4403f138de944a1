//! What every page needs and hardly ever changes: the houses, the tiers of the programme, the rules for wishes.

use std::borrow::Borrow;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;

use super::Property;
use crate::db::Conn;
use crate::db::schema::{loyalty_tiers, outlets};
use crate::dining::Outlet;
use crate::guests::evidence;
use crate::settings;
use crate::staff::Houses;
use crate::tasks::Due;
use crate::{cases, clock, tasks};

/// A change made on another node is seen after this long.
const FRESH: Duration = Duration::from_secs(2);

/// A tier of the loyalty programme.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = loyalty_tiers)]
pub struct Tier {
    /// What it is stored as.
    pub code: String,
    /// Higher is better.
    pub rank: i64,
    /// Nights in the last twelve months that reach it.
    pub nights: i64,
    /// Stays in the last twelve months that reach it too.
    pub stays: Option<i64>,
    /// Points earned in the last twelve months that reach it too.
    pub points: Option<i64>,
    /// Points on top of what the rules give.
    pub bonus_percent: i64,
    /// Nights of a life after which it is never lost.
    pub lifetime_nights: Option<i64>,
}

/// The houses, the tiers by rank and the rules, as read at one moment.
#[derive(Debug, Default)]
pub struct Reference {
    /// All houses.
    pub properties: Vec<Property>,
    /// All tiers, the lowest first.
    pub tiers: Vec<Tier>,
    /// Restaurants and bars, the oldest first.
    pub outlets: Vec<Outlet>,
    /// Bookings somebody must look at, by house.
    pub to_review: Vec<(i64, i64)>,
    /// Cases still to be put right, by house.
    pub open_cases: Vec<(i64, i64)>,
    /// Tasks that are due, by house and owner.
    pub due_tasks: Vec<Due>,
    /// The group's rules for wishes.
    pub wishes: evidence::Settings,
}

impl Reference {
    /// Reads it.
    pub fn load(conn: &mut Conn) -> QueryResult<Self> {
        // A day ahead of UTC: each house then counts by its own.
        let tomorrow = clock::now().date() + TimeDelta::days(1);
        Ok(Self {
            properties: Property::all(conn)?,
            tiers: loyalty_tiers::table
                .order(loyalty_tiers::rank)
                .select(Tier::as_select())
                .load(conn)?,
            outlets: outlets::table
                .order(outlets::id)
                .select(Outlet::as_select())
                .load(conn)?,
            to_review: crate::recognition::review::waiting(conn)?,
            open_cases: cases::list::open_by_house(conn)?,
            due_tasks: tasks::due(conn, tomorrow)?,
            wishes: settings::get(conn, evidence::SETTINGS)?,
        })
    }

    /// The houses somebody's rights hold for, the oldest first.
    pub fn within<'a>(&'a self, rights: &'a Houses) -> impl Iterator<Item = &'a Property> {
        self.properties
            .iter()
            .filter(|property| rights.include(property.id))
    }

    /// How many bookings somebody must look at in the houses their rights hold for.
    pub fn to_review(&self, rights: &Houses) -> i64 {
        let theirs = self.to_review.iter().filter(|(id, _)| rights.include(*id));
        theirs.map(|(_, count)| count).sum()
    }

    /// How many cases are to be put right in the houses somebody's rights hold for.
    pub fn open_cases(&self, rights: &Houses) -> i64 {
        let theirs = self.open_cases.iter().filter(|(id, _)| rights.include(*id));
        theirs.map(|(_, count)| count).sum()
    }

    /// How many tasks in the houses somebody's rights hold for are due by a day, and theirs or nobody's.
    pub fn due_tasks(&self, rights: &Houses, user_id: i64, today: NaiveDate) -> i64 {
        let theirs = self.due_tasks.iter().filter(|due| {
            rights.include(due.property_id)
                && due.due_on <= today
                && due.owner_id.is_none_or(|owner_id| owner_id == user_id)
        });
        theirs.map(|due| due.count).sum()
    }

    /// A house by id.
    pub fn property(&self, id: i64) -> Option<&Property> {
        self.properties.iter().find(|property| property.id == id)
    }

    /// The first restaurant of a house.
    pub fn restaurant(&self, property_id: i64) -> Option<&Outlet> {
        self.outlets
            .iter()
            .find(|outlet| outlet.property_id == property_id)
    }

    /// A house by code.
    pub fn by_code(&self, code: &str) -> Option<&Property> {
        self.properties
            .iter()
            .find(|property| property.code.eq_ignore_ascii_case(code))
    }

    /// The name of a house, to be shown.
    pub fn name(&self, id: impl Borrow<i64>) -> &str {
        self.property(*id.borrow())
            .map_or("", |property| property.name.as_str())
    }
}

/// Keeps the reference for a moment, so that it costs no query a page.
#[derive(Default)]
pub struct Cache(RwLock<Option<(Instant, Arc<Reference>)>>);

impl Cache {
    /// The reference, read again when it is no longer fresh.
    pub fn get(&self, conn: &mut Conn) -> QueryResult<Arc<Reference>> {
        if let Some((read_at, reference)) = &*self.0.read().unwrap_or_else(PoisonError::into_inner)
            && read_at.elapsed() < FRESH
        {
            return Ok(Arc::clone(reference));
        }
        let reference = Arc::new(Reference::load(conn)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&reference)));
        Ok(reference)
    }

    /// Forgets it, after a change on this node.
    pub fn forget(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
