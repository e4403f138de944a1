//! Tables and parties as they are shown on the plan and on the lists.

use chrono::NaiveDateTime;

use super::Here;
use crate::dining::card;
use crate::dining::floor::{Floor, State};
use crate::dining::table::{Shape, Table};
use crate::dining::visit::{Party, Status};
use crate::guests::Guest;
use crate::web::pills;
use crate::words::{Message, Words};

/// A table as it is drawn and listed.
pub(super) struct TableView {
    pub id: i64,
    pub name: String,
    pub round: bool,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    pub rotation: i64,
    pub seats: i64,
    pub class: &'static str,
    /// Under the name: who, and how many.
    pub sub: String,
    /// Under that: since or until when.
    pub time: String,
    pub allergy: bool,
    pub occasion: bool,
    /// What opens it.
    pub href: String,
    /// All of it, for who does not see the plan.
    pub label: String,
    pub state: String,
    pub features: String,
    /// The party that sits or is due there, and what it is called.
    pub party: Option<(i64, String)>,
    pub is_seated: bool,
}

impl TableView {
    pub fn left(&self) -> i64 {
        self.x - self.width / 2
    }

    pub fn top(&self) -> i64 {
        self.y - self.height / 2
    }

    pub fn radius_x(&self) -> i64 {
        self.width / 2
    }

    pub fn radius_y(&self) -> i64 {
        self.height / 2
    }

    /// Where its three lines of text stand.
    pub fn line(&self, line: i64) -> i64 {
        let last = if self.time.is_empty() { 1 } else { 2 };
        self.y + 7 + line * 20 - last * 10
    }

    pub fn mark_x(&self) -> i64 {
        self.x + self.width / 2 - if self.round { self.width / 7 } else { 0 } - 8
    }

    pub fn mark_y(&self) -> i64 {
        self.y - self.height / 2 + if self.round { self.height / 7 } else { 0 } - 8
    }
}

/// What the page is about, for marking tables and keeping the choice in links.
#[derive(Clone, Default)]
pub(super) struct Chosen {
    /// `visit=7&` or `guest=…&`; empty where nobody is chosen.
    pub query: String,
    /// The best tables for them.
    pub best: Vec<i64>,
    /// Their own tables.
    pub own: Vec<i64>,
}

pub(super) fn table(
    table: &Table,
    floor: &Floor<'_>,
    here: &Here,
    chosen: &Chosen,
    words: &Words,
) -> TableView {
    let state = floor.state(table.id);
    let (class, party) = match state {
        State::Free { .. } => ("free", None),
        State::Kept(party) => ("kept", Some(party)),
        State::Seated(party) if party.visit.ends_at < here.now => ("taken over", Some(party)),
        State::Seated(party) => ("taken", Some(party)),
    };
    let is_best = chosen.best.contains(&table.id);
    let class = match class {
        "free" if is_best => "free best",
        "kept" if is_best => "kept best",
        "taken" if chosen.own.contains(&table.id) => "taken own",
        class => class,
    };
    let (sub, time) = match state {
        State::Free { .. } if is_best => (words.say("table-best").to_owned(), String::new()),
        State::Free { next: Some(next) } => (
            table.seats.to_string(),
            format!("→ {}", here.clock(next.visit.starts_at)),
        ),
        State::Free { next: None } => (table.seats.to_string(), String::new()),
        State::Kept(party) => (short(party, words), here.clock(party.visit.starts_at)),
        State::Seated(party) => (
            short(party, words),
            format!("→ {}", here.clock(party.visit.ends_at)),
        ),
    };
    let state_text = state_text(state, here, words);
    let features: Vec<String> = table
        .features
        .iter()
        .map(|code| words.feature(code).to_owned())
        .collect();
    let features = features.join(", ");
    let seats = words.count("table-seats", table.seats);
    let label = words.tell(
        &Message::new("table-label")
            // What is drawn comes first, so that who says what they see is understood.
            .text("table", format!("{} {sub} {time}", table.name).trim())
            .text(
                "about",
                if features.is_empty() {
                    seats
                } else {
                    format!("{seats}, {features}")
                },
            )
            .text("state", &state_text),
    );
    TableView {
        id: table.id,
        name: table.name.clone(),
        round: table.shape == Shape::Round,
        x: table.x,
        y: table.y,
        width: table.width,
        height: table.height,
        rotation: table.rotation,
        seats: table.seats,
        class,
        sub,
        time,
        allergy: party.is_some_and(|party| party.allergies().next().is_some()),
        occasion: party
            .and_then(|party| card::birthday(party.guest.as_ref()?, party.visit.on_date))
            .is_some(),
        href: format!("{}?{}table={}", here.path(), chosen.query, table.id),
        label,
        state: state_text,
        features,
        is_seated: matches!(state, State::Seated(_)),
        party: party.map(|party| (party.visit.id, words.tell(&party.name()))),
    }
}

