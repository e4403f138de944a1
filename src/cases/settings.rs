//! What a group decides about its cases.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Severity;
use super::limits::Limits;

/// What they are stored as.
pub const SETTINGS: &str = "cases";

/// How long a case may take, and what comes after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Minutes to put right what is minor.
    pub minor_minutes: i64,
    /// What is serious.
    pub serious_minutes: i64,
    /// What is severe.
    pub severe_minutes: i64,
    /// Days after the stay, or after a closing without the guest's word, at which the guest is asked.
    pub follow_up_days: i64,
    /// What may be given alone.
    pub limits: Limits,
}

impl Default for Settings {
    /// A day, four hours, one hour; asked two days later.
    fn default() -> Self {
        Self {
            minor_minutes: 24 * 60,
            serious_minutes: 4 * 60,
            severe_minutes: 60,
            follow_up_days: 2,
            limits: Limits::default(),
        }
    }
}

impl Settings {
    /// How long a case of this severity may take.
    pub fn time_for(&self, severity: Severity) -> TimeDelta {
        TimeDelta::minutes(match severity {
            Severity::Minor => self.minor_minutes,
            Severity::Serious => self.serious_minutes,
            Severity::Severe => self.severe_minutes,
        })
    }
}
