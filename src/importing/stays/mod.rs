//! The stays file: bookings of guests it names, or whom recognition finds or makes.

mod belongings;
mod nights;
mod row;
mod stored;
mod wishes;

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use self::belongings::{Booking, ChargeRow, charge_rows};
use self::nights::Nights;
use self::row::Row;
use self::stored::{Fields, Stored};
use self::wishes::Wishes;
use super::cells::{Cells, Parsed, Rejection};
use super::houses::Houses;
use super::preferences::{guest_ids, unknown_guest};
use super::run::{Context, FileKind, Outcome};
use crate::db::Conn;
use crate::db::dialect::{Reserved, reserve_ids};
use crate::db::schema::{folio_charges, stay_bookings, stay_candidates, stays};
use crate::guests::profile::{self, NewProfile};
use crate::insert_rows;
use crate::recognition::again::{CandidateRow, Changed, look_again};
use crate::recognition::{self, Decision, Known, Signals, Verdict, verdict};
use crate::stays::{Channel, Status};

pub(super) struct File {
    context: Context,
    houses: Houses,
    /// Room types no room has, and how many bookings name them. A booking is not lost for it.
    unknown_types: BTreeMap<(String, String), u64>,
}

impl File {
    pub(super) fn load(conn: &mut Conn, context: Context) -> QueryResult<Self> {
        Ok(Self {
            houses: Houses::load(conn, context.now)?,
            context,
            unknown_types: BTreeMap::new(),
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = stays, treat_none_as_default_value = false)]
struct StayRow<'a> {
    id: i64,
    property_id: i64,
    confirmation_number: &'a str,
    guest_id: i64,
    status: Status,
    arrival: chrono::NaiveDate,
    departure: chrono::NaiveDate,
    booked_on: Option<chrono::NaiveDate>,
    room_type_id: Option<i64>,
    room_id: Option<i64>,
    rate_minor: Option<i64>,
    currency: &'a str,
    channel: Option<Channel>,
    agency: Option<&'a str>,
    adults: i64,
    children: i64,
    requests: Option<&'a str>,
    decision: Decision,
    reasons: Option<String>,
    created_at: chrono::NaiveDateTime,
    updated_at: chrono::NaiveDateTime,
}

/// A row that makes a stay, with the guest it was found to be.
struct Arrival<'a> {
    stay_id: i64,
    guest_id: i64,
    row: &'a Row,
    verdict: Verdict,
}

impl FileKind for File {
    type Row = Row;
    const COLUMNS: &'static [&'static str] = row::COLUMNS;
    const REQUIRED: &'static [&'static str] = row::REQUIRED;

    fn parse(&mut self, cells: Cells<'_>, _line: u64) -> Parsed<Row> {
        let property = cells.required("property")?;
        let mut row = Row::parse(cells, self.houses.get(&property)?, &self.context.source)?;
        row.booked = row.booked.seen_by(&self.context.recognition.relays);
        if let (Some(code), None) = (&row.room_type, row.room_type_id) {
            *self
                .unknown_types
                .entry((property, code.clone()))
                .or_default() += 1;
        }
        Ok(row)
    }

    fn warnings(&self) -> Vec<String> {
        self.unknown_types
            .iter()
            .map(|((property, code), count)| {
                format!("'{code}' is not a room type of {property}; {count} bookings are taken in without one: import the rooms file with it, then this file again")
            })
            .collect()
    }

    fn key(row: &Row) -> String {
        format!("{}/{}", row.property_id, row.confirmation_number)
    }

    fn apply(&mut self, conn: &mut Conn, rows: &[Row]) -> QueryResult<Vec<Outcome>> {
        let source = &self.context.source;
        let named = guest_ids(
            conn,
            source,
            rows.iter().filter_map(|row| row.guest_id.as_deref()),
        )?;
        let stored = stored::load(conn, &self.context.secrets, rows)?;
        let mut nights = Nights::load(conn, rows)?;
        let mut wishes = Wishes::default();
        let mut new = Vec::new();
        let mut changed = Vec::new();
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in rows {
            let known = stored.get(&(row.property_id, row.confirmation_number.clone()));
            if let Some(rejection) = self.faults(row, known, &named) {
                outcomes.push(Outcome::Rejected(rejection));
                continue;
            }
            let guest_id = row.guest_id.as_ref().and_then(|id| named.get(id)).copied();
            let fields = Fields::after(row, known, guest_id);
            if let Err(rejection) = nights.claim(row, known.map(|stored| stored.id), &fields) {
                outcomes.push(Outcome::Rejected(rejection));
                continue;
            }
            outcomes.push(match known {
                None => {
                    new.push((row, guest_id));
                    Outcome::New
                }
                Some(known) => {
                    let booking = Booking::of(row).over(&known.booking);
                    changed.extend((booking != known.booking).then(|| Changed {
                        stay_id: known.id,
                        booked: booking.profile(&self.context),
                    }));
                    self.update(conn, row, known, fields, booking, &mut wishes)?
                }
            });
        }
        self.insert(conn, &new, &mut wishes, &mut nights)?;
        nights.store(conn)?;
        wishes.store(conn, self.context.now)?;
        look_again(conn, &self.context.secrets, changed)?;
        Ok(outcomes)
    }
}

