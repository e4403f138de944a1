//! What a host does: seat, move, hold, book, let wait, bid farewell; and their undoing. One transaction each.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::outlet::{Meal, Outlet};
use super::slots::{self, Taken};
use super::visit::{Status, Visit};
use crate::clock;
use crate::db::schema::{dining_tables, dining_visits};
use crate::db::{Conn, dialect};
use crate::error::Fault;
use crate::staff::audit::{Actor, Line};
use crate::words::Message;

/// Who acts in an outlet.
#[derive(Clone, Copy, Debug)]
pub struct Acting<'a> {
    /// Who.
    pub by: Actor,
    /// Where.
    pub outlet: &'a Outlet,
    /// The moment.
    pub now: NaiveDateTime,
}

/// A party to be.
#[derive(Clone, Debug)]
pub struct NewParty {
    /// The date its service opens on.
    pub on_date: NaiveDate,
    /// Which service.
    pub meal: Meal,
    /// Who, where it is known.
    pub guest_id: Option<i64>,
    /// The stay the guest is here for.
    pub stay_id: Option<i64>,
    /// What it is called by.
    pub called: Option<String>,
    /// How many.
    pub covers: i64,
    /// Feature codes and its own words, separated by ';'.
    pub requests: Option<String>,
    /// From when and until when.
    pub time: (NaiveDateTime, NaiveDateTime),
    /// The form's own key.
    pub once: Option<String>,
}

/// What becomes of a party at first.
#[derive(Clone, Debug)]
pub enum Becomes {
    /// Seated at these tables.
    Seated(Vec<i64>),
    /// A table is booked.
    Booked(Vec<i64>),
    /// A table is held for them.
    Held(Vec<i64>),
    /// It waits, and was told so many minutes.
    Waiting(Option<i64>),
}

impl Becomes {
    fn status(&self) -> Status {
        match self {
            Self::Seated(_) => Status::Seated,
            Self::Booked(_) => Status::Booked,
            Self::Held(_) => Status::Held,
            Self::Waiting(_) => Status::Waiting,
        }
    }

    fn action(&self) -> &'static str {
        match self {
            Self::Seated(_) => "seat_party",
            Self::Booked(_) => "book_table",
            Self::Held(_) => "hold_table",
            Self::Waiting(_) => "let_wait",
        }
    }
}

/// Puts a party into the book; returns its id. The same form sent twice makes one party.
pub fn welcome(
    conn: &mut Conn,
    party: &NewParty,
    becomes: &Becomes,
    acting: Acting<'_>,
) -> Result<i64, Fault> {
    if let Some(once) = &party.once {
        let known: Option<(i64, i64)> = dining_visits::table
            .filter(dining_visits::once.eq(once))
            .select((dining_visits::id, dining_visits::outlet_id))
            .first(conn)
            .optional()?;
        match known {
            Some((id, outlet_id)) if outlet_id == acting.outlet.id => return Ok(id),
            Some(_) => return Err(Fault::NotFound),
            None => {}
        }
    }
    let (starts_at, ends_at) = party.time;
    let status = becomes.status();
    let quoted = match becomes {
        Becomes::Waiting(minutes) => *minutes,
        _ => None,
    };
    let id: i64 = diesel::insert_into(dining_visits::table)
        .values((
            (
                dining_visits::outlet_id.eq(acting.outlet.id),
                dining_visits::on_date.eq(party.on_date),
                dining_visits::meal.eq(party.meal),
                dining_visits::status.eq(status),
                dining_visits::guest_id.eq(party.guest_id),
                dining_visits::stay_id.eq(party.stay_id),
                dining_visits::called.eq(&party.called),
                dining_visits::covers.eq(party.covers),
            ),
            dining_visits::starts_at.eq(starts_at),
            dining_visits::ends_at.eq(ends_at),
            dining_visits::seated_at.eq((status == Status::Seated).then_some(acting.now)),
            dining_visits::quoted_minutes.eq(quoted),
            dining_visits::requests.eq(&party.requests),
            dining_visits::once.eq(&party.once),
            dining_visits::created_at.eq(acting.now),
            dining_visits::created_by.eq(acting.by.user_id()),
            dining_visits::updated_at.eq(acting.now),
        ))
        .returning(dining_visits::id)
        .get_result(conn)?;
    if let Becomes::Seated(tables) | Becomes::Booked(tables) | Becomes::Held(tables) = becomes {
        put(
            conn,
            id,
            tables,
            party.time,
            status == Status::Seated,
            acting,
        )?;
    }
    let visit = Visit::by_id(conn, id)?.ok_or(Fault::NotFound)?;
    record(conn, &visit, becomes.action(), acting)?;
    Ok(id)
}

