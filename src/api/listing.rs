//! What stands behind the question mark; lists come in pages, and where the next begins is an opaque cursor.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// Items on a page where nothing is said.
const USUAL: usize = 50;
/// Items on a page at most.
const MOST: usize = 200;
/// Characters of a value.
const LONGEST: usize = 200;

/// Reads what stands behind the question mark; what is wrong is named.
pub fn query<Q: DeserializeOwned>(text: &str) -> Result<Q, Problem> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(text).unwrap_or_default();
    for (name, value) in &pairs {
        let length = value.chars().count();
        if value.is_empty() {
            let reason = "is empty; leave it out where nothing is meant";
            return Err(Problem::field(name, reason));
        }
        if value.chars().any(|c| c.is_control() || c == '\u{fffd}') {
            let reason = "holds a character that is none; remove it";
            return Err(Problem::field(name, reason));
        }
        if length > LONGEST {
            let reason = format!("has {length} characters; at most {LONGEST} are read");
            return Err(Problem::field(name, reason));
        }
    }
    let error = match serde_html_form::from_str::<Q>(text) {
        Ok(query) => return Ok(query),
        Err(error) => error.to_string(),
    };
    let wrong = |pair: &(String, String)| {
        let alone = serde_html_form::to_string([pair]).unwrap_or_default();
        let reason = serde_html_form::from_str::<Q>(&alone).err()?.to_string();
        // Alone it lacks the others; that is not its fault.
        (!reason.starts_with("missing field")).then_some((pair.clone(), reason))
    };
    if let Some(((name, value), reason)) = pairs.iter().find_map(wrong) {
        let value: String = value.chars().take(40).collect();
        return Err(Problem::field(&name, format!("'{value}': {reason}")));
    }
    let named = error.split('`').nth(1).unwrap_or("query").to_owned();
    let reason = if error.starts_with("missing field") {
        "is missing; say it behind the question mark".to_owned()
    } else {
        error
    };
    Err(Problem::field(&named, reason))
}

/// A day that a hotel can mean.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Day(pub NaiveDate);

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .ok()
            .filter(|date| text.len() == 10 && (1800..=2200).contains(&date.year()))
            .map(Self)
            .ok_or("not a day; write YYYY-MM-DD, such as 2026-03-31")
    }
}

/// Where a page begins.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

/// One page of a list.
pub struct Page {
    /// The id that the page comes after.
    pub after: i64,
    size: usize,
}

impl Page {
    /// The page asked for; `name` is what the cursor is called.
    pub fn of(cursor: Option<Cursor>, limit: Option<usize>, name: &str) -> Result<Self, Problem> {
        let after = match cursor {
            None => 0,
            Some(Cursor(text)) => i64::from_str_radix(&text, 36)
                .ok()
                .filter(|after| *after >= 0)
                .ok_or_else(|| Problem::field(name, "is not one of ours; leave it out to begin"))?,
        };
        let size = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&size) {
            let reason = format!("'{size}' is not a number from 1 to {MOST}");
            return Err(Problem::field("limit", reason));
        }
        Ok(Self { after, size })
    }

    /// How many to load: one more than is shown tells whether there is a next page.
    pub fn most(&self) -> i64 {
        self.size as i64 + 1
    }

    /// What is shown, and where the next page begins.
    pub fn cut<T>(&self, mut found: Vec<T>, id: impl Fn(&T) -> i64) -> (Vec<T>, Option<String>) {
        let more = found.len() > self.size;
        found.truncate(self.size);
        let last = found.last().filter(|_| more);
        let next = last.map(|last| cursor(id(last)));
        (found, next)
    }
}

/// The cursor of what comes after an id.
pub fn cursor(mut number: i64) -> String {
    if number == 0 {
        return "0".into();
    }
    let mut digits = Vec::new();
    while number > 0 {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        digits.extend(char::from_digit(digit, 36));
        number /= 36;
    }
    digits.iter().rev().collect()
}
