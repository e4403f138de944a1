//! The named cast: each plays a scene a good reception must master.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::supporting;
use super::{ARRIVING, House, PAST, Told, World};
use crate::guests::contacts::{Email, Phone};
use crate::guests::notes::{NewNote, Team};
use crate::guests::preferences::{Source, Strength};
use crate::guests::profile::NewProfile;
use crate::stays::{Channel, Decision};

const AN_OTA: (Channel, Option<&str>) = (Channel::Ota, Some("Booking.com"));

/// Given, family and native name, salutation, country and language.
pub(super) type Who = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
    &'static str,
    &'static str,
);

/// A profile of one of the cast.
pub(super) fn person(who: Who) -> NewProfile {
    let (given, family, native, salutation, country, language) = who;
    NewProfile {
        source: "demo".into(),
        given_name: Some(given.into()),
        family_name: Some(family.into()),
        native_name: native.map(Into::into),
        salutation: Some(salutation.into()),
        country: Some(country.into()),
        language: Some(language.into()),
        ..NewProfile::default()
    }
}

pub(super) fn with_contacts(profile: NewProfile, email: &str, phone: &str) -> NewProfile {
    let country = profile.country.clone();
    NewProfile {
        email: Email::parse(email).ok(),
        phone: Phone::parse(phone, country.as_deref()).ok(),
        ..profile
    }
}

/// Everybody of the cast takes their place.
pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    ouyang(world)?;
    mueller(world)?;
    zhang_wei(world)?;
    ribeiro(world)?;
    smith(world)?;
    kim(world)?;
    supporting::al_harbi(world)?;
    supporting::o_connor(world)?;
    supporting::tanaka(world)?;
    supporting::o_dowd(world)?;
    supporting::wang(world)?;
    supporting::vivian_chan(world)?;
    supporting::lefevre(world)?;
    supporting::nguyen(world)
}

pub(super) fn past(
    world: &mut World<'_>,
    guest_id: i64,
    house: House,
    days_ago: i64,
    nights: i64,
    room: &'static str,
) -> QueryResult<i64> {
    world.stay(
        guest_id,
        &Told {
            house,
            arrives: -days_ago,
            nights,
            room: Some(room),
            ..PAST
        },
    )
}

/// A regular whose bookings come through an agency: known at every house, allergic, and still waiting for an apology.
fn ouyang(world: &mut World<'_>) -> QueryResult<()> {
    let who = ("Nana", "Ouyang", Some("欧阳娜娜"), "Ms", "CN", "zh-CN");
    let profile = NewProfile {
        birth_date: NaiveDate::from_ymd_opt(1988, 5, 2),
        city: Some("Guangzhou".into()),
        document_number: Some("E48817218".into()),
        email_consent: Some(true),
        ..with_contacts(person(who), "nana.ouyang@example.com", "+86 138 0013 4418")
    };
    let id = world.guest(profile)?;
    world.member(id, "RH-104882", "gold", 12_480)?;
    past(world, id, House::Lakeside, 900, 2, "L35")?;
    past(world, id, House::Riverside, 640, 4, "1107")?;
    past(world, id, House::Riverside, 510, 2, "1208")?;
    let lakeside = past(world, id, House::Lakeside, 384, 2, "L17")?;
    past(world, id, House::Riverside, 300, 3, "1208")?;
    let noisy = past(world, id, House::Riverside, 254, 3, "1203")?;
    world.case(id, noisy, "1203", "lift noise at night", 252)?;
    world.told_us(
        id,
        &["peanut_allergy", "quiet_room", "away_from_elevator"],
        253,
    )?;
    world.wish(
        id,
        "high_floor",
        Strength::Prefer,
        Source::Observed,
        251,
        (5, 6),
    )?;
    world.wish(
        id,
        "river_view",
        Strength::Prefer,
        Source::Observed,
        251,
        (4, 4),
    )?;
    world.wish(
        id,
        "bathtub",
        Strength::Prefer,
        Source::Inferred,
        384,
        (2, 6),
    )?;
    world.told_us(id, &["firm_mattress"], 500)?;
    world.told_us(id, &["tea"], 384)?;
    // The booking came with a masked address, on a profile of the agency's; recognition linked it.
    let booked = NewProfile {
        source: "ota".into(),
        email: Email::parse("nouyan.4471@guest.booking.com").ok(),
        birth_date: NaiveDate::from_ymd_opt(1988, 5, 2),
        ..person(("NANA", "OUYANG", None, "Ms", "CN", "zh-CN"))
    };
    let agency = world.guest(booked)?;
    world.link(agency, id)?;
    let (channel, agency) = AN_OTA;
    world.stay(
        id,
        &Told {
            room: Some("1208"),
            at: Some(15 * 60 + 30),
            channel,
            agency,
            party: (2, 0),
            reasons: Some("name;birth_date;country"),
            ..ARRIVING
        },
    )?;
    note(
        world,
        id,
        lakeside,
        Team::Restaurant,
        "Husband is Daniel, works in shipping, loves the terrace.",
    )?;
    note(
        world,
        id,
        noisy,
        Team::Housekeeping,
        "Back hurts on soft beds: board under the mattress.",
    )
}

