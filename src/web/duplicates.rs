//! `/duplicates`: profiles that could be one person's, one question at a time; and the search that finds them.

use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::form::Form;
use super::guests::guest;
use super::login::Nothing;
use super::page::Page;
use super::related::{self, Related};
use super::versus::{self, First, Known, Versus};
use super::{Answer, App, AppError, Desk};
use crate::clock;
use crate::guests::Guest;
use crate::guests::person;
use crate::recognition::duplicates::{self, BATCH, Cluster, Run, Scope};
use crate::recognition::review::Clerk;
use crate::words::{Message, Words};

/// Questions in the list, and in the queue that can be stepped through.
const LISTED: usize = 50;

/// The list.
#[derive(Template)]
#[template(path = "duplicates.html")]
struct ListPage {
    page: Arc<Page>,
    rows: Vec<Row>,
    search: Search,
    is_watched: bool,
}

/// A question in the list.
struct Row {
    path: String,
    names: Vec<(String, Option<&'static str>)>,
    profiles: String,
    likely: String,
    reasons: String,
}

/// How far the search is.
enum Search {
    /// Nobody has looked yet.
    Never,
    /// Somebody is at it.
    Running(Run),
    /// It was stopped half-way.
    Stopped(Run),
    /// All were asked, the last time then.
    Done(Run),
}

impl Search {
    fn of(run: Option<Run>) -> Self {
        match run {
            None => Self::Never,
            Some(run) if run.is_over() => Self::Done(run),
            Some(run) if run.is_held(clock::now()) => Self::Running(run),
            Some(run) => Self::Stopped(run),
        }
    }
}

impl ListPage {
    fn may_search(&self) -> bool {
        self.page.is_manager()
    }

    fn is_running(&self) -> bool {
        matches!(self.search, Search::Running(_))
    }

    /// "12,000 of 48,000 profiles asked, 310 pairs found".
    fn progress(&self, run: &Run) -> String {
        let number = |count: i64| self.page.words.number(count);
        let message = Message::new("duplicates-progress")
            .text("asked", number(run.asked))
            .text("total", number(run.total))
            .text("found", number(run.found));
        self.page.words.tell(&message)
    }

