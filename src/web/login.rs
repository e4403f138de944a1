//! Signing in and out, and the first administrator.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::{Anyone, COOKIE};
use super::fields::{self, Wrong};
use super::form::Form;
use super::{Answer, App, AppError, Desk};
use crate::error::FieldError;
use crate::secret;
use crate::staff::user::{self, NewUser, User};
use crate::staff::{Clerk, Houses, Role, password, throttle};
use crate::words::{Language, Message, Words};

/// The sign-in page.
#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    words: &'static Words,
    next: String,
    name: String,
    error: Option<String>,
    notice: Option<String>,
    demo: bool,
}

#[derive(Default, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
    lang: Option<Language>,
}

/// `GET /login`
pub async fn form(desk: Desk, query: web::Query<Next>) -> HttpResponse {
    let Next { next, lang } = query.into_inner();
    desk.anyone(move |app, _, anyone| {
        let notice = anyone.flash().map(|flash| flash.text);
        let words = lang.map_or(anyone.words, Language::words);
        Answer::page(&LoginPage {
            words,
            next,
            name: String::new(),
            error: None,
            notice,
            demo: app.demo,
        })
    })
    .await
}

#[derive(Deserialize)]
pub struct Credentials {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
    language: Option<Language>,
}

/// `POST /login`
pub async fn sign_in(desk: Desk, app: web::Data<App>, form: Form<Credentials>) -> HttpResponse {
    // Two hashes at a time at the most; the others wait here, not on a database connection.
    let permit = app.hashing.acquire().await;
    let answer = desk.anyone(move |app, conn, anyone| {
        let (fields, _) = form.into_parts()?;
        let account = user::fold_name(&fields.name);
        let words = fields.language.map_or(anyone.words, Language::words);
        let again = |status, key| {
            let error = Some(words.say(key).to_owned());
            let page = LoginPage {
                words,
                next: fields.next.clone(),
                name: fields.name.clone(),
                error,
                notice: None,
                demo: app.demo,
            };
            Ok::<_, AppError>(Answer::page(&page)?.status(status))
        };
        if throttle::must_wait(conn, &account, anyone.address)? {
            return again(
                actix_web::http::StatusCode::TOO_MANY_REQUESTS,
                "error-too-many-help",
            );
        }
        let user = User::by_name(conn, &account)?.filter(|user| user.disabled_at.is_none());
        let known = password::verify(
            &fields.password,
            user.as_ref().map(|user| user.password_hash.as_str()),
        );
        let Some(user) = user.filter(|_| known) else {
            app.db.write_on(conn, |conn| {
                throttle::failed(conn, &account, anyone.address)
            })?;
            return again(
                actix_web::http::StatusCode::UNPROCESSABLE_ENTITY,
                "login-wrong",
            );
        };
        let cookie = app.db.write_on(conn, |conn| {
            throttle::succeeded(conn, &account)?;
            anyone.end_session(conn)?;
            // Who never chose a language works in the one the page was read in.
            if user.language.is_none() {
                user::set_manner(conn, user.id, fields.language, None, None)?;
            }
            Clerk::sign_in(conn, user.id)
        })?;
        Ok(Answer::see(local(&fields.next)).cookie(session_cookie(cookie, app.https)))
    });
    let response = answer.await;
    drop(permit);
    response
}

/// `POST /logout`
pub async fn sign_out(desk: Desk, form: Form<Nothing>) -> HttpResponse {
    desk.act(form, "/login".into(), |view, _| {
        view.clerk.sign_out(view.conn)?;
        let mut gone = session_cookie(String::new(), view.app.https);
        gone.make_removal();
        Ok(Answer::see("/login").cookie(gone))
    })
    .await
}

/// `GET /`: to the page the role works on.
pub async fn home(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        Ok(Answer::see(match view.clerk.role {
            Role::FrontDesk | Role::Manager | Role::Admin => "/arrivals",
            Role::Host => "/restaurant",
            Role::Marketing => "/greetings",
            Role::Pms => "/search",
        }))
    })
    .await
}

