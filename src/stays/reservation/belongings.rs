//! What comes with a reservation: the guest as booked, and the folio by department.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::Reservation;
use crate::db::Conn;
use crate::db::among::among;
use crate::db::schema::{folio_charges, stay_bookings};
use crate::guests::contacts::{Email, Phone, Relays};
use crate::guests::documents;
use crate::guests::profile::NewProfile;
use crate::insert_rows;
use crate::secret::Keys;
use crate::stays::Status;

/// The guest as the booking gave them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Booking {
    given_name: Option<String>,
    family_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    birth_date: Option<NaiveDate>,
    country: Option<String>,
    city: Option<String>,
    postal_code: Option<String>,
    document_number: Option<String>,
    loyalty_number: Option<String>,
    company: Option<String>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = stay_bookings, treat_none_as_default_value = false)]
pub(super) struct BookingRow {
    stay_id: i64,
    given_name: Option<String>,
    family_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    birth_date: Option<NaiveDate>,
    country: Option<String>,
    city: Option<String>,
    postal_code: Option<String>,
    document_sealed: Option<Vec<u8>>,
    loyalty_number: Option<String>,
    company: Option<String>,
}

impl Booking {
    pub(super) fn of(given: &Reservation) -> Self {
        let booked = &given.booked;
        Self {
            given_name: booked.given_name.clone(),
            family_name: booked.family_name.clone(),
            email: given.email.clone(),
            phone: given.phone.clone(),
            birth_date: booked.birth_date,
            country: booked.country.clone(),
            city: booked.city.clone(),
            postal_code: booked.postal_code.clone(),
            document_number: booked.document_number.clone(),
            loyalty_number: booked.loyalty_number.clone(),
            company: booked.company.clone(),
        }
    }

    /// With what was known before, where this says nothing.
    pub(super) fn over(self, old: &Self) -> Self {
        let old = old.clone();
        Self {
            given_name: self.given_name.or(old.given_name),
            family_name: self.family_name.or(old.family_name),
            email: self.email.or(old.email),
            phone: self.phone.or(old.phone),
            birth_date: self.birth_date.or(old.birth_date),
            country: self.country.or(old.country),
            city: self.city.or(old.city),
            postal_code: self.postal_code.or(old.postal_code),
            document_number: self.document_number.or(old.document_number),
            loyalty_number: self.loyalty_number.or(old.loyalty_number),
            company: self.company.or(old.company),
        }
    }

    /// What it tells about the guest; a contact that can't be read is no evidence.
    pub(super) fn profile(&self, relays: &Relays, source: &str) -> NewProfile {
        let booking = self.clone();
        let email = booking.email.and_then(|text| Email::parse(&text).ok());
        let country = booking.country.as_deref();
        let phone = booking
            .phone
            .and_then(|text| Phone::parse(&text, country).ok());
        let profile = NewProfile {
            source: source.to_owned(),
            given_name: booking.given_name,
            family_name: booking.family_name,
            email,
            phone,
            birth_date: booking.birth_date,
            country: booking.country,
            city: booking.city,
            postal_code: booking.postal_code,
            document_number: booking.document_number,
            loyalty_number: booking.loyalty_number,
            company: booking.company,
            ..NewProfile::default()
        };
        profile.seen_by(relays)
    }

    /// The row to store; none where the booking says nothing about the guest.
    pub(super) fn row(&self, secrets: &Keys, stay_id: i64) -> Option<BookingRow> {
        if *self == Self::default() {
            return None;
        }
        let booking = self.clone();
        Some(BookingRow {
            stay_id,
            given_name: booking.given_name,
            family_name: booking.family_name,
            email: booking.email,
            phone: booking.phone,
            birth_date: booking.birth_date,
            country: booking.country,
            city: booking.city,
            postal_code: booking.postal_code,
            document_sealed: booking
                .document_number
                .map(|number| documents::seal_booked(secrets, stay_id, &number)),
            loyalty_number: booking.loyalty_number,
            company: booking.company,
        })
    }
}

