//! A case is opened, `POST /guests/{id}/cases`: from the card or the profile, in seconds.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::desk::View;
use super::form::Form;
use super::guests::{back, guest, must_be_theirs, show};
use super::{Answer, AppError, Desk};
use crate::cases::open::{NewCase, Opened};
use crate::cases::{Case, MAX_LENGTH, Severity};
use crate::error::FieldError;
use crate::guests::notes::Team;
use crate::properties::Property;
use crate::staff::Right;
use crate::stays::Stay;
use crate::words::Message;
use crate::{rooms, secret, vocabulary};

/// What happened, as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct CaseForm {
    summary: String,
    case_room: String,
    case_team: Option<Team>,
    severity: Option<Severity>,
    case_word: String,
    stay: Option<i64>,
    once: String,
}

/// A value for a form that opens something once, new with each page.
pub(super) fn once() -> String {
    secret::hex(&secret::random::<12>())
}

/// `POST /guests/{id}/cases`
pub async fn open(desk: Desk, id: web::Path<String>, form: Form<CaseForm>) -> HttpResponse {
    let (again, id) = (id.clone(), id.into_inner());
    desk.submit(
        form,
        move |view, form| {
            view.must(Right::WriteProfile)?;
            let guest = guest(view, &id)?;
            must_be_theirs(view, &guest, form.stay)?;
            let house = house(view, form.stay)?;
            let typed = read(view, form, &house)?;
            let new = NewCase {
                guest_id: guest.id,
                stay_id: form.stay,
                property_id: house.id,
                room_id: typed.room_id,
                team: form.case_team.unwrap_or(Team::FrontDesk),
                severity: typed.severity,
                feature: typed.feature,
                summary: &typed.summary,
                once: &typed.once,
            };
            let opened = new.open(view.conn, view.clerk.user_id)?;
            told(view, opened, &house, back(&guest, form.stay))
        },
        move |view, form, errors| {
            let typed = vec![
                ("summary", form.summary),
                ("case_room", form.case_room),
                ("case_word", form.case_word),
                (
                    "case_team",
                    form.case_team
                        .map(|team| team.to_string())
                        .unwrap_or_default(),
                ),
                (
                    "severity",
                    form.severity.map(|one| one.to_string()).unwrap_or_default(),
                ),
                (
                    "stay",
                    form.stay.map(|id| id.to_string()).unwrap_or_default(),
                ),
                ("once", form.once),
            ];
            show(view, &again, None, errors, typed)
        },
    )
    .await
}

/// The house of the stay it happened in; without one, the house looked at.
fn house(view: &mut View<'_>, stay: Option<i64>) -> Result<Property, AppError> {
    match stay {
        Some(id) => {
            let stay = Stay::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
            view.in_house(stay.property_id)
        }
        None => view.house().cloned(),
    }
}

/// What was typed, once it can be right.
struct Typed {
    summary: String,
    room_id: Option<i64>,
    severity: Severity,
    feature: Option<&'static str>,
    once: String,
}

fn read(view: &mut View<'_>, form: &CaseForm, house: &Property) -> Result<Typed, AppError> {
    let mut errors = Vec::new();
    let summary = sentence(&form.summary, "summary", "error-case-empty", &mut errors);
    let number = form.case_room.trim();
    let room_id = if number.is_empty() {
        None
    } else {
        rooms::id_by_number(view.conn, house.id, number)?
    };
    if !number.is_empty() && room_id.is_none() {
        let message = Message::new("error-case-room").text("room", number);
        errors.push(FieldError::new(
            "case_room",
            message.text("house", &house.name),
        ));
    }
    let word = form.case_word.trim();
    let feature = vocabulary::find(word);
    if !word.is_empty() && feature.is_none() {
        let message = match vocabulary::nearest(word) {
            Some(near) => Message::new("error-wish-near")
                .text("text", word)
                .feature("near", near.code),
            None => Message::new("error-case-word").text("text", word),
        };
        errors.push(FieldError::new("case_word", message));
    }
    // A program that sends no value of its own opens one case a request.
    let once = Some(form.once.trim()).filter(|once| (1..=64).contains(&once.len()));
    if errors.is_empty() {
        Ok(Typed {
            summary,
            room_id,
            severity: form.severity.unwrap_or(Severity::Serious),
            feature: feature.map(|feature| feature.code),
            once: once.map_or_else(self::once, ToOwned::to_owned),
        })
    } else {
        Err(AppError::Invalid(errors))
    }
}

/// A sentence that has to be there, on one line.
pub(super) fn sentence(
    typed: &str,
    field: &'static str,
    missing: &'static str,
    errors: &mut Vec<FieldError>,
) -> String {
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let count = text.chars().count();
    let message = if text.is_empty() {
        Some(Message::new(missing))
    } else if count > MAX_LENGTH {
        let long = Message::new("error-long").number("count", count as i64);
        Some(long.number("most", MAX_LENGTH as i64))
    } else if text.chars().any(char::is_control) {
        Some(Message::new("error-control"))
    } else {
        None
    };
    errors.extend(message.map(|message| FieldError::new(field, message)));
    text
}

/// On record, and told to the clerk, who can take it back.
fn told(
    view: &mut View<'_>,
    opened: Opened,
    house: &Property,
    back: String,
) -> Result<Answer, AppError> {
    let case = Case::by_id(view.conn, opened.id)?.ok_or(AppError::NotFound)?;
    if opened.is_new {
        let mut line = view.line("open_case").guest(case.guest_id);
        if let Some(stay_id) = case.stay_id {
            line = line.stay(stay_id, house.id);
        }
        line.detail(case.id.to_string()).insert(view.conn)?;
    }
    view.app.reference.forget();
    let due = case.due_at.map(|at| house.local(at));
    let done = Message::new("done-case-open").number("id", case.id).text(
        "until",
        due.map(|at| at.format("%H:%M").to_string())
            .unwrap_or_default(),
    );
    let undo = format!("/cases/{}/mistake", case.id);
    Ok(Answer::see(back)
        .say_undo(view.words(), &done, undo)
        .changed(house.id))
}
