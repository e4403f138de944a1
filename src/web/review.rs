//! `/review`: where recognition asks, one booking at a time beside those it could be.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::form::Form;
use super::login::Nothing;
use super::page::Page;
use super::versus::{self, First, Known, Versus};
use super::{Answer, AppError, Desk};
use crate::guests::Guest;
use crate::guests::portrait::{Booking, Portrait};
use crate::recognition::Decision;
use crate::recognition::review::{self, Candidate, Clerk};
use crate::stays::Stay;
use crate::words::Message;

/// Candidates shown; each has a digit.
const SHOWN: usize = 5;
/// Bookings of the queue that can be stepped through.
const IN_QUEUE: usize = 100;

/// The page.
#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage {
    page: Arc<Page>,
    sheet: Option<Sheet>,
}

/// A booking beside its candidates.
struct Sheet {
    stay: Stay,
    guest: Guest,
    booking: String,
    back: &'static str,
    place: Option<usize>,
    total: usize,
    before: Option<i64>,
    after: Option<i64>,
    versus: Versus,
}

impl Sheet {
    fn path(&self, id: &i64) -> String {
        match self.back {
            "" => format!("/review/{id}"),
            back => format!("/review/{id}?back={back}"),
        }
    }
}

#[derive(Default, Deserialize)]
pub struct Choice {
    #[serde(default)]
    back: String,
}

/// Where the clerk came from, and goes back to.
fn back(text: &str) -> &'static str {
    match text {
        "arrivals" => "arrivals",
        "card" => "card",
        _ => "",
    }
}

/// `GET /review`: the next booking to look at.
pub async fn next(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let queue = queue(view)?;
        match queue.first() {
            Some(&id) => show(view, id, &queue, ""),
            None => Ok(Answer::page(&ReviewPage {
                page: Arc::clone(&view.page),
                sheet: None,
            })?),
        }
    })
    .await
}

/// `GET /review/{id}`
pub async fn page(desk: Desk, id: web::Path<i64>, choice: web::Query<Choice>) -> HttpResponse {
    desk.page(move |view| {
        let queue = queue(view)?;
        show(view, *id, &queue, back(&choice.back))
    })
    .await
}

fn clerk(view: &View<'_>) -> Clerk {
    Clerk {
        user_id: view.clerk.user_id,
        today: view.page.today,
    }
}

fn queue(view: &mut View<'_>) -> Result<Vec<i64>, AppError> {
    let houses: Vec<i64> = view.page.houses().map(|house| house.id).collect();
    let clerk = clerk(view);
    Ok(review::queue(view.conn, &houses, clerk, IN_QUEUE)?)
}

fn show(
    view: &mut View<'_>,
    id: i64,
    queue: &[i64],
    back: &'static str,
) -> Result<Answer, AppError> {
    let stay = Stay::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
    let house = view.in_house(stay.property_id)?;
    if stay.decision != Decision::Review {
        return Ok(Answer::see(super::stays::card(id)));
    }
    let mut candidates = review::candidates(view.conn, &stay)?;
    candidates.truncate(SHOWN);
    let guest = Guest::by_ids(view.conn, &[stay.guest_id])?
        .pop()
        .ok_or(AppError::NotFound)?;
    let mut persons: Vec<i64> = candidates.iter().map(|c| c.person_id).collect();
    persons.push(guest.person_id);
    let known = Known::load(view, &persons)?;
    let mut booked = known.portrait(guest.person_id);
    if let Some(booking) = Booking::of_stay(view.conn, id)? {
        booked.tell_booking(&booking, &view.app.keys);
    }
    let place = queue.iter().position(|&waiting| waiting == id);
    let at = |place: Option<usize>| place.and_then(|at| queue.get(at).copied());
    let look = view
        .line("view_review")
        .guest(guest.id)
        .stay(stay.id, house.id);
    let looks: Vec<_> = candidates
        .iter()
        .map(|candidate| {
            view.line("view_review")
                .guest(candidate.guest_id)
                .stay(stay.id, house.id)
        })
        .collect();
    let versus = versus(&stay, &booked, guest.person_id, &candidates, &known, view);
    let page = ReviewPage {
        sheet: Some(Sheet {
            booking: booking_line(&stay, &house.name, view),
            back,
            place: place.map(|at| at + 1),
            total: queue.len(),
            before: at(place.and_then(|at| at.checked_sub(1))),
            after: at(place.map_or(Some(0), |at| Some(at + 1))),
            versus,
            guest,
            stay,
        }),
        page: Arc::clone(&view.page),
    };
    Ok(looks
        .into_iter()
        .fold(Answer::page(&page)?.look(look), Answer::look))
}

