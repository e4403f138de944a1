//! E-mail addresses and phone numbers: parsed once, kept as given, compared folded.

use std::collections::BTreeSet;

use diesel::prelude::*;
use rlibphonenumber::enums::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use serde::{Deserialize, Serialize};

use crate::db::Conn;
use crate::db::schema::guest_contacts;

/// Domains at which agencies relay mail to a guest. Such an address lives for one booking.
const RELAYS: &[&str] = &[
    "agoda-messaging.com",
    "expediapartnercentral.com",
    "guest.airbnb.com",
    "reply.airbnb.com",
    "guest.booking.com",
    "mchat.booking.com",
    "property.booking.com",
    "guest.ctrip.com",
    "guest.trip.com",
    "guest.hotels.com",
    "guest.hotels-ota.example",
    "messages.homeaway.com",
    "messages.vrbo.com",
    "msg.despegar.com",
    "guest.hostelworld.com",
];

/// Mailboxes of a desk, or of nobody: what people type when they must type something.
const NOBODYS: &[&str] = &[
    "admin",
    "booking",
    "bookings",
    "contact",
    "email",
    "groups",
    "guest",
    "hotel",
    "info",
    "mail",
    "na",
    "n.a",
    "nomail",
    "noemail",
    "no-email",
    "none",
    "noreply",
    "no-reply",
    "ops",
    "office",
    "reception",
    "reservas",
    "reservation",
    "reservations",
    "sales",
    "test",
    "travel",
    "unknown",
    "xxx",
];

const LONGEST: usize = 200;

/// An e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    given: String,
    folded: String,
    masked: bool,
}

impl Email {
    /// Reads an address; the error says what is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let given = text.trim();
        let wrong = || format!("'{given}' is not an e-mail address; write name@example.com");
        let (local, domain) = given.rsplit_once('@').ok_or_else(wrong)?;
        let labels_are_right = domain.contains('.')
            && domain.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        let local_is_right = !local.is_empty()
            && !local.chars().any(|c| {
                c.is_whitespace() || c.is_control() || matches!(c, '@' | ',' | ';' | '<' | '>')
            });
        if !labels_are_right || !local_is_right || given.len() > LONGEST {
            return Err(wrong());
        }
        let folded = given.to_lowercase();
        Ok(Self {
            given: given.into(),
            masked: RELAYS.iter().any(|relay| relays(relay, &folded)),
            folded,
        })
    }

    /// An address as it was stored, folded.
    pub fn stored(folded: String, masked: bool) -> Self {
        Self {
            given: folded.clone(),
            folded,
            masked,
        }
    }

    /// The same, masked too where one of these relays it.
    pub fn seen_by(mut self, known: &Relays) -> Self {
        self.masked |= known.0.iter().any(|relay| relays(relay, &self.folded));
        self
    }

    /// As it was given.
    pub fn given(&self) -> &str {
        &self.given
    }

    /// What equality is judged on.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Whether an agency relays it: it reaches the guest for one booking and identifies nobody.
    pub fn is_masked(&self) -> bool {
        self.masked
    }

    /// Whether it can tell one person from another: neither relayed nor a desk's mailbox.
    pub fn identifies(&self) -> bool {
        let local = self.folded.split('@').next().unwrap_or_default();
        !self.is_masked() && !NOBODYS.contains(&local)
    }
}

/// Relays that a hotel has met beside those known everywhere.
///
/// Each is a domain (`guest.agency.example`: its subdomains too) or an address, with `*` for any characters
/// (`booking-*@agency.example`, `*.relay.example`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relays(BTreeSet<String>);

impl Relays {
    /// Their patterns.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Adds a pattern or takes it away; whether that changed anything.
    pub fn set(&mut self, pattern: &str, is_one: bool) -> bool {
        if is_one {
            self.0.insert(pattern.to_owned())
        } else {
            self.0.remove(pattern)
        }
    }

    /// A pattern as it is stored; nothing where the text is no domain or address, or would match whole countries.
    pub fn parse(text: &str) -> Option<String> {
        let pattern = text.trim().to_lowercase();
        let (local, domain) = pattern.rsplit_once('@').unwrap_or(("*", &pattern));
        let fits = |c: char| c.is_alphanumeric() || "-_.+*".contains(c);
        let told = |label: &&str| label.chars().any(char::is_alphanumeric);
        let is_right = !local.is_empty()
            && pattern.len() <= LONGEST
            && pattern.chars().filter(|c| *c == '@').count() <= 1
            && local.chars().chain(domain.chars()).all(fits)
            && domain.split('.').all(|label| !label.is_empty())
            && domain.rsplit('.').take_while(told).count() >= 2;
        is_right.then_some(pattern)
    }
}

