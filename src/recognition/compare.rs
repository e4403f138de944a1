//! A booking beside a profile, field by field, in grades. Pure.

use chrono::{Datelike, NaiveDate};
use strsim::osa_distance;

use super::levels::{self, Agreement, Names};
use super::signals::Signals;
use crate::guests::contacts::phones_agree;
use crate::text_enum;

text_enum! {
    /// How a contact or a number agrees.
    #[derive(Default)]
    pub enum Contact {
        /// The same, and nobody else has it.
        Own = "own",
        /// The same, and two or three have it: a family.
        Shared = "shared",
        /// The same, and many have it: an agency, a company, a placeholder.
        Crowd = "crowd",
        /// The same but for one slip; or the same mailbox at another provider.
        Typo = "typo",
        /// Another.
        Differs = "differs",
        /// One of the two is not known.
        #[default]
        Missing = "missing",
    }
}

text_enum! {
    /// How birth dates agree.
    #[derive(Default)]
    pub enum Birth {
        /// The same day.
        Same = "same",
        /// Day and month the other way round, or one digit another.
        Slip = "slip",
        /// Another day.
        Differs = "differs",
        /// The booking has one, the profile has none.
        Told = "told",
        /// The profile has one, the booking has none.
        Untold = "untold",
        /// Neither has one.
        #[default]
        Missing = "missing",
    }
}

text_enum! {
    /// How places and companies agree.
    #[derive(Default)]
    pub enum Place {
        /// The same.
        Same = "same",
        /// Nearly: one slip, or the same area.
        Near = "near",
        /// Another.
        Differs = "differs",
        /// One of the two is not known.
        #[default]
        Missing = "missing",
    }
}

text_enum! {
    /// Whether the name of one stands in the mailbox of the other.
    #[derive(Default)]
    pub enum Hint {
        /// Given and family name.
        Both = "both",
        /// The surname, with the initial of the given name.
        Initial = "initial",
        /// One of the two.
        One = "one",
        /// Neither.
        Neither = "neither",
        /// There is no mailbox to read.
        #[default]
        Missing = "missing",
    }
}

/// Holders of a value up to which it can be a family's.
const FAMILY: i64 = 3;

/// What is known around the two: how many hold what they share.
pub trait Holders {
    /// Profiles, and names under which recent bookings came, with this e-mail or phone.
    fn of_contact(&self, value: &str) -> i64;
    /// Profiles with this document.
    fn of_document(&self, hash: &[u8]) -> i64;
}

/// How a booking and a profile agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of a profile")]
pub struct Comparison {
    pub names: Names,
    /// The names agree letter by letter in their own script.
    pub native: bool,
    pub email: Contact,
    pub phone: Contact,
    pub document: Contact,
    pub loyalty: Contact,
    pub birth: Birth,
    pub postal_code: Place,
    pub street: Place,
    pub city: Place,
    pub country: Place,
    pub company: Place,
    /// The name of one in the mailbox of the other, where the names alone don't settle it.
    pub hint: Hint,
}

impl Comparison {
    /// Compares what a booking says with what a profile holds.
    pub fn of(booked: &Signals, theirs: &Signals, holders: &impl Holders) -> Self {
        let native = booked.native.is_some() && booked.native == theirs.native;
        let mut names = levels::names(&booked.readings, &theirs.readings);
        if native {
            names = Names {
                given: Agreement::Same,
                family: Agreement::Same,
                swapped: false,
            };
        } else if booked.is_unreadable != theirs.is_unreadable {
            // Kanji beside Latin letters: their reading is not in the characters.
            for part in [&mut names.given, &mut names.family] {
                if !part.is_good() && *part != Agreement::Missing {
                    *part = Agreement::OtherScript;
                }
            }
        }
        Self {
            names,
            native,
            email: emails(booked, theirs, holders),
            phone: phones(booked, theirs, holders),
            document: documents(booked, theirs, holders),
            loyalty: loyalty(booked, theirs),
            birth: births(booked.birth_date, theirs.birth_date),
            postal_code: places(&booked.postal_code, &theirs.postal_code),
            street: places(&booked.street, &theirs.street),
            city: places(&booked.city, &theirs.city),
            country: exact(&booked.country, &theirs.country),
            company: places(&booked.company, &theirs.company),
            hint: hint(booked, theirs),
        }
    }
}

fn grade(holders: i64) -> Contact {
    match holders {
        ..=1 => Contact::Own,
        2..=FAMILY => Contact::Shared,
        _ => Contact::Crowd,
    }
}

fn best(grades: impl Iterator<Item = Contact>) -> Contact {
    grades.min().unwrap_or_default()
}

