//! The cells of one row, each read into what it should be, or rejected with field, value and remedy.

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SubsecRound};
use csv::StringRecord;

use super::codes;
use super::reader::Columns;
use crate::vocabulary;
use crate::words::Money;

const LONGEST: usize = 200;
/// Characters of what is told in words, at most.
pub const LONGEST_NOTE: usize = 2000;

pub use crate::error::Rejection;

pub(super) type Parsed<T> = Result<T, Rejection>;

/// One row under its header.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    pub(super) columns: &'a Columns,
    pub(super) record: &'a StringRecord,
}

impl<'a> Cells<'a> {
    /// The cell trimmed, or nothing where it is empty or its column is missing.
    pub(super) fn raw(&self, column: &str) -> Option<&'a str> {
        let cell = self.record.get(*self.columns.get(column)?)?;
        // Our own exports guard cells that a spreadsheet would take for a formula.
        let cell = cell.trim();
        let guarded = cell
            .strip_prefix('\'')
            .filter(|rest| rest.starts_with(['=', '+', '-', '@']));
        Some(guarded.unwrap_or(cell)).filter(|cell| !cell.is_empty())
    }

    pub(super) fn text(&self, column: &str) -> Parsed<Option<String>> {
        self.bounded(column, LONGEST, false)
    }

    pub(super) fn note(&self, column: &str) -> Parsed<Option<String>> {
        self.bounded(column, LONGEST_NOTE, true)
    }

    fn bounded(&self, column: &str, longest: usize, lines: bool) -> Parsed<Option<String>> {
        let Some(text) = self.raw(column) else {
            return Ok(None);
        };
        let length = text.chars().count();
        if length > longest {
            let shown: String = text.chars().take(20).collect();
            return Err(Rejection::new(
                column,
                format!("'{shown}…' has {length} characters; at most {longest} are kept"),
            ));
        }
        let is_allowed = |c: char| !c.is_control() || (lines && matches!(c, '\n' | '\r' | '\t'));
        if !text.chars().all(is_allowed) {
            return Err(Rejection::new(
                column,
                "holds a control character; remove it",
            ));
        }
        if text.contains('\u{fffd}') {
            return Err(Rejection::new(
                column,
                format!("'{text}' holds a broken character; save the file as UTF-8"),
            ));
        }
        Ok(Some(text.into()))
    }

    /// A cell that must not be empty.
    pub(super) fn required(&self, column: &str) -> Parsed<String> {
        self.text(column)?
            .ok_or_else(|| Rejection::new(column, "is empty; this cell is required"))
    }

    /// A key of at most `longest` characters.
    pub(super) fn key(&self, column: &str, longest: usize) -> Parsed<String> {
        let key = self.required(column)?;
        if key.chars().count() > longest {
            return Err(Rejection::new(
                column,
                format!("'{key}' is longer than {longest} characters; shorten it"),
            ));
        }
        Ok(key)
    }

    /// A code of our own, read by `FromStr`, whose error lists what there is.
    pub(super) fn code<T: FromStr<Err = String>>(&self, column: &str) -> Parsed<Option<T>> {
        self.raw(column)
            .map(|text| {
                text.to_lowercase()
                    .replace([' ', '-'], "_")
                    .parse()
                    .map_err(|error: String| Rejection::new(column, error))
            })
            .transpose()
    }

    pub(super) fn date(&self, column: &str) -> Parsed<Option<NaiveDate>> {
        let Some(text) = self.raw(column) else {
            return Ok(None);
        };
        // A date and time, as some systems write it, keeps its date.
        let day = text.split(['T', ' ']).next().unwrap_or(text);
        let date = NaiveDate::parse_from_str(day, "%Y-%m-%d")
            .ok()
            .filter(|date| day.len() == 10 && (1800..=2200).contains(&date.year()));
        date.map(Some).ok_or_else(|| {
            Rejection::new(
                column,
                format!("'{text}' is not a date; write YYYY-MM-DD, such as 2026-03-31"),
            )
        })
    }

    /// A moment with its offset, in UTC to the microsecond.
    pub(super) fn instant(&self, column: &str) -> Parsed<Option<NaiveDateTime>> {
        let Some(text) = self.raw(column) else {
            return Ok(None);
        };
        let at = DateTime::parse_from_rfc3339(text)
            .ok()
            .filter(|at| (1800..=2200).contains(&at.year()));
        at.map(|at| Some(at.naive_utc().trunc_subsecs(6)))
            .ok_or_else(|| {
                let reason = format!(
                    "'{text}' is not a moment; write RFC 3339 in UTC, such as 2026-03-31T09:30:00Z"
                );
                Rejection::new(column, reason)
            })
    }

    pub(super) fn birth_date(&self, today: NaiveDate) -> Parsed<Option<NaiveDate>> {
        let date = self.date("birth_date")?;
        match date {
            Some(date) if date > today || date.year() < 1900 => Err(Rejection::new(
                "birth_date",
                format!(
                    "'{date}' cannot be a living person's birth date; correct it or leave it empty"
                ),
            )),
            date => Ok(date),
        }
    }

    pub(super) fn whole(
        &self,
        column: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Parsed<Option<i64>> {
        self.raw(column)
            .map(|text| {
                // A spreadsheet may write 2 as 2.0.
                let number = text.strip_suffix(".0").unwrap_or(text).parse().ok();
                number
                    .filter(|number| range.contains(number))
                    .ok_or_else(|| {
                        let (from, to) = (range.start(), range.end());
                        Rejection::new(
                            column,
                            format!("'{text}' is not a whole number from {from} to {to}"),
                        )
                    })
            })
            .transpose()
    }

    /// Money in minor units; a rate may not be below zero, a correction on a folio may.
    pub(super) fn money(
        &self,
        column: &str,
        currency: &str,
        may_be_negative: bool,
    ) -> Parsed<Option<i64>> {
        let Some(text) = self.raw(column) else {
            return Ok(None);
        };
        let minor = Money::parse(text, currency).map_err(|error| Rejection::new(column, error))?;
        if minor < 0 && !may_be_negative {
            return Err(Rejection::new(
                column,
                format!("'{text}' is negative; write 0 or more"),
            ));
        }
        Ok(Some(minor))
    }

    pub(super) fn country(&self, column: &str) -> Parsed<Option<String>> {
        self.raw(column)
            .map(|text| {
                codes::country(text).map(str::to_owned).ok_or_else(|| {
                    Rejection::new(
                        column,
                        format!(
                            "'{text}' is not a country; write an ISO 3166-1 code, such as PT or PRT"
                        ),
                    )
                })
            })
            .transpose()
    }

    pub(super) fn currency(&self, column: &str) -> Parsed<Option<String>> {
        self.raw(column)
            .map(|text| {
                let code = text.to_uppercase();
                let is_known = code.len() == 3 && crate::words::minor_digits(&code).is_some();
                is_known.then_some(code).ok_or_else(|| {
                    Rejection::new(
                        column,
                        format!("'{text}' is not a currency; write an ISO 4217 code, such as EUR"),
                    )
                })
            })
            .transpose()
    }

    pub(super) fn language(&self, column: &str) -> Parsed<Option<String>> {
        self.raw(column)
            .map(|text| {
                let parsed: Result<unic_langid::LanguageIdentifier, _> = text.parse();
                parsed.map(|language| language.to_string()).map_err(|_| {
                    Rejection::new(
                        column,
                        format!(
                            "'{text}' is not a language; write a BCP 47 tag, such as pt or zh-CN"
                        ),
                    )
                })
            })
            .transpose()
    }

    /// The items of a list inside a cell.
    pub(super) fn list(&self, column: &str) -> Parsed<Vec<String>> {
        let text = self.note(column)?.unwrap_or_default();
        Ok(text
            .split(';')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect())
    }

    /// One code of the vocabulary.
    pub(super) fn feature(&self, column: &str) -> Parsed<String> {
        let text = self.required(column)?;
        known_feature(column, &text)
    }

    /// A list of codes of the vocabulary.
    pub(super) fn features(&self, column: &str) -> Parsed<Vec<String>> {
        let mut codes = Vec::new();
        for item in self.list(column)? {
            codes.push(known_feature(column, &item)?);
        }
        codes.sort_unstable();
        codes.dedup();
        Ok(codes)
    }
}

