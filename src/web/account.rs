//! A clerk's own account: language, palette, shortcuts, password.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;
use std::sync::Arc;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::staff::user::{self, Theme, User};
use crate::staff::{Clerk, password};
use crate::words::{Language, Message};

/// The page.
#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Arc<Page>,
    errors: Wrong,
}

impl AccountPage {
    fn themes(&self) -> &'static [Theme] {
        Theme::ALL
    }

    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

/// `GET /account`
pub async fn form(desk: Desk) -> HttpResponse {
    desk.page(|view| show(view, Vec::new())).await
}

fn show(view: &View<'_>, errors: Vec<FieldError>) -> Result<Answer, AppError> {
    let errors = fields::wrong(&errors, view.words());
    Answer::page(&AccountPage {
        page: Arc::clone(&view.page),
        errors,
    })
}

#[derive(Deserialize)]
pub struct Manner {
    language: Option<Language>,
    theme: Option<Theme>,
    shortcuts: Option<String>,
    #[serde(default)]
    back: String,
}

/// `POST /account/manner`: how somebody likes to work.
pub async fn manner(desk: Desk, form: Form<Manner>) -> HttpResponse {
    desk.act(form, "/account".into(), |view, manner| {
        let shortcuts = manner.shortcuts.as_deref().map(|text| text == "on");
        user::set_manner(
            view.conn,
            view.clerk.user_id,
            manner.language,
            manner.theme,
            shortcuts,
        )?;
        let ours = manner.back.starts_with('/')
            && !manner.back.starts_with("//")
            && !manner.back.contains(['\\', '\r', '\n']);
        Ok(Answer::see(if ours {
            manner.back
        } else {
            "/account".into()
        }))
    })
    .await
}

#[derive(Deserialize)]
pub struct NewPassword {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
}

/// `POST /account/password`: ends all other sessions of the account, and begins a new one here.
pub async fn password(desk: Desk, form: Form<NewPassword>) -> HttpResponse {
    desk.submit(
        form,
        |view, fields| {
            let users = User::all(view.conn)?;
            let user = users
                .iter()
                .find(|user| user.id == view.clerk.user_id)
                .ok_or(AppError::NotFound)?;
            if !password::verify(&fields.current, Some(&user.password_hash)) {
                return Err(AppError::Invalid(vec![FieldError::new(
                    "current",
                    Message::new("error-password-current"),
                )]));
            }
            if password::check(&fields.password).is_err() {
                let message =
                    Message::new("error-password").number("least", password::MIN_LENGTH as i64);
                return Err(AppError::Invalid(vec![FieldError::new(
                    "password", message,
                )]));
            }
            let hash = password::hash(&fields.password).map_err(AppError::Internal)?;
            user::set_password(view.conn, user.id, &hash)?;
            view.line("change_password").insert(view.conn)?;
            let cookie = Clerk::sign_in(view.conn, user.id)?;
            Ok(Answer::see("/account")
                .say(view.words(), &Message::new("account-password-changed"))
                .cookie(super::login::session_cookie(cookie, view.app.https)))
        },
        |view, _, errors| show(view, errors),
    )
    .await
}
