//! The night's plan: persons window by window, so that a million of them need no more memory than some thousands.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;
use uuid::Uuid;

use super::festivals::{self, Festival};
use super::known::{self, Person};
use super::letter::{self, Facts};
use super::occasion::{self, Rhythm};
use super::plan::{self, WhyNot};
use super::settings::Settings;
use super::{Occasion, State, zones};
use crate::db::Conn;
use crate::db::schema::{greetings, guests, stays};
use crate::guests::preferences::{self, Preference};
use crate::insert_missing;
use crate::properties::Property;
use crate::stays::Status;
use crate::stays::history::{self, PastStay};
use crate::words::Language;

/// Profiles read at once.
const WINDOW: i64 = 20_000;
/// Persons with an occasion who are looked at more closely at once.
const CLOSER: usize = 500;

/// When the letters of a plan may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At a decent hour where the guest lives.
    DecentHour,
    /// As soon as they are planned: somebody asked for that day by hand.
    AtOnce,
}

/// What is planned.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whose day.
    pub day: NaiveDate,
    /// The houses whose letters these are.
    pub houses: Vec<Property>,
    /// Who writes to a guest that has not stayed yet.
    pub first_house: i64,
    /// What was decided.
    pub settings: Settings,
    /// When the letters may go.
    pub when: When,
    /// Now.
    pub now: NaiveDateTime,
}

/// One occasion of one person, and what is done about it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The person.
    pub guest_id: i64,
    /// By the id that leaves the house.
    pub guest: String,
    /// Their name.
    pub name: String,
    /// The house that would write.
    pub property_id: i64,
    /// Why.
    pub occasion: Occasion,
    /// The letter, or why there is none.
    pub outcome: Result<Letter, WhyNot>,
}

/// A letter to be stored.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The stay it is about.
    pub stay_id: Option<i64>,
    /// As it is written to, and folded.
    pub mailbox: known::Mailbox,
    /// In which language.
    pub language: Language,
    /// What it tells.
    pub facts: Facts,
    /// Queued, or held back.
    pub state: State,
    /// Not before.
    pub due_at: NaiveDateTime,
    /// Not after.
    pub expires_at: NaiveDateTime,
}

/// A stay that is an occasion.
#[derive(Clone, Debug)]
struct Booked {
    id: i64,
    property_id: i64,
    arrival: NaiveDate,
    departure: NaiveDate,
    arrival_time: Option<i64>,
}

/// An occasion that falls on the day.
#[derive(Clone, Debug)]
struct Due {
    occasion: Occasion,
    years: Option<i64>,
    stay: Option<Booked>,
    festival: Option<Festival>,
}

impl Due {
    fn of(occasion: Occasion) -> Self {
        Self {
            occasion,
            years: None,
            stay: None,
            festival: None,
        }
    }
}

/// What tells which days a person keeps.
#[derive(Default)]
struct Keeps {
    born: Option<NaiveDate>,
    country: Option<String>,
    language: Option<String>,
}

/// The stays that are occasions of the day, by person: as many as the houses have arrivals and departures.
#[derive(Default)]
pub struct Stays(HashMap<i64, Vec<Due>>);

impl Plan {
    /// The stays that are occasions of this day.
    pub fn stays(&self, conn: &mut Conn) -> QueryResult<Stays> {
        let mut found = Stays::default();
        let houses: Vec<i64> = self.houses.iter().map(|house| house.id).collect();
        let days = TimeDelta::days;
        let kinds = [
            (
                Occasion::BeforeArrival,
                Status::Reserved,
                self.day + days(self.settings.days_before),
            ),
            (Occasion::Welcome, Status::InHouse, self.day - days(1)),
            (
                Occasion::AfterDeparture,
                Status::Departed,
                self.day - days(self.settings.days_after),
            ),
        ];
        for (occasion, status, day) in kinds {
            let query = stays::table
                .inner_join(guests::table)
                .filter(stays::property_id.eq_any(&houses))
                .filter(stays::status.eq(status))
                .order((stays::arrival, stays::id))
                .select((
                    guests::person_id,
                    stays::id,
                    stays::property_id,
                    stays::arrival,
                    stays::departure,
                    stays::arrival_time,
                ))
                .into_boxed();
            let query = match occasion {
                Occasion::AfterDeparture => query.filter(stays::departure.eq(day)),
                _ => query.filter(stays::arrival.eq(day)),
            };
            type Row = (i64, i64, i64, NaiveDate, NaiveDate, Option<i64>);
            for (person, id, property_id, arrival, departure, arrival_time) in
                query.load::<Row>(conn)?
            {
                let stay = Some(Booked {
                    id,
                    property_id,
                    arrival,
                    departure,
                    arrival_time,
                });
                let due = Due {
                    stay,
                    ..Due::of(occasion)
                };
                found.0.entry(person).or_default().push(due);
            }
        }
        Ok(found)
    }

