//! The floor plan and the hours, for managers: forms for everything, the drawing beside them.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::{Here, path};
use crate::dining::editing::{self, Drawn, Part};
use crate::dining::outlet::{Hours, Meal, Service};
use crate::dining::seating::is_of_a_table;
use crate::dining::table::{MarkKind, Plan, Shape, Table};
use crate::error::FieldError;
use crate::vocabulary::{self, Feature};
use crate::web::desk::View;
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
    errors: Vec<(&'static str, String)>,
}

impl PlanPage {
    fn error(&self, field: &str) -> Option<&str> {
        let found = self.errors.iter().find(|(name, _)| *name == field);
        found.map(|(_, text)| text.as_str())
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
        let mut errors = Vec::new();
        let mut number = |field: &'static str, text: &str, least: i64, most: i64| {
            let number = text.trim().parse().ok();
            number
                .filter(|n| (least..=most).contains(n))
                .unwrap_or_else(|| {
                    let message = Message::new("error-plan-number")
                        .text("text", text.trim())
                        .number("least", least)
                        .number("most", most);
                    errors.push(FieldError::new(field, message));
                    least
                })
        };
        let outlet = &here.outlet;
        let mut drawn = Drawn {
            name: self.name.trim().to_owned(),
            shape: self.shape.parse().unwrap_or(Shape::Square),
            x: number("x", &self.x, 0, outlet.width),
            y: number("y", &self.y, 0, outlet.height),
            width: number("width", &self.width, 30, 1000),
            height: number("height", &self.height, 30, 1000),
            rotation: number("rotation", &self.rotation, 0, 359),
            seats: number("seats", &self.seats, 1, 40),
        };
        if !(1..=8).contains(&drawn.name.chars().count()) || drawn.name.contains('+') {
            let message = Message::new("error-table-name").text("text", &drawn.name);
            errors.push(FieldError::new("name", message));
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
        if errors.is_empty() {
            Ok((drawn, features))
        } else {
            Err(AppError::Invalid(errors))
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    table: String,
}

fn plan_path(outlet: &str) -> String {
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

fn show(
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
    let errors = errors.iter().map(|e| (e.field, words.tell(&e.message)));
    Answer::page(&PlanPage {
        page: Arc::clone(&view.page),
        table,
        typed,
        errors: errors.collect(),
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

fn saved(view: &mut View<'_>, here: &Here, table: Option<i64>) -> Result<Answer, AppError> {
    let path = plan_path(&here.outlet.code);
    let to = table.map_or(path.clone(), |id| format!("{path}?table={id}"));
    Ok(Answer::see(to)
        .say(view.words(), &Message::new("done-plan"))
        .changed(here.house.id))
}

/// What else is added to a plan: something drawn, tables put together, a service, a day off.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PartForm {
    part: String,
    kind: String,
    label: String,
    x: String,
    y: String,
    width: String,
    height: String,
    tables: Vec<String>,
    seats: String,
    meal: String,
    weekday: Vec<u32>,
    opens_at: String,
    closes_at: String,
    turn_small: String,
    turn_middle: String,
    turn_large: String,
    date: String,
}

/// `POST /restaurant/{outlet}/plan/parts`
pub async fn add_part(desk: Desk, outlet: web::Path<String>, form: Form<PartForm>) -> HttpResponse {
    let again = outlet.clone();
    desk.submit(
        form,
        move |view, form| {
            let here = Here::at(view, &outlet)?;
            let acting = here.acting(view);
            match form.part.as_str() {
                "mark" => {
                    let kind = form.kind.parse().map_err(|_| AppError::NotFound)?;
                    let label: String = form.label.trim().chars().take(60).collect();
                    let label = Some(label.as_str()).filter(|label| !label.is_empty());
                    let places = [
                        number("mark-x", &form.x, 0, here.outlet.width)?,
                        number("mark-y", &form.y, 0, here.outlet.height)?,
                        number("mark-width", &form.width, 5, here.outlet.width)?,
                        number("mark-height", &form.height, 5, here.outlet.height)?,
                    ];
                    editing::add_mark(view.conn, kind, label, places, acting)?;
                }
                "combination" => {
                    let tables: Vec<i64> = form
                        .tables
                        .iter()
                        .filter_map(|id| id.parse().ok())
                        .collect();
                    let seats = number("combined-seats", &form.seats, 2, 99)?;
                    editing::combine(view.conn, &tables, seats, acting)?;
                }
                "service" => {
                    let service = service(&here, form)?;
                    editing::add_service(view.conn, &service, acting)?;
                }
                "closure" => {
                    let date: NaiveDate = form.date.parse().map_err(|_| {
                        let message = Message::new("error-no-date").text("text", &form.date);
                        AppError::Invalid(vec![FieldError::new("closed-date", message)])
                    })?;
                    editing::close(view.conn, date, None, acting)?;
                }
                _ => return Err(AppError::NotFound),
            }
            saved(view, &here, None)
        },
        move |view, _, errors| {
            let here = Here::at(view, &again)?;
            show(view, here, None, None, errors)
        },
    )
    .await
}

fn number(field: &'static str, text: &str, least: i64, most: i64) -> Result<i64, AppError> {
    let number = text.trim().parse().ok();
    number
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| {
            let message = Message::new("error-plan-number")
                .text("text", text.trim())
                .number("least", least)
                .number("most", most);
            AppError::Invalid(vec![FieldError::new(field, message)])
        })
}

/// A service as it was typed: times as "17:30", the end after midnight where it is before the beginning.
fn service(here: &Here, form: &PartForm) -> Result<Service, AppError> {
    let opens_at = clock("opens_at", &form.opens_at)?;
    let closes_at = clock("closes_at", &form.closes_at)?;
    let service = Service {
        id: 0,
        outlet_id: here.outlet.id,
        meal: form.meal.parse().map_err(|_| AppError::NotFound)?,
        weekdays: form
            .weekday
            .iter()
            .filter(|day| **day < 7)
            .fold(0, |days, day| days | 1 << day),
        opens_at,
        closes_at: if closes_at <= opens_at {
            closes_at + 1440
        } else {
            closes_at
        },
        turn_small: number("turn_small", &form.turn_small, 15, 480)?,
        turn_middle: number("turn_middle", &form.turn_middle, 15, 480)?,
        turn_large: number("turn_large", &form.turn_large, 15, 480)?,
    };
    let wrong = |field, message| Err(AppError::Invalid(vec![FieldError::new(field, message)]));
    if service.weekdays == 0 {
        return wrong("weekday", Message::new("error-weekdays"));
    }
    if service.closes_at > 2160 {
        return wrong("closes_at", Message::new("error-service-long"));
    }
    let Hours { services, .. } = &here.hours;
    match editing::overlaps(services, &service) {
        Some(other) => wrong(
            "opens_at",
            Message::new("error-service-overlaps").message("meal", super::stand::meal_name(other)),
        ),
        None => Ok(service),
    }
}

fn clock(field: &'static str, text: &str) -> Result<i64, AppError> {
    let read = || {
        let (hours, minutes) = text.trim().split_once(':')?;
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
    };
    read().ok_or_else(|| {
        let message = Message::new("error-time").text("text", text.trim());
        AppError::Invalid(vec![FieldError::new(field, message)])
    })
}

/// What is taken away.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Gone {
    mark: String,
    combination: String,
    service: String,
    closure: String,
}

/// `POST /restaurant/{outlet}/plan/remove`
pub async fn remove(desk: Desk, outlet: web::Path<String>, form: Form<Gone>) -> HttpResponse {
    desk.act(form, plan_path(&outlet), move |view, form| {
        let here = Here::at(view, &outlet)?;
        let part = match (
            form.mark.parse(),
            form.combination.parse(),
            form.service.parse(),
            form.closure.parse(),
        ) {
            (Ok(id), ..) => Part::Mark(id),
            (_, Ok(id), ..) => Part::Combination(id),
            (_, _, Ok(id), _) => Part::Service(id),
            (.., Ok(date)) => Part::Closure(date),
            _ => return Err(AppError::NotFound),
        };
        editing::remove(view.conn, part, here.acting(view))?;
        saved(view, &here, None)
    })
    .await
}

/// A new outlet as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewOutlet {
    code: String,
    name: String,
}

/// `POST /restaurant`
pub async fn add_outlet(desk: Desk, form: Form<NewOutlet>) -> HttpResponse {
    desk.act(form, "/restaurant?all=1".into(), |view, form| {
        let house = view.house()?.clone();
        let code = form.code.trim().to_lowercase();
        let name: String = form.name.trim().chars().take(100).collect();
        let is_code = (1..=32).contains(&code.len())
            && code
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !is_code || name.is_empty() {
            return Err(AppError::Refused(
                Message::new("error-outlet").text("text", code),
            ));
        }
        editing::add_outlet(view.conn, house.id, &code, &name)?;
        view.line("edit_plan")
            .detail(format!("outlet {code} added"))
            .insert(view.conn)?;
        view.app.reference.forget();
        Ok(Answer::see(plan_path(&code))
            .say(view.words(), &Message::new("done-plan"))
            .changed(house.id))
    })
    .await
}