impl File {
    fn faults(
        &self,
        row: &Row,
        known: Option<&Stored>,
        named: &HashMap<String, i64>,
    ) -> Option<Rejection> {
        if let Some(id) = row.guest_id.as_ref().filter(|id| !named.contains_key(*id)) {
            return Some(unknown_guest(id, &self.context.source));
        }
        let is_nameless = row.booked.given_name.is_none() && row.booked.family_name.is_none();
        if known.is_none() && row.guest_id.is_none() && is_nameless {
            return Some(Rejection::new(
                "family_name",
                "is empty, and so are given_name and guest_id; a booking needs one of them",
            ));
        }
        None
    }

    fn update(
        &self,
        conn: &mut Conn,
        row: &Row,
        known: &Stored,
        fields: Fields,
        booking: Booking,
        wishes: &mut Wishes,
    ) -> QueryResult<Outcome> {
        let Context { secrets, now, .. } = &self.context;
        let charges = known.new_charges(row, &fields);
        let is_same = fields == known.fields && booking == known.booking && charges.is_empty();
        if is_same {
            return Ok(Outcome::Unchanged);
        }
        if fields.guest_id != known.fields.guest_id {
            let named = Verdict::named(fields.guest_id);
            diesel::update(stays::table.find(known.id))
                .set((
                    stays::decision.eq(named.decision),
                    stays::reasons.eq(named.reasons),
                ))
                .execute(conn)?;
            diesel::delete(stay_candidates::table.filter(stay_candidates::stay_id.eq(known.id)))
                .execute(conn)?;
        }
        wishes.note(
            row,
            known.id,
            fields.guest_id,
            known.fields.requests.as_deref(),
        );
        diesel::update(stays::table.find(known.id))
            .set((fields.clone(), stays::updated_at.eq(now)))
            .execute(conn)?;
        if booking != known.booking {
            diesel::delete(stay_bookings::table.find(known.id)).execute(conn)?;
            let rows: Vec<_> = booking.row(secrets, known.id).into_iter().collect();
            insert_rows!(conn, stay_bookings::table, rows);
        }
        belongings::replace_charges(conn, known.id, charges, *now)?;
        Ok(Outcome::Changed)
    }

