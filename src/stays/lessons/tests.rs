//! What is learned, and what is not.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + TimeDelta::days(number)
}

fn features(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|&code| code.into()).collect()
}

fn stay(number: i64, room: &[&str]) -> Experience {
    Experience {
        stay_id: number,
        guest_id: 1,
        property_id: 1,
        departure: day(number),
        room: features(room),
        ..Experience::default()
    }
}

/// A house in which every room has a kettle, most a king bed, and few a bathtub.
fn house() -> Houses {
    Houses::default()
        .with(1, "kettle", 1.0)
        .with(1, "king_bed", 0.9)
        .with(1, "high_floor", 0.4)
        .with(1, "bathtub", 0.1)
        .with(1, "near_elevator", 0.5)
}

fn told(stays: &[Experience]) -> Vec<(&'static str, Strength, i64, i64)> {
    let lessons = lessons(stays, &house(), &Settings::default());
    lessons
        .iter()
        .map(|one| (one.feature.code, one.strength, one.times, one.chances))
        .collect()
}

#[test]
fn three_alike_teach_and_one_loud_party_does_not() {
    let (high, low) = (["high_floor", "kettle"], ["low_floor", "kettle"]);
    let of = |rooms: &[&[&str]]| {
        let stays = rooms.iter().enumerate();
        let stays: Vec<_> = stays.map(|(at, room)| stay(at as i64, room)).collect();
        told(&stays)
    };
    assert_eq!(of(&[&high, &high, &high, &low]), []);
    assert_eq!(of(&[&high, &high]), []);
    assert_eq!(
        of(&[&high, &high, &high, &high, &low]),
        [("high_floor", Strength::Prefer, 4, 5)]
    );
}

#[test]
fn what_nearly_all_rooms_have_is_no_wish() {
    let stays: Vec<_> = (0..9)
        .map(|at| stay(at, &["king_bed", "kettle", "bathtub"]))
        .collect();
    assert_eq!(told(&stays), [("bathtub", Strength::Prefer, 9, 9)]);
}

#[test]
fn rooms_left_for_others_teach_a_dislike_as_a_guess() {
    let moved = |number| Experience {
        moves: vec![(features(&["near_elevator"]), features(&["bathtub"]))],
        ..stay(number, &["bathtub"])
    };
    assert_eq!(told(&[moved(1)]), []);
    let stays = [moved(1), moved(2)];
    assert_eq!(told(&stays), [("near_elevator", Strength::Avoid, 2, 2)]);
    let lessons = lessons(&stays, &house(), &Settings::default());
    assert_eq!(lessons[0].source, Source::Inferred);
    assert_eq!(lessons[0].last, (day(2), 2, 1, 1));
    // Who stayed in such rooms as often does not mind them.
    let stayed = [moved(1), moved(2), stay(3, &["near_elevator"])];
    assert_eq!(told(&stayed), []);
    // A move to a room nothing is known of says nothing.
    let blind = |number| Experience {
        moves: vec![(features(&["near_elevator"]), Vec::new())],
        ..stay(number, &[])
    };
    assert_eq!(told(&[blind(1), blind(2)]), []);
}

#[test]
fn extras_and_times_of_arrival_teach() {
    let late = |number, ordered: &[&'static str], at| Experience {
        ordered: Some(ordered.to_vec()),
        arrived_at: Some(at),
        ..stay(number, &[])
    };
    let stays = [
        late(1, &["spa", "late_check_out"], 23 * 60),
        late(2, &["spa"], 30),
        late(3, &["spa"], 22 * 60),
    ];
    assert_eq!(
        told(&stays),
        [
            ("spa", Strength::Prefer, 3, 3),
            ("late_arrival", Strength::Prefer, 3, 3)
        ]
    );
    let early: Vec<_> = (1..=3).map(|number| late(number, &[], 9 * 60)).collect();
    assert_eq!(told(&early), [("early_check_in", Strength::Prefer, 3, 3)]);
}

