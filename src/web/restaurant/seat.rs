//! What a host does at the stand: seat, hold, let wait, move, split, bid farewell; and the way back.

use actix_web::{HttpResponse, web};
use chrono::{NaiveDateTime, TimeDelta};
use serde::Deserialize;

use super::{Here, Room, path};
use crate::dining::floor::Floor;
use crate::dining::host::{self, Becomes, NewParty};
use crate::dining::visit::{self, Status};
use crate::dining::{slots, waiting};
use crate::guests::Guest;
use crate::stays::Stay;
use crate::web::desk::View;
use crate::web::form::Form;
use crate::web::login::Nothing;
use crate::web::{Answer, AppError, Desk};
use crate::words::Message;

/// Longest name a party is called by.
const LONGEST_NAME: usize = 60;

/// A party of the stand: one that is known, or one to be.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PartyForm {
    visit: String,
    guest: String,
    stay: String,
    name: String,
    covers: String,
    /// Ids of tables, joined by `+`.
    tables: String,
    once: String,
}

impl PartyForm {
    fn tables(&self) -> Result<Vec<i64>, AppError> {
        let ids = self.tables.split('+').map(str::trim).map(str::parse);
        ids.collect::<Result<Vec<i64>, _>>()
            .map_err(|_| AppError::Refused(Message::new("refused-table-missing")))
    }

    fn covers(&self) -> Result<i64, AppError> {
        let typed = self.covers.trim();
        typed
            .parse()
            .ok()
            .filter(|covers| (1..=99).contains(covers))
            .ok_or_else(|| AppError::Refused(Message::new("error-covers").text("text", typed)))
    }

    /// The party it makes, from now on for so many minutes.
    fn party(
        &self,
        view: &mut View<'_>,
        here: &Here,
        until: NaiveDateTime,
    ) -> Result<NewParty, AppError> {
        let (meal, on_date) = here.meal();
        let guest = match self.guest.trim() {
            "" => None,
            id => Some(Guest::by_public_id(view.conn, id)?.ok_or(AppError::NotFound)?),
        };
        let stay_id: Option<i64> = self.stay.parse().ok();
        if let Some(id) = stay_id {
            let stay = Stay::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
            if stay.property_id != here.house.id {
                return Err(AppError::Forbidden);
            }
        }
        let called: String = self.name.trim().chars().take(LONGEST_NAME).collect();
        Ok(NewParty {
            on_date,
            meal,
            guest_id: guest.map(|guest| guest.id),
            stay_id,
            called: Some(called).filter(|name| !name.is_empty()),
            covers: self.covers()?,
            requests: None,
            time: (here.now, until),
            once: Some(self.once.clone()).filter(|once| (1..=64).contains(&once.len())),
        })
    }
}

/// Until when a party of that size can have these tables from now on.
fn until(here: &Here, room: &Room, covers: i64, tables: &[i64], own: Option<i64>) -> NaiveDateTime {
    let turn = here.now + TimeDelta::minutes(room.turn(covers));
    let floor = Floor::of(&room.plan, &room.parties, here.now);
    let places = floor.places(here.now, own);
    let next = places
        .iter()
        .filter(|place| place.ids().iter().any(|id| tables.contains(id)))
        .filter(|place| place.tables.len() == 1)
        .filter_map(|place| place.until)
        .min();
    next.map_or(turn, |next| next.min(turn))
}

/// `POST /restaurant/{outlet}/seat`: a party sits down, known or new.
pub async fn seat(desk: Desk, outlet: web::Path<String>, form: Form<PartyForm>) -> HttpResponse {
    let back = path(&outlet);
    desk.act(form, back, move |view, form| {
        let here = Here::at(view, &outlet)?;
        let (tables, covers) = (form.tables()?, form.covers()?);
        let room = Room::load(view, &here)?;
        let own: Option<i64> = form.visit.parse().ok();
        let until = until(&here, &room, covers, &tables, own);
        let acting = here.acting(view);
        let id = match own {
            Some(id) => host::seat(view.conn, id, (covers, &tables), until, acting)?.id,
            None => {
                let party = form.party(view, &here, until)?;
                host::welcome(view.conn, &party, &Becomes::Seated(tables.clone()), acting)?
            }
        };
        let done = Message::new("done-seat").text("table", room.plan.name_of(&tables));
        told(view, &here, id, done, true)
    })
    .await
}

