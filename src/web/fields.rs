//! Forms as they were typed: all that is wrong with them, each at its field.

use crate::error::FieldError;
use crate::web::AppError;
use crate::words::{Message, Words};

/// What is wrong with a form, as its page shows it: the field, and words.
pub(super) type Wrong = Vec<(&'static str, String)>;

/// The same in the reader's language.
pub(super) fn wrong(errors: &[FieldError], words: &Words) -> Wrong {
    let told = errors
        .iter()
        .map(|error| (error.field, words.tell(&error.message)));
    told.collect()
}

/// What is wrong with a field.
pub(super) fn at<'a>(wrong: &'a [(&'static str, String)], field: &str) -> Option<&'a str> {
    let found = wrong.iter().find(|(name, _)| *name == field);
    found.map(|(_, text)| text.as_str())
}

/// One thing wrong with a form.
pub(super) fn invalid(field: &'static str, message: Message) -> AppError {
    AppError::Invalid(vec![FieldError::new(field, message)])
}

/// Reads a form, and notes all that is wrong with it.
#[derive(Default)]
pub(super) struct Reading(Vec<FieldError>);

impl Reading {
    /// Notes something.
    pub fn wrong(&mut self, field: &'static str, message: Message) {
        self.0.push(FieldError::new(field, message));
    }

    /// A whole number within bounds.
    pub fn number(&mut self, field: &'static str, text: &str, least: i64, most: i64) -> i64 {
        self.value(field, number(text, least, most))
            .unwrap_or(least)
    }

    /// A text of so many characters at most, which may have to be there.
    pub fn text(&mut self, field: &'static str, text: &str, most: usize, must: bool) -> String {
        let text = text.trim();
        let long = text.chars().count();
        if long > most || text.chars().any(char::is_control) || (must && long == 0) {
            let message = Message::new("error-text-long").number("most", most as i64);
            self.wrong(field, message);
        }
        text.to_owned()
    }

    /// What was read, or why it could not be.
    pub fn value<T>(&mut self, field: &'static str, read: Result<T, Message>) -> Option<T> {
        read.map_err(|message| self.wrong(field, message)).ok()
    }

    /// What was read, if nothing is wrong.
    pub fn done<T>(self, read: Option<T>) -> Result<T, AppError> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            _ => Err(AppError::Invalid(self.0)),
        }
    }
}

/// A whole number within bounds.
pub(super) fn number(text: &str, least: i64, most: i64) -> Result<i64, Message> {
    let number = text.trim().parse().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| {
            Message::new("error-plan-number")
                .text("text", text.trim())
                .number("least", least)
                .number("most", most)
        })
}

/// A time on the wall, "17:30", in minutes after midnight.
pub(super) fn time(text: &str) -> Result<i64, Message> {
    let read = || {
        let (hours, minutes) = text.trim().split_once(':')?;
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
    };
    read().ok_or_else(|| Message::new("error-time").text("text", text.trim()))
}

/// A date.
pub(super) fn date(text: &str) -> Result<chrono::NaiveDate, Message> {
    let text = text.trim();
    text.parse()
        .map_err(|_| Message::new("error-no-date").text("text", text))
}