/// Seats a party that was booked, held for or waiting, as many as have come. Who sits there already is left alone.
pub fn seat(
    conn: &mut Conn,
    visit_id: i64,
    (covers, tables): (i64, &[i64]),
    until: NaiveDateTime,
    acting: Acting<'_>,
) -> Result<Visit, Fault> {
    let visit = hold(conn, visit_id, acting)?;
    if visit.status == Status::Seated && slots::tables_of(conn, visit_id)? == sorted(tables) {
        return Ok(visit);
    }
    must(&visit, Status::is_to_come)?;
    let until = until.max(acting.now + TimeDelta::minutes(15));
    put(conn, visit_id, tables, (acting.now, until), true, acting)?;
    diesel::update(dining_visits::table.find(visit_id))
        .set((
            dining_visits::status.eq(Status::Seated),
            dining_visits::covers.eq(covers),
            dining_visits::seated_at.eq(acting.now),
            dining_visits::ends_at.eq(until),
            dining_visits::starts_at.eq(visit.starts_at.min(acting.now)),
            dining_visits::updated_at.eq(acting.now),
        ))
        .execute(conn)?;
    record(conn, &visit, "seat_party", acting)?;
    Ok(visit)
}

/// Moves a party to other tables: more of them to join, fewer to part.
pub fn move_to(
    conn: &mut Conn,
    visit_id: i64,
    tables: &[i64],
    acting: Acting<'_>,
) -> Result<Visit, Fault> {
    let visit = hold(conn, visit_id, acting)?;
    let has_a_table = |status| matches!(status, Status::Seated | Status::Booked | Status::Held);
    must(&visit, has_a_table)?;
    let seated = visit.status == Status::Seated;
    let from = if seated { acting.now } else { visit.starts_at };
    let until = visit.ends_at.max(from + TimeDelta::minutes(15));
    put(conn, visit_id, tables, (from, until), seated, acting)?;
    touch(conn, visit_id, acting)?;
    record(conn, &visit, "move_party", acting)?;
    Ok(visit)
}

/// Some of a party move to a table of their own; returns the new party's id.
pub fn split(
    conn: &mut Conn,
    visit_id: i64,
    covers: i64,
    tables: &[i64],
    acting: Acting<'_>,
) -> Result<i64, Fault> {
    let visit = hold(conn, visit_id, acting)?;
    must(&visit, |status| status == Status::Seated)?;
    if !(1..visit.covers).contains(&covers) {
        return Err(Message::new("refused-split")
            .number("covers", visit.covers)
            .into());
    }
    // Of tables put together, those that the others go to are given up first.
    let keeps: Vec<i64> = slots::tables_of(conn, visit_id)?
        .into_iter()
        .filter(|id| !tables.contains(id))
        .collect();
    let until = visit.ends_at.max(acting.now + TimeDelta::minutes(15));
    put(conn, visit_id, &keeps, (acting.now, until), true, acting)?;
    diesel::update(dining_visits::table.find(visit_id))
        .set((
            dining_visits::covers.eq(visit.covers - covers),
            dining_visits::updated_at.eq(acting.now),
        ))
        .execute(conn)?;
    record(conn, &visit, "split_party", acting)?;
    let part = NewParty {
        on_date: visit.on_date,
        meal: visit.meal,
        guest_id: None,
        stay_id: visit.stay_id,
        called: visit.called.clone(),
        covers,
        requests: visit.requests.clone(),
        time: (acting.now, until),
        once: None,
    };
    welcome(conn, &part, &Becomes::Seated(tables.to_vec()), acting)
}

