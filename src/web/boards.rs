//! The boards: arrivals, in house, departures; and the brief on paper.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::page::Page;
use super::pills::Pill;
use super::{Answer, AppError, Desk};
use crate::clock;
use crate::offers::{self, OnStay};
use crate::properties::Property;
use crate::stays::board::{self, Board, Row};
use crate::stays::{Decision, Status};
use crate::welcome::Card;
use crate::welcome::alerts::Subject;
use crate::welcome::line;
use crate::words::Words;

/// A board; its blocks `filters` and `rows` alone when something changed.
#[derive(Template)]
#[template(path = "board.html", blocks = ["filters", "rows"])]
struct BoardPage {
    page: Arc<Page>,
    board: Board,
    show: Show,
    sort: Sort,
    filters: Vec<Filter>,
    lines: Vec<Line>,
    total: usize,
}

impl BoardPage {
    fn title_key(&self) -> &'static str {
        match (self.board, self.page.is_today()) {
            (Board::Arrivals, true) => "board-arrivals-today",
            (Board::Arrivals, false) => "board-arrivals",
            (Board::InHouse, _) => "board-in-house",
            (Board::Departures, true) => "board-departures-today",
            (Board::Departures, false) => "board-departures",
        }
    }

    fn empty_key(&self) -> &'static str {
        match self.board {
            Board::Arrivals => "empty-arrivals",
            Board::InHouse => "empty-in-house",
            Board::Departures => "empty-departures",
        }
    }

    fn filter_name(&self, filter: &Filter) -> String {
        let prefix = if self.board == Board::Departures {
            "show-departures"
        } else {
            "show"
        };
        match filter.show {
            Show::ToCome | Show::Arrived => self.page.words.code(prefix, filter.show),
            show => self.page.words.code("show", show),
        }
    }
}

/// The brief for when the network is down.
#[derive(Template)]
#[template(path = "brief.html")]
struct BriefPage {
    page: Arc<Page>,
    lines: Vec<Line>,
    printed: String,
}

impl BriefPage {
    /// The shape of an alert, in black on white.
    fn shape(&self, pill: &Pill) -> &'static str {
        match pill.icon {
            "hexagon" => "⬢",
            "triangle" => "▲",
            "dot" => "●",
            "star" | "diamond" => "★",
            "query" => "?",
            "up" => "↑",
            _ => "",
        }
    }
}

crate::text_enum! {
    /// Which rows of a board.
    enum Show {
        /// All of them.
        All = "all",
        /// Not here yet; still here on the departures board.
        ToCome = "to-come",
        /// Here; gone on the departures board.
        Arrived = "arrived",
        /// Been here before.
        Returning = "returning",
        /// VIP level given.
        Vip = "vip",
        /// Something must not go wrong.
        Alerts = "alerts",
        /// Something can be offered.
        Offers = "offers",
        /// Recognition asks who this is.
        ToConfirm = "to-confirm",
        /// No room yet.
        Unassigned = "unassigned",
    }
}

crate::text_enum! {
    /// In which order.
    enum Sort {
        /// By expected time.
        Time = "time",
        /// By name.
        Name = "name",
        /// By room.
        Room = "room",
    }
}

struct Filter {
    show: Show,
    count: usize,
    /// Somebody has to do something about these.
    due: bool,
}

/// One line of a board.
struct Line {
    id: i64,
    time: Option<String>,
    late: bool,
    room: Option<String>,
    room_type: String,
    kept: usize,
    of: usize,
    name: String,
    name_language: Option<&'static str>,
    also: Option<String>,
    number: i64,
    visit: String,
    candidates: usize,
    about: String,
    last: Option<String>,
    pills: Vec<Pill>,
    say: String,
    state: State,
    status: Status,
    vip: bool,
    alarming: bool,
    offered: bool,
}

/// What the last column offers.
#[derive(PartialEq)]
enum State {
    CheckIn,
    ChooseRoom,
    Confirm,
    CheckOut,
    Open,
    Said(String),
}

#[derive(Default, Deserialize)]
pub struct Choice {
    show: Option<Show>,
    sort: Option<Sort>,
}

/// `GET /arrivals`
pub async fn arrivals(desk: Desk, choice: web::Query<Choice>) -> HttpResponse {
    desk.page(move |view| show(view, Board::Arrivals, &choice))
        .await
}

/// `GET /in-house`
pub async fn in_house(desk: Desk, choice: web::Query<Choice>) -> HttpResponse {
    desk.page(move |view| show(view, Board::InHouse, &choice))
        .await
}

