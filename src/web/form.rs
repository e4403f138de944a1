//! Forms: read with a limit, repeated fields allowed, the session's token checked before anything is done.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest, dev};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::AppError;

/// Largest form. Notes are the longest thing typed.
const MAX_BYTES: usize = 64 * 1024;
/// A browser sends a form at once; whoever trickles it is not one.
const PATIENCE: Duration = Duration::from_secs(10);

/// A form as it was sent. Nothing in it is believed before [`Desk`](super::Desk) has checked its token.
pub struct Form<T>(Result<(T, String), &'static str>);

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

impl<T> Form<T> {
    /// The fields and the token the form carries; an error for what no page of ours sends.
    pub fn into_parts(self) -> Result<(T, String), AppError> {
        self.0.map_err(AppError::BadForm)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let same_site = is_same_site(request.headers());
        let mut payload = payload.take();
        Box::pin(async move {
            let body = tokio::time::timeout(PATIENCE, read(&mut payload))
                .await
                .unwrap_or(Err("error-form-slow"));
            Ok(Self(body.and_then(|body| {
                if !same_site {
                    return Err("error-form-foreign");
                }
                let token: Token =
                    serde_html_form::from_bytes(&body).map_err(|_| "error-form-unreadable")?;
                let fields =
                    serde_html_form::from_bytes(&body).map_err(|_| "error-form-unreadable")?;
                Ok((fields, token.csrf))
            })))
        })
    }
}

async fn read(payload: &mut dev::Payload) -> Result<BytesMut, &'static str> {
    use actix_web::error::PayloadError;
    let mut body = BytesMut::new();
    loop {
        let mut payload = Pin::new(&mut *payload);
        let chunk: Option<Result<_, PayloadError>> = std::future::poll_fn(|context| {
            futures_core::Stream::poll_next(payload.as_mut(), context)
        })
        .await;
        match chunk {
            None => return Ok(body),
            Some(Err(_)) => return Err("error-form-unreadable"),
            Some(Ok(bytes)) if body.len() + bytes.len() > MAX_BYTES => {
                return Err("error-form-long");
            }
            Some(Ok(bytes)) => body.extend_from_slice(&bytes),
        }
    }
}

/// Whether a write comes from one of our own pages, as far as the browser says.
///
/// Browsers send `Sec-Fetch-Site`; older ones `Origin`. Programs send neither, and have no cookie to abuse.
pub fn is_same_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text(ORIGIN.as_str()), text(HOST.as_str())) {
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, origin)| origin == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}
