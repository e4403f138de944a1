//! What Innkeeper says, in the reader's language: Fluent messages, dates and money.

mod dates;
mod money;

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Entry;
use rust_embed::RustEmbed;

pub use money::{Money, minor_digits};

/// Messages by language: `en/*.ftl`, `zh-CN/*.ftl`.
#[derive(RustEmbed)]
#[folder = "locales"]
struct Locales;

crate::text_enum! {
    /// A language the staff can work in.
    pub enum Language {
        /// English.
        En = "en",
        /// 简体中文.
        ZhCn = "zh-CN",
    }
}

impl Language {
    /// The language that serves an `Accept-Language` header best; English where none does.
    pub fn negotiate(accept: &str) -> Self {
        let mut wanted: Vec<(f32, &str)> = accept
            .split(',')
            .filter_map(|item| {
                let mut parts = item.trim().split(";q=");
                let tag = parts.next()?;
                let quality = parts
                    .next()
                    .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
                Some((quality, tag))
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted
            .iter()
            .find_map(|(_, tag)| match tag.split('-').next().unwrap_or_default() {
                "en" => Some(Self::En),
                "zh" => Some(Self::ZhCn),
                _ => None,
            })
            .unwrap_or(Self::En)
    }

    /// Its messages.
    pub fn words(self) -> &'static Words {
        match self {
            Self::En => &EN,
            Self::ZhCn => &ZH_CN,
        }
    }
}

static EN: LazyLock<Words> = LazyLock::new(|| Words::load(Language::En));
static ZH_CN: LazyLock<Words> = LazyLock::new(|| Words::load(Language::ZhCn));

/// Something to say: a message's key and what it speaks of. Made by the domain, put into words at the edge.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Message {
    key: &'static str,
    args: Vec<(&'static str, Arg)>,
}

/// What a message speaks of.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
enum Arg {
    Text(String),
    Number(i64),
    /// Said as "7th", 第7.
    Ordinal(i64),
    Date(NaiveDate),
    Day(NaiveDate),
    Month(NaiveDate),
    /// Minutes after midnight, said as "15:04".
    Time(i64),
    Money(Money),
    /// A code of the vocabulary, said as its label.
    Feature(String),
    /// The same within a sentence.
    Wish(String),
    /// Several, as a list.
    Features(Vec<String>),
    Message(Box<Message>),
}

impl Message {
    /// A message without anything to fill in yet.
    pub const fn new(key: &'static str) -> Self {
        Self {
            key,
            args: Vec::new(),
        }
    }

    /// Its Fluent key.
    pub fn key(&self) -> &'static str {
        self.key
    }

    fn with(mut self, name: &'static str, arg: Arg) -> Self {
        self.args.push((name, arg));
        self
    }

    /// Fills in words.
    pub fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.with(name, Arg::Text(text.into()))
    }

    /// Fills in a number, which may choose a plural.
    pub fn number(self, name: &'static str, number: i64) -> Self {
        self.with(name, Arg::Number(number))
    }

    /// Fills in a rank: "7th", 第7.
    pub fn ordinal(self, name: &'static str, number: i64) -> Self {
        self.with(name, Arg::Ordinal(number))
    }

    /// Fills in a date.
    pub fn date(self, name: &'static str, date: NaiveDate) -> Self {
        self.with(name, Arg::Date(date))
    }

    /// Fills in a date without its year.
    pub fn day(self, name: &'static str, date: NaiveDate) -> Self {
        self.with(name, Arg::Day(date))
    }

    /// Fills in a month.
    pub fn month(self, name: &'static str, date: NaiveDate) -> Self {
        self.with(name, Arg::Month(date))
    }

    /// Fills in a time of day, in minutes after midnight.
    pub fn time(self, name: &'static str, minutes: i64) -> Self {
        self.with(name, Arg::Time(minutes))
    }

    /// Fills in an amount.
    pub fn money(self, name: &'static str, money: Money) -> Self {
        self.with(name, Arg::Money(money))
    }

    /// Fills in the label of a vocabulary code.
    pub fn feature(self, name: &'static str, code: &str) -> Self {
        self.with(name, Arg::Feature(code.into()))
    }

    /// Fills in the label of a vocabulary code within a sentence: "high floor".
    pub fn wish(self, name: &'static str, code: &str) -> Self {
        self.with(name, Arg::Wish(code.into()))
    }

    /// Fills in the labels of several vocabulary codes.
    pub fn features(self, name: &'static str, codes: Vec<String>) -> Self {
        self.with(name, Arg::Features(codes))
    }

    /// Fills in another message.
    pub fn message(self, name: &'static str, message: Message) -> Self {
        self.with(name, Arg::Message(Box::new(message)))
    }
}

