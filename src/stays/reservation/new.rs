//! Reservations of stays we do not know yet: the guest is recognised, or made.

use diesel::prelude::*;

use super::belongings::{Booking, ChargeRow, charge_rows};
use super::nights::Nights;
use super::told::Told;
use super::wishes::Wishes;
use super::{Context, Reservation};
use crate::db::Conn;
use crate::db::dialect::{self, Reserved, reserve_ids};
use crate::db::schema::{folio_charges, stay_bookings, stay_candidates, stays};
use crate::guests::profile::{self, NewProfile};
use crate::insert_rows;
use crate::recognition::again::CandidateRow;
use crate::recognition::{Decision, Known, Signals, Verdict, verdict};
use crate::stays::{Channel, Status};

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
    probability: Option<f64>,
    source_updated_at: Option<chrono::NaiveDateTime>,
    created_at: chrono::NaiveDateTime,
    updated_at: chrono::NaiveDateTime,
}

/// A reservation that makes a stay, with the guest it was found to be.
struct Arrival<'a> {
    stay_id: i64,
    guest_id: i64,
    given: &'a Reservation,
    verdict: Verdict,
}

/// Stores new stays with all that belongs to them; their ids, in order.
pub(super) fn store(
    conn: &mut Conn,
    context: &Context,
    new: &[(&Reservation, Option<i64>)],
    wishes: &mut Wishes,
    nights: &mut Nights,
    told: &mut Told,
) -> QueryResult<Vec<i64>> {
    let Context { secrets, now, .. } = context;
    let arrivals = recognise(conn, context, new)?;
    let stay_rows: Vec<_> = arrivals
        .iter()
        .map(|arrival| stay_row(context, arrival))
        .collect();
    insert_rows!(conn, stays::table, stay_rows);
    let bookings: Vec<Booking> = arrivals
        .iter()
        .map(|arrival| Booking::of(arrival.given))
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
        .flat_map(|arrival| charge_rows(arrival.given, arrival.stay_id, *now))
        .collect();
    insert_rows!(conn, folio_charges::table, charges);
    for arrival in &arrivals {
        nights.settle(
            &arrival.given.confirmation_number,
            arrival.given.property_id,
            arrival.stay_id,
        );
        wishes.note(arrival.given, arrival.stay_id, arrival.guest_id, None);
        told.made(
            arrival.given,
            arrival.stay_id,
            arrival.guest_id,
            &arrival.verdict,
        );
    }
    Ok(arrivals.iter().map(|arrival| arrival.stay_id).collect())
}

/// Finds the guests of new stays, and makes profiles for those nobody is found for.
fn recognise<'a>(
    conn: &mut Conn,
    context: &Context,
    new: &[(&'a Reservation, Option<i64>)],
) -> QueryResult<Vec<Arrival<'a>>> {
    let secrets = &context.secrets;
    let asked = new.iter().filter(|(_, guest_id)| guest_id.is_none());
    let signals: Vec<Signals> = asked
        .map(|(given, _)| Signals::of(&given.booked, secrets))
        .collect();
    let closest = signals.iter().flat_map(|signals| signals.closest_keys());
    dialect::lock_likeness(conn, closest)?;
    let mut known = Known::load(conn, &signals)?;
    let mut signals = signals.into_iter();
    // Of a batch all at once, and none where the first is known: most are.
    let mut guest_ids: Option<std::vec::IntoIter<i64>> = None;
    let stay_ids = reserve_ids(conn, Reserved::Stays, new.len())?;
    let mut profiles: Vec<(i64, NewProfile)> = Vec::new();
    let mut arrivals = Vec::with_capacity(new.len());
    for (stay_id, (given, named)) in stay_ids.into_iter().zip(new) {
        let verdict = match named {
            Some(guest_id) => Verdict::named(*guest_id),
            None => {
                let booked = signals.next().unwrap_or_default();
                let verdict = verdict(&booked, &known, &context.model);
                if verdict.guest_id.is_none() {
                    let ids = match &mut guest_ids {
                        Some(ids) => ids,
                        none => {
                            let ids = reserve_ids(conn, Reserved::Guests, 1 + signals.len())?;
                            none.insert(ids.into_iter())
                        }
                    };
                    let Some(id) = ids.next() else { continue };
                    // A loyalty number typed into a booking is a claim, not an account.
                    known.remember(id, booked.without_loyalty());
                    profiles.push((
                        id,
                        NewProfile {
                            loyalty_number: None,
                            ..given.booked.clone()
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
            given,
            verdict,
        });
    }
    let profiles: Vec<(i64, &NewProfile)> = profiles
        .iter()
        .map(|(id, profile)| (*id, profile))
        .collect();
    profile::create_as(conn, secrets, &profiles, context.now)?;
    Ok(arrivals)
}

fn stay_row<'a>(context: &Context, arrival: &Arrival<'a>) -> StayRow<'a> {
    let given = arrival.given;
    let reasons = Some(arrival.verdict.reasons.clone()).filter(|reasons| !reasons.is_empty());
    StayRow {
        id: arrival.stay_id,
        property_id: given.property_id,
        confirmation_number: &given.confirmation_number,
        guest_id: arrival.guest_id,
        status: given.status.unwrap_or(Status::Reserved),
        arrival: given.arrival,
        departure: given.departure,
        booked_on: given.booked_on,
        room_type_id: given.room_type_id,
        room_id: given.room_id,
        rate_minor: given.rate_minor,
        currency: given.currency.as_deref().unwrap_or(&given.house_currency),
        channel: given.channel,
        agency: given.agency.as_deref(),
        adults: given.adults.unwrap_or(1),
        children: given.children.unwrap_or(0),
        requests: given.requests.as_deref(),
        decision: arrival.verdict.decision,
        reasons,
        probability: Some(arrival.verdict.probability),
        source_updated_at: given.source_updated_at,
        created_at: context.now,
        updated_at: context.now,
    }
}