/// `POST /restaurant/{outlet}/hold`: a table is kept for who is on the way.
pub async fn hold(desk: Desk, outlet: web::Path<String>, form: Form<PartyForm>) -> HttpResponse {
    let back = path(&outlet);
    desk.act(form, back, move |view, form| {
        let here = Here::at(view, &outlet)?;
        let (tables, covers) = (form.tables()?, form.covers()?);
        let room = Room::load(view, &here)?;
        let own: Option<i64> = form.visit.parse().ok();
        let until = until(&here, &room, covers, &tables, own);
        let acting = here.acting(view);
        let id = match own {
            Some(id) => host::move_to(view.conn, id, &tables, acting)?.id,
            None => {
                let party = form.party(view, &here, until)?;
                host::welcome(view.conn, &party, &Becomes::Held(tables.clone()), acting)?
            }
        };
        let done = Message::new("done-hold").text("table", room.plan.name_of(&tables));
        told(view, &here, id, done, false)
    })
    .await
}

/// `POST /restaurant/{outlet}/wait`: a party waits, and is told how long.
pub async fn wait(desk: Desk, outlet: web::Path<String>, form: Form<PartyForm>) -> HttpResponse {
    let back = path(&outlet);
    desk.act(form, back, move |view, form| {
        let here = Here::at(view, &outlet)?;
        let room = Room::load(view, &here)?;
        let covers = form.covers()?;
        let floor = Floor::of(&room.plan, &room.parties, here.now);
        let before = room
            .parties
            .iter()
            .filter(|party| party.visit.status == Status::Waiting);
        let queue: Vec<i64> = before
            .map(|party| party.visit.covers)
            .chain([covers])
            .collect();
        let quoted = room.turns.and_then(|turns| {
            waiting::waits(&room.plan, &floor, &queue, turns, here.now)
                .pop()
                .flatten()
        });
        let until = here.now + TimeDelta::minutes(room.turn(covers));
        let party = form.party(view, &here, until)?;
        let acting = here.acting(view);
        host::welcome(view.conn, &party, &Becomes::Waiting(quoted), acting)?;
        let done = match quoted {
            Some(0) => Message::new("done-wait-now"),
            Some(minutes) => Message::new("done-wait").number("count", minutes),
            None => Message::new("done-wait-unknown"),
        };
        Ok(Answer::see(here.path())
            .say(view.words(), &done)
            .changed(here.house.id))
    })
    .await
}

/// Tables of a party, by id.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Tables {
    tables: String,
    covers: String,
}

impl Tables {
    fn ids(&self) -> Result<Vec<i64>, AppError> {
        let form = PartyForm {
            tables: self.tables.clone(),
            ..PartyForm::default()
        };
        form.tables()
    }
}

/// `POST /restaurant/{outlet}/visits/{visit}/move`
pub async fn move_to(desk: Desk, at: web::Path<(String, i64)>, form: Form<Tables>) -> HttpResponse {
    let (outlet, visit) = at.into_inner();
    desk.act(form, party_path(&outlet, visit), move |view, form| {
        let here = Here::at(view, &outlet)?;
        let tables = form.ids()?;
        host::move_to(view.conn, visit, &tables, here.acting(view))?;
        let plan = crate::dining::table::Plan::load(view.conn, here.outlet.id)?;
        let done = Message::new("done-move-table").text("table", plan.name_of(&tables));
        told(view, &here, visit, done, false)
    })
    .await
}

