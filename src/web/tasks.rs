//! `/tasks`: what is to be done by whom and until when; done, put off and handed over from the list.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;

use super::case_open::{once, sentence};
use super::cases::owner;
use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::guests::guest;
use super::login::Nothing;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::guests::Guest;
use crate::guests::notes::Team;
use crate::properties::Property;
use crate::staff::Right;
use crate::staff::user::{self, Colleague};
use crate::tasks::list::{self, Counts, Show};
use crate::tasks::{self, FARTHEST, MAX_LENGTH, NewTask, Task};
use crate::words::Message;

/// Tasks on the page.
const SHOWN: i64 = 200;
/// Days a task can be put off by, with a click.
const LATER: [i64; 4] = [1, 3, 7, 30];

/// The list; its blocks `filters` and `rows` alone when something changed.
#[derive(Template)]
#[template(path = "tasks.html", blocks = ["filters", "rows"])]
struct TasksPage {
    page: Arc<Page>,
    show: Show,
    counts: Counts,
    rows: Vec<Row>,
    colleagues: HashMap<i64, Vec<Colleague>>,
    here: Vec<Colleague>,
    typed: TaskForm,
    errors: Wrong,
}

/// A task of the list.
struct Row {
    task: Task,
    title: String,
    guest: Option<Guest>,
    due: String,
    class: &'static str,
    icon: &'static str,
}

impl TasksPage {
    fn shows(&self) -> &'static [Show] {
        Show::ALL
    }

    fn count(&self, show: &Show) -> Option<i64> {
        match show {
            Show::Mine => Some(self.counts.mine),
            Show::Team => Some(self.counts.team),
            Show::Overdue => Some(self.counts.overdue),
            Show::Done => None,
        }
    }

    fn later(&self) -> [i64; 4] {
        LATER
    }

    fn teams(&self) -> &'static [Team] {
        Team::ALL
    }

    fn is_team(&self, team: &Team) -> bool {
        self.typed.team == Some(*team)
    }

    /// Who a task of a house can be handed to.
    fn colleagues(&self, property_id: &i64) -> &[Colleague] {
        self.colleagues.get(property_id).map_or(&[], Vec::as_slice)
    }

    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn once(&self) -> String {
        if self.typed.once.is_empty() {
            once()
        } else {
            self.typed.once.clone()
        }
    }

    /// A new task is due tomorrow, where nothing else was typed.
    fn due_on(&self) -> String {
        if self.typed.due_on.is_empty() {
            (self.page.today + TimeDelta::days(1)).to_string()
        } else {
            self.typed.due_on.clone()
        }
    }

    fn is_owner(&self, colleague: &Colleague) -> bool {
        let me = self.page.clerk.as_ref().map(|clerk| clerk.user_id);
        if self.errors.is_empty() {
            me == Some(colleague.id)
        } else {
            self.typed.owner == colleague.id.to_string()
        }
    }
}

/// Which tasks are looked at.
#[derive(Default, Deserialize)]
pub struct Choice {
    show: Option<Show>,
}

/// A task as typed, and what is done with one.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct TaskForm {
    title: String,
    guest: String,
    due_on: String,
    days: Option<i64>,
    owner: String,
    team: Option<Team>,
    result: String,
    once: String,
    show: Option<Show>,
}

/// `GET /tasks?show=`
pub async fn page(desk: Desk, choice: web::Query<Choice>) -> HttpResponse {
    desk.page(move |view| {
        let show_now = choice.show.unwrap_or(Show::Mine);
        show(view, show_now, TaskForm::default(), Vec::new())
    })
    .await
}

