//! The floor plan and the hours, as a manager edits them. Every change is on record.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::host::Acting;
use super::outlet::{Meal, Service};
use super::slots;
use super::table::{MarkKind, Shape};
use crate::db::Conn;
use crate::db::schema::{
    dining_closures, dining_combination_tables, dining_combinations, dining_marks, dining_services,
    dining_slots, dining_table_features, dining_tables, dining_visit_tables, outlets,
};
use crate::error::{Fault, FieldError};
use crate::insert_rows;
use crate::staff::audit::Line;
use crate::words::Message;

/// A table as it is drawn.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = dining_tables)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Drawn {
    pub name: String,
    pub shape: Shape,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    pub rotation: i64,
    pub seats: i64,
}

/// Sets up an outlet; returns its code's id.
pub fn add_outlet(conn: &mut Conn, property_id: i64, code: &str, name: &str) -> Result<i64, Fault> {
    let added = conn.transaction(|conn| {
        diesel::insert_into(outlets::table)
            .values((
                outlets::property_id.eq(property_id),
                outlets::code.eq(code),
                outlets::name.eq(name),
                outlets::width.eq(900_i64),
                outlets::height.eq(700_i64),
            ))
            .returning(outlets::id)
            .get_result(conn)
    });
    once(added, "code", || {
        Message::new("error-outlet-known").text("text", code)
    })
}

/// Puts a table on the plan; returns its id.
pub fn add_table(
    conn: &mut Conn,
    drawn: &Drawn,
    features: &[String],
    acting: Acting<'_>,
) -> Result<i64, Fault> {
    let added = conn.transaction(|conn| {
        diesel::insert_into(dining_tables::table)
            .values((
                dining_tables::outlet_id.eq(acting.outlet.id),
                dining_tables::name.eq(&drawn.name),
                dining_tables::shape.eq(drawn.shape),
                dining_tables::x.eq(drawn.x),
                dining_tables::y.eq(drawn.y),
                dining_tables::width.eq(drawn.width),
                dining_tables::height.eq(drawn.height),
                dining_tables::rotation.eq(drawn.rotation),
                dining_tables::seats.eq(drawn.seats),
            ))
            .returning(dining_tables::id)
            .get_result(conn)
    });
    let id = once(added, "name", || known_name(drawn))?;
    set_features(conn, id, features)?;
    record(conn, format!("table {} added", drawn.name), acting)?;
    Ok(id)
}

/// Changes a table.
pub fn change_table(
    conn: &mut Conn,
    id: i64,
    drawn: &Drawn,
    features: &[String],
    acting: Acting<'_>,
) -> Result<(), Fault> {
    let theirs = dining_tables::table
        .filter(dining_tables::id.eq(id))
        .filter(dining_tables::outlet_id.eq(acting.outlet.id))
        .filter(dining_tables::retired_at.is_null());
    let changed = conn.transaction(|conn| diesel::update(theirs).set(drawn).execute(conn));
    if once(changed, "name", || known_name(drawn))? == 0 {
        return Err(Fault::NotFound);
    }
    set_features(conn, id, features)?;
    record(conn, format!("table {} changed", drawn.name), acting)
}

/// Takes a table off the plan, unless somebody sits there or has it booked.
pub fn retire_table(conn: &mut Conn, id: i64, acting: Acting<'_>) -> Result<(), Fault> {
    let now = slots::of(acting.now, acting.now).start;
    let promised: i64 = dining_slots::table
        .filter(
            dining_slots::table_id
                .eq(id)
                .and(dining_slots::slot.ge(now)),
        )
        .count()
        .get_result(conn)?;
    let sat: i64 = dining_visit_tables::table
        .filter(dining_visit_tables::table_id.eq(id))
        .filter(dining_visit_tables::occupied.eq(true))
        .count()
        .get_result(conn)?;
    if promised + sat > 0 {
        return Err(Message::new("refused-table-promised").into());
    }
    let gone = diesel::update(
        dining_tables::table
            .filter(dining_tables::id.eq(id))
            .filter(dining_tables::outlet_id.eq(acting.outlet.id))
            .filter(dining_tables::retired_at.is_null()),
    )
    .set(dining_tables::retired_at.eq(acting.now))
    .execute(conn)?;
    if gone == 0 {
        return Err(Fault::NotFound);
    }
    // What it was put together with stands alone again.
    let with_it = dining_combination_tables::table
        .filter(dining_combination_tables::table_id.eq(id))
        .select(dining_combination_tables::combination_id);
    let combinations: Vec<i64> = with_it.load(conn)?;
    diesel::delete(dining_combinations::table.filter(dining_combinations::id.eq_any(combinations)))
        .execute(conn)?;
    record(conn, format!("table {id} retired"), acting)
}

