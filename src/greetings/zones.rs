//! At which moment it is a decent hour where a guest lives. Pure.

use chrono::{Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Tz;

/// Letters go out between these hours, in minutes after midnight.
pub const DECENT: (i64, i64) = (7 * 60, 21 * 60);

/// The zone that stands for a country. Where it spans several, one in the middle: ten in the morning there is a decent
/// hour from coast to coast.
const ZONES: &[(&str, Tz)] = &[
    ("AE", Tz::Asia__Dubai),
    ("AR", Tz::America__Argentina__Buenos_Aires),
    ("AT", Tz::Europe__Vienna),
    ("AU", Tz::Australia__Adelaide),
    ("BE", Tz::Europe__Brussels),
    ("BG", Tz::Europe__Sofia),
    ("BR", Tz::America__Sao_Paulo),
    ("CA", Tz::America__Winnipeg),
    ("CH", Tz::Europe__Zurich),
    ("CL", Tz::America__Santiago),
    ("CN", Tz::Asia__Shanghai),
    ("CO", Tz::America__Bogota),
    ("CZ", Tz::Europe__Prague),
    ("DE", Tz::Europe__Berlin),
    ("DK", Tz::Europe__Copenhagen),
    ("EG", Tz::Africa__Cairo),
    ("ES", Tz::Europe__Madrid),
    ("FI", Tz::Europe__Helsinki),
    ("FR", Tz::Europe__Paris),
    ("GB", Tz::Europe__London),
    ("GR", Tz::Europe__Athens),
    ("HK", Tz::Asia__Hong_Kong),
    ("HU", Tz::Europe__Budapest),
    ("ID", Tz::Asia__Jakarta),
    ("IE", Tz::Europe__Dublin),
    ("IL", Tz::Asia__Jerusalem),
    ("IN", Tz::Asia__Kolkata),
    ("IR", Tz::Asia__Tehran),
    ("IT", Tz::Europe__Rome),
    ("JP", Tz::Asia__Tokyo),
    ("KR", Tz::Asia__Seoul),
    ("KW", Tz::Asia__Kuwait),
    ("MA", Tz::Africa__Casablanca),
    ("MO", Tz::Asia__Macau),
    ("MX", Tz::America__Mexico_City),
    ("MY", Tz::Asia__Kuala_Lumpur),
    ("NG", Tz::Africa__Lagos),
    ("NL", Tz::Europe__Amsterdam),
    ("NO", Tz::Europe__Oslo),
    ("NZ", Tz::Pacific__Auckland),
    ("PE", Tz::America__Lima),
    ("PH", Tz::Asia__Manila),
    ("PK", Tz::Asia__Karachi),
    ("PL", Tz::Europe__Warsaw),
    ("PT", Tz::Europe__Lisbon),
    ("QA", Tz::Asia__Qatar),
    ("RO", Tz::Europe__Bucharest),
    ("RU", Tz::Europe__Samara),
    ("SA", Tz::Asia__Riyadh),
    ("SE", Tz::Europe__Stockholm),
    ("SG", Tz::Asia__Singapore),
    ("TH", Tz::Asia__Bangkok),
    ("TR", Tz::Europe__Istanbul),
    ("TW", Tz::Asia__Taipei),
    ("UA", Tz::Europe__Kyiv),
    ("US", Tz::America__Chicago),
    ("VN", Tz::Asia__Ho_Chi_Minh),
    ("ZA", Tz::Africa__Johannesburg),
];

/// The zone a guest is taken to live in: their country's, else the house's.
pub fn of_guest(country: Option<&str>, house: &str) -> Tz {
    country
        .and_then(|country| ZONES.iter().find(|(code, _)| *code == country))
        .map(|(_, zone)| *zone)
        .or_else(|| house.parse().ok())
        .unwrap_or(Tz::UTC)
}

/// The moment in UTC at which clocks of a zone show so many minutes after midnight on a day.
///
/// A time that a clock change leaves out is as much later as the change; of one that comes twice, the first counts.
pub fn moment(day: NaiveDate, minutes: i64, zone: Tz) -> NaiveDateTime {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let mut local = midnight + Duration::minutes(minutes);
    // No zone ever left out more than a day.
    for _ in 0..48 {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.naive_utc(),
            LocalResult::None => local += Duration::minutes(30),
        }
    }
    local
}

/// The next decent moment from one on: at once, or at the usual hour where it is too early or too late in the zone.
pub fn decent(now: NaiveDateTime, hour: i64, zone: Tz) -> NaiveDateTime {
    let local = zone.from_utc_datetime(&now).naive_local();
    let minutes = i64::from(local.hour() * 60 + local.minute());
    let day = local.date();
    if minutes < DECENT.0 {
        moment(day, hour, zone)
    } else if minutes <= DECENT.1 {
        now
    } else {
        moment(day.succ_opt().unwrap_or(day), hour, zone)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn countries_are_in_order_and_once() {
        assert!(ZONES.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(of_guest(Some("JP"), "Europe/Paris"), Tz::Asia__Tokyo);
        assert_eq!(of_guest(Some("XX"), "Europe/Paris"), Tz::Europe__Paris);
        assert_eq!(of_guest(None, "nowhere"), Tz::UTC);
    }

    #[test]
    fn nobody_is_written_to_at_night() {
        let at = |text: &str| -> NaiveDateTime { text.parse().unwrap() };
        let decent = |now: &str| decent(at(now), 600, Tz::Asia__Tokyo);
        assert_eq!(
            decent("2026-05-01T05:00:00"),
            at("2026-05-01T05:00:00"),
            "14:00 there"
        );
        assert_eq!(
            decent("2026-05-01T14:00:00"),
            at("2026-05-02T01:00:00"),
            "23:00 there"
        );
        assert_eq!(
            decent("2026-05-01T16:00:00"),
            at("2026-05-02T01:00:00"),
            "01:00 there"
        );
    }

    proptest! {
        // Whatever clocks do: the moment lies on that day there, at the hour or right after the gap.
        #[test]
        fn ten_in_the_morning_is_on_that_day_in_every_zone(
            days in 0..25_933_i64, minutes in 0..1_440_i64, zone in 0..chrono_tz::TZ_VARIANTS.len()
        ) {
            let zone = chrono_tz::TZ_VARIANTS[zone];
            let day = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + Duration::days(days);
            let there = zone.from_utc_datetime(&moment(day, minutes, zone)).naive_local();
            let wanted = day.and_time(chrono::NaiveTime::MIN) + Duration::minutes(minutes);
            let late = there - wanted;
            prop_assert!(late >= Duration::zero() && late <= Duration::hours(24), "{zone} {wanted} {there}");
        }

        // Of one zone and hour, each day has its own moment, later than the day before.
        #[test]
        fn days_follow_one_another_across_clock_changes(days in 0..25_900_i64, zone in 0..ZONES.len()) {
            let (_, zone) = ZONES[zone];
            let day = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + Duration::days(days);
            let (today, tomorrow) = (moment(day, 600, zone), moment(day + Duration::days(1), 600, zone));
            prop_assert!(tomorrow > today);
            let there = zone.from_utc_datetime(&today).naive_local();
            prop_assert_eq!(there, day.and_hms_opt(10, 0, 0).unwrap());
        }
    }
}
