//! The search box: names in any order, script or spelling, phone digits, e-mail, room, confirmation and loyalty number.
//!
//! Identifiers are looked up in the database. Names come from three places: who is likely at the desk now
//! ([`known::Desk`]), who was written a moment ago ([`known::Fresh`]), and the index of everybody ([`index`]), which
//! follows the log of changes ([`changes`], [`follower`]). Whoever is found is read from the database again, so an index
//! that lags or lies shows nobody who is not there; how well they fit ([`fit`]) and how likely they are at the desk
//! ([`rank`]) decide who comes first.

pub mod changes;
mod finder;
mod fit;
mod follower;
mod index;
mod known;
mod lookups;
mod marked;
mod presence;
mod rank;
mod typed;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use self::fit::{Fit, Spelled};
use self::known::Known;
use self::lookups::Brief;
use self::rank::Presence;
use self::typed::Typed;
use super::keys::Kind;
use super::names::Name;
use super::{Guest, keys};
use crate::db::Conn;
use crate::stays::Status;

pub use self::finder::Finder;
pub use self::marked::marked;

/// Names taken from memory to be looked at closely.
const FROM_MEMORY: usize = 30;
/// How much likelier an identifier is than a name that is typed in full.
const IDENTIFIED: f32 = 12.0;
/// Somebody so much less likely than the first is not meant, where there are others.
const TOO_FAR: f32 = 16.0;

/// Where a guest stands with the house that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Sleeping here.
    InHouse,
    /// Booked, from today on.
    Arriving,
    /// Everybody else.
    Past,
}

/// Why somebody was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "named after what matched")]
pub enum Why {
    Room,
    Booking,
    Loyalty,
    Email,
    Phone,
    Name,
    Alike,
}

impl Why {
    /// The word for it, for messages and classes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Booking => "booking",
            Self::Loyalty => "loyalty",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Alike => "alike",
        }
    }

    fn of_key(kind: Kind) -> Self {
        match kind {
            Kind::Name => Self::Name,
            Kind::Phone => Self::Phone,
            Kind::Email => Self::Email,
            Kind::Loyalty => Self::Loyalty,
        }
    }

    /// How much likelier it makes somebody than a name would; the room most of all.
    fn weight(self) -> f32 {
        match self {
            Self::Room => 2.0 * IDENTIFIED,
            Self::Booking | Self::Loyalty | Self::Email | Self::Phone => IDENTIFIED,
            Self::Name | Self::Alike => 0.0,
        }
    }
}

/// The stay that matters of somebody found.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct FoundStay {
    pub id: i64,
    pub property_id: i64,
    pub status: Status,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
    pub room: Option<String>,
}

/// Somebody found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Who.
    pub guest: Guest,
    /// Where they stand.
    pub group: Group,
    /// Why.
    pub why: Why,
    /// The stay that matters most: in house, next to come, or last.
    pub stay: Option<FoundStay>,
}

/// Who asks, and for which house.
pub struct Asking<'a> {
    /// Ids of the houses whose stays may be shown.
    pub houses: &'a [i64],
    /// The house in front.
    pub property_id: i64,
    /// Its business date.
    pub today: NaiveDate,
}

/// Finds guests by whatever was typed: the `most` likeliest, in groups, the likeliest of each first.
pub fn find(
    conn: &mut Conn,
    finder: &Finder,
    text: &str,
    asking: &Asking<'_>,
    most: usize,
) -> QueryResult<Vec<Found>> {
    let typed = Typed::of(text);
    if typed.text.is_empty() {
        return Ok(Vec::new());
    }
    let mut candidates = Candidates::default();
    for guest_id in lookups::by_room(conn, &typed.text, asking)? {
        candidates.identified(guest_id, Why::Room);
    }
    for guest_id in lookups::by_booking(conn, &typed.text, asking)? {
        candidates.identified(guest_id, Why::Booking);
    }
    let desk = finder
        .inner()
        .desks
        .of(conn, asking.property_id, asking.today)?;
    for (kind, prefix) in &typed.keys {
        for guest_id in lookups::by_key(conn, *kind, prefix)? {
            candidates.identified(guest_id, Why::of_key(*kind));
        }
        for known in desk.people.values() {
            let begins = |(k, key): &(Kind, String)| k == kind && key.starts_with(prefix);
            if known.keys.iter().any(begins) {
                candidates.identified(known.guest_id, Why::of_key(*kind));
            }
        }
    }
    if typed.is_name() {
        let at_desk = best(desk.people.values().map(AsRef::as_ref), &typed);
        let straight = at_desk.iter().filter(|(fit, _)| !fit.is_only_alike());
        let wanted = most.saturating_sub(straight.count());
        candidates.named(at_desk.into_iter().map(|(_, guest_id)| guest_id));
        by_name(conn, finder, &typed, asking, wanted, &mut candidates)?;
    }
    narrow(conn, candidates, &typed, asking, most)
}

/// Those whose names fit among everybody: by the index and what it has not read yet; without one, by the keys of names.
///
/// Where fewer than `wanted` fit as typed, also those that are only like it.
fn by_name(
    conn: &mut Conn,
    finder: &Finder,
    typed: &Typed,
    asking: &Asking<'_>,
    wanted: usize,
    candidates: &mut Candidates,
) -> QueryResult<()> {
    if let Some(snapshot) = finder.snapshot() {
        let fresh = finder.inner().fresh.since(conn, snapshot.place.position)?;
        let fresh = best(fresh.iter().map(AsRef::as_ref), typed);
        candidates.named(fresh.into_iter().map(|(_, guest_id)| guest_id));
        if let Some(found) = finder.by_index(&snapshot, typed, asking.today, wanted) {
            candidates.named(found);
            return Ok(());
        }
    }
    let mut prefixes: Vec<String> = match typed.words.as_slice() {
        [] => Vec::new(),
        [only] => vec![only.clone()],
        [first, second, ..] => keys::pairs(&[first.clone(), second.clone()]),
    };
    if !typed.native.is_empty() {
        prefixes.push(typed.native.iter().collect());
    }
    for prefix in prefixes {
        candidates.named(lookups::by_key(conn, Kind::Name, &prefix)?);
    }
    Ok(())
}

