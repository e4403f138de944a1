//! The supporting cast: guests who each show one thing.

use diesel::prelude::*;

use super::cast::{past, person, with_contacts};
use super::{ARRIVING, House, Told, World};
use crate::guests::preferences::{Source, Strength};
use crate::guests::profile::NewProfile;
use crate::stays::{Channel, Status};

pub(super) fn al_harbi(world: &mut World<'_>) -> QueryResult<()> {
    let who = person(("Layla", "Al-Harbi", Some("ليلى الحربي"), "Ms", "SA", "ar"));
    let id = world.guest(with_contacts(
        who,
        "layla.alharbi@example.sa",
        "+966 50 123 4567",
    ))?;
    for (days, room) in [(120, "1107"), (480, "1110")] {
        past(world, id, House::Riverside, days, 5, room)?;
    }
    world.told_us(id, &["no_alcohol_minibar", "halal", "river_view"], 120)?;
    world
        .stay(
            id,
            &Told {
                nights: 5,
                room: Some("1110"),
                at: Some(19 * 60 + 30),
                channel: Channel::Phone,
                ..ARRIVING
            },
        )
        .map(drop)
}

pub(super) fn o_connor(world: &mut World<'_>) -> QueryResult<()> {
    let who = person(("Siobhán", "O’Connor", None, "Ms", "IE", "en"));
    let id = world.guest(with_contacts(who, "siobhan@example.ie", "+353 85 123 4567"))?;
    world.member(id, "RH-112045", "gold", 9_870)?;
    for (days, room) in [(80, "1005"), (170, "1005"), (260, "1005"), (350, "1004")] {
        past(world, id, House::Riverside, days, 2, room)?;
    }
    world.told_us(id, &["late_arrival", "gluten_free"], 80)?;
    world
        .stay(
            id,
            &Told {
                nights: 1,
                room: Some("1005"),
                at: Some(21 * 60 + 40),
                ..ARRIVING
            },
        )
        .map(drop)
}

pub(super) fn tanaka(world: &mut World<'_>) -> QueryResult<()> {
    let who = person(("Misaki", "Tanaka", Some("田中美咲"), "Ms", "JP", "ja"));
    let id = world.guest(with_contacts(
        who,
        "misaki.tanaka@example.jp",
        "+81 90 1234 5678",
    ))?;
    world.member(id, "RH-106777", "gold", 15_310)?;
    for stay in 1..=8 {
        past(world, id, House::Riverside, stay * 47, 2, "1109")?;
    }
    world.told_us(id, &["shellfish_allergy", "work_desk", "tea"], 47)?;
    world.wish(
        id,
        "high_floor",
        Strength::Prefer,
        Source::Observed,
        47,
        (8, 8),
    )?;
    let told = Told {
        nights: 5,
        room: Some("1109"),
        at: Some(16 * 60 + 30),
        channel: Channel::Corporate,
        agency: Some("Hoshino Trading"),
        ..ARRIVING
    };
    world.stay(id, &told).map(drop)
}

/// Needs a step-free room, and has it.
pub(super) fn o_dowd(world: &mut World<'_>) -> QueryResult<()> {
    let id = world.guest(with_contacts(
        person(("Margaret", "O’Dowd", None, "Mrs", "IE", "en")),
        "m.odowd@example.ie",
        "+353 86 765 4321",
    ))?;
    world.member(id, "RH-115006", "silver", 3_980)?;
    for days in [200, 330, 470] {
        past(world, id, House::Riverside, days, 3, "0302")?;
    }
    world.told_us(id, &["accessible_room", "roll_in_shower", "step_free"], 200)?;
    world
        .stay(
            id,
            &Told {
                room: Some("0302"),
                at: Some(17 * 60),
                channel: Channel::Phone,
                ..ARRIVING
            },
        )
        .map(drop)
}

/// Twenty stays, always the same room.
pub(super) fn wang(world: &mut World<'_>) -> QueryResult<()> {
    let who = person(("Xiaoming", "Wang", Some("王小明"), "Mr", "CN", "zh-CN"));
    let profile = NewProfile {
        vip_level: Some(1),
        ..with_contacts(who, "wang.xiaoming@example.cn", "+86 139 1234 5678")
    };
    let id = world.guest(profile)?;
    world.member(id, "RH-100003", "platinum", 96_540)?;
    for stay in 1..=20 {
        past(world, id, House::Riverside, stay * 28, 2, "1403")?;
    }
    world.told_us(id, &["same_room", "tea", "newspaper"], 28)?;
    world
        .stay(
            id,
            &Told {
                room: Some("1403"),
                at: Some(20 * 60 + 5),
                ..ARRIVING
            },
        )
        .map(drop)
}

/// Known in the other house by another name; wants no fuss about hers.
pub(super) fn vivian_chan(world: &mut World<'_>) -> QueryResult<()> {
    let who = person(("Vivian", "Chan", Some("陈慧敏"), "Ms", "HK", "zh"));
    let id = world.guest(NewProfile {
        vip_level: Some(1),
        ..with_contacts(who, "vivian.chan@example.hk", "+852 9123 4567")
    })?;
    for (days, room) in [(60, "L15"), (200, "L25")] {
        past(world, id, House::Lakeside, days, 3, room)?;
    }
    world.told_us(
        id,
        &["do_not_name_aloud", "feather_free_pillow", "bathtub"],
        60,
    )?;
    world
        .stay(
            id,
            &Told {
                nights: 3,
                room: Some("1404"),
                at: Some(18 * 60 + 30),
                party: (2, 0),
                ..ARRIVING
            },
        )
        .map(drop)
}

/// Arrived at lunch.
pub(super) fn lefevre(world: &mut World<'_>) -> QueryResult<()> {
    let who = person(("François", "Lefèvre", None, "Mr", "FR", "fr"));
    let id = world.guest(with_contacts(
        who,
        "f.lefevre@example.fr",
        "+33 6 12 34 56 78",
    ))?;
    world.member(id, "RH-111090", "gold", 7_450)?;
    for stay in 1..=5 {
        past(world, id, House::Riverside, stay * 95, 2, "1207")?;
    }
    world.told_us(id, &["latex_allergy", "king_bed"], 95)?;
    world
        .stay(
            id,
            &Told {
                room: Some("1207"),
                at: Some(13 * 60 + 5),
                status: Status::InHouse,
                ..ARRIVING
            },
        )
        .map(drop)
}

pub(super) fn nguyen(world: &mut World<'_>) -> QueryResult<()> {
    let who = person(("Thị Hương", "Nguyễn", None, "Ms", "VN", "vi"));
    let id = world.guest(with_contacts(
        who,
        "huong.nguyen@example.vn",
        "+84 91 234 5678",
    ))?;
    past(world, id, House::Riverside, 150, 3, "0702")?;
    world.told_us(id, &["vegetarian", "twin_beds"], 150)?;
    // The agency's profile says something else: a clerk asks once, and settles it.
    let (strength, source) = (Strength::Prefer, Source::Imported);
    world.wish(id, "king_bed", strength, source, 20, (1, 1))?;
    let told = Told {
        nights: 3,
        room: Some("0702"),
        at: Some(18 * 60 + 15),
        channel: Channel::Group,
        agency: Some("Mekong Textiles"),
        requests: Some("请安排高楼层，不要靠电梯，加一床被子"),
        ..ARRIVING
    };
    world.stay(id, &told).map(drop)
}