/// A form that carries nothing but its token.
#[derive(Deserialize)]
pub struct Nothing {}

/// The page that makes the first administrator.
#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    words: &'static Words,
    token: String,
    name: String,
    errors: Wrong,
}

impl SetupPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }
}

/// `GET /setup/{token}`
pub async fn setup_form(desk: Desk, token: web::Path<String>) -> HttpResponse {
    desk.anyone(move |app, conn, anyone| {
        must_be_first_run(app, conn, &token)?;
        Answer::page(&SetupPage {
            words: anyone.words,
            token: token.into_inner(),
            name: "admin".into(),
            errors: Vec::new(),
        })
    })
    .await
}

#[derive(Deserialize)]
pub struct FirstUser {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
}

/// `POST /setup/{token}`
pub async fn setup(desk: Desk, token: web::Path<String>, form: Form<FirstUser>) -> HttpResponse {
    desk.anyone(move |app, conn, anyone| {
        let (fields, _) = form.into_parts()?;
        must_be_first_run(app, conn, &token)?;
        let name = user::fold_name(&fields.name);
        let mut errors = Vec::new();
        if name.is_empty() || name.chars().count() > 64 {
            errors.push(FieldError::new("name", Message::new("error-user-name")));
        }
        if password::check(&fields.password).is_err() {
            errors.push(FieldError::new(
                "password",
                Message::new("error-password").number("least", password::MIN_LENGTH as i64),
            ));
        }
        if !errors.is_empty() {
            let errors = fields::wrong(&errors, anyone.words);
            let page = SetupPage {
                words: anyone.words,
                token: token.into_inner(),
                name: fields.name,
                errors,
            };
            return Ok(
                Answer::page(&page)?.status(actix_web::http::StatusCode::UNPROCESSABLE_ENTITY)
            );
        }
        let hash = password::hash(&fields.password).map_err(AppError::Internal)?;
        let cookie = app.db.write_on(conn, |conn| {
            must_be_first_run(app, conn, &token)?;
            let new = NewUser {
                name: &name,
                display_name: fields.name.trim(),
                role: Role::Admin,
                password_hash: &hash,
                houses: &Houses::All,
            };
            let id = new.insert(conn)?;
            Ok::<_, AppError>(Clerk::sign_in(conn, id)?)
        })?;
        Ok(Answer::see("/").cookie(session_cookie(cookie, app.https)))
    })
    .await
}

/// The page exists only while nobody can sign in, and only for who read the address at the start.
fn must_be_first_run(app: &App, conn: &mut crate::db::Conn, token: &str) -> Result<(), AppError> {
    if secret::same(token, &app.setup_token) && !User::any(conn)? {
        Ok(())
    } else {
        Err(AppError::NotFound)
    }
}

pub(super) fn session_cookie(value: String, https: bool) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path("/")
        .http_only(true)
        .secure(https)
        .same_site(SameSite::Lax)
        .finish()
}

/// Where to go after signing in: a path of ours, never an address elsewhere.
fn local(next: &str) -> String {
    let ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.contains(char::is_control);
    if ours { next.to_owned() } else { "/".into() }
}

impl Anyone<'_> {
    /// Ends the session this browser still holds: signing in always begins a new one.
    fn end_session(&self, conn: &mut crate::db::Conn) -> Result<(), diesel::result::Error> {
        if let Some(clerk) = self
            .cookie()
            .map(|cookie| Clerk::by_cookie(conn, cookie))
            .transpose()?
            .flatten()
        {
            clerk.sign_out(conn)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_only_to_our_own_pages() {
        assert_eq!(local("/stays/9?x=1"), "/stays/9?x=1");
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "javascript:alert(1)",
            "/a\r\nb",
        ] {
            assert_eq!(local(foreign), "/", "{foreign}");
        }
    }
}
