//! Two profiles, one person: compared field by field, joined, and parted again, from `/guests/{id}`.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::form::Form;
use super::guests::guest;
use super::login::Nothing;
use super::page::Page;
use super::versus::{self, Cell, History, Known};
use super::{Answer, AppError, Desk};
use crate::guests::Guest;
use crate::guests::person::{self, Profile};
use crate::guests::portrait::Field;
use crate::guests::search::{self, Asking};
use crate::recognition::merging::{self, Pair, Source};
use crate::recognition::review;
use crate::words::{Message, Words};

/// Guests offered to be compared with.
const OFFERED: usize = 10;

/// The page: whom to compare with, or the two side by side.
#[derive(Template)]
#[template(path = "merge.html")]
struct MergePage {
    page: Arc<Page>,
    guest: Guest,
    typed: String,
    found: Vec<Guest>,
    preview: Option<Preview>,
}

/// The older and the newer person, and what would stand.
struct Preview {
    other: Guest,
    sides: Vec<Side>,
    rows: Vec<Row>,
    together: String,
    refused: Option<&'static str>,
}

struct Side {
    name: String,
    name_language: Option<&'static str>,
    profiles: String,
    history: History,
}

struct Row {
    label: String,
    cells: Vec<Cell>,
    wins: Cell,
}

#[derive(Default, Deserialize)]
pub struct With {
    #[serde(default)]
    with: String,
}

/// `GET /guests/{id}/merge`
pub async fn page(desk: Desk, id: web::Path<String>, with: web::Query<With>) -> HttpResponse {
    desk.page(move |view| {
        let guest = guest(view, &id)?;
        let typed: String = with.with.trim().chars().take(100).collect();
        // An address that was copied is as good as the id in it.
        let named = typed.rsplit('/').next().unwrap_or_default();
        let other = Guest::by_public_id(view.conn, named)?;
        let found = match &other {
            None if !typed.is_empty() => find(view, &typed, guest.person_id)?,
            _ => Vec::new(),
        };
        let look = view.line("view_merge").guest(guest.id);
        let other_look = other
            .as_ref()
            .map(|other| view.line("view_merge").guest(other.id));
        let preview = other
            .map(|other| Preview::of(&guest, other, view))
            .transpose()?;
        let page = MergePage {
            page: Arc::clone(&view.page),
            guest,
            typed,
            found,
            preview,
        };
        Ok(other_look
            .into_iter()
            .fold(Answer::page(&page)?.look(look), Answer::look))
    })
    .await
}

/// Other persons found by what was typed.
fn find(view: &mut View<'_>, typed: &str, person_id: i64) -> Result<Vec<Guest>, AppError> {
    let Ok(house) = view.house() else {
        return Ok(Vec::new());
    };
    let houses: Vec<i64> = view.page.houses().map(|house| house.id).collect();
    let asking = Asking {
        houses: &houses,
        property_id: house.id,
        today: view.page.today,
    };
    let found = search::find(view.conn, &view.app.finder, typed, &asking, OFFERED + 1)?;
    let others = found.into_iter().map(|found| found.guest);
    Ok(others
        .filter(|guest| guest.person_id != person_id)
        .take(OFFERED)
        .collect())
}

impl Preview {
    fn of(guest: &Guest, other: Guest, view: &mut View<'_>) -> Result<Self, AppError> {
        let persons = [
            guest.person_id.min(other.person_id),
            guest.person_id.max(other.person_id),
        ];
        let known = Known::load(view, &persons)?;
        let refused = if guest.person_id == other.person_id {
            Some("refused-one-already")
        } else if merging::never(view.conn, guest.id)?.contains(&other.person_id) {
            Some("refused-not-same")
        } else {
            None
        };
        let words = view.words();
        let [older, newer] = persons.map(|id| known.portrait(id));
        let both = older.with(&newer);
        let rows = Field::ALL
            .iter()
            .filter(|&&field| !both.values(field).is_empty())
            .map(|&field| Row {
                label: words.code("field", field),
                cells: vec![
                    Cell::of(&older, field, words),
                    Cell::beside(&newer, field, &older, words),
                ],
                wins: Cell::of(&both, field, words).first(),
            })
            .collect();
        let visits: usize = persons.iter().map(|id| known.visits(*id)).sum();
        let sides = persons.map(|id| {
            let theirs: Vec<&Profile> = known
                .profiles
                .iter()
                .filter(|profile| profile.guest.person_id == id)
                .collect();
            Side::of(&theirs, known.history(id, &view.page), view)
        });
        Ok(Self {
            other,
            sides: sides.into(),
            rows,
            together: words.count("stays", visits),
            refused,
        })
    }
}

