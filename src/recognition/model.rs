//! The scorecard: what each grade of agreement is worth, summed, and read as a probability. Pure.
//!
//! Its ancestor is Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969), which adds a weight for
//! each field that agrees or differs. Theirs assumes that fields agree independently, which families and agencies belie;
//! here all weights are fitted together, as a conditional logit (McFadden 1974) over the candidates of a booking and
//! *nobody*: exactly one of them made it. The outcome is then calibrated on people the weights have not seen.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::compare::{Birth, Comparison, Contact, Hint, Place};
use super::levels::Agreement;
use super::signals::Signals;

/// A grade of a scale, by its place in [`scales`].
pub type Grade = u16;

/// What is weighed: a name, and what it can be.
pub struct Scale {
    name: &'static str,
    grades: Vec<String>,
}

/// Names as good as this one among the candidates, in classes: this one alone, two, up to five, up to fifteen, more.
const NAMESAKES: [&str; 6] = ["none", "alone", "two", "few", "some", "many"];
/// Given and family name in three classes: good, unclear, another.
const CLASSES: [&str; 3] = ["good", "unclear", "other"];

mod scale {
    pub const GIVEN: usize = 0;
    pub const FAMILY: usize = 1;
    pub const NAMES: usize = 2;
    pub const SWAPPED: usize = 3;
    pub const NATIVE: usize = 4;
    pub const NAMESAKES: usize = 5;
    pub const EMAIL: usize = 6;
    pub const PHONE: usize = 7;
    pub const DOCUMENT: usize = 8;
    pub const LOYALTY: usize = 9;
    pub const BIRTH: usize = 10;
    pub const POSTAL_CODE: usize = 11;
    pub const CITY: usize = 12;
    pub const COUNTRY: usize = 13;
    pub const COMPANY: usize = 14;
    pub const HINT: usize = 15;
    pub const SIGNALS: usize = 16;
    pub const FIRST_PAIR: usize = 17;
    pub const NOBODY: usize = 27;
    pub const STREET: usize = 28;
}

/// The scales in the order of [`scale`].
static SCALES: LazyLock<Vec<Scale>> = LazyLock::new(|| {
    fn of<T: ToString>(name: &'static str, grades: impl IntoIterator<Item = T>) -> Scale {
        let grades = grades.into_iter().map(|grade| grade.to_string()).collect();
        Scale { name, grades }
    }
    let pair = |name: &'static str, grades: Vec<&str>| {
        of(
            name,
            CLASSES
                .iter()
                .flat_map(|class| grades.iter().map(move |grade| format!("{class}×{grade}"))),
        )
    };
    let contacts = || Contact::ALL.iter().map(|c| c.as_str()).collect::<Vec<_>>();
    let places = || Place::ALL.iter().map(|c| c.as_str()).collect::<Vec<_>>();
    vec![
        of("given", Agreement::ALL),
        of("family", Agreement::ALL),
        of(
            "names",
            CLASSES.iter().flat_map(|given| {
                CLASSES
                    .iter()
                    .map(move |family| format!("{given}×{family}"))
            }),
        ),
        of("swapped", ["yes"]),
        of("native", ["yes"]),
        of("namesakes", NAMESAKES),
        of("email", Contact::ALL),
        of("phone", Contact::ALL),
        of("document", Contact::ALL),
        of("loyalty", Contact::ALL),
        of("birth", Birth::ALL),
        of("postal_code", Place::ALL),
        of("city", Place::ALL),
        of("country", Place::ALL),
        of("company", Place::ALL),
        of("hint", Hint::ALL),
        of("signals", ["0", "1", "2", "3", "4", "5"]),
        pair("given×email", contacts()),
        pair("given×phone", contacts()),
        pair("given×document", contacts()),
        pair("given×loyalty", contacts()),
        pair(
            "given×birth",
            Birth::ALL.iter().map(|c| c.as_str()).collect(),
        ),
        pair("given×postal_code", places()),
        pair("given×city", places()),
        pair("family×email", contacts()),
        pair("family×phone", contacts()),
        pair("given×hint", Hint::ALL.iter().map(|c| c.as_str()).collect()),
        of(
            "nobody",
            [
                "always",
                "loyalty",
                "document",
                "birth",
                "email",
                "phone",
                "surname_only",
                "native",
            ],
        ),
        of("street", Place::ALL),
    ]
});

/// What the labelled bookings can't teach, for none of them has it: in natural logarithms of odds. A street is worth
/// what a postal code is among people of one name, and a family shares both.
const PRIORS: [(usize, Place, f64); 3] = [
    (scale::STREET, Place::Same, 3.5),
    (scale::STREET, Place::Near, 2.0),
    (scale::STREET, Place::Differs, -0.5),
];

/// The weights before any booking was seen.
pub fn prior() -> Vec<f64> {
    let mut weights = vec![0.0; grades()];
    for (scale, grade, weight) in PRIORS {
        if let Some(prior) = weights.get_mut(usize::from(at(scale, grade as usize))) {
            *prior = weight;
        }
    }
    weights
}

