//! How far two values of a kind agree, in grades. Pure.

use strsim::{jaro_winkler, osa_distance};

use crate::guests::readings::{Part, Reading};
use crate::guests::sounds;
use crate::text_enum;

text_enum! {
    /// How far two given names, or two surnames, agree.
    #[derive(Default)]
    pub enum Agreement {
        /// The same letters.
        Same = "same",
        /// The same name by another romanisation or spelling.
        Variant = "variant",
        /// One is what the bearer of the other is called.
        Nickname = "nickname",
        /// One has a further name that the other leaves out.
        Part = "part",
        /// One begins with the other.
        Prefix = "prefix",
        /// A slip of the hand or of a scanner.
        Typo = "typo",
        /// The same by ear, in letters far apart.
        Sound = "sound",
        /// Much alike, but not by any rule.
        Near = "near",
        /// One is the other's initial.
        Initial = "initial",
        /// One of the two is not known.
        #[default]
        Missing = "missing",
        /// In scripts that can't be compared.
        OtherScript = "other_script",
        /// Plainly another.
        Different = "different",
    }
}

impl Agreement {
    /// Whether it can well be the same name.
    pub fn is_good(self) -> bool {
        use Agreement::{Nickname, Part, Prefix, Same, Sound, Typo, Variant};
        matches!(
            self,
            Same | Variant | Nickname | Part | Prefix | Typo | Sound
        )
    }

    /// How much better one way of reading two names is than another; not a weight of the model.
    fn worth(self) -> i32 {
        match self {
            Self::Same => 100,
            Self::Variant | Self::Nickname => 85,
            Self::Part => 80,
            Self::Typo => 75,
            Self::Prefix => 65,
            Self::Initial => 60,
            Self::Sound => 55,
            Self::Near => 45,
            Self::Missing => 40,
            Self::OtherScript => 30,
            Self::Different => 0,
        }
    }
}

/// How two names agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The given names.
    pub given: Agreement,
    /// The surnames.
    pub family: Agreement,
    /// They agree only with given and family name the other way round.
    pub swapped: bool,
}

/// How two names agree by the best way of reading each.
pub fn names(a: &[Reading], b: &[Reading]) -> Names {
    let mut best: Option<(i32, Names)> = None;
    for a in a {
        for b in b {
            for names in [straight(a, b), crossed(a, b)] {
                let worth = names.given.worth() + names.family.worth() - i32::from(names.swapped);
                if best.is_none_or(|(most, _)| worth > most) {
                    best = Some((worth, names));
                }
            }
        }
    }
    best.map(|(_, names)| names).unwrap_or_default()
}

fn straight(a: &Reading, b: &Reading) -> Names {
    if a.glued == b.glued {
        // ANNABERG in one field, or a space a letter too late.
        return Names {
            given: Agreement::Same,
            family: Agreement::Same,
            swapped: false,
        };
    }
    Names {
        given: agreement(&a.given, &b.given, true),
        family: agreement(&a.family, &b.family, false),
        swapped: false,
    }
}

fn crossed(a: &Reading, b: &Reading) -> Names {
    Names {
        given: agreement(&a.family, &b.given, true),
        family: agreement(&a.given, &b.family, false),
        swapped: true,
    }
}

