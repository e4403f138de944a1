//! One call to a receiver: signed, timed, not followed elsewhere, and read no further than needed.

use std::io::Read;
use std::time::Duration;

use ureq::Agent;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;

use super::address::Guard;
use crate::clock;
use crate::secret;

/// A receiver answers within this; what takes longer it does after answering.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read, and shown to an administrator.
const ANSWER: u64 = 512;
/// Bytes of an answer's headers.
const HEADERS: usize = 16 * 1024;

/// The header with the event's id: a receiver that has seen it drops the call.
pub const ID: &str = "innkeeper-event-id";
/// The header with the moment of the call, in seconds since 1970.
pub const TIMESTAMP: &str = "innkeeper-timestamp";
/// The header with the signature.
pub const SIGNATURE: &str = "innkeeper-signature";

/// Calls receivers.
pub struct Sender {
    guarded: Agent,
    open: Agent,
}

/// What became of a call.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The status answered; none where there was no answer.
    pub status: Option<u16>,
    /// The beginning of the answer, or why there was none.
    pub answer: String,
}

impl Outcome {
    /// The receiver has it.
    pub fn is_taken(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// It is not this event's fault: nothing will be taken now.
    pub fn is_down(&self) -> bool {
        self.status
            .is_none_or(|status| status >= 500 || status == 408 || status == 429)
    }

    /// In words, for the page of settings.
    pub fn shown(&self) -> String {
        match self.status {
            Some(status) => format!("{status} {}", self.answer).trim().to_owned(),
            None => self.answer.clone(),
        }
    }
}

impl Default for Sender {
    fn default() -> Self {
        let agent = |resolver: Option<Guard<DefaultResolver>>| {
            let config = Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .timeout_global(Some(PATIENCE))
                .max_response_header_size(HEADERS)
                // A proxy would look names up itself, behind the guard's back.
                .proxy(None)
                .user_agent(concat!("Innkeeper/", env!("CARGO_PKG_VERSION")))
                .build();
            let connector = DefaultConnector::default();
            match resolver {
                Some(guard) => Agent::with_parts(config, connector, guard),
                None => Agent::with_parts(config, connector, DefaultResolver::default()),
            }
        };
        Self {
            guarded: agent(Some(Guard(DefaultResolver::default()))),
            open: agent(None),
        }
    }
}

impl Sender {
    /// Sends an event, signed with a receiver's secret.
    pub fn send(
        &self,
        url: &str,
        allows_private: bool,
        secret: &str,
        id: &str,
        body: &str,
    ) -> Outcome {
        let agent = if allows_private {
            &self.open
        } else {
            &self.guarded
        };
        let timestamp = clock::now().and_utc().timestamp();
        let answered = agent
            .post(url)
            .header("content-type", "application/json")
            .header(ID, id)
            .header(TIMESTAMP, timestamp.to_string())
            .header(SIGNATURE, signature(secret, timestamp, body))
            .send(body);
        match answered {
            Err(error) => Outcome {
                status: None,
                answer: error.to_string(),
            },
            Ok(mut response) => {
                let mut bytes = Vec::new();
                let body = response.body_mut().as_reader();
                // What broke off is shown as far as it came: the status has said what counts.
                let _ = body.take(ANSWER).read_to_end(&mut bytes);
                Outcome {
                    status: Some(response.status().as_u16()),
                    answer: plain(&String::from_utf8_lossy(&bytes)),
                }
            }
        }
    }
}

/// `v1=` and the HMAC-SHA-256, in hex, of timestamp, dot and body.
pub fn signature(secret: &str, timestamp: i64, body: &str) -> String {
    let timestamp = timestamp.to_string();
    let parts = [timestamp.as_bytes(), b".", body.as_bytes()];
    format!(
        "v1={}",
        secret::hex(&secret::mac(secret.as_bytes(), &parts))
    )
}

/// One line, without what a terminal or a page could take for more than text.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_the_documents_verify() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test
        let signed = signature("whsec_test", 1_700_000_000, "{}");
        let known = "35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91";
        assert_eq!(signed, format!("v1={known}"));
        assert_ne!(signed, signature("whsec_test", 1_700_000_001, "{}"));
        assert_ne!(signed, signature("whsec_other", 1_700_000_000, "{}"));
    }
}