fn known_name(drawn: &Drawn) -> Message {
    Message::new("error-table-known").text("text", &drawn.name)
}

fn set_features(conn: &mut Conn, id: i64, features: &[String]) -> QueryResult<()> {
    diesel::delete(dining_table_features::table.filter(dining_table_features::table_id.eq(id)))
        .execute(conn)?;
    let rows: Vec<_> = features
        .iter()
        .map(|feature| {
            (
                dining_table_features::table_id.eq(id),
                dining_table_features::feature.eq(feature),
            )
        })
        .collect();
    insert_rows!(conn, dining_table_features::table, rows);
    Ok(())
}

/// Draws something beside the tables: its kind, its words, middle and size.
pub fn add_mark(
    conn: &mut Conn,
    kind: MarkKind,
    label: Option<&str>,
    [x, y, width, height]: [i64; 4],
    acting: Acting<'_>,
) -> Result<(), Fault> {
    diesel::insert_into(dining_marks::table)
        .values((
            dining_marks::outlet_id.eq(acting.outlet.id),
            dining_marks::kind.eq(kind),
            dining_marks::label.eq(label),
            (dining_marks::x.eq(x), dining_marks::y.eq(y)),
            dining_marks::width.eq(width),
            dining_marks::height.eq(height),
        ))
        .execute(conn)?;
    record(conn, format!("{kind} added"), acting)
}

/// Says that tables can be put together, and how many then sit there.
pub fn combine(
    conn: &mut Conn,
    tables: &[i64],
    seats: i64,
    acting: Acting<'_>,
) -> Result<(), Fault> {
    let mut tables = tables.to_vec();
    tables.sort_unstable();
    tables.dedup();
    let theirs: i64 = dining_tables::table
        .filter(dining_tables::id.eq_any(&tables))
        .filter(dining_tables::outlet_id.eq(acting.outlet.id))
        .filter(dining_tables::retired_at.is_null())
        .count()
        .get_result(conn)?;
    if tables.len() < 2 || theirs != tables.len() as i64 {
        return Err(invalid("tables", Message::new("error-combine")));
    }
    let id: i64 = diesel::insert_into(dining_combinations::table)
        .values((
            dining_combinations::outlet_id.eq(acting.outlet.id),
            dining_combinations::seats.eq(seats),
        ))
        .returning(dining_combinations::id)
        .get_result(conn)?;
    let rows: Vec<_> = tables
        .iter()
        .map(|table_id| {
            (
                dining_combination_tables::combination_id.eq(id),
                dining_combination_tables::table_id.eq(*table_id),
            )
        })
        .collect();
    insert_rows!(conn, dining_combination_tables::table, rows);
    record(conn, format!("tables {tables:?} together"), acting)
}

/// Adds a service period.
pub fn add_service(conn: &mut Conn, service: &Service, acting: Acting<'_>) -> Result<(), Fault> {
    let added = conn.transaction(|conn| {
        diesel::insert_into(dining_services::table)
            .values((
                dining_services::outlet_id.eq(acting.outlet.id),
                dining_services::meal.eq(service.meal),
                dining_services::weekdays.eq(service.weekdays),
                dining_services::opens_at.eq(service.opens_at),
                dining_services::closes_at.eq(service.closes_at),
                dining_services::turn_small.eq(service.turn_small),
                dining_services::turn_middle.eq(service.turn_middle),
                dining_services::turn_large.eq(service.turn_large),
            ))
            .execute(conn)
    });
    once(added, "meal", || Message::new("error-service-known"))?;
    record(conn, format!("service {} added", service.meal), acting)
}