/// How a table stands, in words.
fn state_text(state: State<'_>, here: &Here, words: &Words) -> String {
    let (message, party, at) = match state {
        State::Free { next: None } => return words.say("table-free").to_owned(),
        State::Free { next: Some(next) } => {
            (Message::new("table-free-until"), next, next.visit.starts_at)
        }
        State::Kept(party) => (
            Message::new(if party.visit.status == Status::Held {
                "table-held"
            } else {
                "table-kept"
            }),
            party,
            party.visit.starts_at,
        ),
        State::Seated(party) if party.visit.ends_at < here.now => {
            (Message::new("table-over"), party, party.visit.ends_at)
        }
        State::Seated(party) => (Message::new("table-seated"), party, party.visit.ends_at),
    };
    words.tell(
        &message
            .text("time", here.clock(at))
            .text("party", isolated(party, words))
            .number("covers", party.visit.covers),
    )
}

/// The name, whichever way its script runs.
fn isolated(party: &Party, words: &Words) -> String {
    format!("\u{2068}{}\u{2069}", words.tell(&party.name()))
}

/// "OU · 2": initials and how many.
fn short(party: &Party, words: &Words) -> String {
    let name = words.tell(&party.name());
    format!("{} · {}", initials(&name, party), party.visit.covers)
}

fn initials(name: &str, party: &Party) -> String {
    if party.guest.is_none() && party.visit.called.is_none() {
        return "–".into();
    }
    let mut letters = name.chars().filter(|c| c.is_alphabetic());
    if letters
        .clone()
        .next()
        .is_some_and(|c| ('\u{3040}'..'\u{d7b0}').contains(&c))
    {
        return letters.by_ref().take(2).collect();
    }
    let first = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    first.take(2).flat_map(char::to_uppercase).collect()
}

/// How long a party that waits will wait.
#[derive(Clone, Copy)]
pub(super) enum Wait {
    /// Not reckoned here.
    Unasked,
    /// No table is in sight.
    Unknown,
    /// So many minutes.
    For(i64),
}

/// A party as it is listed.
pub(super) struct PartyLine {
    pub id: i64,
    pub href: String,
    pub time: String,
    pub name: String,
    pub name_language: Option<&'static str>,
    pub covers: i64,
    pub about: String,
    pub allergies: Vec<String>,
    pub diets: Vec<String>,
    pub occasion: Option<String>,
    /// Late, overdue, or how long they have waited.
    pub late: Option<String>,
    pub table: String,
    pub status: Status,
}

pub(super) fn party(
    party: &Party,
    table: String,
    here: &Here,
    words: &Words,
    wait: Wait,
) -> PartyLine {
    let visit = &party.visit;
    let mut about: Vec<String> = Vec::new();
    about.extend(
        party
            .room
            .as_ref()
            .map(|room| words.fill("room-number", room)),
    );
    about.extend(
        visit
            .requested_codes()
            .filter(|code| !party.needs.iter().any(|need| need == code))
            .map(|code| words.feature(code).to_owned()),
    );
    about.extend(visit.requested_words().map(|words| format!("“{words}”")));
    PartyLine {
        id: visit.id,
        href: format!("{}?visit={}", here.path(), visit.id),
        time: here.clock(match visit.status {
            Status::Seated => visit.ends_at,
            Status::Waiting => visit.created_at,
            _ => visit.starts_at,
        }),
        name: words.tell(&party.name()),
        name_language: party.guest.as_ref().and_then(Guest::name_language),
        covers: visit.covers,
        about: about.join(" · "),
        allergies: party
            .allergies()
            .map(|code| pills::allergen(words.feature(code)))
            .collect(),
        diets: party
            .diets()
            .map(|code| words.feature(code).to_owned())
            .collect(),
        occasion: party
            .guest
            .as_ref()
            .and_then(|guest| card::birthday(guest, visit.on_date))
            .map(|message| words.tell(&message)),
        late: late(party, here.now, wait).map(|message| words.tell(&message)),
        table,
        status: visit.status,
    }
}

/// What is behind time, or how long somebody waits.
fn late(party: &Party, now: NaiveDateTime, wait: Wait) -> Option<Message> {
    let visit = &party.visit;
    let minutes = (now - visit.starts_at).num_minutes();
    match visit.status {
        Status::Booked | Status::Held if minutes >= 5 => {
            Some(Message::new("party-late").number("count", minutes))
        }
        Status::Seated if visit.ends_at < now => {
            let over = (now - visit.ends_at).num_minutes();
            Some(Message::new("party-over").number("count", over))
        }
        Status::Waiting => match wait {
            Wait::Unasked => None,
            Wait::For(0) => Some(Message::new("party-now")),
            Wait::For(more) => Some(Message::new("party-waits").number("count", more)),
            Wait::Unknown => Some(Message::new("party-no-table")),
        },
        _ => None,
    }
}
