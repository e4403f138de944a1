//! The preferences file: wishes as another system knows them.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::cells::{Cells, Parsed, Rejection};
use super::houses::Houses;
use super::run::{Context, FileKind, Outcome};
use crate::db::Conn;
use crate::db::schema::preferences;
use crate::guests::preferences::{Source, Strength};
use crate::stays::reservation::guest_ids;

pub(super) struct File {
    context: Context,
    houses: Houses,
}

impl File {
    pub(super) fn load(conn: &mut Conn, context: Context) -> QueryResult<Self> {
        Ok(Self {
            houses: Houses::load(conn, context.now)?,
            context,
        })
    }
}

/// A row of the file.
#[allow(missing_docs, reason = "the columns of the file")]
pub struct Row {
    pub guest_id: String,
    pub code: String,
    pub strength: Option<Strength>,
    pub source: Source,
    pub property_id: Option<i64>,
    pub noted_on: Option<NaiveDate>,
    pub note: Option<String>,
}

/// A preference as it stands.
#[derive(Queryable, Selectable)]
#[diesel(table_name = preferences)]
struct Stored {
    id: i64,
    guest_id: i64,
    code: String,
    source: String,
    property_id: Option<i64>,
    strength: String,
    noted_on: NaiveDate,
    note: Option<String>,
    retired_at: Option<chrono::NaiveDateTime>,
}

impl FileKind for File {
    type Row = Row;
    const COLUMNS: &'static [&'static str] = &[
        "guest_id",
        "preference",
        "strength",
        "source",
        "property",
        "noted_on",
        "note",
    ];
    const REQUIRED: &'static [&'static str] = &["guest_id", "preference"];

    fn parse(&mut self, cells: Cells<'_>, _line: u64) -> Parsed<Row> {
        let property = cells.text("property")?;
        let noted_on = cells.date("noted_on")?;
        if let Some(date) =
            noted_on.filter(|date| *date > self.context.now.date() + chrono::Duration::days(1))
        {
            return Err(Rejection::new(
                "noted_on",
                format!("'{date}' is in the future; write the day it was noted"),
            ));
        }
        Ok(Row {
            guest_id: cells.key("guest_id", 64)?,
            code: cells.feature("preference")?,
            strength: cells.code("strength")?,
            source: cells.code("source")?.unwrap_or(Source::Imported),
            property_id: property
                .map(|code| self.houses.get(&code).map(|house| house.id))
                .transpose()?,
            noted_on,
            note: cells.note("note")?,
        })
    }

    fn key(row: &Row) -> String {
        format!(
            "{}/{}/{}/{:?}",
            row.guest_id, row.code, row.source, row.property_id
        )
    }

    fn apply(&mut self, conn: &mut Conn, rows: &[Row]) -> QueryResult<Vec<Outcome>> {
        let guests = guest_ids(
            conn,
            &self.context.source,
            rows.iter().map(|row| row.guest_id.as_str()),
        )?;
        store_all(conn, &self.context, &guests, rows)
    }
}

/// Stores rows of guests known by their keys, as another system knows their wishes; whether anything was new.
pub fn tell(
    conn: &mut Conn,
    context: &Context,
    guests: &HashMap<String, i64>,
    rows: &[Row],
) -> QueryResult<bool> {
    let outcomes = store_all(conn, context, guests, rows)?;
    Ok(outcomes
        .iter()
        .any(|outcome| matches!(outcome, Outcome::New | Outcome::Changed)))
}

fn store_all(
    conn: &mut Conn,
    context: &Context,
    guests: &HashMap<String, i64>,
    rows: &[Row],
) -> QueryResult<Vec<Outcome>> {
    let stored: Vec<Stored> = preferences::table
        .filter(preferences::guest_id.eq_any(guests.values()))
        .order(preferences::id)
        .select(Stored::as_select())
        .load(conn)?;
    let mut by_key: HashMap<(i64, &str, &str, Option<i64>), &Stored> = HashMap::new();
    for stored in &stored {
        by_key.insert(
            (
                stored.guest_id,
                &stored.code,
                &stored.source,
                stored.property_id,
            ),
            stored,
        );
    }
    rows.iter()
        .map(|row| {
            let Some(guest_id) = guests.get(&row.guest_id).copied() else {
                return Ok(Outcome::Rejected(Rejection::unknown_guest(
                    &row.guest_id,
                    &context.source,
                )));
            };
            let key = (
                guest_id,
                row.code.as_str(),
                row.source.as_str(),
                row.property_id,
            );
            row.store(conn, context, guest_id, by_key.get(&key).copied())
        })
        .collect()
}

impl Row {
    fn store(
        &self,
        conn: &mut Conn,
        context: &Context,
        guest_id: i64,
        stored: Option<&Stored>,
    ) -> QueryResult<Outcome> {
        let row = self;
        let today = context.now.date();
        // What a clerk retired stays retired, unless the file knows something newer.
        let is_retired = stored.is_some_and(|stored| stored.retired_at.is_some());
        let known = stored.filter(|stored| {
            !is_retired || row.noted_on.is_none_or(|date| date <= stored.noted_on)
        });
        let Some(known) = known else {
            diesel::insert_into(preferences::table)
                .values((
                    preferences::guest_id.eq(guest_id),
                    preferences::code.eq(&row.code),
                    preferences::strength.eq(row.strength.unwrap_or(Strength::Prefer)),
                    preferences::source.eq(row.source),
                    preferences::property_id.eq(row.property_id),
                    preferences::noted_on.eq(row.noted_on.unwrap_or(today)),
                    preferences::note.eq(&row.note),
                    preferences::created_at.eq(context.now),
                ))
                .execute(conn)?;
            return Ok(Outcome::New);
        };
        let is_same = row
            .strength
            .is_none_or(|strength| strength.as_str() == known.strength)
            && row.noted_on.is_none_or(|date| date == known.noted_on)
            && (row.note.is_none() || row.note == known.note);
        if is_same || is_retired {
            return Ok(Outcome::Unchanged);
        }
        diesel::update(preferences::table.find(known.id))
            .set((
                row.strength
                    .map(|strength| preferences::strength.eq(strength)),
                row.noted_on.map(|date| preferences::noted_on.eq(date)),
                row.note.as_ref().map(|note| preferences::note.eq(note)),
            ))
            .execute(conn)?;
        Ok(Outcome::Changed)
    }
}
