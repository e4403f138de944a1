//! Years of stays, so many a day, with today's boards full.

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::BATCH;
use super::dice::Dice;
use super::houses::{House, Plan};
use crate::db::dialect::{Reserved, reserve_ids};
use crate::db::schema::{folio_charges, room_nights, stay_candidates, stays};
use crate::db::{Conn, write_tx};
use crate::insert_rows;

/// Bookings reach this far ahead.
const AHEAD: i64 = 60;
/// Folios of older stays are not made.
const FOLIO_DAYS: i64 = 90;

#[derive(Insertable)]
#[diesel(table_name = stays, treat_none_as_default_value = false)]
struct StayRow {
    id: i64,
    property_id: i64,
    confirmation_number: String,
    guest_id: i64,
    status: &'static str,
    arrival: NaiveDate,
    departure: NaiveDate,
    booked_on: NaiveDate,
    room_type_id: i64,
    room_id: Option<i64>,
    rate_minor: i64,
    currency: &'static str,
    channel: &'static str,
    adults: i64,
    requests: Option<&'static str>,
    decision: &'static str,
    reasons: Option<&'static str>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = folio_charges)]
struct ChargeRow {
    stay_id: i64,
    department: &'static str,
    amount_minor: i64,
    currency: &'static str,
    posted_on: NaiveDate,
    reference: &'static str,
    created_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = room_nights)]
struct NightRow {
    room_id: i64,
    night: NaiveDate,
    stay_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = stay_candidates)]
struct CandidateRow {
    stay_id: i64,
    guest_id: i64,
    reasons: &'static str,
}

/// Rows on their way into the database.
#[derive(Default)]
struct Rows {
    stays: Vec<StayRow>,
    charges: Vec<ChargeRow>,
    nights: Vec<NightRow>,
    candidates: Vec<CandidateRow>,
}

/// Makes the stays in the order of their arrival and returns the first arrival.
pub(super) fn make(
    conn: &mut Conn,
    dice: &mut Dice,
    houses: &mut [House],
    plan: &Plan,
    guests: &[i64],
    now: NaiveDateTime,
    progress: &mut dyn FnMut(usize),
) -> QueryResult<NaiveDate> {
    let today = now.date();
    let days = days(dice, plan, today);
    let since = days.first().map_or(today, |(day, ..)| *day);
    let mut maker = Maker {
        dice,
        guests,
        today,
        now,
        made: 0,
        rows: Rows::default(),
        ids: Vec::new(),
    };
    for (day, house, count) in days {
        let Some(house) = houses.get_mut(house) else {
            continue;
        };
        for _ in 0..count {
            if maker.ids.is_empty() {
                maker.flush(conn)?;
                progress(maker.made);
                // Taken from the end: ids rise with arrivals.
                maker.ids = reserve_ids(conn, Reserved::Stays, BATCH)?;
                maker.ids.reverse();
            }
            maker.stay(house, day);
        }
    }
    maker.flush(conn)?;
    progress(maker.made);
    Ok(since)
}

/// How many arrive at which house on which day, in order of days. Days are filled from the future backwards
/// until the stays are spent, so that today is never short.
fn days(dice: &mut Dice, plan: &Plan, today: NaiveDate) -> Vec<(NaiveDate, usize, usize)> {
    let mut left = plan.stays;
    let mut days = Vec::new();
    let mut ahead =
        AHEAD.min(i64::try_from(plan.stays / plan.houses / plan.arrivals_a_day / 6).unwrap_or(0));
    while left > 0 {
        let Some(day) = today.checked_add_signed(Duration::days(ahead)) else {
            break;
        };
        for house in 0..plan.houses {
            let full = plan.arrivals_a_day;
            let booked = match ahead {
                1.. => full * usize::try_from(AHEAD + 10 - ahead).unwrap_or(0) / 100,
                _ if day.weekday().num_days_from_monday() >= 4 => full * 5 / 4,
                _ => full,
            };
            let count = (booked * (80 + dice.below(41)) / 100).max(1).min(left);
            left -= count;
            days.push((day, house, count));
        }
        ahead -= 1;
    }
    days.reverse();
    days
}

struct Maker<'a> {
    dice: &'a mut Dice,
    guests: &'a [i64],
    today: NaiveDate,
    now: NaiveDateTime,
    made: usize,
    rows: Rows,
    ids: Vec<i64>,
}

