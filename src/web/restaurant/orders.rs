//! What a party eats: quick picks from the menu, checked against the needs of everybody at the table; and who sits there.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::booking_guest::known;
use super::{Here, path};
use crate::dining::dishes::{self, Course, Dish, Favourite, Menu, NewOrder, Order};
use crate::dining::memory::{self, Habits};
use crate::dining::visit::{self, Party};
use crate::guests::{Guest, person};
use crate::secret;
use crate::web::desk::View;
use crate::web::form::Form;
use crate::web::login::Nothing;
use crate::web::page::Page;
use crate::web::{Answer, AppError, Desk, pills};
use crate::words::{Message, Words};

/// The page.
#[derive(Template)]
#[template(path = "orders.html")]
struct OrdersPage {
    page: Arc<Page>,
    here: Here,
    visit: i64,
    title: String,
    /// The guest it is for, by opaque id.
    guest: Option<String>,
    /// The band each is shown in, its shape and its words.
    needs: Vec<(&'static str, &'static str, String)>,
    menu: Vec<(String, Vec<Pick>)>,
    ordered: Vec<Ordered>,
    favourites: Vec<FavouriteLine>,
    /// The table, and everybody known at it.
    seats: Vec<Seat>,
    /// For whom: an opaque id; empty is the whole table.
    whose: String,
    /// Somebody who was looked up, to be added.
    joins: Option<(String, String)>,
    /// The key of this page's forms; each adds its dish.
    once: String,
}

struct Pick {
    id: i64,
    name: String,
    clash: String,
    favourite: bool,
}

struct Ordered {
    id: i64,
    name: String,
    quantity: i64,
    clash: String,
    whose: Option<String>,
}

struct FavouriteLine {
    id: i64,
    name: String,
    why: String,
    told: bool,
}

struct Seat {
    id: String,
    name: String,
}

impl OrdersPage {
    fn base(&self) -> String {
        self.here.path()
    }

