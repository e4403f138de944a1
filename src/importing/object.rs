//! A JSON object as one row under its header: what is read from it is what is read from a file.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};
use csv::StringRecord;
use serde_json::{Map, Value};

use super::cells::{Cells, Rejection};
use super::reader::Columns;

/// What an ISO 3166-1 code looks like.
pub const COUNTRY: &str = "^[A-Za-z]{2,3}$";
/// What an ISO 4217 code looks like.
pub const CURRENCY: &str = "^[A-Za-z]{3}$";
/// What a phone number looks like.
pub const PHONE: &str = "^[+().,/#*x: -]*([0-9][+().,/#*x: -]*){5,20}$";
/// What an e-mail address looks like.
pub const EMAIL: &str =
    "^[^\\s\\u0000-\\u001f\\u007f-\\u009f@,;<>]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$";
/// What a language's tag looks like.
pub const LANGUAGE: &str = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$";

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
    /// `true` or `false`.
    Flag,
    /// `{"amount": "180.00", "currency": "CNY"}`.
    Money,
    /// A list of strings.
    Texts,
}

/// What more can be said of a field than its shape. It is described and enforced from here.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Nothing more.
    Any,
    /// A text, or each of a list, of so many characters at most, on one line.
    Longest(usize),
    /// A text of so many characters at most, on any number of lines.
    Lines(usize),
    /// One of these words.
    OneOf(fn() -> Vec<&'static str>),
    /// A number from this to that.
    Between(i64, i64),
    /// An amount that is not below zero.
    NotBelowZero,
}

/// A field that an object may have.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What more must hold of it.
    pub rule: Rule,
    /// What a right text looks like, for those who make some; whether it is right is seen when it is read.
    pub like: Option<&'static str>,
    /// What it means.
    pub about: &'static str,
    /// An example, as it would stand in a file.
    pub example: &'static str,
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident = $shape:ident, $rule:expr);+ $(;)?) => {
        impl Field {
            $($(#[$doc])*
            pub const fn $name(name: &'static str, about: &'static str, example: &'static str) -> Self {
                Self { name, shape: Shape::$shape, rule: $rule, like: None, about, example }
            })+
        }
    };
}

shapes! {
    /// A field of text.
    text = Text, Rule::Longest(200);
    /// A day.
    date = Date, Rule::Any;
    /// A moment.
    moment = Moment, Rule::Any;
    /// A whole number.
    whole = Whole, Rule::Any;
    /// Yes or no.
    flag = Flag, Rule::Any;
    /// An amount of money.
    money = Money, Rule::Any;
    /// A list of texts.
    texts = Texts, Rule::Longest(200);
}

impl Field {
    /// With a rule.
    pub const fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Which looks like this.
    pub const fn like(mut self, pattern: &'static str) -> Self {
        self.like = Some(pattern);
        self
    }

    /// The example as JSON.
    pub fn sample(&self) -> Value {
        match self.shape {
            Shape::Text | Shape::Date | Shape::Moment => self.example.into(),
            Shape::Whole => self.example.parse::<i64>().unwrap_or_default().into(),
            Shape::Flag => (self.example == "yes").into(),
            Shape::Money => serde_json::json!({"amount": self.example, "currency": "CNY"}),
            Shape::Texts => vec![self.example].into(),
        }
    }

