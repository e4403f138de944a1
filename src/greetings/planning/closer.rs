//! What is done about the occasions of some persons: who they are, what speaks against it, and what a letter tells.

use std::collections::HashMap;

use chrono::{Datelike, TimeDelta};
use diesel::prelude::*;

use super::super::known::{self, Person};
use super::super::letter::{self, Facts};
use super::super::plan::{self, Known, WhyNot};
use super::super::{Occasion, State, membership, zones};
use super::due::Due;
use super::{Letter, Line, Plan, When};
use crate::db::Conn;
use crate::guests::preferences::{self, Preference};
use crate::properties::Property;
use crate::stays::Status;
use crate::stays::history::{self, PastStay};
use crate::words::Language;

impl Plan {
    /// Decides about some persons with an occasion.
    pub(super) fn closer(
        &self,
        conn: &mut Conn,
        due: &[(i64, Vec<Due>)],
        lines: &mut Vec<Line>,
    ) -> QueryResult<()> {
        let persons: Vec<i64> = due.iter().map(|(person, _)| *person).collect();
        let known = known::of_persons(conn, &persons, self.day, &[])?;
        let mut history: HashMap<i64, Vec<PastStay>> = HashMap::new();
        for stay in history::of_persons(conn, &persons)? {
            history.entry(stay.person_id).or_default().push(stay);
        }
        let asked: Vec<i64> = due
            .iter()
            .filter(|(_, due)| {
                due.iter()
                    .any(|due| due.occasion == Occasion::BeforeArrival)
            })
            .map(|(person, _)| *person)
            .collect();
        let mut wishes: HashMap<i64, Vec<Preference>> = HashMap::new();
        if !asked.is_empty() {
            for wish in preferences::of_persons(conn, &asked)? {
                wishes.entry(wish.person_id).or_default().push(wish);
            }
        }
        for (id, due) in due {
            let Some(person) = known.get(id) else {
                continue;
            };
            let past = history.get(id).map(Vec::as_slice).unwrap_or_default();
            let wishes = wishes.get(id).map(Vec::as_slice).unwrap_or_default();
            self.decide(person, due, past, wishes, lines);
        }
        Ok(())
    }

    /// Decides about one person.
    fn decide(
        &self,
        person: &Person,
        due: &[Due],
        past: &[PastStay],
        wishes: &[Preference],
        lines: &mut Vec<Line>,
    ) {
        let stayed = past.iter().find(|stay| stay.counts());
        let usual = stayed.map_or(self.first_house, |stay| stay.property_id);
        let of_house = |due: &Due| {
            let id = due.stay.as_ref().map_or(usual, |stay| stay.property_id);
            self.houses.iter().find(|house| house.id == id)
        };
        let ours: Vec<(&Due, &Property)> = due
            .iter()
            .filter_map(|due| Some((due, of_house(due)?)))
            .filter(|(due, house)| {
                due.festival
                    .is_none_or(|festival| self.festivals(house.id).contains(&festival))
            })
            .filter(|(due, _)| !self.is_told(&person.known, due))
            .collect();
        let occasions: Vec<Occasion> = ours.iter().map(|(due, _)| due.occasion).collect();
        let verdict = plan::decide(&person.known, &occasions, &self.settings);
        let line = |index: usize, outcome: Result<Letter, WhyNot>| {
            let (due, house) = ours.get(index)?;
            Some(Line {
                guest_id: person.guest.person_id,
                guest: person.guest.public_id.clone(),
                name: person.guest.name(),
                property_id: house.id,
                occasion: due.occasion,
                outcome,
            })
        };
        let letter = verdict.send.and_then(|index| {
            let (due, house) = ours.get(index)?;
            line(index, Ok(self.letter(person, due, house, past, wishes)?))
        });
        lines.extend(letter);
        lines.extend(
            verdict
                .refused
                .iter()
                .filter_map(|(index, why)| line(*index, Err(*why))),
        );
    }

    /// Whether an occasion that falls on several days had its letter on one before.
    fn is_told(&self, known: &Known, due: &Due) -> bool {
        let since = match (due.lapsing, &due.raised) {
            (Some(_), _) => self.day - TimeDelta::days(membership::GRACE),
            (None, Some(raised)) => raised.on,
            (None, None) => return false,
        };
        let mut told = known.told.iter();
        told.any(|(occasion, on)| *occasion == due.occasion && *on > since)
    }

