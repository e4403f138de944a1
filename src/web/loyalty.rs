//! What waits for a second pair of eyes, `/loyalty/requests`.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::form::Form;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::loyalty::requests::{self, Request};
use crate::words::Message;

const PATH: &str = "/loyalty/requests";
/// Requests on the page.
const SHOWN: i64 = 200;

/// The page.
#[derive(Template)]
#[template(path = "loyalty_requests.html")]
struct RequestsPage {
    page: Arc<Page>,
    requests: Vec<Request>,
}

impl RequestsPage {
    fn points(&self, points: &i64) -> String {
        self.page
            .words
            .fill("points", self.page.words.number(points))
    }

    fn asked_by<'a>(&'a self, request: &'a Request) -> &'a str {
        let program = self.page.say("points-a-program");
        request.asked_name.as_deref().unwrap_or(program)
    }

    /// What somebody asked for, somebody else answers.
    fn is_own(&self, request: &Request) -> bool {
        let clerk = self.page.clerk.as_ref();
        clerk.is_some_and(|clerk| request.asked_by == Some(clerk.user_id))
    }
}

/// `GET /loyalty/requests`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let page = RequestsPage {
            page: Arc::clone(&view.page),
            requests: requests::waiting(view.conn, SHOWN)?,
        };
        let look = view.line("view_requests");
        Ok(Answer::page(&page)?.look(look))
    })
    .await
}

#[derive(Deserialize)]
pub struct AnswerForm {
    answer: Option<requests::Answer>,
}

/// `POST /loyalty/requests/{id}`
pub async fn answer(desk: Desk, id: web::Path<i64>, form: Form<AnswerForm>) -> HttpResponse {
    desk.act(form, PATH.into(), move |view, form| {
        let given = form.answer.ok_or(AppError::NotFound)?;
        let asked = requests::by_id(view.conn, *id)?.ok_or(AppError::NotFound)?;
        let points = answered(view, asked.id, given)?;
        view.line("answer_request")
            .guest(asked.guest_id)
            .detail(format!("{given} {points}"))
            .insert(view.conn)?;
        let done = match given {
            requests::Answer::Approved => {
                let points = view.words().number(points);
                Message::new("done-request-approved").text("points", points)
            }
            requests::Answer::Refused => Message::new("done-request-refused"),
        };
        Ok(Answer::see(PATH).say(view.words(), &done))
    })
    .await
}

fn answered(view: &mut View<'_>, id: i64, given: requests::Answer) -> Result<i64, AppError> {
    let (tiers, today) = (&view.page.reference.tiers, view.page.today);
    let user_id = view.clerk.user_id;
    Ok(requests::answer(
        view.conn, id, given, tiers, today, user_id,
    )?)
}
