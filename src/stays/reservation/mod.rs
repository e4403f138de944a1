//! The reservation as its source now says it: one path for a file of many and for one call of the API.
//!
//! The guest is recognised, or a profile made; the stay, the booking, the room's nights, the charges and the wishes are
//! stored; and where the booking changed, whose it is is asked again.

mod belongings;
mod new;
mod nights;
pub mod shown;
mod stored;
mod told;
mod wishes;

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use self::belongings::Booking;
use self::nights::Nights;
use self::stored::{Fields, Stored};
use self::told::Told;
use self::wishes::Wishes;
use super::{Channel, Status};
use crate::db::Conn;
use crate::db::among::among;
use crate::db::schema::{guests, stay_bookings, stay_candidates, stays};
use crate::error::Rejection;
use crate::guests::profile::NewProfile;
use crate::insert_rows;
use crate::loyalty::earning;
use crate::recognition::again::{Changed, look_again};
use crate::recognition::{Model, Settings, Verdict};
use crate::secret::Keys;
use crate::vocabulary::{self, Feature};

/// Requests that are about one stay, not about the guest.
const OF_ONE_STAY: [&str; 4] = [
    "late_arrival",
    "early_check_in",
    "late_check_out",
    "airport_transfer",
];

/// Who says it, and what it is understood with.
#[derive(Clone)]
pub struct Context {
    /// Whose keys the `guest_id`s are: a file's source, a token's name.
    pub source: String,
    /// For sealing and looking up what is sealed.
    pub secrets: Keys,
    /// What was decided about recognition.
    pub recognition: Settings,
    /// What guests are recognised with.
    pub model: Model,
    /// The moment, in UTC.
    pub now: NaiveDateTime,
}

/// A reservation, read and checked. What is not there is unknown, and leaves what is known.
#[allow(missing_docs, reason = "the columns of the stays file")]
pub struct Reservation {
    pub property_id: i64,
    /// The house's business date.
    pub today: NaiveDate,
    pub confirmation_number: String,
    pub guest_id: Option<String>,
    pub status: Option<Status>,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
    pub booked_on: Option<NaiveDate>,
    pub room_type_id: Option<i64>,
    /// As given, whether or not the house has such a type.
    pub room_type: Option<String>,
    pub room_id: Option<i64>,
    pub room: Option<String>,
    /// Minor units a night.
    pub rate_minor: Option<i64>,
    /// As given, and the house's where nothing is.
    pub currency: Option<String>,
    pub house_currency: String,
    pub channel: Option<Channel>,
    pub agency: Option<String>,
    pub adults: Option<i64>,
    pub children: Option<i64>,
    /// Codes, then the guest's own words, joined by `;`.
    pub requests: Option<String>,
    /// Department and amount in minor units.
    pub revenues: Vec<(&'static str, i64)>,
    /// As typed: a contact that cannot be read is kept with the booking, and is no evidence.
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The guest as booked.
    pub booked: NewProfile,
    /// When its source last changed it, in UTC: what is older than what we have changes nothing.
    pub source_updated_at: Option<NaiveDateTime>,
}

/// What became of a reservation: the id of its stay, or why there is none.
#[derive(Debug)]
pub enum Taken {
    /// It is a new stay.
    New(i64),
    /// It changed a stay.
    Changed(i64),
    /// It says what was known.
    Unchanged(i64),
    /// Its source has told us something newer already.
    Older(i64),
    /// It can't be right, and nothing of it is stored.
    Refused(Rejection),
}

impl Reservation {
    /// The codes among the requests that tell something about the guest.
    fn wishes(&self) -> impl Iterator<Item = &'static Feature> {
        codes(self.requests.as_deref())
    }

    /// Whether it is about a stay that is not over; see [`told`].
    fn is_news(&self) -> bool {
        let is_ahead = matches!(self.status, None | Some(Status::Reserved | Status::InHouse));
        is_ahead && self.departure >= self.today
    }

    /// The nights a room is promised or let, from tonight on; nights gone by can't be let twice any more.
    fn nights_ahead(
        &self,
        arrival: NaiveDate,
        departure: NaiveDate,
    ) -> impl Iterator<Item = NaiveDate> + use<> {
        arrival
            .max(self.today)
            .iter_days()
            .take_while(move |night| *night < departure)
    }
}

/// The lasting wishes in a stored list of requests.
fn codes(requests: Option<&str>) -> impl Iterator<Item = &'static Feature> {
    requests
        .unwrap_or_default()
        .split(';')
        .filter_map(vocabulary::get)
        .filter(|feature| !OF_ONE_STAY.contains(&feature.code))
}

