//! What stays teach: features that the rooms of a guest have in common. Pure.

use crate::vocabulary::{self, Feature, Kind};

/// Fewer stays teach nothing.
const MIN_STAYS: usize = 3;

/// A feature most of a guest's rooms had.
pub struct Lesson {
    /// The feature.
    pub feature: &'static Feature,
    /// In how many stays.
    pub times: i64,
    /// Of how many.
    pub chances: i64,
}

/// What the rooms of a guest's stays have in common: at least four of five rooms, and at least three.
///
/// Only what guests choose by taste counts; that a room is non-smoking says little about who slept in it.
pub fn lessons(rooms: &[&[String]]) -> Vec<Lesson> {
    if rooms.len() < MIN_STAYS {
        return Vec::new();
    }
    vocabulary::all()
        .iter()
        .filter(|feature| {
            matches!(
                feature.kind,
                Kind::Bed | Kind::Location | Kind::View | Kind::Room
            )
        })
        .filter_map(|feature| {
            let times = rooms
                .iter()
                .filter(|features| features.iter().any(|code| code == feature.code))
                .count();
            (times >= MIN_STAYS && times * 5 >= rooms.len() * 4).then_some(Lesson {
                feature,
                times: times as i64,
                chances: rooms.len() as i64,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_alike_teach_and_one_loud_party_does_not() {
        let high = ["high_floor".to_owned(), "non_smoking".to_owned()];
        let low = ["low_floor".to_owned()];
        let (high, low) = (high.as_slice(), low.as_slice());
        let codes = |rooms: &[&[String]]| {
            lessons(rooms)
                .iter()
                .map(|lesson| lesson.feature.code)
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(&[high, high, high, low]), Vec::<&str>::new());
        assert_eq!(codes(&[high, high, high, high, low]), vec!["high_floor"]);
        assert_eq!(codes(&[high, high]), Vec::<&str>::new());
    }
}
