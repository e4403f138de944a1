//! A guest as a source knows them: the source's own profile, found, taken over from a booking, or made and linked.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::take::{Done, Owner, Trouble, leniently, updated_at};
use super::{Person, Wish};
use crate::db::schema::{guest_contacts, guests, loyalty_accounts, merges};
use crate::db::{Conn, dialect};
use crate::error::{Fault, Rejection};
use crate::guests::changes;
use crate::guests::contacts::Email;
use crate::guests::preferences::Source as Evidence;
use crate::guests::profile::{self, NewProfile};
use crate::importing::object::Object;
use crate::importing::preferences::{self, Row};
use crate::importing::profiles;
use crate::properties::Reference;
use crate::recognition::merging::{self, Pair, Source};
use crate::stays::reservation::{Context, guest_ids};
use crate::words::Language;

/// Takes in what a source knows of a guest; `of` is whose the stay is that it came with. Call it inside a write transaction.
pub fn person(
    conn: &mut Conn,
    context: &Context,
    mut person: Person,
    of: Option<Owner>,
    reference: &Reference,
    done: &mut Done,
) -> Result<(), Trouble> {
    let updated_at = updated_at(&person.fields)?;
    person.fields.remove("updated_at");
    let mut said = leniently(&mut person.fields, &mut done.ignored, |fields| {
        Ok(Object::read(&fields.values, profiles::FIELDS)
            .and_then(|object| profiles::read(&object, context)))
    })?;
    if person.is_masked {
        said.email = said.email.map(Email::relayed);
    }
    if of.is_some() {
        // A number typed into a booking is a claim; the booking makes it, and enrols nobody.
        said.loyalty_number = None;
    }
    let Some((stored, outcome)) = place(conn, context, &mut said, of, done)? else {
        return Ok(());
    };
    let id = stored.id();
    dialect::lock_guest(conn, id)?;
    let known_at: Option<NaiveDateTime> = guests::table
        .find(id)
        .select(guests::source_updated_at)
        .first(conn)?;
    if updated_at.is_some() && updated_at < known_at {
        done.guest = Some((id, "older"));
        return Ok(());
    }
    let mut is_new = changes::differs(&context.secrets, &stored, &said);
    if is_new {
        changes::update(conn, &context.secrets, &stored, &said, context.now)?;
    }
    if updated_at.is_some() {
        diesel::update(guests::table.find(id))
            .set(guests::source_updated_at.eq(updated_at))
            .execute(conn)?;
    }
    is_new |= mask(conn, id, &said)?;
    is_new |= wish(conn, context, id, &person.wishes, reference, done)?;
    done.guest = Some((
        id,
        if is_new && outcome == "unchanged" {
            "changed"
        } else {
            outcome
        },
    ));
    done.merged_into = person.merged_into;
    Ok(())
}

/// The profile that what is said belongs to: the source's own, found, taken over from its booking, or made.
fn place(
    conn: &mut Conn,
    context: &Context,
    said: &mut NewProfile,
    of: Option<Owner>,
    done: &mut Done,
) -> Result<Option<(changes::Stored, &'static str)>, Trouble> {
    let key = said.external_id.clone();
    if let Some(key) = &key {
        let mut known = changes::by_external_id(conn, &context.source, &[key])?;
        if let Some(known) = known.remove(key) {
            claim(conn, said, Some(&known), done)?;
            return Ok(Some((known, "unchanged")));
        }
    }
    let own = of
        .as_ref()
        .filter(|of| of.source == context.source && of.external_id.is_none());
    if let Some(own) = own {
        // Made for a booking of this source a moment ago, or long ago: now it has a key.
        diesel::update(guests::table.find(own.guest_id))
            .set(guests::external_id.eq(&key))
            .execute(conn)?;
        return Ok(Some((changes::by_id(conn, own.guest_id)?, "unchanged")));
    }
    let Some(key) = key else {
        let said_more = said.vip_level.is_some() || said.email_consent.is_some();
        if said_more {
            let why = "guest: has no key of its own, and the booking is another profile's; VIP and consent are not taken";
            done.ignored.push(why.into());
        }
        return Ok(None);
    };
    if said.name().is_empty() {
        let reason = format!("names nobody; the new guest '{key}' needs a name");
        if of.is_none() {
            return Err(Rejection::new("guest", reason).into());
        }
        done.ignored.push(format!("guest: {reason}"));
        return Ok(None);
    }
    claim(conn, said, None, done)?;
    let made = profile::create(
        conn,
        &context.secrets,
        std::slice::from_ref(said),
        context.now,
    )?;
    let id = made.first().copied().unwrap_or_default();
    if let Some(of) = of {
        let pair = Pair {
            guest_id: of.guest_id,
            other_id: id,
        };
        let joined = merging::merge(conn, pair, Source::Booking, of.reasons.as_deref(), None);
        if let Err(fault) = joined {
            done.ignored.push(format!("guest: {}", refusal(fault)?));
        }
    }
    Ok(Some((changes::by_id(conn, id)?, "created")))
}

