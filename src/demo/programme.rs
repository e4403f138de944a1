//! The loyalty programme of the demo: a catalogue, points that lapse soon, and an apology that waits for approval.

use diesel::prelude::*;

use super::World;
use crate::db::schema::{loyalty_accounts, users};
use crate::error::Fault;
use crate::loyalty::ledger::{Kind, NewEntry};
use crate::loyalty::requests;
use crate::loyalty::rewards::NewReward;
use crate::staff::audit::Actor;

/// Code, names, points, and whether only the first house gives it.
const REWARDS: [(&str, &str, &str, i64, bool); 5] = [
    ("TEA", "Afternoon tea for two", "双人下午茶", 1_200, false),
    (
        "LATE",
        "Late check-out until 4 pm",
        "延迟退房至下午四点",
        1_500,
        false,
    ),
    (
        "SPA60",
        "Sixty minutes in the spa",
        "水疗六十分钟",
        4_000,
        true,
    ),
    (
        "UPGRADE",
        "One step up the ladder, one stay",
        "本次住宿升一级房型",
        6_000,
        false,
    ),
    (
        "NIGHT",
        "A night in a city room",
        "城景房一晚",
        12_000,
        false,
    ),
];

pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    for (code, name_en, name_zh, points, only_here) in REWARDS {
        let reward = NewReward {
            code: code.into(),
            name_en: name_en.into(),
            name_zh: Some(name_zh.into()),
            points,
            property_id: only_here.then_some(world.riverside.id),
            is_active: true,
        };
        reward.store(world.conn)?;
    }
    let account = |world: &mut World<'_>, number: &str| -> QueryResult<i64> {
        loyalty_accounts::table
            .filter(loyalty_accounts::number.eq(number))
            .select(loyalty_accounts::id)
            .first(world.conn)
    };
    let user = |world: &mut World<'_>, name: &str| -> QueryResult<Actor> {
        let id = users::table
            .filter(users::name.eq(name))
            .select(users::id)
            .first(world.conn)?;
        Ok(Actor::User(id))
    };
    let (o_connor, lefevre) = (account(world, "RH-112045")?, account(world, "RH-111090")?);
    let (zhou, lin) = (user(world, "zhou")?, user(world, "lin")?);
    let soon = NewEntry {
        expires_on: Some(world.day(12)),
        ..NewEntry::new(
            o_connor,
            Kind::Adjust,
            800,
            "Spring double points",
            world.day(-200),
            Some(zhou),
        )
    };
    soon.post(world.conn)?;
    let (today, reason) = (world.today, "Two nights beside the building site");
    match requests::adjust(world.conn, lefevre, Kind::Adjust, 8_000, reason, today, lin) {
        Ok(_) => Ok(()),
        Err(Fault::Database(error)) => Err(error),
        // A cast that can't be asked for is a mistake of the cast.
        Err(_) => Err(diesel::result::Error::RollbackTransaction),
    }
}
