//! `/settings/house`: when the house expects its guests and lets them go, and what making up a room takes.

use std::sync::Arc;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Reading, Wrong};
use super::form::Form;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::properties::Times;
use crate::words::{Message, Words};

const PATH: &str = "/settings/house";
/// The longest that making up a room takes, in minutes.
const LONGEST: i64 = 480;

/// The page.
#[derive(Template)]
#[template(path = "settings_house.html")]
struct HousePage {
    page: Arc<Page>,
    name: String,
    typed: Typed,
    errors: Wrong,
}

/// The times as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    check_in_at: String,
    check_out_at: String,
    make_up_minutes: String,
}

impl HousePage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

impl Typed {
    /// What stands, as it would be typed.
    fn of(times: Times, words: &Words) -> Self {
        Self {
            check_in_at: words.time(times.check_in_at),
            check_out_at: words.time(times.check_out_at),
            make_up_minutes: times.make_up_minutes.to_string(),
        }
    }

    /// The times they are, or what can't be right.
    fn read(&self) -> Result<Times, AppError> {
        let mut reading = Reading::default();
        let check_in_at = reading.value("check_in_at", fields::time(&self.check_in_at));
        let check_out_at = reading.value("check_out_at", fields::time(&self.check_out_at));
        let make_up_minutes = reading.number("make_up_minutes", &self.make_up_minutes, 0, LONGEST);
        let times = check_in_at
            .zip(check_out_at)
            .map(|(check_in_at, check_out_at)| Times {
                check_in_at,
                check_out_at,
                make_up_minutes,
            });
        reading.done(times)
    }
}

/// `GET /settings/house`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let typed = Typed::of(view.house()?.times, view.words());
        show(view, typed, Vec::new())
    })
    .await
}

fn show(view: &View<'_>, typed: Typed, errors: Vec<FieldError>) -> Result<Answer, AppError> {
    Answer::page(&HousePage {
        page: Arc::clone(&view.page),
        name: view.house()?.name.clone(),
        typed,
        errors: fields::wrong(&errors, view.words()),
    })
}

/// `POST /settings/house`
pub async fn save(desk: Desk, form: Form<Typed>) -> HttpResponse {
    desk.submit(
        form,
        |view, typed| {
            let house = view.house()?.clone();
            let times = typed.read()?;
            times.save(view.conn, house.id)?;
            view.app.reference.forget();
            let detail = format!("{} {times}", house.code);
            view.line("set_house").detail(detail).insert(view.conn)?;
            let done = Message::new("house-times-saved").text("text", house.name);
            Ok(Answer::see(PATH).say(view.words(), &done).changed(house.id))
        },
        |view, typed, errors| show(view, typed, errors),
    )
    .await
}
