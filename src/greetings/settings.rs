//! What the house decided about its letters.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::Occasion;
use super::festivals::{Announced, Festival};
use crate::db::Conn;
use crate::settings;
use crate::text_enum;
use crate::words::Language;

const NAME: &str = "greetings";

text_enum! {
    /// The colour of a letter's frame; each is readable on its ground, in light and in dark.
    pub enum Look {
        /// Deep green.
        Forest = "forest",
        /// Dark blue.
        Ink = "ink",
        /// Burnt orange.
        Terracotta = "terracotta",
        /// Plum.
        Plum = "plum",
    }
}

impl Look {
    /// The accent on a light ground, and on a dark one.
    pub fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Forest => ("#1f4d45", "#8fc7b9"),
            Self::Ink => ("#23405f", "#9dbfe3"),
            Self::Terracotta => ("#8a4a1c", "#e7b48a"),
            Self::Plum => ("#5b2f4f", "#d9aecb"),
        }
    }
}

/// The house's own words, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Voice {
    /// A sentence before the end of every letter.
    pub closing: String,
    /// Who signs; empty is the house.
    pub signature: String,
}

/// Decisions of the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Nothing is planned and nothing goes out.
    pub paused: bool,
    /// Occasions on which nobody is written to.
    pub paused_occasions: Vec<Occasion>,
    /// Letters that are not about a stay, to one guest in thirty days.
    pub a_month: i64,
    /// When letters go out, in minutes after midnight where the guest lives.
    pub hour: i64,
    /// Days before arrival.
    pub days_before: i64,
    /// Days after departure.
    pub days_after: i64,
    /// Days before points lapse.
    pub expiry_days: i64,
    /// Fewer points than this lapse without a letter.
    pub least_points: i64,
    /// Percent of the usual gap after which a guest is missed.
    pub miss_percent: i64,
    /// Percent of the letters that are not about a stay that are not sent, for comparison.
    pub held_back_percent: i64,
    /// Festivals nobody is written to for.
    pub festivals_off: Vec<Festival>,
    /// Festivals whose announced date differs from the computed one.
    pub announced: Vec<Announced>,
    /// Days in which a booking counts as having followed a letter.
    pub window_days: i64,
    /// Letters a minute to one mail domain.
    pub per_minute: i64,
    /// Lines to the mail server that are open at once.
    pub connections: i64,
    /// The name letters come from; empty is the house's.
    pub sender: String,
    /// Where answers go; empty is where letters come from.
    pub reply_to: String,
    /// The colour.
    pub look: Look,
    /// The house's words in English.
    pub english: Voice,
    /// The same in Chinese.
    pub chinese: Voice,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            paused: false,
            paused_occasions: Vec::new(),
            a_month: 3,
            hour: 10 * 60,
            days_before: 3,
            days_after: 1,
            expiry_days: 30,
            least_points: 100,
            miss_percent: 150,
            held_back_percent: 0,
            festivals_off: Vec::new(),
            announced: Vec::new(),
            window_days: 90,
            per_minute: 600,
            connections: 8,
            sender: String::new(),
            reply_to: String::new(),
            look: Look::Forest,
            english: Voice::default(),
            chinese: Voice::default(),
        }
    }
}

impl Settings {
    /// As they stand.
    pub fn load(conn: &mut Conn) -> QueryResult<Self> {
        settings::get(conn, NAME)
    }

    /// Decides. Call it inside a write transaction.
    pub fn save(&self, conn: &mut Conn) -> QueryResult<()> {
        settings::set(conn, NAME, self)
    }

    /// Whether an occasion is switched off.
    pub fn pauses(&self, occasion: Occasion) -> bool {
        self.paused || self.paused_occasions.contains(&occasion)
    }

    /// The house's words.
    pub fn voice(&self, language: Language) -> &Voice {
        match language {
            Language::En => &self.english,
            Language::ZhCn => &self.chinese,
        }
    }
}
