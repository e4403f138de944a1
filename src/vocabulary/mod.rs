//! The one vocabulary that rooms, tables and wishes share, so that a wish can be matched and a room explained.

pub mod wording;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::words::Language;

/// What a code is about; it decides where a wish is looked for and how loud it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "the kinds are the words of the vocabulary's file"
)]
pub enum Kind {
    Bed,
    Location,
    View,
    Rule,
    Room,
    Amenity,
    Service,
    Table,
    Allergy,
    Diet,
    Taste,
    Leisure,
}

/// One word of the vocabulary.
#[derive(Debug)]
pub struct Feature {
    /// What it is stored and exchanged as.
    pub code: &'static str,
    /// What it is about.
    pub kind: Kind,
    /// Whether a room or table without it is out of the question.
    pub need: bool,
    /// The code that contradicts it.
    pub opposes: Option<&'static str>,
    en: &'static str,
    zh: &'static str,
}

impl Feature {
    /// Its name for a reader.
    pub fn label(&self, language: impl Borrow<Language>) -> &'static str {
        match language.borrow() {
            Language::En => self.en,
            Language::ZhCn => self.zh,
        }
    }

    /// Whether a room has it or not, as a fact of the building.
    pub fn is_of_a_room(&self) -> bool {
        matches!(
            self.kind,
            Kind::Bed | Kind::Location | Kind::View | Kind::Rule | Kind::Room
        )
    }

    /// Whether somebody prepares it for the stay.
    pub fn is_prepared(&self) -> bool {
        // How a guest wants to be treated is nothing to lay out in a room.
        let manners = [
            "do_not_name_aloud",
            "contact_by_phone",
            "contact_by_message",
            "late_arrival",
        ];
        matches!(self.kind, Kind::Amenity | Kind::Service) && !manners.contains(&self.code)
    }
}

/// `code,kind,en,zh,need,opposes`
const FILE: &str = include_str!("vocabulary.csv");

static ALL: LazyLock<Vec<Feature>> = LazyLock::new(|| {
    FILE.lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            let (code, kind, en, zh) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
            let (need, opposes) = (cells.next()?, cells.next().filter(|code| !code.is_empty()));
            let kind: Kind = serde_json::from_value(kind.into()).ok()?;
            Some(Feature {
                code,
                kind,
                need: need == "yes",
                opposes,
                en,
                zh,
            })
        })
        .collect()
});

static BY_CODE: LazyLock<HashMap<&'static str, &'static Feature>> =
    LazyLock::new(|| ALL.iter().map(|feature| (feature.code, feature)).collect());

/// The whole vocabulary, in the order people are shown it.
pub fn all() -> &'static [Feature] {
    &ALL
}

/// The word for a code.
pub fn get(code: &str) -> Option<&'static Feature> {
    BY_CODE.get(code).copied()
}

/// The name of a code for a reader; a code no longer known is shown as it is.
pub fn label(code: &str, language: Language) -> &str {
    get(code).map_or(code, |feature| feature.label(language))
}

/// The word a clerk means: a code, or its name in any language, whatever the case.
pub fn find(typed: &str) -> Option<&'static Feature> {
    let typed = typed.trim().to_lowercase();
    all().iter().find(|feature| {
        typed == feature.code
            || typed == feature.en.to_lowercase()
            || typed == feature.zh
            || typed == feature.code.replace('_', " ")
    })
}

/// Whether two codes contradict each other, whichever of them the file says it of.
pub fn oppose(one: &str, other: &str) -> bool {
    let says = |one: &str, other: &str| get(one).is_some_and(|one| one.opposes == Some(other));
    says(one, other) || says(other, one)
}

/// The word nearest to what was typed, for "did you mean": one that contains it, or is contained in it.
pub fn nearest(typed: &str) -> Option<&'static Feature> {
    let typed = typed.trim().to_lowercase();
    let near =
        |name: &str| typed.chars().count() >= 2 && (name.contains(&typed) || typed.contains(name));
    all()
        .iter()
        .find(|feature| near(&feature.en.to_lowercase()) || near(feature.zh) || near(feature.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_is_a_word_and_opposites_exist() {
        assert_eq!(all().len(), FILE.lines().count() - 1);
        for opposite in all().iter().filter_map(|feature| feature.opposes) {
            assert!(get(opposite).is_some(), "{opposite}");
        }
    }
}
