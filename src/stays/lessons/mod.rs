//! What stays teach: wishes nobody told us, from what really happened. Pure; the parts beside it read and store.
//!
//! Of every stay that took place count the room that was slept in, rooms that were moved away from, extras on the folio,
//! and the time of arrival. A lesson needs
//!
//! - a least number of stays that show it, and a least share of those that could have;
//! - for a room's features, a share that is well above what chance gives: `shown ÷ expected ≥ lift`, where *expected* is
//!   the sum over the stays of the share of the house's rooms that have the feature. What nearly all rooms have is no wish.
//!
//! What stays show is never more than a liking or a dislike, and gives way to whatever was said: see [`is_admissible`].
//! Stays are counted, so their order does not matter.

mod facts;
mod keep;
mod run;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

pub use facts::{Facts, Houses, houses, of_persons};
pub use keep::{Changed, keep};
pub use run::{Learned, learn_all, learn_of};

use crate::guests::evidence::Settings;
use crate::guests::preferences::{Preference, Source, Strength};
use crate::vocabulary::{self, Feature, Kind};

/// Hours of a night that still belong to the evening before.
const NIGHT_ENDS: i64 = 5 * 60;

/// A stay that took place, as far as it teaches.
#[derive(Clone, Debug, Default)]
pub struct Experience {
    /// The stay.
    pub stay_id: i64,
    /// The profile it is on.
    pub guest_id: i64,
    /// The house.
    pub property_id: i64,
    /// Its last day.
    pub departure: NaiveDate,
    /// The features of the room it ended in; none where nothing is known of the room.
    pub room: Vec<String>,
    /// The features of rooms moved away from, and of where to.
    pub moves: Vec<(Vec<String>, Vec<String>)>,
    /// Codes of what was ordered; none where no folio is known.
    pub ordered: Option<Vec<&'static str>>,
    /// Minutes after local midnight.
    pub arrived_at: Option<i64>,
}

/// A wish that stays show.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// What.
    pub feature: &'static Feature,
    /// A liking or a dislike, never more.
    pub strength: Strength,
    /// Seen, or concluded.
    pub source: Source,
    /// In how many stays.
    pub times: i64,
    /// Of how many that could have shown it.
    pub chances: i64,
    /// The latest stay that showed it: its last day, itself, its profile and its house.
    pub last: (NaiveDate, i64, i64, i64),
}

/// How often something was seen, of how often it could have been.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    times: i64,
    chances: i64,
    expected: f64,
    last: Option<(NaiveDate, i64, i64, i64)>,
}

impl Count {
    fn add(&mut self, stay: &Experience, is_shown: bool, expected: f64) {
        self.chances += 1;
        self.expected += expected;
        if is_shown {
            let this = (
                stay.departure,
                stay.stay_id,
                stay.guest_id,
                stay.property_id,
            );
            self.times += 1;
            self.last = self.last.max(Some(this));
        }
    }

    fn lesson(
        self,
        feature: &'static Feature,
        strength: Strength,
        source: Source,
    ) -> Option<Lesson> {
        Some(Lesson {
            feature,
            strength,
            source,
            times: self.times,
            chances: self.chances,
            last: self.last?,
        })
    }
}

/// What these stays of one person teach.
pub fn lessons(stays: &[Experience], houses: &Houses, rules: &Settings) -> Vec<Lesson> {
    let enough = |count: &Count, least: i64| {
        count.times >= least && count.times * 100 >= count.chances * rules.least_percent
    };
    let mut lessons = Vec::new();
    for feature in vocabulary::all().iter().filter(|one| is_of_taste(one)) {
        let had = had(stays, houses, feature.code);
        let left = left(stays, feature.code);
        if enough(&left, rules.least_moves) {
            // Why somebody moved is a guess.
            lessons.extend(left.lesson(feature, Strength::Avoid, Source::Inferred));
        } else if enough(&had, rules.least_stays)
            && had.times as f64 * 100.0 >= had.expected * rules.least_lift_percent as f64
        {
            lessons.extend(had.lesson(feature, Strength::Prefer, Source::Observed));
        }
    }
    for (code, count) in ordered(stays).into_iter().chain(arrivals(stays, rules)) {
        if enough(&count, rules.least_stays)
            && let Some(feature) = vocabulary::get(code)
        {
            lessons.extend(count.lesson(feature, Strength::Prefer, Source::Observed));
        }
    }
    lessons
}

