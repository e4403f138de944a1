//! A guest without a reservation: recognised, booked and checked in, in one transaction.

use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use serde::Deserialize;

use super::arrive::{self, Acting};
use super::{Channel, Status};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{room_types, rooms, stay_bookings, stay_candidates, stays};
use crate::error::{Fault, FieldError};
use crate::guests::contacts::{Email, Phone};
use crate::guests::profile::{self, NewProfile};
use crate::guests::typed::TypedGuest;
use crate::insert_rows;
use crate::outbox::{self, Event, Kind};
use crate::properties::Property;
use crate::recognition::again::CandidateRow;
use crate::recognition::{self, Decision, Known, Settings, Signals, verdict};
use crate::secret::Keys;
use crate::words::Message;

/// Longest stay that is booked at the desk, in nights.
const LONGEST_STAY: u64 = 90;

/// The form as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct WalkIn {
    #[serde(flatten)]
    pub guest: TypedGuest,
    pub nights: String,
    pub adults: String,
    pub room: String,
}

/// What was typed, understood.
struct Booking {
    profile: NewProfile,
    departure: NaiveDate,
    adults: i64,
}

/// Books and checks in a walk-in; returns the stay. Call it inside a write transaction.
pub fn welcome(
    conn: &mut Conn,
    keys: &Keys,
    house: &Property,
    typed: &WalkIn,
    acting: Acting,
) -> Result<i64, Fault> {
    let mut booking = understand(typed, house, acting)?;
    let settings = Settings::load(conn)?;
    booking.profile = booking.profile.seen_by(&settings.relays);
    let signals = Signals::of(&booking.profile, keys);
    let known = Known::load(conn, std::slice::from_ref(&signals))?;
    let verdict = verdict(&signals, &known, &recognition::current(conn)?);
    let now = clock::now();
    let guest_id = match verdict
        .guest_id
        .filter(|_| verdict.decision == Decision::Linked)
    {
        Some(guest_id) => guest_id,
        None => profile::create(conn, keys, std::slice::from_ref(&booking.profile), now)?
            .into_iter()
            .next()
            .ok_or(Fault::NotFound)?,
    };
    let room = typed.room.trim();
    let room_type: Option<(i64, i64)> = rooms::table
        .inner_join(room_types::table.on(room_types::id.eq(rooms::room_type_id)))
        .filter(rooms::property_id.eq(house.id).and(rooms::number.eq(room)))
        .select((room_types::id, room_types::rate_minor))
        .first(conn)
        .optional()?;
    let stay_id: i64 = diesel::insert_into(stays::table)
        .values((
            (
                stays::property_id.eq(house.id),
                stays::confirmation_number.eq(confirmation_number(&now)),
                stays::guest_id.eq(guest_id),
                stays::status.eq(Status::Reserved),
                stays::arrival.eq(acting.today),
                stays::departure.eq(booking.departure),
                stays::booked_on.eq(acting.today),
            ),
            stays::room_type_id.eq(room_type.map(|(id, _)| id)),
            stays::rate_minor.eq(room_type.map(|(_, rate)| rate)),
            stays::currency.eq(&house.currency),
            stays::channel.eq(Channel::WalkIn),
            stays::adults.eq(booking.adults),
            stays::decision.eq(verdict.decision),
            stays::reasons.eq(Some(&verdict.reasons).filter(|reasons| !reasons.is_empty())),
            stays::created_at.eq(now),
            stays::updated_at.eq(now),
        ))
        .returning(stays::id)
        .get_result(conn)?;
    let candidates: Vec<_> = CandidateRow::of(stay_id, &verdict).collect();
    insert_rows!(conn, stay_candidates::table, candidates);
    as_booked(conn, stay_id, &booking.profile)?;
    let event = |kind| Event::new(kind).stay(stay_id, house.id).guest(guest_id);
    let created = event(Kind::ReservationCreated)
        .dates(acting.today, booking.departure)
        .with("status", Status::Reserved.as_str());
    let recognized = event(Kind::GuestRecognized)
        .with("by", "booking")
        .with("probability", verdict.probability);
    let is_known = verdict.decision == Decision::Linked;
    outbox::tell(
        conn,
        [Some(created), is_known.then_some(recognized)]
            .into_iter()
            .flatten(),
    )?;
    // A refusal speaks of the room; at the form it stands beside the room's field.
    match arrive::check_in(conn, stay_id, room, false, acting) {
        Err(Fault::Refused(message)) => Err(Fault::Invalid(vec![FieldError::new("room", message)])),
        result => result.map(|()| stay_id),
    }
}

/// What the guest said of themselves, as said.
fn as_booked(conn: &mut Conn, stay_id: i64, profile: &NewProfile) -> QueryResult<()> {
    diesel::insert_into(stay_bookings::table)
        .values((
            stay_bookings::stay_id.eq(stay_id),
            stay_bookings::given_name.eq(&profile.given_name),
            stay_bookings::family_name.eq(&profile.family_name),
            stay_bookings::email.eq(profile.email.as_ref().map(Email::given)),
            stay_bookings::phone.eq(profile.phone.as_ref().map(Phone::given)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Numbers of walk-ins rise with time and never meet those of the booking systems.
fn confirmation_number(now: &chrono::NaiveDateTime) -> String {
    format!("WI{}", now.and_utc().timestamp_micros())
}

fn understand(typed: &WalkIn, house: &Property, acting: Acting) -> Result<Booking, Fault> {
    let (profile, mut errors) = match typed.guest.understand(house.calling_from()) {
        Ok(profile) => (profile, Vec::new()),
        Err(errors) => (NewProfile::default(), errors),
    };
    let nights = typed
        .nights
        .trim()
        .parse()
        .ok()
        .filter(|nights| (1..=LONGEST_STAY).contains(nights));
    if nights.is_none() {
        errors.push(FieldError::new(
            "nights",
            Message::new("error-nights")
                .text("text", typed.nights.trim())
                .number("most", LONGEST_STAY as i64),
        ));
    }
    let adults = typed
        .adults
        .trim()
        .parse()
        .ok()
        .filter(|adults| (1..=20).contains(adults));
    if adults.is_none() {
        errors.push(FieldError::new(
            "adults",
            Message::new("error-adults").text("text", typed.adults.trim()),
        ));
    }
    if typed.room.trim().is_empty() {
        errors.push(FieldError::new("room", Message::new("error-room-missing")));
    }
    match (
        nights.and_then(|nights| acting.today.checked_add_days(Days::new(nights))),
        adults,
    ) {
        (Some(departure), Some(adults)) if errors.is_empty() => Ok(Booking {
            profile,
            departure,
            adults,
        }),
        _ => Err(Fault::Invalid(errors)),
    }
}
