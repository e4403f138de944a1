//! A profile as a program gives it: a row of the guests file, in JSON.

use super::guests;
use super::object::{COUNTRY, EMAIL, Field, LANGUAGE, Object, PHONE, Rule};
use crate::error::Rejection;
use crate::guests::profile::NewProfile;
use crate::stays::reservation::Context;

macro_rules! fields {
    ($($first:expr),+ ; $($more:expr),+ $(,)?) => {
        /// The fields of a new profile.
        pub const FIELDS: &[Field] = &[GUEST_ID, $($first),+];
        /// The fields of a change to a profile.
        pub const CHANGES: &[Field] = &[$($first),+, $($more),+];
    };
}

const GUEST_ID: Field =
    Field::text("guest_id", "The guest's key with this source.", "").rule(Rule::Longest(64));

fields! {
    Field::text("given_name", "As the guest writes it.", "Ingrid"),
    Field::text("family_name", "As the guest writes it.", "Solheim"),
    Field::text("native_name", "The whole name in its own script.", ""),
    Field::text("salutation", "Mr, Ms, Dr, 女士, …", "Ms"),
    Field::text("gender", "Where it is known.", "female")
        .rule(Rule::OneOf(|| vec!["female", "male", "other"])),
    Field::date("birth_date", "Day of birth.", "1984-05-17"),
    Field::text("email", "Added to those that are known.", "ingrid.solheim@example.com")
        .like(EMAIL),
    Field::text("phone", "Added to those that are known; with its country code.", "+47 22 12 34 56")
        .like(PHONE),
    Field::text("country", "ISO 3166-1.", "NO").like(COUNTRY),
    Field::text("city", "Of the address.", "Oslo"),
    Field::text("postal_code", "Of the address.", "0150"),
    Field::text("street", "Of the address.", "Kongens gate 4"),
    Field::text("company", "Who the guest travels for.", "Nordlys AS"),
    Field::text("language", "BCP 47.", "nb").like(LANGUAGE),
    Field::text("document_number", "Sealed when stored; no call reads it.", "P1234567"),
    Field::text("loyalty_number", "Enrols the guest; a number that is another's is refused.", "")
        .rule(Rule::Longest(64)),
    Field::whole("vip_level", "1 is the highest.", "3").rule(Rule::Between(1, 9)),
    Field::text("note", "A note of the front desk.", "Writes about lighthouses.").rule(Rule::Lines(2_000)),
    Field::flag("email_consent", "May we write, with greetings and offers?", "yes");
    Field::texts(
        "remove_contacts",
        "E-mail addresses and phone numbers of this profile that are no longer the guest's.",
        "",
    ),
}

/// Reads a profile as a program gives it.
pub fn read(object: &Object, context: &Context) -> Result<NewProfile, Rejection> {
    guests::read(object.cells(), context)
}