/// How two given names, or two surnames, agree.
fn agreement(a: &Part, b: &Part, given: bool) -> Agreement {
    if a.is_empty() || b.is_empty() {
        return Agreement::Missing;
    }
    let (x, y) = (&a.plain, &b.plain);
    if x == y {
        return Agreement::Same;
    }
    if !given && sounds::same_surname(x, y) {
        return Agreement::Variant;
    }
    if let Some(agrees) = initials(a, b) {
        return if agrees {
            Agreement::Initial
        } else {
            Agreement::Different
        };
    }
    let within = |few: &[String], many: &[String]| {
        few.len() < many.len() && few.iter().all(|word| word.len() > 1 && many.contains(word))
    };
    if within(a, b) || within(b, a) {
        return Agreement::Part;
    }
    if given
        && a.iter()
            .any(|a| b.iter().any(|b| sounds::same_family(a, b)))
    {
        return Agreement::Nickname;
    }
    let likeness = jaro_winkler(x, y);
    let (short, long) = if x.len() < y.len() {
        (&x, &y)
    } else {
        (&y, &x)
    };
    let sounds_same = a.sound == b.sound;
    if sounds_same && likeness >= 0.75 {
        return Agreement::Variant;
    }
    let slips = slips(x, y);
    let turned = x.len() == y.len() && x.len() == 3 && slips == 1 && letters(x) == letters(y);
    if turned || slips <= usize::from(short.len() >= 4) + usize::from(short.len() >= 9) {
        return Agreement::Typo;
    }
    if short.len() >= 3 && long.starts_with(short.as_str()) {
        return Agreement::Prefix;
    }
    if sounds_same && a.sound.len() > 1 {
        return Agreement::Sound;
    }
    let shares =
        |a: &[String], b: &[String]| a.iter().any(|word| word.len() > 2 && b.contains(word));
    if likeness >= 0.88 || shares(a, b) || a.iter().any(|a| b.iter().any(|b| slips_by_one(a, b))) {
        return Agreement::Near;
    }
    Agreement::Different
}

/// Slips of the hand between two words, with what a scanner took for digits put back; many where they are too far apart.
fn slips(x: &str, y: &str) -> usize {
    let is_digit = |c: u8| c.is_ascii_digit();
    if x.len().abs_diff(y.len()) > 2 {
        usize::MAX
    } else if x.bytes().any(is_digit) || y.bytes().any(is_digit) {
        osa_distance(&sounds::unscanned(x), &sounds::unscanned(y))
    } else {
        osa_distance(x, y)
    }
}

fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

fn slips_by_one(a: &str, b: &str) -> bool {
    a.len() > 4 && b.len() > 4 && osa_distance(a, b) <= 1
}

/// Where one side is initials alone: whether they are the other's.
fn initials(a: &[String], b: &[String]) -> Option<bool> {
    let only_initials = |words: &[String]| words.iter().all(|word| word.len() == 1);
    let first = |words: &[String]| words.first().and_then(|word| word.chars().next());
    (only_initials(a) || only_initials(b)).then(|| first(a) == first(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guests::names::Name;
    use crate::guests::readings::readings;

    fn compare(a: (&str, &str), b: (&str, &str)) -> (Agreement, Agreement) {
        let of = |(given, family): (&str, &str)| {
            readings(&Name {
                given: Some(given),
                family: Some(family),
                native: None,
            })
        };
        let names = names(&of(a), &of(b));
        (names.given, names.family)
    }

    #[test]
    fn names_are_graded() {
        use Agreement::{Different, Initial, Missing, Nickname, Part, Same, Typo, Variant};
        for (a, b, expected) in [
            (("Thomas", "Müller"), ("Thomas", "Mueller"), (Same, Same)),
            (("Ou Yang", "Nana"), ("Nana", "Ouyang"), (Same, Same)),
            (("Bob", "Smith"), ("Robert", "Smith"), (Nickname, Same)),
            (("Q.", "Vos"), ("Quinten", "Vos"), (Initial, Same)),
            (("", "Potier"), ("Sandrine", "Potier"), (Missing, Same)),
            (
                ("Rita", "Hierrera"),
                ("Rita", "Hierrera Cuenca"),
                (Same, Part),
            ),
            (("Gianluca", "Gtassi"), ("Gianluca", "Grassi"), (Same, Typo)),
            (("Ji-u", "Gim"), ("Ji-woo", "Kim"), (Variant, Variant)),
            (
                ("Wai Man", "Chan"),
                ("Huimin", "Chen"),
                (Different, Variant),
            ),
            (("", "ANNABERG"), ("Anna", "Berg"), (Same, Same)),
            (("Anna", "Berg"), ("Paul", "Berg"), (Different, Same)),
        ] {
            assert_eq!(compare(a, b), expected, "{a:?} {b:?}");
        }
    }
}
