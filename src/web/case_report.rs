//! `/reports/cases`: the manager's view of what went wrong, and the same as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde::Deserialize;

use super::desk::View;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::cases::Case;
use crate::cases::report::{self, By, Line};
use crate::clock;
use crate::words::{Money, Words};

/// The page.
#[derive(Template)]
#[template(path = "case_report.html")]
struct ReportPage {
    page: Arc<Page>,
    by: By,
    months: u32,
    since: NaiveDate,
    rows: Vec<Row>,
}

/// Cases put together, in words.
struct Row {
    name: String,
    line: Line,
    share: usize,
    median: String,
    cost: String,
}

/// What is looked at.
#[derive(Default, Deserialize)]
pub struct Choice {
    by: Option<By>,
    months: Option<u32>,
}

impl ReportPage {
    fn all(&self) -> &'static [By] {
        By::ALL
    }

    fn spans(&self) -> [i64; 3] {
        [1, 3, 12]
    }

    fn is_span(&self, span: &i64) -> bool {
        i64::from(self.months) == *span
    }
}

impl Choice {
    fn by(&self) -> By {
        self.by.unwrap_or(By::House)
    }

    /// A year, a quarter or a month.
    fn months(&self) -> u32 {
        self.months
            .filter(|months| (1..=24).contains(months))
            .unwrap_or(3)
    }
}

/// What a case is put together under, as a code or a name.
fn key(case: &Case, by: By, page: &Page) -> String {
    match by {
        By::House => page.reference.name(case.property_id).to_owned(),
        By::Department => case.team.to_string(),
        By::Feature => case.feature.clone().unwrap_or_default(),
        By::Severity => case.severity.to_string(),
    }
}

/// The same for a reader.
fn name(key: &str, by: By, words: &Words) -> String {
    match by {
        By::House => key.to_owned(),
        By::Department => words.code("team", key),
        By::Feature if key.is_empty() => words.say("report-no-word").to_owned(),
        By::Feature => words.feature(key).to_owned(),
        By::Severity => words.code("severity", key),
    }
}

fn lines(
    view: &mut View<'_>,
    choice: &Choice,
) -> Result<(NaiveDate, Vec<(String, Line)>), AppError> {
    let houses: Vec<i64> = view.page.houses().map(|house| house.id).collect();
    let today = view.page.today;
    let since = today.checked_sub_months(Months::new(choice.months()));
    let since = since.unwrap_or(today);
    let midnight = |day: NaiveDate| NaiveDateTime::new(day, NaiveTime::MIN);
    let until = midnight(today + TimeDelta::days(2));
    let (cases, given) = report::load(view.conn, &houses, midnight(since), until)?;
    let (by, page) = (choice.by(), Arc::clone(&view.page));
    let lines = report::lines(&cases, &given, clock::now(), |case| key(case, by, &page));
    Ok((since, lines))
}

/// `GET /reports/cases?by=&months=`
pub async fn page(desk: Desk, choice: web::Query<Choice>) -> HttpResponse {
    desk.page(move |view| {
        let (since, lines) = lines(view, &choice)?;
        let (by, words) = (choice.by(), view.words());
        let most = lines.iter().map(|(_, line)| line.opened).max().unwrap_or(1);
        let rows = lines
            .into_iter()
            .map(|(key, line)| Row {
                name: name(&key, by, words),
                share: line.opened * 100 / most.max(1),
                median: line
                    .median
                    .map(|time| span(time, words))
                    .unwrap_or_default(),
                cost: cost(&line, words),
                line,
            })
            .collect();
        let page = ReportPage {
            page: Arc::clone(&view.page),
            by,
            months: choice.months(),
            since,
            rows,
        };
        let look = view.line("view_case_report").detail(by.as_str());
        Ok(Answer::page(&page)?.look(look))
    })
    .await
}

/// "25 min", "3 h", "2 days".
fn span(time: TimeDelta, words: &Words) -> String {
    match time.num_minutes() {
        minutes @ ..120 => words.count("span-minutes", minutes),
        minutes @ 120..2_880 => words.count("span-hours", minutes / 60),
        minutes @ 2_880.. => words.count("span-days", minutes / 1_440),
    }
}

fn cost(line: &Line, words: &Words) -> String {
    let money = line.cost.iter();
    let mut parts: Vec<String> = money
        .map(|(currency, minor)| Money::new(*minor, currency.as_str()).to_string())
        .collect();
    if line.points > 0 {
        parts.push(words.count("points-worth", line.points));
    }
    parts.join(" · ")
}

/// `GET /reports/cases.csv?by=&months=`: one line for each group and currency.
pub async fn file(desk: Desk, choice: web::Query<Choice>) -> HttpResponse {
    desk.page(move |view| {
        let (_, lines) = lines(view, &choice)?;
        let look = view.line("view_case_report").detail(choice.by().as_str());
        let file =
            csv(choice.by(), &lines).map_err(|error| AppError::Internal(error.to_string()))?;
        Ok(Answer::file("text/csv; charset=utf-8", file).look(look))
    })
    .await
}

fn csv(by: By, lines: &[(String, Line)]) -> Result<String, Box<dyn std::error::Error>> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record([
        by.as_str(),
        "opened",
        "open",
        "late",
        "satisfied",
        "not_satisfied",
        "median_minutes",
        "currency",
        "cost",
        "points",
    ])?;
    for (key, line) in lines {
        // A spreadsheet takes what begins with these for a formula.
        let key = match key.chars().next() {
            Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{key}"),
            _ => key.clone(),
        };
        let mut costs: Vec<(&str, String)> = line
            .cost
            .iter()
            .map(|(currency, minor)| {
                (
                    currency.as_str(),
                    Money::new(*minor, currency.as_str()).major(),
                )
            })
            .collect();
        if costs.is_empty() {
            costs.push(("", String::new()));
        }
        for (index, (currency, cost)) in costs.iter().enumerate() {
            // Counts stand on the first line of a group, so that columns add up.
            let first = |number: String| if index == 0 { number } else { String::new() };
            let median = line.median.map(|time| time.num_minutes().to_string());
            file.write_record([
                key.clone(),
                first(line.opened.to_string()),
                first(line.open.to_string()),
                first(line.late.to_string()),
                first(line.satisfied.to_string()),
                first(line.not_satisfied.to_string()),
                first(median.unwrap_or_default()),
                (*currency).to_owned(),
                cost.clone(),
                first(line.points.to_string()),
            ])?;
        }
    }
    Ok(String::from_utf8(file.into_inner()?)?)
}
