//! Alerts as shapes: the same on board and card, told apart by shape, word and colour.

use crate::welcome::alerts::{Alert, Subject, Tier};
use crate::words::Words;

/// An alert ready to be shown.
pub struct Pill {
    /// The class that colours it.
    pub class: &'static str,
    /// The symbol of its shape; none for plain text.
    pub icon: &'static str,
    /// A word that says how loud, where the shape alone would not be read out.
    pub word: &'static str,
    /// What it says.
    pub text: String,
    /// How we know.
    pub why: String,
}

impl Pill {
    /// An alert as it is shown.
    pub fn of(alert: &Alert, words: &'static Words) -> Self {
        let (class, icon, word) = match (alert.subject, alert.tier) {
            (Subject::Allergy, _) => ("allergy", "hexagon", words.say("word-allergy")),
            (Subject::Safety, _) => ("caution", "triangle", words.say("word-caution")),
            (Subject::Accessibility, _) => ("caution", "triangle", ""),
            (Subject::Recovery, _) => ("attend", "dot", ""),
            (Subject::Identity, _) => ("unsure", "query", ""),
            (Subject::Vip, _) => ("vip", "diamond", ""),
            (Subject::Occasion, _) => ("occasion", "star", ""),
            (Subject::Preference, Tier::Alarm | Tier::Caution) => ("caution", "triangle", ""),
            (Subject::Preference, _) => ("info", "", ""),
        };
        Self {
            class,
            icon,
            word,
            text: if alert.subject == Subject::Allergy {
                allergen(&words.tell(&alert.text))
            } else {
                words.tell(&alert.text)
            },
            why: alert
                .evidence
                .as_ref()
                .map(|why| words.tell(why))
                .unwrap_or_default(),
        }
    }

    /// What can be offered.
    pub fn offer(text: String) -> Self {
        Self {
            class: "offer",
            icon: "up",
            word: "",
            text,
            why: String::new(),
        }
    }
}

/// "Peanut allergy" stands behind the word ALLERGY: what is left to say is "Peanut".
pub fn allergen(label: &str) -> String {
    label
        .trim_end_matches(" allergy")
        .trim_end_matches("过敏")
        .to_owned()
}
