//! The nights a room is promised or let. The table's primary key is what forbids letting a room twice.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use crate::db::Conn;
use crate::db::schema::{guests, room_nights, stays};
use crate::guests::Guest;
use crate::on_either;

/// Who has the room already.
#[derive(Debug)]
pub struct Taken {
    /// The other guest's profile.
    pub guest: Guest,
    /// Until when.
    pub until: NaiveDate,
}

/// Takes a room for the nights from `from` up to `to` for a stay, giving up the nights it had from `from` on.
/// Says who has the room already, in which case nothing was taken. Call it inside a write transaction.
pub fn take(
    conn: &mut Conn,
    stay_id: i64,
    room_id: i64,
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<Result<(), Taken>> {
    release(conn, stay_id, from)?;
    if let Some(taken) = taken_by(conn, room_id, from, to)? {
        return Ok(Err(taken));
    }
    let rows: Vec<_> = from
        .iter_days()
        .take_while(|night| *night < to)
        .map(|night| {
            (
                room_nights::room_id.eq(room_id),
                room_nights::night.eq(night),
                room_nights::stay_id.eq(stay_id),
            )
        })
        .collect();
    let taken = conn.transaction(|conn| {
        on_either!(conn, |c| diesel::insert_into(room_nights::table)
            .values(&rows)
            .execute(c))
    });
    match taken {
        Ok(_) => Ok(Ok(())),
        // Somebody took it between our look and our insert: now that they committed, we can say who.
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            taken_by(conn, room_id, from, to)?.map_or(Err(Error::NotFound), |taken| Ok(Err(taken)))
        }
        Err(error) => Err(error),
    }
}

/// Gives up a stay's nights from a date on.
pub fn release(conn: &mut Conn, stay_id: i64, from: NaiveDate) -> QueryResult<()> {
    let nights = room_nights::table.filter(
        room_nights::stay_id
            .eq(stay_id)
            .and(room_nights::night.ge(from)),
    );
    diesel::delete(nights).execute(conn)?;
    Ok(())
}

/// Who sleeps in a room on a night.
#[derive(Clone, Debug)]
pub struct Tonight {
    /// The room.
    pub room_id: i64,
    /// The stay.
    pub stay_id: i64,
    /// The guest's profile.
    pub guest: Guest,
}

/// The rooms of a house that are promised or let on a night, and to whom.
pub fn tonight(conn: &mut Conn, property_id: i64, night: NaiveDate) -> QueryResult<Vec<Tonight>> {
    let found: Vec<(i64, i64, Guest)> = room_nights::table
        .inner_join(stays::table.inner_join(guests::table))
        .filter(
            stays::property_id
                .eq(property_id)
                .and(room_nights::night.eq(night)),
        )
        .select((
            room_nights::room_id,
            room_nights::stay_id,
            Guest::as_select(),
        ))
        .load(conn)?;
    Ok(found
        .into_iter()
        .map(|(room_id, stay_id, guest)| Tonight {
            room_id,
            stay_id,
            guest,
        })
        .collect())
}

fn taken_by(
    conn: &mut Conn,
    room_id: i64,
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<Option<Taken>> {
    let found: Option<(Guest, NaiveDate)> = room_nights::table
        .inner_join(stays::table.inner_join(guests::table))
        .filter(room_nights::room_id.eq(room_id))
        .filter(room_nights::night.ge(from).and(room_nights::night.lt(to)))
        .select((Guest::as_select(), stays::departure))
        .first(conn)
        .optional()?;
    Ok(found.map(|(guest, until)| Taken { guest, until }))
}
