//! `/settings/wishes`: how long evidence of a wish holds, and what stays must show to teach one.

use std::sync::Arc;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::guests::evidence::{SETTINGS, Settings};
use crate::settings;
use crate::words::Message;

const PATH: &str = "/settings/wishes";

/// The page.
#[derive(Template)]
#[template(path = "settings_wishes.html")]
struct WishesPage {
    page: Arc<Page>,
    typed: Typed,
    errors: Wrong,
}

impl WishesPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

/// The rules as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    half_life_months: String,
    least_stays: String,
    least_percent: String,
    least_lift_percent: String,
    least_moves: String,
    early_hour: String,
    late_hour: String,
}

impl Typed {
    fn of(settings: &Settings) -> Self {
        Self {
            half_life_months: settings.half_life_months.to_string(),
            least_stays: settings.least_stays.to_string(),
            least_percent: settings.least_percent.to_string(),
            least_lift_percent: settings.least_lift_percent.to_string(),
            least_moves: settings.least_moves.to_string(),
            early_hour: settings.early_hour.to_string(),
            late_hour: settings.late_hour.to_string(),
        }
    }

    /// The rules it makes, or what can't be right.
    fn read(&self) -> Result<Settings, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut whole = |field: &'static str, text: &str| {
            let text = text.trim();
            text.parse().unwrap_or_else(|_| {
                let message = Message::new("error-whole").text("text", text);
                errors.push(FieldError::new(field, message));
                0_i64
            })
        };
        let settings = Settings {
            half_life_months: whole("half_life_months", &self.half_life_months),
            least_stays: whole("least_stays", &self.least_stays),
            least_percent: whole("least_percent", &self.least_percent),
            least_lift_percent: whole("least_lift_percent", &self.least_lift_percent),
            least_moves: whole("least_moves", &self.least_moves),
            early_hour: whole("early_hour", &self.early_hour),
            late_hour: whole("late_hour", &self.late_hour),
        };
        let faults = settings.faults().into_iter();
        let unnamed: Vec<FieldError> = faults
            .filter(|fault| !errors.iter().any(|error| error.field == fault.field))
            .collect();
        errors.extend(unnamed);
        if errors.is_empty() {
            Ok(settings)
        } else {
            Err(errors)
        }
    }
}

/// `GET /settings/wishes`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let settings: Settings = settings::get(view.conn, SETTINGS)?;
        show(view, Typed::of(&settings), Vec::new())
    })
    .await
}

fn show(view: &View<'_>, typed: Typed, errors: Vec<FieldError>) -> Result<Answer, AppError> {
    Answer::page(&WishesPage {
        page: Arc::clone(&view.page),
        typed,
        errors: fields::wrong(&errors, view.words()),
    })
}

/// `POST /settings/wishes`
pub async fn save(desk: Desk, form: Form<Typed>) -> HttpResponse {
    desk.submit(
        form,
        |view, typed| {
            let rules = typed.read().map_err(AppError::Invalid)?;
            settings::set(view.conn, SETTINGS, &rules)?;
            view.app.reference.forget();
            let detail = serde_json::to_string(&rules)
                .map_err(|error| AppError::Internal(error.to_string()))?;
            view.line("set_wishes").detail(detail).insert(view.conn)?;
            Ok(Answer::see(PATH).say(view.words(), &Message::new("wishes-saved")))
        },
        |view, typed, errors| show(view, typed, errors),
    )
    .await
}
