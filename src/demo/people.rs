//! Everybody else in the houses, so that the boards look like a day at work.

use diesel::prelude::*;

use super::cast::{Who, person};
use super::{ARRIVING, House, PAST, Told, World};
use crate::guests::contacts::{Email, Phone};
use crate::guests::profile::NewProfile;
use crate::stays::{Channel, Decision, Status};

/// Whoever is not of the cast.
const NAMES: [Who; 24] = [
    ("Ingrid", "Solberg", None, "Ms", "NO", "nb"),
    ("Arjun", "Krishnan", None, "Mr", "IN", "en"),
    ("Ivan", "Petrov", Some("Иван Петров"), "Mr", "RU", "ru"),
    ("Jing", "Liu", Some("刘静"), "Ms", "CN", "zh-CN"),
    ("Emma", "Johansson", None, "Ms", "SE", "sv"),
    ("Yuki", "Sato", Some("佐藤由紀"), "Ms", "JP", "ja"),
    ("Carlos", "Mendoza Ruiz", None, "Mr", "MX", "es"),
    ("Adaeze", "Okonkwo", None, "Ms", "NG", "en"),
    ("Tai Man", "Chan", Some("陳大文"), "Mr", "HK", "zh"),
    ("Hyun-woo", "Park", Some("박현우"), "Mr", "KR", "ko"),
    ("Sofía", "García López", None, "Ms", "ES", "es"),
    ("Lars", "Nielsen", None, "Mr", "DK", "da"),
    ("Fang", "Huang", Some("黄芳"), "Ms", "CN", "zh-CN"),
    ("Mehmet", "Yılmaz", None, "Mr", "TR", "tr"),
    (
        "Olena",
        "Kovalenko",
        Some("Олена Коваленко"),
        "Ms",
        "UA",
        "uk",
    ),
    ("Somchai", "Srisai", Some("สมชาย ศรีใส"), "Mr", "TH", "th"),
    ("Grace", "Tan", Some("陈恩慧"), "Ms", "SG", "en"),
    ("Peter", "van den Berg", None, "Mr", "NL", "nl"),
    ("Qiang", "Zhao", Some("赵强"), "Mr", "CN", "zh-CN"),
    ("Chiara", "Romano", None, "Ms", "IT", "it"),
    ("David", "Cohen", None, "Mr", "IL", "he"),
    ("Amina", "Diallo", None, "Ms", "SN", "fr"),
    ("Michael", "Brown", None, "Mr", "US", "en"),
    ("Xue", "Gao", Some("高雪"), "Ms", "CN", "zh-CN"),
];

const TASTES: [&[&str]; 6] = [
    &[],
    &["quiet_room"],
    &["king_bed", "high_floor"],
    &["vegetarian"],
    &["extra_pillow"],
    &["late_check_out"],
];

/// Rooms for arrivals, for guests who stay, and for guests who leave today; none of the cast's.
const ARRIVALS: [&str; 6] = ["0403", "0508", "0607", "0708", "0809", "0910"];
pub(super) const STAYING: [&str; 10] = [
    "0303", "0307", "0404", "0409", "0510", "0610", "0709", "0808", "1008", "1210",
];
pub(super) const LEAVING: [&str; 6] = ["0304", "0407", "0503", "0609", "0810", "1108"];
const LAKESIDE: [&str; 4] = ["L11", "L16", "L22", "L38"];

/// Everybody else.
pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    let mut names = NAMES.iter().enumerate().cycle();
    let channels = [
        Channel::Direct,
        Channel::Ota,
        Channel::Corporate,
        Channel::Phone,
    ];
    let mut next = |world: &mut World<'_>, told: Told| -> QueryResult<()> {
        let Some((index, name)) = names.next() else {
            return Ok(());
        };
        let country = name.4;
        let handle = name.1.to_lowercase().replace([' ', 'ı'], "");
        let profile = NewProfile {
            email: Email::parse(&format!("{handle}{index}@example.com")).ok(),
            phone: Phone::parse(&format!("+86 137 0000 {:04}", 1200 + index), Some(country)).ok(),
            ..person(*name)
        };
        let id = world.guest(profile)?;
        for stay in 0..index % 4 {
            let days = 45 + 60 * i64::try_from(stay).unwrap_or(0);
            let past = Told {
                house: told.house,
                arrives: -days,
                room: told.room,
                ..PAST
            };
            world.stay(id, &past)?;
        }
        let tastes = TASTES
            .get(index % TASTES.len())
            .copied()
            .unwrap_or_default();
        world.told_us(id, tastes, 45)?;
        let decision = if index % 4 == 0 {
            Decision::New
        } else {
            Decision::Linked
        };
        let reasons = (decision == Decision::Linked).then_some("name;email");
        let channel = channels
            .get(index % channels.len())
            .copied()
            .unwrap_or(Channel::Direct);
        world
            .stay(
                id,
                &Told {
                    decision,
                    reasons,
                    channel,
                    ..told
                },
            )
            .map(drop)
    };
    for (room, hour) in ARRIVALS.into_iter().zip([14, 15, 17, 18, 20, 22]) {
        next(
            world,
            Told {
                room: Some(room),
                at: Some(hour * 60 + 15),
                ..ARRIVING
            },
        )?;
    }
    for room in STAYING {
        next(
            world,
            Told {
                room: Some(room),
                arrives: -1,
                nights: 4,
                status: Status::InHouse,
                ..ARRIVING
            },
        )?;
    }
    for room in LEAVING {
        next(
            world,
            Told {
                room: Some(room),
                arrives: -2,
                nights: 2,
                status: Status::InHouse,
                ..ARRIVING
            },
        )?;
    }
    for (room, status) in LAKESIDE.into_iter().zip([
        Status::Reserved,
        Status::Reserved,
        Status::InHouse,
        Status::InHouse,
    ]) {
        next(
            world,
            Told {
                house: House::Lakeside,
                room: Some(room),
                at: Some(16 * 60),
                status,
                ..ARRIVING
            },
        )?;
    }
    for day in 1..=3 {
        next(
            world,
            Told {
                arrives: day,
                at: Some(15 * 60),
                room_type: Some("RK"),
                ..ARRIVING
            },
        )?;
    }
    Ok(())
}
