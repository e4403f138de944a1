//! `/held`: what other systems told us that could not be done yet.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::desk::View;
use super::form::Form;
use super::login::Nothing;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::properties::Property;
use crate::stays::events::{Reason, Teller};
use crate::stays::held::{self, Held};
use crate::words::{Message, Words};

/// Events on the page; the oldest first.
const LISTED: i64 = 200;

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    page: Arc<Page>,
    rows: Vec<Row>,
}

/// An event that waits.
struct Row {
    id: i64,
    what: String,
    number: String,
    reason: String,
    since: String,
    tries: String,
    is_given_up: bool,
}

impl Row {
    fn of(held: &Held, house: &Property, words: &Words) -> Self {
        let at = house.local(held.received_at);
        let since = Message::new("held-since")
            .date("date", at.date())
            .text("time", at.format("%H:%M").to_string());
        let reason = words.code("held-reason", held.reason);
        Self {
            id: held.id,
            what: words.code("held-event", held.name()),
            number: held.confirmation_number.clone(),
            reason: match &held.detail {
                Some(detail) if held.reason == Reason::Refused => format!("{reason} {detail}"),
                _ => reason,
            },
            since: words.tell(&since),
            tries: words.count(
                "held-tries",
                usize::try_from(held.tries).unwrap_or_default(),
            ),
            is_given_up: held.given_up_at.is_some(),
        }
    }
}

/// `GET /held`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let house = view.house()?.clone();
        let waiting = held::list(view.conn, house.id, 0, LISTED)?;
        let rows = waiting
            .iter()
            .map(|held| Row::of(held, &house, view.words()))
            .collect();
        let page = HeldPage {
            page: Arc::clone(&view.page),
            rows,
        };
        let line = view.line("list_events").detail(house.code.as_str());
        Ok(Answer::page(&page)?.look(line))
    })
    .await
}

/// `POST /held/{id}/retry`
pub async fn retry(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    desk.act(form, "/held".into(), move |view, _| {
        let (held, house) = waiting(view, *id)?;
        let reference = view.reference();
        let teller = Teller {
            acting: view.acting(&house),
            token_id: held.token_id(),
            reference: &reference,
        };
        let is_done = held::try_again(view.conn, &house, &held, &teller)?;
        view.line("retry_event")
            .detail(id.to_string())
            .insert(view.conn)?;
        let said = if is_done {
            "done-held-retry"
        } else {
            "done-held-waits"
        };
        let said = Message::new(said).text("number", held.confirmation_number);
        Ok(Answer::see("/held")
            .say(view.words(), &said)
            .changed(house.id))
    })
    .await
}

/// `POST /held/{id}/drop`
pub async fn drop(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    desk.act(form, "/held".into(), move |view, _| {
        let (held, _) = waiting(view, *id)?;
        held::drop(view.conn, held.id)?;
        view.line("drop_event")
            .detail(id.to_string())
            .insert(view.conn)?;
        let said = Message::new("done-held-drop").text("number", held.confirmation_number);
        Ok(Answer::see("/held").say(view.words(), &said))
    })
    .await
}

/// An event that waits in a house the clerk's rights hold for.
fn waiting(view: &mut View<'_>, id: i64) -> Result<(Held, Property), AppError> {
    let gone = || AppError::Refused(Message::new("refused-held-gone"));
    let held = held::by_id(view.conn, id)?.ok_or_else(gone)?;
    let house = view.in_house(held.property_id)?;
    Ok((held, house))
}