    fn insert(
        &self,
        conn: &mut Conn,
        new: &[(&Row, Option<i64>)],
        wishes: &mut Wishes,
        nights: &mut Nights,
    ) -> QueryResult<()> {
        let Context { secrets, now, .. } = &self.context;
        let arrivals = self.recognise(conn, new)?;
        let stay_rows: Vec<_> = arrivals
            .iter()
            .map(|arrival| self.stay_row(arrival))
            .collect();
        insert_rows!(conn, stays::table, stay_rows);
        let bookings: Vec<Booking> = arrivals
            .iter()
            .map(|arrival| Booking::of(arrival.row))
            .collect();
        let bookings: Vec<_> = arrivals
            .iter()
            .zip(&bookings)
            .filter_map(|(arrival, booking)| booking.row(secrets, arrival.stay_id))
            .collect();
        insert_rows!(conn, stay_bookings::table, bookings);
        let candidates: Vec<_> = arrivals
            .iter()
            .flat_map(|arrival| CandidateRow::of(arrival.stay_id, &arrival.verdict))
            .collect();
        insert_rows!(conn, stay_candidates::table, candidates);
        let charges: Vec<ChargeRow> = arrivals
            .iter()
            .flat_map(|arrival| charge_rows(arrival.row, arrival.stay_id, *now))
            .collect();
        insert_rows!(conn, folio_charges::table, charges);
        for arrival in &arrivals {
            nights.settle(
                &arrival.row.confirmation_number,
                arrival.row.property_id,
                arrival.stay_id,
            );
            wishes.note(arrival.row, arrival.stay_id, arrival.guest_id, None);
        }
        Ok(())
    }

    /// Finds the guests of new stays, and makes profiles for those nobody is found for.
    fn recognise<'a>(
        &self,
        conn: &mut Conn,
        new: &[(&'a Row, Option<i64>)],
    ) -> QueryResult<Vec<Arrival<'a>>> {
        let secrets = &self.context.secrets;
        let asked = new.iter().filter(|(_, guest_id)| guest_id.is_none());
        let signals: Vec<Signals> = asked
            .map(|(row, _)| Signals::of(&row.booked, secrets))
            .collect();
        let mut known = Known::load(conn, &signals)?;
        let model = recognition::current(conn)?;
        let mut signals = signals.into_iter();
        let mut guest_ids = reserve_ids(conn, Reserved::Guests, signals.len())?.into_iter();
        let stay_ids = reserve_ids(conn, Reserved::Stays, new.len())?;
        let mut profiles: Vec<(i64, NewProfile)> = Vec::new();
        let mut arrivals = Vec::with_capacity(new.len());
        for (stay_id, (row, named)) in stay_ids.into_iter().zip(new) {
            let verdict = match named {
                Some(guest_id) => Verdict::named(*guest_id),
                None => {
                    let signals = signals.next().unwrap_or_default();
                    let verdict = verdict(&signals, &known, &model);
                    if verdict.guest_id.is_none()
                        && let Some(id) = guest_ids.next()
                    {
                        // A loyalty number typed into a booking is a claim, not an account.
                        known.remember(id, signals.without_loyalty());
                        profiles.push((
                            id,
                            NewProfile {
                                loyalty_number: None,
                                ..row.booked.clone()
                            },
                        ));
                    }
                    verdict
                }
            };
            let made = profiles.last().map(|(id, _)| *id);
            let Some(guest_id) = verdict.guest_id.or(made) else {
                continue;
            };
            arrivals.push(Arrival {
                stay_id,
                guest_id,
                row,
                verdict,
            });
        }
        let profiles: Vec<(i64, &NewProfile)> = profiles
            .iter()
            .map(|(id, profile)| (*id, profile))
            .collect();
        profile::create_as(conn, secrets, &profiles, self.context.now)?;
        Ok(arrivals)
    }

    fn stay_row<'a>(&self, arrival: &Arrival<'a>) -> StayRow<'a> {
        let row = arrival.row;
        let reasons = Some(arrival.verdict.reasons.clone()).filter(|reasons| !reasons.is_empty());
        StayRow {
            id: arrival.stay_id,
            property_id: row.property_id,
            confirmation_number: &row.confirmation_number,
            guest_id: arrival.guest_id,
            status: row.status.unwrap_or(Status::Reserved),
            arrival: row.arrival,
            departure: row.departure,
            booked_on: row.booked_on,
            room_type_id: row.room_type_id,
            room_id: row.room_id,
            rate_minor: row.rate_minor,
            currency: row.currency.as_deref().unwrap_or(&row.house_currency),
            channel: row.channel,
            agency: row.agency.as_deref(),
            adults: row.adults.unwrap_or(1),
            children: row.children.unwrap_or(0),
            requests: row.requests.as_deref(),
            decision: arrival.verdict.decision,
            reasons,
            created_at: self.context.now,
            updated_at: self.context.now,
        }
    }
}