/// Whether a relay's pattern means this folded address.
fn relays(pattern: &str, folded: &str) -> bool {
    if pattern.contains('@') {
        return is_like(pattern.as_bytes(), folded.as_bytes());
    }
    let domain = folded.rsplit('@').next().unwrap_or_default();
    if pattern.contains('*') {
        return is_like(pattern.as_bytes(), domain.as_bytes());
    }
    domain
        .strip_suffix(pattern)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a text is like a pattern in which `*` stands for any characters; in one pass, whatever the pattern.
fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // The last star, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match (pattern.get(at), text.get(from)) {
            (Some(b'*'), _) => {
                star = Some((at, from));
                at += 1;
            }
            (Some(a), Some(b)) if a == b => (at, from) = (at + 1, from + 1),
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    (at, from) = (star_at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == b'*')
}

/// A phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    given: String,
    digits: String,
    international: bool,
}

impl Phone {
    /// Reads a number in any format; `country` (ISO 3166-1 alpha-2) says how one without a country code is meant.
    ///
    /// A number that no country knows is kept by its digits alone: what was booked is not lost, only not trusted.
    pub fn parse(text: &str, country: Option<&str>) -> Result<Self, String> {
        let given = text.trim();
        let digits: String = given
            .chars()
            .filter_map(|c| c.to_digit(10))
            .filter_map(|d| char::from_digit(d, 10))
            .collect();
        let is_right = (5..=20).contains(&digits.len())
            && given.len() <= LONGEST
            && given
                .chars()
                .all(|c| c.is_numeric() || c.is_whitespace() || "+-().,/·‐–#*xext:".contains(c));
        if !is_right {
            return Err(format!(
                "'{given}' is not a phone number; write digits with the country code, such as +351 912 345 678"
            ));
        }
        let e164 = e164(given, country);
        Ok(Self {
            given: given.into(),
            international: e164.is_some(),
            digits: e164.unwrap_or(digits),
        })
    }

    /// As it was given.
    pub fn given(&self) -> &str {
        &self.given
    }

    /// E.164 digits without the `+`; what equality is judged on.
    pub fn folded(&self) -> &str {
        &self.digits
    }

    /// For links and display: `+351912345678`, or the digits as they came where the country is unknown.
    pub fn e164(&self) -> String {
        let plus = if self.international { "+" } else { "" };
        format!("{plus}{}", self.digits)
    }

    /// Whether it can tell one person from another: not `0000000000` or `1234567890`.
    pub fn identifies(&self) -> bool {
        phone_identifies(&self.digits)
    }

    /// Whether both are the same line; one without a country code is compared by its national digits.
    pub fn agrees(&self, other: &str) -> bool {
        phones_agree(&self.digits, other)
    }
}

/// [`Phone::identifies`] for folded digits: long enough, and neither one key held down nor the row of keys.
pub fn phone_identifies(digits: &str) -> bool {
    let held_down = ('0'..='9').any(|digit| digits.contains(&digit.to_string().repeat(7)));
    digits.trim_start_matches('0').len() >= 7 && !held_down && !digits.contains("2345678")
}

/// Whether two folded numbers are the same line.
pub fn phones_agree(a: &str, b: &str) -> bool {
    let (a_national, b_national) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    let (short, long) = if a_national.len() <= b_national.len() {
        (a_national, b_national)
    } else {
        (b_national, a_national)
    };
    short.len() >= 8 && long.ends_with(short)
}

fn e164(text: &str, country: Option<&str>) -> Option<String> {
    let region: Option<Region> = country.and_then(|code| code.parse().ok());
    let bare = text.trim_start_matches(['(', ' ']);
    let text = match bare.strip_prefix("00") {
        Some(rest) if !text.contains('+') => format!("+{rest}"),
        _ => text.to_owned(),
    };
    let number = PHONE_NUMBER_UTIL.parse(&text, region).ok()?;
    if !PHONE_NUMBER_UTIL.is_possible_number(&number) {
        return None;
    }
    let e164 = number.format_as(PhoneNumberFormat::E164);
    Some(e164.trim_start_matches('+').to_owned())
}

/// A contact as it is kept.
#[derive(Clone, Debug, diesel::Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Contact {
    pub guest_id: i64,
    pub kind: String,
    pub value: String,
    pub masked: bool,
}

/// The contacts of a profile, in the order they were given.
pub fn of_guest(conn: &mut Conn, guest_id: i64) -> QueryResult<Vec<Contact>> {
    of_guests(conn, &[guest_id])
}

/// Takes contacts from a profile, by what they are however they are written; how many there were.
pub fn retire(conn: &mut Conn, guest_id: i64, text: &str) -> QueryResult<usize> {
    let email = Email::parse(text).ok().map(|email| email.folded);
    let phone = Phone::parse(text, None).ok().map(|phone| phone.digits);
    let is_it = guest_contacts::value
        .eq(text)
        .or(guest_contacts::folded.eq_any(email.into_iter().chain(phone)));
    let theirs = guest_contacts::table.filter(guest_contacts::guest_id.eq(guest_id));
    diesel::delete(theirs.filter(is_it)).execute(conn)
}