    /// What a letter tells, to where and when.
    fn letter(
        &self,
        person: &Person,
        due: &Due,
        house: &Property,
        past: &[PastStay],
        wishes: &[Preference],
    ) -> Option<Letter> {
        let guest = &person.guest;
        let language = letter::language_for(guest.language.as_deref(), &house.language);
        let sampled = due.occasion.is_compared()
            && plan::is_held_back(
                guest.person_id,
                self.day.year(),
                self.settings.held_back_percent,
            );
        let due_at = match self.when {
            When::AtOnce => self.now,
            When::DecentHour => {
                let zone = zones::of_guest(guest.country.as_deref(), &house.time_zone);
                let at = zones::moment(self.day, self.settings.hour, zone);
                if at < self.now {
                    zones::decent(self.now, self.settings.hour, zone)
                } else {
                    at
                }
            }
        };
        Some(Letter {
            stay_id: due.stay.as_ref().map(|stay| stay.id),
            mailbox: person.mailbox.clone()?,
            language,
            facts: facts(person, due, house, language, past, wishes),
            state: if sampled {
                State::HeldBack
            } else {
                State::Queued
            },
            due_at,
            expires_at: due_at
                + TimeDelta::hours(if due.occasion.is_about_stay() { 36 } else { 24 }),
        })
    }
}

/// What a letter tells.
fn facts(
    person: &Person,
    due: &Due,
    house: &Property,
    language: Language,
    past: &[PastStay],
    wishes: &[Preference],
) -> Facts {
    let last = past.iter().find(|stay| stay.status == Status::Departed);
    let last = last.map(|stay| (stay.arrival, stay.departure));
    let stay = due.stay.as_ref();
    let of_stay = stay.map(|stay| (stay.arrival, stay.departure)).or(last);
    Facts {
        name: language.words().tell(&person.guest.addressed()),
        house: house.name.clone(),
        years: due.years,
        festival: due.festival,
        arrival: of_stay.map(|stay| stay.0),
        departure: of_stay.map(|stay| stay.1),
        arrival_time: stay.and_then(|stay| stay.arrival_time),
        room: loved_room(past, house.id),
        points: due.lapsing.map(|lapsing| lapsing.points),
        lapse_from: due.lapsing.map(|lapsing| lapsing.from),
        lapse_to: due.lapsing.map(|lapsing| lapsing.to),
        tier: due.raised.as_ref().map(|raised| raised.tier.clone()),
        bonus: due.raised.as_ref().map(|raised| raised.bonus),
        wishes: to_confirm(wishes, house.id),
    }
}

/// The room somebody had most often in a house, and more than once; of two, the one they had last.
fn loved_room(past: &[PastStay], property_id: i64) -> Option<String> {
    let mut times: Vec<(&str, usize)> = Vec::new();
    let here = past
        .iter()
        .filter(|stay| stay.property_id == property_id && stay.counts());
    for room in here.filter_map(|stay| stay.room.as_deref()) {
        match times.iter_mut().find(|(known, _)| *known == room) {
            Some((_, count)) => *count += 1,
            None => times.push((room, 1)),
        }
    }
    let most = times
        .iter()
        .map(|(_, count)| *count)
        .max()
        .filter(|count| *count > 1)?;
    let room = times.iter().find(|(_, count)| *count == most);
    room.map(|(room, _)| (*room).to_owned())
}

/// The wishes a letter may name: about bed, view and table; never a need, which may tell of somebody's health.
fn to_confirm(wishes: &[Preference], property_id: i64) -> Vec<String> {
    use crate::vocabulary::Kind::{Bed, Location, Table, View};
    let mut codes: Vec<String> = Vec::new();
    for wish in wishes {
        let may_be_named = wish.feature().is_some_and(|feature| {
            !feature.need && matches!(feature.kind, Bed | Location | Table | View)
        });
        let holds_here = wish.property_id.is_none_or(|id| id == property_id);
        if may_be_named && holds_here && wish.is_wanted() && !codes.contains(&wish.code) {
            codes.push(wish.code.clone());
        }
    }
    codes.truncate(5);
    codes
}