    /// Whether a text is one the field can hold.
    fn check(&self, text: &str) -> Result<(), Rejection> {
        let wrong = |reason: String| Err(Rejection::new(self.name, reason));
        if self.like.is_some() && text.trim().is_empty() {
            return wrong("is empty; leave it out where it is unknown".into());
        }
        let (longest, lines) = match self.rule {
            Rule::OneOf(words) => {
                let words = words();
                if words.contains(&text) {
                    return Ok(());
                }
                let near = words
                    .iter()
                    .map(|word| (strsim::damerau_levenshtein(&start(text), word), *word))
                    .min()
                    .filter(|(distance, _)| *distance <= 4);
                let remedy = match near {
                    _ if words.len() <= 12 => format!("not one of {}", words.join(", ")),
                    Some((_, near)) => format!("not a code that is known; did you mean '{near}'?"),
                    None => {
                        "not a code that is known; the description of the API lists them".into()
                    }
                };
                return wrong(format!("'{}' is {remedy}", start(text)));
            }
            Rule::Longest(most) => (most, false),
            Rule::Lines(most) => (most, true),
            _ => return Ok(()),
        };
        let length = text.chars().count();
        if length > longest {
            let start = start(text);
            return wrong(format!(
                "'{start}' has {length} characters; at most {longest} are kept"
            ));
        }
        let is_allowed = |c: char| !c.is_control() || (lines && matches!(c, '\n' | '\r' | '\t'));
        if !text.chars().all(is_allowed) {
            return wrong("holds a control character; remove it".into());
        }
        Ok(())
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
                && let Some((amount, its)) = money(field, value)?
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

    /// A day.
    pub fn date(&self, name: &str) -> Result<Option<NaiveDate>, Rejection> {
        self.cells().date(name)
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
        (Shape::Text, Value::String(text)) => {
            field.check(text)?;
            text.clone()
        }
        // What is unknown is null or left out; an empty text is no date, and a moment no day.
        (Shape::Date, Value::String(text)) if is_day(text) => text.clone(),
        (Shape::Moment, Value::String(text)) if DateTime::parse_from_rfc3339(text).is_ok() => {
            text.clone()
        }
        (Shape::Whole, Value::Number(number)) => match (number.as_i64(), field.rule) {
            (Some(number), Rule::Between(from, to)) if !(from..=to).contains(&number) => {
                return wrong(&format!("a whole number from {from} to {to}"));
            }
            (Some(number), _) => number.to_string(),
            (None, _) => return wrong("a whole number"),
        },
        (Shape::Flag, Value::Bool(is)) => if *is { "yes" } else { "no" }.to_owned(),
        (Shape::Texts, Value::Array(items)) => {
            let mut texts = Vec::with_capacity(items.len());
            for item in items {
                let Some(text) = item.as_str() else {
                    return wrong("a list of strings");
                };
                field.check(text)?;
                texts.push(text);
            }
            texts.join(";")
        }
        (Shape::Text, _) => return wrong("a string"),
        (Shape::Date, _) => return wrong("a date; write YYYY-MM-DD, such as \"2026-03-31\""),
        (Shape::Moment, _) => {
            return wrong("a moment; write RFC 3339 in UTC, such as \"2026-03-31T09:30:00Z\"");
        }
        (Shape::Whole, _) => return wrong("a whole number"),
        (Shape::Flag, _) => return wrong("true or false"),
        (Shape::Texts, _) => return wrong("a list of strings"),
        (Shape::Money, _) => return wrong(MONEY),
    }))
}

const MONEY: &str = "an amount, such as {\"amount\": \"180.00\", \"currency\": \"CNY\"}";

fn money(field: &Field, value: &Value) -> Result<Option<(String, String)>, Rejection> {
    if value.is_null() {
        return Ok(None);
    }
    let part = |key: &str| value.get(key).and_then(Value::as_str);
    let is_more = value.as_object().is_some_and(|parts| parts.len() > 2);
    let (amount, currency) = (part("amount"), part("currency"));
    let is_currency =
        |text: &&str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic());
    let (Some(amount), Some(currency), false) = (
        amount.filter(|text| is_amount(text)),
        currency.filter(is_currency),
        is_more,
    ) else {
        let reason = format!("{} is not {MONEY}", shown(value));
        return Err(Rejection::new(field.name, reason));
    };
    if amount.starts_with('-') && matches!(field.rule, Rule::NotBelowZero) {
        let reason = format!("'{amount}' is negative; write 0 or more");
        return Err(Rejection::new(field.name, reason));
    }
    Ok(Some((amount.to_owned(), currency.to_uppercase())))
}

/// Digits, with a minus before them and decimals behind them.
fn is_amount(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    let major = major.strip_prefix('-').unwrap_or(major);
    text.len() <= 40 && major.len() <= 12 && is_digits(major) && is_digits(minor)
}

/// A day as we write it, of a year a hotel can mean.
fn is_day(text: &str) -> bool {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    text.len() == 10 && day.is_ok_and(|day| (1800..=2200).contains(&day.year()))
}

/// A value as it is told back: not longer than needed to know it again.
fn shown(value: &Value) -> String {
    start(&value.to_string())
}

/// The beginning of a text.
fn start(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    let start: String = text.chars().take(40).collect();
    format!("{start}…")
}
