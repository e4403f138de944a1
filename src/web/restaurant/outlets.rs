//! The outlets of a house, and a new one.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::path;
use super::plan::plan_path;
use crate::dining::{Outlet, editing};
use crate::web::form::Form;
use crate::web::page::Page;
use crate::web::{Answer, AppError, Desk};
use crate::words::Message;

/// The outlets of the house.
#[derive(Template)]
#[template(path = "outlets.html")]
struct OutletsPage {
    page: Arc<Page>,
    outlets: Vec<Outlet>,
}

#[derive(Default, Deserialize)]
pub struct Which {
    all: Option<String>,
}

/// `GET /restaurant`: the house's only outlet, or the choice of them.
pub async fn page(desk: Desk, which: web::Query<Which>) -> HttpResponse {
    desk.page(move |view| {
        let mut outlets = match view.house() {
            Ok(house) => {
                let id = house.id;
                Outlet::of_house(view.conn, id)?
            }
            Err(_) => Vec::new(),
        };
        outlets.retain(|outlet| view.clerk.outlets.include(outlet.id));
        if let ([only], None) = (outlets.as_slice(), &which.all) {
            return Ok(Answer::see(path(&only.code)));
        }
        Answer::page(&OutletsPage {
            page: Arc::clone(&view.page),
            outlets,
        })
    })
    .await
}

/// A new outlet as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewOutlet {
    code: String,
    name: String,
}

/// `POST /restaurant`
pub async fn add(desk: Desk, form: Form<NewOutlet>) -> HttpResponse {
    desk.act(form, "/restaurant?all=1".into(), |view, form| {
        let house = view.house()?.clone();
        let code = form.code.trim().to_lowercase();
        let name: String = form.name.trim().chars().take(100).collect();
        let is_code = (1..=32).contains(&code.len())
            && code
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !is_code || name.is_empty() {
            return Err(AppError::Refused(
                Message::new("error-outlet").text("text", code),
            ));
        }
        editing::add_outlet(view.conn, house.id, &code, &name)?;
        view.line("edit_plan")
            .detail(format!("outlet {code} added"))
            .insert(view.conn)?;
        view.app.reference.forget();
        Ok(Answer::see(plan_path(&code))
            .say(view.words(), &Message::new("done-plan"))
            .changed(house.id))
    })
    .await
}
