//! The kitchen and service brief: who comes this service, what they must not eat, what they love, what is celebrated.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Here;
use super::lines::{self, PartyLine, Wait};
use crate::dining::dishes::{self, Menu};
use crate::dining::memory;
use crate::dining::table::Plan;
use crate::dining::visit::{self, Party, Status};
use crate::web::page::Page;
use crate::web::{Answer, Desk, pills};
use crate::words::{Message, Words};

/// The brief; its block `rows` alone when something changed.
#[derive(Template)]
#[template(path = "kitchen.html", blocks = ["rows"])]
struct BriefPage {
    page: Arc<Page>,
    here: Here,
    title: String,
    printed: String,
    covers: i64,
    allergies: Vec<(String, String)>,
    lines: Vec<BriefLine>,
}

struct BriefLine {
    party: PartyLine,
    vip: Option<String>,
    favourites: String,
    ordered: Vec<(String, String)>,
    state: String,
}

impl BriefPage {
    fn base(&self) -> String {
        self.here.path()
    }
}

/// `GET /restaurant/{outlet}/brief`
pub async fn page(desk: Desk, outlet: web::Path<String>) -> HttpResponse {
    desk.page(move |view| {
        let here = Here::at(view, &outlet)?;
        let (meal, date) = here.meal();
        let plan = Plan::load(view.conn, here.outlet.id)?;
        let mut parties = visit::of_date(view.conn, here.outlet.id, date)?;
        parties.retain(|party| {
            party.visit.meal == meal && !matches!(party.visit.status, Status::NoShow | Status::Left)
        });
        let ids: Vec<i64> = parties.iter().map(|party| party.visit.id).collect();
        let menu = Menu::load(view.conn, here.outlet.id)?;
        let mut ordered: HashMap<i64, Vec<dishes::Order>> = HashMap::new();
        for order in dishes::orders(view.conn, &ids)? {
            ordered.entry(order.visit_id).or_default().push(order);
        }
        let persons: Vec<i64> = parties
            .iter()
            .filter_map(|party| Some(party.guest.as_ref()?.person_id))
            .collect();
        let favourites = memory::favourites_of(view.conn, &persons)?;
        let words = view.words();
        let kitchen = Kitchen {
            here: &here,
            plan: &plan,
            menu: &menu,
            ordered: &ordered,
            favourites: &favourites,
            words,
        };
        let lines: Vec<BriefLine> = parties.iter().map(|party| kitchen.line(party)).collect();
        let page = BriefPage {
            page: Arc::clone(&view.page),
            title: words.tell(
                &Message::new("brief-title")
                    .message("meal", super::stand::meal_name(meal))
                    .date("date", date),
            ),
            printed: here.local.format("%H:%M").to_string(),
            covers: parties.iter().map(|party| party.visit.covers).sum(),
            allergies: kitchen.allergies(&parties),
            lines,
            here,
        };
        if view.fragment {
            return Ok(Answer::html(page.as_rows().render()?));
        }
        let look = view
            .line("view_kitchen_brief")
            .detail(format!("{outlet} {date}"));
        Ok(Answer::page(&page)?.look(look))
    })
    .await
}

/// What a kitchen is told, of whom.
struct Kitchen<'a> {
    here: &'a Here,
    plan: &'a Plan,
    menu: &'a Menu,
    /// By party.
    ordered: &'a HashMap<i64, Vec<dishes::Order>>,
    /// By person.
    favourites: &'a HashMap<i64, Vec<dishes::Favourite>>,
    words: &'a Words,
}

impl Kitchen<'_> {
    fn line(&self, party: &Party) -> BriefLine {
        let words = self.words;
        let guest = party.guest.as_ref();
        let vip = guest.and_then(|guest| guest.vip_level);
        let known = guest.and_then(|guest| self.favourites.get(&guest.person_id));
        let favourites = known.into_iter().flatten();
        let favourites: Vec<&str> = favourites
            .map(|favourite| favourite.dish.label(words.language))
            .collect();
        let ordered = self.ordered.get(&party.visit.id).into_iter().flatten();
        let table = self.plan.name_of(&party.tables);
        BriefLine {
            vip: vip.map(|level| words.tell(&Message::new("alert-vip").number("level", level))),
            favourites: favourites.join(", "),
            ordered: ordered.map(|order| self.order(order, party)).collect(),
            state: words.code("party", party.visit.status),
            party: PartyLine {
                time: self.here.clock(party.visit.starts_at),
                ..lines::party(party, table, self.here, words, Wait::Unasked)
            },
        }
    }

    /// A dish, and what it is to be made without.
    fn order(&self, order: &dishes::Order, party: &Party) -> (String, String) {
        let words = self.words;
        let name = order.dish.label(words.language);
        let name = match order.quantity {
            1 => name.to_owned(),
            quantity => format!("{name} × {quantity}"),
        };
        let clashes = self.menu.clashes(order.dish.id, &party.needs);
        let clashes = clashes
            .iter()
            .map(|code| pills::allergen(words.feature(code)));
        (name, words.list(clashes.collect::<Vec<_>>()))
    }

    /// Each allergy with the tables it sits at, or the parties that have none yet.
    fn allergies(&self, parties: &[Party]) -> Vec<(String, String)> {
        let mut found: Vec<(&str, Vec<String>)> = Vec::new();
        for party in parties {
            let table = self.plan.name_of(&party.tables);
            let place = if table.is_empty() {
                self.words.tell(&party.name())
            } else {
                table
            };
            for code in party.allergies() {
                match found.iter_mut().find(|(known, _)| *known == code) {
                    Some((_, places)) => places.push(place.clone()),
                    None => found.push((code, vec![place.clone()])),
                }
            }
        }
        let told = found.into_iter().map(|(code, places)| {
            let allergen = pills::allergen(self.words.feature(code));
            (allergen, places.join(", "))
        });
        told.collect()
    }
}