/// What can be counted in a message; templates hand numbers over by reference.
pub trait Count {
    /// The number.
    fn count(self) -> i64;
}

impl Count for i64 {
    fn count(self) -> i64 {
        self
    }
}

impl Count for usize {
    fn count(self) -> i64 {
        i64::try_from(self).unwrap_or(i64::MAX)
    }
}

impl<N: Count + Copy> Count for &N {
    fn count(self) -> i64 {
        (*self).count()
    }
}

/// The messages of one language.
pub struct Words {
    /// The language.
    pub language: Language,
    bundle: fluent_bundle::concurrent::FluentBundle<FluentResource>,
    /// Messages with nothing to fill in, formatted once: they are most of every page.
    fixed: HashMap<String, String>,
    dates: dates::Dates,
}

impl Words {
    #[expect(
        clippy::panic,
        reason = "the messages are part of the binary; a test loads every language"
    )]
    fn load(language: Language) -> Self {
        let tag: unic_langid::LanguageIdentifier = match language {
            Language::En => unic_langid::langid!("en"),
            Language::ZhCn => unic_langid::langid!("zh-CN"),
        };
        let mut bundle = fluent_bundle::concurrent::FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(false);
        let mut keys = Vec::new();
        for path in Locales::iter().filter(|path| path.starts_with(&format!("{language}/"))) {
            let source =
                Locales::get(&path).map(|file| String::from_utf8_lossy(&file.data).into_owned());
            let resource = FluentResource::try_new(source.unwrap_or_default())
                .unwrap_or_else(|(_, errors)| panic!("locales/{path}: {errors:?}"));
            for entry in resource.entries() {
                if let Entry::Message(message) = entry {
                    keys.push(message.id.name.to_owned());
                }
            }
            if let Err(errors) = bundle.add_resource(resource) {
                panic!("locales/{path}: {errors:?}");
            }
        }
        let mut words = Self {
            language,
            bundle,
            fixed: HashMap::new(),
            dates: dates::Dates::new(language),
        };
        for key in keys {
            if let Some(text) = words.format_plain(&key) {
                words.fixed.insert(key, text);
            }
        }
        words
    }
}

