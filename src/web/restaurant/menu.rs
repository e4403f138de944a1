//! The menu, for managers: what is served in which order, and what must not reach whom.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{Here, path};
use crate::dining::dishes::{Course, Dish, Menu};
use crate::dining::menu::{self, Served};
use crate::error::FieldError;
use crate::vocabulary::{Feature, Kind};
use crate::web::desk::View;
use crate::web::fields::{self, Reading, Wrong};
use crate::web::form::Form;
use crate::web::login::Nothing;
use crate::web::page::Page;
use crate::web::{Answer, AppError, Desk, pills};
use crate::words::{Language, Message};

/// Longest code of a till.
const LONGEST_CODE: usize = 32;
/// Longest name of a dish.
const LONGEST_NAME: usize = 100;

/// The page.
#[derive(Template)]
#[template(path = "menu.html")]
struct MenuPage {
    page: Arc<Page>,
    here: Here,
    courses: Vec<(String, Vec<Line>)>,
    /// What is no longer served: id, name and code.
    retired: Vec<(i64, String, String)>,
    /// The dish that is edited; none is a new one.
    dish: Option<i64>,
    typed: DishForm,
    errors: Wrong,
}

/// A dish as it is listed.
struct Line {
    id: i64,
    code: String,
    name: String,
    also: Option<String>,
    allergens: Vec<String>,
    diets: String,
    is_first: bool,
    is_last: bool,
}

impl MenuPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn base(&self) -> String {
        self.here.path()
    }

    fn action(&self) -> String {
        match self.dish {
            Some(id) => format!("{}/menu/{id}", self.base()),
            None => format!("{}/menu", self.base()),
        }
    }

    /// The name of the dish that is edited, as it was typed.
    fn title(&self) -> &str {
        match self.page.words.language {
            Language::ZhCn if !self.typed.native_name.is_empty() => &self.typed.native_name,
            _ => &self.typed.name,
        }
    }

    fn is_chosen(&self, line: &Line) -> bool {
        self.dish == Some(line.id)
    }

    fn all_courses(&self) -> &'static [Course] {
        Course::ALL
    }

    /// What a dish can be wrong for: allergies or diets.
    fn concerns(&self, allergies: bool) -> impl Iterator<Item = &'static Feature> {
        menu::concerns().filter(move |feature| (feature.kind == Kind::Allergy) == allergies)
    }

    fn is_unfit(&self, feature: &Feature) -> bool {
        self.typed.unfit.iter().any(|code| code == feature.code)
    }

    fn concern(&self, feature: &Feature) -> String {
        pills::allergen(feature.label(self.page.words.language))
    }
}

/// A dish as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct DishForm {
    code: String,
    name: String,
    native_name: String,
    course: String,
    unfit: Vec<String>,
}

impl DishForm {
    fn of(dish: &Dish, unfit: &[String]) -> Self {
        Self {
            code: dish.code.clone(),
            name: dish.name.clone(),
            native_name: dish.native_name.clone().unwrap_or_default(),
            course: dish.course.to_string(),
            unfit: unfit.to_vec(),
        }
    }

