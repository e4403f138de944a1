//! What a request says of itself, before anybody knows whether it may be answered.

use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Deserialize;

use super::AppError;
use super::desk::COOKIE;
use super::flash::{self, Flash};
use super::origin;
use super::routes::{self, Who};
use crate::db::Conn;
use crate::error::FieldError;
use crate::properties::{Property, Reference};
use crate::staff::Clerk;
use crate::words::{Language, Message, Words};

/// What the request says of itself.
pub struct Caller {
    pub who: Option<Who>,
    pub cookie: Option<String>,
    pub flash: Option<Flash>,
    pub accepts: Language,
    pub address: String,
    pub path: String,
    query: String,
    pub choice: Choice,
    is_get: bool,
}

/// What any page's address may choose.
#[derive(Default, Deserialize)]
pub struct Choice {
    property: Option<String>,
    date: Option<String>,
    pub fragment: Option<String>,
}

impl Caller {
    pub fn of(request: &HttpRequest) -> Self {
        let accepts = request
            .headers()
            .get("accept-language")
            .and_then(|value| value.to_str().ok());
        let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
        Self {
            who: request
                .match_pattern()
                .and_then(|pattern| routes::who(is_get, &pattern)),
            cookie: request
                .cookie(COOKIE)
                .map(|cookie| cookie.value().to_owned()),
            flash: request
                .cookie(flash::COOKIE)
                .and_then(|cookie| Flash::read(cookie.value())),
            accepts: accepts.map_or(Language::En, Language::negotiate),
            address: origin::address(request),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            choice: serde_html_form::from_str(request.query_string()).unwrap_or_default(),
            is_get,
        }
    }

    /// The words of whoever is calling, in the language they chose if they are signed in.
    pub fn words(&self, conn: &mut Conn) -> Result<&'static Words, AppError> {
        let clerk = self
            .cookie
            .as_deref()
            .map(|cookie| Clerk::by_cookie(conn, cookie))
            .transpose()?
            .flatten();
        Ok(clerk
            .and_then(|clerk| clerk.language)
            .unwrap_or(self.accepts)
            .words())
    }

    /// Whether the page that goes out says what just happened.
    pub fn is_told(&self) -> bool {
        self.flash.is_some() && self.choice.fragment.is_none()
    }

    /// The page for what went wrong.
    pub fn refuse(&self, error: &AppError) -> HttpResponse {
        error.log(&self.path);
        if matches!(error, AppError::SignIn) && self.choice.fragment.is_none() {
            let next = if self.is_get && self.path != "/" {
                serde_html_form::to_string([("next", self.here())]).ok()
            } else {
                None
            };
            let to = next.map_or_else(|| "/login".into(), |next| format!("/login?{next}"));
            return HttpResponse::SeeOther()
                .insert_header((LOCATION, to))
                .finish();
        }
        super::page::error(self.accepts.words(), error)
    }

    fn here(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}

impl Choice {
    /// The house asked for, or the one looked at last, or the first the clerk may look at.
    pub fn house<'a>(
        &self,
        clerk: &'a Clerk,
        reference: &'a Reference,
    ) -> Result<Option<&'a Property>, AppError> {
        let mut houses = reference.within(&clerk.houses);
        if let Some(code) = self.property.as_deref().filter(|code| !code.is_empty()) {
            let asked = houses.find(|house| house.code.eq_ignore_ascii_case(code));
            return asked.map(Some).ok_or_else(|| {
                let unknown = Message::new("error-no-house").text("text", code);
                AppError::Invalid(vec![FieldError::new("property", unknown)])
            });
        }
        let first = houses.next();
        let remembered = clerk.property_id.and_then(|id| reference.property(id));
        Ok(remembered
            .filter(|house| clerk.houses.include(house.id))
            .or(first))
    }

    /// The date to look at; none is today, whenever that is.
    pub fn date(&self, clerk: &Clerk, today: NaiveDate) -> Result<Option<NaiveDate>, AppError> {
        match self.date.as_deref().map(str::trim) {
            None => Ok(clerk.board_date.filter(|date| *date != today)),
            Some("" | "today") => Ok(None),
            Some(text) => {
                let date: NaiveDate = text.parse().map_err(|_| {
                    AppError::Invalid(vec![FieldError::new(
                        "date",
                        Message::new("error-no-date").text("text", text),
                    )])
                })?;
                Ok(Some(date).filter(|date| *date != today))
            }
        }
    }
}
