//! `/stays/{id}/readings/{code}`: what was read in a booking's words, confirmed or dismissed.

use actix_web::{HttpResponse, web};

use super::contradictions::wish_text;
use super::form::Form;
use super::login::Nothing;
use super::stays::{card, stay};
use super::{Answer, Desk};
use crate::stays::readings::{self, Suggestion};
use crate::words::{Message, Words};

/// A wish read in a booking's words, as it is asked about.
pub(super) struct ReadingLine {
    pub(super) code: &'static str,
    pub(super) text: String,
}

impl ReadingLine {
    pub(super) fn all(suggestions: &[Suggestion], words: &Words) -> Vec<Self> {
        let lines = suggestions.iter().map(|one| Self {
            code: one.feature.code,
            text: wish_text(one.feature.code, one.strength, words),
        });
        lines.collect()
    }
}

/// `POST /stays/{id}/readings/{code}/confirm`
pub async fn confirm(
    desk: Desk,
    path: web::Path<(i64, String)>,
    form: Form<Nothing>,
) -> HttpResponse {
    let (id, code) = path.into_inner();
    desk.act(form, card(id), move |view, _| {
        let (_, house, acting) = stay(view, id)?;
        let read = readings::confirm(view.conn, id, &code, acting)?;
        let done = Message::new("done-reading").wish("feature", read.feature.code);
        Ok(Answer::see(card(id))
            .say_undo(view.words(), &done, reopen_path(id, &code))
            .changed(house.id))
    })
    .await
}

/// `POST /stays/{id}/readings/{code}/dismiss`
pub async fn dismiss(
    desk: Desk,
    path: web::Path<(i64, String)>,
    form: Form<Nothing>,
) -> HttpResponse {
    let (id, code) = path.into_inner();
    desk.act(form, card(id), move |view, _| {
        let (_, _, acting) = stay(view, id)?;
        let read = readings::dismiss(view.conn, id, &code, acting)?;
        let done = Message::new("done-misread").wish("feature", read.feature.code);
        Ok(Answer::see(card(id)).say_undo(view.words(), &done, reopen_path(id, &code)))
    })
    .await
}

/// `POST /stays/{id}/readings/{code}/reopen`: what was said of it is taken back.
pub async fn reopen(
    desk: Desk,
    path: web::Path<(i64, String)>,
    form: Form<Nothing>,
) -> HttpResponse {
    let (id, code) = path.into_inner();
    desk.act(form, card(id), move |view, _| {
        let (_, house, acting) = stay(view, id)?;
        readings::reopen(view.conn, id, &code, acting)?;
        Ok(Answer::see(card(id))
            .say(view.words(), &Message::new("done-reopen"))
            .changed(house.id))
    })
    .await
}

fn reopen_path(id: i64, code: &str) -> String {
    format!("/stays/{id}/readings/{code}/reopen")
}