/// Where each scale's grades begin.
static STARTS: LazyLock<Vec<Grade>> = LazyLock::new(|| {
    let mut next = 0;
    SCALES
        .iter()
        .map(|scale| {
            let start = next;
            next += scale.grades.len() as Grade;
            start
        })
        .collect()
});

/// How many grades there are in all.
pub fn grades() -> usize {
    SCALES.iter().map(|scale| scale.grades.len()).sum()
}

/// What a grade is called: `email=own`.
pub fn name(grade: usize) -> String {
    let mut rest = grade;
    for scale in SCALES.iter() {
        if let Some(name) = scale.grades.get(rest) {
            return format!("{}={name}", scale.name);
        }
        rest -= scale.grades.len();
    }
    String::new()
}

fn at(scale: usize, grade: usize) -> Grade {
    STARTS.get(scale).copied().unwrap_or_default() + grade as Grade
}

fn class(agreement: Agreement) -> usize {
    match agreement {
        Agreement::Different => 2,
        agreement if agreement.is_good() => 0,
        _ => 1,
    }
}

/// The independent signals that agree: the name, and each thing beside it that belongs to one person.
pub fn signals(c: &Comparison) -> usize {
    let agrees = |contact: Contact| matches!(contact, Contact::Own | Contact::Shared);
    [
        c.native
            || (c.names.family.is_good()
                && (c.names.given.is_good() || c.names.given == Agreement::Initial)),
        agrees(c.email),
        agrees(c.phone),
        agrees(c.document),
        agrees(c.loyalty),
        c.birth == Birth::Same,
        c.postal_code == Place::Same,
    ]
    .into_iter()
    .filter(|agrees| *agrees)
    .count()
}

/// The grades of a candidate; `namesakes` counts the candidates whose name agrees as well, itself included.
pub fn candidate(c: &Comparison, namesakes: usize) -> Vec<Grade> {
    let (given, family) = (class(c.names.given), class(c.names.family));
    let crowd = match namesakes {
        0 => 0,
        1 => 1,
        2 => 2,
        3..=5 => 3,
        6..=15 => 4,
        _ => 5,
    };
    let contacts = Contact::ALL.len();
    let mut grades = vec![
        at(scale::GIVEN, c.names.given as usize),
        at(scale::FAMILY, c.names.family as usize),
        at(scale::NAMES, given * CLASSES.len() + family),
        at(scale::NAMESAKES, crowd),
        at(scale::EMAIL, c.email as usize),
        at(scale::PHONE, c.phone as usize),
        at(scale::DOCUMENT, c.document as usize),
        at(scale::LOYALTY, c.loyalty as usize),
        at(scale::BIRTH, c.birth as usize),
        at(scale::POSTAL_CODE, c.postal_code as usize),
        at(scale::CITY, c.city as usize),
        at(scale::COUNTRY, c.country as usize),
        at(scale::COMPANY, c.company as usize),
        at(scale::HINT, c.hint as usize),
        at(scale::SIGNALS, signals(c).min(5)),
    ];
    let pairs = [
        (given, c.email as usize, contacts),
        (given, c.phone as usize, contacts),
        (given, c.document as usize, contacts),
        (given, c.loyalty as usize, contacts),
        (given, c.birth as usize, Birth::ALL.len()),
        (given, c.postal_code as usize, Place::ALL.len()),
        (given, c.city as usize, Place::ALL.len()),
        (family, c.email as usize, contacts),
        (family, c.phone as usize, contacts),
        (given, c.hint as usize, Hint::ALL.len()),
    ];
    for (number, (class, grade, of)) in pairs.into_iter().enumerate() {
        grades.push(at(scale::FIRST_PAIR + number, class * of + grade));
    }
    if c.street != Place::Missing {
        grades.push(at(scale::STREET, c.street as usize));
    }
    if c.names.swapped {
        grades.push(at(scale::SWAPPED, 0));
    }
    if c.native {
        grades.push(at(scale::NATIVE, 0));
    }
    grades
}

/// The grades of *nobody*: what the booking says that a returning guest or a new one would say.
pub fn nobody(booked: &Signals) -> Vec<Grade> {
    let surname_only = booked
        .readings
        .iter()
        .all(|reading| reading.given.is_empty() || reading.family.is_empty());
    let said = [
        true,
        booked.loyalty.is_some(),
        !booked.documents.is_empty(),
        booked.birth_date.is_some(),
        !booked.emails.is_empty(),
        !booked.phones.is_empty(),
        surname_only,
        booked.native.is_some(),
    ];
    said.into_iter()
        .enumerate()
        .filter(|(_, said)| *said)
        .map(|(number, _)| at(scale::NOBODY, number))
        .collect()
}

