//! On which days festivals fall, and whose they are. Pure.
//!
//! Movable ones are computed from their calendars by ICU, Easter by `computus`; Diwali, for which there is no calendar at
//! hand, comes from a table. A festival is greeted where it is a public holiday: by the guest's country, else by what their
//! language leaves no doubt about. Nobody's faith is kept or guessed.

use chrono::{Datelike, NaiveDate};
use icu::calendar::cal::hijri::UmmAlQura;
use icu::calendar::cal::{ChineseTraditional, Hebrew, Hijri, KoreanTraditional, Persian};
use icu::calendar::{AsCalendar, Date, Iso};
use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum! {
    /// A festival; where two fall on one day, the earlier here is greeted.
    #[allow(missing_docs, reason = "their names")]
    pub enum Festival {
        SpringFestival = "spring_festival",
        Seollal = "seollal",
        Nowruz = "nowruz",
        EidAlFitr = "eid_al_fitr",
        EidAlAdha = "eid_al_adha",
        Diwali = "diwali",
        RoshHashanah = "rosh_hashanah",
        Hanukkah = "hanukkah",
        EasterWestern = "easter_western",
        EasterOrthodox = "easter_orthodox",
        MidAutumn = "mid_autumn",
        Chuseok = "chuseok",
        LanternFestival = "lantern_festival",
        DragonBoat = "dragon_boat",
        Qixi = "qixi",
        Christmas = "christmas",
        NewYear = "new_year",
        NationalDay = "national_day",
    }
}

/// A festival whose announced date differs from the computed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Which.
    pub festival: Festival,
    /// When it is, and of which year.
    pub date: NaiveDate,
    /// For guests of this house; none is every house.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_id: Option<i64>,
}

/// Diwali, as India's public holiday.
const DIWALI: &[(i32, u32, u32)] = &[
    (2024, 10, 31),
    (2025, 10, 20),
    (2026, 11, 8),
    (2027, 10, 29),
    (2028, 10, 17),
    (2029, 11, 5),
    (2030, 10, 26),
];

/// National days: country, month, day.
const NATIONAL_DAYS: &[(&str, u32, u32)] = &[
    ("AU", 1, 26),
    ("BR", 9, 7),
    ("CA", 7, 1),
    ("CH", 8, 1),
    ("CN", 10, 1),
    ("DE", 10, 3),
    ("ES", 10, 12),
    ("FR", 7, 14),
    ("IN", 8, 15),
    ("IT", 6, 2),
    ("JP", 2, 11),
    ("KR", 8, 15),
    ("MX", 9, 16),
    ("MY", 8, 31),
    ("PL", 11, 11),
    ("PT", 6, 10),
    ("SA", 9, 23),
    ("SE", 6, 6),
    ("SG", 8, 9),
    ("TH", 12, 5),
    ("TR", 10, 29),
    ("US", 7, 4),
    ("VN", 9, 2),
    ("AE", 12, 2),
];

impl Festival {
    /// Whether it falls on a day, by its calendar.
    pub fn falls_on(self, day: NaiveDate) -> bool {
        match self {
            Self::SpringFestival => is(day, ChineseTraditional::new(), 1, 1),
            Self::LanternFestival => is(day, ChineseTraditional::new(), 1, 15),
            Self::DragonBoat => is(day, ChineseTraditional::new(), 5, 5),
            Self::Qixi => is(day, ChineseTraditional::new(), 7, 7),
            Self::MidAutumn => is(day, ChineseTraditional::new(), 8, 15),
            Self::Seollal => is(day, KoreanTraditional::new(), 1, 1),
            Self::Chuseok => is(day, KoreanTraditional::new(), 8, 15),
            Self::EidAlFitr => is(day, Hijri::<UmmAlQura>::new_umm_al_qura(), 10, 1),
            Self::EidAlAdha => is(day, Hijri::<UmmAlQura>::new_umm_al_qura(), 12, 10),
            Self::RoshHashanah => is(day, Hebrew, 1, 1),
            // The first day of eight.
            Self::Hanukkah => is(day, Hebrew, 3, 25),
            Self::Nowruz => is(day, Persian, 1, 1),
            Self::Diwali => DIWALI.contains(&(day.year(), day.month(), day.day())),
            Self::EasterWestern => easter(day.year()) == Some(day),
            Self::EasterOrthodox => orthodox_easter(day.year()) == Some(day),
            Self::Christmas => (day.month(), day.day()) == (12, 25),
            Self::NewYear => (day.month(), day.day()) == (1, 1),
            Self::NationalDay => NATIONAL_DAYS
                .iter()
                .any(|(_, month, date)| (*month, *date) == (day.month(), day.day())),
        }
    }

