//! What a call says of itself, before anybody knows whether it may be answered.

use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, IF_MATCH, IF_NONE_MATCH};
use actix_web::web::BytesMut;
use actix_web::{HttpRequest, dev};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::problem::Problem;
use super::routes::{self, Who};
use crate::web::origin;
use crate::words::Language;

/// The name of the header that makes a write happen once.
pub const KEY: &str = "idempotency-key";
/// The name of the header by which a call is found in the log.
pub const REQUEST_ID: &str = "x-request-id";
/// Longest key and request id, in characters.
const LONGEST: usize = 255;
/// A program sends a body at once; whoever trickles it holds a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a call says of itself.
pub struct Call {
    pub who: Option<Who>,
    pub token: Option<String>,
    pub key: Option<Result<String, Problem>>,
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    /// The type of the body, as it is said to be.
    pub mime: String,
    pub id: String,
    pub address: String,
    pub method: String,
    pub path: String,
    pub query: String,
    /// The language of sentences for guests and staff.
    pub language: Language,
}

impl Call {
    pub fn of(request: &HttpRequest) -> Self {
        let headers = request.headers();
        let pattern = request.match_pattern();
        Self {
            who: pattern.and_then(|pattern| routes::who(request.method().as_str(), &pattern)),
            token: text(headers, AUTHORIZATION.as_str()).and_then(bearer),
            key: headers
                .get(KEY)
                .map(|value| value.to_str().map_or_else(|_| Err(bad_key()), key)),
            if_match: text(headers, IF_MATCH.as_str()).map(str::to_owned),
            if_none_match: text(headers, IF_NONE_MATCH.as_str()).map(str::to_owned),
            mime: mime(headers),
            id: text(headers, REQUEST_ID)
                .filter(|id| is_plain(id) && id.len() <= 64)
                .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned),
            address: origin::address(request),
            method: request.method().to_string(),
            path: request.uri().to_string(),
            query: request.query_string().to_owned(),
            language: text(headers, "accept-language").map_or(Language::En, Language::negotiate),
        }
    }

    /// Refuses a body that is not said to be XML.
    pub fn must_be_xml(&self) -> Result<(), Problem> {
        if matches!(self.mime.as_str(), "application/xml" | "text/xml") {
            return Ok(());
        }
        let said: String = self.mime.chars().take(60).collect();
        let detail = format!("Content-Type is '{said}'; send application/xml");
        Err(Problem::Unsupported(detail))
    }

    /// What tells this request from any other.
    pub fn hash(&self, body: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new();
        for part in [
            self.method.as_bytes(),
            b" ",
            self.path.as_bytes(),
            b"\n",
            body,
        ] {
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The type of the body, without what is said of its characters.
fn mime(headers: &HeaderMap) -> String {
    let said = text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let mime = said.split(';').next().unwrap_or_default();
    mime.trim().to_ascii_lowercase()
}

fn bearer(text: &str) -> Option<String> {
    let (scheme, token) = text.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub fn bad_key() -> Problem {
    let reason = format!("must have 1 to {LONGEST} visible ASCII characters");
    Problem::field("Idempotency-Key", reason)
}

fn key(text: &str) -> Result<String, Problem> {
    let fits = is_plain(text) && text.len() <= LONGEST;
    fits.then(|| text.to_owned()).ok_or_else(bad_key)
}

/// Reads the body of a call, up to a limit and not for ever.
pub async fn body(
    headers: &HeaderMap,
    mut payload: dev::Payload,
    path: &str,
) -> Result<BytesMut, Problem> {
    let most = routes::most_bytes(path);
    let body = tokio::time::timeout(PATIENCE, read(&mut payload, most))
        .await
        .unwrap_or(Err(Problem::Slow))?;
    let mime = mime(headers);
    let is_read = mime == "application/json" || routes::is_xml(path);
    if !body.is_empty() && !is_read {
        let said: String = mime.chars().take(60).collect();
        let detail = format!("Content-Type is '{said}'; send application/json");
        return Err(Problem::Unsupported(detail));
    }
    Ok(body)
}

async fn read(payload: &mut dev::Payload, most: usize) -> Result<BytesMut, Problem> {
    let mut body = BytesMut::new();
    loop {
        let mut payload = Pin::new(&mut *payload);
        let next = std::future::poll_fn(|context| {
            futures_core::Stream::poll_next(payload.as_mut(), context)
        });
        match next.await {
            None => return Ok(body),
            Some(Err(error)) => {
                return Err(Problem::Unreadable(format!("the body broke off: {error}")));
            }
            Some(Ok(bytes)) if body.len() + bytes.len() > most => {
                return Err(Problem::TooLarge(most));
            }
            Some(Ok(bytes)) => body.extend_from_slice(&bytes),
        }
    }
}
