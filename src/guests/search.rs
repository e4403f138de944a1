//! The search box: names in any order, phone digits, e-mail, room, confirmation and loyalty number.
//!
//! Who is likely at the desk now comes first: in house, then arriving, then everybody else.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::contacts::Phone;
use super::keys::{self, Kind};
use super::{Guest, names};
use crate::db::Conn;
use crate::db::schema::{guest_keys, guests, rooms, stays};
use crate::stays::{InHouse, Status};

/// Keys read for one way of reading what was typed: beyond that it is too little to tell people apart.
const KEYS_READ: i64 = 48;
/// Digits of a phone that are worth looking for.
const PHONE_TAIL: usize = 3;

/// Where a guest stands with the house that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Sleeping here.
    InHouse,
    /// Booked, from today on.
    Arriving,
    /// Everybody else.
    Past,
}

/// Why somebody was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "named after what matched")]
pub enum Why {
    Room,
    Booking,
    Loyalty,
    Email,
    Phone,
    Name,
}

impl Why {
    /// The word for it, for messages and classes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Booking => "booking",
            Self::Loyalty => "loyalty",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Name => "name",
        }
    }
}

/// The stay that matters of somebody found.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct FoundStay {
    pub id: i64,
    pub guest_id: i64,
    pub property_id: i64,
    pub status: Status,
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
    pub confirmation_number: String,
    pub room: Option<String>,
}

/// Somebody found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Who.
    pub guest: Guest,
    /// Where they stand.
    pub group: Group,
    /// Why.
    pub why: Why,
    /// The stay that matters most: in house, next to come, or last.
    pub stay: Option<FoundStay>,
}

/// Who asks, and for which house.
pub struct Asking<'a> {
    /// Ids of the houses whose stays may be shown.
    pub houses: &'a [i64],
    /// The house in front.
    pub property_id: i64,
    /// Its business date.
    pub today: NaiveDate,
}

/// A way of reading what was typed, as a range of keys.
struct Reading {
    kind: Kind,
    prefix: String,
    why: Why,
}

/// Finds guests by whatever was typed, best first, `most` at the most.
pub fn find(
    conn: &mut Conn,
    typed: &str,
    asking: &Asking<'_>,
    most: usize,
) -> QueryResult<Vec<Found>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let mut whys: HashMap<i64, Why> = HashMap::new();
    let mut note = |guest_id: i64, why: Why| {
        let known = whys.entry(guest_id).or_insert(why);
        *known = why.min(*known);
    };
    let at_desk = guests_at_desk(conn, asking)?;
    let here: Vec<i64> = at_desk.iter().map(|(guest_id, ..)| *guest_id).collect();
    for (guest_id, room) in &at_desk {
        if room
            .as_deref()
            .is_some_and(|room| room.eq_ignore_ascii_case(typed))
        {
            note(*guest_id, Why::Room);
        }
    }
    if typed.len() >= 3 && typed.chars().any(|c| c.is_ascii_digit()) {
        for guest_id in by_booking(conn, typed, asking)? {
            note(guest_id, Why::Booking);
        }
    }
    for reading in readings(typed) {
        for guest_id in by_key(conn, &reading, Some(&here))?
            .into_iter()
            .chain(by_key(conn, &reading, None)?)
        {
            note(guest_id, reading.why);
        }
    }
    narrow(conn, whys, typed, asking, most)
}

/// Loads who was found with the stay that matters, ranks them and keeps the best.
fn narrow(
    conn: &mut Conn,
    whys: HashMap<i64, Why>,
    typed: &str,
    asking: &Asking<'_>,
    most: usize,
) -> QueryResult<Vec<Found>> {
    let ids: Vec<i64> = whys.keys().copied().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let guests: Vec<Guest> = guests::table
        .filter(guests::id.eq_any(&ids))
        .select(Guest::as_select())
        .load(conn)?;
    let mut of_guest: HashMap<i64, Vec<FoundStay>> = HashMap::new();
    for stay in stays_of(conn, &ids)? {
        if asking.houses.contains(&stay.property_id) {
            of_guest.entry(stay.guest_id).or_default().push(stay);
        }
    }
    let mut found: Vec<Found> = guests
        .into_iter()
        .filter_map(|guest| {
            let why = *whys.get(&guest.id)?;
            let (group, stay) = standing(of_guest.remove(&guest.id).unwrap_or_default(), asking);
            Some(Found {
                guest,
                group,
                why,
                stay,
            })
        })
        .collect();
    let words = names::words(typed);
    found.sort_by_cached_key(|found| {
        let recent = found
            .stay
            .as_ref()
            .map(|stay| std::cmp::Reverse(stay.departure));
        (
            found.group,
            found.why,
            misfit(found, &words),
            recent,
            found.guest.id,
        )
    });
    // One line a person, whichever of their profiles matched best.
    let mut persons = HashSet::new();
    found.retain(|found| persons.insert(found.guest.person_id));
    found.truncate(most);
    Ok(found)
}

