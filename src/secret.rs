//! Sealing, keyed hashes and random tokens. All keys derive from one: `INNKEEPER_SECRET_KEY`.

use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Names the key that sealed a value, so that a later key can live beside it.
const KEY_ID: u8 = 1;
const NONCE: usize = 24;

/// The keys of an installation, each for one purpose.
#[derive(Clone)]
pub struct Keys {
    seal: [u8; 32],
    lookup: [u8; 32],
    form: [u8; 32],
    link: [u8; 32],
}

impl Keys {
    /// Reads the master key: 64 hex digits.
    pub fn from_hex(hex: &str) -> Result<Self, String> {
        let master = unhex(hex).filter(|key| key.len() == 32).ok_or_else(|| {
            format!(
                "INNKEEPER_SECRET_KEY: has {} characters; it must be 64 hex digits",
                hex.chars().count()
            )
        })?;
        let derive = |purpose: &[u8]| mac(&master, &[purpose]);
        Ok(Self {
            seal: derive(b"seal"),
            lookup: derive(b"lookup"),
            form: derive(b"form"),
            link: derive(b"link"),
        })
    }

    /// A new master key.
    pub fn generate_hex() -> String {
        hex(&random::<32>())
    }

    /// Seals a secret of one row: XChaCha20-Poly1305, bound to its place so that it can't be moved to another row.
    pub fn seal(&self, place: &str, secret: &str) -> Vec<u8> {
        let nonce = random::<NONCE>();
        let payload = Payload {
            msg: secret.as_bytes(),
            aad: place.as_bytes(),
        };
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .unwrap_or_default();
        [&[KEY_ID][..], &nonce, &sealed].concat()
    }

    /// Opens what [`Keys::seal`] sealed for the same place; none if it was changed or sealed with another key.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Option<String> {
        let rest = sealed.strip_prefix(&[KEY_ID])?;
        let (nonce, sealed) = rest.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let payload = Payload {
            msg: sealed,
            aad: place.as_bytes(),
        };
        let secret = self.cipher().decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(secret).ok()
    }

    /// A keyed hash to look a sealed value up by.
    pub fn lookup(&self, kind: &str, value: &str) -> Vec<u8> {
        mac(&self.lookup, &[kind.as_bytes(), b":", value.as_bytes()]).to_vec()
    }

    /// The token that forms of this session carry.
    pub fn form_token(&self, session_hash: &[u8]) -> String {
        hex(mac(&self.form, &[session_hash]).split_at(16).0)
    }

    /// The token that makes the first administrator, the same on every node.
    pub fn setup_token(&self) -> String {
        hex(&mac(&self.form, &[b"setup"]))
    }

    /// What signs a link that somebody outside holds, for one purpose.
    pub fn link(&self, purpose: &str, about: &str) -> String {
        let signature = mac(&self.link, &[purpose.as_bytes(), b":", about.as_bytes()]);
        hex(signature.split_at(16).0)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.seal.into())
    }
}

/// HMAC-SHA-256 of the parts, one after the other.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Random bytes from the system.
#[expect(
    clippy::expect_used,
    reason = "a system without randomness must not go on"
)]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random source");
    bytes
}

/// A token of 256 random bits in hex, to be shown once.
pub fn token() -> String {
    hex(&random::<32>())
}

/// What is stored of a token: enough to know it again, not to use it.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Equality that takes as long for a near miss as for a far one.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_place() {
        let keys = Keys::from_hex(&Keys::generate_hex()).unwrap();
        let sealed = keys.seal("guest_documents:1", "E12345678");
        assert_eq!(
            keys.open("guest_documents:1", &sealed).as_deref(),
            Some("E12345678")
        );
        assert_eq!(keys.open("guest_documents:2", &sealed), None);
        assert!(!String::from_utf8_lossy(&sealed).contains("E1234"));
    }

    #[test]
    fn a_short_key_is_refused_without_being_shown() {
        let error = Keys::from_hex("abc123").err().unwrap();
        assert!(error.contains("6 characters") && !error.contains("abc123"));
    }
}
