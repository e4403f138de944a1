//! What is given for a case: a gesture in one key, money, points or a perk by form, and the second pair of eyes.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::case_open::{once, sentence};
use super::cases::{self, here};
use super::desk::View;
use super::form::Form;
use super::stays::{card, stay};
use super::{Answer, AppError, Desk};
use crate::cases::Case;
use crate::cases::compensation::{self, Compensation, Gave, Kind, NewCompensation, State};
use crate::cases::gestures::{self, Gesture};
use crate::cases::limits::Giver;
use crate::clock;
use crate::error::FieldError;
use crate::guests::Guest;
use crate::loyalty::ledger::MOST;
use crate::properties::Property;
use crate::staff::Right;
use crate::stays::{Status, Stay};
use crate::welcome::memory::{self, Memory};
use crate::words::{Message, Money, Words};

/// The most money of one compensation, in minor units.
const MOST_MONEY: i64 = 10_000_000_000;

/// What the house proposes for a case, in words.
pub struct Proposal {
    pub case_id: i64,
    pub gesture_id: i64,
    pub what: String,
    pub why: String,
    pub once: String,
}

impl Proposal {
    /// A rule, with its cost and its reason.
    pub fn of(case: &Case, rule: &Gesture, words: &Words) -> Self {
        let severity = words.code("severity", rule.severity);
        let why = match &rule.tier {
            Some(tier) => Message::new("gesture-why-tier").text("tier", words.code("tier", tier)),
            None => Message::new("gesture-why"),
        };
        let worth = words.tell(&rule.worth());
        Self {
            case_id: case.id,
            gesture_id: rule.id,
            what: format!("{} · {worth}", rule.name(words.language)),
            why: words.tell(&why.text("severity", severity)),
            once: once(),
        }
    }
}

/// What is proposed for each open case of a guest in a house; no query where none is open.
pub fn proposals(
    view: &mut View<'_>,
    memory: &Memory,
    house: &Property,
) -> Result<Vec<Proposal>, AppError> {
    let open: Vec<i64> = memory.open_cases().map(|case| case.id).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let rules = gestures::all(view.conn)?;
    let given = compensation::of_cases(view.conn, &open)?;
    let (tier, tiers) = (tier(memory), &view.page.reference.tiers);
    let words = view.words();
    let proposed = memory.open_cases().filter_map(|case| {
        let rule = gestures::propose(case, tier, house, &rules, tiers, &given)?;
        Some(Proposal::of(case, rule, words))
    });
    Ok(proposed.collect())
}

fn tier(memory: &Memory) -> Option<&str> {
    memory.account.as_ref().map(|account| account.tier.as_str())
}

/// Where what is given on a case's page goes to.
#[derive(Clone, Debug)]
pub struct Target {
    pub stay_id: i64,
    pub house: Property,
    pub told: String,
}

impl Target {
    /// The stay the guest is in or arrives for, in a house of the clerk's; else the stay it happened in.
    pub fn of(view: &View<'_>, case: &Case, memory: &Memory) -> Option<Self> {
        let today = view.page.today;
        let theirs = |property_id| view.clerk.houses.include(property_id);
        let mut stays = memory.stays.iter().filter(|stay| theirs(stay.property_id));
        let now = stays.clone().find(|stay| stay.status == Status::InHouse);
        let soon = || {
            let mut stays = stays.clone();
            stays.find(|stay| stay.status == Status::Reserved && stay.arrival <= today)
        };
        let stay = now
            .or_else(soon)
            .or_else(|| stays.find(|stay| Some(stay.id) == case.stay_id))?;
        let house = view.page.reference.property(stay.property_id)?.clone();
        let when = view.words().range(stay.arrival, stay.departure);
        Some(Self {
            stay_id: stay.id,
            told: format!("{} · {when}", house.name),
            house,
        })
    }
}

/// Something given or asked for, in words.
pub struct Gift {
    pub id: i64,
    pub worth: String,
    pub state: String,
    pub class: &'static str,
    pub reason: String,
    pub about: String,
    /// The reader may answer it.
    pub is_asked: bool,
}

impl Gift {
    pub fn of(one: &Compensation, house: &Property, view: &View<'_>) -> Self {
        let words = view.words();
        let at = house.local(one.asked_at);
        let who = one.asked_name.as_deref().unwrap_or_default();
        let waits = one.state == State::Waiting;
        Self {
            id: one.id,
            worth: words.tell(&one.worth()),
            state: words.code("compensation", one.state),
            class: match one.state {
                State::Given | State::Approved => "ok",
                State::Waiting => "attend",
                State::Refused => "off",
            },
            reason: one.reason.clone(),
            about: format!("{who} · {} {}", words.day(at.date()), at.format("%H:%M")),
            is_asked: waits && view.page.is_manager() && one.asked_by != view.clerk.user_id,
        }
    }
}