/// `GET /departures`
pub async fn departures(desk: Desk, choice: web::Query<Choice>) -> HttpResponse {
    desk.page(move |view| show(view, Board::Departures, &choice))
        .await
}

/// `GET /arrivals/brief`: the day on paper, for the night the system is down.
pub async fn brief(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let lines = lines(view, Board::Arrivals)?;
        let house = view.house()?;
        let printed = house.local(clock::now()).format("%H:%M").to_string();
        let look = view
            .line("print_brief")
            .detail(format!("{} {}", house.code, view.page.date));
        Ok(Answer::page(&BriefPage {
            page: Arc::clone(&view.page),
            lines,
            printed,
        })?
        .look(look))
    })
    .await
}

fn show(view: &mut View<'_>, board: Board, choice: &Choice) -> Result<Answer, AppError> {
    let (show, sort) = (
        choice.show.unwrap_or(Show::All),
        choice.sort.unwrap_or(Sort::Time),
    );
    let mut lines = if view.page.property.is_some() {
        lines(view, board)?
    } else {
        Vec::new()
    };
    let total = lines.len();
    let shows: &[Show] = match board {
        Board::Arrivals => Show::ALL,
        Board::InHouse => &[
            Show::All,
            Show::Returning,
            Show::Vip,
            Show::Alerts,
            Show::ToConfirm,
        ],
        Board::Departures => &[
            Show::All,
            Show::ToCome,
            Show::Arrived,
            Show::Vip,
            Show::Alerts,
        ],
    };
    let filters = shows
        .iter()
        .map(|&show| Filter {
            show,
            count: lines
                .iter()
                .filter(|line| line.is_shown(show, board))
                .count(),
            due: matches!(show, Show::ToConfirm | Show::Unassigned),
        })
        .collect();
    lines.retain(|line| line.is_shown(show, board));
    match sort {
        Sort::Time => {}
        Sort::Name => lines.sort_by_cached_key(|line| {
            line.also
                .clone()
                .unwrap_or_else(|| line.name.clone())
                .to_lowercase()
        }),
        Sort::Room => lines.sort_by_cached_key(|line| {
            (
                line.room.is_none(),
                line.room.as_ref().map(String::len),
                line.room.clone(),
            )
        }),
    }
    let page = BoardPage {
        page: Arc::clone(&view.page),
        board,
        show,
        sort,
        filters,
        lines,
        total,
    };
    if view.fragment {
        return Ok(Answer::html(
            page.as_filters().render()? + page.as_rows().render()?.as_str(),
        ));
    }
    let house = page
        .page
        .property
        .as_ref()
        .map_or("", |house| house.code.as_str());
    let look = view
        .line("view_board")
        .detail(format!("{board} {house} {}", page.page.date));
    Ok(Answer::page(&page)?.look(look))
}

fn lines(view: &mut View<'_>, board: Board) -> Result<Vec<Line>, AppError> {
    let house = view.house()?.clone();
    let page = Arc::clone(&view.page);
    let rows = board::rows(view.conn, board, house.id, page.date, page.today)?;
    let mut offers = offers(view, board, &house, &rows)?;
    let local = house.local(clock::now());
    let now = (page.date == page.today)
        .then(|| i64::from(chrono::Timelike::num_seconds_from_midnight(&local.time())) / 60);
    let mut lines: Vec<Line> = rows
        .iter()
        .map(|row| Line::of(row, board, &page, now))
        .collect();
    for line in &mut lines {
        if let Some(brief) = offers.remove(&line.id) {
            line.pills.push(Pill::offer(brief));
            line.offered = true;
        }
    }
    Ok(lines)
}

/// What stands first among the offers of each who is still to come, by stay.
fn offers(
    view: &mut View<'_>,
    board: Board,
    house: &Property,
    rows: &[Row],
) -> Result<HashMap<i64, String>, AppError> {
    let page = Arc::clone(&view.page);
    if board != Board::Arrivals || page.date < page.today {
        return Ok(HashMap::new());
    }
    let now = clock::now();
    let from = view.app.offers.get(view.conn, house.id, page.today, now)?;
    let to_come = |row: &&Row| row.stay.status == Status::Reserved;
    let rows: Vec<&Row> = rows.iter().filter(to_come).collect();
    let found = offers::of_rows(view.conn, &from, &rows, &page.reference, page.today, now)?;
    let brief = |(id, on_stay): (i64, OnStay)| {
        let offer = on_stay.now.first()?;
        Some((id, offer.brief(&house.currency, page.words)))
    };
    Ok(found.into_iter().filter_map(brief).collect())
}

