//! How well a name fits what was typed. Pure.
//!
//! A fit is a logarithm, as in [`rank`](super::rank): 0 is a name typed in full, and every slip, guess or missing letter
//! takes away as much as it makes the name less likely to be the one that was meant.

use super::typed::Typed;
use crate::guests::names::Name;

/// Words of a profile that are kept.
const WORDS: usize = 24;
/// A word of which only the beginning was typed.
const BEGUN: f32 = -0.4;
/// Each letter still to be typed, up to [`LETTERS`].
const LETTER: f32 = -0.08;
const LETTERS: usize = 6;
/// Two words written as one, or one as two.
const JOINED: f32 = -0.6;
/// A slip of the hand.
const SLIP: f32 = -7.0;
/// A slip in what is only the beginning of a word.
const BEGUN_SLIP: f32 = -8.5;
/// A character of the name in another place.
const ELSEWHERE: f32 = -1.5;
/// Said alike, but written with other characters.
const SAID_ALIKE: f32 = -5.0;
/// From here on a name is only like what was typed.
const ONLY_ALIKE: f32 = -4.0;

/// A name as it is searched: the words of all its spellings, what they are without a space, and its own characters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spelled {
    /// Folded words, each once.
    pub words: Vec<String>,
    /// Whole spellings in one word, in both orders.
    pub glued: Vec<String>,
    /// The characters of East Asia it is written in.
    pub native: Vec<char>,
}

impl Spelled {
    /// A name in all its spellings.
    pub fn of(name: &Name<'_>) -> Self {
        let mut spelled = Self::default();
        for spelling in name.spellings() {
            if let [first @ .., last] = spelling.as_slice()
                && !first.is_empty()
            {
                push(&mut spelled.glued, spelling.concat());
                push(&mut spelled.glued, format!("{last}{}", first.concat()));
            }
            for word in spelling {
                push(&mut spelled.words, word);
            }
        }
        let native = name.native_form().unwrap_or_default();
        let own = native
            .chars()
            .filter(|c| crate::guests::names::is_east_asian(*c));
        spelled.native = own.collect();
        spelled
    }
}

fn push(words: &mut Vec<String>, word: String) {
    if words.len() < WORDS && !words.contains(&word) {
        words.push(word);
    }
}

/// How well a name fits, if it does.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Fit(pub f32);

impl Fit {
    /// Whether it is only like what was typed: a slip, or another character that is said alike.
    pub fn is_only_alike(self) -> bool {
        self.0 < ONLY_ALIKE
    }
}

/// How well a name fits what was typed; none where it does not.
pub fn fit(typed: &Typed, name: &Spelled) -> Option<Fit> {
    let mut best: Option<f32> = None;
    let mut take = |found: Option<f32>| {
        best = match (best, found) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
    };
    if typed.native.is_empty() {
        take(by_words(&typed.words, name, true));
        if typed.words.len() > 1 {
            for way in typed.ways().iter().skip(1) {
                take(by_words(way, name, false).map(|fit| fit + JOINED));
            }
        }
        take(by_glued(typed, name));
    } else {
        take(by_characters(&typed.native, &name.native));
        take(by_words(&typed.words, name, false).map(|fit| fit + SAID_ALIKE));
    }
    best.map(Fit)
}

/// Every word typed is a word of the name, the beginning of one, or (one of them) a slip away from one.
fn by_words(words: &[String], name: &Spelled, may_slip: bool) -> Option<f32> {
    if words.is_empty() {
        return None;
    }
    let (mut sum, mut slips) = (0.0, 0);
    for word in words {
        let straight = name.words.iter().filter_map(|known| begun(word, known));
        if let Some(fit) = straight.reduce(f32::max) {
            sum += fit;
            continue;
        }
        slips += 1;
        if !may_slip || slips > 1 {
            return None;
        }
        let slipped = name.words.iter().filter_map(|known| slip(word, known));
        sum += slipped.reduce(f32::max)?;
    }
    Some(sum)
}

fn begun(typed: &str, word: &str) -> Option<f32> {
    let rest = word.strip_prefix(typed)?;
    Some(missing(rest.len()))
}

fn missing(letters: usize) -> f32 {
    if letters == 0 {
        0.0
    } else {
        BEGUN + LETTER * letters.min(LETTERS) as f32
    }
}

/// Whether a word is a slip away from a word of a name, both folded.
pub fn is_like(typed: &str, word: &str) -> bool {
    slip(typed, word).is_some()
}

fn slip(typed: &str, word: &str) -> Option<f32> {
    if typed.len() < 2 || typed.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let (typed, word) = (typed.as_bytes(), word.as_bytes());
    if is_slip(typed, word, |a, b| a == b) {
        return Some(SLIP);
    }
    let is_long = typed.len() >= 4;
    (is_long && is_slip(typed, word, |a, b| b.starts_with(a))).then_some(BEGUN_SLIP)
}