/// A party goes; its tables are free.
pub fn leave(conn: &mut Conn, visit_id: i64, acting: Acting<'_>) -> Result<Visit, Fault> {
    let visit = hold(conn, visit_id, acting)?;
    must(&visit, |status| status == Status::Seated)?;
    slots::get_up(conn, visit_id, acting.now)?;
    diesel::update(dining_visits::table.find(visit_id))
        .set((
            dining_visits::status.eq(Status::Left),
            dining_visits::left_at.eq(acting.now),
            dining_visits::updated_at.eq(acting.now),
        ))
        .execute(conn)?;
    record(conn, &visit, "leave_table", acting)?;
    Ok(visit)
}

/// Takes back that a party has gone, or was seated: it sits where it sat, or waits.
pub fn undo(conn: &mut Conn, visit_id: i64, acting: Acting<'_>) -> Result<Visit, Fault> {
    let visit = hold(conn, visit_id, acting)?;
    match visit.status {
        Status::Left => {
            let tables = slots::tables_of(conn, visit_id)?;
            let until = visit.ends_at.max(acting.now + TimeDelta::minutes(15));
            put(conn, visit_id, &tables, (acting.now, until), true, acting)?;
            diesel::update(dining_visits::table.find(visit_id))
                .set((
                    dining_visits::status.eq(Status::Seated),
                    dining_visits::left_at.eq(None::<NaiveDateTime>),
                    dining_visits::ends_at.eq(until),
                    dining_visits::updated_at.eq(acting.now),
                ))
                .execute(conn)?;
        }
        Status::Seated => {
            put(
                conn,
                visit_id,
                &[],
                (acting.now, visit.ends_at),
                false,
                acting,
            )?;
            diesel::update(dining_visits::table.find(visit_id))
                .set((
                    dining_visits::status.eq(Status::Waiting),
                    dining_visits::seated_at.eq(None::<NaiveDateTime>),
                    dining_visits::updated_at.eq(acting.now),
                ))
                .execute(conn)?;
        }
        Status::Cancelled | Status::NoShow => {
            let tables = slots::tables_of(conn, visit_id)?;
            let time = (visit.starts_at, visit.ends_at);
            put(conn, visit_id, &tables, time, false, acting)?;
            let status = if tables.is_empty() {
                Status::Waiting
            } else {
                Status::Booked
            };
            set_status(conn, visit_id, status, acting)?;
        }
        Status::Booked | Status::Held | Status::Waiting => return Err(changed().into()),
    }
    record(conn, &visit, "undo_table", acting)?;
    Ok(visit)
}

/// A party will not, or did not, come: `Cancelled` or `NoShow`.
pub fn end(
    conn: &mut Conn,
    visit_id: i64,
    status: Status,
    acting: Acting<'_>,
) -> Result<Visit, Fault> {
    let visit = hold(conn, visit_id, acting)?;
    must(&visit, Status::is_to_come)?;
    if status == Status::NoShow && visit.starts_at > acting.now {
        return Err(Message::new("refused-table-early").into());
    }
    // Which table it was is kept, for bringing it back.
    slots::release(conn, visit_id, None)?;
    set_status(conn, visit_id, status, acting)?;
    let action = match status {
        Status::NoShow => "no_show_table",
        _ => "cancel_table",
    };
    record(conn, &visit, action, acting)?;
    Ok(visit)
}

/// What a booking is changed to.
#[derive(Clone, Debug)]
pub struct Change {
    /// How many.
    pub covers: i64,
    /// The date its service opens on.
    pub on_date: NaiveDate,
    /// Which service.
    pub meal: Meal,
    /// From when and until when.
    pub time: (NaiveDateTime, NaiveDateTime),
    /// Its tables.
    pub tables: Vec<i64>,
    /// Feature codes and its own words.
    pub requests: Option<String>,
    /// What it is called by.
    pub called: Option<String>,
}

/// Changes a party that is still to come: another time, size or table. Refused as a whole where a table is not free.
pub fn change(
    conn: &mut Conn,
    visit_id: i64,
    change: &Change,
    acting: Acting<'_>,
) -> Result<Visit, Fault> {
    let visit = hold(conn, visit_id, acting)?;
    must(&visit, |status| {
        matches!(status, Status::Booked | Status::Held)
    })?;
    put(conn, visit_id, &change.tables, change.time, false, acting)?;
    diesel::update(dining_visits::table.find(visit_id))
        .set((
            dining_visits::covers.eq(change.covers),
            dining_visits::on_date.eq(change.on_date),
            dining_visits::meal.eq(change.meal),
            dining_visits::starts_at.eq(change.time.0),
            dining_visits::ends_at.eq(change.time.1),
            dining_visits::requests.eq(&change.requests),
            dining_visits::called.eq(&change.called),
            dining_visits::updated_at.eq(acting.now),
        ))
        .execute(conn)?;
    record(conn, &visit, "change_table", acting)?;
    Ok(visit)
}

