//! Two profiles said to be one person, and the saying taken back.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::door::{Door, Reply, View};
use super::guests::{guest, told};
use super::problem::Problem;
use crate::guests::Guest;
use crate::importing::object::{Field, Object};
use crate::recognition::merging::{self, Pair, Source};
use crate::recognition::review;

/// The fields of a merge.
pub const FIELDS: &[Field] = &[Field::text(
    "other_id",
    "The other guest.",
    "01930000-0000-7000-8000-000000000002",
)];

/// `POST /guests/{id}/merge`
pub async fn merge(door: Door, id: web::Path<String>) -> HttpResponse {
    door.write(move |view, body| {
        let one = guest(view, &id)?;
        let other = Object::read(body, FIELDS)?.required("other_id")?;
        let Some(other) = Guest::by_public_id(view.conn, &other)? else {
            return Err(Problem::field(
                "other_id",
                format!("'{other}' is not a guest"),
            ));
        };
        let pair = Pair {
            guest_id: one.id,
            other_id: other.id,
        };
        let merge_id = merging::merge(view.conn, pair, Source::Desk, None, None)?;
        record(view, "merge", [&one, &other])?;
        let one = guest(view, &id)?;
        let body = json!({"id": merge_id.to_string(), "guest": told(view, &one)?});
        Ok(Reply::ok(body))
    })
    .await
}

/// `POST /merges/{id}/undo`
pub async fn undo(door: Door, id: web::Path<String>) -> HttpResponse {
    door.write(move |view, body| {
        Object::read(body, &[])?;
        let none = || {
            let id: String = id.chars().take(20).collect();
            Problem::NotFound(format!("'{id}' is not a merge"))
        };
        let number: i64 = id.parse().map_err(|_| none())?;
        let pair = merging::pair(view.conn, number)?.ok_or_else(none)?;
        let joined = Guest::by_ids(view.conn, &[pair.guest_id, pair.other_id])?;
        let asked_again = review::undo_merge(view.conn, number, None)?;
        if let [one, other] = joined.as_slice() {
            record(view, "undo_merge", [one, other])?;
        }
        let guests: Vec<Value> = joined.iter().map(|one| json!(one.public_id)).collect();
        let reply = Reply::ok(json!({"id": number.to_string(), "guests": guests}));
        Ok(match asked_again {
            Some(stay) => reply.changed(stay.property_id),
            None => reply,
        })
    })
    .await
}

/// A line for each of the two, so that it stands on the record of both.
fn record(
    view: &mut View<'_>,
    action: &'static str,
    [one, other]: [&Guest; 2],
) -> Result<(), Problem> {
    for (about, with) in [(one, other), (other, one)] {
        view.line(action)
            .guest(about.id)
            .detail(with.public_id.clone())
            .insert(view.conn)?;
    }
    Ok(())
}
