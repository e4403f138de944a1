//! One sentence carried over a redirect, in a cookie of its own: no write, no state on the server.

use actix_web::cookie::{Cookie, SameSite, time};
use serde::{Deserialize, Serialize};

/// The cookie's name.
pub const COOKIE: &str = "innkeeper_flash";

/// Where something can be taken back.
const UNDOABLE: [&str; 8] = [
    "/stays/",
    "/review/",
    "/duplicates/",
    "/guests/",
    "/cases/",
    "/tasks/",
    "/restaurant/",
    "/rooms/assign/",
];

/// What happened, for the page that follows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    /// Whether it went well.
    pub ok: bool,
    /// The sentence, in the clerk's language.
    pub text: String,
    /// Where to post to take it back.
    pub undo: Option<String>,
}

impl Flash {
    /// The cookie that carries it.
    pub fn cookie(&self) -> Cookie<'static> {
        let json = serde_json::to_string(self).unwrap_or_default();
        let hex = crate::secret::hex(json.as_bytes());
        base(hex).max_age(time::Duration::minutes(1)).finish()
    }

    /// Reads it back; none if it is not ours.
    pub fn read(value: &str) -> Option<Self> {
        let bytes = crate::secret::unhex(value)?;
        let flash: Self = serde_json::from_slice(&bytes).ok()?;
        flash
            .undo
            .as_deref()
            .is_none_or(|path| UNDOABLE.iter().any(|start| path.starts_with(start)))
            .then_some(flash)
    }

    /// The cookie that ends it.
    pub fn ended() -> Cookie<'static> {
        base(String::new()).max_age(time::Duration::ZERO).finish()
    }
}

fn base(value: String) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
}
