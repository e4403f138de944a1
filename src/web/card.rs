//! The welcome card, `/stays/{id}`.

mod lines;

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use self::lines::{CandidateLine, Facts, PastLine, TierLine, WishLine, candidates, past};
use super::at_table::{self, TableLine};
use super::best::{self, BestRoom, RoomsFor};
use super::case_gifts::{self, Proposal};
use super::contradictions::Pair;
use super::desk::View;
use super::offers::lines::OfferLines;
use super::page::Page;
use super::pills::Pill;
use super::readings::ReadingLine;
use super::{Answer, AppError, Desk};
use crate::cases::deadline::Clock;
use crate::cases::{Case, Severity};
use crate::guests::notes::{self, Note, Team};
use crate::guests::preferences::Strength;
use crate::offers;
use crate::properties::Property;
use crate::stays::Status;
use crate::stays::board::{self, Row};
use crate::stays::readings;
use crate::stays::room_lock::{self, RoomLock};
use crate::vocabulary::{self, Feature};
use crate::welcome::{Card, Visit};
use crate::words::Message;

/// Stays shown on a card.
const RECENT: usize = 5;
/// Notes shown on a card.
const NOTES: usize = 4;

/// The card.
#[derive(Template)]
#[template(path = "card.html")]
struct CardPage {
    page: Arc<Page>,
    row: Row,
    greeting: String,
    facts: Facts,
    pills: Vec<Pill>,
    say: Vec<String>,
    to_do: Vec<String>,
    avoid: Vec<String>,
    wishes: Vec<WishLine>,
    kept: (usize, usize),
    best: Vec<BestRoom>,
    lock: Option<RoomLock>,
    tier: Option<TierLine>,
    past: Vec<PastLine>,
    past_total: usize,
    notes: Vec<Note>,
    codes: &'static [Feature],
    candidates: Vec<CandidateLine>,
    proposals: Vec<Proposal>,
    readings: Vec<ReadingLine>,
    contradictions: Vec<Pair>,
    last_kept: Option<String>,
    may_write: bool,
    now: NaiveDateTime,
    offers: OfferLines,
    action: Action,
    at_table: Option<TableLine>,
}

/// What is known of the rooms this stay could have.
struct Rooming {
    rooms: Option<RoomsFor>,
    lock: Option<RoomLock>,
}

/// The one thing to do next.
#[derive(PartialEq)]
enum Action {
    CheckIn { room: String, early: bool },
    ChooseRoom,
    CheckOut,
    Reinstate,
    Nothing,
}

/// `GET /stays/{id}`
pub async fn page(desk: Desk, id: web::Path<i64>) -> HttpResponse {
    desk.page(move |view| {
        let row = board::row(view.conn, *id)?.ok_or(AppError::NotFound)?;
        let house = view.in_house(row.stay.property_id)?;
        let today = house.business_date(crate::clock::now());
        let notes = notes::of_person(view.conn, row.guest.person_id, false)?;
        let candidates = candidates(view, &row)?;
        let offers = offers(view, &row, &house)?;
        let reference = view.reference();
        let visit = Visit {
            stay: &row.stay,
            guest: &row.guest,
            memory: &row.memory,
            room: row.room.as_ref(),
            candidates: &row.candidates,
            reference: &reference,
            today,
        };
        let rooms = RoomsFor::load(view, &visit, &house)?;
        let is_open = row.is_open();
        let lock = match row.room {
            Some(_) if is_open => room_lock::of_stay(view.conn, row.stay.id)?,
            _ => None,
        };
        let look = view
            .line("view_stay")
            .guest(row.guest.id)
            .stay(row.stay.id, house.id);
        let at_table = if is_open {
            at_table::of(view, &row, today)?
        } else {
            None
        };
        let rooming = Rooming { rooms, lock };
        let mut page = CardPage {
            at_table,
            ..CardPage::of(row, notes, candidates, offers, rooming, today, view)
        };
        if is_open {
            page.proposals = case_gifts::proposals(view, &page.row.memory, &house)?;
        }
        page.last_kept = super::promises::last_kept(view, &page.row)?;
        let read = readings::undecided(view.conn, &page.row.stay, &page.row.memory.preferences)?;
        page.readings = ReadingLine::all(&read, view.words());
        let evidence = &page.row.memory.preferences;
        page.contradictions = Pair::all(evidence, Some(house.id), view.words());
        Ok(Answer::page(&page)?.look(look))
    })
    .await
}

/// What the stay is offered, and what became of what was.
fn offers(view: &mut View<'_>, row: &Row, house: &Property) -> Result<OfferLines, AppError> {
    let now = crate::clock::now();
    let today = house.business_date(now);
    let from = view.app.offers.get(view.conn, house.id, today, now)?;
    let reference = view.reference();
    let mut found = offers::of_rows(view.conn, &from, &[row], &reference, today, now)?;
    let on_stay = found.remove(&row.stay.id).unwrap_or_default();
    Ok(OfferLines::of(
        &on_stay,
        house,
        &view.clerk,
        now,
        view.words(),
    ))
}

