//! The restaurant on a stay's card: where the guest likes to sit, what they eat, and their table for tonight in one key.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;

use super::desk::View;
use super::form::Form;
use super::login::Nothing;
use super::stays::{card, stay};
use super::{Answer, AppError, Desk};
use crate::clock;
use crate::dining::evening::{self, AtTable};
use crate::dining::host::Acting;
use crate::dining::table::Plan;
use crate::dining::{slots, visit};
use crate::guests::Guest;
use crate::staff::audit::Actor;
use crate::stays::Status;
use crate::stays::board::Row;
use crate::words::Message;

/// What a card says of the guest's table.
pub(super) struct TableLine {
    pub outlet: String,
    pub stand: String,
    pub usual: Option<String>,
    /// "Steamed sea bass 4×, jasmine tea 6×".
    pub favourites: String,
    /// What is arranged.
    pub ahead: Option<String>,
    pub may_hold: bool,
}

/// The lines for a stay; none where the house has no restaurant, or nothing is known and nothing can be arranged.
pub(super) fn of(
    view: &mut View<'_>,
    row: &Row,
    today: NaiveDate,
) -> Result<Option<TableLine>, AppError> {
    let Some(outlet) = view
        .page
        .reference
        .restaurant(row.stay.property_id)
        .cloned()
    else {
        return Ok(None);
    };
    let house = view.in_house(row.stay.property_id)?;
    let known = AtTable::load(view.conn, row.guest.person_id, &outlet, clock::now())?;
    let tables = match &known.ahead {
        Some(ahead) => slots::tables_of(view.conn, ahead.id)?,
        None => Vec::new(),
    };
    let plan = if tables.is_empty() {
        Plan::default()
    } else {
        Plan::load(view.conn, outlet.id)?
    };
    let words = view.words();
    let ahead = known.ahead.as_ref().map(|ahead| {
        let local = house.local(ahead.starts_at);
        words.tell(
            &Message::new("at-table-ahead")
                .text("table", plan.name_of(&tables))
                .text("state", words.code("party", ahead.status))
                .number("covers", ahead.covers)
                .day("day", local.date())
                .text("time", local.format("%H:%M").to_string()),
        )
    });
    let habits = &known.habits;
    let usual = habits.usual.as_ref().map(|usual| {
        words.tell(
            &Message::new("at-table-usual")
                .text("table", &usual.name)
                .message("evidence", habits.seen(usual.times, usual.of)),
        )
    });
    let favourites: Vec<String> = known
        .favourites
        .iter()
        .map(|favourite| {
            let name = favourite.dish.label(words.language);
            match favourite.times {
                0 => name.to_owned(),
                times => format!("{name} {times}×"),
            }
        })
        .collect();
    let here = row.stay.status == Status::InHouse
        || (row.stay.status == Status::Reserved && row.stay.arrival == today);
    let line = TableLine {
        stand: format!("/restaurant/{}?guest={}", outlet.code, row.guest.public_id),
        outlet: outlet.name,
        usual,
        favourites: favourites.join(", "),
        may_hold: here && known.is_known() && ahead.is_none(),
        ahead,
    };
    let says_nothing = line.usual.is_none() && line.favourites.is_empty() && line.ahead.is_none();
    Ok((!says_nothing || line.may_hold).then_some(line))
}

/// `POST /stays/{id}/table`: the table they like best is kept for the evening.
pub async fn hold(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    let id = *id;
    desk.act(form, card(id), move |view, _| {
        let (stay, house, _) = stay(view, id)?;
        let reference = view.reference();
        let outlet = reference.restaurant(house.id).ok_or(AppError::NotFound)?;
        let guest = Guest::by_ids(view.conn, &[stay.guest_id])?
            .into_iter()
            .next();
        let guest = guest.ok_or(AppError::NotFound)?;
        let acting = Acting::now(Actor::User(view.clerk.user_id), outlet);
        let held = evening::hold(view.conn, &stay, guest.person_id, &house, acting)?;
        let party = visit::party(view.conn, held)?.ok_or(AppError::NotFound)?;
        let plan = Plan::load(view.conn, outlet.id)?;
        let local = house.local(party.visit.starts_at);
        let done = Message::new("done-hold-evening")
            .text("table", plan.name_of(&party.tables))
            .message("party", party.name())
            .text("time", local.format("%H:%M").to_string());
        let undo = format!("/restaurant/{}/visits/{held}/cancel", outlet.code);
        Ok(Answer::see(card(id))
            .say_undo(view.words(), &done, undo)
            .changed(house.id))
    })
    .await
}
