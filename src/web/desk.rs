//! The one door to every page: who is calling, whether they may, one connection, one answer.
//!
//! A handler is a closure over a [`View`]; it runs off the web workers, with the session already
//! read on the same connection. Rights by role are checked here against the table of
//! [`routes`](super::routes), rights by house by [`View::in_house`].

use std::sync::Arc;

use actix_web::cookie::Cookie;
use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use chrono::NaiveDate;
use serde::Deserialize;

use super::flash::{self, Flash};
use super::form::Form;
use super::page::Page;
use super::routes::{self, Who};
use super::{App, AppError};
use crate::clock;
use crate::db::{self, Conn};
use crate::error::FieldError;
use crate::properties::{Property, Reference};
use crate::secret;
use crate::staff::audit::Line;
use crate::staff::{Clerk, Right};
use crate::stays::arrive::Acting;
use crate::words::{Language, Message, Words};

/// The session's cookie.
pub const COOKIE: &str = "innkeeper";

/// A request that has come in, before anybody knows whether it may be answered.
pub struct Desk {
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
}

/// What the request says of itself.
struct Caller {
    who: Option<Who>,
    cookie: Option<String>,
    flash: Option<Flash>,
    accepts: Language,
    address: String,
    path: String,
    query: String,
    choice: Choice,
    is_get: bool,
}

/// What any page's address may choose.
#[derive(Default, Deserialize)]
struct Choice {
    property: Option<String>,
    date: Option<String>,
    fragment: Option<String>,
}

impl FromRequest for Desk {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let app = request
            .app_data::<web::Data<App>>()
            .cloned()
            .ok_or_else(|| actix_web::error::ErrorInternalServerError("no state"));
        std::future::ready(app.map(|app| Self {
            app,
            caller: Caller::of(request),
            request: request.clone(),
        }))
    }
}

impl Caller {
    fn of(request: &HttpRequest) -> Self {
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
            address: request
                .peer_addr()
                .map(|address| address.ip().to_string())
                .unwrap_or_default(),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            choice: serde_html_form::from_str(request.query_string()).unwrap_or_default(),
            is_get,
        }
    }
}

/// What a handler sees.
pub struct View<'a> {
    /// The connection of this request.
    pub conn: &'a mut Conn,
    /// The server's state.
    pub app: &'a App,
    /// Who is calling.
    pub clerk: Clerk,
    /// The frame of the page.
    pub page: Arc<Page>,
    /// Only the part of the page that changes is wanted.
    pub fragment: bool,
    /// Where from.
    pub address: &'a str,
}

impl View<'_> {
    /// The reader's words.
    pub fn words(&self) -> &'static Words {
        self.page.words
    }

    /// Names of houses and tiers.
    pub fn reference(&self) -> Arc<Reference> {
        Arc::clone(&self.page.reference)
    }

    /// The house looked at.
    pub fn house(&self) -> Result<&Property, AppError> {
        self.page.property.as_ref().ok_or(AppError::NotFound)
    }

    /// A house the clerk's rights hold for; for all others the page is forbidden.
    pub fn in_house(&self, property_id: i64) -> Result<Property, AppError> {
        if !self.clerk.houses.include(property_id) {
            return Err(AppError::Forbidden);
        }
        self.page
            .reference
            .property(property_id)
            .cloned()
            .ok_or(AppError::NotFound)
    }

    /// Who acts on a stay of a house, and on which business date.
    pub fn acting(&self, house: &Property) -> Acting {
        Acting {
            user_id: self.clerk.user_id,
            today: house.business_date(clock::now()),
        }
    }

    /// Forbidden unless the clerk has a right.
    pub fn must(&self, right: Right) -> Result<(), AppError> {
        if self.clerk.may(right) {
            Ok(())
        } else {
            Err(AppError::Forbidden)
        }
    }

    /// A line for the record, of this clerk from this address.
    pub fn line(&self, action: &'static str) -> Line {
        Line::new(self.clerk.user_id, action).from(self.address)
    }
}