    /// The zone of the clock on the wall.
    fn zone(&self) -> &str {
        &self.here.house.time_zone
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    whose: Option<String>,
    join: String,
}

/// `GET /restaurant/{outlet}/visits/{visit}/orders`
pub async fn page(
    desk: Desk,
    at: web::Path<(String, i64)>,
    asked: web::Query<Asked>,
) -> HttpResponse {
    desk.page(move |view| {
        let (outlet, id) = at.into_inner();
        let here = Here::at(view, &outlet)?;
        let party = party(view, &here, id)?;
        let look = match &party.guest {
            Some(guest) => view.line("view_table_card").guest(guest.id),
            None => view.line("view_tables").detail(outlet),
        };
        let page = load(view, here, &party, asked.into_inner())?;
        Ok(Answer::page(&page)?.look(look))
    })
    .await
}

fn load(
    view: &mut View<'_>,
    here: Here,
    party: &Party,
    asked: Asked,
) -> Result<OrdersPage, AppError> {
    let id = party.visit.id;
    let menu = Menu::load(view.conn, here.outlet.id)?;
    let orders = dishes::orders(view.conn, &[id])?;
    let others = visit::companions(view.conn, id)?;
    let (favourites, habits) = match &party.guest {
        Some(guest) => favourites(view, &here, guest, party.visit.meal)?,
        None => (Vec::new(), Habits::default()),
    };
    let joins = known(view, &asked.join)?;
    let words = view.words();
    let people: Vec<&Guest> = party.guest.iter().chain(&others).collect();
    let first = || people.first().map(|guest| guest.public_id.clone());
    let title = Message::new("table-for")
        .message("name", party.name())
        .number("covers", party.visit.covers);
    Ok(OrdersPage {
        visit: id,
        title: words.tell(&title),
        guest: party.guest.as_ref().map(|guest| guest.public_id.clone()),
        needs: needs(party, words),
        menu: picks(&menu, party, &favourites, words),
        ordered: orders
            .iter()
            .map(|order| ordered(order, &menu, party, &people, words))
            .collect(),
        favourites: favourites
            .iter()
            .map(|favourite| FavouriteLine {
                id: favourite.dish.id,
                name: favourite.dish.label(words.language).to_owned(),
                why: words.tell(&why(favourite, &habits)),
                told: favourite.is_told,
            })
            .collect(),
        whose: asked.whose.or_else(first).unwrap_or_default(),
        seats: seats(&people, words),
        // A dish's id fits behind it.
        once: secret::token().chars().take(32).collect(),
        joins: joins.map(|guest| (guest.public_id.clone(), guest.name())),
        page: Arc::clone(&view.page),
        here,
    })
}

/// What must not be served here, the allergies first.
fn needs(party: &Party, words: &Words) -> Vec<(&'static str, &'static str, String)> {
    let label = |code| words.feature(code).to_owned();
    let allergies = party
        .allergies()
        .map(|code| ("allergy", "hexagon", label(code)));
    let diets = party
        .diets()
        .map(|code| ("caution", "triangle", label(code)));
    allergies.chain(diets).collect()
}

/// The menu by course, with what is wrong for somebody at the table.
fn picks(
    menu: &Menu,
    party: &Party,
    favourites: &[Favourite],
    words: &Words,
) -> Vec<(String, Vec<Pick>)> {
    let pick = |(dish, unfit): &(Dish, Vec<String>)| Pick {
        id: dish.id,
        name: dish.label(words.language).to_owned(),
        clash: allergens(&dishes::clash(unfit, &party.needs), words),
        favourite: favourites.iter().any(|f| f.dish.id == dish.id),
    };
    let courses = Course::ALL.iter().filter_map(|course| {
        let of_course = menu.0.iter().filter(|(dish, _)| dish.course == *course);
        let dishes: Vec<Pick> = of_course.map(pick).collect();
        (!dishes.is_empty()).then(|| (words.code("course", course), dishes))
    });
    courses.collect()
}

fn ordered(order: &Order, menu: &Menu, party: &Party, people: &[&Guest], words: &Words) -> Ordered {
    let theirs = |guest: &&&Guest| Some(guest.person_id) == order.person_id;
    Ordered {
        id: order.id,
        name: order.dish.label(words.language).to_owned(),
        quantity: order.quantity,
        clash: allergens(&menu.clashes(order.dish.id, &party.needs), words),
        whose: people.iter().find(theirs).map(|guest| guest.name()),
    }
}

/// "Peanut, Soy".
fn allergens(codes: &[String], words: &Words) -> String {
    let labels = codes
        .iter()
        .map(|code| pills::allergen(words.feature(code)));
    words.list(labels.collect::<Vec<_>>())
}

/// The table as a whole, then everybody known at it.
fn seats(people: &[&Guest], words: &Words) -> Vec<Seat> {
    let everybody = Seat {
        id: String::new(),
        name: words.say("order-table").to_owned(),
    };
    let known = people.iter().map(|guest| Seat {
        id: guest.public_id.clone(),
        name: guest.name(),
    });
    std::iter::once(everybody).chain(known).collect()
}

/// How a favourite is known.
pub(super) fn why(favourite: &dishes::Favourite, habits: &Habits) -> Message {
    if favourite.is_told {
        Message::new("evidence-stated")
    } else {
        habits.seen(favourite.times, favourite.of)
    }
}

fn favourites(
    view: &mut View<'_>,
    here: &Here,
    guest: &Guest,
    meal: crate::dining::Meal,
) -> Result<(Vec<dishes::Favourite>, Habits), AppError> {
    let visits = memory::visits(view.conn, guest.person_id)?;
    let habits = Habits::of(&visits, here.outlet.id, meal);
    let favourites = memory::favourites(view.conn, guest.person_id, &visits)?;
    Ok((favourites, habits))
}

fn party(view: &mut View<'_>, here: &Here, id: i64) -> Result<Party, AppError> {
    visit::party(view.conn, id)?
        .filter(|party| party.visit.outlet_id == here.outlet.id)
        .ok_or(AppError::NotFound)
}

fn orders_path(outlet: &str, visit: i64, whose: &str) -> String {
    format!("{}/visits/{visit}/orders?whose={whose}", path(outlet))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OrderForm {
    dish: String,
    quantity: String,
    whose: String,
    despite: String,
    once: String,
}

/// `POST /restaurant/{outlet}/visits/{visit}/orders`
pub async fn order(
    desk: Desk,
    at: web::Path<(String, i64)>,
    form: Form<OrderForm>,
) -> HttpResponse {
    let (outlet, id) = at.into_inner();
    let back = format!("{}/visits/{id}/orders", path(&outlet));
    desk.act(form, back, move |view, form| {
        let here = Here::at(view, &outlet)?;
        let party = party(view, &here, id)?;
        let dish = form.dish.parse().unwrap_or_default();
        let quantity = if form.quantity.is_empty() {
            Ok(1)
        } else {
            form.quantity.parse()
        };
        let quantity = quantity.unwrap_or_default();
        let whose = match known(view, &form.whose)? {
            None => None,
            Some(guest) => {
                let others = visit::companions(view.conn, id)?;
                let sits = |other: &Guest| other.person_id == guest.person_id;
                if !party.guest.iter().chain(&others).any(sits) {
                    return Err(AppError::NotFound);
                }
                Some(guest.id)
            }
        };
        let clashes = dishes::order(
            view.conn,
            &party.visit,
            &NewOrder {
                dish_id: dish,
                quantity,
                guest_id: whose,
                despite: form.despite == "yes",
                once: Some(form.once.as_str()).filter(|once| (1..=64).contains(&once.len())),
            },
            &party.needs,
            here.acting(view),
        )?;
        let menu = Menu::load(view.conn, here.outlet.id)?;
        let words = view.words();
        let name = menu.0.iter().find(|(served, _)| served.id == dish);
        let name = name.map_or("", |(dish, _)| dish.label(words.language));
        let done = if clashes.is_empty() {
            Message::new("done-order").text("dish", name)
        } else {
            Message::new("done-order-without")
                .text("dish", name)
                .features("needs", clashes)
        };
        Ok(Answer::see(orders_path(&outlet, id, &form.whose))
            .say(words, &done)
            .changed(here.house.id))
    })
    .await
}

/// `POST /restaurant/{outlet}/visits/{visit}/orders/{order}/void`
pub async fn void(
    desk: Desk,
    at: web::Path<(String, i64, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    let (outlet, id, order) = at.into_inner();
    let back = format!("{}/visits/{id}/orders", path(&outlet));
    desk.act(form, back.clone(), move |view, _| {
        let here = Here::at(view, &outlet)?;
        party(view, &here, id)?;
        dishes::void(view.conn, id, order, here.now)?;
        view.line("void_order")
            .detail(format!("{outlet} party {id} order {order}"))
            .insert(view.conn)?;
        Ok(Answer::see(back)
            .say(view.words(), &Message::new("done-void"))
            .changed(here.house.id))
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Taste {
    guest: String,
    visit: String,
    dish: String,
    likes: String,
}

/// `POST /restaurant/{outlet}/taste`: what a guest says of a dish.
pub async fn taste(desk: Desk, outlet: web::Path<String>, form: Form<Taste>) -> HttpResponse {
    let back = path(&outlet);
    desk.act(form, back.clone(), move |view, form| {
        let here = Here::at(view, &outlet)?;
        let guest = known(view, &form.guest)?.ok_or(AppError::NotFound)?;
        let dish: i64 = form.dish.parse().map_err(|_| AppError::NotFound)?;
        let menu = Menu::load(view.conn, here.outlet.id)?;
        if !menu.0.iter().any(|(served, _)| served.id == dish) {
            return Err(AppError::NotFound);
        }
        let likes = form.likes == "yes";
        let today = here.house.business_date(here.now);
        dishes::say(
            view.conn,
            guest.id,
            dish,
            likes,
            Some(view.clerk.user_id),
            today,
        )?;
        view.line("note_taste")
            .guest(guest.id)
            .detail(format!(
                "dish {dish} {}",
                if likes { "liked" } else { "not liked" }
            ))
            .insert(view.conn)?;
        let to = match form.visit.parse::<i64>() {
            Ok(visit) => format!("{back}/visits/{visit}/orders"),
            Err(_) => format!("{back}?guest={}", guest.public_id),
        };
        Ok(Answer::see(to).say(view.words(), &Message::new("done-taste")))
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Joins {
    guest: String,
}

/// `POST /restaurant/{outlet}/visits/{visit}/party`: somebody known sits there too; what they must not eat counts.
pub async fn join(desk: Desk, at: web::Path<(String, i64)>, form: Form<Joins>) -> HttpResponse {
    let (outlet, id) = at.into_inner();
    let back = format!("{}/visits/{id}/orders", path(&outlet));
    desk.act(form, back.clone(), move |view, form| {
        let here = Here::at(view, &outlet)?;
        let party = party(view, &here, id)?;
        let mut guest = known(view, &form.guest)?.ok_or(AppError::NotFound)?;
        let others = visit::companions(view.conn, id)?;
        let sits = |other: &Guest| other.person_id == guest.person_id;
        if !party.guest.iter().chain(&others).any(sits) {
            visit::join(view.conn, id, guest.id)?;
            view.line("join_party")
                .guest(guest.id)
                .detail(format!("{outlet} party {id}"))
                .insert(view.conn)?;
        }
        let person_id = guest.person_id;
        person::complete(view.conn, std::iter::once(&mut guest), &[person_id])?;
        let done = Message::new("done-join").text("name", guest.name());
        Ok(Answer::see(back)
            .say(view.words(), &done)
            .changed(here.house.id))
    })
    .await
}
