//! Which error belongs where.
//!
//! - Reading the database gives [`diesel::QueryResult`], everywhere in the domain.
//! - A domain verb that can be refused (`check_in`, `check_out`, …) gives [`Fault`]: the words for the
//!   clerk, or the database's error.
//! - What a file or a program gives, and can't be right, gives a [`Rejection`]: the field, the value and what would be
//!   right.
//! - At the edge all become one [`AppError`](crate::web::AppError), with a page for the clerk and a
//!   line for the log. An internal cause never reaches a page.

use crate::db::Unavailable;
use crate::words::Message;

/// Why a domain verb did not happen. Nothing was written.
#[derive(Debug)]
pub enum Fault {
    /// A rule of the house forbids it; the message says what would be right.
    Refused(Message),
    /// The input can't be right; each error is at its field.
    Invalid(Vec<FieldError>),
    /// It does not exist (any more).
    NotFound,
    /// The database failed.
    Database(diesel::result::Error),
    /// The database does not answer.
    Unavailable(Unavailable),
}

/// What is wrong with a field of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    /// The field's name in the form.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub message: Message,
}

impl FieldError {
    /// An error at a field.
    pub fn new(field: &'static str, message: Message) -> Self {
        Self { field, message }
    }
}

/// What is wrong with a field that a file or a program gives. In English: it is read beside names that are English too.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rejection {
    /// The field or column at fault.
    pub column: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl Rejection {
    /// Says what is wrong with a field.
    pub fn new(column: &str, reason: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            reason: reason.into(),
        }
    }

    /// No profile goes by this key.
    pub fn unknown_guest(guest_id: &str, source: &str) -> Self {
        let reason = format!(
            "'{guest_id}' is not a guest of source '{source}'; import the guests file first, or name its --source"
        );
        Self::new("guest_id", reason)
    }
}

impl From<diesel::result::Error> for Fault {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Unavailable> for Fault {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl From<Message> for Fault {
    fn from(message: Message) -> Self {
        Self::Refused(message)
    }
}