    /// The day nearest to one on which it falls by its calendar; none where nothing is known of that year.
    pub fn nearest(self, day: NaiveDate) -> Option<NaiveDate> {
        let away = |days: i64| day.checked_add_signed(chrono::TimeDelta::days(days));
        (0..=183)
            .flat_map(|days| [away(days), away(-days)])
            .flatten()
            .find(|near| self.falls_on(*near))
    }

    /// Whether a guest of a country and language keeps it on a day on which it falls.
    pub fn is_kept_by(self, country: Option<&str>, language: Option<&str>, day: NaiveDate) -> bool {
        let primary = language
            .and_then(|tag| tag.split(['-', '_']).next())
            .unwrap_or_default();
        let lives_in =
            |countries: &[&str]| country.is_some_and(|country| countries.contains(&country));
        let speaks = |languages: &[&str]| country.is_none() && languages.contains(&primary);
        match self {
            Self::SpringFestival | Self::MidAutumn => {
                lives_in(&["CN", "HK", "MO", "TW", "SG"]) && primary != "en" || primary == "zh"
            }
            Self::LanternFestival | Self::DragonBoat | Self::Qixi => {
                lives_in(&["CN", "TW"]) || primary == "zh" && country.is_none()
            }
            Self::Seollal | Self::Chuseok => lives_in(&["KR"]) || speaks(&["ko"]),
            Self::Nowruz => {
                lives_in(&["IR", "AF", "TJ", "AZ", "UZ", "KZ", "KG", "TM"]) || speaks(&["fa"])
            }
            Self::EidAlFitr | Self::EidAlAdha => {
                let countries = [
                    "AE", "BH", "EG", "ID", "JO", "KW", "LB", "MA", "MY", "OM", "PK", "QA", "SA",
                    "TN", "TR",
                ];
                lives_in(&countries) || speaks(&["ar"])
            }
            Self::Diwali => lives_in(&["IN", "NP", "MU"]) || speaks(&["hi"]),
            Self::RoshHashanah | Self::Hanukkah => lives_in(&["IL"]) || speaks(&["he"]),
            Self::EasterWestern => {
                let countries = [
                    "AT", "AU", "BE", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "HU",
                    "IE", "IT", "NL", "NO", "NZ", "PL", "PT", "SE",
                ];
                lives_in(&countries)
            }
            Self::EasterOrthodox => lives_in(&["BG", "CY", "GR", "MK", "RO", "RS", "UA"]),
            Self::Christmas => {
                let countries = [
                    "AT", "AU", "BE", "BR", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB",
                    "GR", "HU", "IE", "IT", "KR", "MX", "NL", "NO", "NZ", "PH", "PL", "PT", "RO",
                    "SE", "US",
                ];
                lives_in(&countries)
            }
            Self::NewYear => true,
            Self::NationalDay => NATIONAL_DAYS.iter().any(|(of, month, date)| {
                country == Some(of) && (*month, *date) == (day.month(), day.day())
            }),
        }
    }
}

/// The festivals of a day, as a house greets them: by calendar, unless another date was announced for that year.
pub fn on(day: NaiveDate, property_id: i64, announced: &[Announced]) -> Vec<Festival> {
    let of_house = |moved: &&Announced| moved.property_id.is_none_or(|id| id == property_id);
    Festival::ALL
        .iter()
        .copied()
        .filter(|festival| {
            let moved: Vec<NaiveDate> = announced
                .iter()
                .filter(of_house)
                .filter(|moved| moved.festival == *festival)
                .map(|moved| moved.date)
                .collect();
            // A year of the moon is shorter: what is announced within half a year of the computed date moves that one.
            let is_moved = moved
                .iter()
                .any(|date| (*date - day).num_days().abs() < 180);
            moved.contains(&day) || (festival.falls_on(day) && !is_moved)
        })
        .collect()
}

/// Whether a day is that day of that month in a calendar; no leap month is meant.
fn is<C: AsCalendar>(day: NaiveDate, calendar: C, month: u8, date: u8) -> bool {
    let Some(iso) = iso(day) else {
        return false;
    };
    let there = iso.to_calendar(calendar);
    let found = there.month();
    found.number() == month && !found.to_input().is_leap() && there.day_of_month().0 == date
}

