//! The one error type of the edge: a page for the clerk, a line for the log.

use actix_web::http::StatusCode;

use crate::db::Unavailable;
use crate::error::{Fault, FieldError};
use crate::words::Message;

/// Why a request did not get what it asked for.
#[derive(Debug)]
pub enum AppError {
    /// No such page, guest or stay.
    NotFound,
    /// Signed in, but not allowed.
    Forbidden,
    /// Not signed in (any more).
    SignIn,
    /// A form that did not come from our page, or came twice.
    BadForm(&'static str),
    /// A rule of the house forbids it.
    Refused(Message),
    /// The input can't be right.
    Invalid(Vec<FieldError>),
    /// Too many tries.
    TooMany,
    /// The database does not answer.
    Unavailable(String),
    /// Our fault; the cause is for the log.
    Internal(String),
}

impl AppError {
    /// The status that says the same to a program.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::BadForm(_) => StatusCode::BAD_REQUEST,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the clerk reads: a title's key, and the words.
    pub fn message(&self) -> (&'static str, Message) {
        match self {
            Self::NotFound => ("error-not-found", Message::new("error-not-found-help")),
            Self::Forbidden => ("error-forbidden", Message::new("error-forbidden-help")),
            Self::SignIn => ("error-sign-in", Message::new("error-sign-in-help")),
            Self::BadForm(key) => ("error-form", Message::new(key)),
            Self::Refused(message) => ("error-refused", message.clone()),
            Self::Invalid(errors) => (
                "error-invalid",
                errors
                    .first()
                    .map_or(Message::new("error-form-unreadable"), |error| {
                        error.message.clone()
                    }),
            ),
            Self::TooMany => ("error-too-many", Message::new("error-too-many-help")),
            Self::Unavailable(_) => ("error-unavailable", Message::new("error-unavailable-help")),
            Self::Internal(_) => ("error-internal", Message::new("error-internal-help")),
        }
    }

    /// The line for the log, for what the clerk can't mend.
    pub fn log(&self, path: &str) {
        if let Self::Unavailable(cause) | Self::Internal(cause) = self {
            log::error!("{path}: {cause}");
        }
    }
}

impl From<diesel::result::Error> for AppError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error};
        match error {
            Error::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            // SQLite names no kind for these.
            Error::DatabaseError(_, info)
                if [
                    "database is locked",
                    "disk I/O",
                    "server closed",
                    "terminating connection",
                ]
                .iter()
                .any(|text| info.message().contains(text)) =>
            {
                Self::Unavailable(info.message().to_owned())
            }
            error => Self::Internal(error.to_string()),
        }
    }
}

impl From<Unavailable> for AppError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<Fault> for AppError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(message) => Self::Refused(message),
            Fault::Invalid(errors) => Self::Invalid(errors),
            Fault::NotFound => Self::NotFound,
            Fault::Database(error) => error.into(),
            Fault::Unavailable(error) => error.into(),
        }
    }
}

impl From<askama::Error> for AppError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(format!("template: {error}"))
    }
}