impl Line {
    fn of(row: &Row, board: Board, page: &Page, now: Option<i64>) -> Self {
        let (words, stay) = (page.words, &row.stay);
        let visit = row.visit(&page.reference, page.today);
        let card = Card::of(&visit);
        let (kept, of) = card.kept();
        let last = visit.last_stay().map(|last| {
            let house = page.reference.name(last.property_id);
            words.tell(
                &crate::words::Message::new("board-last")
                    .month("month", last.departure)
                    .text("house", house),
            )
        });
        Self {
            id: stay.id,
            time: stay
                .arrival_time
                .filter(|_| board == Board::Arrivals)
                .map(|minutes| words.time(minutes)),
            late: stay.status == Status::Reserved
                && now
                    .zip(stay.arrival_time)
                    .is_some_and(|(now, due)| now > due + 60),
            room: row.room.as_ref().map(|room| room.number.clone()),
            room_type: row
                .room
                .as_ref()
                .map(|room| room.type_name.clone())
                .or(row.room_type.clone())
                .unwrap_or_default(),
            kept,
            of,
            name: row.guest.name(),
            name_language: row.guest.name_language(),
            also: row.guest.also(),
            number: card.number,
            visit: if card.number > 1 {
                words.tell(
                    &crate::words::Message::new("visit-number").ordinal("number", card.number),
                )
            } else {
                words.say("visit-new").to_owned()
            },
            candidates: row.candidates.len(),
            about: about(row, words),
            last,
            say: line::line(&visit, &card, words),
            state: state(row, board, page),
            status: stay.status,
            vip: row.guest.vip_level.is_some(),
            offered: false,
            alarming: card
                .alerts
                .iter()
                .any(|alert| alert.subject < Subject::Identity),
            // That a guest is new stands beside the name already.
            pills: card
                .alerts
                .iter()
                .filter(|alert| alert.text.key() != "occasion-first")
                .map(|alert| Pill::of(alert, words))
                .collect(),
        }
    }

    /// Nothing is left to do with it.
    fn is_done(&self) -> bool {
        matches!(self.state, State::Said(_))
    }

    fn is_shown(&self, show: Show, board: Board) -> bool {
        let here = if board == Board::Departures {
            Status::Departed
        } else {
            Status::InHouse
        };
        let past = matches!(self.status, Status::Departed) && board == Board::Arrivals;
        match show {
            Show::All => true,
            Show::ToCome if board == Board::Departures => self.status == Status::InHouse,
            Show::ToCome => self.status == Status::Reserved,
            Show::Arrived => self.status == here || past,
            Show::Returning => self.number > 1,
            Show::Vip => self.vip,
            Show::Alerts => self.alarming,
            Show::Offers => self.offered,
            Show::ToConfirm => self.candidates > 0,
            Show::Unassigned => self.room.is_none() && self.status == Status::Reserved,
        }
    }
}

/// Tier, channel, nights and party, in a few words.
fn about(row: &Row, words: &Words) -> String {
    let stay = &row.stay;
    let mut parts = Vec::new();
    if let Some(account) = &row.memory.account {
        parts.push(words.code("tier", &account.tier));
    }
    match (&stay.agency, stay.channel) {
        (Some(agency), _) if !agency.chars().all(|c| c.is_ascii_digit()) => {
            parts.push(agency.clone())
        }
        (_, Some(channel)) => parts.push(words.code("channel", channel)),
        _ => {}
    }
    parts.push(words.count("nights", stay.nights()));
    if stay.adults + stay.children != 1 {
        parts.push(party(stay.adults, stay.children, words));
    }
    parts.join(" · ")
}

/// "2 adults, 1 child".
pub(super) fn party(adults: i64, children: i64, words: &Words) -> String {
    let adults = words.count("adults", adults);
    if children == 0 {
        adults
    } else {
        words.list(&[adults, words.count("children", children)])
    }
}

fn state(row: &Row, board: Board, page: &Page) -> State {
    let said = |status: Status| State::Said(page.words.code("status", status));
    match (board, row.stay.status) {
        (Board::Arrivals, Status::Reserved) if row.stay.decision == Decision::Review => {
            State::Confirm
        }
        (Board::Arrivals, Status::Reserved) if row.room.is_none() => State::ChooseRoom,
        (Board::Arrivals, Status::Reserved) if page.is_today() => State::CheckIn,
        (Board::Departures, Status::InHouse) if page.is_today() => State::CheckOut,
        (Board::InHouse, Status::InHouse) => State::Open,
        (_, status) => said(status),
    }
}