fn known_feature(column: &str, text: &str) -> Parsed<String> {
    if let Some(feature) = as_feature(text) {
        return Ok(feature.code.into());
    }
    let nearest = vocabulary::all()
        .iter()
        .map(|feature| {
            (
                strsim::damerau_levenshtein(&text.to_lowercase(), feature.code),
                feature.code,
            )
        })
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map_or(String::new(), |(_, code)| {
            format!("; did you mean '{code}'?")
        });
    Err(Rejection::new(
        column,
        format!("'{text}' is not a code of the vocabulary{nearest}"),
    ))
}

/// The word of the vocabulary that a text is the code of: `High floor` is `high_floor`.
pub(super) fn as_feature(text: &str) -> Option<&'static vocabulary::Feature> {
    vocabulary::get(&text.trim().to_lowercase().replace([' ', '-'], "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(cell: &str, read: impl Fn(Cells<'_>) -> Parsed<T>) -> Result<T, String> {
        let columns = Columns::from([("c", 0)]);
        let record = StringRecord::from(vec![cell]);
        read(Cells {
            columns: &columns,
            record: &record,
        })
        .map_err(|rejection| {
            assert_eq!(rejection.column, "c");
            rejection.reason
        })
    }

    #[test]
    fn a_wrong_cell_is_named_with_its_remedy() {
        let date = |text: &str| with(text, |cells| cells.date("c")).err().unwrap();
        assert_eq!(
            date("2026-02-30"),
            "'2026-02-30' is not a date; write YYYY-MM-DD, such as 2026-03-31"
        );
        assert!(date("03/04/2026").contains("YYYY-MM-DD"));
        assert_eq!(
            with("-5", |cells| cells.money("c", "EUR", false))
                .err()
                .unwrap(),
            "'-5' is negative; write 0 or more"
        );
        assert!(
            with("12,50", |cells| cells.money("c", "EUR", false))
                .err()
                .unwrap()
                .contains("major units with a dot")
        );
        assert_eq!(
            with("quite_room", |cells| cells.features("c"))
                .err()
                .unwrap(),
            "'quite_room' is not a code of the vocabulary; did you mean 'quiet_room'?"
        );
        assert!(
            with(&"x".repeat(201), |cells| cells.text("c"))
                .err()
                .unwrap()
                .contains("201 characters; at most 200")
        );
        assert!(
            with("a\u{7}b", |cells| cells.text("c"))
                .err()
                .unwrap()
                .contains("control character")
        );
        assert!(
            with("ZZ", |cells| cells.country("c"))
                .err()
                .unwrap()
                .contains("ISO 3166-1")
        );
        assert!(
            with("Euro", |cells| cells.currency("c"))
                .err()
                .unwrap()
                .contains("ISO 4217")
        );
        assert!(
            with("portuguese", |cells| cells.language("c"))
                .err()
                .unwrap()
                .contains("BCP 47")
        );
        assert!(
            with("ten", |cells| cells.whole("c", 1..=9))
                .err()
                .unwrap()
                .contains("from 1 to 9")
        );
    }

    #[test]
    fn right_cells_are_read_and_empty_ones_are_unknown() {
        assert_eq!(
            with("PRT", |cells| cells.country("c")),
            Ok(Some("PT".into()))
        );
        assert_eq!(
            with("zh-cn", |cells| cells.language("c")),
            Ok(Some("zh-CN".into()))
        );
        assert_eq!(
            with("High floor; bathtub", |cells| cells.features("c")),
            Ok(vec!["bathtub".into(), "high_floor".into()])
        );
        assert_eq!(
            with("'+351912", |cells| cells.text("c")),
            Ok(Some("+351912".into()))
        );
        assert_eq!(with("  ", |cells| cells.date("c")), Ok(None));
        assert_eq!(
            with("0.00", |cells| cells.money("c", "EUR", false)),
            Ok(Some(0))
        );
    }
}
