//! An assignment never lets a room twice, never breaks a need, is never worse than greedy, and is the best there is.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::why::Outcome;
use super::*;
use crate::guests::preferences::Strength;
use crate::properties::Times;
use crate::rooms::finding::Complaint;
use crate::rooms::fit::Wish;
use crate::rooms::standing::Moment;
use crate::vocabulary;
use crate::words::Message;

const FEATURES: [&str; 5] = [
    "bathtub",
    "high_floor",
    "quiet_room",
    "step_free",
    "connecting_rooms",
];

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn wish(code: &str, strength: Strength, certainty: i64) -> Wish {
    Wish {
        feature: vocabulary::get(code).unwrap(),
        strength,
        evidence: Message::new("evidence-stated"),
        as_of: today(),
        stale: false,
        for_this_stay: false,
        certainty,
    }
}

fn room(id: i64, rank: i64, capacity: i64, features: &[&str]) -> Room {
    Room {
        id,
        property_id: 1,
        number: format!("{id:03}"),
        room_type_id: rank,
        type_name: format!("Class {rank}"),
        rank,
        floor: None,
        capacity,
        housekeeping: Housekeeping::Clean,
        features: features
            .iter()
            .chain(&["kettle"])
            .map(|&code| code.into())
            .collect(),
    }
}

fn arrival(stay_id: i64, nights: i64, wishes: Vec<Wish>) -> Arrival {
    Arrival {
        stay_id,
        name: format!("Guest {stay_id}"),
        person_id: stay_id,
        asked: Asked {
            wishes,
            party: 1,
            booked: Some((1, 1)),
            arrives_at: Some(15 * 60),
            ..Asked::default()
        },
        departure: today() + Days::new(nights.unsigned_abs()),
        nights,
        tier: 0,
        has_open_case: false,
        current: None,
        is_locked: false,
    }
}

fn day(arrivals: Vec<Arrival>, rooms: Vec<Room>, held: &[(i64, u64)]) -> Day {
    let moment = Moment {
        today: today(),
        minutes: 10 * 60,
        times: Times::default(),
    };
    let held: HashMap<i64, NaiveDate> = held
        .iter()
        .map(|(room, nights)| (*room, today() + Days::new(*nights)))
        .collect();
    Day {
        arrivals,
        rooms,
        standings: Standings::new(today(), moment, held),
        connections: Vec::new(),
    }
}

fn any_room(id: i64) -> impl Strategy<Value = Room> {
    (
        1_i64..3,
        1_i64..3,
        proptest::sample::subsequence(FEATURES.to_vec(), 0..4),
        0..8,
    )
        .prop_map(move |(rank, capacity, features, state)| {
            let mut room = room(id, rank, capacity, &features);
            room.housekeeping = match state {
                0 => Housekeeping::OutOfOrder,
                1 | 2 => Housekeeping::Dirty,
                _ => Housekeeping::Clean,
            };
            if state == 3 {
                room.features.clear();
            }
            room
        })
}

fn any_wish() -> impl Strategy<Value = Wish> {
    (0..FEATURES.len(), 0..Strength::ALL.len(), 1_i64..=10).prop_map(|(code, strength, tenth)| {
        wish(FEATURES[code], Strength::ALL[strength], tenth * 100)
    })
}

fn any_arrival(stay_id: i64, rooms: i64) -> impl Strategy<Value = Arrival> {
    (
        1_i64..4,
        proptest::collection::vec(any_wish(), 0..3),
        (1_i64..3, 0_i64..3, 0_i64..3),
        (1..=rooms, 0..4, any::<bool>()),
        (1_i64..3, 1..=rooms, 0..3),
    )
        .prop_map(
            move |(nights, wishes, (party, booked, tier), (room, state, case), liking)| {
                let mut arrival = arrival(stay_id, nights, wishes);
                arrival.asked.party = party;
                arrival.asked.booked = Some((booked, booked)).filter(|_| booked > 0);
                let (times, other, what) = liking;
                match what {
                    0 => arrival.asked.liked.push((other, times)),
                    1 => arrival.asked.complaints.push(Complaint {
                        room_id: other,
                        summary: "noise".into(),
                        is_open: case,
                    }),
                    _ => {}
                }
                arrival.tier = tier;
                arrival.has_open_case = case;
                // Some have a room, some of these are locked.
                arrival.current = Some(room).filter(|_| state < 2);
                arrival.is_locked = state == 0;
                arrival
            },
        )
}

