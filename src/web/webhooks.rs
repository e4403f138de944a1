//! Settings: programs that are told of events by a call.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, Timelike};
use serde::Deserialize;

use super::desk::View;
use super::fields::Wrong;
use super::form::Form;
use super::login::Nothing;
use super::page::Page;
use super::settings::houses;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::outbox::Kind;
use crate::webhooks::{self, NewWebhook, Undelivered, Webhook};
use crate::words::Message;

/// Where the page is.
const HERE: &str = "/settings/webhooks";
/// Events that are listed of those that did not reach their receiver.
const LISTED: i64 = 50;

/// The page.
#[derive(Template)]
#[template(path = "settings_webhooks.html")]
struct WebhooksPage {
    page: Arc<Page>,
    webhooks: Vec<(Webhook, Vec<String>)>,
    undelivered: Vec<Undelivered>,
    typed: WebhookForm,
    made: Option<String>,
    errors: Wrong,
}

impl WebhooksPage {
    fn error(&self, field: &str) -> Option<&str> {
        let mut errors = self.errors.iter();
        let found = errors.find(|(name, _)| *name == field);
        found.map(|(_, text)| text.as_str())
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> {
        Kind::told()
    }

    /// A moment on the wall of the house looked at.
    fn moment(&self, at: &NaiveDateTime) -> String {
        let house = self.page.property.as_ref();
        let local = house.map_or(*at, |house| house.local(*at));
        let minutes = i64::from(local.hour() * 60 + local.minute());
        let words = self.page.words;
        format!("{} {}", words.date(local.date()), words.time(minutes))
    }

    fn url(&self, webhook_id: &i64) -> &str {
        let mut webhooks = self.webhooks.iter();
        webhooks
            .find(|(webhook, _)| webhook.id == *webhook_id)
            .map_or("", |(webhook, _)| webhook.url.as_str())
    }

    fn told(&self, webhook: &Webhook, codes: &[String]) -> String {
        let kinds = webhook.kinds();
        let kinds = if kinds.is_empty() {
            self.page.say("webhook-every-kind").to_owned()
        } else {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            kinds.join(", ")
        };
        let houses = if codes.is_empty() {
            self.page.say("staff-every-house").to_owned()
        } else {
            codes.join(", ")
        };
        format!("{kinds} · {houses}")
    }
}

/// A new receiver, as typed.
#[derive(Clone, Default, Deserialize)]
pub struct WebhookForm {
    #[serde(default)]
    url: String,
    /// Kinds of events; none is all.
    #[serde(default)]
    kind: Vec<Kind>,
    /// Codes of houses; none is every house.
    #[serde(default)]
    house: Vec<String>,
    #[serde(default)]
    private: bool,
}

/// `GET /settings/webhooks`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| show(view, WebhookForm::default(), None, Vec::new()))
        .await
}

fn show(
    view: &mut View<'_>,
    typed: WebhookForm,
    made: Option<String>,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let mut known = Vec::new();
    for webhook in Webhook::all(view.conn)? {
        let codes = webhook.property_codes(view.conn)?;
        known.push((webhook, codes));
    }
    let told = |error: &FieldError| (error.field, view.page.words.tell(&error.message));
    Answer::page(&WebhooksPage {
        errors: errors.iter().map(told).collect(),
        undelivered: webhooks::undelivered(view.conn, LISTED)?,
        page: Arc::clone(&view.page),
        webhooks: known,
        typed,
        made,
    })
}

/// `POST /settings/webhooks`: the page that answers shows the secret, and nothing ever does again.
pub async fn add(desk: Desk, form: Form<WebhookForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let houses = houses(view, &form.house)?;
            let new = NewWebhook {
                url: form.url.trim(),
                kinds: &form.kind,
                houses: &houses,
                allows_private: form.private,
                by: view.clerk.user_id,
            };
            let (id, secret) = new.insert(view.conn, &view.app.keys)?;
            let host = Webhook::by_id(view.conn, id)?.map(|webhook| webhook.host());
            let private = if form.private { " (private)" } else { "" };
            view.line("add_webhook")
                .detail(format!("{}{private}", host.unwrap_or_default()))
                .insert(view.conn)?;
            show(view, WebhookForm::default(), Some(secret), Vec::new())
        },
        |view, typed, errors| show(view, typed, None, errors),
    )
    .await
}

/// Does something to a receiver, and says so.
async fn change(
    desk: Desk,
    form: Form<Nothing>,
    id: i64,
    action: &'static str,
    said: &'static str,
    f: impl FnOnce(&mut View<'_>, &Webhook) -> Result<(), AppError> + Send + 'static,
) -> HttpResponse {
    desk.act(form, HERE.into(), move |view, _| {
        let webhook = Webhook::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
        f(view, &webhook)?;
        view.line(action).detail(webhook.host()).insert(view.conn)?;
        let said = Message::new(said).text("text", &webhook.url);
        Ok(Answer::see(HERE).say(view.words(), &said))
    })
    .await
}

/// `POST /settings/webhooks/{id}/test`
pub async fn test(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    change(
        desk,
        form,
        *id,
        "test_webhook",
        "webhook-tested",
        |view, webhook| Ok(webhook.try_out(view.conn)?),
    )
    .await
}

/// `POST /settings/webhooks/{id}/pause`
pub async fn pause(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    change(
        desk,
        form,
        *id,
        "pause_webhook",
        "webhook-is-paused",
        |view, webhook| Ok(webhook.pause(view.conn, view.clerk.user_id)?),
    )
    .await
}

/// `POST /settings/webhooks/{id}/resume`
pub async fn resume(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    change(
        desk,
        form,
        *id,
        "resume_webhook",
        "webhook-resumed",
        |view, webhook| Ok(webhook.resume(view.conn)?),
    )
    .await
}

/// `POST /settings/webhooks/{id}/remove`
pub async fn remove(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    change(
        desk,
        form,
        *id,
        "remove_webhook",
        "webhook-removed",
        |view, webhook| Ok(webhook.remove(view.conn)?),
    )
    .await
}

/// `POST /settings/webhooks/{id}/deliveries/{delivery}`: what was given up is sent again.
pub async fn send_again(
    desk: Desk,
    ids: web::Path<(i64, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    let (id, delivery) = ids.into_inner();
    change(
        desk,
        form,
        id,
        "resend_event",
        "webhook-sent-again",
        move |view, webhook| {
            if webhook.send_again(view.conn, delivery)? {
                Ok(())
            } else {
                Err(AppError::NotFound)
            }
        },
    )
    .await
}
