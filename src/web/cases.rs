//! A case, `/cases/{id}`: what happened, whose it is, how long there is, and what is done about it.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;
use serde::Deserialize;

use super::case_gifts::{self, Gift, GiftForm, Proposal, Target};
use super::case_open::{once, sentence};
use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::guests::check_length;
use super::login::Nothing;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::cases::compensation::{self, self as gift};
use crate::cases::deadline::Clock;
use crate::cases::handle::{self, Closing};
use crate::cases::history::{self, Event, Kind};
use crate::cases::{Case, MAX_LENGTH, Outcome, Severity};
use crate::clock;
use crate::error::FieldError;
use crate::guests::Guest;
use crate::guests::notes::Team;
use crate::properties::Property;
use crate::staff::Right;
use crate::staff::user::{self, Colleague};
use crate::welcome::memory;
use crate::words::{Message, Words};

/// The page; its block `state` alone when something changed.
#[derive(Template)]
#[template(path = "case.html", blocks = ["state"])]
struct CasePage {
    page: Arc<Page>,
    case: Case,
    guest: Guest,
    house: Property,
    clock: Option<Clock>,
    lines: Vec<Line>,
    colleagues: Vec<Colleague>,
    gifts: Vec<Gift>,
    target: Option<Target>,
    proposal: Option<Proposal>,
    is_member: bool,
    gift: GiftForm,
    typed: Typed,
    errors: Wrong,
}

/// A line of the history, in words.
struct Line {
    what: String,
    body: Option<String>,
    about: String,
}

/// What was typed into one of the page's forms.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    body: String,
    owner: String,
    team: Option<Team>,
    message: String,
    severity: Option<Severity>,
    resolution: String,
    outcome: Option<Outcome>,
    guest_words: String,
}

impl CasePage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn teams(&self) -> &'static [Team] {
        Team::ALL
    }

    fn severities(&self) -> &'static [Severity] {
        Severity::ALL
    }

    /// What a guest can have said; that there was no case is no answer of theirs.
    fn outcomes(&self) -> impl Iterator<Item = &'static Outcome> {
        Outcome::ALL
            .iter()
            .filter(|outcome| **outcome != Outcome::Mistake)
    }

    fn is_mine(&self) -> bool {
        let clerk = self.page.clerk.as_ref();
        clerk.is_some_and(|clerk| self.case.owner_id == Some(clerk.user_id))
    }

    fn me(&self) -> i64 {
        self.page.clerk.as_ref().map_or(0, |clerk| clerk.user_id)
    }

    fn is_owner(&self, colleague: &Colleague) -> bool {
        if self.typed.owner.is_empty() {
            self.case.owner_id == Some(colleague.id)
        } else {
            self.typed.owner == colleague.id.to_string()
        }
    }

    fn is_team(&self, team: &Team) -> bool {
        self.typed.team.unwrap_or(self.case.team) == *team
    }

    fn is_outcome(&self, outcome: &Outcome) -> bool {
        self.typed.outcome.unwrap_or(Outcome::NotAsked) == *outcome
    }

    fn due(&self, clock: &Clock) -> String {
        self.page.words.tell(&clock.told())
    }

    /// A moment on the house's clock.
    fn at(&self, at: NaiveDateTime) -> String {
        let at = self.house.local(at);
        format!("{} {}", self.page.words.date(at.date()), at.format("%H:%M"))
    }

    fn opened(&self) -> String {
        self.at(self.case.opened_at)
    }

    fn due_at(&self) -> String {
        self.case.due_at.map(|at| self.at(at)).unwrap_or_default()
    }

    fn kinds(&self) -> &'static [gift::Kind] {
        gift::Kind::ALL
    }

    fn is_kind(&self, kind: &gift::Kind) -> bool {
        self.gift.kind.unwrap_or(gift::Kind::Money) == *kind
    }

    fn gives(&self) -> bool {
        ["amount", "gift_points", "perk", "reason"]
            .iter()
            .any(|field| self.error(field).is_some())
    }

    /// What a form that gives something once carries; the same where it comes back.
    fn once(&self) -> String {
        if self.gift.once.is_empty() {
            once()
        } else {
            self.gift.once.clone()
        }
    }

    /// What money is given in, on this page.
    fn currency(&self) -> &str {
        let house = self
            .target
            .as_ref()
            .map_or(&self.house, |target| &target.house);
        &house.currency
    }

    fn closes(&self) -> bool {
        ["resolution", "outcome", "guest_words"]
            .iter()
            .any(|field| self.error(field).is_some())
    }
}

