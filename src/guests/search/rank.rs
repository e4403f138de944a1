//! Who is meant: how likely somebody is at the desk now, in logarithms, to be added to how well they fit. Pure.
//!
//! A fit loses about eight for a slip, which is what lies between a guest of today and one of a year ago: with a slip,
//! somebody who is here is as likely meant as somebody from long ago whose name is exactly what was typed.

use chrono::NaiveDate;

use super::Group;
use crate::stays::Status;

/// In the house, or arriving today, where the question is asked.
const AT_THIS_DESK: f32 = 3.0;
/// The same at another house; or left this one today.
const AT_ANOTHER: f32 = 1.0;
/// How fast somebody is less likely to ask for something, days before or after their stay.
const FADES: f32 = 1.2;
const DAYS: f32 = 4.0;
/// Somebody without a stay.
pub const NEVER: f32 = -9.0;

/// A stay, as far as it makes somebody likely.
#[derive(Clone, Copy, Debug)]
pub struct Presence {
    /// Where it is in its life.
    pub status: Status,
    /// First day.
    pub arrival: NaiveDate,
    /// Last day.
    pub departure: NaiveDate,
    /// Whether it is at the house that asks.
    pub here: bool,
}

/// How likely somebody asks so many days away from their stay.
pub fn by_days(days: i64) -> f32 {
    -FADES * (1.0 + days.unsigned_abs() as f32 / DAYS).ln()
}

impl Presence {
    /// Where it puts the guest.
    pub fn group(&self, today: NaiveDate) -> Group {
        match self.status {
            Status::InHouse => Group::InHouse,
            Status::Reserved if self.arrival >= today => Group::Arriving,
            _ => Group::Past,
        }
    }

    /// How likely its guest is at the desk.
    pub fn likelihood(&self, today: NaiveDate) -> f32 {
        let to_come = (self.arrival - today).num_days();
        let gone = (today - self.departure).num_days();
        let at_desk = if self.here { AT_THIS_DESK } else { AT_ANOTHER };
        match self.status {
            Status::InHouse => at_desk,
            Status::Reserved if to_come == 0 => at_desk,
            Status::Cancelled | Status::NoShow => by_days(to_come) - 2.0,
            Status::Departed if gone == 0 && self.here => AT_ANOTHER,
            _ => by_days(to_come.max(gone).max(0)) + if self.here { 0.5 } else { 0.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use Status::{Departed, InHouse, Reserved};

    fn likelihood(status: Status, arrival: i64, departure: i64, here: bool) -> f32 {
        let today = NaiveDate::default();
        let presence = Presence {
            status,
            arrival: today + TimeDelta::days(arrival),
            departure: today + TimeDelta::days(departure),
            here,
        };
        presence.likelihood(today)
    }

    #[test]
    fn who_is_here_is_more_likely_than_who_comes_and_who_came() {
        let falling = [
            likelihood(InHouse, -2, 3, true),
            likelihood(InHouse, -2, 3, false),
            likelihood(Reserved, 1, 3, true),
            likelihood(Departed, -9, -5, true),
            likelihood(Departed, -400, -390, true),
            likelihood(Departed, -3000, -2999, false),
            NEVER,
        ];
        assert!(falling.is_sorted_by(|a, b| a > b), "{falling:?}");
        let arriving = likelihood(Reserved, 0, 3, true);
        assert_eq!(arriving, likelihood(InHouse, -2, 3, true));
    }
}
