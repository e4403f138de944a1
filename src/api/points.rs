//! Points: a guest's ledger, and entries made by a program.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::{Door, Reply, View};
use super::guests::guest;
use super::listing::{Cursor, Page};
use super::problem::Problem;
use crate::clock;
use crate::importing::object::{Field, Object};
use crate::loyalty::ledger::{self, Entry, Kind, Lot, MOST, Spending};
use crate::loyalty::requests::{self, Adjusted};
use crate::loyalty::{earning, expiry, programme};
use crate::staff::Right;
use crate::staff::audit::Actor;
use crate::stays::history;
use crate::welcome::memory::{self, Memory};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// The fields of an entry.
pub const ENTRY: &[Field] = &[
    Field::text("kind", "`earn`, `redeem` or `adjust`.", "earn"),
    Field::whole(
        "points",
        "How many; what is spent too is above zero, an adjustment may be below.",
        "250",
    ),
    Field::text("reason", "In words.", "Spa voucher bought at the desk"),
];

/// Which entries are listed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    cursor: Option<Cursor>,
    limit: Option<usize>,
}

/// `GET /guests/{id}/points?cursor=&limit=`: the newest first.
pub async fn show(door: Door, id: web::Path<String>) -> HttpResponse {
    door.find(move |view, query: Query| {
        let guest = guest(view, &id)?;
        let page = Page::of(query.cursor, query.limit, "cursor")?;
        let memory = memory::of_person(view.conn, guest.person_id)?;
        let accounts = ids(&memory);
        let before = Some(page.after).filter(|after| *after > 0);
        let found = ledger::entries(view.conn, &accounts, before, page.most())?;
        let (found, next) = page.cut(found, |entry| entry.id);
        let mut told = told(view, &memory)?;
        if let Some(told) = told.as_object_mut() {
            told.insert("items".into(), found.iter().map(entry).collect());
            told.insert("next_cursor".into(), next.into());
        }
        let look = view.line("view_points").guest(guest.id);
        Ok(Reply::ok(told).look(look))
    })
    .await
}

fn ids(memory: &Memory) -> Vec<i64> {
    memory.accounts().map(|account| account.id).collect()
}

/// What a person's accounts hold.
fn told(view: &mut View<'_>, memory: &Memory) -> Result<Value, Problem> {
    let accounts = ids(memory);
    let lots = ledger::lots(view.conn, &accounts)?;
    let today = expiry::today(&view.reference.properties, clock::now());
    let nights = history::nights_in_a_year(&memory.stays, today);
    let next = memory
        .account
        .as_ref()
        .and_then(|account| programme::next_tier(&view.reference.tiers, &account.tier, nights));
    Ok(json!({
        "balance": memory.points(),
        "owed": earning::owed(view.conn, &accounts)?,
        "tier": memory.account.as_ref().map(|account| &account.tier),
        "next_tier": next.map(|(tier, nights)| json!({"tier": tier.code, "nights": nights})),
        "accounts": memory.accounts().map(|account| json!({
            "number": account.number, "tier": account.tier, "points": account.points,
        })).collect::<Vec<_>>(),
        "lots": lots.iter().map(lot).collect::<Vec<_>>(),
    }))
}

fn lot(lot: &Lot) -> Value {
    json!({"points": lot.points, "remaining": lot.remaining, "expires_on": lot.expires_on})
}

fn entry(entry: &Entry) -> Value {
    json!({
        "id": entry.id.to_string(),
        "kind": entry.kind,
        "points": entry.points,
        "reason": entry.reason,
        "posted_on": entry.posted_on,
        "expires_on": entry.expires_on,
        "reverses": entry.reverses_id.map(|id| id.to_string()),
    })
}

/// `POST /guests/{id}/points`
pub async fn post(door: Door, id: web::Path<String>) -> HttpResponse {
    door.write(move |view, body| {
        let object = Object::read(body, ENTRY)?;
        let (kind, points) = read(&object)?;
        let reason = object.required("reason")?;
        if reason.chars().count() > LONGEST_REASON {
            let detail = format!("is longer than {LONGEST_REASON} characters; shorten it");
            return Err(Problem::field("reason", detail));
        }
        let right = if kind == Kind::Adjust {
            Right::AdjustPoints
        } else {
            Right::SpendPoints
        };
        if !view.bearer.may(right) {
            let detail = format!(
                "a token of role '{}' may not {kind} points",
                view.bearer.role
            );
            return Err(Problem::Forbidden(detail));
        }
        let guest = guest(view, &id)?;
        let memory = memory::of_person(view.conn, guest.person_id)?;
        let Some(account) = memory.account_of(guest.id) else {
            let detail = "the guest is not enrolled; there is no account to post to";
            return Err(Problem::Conflict(detail.into()));
        };
        let (by, on) = (
            Actor::Token(view.bearer.token_id),
            expiry::today(&view.reference.properties, clock::now()),
        );
        let waits = match kind {
            Kind::Redeem => {
                let spending = Spending {
                    points,
                    reason: &reason,
                    reward_id: None,
                };
                ledger::redeem(view.conn, &ids(&memory), spending, on, by)?;
                None
            }
            kind => match requests::adjust(view.conn, account.id, kind, points, &reason, on, by)? {
                Adjusted::Posted(_) => None,
                Adjusted::Waits(id) => Some(id),
            },
        };
        view.line("post_points")
            .guest(guest.id)
            .detail(format!("{kind} {points}"))
            .insert(view.conn)?;
        let memory = memory::of_person(view.conn, guest.person_id)?;
        let mut told = told(view, &memory)?;
        if let Some(told) = told.as_object_mut() {
            told.insert("waits".into(), waits.map(|id| id.to_string()).into());
        }
        let status = match waits {
            None => StatusCode::CREATED,
            Some(_) => StatusCode::ACCEPTED,
        };
        Ok(Reply::status(status, told))
    })
    .await
}

fn read(object: &Object) -> Result<(Kind, i64), Problem> {
    let kind = object.required("kind")?;
    let kind = match kind.parse() {
        Ok(kind @ (Kind::Earn | Kind::Redeem | Kind::Adjust)) => kind,
        _ => {
            let reason = format!("'{kind}' is not one of earn, redeem, adjust");
            return Err(Problem::field("kind", reason));
        }
    };
    let text = object.required("points")?;
    let points: i64 = text
        .parse()
        .map_err(|_| Problem::field("points", format!("'{text}' is not a whole number")))?;
    let least = if kind == Kind::Adjust { -MOST } else { 1 };
    if points == 0 || !(least..=MOST).contains(&points) {
        let reason = format!("{points} can't be; from {least} to {MOST}, and not 0");
        return Err(Problem::field("points", reason));
    }
    Ok((kind, points))
}
