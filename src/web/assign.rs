//! The rooms of a day's arrivals: what would change and why, given out in one go, taken back in one go.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::best;
use super::desk::View;
use super::form::Form;
use super::login::Nothing;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::clock;
use crate::error::FieldError;
use crate::rooms::assign::baseline::Measure;
use crate::rooms::assign::why::{Line, Outcome};
use crate::rooms::assign::{Day, Plan};
use crate::rooms::standing::Moment;
use crate::stays::assigning::{self, Applied, Loaded};
use crate::stays::board::Row;
use crate::stays::rebooking::Move;
use crate::vocabulary;
use crate::words::{Message, Words};

/// Where the page is.
const HERE: &str = "/rooms/assign";

/// The page.
#[derive(Template)]
#[template(path = "assign.html")]
struct AssignPage {
    page: Arc<Page>,
    lines: Vec<PlanLine>,
    moves: Vec<String>,
    before: Measure,
    after: Measure,
    last: Option<Applied>,
    is_over: bool,
    errors: Vec<String>,
}

/// One arrival as it is shown.
struct PlanLine {
    id: i64,
    place: usize,
    name: String,
    name_language: Option<&'static str>,
    about: String,
    room_type: String,
    from: Option<String>,
    to: Option<String>,
    type_name: String,
    ready: String,
    outcome: Outcome,
    kept: usize,
    of: usize,
    lost: Vec<String>,
    why: Vec<String>,
    lock: Option<String>,
}

impl AssignPage {
    fn class(&self, line: &PlanLine) -> &'static str {
        match line.outcome {
            Outcome::First | Outcome::Moves => "changes",
            Outcome::Without | Outcome::Stuck => "needs-care",
            Outcome::Stays | Outcome::Locked => "",
        }
    }

    fn icon(&self, line: &PlanLine) -> &'static str {
        match line.outcome {
            Outcome::First => "plus",
            Outcome::Moves => "right",
            Outcome::Stays => "check",
            Outcome::Locked => "lock",
            Outcome::Stuck | Outcome::Without => "triangle",
        }
    }

    fn summary(&self) -> String {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.page.words.tell(
            &Message::new("assign-summary")
                .number("arrivals", number(self.lines.len()))
                .number("changes", number(self.moves.len()))
                .number("without", number(self.after.without)),
        )
    }

    /// "41 of 68 wishes kept now, 63 afterwards".
    fn wishes(&self) -> Option<String> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        (self.after.of > 0).then(|| {
            self.page.words.tell(
                &Message::new("assign-wishes")
                    .number("before", number(self.before.kept))
                    .number("after", number(self.after.kept))
                    .number("of", number(self.after.of)),
            )
        })
    }

    fn last_text(&self, last: &Applied) -> String {
        let by = last.by.clone().unwrap_or_default();
        let local = self
            .page
            .property
            .as_ref()
            .map(|house| house.local(last.at));
        let time = local.map(|at| at.format("%H:%M").to_string());
        self.page.words.tell(
            &Message::new("assign-last")
                .number("count", last.changes)
                .text("by", by)
                .text("time", time.unwrap_or_default()),
        )
    }
}

/// `GET /rooms/assign`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| show(view, Vec::new())).await
}

#[derive(Deserialize)]
pub struct Shown {
    #[serde(default)]
    moves: Vec<String>,
}

/// `POST /rooms/assign`: gives the rooms out as they were shown.
pub async fn apply(desk: Desk, form: Form<Shown>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let house = view.house()?.clone();
            let (acting, day) = (view.acting(&house), view.page.date);
            if day < acting.today {
                return Err(AppError::Refused(Message::new("refused-assign-over")));
            }
            let moves: Vec<Move> = form
                .moves
                .iter()
                .map(|text| text.parse())
                .collect::<Result<_, _>>()
                .map_err(|_| AppError::BadForm("error-form-unreadable"))?;
            let id = assigning::apply(view.conn, &house, day, &moves, acting)?;
            let done = Message::new("done-assign")
                .number("count", i64::try_from(moves.len()).unwrap_or(i64::MAX));
            Ok(Answer::see("/arrivals")
                .say_undo(view.words(), &done, format!("{HERE}/{id}/undo"))
                .changed(house.id))
        },
        |view, _, errors| show(view, errors),
    )
    .await
}

