//! People side by side: what each tells in a field, and whether it agrees. For the review, for duplicates and for
//! merging.

use std::collections::HashMap;

use super::AppError;
use super::desk::View;
use super::page::Page;
use crate::guests::person::{self, Profile};
use crate::guests::portrait::{self, Agreement, Field, Portrait, Value};
use crate::welcome::memory::{self, Memory};
use crate::words::{Message, Words};

/// Values of a field shown.
const VALUES: usize = 3;
/// Last stays shown.
const STAYS: usize = 3;

/// Somebody, or a booking, beside those it could be.
pub struct Versus {
    /// What the table shows, for whoever does not see it.
    pub caption: String,
    /// `radio` where one can be chosen, `checkbox` where several.
    pub input: &'static str,
    /// Who is compared.
    pub first: First,
    /// Those it could be.
    pub columns: Vec<Column>,
    /// Field by field.
    pub rows: Vec<Row>,
}

/// The first column.
pub struct First {
    /// What it is.
    pub label: String,
    /// The name, where it is a person's.
    pub name: Option<(String, Option<&'static str>)>,
    /// What stands beside the reasons.
    pub wishes: Option<String>,
    /// Their stays; none for a booking alone.
    pub history: Option<History>,
    /// What it would be alone.
    pub alone: String,
}

/// A person it could be, and what would come together.
pub struct Column {
    /// A profile of theirs.
    pub public_id: String,
    /// The name.
    pub name: String,
    /// The language of the name, where its script tells.
    pub name_language: Option<&'static str>,
    /// How likely it is, in words.
    pub likely: Option<String>,
    /// Why, each with whether it speaks for it.
    pub reasons: Vec<(bool, String)>,
    /// Their stays.
    pub history: History,
    /// What it would be together.
    pub together: String,
}

/// Somebody's stays in a cell.
pub struct History {
    /// How many.
    pub stays: String,
    /// The last ones.
    pub last: Vec<String>,
    /// Tier and points.
    pub tier: Option<String>,
    /// The open case.
    pub case: Option<String>,
}

/// A field: what the first tells, and what each of the others tells.
pub struct Row {
    /// What the field is called.
    pub label: String,
    /// The first.
    pub first: Cell,
    /// The others.
    pub cells: Vec<Cell>,
}

/// What is known of the persons on a page, with the same queries however many they are.
pub struct Known {
    /// Their profiles.
    pub profiles: Vec<Profile>,
    memories: HashMap<i64, Memory>,
    portraits: HashMap<i64, Portrait>,
}

impl Known {
    /// Reads it.
    pub fn load(view: &mut View<'_>, persons: &[i64]) -> Result<Self, AppError> {
        let memories = memory::of_persons(view.conn, persons)?;
        let profiles = person::profiles(view.conn, persons)?;
        let accounts: Vec<_> = memories
            .values()
            .flat_map(|memory| memory.accounts().cloned())
            .collect();
        let portraits = portrait::of_persons(view.conn, &profiles, &accounts)?;
        Ok(Self {
            profiles,
            memories,
            portraits,
        })
    }

    /// What a person tells.
    pub fn portrait(&self, person_id: i64) -> Portrait {
        self.portraits.get(&person_id).cloned().unwrap_or_default()
    }

    /// The name that wins, with its language.
    pub fn name(&self, person_id: i64) -> (String, Option<&'static str>) {
        let portrait = self.portrait(person_id);
        let name = portrait.ranked(Field::Name).first().copied().cloned();
        name.map_or_else(
            || (String::new(), None),
            |name| (name.text.clone(), name.language),
        )
    }

    /// Stays that took place or will.
    pub fn visits(&self, person_id: i64) -> usize {
        let memory = self.memories.get(&person_id);
        memory.map_or(0, |memory| {
            memory.stays.iter().filter(|stay| stay.counts()).count()
        })
    }

    /// Their stays as a cell shows them.
    pub fn history(&self, person_id: i64, page: &Page) -> History {
        let words = page.words;
        let memory = self.memories.get(&person_id);
        History {
            stays: words.count("stays", self.visits(person_id)),
            last: memory.map_or_else(Vec::new, |memory| last_stays(memory, page)),
            tier: memory.and_then(|memory| tier(memory, words)),
            case: memory
                .and_then(|memory| memory.open_cases().next())
                .map(|case| words.fill("case-open", &case.summary)),
        }
    }

    /// A person beside the first.
    pub fn column(&self, candidate: &Candidate<'_>, together: String, page: &Page) -> Column {
        let words = page.words;
        let (name, name_language) = self.name(candidate.person_id);
        Column {
            public_id: candidate.public_id.to_owned(),
            name,
            name_language,
            likely: candidate.probability.map(|share| likely(share, words)),
            reasons: reasons(candidate.reasons, words),
            history: self.history(candidate.person_id, page),
            together,
        }
    }

    /// The fields that somebody tells something in.
    pub fn rows(&self, first: &Portrait, persons: &[i64], words: &Words) -> Vec<Row> {
        let theirs: Vec<Portrait> = persons.iter().map(|id| self.portrait(*id)).collect();
        Field::ALL
            .iter()
            .filter(|&&field| {
                let tells = |portrait: &Portrait| !portrait.values(field).is_empty();
                tells(first) || theirs.iter().any(tells)
            })
            .map(|&field| Row {
                label: words.code("field", field),
                first: Cell::of(first, field, words),
                cells: theirs
                    .iter()
                    .map(|portrait| Cell::beside(portrait, field, first, words))
                    .collect(),
            })
            .collect()
    }
}

/// A person it could be, as recognition found them.
pub struct Candidate<'a> {
    /// A profile of theirs.
    pub public_id: &'a str,
    /// The person.
    pub person_id: i64,
    /// How likely, 0 to 1.
    pub probability: Option<f64>,
    /// Codes of reasons joined by `;`.
    pub reasons: &'a str,
}

/// "the 4th stay", of so many together.
pub fn together(visits: usize, words: &Words) -> String {
    words.tell(&Message::new("review-together").ordinal("number", visits as i64))
}

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

/// "99 % likely"; nothing is certain.
pub fn likely(probability: f64, words: &Words) -> String {
    words.fill("review-likely", (probability * 100.0).round().min(99.0))
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
fn last_stays(memory: &Memory, page: &Page) -> Vec<String> {
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
fn tier(memory: &Memory, words: &Words) -> Option<String> {
    let account = memory.account.as_ref()?;
    let points = words.fill("points", words.number(memory.points()));
    Some(format!("{} · {points}", words.code("tier", &account.tier)))
}