/// Whether one letter too many, too few, another or exchanged with its neighbour leads from one to the other,
/// where `rest` says whether what is behind the slip is the same.
fn is_slip(typed: &[u8], word: &[u8], rest: impl Fn(&[u8], &[u8]) -> bool) -> bool {
    let same = typed.iter().zip(word).take_while(|(a, b)| a == b).count();
    let (Some(typed), Some(word)) = (typed.get(same..), word.get(same..)) else {
        return false;
    };
    match (typed, word) {
        ([a, b, typed @ ..], [c, d, word @ ..]) if a == d && b == c && rest(typed, word) => true,
        ([_, typed_on @ ..], [_, word_on @ ..]) => {
            rest(typed_on, word_on) || rest(typed_on, word) || rest(typed, word_on)
        }
        ([_, typed @ ..], []) => rest(typed, word),
        ([], [_, word @ ..]) => rest(typed, word),
        ([], []) => false,
    }
}

/// A whole name without its space, or with the space in another place.
fn by_glued(typed: &Typed, name: &Spelled) -> Option<f32> {
    let glued = typed.glued()?;
    let fits = name.glued.iter().filter_map(|known| begun(&glued, known));
    fits.reduce(f32::max).map(|fit| fit + JOINED)
}

fn by_characters(typed: &[char], name: &[char]) -> Option<f32> {
    let mut left = name.to_vec();
    let mut strange = 0;
    for c in typed {
        match left.iter().position(|known| known == c) {
            Some(at) => drop(left.swap_remove(at)),
            None => strange += 1,
        }
    }
    let more = name.len().saturating_sub(typed.len());
    match strange {
        0 if name.starts_with(typed) => Some(missing(more)),
        0 if name.windows(typed.len()).any(|part| part == typed) => Some(missing(more) + JOINED),
        0 => Some(missing(more) + ELSEWHERE),
        1 if typed.len() >= 3 => Some(SLIP + missing(more)),
        // One of two: the surname is right, or the given name is.
        1 if typed.len() == 2 && name.len() == 2 => Some(BEGUN_SLIP),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(typed: &str, given: &str, family: &str, native: &str) -> Option<f32> {
        let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let name = Name {
            given: some(given),
            family: some(family),
            native: some(native),
        };
        fit(&Typed::of(typed), &Spelled::of(&name)).map(|fit| fit.0)
    }

    #[test]
    fn a_name_fits_in_any_order_script_and_spelling() {
        for typed in [
            "nana ouyang",
            "Ouyang Nana",
            "ou yang nana",
            "欧阳娜娜",
            "ouyangnana",
            "nana ouyang",
            "ouy nan",
            "娜娜",
            "欧",
        ] {
            let fit = of(typed, "Nana", "Ouyang", "欧阳娜娜");
            assert!(fit.is_some_and(|fit| fit > ONLY_ALIKE), "{typed}: {fit:?}");
        }
        assert_eq!(of("muller", "Thomas", "Müller", ""), Some(0.0));
        assert_eq!(of("mueller", "Thomas", "Müller", ""), Some(0.0));
        assert_eq!(of("oconnor sean", "Seán", "O’Connor", ""), Some(0.0));
        assert!(of("min jun kim", "Minjun", "Kim", "").is_some());
        assert!(of("schmidt", "Anna", "Berg", "").is_none());
    }

    #[test]
    fn one_slip_is_forgiven_and_two_are_not() {
        for typed in [
            "simth",
            "smth",
            "smiith",
            "smoth",
            "msith",
            "anna simth",
            "simt",
        ] {
            let fit = of(typed, "Anna", "Smith", "").unwrap();
            assert!(Fit(fit).is_only_alike(), "{typed}: {fit}");
        }
        assert_eq!(
            of("smtih", "Anna", "Smith", "").map(|fit| fit < -5.0),
            Some(true)
        );
        assert_eq!(of("amna simth", "Anna", "Smith", ""), None);
        assert_eq!(of("smxxh", "Anna", "Smith", ""), None);
        let slipped = of("王小名", "", "", "王小明").unwrap();
        assert!(Fit(slipped).is_only_alike(), "{slipped}");
    }

    #[test]
    fn a_whole_word_fits_better_than_a_beginning_and_that_better_than_a_slip() {
        let whole = of("ann", "Ann", "Berg", "").unwrap();
        let begun = of("ann", "Anneliese", "Berg", "").unwrap();
        let slipped = of("ann", "Jan", "Man", "").unwrap_or(f32::MIN);
        assert!(
            whole > begun && begun > slipped,
            "{whole} {begun} {slipped}"
        );
    }

    proptest! {
        #[test]
        fn any_one_slip_is_forgiven(word in "[a-z]{4,12}", at in 0_usize..12, letter in b'a'..=b'z', kind in 0..4) {
            let mut typed = word.clone().into_bytes();
            let at = at % typed.len();
            match kind {
                0 => typed[at] = letter,
                1 => { typed.remove(at); }
                2 => typed.insert(at, letter),
                _ => if at + 1 < typed.len() { typed.swap(at, at + 1) },
            }
            prop_assert!(is_slip(&typed, word.as_bytes(), |a, b| a == b) || typed == word.as_bytes());
        }

        #[test]
        fn every_name_fits_itself(given in "[A-Za-zÀ-ž]{2,10}", family in "[A-Za-zÀ-ž]{2,10}") {
            prop_assume!(!crate::guests::names::words(&given).is_empty());
            let swapped = format!("{family} {given}");
            prop_assert!(of(&swapped, &given, &family, "").is_some());
        }
    }
}
