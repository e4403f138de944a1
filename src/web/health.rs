//! Whether the process lives, and whether it can work.

use actix_web::{HttpResponse, web};

use super::App;
use crate::db::{Unavailable, migrate};

/// `GET /healthz`: the process lives.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers and its migrations are current.
pub async fn ready(app: web::Data<App>) -> HttpResponse {
    let check = web::block(move || {
        app.db
            .read(|conn| migrate::is_current(conn).map_err(|error| Unavailable(error.to_string())))
    });
    match check.await {
        Ok(Ok(true)) => HttpResponse::Ok().body("ready\n"),
        Ok(Ok(false)) => HttpResponse::ServiceUnavailable().body("migrations are pending\n"),
        Ok(Err(error)) => {
            log::error!("/readyz: {error}");
            HttpResponse::ServiceUnavailable().body("the database does not answer\n")
        }
        Err(_) => HttpResponse::ServiceUnavailable().body("stopping\n"),
    }
}
