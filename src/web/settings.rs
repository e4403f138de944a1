//! Settings: who works here, and which programs may call.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::login::Nothing;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::dining::Outlet;
use crate::error::FieldError;
use crate::properties::Reference;
use crate::staff::outlets::{self, Untied};
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
    users: Vec<Account>,
    tokens: Vec<Token>,
    typed: UserForm,
    made: Option<String>,
    errors: Wrong,
}

/// An account as it is listed.
struct Account {
    user: User,
    /// Codes of the houses it is limited to.
    houses: Vec<String>,
    /// Codes and names of the restaurants it is tied to.
    outlets: Vec<(String, String)>,
}

impl Account {
    fn is_tied_to(&self, outlet: &Outlet) -> bool {
        self.outlets.iter().any(|(code, _)| *code == outlet.code)
    }
}

impl SettingsPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn roles(&self) -> impl Iterator<Item = &'static Role> {
        Role::ALL.iter().filter(|role| **role != Role::Pms)
    }

    fn token_roles(&self) -> impl Iterator<Item = &'static Role> {
        Role::ALL.iter().rev()
    }

    /// Where somebody works: houses, and restaurants.
    fn places(&self, account: &Account) -> String {
        let houses = if account.user.all_properties {
            self.page.say("staff-every-house").to_owned()
        } else {
            account.houses.join(", ")
        };
        let names: Vec<&str> = account
            .outlets
            .iter()
            .map(|(_, name)| name.as_str())
            .collect();
        match (names.as_slice(), account.user.all_properties) {
            ([], _) => houses,
            (names, true) => names.join(", "),
            (names, false) => format!("{houses} · {}", names.join(", ")),
        }
    }

    /// The restaurants of all houses, with the house's name.
    fn outlets(&self) -> impl Iterator<Item = (&Outlet, &str)> {
        let reference = &self.page.reference;
        let outlets = reference.outlets.iter();
        outlets.map(|outlet| (outlet, reference.name(outlet.property_id)))
    }

    /// Whether an account can be tied to restaurants.
    fn is_host(&self, user: &User) -> bool {
        user.role == Role::Host && user.disabled_at.is_none()
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
    /// Codes of restaurants; none is all of the houses.
    #[serde(default)]
    outlet: Vec<String>,
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
    let tied = outlets::all(view.conn)?;
    let mut users = Vec::new();
    for user in User::all(view.conn)? {
        let theirs = tied.iter().filter(|(id, ..)| *id == user.id);
        users.push(Account {
            houses: user.property_codes(view.conn)?,
            outlets: theirs
                .map(|(_, code, name)| (code.clone(), name.clone()))
                .collect(),
            user,
        });
    }
    let page = SettingsPage {
        page: Arc::clone(&view.page),
        users,
        tokens: Token::all(view.conn)?,
        typed,
        made,
        errors: fields::wrong(&errors, view.words()),
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
            let reference = view.reference();
            let tied = tied(&reference, role, &houses, &form.outlet)?;
            let new = NewUser {
                name: &name,
                display_name,
                role,
                password_hash: &hash,
                houses: &houses,
            };
            let id = new.insert(view.conn)?;
            outlets::tie(view.conn, id, &tied)?;
            view.line("add_user")
                .detail(
                    format!("{name} {role} {}", form.outlet.join(","))
                        .trim_end()
                        .to_owned(),
                )
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

/// The restaurants of these codes, if an account of that role and those houses can be tied to them.
fn tied<'a>(
    reference: &'a Reference,
    role: Role,
    houses: &Houses,
    codes: &[String],
) -> Result<Vec<&'a Outlet>, AppError> {
    let named = codes
        .iter()
        .map(|code| reference.outlets.iter().find(|outlet| outlet.code == *code));
    let named: Vec<&Outlet> = named.collect::<Option<_>>().ok_or(AppError::NotFound)?;
    let wrong = match outlets::check(role, houses, &named) {
        Ok(()) => return Ok(named),
        Err(Untied::NotAHost) => Message::new("error-outlet-host"),
        Err(Untied::OtherHouse(name)) => Message::new("error-outlet-house").text("text", name),
    };
    Err(AppError::Invalid(vec![FieldError::new("outlet", wrong)]))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OutletsForm {
    outlet: Vec<String>,
}

/// `POST /settings/users/{id}/outlets`: the restaurants a host is limited to; it holds from the next page on.
pub async fn set_outlets(desk: Desk, id: web::Path<i64>, form: Form<OutletsForm>) -> HttpResponse {
    desk.act(form, "/settings".into(), move |view, form| {
        let user = account(view, *id)?;
        let houses = if user.all_properties {
            Houses::All
        } else {
            let codes = user.property_codes(view.conn)?;
            houses(view, &codes)?
        };
        let reference = view.reference();
        let tied = tied(&reference, user.role, &houses, &form.outlet)?;
        outlets::tie(view.conn, user.id, &tied)?;
        view.line("tie_user")
            .detail(format!("{} {}", user.name, form.outlet.join(",")))
            .insert(view.conn)?;
        Ok(Answer::see("/settings").say(
            view.words(),
            &Message::new("staff-outlets-set").text("text", user.display_name),
        ))
    })
    .await
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
