//! Wishes told by programs: noted, and retired.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::Value;

use super::door::{Door, Reply, View};
use super::guests::{guest, preference};
use super::problem::Problem;
use crate::clock;
use crate::guests::preferences::{self, NewPreference, Preference, Source, Strength, Verdict};
use crate::importing::object::{Field, Object, Rule};
use crate::vocabulary;

/// The fields of a wish.
pub const FIELDS: &[Field] = &[
    Field::text("preference", "Code of the vocabulary.", "high_floor").rule(Rule::OneOf(|| {
        vocabulary::all().iter().map(|one| one.code).collect()
    })),
    Field::text(
        "strength",
        "Where nothing is said: must for a need, else prefer.",
        "prefer",
    )
    .rule(Rule::OneOf(|| {
        Strength::ALL.iter().map(|one| one.as_str()).collect()
    })),
    Field::text(
        "source",
        "How it is known; imported where nothing is said.",
        "stated",
    )
    .rule(Rule::OneOf(|| {
        Source::ALL.iter().map(|one| one.as_str()).collect()
    })),
    Field::text(
        "property",
        "The house it holds for; everywhere where nothing is said.",
        "",
    ),
    Field::date(
        "noted_on",
        "The day it was learned; today where nothing is said.",
        "",
    ),
    Field::text(
        "note",
        "In the guest's own words.",
        "the lift is fine, the street is not",
    )
    .rule(Rule::Lines(2_000)),
];

/// `POST /guests/{id}/preferences`: the same wish from the same kind of source is confirmed, not noted twice.
pub async fn add(door: Door, id: web::Path<String>) -> HttpResponse {
    door.write(move |view, body| {
        let guest = guest(view, &id)?;
        let object = Object::read(body, FIELDS)?;
        let code = object.required("preference")?;
        let feature = vocabulary::get(&code)
            .ok_or_else(|| Problem::field("preference", "is not a code of the vocabulary"))?;
        let usual = if feature.need {
            Strength::Must
        } else {
            Strength::Prefer
        };
        let house = object.optional("property");
        let house = house.map(|code| view.property(&code)).transpose()?;
        let today = match &house {
            Some(house) => house.business_date(clock::now()),
            None => clock::now().date(),
        };
        let noted_on = object.date("noted_on")?.unwrap_or(today);
        if noted_on > today.succ_opt().unwrap_or(today) {
            let reason = format!("'{noted_on}' is in the future; write the day it was noted");
            return Err(Problem::field("noted_on", reason));
        }
        let note = object.optional("note");
        let new = NewPreference {
            guest_id: guest.id,
            code: feature.code,
            strength: word(&object, "strength")?.unwrap_or(usual),
            source: word(&object, "source")?.unwrap_or(Source::Imported),
            property_id: house.as_ref().map(|house| house.id),
            noted_at: house.as_ref().map(|house| house.id),
            stay_id: None,
            noted_on,
            noted_by: None,
            note: note.as_deref(),
            seen: (1, 1),
        };
        let noted = new.note(view.conn)?;
        view.line("add_preference")
            .guest(guest.id)
            .detail(feature.code)
            .insert(view.conn)?;
        let noted = standing(view, guest.person_id, noted)?
            .ok_or_else(|| Problem::Internal("the wish is gone".into()))?;
        let reply = Reply::status(StatusCode::CREATED, preference(view, &noted));
        Ok(match house {
            Some(house) => reply.changed(house.id),
            None => reply,
        })
    })
    .await
}

/// `DELETE /guests/{id}/preferences/{pid}`: it does not hold (any more); what was known stays on record.
pub async fn retire(door: Door, path: web::Path<(String, String)>) -> HttpResponse {
    let (id, wish) = path.into_inner();
    door.write(move |view, body| {
        Object::read(body, &[])?;
        let guest = guest(view, &id)?;
        let none = || {
            let wish: String = wish.chars().take(20).collect();
            Problem::NotFound(format!(
                "'{wish}' is not a preference of this guest that stands"
            ))
        };
        let number: i64 = wish.parse().map_err(|_| none())?;
        let standing = standing(view, guest.person_id, number)?.ok_or_else(none)?;
        let today = clock::now().date();
        let retire = Verdict::Retire;
        if preferences::judge(view.conn, guest.person_id, number, retire, None, today)?.is_none() {
            return Err(none());
        }
        view.line("retire_preference")
            .guest(guest.id)
            .detail(standing.code)
            .insert(view.conn)?;
        Ok(Reply::status(StatusCode::NO_CONTENT, Value::Null))
    })
    .await
}

/// A wish of a person that holds.
fn standing(view: &mut View<'_>, person_id: i64, id: i64) -> Result<Option<Preference>, Problem> {
    let all = preferences::of_persons(view.conn, &[person_id])?;
    Ok(all.into_iter().find(|one| one.id == id))
}

fn word<T: std::str::FromStr<Err = String>>(
    object: &Object,
    field: &str,
) -> Result<Option<T>, Problem> {
    let word = object.optional(field).map(|word| word.parse());
    word.transpose()
        .map_err(|reason| Problem::field(field, reason))
}
