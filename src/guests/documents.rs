//! Identity documents: the number is sealed, and found by a keyed hash of it.

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