/// What is given, as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct GiftForm {
    pub kind: Option<Kind>,
    pub amount: String,
    pub gift_points: String,
    pub perk: String,
    pub reason: String,
    pub once: String,
}

fn giver(view: &View<'_>) -> Giver {
    Giver {
        user_id: view.clerk.user_id,
        role: view.clerk.role,
    }
}

/// On record, and in words.
fn told(view: &mut View<'_>, case: &Case, gave: Gave, back: String) -> Result<Answer, AppError> {
    let given = Compensation::by_id(view.conn, gave.id)?.ok_or(AppError::NotFound)?;
    if gave.is_new {
        let mut line = view.line("compensate_case").guest(case.guest_id);
        if let Some(stay_id) = given.stay_id {
            let stay = Stay::by_id(view.conn, stay_id)?.ok_or(AppError::NotFound)?;
            line = line.stay(stay_id, stay.property_id);
        }
        line.detail(format!("{} {} {}", case.id, given.id, gave.state))
            .insert(view.conn)?;
    }
    let worth = view.words().tell(&given.worth());
    let said = match gave.state {
        State::Waiting => Message::new("done-gift-waits"),
        _ => Message::new("done-gift").text("worth", worth),
    };
    Ok(Answer::see(back)
        .say(view.words(), &said)
        .changed(case.property_id))
}

/// Which gesture for which case.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct GestureForm {
    case: i64,
    gesture: i64,
    once: String,
    back: String,
}

/// `POST /stays/{id}/gesture`: what the house proposes, in one key, at whatever house the guest is.
pub async fn gesture(desk: Desk, id: web::Path<i64>, form: Form<GestureForm>) -> HttpResponse {
    let id = *id;
    desk.act(form, card(id), move |view, form| {
        let (stay, house, acting) = stay(view, id)?;
        view.must(Right::WriteProfile)?;
        let guests = Guest::by_ids(view.conn, &[stay.guest_id])?;
        let guest = guests.first().ok_or(AppError::NotFound)?;
        let memory = memory::of_person(view.conn, guest.person_id)?;
        let closed = || AppError::Refused(Message::new("refused-case-closed"));
        let case = memory.open_cases().find(|case| case.id == form.case);
        let case = case.ok_or_else(closed)?;
        let rules = gestures::all(view.conn)?;
        let tiers = &view.page.reference.tiers;
        // What was made already is told by the verb, which holds the case.
        let rule = gestures::propose(case, tier(&memory), &house, &rules, tiers, &[]);
        let changed = || AppError::Refused(Message::new("refused-gesture-changed"));
        let rule = rule
            .filter(|rule| rule.id == form.gesture)
            .ok_or_else(changed)?;
        let name = rule.name(view.words().language).to_owned();
        let account = memory.account_of(stay.guest_id);
        let once = given_once(&form.once);
        let new = NewCompensation {
            case_id: case.id,
            kind: rule.kind,
            cost_minor: rule.cost_minor,
            currency: &rule.currency,
            points: rule.points,
            perk: (rule.kind == Kind::Perk).then_some(name.as_str()),
            reason: &case.summary,
            gesture_id: Some(rule.id),
            stay_id: Some(stay.id),
            account_id: account.map(|account| account.id),
            once: &once,
        };
        let gave = new.give(view.conn, giver(view), acting.today)?;
        let back = if form.back == "case" {
            here(case.id)
        } else {
            card(id)
        };
        Ok(told(view, case, gave, back)?.changed(house.id))
    })
    .await
}

/// What the form carried, or a value of its own for a program that sends none.
fn given_once(typed: &str) -> String {
    let given = Some(typed.trim()).filter(|once| (1..=64).contains(&once.len()));
    given.map_or_else(once, ToOwned::to_owned)
}

