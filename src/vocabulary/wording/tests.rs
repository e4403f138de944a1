//! Sentences as guests write them.

use super::*;

fn found(text: &str) -> Vec<&'static str> {
    codes(text).iter().map(|feature| feature.code).collect()
}

/// Codes as they are read, with a `-` before what is to be avoided.
fn all(text: &str) -> Vec<String> {
    let sign = |reading: &Reading| if reading.is_wanted { "" } else { "-" };
    read(text)
        .iter()
        .map(|reading| format!("{}{}", sign(reading), reading.feature.code))
        .collect()
}

#[test]
fn an_allergy_in_words_is_an_allergy() {
    assert_eq!(found("No flowers - pollen allergy"), ["pollen_allergy"]);
    assert_eq!(found("花粉过敏，不放花"), ["pollen_allergy"]);
    assert_eq!(
        found("Allergic to shrimp, eggs and sesame."),
        ["shellfish_allergy", "egg_allergy", "sesame_allergy"]
    );
    assert_eq!(
        found("对花生和虾过敏"),
        ["peanut_allergy", "shellfish_allergy"]
    );
    assert_eq!(
        found("Severe nut allergy!"),
        ["peanut_allergy", "tree_nut_allergy"]
    );
    assert_eq!(found("coeliac"), ["gluten_free"]);
    assert_eq!(found("乳糖不耐"), ["lactose_free"]);
    assert_eq!(found("Feather allergy"), ["feather_free_pillow"]);
}

#[test]
fn who_denies_an_allergy_has_none_and_who_likes_fish_is_not_allergic() {
    for text in [
        "No known allergies",
        "Not allergic to nuts",
        "对鸡蛋不过敏",
        "没有过敏",
        "We love fish and prawns",
        "Celebrating with flowers",
        "",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
    let mixed = "No known allergies. Guest of the wife is allergic to latex";
    assert_eq!(found(mixed), ["latex_allergy"]);
}

#[test]
fn wishes_in_words_are_wishes() {
    for (text, codes) in [
        (
            "Please a HIGH FLOOR, quiet room; late check-out",
            vec!["high_floor", "quiet_room", "late_check_out"],
        ),
        (
            "安静的高楼层，无烟",
            vec!["quiet_room", "high_floor", "non_smoking"],
        ),
        ("Bathtub", vec!["bathtub"]),
        (
            "My back hurts, could we have a firm mattress and an extra pillow?",
            vec!["firm_mattress", "extra_pillow"],
        ),
        (
            "We're arriving late (after midnight), king size bed if possible",
            vec!["late_arrival", "king_bed"],
        ),
        ("Same room as last time would be lovely", vec!["same_room"]),
        (
            "two single beds + baby cot for our son",
            vec!["twin_beds", "crib"],
        ),
        (
            "A room with a river view and a balcony",
            vec!["river_view", "balcony"],
        ),
        (
            "麻烦安排离电梯远一点的房间，谢谢",
            vec!["away_from_elevator"],
        ),
        ("宝宝一岁，需要婴儿床和加湿器", vec!["crib", "humidifier"]),
        ("晚上11点后到，很晚到，请留房", vec!["late_arrival"]),
        (
            "老人腿脚不方便，最好一楼",
            vec!["step_free", "ground_floor"],
        ),
        ("特别怕吵，想要大床房", vec!["quiet_room", "king_bed"]),
        ("能不能给个高楼层江景房", vec!["high_floor", "river_view"]),
    ] {
        assert_eq!(all(text), codes, "{text}");
    }
}

#[test]
fn what_is_turned_round_is_to_be_avoided() {
    for (text, codes) in [
        ("no high floor", vec!["-high_floor"]),
        ("不要高楼层", vec!["-high_floor"]),
        ("no feather pillows please", vec!["feather_free_pillow"]),
        (
            "不要羽绒枕，要荞麦枕",
            vec!["feather_free_pillow", "buckwheat_pillow"],
        ),
        (
            "Please do not put us near the lift",
            vec!["away_from_elevator"],
        ),
        ("not too close to the elevator", vec!["away_from_elevator"]),
        ("请不要靠近电梯", vec!["away_from_elevator"]),
        ("away from the lift please", vec!["away_from_elevator"]),
        (
            "房间别靠电梯，别临街",
            vec!["away_from_elevator", "-street_side"],
        ),
        ("We don't want a street side room", vec!["-street_side"]),
        ("No smoking room", vec!["non_smoking"]),
        ("Not a smoking room!", vec!["non_smoking"]),
        ("不要吸烟房", vec!["non_smoking"]),
        ("no twin beds or sofa bed", vec!["-twin_beds", "-sofa_bed"]),
        ("不要双床和沙发床", vec!["-twin_beds", "-sofa_bed"]),
        ("不要低楼层要高楼层", vec!["-low_floor", "high_floor"]),
        (
            "No low floor but a quiet room",
            vec!["-low_floor", "quiet_room"],
        ),
        (
            "不想住临街的房间，希望安静",
            vec!["-street_side", "quiet_room"],
        ),
        ("Not vegan", vec![]),
    ] {
        assert_eq!(all(text), codes, "{text}");
    }
}

#[test]
fn what_is_not_needed_is_no_wish() {
    for text in [
        "We don't need a crib this time",
        "no need for an extra bed",
        "不需要加床",
        "不用婴儿床",
        "Extra bed not needed",
        "加床不需要了",
        "No problem with a low floor",
        "arriving with a bicycle",
        "Honeymoon! Mr King and his wife",
        "请开发票",
    ] {
        assert_eq!(all(text), [""; 0], "{text}");
    }
    assert_eq!(
        all("High floor, if not possible river view"),
        ["high_floor", "river_view"]
    );
}

#[test]
fn every_phrase_is_of_a_word_and_of_one_alone() {
    let mut seen = std::collections::HashMap::new();
    for (code, phrase) in PHRASES.iter() {
        assert!(get(code).is_some(), "{code}");
        assert!(!phrase.is_empty(), "{code}");
        let before = seen.insert(phrase, code);
        assert_eq!(before, None, "{phrase:?} is of {code} too");
    }
    for (code, _) in ALLERGENS.iter() {
        assert!(get(code).is_some(), "{code}");
    }
    assert_eq!(
        tokens::lists(include_str!("turns.txt")).count(),
        include_str!("turns.txt").lines().count()
    );
}
