//! Imports in the browser: a file is looked over first, then taken in, with progress and the rows that were not taken.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use actix_multipart::form::tempfile::TempFile;
use actix_multipart::form::text::Text;
use actix_multipart::form::{MultipartForm, MultipartFormConfig};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;
use uuid::Uuid;

use super::form::{Form, is_same_site};
use super::login::Nothing;
use super::page::Page;
use super::{Answer, App, AppError, Desk};
use crate::importing::{self, Kind, Options, Progress, Report};
use crate::secret;
use crate::words::Message;

/// Largest file: five million stays and some.
const MAX_BYTES: usize = 2 * 1024 * 1024 * 1024;
/// Files remembered at once; the oldest finished one makes room.
const REMEMBERED: usize = 20;

/// The files this process is working on.
#[derive(Clone, Default)]
pub struct Jobs(Arc<Mutex<HashMap<String, Job>>>);

/// A file on its way in.
#[derive(Clone)]
struct Job {
    name: String,
    kind: Kind,
    options: Options,
    file: Arc<tempfile::NamedTempFile>,
    errors: PathBuf,
    state: State,
    bytes: u64,
}

/// How far it is.
#[derive(Clone)]
enum State {
    /// Being looked over; nothing is written.
    Checking(Progress),
    /// Looked over; waiting for a decision.
    Checked(Report),
    /// Being taken in.
    Running(Progress),
    /// In.
    Done(Report),
    /// Not possible, and why.
    Failed(String),
}

impl Jobs {
    fn get(&self, id: &str) -> Option<Job> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned()
    }

    fn set(&self, id: &str, state: State) {
        if let Some(job) = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(id)
        {
            job.state = state;
        }
    }

    fn add(&self, job: Job) -> String {
        // Version 7: the ids rise with time, so the least is the oldest.
        let id = Uuid::now_v7().to_string();
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.len() >= REMEMBERED {
            let oldest = jobs
                .iter()
                .filter(|(_, job)| job.is_over())
                .map(|(id, _)| id.clone())
                .min();
            oldest.map(|id| jobs.remove(&id));
        }
        jobs.insert(id.clone(), job);
        id
    }

    /// Takes a checked file for running; false if somebody else did.
    fn begin(&self, id: &str) -> bool {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match jobs.get_mut(id) {
            Some(job) if matches!(job.state, State::Checked(_)) => {
                job.state = State::Running(Progress::default());
                true
            }
            _ => false,
        }
    }
}

impl Job {
    fn is_over(&self) -> bool {
        matches!(
            self.state,
            State::Checked(_) | State::Done(_) | State::Failed(_)
        )
    }

    fn is_working(&self) -> bool {
        !self.is_over()
    }

    /// Rows read so far, and how much of the file in hundredths.
    fn progress(&self) -> (u64, u64) {
        match self.state {
            State::Checking(progress) | State::Running(progress) => {
                (progress.rows, progress.bytes * 100 / self.bytes.max(1))
            }
            _ => (0, 100),
        }
    }

    fn report(&self) -> Option<&Report> {
        match &self.state {
            State::Checked(report) | State::Done(report) => Some(report),
            _ => None,
        }
    }

    fn failure(&self) -> Option<&str> {
        match &self.state {
            State::Failed(reason) => Some(reason),
            _ => None,
        }
    }

    fn may_begin(&self) -> bool {
        matches!(&self.state, State::Checked(report) if report.new + report.changed > 0)
    }

    fn is_done(&self) -> bool {
        matches!(self.state, State::Done(_))
    }
}

/// The page that takes a file.
#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    page: Arc<Page>,
    error: Option<String>,
}

impl ImportsPage {
    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }
}

/// The page of a file on its way in.
#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    page: Arc<Page>,
    id: String,
    job: Job,
}

impl ImportPage {
    /// The outcome in numbers, in words.
    fn summary(&self, report: &Report) -> String {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let key = if self.job.is_done() {
            "import-done"
        } else {
            "import-would"
        };
        let message = Message::new(key)
            .number("new", number(report.new))
            .number("changed", number(report.changed))
            .number("unchanged", number(report.unchanged))
            .number("rejected", number(report.rejected));
        self.page.words.tell(&message)
    }
}

/// `GET /imports`
pub async fn form(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        Answer::page(&ImportsPage {
            page: Arc::clone(&view.page),
            error: None,
        })
    })
    .await
}

#[derive(MultipartForm)]
struct Upload {
    csrf: Text<String>,
    kind: Text<String>,
    source: Text<String>,
    strict: Option<Text<String>>,
    file: TempFile,
}

