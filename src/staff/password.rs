//! Passwords: argon2id, 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

/// Fewest characters of a password (NIST SP 800-63B: length counts, composition rules do not).
pub const MIN_LENGTH: usize = 10;
/// Most characters, so that hashing has a bound.
pub const MAX_LENGTH: usize = 256;

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Checks the length of a new password; the error says what would be right.
pub fn check(password: &str) -> Result<(), String> {
    match password.chars().count() {
        n if n < MIN_LENGTH => Err(format!(
            "the password has {n} characters; it needs at least {MIN_LENGTH}"
        )),
        n if n > MAX_LENGTH => Err(format!(
            "the password has {n} characters; at most {MAX_LENGTH} are allowed"
        )),
        _ => Ok(()),
    }
}

/// Hashes a password with a fresh salt. Slow on purpose: not for a web worker.
pub fn hash(password: &str) -> Result<String, String> {
    argon2()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| format!("password hashing failed: {error}"))
}

/// Whether a password is the one that was hashed. Without a hash (no such account) it takes as long and says no.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    /// Of a random password nobody knows.
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcA$4JkYTk8HhlK1vUeb7oZk7zDk7BLXQxyO9aTQ9D4IfZs";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else {
        return false;
    };
    argon2()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok()
        && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_account_takes_the_same_path() {
        let stored = hash("correct horse").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse", Some(&stored)));
        assert!(!verify("wrong horse", Some(&stored)));
        assert!(!verify("correct horse", None));
        assert!(check("short").unwrap_err().contains("5 characters"));
    }
}
