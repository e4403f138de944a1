//! The offers of the demo: what each house gives and sells, and to whom.

use diesel::prelude::*;

use super::World;
use super::houses::room_type;
use crate::db::schema::users;
use crate::offers::rule::Terms;
use crate::offers::{Kind, Moment, Occasion, Pricing, SETTINGS, Settings, stored};
use crate::settings;

/// Suites that are never offered: somebody will pay for them tonight.
const SUITES_KEPT: i64 = 2;

pub(super) fn play(world: &mut World<'_>) -> QueryResult<()> {
    let zhou: i64 = users::table
        .filter(users::name.eq("zhou"))
        .select(users::id)
        .first(world.conn)?;
    let suite = room_type(world.conn, world.riverside.id, "RS")?;
    let corner = room_type(world.conn, world.riverside.id, "CS")?;
    let lake_suite = room_type(world.conn, world.lakeside.id, "LS")?;
    let rules = [
        Terms {
            open_case: true,
            cost_minor: 4_500,
            per_day: Some(10),
            budget_minor: Some(200_000),
            ..terms(
                world,
                "Breakfast with us, to put things right",
                Kind::Breakfast,
                5,
            )
        },
        Terms {
            tier: Some("platinum".into()),
            moment: Moment::Desk,
            steps: Some(1),
            cost_minor: 9_000,
            per_day: Some(3),
            ..terms(world, "One step up for Platinum", Kind::Upgrade, 10)
        },
        Terms {
            occasion: Some(Occasion::Birthday),
            value: Some(10_000),
            cost_minor: 4_000,
            per_guest: Some(1),
            ..terms(world, "A birthday in the house", Kind::Voucher, 15)
        },
        Terms {
            room_type_id: suite,
            pricing: Pricing::Percent,
            percent: Some(40),
            occupancy_most: Some(85),
            days_most: Some(3),
            cost_minor: 12_000,
            ..terms(world, "River suite at the desk", Kind::Upgrade, 20)
        },
        Terms {
            direct: true,
            room_type_id: corner,
            pricing: Pricing::Fixed,
            price_minor: Some(18_000),
            cost_minor: 8_000,
            ..terms(
                world,
                "Corner suite for who books with us",
                Kind::Upgrade,
                30,
            )
        },
        Terms {
            tier: Some("gold".into()),
            per_guest: Some(6),
            ..terms(world, "Late check-out for Gold", Kind::LateCheckOut, 40)
        },
        Terms {
            direct: true,
            least_stays: Some(3),
            value: Some(500),
            cost_minor: 500,
            per_guest: Some(2),
            ..terms(
                world,
                "Points for coming back by yourself",
                Kind::Points,
                50,
            )
        },
        Terms {
            pricing: Pricing::Fixed,
            price_minor: Some(20_000),
            cost_minor: 2_000,
            ..terms(world, "Late check-out until four", Kind::LateCheckOut, 60)
        },
        Terms {
            property_id: world.lakeside.id,
            room_type_id: lake_suite,
            pricing: Pricing::Percent,
            percent: Some(50),
            cost_minor: 10_000,
            ..terms(
                world,
                "Lake suite at half the difference",
                Kind::Upgrade,
                20,
            )
        },
    ];
    for terms in &rules {
        stored::add(world.conn, terms, Some(zhou))?;
    }
    let decided = Settings {
        protected: suite.map(|id| (id, SUITES_KEPT)).into_iter().collect(),
        ..Settings::default()
    };
    settings::set(world.conn, SETTINGS, &decided)
}

/// A rule of the first house for everybody, for nothing and for half a year; change what differs.
fn terms(world: &World<'_>, name: &str, kind: Kind, priority: i64) -> Terms {
    Terms {
        property_id: world.riverside.id,
        name: name.into(),
        tier: None,
        least_stays: None,
        channels: String::new(),
        occasion: None,
        vip: false,
        direct: false,
        open_case: false,
        occupancy_least: None,
        occupancy_most: None,
        days_least: None,
        days_most: None,
        moment: Moment::Any,
        kind,
        steps: None,
        room_type_id: None,
        pricing: Pricing::Free,
        price_minor: None,
        percent: None,
        value: None,
        cost_minor: 0,
        per_day: None,
        per_guest: None,
        budget_minor: None,
        priority,
        starts_on: world.day(-60),
        ends_on: world.day(180),
    }
}
