//! The registration card on paper, `/stays/{id}/registration`.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::guests::contacts;
use crate::stays::board::{self, Row};
use crate::vocabulary;
use crate::words::{Language, Money};

/// The registration card, for a signature.
#[derive(Template)]
#[template(path = "registration.html")]
struct RegistrationPage {
    page: Arc<Page>,
    row: Row,
    house: String,
    stay_range: String,
    rate: Option<String>,
    needs: Vec<String>,
    emails: Vec<String>,
    phones: Vec<String>,
}

impl RegistrationPage {
    /// A label in the clerk's language and the guest's, where they differ.
    fn both(&self, key: &str) -> String {
        let ours = self.page.words;
        let guests = self
            .row
            .guest
            .language
            .as_deref()
            .map_or(Language::En, Language::negotiate)
            .words();
        if guests.language == ours.language {
            return ours.say(key).to_owned();
        }
        format!("{} · {}", ours.say(key), guests.say(key))
    }
}

/// `GET /stays/{id}/registration`
pub async fn page(desk: Desk, id: web::Path<i64>) -> HttpResponse {
    desk.page(move |view| {
        let row = board::row(view.conn, *id)?.ok_or(AppError::NotFound)?;
        let house = view.in_house(row.stay.property_id)?;
        let words = view.words();
        let contacts = contacts::of_guest(view.conn, row.guest.id)?;
        let of_kind = |kind: &str| {
            contacts
                .iter()
                .filter(|c| c.kind == kind && !c.masked)
                .map(|c| c.value.clone())
                .collect()
        };
        let look = view
            .line("print_registration")
            .guest(row.guest.id)
            .stay(row.stay.id, house.id);
        let page = RegistrationPage {
            page: Arc::clone(&view.page),
            house: house.name.clone(),
            stay_range: words.range(row.stay.arrival, row.stay.departure),
            rate: row
                .stay
                .rate_minor
                .map(|minor| Money::new(minor, &row.stay.currency).to_string()),
            needs: row
                .stay
                .requested_codes()
                .map(|code| vocabulary::label(code, words.language).to_owned())
                .collect(),
            emails: of_kind("email"),
            phones: of_kind("phone"),
            row,
        };
        Ok(Answer::page(&page)?.look(look))
    })
    .await
}
