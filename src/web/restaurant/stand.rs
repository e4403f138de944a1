//! The host stand, `/restaurant/{outlet}`.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::guest_panel::{self, GuestPanel, Whose};
use super::lines::{self, Chosen, PartyLine, TableView, Wait};
use super::table_panel::{self, TablePanel};
use super::{Here, Room};
use crate::dining::Meal;
use crate::dining::floor::{Floor, State};
use crate::dining::table::Mark;
use crate::dining::visit::{Party, Status};
use crate::dining::waiting;
use crate::guests::{Guest, person};
use crate::secret;
use crate::web::desk::View;
use crate::web::page::Page;
use crate::web::search;
use crate::web::{Answer, AppError, Desk};
use crate::words::{Message, Words};

/// Parties to come that are listed.
const NEXT: usize = 12;

/// The stand; its blocks `summary`, `plan`, `rows` and `lists` alone when something changed.
#[derive(Template)]
#[template(path = "stand.html", blocks = ["summary", "plan", "rows", "lists"])]
struct StandPage {
    page: Arc<Page>,
    here: Here,
    summary: String,
    clock: String,
    marks: Vec<Mark>,
    tables: Vec<TableView>,
    next: Vec<PartyLine>,
    more: usize,
    waiting: Vec<PartyLine>,
    seated: Vec<PartyLine>,
    panel: Panel,
    once: String,
    /// How long two would wait who came in now.
    wait: String,
}

enum Panel {
    Nothing,
    Guest(Box<GuestPanel>),
    Table(Box<TablePanel>),
}

impl StandPage {
    fn code(&self) -> &str {
        &self.here.outlet.code
    }

    fn base(&self) -> String {
        self.here.path()
    }

    /// How many people a walk-in may be, by one tap.
    fn sizes(&self) -> std::ops::RangeInclusive<i64> {
        1..=8
    }

    /// The zone of the clock on the wall.
    fn zone(&self) -> &str {
        &self.here.house.time_zone
    }
}

/// What the address asks for. Numbers that are none are nobody's.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    visit: String,
    guest: String,
    table: String,
    covers: String,
}

/// Who is looked for, and the party they are looked for to join.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Sought {
    q: String,
    visit: String,
}

/// `GET /restaurant/{outlet}`
pub async fn page(desk: Desk, outlet: web::Path<String>, asked: web::Query<Asked>) -> HttpResponse {
    desk.page(move |view| {
        let here = Here::at(view, &outlet)?;
        if view.page.property.as_ref().map(|house| house.id) != Some(here.house.id) {
            let to = format!("{}?property={}", here.path(), here.house.code);
            return Ok(Answer::see(to));
        }
        show(view, here, &asked)
    })
    .await
}

/// `GET /restaurant/{outlet}/find?q=`: guests, each of whom opens at the stand.
pub async fn find(
    desk: Desk,
    outlet: web::Path<String>,
    sought: web::Query<Sought>,
) -> HttpResponse {
    let Sought { q, visit } = sought.into_inner();
    let typed: String = q.chars().take(100).collect();
    desk.page(move |view| {
        let here = Here::at(view, &outlet)?;
        let base = match visit.parse::<i64>() {
            Ok(visit) => format!("{}/visits/{visit}/orders?join=", here.path()),
            Err(_) => format!("{}?guest=", here.path()),
        };
        search::show(view, typed, |found| {
            Some(format!("{base}{}", found.guest.public_id))
        })
    })
    .await
}

fn show(view: &mut View<'_>, here: Here, asked: &Asked) -> Result<Answer, AppError> {
    let room = Room::load(view, &here)?;
    let words = view.words();
    let floor = Floor::of(&room.plan, &room.parties, here.now);
    let tapped: Option<i64> = asked.table.parse().ok();
    let sits_there = tapped.and_then(|id| match floor.state(id) {
        State::Seated(party) => Some(party.visit.id),
        _ => None,
    });
    let visit: Option<i64> = asked.visit.parse().ok();
    let nobody = visit.is_none() && asked.guest.is_empty();
    let panel = match (visit.or(sits_there.filter(|_| nobody)), tapped) {
        (Some(id), _) => {
            let party = room.party(id).ok_or(AppError::NotFound)?;
            let whose = Whose::Party(party);
            let covers = asked.covers.parse().ok();
            let panel = guest_panel::load(view, &here, &room, whose, covers, tapped)?;
            Panel::Guest(Box::new(panel))
        }
        (None, _) if !asked.guest.is_empty() => guest(view, &here, &room, asked, tapped)?,
        (None, _) if asked.covers.parse::<i64>().is_ok() => {
            let covers = asked.covers.parse().ok();
            let panel = guest_panel::load(view, &here, &room, Whose::Nobody, covers, tapped)?;
            Panel::Guest(Box::new(panel))
        }
        (None, Some(id)) => table_panel::of(id, &here, &room, words)
            .map(|table| Panel::Table(Box::new(table)))
            .ok_or(AppError::NotFound)?,
        (None, None) => Panel::Nothing,
    };
    let page = stand(view, here, &room, panel);
    if view.fragment {
        return Ok(Answer::html(
            page.as_summary().render()?
                + page.as_plan().render()?.as_str()
                + page.as_rows().render()?.as_str()
                + page.as_lists().render()?.as_str(),
        ));
    }
    let seen = match &page.panel {
        Panel::Guest(panel) => panel.guest_id,
        Panel::Nothing | Panel::Table(_) => None,
    };
    let look = match seen {
        Some(id) => view.line("view_table_card").guest(id),
        None => view.line("view_tables").detail(page.code().to_owned()),
    };
    Ok(Answer::page(&page)?.look(look))
}

