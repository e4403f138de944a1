//! What was typed into the box, and the ways to read it. Pure.

use crate::guests::contacts::Phone;
use crate::guests::keys::{self, Kind};
use crate::guests::names;

/// Words of a query that are looked at.
const WORDS: usize = 6;
/// Digits of a phone that are worth looking for.
const PHONE_TAIL: usize = 3;
/// Letters that can be the beginning of a mailbox.
const MAILBOX: usize = 4;

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Without the spaces around it.
    pub text: String,
    /// The words of a name, folded; none where it can't be a name.
    pub words: Vec<String>,
    /// Its characters, where it is written in those of East Asia alone.
    pub native: Vec<char>,
    /// The identifiers it can be the beginning of.
    pub keys: Vec<(Kind, String)>,
}

impl Typed {
    /// Reads what was typed.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        let only_a_number = text
            .chars()
            .all(|c| c.is_ascii_digit() || "+-()./ ".contains(c));
        let is_name = !only_a_number && !text.contains('@');
        let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '·');
        let native: Vec<char> = letters.collect();
        let is_native = is_name && native.iter().copied().all(names::is_east_asian);
        Self {
            text: text.to_owned(),
            words: if is_name {
                names::words(text).into_iter().take(WORDS).collect()
            } else {
                Vec::new()
            },
            native: if is_native { native } else { Vec::new() },
            keys: identifiers(text, only_a_number),
        }
    }

    /// Whether it can be a name at all.
    pub fn is_name(&self) -> bool {
        !self.words.is_empty() || !self.native.is_empty()
    }

    /// The words, and the words with two neighbours as one: what is one name here is two there.
    pub fn ways(&self) -> Vec<Vec<String>> {
        let mut ways = vec![self.words.clone()];
        for at in 1..self.words.len() {
            let (before, after) = self.words.split_at(at);
            if let ([before @ .., a], [b, after @ ..]) = (before, after) {
                let joined = [before, &[format!("{a}{b}")], after].concat();
                ways.push(joined);
            }
        }
        ways
    }

    /// All in one word, where that is enough to be a whole name without its space.
    pub fn glued(&self) -> Option<String> {
        let glued = self.words.concat();
        (glued.len() >= 5).then_some(glued)
    }
}

fn identifiers(text: &str, only_a_number: bool) -> Vec<(Kind, String)> {
    let mut read = Vec::new();
    let has_digit = text.chars().any(|c| c.is_ascii_digit());
    let is_one_word = !text.contains(char::is_whitespace);
    let is_fragment = is_one_word && text.len() >= MAILBOX && text.contains(['.', '_', '-']);
    if text.contains('@') || (is_fragment && !only_a_number) {
        read.push((Kind::Email, text.to_lowercase()));
    }
    if text.contains('@') {
        return read;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if only_a_number && digits.len() >= PHONE_TAIL {
        // In full with a country code, or the digits as the guest says them at home.
        let known = Phone::parse(text, None).ok();
        let known = known.map(|phone| keys::backwards(phone.folded()));
        let tail = keys::backwards(digits.trim_start_matches('0'));
        read.extend(
            known
                .into_iter()
                .chain([tail])
                .map(|key| (Kind::Phone, key)),
        );
    }
    if has_digit {
        read.push((Kind::Loyalty, keys::loyalty(text)));
    }
    read.retain(|(_, key)| !key.is_empty());
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_read_as_a_name_a_number_or_an_address() {
        let name = Typed::of(" Ouyang  Nana ");
        assert_eq!(name.words, ["ouyang", "nana"]);
        assert!(name.native.is_empty() && name.keys.is_empty());
        assert_eq!(name.ways(), [vec!["ouyang", "nana"], vec!["ouyangnana"]]);
        assert_eq!(Typed::of("欧阳 娜").native, ['欧', '阳', '娜']);
        assert_eq!(Typed::of("王").native, ['王']);
        assert!(Typed::of("王 Wei").native.is_empty());
        let tail = Typed::of("138 4418");
        assert!(!tail.is_name());
        assert!(tail.keys.contains(&(Kind::Phone, "8144831".into())));
        assert_eq!(
            Typed::of("Nana@Example.com").keys,
            [(Kind::Email, "nana@example.com".to_owned())]
        );
        assert!(Typed::of("nana.ouyang").is_name());
        assert!(!Typed::of("%").is_name());
    }
}
