//! Who is calling? The persons behind a phone number.

use diesel::prelude::*;

use super::Guest;
use super::contacts::{Phone, phones_agree};
use super::keys::{self, Kind};
use crate::db::Conn;
use crate::db::schema::{guest_contacts, guest_keys};

/// Digits from the end by which numbers are looked up; the rest is compared.
const TAIL: usize = 8;
/// Profiles looked at; a number with more is a switchboard's.
const MOST: i64 = 40;

/// The number a telephone system hands over: `+49 30 1234`, `tel:+49301234`, `sip:+49301234@pbx.example`. A plus that
/// came as a blank, as it does in an address, is a plus. Nothing where the caller's number is withheld.
pub fn number(text: &str, country: Option<&str>) -> Option<Phone> {
    let given = text.split_once(':').map_or(text, |(_, rest)| rest);
    let given = given.split(['@', ';']).next().unwrap_or_default();
    let given = match given.strip_prefix(' ') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => format!("+{rest}"),
        _ => given.to_owned(),
    };
    Phone::parse(&given, country).ok()
}

/// One profile of each person who has the number, in the order the profiles were made.
pub fn callers(conn: &mut Conn, phone: &Phone) -> QueryResult<Vec<Guest>> {
    let tail: String = keys::backwards(phone.folded()).chars().take(TAIL).collect();
    let after = format!("{tail}:");
    let ids: Vec<i64> = guest_keys::table
        .filter(guest_keys::kind.eq(Kind::Phone as i16))
        .filter(guest_keys::key.ge(&tail).and(guest_keys::key.lt(after)))
        .limit(MOST)
        .select(guest_keys::guest_id)
        .load(conn)?;
    let numbers: Vec<(i64, String)> = guest_contacts::table
        .filter(guest_contacts::guest_id.eq_any(ids))
        .filter(guest_contacts::kind.eq("phone"))
        .select((guest_contacts::guest_id, guest_contacts::folded))
        .load(conn)?;
    let theirs: Vec<i64> = numbers
        .into_iter()
        .filter(|(_, number)| number == phone.folded() || phones_agree(number, phone.folded()))
        .map(|(id, _)| id)
        .collect();
    let mut guests = Guest::by_ids(conn, &theirs)?;
    guests.sort_by_key(|guest| (guest.person_id, guest.id));
    guests.dedup_by_key(|guest| guest.person_id);
    Ok(guests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_understood_as_telephones_write_it() {
        for text in [
            "+49 30 901820",
            " 4930901820",
            "tel:+4930901820",
            "sip:+4930901820@pbx.example;user=phone",
            "004930901820",
            "030 901820",
        ] {
            let phone = number(text, Some("DE")).unwrap();
            assert_eq!(phone.folded(), "4930901820", "{text}");
        }
        for withheld in ["", "anonymous", "sip:anonymous@anonymous.invalid"] {
            assert_eq!(number(withheld, Some("DE")), None, "{withheld}");
        }
    }
}