fn note(
    world: &mut World<'_>,
    guest_id: i64,
    stay_id: i64,
    team: Team,
    body: &str,
) -> QueryResult<()> {
    let author_id = crate::db::schema::users::table
        .select(crate::db::schema::users::id)
        .order(crate::db::schema::users::id)
        .first(world.conn)?;
    let property_id = Some(world.riverside.id);
    NewNote {
        guest_id,
        stay_id: Some(stay_id),
        property_id,
        team,
        body,
        author_id,
        replaces_id: None,
    }
    .write(world.conn)
    .map(drop)
}

/// Twelve stays, platinum, a birthday in two days.
fn mueller(world: &mut World<'_>) -> QueryResult<()> {
    let birthday = world.day(2);
    let profile = NewProfile {
        // On 29 February the cast's birthday moves with the calendar, as the rule says.
        birth_date: birthday
            .with_year(birthday.year() - 60)
            .or_else(|| NaiveDate::from_ymd_opt(birthday.year() - 60, 2, 28)),
        vip_level: Some(2),
        email_consent: Some(true),
        ..with_contacts(
            person(("Hans-Peter", "Müller", None, "Mr", "DE", "de")),
            "hp.mueller@example.de",
            "+49 151 2345 6789",
        )
    };
    let id = world.guest(profile)?;
    world.member(id, "RH-100017", "platinum", 48_210)?;
    for stay in 1..=11 {
        past(world, id, House::Riverside, stay * 61, 3, "1501")?;
    }
    world.wish(
        id,
        "corner_room",
        Strength::Prefer,
        Source::Observed,
        61,
        (11, 11),
    )?;
    world.told_us(id, &["newspaper", "coffee"], 122)?;
    world.wish(
        id,
        "near_elevator",
        Strength::Avoid,
        Source::Stated,
        122,
        (1, 1),
    )?;
    world
        .stay(
            id,
            &Told {
                nights: 3,
                room: Some("1501"),
                at: Some(15 * 60 + 45),
                ..ARRIVING
            },
        )
        .map(drop)
}

/// A very common name: three profiles could be meant, and nobody links on a guess.
fn zhang_wei(world: &mut World<'_>) -> QueryResult<()> {
    let mut known = Vec::new();
    for (native, city, room, days) in [
        ("张伟", "Chengdu", "0903", 300),
        ("张伟", "Wuhan", "0804", 90),
        ("章薇", "Shenzhen", "1009", 420),
    ] {
        let profile = NewProfile {
            city: Some(city.into()),
            ..person(("Wei", "Zhang", Some(native), "Mr", "CN", "zh-CN"))
        };
        let id = world.guest(profile)?;
        past(world, id, House::Riverside, days, 2, room)?;
        known.push(id);
    }
    let booked = world.guest(person(("Wei", "Zhang", None, "Mr", "CN", "zh-CN")))?;
    let stay = world.stay(
        booked,
        &Told {
            nights: 1,
            at: Some(16 * 60),
            channel: Channel::Ota,
            agency: Some("Trip.com"),
            decision: Decision::Review,
            reasons: Some("name;country"),
            room_type: Some("CT"),
            ..ARRIVING
        },
    )?;
    for id in known {
        world.candidate(stay, id, "name;country")?;
    }
    Ok(())
}

fn ribeiro(world: &mut World<'_>) -> QueryResult<()> {
    let who = person(("Ana Sofia", "Ribeiro", None, "Ms", "PT", "pt"));
    let id = world.guest(with_contacts(
        who,
        "anasofia.ribeiro@example.pt",
        "+351 912 345 678",
    ))?;
    world.member(id, "RH-118204", "member", 1_640)?;
    past(world, id, House::Riverside, 410, 4, "0906")?;
    let requests = Some("crib");
    world
        .stay(
            id,
            &Told {
                nights: 4,
                room: Some("0906"),
                at: Some(16 * 60 + 10),
                party: (2, 1),
                requests,
                ..ARRIVING
            },
        )
        .map(drop)
}

/// Nobody we know, with a wish in his own words.
fn smith(world: &mut World<'_>) -> QueryResult<()> {
    let id = world.guest(person(("John", "Smith", None, "Mr", "GB", "en")))?;
    world
        .stay(
            id,
            &Told {
                nights: 1,
                room: Some("0605"),
                at: Some(17 * 60 + 20),
                channel: Channel::Ota,
                agency: Some("Expedia"),
                requests: Some("high_floor;arriving with a bicycle"),
                decision: Decision::New,
                ..ARRIVING
            },
        )
        .map(drop)
}

/// Back after fourteen months, and without a room yet.
fn kim(world: &mut World<'_>) -> QueryResult<()> {
    let who = person(("Min-jun", "Kim", Some("김민준"), "Mr", "KR", "ko"));
    let id = world.guest(with_contacts(
        who,
        "minjun.kim@example.kr",
        "+82 10 2345 6789",
    ))?;
    world.member(id, "RH-109310", "silver", 5_220)?;
    for (days, room) in [(430, "0804"), (560, "0904"), (700, "1004")] {
        past(world, id, House::Riverside, days, 2, room)?;
    }
    world.told_us(id, &["high_floor", "hot_water"], 428)?;
    let told = Told {
        at: Some(18 * 60),
        channel: Channel::Ota,
        agency: Some("Agoda"),
        reasons: Some("name;phone"),
        room_type: Some("CK"),
        requests: Some("Quiet room away from the lift please and no feather pillows"),
        ..ARRIVING
    };
    world.stay(id, &told).map(drop)
}