    fn understand(&self) -> Result<Served, AppError> {
        let mut reading = Reading::default();
        let native = reading.text("native_name", &self.native_name, LONGEST_NAME, false);
        let served = Served {
            code: reading.text("code", &self.code, LONGEST_CODE, true),
            name: reading.text("name", &self.name, LONGEST_NAME, true),
            native_name: Some(native).filter(|name| !name.is_empty()),
            course: self.course.parse().map_err(|_| AppError::NotFound)?,
        };
        reading.done(Some(served))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    dish: String,
}

fn menu_path(outlet: &str) -> String {
    format!("{}/menu", path(outlet))
}

/// `GET /restaurant/{outlet}/menu`
pub async fn page(desk: Desk, outlet: web::Path<String>, asked: web::Query<Asked>) -> HttpResponse {
    desk.page(move |view| {
        let here = Here::at(view, &outlet)?;
        show(view, here, asked.dish.parse().ok(), None, &[])
    })
    .await
}

fn show(
    view: &mut View<'_>,
    here: Here,
    dish: Option<i64>,
    typed: Option<DishForm>,
    errors: &[FieldError],
) -> Result<Answer, AppError> {
    let menu = Menu::load(view.conn, here.outlet.id)?;
    let stored = match dish {
        Some(id) => {
            let found = menu.0.iter().find(|(dish, _)| dish.id == id);
            let (dish, unfit) = found.ok_or(AppError::NotFound)?;
            DishForm::of(dish, unfit)
        }
        None => DishForm {
            course: Course::Main.to_string(),
            ..DishForm::default()
        },
    };
    let words = view.words();
    let courses = Course::ALL.iter().filter_map(|course| {
        let mut lines: Vec<Line> = menu
            .0
            .iter()
            .filter(|(dish, _)| dish.course == *course)
            .map(|(dish, unfit)| line(dish, unfit, view))
            .collect();
        lines.first_mut()?.is_first = true;
        lines.last_mut()?.is_last = true;
        Some((words.code("course", course), lines))
    });
    Answer::page(&MenuPage {
        page: Arc::clone(&view.page),
        courses: courses.collect(),
        retired: menu::retired(view.conn, here.outlet.id)?
            .into_iter()
            .map(|dish| (dish.id, dish.label(words.language).to_owned(), dish.code))
            .collect(),
        dish,
        typed: typed.unwrap_or(stored),
        errors: fields::wrong(errors, words),
        here,
    })
}

fn line(dish: &Dish, unfit: &[String], view: &View<'_>) -> Line {
    let words = view.words();
    let of = |allergies: bool| {
        menu::concerns()
            .filter(move |feature| (feature.kind == Kind::Allergy) == allergies)
            .filter(|feature| unfit.iter().any(|code| code == feature.code))
            .map(|feature| feature.label(words.language))
    };
    let name = dish.label(words.language).to_owned();
    let other = [Some(&dish.name), dish.native_name.as_ref()];
    Line {
        id: dish.id,
        code: dish.code.clone(),
        also: other.into_iter().flatten().find(|n| **n != name).cloned(),
        name,
        allergens: of(true).map(pills::allergen).collect(),
        diets: of(false).collect::<Vec<_>>().join(", "),
        is_first: false,
        is_last: false,
    }
}

/// `POST /restaurant/{outlet}/menu`
pub async fn add(desk: Desk, outlet: web::Path<String>, form: Form<DishForm>) -> HttpResponse {
    let again = outlet.clone();
    desk.submit(
        form,
        move |view, typed| {
            let here = Here::at(view, &outlet)?;
            let served = typed.understand()?;
            menu::add(view.conn, &served, &typed.unfit, here.acting(view))?;
            saved(view, &here)
        },
        move |view, typed, errors| {
            let here = Here::at(view, &again)?;
            show(view, here, None, Some(typed), &errors)
        },
    )
    .await
}

/// `POST /restaurant/{outlet}/menu/{dish}`
pub async fn change(
    desk: Desk,
    at: web::Path<(String, i64)>,
    form: Form<DishForm>,
) -> HttpResponse {
    let (outlet, id) = at.into_inner();
    let again = outlet.clone();
    desk.submit(
        form,
        move |view, typed| {
            let here = Here::at(view, &outlet)?;
            let served = typed.understand()?;
            menu::change(view.conn, id, &served, &typed.unfit, here.acting(view))?;
            saved(view, &here)
        },
        move |view, typed, errors| {
            let here = Here::at(view, &again)?;
            show(view, here, Some(id), Some(typed), &errors)
        },
    )
    .await
}

/// `POST /restaurant/{outlet}/menu/{dish}/retire`
pub async fn retire(desk: Desk, at: web::Path<(String, i64)>, form: Form<Nothing>) -> HttpResponse {
    let (outlet, id) = at.into_inner();
    desk.act(form, menu_path(&outlet), move |view, _| {
        let here = Here::at(view, &outlet)?;
        menu::serve(view.conn, id, false, here.acting(view))?;
        let undo = format!("{}/{id}/serve", menu_path(&outlet));
        Ok(Answer::see(menu_path(&outlet))
            .say_undo(view.words(), &Message::new("done-dish-retired"), undo)
            .changed(here.house.id))
    })
    .await
}

/// `POST /restaurant/{outlet}/menu/{dish}/serve`: it is on the menu again.
pub async fn serve(desk: Desk, at: web::Path<(String, i64)>, form: Form<Nothing>) -> HttpResponse {
    let (outlet, id) = at.into_inner();
    desk.act(form, menu_path(&outlet), move |view, _| {
        let here = Here::at(view, &outlet)?;
        menu::serve(view.conn, id, true, here.acting(view))?;
        saved(view, &here)
    })
    .await
}

/// Which way a dish goes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Way {
    way: String,
}

/// `POST /restaurant/{outlet}/menu/{dish}/move`
pub async fn step(desk: Desk, at: web::Path<(String, i64)>, form: Form<Way>) -> HttpResponse {
    let (outlet, id) = at.into_inner();
    desk.act(form, menu_path(&outlet), move |view, form| {
        let here = Here::at(view, &outlet)?;
        menu::step(view.conn, id, form.way == "up", here.acting(view))?;
        Ok(Answer::see(format!("{}#d-{id}", menu_path(&outlet))).changed(here.house.id))
    })
    .await
}

fn saved(view: &mut View<'_>, here: &Here) -> Result<Answer, AppError> {
    Ok(Answer::see(menu_path(&here.outlet.code))
        .say(view.words(), &Message::new("done-menu"))
        .changed(here.house.id))
}
