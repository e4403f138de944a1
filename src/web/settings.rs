//! Settings: who works here, and which programs may call.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::form::Form;
use super::login::Nothing;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::staff::token::Token;
use crate::staff::user::{self, NewUser, User};
use crate::staff::{Houses, Role, password};
use crate::words::Message;

/// Longest name of an account or a token, in characters.
const LONGEST_NAME: usize = 64;

/// The page.
#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    page: Arc<Page>,
    users: Vec<(User, Vec<String>)>,
    tokens: Vec<Token>,
    typed: UserForm,
    made: Option<String>,
    errors: Vec<(&'static str, String)>,
}

impl SettingsPage {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, text)| text.as_str())
    }

    fn roles(&self) -> impl Iterator<Item = &'static Role> {
        Role::ALL.iter().filter(|role| **role != Role::Pms)
    }

    fn token_roles(&self) -> impl Iterator<Item = &'static Role> {
        Role::ALL.iter().rev()
    }

    fn houses(&self, all: &bool, codes: &[String]) -> String {
        if *all {
            self.page.say("staff-every-house").to_owned()
        } else {
            codes.join(", ")
        }
    }

    fn is_me(&self, user: &User) -> bool {
        self.page
            .clerk
            .as_ref()
            .is_some_and(|clerk| clerk.user_id == user.id)
    }
}

/// A new account, as typed.
#[derive(Clone, Default, Deserialize)]
pub struct UserForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    display_name: String,
    role: Option<Role>,
    #[serde(default)]
    password: String,
    /// Codes of houses; none is every house.
    #[serde(default)]
    house: Vec<String>,
}

/// `GET /settings`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| show(view, UserForm::default(), None, Vec::new()))
        .await
}

fn show(
    view: &mut View<'_>,
    typed: UserForm,
    made: Option<String>,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let mut users = Vec::new();
    for user in User::all(view.conn)? {
        users.push((user.property_codes(view.conn)?, user));
    }
    let page = SettingsPage {
        page: Arc::clone(&view.page),
        users: users
            .into_iter()
            .map(|(codes, user)| (user, codes))
            .collect(),
        tokens: Token::all(view.conn)?,
        typed,
        made,
        errors: errors
            .iter()
            .map(|error| (error.field, view.words().tell(&error.message)))
            .collect(),
    };
    Answer::page(&page)
}

/// `POST /settings/users`
pub async fn add_user(desk: Desk, form: Form<UserForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let name = user::fold_name(&form.name);
            let mut errors = name_errors(&name, "name", "error-user-name");
            errors.extend(password_error(&form.password));
            if User::by_name(view.conn, &name)?.is_some() {
                errors.push(FieldError::new(
                    "name",
                    Message::new("refused-user-exists").text("text", &name),
                ));
            }
            if !errors.is_empty() {
                return Err(AppError::Invalid(errors));
            }
            let display_name = if form.display_name.trim().is_empty() {
                form.name.trim()
            } else {
                form.display_name.trim()
            };
            let hash = password::hash(&form.password).map_err(AppError::Internal)?;
            let houses = houses(view, &form.house)?;
            let role = form
                .role
                .filter(|role| *role != Role::Pms)
                .unwrap_or(Role::FrontDesk);
            let new = NewUser {
                name: &name,
                display_name,
                role,
                password_hash: &hash,
                houses: &houses,
            };
            new.insert(view.conn)?;
            view.line("add_user")
                .detail(format!("{name} {role}"))
                .insert(view.conn)?;
            Ok(Answer::see("/settings").say(
                view.words(),
                &Message::new("staff-added").text("text", display_name),
            ))
        },
        |view, typed, errors| show(view, typed, None, errors),
    )
    .await
}

/// The houses of these codes; every house where there is none.
pub(super) fn houses(view: &View<'_>, codes: &[String]) -> Result<Houses, AppError> {
    if codes.is_empty() {
        return Ok(Houses::All);
    }
    let known = codes.iter().map(|code| {
        let unknown =
            || FieldError::new("house", Message::new("error-no-house").text("text", code));
        view.page
            .reference
            .by_code(code)
            .map(|house| house.id)
            .ok_or_else(unknown)
    });
    known
        .collect::<Result<Vec<i64>, FieldError>>()
        .map(Houses::Only)
        .map_err(|error| AppError::Invalid(vec![error]))
}

