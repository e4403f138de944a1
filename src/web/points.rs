//! A guest's points, `/guests/{id}/points`: the statement, and what the desk does with them.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::guests::guest;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::guests::Guest;
use crate::guests::person;
use crate::loyalty::ledger::{self, Entry, Kind, Lot, MOST, Spending};
use crate::loyalty::requests::{self, Adjusted, Request};
use crate::loyalty::rewards::{self, Reward};
use crate::loyalty::{account, earning, programme};
use crate::staff::Right;
use crate::staff::audit::Actor;
use crate::stays::{Stay, history};
use crate::welcome::memory::{self, Memory};
use crate::words::Message;

/// Entries on the page; the file has all of them.
const SHOWN: i64 = 100;
/// Entries in the file.
const FILED: i64 = 100_000;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "points.html")]
struct PointsPage {
    page: Arc<Page>,
    guest: Guest,
    memory: Memory,
    entries: Vec<Entry>,
    lots: Vec<Lot>,
    owed: i64,
    nights: (i64, i64, i64),
    next: Option<String>,
    rewards: Vec<Reward>,
    waiting: Vec<Request>,
    arrival: Option<NaiveDate>,
    missed: Vec<(Stay, Guest)>,
    may_spend: bool,
    may_adjust: bool,
    typed: PointsForm,
    errors: Wrong,
}

impl PointsPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn points(&self, points: impl std::borrow::Borrow<i64>) -> String {
        let text = self.page.words.number(*points.borrow());
        self.page.words.fill("points", text)
    }

    fn name<'a>(&self, reward: &'a Reward) -> &'a str {
        reward.name(self.page.words.language)
    }

    /// Whether the accounts hold what a reward costs.
    fn affords(&self, reward: &Reward) -> bool {
        self.memory.points() >= reward.points
    }

    fn asked_by<'a>(&'a self, request: &'a Request) -> &'a str {
        let program = self.page.say("points-a-program");
        request.asked_name.as_deref().unwrap_or(program)
    }
}

/// What is typed about a guest's points.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PointsForm {
    number: String,
    reward: String,
    points: String,
    reason: String,
    stay: i64,
}

/// Which stay is looked for.
#[derive(Default, Deserialize)]
pub struct Missing {
    #[serde(default)]
    arrival: String,
}

/// `GET /guests/{id}/points?arrival=`
pub async fn page(desk: Desk, id: web::Path<String>, missing: web::Query<Missing>) -> HttpResponse {
    desk.page(move |view| {
        let arrival = missing.arrival.parse().ok();
        show(view, &id, arrival, PointsForm::default(), Vec::new())
    })
    .await
}

fn show(
    view: &mut View<'_>,
    id: &str,
    arrival: Option<NaiveDate>,
    typed: PointsForm,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let guest = guest(view, id)?;
    let profiles = person::profiles(view.conn, &[guest.person_id])?;
    let memory = memory::of_person(view.conn, guest.person_id)?;
    let accounts = ids(&memory);
    let (today, words) = (view.page.today, view.words());
    let may_spend = view.clerk.may(Right::SpendPoints);
    let year = history::in_a_year(&memory.stays, today);
    let next = memory.account.as_ref().and_then(|account| {
        programme::next_tier(&view.page.reference.tiers, &account.tier, year.nights)
    });
    let missed = match arrival.filter(|_| may_spend) {
        Some(arrival) => {
            let houses: Vec<i64> = view.page.houses().map(|house| house.id).collect();
            requests::missed(view.conn, &houses, arrival)?
        }
        None => Vec::new(),
    };
    let here = view.page.property.as_ref().map(|house| house.id);
    let mut shown = guest.clone();
    shown.show_as(&profiles);
    let mut looks = vec![view.line("view_points").guest(guest.id)];
    looks.extend(missed.iter().map(|(stay, of)| {
        let look = view.line("view_missed_stay").guest(of.id);
        look.stay(stay.id, stay.property_id)
    }));
    let page = PointsPage {
        page: Arc::clone(&view.page),
        guest: shown,
        entries: ledger::entries(view.conn, &accounts, None, SHOWN)?,
        lots: ledger::lots(view.conn, &accounts)?,
        owed: earning::owed(view.conn, &accounts)?,
        nights: (
            year.nights,
            year.stays,
            history::lifetime_nights(&memory.stays, today),
        ),
        next: next.map(|(tier, missing)| {
            let told = Message::new("nights-to-tier").number("count", missing);
            words.tell(&told.text("tier", words.code("tier", &tier.code)))
        }),
        rewards: rewards::all(view.conn)?
            .into_iter()
            .filter(|reward| here.is_some_and(|house| reward.is_given(house)))
            .collect(),
        waiting: requests::waiting_for(view.conn, &accounts)?,
        arrival,
        missed,
        may_spend,
        may_adjust: view.clerk.may(Right::AdjustPoints),
        typed,
        errors: fields::wrong(&errors, words),
        memory,
    };
    Ok(looks.into_iter().fold(Answer::page(&page)?, Answer::look))
}

