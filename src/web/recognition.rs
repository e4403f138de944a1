//! `/settings/recognition`: how careful recognition is, and which addresses agencies relay.

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
use crate::guests::contacts::Relays;
use crate::recognition::model::{Model, Point};
use crate::recognition::settings::Settings;
use crate::words::Message;

const PATH: &str = "/settings/recognition";

/// The page.
#[derive(Template)]
#[template(path = "settings_recognition.html")]
struct RecognitionPage {
    page: Arc<Page>,
    wrong: Vec<Choice>,
    asked: Vec<Choice>,
    relays: Vec<String>,
    typed: String,
    errors: Wrong,
}

/// One value to choose, and what it came to on the bookings the thresholds were chosen on.
struct Choice {
    value: f64,
    shown: String,
    share: String,
    is_chosen: bool,
}

impl RecognitionPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

/// `GET /settings/recognition`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| show(view, String::new(), Vec::new()))
        .await
}

fn show(view: &mut View<'_>, typed: String, errors: Vec<FieldError>) -> Result<Answer, AppError> {
    let settings = Settings::load(view.conn)?;
    let points = &Model::shipped().points;
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let of_wrong = |point: &&Point| point.asked == settings.asked;
    let of_asked = |point: &&Point| point.wrong == settings.wrong;
    let page = RecognitionPage {
        page: Arc::clone(&view.page),
        wrong: points
            .iter()
            .filter(of_wrong)
            .map(|point| Choice {
                value: point.wrong,
                shown: point.wrong.to_string(),
                share: percent(point.linked),
                is_chosen: point.wrong == settings.wrong,
            })
            .collect(),
        asked: points
            .iter()
            .filter(of_asked)
            .map(|point| Choice {
                value: point.asked,
                shown: percent(point.asked),
                share: percent(point.found),
                is_chosen: point.asked == settings.asked,
            })
            .collect(),
        relays: settings.relays.patterns().map(str::to_owned).collect(),
        typed,
        errors: fields::wrong(&errors, view.words()),
    };
    Answer::page(&page)
}

#[derive(Deserialize)]
#[serde(default)]
pub struct CareForm {
    wrong: f64,
    asked: f64,
}

impl Default for CareForm {
    /// No values to choose: what is missing is told as what is wrong.
    fn default() -> Self {
        Self {
            wrong: f64::NAN,
            asked: f64::NAN,
        }
    }
}

/// `POST /settings/recognition`
pub async fn take_care(desk: Desk, form: Form<CareForm>) -> HttpResponse {
    desk.act(form, PATH.into(), |view, CareForm { wrong, asked }| {
        let points = &Model::shipped().points;
        if !points.iter().any(|p| p.wrong == wrong && p.asked == asked) {
            return Err(AppError::Refused(Message::new("refused-care")));
        }
        Settings::take_care(view.conn, wrong, asked)?;
        view.line("set_recognition")
            .detail(format!("wrong {wrong} of 10,000, asked {asked}"))
            .insert(view.conn)?;
        Ok(Answer::see(PATH).say(view.words(), &Message::new("care-saved")))
    })
    .await
}

#[derive(Deserialize)]
pub struct RelayForm {
    #[serde(default)]
    relay: String,
}

/// `POST /settings/relays`
pub async fn add_relay(desk: Desk, form: Form<RelayForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let wrong = |key| {
                let message = Message::new(key).text("text", form.relay.trim());
                AppError::Invalid(vec![FieldError::new("relay", message)])
            };
            let pattern = Relays::parse(&form.relay).ok_or_else(|| wrong("error-relay"))?;
            let masked = Settings::relay(view.conn, &pattern, true)?
                .ok_or_else(|| wrong("refused-relay-known"))?;
            view.line("add_relay").detail(&pattern).insert(view.conn)?;
            let done = Message::new("relay-added")
                .text("text", &pattern)
                .number("count", masked as i64);
            Ok(Answer::see(PATH).say(view.words(), &done))
        },
        |view, typed, errors| show(view, typed.relay, errors),
    )
    .await
}

/// `POST /settings/relays/remove`
pub async fn remove_relay(desk: Desk, form: Form<RelayForm>) -> HttpResponse {
    desk.act(form, PATH.into(), |view, form| {
        Settings::relay(view.conn, &form.relay, false)?.ok_or(AppError::NotFound)?;
        view.line("remove_relay")
            .detail(&form.relay)
            .insert(view.conn)?;
        let done = Message::new("relay-removed").text("text", &form.relay);
        Ok(Answer::see(PATH).say(view.words(), &done))
    })
    .await
}