/// The words of a refusal; other faults go on.
fn refusal(fault: Fault) -> Result<String, Trouble> {
    match fault {
        Fault::Refused(message) => Ok(Language::En.words().tell(&message)),
        fault => Err(fault.into()),
    }
}

/// Leaves a loyalty number out that can't be this profile's account.
fn claim(
    conn: &mut Conn,
    said: &mut NewProfile,
    known: Option<&changes::Stored>,
    done: &mut Done,
) -> QueryResult<()> {
    let Some(number) = said.loyalty_number.clone() else {
        return Ok(());
    };
    let has_other = known
        .and_then(changes::Stored::loyalty_number)
        .is_some_and(|own| own != number);
    let owner: Option<i64> = loyalty_accounts::table
        .filter(loyalty_accounts::number.eq(&number))
        .select(loyalty_accounts::guest_id)
        .first(conn)
        .optional()?;
    let is_anothers = owner.is_some_and(|owner| known.is_none_or(|known| known.id() != owner));
    if has_other || is_anothers {
        let why = if has_other {
            "the guest has an account of another number"
        } else {
            "is the number of another profile; say that the two are one person"
        };
        done.ignored
            .push(format!("loyalty number '{number}': {why}"));
        said.loyalty_number = None;
    }
    Ok(())
}

/// An address that was told before without a word of its being masked is masked from now on.
fn mask(conn: &mut Conn, guest_id: i64, said: &NewProfile) -> QueryResult<bool> {
    let Some(email) = said.email.as_ref().filter(|email| email.is_masked()) else {
        return Ok(false);
    };
    let told = guest_contacts::table
        .filter(guest_contacts::guest_id.eq(guest_id))
        .filter(guest_contacts::kind.eq("email"))
        .filter(guest_contacts::folded.eq(email.folded()))
        .filter(guest_contacts::masked.eq(false));
    let masked = diesel::update(told)
        .set(guest_contacts::masked.eq(true))
        .execute(conn)?;
    if masked > 0 {
        profile::rekey(conn, guest_id)?;
    }
    Ok(masked > 0)
}

fn wish(
    conn: &mut Conn,
    context: &Context,
    guest_id: i64,
    wishes: &[Wish],
    reference: &Reference,
    done: &mut Done,
) -> QueryResult<bool> {
    let key = guest_id.to_string();
    let mut rows: Vec<Row> = Vec::new();
    for wish in wishes {
        let house = wish.property.as_deref();
        let property_id = house
            .and_then(|code| reference.by_code(code))
            .map(|house| house.id);
        if property_id.is_none()
            && let Some(code) = house
        {
            done.ignored.push(format!(
                "preference '{}': '{code}' is no house of ours",
                wish.code
            ));
            continue;
        }
        if rows
            .iter()
            .any(|row| row.code == wish.code && row.property_id == property_id)
        {
            continue;
        }
        rows.push(Row {
            guest_id: key.clone(),
            code: wish.code.to_owned(),
            strength: Some(wish.strength),
            source: Evidence::Imported,
            property_id,
            noted_on: None,
            note: wish
                .note
                .as_ref()
                .map(|note| note.chars().take(2_000).collect()),
        });
    }
    if rows.is_empty() {
        return Ok(false);
    }
    preferences::tell(conn, context, &HashMap::from([(key, guest_id)]), &rows)
}

/// Joins a profile to the one its source has joined it to; the merge made. What was joined here before is not joined
/// again: whoever has undone it knew better. Call it inside a write transaction, when all profiles of the call are there.
pub fn join(conn: &mut Conn, context: &Context, done: &mut Done) -> Result<Option<Pair>, Trouble> {
    let (Some((guest_id, _)), Some(into)) = (done.guest, done.merged_into.take()) else {
        return Ok(None);
    };
    let target = guest_ids(conn, &context.source, std::iter::once(into.as_str()))?;
    let Some(other_id) = target
        .get(&into)
        .copied()
        .filter(|other| *other != guest_id)
    else {
        done.ignored.push(format!(
            "MergeTargetId: '{into}' is not known yet; send this again after it"
        ));
        return Ok(None);
    };
    let pair = Pair { guest_id, other_id };
    let both = [guest_id, other_id];
    let before: i64 = merges::table
        .filter(
            merges::guest_id
                .eq_any(both)
                .and(merges::other_id.eq_any(both)),
        )
        .count()
        .get_result(conn)?;
    if before > 0 {
        return Ok(None);
    }
    match merging::merge(conn, pair, Source::Booking, Some("merged_at_source"), None) {
        Ok(_) => Ok(Some(pair)),
        Err(fault) => {
            done.ignored
                .push(format!("MergeTargetId: {}", refusal(fault)?));
            Ok(None)
        }
    }
}