/// The card of a guest who was looked up: of their party, if they have one that is to come or sits.
fn guest(
    view: &mut View<'_>,
    here: &Here,
    room: &Room,
    asked: &Asked,
    tapped: Option<i64>,
) -> Result<Panel, AppError> {
    let mut guest = Guest::by_public_id(view.conn, &asked.guest)?.ok_or(AppError::NotFound)?;
    let person_id = guest.person_id;
    person::complete(view.conn, std::iter::once(&mut guest), &[person_id])?;
    let theirs = room.parties.iter().find(|party| {
        let is_theirs = party
            .guest
            .as_ref()
            .is_some_and(|g| g.person_id == person_id);
        let status = party.visit.status;
        is_theirs && (status == Status::Seated || status.is_to_come())
    });
    let whose = theirs.map_or(Whose::Guest(Box::new(guest)), Whose::Party);
    let covers = asked.covers.parse().ok();
    let panel = guest_panel::load(view, here, room, whose, covers, tapped)?;
    Ok(Panel::Guest(Box::new(panel)))
}

fn stand(view: &View<'_>, here: Here, room: &Room, panel: Panel) -> StandPage {
    let words = view.words();
    let floor = Floor::of(&room.plan, &room.parties, here.now);
    let chosen = chosen(&panel);
    let (meal, _) = here.meal();
    let of = |wanted: Status| {
        let theirs = room.parties.iter();
        theirs.filter(move |party| party.visit.status == wanted)
    };
    let line = |party: &Party, wait| {
        lines::party(party, room.plan.name_of(&party.tables), &here, words, wait)
    };
    let queue: Vec<&Party> = of(Status::Waiting).collect();
    let (waits, newcomer) = waits(room, &floor, &queue, &here);
    let mut next: Vec<PartyLine> = room
        .parties
        .iter()
        .filter(|party| {
            matches!(party.visit.status, Status::Booked | Status::Held) && party.visit.meal == meal
        })
        .map(|party| line(party, Wait::Unasked))
        .collect();
    let more = next.len().saturating_sub(NEXT);
    next.truncate(NEXT);
    let tables = room.plan.tables.iter();
    let waits = waits.into_iter().chain(std::iter::repeat(None));
    let told = |wait: Option<i64>| wait.map_or(Wait::Unknown, Wait::For);
    StandPage {
        page: Arc::clone(&view.page),
        summary: summary(room, &floor, meal, words),
        clock: here.local.format("%H:%M").to_string(),
        marks: room.plan.marks.clone(),
        tables: tables
            .map(|table| lines::table(table, &floor, &here, &chosen, words))
            .collect(),
        next,
        more,
        waiting: queue
            .iter()
            .zip(waits)
            .map(|(party, wait)| line(party, told(wait)))
            .collect(),
        seated: of(Status::Seated)
            .map(|party| line(party, Wait::Unasked))
            .collect(),
        wait: words.tell(&match newcomer {
            Some(0) => Message::new("wait-none"),
            Some(minutes) => Message::new("wait-about").number("count", minutes),
            None => Message::new("wait-unknown"),
        }),
        panel,
        once: secret::token(),
        here,
    }
}

/// Whose card is open, for the plan.
fn chosen(panel: &Panel) -> Chosen {
    let Panel::Guest(guest) = panel else {
        return Chosen::default();
    };
    Chosen {
        query: guest.query(),
        best: if guest.is_to_seat() {
            guest.best.clone()
        } else {
            Vec::new()
        },
        own: guest.own.clone(),
    }
}

/// Minutes that each party of the queue waits, and two who came in now.
fn waits(
    room: &Room,
    floor: &Floor<'_>,
    queue: &[&Party],
    here: &Here,
) -> (Vec<Option<i64>>, Option<i64>) {
    let Some(turns) = room.turns else {
        return (Vec::new(), None);
    };
    let sizes = queue.iter().map(|party| party.visit.covers).chain([2]);
    let sizes: Vec<i64> = sizes.collect();
    let mut waits = waiting::waits(&room.plan, floor, &sizes, turns, here.now);
    let newcomer = waits.pop().flatten();
    (waits, newcomer)
}

/// "Dinner · 31 booked · 12 free tables".
fn summary(room: &Room, floor: &Floor<'_>, meal: Meal, words: &Words) -> String {
    let come = |party: &&Party| party.visit.meal == meal && party.visit.status != Status::NoShow;
    let booked = room.parties.iter().filter(come).count();
    words.tell(
        &Message::new("stand-summary")
            .message("meal", meal_name(meal))
            .number("booked", booked as i64)
            .number("free", floor.free() as i64),
    )
}

/// The meal's name.
pub(super) fn meal_name(meal: Meal) -> Message {
    match meal {
        Meal::Breakfast => Message::new("meal-breakfast"),
        Meal::Lunch => Message::new("meal-lunch"),
        Meal::Tea => Message::new("meal-tea"),
        Meal::Dinner => Message::new("meal-dinner"),
        Meal::Late => Message::new("meal-late"),
    }
}