impl CardPage {
    fn of(
        row: Row,
        notes: Vec<Note>,
        candidates: Vec<CandidateLine>,
        offers: OfferLines,
        rooming: Rooming,
        today: NaiveDate,
        view: &View<'_>,
    ) -> Self {
        let page = Arc::clone(&view.page);
        let words = page.words;
        let visit = row.visit(&page.reference, today);
        let card = Card::of(&visit);
        let mut say = card.say.iter().map(|message| words.tell(message));
        let greeting = say.next().unwrap_or_else(|| row.guest.name());
        let tell = |messages: &[Message]| {
            messages
                .iter()
                .map(|message| words.tell(message))
                .collect::<Vec<_>>()
        };
        let ranking = rooming.rooms.as_ref().map(RoomsFor::ranking);
        let past_total = visit.memory.before(row.stay.id, row.stay.arrival).count();
        Self {
            facts: Facts::of(&visit, &card, words),
            greeting,
            pills: card
                .alerts
                .iter()
                .map(|alert| Pill::of(alert, words))
                .collect(),
            say: say.skip(1).collect(),
            to_do: tell(&card.to_do),
            avoid: tell(&card.avoid),
            wishes: card
                .wishes
                .iter()
                .map(|wish| WishLine::of(wish, ranking.as_ref(), words))
                .collect(),
            kept: card.kept(),
            best: ranking.as_ref().map_or_else(Vec::new, |ranking| {
                best::three_best(ranking, &row.stay, rooming.lock.is_some(), words)
            }),
            lock: rooming.lock,
            tier: TierLine::of(&visit, words),
            past: past(&visit, &page, view),
            past_total,
            notes: notes.into_iter().take(NOTES).collect(),
            codes: vocabulary::all(),
            candidates,
            proposals: Vec::new(),
            now: crate::clock::now(),
            readings: Vec::new(),
            contradictions: Vec::new(),
            last_kept: None,
            may_write: view.clerk.may(crate::staff::Right::WriteProfile),
            offers,
            action: action(&row, today),
            at_table: None,
            page,
            row,
        }
    }

    fn strengths(&self) -> &'static [Strength] {
        Strength::ALL
    }

    fn teams(&self) -> &'static [Team] {
        Team::ALL
    }

    /// The board the stay stands on.
    fn back(&self) -> &'static str {
        if self.row.stay.status == Status::InHouse {
            "/in-house"
        } else {
            "/arrivals"
        }
    }

    fn back_key(&self) -> &'static str {
        if self.row.stay.status == Status::InHouse {
            "nav-in-house"
        } else {
            "nav-arrivals"
        }
    }

    fn seal(&self) -> String {
        self.page.words.ordinal(self.facts.number)
    }

    /// The class of an alert's band.
    fn band(&self, pill: &Pill) -> &'static str {
        if pill.class == "vip" {
            "occasion"
        } else {
            pill.class
        }
    }

    fn kept_text(&self) -> String {
        let (kept, of) = self.kept;
        self.page.words.tell(
            &Message::new("wishes-kept-of")
                .number("kept", kept as i64)
                .number("of", of as i64),
        )
    }

    /// Whether a room of the list can be taken by a key or a click.
    fn may_move(&self) -> bool {
        self.lock.is_none()
    }

    /// The key that opens all rooms: `r`, unless it moves the guest at once.
    fn rooms_key(&self) -> &'static str {
        if self.best.iter().any(|room| room.key == Some("r")) {
            "m"
        } else {
            "r"
        }
    }

    fn progress(&self, missing: &i64, of: &i64) -> i64 {
        (of - missing).max(0)
    }

    /// No form is open on the card until a key or a click opens it.
    fn opens(&self, _field: &str) -> bool {
        false
    }

    /// Nor is anything typed yet.
    fn typed(&self, _field: &str) -> &'static str {
        ""
    }

    fn at_offers(&self) -> String {
        format!("/stays/{}/offers", self.row.stay.id)
    }

    fn at_offer(&self, id: &i64, what: &str) -> String {
        format!("{}/{id}/{what}", self.at_offers())
    }

    fn guest_id(&self) -> &str {
        &self.row.guest.public_id
    }

    fn stay_id(&self) -> Option<i64> {
        Some(self.row.stay.id)
    }

    fn error(&self, _field: &str) -> Option<&str> {
        None
    }

    fn severities(&self) -> &'static [Severity] {
        Severity::ALL
    }

    fn is_severity(&self, severity: &Severity) -> bool {
        *severity == Severity::Serious
    }

    fn once(&self) -> String {
        super::case_open::once()
    }

    /// The room a new case is about, most likely.
    fn case_room(&self) -> &str {
        self.row.room.as_ref().map_or("", |room| &room.number)
    }

    /// A case is a link where the clerk's rights hold for its house.
    fn may_open(&self, case: &Case) -> bool {
        let clerk = self.page.clerk.as_ref();
        clerk.is_some_and(|clerk| clerk.houses.include(case.property_id))
    }

    /// What the house proposes to make good for a case.
    fn proposal(&self, case: &Case) -> Option<&Proposal> {
        self.proposals.iter().find(|one| one.case_id == case.id)
    }

    fn clock(&self, case: &Case) -> Option<Clock> {
        case.due_at.map(|due_at| Clock::at(due_at, self.now))
    }

    fn told(&self, clock: &Clock) -> String {
        self.page.words.tell(&clock.told())
    }

    fn has_promises(&self) -> bool {
        super::promises::has_promises(&self.row.stay)
    }

    fn is(&self, status: &str) -> bool {
        self.row.stay.status.as_str() == status
    }
}

fn action(row: &Row, today: NaiveDate) -> Action {
    match (row.stay.status, &row.room) {
        (Status::Reserved, None) => Action::ChooseRoom,
        (Status::Reserved, Some(room)) => Action::CheckIn {
            room: room.number.clone(),
            early: row.stay.arrival > today,
        },
        (Status::InHouse, _) => Action::CheckOut,
        (Status::Cancelled | Status::NoShow, _) => Action::Reinstate,
        (Status::Departed, _) => Action::Nothing,
    }
}
