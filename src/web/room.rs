//! The room of a stay: which are free and suit best, the move and its undoing, and the lock.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::best::{self, BestRoom, RoomsFor};
use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::login::Nothing;
use super::page::Page;
use super::stays::{card, stay};
use super::{Answer, AppError, Desk};
use crate::guests::Guest;
use crate::rooms::best::SHOWN;
use crate::rooms::{self, Room};
use crate::stays::board;
use crate::stays::room_lock::{self, RoomLock};
use crate::stays::{Status, Stay, arrive};
use crate::welcome::Visit;
use crate::words::Message;

/// Rooms offered for a move, the three best among them.
const ROOMS_SHOWN: usize = 15;
/// Keys of the three best.
const KEYS: [&str; SHOWN] = ["1", "2", "3"];

/// The page that offers rooms.
#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage {
    page: Arc<Page>,
    stay: Stay,
    guest: Guest,
    room: Option<Room>,
    best: Vec<BestRoom>,
    more: Vec<BestRoom>,
    lock: Option<RoomLock>,
    typed: String,
    errors: Wrong,
}

impl RoomPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    /// Who locked the room, when and why.
    fn lock_text(&self, lock: &RoomLock) -> String {
        let words = self.page.words;
        let who = [
            lock.reason.clone(),
            lock.by.clone(),
            Some(words.date(lock.at.date())),
        ];
        who.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    fn can_move(&self) -> bool {
        self.lock.is_none() && matches!(self.stay.status, Status::Reserved | Status::InHouse)
    }
}

/// `GET /stays/{id}/room`
pub async fn page(desk: Desk, id: web::Path<i64>) -> HttpResponse {
    desk.page(move |view| show(view, *id, String::new(), Vec::new()))
        .await
}

#[derive(Deserialize)]
pub struct RoomChoice {
    #[serde(default)]
    room: String,
}

/// `POST /stays/{id}/room`
pub async fn change(desk: Desk, id: web::Path<i64>, form: Form<RoomChoice>) -> HttpResponse {
    let id = *id;
    desk.submit(
        form,
        move |view, form| {
            let (before, house, acting) = stay(view, id)?;
            arrive::move_room(view.conn, id, &form.room, acting)?;
            let done = Message::new("done-move").text("room", form.room.trim());
            let answer = Answer::see(card(id)).changed(house.id);
            // A guest who is in the house has moved on foot; a reservation is moved back by a key.
            let now = rooms::id_by_number(view.conn, house.id, form.room.trim())?;
            Ok(match now {
                Some(now) if before.status == Status::Reserved && before.room_id != Some(now) => {
                    let back = before.room_id.unwrap_or_default();
                    let undo = format!("/stays/{id}/room/{now}/undo/{back}");
                    answer.say_undo(view.words(), &done, undo)
                }
                _ => answer.say(view.words(), &done),
            })
        },
        move |view, form, errors| {
            let errors = errors
                .iter()
                .map(|error| ("room", view.words().tell(&error.message)))
                .collect();
            show(view, id, form.room, errors)
        },
    )
    .await
}

/// `POST /stays/{id}/room/{room}/undo/{before}`: back to the room a reservation had, 0 for none.
pub async fn undo(
    desk: Desk,
    path: web::Path<(i64, i64, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    let (id, moved_to, before) = path.into_inner();
    desk.act(form, card(id), move |view, _| {
        let (now, house, acting) = stay(view, id)?;
        if now.room_id != Some(moved_to) || now.status != Status::Reserved {
            return Err(AppError::Refused(Message::new("refused-undo-move")));
        }
        let done = match rooms::by_ids(view.conn, &[before])?.first() {
            Some(room) => {
                arrive::move_room(view.conn, id, &room.number, acting)?;
                Message::new("done-move").text("room", &room.number)
            }
            None => {
                arrive::give_up_room(view.conn, id, acting)?;
                Message::new("done-no-room")
            }
        };
        Ok(Answer::see(card(id))
            .say(view.words(), &done)
            .changed(house.id))
    })
    .await
}

#[derive(Deserialize)]
pub struct Reason {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    back: String,
}

/// Where a lock was set: the room's page, or the assignment of the day.
fn back(id: i64, form: &Reason) -> String {
    if form.back == "/rooms/assign" {
        format!("/rooms/assign#stay-{id}")
    } else {
        format!("/stays/{id}/room")
    }
}

/// `POST /stays/{id}/room/lock`
pub async fn lock(desk: Desk, id: web::Path<i64>, form: Form<Reason>) -> HttpResponse {
    let id = *id;
    desk.submit(
        form,
        move |view, form| {
            let (_, house, acting) = stay(view, id)?;
            room_lock::lock(view.conn, id, &form.reason, acting)?;
            Ok(Answer::see(back(id, form))
                .say(view.words(), &Message::new("done-lock"))
                .changed(house.id))
        },
        move |view, _, errors| {
            let errors = errors
                .iter()
                .map(|error| ("reason", view.words().tell(&error.message)))
                .collect();
            show(view, id, String::new(), errors)
        },
    )
    .await
}

/// `POST /stays/{id}/room/unlock`
pub async fn unlock(desk: Desk, id: web::Path<i64>, form: Form<Reason>) -> HttpResponse {
    let id = *id;
    desk.act(form, format!("/stays/{id}/room"), move |view, form| {
        let (_, house, acting) = stay(view, id)?;
        room_lock::unlock(view.conn, id, acting)?;
        Ok(Answer::see(back(id, &form))
            .say(view.words(), &Message::new("done-unlock"))
            .changed(house.id))
    })
    .await
}

fn show(view: &mut View<'_>, id: i64, typed: String, errors: Wrong) -> Result<Answer, AppError> {
    let row = board::row(view.conn, id)?.ok_or(AppError::NotFound)?;
    let house = view.in_house(row.stay.property_id)?;
    let reference = view.reference();
    let visit = Visit {
        stay: &row.stay,
        guest: &row.guest,
        memory: &row.memory,
        room: row.room.as_ref(),
        candidates: &row.candidates,
        reference: &reference,
        today: house.business_date(crate::clock::now()),
    };
    let rooms = RoomsFor::load(view, &visit, &house)?;
    let words = view.words();
    let mut best = rooms.as_ref().map_or_else(Vec::new, |rooms| {
        best::shown(&rooms.ranking(), ROOMS_SHOWN, &row.stay, words)
    });
    let more = best.split_off(best.len().min(SHOWN));
    for (room, key) in best.iter_mut().zip(KEYS) {
        room.key = (!room.is_current && room.against.is_empty()).then_some(key);
    }
    let lock = room_lock::of_stay(view.conn, id)?;
    let look = view
        .line("view_stay")
        .guest(row.guest.id)
        .stay(id, house.id);
    let page = RoomPage {
        page: Arc::clone(&view.page),
        stay: row.stay,
        guest: row.guest,
        room: row.room,
        best,
        more,
        lock,
        typed,
        errors,
    };
    Ok(Answer::page(&page)?.look(look))
}
