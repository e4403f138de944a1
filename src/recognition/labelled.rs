//! Labelled bookings: turned into cases to fit on, and decided to be measured. Pure.

use std::sync::Arc;

use super::fitting::Case;
use super::known::{Heard, Known};
use super::model::{self, Model};
use super::signals::Signals;
use super::verdict::{self, Decision};
use crate::guests::profile::NewProfile;
use crate::secret::Keys;

/// Profiles, and bookings of which the truth is known.
#[derive(Clone)]
pub struct Labelled {
    known: Arc<Known>,
    bookings: Vec<(Signals, Truth)>,
}

impl Truth {
    /// Whether the data was made difficult in this way.
    pub fn is_of_kind(&self, kind: &str) -> bool {
        self.kinds.iter().any(|own| own == kind) || self.hard == kind
    }
}

/// What is true of a booking.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// What its file calls the booking.
    pub reservation_id: String,
    /// The profile it belongs to, by its place, the first being 1; none for a new guest.
    pub guest_id: Option<i64>,
    /// What was done to the data.
    pub kinds: Vec<String>,
    /// The kind of difficult case.
    pub hard: String,
    /// How much evidence there is: `ambiguous` can be decided by nobody.
    pub evidence: String,
}

/// What was decided about a booking, beside the truth.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The first candidate.
    pub first: Option<i64>,
    /// How likely it is said to be.
    pub probability: f64,
    /// What was decided.
    pub decision: Decision,
    /// Codes of reasons for the first candidate.
    pub reasons: String,
    /// Whether the right profile was among the candidates.
    pub is_reached: bool,
    /// Whether the first candidate is the right one.
    pub is_right: bool,
    /// The truth.
    pub truth: Truth,
}

impl Labelled {
    /// Profiles, numbered from 1, and the bookings.
    pub fn of(
        profiles: Vec<NewProfile>,
        bookings: Vec<(NewProfile, Truth)>,
    ) -> Result<Self, String> {
        // Hashes of documents are compared with each other alone: any key will do.
        let secrets = Keys::from_hex(&"0".repeat(64))?;
        let mut known = Known::default();
        for (id, profile) in (1..).zip(&profiles) {
            known.remember(id, Signals::of(profile, &secrets));
        }
        let (signals, truths): (Vec<Signals>, Vec<Truth>) = bookings
            .into_iter()
            .map(|(booked, truth)| (Signals::of(&booked, &secrets), truth))
            .unzip();
        Ok(Self {
            known: Arc::new(known.hearing(&Heard::of(&signals))),
            bookings: signals.into_iter().zip(truths).collect(),
        })
    }

    /// Only those bookings of which this holds, among the same profiles.
    pub fn only(&self, is_wanted: impl Fn(&Truth) -> bool) -> Self {
        let wanted = self.bookings.iter().filter(|(_, truth)| is_wanted(truth));
        Self {
            known: Arc::clone(&self.known),
            bookings: wanted.cloned().collect(),
        }
    }

    /// The bookings as cases to fit on.
    pub fn cases(&self) -> Vec<Case> {
        self.bookings
            .iter()
            .map(|(signals, truth)| {
                let compared = verdict::compare(signals, &self.known);
                let is_true = |id: i64| Some(id) == truth.guest_id;
                Case {
                    truth: compared
                        .candidates
                        .iter()
                        .position(|(candidate, _)| is_true(candidate.guest_id)),
                    candidates: compared.grades,
                    nobody: model::nobody(signals),
                }
            })
            .collect()
    }

    /// What the model decides about each booking.
    pub fn outcomes(&self, model: &Model) -> Vec<Outcome> {
        // Asked about everything, it names its first candidate however unlikely.
        let always = Model {
            review: 0.0,
            ..model.clone()
        };
        self.bookings
            .iter()
            .map(|(signals, truth)| self.outcome(signals, truth, &always, model.review))
            .collect()
    }

    fn outcome(&self, signals: &Signals, truth: &Truth, always: &Model, review: f64) -> Outcome {
        let verdict = verdict::verdict(signals, &self.known, always);
        let asked = verdict.candidates.first();
        let first = verdict.guest_id.or(asked.map(|judged| judged.guest_id));
        let candidates = self.known.candidates(signals);
        Outcome {
            first,
            decision: match verdict.decision {
                Decision::Review if verdict.probability < review => Decision::New,
                decision => decision,
            },
            probability: verdict.probability,
            reasons: verdict.reasons,
            is_reached: candidates
                .iter()
                .any(|candidate| Some(candidate.guest_id) == truth.guest_id),
            is_right: first.is_some() && first == truth.guest_id,
            truth: truth.clone(),
        }
    }
}
