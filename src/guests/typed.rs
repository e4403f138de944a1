//! A guest as a clerk types one: understood, or wrong at a field.

use serde::Deserialize;

use super::contacts::{Email, Phone};
use super::profile::NewProfile;
use crate::error::FieldError;
use crate::words::Message;

/// Longest name, in characters.
const LONGEST_NAME: usize = 100;

/// The fields as they were typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct TypedGuest {
    pub given_name: String,
    pub family_name: String,
    pub native_name: String,
    pub email: String,
    pub phone: String,
}

impl TypedGuest {
    /// The name as it is shown.
    pub fn name(&self) -> String {
        if !self.native_name.trim().is_empty() {
            return self.native_name.trim().to_owned();
        }
        format!("{} {}", self.given_name.trim(), self.family_name.trim())
            .trim()
            .to_owned()
    }

    /// The profile it makes; `country` says how a phone number without one is meant.
    pub fn understand(&self, country: Option<&str>) -> Result<NewProfile, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut profile = NewProfile {
            source: "desk".into(),
            ..NewProfile::default()
        };
        let names = [
            ("given_name", &self.given_name, &mut profile.given_name),
            ("family_name", &self.family_name, &mut profile.family_name),
            ("native_name", &self.native_name, &mut profile.native_name),
        ];
        for (field, text, name) in names {
            match checked_name(text) {
                Ok(checked) => *name = checked,
                Err(message) => errors.push(FieldError::new(field, message)),
            }
        }
        if self.name().is_empty() {
            let missing = Message::new("error-name-missing");
            errors.push(FieldError::new("family_name", missing));
        }
        let mut wrong = |field, key, text: &str| {
            errors.push(FieldError::new(field, Message::new(key).text("text", text)));
        };
        match told(&self.email).map(Email::parse).transpose() {
            Ok(email) => profile.email = email,
            Err(_) => wrong("email", "error-email", self.email.trim()),
        }
        let phone = told(&self.phone).map(|text| Phone::parse(text, country));
        match phone.transpose() {
            Ok(phone) => profile.phone = phone,
            Err(_) => wrong("phone", "error-phone", self.phone.trim()),
        }
        if errors.is_empty() {
            Ok(profile)
        } else {
            Err(errors)
        }
    }
}

fn told(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn checked_name(text: &str) -> Result<Option<String>, Message> {
    let text = text.trim();
    if text.chars().count() > LONGEST_NAME {
        let count = text.chars().count() as i64;
        return Err(Message::new("error-name-long")
            .number("count", count)
            .number("most", LONGEST_NAME as i64));
    }
    if text.chars().any(char::is_control) {
        return Err(Message::new("error-control"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
