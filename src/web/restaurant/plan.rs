//! The floor plan, for managers: a form for each table, the drawing beside it.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::{Here, path};
use crate::dining::editing::{self, Drawn};
use crate::dining::outlet::{Meal, Service};
use crate::dining::seating::is_of_a_table;
use crate::dining::table::{MarkKind, Plan, Shape, Table};
use crate::error::FieldError;
use crate::vocabulary::{self, Feature};
use crate::web::desk::View;
use crate::web::fields::{self, Reading, Wrong};
use crate::web::form::Form;
use crate::web::login::Nothing;
use crate::web::page::Page;
use crate::web::{Answer, AppError, Desk};
use crate::words::Message;

/// The page.
#[derive(Template)]
#[template(path = "plan.html")]
struct PlanPage {
    page: Arc<Page>,
    here: Here,
    plan: Plan,
    /// The table that is edited; none is a new one.
    table: Option<i64>,
    typed: TableForm,
    errors: Wrong,
}

impl PlanPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn base(&self) -> String {
        self.here.path()
    }

    fn action(&self) -> String {
        match self.table {
            Some(id) => format!("{}/plan/tables/{id}", self.base()),
            None => format!("{}/plan/tables", self.base()),
        }
    }

    fn features(&self) -> Vec<&'static Feature> {
        vocabulary::all()
            .iter()
            .filter(|feature| is_of_a_table(feature))
            .collect()
    }

    fn has(&self, feature: &Feature) -> bool {
        self.typed.feature.iter().any(|code| code == feature.code)
    }

    fn shapes(&self) -> &'static [Shape] {
        Shape::ALL
    }

    fn kinds(&self) -> &'static [MarkKind] {
        MarkKind::ALL
    }

    fn meals(&self) -> &'static [Meal] {
        Meal::ALL
    }

    fn weekday(&self, date: &NaiveDate) -> String {
        self.page.words.weekday(date)
    }

    fn is_chosen(&self, id: &i64) -> bool {
        self.table == Some(*id)
    }

    fn is_round(&self, table: &Table) -> bool {
        table.shape == Shape::Round
    }

    /// Where a table's drawing begins.
    fn corner(&self, middle: &i64, size: &i64) -> i64 {
        middle - size / 2
    }

    fn half(&self, size: &i64) -> i64 {
        size / 2
    }

    /// "Mon, Tue".
    fn days(&self, service: &Service) -> String {
        let days = (0..7).filter(|day| service.weekdays >> day & 1 == 1);
        let names: Vec<String> = days
            .map(|day| self.page.words.code("weekday", day))
            .collect();
        if names.len() == 7 {
            return self.page.say("every-day").to_owned();
        }
        names.join(", ")
    }

    fn hours(&self, service: &Service) -> String {
        let words = self.page.words;
        format!(
            "{}–{}",
            words.time(service.opens_at),
            words.time(service.closes_at % 1440)
        )
    }

    fn meal(&self, meal: &Meal) -> String {
        self.page.words.tell(&super::stand::meal_name(*meal))
    }
}

/// A table as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct TableForm {
    name: String,
    shape: String,
    x: String,
    y: String,
    width: String,
    height: String,
    rotation: String,
    seats: String,
    feature: Vec<String>,
    /// A nudge: `left`, `right`, `up`, `down`, `turn`.
    nudge: String,
}

impl TableForm {
    fn of(table: &Table) -> Self {
        Self {
            name: table.name.clone(),
            shape: table.shape.to_string(),
            x: table.x.to_string(),
            y: table.y.to_string(),
            width: table.width.to_string(),
            height: table.height.to_string(),
            rotation: table.rotation.to_string(),
            seats: table.seats.to_string(),
            feature: table.features.clone(),
            nudge: String::new(),
        }
    }

