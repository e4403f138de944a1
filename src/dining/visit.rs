//! A party in a restaurant: booked, held for, waiting, at its table, gone. One record, whose status moves.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::outlet::Meal;
use crate::db::Conn;
use crate::db::among::among;
use crate::db::schema::{
    dining_party, dining_visit_tables, dining_visits, guests, preferences, rooms, stays,
};
use crate::guests::preferences::Strength;
use crate::guests::{Guest, person};
use crate::stays::board::IsMerged;
use crate::text_enum;
use crate::vocabulary::{self, Kind};
use crate::words::Message;

/// Parties that tell how long one sits.
const SEEN: i64 = 200;

text_enum! {
    /// Where a party is.
    pub enum Status {
        /// A table is booked for it.
        Booked = "booked",
        /// A table is kept for a guest who has not asked for it.
        Held = "held",
        /// It is here, and waits for a table.
        Waiting = "waiting",
        /// It sits at its table.
        Seated = "seated",
        /// It has gone.
        Left = "left",
        /// It will not come.
        Cancelled = "cancelled",
        /// It did not come.
        NoShow = "no_show",
    }
}

impl Status {
    /// Whether it is still to be seated.
    pub fn is_to_come(self) -> bool {
        matches!(self, Self::Booked | Self::Held | Self::Waiting)
    }

    /// Whether it has a table, now or to come.
    pub fn is_expected(self) -> bool {
        matches!(self, Self::Booked | Self::Held | Self::Seated)
    }
}

/// A party.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = dining_visits)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Visit {
    pub id: i64,
    pub outlet_id: i64,
    pub on_date: NaiveDate,
    pub meal: Meal,
    pub status: Status,
    pub guest_id: Option<i64>,
    pub stay_id: Option<i64>,
    pub called: Option<String>,
    pub covers: i64,
    pub starts_at: NaiveDateTime,
    pub ends_at: NaiveDateTime,
    pub seated_at: Option<NaiveDateTime>,
    pub left_at: Option<NaiveDateTime>,
    pub quoted_minutes: Option<i64>,
    pub requests: Option<String>,
    pub created_at: NaiveDateTime,
}

impl Visit {
    /// The party with that id.
    pub fn by_id(conn: &mut Conn, id: i64) -> QueryResult<Option<Self>> {
        dining_visits::table
            .find(id)
            .select(Self::as_select())
            .first(conn)
            .optional()
    }

    /// What this party asked for that are words of the vocabulary.
    pub fn requested_codes(&self) -> impl Iterator<Item = &str> {
        self.request_parts()
            .filter(|part| vocabulary::get(part).is_some())
    }

    /// What this party asked for in its own words.
    pub fn requested_words(&self) -> impl Iterator<Item = &str> {
        self.request_parts()
            .filter(|part| vocabulary::get(part).is_none())
    }

    fn request_parts(&self) -> impl Iterator<Item = &str> {
        self.requests
            .as_deref()
            .unwrap_or_default()
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
    }
}

/// A party with who it is and where it sits.
#[derive(Clone, Debug)]
pub struct Party {
    /// The record.
    pub visit: Visit,
    /// Whose it is, where that is known.
    pub guest: Option<Guest>,
    /// The room of the guest's stay.
    pub room: Option<String>,
    /// Its tables.
    pub tables: Vec<i64>,
    /// Allergies and diets of everybody known at the table, by code.
    pub needs: Vec<String>,
}

impl Party {
    /// The name it goes by on lists.
    pub fn name(&self) -> Message {
        match (&self.guest, &self.visit.called) {
            (Some(guest), _) => Message::new("addressed-plain").text("name", guest.name()),
            (None, Some(called)) => Message::new("addressed-plain").text("name", called),
            (None, None) => Message::new("party-unnamed"),
        }
    }

    /// The allergies among its needs.
    pub fn allergies(&self) -> impl Iterator<Item = &str> {
        self.needs_of(Kind::Allergy)
    }

