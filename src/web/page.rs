//! What the layout of every page needs.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use askama::Template;
use chrono::NaiveDate;

use super::AppError;
use super::flash::Flash;
use crate::properties::{Property, Reference};
use crate::staff::{Clerk, Role};
use crate::words::{Language, Words};

/// The frame around a page: who is signed in, which house and date, in which language.
pub struct Page {
    /// The reader's words.
    pub words: &'static Words,
    /// Who is signed in; nobody on the sign-in page.
    pub clerk: Option<Clerk>,
    /// The house looked at.
    pub property: Option<Property>,
    /// The date looked at.
    pub date: NaiveDate,
    /// The house's business date.
    pub today: NaiveDate,
    /// The token for forms.
    pub csrf: String,
    /// What just happened.
    pub flash: Option<Flash>,
    /// The path, for marking the place in the navigation.
    pub path: String,
    /// Names of houses and tiers.
    pub reference: Arc<Reference>,
}

impl Page {
    /// The tag of the page's language.
    pub fn lang(&self) -> &'static str {
        self.words.language.as_str()
    }

    /// The text of a fixed message.
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.say(key)
    }

    /// The palette the clerk chose.
    pub fn theme(&self) -> &'static str {
        self.clerk
            .as_ref()
            .map_or("auto", |clerk| clerk.theme.as_str())
    }

    /// Whether single keys are shortcuts.
    pub fn shortcuts(&self) -> &'static str {
        if self.clerk.as_ref().is_none_or(|clerk| clerk.shortcuts) {
            "on"
        } else {
            "off"
        }
    }

    /// The houses the clerk may look at.
    pub fn houses(&self) -> impl Iterator<Item = &Property> {
        self.clerk
            .iter()
            .flat_map(|clerk| self.reference.within(&clerk.houses))
    }

    /// Bookings that wait for somebody to say who it is, in the clerk's houses.
    pub fn to_review(&self) -> i64 {
        self.clerk
            .as_ref()
            .map_or(0, |clerk| self.reference.to_review(&clerk.houses))
    }

    /// Cases still to be put right, in the clerk's houses.
    pub fn open_cases(&self) -> i64 {
        self.clerk
            .as_ref()
            .map_or(0, |clerk| self.reference.open_cases(&clerk.houses))
    }

    /// Tasks that are due by today, and the clerk's or nobody's, in the clerk's houses.
    pub fn due_tasks(&self) -> i64 {
        self.clerk.as_ref().map_or(0, |clerk| {
            self.reference
                .due_tasks(&clerk.houses, clerk.user_id, self.today)
        })
    }

    /// Whether the clerk opens profiles.
    pub fn opens_profiles(&self) -> bool {
        self.at_desk() || self.role_in(&[Role::Marketing])
    }

    /// Whether a path is where we are.
    pub fn is_at(&self, path: &str) -> bool {
        self.path == path || self.path.starts_with(&format!("{path}/"))
    }

    /// Whether the clerk works at the desk.
    pub fn at_desk(&self) -> bool {
        self.role_in(&[Role::FrontDesk, Role::Manager, Role::Admin])
    }

    /// Whether the clerk works in the restaurants.
    pub fn at_tables(&self) -> bool {
        self.role_in(&[Role::Host, Role::FrontDesk, Role::Manager, Role::Admin])
    }

    /// Whether the clerk decides about letters to guests.
    pub fn writes_letters(&self) -> bool {
        self.role_in(&[Role::Marketing, Role::Manager, Role::Admin])
    }

    /// Whether the clerk reads what is earned.
    pub fn sees_figures(&self) -> bool {
        self.role_in(&[Role::Marketing, Role::Manager, Role::Admin])
    }

    /// Where offers are: what they earn, or whose turn it is.
    pub fn offers(&self) -> &'static str {
        if self.sees_figures() {
            "/offers"
        } else {
            "/offers/queue"
        }
    }

    /// Whether the clerk manages a house.
    pub fn is_manager(&self) -> bool {
        self.role_in(&[Role::Manager, Role::Admin])
    }

    /// Whether the clerk administers.
    pub fn is_admin(&self) -> bool {
        self.role_in(&[Role::Admin])
    }

    /// The other language.
    pub fn other_language(&self) -> Language {
        match self.words.language {
            Language::En => Language::ZhCn,
            Language::ZhCn => Language::En,
        }
    }

    /// Whether today's board is shown.
    pub fn is_today(&self) -> bool {
        self.date == self.today
    }

    /// The address of a static file.
    pub fn asset(&self, name: &str) -> &'static str {
        super::assets::address(name)
    }

    /// What the clerk's picture shows: the first letters of the name.
    pub fn initials(&self) -> String {
        let name = self
            .clerk
            .as_ref()
            .map(|clerk| clerk.display_name.as_str())
            .unwrap_or_default();
        name.split_whitespace()
            .filter_map(|word| word.chars().next())
            .take(2)
            .collect()
    }

    /// The shortcuts, with what they do.
    pub fn keys(&self) -> Vec<(&'static str, &str)> {
        const KEYS: &[(&str, &str)] = &[
            ("/", "keys-search"),
            ("j k", "keys-move"),
            ("Enter", "keys-enter"),
            ("c", "keys-check-in"),
            ("r", "keys-room"),
            ("o", "keys-offer"),
            ("d", "keys-decline"),
            ("p", "keys-preference"),
            ("n", "keys-note-add"),
            ("i", "keys-case-add"),
            ("f", "keys-case"),
            ("s", "keys-gesture"),
            ("y z", "keys-reading"),
            ("v", "keys-profile"),
            ("w", "keys-walk-in"),
            ("t", "keys-table"),
            ("u", "keys-undo"),
            ("x", "keys-privacy"),
            ("g a", "keys-arrivals"),
            ("g i", "keys-in-house"),
            ("g d", "keys-departures"),
            ("g w", "keys-review"),
            ("g r", "keys-rooms"),
            ("g c", "nav-cases"),
            ("g t", "nav-tasks"),
            ("g e", "keys-restaurant"),
            ("g o", "keys-offers"),
            ("Esc", "keys-back"),
            ("?", "keys-help"),
        ];
        KEYS.iter()
            .map(|&(key, text)| (key, self.say(text)))
            .collect()
    }

    fn role_in(&self, roles: &[Role]) -> bool {
        self.clerk
            .as_ref()
            .is_some_and(|clerk| roles.contains(&clerk.role))
    }
}

/// The plain page of an error: it needs neither a session nor a database.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    words: &'static Words,
    title: &'a str,
    help: String,
    may_retry: bool,
}

/// The answer to a request that failed, in words for whoever asked.
pub fn error(words: &'static Words, error: &AppError) -> HttpResponse {
    let (title, help) = error.message();
    let may_retry = matches!(error, AppError::Unavailable(_) | AppError::TooMany);
    let page = ErrorPage {
        words,
        title: words.say(title),
        help: words.tell(&help),
        may_retry,
    };
    let html = page.render().unwrap_or_else(|_| help.key().to_owned());
    HttpResponse::build(error.status())
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(html)
}
