//! What the market sends, as what we take: Oracle OHIP and Mews JSON, OpenTravel XML.
//!
//! An adapter is a pure function from a payload to [`Said`]: a reservation in the fields of `PUT /reservations`, what
//! happened to it, and its guest in the fields of the guests file. [`take`] puts that through the same path as every
//! other call. What an adapter does not read is named in the answer; docs/adapters.md has the maps.

mod mews;
mod ohip;
mod ota;
mod person;
pub mod reader;
pub mod take;
mod xml;

pub use mews::{customers as mews_customers, reservations as mews_reservations};
pub use ohip::{profiles as ohip_profiles, reservations as ohip_reservations};
pub use ota::reservations as ota_reservations;

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use self::reader::At;
use crate::error::Rejection;
use crate::guests::preferences::Strength;
use crate::vocabulary::wording::{self, Reading};

/// Reservations or profiles in one call, at most.
pub const MOST: usize = 1_000;
/// Characters of all requests of a reservation; see `importing::cells`.
const REQUESTS: usize = 1_900;

/// Fields of one of our statements, each with the place in the payload that it came from.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// As `importing::object` reads them.
    pub values: Map<String, Value>,
    places: HashMap<&'static str, String>,
}

impl Fields {
    /// Sets a field, unless there is nothing to say.
    fn put(&mut self, name: &'static str, value: Option<impl Into<Value>>, at: &At<'_>) {
        let Some(value) = value else {
            // Where it should have been, for whoever misses it.
            self.places.entry(name).or_insert(at.path().to_owned());
            return;
        };
        self.values.insert(name.to_owned(), value.into());
        self.places.insert(name, at.path().to_owned());
    }

    /// Sets a field to the text of a place.
    fn text(&mut self, name: &'static str, at: &At<'_>) -> Result<(), Rejection> {
        self.put(name, at.text()?, at);
        Ok(())
    }

    /// What is wrong with a field, said of the place it came from.
    pub fn locate(&self, rejection: Rejection) -> Rejection {
        let place = self.places.get(rejection.column.as_str());
        place.map_or(rejection.clone(), |place| {
            Rejection::new(place, rejection.reason)
        })
    }

    /// Takes a field out; whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.values.remove(name).is_some()
    }
}

/// What happened to a reservation, as its state tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It is booked, and nothing more.
    Booked,
    /// The guest is in the house; in which room, where that is told.
    In(Option<String>),
    /// The guest has left.
    Out,
    /// The guest will not come.
    Cancelled,
    /// The guest did not come.
    NoShow,
}

/// A preference of a guest.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// A code of the vocabulary.
    pub code: &'static str,
    /// How much.
    pub strength: Strength,
    /// The code of the house it holds at; everywhere where there is none.
    pub property: Option<String>,
    /// In the words it came in.
    pub note: Option<String>,
}

impl Wish {
    fn of(reading: Reading, property: Option<String>, words: &str) -> Self {
        Self {
            code: reading.feature.code,
            strength: Strength::of(reading),
            property,
            note: Some(words.to_owned()),
        }
    }
}

/// A guest as a source knows them.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// In the fields of the guests file; `guest_id` is the source's key.
    pub fields: Fields,
    /// The address is an agency's: it reaches the guest for one booking and identifies nobody.
    pub is_masked: bool,
    /// What the guest likes.
    pub wishes: Vec<Wish>,
    /// The source has joined this profile to another of its own: that one's key.
    pub merged_into: Option<String>,
}

impl Person {
    /// The key the source knows the guest by.
    pub fn id(&self) -> Option<&str> {
        self.fields.values.get("guest_id").and_then(Value::as_str)
    }

    /// Adds the wishes that a text holds.
    fn wish(&mut self, words: &str) {
        let found = wording::read(words).into_iter();
        let wishes = found.map(|reading| Wish::of(reading, None, words));
        self.wishes.extend(wishes);
    }
}

/// What a payload says of one reservation or one guest.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The confirmation number; none for a guest alone.
    pub number: Option<String>,
    /// The fields of `PUT /reservations`.
    pub booking: Fields,
    /// What the state of the reservation tells.
    pub happened: Option<Happened>,
    /// Whose it is.
    pub person: Person,
    /// What is not taken, by place.
    pub ignored: Vec<String>,
}

impl Said {
    /// Names something that is not taken, and why.
    fn ignore(&mut self, at: &At<'_>, why: &str) {
        at.is_read();
        self.ignored.push(format!("{}: {why}", at.path()));
    }

    /// Takes words as a request: their codes, and the words themselves.
    fn request(
        &mut self,
        codes: &mut Vec<String>,
        words: &mut Vec<String>,
        text: &str,
        at: &At<'_>,
    ) {
        for feature in wording::codes(text) {
            if !codes.iter().any(|code| code == feature.code) {
                codes.push(feature.code.to_owned());
            }
        }
        let clean: String = text
            .chars()
            .map(|c| if c.is_control() || c == ';' { ' ' } else { c })
            .collect();
        let used: usize = codes
            .iter()
            .chain(&*words)
            .map(|one| one.chars().count() + 1)
            .sum();
        let left = REQUESTS.saturating_sub(used);
        if clean.chars().count() > left {
            self.ignored.push(format!(
                "{}: only the first {left} characters are kept",
                at.path()
            ));
        }
        let kept: String = clean.trim().chars().take(left).collect();
        if !kept.is_empty() && !words.contains(&kept) && crate::vocabulary::find(&kept).is_none() {
            words.push(kept);
        }
    }