/// How many of the words typed are only the beginning of a name: whole names come before fragments.
fn misfit(found: &Found, words: &[String]) -> usize {
    let spellings = names::Name {
        given: found.guest.given_name.as_deref(),
        family: found.guest.family_name.as_deref(),
        native: found.guest.native_name.as_deref(),
    }
    .spellings();
    words
        .iter()
        .filter(|word| !spellings.iter().any(|spelling| spelling.contains(word)))
        .count()
}

fn standing(mut stays: Vec<FoundStay>, asking: &Asking<'_>) -> (Group, Option<FoundStay>) {
    let group = |stay: &FoundStay| match stay.status {
        Status::InHouse => Group::InHouse,
        Status::Reserved if stay.arrival >= asking.today => Group::Arriving,
        _ => Group::Past,
    };
    stays.sort_by_key(|stay| {
        let soonest = (stay.arrival - asking.today).num_days().abs();
        (
            group(stay),
            stay.property_id != asking.property_id,
            stay.status == Status::Cancelled,
            soonest,
        )
    });
    let best = stays.into_iter().next();
    (best.as_ref().map_or(Group::Past, group), best)
}

/// Whoever is in the house or arrives today: the guest's id and room.
fn guests_at_desk(conn: &mut Conn, asking: &Asking<'_>) -> QueryResult<Vec<(i64, Option<String>)>> {
    let rows = || {
        stays::table
            .left_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
            .filter(stays::property_id.eq(asking.property_id))
    };
    let mut found: Vec<(i64, Option<String>)> = rows()
        .filter(InHouse)
        .select((stays::guest_id, rooms::number.nullable()))
        .load(conn)?;
    found.extend(
        rows()
            .filter(
                stays::arrival
                    .eq(asking.today)
                    .and(stays::status.eq(Status::Reserved)),
            )
            .select((stays::guest_id, rooms::number.nullable()))
            .load::<(i64, Option<String>)>(conn)?,
    );
    Ok(found)
}

fn by_booking(conn: &mut Conn, typed: &str, asking: &Asking<'_>) -> QueryResult<Vec<i64>> {
    let typed = typed.to_uppercase();
    stays::table
        .filter(stays::property_id.eq_any(asking.houses))
        .filter(stays::confirmation_number.ge(&typed))
        .filter(stays::confirmation_number.lt(after(&typed)))
        .select(stays::guest_id)
        .limit(20)
        .load(conn)
}

fn by_key(conn: &mut Conn, reading: &Reading, among: Option<&[i64]>) -> QueryResult<Vec<i64>> {
    let mut query = guest_keys::table
        .filter(guest_keys::kind.eq(reading.kind as i16))
        .filter(
            guest_keys::key
                .ge(reading.prefix.clone())
                .and(guest_keys::key.lt(after(&reading.prefix))),
        )
        .select(guest_keys::guest_id)
        .limit(KEYS_READ)
        .into_boxed();
    if let Some(ids) = among {
        query = query.filter(guest_keys::guest_id.eq_any(ids.to_vec()));
    }
    query.load(conn)
}

fn stays_of(conn: &mut Conn, guest_ids: &[i64]) -> QueryResult<Vec<FoundStay>> {
    stays::table
        .left_join(rooms::table.on(rooms::id.nullable().eq(stays::room_id)))
        .filter(stays::guest_id.eq_any(guest_ids))
        .select((
            stays::id,
            stays::guest_id,
            stays::property_id,
            stays::status,
            stays::arrival,
            stays::departure,
            stays::confirmation_number,
            rooms::number.nullable(),
        ))
        .load(conn)
}

