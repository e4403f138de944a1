//! What is wrong, for programs: `application/problem+json` (RFC 9457), in English.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use diesel::result::{DatabaseErrorKind, Error};
use serde_json::{Value, json};

use crate::db::Unavailable;
use crate::error::{Fault, Rejection};
use crate::web::AppError;
use crate::words::Language;

/// The type of a problem's body.
pub const MIME: &str = "application/problem+json";

/// Why a call did not get what it asked for.
#[derive(Debug)]
pub enum Problem {
    /// No token, or none in force.
    Unauthorized(&'static str),
    /// The token may not.
    Forbidden(String),
    /// No such thing.
    NotFound(String),
    /// There is such an address, but not for this method.
    Method(String),
    /// The request can't be read.
    Unreadable(String),
    /// The body is of a type we don't read.
    Unsupported(String),
    /// The body took too long to come.
    Slow,
    /// The body is longer than this many bytes.
    TooLarge(usize),
    /// Fields that can't be right.
    Invalid(Vec<Rejection>),
    /// The key stands for another request.
    KeyReused(String),
    /// A rule of the house forbids it.
    Conflict(String),
    /// It has changed since it was read.
    Changed(String),
    /// Too many calls; seconds to wait.
    TooMany(u64),
    /// Somebody else wrote the same at the same moment: to be tried again.
    Raced(String),
    /// The database does not answer.
    Unavailable(String),
    /// Our fault; the cause is for the log.
    Internal(String),
}

impl Problem {
    /// One field that can't be right.
    pub fn field(name: &str, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![Rejection::new(name, reason)])
    }

    /// The status, a name for programs, and a title.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Unauthorized(_) => (S::UNAUTHORIZED, "unauthorized", "A bearer token is needed"),
            Self::Forbidden(_) => (S::FORBIDDEN, "forbidden", "The token does not allow this"),
            Self::NotFound(_) => (S::NOT_FOUND, "not-found", "There is no such thing"),
            Self::Method(_) => (S::METHOD_NOT_ALLOWED, "method", "Not by this method"),
            Self::Unreadable(_) => (S::BAD_REQUEST, "unreadable", "The request can't be read"),
            Self::Unsupported(_) => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                "The body is of another type",
            ),
            Self::Slow => (S::REQUEST_TIMEOUT, "slow", "The body took too long"),
            Self::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "too-large", "The body is too long"),
            Self::Invalid(_) => (S::UNPROCESSABLE_ENTITY, "invalid", "A field can't be right"),
            Self::KeyReused(_) => (
                S::UNPROCESSABLE_ENTITY,
                "key-reused",
                "The Idempotency-Key stands for another request",
            ),
            Self::Conflict(_) => (S::CONFLICT, "conflict", "A rule of the house forbids it"),
            Self::Changed(_) => (
                S::PRECONDITION_FAILED,
                "changed",
                "It has changed since it was read",
            ),
            Self::TooMany(_) => (S::TOO_MANY_REQUESTS, "too-many", "Too many calls"),
            Self::Raced(_) | Self::Unavailable(_) => {
                (S::SERVICE_UNAVAILABLE, "unavailable", "Not just now")
            }
            Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "internal", "Our fault"),
        }
    }

    /// What happened, and what would be right. An internal cause is not told.
    fn detail(&self) -> String {
        match self {
            Self::Unauthorized(why) => (*why).to_owned(),
            Self::Forbidden(text)
            | Self::NotFound(text)
            | Self::Method(text)
            | Self::Unreadable(text)
            | Self::Unsupported(text)
            | Self::KeyReused(text)
            | Self::Conflict(text)
            | Self::Changed(text) => text.clone(),
            Self::Slow => "send the body at once".into(),
            Self::TooLarge(most) => format!("at most {most} bytes are read; send less at once"),
            Self::Invalid(errors) => errors.first().map_or_else(String::new, |error| {
                format!("{}: {}", error.column, error.reason)
            }),
            Self::TooMany(seconds) => format!("try again in {seconds} s"),
            Self::Raced(_) | Self::Unavailable(_) => {
                "nothing was changed; try again in a moment".into()
            }
            Self::Internal(_) => {
                "nothing was changed; the log has the cause under this request id".into()
            }
        }
    }

    /// The status it goes out with.
    pub fn status(&self) -> u16 {
        self.kind().0.as_u16()
    }

    /// As JSON; `id` is the request's.
    pub fn body(&self, id: &str) -> Value {
        let (status, name, title) = self.kind();
        let mut body = json!({
            "type": format!("urn:innkeeper:problem:{name}"),
            "title": title,
            "status": status.as_u16(),
            "detail": self.detail(),
            "instance": format!("urn:innkeeper:request:{id}"),
        });
        if let (Self::Invalid(errors), Some(body)) = (self, body.as_object_mut()) {
            let errors = errors
                .iter()
                .map(|error| json!({"field": error.column, "detail": error.reason}));
            body.insert("errors".into(), errors.collect());
        }
        body
    }

    /// The line for the log, for what the caller can't mend.
    pub fn log(&self, path: &str, id: &str) {
        if let Self::Raced(cause) | Self::Unavailable(cause) | Self::Internal(cause) = self {
            log::error!("{path} ({id}): {cause}");
        }
    }

    /// As it goes out.
    pub fn respond(&self, id: &str) -> HttpResponse {
        let (status, ..) = self.kind();
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, MIME));
        match self {
            Self::Unauthorized(_) => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"innkeeper\""));
            }
            Self::TooMany(seconds) => {
                response.insert_header((RETRY_AFTER, seconds.to_string()));
            }
            Self::Raced(_) | Self::Unavailable(_) => {
                response.insert_header((RETRY_AFTER, "1"));
            }
            _ => {}
        }
        response.body(self.body(id).to_string())
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self::Invalid(vec![rejection])
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(
                DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::SerializationFailure,
                info,
            ) => Self::Raced(info.message().to_owned()),
            Error::DatabaseError(_, info) if info.message().contains("deadlock") => {
                Self::Raced(info.message().to_owned())
            }
            _ => AppError::from(error).into(),
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Database(error) => error.into(),
            fault => AppError::from(fault).into(),
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let words = Language::En.words();
        match error {
            AppError::Refused(message) => Self::Conflict(words.tell(&message)),
            AppError::Invalid(errors) => {
                let told = errors
                    .iter()
                    .map(|error| Rejection::new(error.field, words.tell(&error.message)));
                Self::Invalid(told.collect())
            }
            AppError::NotFound => Self::NotFound("it is not, or no longer, there".into()),
            AppError::Forbidden => Self::Forbidden("the token's role does not allow it".into()),
            AppError::Unavailable(cause) => Self::Unavailable(cause),
            AppError::Internal(cause) => Self::Internal(cause),
            error => Self::Internal(format!("{error:?}")),
        }
    }
}
