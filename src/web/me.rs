//! `/me/{token}`: what the house knows about a guest, as far as the guest told it or should put it right.
//!
//! Who holds the link needs no password: it is signed, and expires. Nothing of what the staff wrote is shown.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::form::Form;
use super::{Answer, App, AppError, Desk};
use crate::clock;
use crate::db::Conn;
use crate::error::Fault;
use crate::greetings::Purpose;
use crate::greetings::about::{About, Wish};
use crate::greetings::links;
use crate::guests::typed::TypedGuest;
use crate::words::{Language, Message, Words};

#[derive(Template)]
#[template(path = "me.html")]
struct MePage<'a> {
    words: &'static Words,
    token: &'a str,
    about: &'a About,
    said: Option<String>,
    error: Option<(&'static str, String)>,
    wish: &'a str,
}

impl MePage<'_> {
    fn purposes(&self) -> &'static [Purpose] {
        Purpose::ALL
    }

    fn error_at(&self, field: &str) -> Option<&str> {
        let (found, text) = self.error.as_ref()?;
        (*found == field).then_some(text.as_str())
    }

    fn number(&self, number: &i64) -> String {
        self.words.number(number)
    }

    fn since(&self, wish: &Wish) -> String {
        self.words
            .tell(&Message::new("me-since").date("date", wish.as_of))
    }
}

/// What is pressed or typed on the page; one thing at a time.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    confirm: Option<i64>,
    remove: Option<i64>,
    wish: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    forget: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    native_name: Option<String>,
    stop: Option<Purpose>,
    resume: Option<Purpose>,
}

/// The language to read in, where another than the letter's is chosen.
#[derive(Clone, Copy, Deserialize)]
pub struct Reading {
    lang: Option<Language>,
}

/// Refuses who asks too often: links are not guessed, and not tried.
fn must_wait(app: &App, address: &str) -> Result<(), AppError> {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    app.guest_limits
        .take(hasher.finish().cast_signed(), Instant::now())
        .map_err(|_| AppError::TooMany)
}

/// Whom a link is about.
fn about(app: &App, conn: &mut Conn, address: &str, token: &str) -> Result<About, AppError> {
    must_wait(app, address)?;
    let letter = links::read_until(&app.keys, links::Purpose::Me, token, clock::now())
        .ok_or(AppError::NotFound)?;
    About::of_letter(conn, letter)?.ok_or(AppError::NotFound)
}

/// `GET /me/{token}`
pub async fn page(
    desk: Desk,
    token: web::Path<String>,
    reading: web::Query<Reading>,
) -> HttpResponse {
    desk.anyone(move |app, conn, anyone| {
        let about = about(app, conn, anyone.address, &token)?;
        let words = reading.lang.unwrap_or(about.language).words();
        let said = anyone.flash().map(|flash| flash.text);
        Answer::page(&MePage {
            words,
            token: &token,
            about: &about,
            said,
            error: None,
            wish: "",
        })
    })
    .await
}

/// `POST /me/{token}`
pub async fn change(
    desk: Desk,
    token: web::Path<String>,
    reading: web::Query<Reading>,
    form: Form<Pressed>,
) -> HttpResponse {
    desk.anyone(move |app, conn, anyone| {
        let (pressed, _) = form.into_parts()?;
        let before = about(app, conn, anyone.address, &token)?;
        let words = reading.lang.unwrap_or(before.language).words();
        let done = app.db.write_on(conn, |conn| {
            apply(app, conn, &before, &pressed, words, anyone.address)
        });
        match done {
            Ok(said) => {
                let to = format!("/me/{}?lang={}", *token, words.language);
                Ok(Answer::see(to).say(words, &Message::new(said)))
            }
            Err(Fault::Invalid(errors)) => {
                let first = errors
                    .into_iter()
                    .next()
                    .ok_or(AppError::BadForm("error-form-unreadable"))?;
                let error = Some((first.field, words.tell(&first.message)));
                let wish = pressed.wish.as_deref().unwrap_or_default();
                let page = MePage {
                    words,
                    token: &token,
                    about: &before,
                    said: None,
                    error,
                    wish,
                };
                Ok(Answer::page(&page)?.status(actix_web::http::StatusCode::UNPROCESSABLE_ENTITY))
            }
            Err(fault) => Err(fault.into()),
        }
    })
    .await
}

/// Does the one thing that was pressed; what is said then.
fn apply(
    app: &App,
    conn: &mut Conn,
    about: &About,
    pressed: &Pressed,
    words: &'static Words,
    address: &str,
) -> Result<&'static str, Fault> {
    let by = about.guest_says(address);
    if let Some(id) = pressed.confirm {
        by.judge(conn, id, true)?;
        return Ok("me-confirmed");
    }
    if let Some(id) = pressed.remove {
        by.judge(conn, id, false)?;
        return Ok("me-removed");
    }
    if let Some(wish) = &pressed.wish {
        by.wish(conn, wish)?;
        return Ok("me-added");
    }
    if let Some(contact) = &pressed.forget {
        by.forget(conn, contact)?;
        return Ok("me-removed");
    }
    if let Some(purpose) = pressed.stop {
        by.choose(conn, purpose, false, words.say("unsubscribe-stop"))?;
        return Ok("unsubscribe-stopped");
    }
    if let Some(purpose) = pressed.resume {
        by.choose(conn, purpose, true, words.say("unsubscribe-resume"))?;
        return Ok("unsubscribe-resumed");
    }
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let typed = TypedGuest {
        given_name: text(&pressed.given_name),
        family_name: text(&pressed.family_name),
        native_name: text(&pressed.native_name),
        email: text(&pressed.email),
        phone: text(&pressed.phone),
    };
    by.correct(conn, &app.keys, typed)?;
    Ok("me-changed")
}
