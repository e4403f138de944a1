//! The profile page, `/guests/{id}`: everything on one page, for those with the right.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::contradictions::{Pair, wish_text};
use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::login::Nothing;
use super::merging::{self, MergeLine};
use super::page::Page;
use super::related::Beside;
use super::{Answer, AppError, Desk};
use crate::cases::{Case, Severity};
use crate::error::FieldError;
use crate::greetings::suppressions::{self, Stop};
use crate::guests::contacts::{self, Contact};
use crate::guests::notes::{self, NewNote, Note, Team};
use crate::guests::person::{self, Profile};
use crate::guests::preferences::{Preference, Source, Strength};
use crate::guests::{Guest, documents, names};
use crate::loyalty::ledger::{self, Entry};
use crate::staff::Right;
use crate::staff::audit;
use crate::stays::{Status, Stay, folio};
use crate::vocabulary::{self, Feature};
use crate::welcome::memory::{self, Memory};
use crate::words::{Message, Money};

/// Lines of the record shown.
const RECORD: i64 = 20;
/// Entries of the ledger shown.
const LEDGER: i64 = 20;

/// The page.
#[derive(Template)]
#[template(path = "guest.html")]
struct GuestPage {
    page: Arc<Page>,
    guest: Guest,
    profiles: Vec<Profile>,
    merges: Vec<MergeLine>,
    beside: Beside,
    pronounced: Option<String>,
    memory: Memory,
    contradictions: Vec<Pair>,
    contacts: Option<Vec<Contact>>,
    documents: Option<Vec<documents::Kept>>,
    revealed: Option<(i64, String)>,
    notes: Option<Vec<Note>>,
    spend: Option<Vec<(String, String, String)>>,
    entries: Vec<Entry>,
    consents: Vec<Consent>,
    stops: Vec<Stop>,
    record: Option<Vec<audit::Entry>>,
    codes: &'static [Feature],
    may_write: bool,
    today: NaiveDate,
    visits: usize,
    errors: Wrong,
    typed: Typed,
}

/// What was typed into a form that comes back, by field.
type Typed = Vec<(&'static str, String)>;

/// What a guest agreed to, as it stands.
pub struct Consent {
    channel: String,
    purpose: String,
    granted: bool,
    since: NaiveDate,
    source: String,
}

impl GuestPage {
    fn strengths(&self) -> &'static [Strength] {
        Strength::ALL
    }

    fn teams(&self) -> &'static [Team] {
        Team::ALL
    }

    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn is_stale(&self, preference: &Preference) -> bool {
        preference.is_stale(self.today)
    }

    fn is_fading(&self, preference: &Preference) -> bool {
        let half_life = self.page.reference.wishes.half_life();
        preference.is_fading(self.today, half_life)
    }

    /// What the staff wrote down with it; what servers said is no word for a clerk.
    fn note_of<'a>(&self, stop: &'a Stop) -> Option<&'a str> {
        let is_ours = stop.reason.is_for_staff();
        stop.detail.as_deref().filter(|_| is_ours)
    }

    /// A form stays open when something in it is wrong.
    fn opens(&self, field: &str) -> bool {
        self.error(field).is_some()
    }

    fn typed(&self, field: &str) -> &str {
        self.typed
            .iter()
            .find(|(name, _)| *name == field)
            .map_or("", |(_, text)| text)
    }

    fn guest_id(&self) -> &str {
        &self.guest.public_id
    }

    /// The stay that what was typed is about, where the form came from its card.
    fn stay_id(&self) -> Option<i64> {
        self.typed("stay").parse().ok()
    }

    fn severities(&self) -> &'static [Severity] {
        Severity::ALL
    }

    fn is_severity(&self, severity: &Severity) -> bool {
        let typed = self.typed("severity").parse();
        typed.unwrap_or(Severity::Serious) == *severity
    }

    /// What a form that opens something once carries; the same where it comes back.
    fn once(&self) -> String {
        match self.typed("once") {
            "" => super::case_open::once(),
            typed => typed.to_owned(),
        }
    }

    /// The room a new case is about: what was typed, else where they are in house.
    fn case_room(&self) -> &str {
        let here = self.page.property.as_ref().map(|house| house.id);
        let mut in_house = self
            .memory
            .stays
            .iter()
            .filter(|stay| stay.status == Status::InHouse && Some(stay.property_id) == here);
        let room = in_house.next().and_then(|stay| stay.room.as_deref());
        match self.typed("case_room") {
            "" if self.typed.is_empty() => room.unwrap_or_default(),
            typed => typed,
        }
    }

    /// A case is a link where the clerk's rights hold for its house.
    fn may_open_case(&self, case: &Case) -> bool {
        let clerk = self.page.clerk.as_ref();
        clerk.is_some_and(|clerk| clerk.houses.include(case.property_id))
    }

    fn is_replaced(&self, note: &Note) -> bool {
        self.notes
            .iter()
            .flatten()
            .any(|other| other.replaces_id == Some(note.id))
    }

    /// The number of a document, where it was just asked for.
    fn revealed(&self, id: &i64) -> Option<&str> {
        self.revealed
            .as_ref()
            .filter(|(revealed, _)| revealed == id)
            .map(|(_, number)| number.as_str())
    }

    fn label(&self, preference: &Preference) -> String {
        wish_text(&preference.code, preference.strength, self.page.words)
    }

    /// Whether we concluded it ourselves: then it can be wrong, and not just over.
    fn is_concluded(&self, preference: &Preference) -> bool {
        matches!(preference.source, Source::Observed | Source::Inferred)
    }

    fn evidence(&self, preference: &Preference) -> String {
        let mut parts = vec![self.page.words.tell(&preference.evidence())];
        parts.push(self.page.words.month(preference.as_of()));
        parts.extend(preference.noted_by.clone());
        parts.extend(
            preference
                .noted_at_property_id
                .map(|id| self.page.reference.name(id).to_owned()),
        );
        parts.join(" · ")
    }

    fn when(&self, case: &Case) -> String {
        self.page.words.date(case.opened_at.date())
    }

    /// The name of one of the profiles.
    fn name_of(&self, profile: &Profile) -> String {
        person::full_name(&profile.guest)
    }

    /// A stay is a link where the clerk's rights hold for its house.
    fn may_open(&self, property_id: &i64) -> bool {
        self.page.at_desk()
            && self
                .page
                .clerk
                .as_ref()
                .is_some_and(|clerk| clerk.houses.include(*property_id))
    }
}

