//! Stays as they stand, and what a newer account makes of them.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::Reservation;
use super::belongings::{self, Booking};
use crate::db::among::among;
use crate::db::schema::{folio_charges, stays};
use crate::db::{Conn, dialect};
use crate::secret::Keys;
use crate::stays::{Channel, Status};

/// A number met again so long after its stay is another booking's.
const GIVEN_AGAIN: TimeDelta = TimeDelta::days(180);
/// Characters of a number that are kept before `~` and a date.
const KEPT: usize = 53;

/// The columns of a stay that its source can change.
#[derive(AsChangeset, Queryable, Selectable, Clone, Debug, PartialEq)]
#[diesel(table_name = stays, treat_none_as_null = true)]
pub(super) struct Fields {
    pub(super) guest_id: i64,
    pub(super) status: Status,
    pub(super) arrival: NaiveDate,
    pub(super) departure: NaiveDate,
    pub(super) booked_on: Option<NaiveDate>,
    pub(super) room_type_id: Option<i64>,
    pub(super) room_id: Option<i64>,
    pub(super) rate_minor: Option<i64>,
    pub(super) currency: String,
    pub(super) channel: Option<Channel>,
    pub(super) agency: Option<String>,
    pub(super) adults: i64,
    pub(super) children: i64,
    pub(super) requests: Option<String>,
    pub(super) source_updated_at: Option<NaiveDateTime>,
}

/// A stay with what belongs to it.
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) fields: Fields,
    pub(super) booking: Booking,
    checked_in_at: Option<NaiveDateTime>,
    checked_out_at: Option<NaiveDateTime>,
    /// Charges that came with the reservation, by department.
    charges: HashMap<String, i64>,
}

type Loaded = (
    i64,
    i64,
    String,
    Option<NaiveDateTime>,
    Option<NaiveDateTime>,
    Fields,
);

/// The stays of a batch that exist, by property and confirmation number.
pub(super) fn load(
    conn: &mut Conn,
    secrets: &Keys,
    all: &[Reservation],
) -> QueryResult<HashMap<(i64, String), Stored>> {
    dialect::lock_reservations(conn, &properties(all), &numbers(all))?;
    let loaded: Vec<Loaded> = stays::table
        .filter(among(stays::property_id, properties(all)))
        .filter(among(stays::confirmation_number, numbers(all)))
        .select((
            stays::id,
            stays::property_id,
            stays::confirmation_number,
            stays::checked_in_at,
            stays::checked_out_at,
            Fields::as_select(),
        ))
        .load(conn)?;
    if loaded.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = loaded.iter().map(|row| row.0).collect();
    let mut bookings = belongings::load_bookings(conn, secrets, &ids)?;
    let posted: Vec<(i64, String, i64)> = folio_charges::table
        .filter(among(folio_charges::stay_id, &ids))
        .filter(among(folio_charges::reference, belongings::REFERENCES))
        .select((
            folio_charges::stay_id,
            folio_charges::department,
            folio_charges::amount_minor,
        ))
        .load(conn)?;
    let mut charges: HashMap<i64, HashMap<String, i64>> = HashMap::new();
    for (stay_id, department, amount) in posted {
        charges
            .entry(stay_id)
            .or_default()
            .insert(department, amount);
    }
    Ok(loaded
        .into_iter()
        .map(
            |(id, property_id, number, checked_in_at, checked_out_at, fields)| {
                let stored = Stored {
                    id,
                    fields,
                    booking: bookings.remove(&id).unwrap_or_default(),
                    checked_in_at,
                    checked_out_at,
                    charges: charges.remove(&id).unwrap_or_default(),
                };
                ((property_id, number), stored)
            },
        )
        .collect())
}

fn numbers(all: &[Reservation]) -> Vec<&str> {
    let numbers = all.iter().map(|given| given.confirmation_number.as_str());
    numbers.collect()
}