/// Takes reservations in as their source now says them; what became of each, in order.
///
/// No two of them may be of one stay. Call it inside a write transaction.
pub fn take_in(
    conn: &mut Conn,
    context: &Context,
    given: &[Reservation],
) -> QueryResult<Vec<Taken>> {
    let named = named(conn, &context.source, given)?;
    let stored = stored::load(conn, &context.secrets, given)?;
    let mut nights = Nights::load(conn, given, &stored)?;
    let mut wishes = Wishes::default();
    let mut told = Told::default();
    let mut new = Vec::new();
    let mut changed = Vec::new();
    let mut corrected = Vec::new();
    let mut taken = Vec::with_capacity(given.len());
    for one in given {
        let known = stored.get(&(one.property_id, one.confirmation_number.clone()));
        if let Some(known) = known.filter(|known| known.is_newer_than(one)) {
            taken.push(Taken::Older(known.id));
            continue;
        }
        let known = match known {
            Some(old) if old.is_succeeded_by(one) => {
                old.retire(conn, &one.confirmation_number)?;
                None
            }
            known => known,
        };
        if let Some(rejection) = faults(one, known, &named, &context.source) {
            taken.push(Taken::Refused(rejection));
            continue;
        }
        let guest_id = one.guest_id.as_ref().and_then(|id| named.get(id)).copied();
        let fields = Fields::after(one, known, guest_id);
        if let Err(rejection) = nights.claim(one, known.map(|known| known.id), &fields) {
            taken.push(Taken::Refused(rejection));
            continue;
        }
        taken.push(match known {
            None => {
                new.push((one, guest_id));
                Taken::New(0)
            }
            Some(known) => {
                let booking = Booking::of(one).over(&known.booking);
                changed.extend((booking != known.booking).then(|| Changed {
                    stay_id: known.id,
                    booked: booking.profile(&context.recognition.relays, &context.source),
                }));
                if known.is_over() {
                    corrected.push((one.today, known.id));
                }
                let (was, is) = (&known.fields, fields.clone());
                let taken = update(conn, context, one, known, fields, booking, &mut wishes)?;
                if matches!(taken, Taken::Changed(_)) {
                    told.changed(one, known.id, was, &is);
                }
                taken
            }
        });
    }
    // A stay that is over may have earned; its source may have corrected what it earned by.
    corrected.sort_unstable();
    for of_a_day in corrected.chunk_by(|a, b| a.0 == b.0) {
        let ids: Vec<i64> = of_a_day.iter().map(|(_, id)| *id).collect();
        if let Some((today, _)) = of_a_day.first() {
            earning::settle(conn, &ids, *today, None)?;
        }
    }
    let mut ids = new::store(conn, context, &new, &mut wishes, &mut nights, &mut told)?.into_iter();
    for taken in &mut taken {
        if let Taken::New(id) = taken {
            *id = ids.next().ok_or(diesel::result::Error::NotFound)?;
        }
    }
    nights.store(conn)?;
    let wished = wishes.store(conn, context.now)?;
    told.store(conn, wished)?;
    look_again(conn, &context.secrets, &context.model, changed)?;
    Ok(taken)
}

/// The profiles that the `guest_id`s name: by their source's key, or by our own opaque id.
fn named(
    conn: &mut Conn,
    source: &str,
    given: &[Reservation],
) -> QueryResult<HashMap<String, i64>> {
    let asked = given.iter().filter_map(|one| one.guest_id.as_deref());
    let mut found = guest_ids(conn, source, asked)?;
    let ours: HashSet<&str> = given
        .iter()
        .filter_map(|one| one.guest_id.as_deref())
        .filter(|id| !found.contains_key(*id))
        .collect();
    if !ours.is_empty() {
        let rows: Vec<(String, i64)> = guests::table
            .filter(among(guests::public_id, ours))
            .select((guests::public_id, guests::id))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The profiles behind the keys of a source.
pub fn guest_ids<'a>(
    conn: &mut Conn,
    source: &str,
    external_ids: impl Iterator<Item = &'a str>,
) -> QueryResult<HashMap<String, i64>> {
    let asked: HashSet<&str> = external_ids.collect();
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Option<String>, i64)> = guests::table
        .filter(guests::source.eq(source))
        .filter(among(guests::external_id, asked))
        .select((guests::external_id, guests::id))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(external, id)| Some((external?, id)))
        .collect())
}

fn faults(
    one: &Reservation,
    known: Option<&Stored>,
    named: &HashMap<String, i64>,
    source: &str,
) -> Option<Rejection> {
    if let Some(id) = one.guest_id.as_ref().filter(|id| !named.contains_key(*id)) {
        return Some(Rejection::unknown_guest(id, source));
    }
    let is_nameless = one.booked.given_name.is_none() && one.booked.family_name.is_none();
    if known.is_none() && one.guest_id.is_none() && is_nameless {
        return Some(Rejection::new(
            "family_name",
            "is empty, and so are given_name and guest_id; a booking needs one of them",
        ));
    }
    None
}

fn update(
    conn: &mut Conn,
    context: &Context,
    one: &Reservation,
    known: &Stored,
    fields: Fields,
    booking: Booking,
    wishes: &mut Wishes,
) -> QueryResult<Taken> {
    let Context { secrets, now, .. } = context;
    let charges = known.new_charges(one, &fields);
    if fields == known.fields && booking == known.booking && charges.is_empty() {
        return Ok(Taken::Unchanged(known.id));
    }
    if fields.guest_id != known.fields.guest_id {
        let named = Verdict::named(fields.guest_id);
        diesel::update(stays::table.find(known.id))
            .set((
                stays::decision.eq(named.decision),
                stays::reasons.eq(named.reasons),
                stays::probability.eq(named.probability),
            ))
            .execute(conn)?;
        diesel::delete(stay_candidates::table.filter(stay_candidates::stay_id.eq(known.id)))
            .execute(conn)?;
    }
    let before = known.fields.requests.as_deref();
    wishes.note(one, known.id, fields.guest_id, before);
    diesel::update(stays::table.find(known.id))
        .set((fields.clone(), stays::updated_at.eq(now)))
        .execute(conn)?;
    if booking != known.booking {
        diesel::delete(stay_bookings::table.find(known.id)).execute(conn)?;
        let rows: Vec<_> = booking.row(secrets, known.id).into_iter().collect();
        insert_rows!(conn, stay_bookings::table, rows);
    }
    belongings::replace_charges(conn, known.id, charges, *now)?;
    Ok(Taken::Changed(known.id))
}