/// The ways to read what was typed.
fn readings(typed: &str) -> Vec<Reading> {
    if typed.contains('@') {
        return vec![Reading {
            kind: Kind::Email,
            prefix: typed.to_lowercase(),
            why: Why::Email,
        }];
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let only_a_number = typed
        .chars()
        .all(|c| c.is_ascii_digit() || "+-()./ ".contains(c));
    let mut readings = Vec::new();
    if only_a_number && digits.len() >= PHONE_TAIL {
        // In full with a country code, or the digits as the guest says them at home.
        let known = Phone::parse(typed, None)
            .ok()
            .map(|phone| keys::backwards(phone.folded()));
        let tail = keys::backwards(digits.trim_start_matches('0'));
        readings.extend(known.into_iter().chain([tail]).map(|prefix| Reading {
            kind: Kind::Phone,
            prefix,
            why: Why::Phone,
        }));
    }
    if typed.chars().any(|c| c.is_ascii_digit()) {
        readings.push(Reading {
            kind: Kind::Loyalty,
            prefix: keys::loyalty(typed),
            why: Why::Loyalty,
        });
    }
    if !only_a_number {
        if !typed.is_ascii() {
            let native = typed.to_lowercase().replace(char::is_whitespace, "");
            readings.push(Reading {
                kind: Kind::Name,
                prefix: native,
                why: Why::Name,
            });
        }
        let words = names::words(typed);
        if let [first, second, ..] = words.as_slice() {
            readings.push(Reading {
                kind: Kind::Name,
                prefix: format!("{first} {second}"),
                why: Why::Name,
            });
            readings.push(Reading {
                kind: Kind::Name,
                prefix: format!("{second} {first}"),
                why: Why::Name,
            });
        } else if let [only] = words.as_slice() {
            readings.push(Reading {
                kind: Kind::Name,
                prefix: only.clone(),
                why: Why::Name,
            });
        }
    }
    readings.retain(|reading| !reading.prefix.is_empty());
    readings
}

/// The least text that begins with none of the texts that begin with `prefix`.
fn after(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// A name cut where it matched what was typed, for marking: the pieces, and whether each matched.
pub fn marked(name: &str, typed: &str) -> Vec<(String, bool)> {
    let words = names::words(typed);
    if let Some(at) = name.find(typed.trim()).filter(|_| !typed.trim().is_empty()) {
        let (before, rest) = name.split_at(at);
        let (hit, behind) = rest.split_at(typed.trim().len());
        return [(before, false), (hit, true), (behind, false)]
            .into_iter()
            .filter(|(text, _)| !text.is_empty())
            .map(|(text, hit)| (text.to_owned(), hit))
            .collect();
    }
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for piece in name.split_inclusive([' ', '-']) {
        let folded = names::words(piece).concat();
        let hit = words
            .iter()
            .filter(|word| folded.starts_with(word.as_str()))
            .map(String::len)
            .max();
        // Folded and written letters are as many, but for ligatures and other scripts: then the whole word is marked.
        let letters = piece.trim_end_matches([' ', '-']).chars().count();
        let cut = hit.map(|length| {
            if folded.len() == letters {
                length
            } else {
                letters
            }
        });
        let at = cut.map_or(0, |count| {
            piece
                .char_indices()
                .nth(count)
                .map_or(piece.len(), |(index, _)| index)
        });
        let (hit, rest) = piece.split_at(at);
        pieces.extend(
            [(hit.to_owned(), true), (rest.to_owned(), false)]
                .into_iter()
                .filter(|(text, _)| !text.is_empty()),
        );
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matched_part_is_marked_whatever_the_accents() {
        let marks = |name: &str, typed: &str| {
            marked(name, typed)
                .into_iter()
                .map(|(text, hit)| if hit { format!("[{text}]") } else { text })
                .collect::<String>()
        };
        assert_eq!(marks("Hans-Peter Müller", "mul"), "Hans-Peter [Mül]ler");
        assert_eq!(marks("Ouyang Nana", "nana ou"), "[Ou]yang [Nana]");
        assert_eq!(marks("欧阳娜娜", "欧阳"), "[欧阳]娜娜");
    }
}