    /// The occasions of the persons after one, and the last person looked at; none where there is nobody after.
    pub fn window(
        &self,
        conn: &mut Conn,
        stays: &Stays,
        after: i64,
    ) -> QueryResult<(Vec<Line>, Option<i64>)> {
        let (births, last) = self.births(conn, after)?;
        let Some(last) = last else {
            return Ok((Vec::new(), None));
        };
        let mut due: BTreeMap<i64, Vec<Due>> = BTreeMap::new();
        let mut festivals: Vec<Festival> = self
            .houses
            .iter()
            .flat_map(|house| self.festivals(house.id))
            .collect();
        festivals.sort();
        festivals.dedup();
        for (person, keeps) in births {
            let years = keeps
                .born
                .and_then(|born| occasion::years_on(born, self.day));
            let birthday = years.map(|years| Due {
                years: Some(years.into()),
                ..Due::of(Occasion::Birthday)
            });
            let (country, language) = (keeps.country.as_deref(), keeps.language.as_deref());
            let kept = festivals
                .iter()
                .find(|festival| festival.is_kept_by(country, language, self.day));
            let festival = kept.map(|festival| Due {
                festival: Some(*festival),
                ..Due::of(Occasion::Festival)
            });
            let mut own = birthday.into_iter().chain(festival).peekable();
            if own.peek().is_some() {
                due.entry(person).or_default().extend(own);
            }
        }
        for (person, rhythm) in self.rhythms(conn, after, last)? {
            let years = occasion::years_on(rhythm.first_arrival, self.day);
            let is_missed = rhythm.missed_on(self.settings.miss_percent) == Some(self.day);
            let anniversary = years.map(|years| (Occasion::Anniversary, Some(years.into())));
            let missed = is_missed.then_some((Occasion::MissYou, None));
            for (occasion, years) in anniversary.into_iter().chain(missed) {
                let all = due.entry(person).or_default();
                all.push(Due {
                    years,
                    ..Due::of(occasion)
                });
            }
        }
        for (person, own) in &stays.0 {
            if (after + 1..=last).contains(person) {
                due.entry(*person).or_default().extend(own.iter().cloned());
            }
        }
        let due: Vec<(i64, Vec<Due>)> = due.into_iter().collect();
        let mut lines = Vec::new();
        for chunk in due.chunks(CLOSER) {
            self.closer(conn, chunk, &mut lines)?;
        }
        Ok((lines, Some(last)))
    }

    /// The festivals that guests of a house are greeted on.
    fn festivals(&self, property_id: i64) -> Vec<Festival> {
        let mut all = festivals::on(self.day, property_id, &self.settings.announced);
        all.retain(|festival| !self.settings.festivals_off.contains(festival));
        all
    }

    /// What the persons after one keep, and the last person read.
    fn births(
        &self,
        conn: &mut Conn,
        after: i64,
    ) -> QueryResult<(BTreeMap<i64, Keeps>, Option<i64>)> {
        type Row = (
            i64,
            Option<NaiveDate>,
            Option<String>,
            Option<String>,
            NaiveDateTime,
        );
        let mut rows: Vec<Row> = guests::table
            .filter(guests::person_id.gt(after))
            .order((guests::person_id, guests::id))
            .limit(WINDOW)
            .select((
                guests::person_id,
                guests::birth_date,
                guests::country,
                guests::language,
                guests::updated_at,
            ))
            .load(conn)?;
        let is_full = i64::try_from(rows.len()) == Ok(WINDOW);
        let last = rows.last().map(|row| row.0);
        // The last person's other profiles may lie beyond; a person of so many profiles is taken as they are.
        let is_one = rows.first().map(|row| row.0) == last;
        if is_full && !is_one {
            rows.retain(|row| Some(row.0) != last);
        }
        let last = rows.last().map(|row| row.0);
        // What the profile that changed last says, holds.
        rows.sort_by_key(|row| row.4);
        let mut kept: BTreeMap<i64, Keeps> = BTreeMap::new();
        for (person, born, country, language, _) in rows {
            let keeps = kept.entry(person).or_default();
            keeps.born = born.or(keeps.born);
            keeps.country = country.or(keeps.country.take());
            keeps.language = language.or(keeps.language.take());
        }
        Ok((kept, last))
    }

