//! A JSON object as one row under its header: what is read from it is what is read from a file.

use chrono::NaiveDateTime;
use csv::StringRecord;
use serde_json::{Map, Value};

use super::cells::{Cells, Rejection};
use super::reader::Columns;

/// What a field holds, in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// A string, `2026-03-31`.
    Date,
    /// A string, RFC 3339.
    Moment,
    /// A whole number.
    Whole,
    /// `{"amount": "180.00", "currency": "CNY"}`.
    Money,
    /// A list of strings.
    Texts,
}

/// A field that an object may have.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What it means.
    pub about: &'static str,
    /// An example, as it would stand in a file.
    pub example: &'static str,
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident = $shape:ident),+ $(,)?) => {
        impl Field {
            $($(#[$doc])*
            pub const fn $name(name: &'static str, about: &'static str, example: &'static str) -> Self {
                Self { name, shape: Shape::$shape, about, example }
            })+
        }
    };
}

shapes! {
    /// A field of text.
    text = Text,
    /// A day.
    date = Date,
    /// A moment.
    moment = Moment,
    /// A whole number.
    whole = Whole,
    /// An amount of money.
    money = Money,
    /// A list of texts.
    texts = Texts,
}

impl Field {
    /// The example as JSON.
    pub fn sample(&self) -> Value {
        match self.shape {
            Shape::Text | Shape::Date | Shape::Moment => self.example.into(),
            Shape::Whole => self.example.parse::<i64>().unwrap_or_default().into(),
            Shape::Money => serde_json::json!({"amount": self.example, "currency": "CNY"}),
            Shape::Texts => vec![self.example].into(),
        }
    }
}

/// An object, its fields known and of the right type.
pub struct Object {
    columns: Columns,
    record: StringRecord,
}

impl Object {
    /// Reads an object; a field that is none of these, or of another type, is named.
    pub fn read(object: &Map<String, Value>, fields: &'static [Field]) -> Result<Self, Rejection> {
        let mut read = Self {
            columns: Columns::new(),
            record: StringRecord::new(),
        };
        let mut currency: Option<String> = None;
        for (name, value) in object {
            let field = fields.iter().find(|field| field.name == name);
            let field = field.ok_or_else(|| unknown(name, fields))?;
            if field.shape == Shape::Money
                && let Some((amount, its)) = money(field.name, value)?
            {
                read.push(field.name, &amount);
                let first = currency.get_or_insert_with(|| its.clone());
                if *first != its {
                    let reason =
                        format!("is in '{its}', another amount in '{first}'; use one currency");
                    return Err(Rejection::new(field.name, reason));
                }
            } else if let Some(text) = plain(field, value)? {
                read.push(field.name, &text);
            }
        }
        read.settle_currency(currency)?;
        Ok(read)
    }

    /// With a field that does not come with the object.
    pub fn with(mut self, name: &'static str, text: &str) -> Self {
        self.push(name, text);
        self
    }

    /// A text, where it is given.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.cells().raw(name).map(str::to_owned)
    }

    /// A text that must be given, of a length and of characters that can be stored.
    pub fn required(&self, name: &str) -> Result<String, Rejection> {
        self.cells().required(name)
    }

    /// A moment, in UTC.
    pub fn moment(&self, name: &str) -> Result<Option<NaiveDateTime>, Rejection> {
        self.cells().instant(name)
    }

    pub(super) fn cells(&self) -> Cells<'_> {
        Cells {
            columns: &self.columns,
            record: &self.record,
        }
    }

    /// Amounts say their currency; one that stands apart must be the same.
    fn settle_currency(&mut self, of_amounts: Option<String>) -> Result<(), Rejection> {
        let Some(its) = of_amounts else { return Ok(()) };
        match self.cells().raw("currency") {
            None => self.push("currency", &its),
            Some(apart) if apart.eq_ignore_ascii_case(&its) => {}
            Some(apart) => {
                let reason = format!("'{apart}' is not the '{its}' of the amounts; use one");
                return Err(Rejection::new("currency", reason));
            }
        }
        Ok(())
    }

    fn push(&mut self, name: &'static str, text: &str) {
        self.columns.insert(name, self.record.len());
        self.record.push_field(text);
    }
}

fn unknown(name: &str, fields: &[Field]) -> Rejection {
    let shown: String = name.chars().take(40).collect();
    let nearest = fields
        .iter()
        .map(|field| (strsim::damerau_levenshtein(&shown, field.name), field.name))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map_or(String::new(), |(_, name)| {
            format!("; did you mean '{name}'?")
        });
    Rejection::new(&shown, format!("is not a field of this call{nearest}"))
}

/// The value as a cell would hold it; none for `null`.
fn plain(field: &Field, value: &Value) -> Result<Option<String>, Rejection> {
    let wrong = |must: &str| {
        let reason = format!("{} is not {must}", shown(value));
        Err(Rejection::new(field.name, reason))
    };
    Ok(Some(match (field.shape, value) {
        (_, Value::Null) => return Ok(None),
        (Shape::Text | Shape::Date | Shape::Moment, Value::String(text)) => text.clone(),
        (Shape::Whole, Value::Number(number)) if number.is_i64() => number.to_string(),
        (Shape::Texts, Value::Array(items)) => {
            let mut texts = Vec::with_capacity(items.len());
            for item in items {
                let Some(text) = item.as_str() else {
                    return wrong("a list of strings");
                };
                texts.push(text);
            }
            texts.join(";")
        }
        (Shape::Text, _) => return wrong("a string"),
        (Shape::Date, _) => return wrong("a string with a date, such as \"2026-03-31\""),
        (Shape::Moment, _) => {
            return wrong("a string with a moment, such as \"2026-03-31T09:30:00Z\"");
        }
        (Shape::Whole, _) => return wrong("a whole number"),
        (Shape::Texts, _) => return wrong("a list of strings"),
        (Shape::Money, _) => return wrong(MONEY),
    }))
}

const MONEY: &str = "an amount, such as {\"amount\": \"180.00\", \"currency\": \"CNY\"}";

fn money(name: &str, value: &Value) -> Result<Option<(String, String)>, Rejection> {
    if value.is_null() {
        return Ok(None);
    }
    let part = |key: &str| value.get(key).and_then(Value::as_str);
    let (Some(amount), Some(currency)) = (part("amount"), part("currency")) else {
        let reason = format!("{} is not {MONEY}", shown(value));
        return Err(Rejection::new(name, reason));
    };
    Ok(Some((amount.to_owned(), currency.to_uppercase())))
}

/// A value as it is told back: not longer than needed to know it again.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 40 {
        return text;
    }
    let start: String = text.chars().take(40).collect();
    format!("{start}…")
}
