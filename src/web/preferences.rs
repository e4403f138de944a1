//! What is remembered of a wish: noted, confirmed, retired, brought back.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::form::Form;
use super::guests::{back, check_length, guest, must_be_theirs, show};
use super::login::Nothing;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::guests::preferences::{self, NewPreference, Source, Strength, Verdict};
use crate::staff::Right;
use crate::vocabulary;
use crate::words::Message;

#[derive(Deserialize)]
pub struct PreferenceForm {
    #[serde(default)]
    what: String,
    strength: Option<Strength>,
    /// Empty: every house.
    #[serde(default)]
    place: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    stay: Option<i64>,
}

/// `POST /guests/{id}/preferences`: something overheard becomes a wish, with who, when and where.
pub async fn add(desk: Desk, id: web::Path<String>, form: Form<PreferenceForm>) -> HttpResponse {
    let (again, id) = (id.clone(), id.into_inner());
    desk.submit(
        form,
        move |view, form| {
            let guest = guest(view, &id)?;
            view.must(Right::WriteProfile)?;
            must_be_theirs(view, &guest, form.stay)?;
            let house = view.house()?.clone();
            let acting = view.acting(&house);
            let typed = form.what.trim();
            let feature = vocabulary::find(typed).ok_or_else(|| unknown_wish(typed))?;
            let note = form.note.trim();
            check_length(note, "note")?;
            let new = NewPreference {
                guest_id: guest.id,
                code: feature.code,
                strength: form.strength.unwrap_or(if feature.need {
                    Strength::Must
                } else {
                    Strength::Prefer
                }),
                source: Source::Stated,
                property_id: (form.place == "here").then_some(house.id),
                noted_at: Some(house.id),
                stay_id: form.stay,
                noted_on: acting.today,
                noted_by: Some(view.clerk.user_id),
                note: Some(note).filter(|note| !note.is_empty()),
                seen: (1, 1),
            };
            new.note(view.conn)?;
            view.line("add_preference")
                .guest(guest.id)
                .detail(feature.code)
                .insert(view.conn)?;
            let label = feature.label(view.words().language);
            Ok(Answer::see(back(&guest, form.stay))
                .say(
                    view.words(),
                    &Message::new("done-preference").text("feature", label),
                )
                .changed(house.id))
        },
        move |view, form, errors| {
            let typed = vec![
                ("what", form.what),
                (
                    "strength",
                    form.strength.map(|s| s.to_string()).unwrap_or_default(),
                ),
                ("place", form.place),
            ];
            show(view, &again, None, errors, typed)
        },
    )
    .await
}

fn unknown_wish(typed: &str) -> AppError {
    let message = match vocabulary::nearest(typed) {
        Some(near) => Message::new("error-wish-near")
            .text("text", typed)
            .feature("near", near.code),
        None => Message::new("error-wish").text("text", typed),
    };
    AppError::Invalid(vec![FieldError::new("what", message)])
}

/// `POST /guests/{id}/preferences/{preference}/confirm`
pub async fn confirm(
    desk: Desk,
    path: web::Path<(String, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    judge(desk, path.into_inner(), form, Verdict::Confirm).await
}

/// `POST /guests/{id}/preferences/{preference}/retire`: it holds no longer; what we concluded was wrong.
pub async fn retire(
    desk: Desk,
    path: web::Path<(String, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    judge(desk, path.into_inner(), form, Verdict::Retire).await
}

/// `POST /guests/{id}/preferences/{preference}/restore`: it was taken out by mistake.
pub async fn restore(
    desk: Desk,
    path: web::Path<(String, i64)>,
    form: Form<Nothing>,
) -> HttpResponse {
    judge(desk, path.into_inner(), form, Verdict::Restore).await
}

async fn judge(
    desk: Desk,
    (id, preference_id): (String, i64),
    form: Form<Nothing>,
    verdict: Verdict,
) -> HttpResponse {
    desk.act(form, format!("/guests/{id}"), move |view, _| {
        let guest = guest(view, &id)?;
        view.must(Right::WriteProfile)?;
        let (by, today, person) = (view.clerk.user_id, view.page.today, guest.person_id);
        let judged =
            preferences::judge(view.conn, person, preference_id, verdict, Some(by), today)?;
        let Some(source) = judged else {
            return Err(AppError::Refused(Message::new("refused-preference")));
        };
        let line = match verdict {
            Verdict::Confirm => view.line("confirm_preference"),
            Verdict::Retire | Verdict::GiveWay => view.line("retire_preference"),
            Verdict::Restore => view.line("restore_preference"),
        };
        line.guest(guest.id)
            .detail(preference_id.to_string())
            .insert(view.conn)?;
        let see = Answer::see(format!("/guests/{id}#preferences"));
        let done = Message::new(match (verdict, source) {
            (Verdict::Confirm, _) => "done-confirm",
            (Verdict::Restore, _) => "done-restore",
            (_, Source::Observed | Source::Inferred) => "done-wrong",
            _ => "done-retire",
        });
        Ok(match verdict {
            Verdict::Confirm | Verdict::Restore => see.say(view.words(), &done),
            Verdict::Retire | Verdict::GiveWay => {
                let undo = format!("/guests/{id}/preferences/{preference_id}/restore");
                see.say_undo(view.words(), &done, undo)
            }
        })
    })
    .await
}