/// `POST /cases/{id}/compensate`
pub async fn compensate(desk: Desk, id: web::Path<i64>, form: Form<GiftForm>) -> HttpResponse {
    let id = *id;
    desk.submit(
        form,
        move |view, form| {
            let (case, house) = cases::case(view, id)?;
            view.must(Right::WriteProfile)?;
            let memory = memory::of_person(view.conn, case.person_id)?;
            let target = Target::of(view, &case, &memory);
            let kind = form.kind.unwrap_or(Kind::Money);
            let bears = match (&target, kind) {
                (Some(target), Kind::Money) => target.house.clone(),
                _ => house,
            };
            let typed = read(form, kind, &bears)?;
            let account = memory.account_of(case.guest_id);
            let once = given_once(&form.once);
            let new = NewCompensation {
                case_id: id,
                kind,
                cost_minor: typed.cost_minor,
                currency: &bears.currency,
                points: typed.points,
                perk: (kind == Kind::Perk).then_some(typed.perk.as_str()),
                reason: &typed.reason,
                gesture_id: None,
                stay_id: target.as_ref().map(|target| target.stay_id),
                account_id: account.map(|account| account.id),
                once: &once,
            };
            let today = bears.business_date(clock::now());
            let gave = new.give(view.conn, giver(view), today)?;
            told(view, &case, gave, here(id))
        },
        move |view, form, errors| cases::show_gift(view, id, form, errors),
    )
    .await
}

struct Typed {
    cost_minor: i64,
    points: i64,
    perk: String,
    reason: String,
}

fn read(form: &GiftForm, kind: Kind, house: &Property) -> Result<Typed, AppError> {
    let mut errors = Vec::new();
    let mut typed = Typed {
        cost_minor: 0,
        points: 0,
        perk: String::new(),
        reason: sentence(&form.reason, "reason", "error-gift-reason", &mut errors),
    };
    if typed.reason.chars().count() > compensation::MAX_LENGTH {
        errors.push(too_long("reason", &typed.reason));
    }
    let amount = form.amount.trim();
    if kind != Kind::Points {
        // A perk may cost the house nothing.
        let least = i64::from(kind == Kind::Money);
        let none = amount.is_empty() && kind == Kind::Perk;
        let minor = if none {
            Some(0)
        } else {
            Money::parse(amount, &house.currency).ok()
        };
        match minor.filter(|minor| (least..=MOST_MONEY).contains(minor)) {
            Some(minor) => typed.cost_minor = minor,
            None => errors.push(FieldError::new(
                "amount",
                Message::new("error-gift-amount")
                    .text("text", amount)
                    .text("currency", &house.currency),
            )),
        }
    }
    if kind == Kind::Points {
        let points = form.gift_points.trim().parse().ok();
        match points.filter(|points| (1..=MOST).contains(points)) {
            Some(points) => typed.points = points,
            None => {
                let message = Message::new("error-between").number("least", 1);
                errors.push(FieldError::new("gift_points", message.number("most", MOST)));
            }
        }
    }
    if kind == Kind::Perk {
        typed.perk = sentence(&form.perk, "perk", "error-gift-perk", &mut errors);
        if typed.perk.chars().count() > compensation::MAX_LENGTH {
            errors.push(too_long("perk", &typed.perk));
        }
    }
    if errors.is_empty() {
        Ok(typed)
    } else {
        Err(AppError::Invalid(errors))
    }
}

fn too_long(field: &'static str, text: &str) -> FieldError {
    let long = Message::new("error-long").number("count", text.chars().count() as i64);
    FieldError::new(field, long.number("most", compensation::MAX_LENGTH as i64))
}

/// What a second pair of eyes says.
#[derive(Deserialize)]
pub struct AnswerForm {
    #[serde(default)]
    answer: String,
}

/// `POST /cases/{id}/compensations/{compensation}`
pub async fn answer(
    desk: Desk,
    path: web::Path<(i64, i64)>,
    form: Form<AnswerForm>,
) -> HttpResponse {
    let (id, compensation_id) = path.into_inner();
    desk.act(form, here(id), move |view, form| {
        let (case, house) = cases::case(view, id)?;
        let asked = Compensation::by_id(view.conn, compensation_id)?;
        let asked = asked.filter(|asked| asked.case_id == case.id);
        let asked = asked.ok_or(AppError::NotFound)?;
        let is_approved = match form.answer.as_str() {
            "approved" => true,
            "refused" => false,
            _ => return Err(AppError::NotFound),
        };
        let today = house.business_date(clock::now());
        let user_id = view.clerk.user_id;
        compensation::answer(view.conn, asked.id, is_approved, today, user_id)?;
        view.line("answer_compensation")
            .guest(case.guest_id)
            .detail(format!("{id} {compensation_id} {}", form.answer))
            .insert(view.conn)?;
        let said = if is_approved {
            Message::new("done-gift").text("worth", view.words().tell(&asked.worth()))
        } else {
            Message::new("done-request-refused")
        };
        Ok(Answer::see(here(id))
            .say(view.words(), &said)
            .changed(case.property_id))
    })
    .await
}
