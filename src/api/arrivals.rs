//! The arrivals board as data.

use actix_web::HttpResponse;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::{Door, Reply, View};
use super::listing::Day;
use super::{guests, welcome};
use crate::clock;
use crate::stays::board::{self, Board, Row};
use crate::welcome::{Card, Visit, line};

/// Which board.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    property: String,
    date: Option<Day>,
}

/// `GET /arrivals?property=&date=`
pub async fn list(door: Door) -> HttpResponse {
    door.find(|view, query: Query| {
        let house = view.property(&query.property)?;
        let today = house.business_date(clock::now());
        let date = query.date.map_or(today, |Day(date)| date);
        let rows = board::rows(view.conn, Board::Arrivals, house.id, date, today)?;
        let items: Vec<Value> = rows.iter().map(|row| told(view, row, today)).collect();
        let look = view
            .line("view_board")
            .detail(format!("{} {date}", house.code));
        let body = json!({"property": house.code, "date": date, "items": items});
        Ok(Reply::ok(body).look(look))
    })
    .await
}

fn told(view: &View<'_>, row: &Row, today: NaiveDate) -> Value {
    let words = view.words();
    let visit = Visit {
        stay: &row.stay,
        guest: &row.guest,
        memory: &row.memory,
        room: row.room.as_ref(),
        candidates: &row.candidates,
        reference: &view.reference,
        today,
    };
    let card = Card::of(&visit);
    json!({
        "confirmation_number": row.stay.confirmation_number,
        "guest_id": row.guest.public_id,
        "name": row.guest.name(),
        "status": row.stay.status,
        "arrival": row.stay.arrival,
        "departure": row.stay.departure,
        "room_type": row.room_type,
        "room": row.room.as_ref().map(|room| &room.number),
        "decision": row.stay.decision,
        "stay_number": card.number,
        "line": line::line(&visit, &card, words),
        "alerts": welcome::alerts(&card, words),
        "loyalty": guests::loyalty(&row.memory),
    })
}
