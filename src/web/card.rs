//! The welcome card, `/stays/{id}`.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::at_table::{self, TableLine};
use super::best::{self, BestRoom, RoomsFor};
use super::case_gifts::{self, Proposal};
use super::contradictions::{Pair, wish_text};
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
use crate::guests::{Guest, names};
use crate::loyalty::programme;
use crate::offers;
use crate::properties::Property;
use crate::rooms::best::Ranking;
use crate::rooms::fit::Answer as Fit;
use crate::stays::board::{self, Row};
use crate::stays::readings;
use crate::stays::room_lock::{self, RoomLock};
use crate::stays::{Status, history};
use crate::vocabulary::{self, Feature};
use crate::welcome::card::AnsweredWish;
use crate::welcome::{Card, Visit};
use crate::words::{Message, Words};

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

/// Who this is, in words.
struct Facts {
    spoken: Option<String>,
    pronounced: Option<String>,
    number: i64,
    visit: String,
    here: String,
    last: Option<String>,
    booking: String,
    reasons: String,
    language: Option<String>,
}

/// A wish as it is shown.
struct WishLine {
    class: &'static str,
    icon: &'static str,
    text: String,
    word: String,
    why: String,
    stale: bool,
    /// The room that keeps it instead, with a sentence that says when it is ready.
    elsewhere: Option<(String, String)>,
}

struct TierLine {
    name: String,
    points: String,
    number: String,
    next: Option<(String, i64, i64)>,
}

struct PastLine {
    id: Option<i64>,
    when: String,
    house: String,
    room: String,
    nights: i64,
}

