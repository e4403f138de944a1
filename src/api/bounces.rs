//! Letters that came back, as the programs tell that hear of it.

use actix_web::HttpResponse;
use serde_json::json;

use super::door::{Door, Reply};
use super::problem::Problem;
use crate::greetings::returned::{self, Kind, Report, Taken};
use crate::guests::contacts::Email;
use crate::importing::object::{Field, Object, Rule};

/// The fields of a report.
pub const FIELDS: &[Field] = &[
    Field::text(
        "kind",
        "A bounce, where the letter came back; a complaint, where its reader calls it spam.",
        "bounce",
    )
    .rule(Rule::OneOf(|| Kind::ALL.iter().map(|one| one.as_str()).collect())),
    Field::text(
        "message_id",
        "The letter's `Message-ID`, with or without its brackets.",
        "",
    )
    .rule(Rule::Longest(300)),
    Field::text(
        "address",
        "Where no `message_id` is known: whom the letter was to.",
        "ada@example.com",
    )
    .rule(Rule::Longest(200)),
    Field::text(
        "status",
        "Of a bounce: its status (RFC 3463). By it an address that does not exist is told from one that is full.",
        "5.1.1",
    )
    .like("^[245]\\.[0-9]{1,3}\\.[0-9]{1,3}$"),
    Field::text("detail", "What the other server said.", "550 5.1.1 user unknown")
        .rule(Rule::Lines(2_000)),
];

/// `POST /bounces`
pub async fn post(door: Door) -> HttpResponse {
    door.write(|view, body| {
        let report = read(&Object::read(body, FIELDS)?)?;
        let letter = returned::find(view.conn, &report)?;
        let letter = letter.filter(|letter| view.bearer.houses.include(letter.property_id));
        let taken = match &letter {
            Some(letter) => returned::take(view.conn, letter, &report)?,
            None => Taken::Unknown,
        };
        if let Some(letter) = &letter {
            view.line("post_bounce")
                .guest(letter.guest_id)
                .detail(format!("{} {taken}", report.kind))
                .insert(view.conn)?;
        }
        Ok(Reply::ok(json!({"outcome": taken})))
    })
    .await
}

fn read(object: &Object) -> Result<Report, Problem> {
    let kind = object.required("kind")?;
    let kind: Kind = kind
        .parse()
        .map_err(|reason: String| Problem::field("kind", reason))?;
    let message_id = object.optional("message_id").map(|id| {
        let inside = id.trim_start_matches('<').trim_end_matches('>');
        format!("<{inside}>")
    });
    let address = object
        .optional("address")
        .map(|address| Email::parse(&address));
    let address = address
        .transpose()
        .map_err(|reason| Problem::field("address", reason))?;
    if message_id.is_none() && address.is_none() {
        let reason = "is needed where there is no address; one of the two names the letter";
        return Err(Problem::field("message_id", reason));
    }
    let status = object.optional("status");
    if let Some(status) = &status
        && !is_status(status)
    {
        let reason = format!("'{status}' is not a status; write it as 5.1.1");
        return Err(Problem::field("status", reason));
    }
    Ok(Report {
        kind,
        message_id,
        address: address.map(|address| address.folded().to_owned()),
        status,
        detail: object.optional("detail").unwrap_or_default(),
    })
}

fn is_status(text: &str) -> bool {
    let mut parts = text.split('.');
    let is_class = matches!(parts.next(), Some("2" | "4" | "5"));
    let rest: Vec<&str> = parts.collect();
    let is_number =
        |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    is_class && rest.len() == 2 && rest.iter().all(is_number)
}