impl Side {
    fn of(profiles: &[&Profile], history: History, view: &View<'_>) -> Self {
        let words = view.words();
        let one = person::of(profiles.iter().copied());
        let sources: Vec<String> = profiles
            .iter()
            .map(|profile| {
                format!(
                    "{} · {}",
                    profile.source,
                    words.date(profile.created_at.date())
                )
            })
            .collect();
        Self {
            name_language: one.as_ref().and_then(Guest::name_language),
            name: one.as_ref().map(person::full_name).unwrap_or_default(),
            profiles: sources.join("; "),
            history,
        }
    }
}

#[derive(Deserialize)]
pub struct Other {
    #[serde(default)]
    other: String,
}

/// `POST /guests/{id}/merge`
pub async fn merge(desk: Desk, id: web::Path<String>, form: Form<Other>) -> HttpResponse {
    let id = id.into_inner();
    desk.act(form, format!("/guests/{id}"), move |view, form| {
        let one = guest(view, &id)?;
        let other = guest(view, &form.other)?;
        let pair = Pair {
            guest_id: one.id,
            other_id: other.id,
        };
        let by = Some(view.clerk.user_id);
        let merge_id = merging::merge(view.conn, pair, Source::Desk, None, by)?;
        record(view, "merge", [&one, &other])?;
        let done = Message::new("done-merge").text("guest", other.name());
        let undo = format!("/guests/{id}/merges/{merge_id}/undo");
        Ok(Answer::see(format!("/guests/{id}#profiles")).say_undo(view.words(), &done, undo))
    })
    .await
}

/// `POST /guests/{id}/merges/{merge}/undo`
pub async fn undo(desk: Desk, path: web::Path<(String, i64)>, form: Form<Nothing>) -> HttpResponse {
    let (id, merge_id) = path.into_inner();
    desk.act(form, format!("/guests/{id}"), move |view, _| {
        let one = guest(view, &id)?;
        let pair = merging::pair(view.conn, merge_id)?.ok_or(AppError::NotFound)?;
        let joined = Guest::by_ids(view.conn, &[pair.guest_id, pair.other_id])?;
        // A merge is undone from a page of the person it made.
        if !joined.iter().any(|guest| guest.person_id == one.person_id) {
            return Err(AppError::NotFound);
        }
        let asked_again = review::undo_merge(view.conn, merge_id, Some(view.clerk.user_id))?;
        if let [a, b] = joined.as_slice() {
            record(view, "undo_merge", [a, b])?;
        }
        view.app.reference.forget();
        let done = Message::new("done-undo-merge");
        let answer = Answer::see(format!("/guests/{id}#profiles")).say(view.words(), &done);
        Ok(match asked_again {
            Some(stay) => answer.changed(stay.property_id),
            None => answer,
        })
    })
    .await
}

/// A line for each of the two, so that it stands on the record of both.
pub(super) fn record(
    view: &mut View<'_>,
    action: &'static str,
    [one, other]: [&Guest; 2],
) -> Result<(), AppError> {
    for (about, with) in [(one, other), (other, one)] {
        view.line(action)
            .guest(about.id)
            .detail(with.public_id.clone())
            .insert(view.conn)?;
    }
    Ok(())
}

/// A merge as the profile page tells it.
pub(super) struct MergeLine {
    /// The merge.
    pub id: i64,
    /// Who was joined.
    pub who: String,
    /// By whom, when and why.
    pub why: String,
}

/// The merges that hold a person together, in words.
pub(super) fn lines(view: &mut View<'_>, profiles: &[Profile]) -> Result<Vec<MergeLine>, AppError> {
    if profiles.len() < 2 {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = profiles.iter().map(|profile| profile.guest.id).collect();
    let merges = merging::of_profiles(view.conn, &ids)?;
    let words = view.words();
    let name = |id: i64| {
        let profile = profiles.iter().find(|profile| profile.guest.id == id);
        profile.map_or_else(String::new, |profile| person::full_name(&profile.guest))
    };
    Ok(merges
        .into_iter()
        .map(|merge| MergeLine {
            id: merge.id,
            who: words.list([name(merge.guest_id), name(merge.other_id)]),
            why: why(&merge, words),
        })
        .collect())
}

fn why(merge: &merging::Merge, words: &Words) -> String {
    let reasons: Vec<String> = versus::reasons(merge.reasons.as_deref().unwrap_or_default(), words)
        .into_iter()
        .map(|(_, reason)| reason)
        .collect();
    let parts = [
        Some(words.code("merged", merge.source)),
        merge.made_by.clone(),
        Some(words.date(merge.made_at.date())),
        Some(words.list(&reasons)).filter(|reasons| !reasons.is_empty()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