fn show(
    view: &mut View<'_>,
    show: Show,
    typed: TaskForm,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let houses: Vec<i64> = view.page.houses().map(|house| house.id).collect();
    let (today, user_id) = (view.page.today, view.clerk.user_id);
    let tasks = list::list(view.conn, show, &houses, user_id, today, SHOWN)?;
    let ids: Vec<i64> = tasks.iter().filter_map(|task| task.guest_id).collect();
    let guests = Guest::by_ids(view.conn, &ids)?;
    let guests: HashMap<i64, Guest> = guests.into_iter().map(|one| (one.id, one)).collect();
    let mut colleagues = HashMap::new();
    for property_id in houses.iter().copied() {
        colleagues.insert(property_id, user::colleagues(view.conn, property_id)?);
    }
    let here = view.page.property.as_ref().map(|house| house.id);
    let page = TasksPage {
        page: Arc::clone(&view.page),
        show,
        counts: list::counts(view.conn, &houses, user_id, today)?,
        rows: tasks
            .into_iter()
            .map(|task| Row::of(task, &guests, today, &view.page))
            .collect(),
        here: here
            .and_then(|id| colleagues.get(&id).cloned())
            .unwrap_or_default(),
        colleagues,
        typed,
        errors: fields::wrong(&errors, view.words()),
    };
    if view.fragment {
        let parts = page.as_filters().render()? + page.as_rows().render()?.as_str();
        return Ok(Answer::html(parts));
    }
    let look = view.line("list_tasks").detail(show.as_str());
    Ok(Answer::page(&page)?.look(look))
}

impl Row {
    fn of(task: Task, guests: &HashMap<i64, Guest>, today: NaiveDate, page: &Page) -> Self {
        let words = page.words;
        let days = (task.due_on - today).num_days();
        let (due, class, icon) = match days {
            _ if !task.is_open() => (words.day(task.due_on), "ok", "check"),
            ..0 => (words.count("overdue-days", -days), "caution", "triangle"),
            0 => (words.say("due-today").to_owned(), "attend", "dot"),
            1 => (words.say("due-tomorrow").to_owned(), "info", ""),
            _ => (words.day(task.due_on), "info", ""),
        };
        Self {
            title: words.tell(&task.told()),
            guest: task.guest_id.and_then(|id| guests.get(&id).cloned()),
            due,
            class,
            icon,
            task,
        }
    }
}

/// A task of a house the clerk's rights hold for.
fn task(view: &mut View<'_>, id: i64) -> Result<(Task, Property), AppError> {
    let task = Task::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
    let house = view.in_house(task.property_id)?;
    view.must(Right::WriteProfile)?;
    Ok((task, house))
}

/// Back to the list it was done from.
fn back(form: &TaskForm) -> String {
    form.show
        .map_or_else(|| "/tasks".into(), |show| format!("/tasks?show={show}"))
}

/// A line of the record for what was done with a task.
fn record(view: &mut View<'_>, action: &'static str, task: &Task) -> Result<(), AppError> {
    let mut line = view.line(action).detail(task.id.to_string());
    if let Some(guest_id) = task.guest_id {
        line = line.guest(guest_id);
    }
    Ok(line.insert(view.conn)?)
}

/// `POST /tasks`
pub async fn add(desk: Desk, form: Form<TaskForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            view.must(Right::WriteProfile)?;
            let house = view.house()?.clone();
            let about = match form.guest.trim() {
                "" => None,
                id => Some(guest(view, id)?),
            };
            let mut errors = Vec::new();
            let title = sentence(&form.title, "title", "error-task-empty", &mut errors);
            let today = house.business_date(crate::clock::now());
            let due_on = day(&form.due_on, today, &mut errors);
            let owner = match owner(view, &form.owner, house.id) {
                Err(AppError::Invalid(wrong)) => {
                    errors.extend(wrong);
                    None
                }
                owner => owner?,
            };
            let (Some(due_on), true) = (due_on, errors.is_empty()) else {
                return Err(AppError::Invalid(errors));
            };
            let given = Some(form.once.trim()).filter(|once| (1..=64).contains(&once.len()));
            let once = given.map_or_else(once, ToOwned::to_owned);
            let new = NewTask {
                property_id: house.id,
                title: &title,
                guest_id: about.as_ref().map(|guest| guest.id),
                case_id: None,
                team: form.team.unwrap_or(Team::FrontDesk),
                owner_id: owner.map(|one| one.id),
                due_on,
                once: &once,
            };
            if new.create(view.conn, view.clerk.user_id)? {
                let line = view.line("add_task").detail(title.as_str());
                match &about {
                    Some(guest) => line.guest(guest.id),
                    None => line,
                }
                .insert(view.conn)?;
            }
            view.app.reference.forget();
            let said = Message::new("done-task-add").date("day", due_on);
            let to = about.map_or_else(
                || back(form),
                |guest| format!("/guests/{}", guest.public_id),
            );
            Ok(Answer::see(to).say(view.words(), &said).changed(house.id))
        },
        |view, form, errors| {
            let show_now = form.show.unwrap_or(Show::Mine);
            show(view, show_now, form, errors)
        },
    )
    .await
}

