//! The choice of offers: a thousand rules for one stay, and what is free in a house of eight hundred rooms.
#![allow(missing_docs, reason = "a benchmark is no library")]

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use criterion::{Criterion, criterion_group, criterion_main};
use innkeeper::offers::choose::{Choice, Facts};
use innkeeper::offers::ladder::{Ladder, RoomType};
use innkeeper::offers::market::{Market, Seeker};
use innkeeper::offers::rule::{Rule, Terms};
use innkeeper::offers::{Kind, Moment, Occasion, Pricing, Settings};
use innkeeper::rooms::{Housekeeping, Room};
use innkeeper::stays::Channel;

const RULES: i64 = 1_000;
const ROOMS: i64 = 800;
const TYPES: i64 = 12;

fn today() -> NaiveDate {
    NaiveDate::default() + TimeDelta::days(20_000)
}

/// Rules of every kind, most of which speak for somebody else.
fn rule(id: i64) -> Rule {
    let kinds = Kind::ALL;
    let kind = kinds.iter().cycle().nth(id as usize % kinds.len());
    let kind = kind.copied().unwrap_or(Kind::Breakfast);
    let upgrade = kind == Kind::Upgrade;
    // Each kind has rules of every sort.
    let turn = id / kinds.len() as i64;
    Rule {
        id,
        terms: Terms {
            property_id: 1,
            name: format!("Rule {id}"),
            tier: (turn % 3 == 0).then(|| "platinum".into()),
            least_stays: (turn % 4 == 0).then_some(9),
            channels: if turn % 5 == 0 {
                "ota;gds".into()
            } else {
                String::new()
            },
            occasion: (turn % 7 == 0).then_some(Occasion::Jubilee),
            vip: turn % 11 == 0,
            direct: turn % 6 == 0,
            open_case: false,
            occupancy_least: None,
            occupancy_most: (turn % 2 == 0).then_some(95),
            days_least: None,
            days_most: (turn % 13 == 0).then_some(1),
            moment: Moment::Any,
            kind,
            steps: upgrade.then_some(1 + turn % 9),
            room_type_id: None,
            pricing: if upgrade {
                Pricing::Percent
            } else {
                Pricing::Free
            },
            price_minor: None,
            percent: upgrade.then_some(40),
            value: matches!(kind, Kind::Voucher | Kind::Points).then_some(500),
            cost_minor: 1_000,
            per_day: Some(10),
            per_guest: Some(2),
            budget_minor: Some(10_000_000),
            priority: 1 + id % 99,
            starts_on: today() - TimeDelta::days(id % 30),
            ends_on: today() + TimeDelta::days(30),
        },
    }
}

fn room(id: i64) -> Room {
    Room {
        id,
        property_id: 1,
        number: id.to_string(),
        room_type_id: 1 + id % TYPES,
        type_name: String::new(),
        rank: 1 + id % TYPES,
        floor: None,
        capacity: 2,
        housekeeping: Housekeeping::Clean,
        features: Vec::new(),
    }
}

fn choosing(criterion: &mut Criterion) {
    let mut rules: Vec<Rule> = (1..=RULES).map(rule).collect();
    rules.sort_by_key(Rule::place);
    let rooms: Vec<Room> = (1..=ROOMS).map(room).collect();
    let ladder = Ladder::new(
        (1..=TYPES)
            .map(|id| RoomType {
                id,
                code: format!("T{id}"),
                name: format!("Type {id}"),
                rank: id,
                rate_minor: 50_000 + 10_000 * id,
            })
            .collect(),
    );
    let mut market = Market::default();
    for room in rooms.iter().filter(|room| room.id % 10 < 8) {
        let nights = (0..7).map(|night| (today() + TimeDelta::days(night), 10_000 + room.id));
        market.nights.insert(room.id, nights.collect());
    }
    let settings = Settings::default();
    let fitting: Vec<i64> = rooms.iter().map(|room| room.id).collect();
    let seeker = Seeker {
        stay_id: 1,
        from: today(),
        to: today() + TimeDelta::days(3),
        in_house: false,
        fitting: &fitting,
    };
    let supply = market.supply(&rooms, &ladder, &settings, &seeker);
    let facts = Facts {
        tier: Some(("gold".into(), 2)),
        visit: 4,
        channel: Some(Channel::Direct),
        vip: false,
        occasions: vec![Occasion::Birthday],
        open_case: false,
        nights: 3,
        days_ahead: 0,
        in_house: false,
        base: Some(1),
        is_member: true,
        before: Vec::new(),
    };
    let rank = |code: &str| Some(if code == "platinum" { 3 } else { 2 });
    let used = HashMap::new();
    let choice = Choice {
        rules: &rules,
        ladder: &ladder,
        rank: &rank,
        used: &used,
        today: today(),
    };
    assert!(choice.choose(&facts, &supply).len() > 5);
    criterion.bench_function(
        "offers: what 800 rooms have for a stay of three nights",
        |b| b.iter(|| market.supply(&rooms, &ladder, &settings, &seeker)),
    );
    criterion.bench_function("offers: the choice among 1,000 rules", |b| {
        b.iter(|| choice.choose(&facts, &supply))
    });
}

criterion_group!(benches, choosing);
criterion_main!(benches);