    /// The diets among its needs.
    pub fn diets(&self) -> impl Iterator<Item = &str> {
        self.needs_of(Kind::Diet)
    }

    fn needs_of(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let codes = self.needs.iter().map(String::as_str);
        codes.filter(move |code| vocabulary::get(code).is_some_and(|f| f.kind == kind))
    }
}

macro_rules! with_guest {
    () => {
        dining_visits::table
            .left_join(guests::table)
            .left_join(stays::table.on(stays::id.nullable().eq(dining_visits::stay_id)))
            .left_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .select((
                Visit::as_select(),
                Option::<Guest>::as_select(),
                rooms::number.nullable(),
                IsMerged,
            ))
    };
}

type Found = (Visit, Option<Guest>, Option<String>, bool);

/// The parties of an outlet on a date, in the order of their times, without those that will not come, and those of the
/// night before that still sit there: four queries, a fifth where persons have several profiles.
pub fn of_date(conn: &mut Conn, outlet_id: i64, date: NaiveDate) -> QueryResult<Vec<Party>> {
    let before = date.pred_opt().unwrap_or(date);
    let found: Vec<Found> = with_guest!()
        .filter(dining_visits::outlet_id.eq(outlet_id))
        // Two dates of the index, and not all the outlet has ever seen.
        .filter(dining_visits::on_date.ge(before))
        .filter(dining_visits::on_date.le(date))
        .filter(
            dining_visits::on_date
                .eq(date)
                .or(dining_visits::status.eq(Status::Seated)),
        )
        .filter(dining_visits::status.ne(Status::Cancelled))
        .order((dining_visits::starts_at, dining_visits::id))
        .load(conn)?;
    complete(conn, found)
}

/// One party.
pub fn party(conn: &mut Conn, visit_id: i64) -> QueryResult<Option<Party>> {
    let found: Option<Found> = with_guest!()
        .filter(dining_visits::id.eq(visit_id))
        .first(conn)
        .optional()?;
    let Some(found) = found else { return Ok(None) };
    Ok(complete(conn, vec![found])?.pop())
}

fn complete(conn: &mut Conn, mut found: Vec<Found>) -> QueryResult<Vec<Party>> {
    let several: Vec<i64> = found
        .iter()
        .filter(|(.., is_merged)| *is_merged)
        .filter_map(|(_, guest, ..)| Some(guest.as_ref()?.person_id))
        .collect();
    let guests = found.iter_mut().filter_map(|(_, guest, ..)| guest.as_mut());
    let guests = guests.filter(|guest| several.contains(&guest.person_id));
    person::complete(conn, guests, &several)?;
    let ids: Vec<i64> = found.iter().map(|(visit, ..)| visit.id).collect();
    let mut tables = tables_of(conn, &ids)?;
    let mut needs = needs_of(conn, &ids)?;
    Ok(found
        .into_iter()
        .map(|(visit, guest, room, _)| {
            let mut codes = needs.remove(&visit.id).unwrap_or_default();
            let asked = visit
                .requested_codes()
                .filter(|code| is_need_at_table(code));
            codes.extend(asked.map(str::to_owned));
            codes.sort_unstable();
            codes.dedup();
            Party {
                tables: tables.remove(&visit.id).unwrap_or_default(),
                needs: codes,
                guest,
                room,
                visit,
            }
        })
        .collect())
}

/// Whether a code is something host and kitchen must know of whoever sits at a table.
pub fn is_need_at_table(code: &str) -> bool {
    vocabulary::get(code).is_some_and(|feature| match feature.kind {
        Kind::Allergy => true,
        Kind::Diet => feature.need,
        _ => false,
    })
}