    /// The requests of the reservation.
    fn requests(&mut self, codes: Vec<String>, words: Vec<String>) {
        if !codes.is_empty() || !words.is_empty() {
            let all: Vec<String> = codes.into_iter().chain(words).collect();
            self.booking.values.insert("requests".into(), json!(all));
        }
    }

    /// Gives the booking what is known of its guest. A masked address is no evidence of who it is, and stays away.
    fn booked_by_person(&mut self) {
        const SHARED: [&str; 10] = [
            "given_name",
            "family_name",
            "email",
            "phone",
            "birth_date",
            "country",
            "city",
            "postal_code",
            "document_number",
            "company",
        ];
        for name in SHARED {
            let Some(value) = self.person.fields.values.get(name) else {
                continue;
            };
            if name == "email" && self.person.is_masked {
                continue;
            }
            self.booking.values.insert(name.to_owned(), value.clone());
            if let Some(place) = self.person.fields.places.get(name) {
                self.booking.places.insert(name, place.clone());
            }
        }
        if let Some(number) = self.person.fields.values.get("loyalty_number") {
            self.booking
                .values
                .insert("loyalty_number".into(), number.clone());
        }
    }
}

/// What an adapter is asked with.
pub struct Asked<'a> {
    /// The house, for payloads about one.
    pub house: Option<&'a crate::properties::Property>,
    /// What the source calls our programme; numbers of all others are none of ours.
    pub programme: Option<&'a str>,
}

impl Asked<'_> {
    /// Whether a membership of this programme is one of ours.
    fn is_ours(&self, programme: Option<&str>) -> bool {
        programme
            .zip(self.programme)
            .is_some_and(|(theirs, ours)| theirs.eq_ignore_ascii_case(ours))
    }

    /// Refuses what is meant for another house.
    fn must_be_here(&self, at: &At<'_>) -> Result<(), Rejection> {
        let (Some(code), Some(house)) = (at.text()?, self.house) else {
            return Ok(());
        };
        if code.eq_ignore_ascii_case(&house.code) {
            return Ok(());
        }
        let code: String = code.chars().take(40).collect();
        Err(at.wrong(format!(
            "'{code}' is not {}; send it to the address of its own house",
            house.code
        )))
    }
}

/// An amount with its currency; nothing where one of them is missing.
fn money(amount: &At<'_>, currency: &At<'_>) -> Result<Option<Value>, Rejection> {
    let (Some(amount), Some(currency)) = (amount.text()?, currency.text()?) else {
        return Ok(None);
    };
    // A JSON number has lost its zeros or has gained some: 880.0, 99.5.
    let amount = match amount.split_once('.') {
        Some((whole, "0" | "00")) => whole.to_owned(),
        _ => amount,
    };
    Ok(Some(json!({"amount": amount, "currency": currency})))
}

/// A moment in UTC; without an offset it is what the clock on the house's wall showed.
fn moment(at: &At<'_>, asked: &Asked<'_>) -> Result<Option<String>, Rejection> {
    use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeZone};
    let Some(text) = at.text()? else {
        return Ok(None);
    };
    if let Ok(moment) = DateTime::parse_from_rfc3339(&text) {
        let utc = moment.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true);
        return Ok(Some(utc));
    }
    let zone = asked.house.map_or(chrono_tz::UTC, |house| {
        house.time_zone.parse().unwrap_or(chrono_tz::UTC)
    });
    let naive = NaiveDateTime::parse_from_str(&text.replace(' ', "T"), "%Y-%m-%dT%H:%M:%S%.f")
        .map_err(|_| {
            at.wrong(format!(
                "'{text}' is not a moment, such as 2026-11-20T09:30:00Z"
            ))
        })?;
    // An hour that a clock shows twice is its first, one it never shows is left out.
    let local = zone.from_local_datetime(&naive).earliest();
    Ok(local.map(|local| local.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)))
}

/// Several payloads of one call, each read by itself.
pub type ReadAll = Vec<Result<Said, Rejection>>;

/// Reads each item by itself, and names what nobody asked for.
fn each(
    items: &[Value],
    read: impl Fn(&At<'_>) -> Result<Said, Rejection>,
) -> Result<ReadAll, Rejection> {
    if items.len() > MOST {
        let reason = format!("{} of them are too many; send at most {MOST}", items.len());
        return Err(Rejection::new("items", reason));
    }
    let each = items.iter().map(|item| {
        let payload = reader::Payload::new(item);
        let mut said = read(&payload.root())?;
        said.ignored.extend(payload.unread());
        Ok(said)
    });
    Ok(each.collect())
}

/// The items of the first of these lists that is there.
fn list<'a>(body: &'a Value, paths: &[&str]) -> Option<&'a [Value]> {
    let found = paths.iter().find_map(|path| {
        path.split('.')
            .try_fold(body, |value, name| value.get(name))
    });
    match found? {
        Value::Array(items) => Some(items),
        one => Some(std::slice::from_ref(one)),
    }
}
