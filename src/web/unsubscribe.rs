//! The page behind the link that stops letters. Who holds the link needs no password: it is signed.
//!
//! A GET changes nothing, so that programs that look at links unsubscribe nobody. A POST without any field is what mail
//! programs send for one click (RFC 8058): no cookie, no token of a form, no redirect.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::form::Form;
use super::{Answer, AppError, Desk};
use crate::greetings::Purpose;
use crate::greetings::choices::Choice;
use crate::greetings::links;
use crate::words::{Language, Words};

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct UnsubscribePage<'a> {
    words: &'static Words,
    token: &'a str,
    choice: &'a Choice,
    said: Option<&'static str>,
}

impl UnsubscribePage<'_> {
    fn purposes(&self) -> &'static [Purpose] {
        Purpose::ALL
    }
}

/// What is pressed on the page; nothing for one click.
#[derive(Default, Deserialize)]
pub struct Pressed {
    stop: Option<String>,
    resume: Option<String>,
}

/// The language to read in, where another than the letter's is chosen.
#[derive(Deserialize)]
pub struct Reading {
    lang: Option<Language>,
}

/// `GET /unsubscribe/{token}`
pub async fn page(
    desk: Desk,
    token: web::Path<String>,
    reading: web::Query<Reading>,
) -> HttpResponse {
    desk.anyone(move |app, conn, _| {
        let letter = links::read(&app.keys, links::Purpose::Unsubscribe, &token)
            .ok_or(AppError::NotFound)?;
        let choice = Choice::of_letter(conn, letter)?.ok_or(AppError::NotFound)?;
        show(&token, &choice, reading.lang, None)
    })
    .await
}

/// `POST /unsubscribe/{token}`
pub async fn decide(
    desk: Desk,
    token: web::Path<String>,
    reading: web::Query<Reading>,
    form: Form<Pressed>,
) -> HttpResponse {
    desk.anyone(move |app, conn, _| {
        let pressed = match form.into_parts() {
            Ok((pressed, _)) => pressed,
            // A body that is no form of ours is one click all the same: the link is what gives the right, and a mail
            // program's multipart body says nothing that the link does not.
            Err(AppError::BadForm("error-form-unreadable")) => Pressed::default(),
            Err(error) => return Err(error),
        };
        let letter = links::read(&app.keys, links::Purpose::Unsubscribe, &token)
            .ok_or(AppError::NotFound)?;
        app.db.write_on(conn, |conn| {
            let mut choice = Choice::of_letter(conn, letter)?.ok_or(AppError::NotFound)?;
            let words = reading.lang.unwrap_or(choice.language).words();
            let said = if let Some(what) = pressed.resume {
                choice.resume(conn, &purposes(&what)?, words.say("unsubscribe-resume"))?;
                "unsubscribe-resumed"
            } else {
                let (what, wording) = match &pressed.stop {
                    Some(what) => (purposes(what)?, words.say("unsubscribe-stop")),
                    None => (vec![choice.purpose], "List-Unsubscribe=One-Click"),
                };
                choice.stop(conn, &what, wording)?;
                "unsubscribe-stopped"
            };
            show(&token, &choice, reading.lang, Some(said))
        })
    })
    .await
}

/// One purpose, or all.
fn purposes(what: &str) -> Result<Vec<Purpose>, AppError> {
    if what == "all" {
        return Ok(Purpose::ALL.to_vec());
    }
    let purpose = what
        .parse()
        .map_err(|_| AppError::BadForm("error-form-unreadable"))?;
    Ok(vec![purpose])
}

fn show(
    token: &str,
    choice: &Choice,
    lang: Option<Language>,
    said: Option<&'static str>,
) -> Result<Answer, AppError> {
    let words = lang.unwrap_or(choice.language).words();
    let page = UnsubscribePage {
        words,
        token,
        choice,
        said,
    };
    Ok(Answer::page(&page)?.status(StatusCode::OK))
}