fn tables_of(conn: &mut Conn, visits: &[i64]) -> QueryResult<HashMap<i64, Vec<i64>>> {
    let mut tables: HashMap<i64, Vec<i64>> = HashMap::new();
    if visits.is_empty() {
        return Ok(tables);
    }
    let pairs: Vec<(i64, i64)> = crate::with_ids!(
        dining_visit_tables::table
            .order(dining_visit_tables::table_id)
            .select((dining_visit_tables::visit_id, dining_visit_tables::table_id)),
        dining_visit_tables::visit_id,
        visits
    )
    .load(conn)?;
    for (visit_id, table_id) in pairs {
        tables.entry(visit_id).or_default().push(table_id);
    }
    Ok(tables)
}

/// What the kitchen must know of the guests of these parties and of those with them, by party.
fn needs_of(conn: &mut Conn, visits: &[i64]) -> QueryResult<HashMap<i64, Vec<String>>> {
    let mut needs: HashMap<i64, Vec<String>> = HashMap::new();
    if visits.is_empty() {
        return Ok(needs);
    }
    let profile = diesel::alias!(guests as profile);
    let is_wanted = || {
        let must = preferences::strength.eq(Strength::Must);
        must.or(preferences::strength.eq(Strength::Prefer))
    };
    // Which codes are needs is sorted out here: asked for one by one they cost more than all that is known of a guest.
    let of_guests: Vec<(i64, String)> = dining_visits::table
        .inner_join(guests::table)
        .inner_join(profile.on(profile.field(guests::person_id).eq(guests::person_id)))
        .inner_join(preferences::table.on(preferences::guest_id.eq(profile.field(guests::id))))
        .filter(among(dining_visits::id, visits))
        .filter(preferences::retired_at.is_null())
        .filter(is_wanted())
        .select((dining_visits::id, preferences::code))
        .load(conn)?;
    let of_others: Vec<(i64, String)> = dining_party::table
        .inner_join(guests::table)
        .inner_join(profile.on(profile.field(guests::person_id).eq(guests::person_id)))
        .inner_join(preferences::table.on(preferences::guest_id.eq(profile.field(guests::id))))
        .filter(among(dining_party::visit_id, visits))
        .filter(preferences::retired_at.is_null())
        .filter(is_wanted())
        .select((dining_party::visit_id, preferences::code))
        .load(conn)?;
    let all = of_guests.into_iter().chain(of_others);
    for (visit_id, code) in all.filter(|(_, code)| is_need_at_table(code)) {
        needs.entry(visit_id).or_default().push(code);
    }
    Ok(needs)
}

/// How long the latest parties of a meal sat, by their size: covers and minutes.
pub fn durations(conn: &mut Conn, outlet_id: i64, meal: Meal) -> QueryResult<Vec<(i64, i64)>> {
    let seen: Vec<(i64, Option<NaiveDateTime>, Option<NaiveDateTime>)> = dining_visits::table
        .filter(dining_visits::outlet_id.eq(outlet_id))
        .filter(dining_visits::meal.eq(meal))
        .filter(dining_visits::status.eq(Status::Left))
        .order((dining_visits::on_date.desc(), dining_visits::id.desc()))
        .limit(SEEN)
        .select((
            dining_visits::covers,
            dining_visits::seated_at,
            dining_visits::left_at,
        ))
        .load(conn)?;
    Ok(seen
        .into_iter()
        .filter_map(|(covers, from, to)| Some((covers, (to? - from?).num_minutes())))
        .filter(|(_, minutes)| *minutes >= 10)
        .collect())
}

/// Those known to sit with a party beside the one it is for.
pub fn companions(conn: &mut Conn, visit_id: i64) -> QueryResult<Vec<Guest>> {
    dining_party::table
        .inner_join(guests::table)
        .filter(dining_party::visit_id.eq(visit_id))
        .order(guests::id)
        .select(Guest::as_select())
        .load(conn)
}

/// Somebody known sits there too.
pub fn join(conn: &mut Conn, visit_id: i64, guest_id: i64) -> QueryResult<()> {
    diesel::insert_into(dining_party::table)
        .values((
            dining_party::visit_id.eq(visit_id),
            dining_party::guest_id.eq(guest_id),
        ))
        .execute(conn)?;
    Ok(())
}