/// A party held for this transaction, if it is of this outlet: of two hosts, the second sees what the first did.
fn hold(conn: &mut Conn, visit_id: i64, acting: Acting<'_>) -> Result<Visit, Fault> {
    dialect::lock_visit(conn, visit_id)?;
    Visit::by_id(conn, visit_id)?
        .filter(|visit| visit.outlet_id == acting.outlet.id)
        .ok_or(Fault::NotFound)
}

/// Refuses when the party is no longer what the host saw.
fn must(visit: &Visit, may: impl Fn(Status) -> bool) -> Result<(), Fault> {
    if may(visit.status) {
        return Ok(());
    }
    Err(Fault::Refused(match visit.status {
        Status::Seated => Message::new("refused-seated"),
        Status::Left => Message::new("refused-left"),
        Status::Cancelled => Message::new("refused-table-cancelled"),
        Status::NoShow => Message::new("refused-table-no-show"),
        Status::Booked | Status::Held | Status::Waiting => changed(),
    }))
}

fn changed() -> Message {
    Message::new("refused-table-changed")
}

/// Gives a party its tables, which must be of this outlet and free.
fn put(
    conn: &mut Conn,
    visit_id: i64,
    tables: &[i64],
    time: (NaiveDateTime, NaiveDateTime),
    sits: bool,
    acting: Acting<'_>,
) -> Result<(), Fault> {
    let tables = sorted(tables);
    let here: i64 = dining_tables::table
        .filter(dining_tables::id.eq_any(&tables))
        .filter(dining_tables::outlet_id.eq(acting.outlet.id))
        .filter(dining_tables::retired_at.is_null())
        .count()
        .get_result(conn)?;
    if here != tables.len() as i64 {
        return Err(Message::new("refused-no-table").into());
    }
    if sits && tables.is_empty() {
        return Err(Message::new("refused-table-missing").into());
    }
    slots::take(conn, visit_id, &tables, time, sits)?.map_err(|taken| taken_by(&taken).into())
}

/// Who has the table, in words; times are said by the page, which knows the house's clock.
fn taken_by(taken: &Taken) -> Message {
    let message = match taken.party.visit.status {
        Status::Seated => Message::new("refused-table-sat"),
        _ => Message::new("refused-table-taken"),
    };
    message
        .text("table", &taken.table)
        .message("party", taken.party.name())
}

fn sorted(tables: &[i64]) -> Vec<i64> {
    let mut tables = tables.to_vec();
    tables.sort_unstable();
    tables.dedup();
    tables
}

fn touch(conn: &mut Conn, visit_id: i64, acting: Acting<'_>) -> QueryResult<()> {
    diesel::update(dining_visits::table.find(visit_id))
        .set(dining_visits::updated_at.eq(acting.now))
        .execute(conn)?;
    Ok(())
}

fn set_status(
    conn: &mut Conn,
    visit_id: i64,
    status: Status,
    acting: Acting<'_>,
) -> QueryResult<()> {
    diesel::update(dining_visits::table.find(visit_id))
        .set((
            dining_visits::status.eq(status),
            dining_visits::updated_at.eq(acting.now),
        ))
        .execute(conn)?;
    Ok(())
}

fn record(
    conn: &mut Conn,
    visit: &Visit,
    action: &'static str,
    acting: Acting<'_>,
) -> Result<(), Fault> {
    let mut line = Line::new(acting.by, action).detail(format!(
        "{} {} party {}",
        acting.outlet.code, visit.on_date, visit.id
    ));
    if let Some(guest_id) = visit.guest_id {
        line = line.guest(guest_id);
    }
    Ok(line.insert(conn)?)
}

impl<'a> Acting<'a> {
    /// Somebody who acts now.
    pub fn now(by: Actor, outlet: &'a Outlet) -> Self {
        Self {
            by,
            outlet,
            now: clock::now(),
        }
    }
}