/// Only what guests choose by taste counts; that a room is non-smoking says little about who slept in it.
fn is_of_taste(feature: &Feature) -> bool {
    matches!(
        feature.kind,
        Kind::Bed | Kind::Location | Kind::View | Kind::Room
    )
}

fn has(features: &[String], code: &str) -> bool {
    features.iter().any(|feature| feature == code)
}

/// Rooms slept in that have a feature.
fn had(stays: &[Experience], houses: &Houses, code: &str) -> Count {
    let mut count = Count::default();
    for stay in stays.iter().filter(|stay| !stay.room.is_empty()) {
        let expected = houses.share(stay.property_id, code);
        count.add(stay, has(&stay.room, code), expected);
    }
    count
}

/// Stays that left a room with a feature for one without, of those that were in a room with it.
fn left(stays: &[Experience], code: &str) -> Count {
    let mut count = Count::default();
    for stay in stays {
        let moved_from = stay.moves.iter().any(|(from, _)| has(from, code));
        if moved_from || has(&stay.room, code) {
            let left = |(from, to): &(Vec<String>, Vec<String>)| {
                has(from, code) && !to.is_empty() && !has(to, code)
            };
            let stayed_away = !has(&stay.room, code);
            count.add(stay, stayed_away && stay.moves.iter().any(left), 0.0);
        }
    }
    count
}

/// Extras on the folios.
fn ordered(stays: &[Experience]) -> BTreeMap<&'static str, Count> {
    let with_folio = || {
        stays
            .iter()
            .filter_map(|stay| Some((stay, stay.ordered.as_ref()?)))
    };
    let codes = with_folio().flat_map(|(_, ordered)| ordered);
    let mut counts: BTreeMap<&'static str, Count> =
        codes.map(|code| (*code, Count::default())).collect();
    for (stay, ordered) in with_folio() {
        for (code, count) in &mut counts {
            count.add(stay, ordered.contains(code), 0.0);
        }
    }
    counts
}

/// Arrivals before noon, and late at night.
fn arrivals(stays: &[Experience], rules: &Settings) -> [(&'static str, Count); 2] {
    let (mut early, mut late) = (Count::default(), Count::default());
    for (stay, at) in stays
        .iter()
        .filter_map(|stay| Some((stay, stay.arrived_at?)))
    {
        let is_night = at < NIGHT_ENDS;
        early.add(stay, !is_night && at < rules.early_hour * 60, 0.0);
        late.add(stay, is_night || at >= rules.late_hour * 60, 0.0);
    }
    [("early_check_in", early), ("late_arrival", late)]
}

/// What was said of a wish that stays had shown.
#[derive(Clone, Debug, Default)]
pub struct Refuted(HashMap<String, chrono::NaiveDateTime>);

impl Refuted {
    /// Somebody said that this is wrong.
    pub fn refute(&mut self, code: &str, at: chrono::NaiveDateTime) {
        let latest = self.0.entry(code.to_owned()).or_insert(at);
        *latest = at.max(*latest);
    }

    /// The guest said so after all.
    pub fn stated(&mut self, code: &str, at: chrono::NaiveDateTime) {
        if self.0.get(code).is_some_and(|refuted| *refuted < at) {
            self.0.remove(code);
        }
    }

    /// Whether it stands that this is wrong.
    pub fn holds(&self, code: &str) -> bool {
        self.0.contains_key(code)
    }
}

/// Whether a lesson may be kept beside what is known: never where somebody said something of it or of its opposite, and
/// never again after somebody said that it is wrong, until the guest says so.
pub fn is_admissible(lesson: &Lesson, evidence: &[Preference], refuted: &Refuted) -> bool {
    let code = lesson.feature.code;
    let is_said = evidence
        .iter()
        .filter(|one| matches!(one.source, Source::Stated | Source::Imported))
        .any(|one| one.code == code || vocabulary::oppose(&one.code, code));
    !is_said && !refuted.holds(code)
}