impl Maker<'_> {
    fn stay(&mut self, house: &mut House, arrival: NaiveDate) {
        let Some(id) = self.ids.pop() else { return };
        let nights = [1, 1, 2, 2, 2, 3, 3, 4, 5, 7]
            .get(self.dice.below(10))
            .copied()
            .unwrap_or(2);
        let departure = arrival + Duration::days(nights);
        let status = self.status(arrival, departure);
        let needs_room = match status {
            "departed" | "in_house" => true,
            "reserved" => self
                .dice
                .chance(if arrival == self.today { 70 } else { 20 }),
            _ => false,
        };
        let room_id = if needs_room {
            self.free_room(house, arrival, departure)
        } else {
            None
        };
        let wanted = house.rooms.get(self.dice.below(house.rooms.len()));
        let (type_id, rate) = room_id
            .and_then(|id| house.rooms.iter().find(|room| room.id == id))
            .or(wanted)
            .map_or((0, 0), |room| (room.type_id, room.rate_minor));
        // Nobody is in house without a room: where the house is full, the booking did not come about.
        let status = if status == "in_house" && room_id.is_none() {
            "cancelled"
        } else {
            status
        };
        let guest_id = self.guest();
        let is_asked = status == "reserved" && self.dice.chance(3);
        if is_asked {
            let other = self.guest();
            self.rows.candidates.push(CandidateRow {
                stay_id: id,
                guest_id: other,
                reasons: "name;city",
            });
        }
        self.add_nights(id, room_id, status, arrival, departure);
        if status == "departed" && self.today - departure < Duration::days(FOLIO_DAYS) {
            self.add_charges(id, house.currency, rate * nights, departure);
        }
        let lead = self.dice.between(0, 90).min(self.dice.between(0, 90));
        self.made += 1;
        self.rows.stays.push(StayRow {
            id,
            property_id: house.id,
            confirmation_number: format!("{}-{id}", house.code),
            guest_id,
            status,
            arrival,
            departure,
            booked_on: (arrival - Duration::days(lead)).min(self.today),
            room_type_id: type_id,
            room_id,
            rate_minor: rate * self.dice.between(85, 115) / 100,
            currency: house.currency,
            channel: self
                .dice
                .pick_often_first(&[
                    "ota",
                    "direct",
                    "gds",
                    "corporate",
                    "phone",
                    "group",
                    "walk_in",
                ])
                .unwrap_or(&"direct"),
            adults: self.dice.between(1, 2),
            requests: if self.dice.chance(12) {
                self.dice
                    .pick(&[
                        "high_floor",
                        "quiet_room",
                        "late_arrival",
                        "crib",
                        "twin_beds",
                    ])
                    .copied()
            } else {
                None
            },
            decision: if is_asked { "review" } else { "linked" },
            reasons: Some(if is_asked { "name;city" } else { "guest_id" }),
            created_at: self.now,
            updated_at: self.now,
        });
    }

    fn status(&mut self, arrival: NaiveDate, departure: NaiveDate) -> &'static str {
        let roll = self.dice.below(100);
        if arrival > self.today {
            return if roll < 8 { "cancelled" } else { "reserved" };
        }
        if arrival == self.today {
            return match roll {
                0..6 => "cancelled",
                6..30 => "in_house",
                _ => "reserved",
            };
        }
        match roll {
            0..15 => "cancelled",
            15..17 => "no_show",
            _ if departure > self.today => "in_house",
            _ if departure == self.today && roll < 60 => "in_house",
            _ => "departed",
        }
    }

    /// A room nobody has from that day on; a handful are tried, as a clerk would.
    fn free_room(
        &mut self,
        house: &mut House,
        arrival: NaiveDate,
        departure: NaiveDate,
    ) -> Option<i64> {
        for _ in 0..24 {
            let at = self.dice.below(house.rooms.len());
            if let Some(room) = house
                .rooms
                .get_mut(at)
                .filter(|room| room.free_from <= arrival)
            {
                room.free_from = departure;
                return Some(room.id);
            }
        }
        None
    }

    /// Few guests make most stays: 2 in a hundred make 30, the next 18 make 35.
    fn guest(&mut self) -> i64 {
        let all = self.guests.len();
        let (regulars, known) = (all.div_ceil(50), all.div_ceil(5));
        let at = match self.dice.below(100) {
            0..30 => self.dice.below(regulars),
            30..65 => self.dice.below(known),
            _ => self.dice.below(all),
        };
        self.guests.get(at).copied().unwrap_or_default()
    }

    fn add_nights(
        &mut self,
        stay_id: i64,
        room_id: Option<i64>,
        status: &str,
        arrival: NaiveDate,
        departure: NaiveDate,
    ) {
        let Some(room_id) = room_id.filter(|_| matches!(status, "reserved" | "in_house")) else {
            return;
        };
        let nights = arrival
            .max(self.today)
            .iter_days()
            .take_while(|night| *night < departure);
        self.rows.nights.extend(nights.map(|night| NightRow {
            room_id,
            night,
            stay_id,
        }));
    }

    fn add_charges(
        &mut self,
        stay_id: i64,
        currency: &'static str,
        room: i64,
        posted_on: NaiveDate,
    ) {
        let food = if self.dice.chance(60) {
            room * self.dice.between(5, 40) / 100
        } else {
            0
        };
        for (department, reference, amount_minor) in [
            ("room", "generated:room", room),
            ("food", "generated:food", food),
        ] {
            if amount_minor > 0 {
                let created_at = self.now;
                self.rows.charges.push(ChargeRow {
                    stay_id,
                    department,
                    amount_minor,
                    currency,
                    posted_on,
                    reference,
                    created_at,
                });
            }
        }
    }

    fn flush(&mut self, conn: &mut Conn) -> QueryResult<()> {
        let rows = std::mem::take(&mut self.rows);
        write_tx(conn, |conn| {
            insert_rows!(conn, stays::table, rows.stays);
            insert_rows!(conn, folio_charges::table, rows.charges);
            insert_rows!(conn, room_nights::table, rows.nights);
            insert_rows!(conn, stay_candidates::table, rows.candidates);
            Ok(())
        })
    }
}