impl BookingRow {
    fn opened(self, secrets: &Keys) -> Booking {
        Booking {
            given_name: self.given_name,
            family_name: self.family_name,
            email: self.email,
            phone: self.phone,
            birth_date: self.birth_date,
            country: self.country,
            city: self.city,
            postal_code: self.postal_code,
            document_number: self
                .document_sealed
                .and_then(|sealed| documents::open_booked(secrets, self.stay_id, &sealed)),
            loyalty_number: self.loyalty_number,
            company: self.company,
        }
    }
}

/// The bookings of stays.
pub(super) fn load_bookings(
    conn: &mut Conn,
    secrets: &Keys,
    stay_ids: &[i64],
) -> QueryResult<HashMap<i64, Booking>> {
    let rows: Vec<BookingRow> = stay_bookings::table
        .filter(among(stay_bookings::stay_id, stay_ids))
        .select(BookingRow::as_select())
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.stay_id, row.opened(secrets)))
        .collect())
}

/// The keys of charges that come with a reservation: one line for each department.
pub(super) const REFERENCES: [&str; 3] = ["import:room", "import:food", "import:other"];

/// A department's revenue.
pub(super) struct Charge<'a> {
    pub(super) department: &'static str,
    pub(super) amount_minor: i64,
    currency: &'a str,
    posted_on: NaiveDate,
}

#[derive(Insertable)]
#[diesel(table_name = folio_charges)]
pub(super) struct ChargeRow {
    stay_id: i64,
    department: &'static str,
    amount_minor: i64,
    currency: String,
    posted_on: NaiveDate,
    reference: String,
    created_at: NaiveDateTime,
}

pub(super) fn charges<'a>(
    given: &'a Reservation,
    currency: &'a str,
) -> impl Iterator<Item = Charge<'a>> {
    let is_departed = given.status == Some(Status::Departed);
    given
        .revenues
        .iter()
        .map(move |(department, amount_minor)| Charge {
            department,
            amount_minor: *amount_minor,
            currency,
            posted_on: if is_departed {
                given.departure
            } else {
                given.arrival
            },
        })
}

/// The charges of a new stay; nothing charged is no line.
pub(super) fn charge_rows(
    given: &Reservation,
    stay_id: i64,
    now: NaiveDateTime,
) -> impl Iterator<Item = ChargeRow> {
    let currency = given.currency.as_deref().unwrap_or(&given.house_currency);
    charges(given, currency)
        .filter(|charge| charge.amount_minor != 0)
        .map(move |charge| charge.row(stay_id, now))
}

impl Charge<'_> {
    fn row(&self, stay_id: i64, created_at: NaiveDateTime) -> ChargeRow {
        ChargeRow {
            stay_id,
            department: self.department,
            amount_minor: self.amount_minor,
            currency: self.currency.to_owned(),
            posted_on: self.posted_on,
            reference: format!("import:{}", self.department),
            created_at,
        }
    }
}

/// Puts changed charges in the place of those an import posted before.
pub(super) fn replace_charges(
    conn: &mut Conn,
    stay_id: i64,
    charges: Vec<Charge<'_>>,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let rows: Vec<ChargeRow> = charges
        .iter()
        .map(|charge| charge.row(stay_id, now))
        .collect();
    let references: Vec<&str> = rows.iter().map(|row| row.reference.as_str()).collect();
    diesel::delete(
        folio_charges::table
            .filter(folio_charges::stay_id.eq(stay_id))
            .filter(folio_charges::reference.eq_any(references)),
    )
    .execute(conn)?;
    let charged: Vec<ChargeRow> = rows
        .into_iter()
        .filter(|row| row.amount_minor != 0)
        .collect();
    insert_rows!(conn, folio_charges::table, charged);
    Ok(())
}