impl Line {
    fn of(event: &Event, house: &Property, words: &Words) -> Self {
        let at = house.local(event.at);
        let who = event.who.as_deref().unwrap_or(words.say("app-name"));
        let when = format!("{} {}", words.day(at.date()), at.format("%H:%M"));
        let code = |prefix| words.code(prefix, event.code.as_deref().unwrap_or_default());
        let kind = words.code("case-event", event.kind);
        let detail = match (event.kind, &event.code) {
            (Kind::Opened | Kind::Severity, Some(_)) => Some(code("severity")),
            (Kind::Closed, Some(_)) => Some(code("outcome")),
            (Kind::Compensation, Some(_)) => Some(code("compensation")),
            (Kind::HandOver, _) => event
                .owner
                .clone()
                .or(event.team.map(|team| words.code("team", team))),
            _ => None,
        };
        Self {
            what: match detail {
                Some(detail) => format!("{kind} · {detail}"),
                None => kind,
            },
            body: event.body.clone(),
            about: format!("{who} · {when}"),
        }
    }
}

/// A case of a house the clerk's rights hold for.
pub(super) fn case(view: &mut View<'_>, id: i64) -> Result<(Case, Property), AppError> {
    let case = Case::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
    let house = view.in_house(case.property_id)?;
    Ok((case, house))
}

/// `GET /cases/{id}`
pub async fn page(desk: Desk, id: web::Path<i64>) -> HttpResponse {
    desk.page(move |view| show(view, *id, Typed::default(), GiftForm::default(), Vec::new()))
        .await
}

/// The page with what was typed to be given.
pub(super) fn show_gift(
    view: &mut View<'_>,
    id: i64,
    gift: GiftForm,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    show(view, id, Typed::default(), gift, errors)
}

fn show(
    view: &mut View<'_>,
    id: i64,
    typed: Typed,
    gift: GiftForm,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let (case, house) = case(view, id)?;
    let guests = Guest::by_ids(view.conn, &[case.guest_id])?;
    let guest = guests.into_iter().next().ok_or(AppError::NotFound)?;
    let words = view.words();
    let lines = history::of_case(view.conn, id)?
        .iter()
        .rev()
        .map(|event| Line::of(event, &house, words))
        .collect();
    let memory = memory::of_person(view.conn, case.person_id)?;
    let target = Target::of(view, &case, &memory);
    let given = compensation::of_cases(view.conn, &[id])?;
    let gifts = given
        .iter()
        .map(|one| Gift::of(one, &house, view))
        .collect();
    let proposal = match &target {
        Some(target) => case_gifts::proposals(view, &memory, &target.house)?
            .into_iter()
            .find(|proposal| proposal.case_id == id),
        None => None,
    };
    let clock = case.due_at.filter(|_| case.is_open());
    let page = CasePage {
        page: Arc::clone(&view.page),
        clock: clock.map(|due_at| Clock::at(due_at, clock::now())),
        lines,
        colleagues: user::colleagues(view.conn, house.id)?,
        gifts,
        target,
        proposal,
        is_member: memory.account_of(case.guest_id).is_some(),
        gift,
        typed,
        errors: fields::wrong(&errors, words),
        guest,
        house,
        case,
    };
    if view.fragment {
        return Ok(Answer::html(page.as_state().render()?));
    }
    let look = view
        .line("view_case")
        .guest(page.guest.id)
        .detail(id.to_string());
    Ok(Answer::page(&page)?.look(look))
}

pub(super) fn here(id: i64) -> String {
    format!("/cases/{id}")
}

/// What every verb leaves behind: a line of the record, and boards that are told.
fn done(
    view: &mut View<'_>,
    action: &'static str,
    case: &Case,
    said: &Message,
) -> Result<Answer, AppError> {
    view.line(action)
        .guest(case.guest_id)
        .detail(case.id.to_string())
        .insert(view.conn)?;
    view.app.reference.forget();
    Ok(Answer::see(here(case.id))
        .say(view.words(), said)
        .changed(case.property_id))
}

/// `POST /cases/{id}/note`
pub async fn note(desk: Desk, id: web::Path<i64>, form: Form<Typed>) -> HttpResponse {
    let id = *id;
    desk.submit(
        form,
        move |view, form| {
            let (case, _) = case(view, id)?;
            view.must(Right::WriteProfile)?;
            let body = form.body.trim();
            if body.is_empty() {
                let message = Message::new("error-note-empty");
                return Err(AppError::Invalid(vec![FieldError::new("body", message)]));
            }
            check_length(body, "body")?;
            handle::note(view.conn, id, body, view.clerk.user_id)?;
            done(view, "note_case", &case, &Message::new("done-note"))
        },
        move |view, form, errors| show(view, id, form, GiftForm::default(), errors),
    )
    .await
}

