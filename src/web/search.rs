//! The search box and its page.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::guests::search::{self, Asking, Found, Group};
use crate::staff::Role;
use crate::stays::Status;
use crate::vocabulary::{self, Kind};
use crate::welcome::memory;

/// Results while typing.
const WHILE_TYPING: usize = 10;
/// Results on the page.
const ON_A_PAGE: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Arc<Page>,
    typed: String,
    groups: Vec<(&'static str, Vec<Line>)>,
    total: usize,
}

/// What opens under the box while typing.
#[derive(Template)]
#[template(path = "search_fragment.html")]
struct Suggestions {
    page: Arc<Page>,
    groups: Vec<(&'static str, Vec<Line>)>,
    total: usize,
}

/// One guest found.
struct Line {
    /// For `aria-activedescendant`.
    id: String,
    href: Option<String>,
    name: Vec<(String, bool)>,
    name_language: Option<&'static str>,
    also: Vec<(String, bool)>,
    room: Option<String>,
    about: String,
    why: String,
    allergies: Vec<String>,
}

#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
}

/// `GET /search`
pub async fn page(desk: Desk, query: web::Query<Typed>) -> HttpResponse {
    let typed: String = query.into_inner().q.chars().take(100).collect();
    desk.page(move |view| {
        let role = view.clerk.role;
        show(view, typed, |found| opens(role, found))
    })
    .await
}

/// Answers a search with the page, or with what opens under the box; `href` says where somebody found is opened.
pub(super) fn show(
    view: &mut View<'_>,
    typed: String,
    href: impl Fn(&Found) -> Option<String>,
) -> Result<Answer, AppError> {
    let most = if view.fragment {
        WHILE_TYPING
    } else {
        ON_A_PAGE
    };
    let found = match view.house() {
        Ok(house) => {
            let houses: Vec<i64> = view.page.houses().map(|house| house.id).collect();
            let asking = Asking {
                houses: &houses,
                property_id: house.id,
                today: view.page.today,
            };
            search::find(view.conn, &view.app.finder, &typed, &asking, most)?
        }
        Err(_) => Vec::new(),
    };
    let persons: Vec<i64> = found.iter().map(|found| found.guest.person_id).collect();
    let allergies = memory::allergies_of(view.conn, &persons)?;
    let total = found.len();
    let mut groups: Vec<(&'static str, Vec<Line>)> = vec![
        ("search-in-house", Vec::new()),
        ("search-arriving", Vec::new()),
        ("search-past", Vec::new()),
    ];
    for (index, found) in found.into_iter().enumerate() {
        let codes = allergies
            .get(&found.guest.person_id)
            .map_or(&[][..], Vec::as_slice);
        let line = Line::of(&found, index, &typed, codes, &view.page, href(&found));
        let group = match found.group {
            Group::InHouse => 0,
            Group::Arriving => 1,
            Group::Past => 2,
        };
        if let Some((_, lines)) = groups.get_mut(group) {
            lines.push(line);
        }
    }
    groups.retain(|(_, lines)| !lines.is_empty());
    let page = Arc::clone(&view.page);
    let look = view.line("search").detail(typed.clone());
    let answer = if view.fragment {
        Answer::page(&Suggestions {
            page,
            groups,
            total,
        })
    } else {
        Answer::page(&SearchPage {
            page,
            typed,
            groups,
            total,
        })
    };
    Ok(answer?.look(look))
}

/// Where somebody found is opened: their stay's card, their profile, or nowhere.
fn opens(role: Role, found: &Found) -> Option<String> {
    match (role, &found.stay) {
        (Role::Host | Role::Pms, _) => None,
        (Role::FrontDesk | Role::Manager | Role::Admin, Some(stay))
            if found.group != Group::Past =>
        {
            Some(format!("/stays/{}", stay.id))
        }
        _ => Some(format!("/guests/{}", found.guest.public_id)),
    }
}

impl Line {
    fn of(
        found: &Found,
        index: usize,
        typed: &str,
        allergies: &[String],
        page: &Page,
        href: Option<String>,
    ) -> Self {
        let words = page.words;
        let stay = found.stay.as_ref();
        let about = stay.map_or_else(
            || words.say("search-no-stay").to_owned(),
            |stay| {
                let house = page.reference.name(stay.property_id);
                let when = match stay.status {
                    Status::InHouse => words.fill("search-until", words.day(stay.departure)),
                    Status::Reserved => words.fill("search-from", words.day(stay.arrival)),
                    _ => words.range(stay.arrival, stay.departure),
                };
                format!("{when} · {house}")
            },
        );
        let allergic = |code: &String| {
            vocabulary::get(code)
                .filter(|f| f.kind == Kind::Allergy)
                .map(|f| super::pills::allergen(f.label(words.language)))
        };
        Self {
            id: format!("r{index}"),
            href,
            name: search::marked(&found.guest.name(), typed),
            name_language: found.guest.name_language(),
            also: found
                .guest
                .also()
                .map(|name| search::marked(&name, typed))
                .unwrap_or_default(),
            room: stay
                .filter(|_| found.group != Group::Past)
                .and_then(|stay| stay.room.clone()),
            about,
            why: words.code("why", found.why.as_str()),
            allergies: allergies.iter().filter_map(allergic).collect(),
        }
    }
}
