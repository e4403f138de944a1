//! Wishes of one guest that can't all hold: a king bed and twin beds, a high floor liked and avoided. Pure.
//!
//! They are shown with what each rests on, for somebody to ask and settle; nothing is hidden or chosen by itself.

use super::preferences::Preference;
use crate::vocabulary;

/// Two pieces of evidence that contradict each other, the surer first.
#[derive(Clone, Copy, Debug)]
pub struct Contradiction<'a> {
    /// The surer.
    pub one: &'a Preference,
    /// What contradicts it.
    pub other: &'a Preference,
}

impl Contradiction<'_> {
    /// What contradicts what, whichever is the surer.
    fn says(&self) -> [(&str, bool); 2] {
        let mut says = [self.one, self.other].map(|one| (one.code.as_str(), one.is_wanted()));
        says.sort_unstable();
        says
    }
}

/// What contradicts each other in this evidence, which comes the surest first; at one house, or anywhere. Of several
/// pieces of evidence for a wish the surest speaks for it.
pub fn contradictions(evidence: &[Preference], property_id: Option<i64>) -> Vec<Contradiction<'_>> {
    let holds = |one: &&Preference| {
        property_id.is_none() || one.property_id.is_none() || one.property_id == property_id
    };
    let here: Vec<&Preference> = evidence.iter().filter(holds).collect();
    let mut found: Vec<Contradiction<'_>> = Vec::new();
    for (at, one) in here.iter().enumerate() {
        let others = here.iter().skip(at + 1);
        for other in others.filter(|other| contradict(one, other)) {
            let pair = Contradiction { one, other };
            if !found.iter().any(|known| known.says() == pair.says()) {
                found.push(pair);
            }
        }
    }
    found
}

/// Whether two pieces of evidence can't both hold somewhere.
pub fn contradict(one: &Preference, other: &Preference) -> bool {
    let meet = one.property_id.is_none()
        || other.property_id.is_none()
        || one.property_id == other.property_id;
    let opposed = if one.code == other.code {
        one.is_wanted() != other.is_wanted()
    } else {
        one.is_wanted() && other.is_wanted() && vocabulary::oppose(&one.code, &other.code)
    };
    meet && opposed
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::guests::preferences::{Source, Strength};

    fn wish(code: &str, strength: Strength, property_id: Option<i64>) -> Preference {
        let noted_on = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        Preference {
            id: 1,
            person_id: 1,
            code: code.into(),
            strength,
            source: Source::Stated,
            property_id,
            noted_at_property_id: None,
            noted_on,
            noted_by: None,
            note: None,
            times: 1,
            chances: 1,
            confirmed_on: None,
            noted_stay_id: None,
        }
    }

    fn pairs(evidence: &[Preference], property_id: Option<i64>) -> Vec<(&str, &str)> {
        let found = contradictions(evidence, property_id).into_iter();
        found
            .map(|pair| (pair.one.code.as_str(), pair.other.code.as_str()))
            .collect()
    }

    #[test]
    fn opposites_and_a_wish_turned_round_contradict() {
        let evidence = [
            wish("king_bed", Strength::Prefer, None),
            wish("high_floor", Strength::Prefer, None),
            wish("twin_beds", Strength::Prefer, None),
            wish("high_floor", Strength::Avoid, None),
            wish("queen_bed", Strength::Prefer, None),
            // Whoever likes neither is at one with themselves.
            wish("near_elevator", Strength::Avoid, None),
            wish("away_from_elevator", Strength::Avoid, None),
        ];
        assert_eq!(
            pairs(&evidence, None),
            [
                ("king_bed", "twin_beds"),
                ("high_floor", "high_floor"),
                ("twin_beds", "queen_bed")
            ]
        );
    }

    #[test]
    fn what_holds_in_different_houses_does_not_contradict() {
        let mut evidence = vec![
            wish("king_bed", Strength::Prefer, Some(1)),
            wish("twin_beds", Strength::Prefer, Some(2)),
        ];
        assert_eq!(pairs(&evidence, None), []);
        evidence.push(wish("twin_beds", Strength::Prefer, None));
        assert_eq!(pairs(&evidence, Some(1)), [("king_bed", "twin_beds")]);
        assert_eq!(pairs(&evidence, Some(2)), []);
    }

    #[test]
    fn a_pair_is_shown_once_by_its_surest_evidence() {
        let evidence = [
            wish("king_bed", Strength::Must, None),
            wish("twin_beds", Strength::Prefer, None),
            wish("king_bed", Strength::Prefer, None),
        ];
        assert_eq!(pairs(&evidence, None), [("king_bed", "twin_beds")]);
        assert_eq!(
            contradictions(&evidence, None)
                .first()
                .map(|pair| pair.one.strength),
            Some(Strength::Must)
        );
    }
}
