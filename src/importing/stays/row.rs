//! One row of the stays file, read and checked.

use chrono::{Duration, NaiveDate, NaiveDateTime};

use super::super::cells::{Cells, Parsed, Rejection, as_feature};
use super::super::guests::loyalty_number;
use super::super::houses::House;
use crate::guests::contacts::{Email, Phone};
use crate::guests::profile::NewProfile;
use crate::stays::reservation::Reservation;

pub(super) const COLUMNS: &[&str] = &[
    "property",
    "confirmation_number",
    "guest_id",
    "status",
    "arrival",
    "departure",
    "booked_on",
    "room_type",
    "room",
    "rate",
    "currency",
    "channel",
    "agency",
    "adults",
    "children",
    "requests",
    "room_revenue",
    "food_revenue",
    "other_revenue",
    "given_name",
    "family_name",
    "email",
    "phone",
    "birth_date",
    "country",
    "city",
    "postal_code",
    "document_number",
    "loyalty_number",
    "company",
    "updated_at",
];
pub(super) const REQUIRED: &[&str] = &["property", "confirmation_number", "arrival", "departure"];

/// Longer than anybody stays; a year typed wrong.
const MOST_NIGHTS: i64 = 1_100;
/// Reads a reservation from the cells of a row.
pub(super) fn read(cells: Cells<'_>, house: &House, source: &str) -> Parsed<Reservation> {
    let currency = cells.currency("currency")?;
    let in_currency = currency.clone().unwrap_or_else(|| house.currency.clone());
    let (arrival, departure) = dates(cells)?;
    let room = cells.text("room")?;
    let room_type = cells.text("room_type")?;
    let guest = guest(cells, house.today, source)?;
    Ok(Reservation {
        source_updated_at: updated_at(cells, house)?,
        property_id: house.id,
        today: house.today,
        confirmation_number: cells.key("confirmation_number", 64)?,
        guest_id: cells.text("guest_id")?,
        status: cells.code("status")?,
        arrival,
        departure,
        booked_on: cells.date("booked_on")?,
        room_type_id: room_type
            .as_ref()
            .and_then(|code| house.room_types.get(code))
            .copied(),
        room_type,
        room_id: room
            .as_deref()
            .map(|number| room_id(number, house))
            .transpose()?,
        room,
        rate_minor: cells.money("rate", &in_currency, false)?,
        currency,
        house_currency: house.currency.clone(),
        channel: cells.code("channel")?,
        agency: cells.text("agency")?,
        adults: cells.whole("adults", 0..=1_000)?,
        children: cells.whole("children", 0..=1_000)?,
        requests: requests(cells)?,
        revenues: revenues(cells, &in_currency)?,
        email: guest.email,
        phone: guest.phone,
        booked: guest.profile,
    })
}

/// The guest as booked.
pub(super) struct GuestAsBooked {
    pub(super) profile: NewProfile,
    /// As typed.
    email: Option<String>,
    phone: Option<String>,
}

/// Reads who a booking is for.
pub(super) fn guest(cells: Cells<'_>, today: NaiveDate, source: &str) -> Parsed<GuestAsBooked> {
    let (email, phone) = (cells.text("email")?, cells.text("phone")?);
    let country = cells.country("country")?;
    let read_phone = phone
        .as_deref()
        .and_then(|text| Phone::parse(text, country.as_deref()).ok());
    let profile = NewProfile {
        source: source.into(),
        given_name: cells.text("given_name")?,
        family_name: cells.text("family_name")?,
        email: email.as_deref().and_then(|text| Email::parse(text).ok()),
        phone: read_phone,
        birth_date: cells.birth_date(today)?,
        country,
        city: cells.text("city")?,
        postal_code: cells.text("postal_code")?,
        document_number: cells.text("document_number")?,
        loyalty_number: loyalty_number(cells)?,
        company: cells.text("company")?,
        ..NewProfile::default()
    };
    Ok(GuestAsBooked {
        profile,
        email,
        phone,
    })
}

/// When the source last changed it. A clock that runs ahead would keep all that follows from being heard.
fn updated_at(cells: Cells<'_>, house: &House) -> Parsed<Option<NaiveDateTime>> {
    let at = cells.instant("updated_at")?;
    match at {
        Some(at) if at.date() > house.today + Duration::days(2) => Err(Rejection::new(
            "updated_at",
            format!("'{at}' is yet to come; set the clock of the source right"),
        )),
        at => Ok(at),
    }
}

fn dates(cells: Cells<'_>) -> Parsed<(NaiveDate, NaiveDate)> {
    let required = |column: &str| {
        cells
            .date(column)?
            .ok_or_else(|| Rejection::new(column, "is empty; write YYYY-MM-DD, such as 2026-03-31"))
    };
    let (arrival, departure) = (required("arrival")?, required("departure")?);
    if departure < arrival {
        return Err(Rejection::new(
            "departure",
            format!("'{departure}' is before the arrival on {arrival}; correct one of them"),
        ));
    }
    if departure - arrival > Duration::days(MOST_NIGHTS) {
        return Err(Rejection::new(
            "departure",
            format!(
                "'{departure}' is more than {MOST_NIGHTS} nights after the arrival on {arrival}; correct the year"
            ),
        ));
    }
    Ok((arrival, departure))
}

fn room_id(number: &str, house: &House) -> Parsed<i64> {
    house.rooms.get(number).copied().ok_or_else(|| {
        Rejection::new("room", format!("'{number}' is not a room of this property; correct it, or import the rooms file first"))
    })
}

fn requests(cells: Cells<'_>) -> Parsed<Option<String>> {
    let items = cells.list("requests")?;
    let (mut kept, words): (Vec<String>, Vec<String>) = items
        .into_iter()
        .map(|item| as_feature(&item).map_or(item, |feature| feature.code.to_owned()))
        .partition(|item| crate::vocabulary::get(item).is_some());
    kept.extend(words);
    kept.dedup();
    Ok((!kept.is_empty()).then(|| kept.join(";")))
}

fn revenues(cells: Cells<'_>, currency: &str) -> Parsed<Vec<(&'static str, i64)>> {
    let mut revenues = Vec::new();
    for (column, department) in [
        ("room_revenue", "room"),
        ("food_revenue", "food"),
        ("other_revenue", "other"),
    ] {
        if let Some(amount) = cells.money(column, currency, true)? {
            revenues.push((department, amount));
        }
    }
    Ok(revenues)
}