    fn understand(&self, here: &Here) -> Result<(Drawn, Vec<String>), AppError> {
        let mut reading = Reading::default();
        let outlet = &here.outlet;
        let mut drawn = Drawn {
            name: self.name.trim().to_owned(),
            shape: self.shape.parse().unwrap_or(Shape::Square),
            x: reading.number("x", &self.x, 0, outlet.width),
            y: reading.number("y", &self.y, 0, outlet.height),
            width: reading.number("width", &self.width, 30, 1000),
            height: reading.number("height", &self.height, 30, 1000),
            rotation: reading.number("rotation", &self.rotation, 0, 359),
            seats: reading.number("seats", &self.seats, 1, 40),
        };
        if !(1..=8).contains(&drawn.name.chars().count()) || drawn.name.contains('+') {
            let message = Message::new("error-table-name").text("text", &drawn.name);
            reading.wrong("name", message);
        }
        match self.nudge.as_str() {
            "left" => drawn.x = (drawn.x - 10).max(0),
            "right" => drawn.x = (drawn.x + 10).min(outlet.width),
            "up" => drawn.y = (drawn.y - 10).max(0),
            "down" => drawn.y = (drawn.y + 10).min(outlet.height),
            "turn" => drawn.rotation = (drawn.rotation + 15) % 360,
            _ => {}
        }
        let features = self
            .feature
            .iter()
            .filter(|code| vocabulary::get(code).is_some_and(is_of_a_table))
            .cloned()
            .collect();
        reading.done(Some((drawn, features)))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    table: String,
}

pub(super) fn plan_path(outlet: &str) -> String {
    format!("{}/plan", path(outlet))
}

/// `GET /restaurant/{outlet}/plan`
pub async fn page(desk: Desk, outlet: web::Path<String>, asked: web::Query<Asked>) -> HttpResponse {
    desk.page(move |view| {
        let here = Here::at(view, &outlet)?;
        let table = asked.table.parse().ok();
        show(view, here, table, None, Vec::new())
    })
    .await
}

pub(super) fn show(
    view: &mut View<'_>,
    here: Here,
    table: Option<i64>,
    typed: Option<TableForm>,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let plan = Plan::load(view.conn, here.outlet.id)?;
    let stored = match table {
        Some(id) => Some(plan.table(id).ok_or(AppError::NotFound)?),
        None => None,
    };
    let fresh = || TableForm {
        x: (here.outlet.width / 2).to_string(),
        y: (here.outlet.height / 2).to_string(),
        width: "90".into(),
        height: "90".into(),
        rotation: "0".into(),
        seats: "2".into(),
        ..TableForm::default()
    };
    let typed = typed.unwrap_or_else(|| stored.map_or_else(fresh, TableForm::of));
    let words = view.words();
    Answer::page(&PlanPage {
        page: Arc::clone(&view.page),
        table,
        typed,
        errors: fields::wrong(&errors, words),
        plan,
        here,
    })
}

/// `POST /restaurant/{outlet}/plan/tables`
pub async fn add_table(
    desk: Desk,
    outlet: web::Path<String>,
    form: Form<TableForm>,
) -> HttpResponse {
    let again = outlet.clone();
    desk.submit(
        form,
        move |view, typed| {
            let here = Here::at(view, &outlet)?;
            let (drawn, features) = typed.understand(&here)?;
            let id = editing::add_table(view.conn, &drawn, &features, here.acting(view))?;
            saved(view, &here, Some(id))
        },
        move |view, typed, errors| {
            let here = Here::at(view, &again)?;
            show(view, here, None, Some(typed), errors)
        },
    )
    .await
}

/// `POST /restaurant/{outlet}/plan/tables/{table}`
pub async fn change_table(
    desk: Desk,
    at: web::Path<(String, i64)>,
    form: Form<TableForm>,
) -> HttpResponse {
    let (outlet, id) = at.into_inner();
    let again = outlet.clone();
    desk.submit(
        form,
        move |view, typed| {
            let here = Here::at(view, &outlet)?;
            let (drawn, features) = typed.understand(&here)?;
            editing::change_table(view.conn, id, &drawn, &features, here.acting(view))?;
            saved(view, &here, Some(id))
        },
        move |view, typed, errors| {
            let here = Here::at(view, &again)?;
            show(view, here, Some(id), Some(typed), errors)
        },
    )
    .await
}

/// `POST /restaurant/{outlet}/plan/tables/{table}/retire`
pub async fn retire_table(
    desk: Desk,
    at: web::Path<(String, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    let (outlet, id) = at.into_inner();
    desk.act(form, plan_path(&outlet), move |view, _| {
        let here = Here::at(view, &outlet)?;
        editing::retire_table(view.conn, id, here.acting(view))?;
        saved(view, &here, None)
    })
    .await
}

pub(super) fn saved(
    view: &mut View<'_>,
    here: &Here,
    table: Option<i64>,
) -> Result<Answer, AppError> {
    let path = plan_path(&here.outlet.code);
    let to = table.map_or(path.clone(), |id| format!("{path}?table={id}"));
    Ok(Answer::see(to)
        .say(view.words(), &Message::new("done-plan"))
        .changed(here.house.id))
}