fn ids(memory: &Memory) -> Vec<i64> {
    memory.accounts().map(|account| account.id).collect()
}

/// `GET /guests/{id}/points.csv`: the whole statement.
pub async fn file(desk: Desk, id: web::Path<String>) -> HttpResponse {
    desk.page(move |view| {
        let guest = guest(view, &id)?;
        let memory = memory::of_person(view.conn, guest.person_id)?;
        let entries = ledger::entries(view.conn, &ids(&memory), None, FILED)?;
        let look = view.line("view_points").guest(guest.id);
        Ok(Answer::file("text/csv; charset=utf-8", csv(&memory, &entries)?).look(look))
    })
    .await
}

fn csv(memory: &Memory, entries: &[Entry]) -> Result<String, AppError> {
    let failed = |error: String| AppError::Internal(error);
    let mut file = csv::Writer::from_writer(Vec::new());
    let header = ["date", "account", "kind", "points", "reason", "expires_on"];
    file.write_record(header)
        .map_err(|error| failed(error.to_string()))?;
    for entry in entries {
        let number = memory
            .accounts()
            .find(|account| account.id == entry.account_id)
            .map_or("", |account| account.number.as_str());
        let lapses = entry.expires_on.filter(|_| entry.points > 0);
        // A spreadsheet takes what begins with these for a formula.
        let reason = match entry.reason.chars().next() {
            Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{}", entry.reason),
            _ => entry.reason.clone(),
        };
        file.write_record([
            entry.posted_on.to_string(),
            number.to_owned(),
            entry.kind.to_string(),
            entry.points.to_string(),
            reason,
            lapses.map(|day| day.to_string()).unwrap_or_default(),
        ])
        .map_err(|error| failed(error.to_string()))?;
    }
    let bytes = file
        .into_inner()
        .map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

fn at(id: &str) -> String {
    format!("/guests/{id}/points")
}

fn wrong(field: &'static str, key: &'static str) -> AppError {
    AppError::Invalid(vec![FieldError::new(field, Message::new(key))])
}

/// A guest and what is remembered of them, for a verb that needs an account.
fn member(view: &mut View<'_>, id: &str) -> Result<(Guest, Memory), AppError> {
    let guest = guest(view, id)?;
    let memory = memory::of_person(view.conn, guest.person_id)?;
    if memory.account.is_none() {
        return Err(AppError::Refused(Message::new("refused-not-enrolled")));
    }
    Ok((guest, memory))
}

/// Does something about a guest's points, or shows the page again with what was typed.
async fn submit(
    desk: Desk,
    id: String,
    form: Form<PointsForm>,
    right: Right,
    act: impl FnOnce(&mut View<'_>, &str, &PointsForm) -> Result<Message, AppError> + Send + 'static,
) -> HttpResponse {
    let again = id.clone();
    desk.submit(
        form,
        move |view, form| {
            view.must(right)?;
            let done = act(view, &id, form)?;
            Ok(Answer::see(at(&id)).say(view.words(), &done))
        },
        move |view, form, errors| show(view, &again, None, form, errors),
    )
    .await
}

/// `POST /guests/{id}/enrol`
pub async fn enrol(desk: Desk, id: web::Path<String>, form: Form<PointsForm>) -> HttpResponse {
    submit(
        desk,
        id.into_inner(),
        form,
        Right::SpendPoints,
        |view, id, form| {
            let guest = guest(view, id)?;
            let number = account::enrol(view.conn, guest.id, &form.number, view.page.today)?;
            view.line("enrol")
                .guest(guest.id)
                .detail(&number)
                .insert(view.conn)?;
            Ok(Message::new("done-enrol").text("number", number))
        },
    )
    .await
}

/// `POST /guests/{id}/points/redeem`
pub async fn redeem(desk: Desk, id: web::Path<String>, form: Form<PointsForm>) -> HttpResponse {
    submit(
        desk,
        id.into_inner(),
        form,
        Right::SpendPoints,
        |view, id, form| {
            let (guest, memory) = member(view, id)?;
            let here = view.page.property.as_ref().map(|house| house.id);
            let reward = rewards::all(view.conn)?
                .into_iter()
                .find(|reward| {
                    reward.code == form.reward && here.is_some_and(|house| reward.is_given(house))
                })
                .ok_or_else(|| wrong("reward", "error-reward"))?;
            let spending = Spending {
                points: reward.points,
                reason: reward.name(view.words().language),
                reward_id: Some(reward.id),
            };
            let (on, by) = (view.page.today, Actor::User(view.clerk.user_id));
            ledger::redeem(view.conn, &ids(&memory), spending, on, by)?;
            view.line("redeem")
                .guest(guest.id)
                .detail(format!("{} {}", reward.code, reward.points))
                .insert(view.conn)?;
            let points = view.words().number(reward.points);
            Ok(Message::new("done-redeem")
                .text("reward", spending.reason)
                .text("points", points))
        },
    )
    .await
}

fn reason(form: &PointsForm) -> Result<&str, AppError> {
    let reason = form.reason.trim();
    let fits = (1..=LONGEST_REASON).contains(&reason.chars().count());
    if !fits || reason.chars().any(char::is_control) {
        return Err(wrong("reason", "error-points-reason"));
    }
    Ok(reason)
}

/// `POST /guests/{id}/points/adjust`
pub async fn adjust(desk: Desk, id: web::Path<String>, form: Form<PointsForm>) -> HttpResponse {
    submit(
        desk,
        id.into_inner(),
        form,
        Right::AdjustPoints,
        |view, id, form| {
            let (guest, memory) = member(view, id)?;
            let points = form.points.trim().trim_start_matches('+').parse().ok();
            let points = points
                .filter(|points: &i64| *points != 0 && (-MOST..=MOST).contains(points))
                .ok_or_else(|| wrong("points", "error-points"))?;
            let account = memory.account_of(guest.id).ok_or(AppError::NotFound)?;
            let (on, by) = (view.page.today, Actor::User(view.clerk.user_id));
            let reason = reason(form)?;
            let adjusted =
                requests::adjust(view.conn, account.id, Kind::Adjust, points, reason, on, by)?;
            view.line("adjust_points")
                .guest(guest.id)
                .detail(format!("{points}: {reason}"))
                .insert(view.conn)?;
            Ok(Message::new(match adjusted {
                Adjusted::Posted(_) => "done-adjust",
                Adjusted::Waits(_) => "done-adjust-waits",
            }))
        },
    )
    .await
}

/// `POST /guests/{id}/points/claim`
pub async fn claim(desk: Desk, id: web::Path<String>, form: Form<PointsForm>) -> HttpResponse {
    submit(
        desk,
        id.into_inner(),
        form,
        Right::SpendPoints,
        |view, id, form| {
            let (guest, memory) = member(view, id)?;
            let stay = Stay::by_id(view.conn, form.stay)?
                .filter(|stay| view.clerk.houses.include(stay.property_id))
                .ok_or(AppError::NotFound)?;
            let account = memory.account_of(guest.id).ok_or(AppError::NotFound)?;
            let by = Actor::User(view.clerk.user_id);
            let number = stay.confirmation_number.clone();
            requests::claim(view.conn, account.id, &stay, &number, by)?;
            view.line("claim_stay")
                .guest(guest.id)
                .stay(stay.id, stay.property_id)
                .insert(view.conn)?;
            Ok(Message::new("done-claim"))
        },
    )
    .await
}
