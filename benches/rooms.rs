//! Rooms without a database: the verdict on one room, the best of a house, and the assignment of a day.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

use std::collections::HashMap;
use std::hint::black_box;

use chrono::{Days, NaiveDate};
use criterion::{Criterion, criterion_group, criterion_main};
use innkeeper::guests::preferences::Strength;
use innkeeper::properties::Times;
use innkeeper::rooms::assign::{Arrival, Day};
use innkeeper::rooms::best::{Ranking, SHOWN};
use innkeeper::rooms::finding::{Asked, Fit, Tally};
use innkeeper::rooms::fit::Wish;
use innkeeper::rooms::standing::{Moment, Standings};
use innkeeper::rooms::{Housekeeping, Room};
use innkeeper::vocabulary;
use innkeeper::words::Message;

const FEATURES: [&str; 12] = [
    "king_bed",
    "twin_beds",
    "high_floor",
    "low_floor",
    "quiet_room",
    "near_elevator",
    "away_from_elevator",
    "bathtub",
    "walk_in_shower",
    "balcony",
    "river_view",
    "city_view",
];

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % sides
    }
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn rooms(count: usize, dice: &mut Dice) -> Vec<Room> {
    (0..count)
        .map(|index| {
            let rank = dice.roll(5) as i64 + 1;
            let features = FEATURES.iter().filter(|_| dice.roll(2) == 0);
            let mut features: Vec<String> = features.map(|&code| code.into()).collect();
            features.push("non_smoking".into());
            Room {
                id: index as i64 + 1,
                property_id: 1,
                number: format!("{:04}", index + 1),
                room_type_id: rank,
                type_name: format!("Class {rank}"),
                rank,
                floor: Some(index as i64 / 40),
                capacity: 2,
                housekeeping: if dice.roll(3) == 0 {
                    Housekeeping::Dirty
                } else {
                    Housekeeping::Clean
                },
                features,
            }
        })
        .collect()
}

fn wishes(count: usize, dice: &mut Dice) -> Vec<Wish> {
    let mut codes = vec!["non_smoking"];
    while codes.len() < count {
        let code = FEATURES[dice.roll(FEATURES.len())];
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    let wish = |code: &&'static str| Wish {
        feature: vocabulary::get(code).unwrap(),
        strength: if dice.roll(6) == 0 {
            Strength::Avoid
        } else {
            Strength::Prefer
        },
        evidence: Message::new("evidence-stated"),
        as_of: today(),
        stale: false,
        for_this_stay: false,
        certainty: 100 + dice.roll(10) as i64 * 100,
    };
    let mut wishes: Vec<Wish> = codes.iter().map(wish).collect();
    wishes[0].strength = Strength::Prefer;
    wishes
}

fn arrival(stay_id: i64, dice: &mut Dice) -> Arrival {
    let class = dice.roll(5) as i64 + 1;
    let nights = 1 + dice.roll(6) as i64;
    let asks = 1 + dice.roll(6);
    Arrival {
        stay_id,
        name: format!("Guest {stay_id}"),
        person_id: stay_id,
        asked: Asked {
            wishes: wishes(asks, dice),
            party: 1 + dice.roll(2) as i64,
            booked: Some((class, class)),
            arrives_at: Some(12 * 60 + dice.roll(10) as i64 * 60),
            ..Asked::default()
        },
        departure: today() + Days::new(nights.unsigned_abs()),
        nights,
        tier: dice.roll(4) as i64,
        has_open_case: dice.roll(20) == 0,
        current: None,
        is_locked: false,
    }
}

fn day(arrivals: usize, count: usize) -> Day {
    let mut dice = Dice(1);
    let rooms = rooms(count, &mut dice);
    let held: HashMap<i64, NaiveDate> = rooms
        .iter()
        .filter_map(|room| {
            let nights = dice.roll(20) as u64;
            (nights > 0).then(|| (room.id, today() + Days::new(nights)))
        })
        .collect();
    let moment = Moment {
        today: today(),
        minutes: 10 * 60,
        times: Times::default(),
    };
    Day {
        arrivals: (1..=arrivals as i64)
            .map(|id| arrival(id, &mut dice))
            .collect(),
        rooms,
        standings: Standings::new(today(), moment, held),
        connections: Vec::new(),
    }
}

fn benchmarks(criterion: &mut Criterion) {
    let house = day(500, 800);
    let (guest, room) = (&house.arrivals[0], &house.rooms[0]);
    let standing = house.standing(guest, room);
    criterion.bench_function("fit: price of a room", |b| {
        b.iter(|| Tally::of(black_box(&guest.asked), room, standing));
    });
    criterion.bench_function("fit: verdict in words", |b| {
        b.iter(|| Fit::of(black_box(&guest.asked), room, standing));
    });
    criterion.bench_function("fit: three best of 800", |b| {
        b.iter(|| {
            let ranking = Ranking::of(
                black_box(&guest.asked),
                &house.rooms,
                &house.standings,
                guest.departure,
            );
            ranking.first(SHOWN).count()
        });
    });
    let mut group = criterion.benchmark_group("assignment");
    group.sample_size(10);
    for (arrivals, rooms) in [(23, 130), (120, 300), (250, 400), (500, 800)] {
        let day = day(arrivals, rooms);
        group.bench_function(format!("{arrivals} arrivals, {rooms} rooms"), |b| {
            b.iter(|| black_box(&day).plan());
        });
    }
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
