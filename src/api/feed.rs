//! What happened, for programs that ask: the feed.

use actix_web::HttpResponse;
use serde::Deserialize;
use serde_json::json;

use super::door::{Door, Reply};
use super::listing::{Cursor, Page, cursor};
use super::problem::Problem;
use crate::outbox::Kind;
use crate::outbox::feed::{self, KEPT, Wanted};

/// Which events are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    after: Option<Cursor>,
    kind: Option<String>,
    property: Option<String>,
    limit: Option<usize>,
}

/// `GET /events?after=&kind=&property=&limit=`
///
/// It shows no guest, only ids, and so leaves no line on the record of looks.
pub async fn list(door: Door) -> HttpResponse {
    door.find(|view, query: Query| {
        let page = Page::of(query.after, query.limit, "after")?;
        let kinds = query.kind.as_deref().map(kinds).transpose()?;
        let only = query.property.map(|code| view.property(&code)).transpose()?;
        let wanted = Wanted {
            kinds: kinds.unwrap_or_default(),
            houses: view.bearer.houses.clone(),
            only: only.map(|house| house.id),
        };
        while feed::has_unplaced(view.conn)? {
            view.app.db.write_on(view.conn, feed::place)?;
        }
        if !feed::reaches_back_to(view.conn, page.after)? {
            let days = KEPT.num_days();
            let reason = format!(
                "is of an event older than the {days} days that are kept; read what you need anew and leave it out to begin"
            );
            return Err(Problem::field("after", reason));
        }
        // Up to here everything is looked at, also where it is not wanted.
        let newest = feed::newest(view.conn)?;
        if page.after > newest {
            let reason = "is of an event that did not happen: the database was put back to an older copy; read what you need anew and leave it out to begin";
            return Err(Problem::field("after", reason));
        }
        let found = feed::between(view.conn, page.after, newest, &wanted, page.most())?;
        let (found, more) = page.cut(found, |event| event.position.unwrap_or_default());
        let next = more.clone().unwrap_or_else(|| cursor(newest));
        let items = feed::told(view.conn, &view.reference, &found)?;
        Ok(Reply::ok(
            json!({"items": items, "next": next, "more": more.is_some()}),
        ))
    })
    .await
}

fn kinds(given: &str) -> Result<Vec<Kind>, Problem> {
    let read = given.split(',').map(str::trim).map(|one| {
        let kind = one.parse().ok().filter(|kind| *kind != Kind::Test);
        kind.ok_or_else(|| {
            let known: Vec<&str> = Kind::told().map(Kind::as_str).collect();
            let one: String = one.chars().take(64).collect();
            Problem::field(
                "kind",
                format!("'{one}' is not one of {}", known.join(", ")),
            )
        })
    });
    read.collect()
}
