//! `/cases`: what is still to be put right, in the houses the clerk's rights hold for.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::page::Page;
use super::{Answer, Desk};
use crate::cases::Case;
use crate::cases::deadline::Clock;
use crate::cases::list::{self, Counts, Show};
use crate::clock;
use crate::guests::Guest;

/// Cases on the page.
const SHOWN: i64 = 200;

/// The list; its blocks `filters` and `rows` alone when something changed.
#[derive(Template)]
#[template(path = "cases.html", blocks = ["filters", "rows"])]
struct ListPage {
    page: Arc<Page>,
    show: Show,
    place: Option<String>,
    counts: Counts,
    rows: Vec<Row>,
}

/// A case of the list.
struct Row {
    case: Case,
    guest: Option<Guest>,
    clock: Option<(Clock, String)>,
    when: String,
}

impl ListPage {
    fn shows(&self) -> &'static [Show] {
        Show::ALL
    }

    fn count(&self, show: &Show) -> Option<i64> {
        match show {
            Show::Open => Some(self.counts.open),
            Show::Mine => Some(self.counts.mine),
            Show::Overdue => Some(self.counts.overdue),
            Show::Waiting => Some(self.counts.waiting),
            Show::Closed => None,
        }
    }

    /// The address of a list, in the house chosen.
    fn address(&self, show: &Show) -> String {
        match &self.place {
            Some(place) => format!("/cases?show={show}&in={place}"),
            None => format!("/cases?show={show}"),
        }
    }

    fn is_in(&self, code: &str) -> bool {
        self.place.as_deref() == Some(code)
    }
}

/// Which cases are looked at.
#[derive(Default, Deserialize)]
pub struct Choice {
    show: Option<Show>,
    /// The code of a house; all the clerk's where it is none of theirs.
    #[serde(rename = "in")]
    place: Option<String>,
}

/// `GET /cases?show=&in=`
pub async fn page(desk: Desk, choice: web::Query<Choice>) -> HttpResponse {
    desk.page(move |view| {
        let show = choice.show.unwrap_or(Show::Open);
        let place = choice.place.clone();
        let place = place.filter(|code| view.page.houses().any(|house| house.code == *code));
        let houses: Vec<i64> = view
            .page
            .houses()
            .filter(|house| place.as_ref().is_none_or(|code| *code == house.code))
            .map(|house| house.id)
            .collect();
        let (now, user_id) = (clock::now(), view.clerk.user_id);
        let cases = list::list(view.conn, show, &houses, user_id, now, SHOWN)?;
        let ids: Vec<i64> = cases.iter().map(|case| case.guest_id).collect();
        let guests = Guest::by_ids(view.conn, &ids)?;
        let guests: HashMap<i64, Guest> = guests.into_iter().map(|one| (one.id, one)).collect();
        let words = view.words();
        let rows = cases
            .into_iter()
            .map(|case| {
                let due_at = case.due_at.filter(|_| case.is_open());
                let clock = due_at.map(|at| Clock::at(at, now));
                let house = view.page.reference.property(case.property_id);
                let at = case.closed_at.unwrap_or(case.opened_at);
                let at = house.map_or(at, |house| house.local(at));
                Row {
                    clock: clock.map(|clock| (clock, words.tell(&clock.told()))),
                    guest: guests.get(&case.guest_id).cloned(),
                    when: format!("{} {}", words.day(at.date()), at.format("%H:%M")),
                    case,
                }
            })
            .collect();
        let page = ListPage {
            page: Arc::clone(&view.page),
            show,
            place,
            counts: list::counts(view.conn, &houses, user_id, now)?,
            rows,
        };
        if view.fragment {
            let parts = page.as_filters().render()? + page.as_rows().render()?.as_str();
            return Ok(Answer::html(parts));
        }
        let look = view.line("list_cases").detail(show.as_str());
        Ok(Answer::page(&page)?.look(look))
    })
    .await
}
