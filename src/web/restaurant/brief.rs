//! The kitchen and service brief: who comes this service, what they must not eat, what they love, what is celebrated.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::Here;
use super::lines::{self, PartyLine};
use crate::dining::dishes::{self, Menu};
use crate::dining::memory;
use crate::dining::table::Plan;
use crate::dining::visit::{self, Party, Status};
use crate::web::page::Page;
use crate::web::{Answer, Desk, pills};
use crate::words::Message;

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
        let label = |code: &String| pills::allergen(words.feature(code));
        let line = |party: &Party| BriefLine {
            vip: party
                .guest
                .as_ref()
                .and_then(|guest| guest.vip_level)
                .map(|level| words.tell(&Message::new("alert-vip").number("level", level))),
            favourites: party
                .guest
                .as_ref()
                .and_then(|guest| favourites.get(&guest.person_id))
                .map(|all| {
                    all.iter()
                        .map(|favourite| favourite.dish.label(words.language).to_owned())
                        .collect::<Vec<_>>()
                        .join(", ")
                })
                .unwrap_or_default(),
            ordered: ordered
                .get(&party.visit.id)
                .into_iter()
                .flatten()
                .map(|order| {
                    let clashes = menu.clashes(order.dish.id, &party.needs);
                    let name = order.dish.label(words.language);
                    let name = if order.quantity > 1 {
                        format!("{name} × {}", order.quantity)
                    } else {
                        name.to_owned()
                    };
                    (
                        name,
                        words.list(clashes.iter().map(label).collect::<Vec<_>>()),
                    )
                })
                .collect(),
            state: words.code("party", party.visit.status),
            party: PartyLine {
                time: here.clock(party.visit.starts_at),
                ..lines::party(party, plan.name_of(&party.tables), &here, words, None)
            },
        };
        let lines: Vec<BriefLine> = parties.iter().map(line).collect();
        let mut allergies: Vec<(String, String)> = Vec::new();
        for party in &parties {
            for code in party.allergies() {
                let table = plan.name_of(&party.tables);
                let table = if table.is_empty() {
                    words.tell(&party.name())
                } else {
                    table
                };
                match allergies.iter_mut().find(|(known, _)| known == code) {
                    Some((_, tables)) => {
                        tables.push_str(", ");
                        tables.push_str(&table);
                    }
                    None => allergies.push((code.to_owned(), table)),
                }
            }
        }
        let allergies = allergies
            .into_iter()
            .map(|(code, tables)| (pills::allergen(words.feature(&code)), tables))
            .collect();
        let page = BriefPage {
            page: Arc::clone(&view.page),
            title: words.tell(
                &Message::new("brief-title")
                    .message("meal", super::stand::meal_name(meal))
                    .date("date", date),
            ),
            printed: here.local.format("%H:%M").to_string(),
            covers: parties.iter().map(|party| party.visit.covers).sum(),
            allergies,
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