/// Services of one day may not overlap: a time belongs to one of them.
pub fn overlaps(services: &[Service], new: &Service) -> Option<Meal> {
    services
        .iter()
        .find(|other| {
            other.weekdays & new.weekdays != 0
                && other.opens_at < new.closes_at
                && new.opens_at < other.closes_at
        })
        .map(|other| other.meal)
}

/// Closes the outlet on a day.
pub fn close(
    conn: &mut Conn,
    date: NaiveDate,
    reason: Option<&str>,
    acting: Acting<'_>,
) -> Result<(), Fault> {
    let added = conn.transaction(|conn| {
        diesel::insert_into(dining_closures::table)
            .values((
                dining_closures::outlet_id.eq(acting.outlet.id),
                dining_closures::on_date.eq(date),
                dining_closures::reason.eq(reason),
            ))
            .execute(conn)
    });
    once(added, "date", || {
        Message::new("error-closed-known").date("date", date)
    })?;
    record(conn, format!("closed on {date}"), acting)
}

/// What can be taken off a plan again.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Something drawn.
    Mark(i64),
    /// Tables that could be put together.
    Combination(i64),
    /// A service period.
    Service(i64),
    /// A day on which it is closed.
    Closure(NaiveDate),
}

/// Takes a part away.
pub fn remove(conn: &mut Conn, part: Part, acting: Acting<'_>) -> Result<(), Fault> {
    let outlet = acting.outlet.id;
    let gone = match part {
        Part::Mark(id) => diesel::delete(
            dining_marks::table.filter(
                dining_marks::id
                    .eq(id)
                    .and(dining_marks::outlet_id.eq(outlet)),
            ),
        )
        .execute(conn)?,
        Part::Combination(id) => diesel::delete(
            dining_combinations::table.filter(
                dining_combinations::id
                    .eq(id)
                    .and(dining_combinations::outlet_id.eq(outlet)),
            ),
        )
        .execute(conn)?,
        Part::Service(id) => diesel::delete(
            dining_services::table.filter(
                dining_services::id
                    .eq(id)
                    .and(dining_services::outlet_id.eq(outlet)),
            ),
        )
        .execute(conn)?,
        Part::Closure(date) => diesel::delete(
            dining_closures::table.filter(
                dining_closures::on_date
                    .eq(date)
                    .and(dining_closures::outlet_id.eq(outlet)),
            ),
        )
        .execute(conn)?,
    };
    if gone == 0 {
        return Err(Fault::NotFound);
    }
    record(conn, format!("{part:?} removed"), acting)
}

/// The row that was written once; at a field, where there is one like it.
pub(super) fn once<T>(
    written: QueryResult<T>,
    field: &'static str,
    message: impl FnOnce() -> Message,
) -> Result<T, Fault> {
    match written {
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            Err(invalid(field, message()))
        }
        written => Ok(written?),
    }
}

fn invalid(field: &'static str, message: Message) -> Fault {
    Fault::Invalid(vec![FieldError::new(field, message)])
}

fn record(conn: &mut Conn, what: String, acting: Acting<'_>) -> Result<(), Fault> {
    let detail = format!("{}: {what}", acting.outlet.code);
    Ok(Line::new(acting.by, "edit_plan")
        .detail(detail)
        .insert(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dining::outlet::tests::service;

    #[test]
    fn a_time_belongs_to_one_service_of_its_day() {
        let dinner = service(Meal::Dinner, 1050, 1350);
        let other_days = Service {
            weekdays: 0b100_0000,
            ..service(Meal::Tea, 1000, 1100)
        };
        assert_eq!(
            overlaps(
                std::slice::from_ref(&dinner),
                &service(Meal::Tea, 1000, 1060)
            ),
            Some(Meal::Dinner)
        );
        assert_eq!(
            overlaps(
                std::slice::from_ref(&dinner),
                &service(Meal::Tea, 900, 1050)
            ),
            None
        );
        assert_eq!(overlaps(&[dinner], &other_days), None);
    }
}