/// Weights by the names of grades, and what the sums mean.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Model {
    /// Weight of each grade, in natural logarithms of odds.
    pub weights: Vec<f64>,
    /// Calibration: the log odds as fitted, and the log odds as observed, rising.
    pub calibration: Vec<(f64, f64)>,
    /// A booking is linked from this probability on.
    pub link: f64,
    /// And asked about from this one on.
    pub review: f64,
    /// The thresholds a hotel can choose between, and what each came to on the bookings they were chosen on.
    pub points: Vec<Point>,
}

/// Thresholds, and what they came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Wrong links among ten thousand bookings, at most.
    pub wrong: f64,
    /// The share of bookings that a person is asked about, at most.
    pub asked: f64,
    /// A booking is linked from this probability on.
    pub link: f64,
    /// And asked about from this one on.
    pub review: f64,
    /// The share of returning guests who were linked rightly.
    pub linked: f64,
    /// The share of them who were linked rightly or stood first where a person was asked.
    pub found: f64,
}

/// A model as its file holds it.
#[derive(Serialize, Deserialize)]
struct Stored {
    points: Vec<Point>,
    calibration: Vec<(f64, f64)>,
    weights: std::collections::BTreeMap<String, f64>,
}

static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
    Model::read(include_str!("model.json"))
        .unwrap_or_default()
        .at(WRONG, ASKED)
});

/// Wrong links among ten thousand bookings that a hotel accepts unless it says otherwise.
pub const WRONG: f64 = 7.0;
/// The share of bookings that it is asked about at most, unless it says otherwise.
pub const ASKED: f64 = 0.33;

impl Model {
    /// The model that comes with the program.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads a model; a grade it does not know weighs nothing.
    pub fn read(json: &str) -> Result<Self, String> {
        let stored: Stored = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let known: HashMap<String, f64> = stored.weights.into_iter().collect();
        Ok(Self {
            weights: (0..grades())
                .map(|grade| known.get(&name(grade)).copied().unwrap_or_default())
                .collect(),
            calibration: stored.calibration,
            points: stored.points,
            ..Self::default()
        })
    }

    /// The same with other thresholds: those for at most so many wrong links in ten thousand, and at most this share
    /// asked about. Where there are none for exactly these, the next that are more careful.
    pub fn at(mut self, wrong: f64, asked: f64) -> Self {
        let careful = |point: &&Point| point.wrong <= wrong && point.asked <= asked;
        let rank = |point: &Point| (point.wrong, point.asked);
        let chosen = self
            .points
            .iter()
            .filter(careful)
            .max_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(Ordering::Equal));
        // Nothing careful enough: nothing is linked, and whatever is likely is asked about.
        (self.link, self.review) = chosen.map_or((f64::INFINITY, 0.5), |p| (p.link, p.review));
        self
    }

    /// The model for its file.
    pub fn write(&self) -> String {
        let rounded = |value: f64| (value * 1e4).round() / 1e4;
        let stored = Stored {
            points: self.points.clone(),
            calibration: self
                .calibration
                .iter()
                .map(|(x, y)| (rounded(*x), rounded(*y)))
                .collect(),
            weights: self
                .weights
                .iter()
                .enumerate()
                .filter(|(_, weight)| **weight != 0.0)
                .map(|(grade, weight)| (name(grade), rounded(*weight)))
                .collect(),
        };
        serde_json::to_string_pretty(&stored).unwrap_or_default()
    }

    /// The sum of the weights.
    pub fn score(&self, grades: &[Grade]) -> f64 {
        grades
            .iter()
            .filter_map(|grade| self.weights.get(usize::from(*grade)))
            .sum()
    }

    /// The share of each candidate against the others and nobody, as fitted.
    pub fn shares(&self, nobody: &[Grade], candidates: &[Vec<Grade>]) -> Vec<f64> {
        let nobody = self.score(nobody);
        let scores: Vec<f64> = candidates.iter().map(|grades| self.score(grades)).collect();
        let most = scores.iter().copied().fold(nobody, f64::max);
        let odds: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
        let all = (nobody - most).exp() + odds.iter().sum::<f64>();
        odds.iter().map(|odds| odds / all).collect()
    }

    /// What a share has turned out to mean.
    pub fn calibrated(&self, share: f64) -> f64 {
        let x = log_odds(share);
        let after = self.calibration.partition_point(|(at, _)| *at < x);
        let y = match (
            after
                .checked_sub(1)
                .and_then(|before| self.calibration.get(before)),
            self.calibration.get(after),
        ) {
            (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0).max(1e-9),
            (Some((_, y)), None) | (None, Some((_, y))) => *y,
            (None, None) => x,
        };
        1.0 / (1.0 + (-y).exp())
    }
}

/// Natural logarithm of odds, within what a probability can mean.
pub fn log_odds(share: f64) -> f64 {
    let share = share.clamp(1e-6, 1.0 - 1e-6);
    (share / (1.0 - share)).ln()
}
