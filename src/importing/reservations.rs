//! The reservations file, the input of `match`: streamed, and forgiving, for each row must be answered.

use std::io::Read;

use chrono::NaiveDate;
use csv::StringRecord;

use super::ImportError;
use super::cells::{Cells, Parsed};
use super::reader::Table;
use crate::guests::contacts::{Email, Phone};
use crate::guests::profile::NewProfile;

const COLUMNS: &[&str] = &[
    "reservation_id",
    "guest_id",
    "property",
    "arrival",
    "departure",
    "given_name",
    "family_name",
    "native_name",
    "email",
    "phone",
    "birth_date",
    "country",
    "city",
    "postal_code",
    "street",
    "document_number",
    "loyalty_number",
    "company",
    "channel",
];

/// A row of the file.
#[derive(Clone, Debug)]
pub struct Reservation {
    /// Its key.
    pub id: String,
    /// What it says of the guest.
    pub booked: NewProfile,
}

/// The rows of a file.
pub struct Reservations<'a> {
    table: Table<'a>,
    key: &'static str,
    record: StringRecord,
    today: NaiveDate,
    /// Cells that could not be read, and were taken as unknown.
    pub unread: u64,
    /// What is odd about the header.
    pub warnings: Vec<String>,
}

impl<'a> Reservations<'a> {
    /// Reads the header.
    pub fn open(input: impl Read + 'a, today: NaiveDate) -> Result<Self, ImportError> {
        Self::keyed(input, "reservation_id", today)
    }

    /// The same of a file whose key is another column, as in one of profiles.
    pub(super) fn keyed(
        input: impl Read + 'a,
        key: &'static str,
        today: NaiveDate,
    ) -> Result<Self, ImportError> {
        let mut table = Table::open(input, COLUMNS, &[key])?;
        Ok(Self {
            key,
            warnings: std::mem::take(&mut table.warnings),
            table,
            record: StringRecord::new(),
            today,
            unread: 0,
        })
    }

    /// The next rows, up to `most`; none at the end of the file.
    pub fn next(&mut self, most: usize) -> Result<Vec<Reservation>, ImportError> {
        let mut rows = Vec::new();
        while rows.len() < most
            && let Some(line) = self.table.next(&mut self.record)?
        {
            let cells = Cells {
                columns: &self.table.columns,
                record: &self.record,
            };
            let id = cells.key(self.key, 100).map_err(|rejection| {
                ImportError::File(format!(
                    "line {line}: {}: {}",
                    rejection.column, rejection.reason
                ))
            })?;
            rows.push(Reservation {
                id,
                booked: booked(cells, self.today, &mut self.unread),
            });
        }
        Ok(rows)
    }
}

fn booked(cells: Cells<'_>, today: NaiveDate, unread: &mut u64) -> NewProfile {
    fn known<T>(parsed: Parsed<Option<T>>, unread: &mut u64) -> Option<T> {
        parsed.unwrap_or_else(|_| {
            *unread += 1;
            None
        })
    }
    let country = known(cells.country("country"), unread);
    let mut text = |column: &str| known(cells.text(column), unread);
    let (email, phone) = (text("email"), text("phone"));
    NewProfile {
        given_name: text("given_name"),
        family_name: text("family_name"),
        native_name: text("native_name"),
        city: text("city"),
        postal_code: text("postal_code"),
        street: text("street"),
        document_number: text("document_number"),
        loyalty_number: text("loyalty_number"),
        company: text("company"),
        birth_date: known(cells.birth_date(today), unread),
        email: email.and_then(|text| Email::parse(&text).ok()),
        phone: phone.and_then(|text| Phone::parse(&text, country.as_deref()).ok()),
        country,
        ..NewProfile::default()
    }
}
