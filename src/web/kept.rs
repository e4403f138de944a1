//! `/promises`: how often wishes are kept, by house, by wish and over time; for managers, and as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{Months, NaiveDate};
use serde::Deserialize;

use super::desk::View;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::promises::rates::{self, Line, Rate, Rates};
use crate::vocabulary;
use crate::words::{Message, Words};

/// Spans to choose from, in months.
const SPANS: [u32; 4] = [3, 6, 12, 24];
const USUAL_SPAN: u32 = 12;

/// Width of a month in the drawing, and height of a whole bar.
const STEP: i64 = 44;
const TALL: i64 = 100;

/// Over which months.
#[derive(Clone, Deserialize)]
pub struct Query {
    months: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "promises.html")]
struct KeptPage {
    page: Arc<Page>,
    months: u32,
    spans: Vec<Span>,
    rates: Rates,
    bars: Vec<Bar>,
}

/// A span to choose.
struct Span {
    months: u32,
    label: String,
    is_chosen: bool,
}

/// A month as it is drawn.
struct Bar {
    x: i64,
    y: i64,
    height: i64,
    middle: i64,
    label: String,
    value: String,
}

impl KeptPage {
    fn told(&self, rate: &Rate) -> String {
        told(rate, self.page.words)
    }

    fn percent(&self, rate: &Rate) -> String {
        percent(rate)
    }

    fn width(&self) -> i64 {
        STEP * self.bars.len() as i64
    }

    fn house(&self, id: &i64) -> &str {
        self.page.reference.name(id)
    }

    fn month(&self, month: &NaiveDate) -> String {
        self.page.words.month(month)
    }

    fn wish<'a>(&self, code: &'a str) -> &'a str {
        vocabulary::label(code, self.page.words.language)
    }
}

fn percent(rate: &Rate) -> String {
    rate.percent()
        .map_or_else(|| "–".into(), |percent| format!("{percent} %"))
}

fn told(rate: &Rate, words: &Words) -> String {
    words.tell(
        &Message::new("promises-of")
            .number("kept", rate.kept)
            .number("of", rate.kept + rate.missed),
    )
}

/// The lines of the houses the manager's rights hold for, and the span of days they are of.
fn lines(
    view: &mut View<'_>,
    query: &Query,
) -> Result<(u32, Vec<Line>, NaiveDate, NaiveDate), AppError> {
    let asked = query
        .months
        .as_deref()
        .and_then(|months| months.parse().ok());
    let asked = asked.filter(|months| SPANS.contains(months));
    let months = asked.unwrap_or(USUAL_SPAN);
    let until = view.page.today;
    let from = until
        .checked_sub_months(Months::new(months - 1))
        .unwrap_or(until);
    let from = from - chrono::Days::new(u64::from(chrono::Datelike::day0(&from)));
    let houses: Vec<i64> = view.page.houses().map(|house| house.id).collect();
    let lines = rates::lines(view.conn, &houses, from, until)?;
    Ok((months, lines, from, until))
}

/// `GET /promises`
pub async fn page(desk: Desk, query: web::Query<Query>) -> HttpResponse {
    desk.page(move |view| {
        let (months, lines, from, until) = lines(view, &query)?;
        let rates = Rates::of(&lines, from, until);
        let bars = rates.by_month.iter().enumerate();
        let bars = bars
            .map(|(index, (month, rate))| {
                let height = rate.percent().unwrap_or(0) * TALL / 100;
                let x = index as i64 * STEP;
                Bar {
                    x: x + 6,
                    y: TALL + 20 - height,
                    height,
                    middle: x + STEP / 2,
                    label: month.format("%m").to_string(),
                    value: rate
                        .percent()
                        .map(|one| one.to_string())
                        .unwrap_or_default(),
                }
            })
            .collect();
        let spans = SPANS.map(|span| Span {
            months: span,
            label: view.words().count("promises-months", span as usize),
            is_chosen: span == months,
        });
        let page = KeptPage {
            page: Arc::clone(&view.page),
            months,
            spans: spans.into(),
            rates,
            bars,
        };
        Answer::page(&page)
    })
    .await
}

/// `GET /promises.csv`
pub async fn file(desk: Desk, query: web::Query<Query>) -> HttpResponse {
    desk.page(move |view| {
        let (_, lines, ..) = lines(view, &query)?;
        Ok(Answer::file("text/csv; charset=utf-8", csv(view, &lines)?))
    })
    .await
}

fn csv(view: &View<'_>, lines: &[Line]) -> Result<String, AppError> {
    let failed = |error: String| AppError::Internal(error);
    let mut file = csv::Writer::from_writer(Vec::new());
    let header = [
        "property",
        "preference",
        "month",
        "kept",
        "missed",
        "unknown",
    ];
    file.write_record(header)
        .map_err(|error| failed(error.to_string()))?;
    for line in lines {
        let house = view.page.reference.property(line.property_id);
        file.write_record([
            house.map(|house| house.code.clone()).unwrap_or_default(),
            line.code.clone(),
            line.month.clone(),
            line.kept.to_string(),
            line.missed.to_string(),
            line.unknown.to_string(),
        ])
        .map_err(|error| failed(error.to_string()))?;
    }
    let bytes = file
        .into_inner()
        .map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}
