//! Guests who are in the base more than once, and those who only look like it: a family, colleagues.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::cast::{Who, person};
use super::{House, PAST, Told, World};
use crate::error::Fault;
use crate::guests::contacts::{Email, Phone};
use crate::guests::profile::NewProfile;
use crate::recognition::duplicates::{self, Scope};

/// A profile: who, e-mail, phone, city and postal code, and how long ago they stayed where.
struct Seen {
    who: Who,
    source: &'static str,
    email: Option<&'static str>,
    phone: Option<&'static str>,
    home: Option<(&'static str, &'static str)>,
    company: Option<&'static str>,
    born: Option<(i32, u32, u32)>,
    /// The year they were born in on this day.
    birthday: Option<i32>,
    stays: &'static [(House, i64)],
}

const NOBODY: Seen = Seen {
    who: ("", "", None, "Ms", "DE", "de"),
    source: "demo",
    email: None,
    phone: None,
    home: None,
    company: None,
    born: None,
    birthday: None,
    stays: &[],
};

const SEEN: [Seen; 9] = [
    // One guest, the name once the other way round.
    Seen {
        who: ("Elodie", "Marchand", None, "Ms", "FR", "fr"),
        email: Some("elodie.marchand@example.fr"),
        phone: Some("+33 6 1209 5566"),
        home: Some(("Lyon", "69003")),
        stays: &[(House::Riverside, 420), (House::Riverside, 150)],
        ..NOBODY
    },
    Seen {
        who: ("MARCHAND", "ELODIE", None, "Ms", "FR", "fr"),
        source: "ota",
        email: Some("elodie.marchand@example.fr"),
        stays: &[(House::Lakeside, 75)],
        ..NOBODY
    },
    // One guest, three profiles: the full name, what friends call her, and a slip of the hand.
    Seen {
        who: ("Elizabeth", "Whitcombe", None, "Ms", "GB", "en"),
        email: Some("e.whitcombe@example.co.uk"),
        phone: Some("+44 7700 900 412"),
        home: Some(("Bath", "BA1 2LR")),
        born: Some((1979, 8, 14)),
        stays: &[(House::Riverside, 700), (House::Riverside, 340)],
        ..NOBODY
    },
    Seen {
        who: ("Liz", "Whitcombe", None, "Ms", "GB", "en"),
        source: "phone",
        phone: Some("+44 7700 900 412"),
        stays: &[(House::Riverside, 190)],
        ..NOBODY
    },
    Seen {
        who: ("Elizabeth", "Whitcomb", None, "Ms", "GB", "en"),
        source: "ota",
        email: Some("e.whitcombe@example.co.uk"),
        born: Some((1979, 8, 14)),
        stays: &[(House::Lakeside, 60)],
        ..NOBODY
    },
    // A couple.
    Seen {
        who: ("Henrik", "Lindqvist", None, "Mr", "SE", "sv"),
        email: Some("henrik.lindqvist@example.se"),
        phone: Some("+46 70 338 21 45"),
        home: Some(("Uppsala", "75310")),
        birthday: Some(1976),
        stays: &[(House::Riverside, 260)],
        ..NOBODY
    },
    Seen {
        who: ("Astrid", "Lindqvist", None, "Ms", "SE", "sv"),
        phone: Some("+46 70 338 21 45"),
        home: Some(("Uppsala", "75310")),
        stays: &[(House::Riverside, 120)],
        ..NOBODY
    },
    // Colleagues who book through their office.
    Seen {
        who: ("Ravi", "Menon", None, "Mr", "IN", "en"),
        email: Some("ravi@menon-nair.example.in"),
        phone: Some("+91 98400 55120"),
        company: Some("Menon Nair Associates"),
        stays: &[(House::Riverside, 95)],
        ..NOBODY
    },
    Seen {
        who: ("Deepa", "Nair", None, "Ms", "IN", "en"),
        phone: Some("+91 98400 55120"),
        company: Some("Menon Nair Associates"),
        stays: &[(House::Riverside, 95)],
        ..NOBODY
    },
];

/// Puts them into the base, and looks for duplicates as a hotel's administrator would have.
pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    for seen in &SEEN {
        let country = seen.who.4;
        let profile = NewProfile {
            source: seen.source.into(),
            email: seen.email.and_then(|email| Email::parse(email).ok()),
            phone: seen
                .phone
                .and_then(|phone| Phone::parse(phone, Some(country)).ok()),
            city: seen.home.map(|(city, _)| city.into()),
            postal_code: seen.home.map(|(_, code)| code.into()),
            company: seen.company.map(Into::into),
            birth_date: seen
                .born
                .and_then(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day))
                .or(seen.birthday.and_then(|year| world.today.with_year(year))),
            ..person(seen.who)
        };
        let id = world.guest(profile)?;
        for &(house, days) in seen.stays {
            let stay = Told {
                house,
                arrives: -days,
                room: Some(if house == House::Riverside {
                    "1105"
                } else {
                    "L16"
                }),
                ..PAST
            };
            world.stay(id, &stay)?;
        }
    }
    let found = duplicates::claim(world.conn, Scope::All, None)
        .and_then(|run| duplicates::walk_on(world.conn, run));
    match found {
        Ok(_) => Ok(()),
        Err(Fault::Database(error)) => Err(error),
        Err(_) => Err(diesel::result::Error::RollbackTransaction),
    }
}
