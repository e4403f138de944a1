//! Links that only we can make: signed with the installation's key, so that nobody guesses another guest's.

use chrono::{Days, NaiveDateTime};

use super::settings::Settings;
use crate::secret::{self, Keys};

/// How long a link to what is known about a guest is good.
const GOOD_FOR: Days = Days::new(60);

/// What a link lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Stop the letters, and take them up again. It never expires: an old letter must be one to stop by.
    Unsubscribe,
    /// See what is known about them, and put it right. It expires.
    Me,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Unsubscribe => "unsubscribe",
            Self::Me => "me",
        }
    }
}

/// The token of a letter.
pub fn token(keys: &Keys, purpose: Purpose, public_id: &str) -> String {
    format!("{public_id}.{}", keys.link(purpose.as_str(), public_id))
}

/// Whose token it is; none where we did not make it.
pub fn read<'a>(keys: &Keys, purpose: Purpose, token: &'a str) -> Option<&'a str> {
    let (public_id, signature) = token.split_once('.')?;
    secret::same(&keys.link(purpose.as_str(), public_id), signature).then_some(public_id)
}

/// The token of a letter that is good until a moment.
pub fn token_until(keys: &Keys, purpose: Purpose, public_id: &str, until: NaiveDateTime) -> String {
    let about = format!("{public_id}~{:x}", until.and_utc().timestamp());
    token(keys, purpose, &about)
}

/// Whose token it is, while it is good.
pub fn read_until<'a>(
    keys: &Keys,
    purpose: Purpose,
    token: &'a str,
    now: NaiveDateTime,
) -> Option<&'a str> {
    let (public_id, until) = read(keys, purpose, token)?.split_once('~')?;
    let until = i64::from_str_radix(until, 16).ok()?;
    (now.and_utc().timestamp() < until).then_some(public_id)
}

/// Where letters lead, and whom they come from.
#[derive(Clone, Debug)]
pub struct House {
    /// The address of this installation, without a slash at its end.
    pub base_url: String,
    /// The mailbox letters come from.
    pub from: String,
}

impl House {
    /// Where somebody unsubscribes from a letter.
    pub fn unsubscribe(&self, keys: &Keys, public_id: &str) -> String {
        let token = token(keys, Purpose::Unsubscribe, public_id);
        format!("{}/unsubscribe/{token}", self.base_url)
    }

    /// Where a guest sees what is known about them.
    pub fn me(&self, keys: &Keys, public_id: &str, now: NaiveDateTime) -> String {
        let until = now.checked_add_days(GOOD_FOR).unwrap_or(now);
        let token = token_until(keys, Purpose::Me, public_id, until);
        format!("{}/me/{token}", self.base_url)
    }

    /// Where answers go.
    pub fn reply_to<'a>(&'a self, settings: &'a Settings) -> &'a str {
        if settings.reply_to.is_empty() {
            &self.from
        } else {
            &settings.reply_to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_ours_or_nothing() {
        let keys = Keys::from_hex(&Keys::generate_hex()).unwrap();
        let ours = token(&keys, Purpose::Unsubscribe, "one");
        assert_eq!(read(&keys, Purpose::Unsubscribe, &ours), Some("one"));
        let (_, signature) = ours.split_once('.').unwrap();
        for forged in [
            "one",
            "one.",
            &format!("two.{signature}"),
            &ours[..ours.len() - 1],
            "",
        ] {
            assert_eq!(read(&keys, Purpose::Unsubscribe, forged), None, "{forged}");
        }
        let now = NaiveDateTime::default();
        let until = now + chrono::TimeDelta::days(1);
        let dated = token_until(&keys, Purpose::Me, "one", until);
        assert_eq!(read_until(&keys, Purpose::Me, &dated, now), Some("one"));
        assert_eq!(read_until(&keys, Purpose::Me, &dated, until), None);
        assert_eq!(read_until(&keys, Purpose::Me, &ours, now), None);
        assert_eq!(
            read(&keys, Purpose::Unsubscribe, &dated),
            None,
            "for another purpose"
        );
        let others = Keys::from_hex(&Keys::generate_hex()).unwrap();
        assert_eq!(read(&others, Purpose::Unsubscribe, &ours), None);
    }
}
