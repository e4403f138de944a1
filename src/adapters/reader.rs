//! A payload read by path: whatever is wrong is named by where it stands, and what nobody asked for is known in the end.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::Rejection;

/// Unread places that are listed, at most.
const LISTED: usize = 100;
/// Characters of a value that are told back.
const SHOWN: usize = 40;

/// A payload, and which of it was read.
pub struct Payload<'a> {
    root: &'a Value,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Payload<'a> {
    /// Nothing of it is read yet.
    pub fn new(root: &'a Value) -> Self {
        Self {
            root,
            read: RefCell::default(),
        }
    }

    /// The whole of it.
    pub fn root(&'a self) -> At<'a> {
        At {
            payload: self,
            value: self.root,
            path: String::new(),
        }
    }

    /// The places that hold something and were not read.
    pub fn unread(&self) -> Vec<String> {
        let mut unread = Vec::new();
        self.walk(self.root, String::new(), &mut unread);
        let more = unread.len().saturating_sub(LISTED);
        unread.truncate(LISTED);
        if more > 0 {
            unread.push(format!("and {more} more"));
        }
        unread
    }

    fn walk(&self, value: &Value, path: String, unread: &mut Vec<String>) {
        if self.read.borrow().contains(&path) {
            return;
        }
        match value {
            Value::Null => {}
            Value::String(text) if text.trim().is_empty() => {}
            Value::Object(object) => {
                for (name, value) in object {
                    self.walk(value, joined(&path, name), unread);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.walk(item, format!("{path}[{index}]"), unread);
                }
            }
            _ => unread.push(path),
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    match (path, name) {
        ("", name) => name.to_owned(),
        // The text of an element stands where the element stands.
        (path, "#") => path.to_owned(),
        (path, name) => format!("{path}.{name}"),
    }
}

/// A place in a payload, which may be empty.
#[derive(Clone)]
pub struct At<'a> {
    payload: &'a Payload<'a>,
    value: &'a Value,
    path: String,
}

impl<'a> At<'a> {
    /// A place below, by names with dots between; of a list, the first item.
    pub fn get(&self, names: &str) -> Self {
        let mut at = self.clone();
        for name in names.split('.') {
            at = at.first();
            at.value = at.value.get(name).unwrap_or(&Value::Null);
            at.path = joined(&at.path, name);
        }
        at
    }

    fn first(self) -> Self {
        match self.value {
            Value::Array(_) => self.items().into_iter().next().unwrap_or(Self {
                value: &Value::Null,
                ..self
            }),
            _ => self,
        }
    }

    /// The items of a list; what is no list is its only item.
    pub fn items(&self) -> Vec<Self> {
        match self.value {
            Value::Null => Vec::new(),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, value)| Self {
                    payload: self.payload,
                    value,
                    path: format!("{}[{index}]", self.path),
                })
                .collect(),
            _ => vec![self.clone()],
        }
    }

    /// Where it is.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether anything is there.
    pub fn is_there(&self) -> bool {
        !self.value.is_null()
    }

    /// Counts as read, with all below.
    pub fn is_read(&self) {
        self.payload.read.borrow_mut().insert(self.path.clone());
    }

    /// What is wrong here.
    pub fn wrong(&self, reason: impl Into<String>) -> Rejection {
        Rejection::new(&self.path, reason)
    }

    /// A text, a number or a flag as text; none where nothing is there.
    pub fn text(&self) -> Result<Option<String>, Rejection> {
        let at = self.clone().first();
        let value = match at.value {
            Value::Object(element) if element.contains_key("#") => at.get("#").value,
            value => value,
        };
        at.is_read();
        let text = match value {
            Value::Null => return Ok(None),
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Object(_) | Value::Array(_) => {
                let shown: String = value.to_string().chars().take(SHOWN).collect();
                return Err(at.wrong(format!("'{shown}' is not a text")));
            }
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A text that must be there.
    pub fn required(&self) -> Result<String, Rejection> {
        self.text()?.ok_or_else(|| self.wrong("is missing"))
    }

    /// Yes or no, as systems write it.
    pub fn flag(&self) -> Result<Option<bool>, Rejection> {
        let Some(text) = self.text()? else {
            return Ok(None);
        };
        match text.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "optin" => Ok(Some(true)),
            "false" | "no" | "n" | "0" | "optout" => Ok(Some(false)),
            _ => Err(self.wrong(format!("'{text}' is not true or false"))),
        }
    }

    /// A whole number.
    pub fn whole(&self) -> Result<Option<i64>, Rejection> {
        let Some(text) = self.text()? else {
            return Ok(None);
        };
        let number = text.parse().map(Some);
        number.map_err(|_| self.wrong(format!("'{text}' is not a whole number")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_named_by_its_place_and_what_is_left_over_is_known() {
        let value = json!({
            "stay": {"rooms": [{"type": "SUP", "rate": {}}, {"type": "STD"}], "colour": "red"},
            "nothing": null,
            "empty": " ",
        });
        let payload = Payload::new(&value);
        let root = payload.root();
        assert_eq!(root.get("stay.rooms.type").text(), Ok(Some("SUP".into())));
        let wrong = root.get("stay.rooms.rate").text().unwrap_err();
        assert_eq!(wrong.column, "stay.rooms[0].rate");
        let wrong = root.get("stay.arrival").required().unwrap_err();
        assert_eq!(wrong.column, "stay.arrival");
        assert_eq!(payload.unread(), ["stay.rooms[1].type", "stay.colour"]);
        root.get("stay.rooms").is_read();
        assert_eq!(payload.unread(), ["stay.colour"]);
    }
}