/// What a handler answers.
pub struct Answer {
    status: StatusCode,
    body: Body,
    look: Option<Line>,
    changed: Option<i64>,
    cookies: Vec<Cookie<'static>>,
}

enum Body {
    Html(String),
    File(&'static str, String),
    SeeOther(String),
}

impl Answer {
    /// A page.
    pub fn page(template: &impl askama::Template) -> Result<Self, AppError> {
        Ok(Self::of(StatusCode::OK, Body::Html(template.render()?)))
    }

    /// A part of a page.
    pub fn html(html: String) -> Self {
        Self::of(StatusCode::OK, Body::Html(html))
    }

    /// Go and see there.
    pub fn see(path: impl Into<String>) -> Self {
        Self::of(StatusCode::SEE_OTHER, Body::SeeOther(path.into()))
    }

    /// Something other than a page.
    pub fn file(mime: &'static str, content: String) -> Self {
        Self::of(StatusCode::OK, Body::File(mime, content))
    }

    fn of(status: StatusCode, body: Body) -> Self {
        Self {
            status,
            body,
            look: None,
            changed: None,
            cookies: Vec::new(),
        }
    }

    /// The page shows a guest: it is sent only when this line is on record.
    pub fn look(mut self, line: Line) -> Self {
        self.look = Some(line);
        self
    }

    /// Open boards of the house are told.
    pub fn changed(mut self, property_id: i64) -> Self {
        self.changed = Some(property_id);
        self
    }

    /// What happened, said on the page that follows.
    pub fn say(self, words: &Words, message: &Message) -> Self {
        self.cookie(
            Flash {
                ok: true,
                text: words.tell(message),
                undo: None,
            }
            .cookie(),
        )
    }

    /// What happened, with a way to take it back.
    pub fn say_undo(self, words: &Words, message: &Message, undo: String) -> Self {
        self.cookie(
            Flash {
                ok: true,
                text: words.tell(message),
                undo: Some(undo),
            }
            .cookie(),
        )
    }

