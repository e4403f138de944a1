//! Wishes that contradict each other, side by side, and the click that settles them.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::form::Form;
use super::guests::{back, guest, must_be_theirs};
use super::{Answer, AppError, Desk};
use crate::guests::contradictions::{self, contradictions};
use crate::guests::preferences::{self, Preference, Strength, Verdict};
use crate::staff::Right;
use crate::vocabulary;
use crate::words::{Message, Words};

/// One of the two.
pub(super) struct Side {
    pub(super) id: i64,
    pub(super) text: String,
    pub(super) why: String,
}

/// Two that can't both hold.
pub(super) struct Pair {
    one: Side,
    other: Side,
}

impl Pair {
    /// Each with the other it would be kept over.
    pub(super) fn sides(&self) -> [(&Side, &Side); 2] {
        [(&self.one, &self.other), (&self.other, &self.one)]
    }

    /// The contradictions in this evidence, in words; at one house, or anywhere.
    pub(super) fn all(
        evidence: &[Preference],
        property_id: Option<i64>,
        words: &'static Words,
    ) -> Vec<Self> {
        let side = |one: &Preference| Side {
            id: one.id,
            text: wish_text(&one.code, one.strength, words),
            why: words.tell(
                &Message::new("evidence-with-month")
                    .message("evidence", one.evidence())
                    .month("month", one.as_of()),
            ),
        };
        contradictions(evidence, property_id)
            .into_iter()
            .map(|found| Self {
                one: side(found.one),
                other: side(found.other),
            })
            .collect()
    }
}

/// A wish as it is said: "quiet room", "avoids high floor".
pub(super) fn wish_text(code: &str, strength: Strength, words: &Words) -> String {
    let label = vocabulary::label(code, words.language);
    match strength {
        Strength::Prefer | Strength::Must => label.to_owned(),
        Strength::Avoid => words.fill("wish-avoid", label),
        Strength::Never => words.fill("wish-never", label),
    }
}

/// What gives way.
#[derive(Deserialize)]
pub struct Settled {
    #[serde(default)]
    over: Option<i64>,
    #[serde(default)]
    stay: Option<i64>,
}

/// `POST /guests/{id}/preferences/{preference}/settle`: this one holds, the other gives way.
pub async fn settle(
    desk: Desk,
    path: web::Path<(String, i64)>,
    form: Form<Settled>,
) -> HttpResponse {
    let (id, keep) = path.into_inner();
    desk.act(form, format!("/guests/{id}"), move |view, form| {
        let guest = guest(view, &id)?;
        view.must(Right::WriteProfile)?;
        must_be_theirs(view, &guest, form.stay)?;
        let (by, today) = (Some(view.clerk.user_id), view.page.today);
        let evidence = preferences::of_persons(view.conn, &[guest.person_id])?;
        let by_id = |id: Option<i64>| evidence.iter().find(|one| Some(one.id) == id);
        let (Some(kept), Some(over)) = (by_id(Some(keep)), by_id(form.over)) else {
            return Err(AppError::Refused(Message::new("refused-preference")));
        };
        if !contradictions::contradict(kept, over) {
            return Err(AppError::Refused(Message::new("refused-settled")));
        }
        for (one, verdict) in [(kept, Verdict::Confirm), (over, Verdict::GiveWay)] {
            preferences::judge(view.conn, guest.person_id, one.id, verdict, by, today)?;
        }
        view.line("settle_preferences")
            .guest(guest.id)
            .detail(format!("{} over {}", kept.code, over.code))
            .insert(view.conn)?;
        let done = Message::new("done-settled").wish("feature", &kept.code);
        let undo = format!("/guests/{id}/preferences/{}/restore", over.id);
        Ok(Answer::see(back(&guest, form.stay)).say_undo(view.words(), &done, undo))
    })
    .await
}
