//! How letters read and look: each occasion, in each language, as text and at the widths mail programs have.
//!
//! A letter carries its styles with it, which our pages forbid themselves. So it is shown as a document of its own, under
//! a policy that allows its styles and nothing else: no scripts, no requests, no forms; only our pages may frame it.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::desk::View;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::greetings::letter::{self, Links, Rendered};
use crate::greetings::settings::Settings;
use crate::greetings::{Occasion, sample};
use crate::words::Language;

/// What a letter may do where it is shown.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'self'; sandbox";
/// Phones and desks, in pixels.
const WIDTHS: [u16; 2] = [360, 700];

#[derive(Template)]
#[template(path = "greeting_preview.html")]
struct PreviewPage {
    page: Arc<Page>,
    occasion: Occasion,
    language: Language,
    letter: Rendered,
}

impl PreviewPage {
    fn occasions(&self) -> &'static [Occasion] {
        Occasion::ALL
    }

    fn languages(&self) -> &'static [Language] {
        Language::ALL
    }

    fn widths(&self) -> [u16; 2] {
        WIDTHS
    }
}

/// A letter to nobody, in the words that `settings` give; its links lead to `link`.
pub fn write(
    view: &View<'_>,
    settings: &Settings,
    occasion: Occasion,
    language: Language,
    link: &str,
) -> Result<Rendered, AppError> {
    let facts = sample::facts(language, &view.house()?.name, view.page.today);
    let links = Links {
        unsubscribe: link.to_owned(),
        me: link.to_owned(),
    };
    Ok(letter::render(
        occasion, language, &facts, settings, &links,
    )?)
}

/// `GET /greetings/preview/{occasion}/{language}`
pub async fn page(desk: Desk, which: web::Path<(String, String)>) -> HttpResponse {
    desk.page(move |view| {
        let (occasion, language) = known(&which.0, &which.1)?;
        let settings = Settings::load(view.conn)?;
        let link = view.words().say("greetings-link");
        let page = PreviewPage {
            letter: write(view, &settings, occasion, language, link)?,
            page: Arc::clone(&view.page),
            occasion,
            language,
        };
        Answer::page(&page)
    })
    .await
}

/// `GET /greetings/preview/{occasion}/{language}/{width}`
pub async fn letter(desk: Desk, which: web::Path<(String, String, u16)>) -> HttpResponse {
    desk.page(move |view| {
        let (occasion, language) = known(&which.0, &which.1)?;
        let width = which.2;
        if !WIDTHS.contains(&width) {
            return Err(AppError::NotFound);
        }
        let settings = Settings::load(view.conn)?;
        let html = write(view, &settings, occasion, language, "#")?.html;
        let narrow = format!("style=\"max-width:{width}px;margin:0;padding:0;");
        let html = html.replacen("style=\"margin:0;padding:0;", &narrow, 1);
        Ok(Answer::html(html).policy(POLICY).framed())
    })
    .await
}

fn known(occasion: &str, language: &str) -> Result<(Occasion, Language), AppError> {
    let occasion = occasion.parse().map_err(|_| AppError::NotFound)?;
    let language = language.parse().map_err(|_| AppError::NotFound)?;
    Ok((occasion, language))
}
