//! The rooms of the house by floor, and what housekeeping says of them.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::form::Form;
use super::page::Page;
use super::{Answer, Desk};
use crate::error::Fault;
use crate::rooms::{self, Housekeeping, Room};
use crate::stays::nights;
use crate::words::Message;

/// The page.
#[derive(Template)]
#[template(path = "rooms.html")]
struct RoomsPage {
    page: Arc<Page>,
    floors: Vec<(String, Vec<RoomCell>)>,
    clean: usize,
    let_tonight: usize,
    total: usize,
}

struct RoomCell {
    room: Room,
    guest: Option<nights::Tonight>,
}

impl RoomsPage {
    fn summary(&self) -> String {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let summary = Message::new("rooms-summary").number("total", number(self.total));
        self.page.words.tell(
            &summary
                .number("clean", number(self.clean))
                .number("let", number(self.let_tonight)),
        )
    }

    fn states(&self) -> &'static [Housekeeping] {
        Housekeeping::ALL
    }

    fn class(&self, cell: &RoomCell) -> &'static str {
        match (cell.room.housekeeping, &cell.guest) {
            (Housekeeping::OutOfOrder, _) => "out",
            (_, Some(_)) => "taken",
            (Housekeeping::Dirty, None) => "dirty",
            (Housekeeping::Clean, None) => "ready",
        }
    }

    fn icon(&self, cell: &RoomCell) -> &'static str {
        match self.class(cell) {
            "out" => "cross",
            "taken" => "user",
            "dirty" => "broom",
            _ => "check",
        }
    }
}

/// `GET /rooms`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let house = view.house()?.clone();
        let tonight = nights::tonight(view.conn, house.id, view.page.date)?;
        let rooms = rooms::of_property(view.conn, house.id)?;
        let words = view.words();
        let mut floors: Vec<(String, Vec<RoomCell>)> = Vec::new();
        let (total, clean) = (
            rooms.len(),
            rooms
                .iter()
                .filter(|room| room.housekeeping == Housekeeping::Clean)
                .count(),
        );
        for room in rooms {
            let floor = room.floor.map_or_else(
                || words.say("floor-unknown").to_owned(),
                |floor| words.fill("floor", floor),
            );
            let guest = tonight
                .iter()
                .find(|tonight| tonight.room_id == room.id)
                .cloned();
            let cell = RoomCell { room, guest };
            match floors.last_mut().filter(|(name, _)| *name == floor) {
                Some((_, cells)) => cells.push(cell),
                None => floors.push((floor, vec![cell])),
            }
        }
        let look = view.line("view_rooms").detail(house.code.clone());
        Ok(Answer::page(&RoomsPage {
            page: Arc::clone(&view.page),
            floors,
            clean,
            let_tonight: tonight.len(),
            total,
        })?
        .look(look))
    })
    .await
}

#[derive(Deserialize)]
pub struct State {
    state: Housekeeping,
}

/// `POST /rooms/{id}/housekeeping`
pub async fn housekeeping(desk: Desk, id: web::Path<i64>, form: Form<State>) -> HttpResponse {
    desk.act(form, "/rooms".into(), move |view, form| {
        let house = view.house()?.clone();
        if !rooms::set_housekeeping(view.conn, house.id, *id, form.state)? {
            return Err(Fault::NotFound.into());
        }
        view.line("housekeeping")
            .detail(format!("room {} {}", *id, form.state))
            .insert(view.conn)?;
        let done = Message::new("done-housekeeping");
        Ok(Answer::see("/rooms")
            .say(view.words(), &done)
            .changed(house.id))
    })
    .await
}
