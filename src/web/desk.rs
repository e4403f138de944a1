//! The one door to every page: who is calling, whether they may, one connection, one answer.
//!
//! A handler is a closure over a [`View`]; it runs off the web workers, with the session already
//! read on the same connection. Rights by role are checked here against the table of
//! [`routes`](super::routes), rights by house by [`View::in_house`].

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};

use super::caller::Caller;
use super::flash::Flash;
use super::form::Form;
use super::page::Page;
use super::{Answer, App, AppError};
use crate::clock;
use crate::db::{self, Conn};
use crate::error::FieldError;
use crate::properties::{Property, Reference};
use crate::secret;
use crate::staff::audit::{Actor, Line};
use crate::staff::{Clerk, Right};
use crate::stays::arrive::Acting;
use crate::words::Words;

/// The session's cookie.
pub const COOKIE: &str = "innkeeper";

/// A request that has come in, before anybody knows whether it may be answered.
pub struct Desk {
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
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
            by: Actor::User(self.clerk.user_id),
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
        Line::new(Actor::User(self.clerk.user_id), action).from(self.address)
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
        let looks = answer
            .as_mut()
            .map_or_else(|_| Vec::new(), |answer| std::mem::take(&mut answer.looks));
        for line in looks {
            if let Err(error) = app.journal.record(line).await {
                answer = Err(error.into());
                break;
            }
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
            |answer| answer.respond(caller.is_told()),
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
    let property = caller.choice.house(&clerk, &reference)?.cloned();
    let today = property.as_ref().map_or_else(
        || clock::now().date(),
        |house| house.business_date(clock::now()),
    );
    let board_date = caller.choice.date(&clerk, today)?;
    let property_id = property.as_ref().map(|house| house.id);
    if (property_id, board_date) != (clerk.property_id, clerk.board_date) {
        clerk.look_at(conn, property_id, board_date)?;
        (clerk.property_id, clerk.board_date) = (property_id, board_date);
    }
    let page = Page {
        words: clerk.language.unwrap_or(caller.accepts).words(),
        clerk: Some(clerk.clone()),
        property,
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
