//! The one door of the API: whose token, whether it may, one connection, one answer; a write happens once.
//!
//! A handler is a closure over a [`View`]; it runs off the web workers. Rights by role are checked here against the
//! table of [`routes`](super::routes), rights by house by [`View::property`].

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header::{ETAG, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::call::{self, Call, REQUEST_ID};
use super::listing;
use super::problem::Problem;
use crate::clock;
use crate::db::{self, Conn};
use crate::properties::{Property, Reference};
use crate::recognition;
use crate::secret;
use crate::staff::audit::{Actor, Line};
use crate::staff::once::{self, Claim};
use crate::staff::token::Bearer;
use crate::stays::arrive::Acting;
use crate::stays::events::Teller;
use crate::stays::reservation::Context;
use crate::web::App;
use crate::words::Words;

/// How often a write is tried that lost a race for a row.
const TRIES: usize = 4;

/// A call that has come in, before anybody knows whether it may be answered.
pub struct Door {
    app: web::Data<App>,
    call: Call,
    body: Result<BytesMut, Problem>,
}

impl FromRequest for Door {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let no_state = || actix_web::error::ErrorInternalServerError("no state");
            let call = Call::of(&request);
            let body = if *request.method() == Method::GET {
                Ok(BytesMut::new())
            } else {
                call::body(request.headers(), payload, request.path()).await
            };
            Ok(Self {
                app: app.ok_or_else(no_state)?,
                call,
                body,
            })
        })
    }
}

/// What a handler sees.
pub struct View<'a> {
    /// The connection of this call.
    pub conn: &'a mut Conn,
    /// The server's state.
    pub app: &'a App,
    /// Whose token.
    pub bearer: &'a Bearer,
    /// Names of houses and tiers.
    pub reference: Arc<Reference>,
    /// What the call says of itself.
    pub call: &'a Call,
}

/// What a handler answers.
pub struct Reply {
    status: StatusCode,
    body: Value,
    looks: Vec<Line>,
    changed: Vec<i64>,
}

impl Reply {
    /// With 200.
    pub fn ok(body: Value) -> Self {
        Self::status(StatusCode::OK, body)
    }

    /// With another status.
    pub fn status(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body,
            looks: Vec::new(),
            changed: Vec::new(),
        }
    }

    /// It shows a guest: it is sent only when this line is on record.
    pub fn look(mut self, line: Line) -> Self {
        self.looks.push(line);
        self
    }

    /// Open boards of the house are told.
    pub fn changed(mut self, property_id: i64) -> Self {
        self.changed.push(property_id);
        self
    }
}

impl View<'_> {
    /// A house by code, which the token's rights must hold for.
    pub fn property(&self, code: &str) -> Result<Property, Problem> {
        let reference = &self.reference;
        let Some(house) = reference.by_code(code) else {
            let houses = reference.within(&self.bearer.houses);
            let known: Vec<&str> = houses.map(|house| house.code.as_str()).take(8).collect();
            let known = known.join(", ");
            let detail = format!("'{code}' is not a property; this token's are: {known}");
            return Err(Problem::NotFound(detail));
        };
        if self.bearer.houses.include(house.id) {
            return Ok(house.clone());
        }
        let detail = format!("the token's rights do not hold for property '{code}'");
        Err(Problem::Forbidden(detail))
    }

    /// Who tells what happened in a house.
    pub fn teller<'a>(&self, house: &Property, reference: &'a Reference) -> Teller<'a> {
        Teller {
            acting: Acting {
                by: Actor::Token(self.bearer.token_id),
                today: house.business_date(clock::now()),
            },
            token_id: self.bearer.token_id,
            reference,
        }
    }

    /// Who tells us what the call says.
    pub fn context(&mut self) -> Result<Context, Problem> {
        let (recognition, model) = recognition::decided(self.conn)?;
        Ok(Context {
            source: self.bearer.name.clone(),
            secrets: self.app.keys.clone(),
            recognition,
            model,
            now: clock::now(),
        })
    }

    /// The words sentences are said in: those the call asks for, else English.
    pub fn words(&self) -> &'static Words {
        self.call.language.words()
    }

    /// A line for the record, of this token from this address.
    pub fn line(&self, action: &'static str) -> Line {
        Line::new(Actor::Token(self.bearer.token_id), action).from(&self.call.address)
    }

    /// Refuses a write whose caller has read another state than stands.
    pub fn must_match(&self, current: &Value) -> Result<(), Problem> {
        let Some(wanted) = &self.call.if_match else {
            return Ok(());
        };
        let tag = etag(&current.to_string());
        if wanted.trim() == "*" || wanted.split(',').any(|one| one.trim() == tag) {
            return Ok(());
        }
        let detail = format!("If-Match is {wanted}, but it is now {tag}; read it again");
        Err(Problem::Changed(detail))
    }
}