fn iso(day: NaiveDate) -> Option<Date<Iso>> {
    let month = u8::try_from(day.month()).ok()?;
    Date::try_new_iso(day.year(), month, u8::try_from(day.day()).ok()?).ok()
}

fn easter(year: i32) -> Option<NaiveDate> {
    let easter = computus::gregorian(year).ok()?;
    NaiveDate::from_ymd_opt(easter.year, easter.month, easter.day)
}

/// The orthodox churches reckon by the Julian calendar, which is thirteen days behind in these centuries.
fn orthodox_easter(year: i32) -> Option<NaiveDate> {
    let easter = computus::julian(year).ok()?;
    let century = i64::from(year.div_euclid(100));
    let behind = century - century.div_euclid(4) - 2;
    NaiveDate::from_ymd_opt(easter.year, easter.month, easter.day)?
        .checked_add_signed(chrono::TimeDelta::days(behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn festivals_fall_where_the_table_says() {
        let table = include_str!("../../tests/fixtures/festival_dates_2024_2030.csv");
        let mut compared = 0;
        let known: Vec<(NaiveDate, Festival)> = table
            .lines()
            .skip(1)
            .filter_map(|line| {
                let mut cells = line.split(',');
                let date = day(cells.next().unwrap());
                Some((date, cells.next().unwrap().parse().ok()?))
            })
            .collect();
        for festival in Festival::ALL {
            if !known.iter().any(|(_, of)| of == festival) {
                continue;
            }
            let days = day("2024-01-01")
                .iter_days()
                .take_while(|day| day.year() <= 2030);
            for date in days {
                let expected = known.contains(&(date, *festival));
                assert_eq!(festival.falls_on(date), expected, "{festival} {date}");
                compared += usize::from(expected);
            }
        }
        assert_eq!(compared, known.len());
        assert!(known.len() >= 90, "{}", known.len());
    }

    #[test]
    fn each_computed_festival_falls_once_a_year_of_its_calendar() {
        for festival in Festival::ALL {
            let days = day("1990-01-01")
                .iter_days()
                .take_while(|day| day.year() <= 2060);
            let found: Vec<NaiveDate> = days.filter(|day| festival.falls_on(*day)).collect();
            // The year of the Hijri calendar is eleven days shorter: 71 years are 73 of its.
            let expected = match festival {
                Festival::Diwali => 7,
                Festival::NationalDay => {
                    71 * NATIONAL_DAYS
                        .iter()
                        .map(|d| (d.1, d.2))
                        .collect::<std::collections::BTreeSet<_>>()
                        .len()
                }
                Festival::EidAlFitr | Festival::EidAlAdha => 73,
                _ => 71,
            };
            assert!(
                found.len().abs_diff(expected) <= usize::from(expected == 73),
                "{festival}: {}",
                found.len()
            );
        }
    }

    #[test]
    fn an_announced_date_takes_the_place_of_the_computed_one() {
        let announced = [Announced {
            festival: Festival::EidAlFitr,
            date: day("2026-03-21"),
            property_id: Some(1),
        }];
        assert_eq!(on(day("2026-03-20"), 1, &announced), []);
        assert_eq!(
            on(day("2026-03-21"), 1, &announced),
            [Festival::Nowruz, Festival::EidAlFitr]
        );
        assert_eq!(on(day("2026-03-20"), 2, &announced), [Festival::EidAlFitr]);
        assert_eq!(
            on(day("2027-03-09"), 1, &announced),
            on(day("2027-03-09"), 1, &[])
        );
    }

    #[test]
    fn a_festival_is_greeted_where_it_is_a_holiday() {
        let day = day("2026-02-17");
        let kept =
            |festival: Festival, country, language| festival.is_kept_by(country, language, day);
        assert!(kept(Festival::SpringFestival, Some("CN"), None));
        assert!(kept(Festival::SpringFestival, Some("GB"), Some("zh-CN")));
        assert!(!kept(Festival::SpringFestival, Some("DE"), Some("de")));
        assert!(kept(Festival::Seollal, None, Some("ko")));
        assert!(!kept(Festival::Seollal, Some("US"), Some("ko")));
        assert!(!kept(Festival::NationalDay, Some("CN"), None));
    }
}