impl Words {
    /// The text of a message that has nothing to fill in.
    ///
    /// A key that is missing is shown as itself; a test makes sure that none is.
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.fixed.get(key).map_or(key, String::as_str)
    }

    /// The text of a code under a prefix, for enums: `status` and `in_house` say `status-in_house`.
    pub fn code(&self, prefix: &str, code: impl std::fmt::Display) -> String {
        self.say(&format!("{prefix}-{code}")).to_owned()
    }

    /// The text of a message with one number, which may choose a plural.
    pub fn count(&self, key: &'static str, number: impl Count) -> String {
        self.tell(&Message::new(key).number("count", number.count()))
    }

    /// The text of a message with one word.
    pub fn fill(&self, key: &'static str, text: impl std::fmt::Display) -> String {
        self.tell(&Message::new(key).text("text", text.to_string()))
    }

    /// The text of a message.
    pub fn tell(&self, message: &Message) -> String {
        if message.args.is_empty() {
            return self.say(message.key).to_owned();
        }
        let mut args = FluentArgs::with_capacity(message.args.len());
        for (name, arg) in &message.args {
            let value = match arg {
                Arg::Number(number) => FluentValue::from(*number),
                Arg::Ordinal(number) => self.ordinal(*number).into(),
                Arg::Text(text) => FluentValue::from(text.as_str()),
                Arg::Date(date) => self.date(*date).into(),
                Arg::Day(date) => self.day(*date).into(),
                Arg::Month(date) => self.month(*date).into(),
                Arg::Time(minutes) => self.time(*minutes).into(),
                Arg::Money(money) => money.to_string().into(),
                Arg::Feature(code) => self.feature(code).into(),
                Arg::Wish(code) => self.inline(code).into(),
                Arg::Features(codes) => self.features(codes).into(),
                Arg::Message(inner) => self.tell(inner).into(),
            };
            args.set(*name, value);
        }
        self.format(message.key, Some(&args))
            .map_or_else(|| message.key.to_owned(), Cow::into_owned)
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<Cow<'_, str>> {
        let pattern = self.bundle.get_message(key)?.value()?;
        Some(Cow::Owned(
            self.bundle
                .format_pattern(pattern, args, &mut Vec::new())
                .into_owned(),
        ))
    }

    /// A message's text if it needs nothing filled in.
    fn format_plain(&self, key: &str) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, None, &mut errors)
            .into_owned();
        errors.is_empty().then_some(text)
    }

    /// "21 Nov 2026".
    pub fn date(&self, date: impl Borrow<NaiveDate>) -> String {
        self.dates.date(*date.borrow())
    }

    /// "Sat, 21 Nov 2026".
    pub fn weekday(&self, date: impl Borrow<NaiveDate>) -> String {
        self.dates.weekday(*date.borrow())
    }

    /// "21 Nov".
    pub fn day(&self, date: impl Borrow<NaiveDate>) -> String {
        self.dates.day(*date.borrow())
    }

    /// "Nov 2026".
    pub fn month(&self, date: impl Borrow<NaiveDate>) -> String {
        self.dates.month(*date.borrow())
    }

    /// "12–15 Mar 2026".
    pub fn range(&self, from: impl Borrow<NaiveDate>, to: impl Borrow<NaiveDate>) -> String {
        self.dates.range(*from.borrow(), *to.borrow())
    }

    /// "7th", 第7.
    pub fn ordinal(&self, number: i64) -> String {
        let suffix = match (number % 10, number % 100) {
            (_, 11..=13) => "th",
            (1, _) => "st",
            (2, _) => "nd",
            (3, _) => "rd",
            _ => "th",
        };
        match self.language {
            Language::En => format!("{number}{suffix}"),
            Language::ZhCn => format!("第{number}"),
        }
    }

    /// The name of a vocabulary code.
    pub fn feature<'a>(&self, code: &'a str) -> &'a str {
        crate::vocabulary::label(code, self.language)
    }

    /// The name of a vocabulary code within a sentence.
    fn inline(&self, code: &str) -> String {
        let label = self.feature(code);
        let mut letters = label.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_lowercase().chain(letters).collect()
        })
    }

    /// The names of vocabulary codes as a list.
    pub fn features(&self, codes: &[String]) -> String {
        let labels = codes.iter().enumerate().map(|(index, code)| {
            if index == 0 {
                self.feature(code).to_owned()
            } else {
                self.inline(code)
            }
        });
        self.list(labels.collect::<Vec<_>>())
    }

    /// The name of a language by its BCP 47 tag; the tag itself where it is not a usual one.
    pub fn language_name(&self, tag: &str) -> String {
        let primary = tag.split('-').next().unwrap_or(tag);
        self.fixed
            .get(&format!("language-{primary}"))
            .cloned()
            .unwrap_or_else(|| tag.to_owned())
    }

    /// "12,480".
    pub fn number(&self, number: impl Borrow<i64>) -> String {
        let number = *number.borrow();
        let digits = number.unsigned_abs().to_string();
        let mut text = String::from(if number < 0 { "−" } else { "" });
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }

    /// "15:04", from minutes after midnight; past the next one the clock begins again.
    pub fn time(&self, minutes: i64) -> String {
        format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
    }

    /// A list of words: "a, b and c".
    pub fn list(&self, items: impl AsRef<[String]>) -> String {
        let items = items.as_ref();
        let (comma, and) = match self.language {
            Language::En => (", ", " and "),
            Language::ZhCn => ("、", "和"),
        };
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [head @ .., last] => format!("{}{and}{last}", head.join(comma)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_everything_it_speaks_of() {
        let message = Message::new("visit-here")
            .ordinal("number", 5)
            .text("house", "Riverside");
        assert_eq!(Language::En.words().tell(&message), "5th at Riverside");
        assert_eq!(Language::ZhCn.words().tell(&message), "在Riverside第5次");
    }
}
