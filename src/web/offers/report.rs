//! `/offers`: what offering earns, by rule, room type, house and clerk, over time; and as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;

use super::super::charts::{Chart, Series};
use super::super::desk::View;
use super::super::page::Page;
use super::super::spreadsheet;
use super::super::{Answer, AppError, Desk};
use crate::offers::Kind;
use crate::offers::report::{self, By, Counts, Line};
use crate::web::fields::{self, Wrong};
use crate::words::{Message, Money, Words};

/// Shown where nobody asks for other days.
const WEEKS: i64 = 8;
/// The longest time that is counted at once.
const MOST_DAYS: i64 = 366;

/// The page.
#[derive(Template)]
#[template(path = "offers.html")]
struct ReportPage {
    page: Arc<Page>,
    from: NaiveDate,
    to: NaiveDate,
    house: String,
    totals: Vec<Row>,
    groups: Vec<Group>,
    charts: Vec<Chart>,
    errors: Wrong,
}

/// A table by one thing.
struct Group {
    by: By,
    rows: Vec<Row>,
}

/// Counts with their name and money in words.
struct Row {
    name: String,
    counts: Counts,
    revenue: String,
    cost: String,
    net: String,
}

impl Row {
    fn of(name: String, currency: &str, counts: Counts) -> Self {
        let money = |minor| Money::new(minor, currency).to_string();
        Self {
            name,
            counts,
            revenue: money(counts.revenue_minor),
            cost: money(counts.cost_minor),
            net: money(counts.revenue_minor - counts.cost_minor),
        }
    }
}

impl ReportPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

/// Which days and houses.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    to: String,
    house: String,
}

/// What is counted.
struct Range {
    from: NaiveDate,
    to: NaiveDate,
    houses: Vec<i64>,
    errors: Vec<(&'static str, Message)>,
}

impl Asked {
    /// The days asked for, or the last weeks; and what can't be right.
    fn range(&self, view: &View<'_>) -> Result<Range, AppError> {
        let today = view.page.today;
        let mut errors = Vec::new();
        let mut day = |field: &'static str, text: &str, usual: NaiveDate| {
            let text = text.trim();
            text.parse().unwrap_or_else(|_| {
                if !text.is_empty() {
                    errors.push((field, Message::new("error-report-day").text("text", text)));
                }
                usual
            })
        };
        let mut to = day("to", &self.to, today);
        let mut from = day("from", &self.from, to - TimeDelta::days(7 * WEEKS - 1));
        if from > to || (to - from).num_days() > MOST_DAYS {
            let message = Message::new("error-report-range").number("days", MOST_DAYS);
            errors.push(("from", message));
            (from, to) = (today - TimeDelta::days(7 * WEEKS - 1), today);
        }
        let mut houses: Vec<i64> = view.page.houses().map(|house| house.id).collect();
        if !self.house.is_empty() {
            let house = view.page.reference.by_code(&self.house);
            let house = house.ok_or(AppError::NotFound)?;
            houses = vec![view.in_house(house.id)?.id];
        }
        Ok(Range {
            from,
            to,
            houses,
            errors,
        })
    }
}

/// `GET /offers`
pub async fn page(desk: Desk, asked: web::Query<Asked>) -> HttpResponse {
    desk.page(move |view| {
        let range = asked.range(view)?;
        let lines = report::lines(view.conn, &range.houses, range.from, range.to)?;
        let words = view.words();
        let totals = report::totals(&lines).into_iter();
        let page = ReportPage {
            totals: totals
                .map(|(currency, counts)| Row::of(currency.clone(), &currency, counts))
                .collect(),
            groups: By::ALL.iter().map(|by| group(*by, &lines, view)).collect(),
            charts: charts(&lines, &range, words),
            from: range.from,
            to: range.to,
            house: asked.house.clone(),
            errors: range
                .errors
                .iter()
                .map(|(field, message)| (*field, words.tell(message)))
                .collect(),
            page: Arc::clone(&view.page),
        };
        let look = view
            .line("view_offers")
            .detail(format!("{} {}", range.from, range.to));
        Ok(Answer::page(&page)?.look(look))
    })
    .await
}

