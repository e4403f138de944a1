//! Which occasions fall on the day, person by person.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;

use super::super::Occasion;
use super::super::festivals::{self, Festival};
use super::super::membership::{self, Lapsing, Raised};
use super::super::occasion::{self, Rhythm};
use super::Plan;
use crate::db::Conn;
use crate::db::schema::{guests, stays};
use crate::stays::Status;

/// Profiles read at once.
const WINDOW: i64 = 20_000;

/// A stay that is an occasion.
#[derive(Clone, Debug)]
pub(super) struct Booked {
    pub id: i64,
    pub property_id: i64,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
    pub arrival_time: Option<i64>,
}

/// An occasion that falls on the day.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub occasion: Occasion,
    pub years: Option<i64>,
    pub stay: Option<Booked>,
    pub festival: Option<Festival>,
    pub lapsing: Option<Lapsing>,
    pub raised: Option<Raised>,
}

impl Due {
    fn of(occasion: Occasion) -> Self {
        Self {
            occasion,
            years: None,
            stay: None,
            festival: None,
            lapsing: None,
            raised: None,
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

/// Persons with what falls on their day.
pub(super) type OfPersons = Vec<(i64, Vec<Due>)>;

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
    pub(super) fn due(
        &self,
        conn: &mut Conn,
        stays: &Stays,
        after: i64,
    ) -> QueryResult<(OfPersons, Option<i64>)> {
        let (births, last) = self.births(conn, after)?;
        let Some(last) = last else {
            return Ok((Vec::new(), None));
        };
        let mut due: BTreeMap<i64, Vec<Due>> = BTreeMap::new();
        self.keep(births, &mut due);
        for (person, rhythm) in self.rhythms(conn, after, last)? {
            let years = occasion::years_on(rhythm.first_arrival, self.day);
            let is_missed = rhythm.missed_on(self.settings.miss_percent) == Some(self.day);
            let anniversary = years.map(|years| Due {
                years: Some(years.into()),
                ..Due::of(Occasion::Anniversary)
            });
            let missed = is_missed.then(|| Due::of(Occasion::MissYou));
            let mut own = anniversary.into_iter().chain(missed).peekable();
            if own.peek().is_some() {
                due.entry(person).or_default().extend(own);
            }
        }
        for (person, lapsing) in self.lapsing(conn, after, last)? {
            due.entry(person).or_default().push(Due {
                lapsing: Some(lapsing),
                ..Due::of(Occasion::PointsExpiring)
            });
        }
        for (person, raised) in membership::raised(conn, (after + 1, last), self.day)? {
            due.entry(person).or_default().push(Due {
                raised: Some(raised),
                ..Due::of(Occasion::TierReached)
            });
        }
        for (person, own) in &stays.0 {
            if (after + 1..=last).contains(person) {
                due.entry(*person).or_default().extend(own.iter().cloned());
            }
        }
        Ok((due.into_iter().collect(), Some(last)))
    }

    /// Birthdays and festivals.
    fn keep(&self, births: BTreeMap<i64, Keeps>, due: &mut BTreeMap<i64, Vec<Due>>) {
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
    }

    /// Whose points lapse soon.
    fn lapsing(&self, conn: &mut Conn, after: i64, last: i64) -> QueryResult<Vec<(i64, Lapsing)>> {
        let until = self.day + TimeDelta::days(self.settings.expiry_days);
        let lapsing = membership::lapsing(conn, (after + 1, last), self.day, until)?;
        let enough = |lapsing: &Lapsing| {
            lapsing.points >= self.settings.least_points
                && lapsing.to > until - TimeDelta::days(membership::GRACE)
        };
        Ok(lapsing.into_iter().filter(|(_, own)| enough(own)).collect())
    }

    /// The festivals that guests of a house are greeted on.
    pub(super) fn festivals(&self, property_id: i64) -> Vec<Festival> {
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
}