fn name_errors(name: &str, field: &'static str, key: &'static str) -> Vec<FieldError> {
    let fits =
        (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        Vec::new()
    } else {
        vec![FieldError::new(field, Message::new(key))]
    }
}

fn password_error(password: &str) -> Option<FieldError> {
    let message = Message::new("error-password").number("least", password::MIN_LENGTH as i64);
    password::check(password)
        .is_err()
        .then(|| FieldError::new("password", message))
}

/// `POST /settings/users/{id}/disable`
pub async fn disable_user(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    desk.act(form, "/settings".into(), move |view, _| {
        if *id == view.clerk.user_id {
            return Err(AppError::Refused(Message::new("refused-self")));
        }
        let user = account(view, *id)?;
        user::disable(view.conn, user.id)?;
        view.line("disable_user")
            .detail(user.name)
            .insert(view.conn)?;
        Ok(Answer::see("/settings").say(
            view.words(),
            &Message::new("staff-disabled").text("text", user.display_name),
        ))
    })
    .await
}

#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    password: String,
}

/// `POST /settings/users/{id}/password`
pub async fn set_password(
    desk: Desk,
    id: web::Path<i64>,
    form: Form<PasswordForm>,
) -> HttpResponse {
    desk.act(form, "/settings".into(), move |view, form| {
        let user = account(view, *id)?;
        if let Some(error) = password_error(&form.password) {
            return Err(AppError::Invalid(vec![error]));
        }
        let hash = password::hash(&form.password).map_err(AppError::Internal)?;
        user::set_password(view.conn, user.id, &hash)?;
        view.line("set_password")
            .detail(user.name)
            .insert(view.conn)?;
        Ok(Answer::see("/settings").say(
            view.words(),
            &Message::new("staff-password-set").text("text", user.display_name),
        ))
    })
    .await
}

fn account(view: &mut View<'_>, id: i64) -> Result<User, AppError> {
    User::all(view.conn)?
        .into_iter()
        .find(|user| user.id == id)
        .ok_or(AppError::NotFound)
}

#[derive(Deserialize)]
pub struct TokenForm {
    #[serde(default)]
    token_name: String,
    role: Option<Role>,
    #[serde(default)]
    house: Vec<String>,
}

/// `POST /settings/tokens`: the page that answers shows the token, and nothing ever does again.
pub async fn add_token(desk: Desk, form: Form<TokenForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let name = form.token_name.trim();
            let mut errors = name_errors(name, "token_name", "error-token-name");
            if Token::all(view.conn)?
                .iter()
                .any(|token| token.name == name)
            {
                errors.push(FieldError::new(
                    "token_name",
                    Message::new("refused-token-exists").text("text", name),
                ));
            }
            if !errors.is_empty() {
                return Err(AppError::Invalid(errors));
            }
            let houses = houses(view, &form.house)?;
            let token = Token::issue(view.conn, name, form.role.unwrap_or(Role::Pms), &houses)?;
            view.line("add_token").detail(name).insert(view.conn)?;
            show(view, UserForm::default(), Some(token), Vec::new())
        },
        |view, _, errors| show(view, UserForm::default(), None, errors),
    )
    .await
}

#[derive(Deserialize)]
pub struct Named {
    #[serde(default)]
    name: String,
}

/// `POST /settings/tokens/revoke`
pub async fn revoke_token(desk: Desk, form: Form<Named>) -> HttpResponse {
    desk.act(form, "/settings".into(), |view, form| {
        if !Token::revoke(view.conn, &form.name)? {
            return Err(AppError::NotFound);
        }
        view.line("revoke_token")
            .detail(form.name)
            .insert(view.conn)?;
        Ok(Answer::see("/settings").say(view.words(), &Message::new("token-revoked")))
    })
    .await
}
