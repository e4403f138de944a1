//! What must not go wrong, worst first, in an order that never changes.

use chrono::{Datelike, NaiveDate};

use super::Visit;
use crate::text_enum;
use crate::vocabulary::{self, Kind};
use crate::words::Message;

text_enum! {
    /// How loud an alert is; each has its own shape, word and colour.
    pub enum Tier {
        /// Harm to the guest: a solid band, never folded away.
        Alarm = "alarm",
        /// Must be seen to.
        Caution = "caution",
        /// Good to know.
        Occasion = "occasion",
        /// Worth a glance.
        Info = "info",
    }
}

text_enum! {
    /// What an alert is about. The order is the order of the board and the card.
    pub enum Subject {
        /// Allergy or intolerance.
        Allergy = "allergy",
        /// Safety of guest or staff.
        Safety = "safety",
        /// Accessibility.
        Accessibility = "accessibility",
        /// Something to put right.
        Recovery = "recovery",
        /// Who is this?
        Identity = "identity",
        /// Very important guest.
        Vip = "vip",
        /// Birthday, anniversary, first stay, long absence.
        Occasion = "occasion",
        /// A wish that is missing.
        Preference = "preference",
    }
}

/// One alert.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Alert {
    /// What it is about.
    pub subject: Subject,
    /// How loud.
    pub tier: Tier,
    /// What it says, short enough for the board.
    pub text: Message,
    /// How we know, or what to do first.
    pub evidence: Option<Message>,
}

/// After this many days away a guest is back after a long absence.
const LONG_ABSENCE: i64 = 365;

/// All alerts of a visit, worst first.
pub fn alerts(visit: &Visit<'_>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    needs(visit, &mut alerts);
    recovery(visit, &mut alerts);
    if !visit.candidates.is_empty() {
        let text = Message::new("alert-who").number("count", visit.candidates.len() as i64);
        alerts.push(Alert {
            subject: Subject::Identity,
            tier: Tier::Caution,
            text,
            evidence: None,
        });
    }
    if let Some(level) = visit.guest.vip_level {
        let text = Message::new("alert-vip").number("level", level);
        alerts.push(Alert {
            subject: Subject::Vip,
            tier: Tier::Occasion,
            text,
            evidence: None,
        });
    }
    alerts.extend(occasions(visit).into_iter().map(|text| Alert {
        subject: Subject::Occasion,
        tier: Tier::Occasion,
        text,
        evidence: None,
    }));
    alerts.sort_by_key(|alert| alert.subject);
    alerts
}

/// Allergies, what a guest needs to get in and around, and how they do not want to be treated.
fn needs(visit: &Visit<'_>, alerts: &mut Vec<Alert>) {
    let requested = visit.stay.requested_codes().map(|code| (code, None));
    let known = visit
        .memory
        .preferences
        .iter()
        .filter(|p| p.is_wanted())
        .map(|p| (p.code.as_str(), Some(p)));
    let mut seen: Vec<&str> = Vec::new();
    let mut access: Vec<String> = Vec::new();
    for (code, preference) in known.chain(requested) {
        let Some(feature) = vocabulary::get(code).filter(|_| !seen.contains(&code)) else {
            continue;
        };
        seen.push(code);
        let (subject, tier) = match (feature.kind, code) {
            (Kind::Allergy, _) => (Subject::Allergy, Tier::Alarm),
            (_, "do_not_name_aloud") => (Subject::Safety, Tier::Alarm),
            (_, "accessible_room" | "roll_in_shower" | "step_free") => {
                access.push(code.to_owned());
                continue;
            }
            (Kind::Diet, _) if feature.need => (Subject::Preference, Tier::Info),
            _ => continue,
        };
        let evidence = preference.map_or_else(
            || Message::new("evidence-this-booking"),
            |p| {
                Message::new("evidence-with-month")
                    .message("evidence", p.evidence())
                    .month("month", p.as_of())
            },
        );
        let text = Message::new("alert-feature").feature("feature", code);
        alerts.push(Alert {
            subject,
            tier,
            text,
            evidence: Some(evidence),
        });
    }
    if !access.is_empty() {
        let text = Message::new("alert-feature").features("feature", access);
        alerts.push(Alert {
            subject: Subject::Accessibility,
            tier: Tier::Caution,
            text,
            evidence: None,
        });
    }
}

fn recovery(visit: &Visit<'_>, alerts: &mut Vec<Alert>) {
    for case in visit.memory.open_cases() {
        let text = match &case.room {
            Some(room) => Message::new("alert-case-room").text("room", room),
            None => Message::new("alert-case"),
        };
        let text = text.number("id", case.id).text("summary", &case.summary);
        let evidence = Some(Message::new("alert-apologise"));
        alerts.push(Alert {
            subject: Subject::Recovery,
            tier: Tier::Caution,
            text,
            evidence,
        });
    }
}

/// Occasions during the stay, the nearest first; at most one of first stay, jubilee and long absence.
pub fn occasions(visit: &Visit<'_>) -> Vec<Message> {
    let mut found = Vec::new();
    if let Some(day) = visit
        .guest
        .birth_date
        .and_then(|birth| anniversary_within(birth, visit.stay.arrival, visit.stay.departure))
    {
        found.push(
            Message::new(if day == visit.today {
                "occasion-birthday-today"
            } else {
                "occasion-birthday"
            })
            .day("day", day),
        );
    }
    let number = visit.number();
    let last = visit.last_stay();
    let absence = last.map(|last| (visit.stay.arrival - last.departure).num_days());
    if last.is_none() && visit.candidates.is_empty() {
        found.push(Message::new("occasion-first"));
    } else if number >= 5 && (number % 10 == 0 || number == 5 || number == 25) {
        found.push(Message::new("occasion-jubilee").ordinal("number", number));
    } else if let Some(days) = absence.filter(|days| *days > LONG_ABSENCE) {
        found.push(Message::new("occasion-back").number("months", days / 30));
    } else if let Some(first) = visit.first_stay()
        && let Some(day) =
            anniversary_within(first.arrival, visit.stay.arrival, visit.stay.departure)
        && day.year() > first.arrival.year()
    {
        found.push(
            Message::new("occasion-anniversary")
                .number("years", i64::from(day.year() - first.arrival.year())),
        );
    }
    found
}

/// The day of a yearly date within a stay, both ends counted. Born on 29 February: 28 February in common years.
pub fn anniversary_within(date: NaiveDate, from: NaiveDate, to: NaiveDate) -> Option<NaiveDate> {
    (from.year()..=to.year())
        .filter_map(|year| {
            date.with_year(year)
                .or_else(|| NaiveDate::from_ymd_opt(year, 2, 28))
        })
        .find(|day| (from..=to).contains(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_birthday_is_found_over_new_year_and_in_common_years() {
        assert_eq!(
            anniversary_within(day("1980-01-01"), day("2026-12-30"), day("2027-01-02")),
            Some(day("2027-01-01"))
        );
        assert_eq!(
            anniversary_within(day("1980-02-29"), day("2027-02-27"), day("2027-03-01")),
            Some(day("2027-02-28"))
        );
        assert_eq!(
            anniversary_within(day("1980-05-05"), day("2026-12-30"), day("2027-01-02")),
            None
        );
    }

    #[test]
    fn the_order_of_subjects_is_the_order_of_harm() {
        assert!(
            Subject::Allergy < Subject::Safety
                && Subject::Safety < Subject::Recovery
                && Subject::Recovery < Subject::Vip
        );
    }
}