/// A day of a small house; with `parties`, two stays may be one person's.
fn any_day(parties: bool) -> impl Strategy<Value = Day> {
    (1_i64..5, 1_i64..6).prop_flat_map(move |(arrivals, rooms)| {
        let everybody: Vec<_> = (1..=arrivals).map(|id| any_arrival(id, rooms)).collect();
        let house: Vec<_> = (1..=rooms).map(any_room).collect();
        let held = proptest::collection::vec((1..=rooms, 0_u64..4), 0..3);
        let doors = proptest::collection::vec((1..=rooms, 1..=rooms), 0..4);
        (everybody, house, held, doors).prop_map(move |(mut arrivals, rooms, held, doors)| {
            // Nobody shares a room, nor has one that others hold.
            let mut had: HashSet<i64> = held.iter().map(|(room, _)| *room).collect();
            for arrival in &mut arrivals {
                if arrival.current.is_some_and(|room| !had.insert(room)) {
                    arrival.current = None;
                    arrival.is_locked = false;
                }
            }
            if parties && let [first, second, ..] = arrivals.as_mut_slice() {
                second.person_id = first.person_id;
            }
            let mut day = day(arrivals, rooms, &held);
            day.connections = doors
                .into_iter()
                .filter(|(one, other)| one < other)
                .collect();
            day
        })
    })
}

/// The cheapest of all ways to place those who are free to be placed.
fn by_brute_force(day: &Day, plan: &Plan) -> Option<Cost> {
    fn go(day: &Day, table: &Table, places: &mut Vec<Place>, row: usize, best: &mut Option<Cost>) {
        let Some(at) = table.rows.get(row) else {
            if let Some(total) = day.total_of(table, places) {
                *best = Some(best.map_or(total, |least| least.min(total)));
            }
            return;
        };
        places[*at] = Place::Without;
        go(day, table, places, row + 1, best);
        for room in &table.columns {
            places[*at] = Place::Room(*room);
            go(day, table, places, row + 1, best);
        }
    }
    let mut best = None;
    let table = Table::of(day, &plan.order, &day.fixed());
    go(day, &table, &mut plan.places.clone(), 0, &mut best);
    best
}

fn check(day: &Day) -> Result<(), TestCaseError> {
    let plan = day.plan();
    let mut given = HashSet::new();
    for (arrival, place) in day.arrivals.iter().zip(&plan.places) {
        if let Some(room) = place.room() {
            prop_assert!(given.insert(room), "a room let twice");
        }
        match place {
            Place::Room(room) => {
                let fit = day.fit(arrival, &day.rooms[*room]);
                prop_assert!(fit.is_possible(), "broken: {:?}", fit.against);
            }
            Place::Locked(room) => prop_assert_eq!(day.current(arrival), Some(*room)),
            Place::Stuck(room) => prop_assert_eq!(day.current(arrival), Some(*room)),
            Place::Without => prop_assert!(!arrival.is_locked || arrival.current.is_none()),
        }
    }
    prop_assert!(plan.total <= day.greedy().total, "worse than greedy");
    prop_assert_eq!(Some(plan.total), by_brute_force(day, &plan));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn a_plan_is_the_best_there_is_and_breaks_nothing(day in any_day(false)) {
        check(&day)?;
    }

    #[test]
    fn so_is_a_plan_with_a_party(day in any_day(true)) {
        check(&day)?;
    }
}

fn rooms_of(day: &Day) -> Vec<Option<i64>> {
    let places = day.plan().places;
    let rooms = places.iter().map(|place| place.room());
    rooms.map(|room| room.map(|at| day.rooms[at].id)).collect()
}

fn house() -> Vec<Room> {
    vec![
        room(1, 1, 2, &["bathtub"]),
        room(2, 1, 2, &["quiet_room"]),
        room(3, 1, 2, &[]),
    ]
}