/// `POST /imports`: the file goes to disk, never to memory, and is looked over.
pub async fn upload(
    desk: Desk,
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    // Rights come before the first byte of the file is read.
    let (csrf, page) = match desk
        .peek(|view| Ok((view.page.csrf.clone(), Arc::clone(&view.page))))
        .await
    {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    if !is_same_site(request.headers()) {
        return super::page::error(page.words, &AppError::BadForm("error-form-foreign"));
    }
    let upload = MultipartForm::<Upload>::from_request(&request, &mut payload.into_inner()).await;
    let Ok(MultipartForm(upload)) = upload else {
        return super::page::error(page.words, &AppError::BadForm("error-upload"));
    };
    if !secret::same(&upload.csrf, &csrf) {
        return super::page::error(page.words, &AppError::BadForm("error-form-token"));
    }
    match job(upload) {
        Ok(job) => {
            let id = app.imports.add(job.clone());
            work(app, id.clone(), job, true);
            HttpResponse::SeeOther()
                .insert_header(("location", format!("/imports/{id}")))
                .finish()
        }
        Err(error) => super::page::error(page.words, &error),
    }
}

fn job(upload: Upload) -> Result<Job, AppError> {
    let kind = upload
        .kind
        .parse()
        .map_err(|_| AppError::BadForm("error-form-unreadable"))?;
    let source = if upload.source.trim().is_empty() {
        "import"
    } else {
        upload.source.trim()
    };
    let errors = std::env::temp_dir().join(format!("innkeeper-{}.errors.csv", Uuid::now_v7()));
    Ok(Job {
        name: upload.file.file_name.unwrap_or_default(),
        kind,
        options: Options {
            dry_run: true,
            strict: upload.strict.is_some(),
            source: source.into(),
            errors: Some(errors.clone()),
        },
        bytes: upload.file.size as u64,
        file: Arc::new(upload.file.file),
        errors,
        state: State::Checking(Progress::default()),
    })
}

/// Looks a file over, or takes it in, on a thread of its own.
fn work(app: web::Data<App>, id: String, job: Job, dry_run: bool) {
    std::thread::spawn(move || {
        let options = Options {
            dry_run,
            ..job.options
        };
        let report = File::open(job.file.path())
            .map_err(|error| error.to_string())
            .and_then(|file| {
                let progress = |progress| {
                    let state = if dry_run {
                        State::Checking(progress)
                    } else {
                        State::Running(progress)
                    };
                    app.imports.set(&id, state);
                };
                importing::run(&app.db, &app.keys, job.kind, file, &options, progress)
                    .map_err(|error| error.to_string())
            });
        app.reference.forget();
        app.rooms.forget();
        let state = match report {
            Ok(report) if dry_run => State::Checked(report),
            Ok(report) => State::Done(report),
            Err(reason) => State::Failed(reason),
        };
        app.imports.set(&id, state);
    });
}

/// `GET /imports/{id}`
pub async fn page(desk: Desk, id: web::Path<String>) -> HttpResponse {
    desk.page(move |view| {
        let job = view.app.imports.get(&id).ok_or(AppError::NotFound)?;
        Answer::page(&ImportPage {
            page: Arc::clone(&view.page),
            id: id.into_inner(),
            job,
        })
    })
    .await
}

/// `POST /imports/{id}`: take it in.
pub async fn begin(
    desk: Desk,
    app: web::Data<App>,
    id: web::Path<String>,
    form: Form<Nothing>,
) -> HttpResponse {
    let id = id.into_inner();
    desk.act(form, format!("/imports/{id}"), move |view, _| {
        let job = app.imports.get(&id).ok_or(AppError::NotFound)?;
        if app.imports.begin(&id) {
            view.line("import")
                .detail(format!("{} {}", job.kind, job.name))
                .insert(view.conn)?;
            work(app.clone(), id.clone(), job, false);
        }
        Ok(Answer::see(format!("/imports/{id}")))
    })
    .await
}

/// `GET /imports/{id}/errors.csv`: the rows that were not taken, to be mended and sent again.
pub async fn errors(desk: Desk, id: web::Path<String>) -> HttpResponse {
    desk.page(move |view| {
        let job = view.app.imports.get(&id).ok_or(AppError::NotFound)?;
        let content = std::fs::read_to_string(&job.errors).map_err(|_| AppError::NotFound)?;
        Ok(Answer::file("text/csv; charset=utf-8", content))
    })
    .await
}

/// The limits of an upload.
pub fn limits() -> MultipartFormConfig {
    MultipartFormConfig::default()
        .total_limit(MAX_BYTES)
        .memory_limit(64 * 1024)
}
