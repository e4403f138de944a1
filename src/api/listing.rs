//! Lists come in pages; where the next begins is an opaque cursor.

use serde::Deserialize;

use super::problem::Problem;

/// Items on a page where nothing is said.
const USUAL: usize = 50;
/// Items on a page at most.
const MOST: usize = 200;

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