#[test]
fn two_who_wish_the_same_are_told_apart_by_the_order() {
    let bath = || vec![wish("bathtub", Strength::Prefer, 1_000)];
    let mut gold = arrival(2, 1, bath());
    gold.tier = 3;
    let mut member = arrival(1, 5, bath());
    member.current = Some(1);
    let day = day(vec![member, gold], house(), &[]);
    let given = rooms_of(&day);
    assert_eq!(given[1], Some(1), "the tier goes before the longer stay");
    let plan = day.plan();
    let lines = day.lines(&plan);
    let told: Vec<_> = lines.iter().map(|line| line.outcome).collect();
    assert_eq!(told, [Outcome::First, Outcome::Moves]);
    let why: Vec<_> = lines[1].why.iter().map(Message::key).collect();
    assert_eq!(why, ["why-loses", "why-makes-way"]);
}

#[test]
fn nobody_is_moved_for_nothing_and_nobody_loses_a_room_to_another() {
    let mut first = arrival(1, 1, Vec::new());
    first.current = Some(3);
    let mut gold = arrival(2, 1, Vec::new());
    gold.tier = 3;
    let only = vec![room(3, 1, 2, &[])];
    assert_eq!(
        rooms_of(&day(vec![first.clone(), gold.clone()], only, &[])),
        [Some(3), None]
    );
    let day = day(vec![first, gold], house(), &[]);
    assert_eq!(rooms_of(&day)[0], Some(3));
}

#[test]
fn a_need_is_met_above_the_class_booked_or_not_at_all() {
    let need = || vec![wish("step_free", Strength::Prefer, 1_000)];
    let mut rooms = house();
    rooms.push(room(4, 2, 2, &["step_free"]));
    let free = day(vec![arrival(1, 2, need())], rooms.clone(), &[]);
    assert_eq!(rooms_of(&free), [Some(4)]);
    let taken = day(vec![arrival(1, 2, need())], rooms, &[(4, 1)]);
    let plan = taken.plan();
    assert_eq!(rooms_of(&taken), [None]);
    let why: Vec<_> = taken.lines(&plan)[0].why.iter().map(Message::key).collect();
    assert_eq!(why, ["why-needs"]);
}

#[test]
fn a_short_stay_leaves_the_long_gap_to_a_long_one() {
    let rooms = vec![room(1, 1, 2, &[]), room(2, 1, 2, &[])];
    let short = arrival(1, 2, Vec::new());
    // Room 2 is held after two nights, room 1 stays free.
    assert_eq!(rooms_of(&day(vec![short], rooms, &[(2, 2)])), [Some(2)]);
}

#[test]
fn a_party_that_asks_for_it_gets_rooms_that_connect() {
    let asks = || vec![wish("connecting_rooms", Strength::Prefer, 1_000)];
    let (one, mut other) = (arrival(1, 2, asks()), arrival(2, 2, asks()));
    other.person_id = 1;
    let quiet = arrival(3, 2, vec![wish("quiet_room", Strength::Prefer, 1_000)]);
    let mut day = day(vec![one, other, quiet], house(), &[]);
    day.rooms.push(room(4, 1, 2, &[]));
    day.connections = vec![(3, 4)];
    let given = rooms_of(&day);
    let mut pair = [given[0], given[1]];
    pair.sort_unstable();
    assert_eq!(pair, [Some(3), Some(4)]);
    assert_eq!(given[2], Some(2));
}

#[test]
fn five_hundred_arrivals_into_eight_hundred_rooms_all_get_one() {
    let features = &FEATURES[..3];
    let rooms = (0..800_usize).map(|id| {
        let has: Vec<&str> = (0..3)
            .filter(|bit| id >> bit & 1 == 1)
            .map(|bit| features[bit])
            .collect();
        room(id as i64 + 1, (id % 4) as i64 + 1, 2, &has)
    });
    let arrivals = (0..500_usize).map(|id| {
        let wishes = vec![
            wish(features[id % 3], Strength::Prefer, 1_000),
            wish(features[(id + 1) % 3], Strength::Avoid, 500),
        ];
        let mut arrival = arrival(id as i64 + 1, 1 + (id % 7) as i64, wishes);
        let class = (id % 4) as i64 + 1;
        arrival.asked.booked = Some((class, class));
        arrival
    });
    let day = day(arrivals.collect(), rooms.collect(), &[]);
    let plan = day.plan();
    let places: Vec<_> = plan.places.iter().map(|place| place.room()).collect();
    let measure = day.measure(&places);
    assert_eq!((measure.without, measure.broken), (0, 0));
    assert!(plan.total <= day.greedy().total);
    assert!(measure.kept >= day.measure(&day.first_free()).kept);
}
