//! People side by side: what each tells in a field, and whether it agrees. For the review and for merging.

use super::page::Page;
use crate::guests::portrait::{Agreement, Field, Portrait, Value};
use crate::welcome::memory::Memory;
use crate::words::Words;

/// Values of a field shown.
const VALUES: usize = 3;
/// Last stays shown.
const STAYS: usize = 3;

/// What one side tells in a field.
pub struct Cell {
    /// The values, the winner first, each with its language.
    pub texts: Vec<(String, Option<&'static str>)>,
    /// The class that marks it; none where nothing is compared.
    pub class: &'static str,
    /// The symbol of its shape.
    pub icon: &'static str,
    /// The same in a word, for whoever does not see the shape.
    pub word: String,
}

impl Cell {
    /// What a portrait tells.
    pub fn of(portrait: &Portrait, field: Field, words: &Words) -> Self {
        let mut texts: Vec<(String, Option<&'static str>)> = Vec::new();
        for value in portrait.ranked(field) {
            let text = shown(value, field, words);
            if texts.len() < VALUES && !texts.iter().any(|(known, _)| *known == text) {
                texts.push((text, value.language));
            }
        }
        Self {
            texts,
            class: "",
            icon: "",
            word: String::new(),
        }
    }

    /// The winner alone.
    pub fn first(mut self) -> Self {
        self.texts.truncate(1);
        self
    }

    /// What a portrait tells beside another.
    pub fn beside(portrait: &Portrait, field: Field, other: &Portrait, words: &Words) -> Self {
        let agreement = portrait.agreement(field, other);
        let (class, icon) = match agreement {
            Agreement::Same => ("same", "check"),
            Agreement::Partly => ("partly", "ring"),
            Agreement::Differs => ("differs", "cross"),
            Agreement::Unknown => ("", ""),
        };
        Self {
            class,
            icon,
            word: words.code("agreement", agreement),
            ..Self::of(portrait, field, words)
        }
    }
}

/// A value as it is shown: documents never, masked addresses as what they are.
pub fn shown(value: &Value, field: Field, words: &Words) -> String {
    match (field, value.date) {
        (Field::Document, _) => "•••• ••••".into(),
        (_, Some(date)) => words.date(date),
        (Field::Language, _) => words.language_name(&value.text),
        (Field::Email, _) if value.masked => words.say("contact-masked").to_owned(),
        _ => value.text.clone(),
    }
}

/// Reasons in words, each with whether it speaks for the candidate.
pub fn reasons(codes: &str, words: &Words) -> Vec<(bool, String)> {
    codes
        .split(';')
        .filter(|code| !code.is_empty())
        .map(|code| (!code.ends_with("_differs"), words.code("reason", code)))
        .collect()
}

/// "22–24 Jan 2026, Riverside Hotel, 0903", the latest first.
pub fn last_stays(memory: &Memory, page: &Page) -> Vec<String> {
    let stays = memory.stays.iter().filter(|stay| stay.counts());
    stays
        .take(STAYS)
        .map(|stay| {
            let when = page.words.range(stay.arrival, stay.departure);
            let house = page.reference.name(stay.property_id).to_owned();
            let parts = [Some(when), Some(house), stay.room.clone()];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        })
        .collect()
}

/// "Gold · 12,480 points".
pub fn tier(memory: &Memory, words: &Words) -> Option<String> {
    let account = memory.account.as_ref()?;
    let points = words.fill("points", words.number(memory.points()));
    Some(format!("{} · {points}", words.code("tier", &account.tier)))
}