fn emails(booked: &Signals, theirs: &Signals, holders: &impl Holders) -> Contact {
    best(booked.emails.iter().flat_map(|a| {
        theirs.emails.iter().map(move |b| {
            if a == b {
                return grade(holders.of_contact(a));
            }
            let mailbox = |email: &str| email.split('@').next().unwrap_or_default().to_owned();
            let (x, y) = (mailbox(a), mailbox(b));
            if (x == y && x.len() >= 6) || (a.len() >= 10 && osa_distance(a, b) <= 1) {
                Contact::Typo
            } else {
                Contact::Differs
            }
        })
    }))
}

fn phones(booked: &Signals, theirs: &Signals, holders: &impl Holders) -> Contact {
    best(booked.phones.iter().flat_map(|a| {
        theirs.phones.iter().map(move |b| {
            if phones_agree(a, b) {
                return grade(holders.of_contact(a).max(holders.of_contact(b)));
            }
            let tail = |digits: &str| {
                digits
                    .get(digits.len().saturating_sub(9)..)
                    .unwrap_or_default()
                    .to_owned()
            };
            if osa_distance(&tail(a), &tail(b)) <= 1 {
                Contact::Typo
            } else {
                Contact::Differs
            }
        })
    }))
}

fn documents(booked: &Signals, theirs: &Signals, holders: &impl Holders) -> Contact {
    best(booked.documents.iter().flat_map(|a| {
        theirs.documents.iter().map(move |b| {
            if a == b {
                grade(holders.of_document(a))
            } else {
                Contact::Differs
            }
        })
    }))
}

fn loyalty(booked: &Signals, theirs: &Signals) -> Contact {
    match (&booked.loyalty, &theirs.loyalty) {
        (Some(a), Some(b)) if a == b => Contact::Own,
        (Some(a), Some(b)) if osa_distance(a, b) <= 1 => Contact::Typo,
        (Some(_), Some(_)) => Contact::Differs,
        _ => Contact::Missing,
    }
}

fn births(a: Option<NaiveDate>, b: Option<NaiveDate>) -> Birth {
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) => (a, b),
        (Some(_), None) => return Birth::Told,
        (None, Some(_)) => return Birth::Untold,
        (None, None) => return Birth::Missing,
    };
    if a == b {
        return Birth::Same;
    }
    let swapped = a.year() == b.year() && a.day() == b.month() && a.month() == b.day();
    let digits = |date: NaiveDate| date.format("%Y%m%d").to_string();
    if swapped || osa_distance(&digits(a), &digits(b)) <= 1 {
        Birth::Slip
    } else {
        Birth::Differs
    }
}

fn places(a: &Option<String>, b: &Option<String>) -> Place {
    let (Some(a), Some(b)) = (a, b) else {
        return Place::Missing;
    };
    let prefix = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    if a == b {
        Place::Same
    } else if osa_distance(a, b) <= 1 || prefix >= 3 {
        Place::Near
    } else {
        Place::Differs
    }
}

fn exact(a: &Option<String>, b: &Option<String>) -> Place {
    match (a, b) {
        (Some(a), Some(b)) if a == b => Place::Same,
        (Some(_), Some(_)) => Place::Differs,
        _ => Place::Missing,
    }
}

/// The name of one in the mailbox of the other: a romanisation that the name itself does not give.
fn hint(booked: &Signals, theirs: &Signals) -> Hint {
    let of = |mailboxes: &[String], signals: &Signals| {
        mailboxes
            .iter()
            .flat_map(|mailbox| {
                signals.readings.iter().map(move |reading| {
                    let (given, family) = (reading.given.concat(), reading.family.concat());
                    read_in(mailbox, &given, &family)
                })
            })
            .min()
            .unwrap_or_default()
    };
    of(&booked.mailboxes, theirs).min(of(&theirs.mailboxes, booked))
}

fn read_in(mailbox: &str, given: &str, family: &str) -> Hint {
    let stands = |name: &str| name.len() >= 3 && mailbox.contains(name);
    // Agencies cut the names they build an address from.
    let begins = |name: &str| {
        let head = name.get(..name.len().min(6)).unwrap_or(name);
        head.len() >= 3 && mailbox.contains(head)
    };
    let initial = given
        .chars()
        .next()
        .is_some_and(|first| mailbox.starts_with(first) || mailbox.ends_with(first));
    match (stands(given), begins(family)) {
        (true, true) => Hint::Both,
        (false, true) if initial => Hint::Initial,
        (false, false) => Hint::Neither,
        _ => Hint::One,
    }
}