/// What stands between a closure and the wire.
struct Answered {
    status: u16,
    body: String,
    looks: Vec<Line>,
    changed: Vec<i64>,
    is_replay: bool,
}

impl From<Reply> for Answered {
    fn from(reply: Reply) -> Self {
        Self {
            status: reply.status.as_u16(),
            body: reply.body.to_string(),
            looks: reply.looks,
            changed: reply.changed,
            is_replay: false,
        }
    }
}

type Done = (Result<Answered, Problem>, u32);

impl Door {
    /// Answers a GET.
    pub async fn read(
        self,
        f: impl FnOnce(&mut View<'_>) -> Result<Reply, Problem> + Send + 'static,
    ) -> HttpResponse {
        self.run(move |app, call, conn, _| with_view(app, call, conn, |view| Ok(f(view)?.into())))
            .await
    }

    /// Answers a GET that asks for something by name.
    pub async fn find<Q: DeserializeOwned>(
        self,
        f: impl FnOnce(&mut View<'_>, Q) -> Result<Reply, Problem> + Send + 'static,
    ) -> HttpResponse {
        self.run(move |app, call, conn, _| {
            with_view(app, call, conn, |view| {
                Ok(f(view, listing::query(&call.query)?)?.into())
            })
        })
        .await
    }

    /// Answers a call that computes from what it is given, and stores nothing.
    pub async fn ask(
        self,
        f: impl FnOnce(&mut View<'_>, &Map<String, Value>) -> Result<Reply, Problem> + Send + 'static,
    ) -> HttpResponse {
        self.run(move |app, call, conn, body| {
            with_view(app, call, conn, |view| Ok(f(view, &object(body)?)?.into()))
        })
        .await
    }

    /// Answers a write: done in one transaction, and once for each key.
    pub async fn write(
        self,
        f: impl Fn(&mut View<'_>, &Map<String, Value>) -> Result<Reply, Problem> + Send + 'static,
    ) -> HttpResponse {
        self.write_raw(move |view, body| f(view, &object(body)?))
            .await
    }

    /// The same, of a body that is no JSON.
    pub async fn write_raw(
        self,
        f: impl Fn(&mut View<'_>, &[u8]) -> Result<Reply, Problem> + Send + 'static,
    ) -> HttpResponse {
        self.run(move |app, call, conn, body| {
            with_view(app, call, conn, |view| {
                let key = match &call.key {
                    Some(Err(_)) => return Err(call::bad_key()),
                    Some(Ok(key)) => Some(key.as_str()),
                    None => None,
                };
                let hash = call.hash(body);
                let mut tries = 1;
                loop {
                    match once(view, key, &hash, |view| f(view, body)) {
                        Err(Problem::Raced(_)) if tries < TRIES => tries += 1,
                        answer => return answer,
                    }
                }
            })
        })
        .await
    }

    async fn run(
        self,
        f: impl FnOnce(&App, &Call, &mut Conn, &[u8]) -> Result<Answered, Problem> + Send + 'static,
    ) -> HttpResponse {
        let Self { app, call, body } = self;
        let call = Arc::new(call);
        let (their_app, theirs) = (app.clone(), Arc::clone(&call));
        let done = web::block(move || -> Done {
            db::reset_queries_run();
            let answer = their_app.db.read(|conn| match body {
                Ok(body) => f(&their_app, &theirs, conn, &body),
                // Who may not call learns that first, and nothing about the body.
                Err(problem) => with_view(&their_app, &theirs, conn, |_| Err(problem)),
            });
            (answer, db::queries_run())
        });
        let (mut answer, queries) = done
            .await
            .unwrap_or_else(|_| (Err(Problem::Internal("the handler panicked".into())), 0));
        let looks = answer
            .as_mut()
            .map_or_else(|_| Vec::new(), |answer| std::mem::take(&mut answer.looks));
        for line in looks {
            if let Err(error) = app.journal.record(line).await {
                answer = Err(error.into());
                break;
            }
        }
        for property_id in answer.iter().flat_map(|answer| &answer.changed) {
            app.live.changed(*property_id);
        }
        let mut response = match answer {
            Ok(answer) => respond(&call, answer),
            Err(problem) => {
                problem.log(&call.path, &call.id);
                problem.respond(&call.id)
            }
        };
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&call.id) {
            headers.insert(HeaderName::from_static(REQUEST_ID), id);
        }
        if app.count_queries {
            headers.insert(HeaderName::from_static("x-queries"), queries.into());
        }
        response
    }
}

fn respond(call: &Call, answer: Answered) -> HttpResponse {
    let tag = etag(&answer.body);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let is_known = call
        .if_none_match
        .as_deref()
        .is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    if call.method == "GET" && is_known {
        return HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .finish();
    }
    let mut response = HttpResponse::build(status);
    // The answer to a write says more than the thing itself: only what is read again has a tag.
    if call.method == "GET" {
        response.insert_header((ETAG, tag));
    }
    if answer.is_replay {
        response.insert_header(("idempotency-replayed", "true"));
    }
    if status == StatusCode::NO_CONTENT {
        return response.finish();
    }
    response
        .insert_header(("content-type", "application/json"))
        .body(answer.body)
}

/// Tells one state of a thing from another, by what is answered.
fn etag(body: &str) -> String {
    let hash = secret::hex(&secret::token_hash(body));
    format!("\"{}\"", hash.get(..32).unwrap_or_default())
}

/// The object that the body is; an empty body is an empty one.
fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let unreadable =
        |error: serde_json::Error| Problem::Unreadable(format!("the body is not JSON: {error}"));
    match serde_json::from_slice(body).map_err(unreadable)? {
        Value::Object(object) => Ok(object),
        _ => Err(Problem::Unreadable("the body must be a JSON object".into())),
    }
}

/// Knows the token, checks its rights, and calls the handler.
fn with_view<T>(
    app: &App,
    call: &Call,
    conn: &mut Conn,
    f: impl FnOnce(&mut View<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let unknown = Problem::Unauthorized("send Authorization: Bearer ik_…");
    let token = call.token.as_deref().ok_or(unknown)?;
    let revoked = Problem::Unauthorized("the token is unknown or revoked");
    let bearer = Bearer::by_token(conn, token)?.ok_or(revoked)?;
    app.api_limits
        .take(bearer.token_id, Instant::now())
        .map_err(Problem::TooMany)?;
    if bearer.is_due {
        app.db.write_on(conn, |conn| {
            bearer.touch(conn)?;
            once::forget(conn)
        })?;
    }
    // A route that is not in the table is nobody's.
    if !call.who.is_some_and(|who| who.admits(bearer.role)) {
        let detail = format!("a token of role '{}' may not make this call", bearer.role);
        return Err(Problem::Forbidden(detail));
    }
    // No name or number has one, and one of our databases stores none.
    if call.path.contains("%00") {
        let detail = "the address holds a NUL character (%00); remove it";
        return Err(Problem::Unreadable(detail.into()));
    }
    let reference = app.reference.get(conn)?;
    f(&mut View {
        conn,
        app,
        bearer: &bearer,
        reference,
        call,
    })
}

/// Does a write in one transaction; under a key that was used, answers what was answered.
fn once(
    view: &mut View<'_>,
    key: Option<&str>,
    hash: &[u8],
    f: impl FnOnce(&mut View<'_>) -> Result<Reply, Problem>,
) -> Result<Answered, Problem> {
    let View {
        conn,
        app,
        bearer,
        reference,
        call,
    } = view;
    let token_id = bearer.token_id;
    app.db.write_on(conn, |conn| {
        if let Some(key) = key {
            match once::claim(conn, token_id, key, hash)? {
                Claim::Ours => {}
                Claim::Answered { status, body } => {
                    return Ok(Answered {
                        status,
                        body,
                        looks: Vec::new(),
                        changed: Vec::new(),
                        is_replay: true,
                    });
                }
                Claim::Another => {
                    let detail = format!("'{key}' was used for another request; use a new key");
                    return Err(Problem::KeyReused(detail));
                }
            }
        }
        let answered: Answered = f(&mut View {
            conn,
            app,
            bearer,
            reference: Arc::clone(reference),
            call,
        })?
        .into();
        if let Some(key) = key {
            once::answered(conn, token_id, key, answered.status, &answered.body)?;
        }
        Ok(answered)
    })
}