/// The profiles whose names fit best.
fn best<'a>(people: impl Iterator<Item = &'a Known>, typed: &Typed) -> Vec<(Fit, i64)> {
    let fits = people.filter_map(|known| Some((fit::fit(typed, &known.spelled)?, known.guest_id)));
    let mut fits: Vec<(Fit, i64)> = fits.collect();
    fits.sort_by(|(a, _), (b, _)| b.0.total_cmp(&a.0));
    fits.truncate(FROM_MEMORY);
    fits
}

/// Profiles that may be meant, and by what.
#[derive(Default)]
struct Candidates(HashMap<i64, Option<Why>>);

impl Candidates {
    fn identified(&mut self, guest_id: i64, why: Why) {
        let known = self.0.entry(guest_id).or_default();
        *known = Some(known.map_or(why, |known| known.min(why)));
    }

    /// Their names have still to be looked at.
    fn named(&mut self, guest_ids: impl IntoIterator<Item = i64>) {
        for guest_id in guest_ids {
            self.0.entry(guest_id).or_default();
        }
    }
}

/// Somebody found, before the rest is read.
struct Likely {
    guest: Guest,
    why: Why,
    group: Group,
    stay: Option<Brief>,
    score: f32,
}

/// Reads who the candidates are, keeps the likeliest, and puts them in groups.
fn narrow(
    conn: &mut Conn,
    candidates: Candidates,
    typed: &Typed,
    asking: &Asking<'_>,
    most: usize,
) -> QueryResult<Vec<Found>> {
    let ids: Vec<i64> = candidates.0.keys().copied().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let fitting: Vec<(Guest, Why, f32)> = lookups::guests(conn, &ids)?
        .into_iter()
        .filter_map(|guest| {
            let why = candidates.0.get(&guest.id).copied().flatten();
            let (why, score) = judged(&guest, why, typed)?;
            Some((guest, why, score))
        })
        .collect();
    let mut persons: Vec<i64> = fitting.iter().map(|(guest, ..)| guest.person_id).collect();
    persons.sort_unstable();
    persons.dedup();
    let stays = lookups::stays_of(conn, &persons)?;
    let likely = fitting.into_iter().map(|(guest, why, score)| {
        let stays = stays.get(&guest.person_id).map_or(&[][..], Vec::as_slice);
        let (group, stay, likelihood) = standing(stays, asking);
        let score = score + likelihood;
        Likely {
            guest,
            why,
            group,
            stay,
            score,
        }
    });
    let likeliest = likeliest(likely.collect(), most);
    let stays: Vec<Brief> = likeliest.iter().filter_map(|likely| likely.stay).collect();
    let mut stays = lookups::with_rooms(conn, &stays)?;
    let found = likeliest.into_iter().map(|likely| Found {
        guest: likely.guest,
        group: likely.group,
        why: likely.why,
        stay: likely.stay.and_then(|stay| stays.remove(&stay.id)),
    });
    Ok(found.collect())
}

/// Why this profile is found and how well it fits; none where it does not after all.
fn judged(guest: &Guest, identified: Option<Why>, typed: &Typed) -> Option<(Why, f32)> {
    let name = Spelled::of(&Name {
        given: guest.given_name.as_deref(),
        family: guest.family_name.as_deref(),
        native: guest.native_name.as_deref(),
    });
    let by_name = fit::fit(typed, &name).map(|fit| {
        let why = if fit.is_only_alike() {
            Why::Alike
        } else {
            Why::Name
        };
        (why, fit.0)
    });
    let by_key = identified.map(|why| (why, why.weight()));
    by_key.or(by_name)
}

/// Where a person stands, by the stay that matters most, and how likely they are at the desk.
fn standing(stays: &[Brief], asking: &Asking<'_>) -> (Group, Option<Brief>, f32) {
    let presence = |stay: &Brief| Presence {
        status: stay.status,
        arrival: stay.arrival,
        departure: stay.departure,
        here: stay.property_id == asking.property_id,
    };
    let shown = stays
        .iter()
        .filter(|stay| asking.houses.contains(&stay.property_id));
    let likelihood = |stay: &Brief| presence(stay).likelihood(asking.today);
    let likeliest = shown.clone().map(likelihood).reduce(f32::max);
    let best = shown.min_by_key(|stay| {
        let soonest = (stay.arrival - asking.today).num_days().abs();
        (
            presence(stay).group(asking.today),
            stay.property_id != asking.property_id,
            stay.status == Status::Cancelled,
            soonest,
        )
    });
    (
        best.map_or(Group::Past, |stay| presence(stay).group(asking.today)),
        best.copied(),
        likeliest.unwrap_or(rank::NEVER),
    )
}

/// One line a person, the likeliest lines, in groups: in the house, arriving, past.
fn likeliest(mut likely: Vec<Likely>, most: usize) -> Vec<Likely> {
    likely.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.guest.id.cmp(&b.guest.id))
    });
    let mut persons = HashSet::new();
    likely.retain(|likely| persons.insert(likely.guest.person_id));
    likely.truncate(most);
    let first = likely.first().map_or(0.0, |likely| likely.score);
    likely.retain(|likely| likely.why != Why::Alike || likely.score > first - TOO_FAR);
    likely.sort_by_key(|likely| likely.group);
    likely
}
