//! How a letter reads: subject, text and HTML, from what it tells. Pure.

use askama::Template;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Occasion;
use super::festivals::Festival;
use super::settings::{Look, Settings, Voice};
use crate::words::{Language, Message, Words};

/// What a letter tells. Never what a guest spent, their health, or what the staff noted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The guest, as addressed in the letter's language.
    pub name: String,
    /// The house that writes.
    pub house: String,
    /// Years since what comes round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<i64>,
    /// The stay it is about, or the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<NaiveDate>,
    /// Its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departure: Option<NaiveDate>,
    /// When they said they would arrive, in minutes after midnight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival_time: Option<i64>,
    /// The room they had more than once in this house.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// The festival.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub festival: Option<Festival>,
    /// Points that lapse soon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// The last day on which the first of them can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lapse_from: Option<NaiveDate>,
    /// The same of the last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lapse_to: Option<NaiveDate>,
    /// The tier that was reached, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// What its stays earn on top, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonus: Option<i64>,
    /// Wishes as codes of the vocabulary.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wishes: Vec<String>,
}

/// The guest's way to us.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// Where they unsubscribe.
    pub unsubscribe: String,
    /// Where they see what is known about them.
    pub me: String,
}

/// A letter as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// For programs that show no HTML.
    pub text: String,
    /// For those that do.
    pub html: String,
}

/// What the templates see.
struct Letter<'a> {
    words: &'static Words,
    occasion: Occasion,
    facts: &'a Facts,
    voice: &'a Voice,
    look: Look,
    links: &'a Links,
}

/// The language a letter is written in: the guest's, else the house's. Any Chinese is read as 简体中文; who reads another
/// language than these gets English.
pub fn language_for(guest: Option<&str>, house: &str) -> Language {
    let tag = guest.filter(|tag| !tag.is_empty()).unwrap_or(house);
    match tag.split(['-', '_']).next().unwrap_or_default() {
        "zh" => Language::ZhCn,
        _ => Language::En,
    }
}

/// Writes a letter.
pub fn render(
    occasion: Occasion,
    language: Language,
    facts: &Facts,
    settings: &Settings,
    links: &Links,
) -> Result<Rendered, askama::Error> {
    let letter = Letter {
        words: language.words(),
        occasion,
        facts,
        voice: settings.voice(language),
        look: settings.look,
        links,
    };
    let mut rendered = templates(&letter)?;
    // A subject is one line, whatever a name holds.
    rendered.subject = one_line(&rendered.subject);
    // What a letter leaves out leaves no gap.
    while rendered.text.contains("\n\n\n") {
        rendered.text = rendered.text.replace("\n\n\n", "\n\n");
    }
    Ok(rendered)
}

/// A text without line breaks, control characters, or spaces around.
pub fn one_line(text: &str) -> String {
    let visible = text.split(|c: char| c.is_control() || c.is_whitespace());
    let words: Vec<&str> = visible.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Three templates a letter.
macro_rules! letters {
    ($($occasion:ident: $subject:literal, $text:literal, $html:literal;)+) => {
        fn templates(letter: &Letter<'_>) -> Result<Rendered, askama::Error> {
            match letter.occasion {
                $(Occasion::$occasion => {
                    #[derive(Template)]
                    #[template(path = $subject)]
                    struct Subject<'a> {
                        letter: &'a Letter<'a>,
                    }
                    #[derive(Template)]
                    #[template(path = $text, whitespace = "preserve")]
                    struct Text<'a> {
                        letter: &'a Letter<'a>,
                    }
                    #[derive(Template)]
                    #[template(path = $html)]
                    struct Html<'a> {
                        letter: &'a Letter<'a>,
                    }
                    Ok(Rendered {
                        subject: Subject { letter }.render()?,
                        text: Text { letter }.render()?,
                        html: Html { letter }.render()?,
                    })
                })+
            }
        }
    };
}

letters! {
    BeforeArrival: "mail/before_arrival/subject.txt", "mail/before_arrival/body.txt", "mail/before_arrival/body.html";
    Welcome: "mail/welcome/subject.txt", "mail/welcome/body.txt", "mail/welcome/body.html";
    AfterDeparture: "mail/after_departure/subject.txt", "mail/after_departure/body.txt", "mail/after_departure/body.html";
    Birthday: "mail/birthday/subject.txt", "mail/birthday/body.txt", "mail/birthday/body.html";
    Anniversary: "mail/anniversary/subject.txt", "mail/anniversary/body.txt", "mail/anniversary/body.html";
    Festival: "mail/festival/subject.txt", "mail/festival/body.txt", "mail/festival/body.html";
    PointsExpiring: "mail/points_expiring/subject.txt", "mail/points_expiring/body.txt", "mail/points_expiring/body.html";
    TierReached: "mail/tier_reached/subject.txt", "mail/tier_reached/body.txt", "mail/tier_reached/body.html";
    MissYou: "mail/miss_you/subject.txt", "mail/miss_you/body.txt", "mail/miss_you/body.html";
}

