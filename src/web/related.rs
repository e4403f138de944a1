//! Who belongs together without being one person, and who was said not to be: in words, for pages.

use std::collections::HashSet;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::desk::View;
use super::form::Form;
use super::guests::guest;
use super::login::Nothing;
use super::merging::record;
use super::versus;
use super::{Answer, AppError, Desk};
use crate::guests::Guest;
use crate::guests::person;
use crate::recognition::apart::{self, Statement};
use crate::recognition::duplicates::{self, Kind, Link};
use crate::recognition::merging::{self, Pair};
use crate::words::{Message, Words};

/// Shown of one person.
const SHOWN: usize = 12;

/// Somebody beside a person.
pub struct Related {
    /// A profile of theirs.
    pub public_id: String,
    /// The name.
    pub name: String,
    /// The language of the name, where its script tells.
    pub name_language: Option<&'static str>,
    /// "Shares phone and surname: likely family".
    pub why: String,
}

/// Those who belong together with the person of these profiles, without these persons.
pub fn of(view: &mut View<'_>, ids: &[i64], without: &[i64]) -> Result<Vec<Related>, AppError> {
    let links = duplicates::links(view.conn, ids, SHOWN)?;
    let words = view.words();
    Ok(links
        .into_iter()
        .filter(|link| link.kind != Kind::Same && !without.contains(&link.guest.person_id))
        .map(|link| Related::of(&link, words))
        .collect())
}

impl Related {
    fn of(link: &Link, words: &Words) -> Self {
        Self {
            public_id: link.guest.public_id.clone(),
            name: person::full_name(&link.guest),
            name_language: link.guest.name_language(),
            why: why(link, words),
        }
    }
}

/// What two share, and what that makes of them.
fn why(link: &Link, words: &Words) -> String {
    if link.kind == Kind::Same {
        let reasons = versus::reasons(&link.reasons, words);
        let reasons: Vec<String> = reasons.into_iter().map(|(_, reason)| reason).collect();
        let likely = versus::likely(link.probability, words);
        return format!("{likely} · {}", words.list(reasons));
    }
    let shared: Vec<String> = link
        .reasons
        .split(';')
        .filter(|code| SHARED.contains(code))
        .map(|code| words.code("shared", code))
        .collect();
    let message = Message::new("related-why")
        .text("shared", words.list(shared))
        .text("kind", words.code("related", link.kind));
    words.tell(&message)
}

/// Reasons that are told of those who belong together.
const SHARED: [&str; 8] = [
    "family_name",
    "family_variant",
    "name",
    "email",
    "phone",
    "postal_code",
    "city",
    "company",
];

/// A person somebody is not.
pub struct Apart {
    /// The statement, for taking it back.
    pub id: i64,
    /// A profile of the other.
    pub public_id: String,
    /// The other's name.
    pub name: String,
    /// The language of the name, where its script tells.
    pub name_language: Option<&'static str>,
    /// By whom, when and where.
    pub why: String,
}

/// Who somebody belongs together with and who they are not, for the profile page.
#[derive(Default)]
pub struct Beside {
    /// Who they are likeliest to be.
    pub same: Option<Related>,
    /// Who they belong to.
    pub related: Vec<Related>,
    /// Who they are not.
    pub apart: Vec<Apart>,
}

impl Beside {
    /// Reads it, for the person of these profiles.
    pub fn load(view: &mut View<'_>, ids: &[i64]) -> Result<Self, AppError> {
        let said = apart::of_profiles(view.conn, ids)?;
        let links = duplicates::links(view.conn, ids, SHOWN)?;
        let others: Vec<i64> = said.iter().map(|statement| statement.other).collect();
        let guests = Guest::by_ids(view.conn, &others)?;
        let words = view.words();
        let not_they: HashSet<i64> = guests.iter().map(|guest| guest.person_id).collect();
        let is_question =
            |link: &&Link| link.kind == Kind::Same && !not_they.contains(&link.guest.person_id);
        Ok(Self {
            same: links
                .iter()
                .find(is_question)
                .map(|link| Related::of(link, words)),
            related: links
                .iter()
                .filter(|link| link.kind != Kind::Same)
                .map(|link| Related::of(link, words))
                .collect(),
            apart: said
                .iter()
                .filter_map(|statement| {
                    let other = guests.iter().find(|guest| guest.id == statement.other)?;
                    Some(Apart::of(statement, other, words))
                })
                .collect(),
        })
    }
}

impl Apart {
    fn of(statement: &Statement, other: &Guest, words: &Words) -> Self {
        let parts = [
            Some(words.code("said", statement.said)),
            statement.said_by.clone(),
            Some(words.date(statement.said_at.date())),
        ];
        Self {
            id: statement.id,
            public_id: other.public_id.clone(),
            name: person::full_name(other),
            name_language: other.name_language(),
            why: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        }
    }
}

#[derive(Deserialize)]
pub struct Other {
    #[serde(default)]
    other: String,
}

/// `POST /guests/{id}/not-same`: two profiles are not one person's, for good.
pub async fn tell_apart(desk: Desk, id: web::Path<String>, form: Form<Other>) -> HttpResponse {
    let id = id.into_inner();
    desk.act(form, format!("/guests/{id}"), move |view, form| {
        let one = guest(view, &id)?;
        let other = guest(view, &form.other)?;
        let pair = Pair {
            guest_id: one.id,
            other_id: other.id,
        };
        let said = merging::tell_apart(view.conn, pair, None, Some(view.clerk.user_id))?
            .ok_or_else(|| AppError::Refused(Message::new("refused-apart-already")))?;
        record(view, "tell_apart", [&one, &other])?;
        let done = Message::new("done-apart").text("guest", other.name());
        let undo = format!("/guests/{id}/not-same/{said}/withdraw");
        Ok(Answer::see(format!("/guests/{id}#profiles")).say_undo(view.words(), &done, undo))
    })
    .await
}

/// `POST /guests/{id}/not-same/{statement}/withdraw`
pub async fn withdraw(
    desk: Desk,
    at: web::Path<(String, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    let (id, statement_id) = at.into_inner();
    desk.act(form, format!("/guests/{id}"), move |view, _| {
        let one = guest(view, &id)?;
        let pair = apart::pair(view.conn, statement_id)?.ok_or(AppError::NotFound)?;
        let told = Guest::by_ids(view.conn, &[pair.guest_id, pair.other_id])?;
        // A statement is taken back from a page of one of the two.
        if !told.iter().any(|guest| guest.person_id == one.person_id) {
            return Err(AppError::NotFound);
        }
        apart::withdraw(view.conn, statement_id, view.clerk.user_id)?;
        if let [a, b] = told.as_slice() {
            record(view, "withdraw_apart", [a, b])?;
        }
        let done = Message::new("done-withdraw-apart");
        Ok(Answer::see(format!("/guests/{id}#profiles")).say(view.words(), &done))
    })
    .await
}
