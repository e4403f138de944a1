//! `/metrics`: requests counted and timed by route, for Prometheus.

use std::sync::LazyLock;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};
use prometheus::{Encoder, HistogramVec, TextEncoder, register_histogram_vec};

use super::AppError;
use crate::words::Language;

/// Seconds by method, route (not address: that would name guests) and status.
static REQUESTS: LazyLock<Option<HistogramVec>> = LazyLock::new(|| {
    let buckets = vec![0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0];
    register_histogram_vec!(
        "innkeeper_request_seconds",
        "Requests by route and status",
        &["method", "route", "status"],
        buckets
    )
    .ok()
});

/// Counts a request that was answered.
pub fn observe(method: &str, route: Option<&str>, status: u16, took: Duration) {
    if let Some(requests) = REQUESTS.as_ref() {
        let status = status.to_string();
        requests
            .with_label_values(&[method, route.unwrap_or("none"), status.as_str()])
            .observe(took.as_secs_f64());
    }
}

/// `GET /metrics`: for this machine alone; a proxy's requests count as the public's.
pub async fn page(request: HttpRequest) -> HttpResponse {
    let local = request
        .peer_addr()
        .is_some_and(|peer| peer.ip().is_loopback());
    let forwarded = ["forwarded", "x-forwarded-for"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    if !local || forwarded {
        return super::page::error(Language::En.words(), &AppError::NotFound);
    }
    let mut text = Vec::new();
    match TextEncoder::new().encode(&prometheus::gather(), &mut text) {
        Ok(()) => HttpResponse::Ok()
            .insert_header(("content-type", prometheus::TEXT_FORMAT))
            .body(text),
        Err(error) => {
            super::page::error(Language::En.words(), &AppError::Internal(error.to_string()))
        }
    }
}
