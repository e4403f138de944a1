//! Labelled bookings: read, turned into cases for fitting, and measured by the rules of their README.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use chrono::NaiveDate;
use flate2::read::MultiGzDecoder;

use super::fitting::Case;
use super::known::{Heard, Known};
use super::model::{self, Model};
use super::signals::Signals;
use super::verdict::{self, Decision};
use crate::guests::contacts::{Email, Phone};
use crate::guests::profile::NewProfile;
use crate::secret::Keys;

/// A set of profiles and bookings of which the truth is known.
pub struct Labelled {
    known: Known,
    /// The bookings, with what is true of each.
    pub bookings: Vec<(Signals, Truth)>,
}

/// What is true of a booking.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// What the file calls the booking.
    pub reservation_id: String,
    /// The profile it belongs to, by its place in the file; none for a new guest.
    pub guest_id: Option<i64>,
    /// What was done to the data.
    pub kinds: Vec<String>,
    /// The kind of difficult case.
    pub hard: String,
    /// How much evidence there is: `ambiguous` can be decided by nobody.
    pub evidence: String,
}

type Row = HashMap<String, String>;

fn rows(directory: &Path, name: &str) -> Result<Vec<Row>, String> {
    let path = directory.join(format!("{name}.csv.gz"));
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(&path).map_err(|error| wrong(&error))?;
    csv::Reader::from_reader(MultiGzDecoder::new(file))
        .into_deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error: csv::Error| wrong(&error))
}

fn profile(row: &Row) -> NewProfile {
    let text = |name: &str| row.get(name).filter(|text| !text.is_empty()).cloned();
    let country = text("country");
    NewProfile {
        given_name: text("given_name"),
        family_name: text("family_name"),
        native_name: text("native_name"),
        email: text("email").and_then(|text| Email::parse(&text).ok()),
        phone: text("phone").and_then(|text| Phone::parse(&text, country.as_deref()).ok()),
        birth_date: text("birth_date").and_then(|text| text.parse::<NaiveDate>().ok()),
        city: text("city"),
        postal_code: text("postal_code"),
        document_number: text("document_number"),
        loyalty_number: text("loyalty_number"),
        company: text("company"),
        country,
        ..NewProfile::default()
    }
}

impl Labelled {
    /// Reads `guests`, `reservations` and `truth` (`.csv.gz`) of a folder.
    pub fn read(directory: &Path) -> Result<Self, String> {
        let secrets = Keys::from_hex(&"0".repeat(64))?;
        let mut known = Known::default();
        let mut ids: HashMap<String, i64> = HashMap::new();
        for (id, row) in (1..).zip(rows(directory, "guests")?) {
            known.remember(id, Signals::of(&profile(&row), &secrets));
            ids.insert(row.get("guest_id").cloned().unwrap_or_default(), id);
        }
        let truths: HashMap<String, Row> = rows(directory, "truth")?
            .into_iter()
            .map(|row| (row.get("reservation_id").cloned().unwrap_or_default(), row))
            .collect();
        let bookings: Vec<(Signals, Truth)> = rows(directory, "reservations")?
            .iter()
            .map(|row| {
                let truth = row.get("reservation_id").and_then(|id| truths.get(id));
                let of = |name: &str| truth.and_then(|t| t.get(name)).cloned().unwrap_or_default();
                let truth = Truth {
                    reservation_id: row.get("reservation_id").cloned().unwrap_or_default(),
                    guest_id: ids.get(&of("guest_id")).copied(),
                    kinds: of("kind").split(';').map(str::to_owned).collect(),
                    hard: of("hard"),
                    evidence: of("evidence"),
                };
                (Signals::of(&profile(row), &secrets), truth)
            })
            .collect();
        let signals: Vec<Signals> = bookings
            .iter()
            .map(|(signals, _)| signals.clone())
            .collect();
        Ok(Self {
            known: known.hearing(&Heard::of(&signals)),
            bookings,
        })
    }

    /// The bookings as cases to fit on, with what is true of each.
    pub fn cases(&self) -> Vec<Case> {
        self.bookings
            .iter()
            .map(|(signals, truth)| {
                let compared = verdict::compare(signals, &self.known);
                Case {
                    truth: compared
                        .candidates
                        .iter()
                        .position(|(candidate, _)| Some(candidate.guest_id) == truth.guest_id),
                    candidates: compared.grades,
                    nobody: model::nobody(signals),
                }
            })
            .collect()
    }

    /// What the model decides about each booking, with the truth: who came first, how likely, and the decision.
    pub fn outcomes(&self, model: &Model) -> Vec<Outcome> {
        self.bookings
            .iter()
            .map(|(signals, truth)| {
                let asks_always = Model {
                    review: 0.0,
                    ..model.clone()
                };
                let verdict = verdict::verdict(signals, &self.known, &asks_always);
                let first = verdict
                    .guest_id
                    .or(verdict.candidates.first().map(|c| c.guest_id));
                Outcome {
                    first,
                    reasons: verdict
                        .candidates
                        .first()
                        .map(|c| c.reasons.clone())
                        .unwrap_or_default(),
                    is_reached: self
                        .known
                        .candidates(signals)
                        .iter()
                        .any(|candidate| Some(candidate.guest_id) == truth.guest_id),
                    probability: verdict.probability,
                    is_linked: verdict.decision == Decision::Linked,
                    is_right: first.is_some() && first == truth.guest_id,
                    truth: truth.clone(),
                }
            })
            .collect()
    }
}

/// What was decided about a booking, beside the truth.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The first candidate.
    pub first: Option<i64>,
    /// The reasons given.
    pub reasons: String,
    /// Whether the right profile was among the candidates.
    pub is_reached: bool,
    /// How likely it is said to be.
    pub probability: f64,
    /// Whether it would be linked without a person's eye.
    pub is_linked: bool,
    /// Whether the first candidate is the right one.
    pub is_right: bool,
    /// The truth.
    pub truth: Truth,
}
