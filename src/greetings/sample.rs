//! A letter to nobody, for those who look at how letters read.

use chrono::{Days, NaiveDate};

use super::festivals::Festival;
use super::letter::Facts;
use crate::words::Language;

/// What such a letter tells, on a day: something of everything a letter may hold.
pub fn facts(language: Language, house: &str, day: NaiveDate) -> Facts {
    let later = |days| day.checked_add_days(Days::new(days));
    let (name, festival) = match language {
        Language::En => ("Ms Ouyang", Festival::NewYear),
        Language::ZhCn => ("欧阳娜娜女士", Festival::SpringFestival),
    };
    Facts {
        name: name.into(),
        house: house.into(),
        years: Some(6),
        arrival: later(3),
        departure: later(6),
        arrival_time: Some(15 * 60 + 30),
        room: Some("1208".into()),
        festival: Some(festival),
        points: Some(12_400),
        lapse_from: later(28),
        lapse_to: later(30),
        tier: Some("gold".into()),
        bonus: Some(25),
        wishes: vec!["high_floor".into(), "river_view".into()],
    }
}