impl Letter<'_> {
    fn lang(&self) -> &'static str {
        self.words.language.as_str()
    }

    fn say(&self, key: &'static str) -> &'static str {
        self.words.say(key)
    }

    /// A sentence about the house.
    fn house(&self, key: &'static str) -> String {
        self.words.fill(key, &self.facts.house)
    }

    fn dear(&self) -> String {
        self.words.fill("mail-dear", &self.facts.name)
    }

    fn signature(&self) -> String {
        if self.voice.signature.is_empty() {
            self.house("mail-signature")
        } else {
            self.voice.signature.clone()
        }
    }

    /// Why this letter comes.
    fn reason(&self) -> String {
        if self.occasion.is_about_stay() {
            self.house("mail-because-stay")
        } else {
            self.house("mail-because-agreed")
        }
    }

    fn accent(&self) -> &'static str {
        self.look.colours().0
    }

    fn accent_dark(&self) -> &'static str {
        self.look.colours().1
    }

    fn years(&self, key: &'static str) -> String {
        self.words.count(key, self.facts.years.unwrap_or(1))
    }

    /// The room they love, where there is one.
    fn room(&self) -> Option<String> {
        let room = self.facts.room.as_deref()?;
        Some(self.words.fill("mail-room", room))
    }

    fn stay(&self) -> String {
        match (self.facts.arrival, self.facts.departure) {
            (Some(arrival), Some(departure)) => self.words.range(arrival, departure),
            _ => String::new(),
        }
    }

    fn time(&self) -> String {
        match self.facts.arrival_time {
            Some(minutes) => self
                .words
                .fill("mail-before-time", self.words.time(minutes)),
            None => self.say("mail-before-time-unknown").to_owned(),
        }
    }

    fn wishes(&self) -> String {
        if self.facts.wishes.is_empty() {
            return self.say("mail-before-wishes-none").to_owned();
        }
        let wishes =
            Message::new("mail-before-wishes").features("wishes", self.facts.wishes.clone());
        self.words.tell(&wishes)
    }

    fn festival(&self) -> String {
        let festival = self.facts.festival.unwrap_or(Festival::NewYear);
        self.words.code("festival", festival)
    }

    fn wish(&self) -> String {
        let festival = self.facts.festival.unwrap_or(Festival::NewYear);
        self.words.code("festival-wish", festival)
    }

    /// How many points lapse, and when.
    fn points(&self) -> String {
        let (Some(from), Some(to)) = (self.facts.lapse_from, self.facts.lapse_to) else {
            return String::new();
        };
        let key = if from == to {
            "mail-points-day"
        } else {
            "mail-points-days"
        };
        let points = self.words.number(self.facts.points.unwrap_or_default());
        let points = Message::new(key).text("points", points);
        self.words.tell(&points.date("from", from).date("to", to))
    }

    /// A sentence about the tier.
    fn tier(&self, key: &'static str) -> String {
        let tier = self.facts.tier.as_deref().unwrap_or_default();
        self.words.fill(key, self.words.code("tier", tier))
    }

    /// What its stays earn on top, where they do.
    fn bonus(&self) -> Option<String> {
        let percent = self.facts.bonus.filter(|percent| *percent > 0)?;
        Some(self.words.count("mail-tier-bonus", percent))
    }

    fn last_month(&self) -> String {
        let month = self.facts.departure.map(|day| self.words.month(day));
        self.words.fill("mail-miss-last", month.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_in_the_guests_language_else_in_the_houses() {
        assert_eq!(language_for(Some("zh-TW"), "en"), Language::ZhCn);
        assert_eq!(language_for(Some("pt"), "zh-CN"), Language::En);
        assert_eq!(language_for(None, "zh-CN"), Language::ZhCn);
        assert_eq!(language_for(Some(""), "de"), Language::En);
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(
            one_line("a\r\nBcc: x@y.z\t\u{85} b\u{2028}c"),
            "a Bcc: x@y.z b c"
        );
    }
}