    /// How often these persons come.
    fn rhythms(&self, conn: &mut Conn, after: i64, last: i64) -> QueryResult<Vec<(i64, Rhythm)>> {
        let settings = &self.settings;
        if settings.pauses(Occasion::Anniversary) && settings.pauses(Occasion::MissYou) {
            return Ok(Vec::new());
        }
        type Row = (
            i64,
            Option<NaiveDate>,
            Option<NaiveDate>,
            Option<NaiveDate>,
            i64,
        );
        let rows: Vec<Row> = stays::table
            .inner_join(guests::table)
            .filter(guests::person_id.gt(after).and(guests::person_id.le(last)))
            .filter(stays::status.eq(Status::Departed))
            .group_by(guests::person_id)
            .select((
                guests::person_id,
                min(stays::arrival),
                max(stays::arrival),
                max(stays::departure),
                count_star(),
            ))
            .load(conn)?;
        let rhythms = rows
            .into_iter()
            .filter_map(|(person, first, last, departure, stays)| {
                let rhythm = Rhythm {
                    stays,
                    first_arrival: first?,
                    last_arrival: last?,
                    last_departure: departure?,
                };
                Some((person, rhythm))
            });
        Ok(rhythms.collect())
    }

    /// Decides about some persons with an occasion.
    fn closer(
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
        let last = past.iter().find(|stay| stay.status == Status::Departed);
        let facts = Facts {
            name: language.words().tell(&guest.addressed()),
            house: house.name.clone(),
            years: due.years,
            festival: due.festival,
            arrival: due
                .stay
                .as_ref()
                .map(|stay| stay.arrival)
                .or(last.map(|stay| stay.arrival)),
            departure: due
                .stay
                .as_ref()
                .map(|stay| stay.departure)
                .or(last.map(|stay| stay.departure)),
            arrival_time: due.stay.as_ref().and_then(|stay| stay.arrival_time),
            room: loved_room(past, house.id),
            wishes: to_confirm(wishes, house.id),
        };
        let sampled = !due.occasion.is_about_stay()
            && plan::is_held_back(
                guest.person_id,
                self.day.year(),
                self.settings.held_back_percent,
            );
        let due_at = match self.when {
            When::AtOnce => self.now,
            When::DecentHour => {
                let zone = zones::of_guest(guest.country.as_deref(), &house.time_zone);
                zones::moment(self.day, self.settings.hour, zone)
            }
        };
        Some(Letter {
            stay_id: due.stay.as_ref().map(|stay| stay.id),
            mailbox: person.mailbox.clone()?,
            language,
            facts,
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

#[derive(Insertable)]
#[diesel(table_name = greetings, treat_none_as_default_value = false)]
struct Row {
    public_id: String,
    guest_id: i64,
    property_id: i64,
    stay_id: Option<i64>,
    occasion: Occasion,
    due_on: NaiveDate,
    address: String,
    mailbox: String,
    language: Language,
    facts: String,
    state: State,
    next_try_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    planned_at: NaiveDateTime,
}

/// Stores the letters of a plan; those that are there already stay as they are. Call it inside a write transaction.
pub fn store(conn: &mut Conn, plan: &Plan, lines: &[Line]) -> QueryResult<usize> {
    let rows: Vec<Row> = lines
        .iter()
        .filter_map(|line| {
            let letter = line.outcome.as_ref().ok()?;
            Some(Row {
                public_id: Uuid::now_v7().to_string(),
                guest_id: line.guest_id,
                property_id: line.property_id,
                stay_id: letter.stay_id,
                occasion: line.occasion,
                due_on: plan.day,
                address: letter.mailbox.given.clone(),
                mailbox: letter.mailbox.folded.clone(),
                language: letter.language,
                facts: serde_json::to_string(&letter.facts).ok()?,
                state: letter.state,
                next_try_at: letter.due_at.max(plan.now),
                expires_at: letter.expires_at,
                planned_at: plan.now,
            })
        })
        .collect();
    Ok(insert_missing!(conn, greetings::table, rows))
}