    /// Sets a cookie.
    pub fn cookie(mut self, cookie: Cookie<'static>) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// With another status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

type Done = (Result<Answer, AppError>, u32);

impl Desk {
    /// The raw request.
    pub fn request(&self) -> HttpRequest {
        self.request.clone()
    }

    /// Answers a GET.
    pub async fn page(
        self,
        f: impl FnOnce(&mut View<'_>) -> Result<Answer, AppError> + Send + 'static,
    ) -> HttpResponse {
        self.run(move |app, caller, conn| with_view(app, caller, conn, None, |view| f(view)))
            .await
    }

    /// Answers a POST of a button: done in one transaction, or refused in words on the page `back`.
    pub async fn act<T: Send + 'static>(
        self,
        form: Form<T>,
        back: String,
        f: impl FnOnce(&mut View<'_>, T) -> Result<Answer, AppError> + Send + 'static,
    ) -> HttpResponse {
        self.run(move |app, caller, conn| {
            let (fields, token) = form.into_parts()?;
            let answer = with_view(app, caller, conn, Some(&token), |view| {
                in_transaction(view, |view| f(view, fields))
            });
            match answer {
                Err(error @ (AppError::Refused(_) | AppError::Invalid(_))) => {
                    let words = caller.words(conn)?;
                    let text = words.tell(&error.message().1);
                    Ok(Answer::see(back).cookie(
                        Flash {
                            ok: false,
                            text,
                            undo: None,
                        }
                        .cookie(),
                    ))
                }
                answer => answer,
            }
        })
        .await
    }

    /// Answers a POST of a form that was typed: done in one transaction, or `again` with what was typed and what is wrong.
    pub async fn submit<T: Send + 'static>(
        self,
        form: Form<T>,
        act: impl FnOnce(&mut View<'_>, &T) -> Result<Answer, AppError> + Send + 'static,
        again: impl FnOnce(&mut View<'_>, T, Vec<FieldError>) -> Result<Answer, AppError>
        + Send
        + 'static,
    ) -> HttpResponse {
        self.run(move |app, caller, conn| {
            let (fields, token) = form.into_parts()?;
            with_view(app, caller, conn, Some(&token), |view| {
                let (errors, status) = match in_transaction(view, |view| act(view, &fields)) {
                    Err(AppError::Invalid(errors)) => (errors, StatusCode::UNPROCESSABLE_ENTITY),
                    Err(AppError::Refused(message)) => {
                        (vec![FieldError::new("form", message)], StatusCode::CONFLICT)
                    }
                    answer => return answer,
                };
                Ok(again(view, fields, errors)?.status(status))
            })
        })
        .await
    }

    /// Answers whoever is calling, signed in or not: the sign-in page.
    pub async fn anyone(
        self,
        f: impl FnOnce(&App, &mut Conn, &Anyone<'_>) -> Result<Answer, AppError> + Send + 'static,
    ) -> HttpResponse {
        self.run(move |app, caller, conn| {
            f(
                app,
                conn,
                &Anyone {
                    words: caller.accepts.words(),
                    address: &caller.address,
                    caller,
                },
            )
        })
        .await
    }

    /// What a handler that does not answer with a page needs to know; or the answer that refuses.
    pub async fn peek<T: Send + 'static>(
        self,
        f: impl FnOnce(&mut View<'_>) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, HttpResponse> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let answer = self
            .page(move |view| {
                // The receiver waits below; it can't be gone.
                let _ = sender.send(f(view)?);
                Ok(Answer::see("/"))
            })
            .await;
        receiver.await.map_err(|_| answer)
    }

    async fn run(
        self,
        f: impl FnOnce(&App, &Caller, &mut Conn) -> Result<Answer, AppError> + Send + 'static,
    ) -> HttpResponse {
        let Self { app, caller, .. } = self;
        let caller = Arc::new(caller);
        let (their_app, theirs) = (app.clone(), Arc::clone(&caller));
        let done = web::block(move || -> Done {
            db::reset_queries_run();
            let answer = their_app.db.read(|conn| f(&their_app, &theirs, conn));
            (answer, db::queries_run())
        });
        let (mut answer, queries) = done
            .await
            .unwrap_or_else(|_| (Err(AppError::Internal("the handler panicked".into())), 0));
        if let Ok(Answer {
            look: Some(line), ..
        }) = &mut answer
            && let Err(error) = app.journal.record(line.clone()).await
        {
            answer = Err(error.into());
        }
        if let Ok(Answer {
            changed: Some(property_id),
            ..
        }) = answer
        {
            app.live.changed(property_id);
        }
        let mut response = answer.map_or_else(
            |error| caller.refuse(&error),
            |answer| caller.respond(answer),
        );
        if app.count_queries
            && let Ok(value) = queries.to_string().parse()
        {
            response.headers_mut().insert(
                actix_web::http::header::HeaderName::from_static("x-queries"),
                value,
            );
        }
        response
    }
}

/// Somebody who may not be signed in.
pub struct Anyone<'a> {
    /// Words in the language their browser asks for.
    pub words: &'static Words,
    /// Where from.
    pub address: &'a str,
    caller: &'a Caller,
}

impl Anyone<'_> {
    /// The session's cookie, if they bring one.
    pub fn cookie(&self) -> Option<&str> {
        self.caller.cookie.as_deref()
    }

    /// What just happened.
    pub fn flash(&self) -> Option<Flash> {
        self.caller.flash.clone()
    }
}

impl Caller {
    fn words(&self, conn: &mut Conn) -> Result<&'static Words, AppError> {
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

    fn respond(&self, answer: Answer) -> HttpResponse {
        let mut response = HttpResponse::build(answer.status);
        for cookie in answer.cookies {
            response.cookie(cookie);
        }
        match answer.body {
            Body::Html(html) => {
                if self.flash.is_some() && self.choice.fragment.is_none() {
                    response.cookie(Flash::ended());
                }
                response
                    .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
                    .body(html)
            }
            Body::File(mime, content) => response.insert_header((CONTENT_TYPE, mime)).body(content),
            Body::SeeOther(path) => response.insert_header((LOCATION, path)).finish(),
        }
    }

    fn refuse(&self, error: &AppError) -> HttpResponse {
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

/// Reads the session, checks rights and token, remembers the house and date, and calls the handler.
fn with_view(
    app: &App,
    caller: &Caller,
    conn: &mut Conn,
    token: Option<&str>,
    f: impl FnOnce(&mut View<'_>) -> Result<Answer, AppError>,
) -> Result<Answer, AppError> {
    let cookie = caller.cookie.as_deref().ok_or(AppError::SignIn)?;
    let mut clerk = Clerk::by_cookie(conn, cookie)?.ok_or(AppError::SignIn)?;
    // A route that is not in the table is nobody's.
    if !caller.who.is_some_and(|who| who.admits(clerk.role)) {
        return Err(AppError::Forbidden);
    }
    let csrf = app.keys.form_token(&clerk.session);
    if token.is_some_and(|token| !secret::same(token, &csrf)) {
        return Err(AppError::BadForm("error-form-token"));
    }
    let reference = app.reference.get(conn)?;
    let houses: Vec<Property> = reference
        .properties
        .iter()
        .filter(|house| clerk.houses.include(house.id))
        .cloned()
        .collect();
    let property = choose_house(&caller.choice, &clerk, &houses)?;
    let today = property.as_ref().map_or_else(
        || clock::now().date(),
        |house| house.business_date(clock::now()),
    );
    let board_date = choose_date(&caller.choice, &clerk, today)?;
    let property_id = property.as_ref().map(|house| house.id);
    if (property_id, board_date) != (clerk.property_id, clerk.board_date) {
        clerk.look_at(conn, property_id, board_date)?;
        (clerk.property_id, clerk.board_date) = (property_id, board_date);
    }
    let page = Page {
        words: clerk.language.unwrap_or(caller.accepts).words(),
        clerk: Some(clerk.clone()),
        property,
        houses,
        date: board_date.unwrap_or(today),
        today,
        csrf,
        flash: caller.flash.clone(),
        path: caller.path.clone(),
        reference,
    };
    f(&mut View {
        conn,
        app,
        clerk,
        page: Arc::new(page),
        fragment: caller.choice.fragment.is_some(),
        address: &caller.address,
    })
}

fn in_transaction(
    view: &mut View<'_>,
    f: impl FnOnce(&mut View<'_>) -> Result<Answer, AppError>,
) -> Result<Answer, AppError> {
    let View {
        conn,
        app,
        clerk,
        page,
        fragment,
        address,
    } = view;
    app.db.write_on(conn, |conn| {
        f(&mut View {
            conn,
            app,
            clerk: clerk.clone(),
            page: Arc::clone(page),
            fragment: *fragment,
            address,
        })
    })
}

fn choose_house(
    choice: &Choice,
    clerk: &Clerk,
    houses: &[Property],
) -> Result<Option<Property>, AppError> {
    if let Some(code) = choice.property.as_deref().filter(|code| !code.is_empty()) {
        let found = houses
            .iter()
            .find(|house| house.code.eq_ignore_ascii_case(code));
        let unknown = || {
            FieldError::new(
                "property",
                Message::new("error-no-house").text("text", code),
            )
        };
        return Ok(Some(
            found
                .ok_or_else(|| AppError::Invalid(vec![unknown()]))?
                .clone(),
        ));
    }
    let remembered = houses
        .iter()
        .find(|house| Some(house.id) == clerk.property_id);
    Ok(remembered.or(houses.first()).cloned())
}

/// The date to look at; none is today, whenever that is.
fn choose_date(
    choice: &Choice,
    clerk: &Clerk,
    today: NaiveDate,
) -> Result<Option<NaiveDate>, AppError> {
    match choice.date.as_deref().map(str::trim) {
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
