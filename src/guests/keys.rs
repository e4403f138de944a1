//! The search keys of a profile, written with it and looked up by equality or prefix.
//!
//! A new kind of key (sound, nickname, token) is a new number in [`Kind`] and a line in [`of`].

use std::collections::BTreeSet;

use super::names::Name;

/// What a key is made of; the number is what the table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Two words of a name in one order (`nana ouyang`), or the only word; or the name in its own characters.
    Name = 1,
    /// The digits of a phone number backwards, so that its tail is a prefix.
    Phone = 2,
    /// A folded e-mail address.
    Email = 3,
    /// A folded loyalty number.
    Loyalty = 4,
}

/// All kinds.
pub const KINDS: [Kind; 4] = [Kind::Name, Kind::Phone, Kind::Email, Kind::Loyalty];

/// A row of `guest_keys` without its guest.
pub type Key = (Kind, String);

/// Keys of one profile, at most: the first spellings come first, so that what is cut is the least likely.
pub const MOST: usize = 24;
/// Words of one spelling that are paired; a fifth word of a name is hardly ever typed.
const PAIRED: usize = 4;

/// The keys of a profile: its name, folded e-mails, folded phone digits and loyalty number.
pub fn of(name: &Name, emails: &[&str], phones: &[&str], loyalty_number: Option<&str>) -> Vec<Key> {
    let mut keys = BTreeSet::new();
    let mut add = |kind: Kind, text: String| {
        if !text.is_empty() && keys.len() < MOST {
            keys.insert((kind, text));
        }
    };
    if let Some(number) = loyalty_number {
        add(Kind::Loyalty, loyalty(number));
    }
    for email in emails.iter().take(4) {
        add(Kind::Email, (*email).into());
    }
    for phone in phones.iter().take(4) {
        add(Kind::Phone, backwards(phone));
    }
    if let Some(native) = name.native_form() {
        add(Kind::Name, native);
    }
    for key in names(name) {
        add(Kind::Name, key);
    }
    keys.into_iter().collect()
}

/// The name keys in order of use: every pair of the first spelling, then those of the others.
pub fn names(name: &Name) -> Vec<String> {
    name.spellings()
        .iter()
        .flat_map(|spelling| pairs(spelling))
        .collect()
}

/// Both orders of every two words; the word itself where there is one.
pub fn pairs(words: &[String]) -> Vec<String> {
    if let [only] = words {
        return vec![only.clone()];
    }
    let words: Vec<&String> = if words.len() > PAIRED {
        // The first given names and the last surnames are the ones people use.
        let (first, last) = (words.iter().take(2), words.iter().skip(words.len() - 2));
        first.chain(last).collect()
    } else {
        words.iter().collect()
    };
    let mut pairs = Vec::new();
    for (i, a) in words.iter().enumerate() {
        for (j, b) in words.iter().enumerate() {
            if i != j {
                pairs.push(format!("{a} {b}"));
            }
        }
    }
    pairs
}

/// Digits from the last to the first.
pub fn backwards(digits: &str) -> String {
    digits.chars().rev().collect()
}

/// A loyalty number as it is compared: upper-case letters and digits.
pub fn loyalty(number: &str) -> String {
    super::documents::fold(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_profile_is_found_by_its_name_in_any_order_and_script_by_phone_tail_email_and_number() {
        let name = Name {
            given: Some("Nana"),
            family: Some("Ouyang"),
            native: Some("欧阳娜娜"),
        };
        let keys = of(
            &name,
            &["nana@example.com"],
            &["8613800138000"],
            Some("h-12 34"),
        );
        for (kind, text) in [
            (Kind::Name, "nana ouyang"),
            (Kind::Name, "ouyang nana"),
            (Kind::Name, "欧阳娜娜"),
            (Kind::Phone, "0008310083168"),
            (Kind::Email, "nana@example.com"),
            (Kind::Loyalty, "H1234"),
        ] {
            assert!(
                keys.contains(&(kind, text.into())),
                "{kind:?} {text}: {keys:?}"
            );
        }
    }

    #[test]
    fn a_single_word_is_its_own_key() {
        let name = Name {
            family: Some("Madonna"),
            ..Name::default()
        };
        assert_eq!(names(&name), ["madonna"]);
    }

    proptest! {
        #[test]
        fn keys_are_bounded_and_never_empty(given in "\\PC{0,60}", family in "\\PC{0,60}") {
            let name = Name { given: Some(&given), family: Some(&family), native: None };
            let keys = of(&name, &[], &[], None);
            prop_assert!(keys.len() <= MOST && keys.iter().all(|(_, text)| !text.is_empty()));
        }
    }
}