/// A day from today on, within reason.
fn day(typed: &str, today: NaiveDate, errors: &mut Vec<FieldError>) -> Option<NaiveDate> {
    let typed = typed.trim();
    let day: Option<NaiveDate> = typed.parse().ok();
    let Some(day) = day else {
        let message = Message::new("error-no-date").text("text", typed);
        errors.push(FieldError::new("due_on", message));
        return None;
    };
    if (0..=FARTHEST).contains(&(day - today).num_days()) {
        return Some(day);
    }
    let message = Message::new("error-task-day")
        .date("first", today)
        .date("last", today + TimeDelta::days(FARTHEST));
    errors.push(FieldError::new("due_on", message));
    None
}

/// `POST /tasks/{id}/done`
pub async fn finish(desk: Desk, id: web::Path<i64>, form: Form<TaskForm>) -> HttpResponse {
    let id = *id;
    desk.act(form, "/tasks".into(), move |view, form| {
        let (task, house) = task(view, id)?;
        let result = form.result.split_whitespace().collect::<Vec<_>>().join(" ");
        if result.chars().count() > MAX_LENGTH {
            let long = Message::new("error-long").number("count", result.chars().count() as i64);
            return Err(AppError::Refused(long.number("most", MAX_LENGTH as i64)));
        }
        let result = Some(result.as_str()).filter(|result| !result.is_empty());
        tasks::finish(view.conn, id, result, view.clerk.user_id)?;
        record(view, "finish_task", &task)?;
        view.app.reference.forget();
        let said = Message::new("done-task").text("text", view.words().tell(&task.told()));
        Ok(Answer::see(back(&form))
            .say_undo(view.words(), &said, format!("/tasks/{id}/reopen"))
            .changed(house.id))
    })
    .await
}

/// `POST /tasks/{id}/reopen`
pub async fn reopen(desk: Desk, id: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    let id = *id;
    desk.act(form, "/tasks".into(), move |view, _| {
        let (task, house) = task(view, id)?;
        tasks::reopen(view.conn, id)?;
        record(view, "reopen_task", &task)?;
        view.app.reference.forget();
        Ok(Answer::see("/tasks")
            .say(view.words(), &Message::new("done-task-reopen"))
            .changed(house.id))
    })
    .await
}

/// `POST /tasks/{id}/snooze`: so many days from today, or to a day.
pub async fn put_off(desk: Desk, id: web::Path<i64>, form: Form<TaskForm>) -> HttpResponse {
    let id = *id;
    desk.act(form, "/tasks".into(), move |view, form| {
        let (task, house) = task(view, id)?;
        let today = house.business_date(crate::clock::now());
        let typed = match form.days.filter(|days| (0..=FARTHEST).contains(days)) {
            Some(days) => (today + TimeDelta::days(days)).to_string(),
            None => form.due_on.clone(),
        };
        let mut errors = Vec::new();
        let Some(due_on) = day(&typed, today, &mut errors) else {
            return Err(AppError::Invalid(errors));
        };
        tasks::put_off(view.conn, id, due_on)?;
        record(view, "put_off_task", &task)?;
        view.app.reference.forget();
        let said = Message::new("done-task-later").date("day", due_on);
        Ok(Answer::see(back(&form))
            .say(view.words(), &said)
            .changed(house.id))
    })
    .await
}

/// `POST /tasks/{id}/owner`
pub async fn hand_over(desk: Desk, id: web::Path<i64>, form: Form<TaskForm>) -> HttpResponse {
    let id = *id;
    desk.act(form, "/tasks".into(), move |view, form| {
        let (task, house) = task(view, id)?;
        let owner = owner(view, &form.owner, house.id)?;
        let team = form.team.unwrap_or(task.team);
        tasks::hand_over(view.conn, id, team, owner.as_ref().map(|one| one.id))?;
        record(view, "hand_over_task", &task)?;
        view.app.reference.forget();
        let to = owner.map_or_else(|| view.words().code("team", team), |one| one.display_name);
        let said = Message::new("done-case-owner").text("to", to);
        Ok(Answer::see(back(&form))
            .say(view.words(), &said)
            .changed(house.id))
    })
    .await
}
