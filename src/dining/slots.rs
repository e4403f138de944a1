//! The quarters of an hour a table is booked, held or sat at. The table's primary key is what forbids promising it twice;
//! that two parties sit at one table, however long the first stays, another index forbids.

use std::ops::Range;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::visit::{Party, Visit};
use crate::db::Conn;
use crate::db::schema::{dining_slots, dining_tables, dining_visit_tables, dining_visits, guests};
use crate::guests::Guest;
use crate::insert_rows;

/// Minutes of a slot.
const QUARTER: i64 = 15;

/// The slots of a time: every quarter that it touches.
pub fn of(from: NaiveDateTime, to: NaiveDateTime) -> Range<i64> {
    let minutes = |at: NaiveDateTime| at.and_utc().timestamp().div_euclid(60);
    let begun = |at: NaiveDateTime| at.and_utc().timestamp().div_euclid(60 * QUARTER);
    let last = (minutes(to) + QUARTER - 1).div_euclid(QUARTER);
    begun(from)..last.max(begun(from) + 1)
}

/// Who has a table already.
#[derive(Debug)]
pub struct Taken {
    /// The table's name.
    pub table: String,
    /// Who.
    pub party: Party,
}

/// Takes tables for a party from one time to another, giving up what it had, and says whether it sits there now.
/// Says who has a table already, in which case nothing was taken. Call it inside a write transaction.
pub fn take(
    conn: &mut Conn,
    visit_id: i64,
    tables: &[i64],
    (from, to): (NaiveDateTime, NaiveDateTime),
    sits: bool,
) -> QueryResult<Result<(), Taken>> {
    release(conn, visit_id, None)?;
    diesel::delete(dining_visit_tables::table.filter(dining_visit_tables::visit_id.eq(visit_id)))
        .execute(conn)?;
    if let Some(taken) = taken_by(conn, tables, of(from, to), sits)? {
        return Ok(Err(taken));
    }
    // In one order for all: of two who want the same tables, the second waits for the first.
    let mut tables = tables.to_vec();
    tables.sort_unstable();
    tables.dedup();
    let stood: Vec<_> = tables
        .iter()
        .map(|table_id| {
            (
                dining_visit_tables::visit_id.eq(visit_id),
                dining_visit_tables::table_id.eq(*table_id),
                dining_visit_tables::occupied.eq(sits),
            )
        })
        .collect();
    let slots: Vec<_> = tables
        .iter()
        .flat_map(|table_id| of(from, to).map(move |slot| (*table_id, slot)))
        .map(|(table_id, slot)| {
            (
                dining_slots::table_id.eq(table_id),
                dining_slots::slot.eq(slot),
                dining_slots::visit_id.eq(visit_id),
            )
        })
        .collect();
    let taken = conn.transaction(|conn| {
        insert_rows!(conn, dining_slots::table, slots);
        insert_rows!(conn, dining_visit_tables::table, stood);
        Ok::<_, Error>(())
    });
    match taken {
        Ok(()) => Ok(Ok(())),
        // Somebody took it between our look and our insert: now that they committed, we can say who.
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            taken_by(conn, &tables, of(from, to), sits)?
                .map_or(Err(Error::NotFound), |taken| Ok(Err(taken)))
        }
        Err(error) => Err(error),
    }
}

/// Gives up a party's slots, all of them or those from a time on.
pub fn release(conn: &mut Conn, visit_id: i64, from: Option<NaiveDateTime>) -> QueryResult<()> {
    let first = from.map_or(0, |from| of(from, from).start);
    let slots = dining_slots::table.filter(
        dining_slots::visit_id
            .eq(visit_id)
            .and(dining_slots::slot.ge(first)),
    );
    diesel::delete(slots).execute(conn)?;
    Ok(())
}

/// A party gets up: its tables are others' from now on, and remembered as where it sat.
pub fn get_up(conn: &mut Conn, visit_id: i64, now: NaiveDateTime) -> QueryResult<()> {
    release(conn, visit_id, Some(now))?;
    diesel::update(dining_visit_tables::table.filter(dining_visit_tables::visit_id.eq(visit_id)))
        .set(dining_visit_tables::occupied.eq(false))
        .execute(conn)?;
    Ok(())
}

/// The tables of a party.
pub fn tables_of(conn: &mut Conn, visit_id: i64) -> QueryResult<Vec<i64>> {
    dining_visit_tables::table
        .filter(dining_visit_tables::visit_id.eq(visit_id))
        .order(dining_visit_tables::table_id)
        .select(dining_visit_tables::table_id)
        .load(conn)
}

fn taken_by(
    conn: &mut Conn,
    tables: &[i64],
    slots: Range<i64>,
    sits: bool,
) -> QueryResult<Option<Taken>> {
    let found: Option<(String, i64, Visit, Option<Guest>)> = dining_slots::table
        .inner_join(dining_tables::table)
        .inner_join(dining_visits::table.left_join(guests::table))
        .filter(dining_slots::table_id.eq_any(tables))
        .filter(
            dining_slots::slot
                .ge(slots.start)
                .and(dining_slots::slot.lt(slots.end)),
        )
        .order(dining_slots::slot)
        .select((
            dining_tables::name,
            dining_tables::id,
            Visit::as_select(),
            Option::<Guest>::as_select(),
        ))
        .first(conn)
        .optional()?;
    let found = match found {
        None if sits => dining_visit_tables::table
            .inner_join(dining_tables::table)
            .inner_join(dining_visits::table.left_join(guests::table))
            .filter(dining_visit_tables::table_id.eq_any(tables))
            .filter(dining_visit_tables::occupied.eq(true))
            .select((
                dining_tables::name,
                dining_tables::id,
                Visit::as_select(),
                Option::<Guest>::as_select(),
            ))
            .first(conn)
            .optional()?,
        found => found,
    };
    Ok(found.map(|(table, table_id, visit, guest)| Taken {
        table,
        party: Party {
            visit,
            guest,
            room: None,
            tables: vec![table_id],
            needs: Vec::new(),
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quarter_that_a_time_touches_is_taken() {
        let at = |text: &str| {
            format!("1970-01-01T{text}")
                .parse::<NaiveDateTime>()
                .unwrap()
        };
        assert_eq!(of(at("00:00:00"), at("00:30:00")), 0..2);
        assert_eq!(of(at("00:14:59"), at("00:30:00")), 0..2);
        assert_eq!(of(at("00:15:00"), at("00:31:00")), 1..3);
        assert_eq!(of(at("00:20:00"), at("00:20:00")), 1..2);
    }
}