/// The profile behind a public id.
pub(super) fn guest(view: &mut View<'_>, public_id: &str) -> Result<Guest, AppError> {
    Guest::by_public_id(view.conn, public_id)?.ok_or(AppError::NotFound)
}

/// `GET /guests/{id}`
pub async fn page(desk: Desk, id: web::Path<String>) -> HttpResponse {
    desk.page(move |view| show(view, &id, None, Vec::new(), Typed::new()))
        .await
}

pub(super) fn show(
    view: &mut View<'_>,
    id: &str,
    revealed: Option<(i64, String)>,
    errors: Vec<FieldError>,
    typed: Typed,
) -> Result<Answer, AppError> {
    let guest = guest(view, id)?;
    let profiles = person::profiles(view.conn, &[guest.person_id])?;
    let ids: Vec<i64> = profiles.iter().map(|profile| profile.guest.id).collect();
    let merges = merging::lines(view, &profiles)?;
    let memory = memory::of_person(view.conn, guest.person_id)?;
    let clerk = view.clerk.clone();
    // What relates people are their contacts.
    let beside = if clerk.may(Right::SeeContacts) {
        Beside::load(view, &ids)?
    } else {
        Beside::default()
    };
    let contacts = clerk
        .may(Right::SeeContacts)
        .then(|| contacts::of_guests(view.conn, &ids))
        .transpose()?;
    let documents = clerk
        .may(Right::SeeDocuments)
        .then(|| documents::of_guests(view.conn, &ids))
        .transpose()?;
    let notes = clerk
        .may(Right::SeeNotes)
        .then(|| notes::of_person(view.conn, guest.person_id, true))
        .transpose()?;
    let record = clerk
        .may(Right::SeeAudit)
        .then(|| {
            view.app.journal.carry();
            audit::about(view.conn, &ids, RECORD)
        })
        .transpose()?;
    let spend = clerk
        .may(Right::SeeSpend)
        .then(|| spend(view, guest.person_id))
        .transpose()?;
    let accounts: Vec<i64> = memory.accounts().map(|account| account.id).collect();
    let entries = if accounts.is_empty() {
        Vec::new()
    } else {
        ledger::entries(view.conn, &accounts, None, LEDGER)?
    };
    let consents = crate::guests::consents::of_guests(view.conn, &ids)?
        .into_iter()
        .map(|c| Consent {
            channel: view.words().code("consent", &c.channel),
            purpose: view.words().code("purpose", &c.purpose),
            granted: c.granted,
            since: c.recorded_at.date(),
            source: c.source,
        })
        .collect();
    let stops = suppressions::of_person(view.conn, &ids)?;
    let look = view.line("view_guest").guest(guest.id);
    // The person that all profiles make, under the address that was asked for.
    let mut shown = guest.clone();
    shown.show_as(&profiles);
    let page = GuestPage {
        page: Arc::clone(&view.page),
        pronounced: shown.native_name.as_deref().and_then(names::pronunciation),
        profiles,
        merges,
        beside,
        contacts,
        documents,
        revealed,
        notes,
        spend,
        entries,
        consents,
        stops,
        record,
        codes: vocabulary::all(),
        may_write: clerk.may(Right::WriteProfile),
        today: view.page.today,
        contradictions: Pair::all(&memory.preferences, None, view.words()),
        visits: memory.stays.iter().filter(|stay| stay.counts()).count(),
        errors: fields::wrong(&errors, view.words()),
        typed,
        memory,
        guest: shown,
    };
    Ok(Answer::page(&page)?.look(look))
}