/// `POST /cases/{id}/owner`: to a colleague of the house, or to a team.
pub async fn hand_over(desk: Desk, id: web::Path<i64>, form: Form<Typed>) -> HttpResponse {
    let id = *id;
    desk.submit(
        form,
        move |view, form| {
            let (case, house) = case(view, id)?;
            view.must(Right::WriteProfile)?;
            let owner = owner(view, &form.owner, house.id)?;
            let message = form.message.trim();
            check_length(message, "message")?;
            let team = form.team.unwrap_or(case.team);
            let body = Some(message).filter(|message| !message.is_empty());
            let (owner_id, user_id) = (owner.as_ref().map(|one| one.id), view.clerk.user_id);
            handle::hand_over(view.conn, id, team, owner_id, body, user_id)?;
            let to = owner.map_or_else(|| view.words().code("team", team), |one| one.display_name);
            let said = Message::new("done-case-owner").text("to", to);
            done(view, "hand_over_case", &case, &said)
        },
        move |view, form, errors| show(view, id, form, GiftForm::default(), errors),
    )
    .await
}

/// The colleague a piece of work is handed to; nobody where the field is empty.
pub(super) fn owner(
    view: &mut View<'_>,
    typed: &str,
    property_id: i64,
) -> Result<Option<Colleague>, AppError> {
    if typed.is_empty() {
        return Ok(None);
    }
    let colleagues = user::colleagues(view.conn, property_id)?;
    let found = colleagues
        .into_iter()
        .find(|one| one.id.to_string() == typed);
    let unknown = || FieldError::new("owner", Message::new("error-owner"));
    found
        .map(Some)
        .ok_or_else(|| AppError::Invalid(vec![unknown()]))
}

/// `POST /cases/{id}/severity`
pub async fn weigh(desk: Desk, id: web::Path<i64>, form: Form<Typed>) -> HttpResponse {
    let id = *id;
    desk.act(form, here(id), move |view, form| {
        let (case, _) = case(view, id)?;
        view.must(Right::WriteProfile)?;
        let severity = form.severity.unwrap_or(case.severity);
        handle::weigh(view.conn, id, severity, view.clerk.user_id)?;
        done(
            view,
            "weigh_case",
            &case,
            &Message::new("done-case-severity"),
        )
    })
    .await
}

/// `POST /cases/{id}/close`
pub async fn close(desk: Desk, id: web::Path<i64>, form: Form<Typed>) -> HttpResponse {
    let id = *id;
    desk.submit(
        form,
        move |view, form| {
            let (_, house) = case(view, id)?;
            view.must(Right::WriteProfile)?;
            let mut errors = Vec::new();
            let missing = "error-resolution";
            let resolution = sentence(&form.resolution, "resolution", missing, &mut errors);
            let guest_words = form.guest_words.trim();
            if guest_words.chars().count() > MAX_LENGTH {
                let long = Message::new("error-long")
                    .number("count", guest_words.chars().count() as i64)
                    .number("most", MAX_LENGTH as i64);
                errors.push(FieldError::new("guest_words", long));
            }
            if !errors.is_empty() {
                return Err(AppError::Invalid(errors));
            }
            let closing = Closing {
                resolution: &resolution,
                outcome: form.outcome.unwrap_or(Outcome::NotAsked),
                guest_words: Some(guest_words).filter(|words| !words.is_empty()),
            };
            let today = house.business_date(clock::now());
            let closed = handle::close(view.conn, id, closing, today, view.clerk.user_id)?;
            let said = Message::new("done-case-close").number("id", id);
            let answer = done(view, "close_case", &closed, &said)?;
            let undo = format!("/cases/{id}/reopen");
            Ok(answer.say_undo(view.words(), &said, undo))
        },
        move |view, form, errors| show(view, id, form, GiftForm::default(), errors),
    )
    .await
}

/// `POST /cases/{id}/reopen`
pub async fn reopen(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    let id = *id;
    desk.act(form, here(id), move |view, _| {
        case(view, id)?;
        view.must(Right::WriteProfile)?;
        let case = handle::reopen(view.conn, id, None, view.clerk.user_id)?;
        done(
            view,
            "reopen_case",
            &case,
            &Message::new("done-case-reopen"),
        )
    })
    .await
}

/// `POST /cases/{id}/mistake`: there was no case.
pub async fn mistake(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    let id = *id;
    desk.act(form, here(id), move |view, _| {
        let (_, house) = case(view, id)?;
        view.must(Right::WriteProfile)?;
        let resolution = view.words().code("outcome", Outcome::Mistake);
        let closing = Closing {
            resolution: &resolution,
            outcome: Outcome::Mistake,
            guest_words: None,
        };
        let today = house.business_date(clock::now());
        let case = handle::close(view.conn, id, closing, today, view.clerk.user_id)?;
        done(
            view,
            "withdraw_case",
            &case,
            &Message::new("done-case-mistake"),
        )
    })
    .await
}