struct CandidateLine {
    guest: Guest,
    about: String,
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
        let lock = match row.room {
            Some(_) => room_lock::of_stay(view.conn, row.stay.id)?,
            None => None,
        };
        let look = view
            .line("view_stay")
            .guest(row.guest.id)
            .stay(row.stay.id, house.id);
        let at_table = at_table::of(view, &row, today)?;
        let rooming = Rooming { rooms, lock };
        let mut page = CardPage {
            at_table,
            ..CardPage::of(row, notes, candidates, offers, rooming, today, view)
        };
        if page.is("reserved") || page.is("in_house") {
            page.proposals = case_gifts::proposals(view, &page.row.memory, &house)?;
        }
        let read = readings::undecided(view.conn, &page.row.stay, &page.row.memory.preferences)?;
        page.readings = ReadingLine::all(&read, view.words());
        let evidence = &page.row.memory.preferences;
        page.contradictions = Pair::all(evidence, Some(house.id), view.words());
        page.last_kept = super::promises::last_kept(view, &page.row)?;
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

/// Who the booking could be, with what is known of each.
fn candidates(view: &mut View<'_>, row: &Row) -> Result<Vec<CandidateLine>, AppError> {
    let guests = Guest::by_ids(view.conn, &row.candidates)?;
    let persons: Vec<i64> = guests.iter().map(|guest| guest.person_id).collect();
    let stays = if persons.is_empty() {
        Vec::new()
    } else {
        history::of_persons(view.conn, &persons)?
    };
    let words = view.words();
    Ok(guests
        .into_iter()
        .map(|guest| {
            let mut theirs = stays
                .iter()
                .filter(|stay| stay.person_id == guest.person_id && stay.counts());
            let about = theirs.next().map_or_else(
                || words.say("search-no-stay").to_owned(),
                |last| {
                    let house = view.page.reference.name(last.property_id);
                    format!(
                        "{} · {} · {house}",
                        words.count("stays", 1 + theirs.count()),
                        words.month(last.departure)
                    )
                },
            );
            CandidateLine { guest, about }
        })
        .collect())
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

impl Facts {
    fn of(visit: &Visit<'_>, card: &Card, words: &'static Words) -> Self {
        let stay = visit.stay;
        let last = visit.last_stay().map(|last| {
            let when = words.range(last.arrival, last.departure);
            let house = visit.reference.name(last.property_id);
            let message = Message::new(if last.room.is_some() {
                "card-last-room"
            } else {
                "card-last"
            });
            words.tell(
                &message
                    .text("when", when)
                    .text("house", house)
                    .text("room", last.room.clone().unwrap_or_default()),
            )
        });
        let booking = [
            Some(words.code("status", stay.status)),
            Some(words.range(stay.arrival, stay.departure)),
            stay.arrival_time.map(|minutes| words.time(minutes)),
            Some(words.count("nights", stay.nights())),
            Some(super::boards::party(stay.adults, stay.children, words)),
            stay.channel.map(|channel| words.code("channel", channel)),
            stay.agency.clone(),
            Some(stay.confirmation_number.clone()),
        ];
        let number = Message::new("visit-number").ordinal("number", card.number);
        let here = Message::new("visit-here")
            .ordinal("number", card.number_here)
            .text("house", visit.reference.name(stay.property_id));
        let reasons = stay
            .reasons
            .as_deref()
            .unwrap_or_default()
            .split(';')
            .filter(|code| !code.is_empty());
        let reasons: Vec<String> = reasons.map(|code| words.code("reason", code)).collect();
        Self {
            spoken: card.say.get(1).map(|message| words.tell(message)),
            pronounced: visit
                .guest
                .native_name
                .as_deref()
                .and_then(names::pronunciation),
            number: card.number,
            visit: if card.number > 1 {
                words.tell(&number)
            } else {
                words.say("visit-first").to_owned()
            },
            here: if card.number > 1 {
                words.tell(&here)
            } else {
                String::new()
            },
            last,
            booking: booking
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · "),
            reasons: words.list(&reasons),
            language: visit
                .guest
                .language
                .as_deref()
                .map(|tag| words.language_name(tag)),
        }
    }
}

impl WishLine {
    fn of(answered: &AnsweredWish, ranking: Option<&Ranking<'_>>, words: &'static Words) -> Self {
        let wish = &answered.wish;
        let (class, icon) = match answered.answer {
            Fit::Kept => ("kept", "check"),
            Fit::Missing => ("missed", "cross"),
            Fit::Prepare => ("todo", "ring"),
            Fit::Unknown => ("todo", "query"),
        };
        let text = wish_text(wish.feature.code, wish.strength, words);
        let why = if wish.for_this_stay {
            words.tell(&wish.evidence)
        } else {
            words.tell(
                &Message::new("evidence-with-month")
                    .message("evidence", wish.evidence.clone())
                    .month("month", wish.as_of),
            )
        };
        let elsewhere = ranking
            .filter(|_| answered.answer == Fit::Missing)
            .and_then(|ranking| ranking.keeping(wish))
            .map(|(room, standing)| {
                let told = Message::new("wish-elsewhere")
                    .text("room", &room.number)
                    .text("ready", best::ready(standing, words));
                (room.number.clone(), words.tell(&told))
            });
        Self {
            class,
            icon,
            text,
            word: words.code("answer", answered.answer),
            why,
            stale: wish.stale,
            elsewhere,
        }
    }
}

impl TierLine {
    fn of(visit: &Visit<'_>, words: &'static Words) -> Option<Self> {
        let account = visit.memory.account.as_ref()?;
        let nights = history::nights_in_a_year(&visit.memory.stays, visit.today);
        let next = programme::next_tier(&visit.reference.tiers, &account.tier, nights)
            .map(|(tier, missing)| (words.code("tier", &tier.code), missing, tier.nights));
        Some(Self {
            name: words.code("tier", &account.tier),
            points: words.number(visit.memory.points()),
            number: words.list(
                visit
                    .memory
                    .accounts()
                    .map(|account| account.number.clone())
                    .collect::<Vec<_>>(),
            ),
            next,
        })
    }

    /// "2 nights to Platinum".
    fn to_next(&self, words: &Words) -> Option<String> {
        let (tier, missing, _) = self.next.as_ref()?;
        Some(
            words.tell(
                &Message::new("nights-to-tier")
                    .number("count", *missing)
                    .text("tier", tier),
            ),
        )
    }
}

fn past(visit: &Visit<'_>, page: &Page, view: &View<'_>) -> Vec<PastLine> {
    visit
        .memory
        .before(visit.stay.id, visit.stay.arrival)
        .take(RECENT)
        .map(|past| PastLine {
            id: view
                .clerk
                .houses
                .include(past.property_id)
                .then_some(past.id),
            when: page.words.range(past.arrival, past.departure),
            house: page.reference.name(past.property_id).to_owned(),
            room: past.room.clone().unwrap_or_default(),
            nights: (past.departure - past.arrival).num_days(),
        })
        .collect()
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
