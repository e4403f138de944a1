//! A restaurant or bar of a house: its services, and the days it is closed.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{dining_closures, dining_services, outlets};
use crate::text_enum;

/// A restaurant or bar.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = outlets)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Outlet {
    pub id: i64,
    pub property_id: i64,
    pub code: String,
    pub name: String,
    pub width: i64,
    pub height: i64,
}

impl Outlet {
    /// The outlet with that code.
    pub fn by_code(conn: &mut Conn, code: &str) -> QueryResult<Option<Self>> {
        outlets::table
            .filter(outlets::code.eq(code))
            .select(Self::as_select())
            .first(conn)
            .optional()
    }

    /// The outlets of a house, the oldest first.
    pub fn of_house(conn: &mut Conn, property_id: i64) -> QueryResult<Vec<Self>> {
        outlets::table
            .filter(outlets::property_id.eq(property_id))
            .order(outlets::id)
            .select(Self::as_select())
            .load(conn)
    }
}

text_enum! {
    /// What is served.
    pub enum Meal {
        /// In the morning.
        Breakfast = "breakfast",
        /// At noon.
        Lunch = "lunch",
        /// In the afternoon.
        Tea = "tea",
        /// In the evening.
        Dinner = "dinner",
        /// At night.
        Late = "late",
    }
}

/// A service period: when a meal is served, and how long a table is usually sat at.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = dining_services)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Service {
    pub id: i64,
    pub outlet_id: i64,
    pub meal: Meal,
    pub weekdays: i64,
    pub opens_at: i64,
    pub closes_at: i64,
    pub turn_small: i64,
    pub turn_middle: i64,
    pub turn_large: i64,
}

impl Service {
    /// Whether it takes place on a date.
    pub fn runs_on(&self, date: NaiveDate) -> bool {
        self.weekdays >> date.weekday().num_days_from_monday() & 1 == 1
    }

    /// Minutes a party of that size is planned to sit.
    pub fn turn(&self, covers: i64) -> i64 {
        match covers {
            ..=2 => self.turn_small,
            3 | 4 => self.turn_middle,
            _ => self.turn_large,
        }
    }
}

/// When an outlet is open.
#[derive(Clone, Debug, Default)]
pub struct Hours {
    /// Its services, by the time they open.
    pub services: Vec<Service>,
    /// The days it is closed.
    pub closed: Vec<NaiveDate>,
}

/// A service on one of its days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sitting<'a> {
    /// The service.
    pub service: &'a Service,
    /// The date it opens on.
    pub date: NaiveDate,
    /// Whether it is open now, and not only the next to come.
    pub open: bool,
}

impl Hours {
    /// Reads the services and the closures from a date on.
    pub fn load(conn: &mut Conn, outlet_id: i64, from: NaiveDate) -> QueryResult<Self> {
        let services = dining_services::table
            .filter(dining_services::outlet_id.eq(outlet_id))
            .order((dining_services::opens_at, dining_services::id))
            .select(Service::as_select())
            .load(conn)?;
        let closed = dining_closures::table
            .filter(dining_closures::outlet_id.eq(outlet_id))
            .filter(dining_closures::on_date.ge(from))
            .order(dining_closures::on_date)
            .select(dining_closures::on_date)
            .load(conn)?;
        Ok(Self { services, closed })
    }

    /// The services of a date, in the order of the day.
    pub fn on(&self, date: NaiveDate) -> impl Iterator<Item = &Service> {
        let open = !self.closed.contains(&date);
        self.services
            .iter()
            .filter(move |service| open && service.runs_on(date))
    }

    /// The service that is open at a time on the wall, or the next to open within a week.
    pub fn at(&self, local: NaiveDateTime) -> Option<Sitting<'_>> {
        let yesterday = local.date().pred_opt()?;
        let open = [yesterday, local.date()].into_iter().find_map(|date| {
            let minutes = minutes_into(date, local);
            let mut open = self.on(date);
            let service = open.find(|s| (s.opens_at..s.closes_at).contains(&minutes))?;
            Some(Sitting {
                service,
                date,
                open: true,
            })
        });
        open.or_else(|| {
            local.date().iter_days().take(8).find_map(|date| {
                let minutes = minutes_into(date, local);
                let service = self.on(date).find(|s| s.opens_at >= minutes)?;
                Some(Sitting {
                    service,
                    date,
                    open: false,
                })
            })
        })
    }

    /// The service that takes place on a date at so many minutes after its midnight.
    pub fn sitting(&self, date: NaiveDate, minutes: i64) -> Option<Sitting<'_>> {
        let service = self
            .on(date)
            .find(|s| (s.opens_at..s.closes_at).contains(&minutes))?;
        Some(Sitting {
            service,
            date,
            open: true,
        })
    }

    /// The next day on which it is open.
    pub fn next_open(&self, after: NaiveDate) -> Option<NaiveDate> {
        let days = (1..=14).filter_map(|days| after.checked_add_days(Days::new(days)));
        days.into_iter().find(|day| self.on(*day).next().is_some())
    }
}

/// Minutes from a date's midnight to a time on the wall.
pub fn minutes_into(date: NaiveDate, local: NaiveDateTime) -> i64 {
    (local - date.and_time(NaiveTime::MIN)).num_minutes()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::dining) fn service(meal: Meal, opens_at: i64, closes_at: i64) -> Service {
        Service {
            id: opens_at,
            outlet_id: 1,
            meal,
            weekdays: 0b11_1111,
            opens_at,
            closes_at,
            turn_small: 90,
            turn_middle: 105,
            turn_large: 120,
        }
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_belongs_to_the_service_that_is_open_or_to_the_next() {
        let saturday: NaiveDate = "2026-11-21".parse().unwrap();
        let hours = Hours {
            services: vec![
                service(Meal::Breakfast, 390, 630),
                service(Meal::Dinner, 1050, 1350),
                service(Meal::Late, 1350, 1500),
            ],
            closed: vec!["2026-11-23".parse().unwrap()],
        };
        let at = |text: &str| {
            let sitting = hours.at(local(text)).unwrap();
            (sitting.service.meal, sitting.date, sitting.open)
        };
        assert_eq!(at("2026-11-21T18:52:00"), (Meal::Dinner, saturday, true));
        assert_eq!(at("2026-11-21T12:00:00"), (Meal::Dinner, saturday, false));
        // After midnight it is still the night of the day before.
        assert_eq!(at("2026-11-22T00:30:00"), (Meal::Late, saturday, true));
        // Sunday has no service, Monday is closed.
        let tuesday = "2026-11-24".parse().unwrap();
        assert_eq!(at("2026-11-22T09:00:00"), (Meal::Breakfast, tuesday, false));
        assert_eq!(hours.next_open(saturday), Some(tuesday));
    }
}
