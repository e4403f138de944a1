//! What a guest's own words ask for, as codes of the vocabulary. The words themselves are always kept beside them.
//!
//! An allergy too many costs a question at the desk, one too few an ambulance: where a sentence speaks of an allergy,
//! everything in it that one can be allergic to counts, unless the sentence denies it. A wish is read clause by clause,
//! with what turns it round: "no high floor" is a floor to avoid, "not near the lift" asks for a room away from it, "we
//! don't need a crib" asks for nothing.

mod tokens;
mod turns;

use std::sync::LazyLock;

use super::{Feature, find, get};
use tokens::Place;
use turns::{Turn, Turns};

/// What makes a sentence one about an allergy.
const ALLERGIC: [&str; 9] = [
    "allerg",
    "intoleran",
    "coeliac",
    "celiac",
    "anaphyla",
    "hay fever",
    "过敏",
    "不耐",
    "忌口",
];
/// What makes it one that denies allergies.
const DENIED: [&str; 9] = [
    "no allerg",
    "no known allerg",
    "no food allerg",
    "not allergic",
    "without allerg",
    "没有过敏",
    "无过敏",
    "不过敏",
    "无食物过敏",
];
/// Who wants none of the one asks for the other.
const TURNED: [(&str, &str); 3] = [
    ("smoking", "non_smoking"),
    ("near_elevator", "away_from_elevator"),
    ("spicy", "no_spicy"),
];

/// What one is allergic to.
static ALLERGENS: LazyLock<Vec<(&str, Vec<String>)>> =
    LazyLock::new(|| tokens::phrases(include_str!("allergens.txt"), Some));
/// What asks for something in so many words.
static PHRASES: LazyLock<Vec<(&str, Vec<String>)>> =
    LazyLock::new(|| tokens::phrases(include_str!("phrases.txt"), Some));

/// A wish read in somebody's words.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// What is spoken of.
    pub feature: &'static Feature,
    /// Whether it is to be had, and not to be avoided.
    pub is_wanted: bool,
}

impl Reading {
    /// Something to be had.
    pub fn wanted(feature: &'static Feature) -> Self {
        Self {
            feature,
            is_wanted: true,
        }
    }
}

/// What a text asks for, each word of the vocabulary once: allergies first, then wishes in the order they are written.
pub fn read(text: &str) -> Vec<Reading> {
    let mut found: Vec<Reading> = Vec::new();
    let mut add = |code: &str, is_wanted: bool| {
        let feature =
            get(code).filter(|one| found.iter().all(|known| known.feature.code != one.code));
        found.extend(feature.map(|feature| Reading { feature, is_wanted }));
    };
    for code in allergies(text) {
        add(code, true);
    }
    for clause in text.split(CLAUSE_ENDS) {
        for (code, is_wanted) in wishes(clause) {
            add(code, is_wanted);
        }
    }
    // A preference as another system lists it is often a word of the vocabulary itself.
    if let Some(feature) = find(text) {
        add(feature.code, true);
    }
    found
}

/// The codes that a text asks for; not what it asks to be spared.
pub fn codes(text: &str) -> Vec<&'static Feature> {
    let wanted = read(text).into_iter().filter(|reading| reading.is_wanted);
    wanted.map(|reading| reading.feature).collect()
}

const SENTENCE_ENDS: [char; 7] = ['.', ';', '\n', '。', '；', '!', '！'];
const CLAUSE_ENDS: [char; 16] = [
    '.', ';', '\n', '。', '；', '!', '！', ',', '，', '?', '？', ':', '：', '(', ')', '/',
];

/// What the sentences about allergies name.
fn allergies(text: &str) -> Vec<&'static str> {
    let mut named = Vec::new();
    for sentence in text.split(SENTENCE_ENDS) {
        let whole = sentence.to_lowercase();
        let speaks_of = |parts: &[&str]| parts.iter().any(|part| whole.contains(part));
        if !speaks_of(&ALLERGIC) || speaks_of(&DENIED) {
            continue;
        }
        let words = tokens::of(sentence);
        for (code, phrase) in ALLERGENS.iter() {
            if (0..words.len()).any(|start| tokens::stand_at(&words, phrase, start)) {
                named.push(*code);
            }
        }
    }
    let order = |code: &&str| {
        super::all()
            .iter()
            .position(|feature| feature.code == *code)
    };
    named.sort_by_key(order);
    named
}

/// The wishes of a clause, and whether each is to be had.
fn wishes(clause: &str) -> Vec<(&'static str, bool)> {
    let words = tokens::of(clause);
    let mut taken = vec![false; words.len()];
    let found = tokens::find(&words, &PHRASES, &mut taken);
    if found.is_empty() {
        return Vec::new();
    }
    let turns = Turns::of(&words, &taken);
    let mut wishes = Vec::new();
    let mut earlier: Option<(Place, Turn)> = None;
    for (index, (place, code)) in found.iter().enumerate() {
        let next = found.get(index + 1).map(|(next, _)| next.start);
        let turn = turns.at(*place, earlier, next);
        earlier = Some((*place, turn));
        wishes.extend(turned(code, turn));
    }
    wishes
}

/// A wish as its turn leaves it: as it is, round, or not at all.
fn turned(code: &'static str, turn: Turn) -> Option<(&'static str, bool)> {
    let is_need = get(code).is_some_and(|feature| feature.need);
    let other = TURNED.iter().find(|(one, _)| *one == code);
    match turn {
        Turn::Idle | Turn::After => None,
        Turn::Halt | Turn::Joins => Some((code, true)),
        Turn::Round => match other {
            Some((_, other)) => Some((other, true)),
            // Who is not vegan asks for nothing by saying so.
            None if is_need => None,
            None => Some((code, false)),
        },
    }
}

#[cfg(test)]
mod tests;
