//! Dates the way a reader writes them, by ICU.

use chrono::{Datelike, NaiveDate};
use icu::calendar::Gregorian;
use icu::datetime::FixedCalendarDateTimeFormatter as Formatter;
use icu::datetime::fieldsets::{MD, YM, YMD, YMDE};
use icu::locale::{Locale, locale};

use super::Language;

pub(super) struct Dates {
    date: Formatter<Gregorian, YMD>,
    weekday: Formatter<Gregorian, YMDE>,
    day: Formatter<Gregorian, MD>,
    month: Formatter<Gregorian, YM>,
    language: Language,
}

impl Dates {
    #[expect(
        clippy::expect_used,
        reason = "the locale data is compiled in; a test loads every language"
    )]
    pub(super) fn new(language: Language) -> Self {
        // British English: day before month, as most of the world reads it.
        let locale: Locale = match language {
            Language::En => locale!("en-GB"),
            Language::ZhCn => locale!("zh-CN"),
        };
        let prefs = &locale;
        Self {
            date: Formatter::try_new(prefs.into(), YMD::medium()).expect("compiled locale data"),
            weekday: Formatter::try_new(prefs.into(), YMDE::medium())
                .expect("compiled locale data"),
            day: Formatter::try_new(prefs.into(), MD::medium()).expect("compiled locale data"),
            month: Formatter::try_new(prefs.into(), YM::medium()).expect("compiled locale data"),
            language,
        }
    }

    pub(super) fn date(&self, date: NaiveDate) -> String {
        written(date, |day| self.date.format(day).to_string())
    }

    pub(super) fn weekday(&self, date: NaiveDate) -> String {
        written(date, |day| self.weekday.format(day).to_string())
    }

    pub(super) fn day(&self, date: NaiveDate) -> String {
        written(date, |day| self.day.format(day).to_string())
    }

    pub(super) fn month(&self, date: NaiveDate) -> String {
        written(date, |day| self.month.format(day).to_string())
    }

    pub(super) fn range(&self, from: NaiveDate, to: NaiveDate) -> String {
        if from == to {
            return self.date(from);
        }
        let same_year = from.year() == to.year();
        match self.language {
            Language::En if same_year && from.month() == to.month() => {
                format!("{}–{}", from.day(), self.date(to))
            }
            Language::En if same_year => format!("{} – {}", self.day(from), self.date(to)),
            Language::ZhCn if same_year => format!("{}至{}", self.date(from), self.day(to)),
            Language::ZhCn => format!("{}至{}", self.date(from), self.date(to)),
            Language::En => format!("{} – {}", self.date(from), self.date(to)),
        }
    }
}

/// A date ICU does not know (there is none in ISO years) is written as ISO 8601.
fn written(date: NaiveDate, format: impl Fn(&icu::calendar::Date<Gregorian>) -> String) -> String {
    let month = u8::try_from(date.month()).unwrap_or(1);
    let day = u8::try_from(date.day()).unwrap_or(1);
    icu::calendar::Date::try_new_gregorian(date.year(), month, day)
        .map_or_else(|_| date.to_string(), |day| format(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_the_reader_writes_them() {
        let (from, to) = (
            NaiveDate::from_ymd_opt(2026, 3, 12).unwrap(),
            NaiveDate::from_ymd_opt(2026, 3, 15).unwrap(),
        );
        let (en, zh) = (Dates::new(Language::En), Dates::new(Language::ZhCn));
        assert_eq!(en.range(from, to), "12–15 Mar 2026");
        assert_eq!(zh.range(from, to), "2026年3月12日至3月15日");
        assert_eq!(en.weekday(from), "Thu, 12 Mar 2026");
        assert_eq!(en.month(from), "Mar 2026");
    }
}
