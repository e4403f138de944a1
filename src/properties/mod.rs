//! The houses: their names, zones, and the business date each is living in.

pub mod reference;

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::properties;

pub use reference::Reference;

/// A hotel.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = properties)]
pub struct Property {
    /// Its id.
    pub id: i64,
    /// The code it goes by in files and on the command line.
    pub code: String,
    /// Its name.
    pub name: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// ISO 4217 code of what it charges in.
    pub currency: String,
    /// ISO 3166-1 alpha-2, where it is known.
    pub country: Option<String>,
    /// BCP 47 tag of the house's language.
    pub language: String,
    /// Minutes after local midnight at which its business date rolls.
    pub day_starts_at: i64,
    /// When it expects its guests and lets them go.
    #[diesel(embed)]
    pub times: Times,
}

/// When a house expects its guests and lets them go, in minutes after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = properties)]
pub struct Times {
    /// When guests are expected who told no time.
    pub check_in_at: i64,
    /// When departing guests are gone.
    pub check_out_at: i64,
    /// What making up a room takes, in minutes.
    pub make_up_minutes: i64,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            check_in_at: 15 * 60,
            check_out_at: 12 * 60,
            make_up_minutes: 90,
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "in {} out {} make-up {}",
            self.check_in_at, self.check_out_at, self.make_up_minutes
        )
    }
}

impl Times {
    /// Stores them. Call it inside a write transaction.
    pub fn save(&self, conn: &mut Conn, property_id: i64) -> QueryResult<()> {
        diesel::update(properties::table.find(property_id))
            .set(self)
            .execute(conn)
            .map(drop)
    }
}

impl Property {
    /// The country that a phone number without a country code is meant in.
    pub fn calling_from(&self) -> Option<&str> {
        self.country
            .as_deref()
            .or_else(|| self.language.split('-').nth(1))
    }

    /// All houses, the oldest first.
    pub fn all(conn: &mut Conn) -> QueryResult<Vec<Self>> {
        properties::table
            .order(properties::id)
            .select(Self::as_select())
            .load(conn)
    }

    /// The hotel's day at a moment: it rolls at night audit, in the house's zone.
    pub fn business_date(&self, now: NaiveDateTime) -> NaiveDate {
        (self.local(now) - TimeDelta::minutes(self.day_starts_at)).date()
    }

    /// What the clock on the house's wall shows.
    pub fn local(&self, at: NaiveDateTime) -> NaiveDateTime {
        // An unknown zone can't be stored by import; should one be, the clock shows UTC.
        let zone: chrono_tz::Tz = self.time_zone.parse().unwrap_or(chrono_tz::UTC);
        DateTime::<Utc>::from_naive_utc_and_offset(at, Utc)
            .with_timezone(&zone)
            .naive_local()
    }

    /// The moment at which the clock on the house's wall shows so many minutes after a date's midnight; 1500 is one in
    /// the morning after. In the hour that a spring skips, the hour after it.
    pub fn moment(&self, date: NaiveDate, minutes: i64) -> NaiveDateTime {
        let zone: chrono_tz::Tz = self.time_zone.parse().unwrap_or(chrono_tz::UTC);
        let shown = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes);
        let moment = zone.from_local_datetime(&shown).earliest().or_else(|| {
            zone.from_local_datetime(&(shown + TimeDelta::hours(1)))
                .earliest()
        });
        moment.map_or(shown, |moment| moment.naive_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(time_zone: &str) -> Property {
        Property {
            id: 1,
            code: "RIV".into(),
            name: "Riverside".into(),
            time_zone: time_zone.into(),
            country: None,
            currency: "CNY".into(),
            language: "zh-CN".into(),
            day_starts_at: 240,
            times: Times::default(),
        }
    }

    #[test]
    fn a_time_on_the_wall_is_a_moment_also_where_a_spring_skips_it() {
        let day: NaiveDate = "2026-03-29".parse().unwrap();
        let at = |zone: &str, minutes| house(zone).moment(day, minutes).to_string();
        assert_eq!(at("Asia/Shanghai", 19 * 60), "2026-03-29 11:00:00");
        assert_eq!(at("Europe/Berlin", 150), "2026-03-29 01:30:00");
        assert_eq!(at("Europe/Berlin", 25 * 60), "2026-03-29 23:00:00");
    }

    #[test]
    fn the_business_date_rolls_at_night_audit_in_the_houses_zone() {
        let house = house("Asia/Shanghai");
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        assert_eq!(
            house.business_date(at("2026-11-20T19:59:00")).to_string(),
            "2026-11-20"
        );
        assert_eq!(
            house.business_date(at("2026-11-20T20:00:00")).to_string(),
            "2026-11-21"
        );
    }
}
