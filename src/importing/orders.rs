//! The orders file: lines of a restaurant's till, put to the party that sat at the table when they were rung up.

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::cells::{Cells, Parsed, Rejection};
use super::run::{Context, FileKind, Outcome};
use crate::db::Conn;
use crate::db::schema::{
    dining_orders, dining_tables, dining_visit_tables, dining_visits, dishes, outlets,
};
use crate::dining::Status;
use crate::dining::dishes::Course;
use crate::stays::reservation::guest_ids;

/// A line is rung up up to this long after the party has gone.
const AFTER: TimeDelta = TimeDelta::minutes(30);

pub(super) struct File {
    context: Context,
    /// Outlets by code.
    outlets: HashMap<String, i64>,
}

impl File {
    pub(super) fn load(conn: &mut Conn, context: Context) -> QueryResult<Self> {
        let all: Vec<(String, i64)> = outlets::table
            .select((outlets::code, outlets::id))
            .load(conn)?;
        Ok(Self {
            context,
            outlets: all.into_iter().collect(),
        })
    }
}

pub(super) struct Row {
    outlet_id: i64,
    outlet: String,
    line: String,
    ordered_at: NaiveDateTime,
    table: String,
    dish: String,
    dish_name: Option<String>,
    course: Option<Course>,
    quantity: i64,
    guest_id: Option<String>,
}

impl Row {
    /// The till's line under the outlet's name: that is what makes it arrive once.
    fn reference(&self) -> String {
        format!("{}/{}", self.outlet, self.line)
    }
}

impl FileKind for File {
    type Row = Row;
    const COLUMNS: &'static [&'static str] = &[
        "outlet",
        "line",
        "ordered_at",
        "table",
        "dish",
        "dish_name",
        "course",
        "quantity",
        "guest_id",
    ];
    const REQUIRED: &'static [&'static str] = &["outlet", "line", "ordered_at", "table", "dish"];

    fn parse(&mut self, cells: Cells<'_>, _line: u64) -> Parsed<Row> {
        let outlet = cells.required("outlet")?;
        let Some(outlet_id) = self.outlets.get(&outlet).copied() else {
            let reason =
                format!("'{outlet}' is no restaurant; set it up first, or correct its code");
            return Err(Rejection::new("outlet", reason));
        };
        let Some(ordered_at) = cells.instant("ordered_at")? else {
            return Err(Rejection::new(
                "ordered_at",
                "is empty; write RFC 3339 in UTC",
            ));
        };
        if ordered_at > self.context.now + TimeDelta::days(1) {
            let reason = format!("'{ordered_at}' is in the future; write when it was ordered");
            return Err(Rejection::new("ordered_at", reason));
        }
        Ok(Row {
            outlet_id,
            outlet,
            line: cells.key("line", 60)?,
            ordered_at,
            table: cells.key("table", 8)?,
            dish: cells.key("dish", 32)?,
            dish_name: cells
                .text("dish_name")?
                .map(|name| name.chars().take(100).collect()),
            course: cells.code("course")?,
            quantity: cells.whole("quantity", 1..=99)?.unwrap_or(1),
            guest_id: cells.text("guest_id")?,
        })
    }

    fn key(row: &Row) -> String {
        row.reference()
    }

    fn apply(&mut self, conn: &mut Conn, rows: &[Row]) -> QueryResult<Vec<Outcome>> {
        let named = rows.iter().filter_map(|row| row.guest_id.as_deref());
        let guests = guest_ids(conn, &self.context.source, named)?;
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in rows {
            outcomes.push(store(conn, row, &guests, &self.context.source)?);
        }
        Ok(outcomes)
    }
}

fn store(
    conn: &mut Conn,
    row: &Row,
    guests: &HashMap<String, i64>,
    source: &str,
) -> QueryResult<Outcome> {
    let guest_id = match &row.guest_id {
        None => None,
        Some(key) => match guests.get(key) {
            Some(id) => Some(*id),
            None => return Ok(Outcome::Rejected(Rejection::unknown_guest(key, source))),
        },
    };
    let Some(visit_id) = party(conn, row)? else {
        let reason = format!(
            "nobody is known to have sat at '{}' at {}; seat the party at the host stand, or correct table or time",
            row.table, row.ordered_at
        );
        return Ok(Outcome::Rejected(Rejection::new("table", reason)));
    };
    let dish_id = dish(conn, row)?;
    type Stored = (i64, i64, i64, i64, Option<i64>);
    let stored: Option<Stored> = dining_orders::table
        .filter(dining_orders::reference.eq(row.reference()))
        .select((
            dining_orders::id,
            dining_orders::visit_id,
            dining_orders::dish_id,
            dining_orders::quantity,
            dining_orders::guest_id,
        ))
        .first(conn)
        .optional()?;
    let given = (
        dining_orders::visit_id.eq(visit_id),
        dining_orders::dish_id.eq(dish_id),
        dining_orders::quantity.eq(row.quantity),
        dining_orders::ordered_at.eq(row.ordered_at),
    );
    match stored {
        None => {
            diesel::insert_into(dining_orders::table)
                .values((
                    given,
                    dining_orders::guest_id.eq(guest_id),
                    dining_orders::reference.eq(row.reference()),
                ))
                .execute(conn)?;
            Ok(Outcome::New)
        }
        Some((_, visit, dish, quantity, whose))
            if (visit, dish, quantity) == (visit_id, dish_id, row.quantity)
                && (guest_id.is_none() || whose == guest_id) =>
        {
            Ok(Outcome::Unchanged)
        }
        Some((id, _, _, _, whose)) => {
            diesel::update(dining_orders::table.find(id))
                .set((given, dining_orders::guest_id.eq(guest_id.or(whose))))
                .execute(conn)?;
            Ok(Outcome::Changed)
        }
    }
}

/// The party that sat at the table when the line was rung up, or had just left it.
fn party(conn: &mut Conn, row: &Row) -> QueryResult<Option<i64>> {
    dining_visits::table
        .inner_join(
            dining_visit_tables::table.on(dining_visit_tables::visit_id.eq(dining_visits::id)),
        )
        .inner_join(dining_tables::table.on(dining_tables::id.eq(dining_visit_tables::table_id)))
        .filter(dining_visits::outlet_id.eq(row.outlet_id))
        .filter(dining_tables::name.eq(&row.table))
        .filter(dining_visits::status.eq_any([Status::Seated, Status::Left]))
        .filter(dining_visits::seated_at.le(row.ordered_at))
        .filter(
            dining_visits::left_at
                .is_null()
                .or(dining_visits::left_at.ge(row.ordered_at - AFTER)),
        )
        .order(dining_visits::seated_at.desc())
        .select(dining_visits::id)
        .first(conn)
        .optional()
}

/// The dish by the till's code; one that is new is added to the menu.
fn dish(conn: &mut Conn, row: &Row) -> QueryResult<i64> {
    let known = dishes::table
        .filter(dishes::outlet_id.eq(row.outlet_id))
        .filter(dishes::code.eq(&row.dish))
        .select(dishes::id)
        .first(conn)
        .optional()?;
    match known {
        Some(id) => Ok(id),
        None => diesel::insert_into(dishes::table)
            .values((
                dishes::outlet_id.eq(row.outlet_id),
                dishes::code.eq(&row.dish),
                dishes::name.eq(row.dish_name.as_ref().unwrap_or(&row.dish)),
                dishes::course.eq(row.course.unwrap_or(Course::Main)),
            ))
            .returning(dishes::id)
            .get_result(conn),
    }
}
