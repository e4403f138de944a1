//! Stays as they stand, and what a newer row makes of them.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::belongings::{self, Booking};
use super::row::Row;
use crate::db::Conn;
use crate::db::schema::{folio_charges, stays};
use crate::secret::Keys;
use crate::stays::{Channel, Status};

/// The columns of a stay that a file can change.
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
}

/// A stay with what belongs to it.
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) fields: Fields,
    pub(super) booking: Booking,
    checked_in_at: Option<NaiveDateTime>,
    checked_out_at: Option<NaiveDateTime>,
    /// Charges an import posted, by department.
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
    rows: &[Row],
) -> QueryResult<HashMap<(i64, String), Stored>> {
    let loaded: Vec<Loaded> = stays::table
        .filter(stays::property_id.eq_any(properties(rows)))
        .filter(stays::confirmation_number.eq_any(rows.iter().map(|row| &row.confirmation_number)))
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
        .filter(folio_charges::stay_id.eq_any(&ids))
        .filter(folio_charges::reference.eq_any(belongings::REFERENCES))
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

fn properties(rows: &[Row]) -> Vec<i64> {
    let mut ids: Vec<i64> = rows.iter().map(|row| row.property_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl Fields {
    /// The stay after this row: an empty cell leaves what is known.
    pub(super) fn after(row: &Row, known: Option<&Stored>, guest_id: Option<i64>) -> Self {
        let old = known.map(|known| &known.fields);
        let fields = Self {
            guest_id: guest_id.or(old.map(|old| old.guest_id)).unwrap_or_default(),
            status: row
                .status
                .or(old.map(|old| old.status))
                .unwrap_or(Status::Reserved),
            arrival: row.arrival,
            departure: row.departure,
            booked_on: row.booked_on.or(old.and_then(|old| old.booked_on)),
            room_type_id: row.room_type_id.or(old.and_then(|old| old.room_type_id)),
            room_id: row.room_id.or(old.and_then(|old| old.room_id)),
            rate_minor: row.rate_minor.or(old.and_then(|old| old.rate_minor)),
            currency: row
                .currency
                .clone()
                .or(old.map(|old| old.currency.clone()))
                .unwrap_or_else(|| row.house_currency.clone()),
            channel: row.channel.or(old.and_then(|old| old.channel)),
            agency: row
                .agency
                .clone()
                .or(old.and_then(|old| old.agency.clone())),
            adults: row.adults.or(old.map(|old| old.adults)).unwrap_or(1),
            children: row.children.or(old.map(|old| old.children)).unwrap_or(0),
            requests: row
                .requests
                .clone()
                .or(old.and_then(|old| old.requests.clone())),
        };
        match known {
            Some(known) => known.desk_first(fields),
            None => fields,
        }
    }
}

impl Stored {
    /// What happened at our desk is newer than a file that still calls the stay reserved.
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

    /// The charges of the row that are not posted so. A folio posted at our desk is not posted again by file.
    pub(super) fn new_charges<'a>(
        &self,
        row: &'a Row,
        fields: &'a Fields,
    ) -> Vec<belongings::Charge<'a>> {
        if self.checked_out_at.is_some() {
            return Vec::new();
        }
        belongings::charges(row, &fields.currency)
            .filter(|charge| {
                self.charges.get(charge.department).copied().unwrap_or(0) != charge.amount_minor
            })
            .collect()
    }
}
