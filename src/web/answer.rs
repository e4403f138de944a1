//! What a handler answers: a page, a file or another address; and what goes on record with it.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, X_FRAME_OPTIONS};

use super::AppError;
use super::flash::Flash;
use crate::staff::audit::Line;
use crate::words::{Message, Words};

/// What a handler answers.
pub struct Answer {
    status: StatusCode,
    body: Body,
    /// Who looks at which guests.
    pub(super) looks: Vec<Line>,
    /// The house whose open boards are told.
    pub(super) changed: Option<i64>,
    cookies: Vec<Cookie<'static>>,
    /// What the document may do, where it is none of our pages.
    policy: Option<&'static str>,
    framed: bool,
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
            looks: Vec::new(),
            changed: None,
            cookies: Vec::new(),
            policy: None,
            framed: false,
        }
    }

    /// The page shows a guest: it is sent only when this line is on record, and every other.
    pub fn look(mut self, line: Line) -> Self {
        self.looks.push(line);
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

    /// Leads to another page than it would.
    pub fn to(mut self, path: &str) -> Self {
        self.body = Body::SeeOther(path.into());
        self
    }

    /// Under a content security policy of its own.
    pub fn policy(mut self, policy: &'static str) -> Self {
        self.policy = Some(policy);
        self
    }

    /// To be shown within a page of ours; its own policy must say the same.
    pub fn framed(mut self) -> Self {
        self.framed = true;
        self
    }

    /// With another status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// As it goes out; `said` is whether a page shows what just happened, which is then over.
    pub(super) fn respond(self, said: bool) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(policy) = self.policy {
            response.insert_header((CONTENT_SECURITY_POLICY, policy));
        }
        if self.framed {
            response.insert_header((X_FRAME_OPTIONS, "SAMEORIGIN"));
        }
        for cookie in self.cookies {
            response.cookie(cookie);
        }
        match self.body {
            Body::Html(html) => {
                if said {
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
}