fn group(by: By, lines: &[Line], view: &View<'_>) -> Group {
    let words = view.words();
    let name = |line: &Line| match by {
        By::Rule => line.rule.clone(),
        By::What => what(line, words),
        By::House => view.page.reference.name(line.property_id).to_owned(),
        By::Clerk => line.clerk.clone().unwrap_or_default(),
    };
    let rows = report::grouped(lines, name);
    Group {
        by,
        rows: rows
            .into_iter()
            .map(|(name, currency, counts)| Row::of(name, &currency, counts))
            .collect(),
    }
}

fn what(line: &Line, words: &Words) -> String {
    match (line.kind, &line.type_name) {
        (Kind::Upgrade, Some(name)) => name.clone(),
        (kind, _) => words.code("offer-kind", kind),
    }
}

/// Offers by week; and for each currency what they brought and cost.
fn charts(lines: &[Line], range: &Range, words: &Words) -> Vec<Chart> {
    if lines.is_empty() {
        return Vec::new();
    }
    let weeks = report::weeks(lines, range.from, range.to);
    let labels: Vec<String> = weeks.iter().map(|(start, _)| words.day(*start)).collect();
    let plain = |values: Vec<i64>| {
        let shown: Vec<String> = values.iter().map(|value| words.number(*value)).collect();
        (values, shown)
    };
    let counted =
        |pick: fn(&Counts) -> i64| plain(weeks.iter().map(|(_, counts)| pick(counts)).collect());
    let mut charts = vec![Chart::new(
        words.say("report-by-week"),
        words.say("report-week"),
        &labels,
        vec![
            Series::new(words.say("report-made"), counted(|counts| counts.made)),
            Series::new(
                words.say("report-accepted"),
                counted(|counts| counts.accepted),
            ),
        ],
    )];
    for currency in report::totals(lines).into_keys() {
        let own: Vec<Line> = lines
            .iter()
            .filter(|line| line.currency == currency)
            .cloned()
            .collect();
        let weeks = report::weeks(&own, range.from, range.to);
        let money = |pick: fn(&Counts) -> i64| {
            let values: Vec<i64> = weeks.iter().map(|(_, counts)| pick(counts)).collect();
            let shown: Vec<String> = values
                .iter()
                .map(|minor| Money::new(*minor, currency.clone()).to_string())
                .collect();
            (values, shown)
        };
        charts.push(Chart::new(
            &words.fill("report-money", &currency),
            words.say("report-week"),
            &labels,
            vec![
                Series::new(
                    words.say("report-revenue"),
                    money(|counts| counts.revenue_minor),
                ),
                Series::new(words.say("report-cost"), money(|counts| counts.cost_minor)),
            ],
        ));
    }
    charts
}

/// `GET /offers.csv`: every offer of those days, a line each.
pub async fn file(desk: Desk, asked: web::Query<Asked>) -> HttpResponse {
    desk.page(move |view| {
        let range = asked.range(view)?;
        let lines = report::lines(view.conn, &range.houses, range.from, range.to)?;
        let header = [
            "date",
            "property",
            "rule",
            "kind",
            "room_type",
            "clerk",
            "state",
            "price",
            "cost",
            "worth",
            "currency",
        ];
        let rows = lines.iter().map(|line| {
            let major = |minor| Money::new(minor, line.currency.clone()).major();
            let house = view.page.reference.property(line.property_id);
            vec![
                line.made_on.to_string(),
                house.map(|house| house.code.clone()).unwrap_or_default(),
                line.rule.clone(),
                line.kind.to_string(),
                line.type_name.clone().unwrap_or_default(),
                line.clerk.clone().unwrap_or_default(),
                line.state.to_string(),
                major(line.price_minor),
                major(line.cost_minor),
                major(line.worth_minor),
                line.currency.clone(),
            ]
        });
        let file = spreadsheet::csv(&header, rows)?;
        let look = view
            .line("view_offers")
            .detail(format!("{} {} csv", range.from, range.to));
        Ok(Answer::file("text/csv; charset=utf-8", file).look(look))
    })
    .await
}
