//! A profile put right: what is newly known, what is taken back.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::changes::{self, Stored};
use super::contacts;
use super::profile::{self, NewProfile};
use crate::db::Conn;
use crate::db::schema::{guests, loyalty_accounts};
use crate::error::Rejection;
use crate::secret::Keys;

/// What somebody says of a profile.
#[derive(Debug, Default)]
pub struct Amendment {
    /// What is newly known.
    pub said: NewProfile,
    /// Fields that are known to be wrong, and what is right is not known: of [`changes::CLEARABLE`].
    pub cleared: Vec<&'static str>,
    /// E-mail addresses and phone numbers that are no longer the guest's.
    pub retired: Vec<String>,
}

/// Puts a profile right; whether that changed anything. Call it inside a write transaction.
pub fn amend(
    conn: &mut Conn,
    secrets: &Keys,
    guest_id: i64,
    amendment: &Amendment,
    now: NaiveDateTime,
) -> QueryResult<Result<bool, Rejection>> {
    let mut stored = changes::by_id(conn, guest_id)?;
    if let Some(rejection) = faults(conn, &stored, amendment)? {
        return Ok(Err(rejection));
    }
    let mut retired = 0;
    for contact in &amendment.retired {
        let gone = contacts::retire(conn, guest_id, contact)?;
        if gone == 0 {
            let reason = format!(
                "'{contact}' is not a contact of this profile; write it as the guest's contacts show it, \
                 and send it to the profile named there"
            );
            return Ok(Err(Rejection::new("remove_contacts", reason)));
        }
        retired += gone;
    }
    let cleared = amendment.cleared.iter().copied();
    let cleared: Vec<&str> = cleared.filter(|field| stored.holds(field)).collect();
    if !cleared.is_empty() {
        changes::clear(conn, guest_id, &cleared, now)?;
    }
    let is_less = retired > 0 || !cleared.is_empty();
    if is_less {
        stored = changes::by_id(conn, guest_id)?;
    }
    if changes::differs(secrets, &stored, &amendment.said) {
        changes::update(conn, secrets, &stored, &amendment.said, now)?;
        return Ok(Ok(true));
    }
    if is_less {
        changes::clear(conn, guest_id, &[], now)?;
        profile::rekey(conn, guest_id)?;
    }
    Ok(Ok(is_less))
}

/// What only the stored profiles can tell.
fn faults(
    conn: &mut Conn,
    stored: &Stored,
    amendment: &Amendment,
) -> QueryResult<Option<Rejection>> {
    let said = &amendment.said;
    if said.name().is_empty() && stored.is_nameless_without(&amendment.cleared) {
        let reason = "would be empty, and so would the other names; a guest needs one";
        return Ok(Some(Rejection::new("family_name", reason)));
    }
    let Some(number) = &said.loyalty_number else {
        return Ok(None);
    };
    if let Some(own) = stored.loyalty_number() {
        let reason = format!("'{number}' differs from '{own}'; an account keeps its number");
        return Ok((own != number).then(|| Rejection::new("loyalty_number", reason)));
    }
    is_taken(conn, number)
}

/// Says whose a loyalty number is, where it is somebody's.
pub fn is_taken(conn: &mut Conn, number: &str) -> QueryResult<Option<Rejection>> {
    let owner: Option<String> = loyalty_accounts::table
        .inner_join(guests::table)
        .filter(loyalty_accounts::number.eq(number))
        .select(guests::public_id)
        .first(conn)
        .optional()?;
    Ok(owner.map(|owner| {
        let reason =
            format!("'{number}' is the number of guest '{owner}'; correct it or leave it out");
        Rejection::new("loyalty_number", reason)
    }))
}