/// `POST /rooms/assign/{id}/undo`
pub async fn undo(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    let id = *id;
    desk.submit(
        form,
        move |view, _| {
            let house = view.house()?.clone();
            let acting = view.acting(&house);
            assigning::undo(view.conn, &house, id, acting)?;
            Ok(Answer::see(HERE)
                .say(view.words(), &Message::new("done-assign-undone"))
                .changed(house.id))
        },
        |view, _, errors| show(view, errors),
    )
    .await
}

fn show(view: &mut View<'_>, errors: Vec<FieldError>) -> Result<Answer, AppError> {
    let house = view.house()?.clone();
    let (reference, date) = (view.reference(), view.page.date);
    let moment = Moment::of(&house, clock::now());
    let loaded = assigning::load(view.conn, &house, &reference, date, moment)?;
    let plan = loaded.day.plan();
    let last = assigning::last(view.conn, house.id, date)?;
    let words = view.words();
    let look = view
        .line("view_assignment")
        .detail(format!("{} {date}", house.code));
    let lines = loaded.day.lines(&plan);
    let page = AssignPage {
        moves: moves(&lines),
        before: now(&loaded.day),
        after: then(&loaded.day, &plan),
        lines: lines
            .iter()
            .enumerate()
            .map(|(at, line)| PlanLine::of(at + 1, line, &loaded, words))
            .collect(),
        last,
        is_over: date < moment.today,
        errors: errors
            .iter()
            .map(|error| words.tell(&error.message))
            .collect(),
        page: Arc::clone(&view.page),
    };
    Ok(Answer::page(&page)?.look(look))
}

/// What the rooms given so far do for the guests.
fn now(day: &Day) -> Measure {
    let arrivals = day.arrivals.iter();
    day.measure(
        &arrivals
            .map(|arrival| day.current(arrival))
            .collect::<Vec<_>>(),
    )
}

/// What the plan does.
fn then(day: &Day, plan: &Plan) -> Measure {
    let places = plan.places.iter();
    day.measure(&places.map(|place| place.room()).collect::<Vec<_>>())
}

fn moves(lines: &[Line<'_>]) -> Vec<String> {
    let changes = lines.iter().filter(|line| line.is_change());
    changes
        .map(|line| {
            let it = Move {
                stay_id: line.arrival.stay_id,
                from: line.from.map(|room| room.id),
                to: line.to.map(|room| room.id),
            };
            it.to_string()
        })
        .collect()
}

impl PlanLine {
    fn of(place: usize, line: &Line<'_>, loaded: &Loaded, words: &'static Words) -> Self {
        let row = loaded
            .rows
            .iter()
            .find(|row| row.stay.id == line.arrival.stay_id);
        let lock = loaded.locks.get(&line.arrival.stay_id);
        let (kept, of) = line.fit.score();
        let number = |room: &&crate::rooms::Room| room.number.clone();
        let lost = line
            .fit
            .lost
            .iter()
            .filter_map(|code| vocabulary::get(code));
        Self {
            id: line.arrival.stay_id,
            place,
            name: line.arrival.name.clone(),
            name_language: row.and_then(|row| row.guest.name_language()),
            about: row.map_or_else(String::new, |row| about(row, words)),
            room_type: row
                .and_then(|row| row.room_type.clone())
                .unwrap_or_default(),
            from: line.from.as_ref().map(number),
            to: line.to.as_ref().map(number),
            type_name: line
                .to
                .map(|room| room.type_name.clone())
                .unwrap_or_default(),
            ready: line.to.map_or_else(String::new, |room| {
                best::ready(loaded.day.standing(line.arrival, room), words)
            }),
            outcome: line.outcome,
            kept,
            of,
            lost: lost
                .map(|feature| feature.label(words.language).to_owned())
                .collect(),
            why: line.why.iter().map(|told| words.tell(told)).collect(),
            lock: lock.map(|lock| lock.reason.clone().unwrap_or_default()),
        }
    }
}

/// What places the guest in the order: tier, nights, when they come.
fn about(row: &Row, words: &Words) -> String {
    let tier = row.memory.account.as_ref();
    let parts = [
        tier.map(|account| words.code("tier", &account.tier)),
        Some(words.count("nights", row.stay.nights())),
        row.stay.arrival_time.map(|minutes| words.time(minutes)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
