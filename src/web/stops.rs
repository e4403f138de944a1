//! Letters to a guest are stopped by the staff: because the guest has died, or for a reason of their own.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::form::Form;
use super::guests::{check_length, guest, show};
use super::login::Nothing;
use super::{Answer, AppError, Desk};
use crate::greetings::suppressions::{self, Reason, Whom};
use crate::guests::Guest;
use crate::staff::Right;
use crate::words::Message;

/// Why, as typed.
#[derive(Deserialize)]
pub struct StopForm {
    reason: Option<Reason>,
    #[serde(default)]
    why: String,
}

/// `POST /guests/{id}/letters/stop`
pub async fn stop(desk: Desk, id: web::Path<String>, form: Form<StopForm>) -> HttpResponse {
    let (again, id) = (id.clone(), id.into_inner());
    desk.submit(
        form,
        move |view, form| {
            view.must(Right::WriteProfile)?;
            let guest = guest(view, &id)?;
            let reason = form.reason.filter(|reason| reason.is_for_staff());
            let reason = reason.ok_or(AppError::BadForm("error-form-unreadable"))?;
            let why = form.why.trim();
            check_length(why, "why")?;
            let whom = Whom {
                guest_id: Some(guest.id),
                mailbox: None,
            };
            let why = Some(why).filter(|why| !why.is_empty());
            let by = Some(view.clerk.user_id);
            suppressions::stop(view.conn, whom, reason, None, why, by)?;
            view.line("stop_letters")
                .guest(guest.id)
                .detail(reason.as_str())
                .insert(view.conn)?;
            let done = Message::new("done-letters-stopped");
            Ok(
                Answer::see(format!("/guests/{}#letters", guest.public_id))
                    .say(view.words(), &done),
            )
        },
        move |view, form, errors| show(view, &again, None, errors, vec![("why", form.why)]),
    )
    .await
}

/// `POST /guests/{id}/letters/stops/{stop}/lift`: what the guest said themselves only the guest takes back.
pub async fn lift(desk: Desk, path: web::Path<(String, i64)>, form: Form<Nothing>) -> HttpResponse {
    let (id, stop) = path.into_inner();
    desk.act(form, format!("/guests/{id}"), move |view, _| {
        view.must(Right::WriteProfile)?;
        let guest = guest(view, &id)?;
        let profiles = Guest::of_person(view.conn, guest.person_id)?;
        let ids: Vec<i64> = profiles.iter().map(|profile| profile.id).collect();
        let all = suppressions::of_person(view.conn, &ids)?;
        let stop = all.iter().find(|one| one.id == stop);
        let stop = stop.ok_or(AppError::NotFound)?;
        if !stop.may_be_lifted() {
            return Err(AppError::Refused(Message::new("refused-stop-lift")));
        }
        suppressions::lift(view.conn, stop.id)?;
        view.line("lift_stop")
            .guest(guest.id)
            .detail(stop.reason.as_str())
            .insert(view.conn)?;
        let done = Message::new("done-stop-lifted");
        Ok(Answer::see(format!("/guests/{}#letters", guest.public_id)).say(view.words(), &done))
    })
    .await
}
