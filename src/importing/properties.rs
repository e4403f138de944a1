//! The properties file.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use diesel::prelude::*;

use super::cells::{Cells, Parsed, Rejection};
use super::run::{Context, FileKind, Outcome};
use crate::db::Conn;
use crate::db::schema::{earn_rules, properties, room_types};
use crate::words::minor_digits;

/// Departments in which a stay earns points; other charges (parking, phone) do not.
const EARNING: [&str; 4] = ["room", "food", "spa", "minibar"];

pub(super) struct File {
    now: NaiveDateTime,
}

impl File {
    pub(super) fn new(context: Context) -> Self {
        Self { now: context.now }
    }
}

pub(super) struct Row {
    code: String,
    given: Given,
}

/// What the row says; as a changeset, nothing leaves the column alone.
#[derive(AsChangeset, Clone)]
#[diesel(table_name = properties)]
struct Given {
    name: Option<String>,
    time_zone: Option<String>,
    currency: Option<String>,
    country: Option<String>,
    language: Option<String>,
}

type Stored = (i64, String, String, String, Option<String>, String);

impl FileKind for File {
    type Row = Row;
    const COLUMNS: &'static [&'static str] = &[
        "property",
        "name",
        "time_zone",
        "currency",
        "country",
        "language",
    ];
    const REQUIRED: &'static [&'static str] = &["property"];

    fn parse(&mut self, cells: Cells<'_>, _line: u64) -> Parsed<Row> {
        let time_zone = cells.text("time_zone")?;
        if let Some(zone) = &time_zone
            && zone.parse::<Tz>().is_err()
        {
            return Err(Rejection::new(
                "time_zone",
                format!("'{zone}' is not a time zone; write an IANA name, such as Europe/Lisbon"),
            ));
        }
        Ok(Row {
            code: cells.key("property", 32)?,
            given: Given {
                name: cells.text("name")?,
                time_zone,
                currency: cells.currency("currency")?,
                country: cells.country("country")?,
                language: cells.language("language")?,
            },
        })
    }

    fn key(row: &Row) -> String {
        row.code.clone()
    }

    fn apply(&mut self, conn: &mut Conn, rows: &[Row]) -> QueryResult<Vec<Outcome>> {
        let stored: Vec<(String, Stored)> = properties::table
            .filter(properties::code.eq_any(rows.iter().map(|row| &row.code)))
            .select((
                properties::code,
                (
                    properties::id,
                    properties::name,
                    properties::time_zone,
                    properties::currency,
                    properties::country,
                    properties::language,
                ),
            ))
            .load(conn)?;
        let stored: HashMap<String, Stored> = stored.into_iter().collect();
        rows.iter()
            .map(|row| match stored.get(&row.code) {
                None => self.insert(conn, row),
                Some(stored) => update(conn, row, stored),
            })
            .collect()
    }
}

impl File {
    fn insert(&self, conn: &mut Conn, row: &Row) -> QueryResult<Outcome> {
        let given = &row.given;
        let missing = |column: &str| {
            let reason = format!("is empty; the new property '{}' needs it", row.code);
            Ok(Outcome::Rejected(Rejection::new(column, reason)))
        };
        let Some(name) = &given.name else {
            return missing("name");
        };
        let Some(time_zone) = &given.time_zone else {
            return missing("time_zone");
        };
        let Some(currency) = &given.currency else {
            return missing("currency");
        };
        diesel::insert_into(properties::table)
            .values((
                properties::code.eq(&row.code),
                properties::name.eq(name),
                properties::time_zone.eq(time_zone),
                properties::currency.eq(currency),
                properties::country.eq(&given.country),
                properties::language.eq(given.language.as_deref().unwrap_or("en")),
                properties::created_at.eq(self.now),
            ))
            .execute(conn)?;
        add_earn_rules(conn, currency)?;
        Ok(Outcome::New)
    }
}

fn update(conn: &mut Conn, row: &Row, stored: &Stored) -> QueryResult<Outcome> {
    let (id, name, time_zone, currency, country, language) = stored;
    let given = &row.given;
    let same = |new: &Option<String>, old: &str| new.as_deref().is_none_or(|new| new == old);
    let same_currency = same(&given.currency, currency);
    let is_same = same(&given.name, name)
        && same(&given.time_zone, time_zone)
        && same_currency
        && same(&given.country, country.as_deref().unwrap_or_default())
        && same(&given.language, language);
    if is_same {
        return Ok(Outcome::Unchanged);
    }
    let priced: i64 = room_types::table
        .filter(room_types::property_id.eq(id))
        .count()
        .get_result(conn)?;
    if !same_currency && priced > 0 {
        let reason = format!(
            "'{}' has rates in {currency}; its currency can no longer change",
            row.code
        );
        return Ok(Outcome::Rejected(Rejection::new("currency", reason)));
    }
    diesel::update(properties::table.find(id))
        .set(given.clone())
        .execute(conn)?;
    if let Some(currency) = &given.currency {
        add_earn_rules(conn, currency)?;
    }
    Ok(Outcome::Changed)
}

/// The programme's rule to begin with, for a currency it does not know: a point for each unit of money,
/// or for each hundred where the unit is small (JPY, KRW).
pub(crate) fn add_earn_rules(conn: &mut Conn, currency: &str) -> QueryResult<()> {
    let known: i64 = earn_rules::table
        .filter(earn_rules::currency.eq(currency))
        .count()
        .get_result(conn)?;
    if known > 0 {
        return Ok(());
    }
    let points = if minor_digits(currency) == Some(0) {
        1
    } else {
        100
    };
    for department in EARNING {
        diesel::insert_into(earn_rules::table)
            .values((
                earn_rules::department.eq(department),
                earn_rules::currency.eq(currency),
                earn_rules::points_per_hundred.eq(points),
            ))
            .execute(conn)?;
    }
    Ok(())
}
