//! A booking as it was typed, understood: when, for how many, with what wishes, at which tables.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::Deserialize;

use super::Here;
use crate::dining::floor::Floor;
use crate::dining::memory::{Habits, Memory};
use crate::dining::outlet::Sitting;
use crate::dining::table::Plan;
use crate::dining::{booking, seating, visit};
use crate::guests::Guest;
use crate::vocabulary;
use crate::web::AppError;
use crate::web::desk::View;
use crate::web::fields::{self, Reading, invalid};
use crate::words::Message;

/// Bookings are taken this far ahead.
const AHEAD: TimeDelta = TimeDelta::days(366);

/// The form as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub(super) guest: String,
    /// Which of the candidates; `new` for somebody else.
    pub(super) who: String,
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) date: String,
    pub(super) time: String,
    pub(super) covers: String,
    pub(super) table: String,
    pub(super) wish: Vec<String>,
    pub(super) note: String,
    pub(super) once: String,
}

/// What was typed, understood.
pub(super) struct Wanted {
    pub date: NaiveDate,
    pub meal: crate::dining::Meal,
    pub from: NaiveDateTime,
    pub until: NaiveDateTime,
    pub covers: i64,
    pub requests: Option<String>,
}

/// What was typed; all that is wrong with it, each at its field.
pub(super) fn understand(here: &Here, typed: &Typed) -> Result<Wanted, AppError> {
    let mut reading = Reading::default();
    let covers = typed.covers.trim();
    let number = covers.parse().ok().filter(|n| (1..=99).contains(n));
    let number = number.ok_or_else(|| Message::new("error-covers").text("text", covers));
    let covers: Option<i64> = reading.value("covers", number);
    let date = reading.value("date", fields::date(&typed.date));
    let time = reading.value("time", fields::time(&typed.time));
    let sitting = date
        .zip(time)
        .and_then(|(date, minutes)| sitting(here, date, minutes));
    if let (Some(date), Some(_), None) = (date, time, sitting) {
        reading.wrong("time", closed(here, date));
    }
    let from = sitting.map(|(Sitting { date, .. }, minutes)| here.house.moment(date, minutes));
    if from.is_some_and(|from| from < here.now - TimeDelta::minutes(15)) {
        reading.wrong("time", Message::new("error-time-past"));
    }
    if from.is_some_and(|from| from > here.now + AHEAD) {
        reading.wrong("date", Message::new("error-date-far"));
    }
    let read = covers.zip(sitting).zip(from);
    reading.done(read.map(|((covers, (sitting, _)), from)| Wanted {
        date: sitting.date,
        meal: sitting.service.meal,
        from,
        until: from + TimeDelta::minutes(sitting.service.turn(covers)),
        covers,
        requests: requests(typed),
    }))
}

/// The service at so many minutes of a date, and the minutes of its own day: after midnight it is still the night before.
fn sitting(here: &Here, date: NaiveDate, minutes: i64) -> Option<(Sitting<'_>, i64)> {
    if let Some(sitting) = here.hours.sitting(date, minutes) {
        return Some((sitting, minutes));
    }
    let sitting = here.hours.sitting(date.pred_opt()?, minutes + 1440)?;
    Some((sitting, minutes + 1440))
}

/// When it is open on that day, or on which day next.
fn closed(here: &Here, date: NaiveDate) -> Message {
    let open: Vec<String> = here
        .hours
        .on(date)
        .map(|service| {
            let time = |minutes: i64| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
            format!("{}–{}", time(service.opens_at), time(service.closes_at))
        })
        .collect();
    match here.hours.next_open(date) {
        _ if !open.is_empty() => Message::new("error-closed-then").text("hours", open.join(", ")),
        Some(next) => Message::new("error-closed-day").date("next", next),
        None => Message::new("error-closed"),
    }
}

fn requests(typed: &Typed) -> Option<String> {
    let codes = typed
        .wish
        .iter()
        .map(String::as_str)
        .filter(|code| vocabulary::get(code).is_some());
    let note = typed.note.replace(';', ",");
    let note: String = note.trim().chars().take(200).collect();
    let parts: Vec<&str> = codes
        .chain(Some(note.as_str()).filter(|note| !note.is_empty()))
        .collect();
    (!parts.is_empty()).then(|| parts.join(";"))
}

/// The tables that were named, or the best that are free.
pub(super) fn tables(
    view: &mut View<'_>,
    here: &Here,
    typed: &Typed,
    wanted: &Wanted,
    guest: Option<&Guest>,
    own: Option<i64>,
) -> Result<Vec<i64>, AppError> {
    let plan = Plan::load(view.conn, here.outlet.id)?;
    let parties = visit::of_date(view.conn, here.outlet.id, wanted.date)?;
    let floor = Floor::of(&plan, &parties, here.now);
    let memory = match guest {
        Some(guest) => Memory::load(view.conn, guest.person_id, here.house.id)?,
        None => Memory::default(),
    };
    let habits = Habits::of(&memory.visits, here.outlet.id, wanted.meal);
    let requested: Vec<&str> = typed.wish.iter().map(String::as_str).collect();
    let seeking = seating::Party {
        covers: wanted.covers,
        wishes: seating::wishes(&memory.preferences, &requested, &habits, here.house.id),
        usual: habits.usual.as_ref().map(|usual| usual.table_id),
        from: wanted.from,
        turn: wanted.until - wanted.from,
    };
    let best = booking::best(&floor, &seeking, own);
    let name = typed.table.trim();
    if !name.is_empty() {
        let ids = named(&plan, name)?;
        if booking::is_free(&floor, &seeking, &ids, own) {
            return Ok(ids);
        }
        let message = match best {
            Some(other) => Message::new("error-table-other")
                .text("table", name)
                .text("other", plan.name_of(&other)),
            None => Message::new("error-table-taken").text("table", name),
        };
        return Err(invalid("table", message));
    }
    if let Some(ids) = best {
        return Ok(ids);
    }
    let minutes = |at| here.house.moment(wanted.date, at);
    let service = here.hours.on(wanted.date).find(|s| s.meal == wanted.meal);
    let open = service.map(|s| (minutes(s.opens_at).max(here.now), minutes(s.closes_at)));
    let times: Vec<String> = open
        .map(|open| booking::other_times(&floor, &seeking, own, open))
        .unwrap_or_default()
        .into_iter()
        .map(|time| here.clock(time))
        .collect();
    let message = if times.is_empty() {
        Message::new("error-full").number("covers", wanted.covers)
    } else {
        Message::new("error-full-then")
            .number("covers", wanted.covers)
            .text("times", view.words().list(&times))
    };
    Err(invalid("time", message))
}

/// The tables of names joined by `+`.
fn named(plan: &Plan, names: &str) -> Result<Vec<i64>, AppError> {
    let ids: Option<Vec<i64>> = names
        .split('+')
        .map(|name| plan.named(name).map(|table| table.id))
        .collect();
    ids.ok_or_else(|| invalid("table", Message::new("error-no-table").text("text", names)))
}
