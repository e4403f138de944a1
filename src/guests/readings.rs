//! The ways a name can be taken apart into given and family name, for comparing.

use std::ops::Deref;

use super::names::{self, Name};
use super::sounds;

/// The given names, or the surnames: folded words, with what comparing asks for again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    words: Vec<String>,
    /// All in one word, with umlauts written out and letters doubled as one spelling.
    pub plain: String,
    /// What it sounds like; see [`sounds::sound`].
    pub sound: String,
}

impl Part {
    fn of(words: &[String]) -> Self {
        let joined = words.concat();
        Self {
            words: words.to_vec(),
            plain: plain(&joined),
            sound: sounds::sound(&joined),
        }
    }
}

impl Deref for Part {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.words
    }
}

fn plain(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    for c in word.chars() {
        let written_out = c == 'e' && matches!(plain.chars().last(), Some('a' | 'o' | 'u'));
        if !written_out && !plain.ends_with(c) {
            plain.push(c);
        }
    }
    plain
}

/// One way to take a name apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The given names.
    pub given: Part,
    /// The surnames.
    pub family: Part,
    /// Both without a space.
    pub glued: String,
}

/// A word more than this is not tried as a boundary between given and family name.
const WORDS: usize = 6;

/// Every way worth trying, as written first; none for a name that is empty or only a title.
pub fn readings(name: &Name<'_>) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut add = |given: &[String], family: &[String]| {
        let reading = Reading {
            given: Part::of(given),
            family: Part::of(family),
            glued: given.concat() + family.concat().as_str(),
        };
        let is_empty = reading.given.is_empty() && reading.family.is_empty();
        if !is_empty && !readings.contains(&reading) {
            readings.push(reading);
        }
    };
    for (given, family) in names::written(name) {
        if !given.is_empty() && !family.is_empty() {
            add(&given, &family);
            continue;
        }
        // Everything in one field: the boundary may be anywhere, and either part may come first.
        let words = if given.is_empty() { family } else { given };
        if let [only] = words.as_slice() {
            add(&[], std::slice::from_ref(only));
            continue;
        }
        for at in 1..words.len().min(WORDS) {
            let (first, second) = words.split_at(at);
            add(first, second);
            add(second, first);
        }
        add(&[], &words);
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(given: &str, family: &str, native: &str) -> Vec<String> {
        let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let name = Name {
            given: some(given),
            family: some(family),
            native: some(native),
        };
        readings(&name)
            .iter()
            .map(|reading| format!("{}|{}", reading.given.join(" "), reading.family.join(" ")))
            .collect()
    }

    #[test]
    fn a_name_in_one_field_is_taken_apart_both_ways() {
        assert_eq!(of("Anna", "Berg", ""), ["anna|berg"]);
        assert_eq!(of("", "Kim, See-il", "").first().unwrap(), "kim|see il");
        assert!(of("", "Kim, See-il", "").contains(&"see il|kim".to_owned()));
        assert_eq!(of("Mr", "Wiley", ""), ["|wiley"]);
        assert_eq!(of("", "BELYAEV/ARTEM MR", ""), ["artem|belyaev"]);
        assert_eq!(
            of("ALEXANDRAMISS", "BRAUN", ""),
            ["alexandramiss|braun", "alexandra|braun"]
        );
        assert_eq!(of("娜娜", "欧阳", ""), ["nana|ouyang"]);
        assert!(of("", "欧阳娜娜", "").contains(&"nana|ouyang".to_owned()));
        assert_eq!(of("Mr", "", ""), Vec::<String>::new());
    }
}
