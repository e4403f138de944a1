//! The stays file: bookings of guests it names, or whom recognition finds or makes.

mod row;

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::cells::{Cells, LONGEST_NOTE, Parsed, Rejection};
pub use super::houses::House;
use super::houses::Houses;
use super::object::{COUNTRY, CURRENCY, Field, Object, Rule};
use super::run::{Context, FileKind, Outcome};
use crate::db::Conn;
use crate::guests::profile::NewProfile;
use crate::properties::Property;
use crate::stays::reservation::{self, Reservation, Taken};
use crate::stays::{Channel, Status};

/// The fields of a reservation in JSON; its house and number are in the address.
pub const FIELDS: &[Field] = &[
    Field::text(
        "guest_id",
        "The guest's key with this source, or our own id; else the names and contacts below are recognised.",
        "G-2201",
    ),
    Field::text("status", "Where the stay is in its life.", "reserved").rule(Rule::OneOf(|| {
        Status::ALL.iter().map(|one| one.as_str()).collect()
    })),
    Field::date("arrival", "First night.", "2026-11-24"),
    Field::date("departure", "Day of leaving.", "2026-11-27"),
    Field::date("booked_on", "Day of booking.", "2026-10-02"),
    Field::text("room_type", "Code of the room type.", "SUP"),
    Field::text("room", "Number of the room.", "1204"),
    Field::money("rate", "Price a night.", "880.00").rule(Rule::NotBelowZero),
    Field::text(
        "currency",
        "ISO 4217; the house's where nothing says otherwise.",
        "CNY",
    )
    .like(CURRENCY),
    Field::text("channel", "How the booking reached the house.", "ota").rule(Rule::OneOf(|| {
        Channel::ALL.iter().map(|one| one.as_str()).collect()
    })),
    Field::text("agency", "Who sold it.", "Fernreisen"),
    Field::whole("adults", "Adults.", "2").rule(Rule::Between(0, 1_000)),
    Field::whole("children", "Children.", "0").rule(Rule::Between(0, 1_000)),
    Field::texts(
        "requests",
        "Codes of the vocabulary, or the guest's own words.",
        "high_floor",
    )
    .rule(Rule::Lines(LONGEST_NOTE)),
    Field::money("room_revenue", "Charged for lodging so far.", "0.00"),
    Field::money(
        "food_revenue",
        "Charged by restaurants and bars so far.",
        "0.00",
    ),
    Field::money("other_revenue", "Charged by all else so far.", "0.00"),
    Field::text("given_name", "As booked.", "Ingrid"),
    Field::text("family_name", "As booked.", "Solheim"),
    Field::text("email", "As booked.", "ingrid.solheim@example.com"),
    Field::text("phone", "As booked.", "+47 22 12 34 56"),
    Field::date("birth_date", "As booked.", "1984-05-17"),
    Field::text("country", "ISO 3166-1.", "NO").like(COUNTRY),
    Field::text("city", "As booked.", "Oslo"),
    Field::text("postal_code", "As booked.", "0150"),
    Field::text("document_number", "Sealed when stored.", "P1234567"),
    Field::text("loyalty_number", "As claimed.", "IK-0042").rule(Rule::Longest(64)),
    Field::text("company", "As booked.", "Nordlys AS"),
    Field::moment(
        "updated_at",
        "When the source last changed it; what is older changes nothing.",
        "2026-11-20T09:30:00Z",
    ),
];

/// A reservation read from JSON, and what is odd about it though it is taken in.
pub struct Read {
    /// What it says.
    pub reservation: Reservation,
    /// In English.
    pub warnings: Vec<String>,
}

/// Reads a reservation of a house as a program gives it.
pub fn read(
    conn: &mut Conn,
    object: &Object,
    property: &Property,
    context: &Context,
) -> QueryResult<Result<Read, Rejection>> {
    let cells = object.cells();
    let (room_type, room) = (cells.raw("room_type"), cells.raw("room"));
    let house = House::naming(conn, property, context.now, room_type, room)?;
    Ok(read_of(&house, object, property, context))
}

/// Reads one reservation of many of a house, whose rooms and types are at hand.
pub fn read_of(
    house: &House,
    object: &Object,
    property: &Property,
    context: &Context,
) -> Result<Read, Rejection> {
    row::read(object.cells(), house, &context.source).map(|mut read| {
        read.booked = read.booked.seen_by(&context.recognition.relays);
        let unknown = read
            .room_type
            .as_ref()
            .filter(|_| read.room_type_id.is_none());
        let warnings = unknown.map(|code| {
            format!(
                "'{code}' is not a room type of {}; taken in without one",
                property.code
            )
        });
        Read {
            warnings: warnings.into_iter().collect(),
            reservation: read,
        }
    })
}

/// Reads who a booking is for, and nothing else of it.
pub fn read_guest(object: &Object, context: &Context) -> Result<NewProfile, Rejection> {
    let read = row::guest(object.cells(), context.now.date(), &context.source)?;
    Ok(read.profile.seen_by(&context.recognition.relays))
}

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

impl FileKind for File {
    type Row = Reservation;
    const COLUMNS: &'static [&'static str] = row::COLUMNS;
    const REQUIRED: &'static [&'static str] = row::REQUIRED;

    fn parse(&mut self, cells: Cells<'_>, _line: u64) -> Parsed<Reservation> {
        let property = cells.required("property")?;
        let mut row = row::read(cells, self.houses.get(&property)?, &self.context.source)?;
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

    fn key(row: &Reservation) -> String {
        format!("{}/{}", row.property_id, row.confirmation_number)
    }

    fn apply(&mut self, conn: &mut Conn, rows: &[Reservation]) -> QueryResult<Vec<Outcome>> {
        let taken = reservation::take_in(conn, &self.context, rows)?;
        Ok(taken.into_iter().map(outcome).collect())
    }
}

fn outcome(taken: Taken) -> Outcome {
    match taken {
        Taken::New(_) => Outcome::New,
        Taken::Changed(_) => Outcome::Changed,
        Taken::Unchanged(_) | Taken::Older(_) => Outcome::Unchanged,
        Taken::Refused(rejection) => Outcome::Rejected(rejection),
    }
}