/// `POST /restaurant/{outlet}/visits/{visit}/split`
pub async fn split(desk: Desk, at: web::Path<(String, i64)>, form: Form<Tables>) -> HttpResponse {
    let (outlet, visit) = at.into_inner();
    desk.act(form, party_path(&outlet, visit), move |view, form| {
        let here = Here::at(view, &outlet)?;
        let covers = PartyForm {
            covers: form.covers.clone(),
            ..PartyForm::default()
        }
        .covers()?;
        let tables = form.ids()?;
        host::split(view.conn, visit, covers, &tables, here.acting(view))?;
        let plan = crate::dining::table::Plan::load(view.conn, here.outlet.id)?;
        let done = Message::new("done-split")
            .number("covers", covers)
            .text("table", plan.name_of(&tables));
        told(view, &here, visit, done, false)
    })
    .await
}

/// `POST /restaurant/{outlet}/visits/{visit}/leave`
pub async fn leave(desk: Desk, at: web::Path<(String, i64)>, form: Form<Nothing>) -> HttpResponse {
    ends(desk, at.into_inner(), form, |view, visit, here| {
        let tables = slots::tables_of(view.conn, visit)?;
        host::leave(view.conn, visit, here.acting(view))?;
        let plan = crate::dining::table::Plan::load(view.conn, here.outlet.id)?;
        Ok(Message::new("done-leave").text("table", plan.name_of(&tables)))
    })
    .await
}

/// `POST /restaurant/{outlet}/visits/{visit}/cancel`
pub async fn cancel(desk: Desk, at: web::Path<(String, i64)>, form: Form<Nothing>) -> HttpResponse {
    ends(desk, at.into_inner(), form, |view, visit, here| {
        host::end(view.conn, visit, Status::Cancelled, here.acting(view))?;
        Ok(Message::new("done-table-cancel"))
    })
    .await
}

/// `POST /restaurant/{outlet}/visits/{visit}/no-show`
pub async fn no_show(
    desk: Desk,
    at: web::Path<(String, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    ends(desk, at.into_inner(), form, |view, visit, here| {
        host::end(view.conn, visit, Status::NoShow, here.acting(view))?;
        Ok(Message::new("done-table-no-show"))
    })
    .await
}

/// `POST /restaurant/{outlet}/visits/{visit}/undo`
pub async fn undo(desk: Desk, at: web::Path<(String, i64)>, form: Form<Nothing>) -> HttpResponse {
    let (outlet, visit) = at.into_inner();
    desk.act(form, path(&outlet), move |view, _| {
        let here = Here::at(view, &outlet)?;
        host::undo(view.conn, visit, here.acting(view))?;
        told(view, &here, visit, Message::new("done-table-undo"), false)
    })
    .await
}

/// A party goes from the stand; what was done can be undone.
async fn ends(
    desk: Desk,
    (outlet, visit): (String, i64),
    form: Form<Nothing>,
    act: impl FnOnce(&mut View<'_>, i64, &Here) -> Result<Message, AppError> + Send + 'static,
) -> HttpResponse {
    desk.act(form, party_path(&outlet, visit), move |view, _| {
        let here = Here::at(view, &outlet)?;
        let done = act(view, visit, &here)?;
        let undo = format!("{}/undo", visit_path(&outlet, visit));
        Ok(Answer::see(here.path())
            .say_undo(view.words(), &done, undo)
            .changed(here.house.id))
    })
    .await
}

/// The party's card, with what was done.
fn told(
    view: &mut View<'_>,
    here: &Here,
    visit: i64,
    done: Message,
    undoable: bool,
) -> Result<Answer, AppError> {
    let party = visit::party(view.conn, visit)?.ok_or(AppError::NotFound)?;
    let done = done.message("party", party.name());
    // A party of another day is not at the stand: its booking is shown.
    let (_, today) = here.meal();
    let to = Answer::see(if party.visit.on_date == today {
        party_path(&here.outlet.code, visit)
    } else {
        visit_path(&here.outlet.code, visit)
    });
    let undo = format!("{}/undo", visit_path(&here.outlet.code, visit));
    let answer = if undoable {
        to.say_undo(view.words(), &done, undo)
    } else {
        to.say(view.words(), &done)
    };
    Ok(answer.changed(here.house.id))
}

fn visit_path(outlet: &str, visit: i64) -> String {
    format!("{}/visits/{visit}", path(outlet))
}

fn party_path(outlet: &str, visit: i64) -> String {
    format!("{}?visit={visit}", path(outlet))
}
