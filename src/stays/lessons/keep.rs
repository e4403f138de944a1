//! Lessons kept as evidence: new ones noted, known ones brought up to date, those that stays no longer bear out withdrawn.

use diesel::prelude::*;

use super::{Facts, Houses, Lesson, is_admissible, lessons};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::preferences;
use crate::guests::evidence::Settings;
use crate::guests::preferences::{Ending, NewPreference, Preference, Source};
use crate::outbox::{self, Event};

/// What became of the evidence of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Codes of the lessons that stand after a change: new, or seen more or less often than before.
    pub taught: Vec<&'static str>,
    /// How many of them are new.
    pub noted: usize,
    /// Withdrawn.
    pub withdrawn: usize,
}

/// Keeps what these facts teach. Kept twice it changes nothing. `is_news` is whether others are told: history is no news.
pub fn keep(
    conn: &mut Conn,
    facts: &Facts,
    houses: &Houses,
    rules: &Settings,
    is_news: bool,
) -> QueryResult<Changed> {
    let mut taught = lessons(&facts.stays, houses, rules);
    taught.retain(|lesson| is_admissible(lesson, &facts.evidence, &facts.refuted));
    let mut changed = Changed::default();
    let mut told = Vec::new();
    for lesson in &taught {
        let known = facts.evidence.iter().find(|one| is_of(one, lesson));
        match known {
            Some(known) if !update(conn, known, lesson)? => continue,
            Some(_) => {}
            None => {
                changed.noted += 1;
                insert(conn, lesson)?;
            }
        }
        changed.taught.push(lesson.feature.code);
        let change = known.map_or("noted", |_| "confirmed");
        told.push(event(
            change,
            lesson.last.2,
            lesson.feature.code,
            lesson.last.3,
        ));
    }
    for gone in facts.evidence.iter().filter(|one| is_learned(one)) {
        if !taught.iter().any(|lesson| is_of(gone, lesson)) {
            withdraw(conn, gone)?;
            changed.withdrawn += 1;
        }
    }
    if is_news {
        outbox::tell(conn, told)?;
    }
    Ok(changed)
}

fn event(change: &str, guest_id: i64, code: &str, property_id: i64) -> Event {
    Event::of_preference(change, guest_id, code).house(property_id)
}

/// Whether evidence is what stays taught us here; what others observed and told us is theirs to take back.
fn is_learned(one: &Preference) -> bool {
    matches!(one.source, Source::Observed | Source::Inferred) && one.noted_stay_id.is_some()
}

fn is_of(one: &Preference, lesson: &Lesson) -> bool {
    one.code == lesson.feature.code && one.source == lesson.source && one.property_id.is_none()
}

/// Brings evidence up to date; whether that changed anything. What others saw as often stands as they told it.
fn update(conn: &mut Conn, known: &Preference, lesson: &Lesson) -> QueryResult<bool> {
    let confirmed_on = known.as_of().max(lesson.last.0);
    let is_the_same = (known.times, known.chances) == (lesson.times, lesson.chances)
        && known.strength == lesson.strength
        && known.as_of() == confirmed_on
        && known.noted_stay_id == Some(lesson.last.1);
    if is_the_same || !is_learned(known) && known.chances >= lesson.chances {
        return Ok(false);
    }
    diesel::update(preferences::table.find(known.id))
        .set((
            preferences::strength.eq(lesson.strength),
            preferences::times.eq(lesson.times),
            preferences::chances.eq(lesson.chances),
            preferences::confirmed_on.eq(confirmed_on),
            preferences::noted_stay_id.eq(lesson.last.1),
        ))
        .execute(conn)?;
    Ok(true)
}

fn insert(conn: &mut Conn, lesson: &Lesson) -> QueryResult<i64> {
    let (noted_on, stay_id, guest_id, property_id) = lesson.last;
    NewPreference {
        guest_id,
        code: lesson.feature.code,
        strength: lesson.strength,
        source: lesson.source,
        property_id: None,
        noted_at: Some(property_id),
        stay_id: Some(stay_id),
        noted_on,
        noted_by: None,
        note: None,
        seen: (lesson.times, lesson.chances),
    }
    .insert(conn)
}

/// Stays no longer bear it out. Nobody said that it is wrong: they may again.
fn withdraw(conn: &mut Conn, gone: &Preference) -> QueryResult<()> {
    diesel::update(preferences::table.find(gone.id))
        .set((
            preferences::retired_at.eq(clock::now()),
            preferences::retired_as.eq(Ending::Unfounded),
        ))
        .execute(conn)?;
    Ok(())
}