/// The booking beside its candidates.
fn versus(
    stay: &Stay,
    booked: &Portrait,
    booked_id: i64,
    candidates: &[Candidate],
    known: &Known,
    view: &View<'_>,
) -> Versus {
    let words = view.words();
    let persons: Vec<i64> = candidates.iter().map(|c| c.person_id).collect();
    let column = |candidate: &Candidate| {
        // The booking itself is the next stay.
        let visits = known.visits(candidate.person_id) + known.visits(booked_id) + 1;
        let candidate = versus::Candidate {
            public_id: &candidate.public_id,
            person_id: candidate.person_id,
            probability: candidate.probability,
            reasons: &candidate.reasons,
        };
        known.column(&candidate, versus::together(visits, words), &view.page)
    };
    Versus {
        caption: words.say("review-compare").to_owned(),
        input: "radio",
        first: First {
            label: words.say("review-booking").to_owned(),
            name: None,
            wishes: Some(stay.requested_words().collect::<Vec<_>>().join(" · "))
                .filter(|words| !words.is_empty()),
            history: None,
            alone: words.say("visit-first").to_owned(),
        },
        columns: candidates.iter().map(column).collect(),
        rows: known.rows(booked, &persons, words),
    }
}

/// "22–23 Nov 2026 · 16:00 · 1 night · Riverside Hotel · Trip.com · RIV44113".
fn booking_line(stay: &Stay, house: &str, view: &View<'_>) -> String {
    let words = view.words();
    let parts = [
        Some(words.range(stay.arrival, stay.departure)),
        stay.arrival_time.map(|minutes| words.time(minutes)),
        Some(words.count("nights", stay.nights())),
        Some(super::boards::party(stay.adults, stay.children, words)),
        Some(house.to_owned()),
        stay.agency
            .clone()
            .or_else(|| stay.channel.map(|channel| words.code("channel", channel))),
        Some(stay.confirmation_number.clone()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[derive(Deserialize)]
pub struct Answered {
    answer: Option<review::Answer>,
    #[serde(default)]
    guest: String,
    #[serde(default)]
    back: String,
}

/// `POST /review/{id}`: same person, not the same, none of them, or not sure.
pub async fn answer(desk: Desk, id: web::Path<i64>, form: Form<Answered>) -> HttpResponse {
    let id = *id;
    desk.act(form, format!("/review/{id}"), move |view, form| {
        let stay = Stay::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
        let house = view.in_house(stay.property_id)?;
        let chosen = Guest::by_public_id(view.conn, &form.guest)?;
        let missing = || AppError::Refused(Message::new("refused-review-choose"));
        let answer = form.answer.ok_or_else(missing)?;
        let clerk = clerk(view);
        let answered = review::answer(view.conn, id, answer, chosen.as_ref().map(|c| c.id), clerk)?;
        let about =
            chosen.filter(|_| matches!(answer, review::Answer::Same | review::Answer::Other));
        for guest in [Some(stay.guest_id), about.as_ref().map(|guest| guest.id)]
            .into_iter()
            .flatten()
        {
            let detail = about.as_ref().map_or_else(
                || answer.to_string(),
                |guest| format!("{answer} {}", guest.public_id),
            );
            view.line("answer_review")
                .guest(guest)
                .stay(id, house.id)
                .detail(detail)
                .insert(view.conn)?;
        }
        view.app.reference.forget();
        let booked = super::stays::guest_name(view, &answered.stay)?;
        let done = match (answer, answered.decision) {
            (review::Answer::Same, _) => Message::new("done-review-same")
                .text("guest", about.map(|g| g.name()).unwrap_or_default()),
            (review::Answer::Unsure, _) => Message::new("done-review-unsure").text("guest", booked),
            (_, Decision::New) => Message::new("done-review-new").text("guest", booked),
            _ => Message::new("done-review-other")
                .text("guest", about.map(|g| g.name()).unwrap_or_default()),
        };
        let to = match (back(&form.back), answered.decision) {
            (from, Decision::Review) if answer == review::Answer::Other => match from {
                "" => format!("/review/{id}"),
                from => format!("/review/{id}?back={from}"),
            },
            ("arrivals", _) => format!("/arrivals#stay-{id}"),
            ("card", _) => super::stays::card(id),
            _ => "/review".into(),
        };
        let undo = format!("/review/{id}/undo/{}", answered.id);
        Ok(Answer::see(to)
            .say_undo(view.words(), &done, undo)
            .changed(house.id))
    })
    .await
}

/// `POST /review/{id}/undo/{review}`
pub async fn undo(desk: Desk, path: web::Path<(i64, i64)>, form: Form<Nothing>) -> HttpResponse {
    let (id, review_id) = *path;
    desk.act(form, format!("/review/{id}"), move |view, _| {
        let stay = Stay::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
        let house = view.in_house(stay.property_id)?;
        if !review::is_about(view.conn, review_id, id)? {
            return Err(AppError::NotFound);
        }
        review::undo(view.conn, review_id, Some(view.clerk.user_id))?;
        view.line("undo_review")
            .guest(stay.guest_id)
            .stay(id, house.id)
            .insert(view.conn)?;
        view.app.reference.forget();
        Ok(Answer::see(format!("/review/{id}"))
            .say(view.words(), &Message::new("done-undo-review"))
            .changed(house.id))
    })
    .await
}