/// What a person spent in the houses the clerk's rights hold for: house, department, amount.
fn spend(view: &mut View<'_>, person_id: i64) -> Result<Vec<(String, String, String)>, AppError> {
    let mut totals = std::collections::BTreeMap::new();
    for (property_id, department, currency, minor) in folio::spend_of_person(view.conn, person_id)?
    {
        if view.clerk.houses.include(property_id) {
            *totals
                .entry((property_id, department, currency))
                .or_insert(0_i64) += minor;
        }
    }
    let words = view.words();
    Ok(totals
        .into_iter()
        .map(|((property_id, department, currency), minor)| {
            let house = view.page.reference.name(property_id).to_owned();
            (
                house,
                words.code("department", department),
                Money::new(minor, currency).to_string(),
            )
        })
        .collect())
}

/// What is written during a stay is about the guest whose stay it is.
pub(super) fn must_be_theirs(
    view: &mut View<'_>,
    guest: &Guest,
    stay: Option<i64>,
) -> Result<(), AppError> {
    let Some(id) = stay else { return Ok(()) };
    let stay = Stay::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
    let of = Guest::by_ids(view.conn, &[stay.guest_id])?;
    if of.iter().any(|of| of.person_id == guest.person_id) {
        Ok(())
    } else {
        Err(AppError::NotFound)
    }
}

pub(super) fn check_length(text: &str, field: &'static str) -> Result<(), AppError> {
    let count = text.chars().count();
    if count > notes::MAX_LENGTH {
        let message = Message::new("error-long")
            .number("count", count as i64)
            .number("most", notes::MAX_LENGTH as i64);
        return Err(AppError::Invalid(vec![FieldError::new(field, message)]));
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t')
    {
        return Err(AppError::Invalid(vec![FieldError::new(
            field,
            Message::new("error-control"),
        )]));
    }
    Ok(())
}

#[derive(Deserialize)]
pub struct NoteForm {
    #[serde(default)]
    body: String,
    team: Option<Team>,
    #[serde(default)]
    stay: Option<i64>,
    #[serde(default)]
    replaces: Option<i64>,
}

/// `POST /guests/{id}/notes`
pub async fn add_note(desk: Desk, id: web::Path<String>, form: Form<NoteForm>) -> HttpResponse {
    let (again, id) = (id.clone(), id.into_inner());
    desk.submit(
        form,
        move |view, form| {
            let guest = guest(view, &id)?;
            view.must(Right::WriteProfile)?;
            view.must(Right::SeeNotes)?;
            must_be_theirs(view, &guest, form.stay)?;
            let stands = notes::of_person(view.conn, guest.person_id, false)?;
            if form
                .replaces
                .is_some_and(|id| !stands.iter().any(|note| note.id == id))
            {
                return Err(AppError::Refused(Message::new("refused-note")));
            }
            let body = form.body.trim();
            if body.is_empty() {
                return Err(AppError::Invalid(vec![FieldError::new(
                    "body",
                    Message::new("error-note-empty"),
                )]));
            }
            check_length(body, "body")?;
            let note = NewNote {
                guest_id: guest.id,
                stay_id: form.stay,
                property_id: view.page.property.as_ref().map(|house| house.id),
                team: form.team.unwrap_or(Team::FrontDesk),
                body,
                author_id: view.clerk.user_id,
                replaces_id: form.replaces,
            };
            note.write(view.conn)?;
            view.line("add_note").guest(guest.id).insert(view.conn)?;
            Ok(Answer::see(back(&guest, form.stay)).say(view.words(), &Message::new("done-note")))
        },
        move |view, form, errors| {
            let team = form.team.map(|team| team.to_string()).unwrap_or_default();
            show(
                view,
                &again,
                None,
                errors,
                vec![("body", form.body), ("team", team)],
            )
        },
    )
    .await
}

/// Back to the card the clerk came from, or to the profile.
pub(super) fn back(guest: &Guest, stay: Option<i64>) -> String {
    stay.map_or_else(
        || format!("/guests/{}", guest.public_id),
        |id| format!("/stays/{id}"),
    )
}

/// `POST /guests/{id}/documents/{document}/reveal`: one number, on record.
pub async fn reveal_document(
    desk: Desk,
    path: web::Path<(String, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    let (id, document_id) = path.into_inner();
    desk.act(form, format!("/guests/{id}"), move |view, _| {
        view.must(Right::SeeDocuments)?;
        let guest = guest(view, &id)?;
        let ids: Vec<i64> = Guest::of_person(view.conn, guest.person_id)?
            .iter()
            .map(|profile| profile.id)
            .collect();
        let number = documents::reveal(view.conn, &view.app.keys, &ids, document_id)?
            .ok_or(AppError::NotFound)?;
        view.line("reveal_document")
            .guest(guest.id)
            .detail(document_id.to_string())
            .insert(view.conn)?;
        show(
            view,
            &id,
            Some((document_id, number)),
            Vec::new(),
            Typed::new(),
        )
    })
    .await
}
