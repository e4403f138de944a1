//! Identity documents: the number is sealed, and found by a keyed hash of it.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::guest_documents;
use crate::secret::Keys;

/// A document's number ready to be stored.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The number as given, readable with the installation's key alone.
    pub number: Vec<u8>,
    /// The keyed hash of the folded number.
    pub hash: Vec<u8>,
}

/// Seals a number for a guest's `guest_documents` row.
pub fn seal(keys: &Keys, guest_id: i64, number: &str) -> Sealed {
    let hash = lookup(keys, number);
    Sealed {
        number: keys.seal(&place(guest_id, &hash), number),
        hash,
    }
}

/// The number of a row; none if it was changed, moved or sealed with another key.
pub fn open(keys: &Keys, guest_id: i64, hash: &[u8], sealed: &[u8]) -> Option<String> {
    keys.open(&place(guest_id, hash), sealed)
}

/// What a number is looked up by; spaces, hyphens and case do not count.
pub fn lookup(keys: &Keys, number: &str) -> Vec<u8> {
    keys.lookup("document", &fold(number))
}

/// Seals the number a booking came with.
pub fn seal_booked(keys: &Keys, stay_id: i64, number: &str) -> Vec<u8> {
    keys.seal(&format!("stay_bookings:{stay_id}:document"), number)
}

/// The number a booking came with.
pub fn open_booked(keys: &Keys, stay_id: i64, sealed: &[u8]) -> Option<String> {
    keys.open(&format!("stay_bookings:{stay_id}:document"), sealed)
}

/// The hash stands in for the row's id, which is not known before the row is written.
fn place(guest_id: i64, hash: &[u8]) -> String {
    format!("guest_documents:{guest_id}:{}", crate::secret::hex(hash))
}

pub(crate) fn fold(number: &str) -> String {
    number
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// A document as it is listed: that it is there, not what it says.
#[derive(Clone, Debug, diesel::Queryable)]
pub struct Kept {
    /// The row.
    pub id: i64,
    /// When it was noted.
    pub created_at: NaiveDateTime,
}

/// The documents of these profiles.
pub fn of_guests(conn: &mut Conn, guest_ids: &[i64]) -> QueryResult<Vec<Kept>> {
    guest_documents::table
        .filter(guest_documents::guest_id.eq_any(guest_ids))
        .order(guest_documents::id)
        .select((guest_documents::id, guest_documents::created_at))
        .load(conn)
}

/// The number of a document of these profiles; whoever asks must put it on record.
pub fn reveal(
    conn: &mut Conn,
    keys: &Keys,
    guest_ids: &[i64],
    id: i64,
) -> QueryResult<Option<String>> {
    let row: Option<(i64, Vec<u8>, Vec<u8>)> = guest_documents::table
        .filter(
            guest_documents::id
                .eq(id)
                .and(guest_documents::guest_id.eq_any(guest_ids)),
        )
        .select((
            guest_documents::guest_id,
            guest_documents::number_hash,
            guest_documents::number_sealed,
        ))
        .first(conn)
        .optional()?;
    Ok(row.and_then(|(guest_id, hash, sealed)| open(keys, guest_id, &hash, &sealed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_opens_for_its_guest_alone_and_is_found_in_any_spelling() {
        let keys = Keys::from_hex(&Keys::generate_hex()).unwrap();
        let sealed = seal(&keys, 7, "E1234-5678");
        assert_eq!(
            open(&keys, 7, &sealed.hash, &sealed.number).as_deref(),
            Some("E1234-5678")
        );
        assert_eq!(open(&keys, 8, &sealed.hash, &sealed.number), None);
        assert_eq!(lookup(&keys, "e1234 5678"), sealed.hash);
    }
}