    /// "Searched on 22 Nov 2026 at 06:10: …".
    fn done(&self, run: &Run) -> String {
        let at = run.finished_at.unwrap_or(run.started_at);
        let message = Message::new("duplicates-done")
            .date("date", at.date())
            .text("asked", self.page.words.number(run.asked))
            .text("found", self.page.words.number(run.found));
        self.page.words.tell(&message)
    }
}

/// One question.
#[derive(Template)]
#[template(path = "duplicate.html")]
struct SheetPage {
    page: Arc<Page>,
    public_id: String,
    name: String,
    place: Option<usize>,
    total: usize,
    before: Option<String>,
    after: Option<String>,
    versus: Versus,
    related: Vec<Related>,
}

#[derive(Default, Deserialize)]
pub struct Watch {
    watch: Option<String>,
}

/// `GET /duplicates`
pub async fn list(desk: Desk, watch: web::Query<Watch>) -> HttpResponse {
    desk.page(move |view| {
        let queue = duplicates::open(view.conn, clerk(view), LISTED)?;
        let search = Search::of(duplicates::latest(view.conn)?);
        let persons: Vec<i64> = queue.iter().flat_map(|c| c.persons.clone()).collect();
        let profiles = person::profiles(view.conn, &persons)?;
        let rows = queue
            .iter()
            .map(|cluster| Row::of(cluster, &profiles, view.words()))
            .collect();
        let page = ListPage {
            page: Arc::clone(&view.page),
            rows,
            is_watched: watch.watch.is_some() && matches!(search, Search::Running(_)),
            search,
        };
        Ok(Answer::page(&page)?.look(view.line("view_duplicates")))
    })
    .await
}

impl Row {
    fn of(cluster: &Cluster, profiles: &[person::Profile], words: &Words) -> Self {
        let of = |person_id: i64| {
            let theirs = profiles
                .iter()
                .filter(move |p| p.guest.person_id == person_id);
            person::of(theirs)
        };
        let persons: Vec<Guest> = cluster.persons.iter().filter_map(|id| of(*id)).collect();
        let count = profiles
            .iter()
            .filter(|profile| cluster.persons.contains(&profile.guest.person_id))
            .count();
        let edge = cluster.edges.first();
        let reasons = edge.map_or("", |edge| edge.pair.reasons.as_str());
        let reasons: Vec<String> = versus::reasons(reasons, words)
            .into_iter()
            .map(|(_, reason)| reason)
            .collect();
        Self {
            path: persons.first().map(path).unwrap_or_default(),
            names: persons
                .iter()
                .map(|guest| (person::full_name(guest), guest.name_language()))
                .collect(),
            profiles: words.count("duplicates-profiles", count),
            likely: versus::likely(cluster.probability(), words),
            reasons: words.list(reasons),
        }
    }
}

fn path(guest: &Guest) -> String {
    format!("/duplicates/{}", guest.public_id)
}

fn clerk(view: &View<'_>) -> Clerk {
    Clerk {
        user_id: view.clerk.user_id,
        today: view.page.today,
    }
}

/// `GET /duplicates/{id}`: a person beside those they could be.
pub async fn page(desk: Desk, id: web::Path<String>) -> HttpResponse {
    desk.page(move |view| {
        let one = guest(view, &id)?;
        let Some(cluster) = duplicates::around(view.conn, one.person_id)? else {
            return Ok(Answer::see("/duplicates"));
        };
        let queue = queue(view)?;
        let known = Known::load(view, &cluster.persons)?;
        let ids: Vec<i64> = known.profiles.iter().map(|p| p.guest.id).collect();
        let related = related::of(view, &ids, &cluster.persons)?;
        let firsts: Vec<&Guest> = cluster
            .persons
            .iter()
            .filter_map(|id| known.profiles.iter().find(|p| p.guest.id == *id))
            .map(|profile| &profile.guest)
            .collect();
        let place = queue
            .iter()
            .position(|(_, persons)| persons.contains(&one.person_id));
        let at = |place: Option<usize>| place.and_then(|at| Some(queue.get(at)?.0.clone()));
        let looks: Vec<_> = firsts
            .iter()
            .map(|guest| view.line("compare_duplicates").guest(guest.id))
            .collect();
        let page = SheetPage {
            versus: versus(&cluster, &firsts, &known, view),
            public_id: one.public_id.clone(),
            name: known.name(one.person_id).0,
            place: place.map(|at| at + 1),
            total: queue.len(),
            before: at(place.and_then(|at| at.checked_sub(1))),
            after: at(place.map_or(Some(0), |at| Some(at + 1))),
            related,
            page: Arc::clone(&view.page),
        };
        Ok(looks.into_iter().fold(Answer::page(&page)?, Answer::look))
    })
    .await
}

/// The questions in order: where each is, and who is in it.
fn queue(view: &mut View<'_>) -> Result<Vec<(String, Vec<i64>)>, AppError> {
    let clerk = clerk(view);
    let clusters = duplicates::open(view.conn, clerk, LISTED)?;
    let firsts: Vec<i64> = clusters
        .iter()
        .filter_map(|cluster| cluster.persons.first().copied())
        .collect();
    let guests = Guest::by_ids(view.conn, &firsts)?;
    let address = |cluster: &Cluster| {
        let first = guests
            .iter()
            .find(|guest| Some(&guest.id) == cluster.persons.first());
        first.map(path)
    };
    Ok(clusters
        .iter()
        .filter_map(|cluster| Some((address(cluster)?, cluster.persons.clone())))
        .collect())
}

fn versus(cluster: &Cluster, guests: &[&Guest], known: &Known, view: &View<'_>) -> Versus {
    let words = view.words();
    let stays = |visits: usize| words.count("stays", visits);
    let first = cluster.persons.first().copied().unwrap_or_default();
    let others = cluster.persons.get(1..).unwrap_or_default();
    let columns = guests.iter().skip(1).map(|guest| {
        let edge = cluster.edge(first, guest.person_id);
        let candidate = versus::Candidate {
            public_id: &guest.public_id,
            person_id: guest.person_id,
            probability: edge.map(|edge| edge.pair.probability),
            reasons: edge.map_or("by_others", |edge| &edge.pair.reasons),
        };
        let together = stays(known.visits(first) + known.visits(guest.person_id));
        known.column(&candidate, together, &view.page)
    });
    Versus {
        caption: words.say("duplicates-compare").to_owned(),
        input: "checkbox",
        first: First {
            label: words.say("duplicates-first").to_owned(),
            name: Some(known.name(first)),
            wishes: None,
            history: Some(known.history(first, &view.page)),
            alone: stays(known.visits(first)),
        },
        columns: columns.collect(),
        rows: known.rows(&known.portrait(first), others, words),
    }
}

#[derive(Deserialize)]
pub struct Answered {
    answer: Option<duplicates::Answer>,
    #[serde(default)]
    guest: Vec<String>,
}

/// `POST /duplicates/{id}`: one person, not the same, or not sure.
pub async fn answer(desk: Desk, id: web::Path<String>, form: Form<Answered>) -> HttpResponse {
    let id = id.into_inner();
    desk.act(form, format!("/duplicates/{id}"), move |view, form| {
        let one = guest(view, &id)?;
        let choose = || AppError::Refused(Message::new("refused-duplicates-choose"));
        let answer = form.answer.ok_or_else(choose)?;
        let mut chosen = Vec::new();
        for id in &form.guest {
            chosen.push(Guest::by_public_id(view.conn, id)?.ok_or_else(choose)?);
        }
        let persons: Vec<i64> = chosen.iter().map(|guest| guest.person_id).collect();
        let clerk = clerk(view);
        let answered = duplicates::answer(view.conn, one.person_id, answer, &persons, clerk)?;
        for about in std::iter::once(&one).chain(&chosen) {
            let with = std::iter::once(&one).chain(&chosen);
            let with = with.filter(|guest| guest.id != about.id);
            let with: Vec<&str> = with.map(|guest| guest.public_id.as_str()).collect();
            view.line("answer_duplicates")
                .guest(about.id)
                .detail(format!("{answer} {}", with.join(" ")).trim())
                .insert(view.conn)?;
        }
        let names = chosen.iter().map(Guest::name).collect::<Vec<_>>();
        let done = match answer {
            duplicates::Answer::Same => {
                Message::new("done-duplicates-same").text("guest", view.words().list(names))
            }
            duplicates::Answer::Other => {
                Message::new("done-duplicates-other").text("guest", view.words().list(names))
            }
            duplicates::Answer::Unsure => {
                Message::new("done-duplicates-unsure").text("guest", one.name())
            }
        };
        let next = if answered.is_open {
            Some(path(&one))
        } else {
            queue(view)?.into_iter().map(|(path, _)| path).next()
        };
        Ok(
            Answer::see(next.unwrap_or_else(|| "/duplicates".into())).say_undo(
                view.words(),
                &done,
                format!("/duplicates/{id}/undo/{}", answered.id),
            ),
        )
    })
    .await
}

/// `POST /duplicates/{id}/undo/{answer}`
pub async fn undo(desk: Desk, at: web::Path<(String, i64)>, form: Form<Nothing>) -> HttpResponse {
    let (id, answer_id) = at.into_inner();
    desk.act(form, format!("/duplicates/{id}"), move |view, _| {
        let one = guest(view, &id)?;
        let about = duplicates::undo(view.conn, answer_id, view.clerk.user_id)?;
        let of = Guest::by_ids(view.conn, &[about, one.id])?;
        // An answer is taken back from a page of whom it was about.
        if of.iter().any(|guest| guest.person_id != one.person_id) {
            return Err(AppError::NotFound);
        }
        view.line("undo_duplicates")
            .guest(about)
            .insert(view.conn)?;
        Ok(Answer::see(path(&one)).say(view.words(), &Message::new("done-undo-duplicates")))
    })
    .await
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    all: Option<String>,
}

/// `POST /duplicates/search`: looks for duplicates on a thread of its own.
pub async fn search(desk: Desk, app: web::Data<App>, form: Form<Asked>) -> HttpResponse {
    let claimed = Arc::new(OnceLock::new());
    let taken = Arc::clone(&claimed);
    let answer = desk
        .act(form, "/duplicates".into(), move |view, form| {
            let scope = match form.all {
                Some(_) => Scope::All,
                None => Scope::Changed,
            };
            let run = duplicates::claim(view.conn, scope, Some(view.clerk.user_id))?;
            view.line("search_duplicates").insert(view.conn)?;
            // Nobody else sets it.
            let _ = taken.set(run);
            Ok(Answer::see("/duplicates?watch=1"))
        })
        .await;
    // Only now is the claim there for others to see.
    if let Some(run) = claimed.get().cloned() {
        std::thread::spawn(move || {
            let done = duplicates::walk(&app.db, run, BATCH, |_| ControlFlow::Continue(()));
            if let Err(error) = done {
                log::warn!("the search for duplicates stopped: {error:?}");
            }
        });
    }
    answer
}
