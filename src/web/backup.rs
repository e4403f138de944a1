//! `/settings/backup`: where backups go every night, how many are kept, and what became of the latest.

use std::path::Path;
use std::sync::Arc;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::backup::PASSPHRASE;
use crate::backup::schedule::{Run, Schedule};
use crate::config;
use crate::error::FieldError;
use crate::words::Message;

const PATH: &str = "/settings/backup";
/// Runs shown.
const LATEST: i64 = 14;
/// Days, weeks or months kept, at most.
const MOST: usize = 366;

/// The page.
#[derive(Template)]
#[template(path = "settings_backup.html")]
struct BackupPage {
    page: Arc<Page>,
    typed: Typed,
    runs: Vec<Run>,
    /// Why the latest run failed.
    failed: Option<String>,
    errors: Wrong,
}

impl BackupPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

/// The form, as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    directory: String,
    hour: String,
    daily: String,
    weekly: String,
    monthly: String,
    sealed: Option<String>,
}

impl From<Schedule> for Typed {
    fn from(schedule: Schedule) -> Self {
        Self {
            directory: schedule.directory,
            hour: schedule.hour.to_string(),
            daily: schedule.daily.to_string(),
            weekly: schedule.weekly.to_string(),
            monthly: schedule.monthly.to_string(),
            sealed: schedule.sealed.then(|| "yes".into()),
        }
    }
}

impl Typed {
    /// What it decides, or every field that can't be right.
    fn schedule(&self) -> Result<Schedule, Vec<FieldError>> {
        let mut errors = Vec::new();
        let directory = self.directory.trim().to_owned();
        let path = Path::new(&directory);
        if !(directory.is_empty() || path.is_absolute() && path.is_dir()) {
            let message = Message::new("error-backup-directory").text("text", &directory);
            errors.push(FieldError::new("directory", message));
        }
        let mut number = |field: &'static str, typed: &str, least: usize, most: usize| {
            let number = typed.trim().parse::<usize>().ok();
            let fits = number.filter(|number| (least..=most).contains(number));
            if fits.is_none() {
                let message = Message::new("error-backup-number")
                    .number("least", least as i64)
                    .number("most", most as i64);
                errors.push(FieldError::new(field, message));
            }
            fits.unwrap_or(least)
        };
        let schedule = Schedule {
            hour: number("hour", &self.hour, 0, 23) as u32,
            daily: number("daily", &self.daily, 1, MOST),
            weekly: number("weekly", &self.weekly, 0, MOST),
            monthly: number("monthly", &self.monthly, 0, MOST),
            sealed: self.sealed.is_some(),
            directory,
        };
        let has_passphrase = matches!(config::variable(PASSPHRASE), Ok(Some(_)));
        if schedule.sealed && !has_passphrase {
            let message = Message::new("error-backup-passphrase").text("text", PASSPHRASE);
            errors.push(FieldError::new("sealed", message));
        }
        if errors.is_empty() {
            Ok(schedule)
        } else {
            Err(errors)
        }
    }
}

/// `GET /settings/backup`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let schedule = Schedule::load(view.conn)?;
        show(view, schedule.into(), Vec::new())
    })
    .await
}

fn show(view: &mut View<'_>, typed: Typed, errors: Vec<FieldError>) -> Result<Answer, AppError> {
    let runs = Run::latest(view.conn, LATEST)?;
    let page = BackupPage {
        page: Arc::clone(&view.page),
        typed,
        failed: runs.first().and_then(|run| run.error.clone()),
        runs,
        errors: fields::wrong(&errors, view.words()),
    };
    Answer::page(&page)
}

/// `POST /settings/backup`
pub async fn decide(desk: Desk, form: Form<Typed>) -> HttpResponse {
    desk.submit(
        form,
        |view, typed| {
            let schedule = typed.schedule().map_err(AppError::Invalid)?;
            schedule.store(view.conn)?;
            let decided = if schedule.is_on() {
                format!(
                    "{} from {}:00, {}/{}/{} kept, sealed: {}",
                    schedule.directory,
                    schedule.hour,
                    schedule.daily,
                    schedule.weekly,
                    schedule.monthly,
                    schedule.sealed
                )
            } else {
                "off".into()
            };
            view.line("set_backup").detail(decided).insert(view.conn)?;
            let said = if schedule.is_on() {
                "backup-saved"
            } else {
                "backup-off"
            };
            Ok(Answer::see(PATH).say(view.words(), &Message::new(said)))
        },
        show,
    )
    .await
}
