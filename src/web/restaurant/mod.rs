//! The restaurant's pages: the host stand and what a host does there.

pub mod bookings;
pub mod brief;
pub mod day;
pub mod menu;
pub mod orders;
pub mod outlets;
pub mod plan;
pub mod plan_parts;
pub mod seat;
pub mod stand;

mod booking_form;
mod booking_guest;
mod guest_panel;
mod lines;
mod table_panel;

use actix_web::{HttpResponse, web};
use chrono::{NaiveDate, NaiveDateTime};

use super::desk::View;
use super::{App, AppError, Desk};
use crate::clock;
use crate::dining::host::Acting;
use crate::dining::outlet::{Hours, Sitting};
use crate::dining::table::Plan;
use crate::dining::visit::{self, Party};
use crate::dining::waiting::Turns;
use crate::dining::{Meal, Outlet};
use crate::properties::Property;
use crate::staff::audit::Actor;

/// An outlet at this moment.
struct Here {
    outlet: Outlet,
    house: Property,
    hours: Hours,
    now: NaiveDateTime,
    local: NaiveDateTime,
}

impl Here {
    /// The outlet of an address, if it is the clerk's.
    fn at(view: &mut View<'_>, code: &str) -> Result<Self, AppError> {
        let outlet = Outlet::by_code(view.conn, code)?.ok_or(AppError::NotFound)?;
        let house = view.in_house(outlet.property_id)?;
        if !view.clerk.outlets.include(outlet.id) {
            return Err(AppError::Forbidden);
        }
        let now = clock::now();
        let local = house.local(now);
        let hours = Hours::load(
            view.conn,
            outlet.id,
            local.date().pred_opt().unwrap_or_default(),
        )?;
        Ok(Self {
            outlet,
            house,
            hours,
            now,
            local,
        })
    }

    /// The service that is open, or the next to come.
    fn sitting(&self) -> Option<Sitting<'_>> {
        self.hours.at(self.local)
    }

    /// The meal and the date of what is going on.
    fn meal(&self) -> (Meal, NaiveDate) {
        self.sitting().map_or(
            (Meal::Dinner, self.house.business_date(self.now)),
            |sitting| (sitting.service.meal, sitting.date),
        )
    }

    /// "19:30", on the house's wall.
    fn clock(&self, at: NaiveDateTime) -> String {
        self.house.local(at).format("%H:%M").to_string()
    }

    /// How long parties sit here now.
    fn turns(&self, view: &mut View<'_>) -> Result<Option<Turns>, AppError> {
        let Some(sitting) = self.sitting() else {
            return Ok(None);
        };
        let seen = visit::durations(view.conn, self.outlet.id, sitting.service.meal)?;
        Ok(Some(Turns::of(sitting.service, &seen)))
    }

    /// Who acts here.
    fn acting(&self, view: &View<'_>) -> Acting<'_> {
        Acting::now(Actor::User(view.clerk.user_id), &self.outlet)
    }

    fn path(&self) -> String {
        path(&self.outlet.code)
    }
}

fn path(outlet: &str) -> String {
    format!("/restaurant/{outlet}")
}

/// The room with everybody in it.
struct Room {
    plan: Plan,
    parties: Vec<Party>,
    turns: Option<Turns>,
}

impl Room {
    fn load(view: &mut View<'_>, here: &Here) -> Result<Self, AppError> {
        let (_, date) = here.meal();
        Ok(Self {
            plan: Plan::load(view.conn, here.outlet.id)?,
            parties: visit::of_date(view.conn, here.outlet.id, date)?,
            turns: here.turns(view)?,
        })
    }

    /// Minutes a party of that size is likely to sit.
    fn turn(&self, covers: i64) -> i64 {
        self.turns.map_or(90, |turns| turns.minutes(covers))
    }

    fn party(&self, visit_id: i64) -> Option<&Party> {
        self.parties.iter().find(|party| party.visit.id == visit_id)
    }
}

/// `GET /restaurant/{outlet}/live`: an event for each change in the outlet's house.
pub async fn live(desk: Desk, outlet: web::Path<String>, app: web::Data<App>) -> HttpResponse {
    super::live::of_house(desk, app, move |view| Ok(Here::at(view, &outlet)?.house.id)).await
}