fn lesson(code: &str, strength: Strength) -> Lesson {
    Lesson {
        feature: vocabulary::get(code).unwrap(),
        strength,
        source: Source::Observed,
        times: 3,
        chances: 3,
        last: (day(0), 1, 1, 1),
    }
}

fn said(code: &str, strength: Strength, source: Source) -> Preference {
    Preference {
        id: 1,
        person_id: 1,
        code: code.into(),
        strength,
        source,
        property_id: None,
        noted_at_property_id: None,
        noted_on: day(0),
        noted_by: None,
        note: None,
        times: 1,
        chances: 1,
        confirmed_on: None,
        noted_stay_id: None,
    }
}

#[test]
fn what_was_called_wrong_is_not_concluded_again_until_it_is_said() {
    let at = |hour| day(0).and_hms_opt(hour, 0, 0).unwrap();
    let bathtub = lesson("bathtub", Strength::Prefer);
    let mut refuted = Refuted::default();
    assert!(is_admissible(&bathtub, &[], &refuted));
    refuted.stated("bathtub", at(1));
    refuted.refute("bathtub", at(2));
    assert!(!is_admissible(&bathtub, &[], &refuted));
    refuted.stated("bathtub", at(3));
    assert!(is_admissible(&bathtub, &[], &refuted));
}

const CODES: [&str; 6] = [
    "king_bed",
    "twin_beds",
    "high_floor",
    "low_floor",
    "bathtub",
    "near_elevator",
];

fn rooms() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(CODES.to_vec(), 0..=CODES.len()).prop_map(|codes| features(&codes))
}

fn experiences() -> impl Strategy<Value = Vec<Experience>> {
    let one = (
        rooms(),
        prop::collection::vec((rooms(), rooms()), 0..2),
        prop::option::of(prop::sample::subsequence(vec!["spa", "crib"], 0..=2)),
        prop::option::of(0..1_440_i64),
        0..400_i64,
        1..3_i64,
    );
    prop::collection::vec(one, 0..12).prop_map(|all| {
        let stays = all.into_iter().enumerate();
        stays
            .map(
                |(at, (room, moves, ordered, arrived_at, left, property_id))| Experience {
                    stay_id: at as i64,
                    guest_id: 1,
                    property_id,
                    departure: day(left),
                    room,
                    moves,
                    ordered,
                    arrived_at,
                },
            )
            .collect()
    })
}

proptest! {
    #[test]
    fn the_order_of_stays_does_not_matter(stays in experiences(), seed in any::<prop::sample::Index>()) {
        let mut turned = stays.clone();
        if !turned.is_empty() {
            let by = seed.index(turned.len());
            turned.rotate_left(by);
            turned.reverse();
        }
        prop_assert_eq!(told(&stays), told(&turned));
    }

    #[test]
    fn nothing_is_learned_beyond_what_was_seen(stays in experiences()) {
        for lesson in lessons(&stays, &house(), &Settings::default()) {
            prop_assert!(matches!(lesson.strength, Strength::Prefer | Strength::Avoid));
            prop_assert!(!lesson.feature.need);
            prop_assert!(lesson.times <= lesson.chances && lesson.chances <= stays.len() as i64);
            prop_assert!(lesson.times * 100 >= lesson.chances * 80);
        }
    }

    #[test]
    fn nothing_is_kept_against_or_beside_what_was_said(
        code in prop::sample::select(CODES.to_vec()),
        of in prop::sample::select(CODES.to_vec()),
        strength in prop::sample::select(Strength::ALL),
        source in prop::sample::select(vec![Source::Stated, Source::Imported]),
    ) {
        let known = said(of, strength, source);
        let lesson = lesson(code, Strength::Prefer);
        let is_said = of == code || vocabulary::oppose(of, code);
        prop_assert_eq!(is_admissible(&lesson, &[known], &Refuted::default()), !is_said);
    }
}
