//! The guests file.

use std::collections::HashMap;

use diesel::prelude::*;

use super::cells::{Cells, Parsed, Rejection};
use super::run::{Context, FileKind, Outcome};
use crate::db::Conn;
use crate::db::schema::{guests, loyalty_accounts};
use crate::guests::changes;
use crate::guests::contacts::{Email, Phone};
use crate::guests::profile::{self, NewProfile};

pub(super) struct File {
    context: Context,
}

impl File {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }
}

impl FileKind for File {
    type Row = NewProfile;
    const COLUMNS: &'static [&'static str] = &[
        "guest_id",
        "given_name",
        "family_name",
        "native_name",
        "salutation",
        "email",
        "phone",
        "birth_date",
        "gender",
        "country",
        "city",
        "postal_code",
        "street",
        "document_number",
        "loyalty_number",
        "company",
        "language",
        "vip_level",
        "note",
        "email_consent",
    ];
    const REQUIRED: &'static [&'static str] = &["guest_id"];

    fn parse(&mut self, cells: Cells<'_>, _line: u64) -> Parsed<NewProfile> {
        cells.key("guest_id", 64)?;
        read(cells, &self.context)
    }

    fn key(row: &NewProfile) -> String {
        row.external_id.clone().unwrap_or_default()
    }

    fn apply(&mut self, conn: &mut Conn, rows: &[NewProfile]) -> QueryResult<Vec<Outcome>> {
        let Context {
            source,
            secrets,
            now,
            ..
        } = &self.context;
        let ids: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.external_id.as_deref())
            .collect();
        let stored = changes::by_external_id(conn, source, &ids)?;
        let mut owners = number_owners(conn, rows)?;
        let mut new = Vec::new();
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in rows {
            let known = row.external_id.as_ref().and_then(|id| stored.get(id));
            if let Some(rejection) = faults(row, known, &mut owners) {
                outcomes.push(Outcome::Rejected(rejection));
                continue;
            }
            outcomes.push(match known {
                None => {
                    new.push(row.clone());
                    Outcome::New
                }
                Some(known) if changes::differs(secrets, known, row) => {
                    changes::update(conn, secrets, known, row, *now)?;
                    Outcome::Changed
                }
                Some(_) => Outcome::Unchanged,
            });
        }
        profile::create(conn, secrets, &new, *now)?;
        Ok(outcomes)
    }
}

/// Reads a profile from the cells of a row.
pub(super) fn read(cells: Cells<'_>, context: &Context) -> Parsed<NewProfile> {
    let country = cells.country("country")?;
    let profile = NewProfile {
        source: context.source.clone(),
        external_id: cells.text("guest_id")?,
        given_name: cells.text("given_name")?,
        family_name: cells.text("family_name")?,
        native_name: cells.text("native_name")?,
        salutation: cells.text("salutation")?,
        gender: gender(cells)?,
        birth_date: cells.birth_date(context.now.date())?,
        email: contact(cells, "email", Email::parse)?,
        phone: contact(cells, "phone", |text| {
            Phone::parse(text, country.as_deref())
        })?,
        country,
        city: cells.text("city")?,
        postal_code: cells.text("postal_code")?,
        street: cells.text("street")?,
        document_number: cells.text("document_number")?,
        loyalty_number: loyalty_number(cells)?,
        company: cells.text("company")?,
        language: cells.language("language")?,
        vip_level: cells.whole("vip_level", 1..=9)?,
        note: cells.note("note")?,
        email_consent: consent(cells)?,
    };
    Ok(profile.seen_by(&context.recognition.relays))
}

/// What only the stored profiles can tell: a new guest without a name, a loyalty number that is another's.
fn faults(
    row: &NewProfile,
    known: Option<&changes::Stored>,
    owners: &mut HashMap<String, String>,
) -> Option<Rejection> {
    let id = row.external_id.clone().unwrap_or_default();
    let is_nameless =
        row.given_name.is_none() && row.family_name.is_none() && row.native_name.is_none();
    if known.is_none() && is_nameless {
        return Some(Rejection::new(
            "family_name",
            format!("is empty, and so are the other names; the new guest '{id}' needs one"),
        ));
    }
    let number = row.loyalty_number.as_ref()?;
    if let Some(own) = known.and_then(changes::Stored::loyalty_number) {
        let is_own = own == number;
        return (!is_own).then(|| {
            Rejection::new("loyalty_number", format!("'{number}' differs from '{own}', the number of guest '{id}'; an account keeps its number"))
        });
    }
    let owner = owners.entry(number.clone()).or_insert_with(|| id.clone());
    (*owner != id).then(|| {
        Rejection::new(
            "loyalty_number",
            format!("'{number}' is the number of guest '{owner}'; correct it or leave it empty"),
        )
    })
}

/// Whose the loyalty numbers of the batch are.
fn number_owners(conn: &mut Conn, rows: &[NewProfile]) -> QueryResult<HashMap<String, String>> {
    let numbers = rows.iter().filter_map(|row| row.loyalty_number.as_deref());
    let owners: Vec<(String, Option<String>, String)> = loyalty_accounts::table
        .inner_join(guests::table)
        .filter(loyalty_accounts::number.eq_any(numbers))
        .select((
            loyalty_accounts::number,
            guests::external_id,
            guests::public_id,
        ))
        .load(conn)?;
    Ok(owners
        .into_iter()
        .map(|(number, external_id, public_id)| (number, external_id.unwrap_or(public_id)))
        .collect())
}

fn contact<T>(
    cells: Cells<'_>,
    column: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Parsed<Option<T>> {
    cells
        .text(column)?
        .map(|text| parse(&text).map_err(|error| Rejection::new(column, error)))
        .transpose()
}

pub(super) fn loyalty_number(cells: Cells<'_>) -> Parsed<Option<String>> {
    match cells.text("loyalty_number")? {
        Some(number) if number.chars().count() > 64 => Err(Rejection::new(
            "loyalty_number",
            format!("'{number}' is longer than 64 characters; shorten it"),
        )),
        number => Ok(number),
    }
}

fn gender(cells: Cells<'_>) -> Parsed<Option<String>> {
    let Some(text) = cells.text("gender")? else {
        return Ok(None);
    };
    let gender = match text.to_lowercase().as_str() {
        "f" | "female" | "w" | "女" => "female",
        "m" | "male" | "男" => "male",
        "x" | "d" | "other" | "diverse" => "other",
        _ => {
            return Err(Rejection::new(
                "gender",
                format!("'{text}' is not one of female, male, other"),
            ));
        }
    };
    Ok(Some(gender.into()))
}

fn consent(cells: Cells<'_>) -> Parsed<Option<bool>> {
    let Some(text) = cells.raw("email_consent") else {
        return Ok(None);
    };
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Ok(Some(true)),
        "no" | "n" | "false" | "0" => Ok(Some(false)),
        _ => Err(Rejection::new(
            "email_consent",
            format!("'{text}' is not one of yes, no; leave it empty where nobody asked"),
        )),
    }
}