fn properties(all: &[Reservation]) -> Vec<i64> {
    let mut ids: Vec<i64> = all.iter().map(|given| given.property_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl Fields {
    /// The stay after this: what is not said leaves what is known.
    pub(super) fn after(
        given: &Reservation,
        known: Option<&Stored>,
        guest_id: Option<i64>,
    ) -> Self {
        let old = known.map(|known| &known.fields);
        let fields = Self {
            guest_id: guest_id.or(old.map(|old| old.guest_id)).unwrap_or_default(),
            status: given
                .status
                .or(old.map(|old| old.status))
                .unwrap_or(Status::Reserved),
            arrival: given.arrival,
            departure: given.departure,
            booked_on: given.booked_on.or(old.and_then(|old| old.booked_on)),
            room_type_id: given.room_type_id.or(old.and_then(|old| old.room_type_id)),
            room_id: given.room_id.or(old.and_then(|old| old.room_id)),
            rate_minor: given.rate_minor.or(old.and_then(|old| old.rate_minor)),
            currency: given
                .currency
                .clone()
                .or(old.map(|old| old.currency.clone()))
                .unwrap_or_else(|| given.house_currency.clone()),
            channel: given.channel.or(old.and_then(|old| old.channel)),
            agency: given
                .agency
                .clone()
                .or(old.and_then(|old| old.agency.clone())),
            adults: given.adults.or(old.map(|old| old.adults)).unwrap_or(1),
            children: given.children.or(old.map(|old| old.children)).unwrap_or(0),
            requests: given
                .requests
                .clone()
                .or(old.and_then(|old| old.requests.clone())),
            source_updated_at: given
                .source_updated_at
                .or(old.and_then(|old| old.source_updated_at)),
        };
        match known {
            Some(known) => known.desk_first(fields),
            None => fields,
        }
    }
}

impl Stored {
    /// Whether this is another booking under a number that was given out again: some houses begin anew each year.
    pub(super) fn is_succeeded_by(&self, given: &Reservation) -> bool {
        let is_begun = matches!(
            given.status,
            None | Some(Status::Reserved | Status::InHouse)
        );
        is_begun
            && self.fields.status != Status::InHouse
            && given.arrival - self.fields.departure >= GIVEN_AGAIN
    }

    /// Whether the guest has left, as far as we know.
    pub(super) fn is_over(&self) -> bool {
        self.fields.status == Status::Departed
    }

    /// Gives its number free for the booking that succeeds it; its own stays readable.
    pub(super) fn retire(&self, conn: &mut Conn, number: &str) -> QueryResult<()> {
        let kept: String = number.chars().take(KEPT).collect();
        let retired = format!("{kept}~{}", self.fields.arrival);
        diesel::update(stays::table.find(self.id))
            .set(stays::confirmation_number.eq(retired))
            .execute(conn)?;
        Ok(())
    }

    /// Whether its source has told us something newer already.
    pub(super) fn is_newer_than(&self, given: &Reservation) -> bool {
        given.source_updated_at < self.fields.source_updated_at && given.source_updated_at.is_some()
    }

    /// What happened at our desk is newer than a source that still calls the stay reserved.
    fn desk_first(&self, mut fields: Fields) -> Fields {
        let is_behind = self.checked_in_at.is_some() && fields.status == Status::Reserved
            || self.checked_out_at.is_some() && fields.status == Status::InHouse;
        if is_behind {
            fields.status = self.fields.status;
            fields.room_id = self.fields.room_id;
            fields.room_type_id = self.fields.room_type_id;
            fields.arrival = self.fields.arrival;
            fields.departure = self.fields.departure;
        }
        fields
    }

    /// The charges given that are not posted so. A folio posted at check-out is not posted again.
    pub(super) fn new_charges<'a>(
        &self,
        given: &'a Reservation,
        fields: &'a Fields,
    ) -> Vec<belongings::Charge<'a>> {
        if self.checked_out_at.is_some() {
            return Vec::new();
        }
        belongings::charges(given, &fields.currency)
            .filter(|charge| {
                self.charges.get(charge.department).copied().unwrap_or(0) != charge.amount_minor
            })
            .collect()
    }
}
