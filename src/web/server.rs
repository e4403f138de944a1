//! The server: middleware, time-outs, headers; then the routes.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use actix_web::dev::{Server, Service as _};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::{Compress, NormalizePath, TrailingSlash};
use actix_web::{App as Web, HttpRequest, HttpResponse, HttpServer, web};

use super::{App, AppError, metrics, routes};
use crate::api;
use crate::words::Language;

/// Nothing inline, nothing from elsewhere, no frames around us; in a frame only what lets itself be framed by us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer that does not say otherwise itself. `Referrer-Policy: same-origin`, since without a referrer browsers send
/// `Origin: null` with forms; HSTS is added only where browsers reach us by https.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Starts serving on a bound socket.
pub fn start(app: web::Data<App>, listener: TcpListener) -> io::Result<Server> {
    // Read the words and the phone tables now, not while the first guest waits.
    for language in Language::ALL {
        language.words();
    }
    let server = HttpServer::new(move || {
        let https = app.https;
        Web::new()
            .app_data(app.clone())
            .app_data(super::imports::limits())
            .wrap(Compress::default())
            .wrap(NormalizePath::new(TrailingSlash::Trim))
            .wrap_fn(move |request, service| {
                let started = Instant::now();
                let answer = service.call(request);
                async move {
                    let mut response = answer.await?;
                    let (request, status) = (response.request(), response.status().as_u16());
                    let route = request.match_pattern();
                    metrics::observe(
                        request.method().as_str(),
                        route.as_deref(),
                        status,
                        started.elapsed(),
                    );
                    let headers = response.headers_mut();
                    for (name, value) in HEADERS {
                        if !headers.contains_key(&name) {
                            headers.insert(name, HeaderValue::from_static(value));
                        }
                    }
                    // Pages show guests: no cache keeps them. Static files say otherwise themselves.
                    if !headers.contains_key(header::CACHE_CONTROL) {
                        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                    }
                    if https {
                        headers.insert(
                            header::STRICT_TRANSPORT_SECURITY,
                            HeaderValue::from_static("max-age=31536000"),
                        );
                    }
                    Ok(response)
                }
            })
            // What can't be read from an address is answered by our page, in the words of a clerk.
            .app_data(web::PathConfig::default().error_handler(|error, request| {
                InternalError::from_response(error, page(request, &AppError::NotFound)).into()
            }))
            .app_data(web::QueryConfig::default().error_handler(|error, request| {
                let unreadable = AppError::Invalid(Vec::new());
                InternalError::from_response(error, page(request, &unreadable)).into()
            }))
            .configure(routes::mount)
            .configure(api::routes::mount)
            .default_service(web::to(not_found))
    })
    .workers(std::thread::available_parallelism().map_or(2, usize::from))
    .client_request_timeout(Duration::from_secs(10))
    .keep_alive(Duration::from_secs(75))
    .shutdown_timeout(5)
    .listen(listener)?
    .run();
    Ok(server)
}

/// Binds an address; the error names it.
pub fn bind(address: &str) -> Result<(TcpListener, SocketAddr), String> {
    let named = |error: io::Error| format!("cannot listen on {address}: {error}");
    let listener = TcpListener::bind(address).map_err(named)?;
    let local = listener.local_addr().map_err(named)?;
    Ok((listener, local))
}

async fn not_found(request: HttpRequest) -> HttpResponse {
    page(&request, &AppError::NotFound)
}

/// The page of an error, in the language the browser asks for; a program is told in its own way.
fn page(request: &HttpRequest, error: &AppError) -> HttpResponse {
    if request.path().starts_with("/api/v1/") {
        return api::unreadable(request);
    }
    let accepts = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let language = accepts.map_or(Language::En, Language::negotiate);
    super::page::error(language.words(), error)
}
