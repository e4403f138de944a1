//! How a room answers a guest's wishes. Pure: wishes and a room in, verdicts out.

use chrono::NaiveDate;

use super::Room;
use crate::guests::evidence::HalfLife;
use crate::guests::preferences::{Preference, Strength};
use crate::text_enum;
use crate::vocabulary::{self, Feature};
use crate::words::Message;

text_enum! {
    /// What becomes of a wish in a room.
    pub enum Answer {
        /// The room answers it.
        Kept = "kept",
        /// The room does not.
        Missing = "missing",
        /// Somebody has to see to it.
        Prepare = "prepare",
        /// Not known: no room yet, or nothing known of the room.
        Unknown = "unknown",
    }
}

/// A wish for a room, from all the evidence there is for it.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The word for it.
    pub feature: &'static Feature,
    /// How much it matters.
    pub strength: Strength,
    /// How we know, in words.
    pub evidence: Message,
    /// When it was last known to hold.
    pub as_of: NaiveDate,
    /// So old that it should be asked again.
    pub stale: bool,
    /// Asked for with this booking.
    pub for_this_stay: bool,
    /// How much the evidence still says, in thousandths: [`Preference::weight`].
    pub certainty: i64,
}

/// What the loss of a wish weighs: a wish that was heard of, and one that this booking asks for.
const KNOWN: i64 = 100;
const ASKED: i64 = 150;

impl Wish {
    /// What its loss weighs, by strength, evidence and age.
    pub fn weight(&self) -> i64 {
        let heard = if self.for_this_stay { ASKED } else { KNOWN };
        let weight = heard * self.certainty / 1_000;
        // A must is never traded away for its age.
        if self.is_need() {
            weight.max(heard)
        } else {
            weight.max(1)
        }
    }

    /// Whether it is to be had, and not to be avoided.
    pub fn is_wanted(&self) -> bool {
        matches!(self.strength, Strength::Must | Strength::Prefer)
    }

    /// Whether a room without it is out of the question.
    pub fn is_need(&self) -> bool {
        self.strength == Strength::Must
            || self.strength == Strength::Never
            || (self.feature.need && self.is_wanted())
    }
}

/// The wishes that concern a room, one each: what this booking asked for, then the surest evidence.
///
/// `evidence` comes the surest first; `requested` are the codes of this booking.
pub fn wishes(
    evidence: &[Preference],
    requested: &[&str],
    property_id: i64,
    booked_on: NaiveDate,
    today: NaiveDate,
    half_life: HalfLife,
) -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    for feature in requested.iter().filter_map(|code| vocabulary::get(code)) {
        wishes.push(Wish {
            feature,
            strength: if feature.need {
                Strength::Must
            } else {
                Strength::Prefer
            },
            evidence: Message::new("evidence-this-booking"),
            as_of: booked_on,
            stale: false,
            for_this_stay: true,
            certainty: 1_000,
        });
    }
    for preference in evidence
        .iter()
        .filter(|p| p.property_id.is_none_or(|id| id == property_id))
    {
        let Some(feature) = preference.feature() else {
            continue;
        };
        if wishes.iter().any(|wish| wish.feature.code == feature.code) {
            continue;
        }
        wishes.push(Wish {
            feature,
            strength: preference.strength,
            evidence: preference.evidence(),
            as_of: preference.as_of(),
            stale: preference.is_stale(today),
            for_this_stay: false,
            certainty: (preference.weight(today, half_life) * 1_000.0) as i64,
        });
    }
    wishes.retain(|wish| {
        wish.feature.is_of_a_room() || wish.feature.is_prepared() || is_bedding(wish.feature)
    });
    wishes.sort_by_key(|wish| (!wish.is_need(), !wish.for_this_stay));
    wishes
}

/// Allergies that the room itself must answer: no flowers, no scent.
fn is_bedding(feature: &Feature) -> bool {
    matches!(
        feature.code,
        "pollen_allergy" | "scent_free" | "latex_allergy"
    )
}

/// What a room does for one wish. `usual_room` is the room of the last stay in this house.
pub fn answer(wish: &Wish, room: Option<&Room>, usual_room: Option<i64>) -> Answer {
    if !wish.feature.is_of_a_room() {
        // Some rooms have it for good: nothing to prepare.
        let there = room.is_some_and(|room| wish.is_wanted() && room.has(wish.feature.code));
        return if there { Answer::Kept } else { Answer::Prepare };
    }
    let Some(room) = room else {
        return Answer::Unknown;
    };
    let yes = |holds: bool| {
        if holds == wish.is_wanted() {
            Answer::Kept
        } else {
            Answer::Missing
        }
    };
    if wish.feature.code == "same_room" {
        return usual_room.map_or(Answer::Unknown, |usual| yes(usual == room.id));
    }
    if room.features.is_empty() {
        Answer::Unknown
    } else {
        yes(room.has(wish.feature.code))
    }
}

/// How many of the wishes that a room can answer it answers: kept, and how many there are.
pub fn score(wishes: &[Wish], room: &Room, usual_room: Option<i64>) -> (usize, usize) {
    let answers = wishes
        .iter()
        .map(|wish| answer(wish, Some(room), usual_room));
    answers.fold((0, 0), |(kept, of), answer| match answer {
        Answer::Kept => (kept + 1, of + 1),
        Answer::Missing => (kept, of + 1),
        Answer::Prepare | Answer::Unknown => (kept, of),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::Housekeeping;

    fn room(features: &[&str]) -> Room {
        Room {
            id: 7,
            property_id: 1,
            number: "1208".into(),
            room_type_id: 1,
            type_name: "River king".into(),
            rank: 1,
            floor: Some(12),
            capacity: 2,
            housekeeping: Housekeeping::Clean,
            features: features.iter().map(|&code| code.into()).collect(),
        }
    }

    fn wish(code: &str, strength: Strength) -> Wish {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        Wish {
            feature: vocabulary::get(code).unwrap(),
            strength,
            evidence: Message::new("evidence-stated"),
            as_of: day,
            stale: false,
            for_this_stay: false,
            certainty: 1_000,
        }
    }

    #[test]
    fn a_wish_is_kept_missing_to_prepare_or_unknown() {
        let river = room(&["high_floor", "river_view"]);
        assert_eq!(
            answer(&wish("high_floor", Strength::Prefer), Some(&river), None),
            Answer::Kept
        );
        assert_eq!(
            answer(&wish("bathtub", Strength::Prefer), Some(&river), None),
            Answer::Missing
        );
        assert_eq!(
            answer(&wish("high_floor", Strength::Avoid), Some(&river), None),
            Answer::Missing
        );
        assert_eq!(
            answer(&wish("humidifier", Strength::Must), Some(&river), None),
            Answer::Prepare
        );
        assert_eq!(
            answer(&wish("high_floor", Strength::Prefer), None, None),
            Answer::Unknown
        );
        assert_eq!(
            answer(
                &wish("high_floor", Strength::Prefer),
                Some(&room(&[])),
                None
            ),
            Answer::Unknown
        );
        assert_eq!(
            answer(&wish("same_room", Strength::Prefer), Some(&river), Some(7)),
            Answer::Kept
        );
    }

    #[test]
    fn the_score_counts_what_a_room_can_answer() {
        let wishes = [
            wish("high_floor", Strength::Prefer),
            wish("bathtub", Strength::Prefer),
            wish("fruit", Strength::Prefer),
        ];
        assert_eq!(score(&wishes, &room(&["high_floor"]), None), (1, 2));
    }
}