/// The contacts of these profiles, in the order they were given.
pub fn of_guests(conn: &mut Conn, guest_ids: &[i64]) -> QueryResult<Vec<Contact>> {
    guest_contacts::table
        .filter(guest_contacts::guest_id.eq_any(guest_ids))
        .order(guest_contacts::id)
        .select((
            guest_contacts::guest_id,
            guest_contacts::kind,
            guest_contacts::value,
            guest_contacts::masked,
        ))
        .load(conn)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digits(text: &str, country: Option<&str>) -> String {
        Phone::parse(text, country).unwrap().folded().to_owned()
    }

    #[test]
    fn one_line_in_any_format_is_one_number() {
        for text in [
            "+44 755 290 5351",
            "0044 7552905351",
            "(44) 755 290 5351",
            "07552 905351",
            "+44 (0)755 290 5351",
        ] {
            assert_eq!(digits(text, Some("GB")), "447552905351", "{text}");
        }
        assert_eq!(digits("0044 7552905351", None), "447552905351");
        assert_eq!(
            Phone::parse("07552905351", Some("GB")).unwrap().e164(),
            "+447552905351"
        );
        assert!(
            Phone::parse("07552905351", None)
                .unwrap()
                .agrees("447552905351")
        );
        assert!(!Phone::parse("905351", None).unwrap().agrees("447552905351"));
    }

    #[test]
    fn what_people_type_to_get_past_a_form_identifies_nobody() {
        for phone in [
            "0000000000",
            "+00000000",
            "1234567890",
            "1111111111",
            "12345",
        ] {
            assert!(
                !Phone::parse(phone, Some("US")).unwrap().identifies(),
                "{phone}"
            );
        }
        for email in [
            "na@na.com",
            "test@test.com",
            "info@pegasusviajes.travel",
            "a.1@guest.booking.com",
            "x@m.expediapartnercentral.com",
        ] {
            assert!(!Email::parse(email).unwrap().identifies(), "{email}");
        }
        assert!(Email::parse("nana@example.com").unwrap().identifies());
        assert!(!Email::parse("nana@mybooking.com").unwrap().is_masked());
    }

    #[test]
    fn an_address_is_kept_as_given_and_compared_folded() {
        let email = Email::parse(" Nana.Ou@Example.COM ").unwrap();
        assert_eq!(
            (email.given(), email.folded()),
            ("Nana.Ou@Example.COM", "nana.ou@example.com")
        );
        for wrong in [
            "",
            "nana",
            "nana@",
            "@example.com",
            "na na@example.com",
            "a@b",
            "a@b..c",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_relay_is_a_domain_or_a_pattern_that_means_no_whole_country() {
        let masked = |pattern: &str, address: &str| {
            let mut relays = Relays::default();
            assert!(relays.set(&Relays::parse(pattern).unwrap(), true));
            Email::parse(address).unwrap().seen_by(&relays).is_masked()
        };
        for (pattern, address) in [
            ("Relay.Example", "x@relay.example"),
            ("relay.example", "x@eu.relay.example"),
            ("booking-*@agency.example", "Booking-771@agency.example"),
            ("*@relay.example", "x@relay.example"),
            ("*.relay.example", "x@eu.relay.example"),
            ("g*@*.relay.example", "guest.1@eu.relay.example"),
        ] {
            assert!(masked(pattern, address), "{pattern} {address}");
        }
        for (pattern, address) in [
            ("relay.example", "x@myrelay.example"),
            ("booking-*@agency.example", "nana@agency.example"),
            ("*.relay.example", "x@relay.example"),
            ("g*@*.relay.example", "x@eu.relay.example"),
        ] {
            assert!(!masked(pattern, address), "{pattern} {address}");
        }
        for wrong in [
            "",
            "*",
            "com",
            "*.com",
            "a@b@c.example",
            "relay .example",
            "@relay.example",
            "relay..example",
        ] {
            assert_eq!(Relays::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_either_panic(text in "\\PC{0,30}", country in "[A-Z]{2}") {
            let _ = Email::parse(&text);
            let _ = Phone::parse(&text, Some(&country));
        }

        #[test]
        fn reading_a_number_again_changes_nothing(text in "[+0]?[0-9 ()-]{6,16}") {
            if let Ok(phone) = Phone::parse(&text, Some("PT")) && phone.international {
                let again = Phone::parse(&phone.e164(), None).unwrap();
                prop_assert_eq!(again.folded(), phone.folded());
            }
        }
    }
}
