//! A letter as mail: the headers that make it known, stoppable and harmless.

use std::time::SystemTime;

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::letter::{Rendered, one_line};

/// Characters of a name that are sent.
const LONGEST_NAME: usize = 120;

/// Who a letter is from and to.
#[derive(Clone, Debug)]
pub struct Addresses<'a> {
    /// The mailbox it comes from.
    pub from: &'a str,
    /// The name it comes from.
    pub sender: &'a str,
    /// Where answers go.
    pub reply_to: &'a str,
    /// The guest's address.
    pub to: &'a str,
    /// The guest's name.
    pub name: &'a str,
}

/// A letter on the wire.
#[derive(Clone, Debug)]
pub struct Wire {
    /// From and to, for the server.
    pub envelope: Envelope,
    /// The text, with its headers.
    pub text: Vec<u8>,
}

/// The identifier of a letter, to be kept: a second copy is known by it.
pub fn id(public_id: &str, from: &str) -> String {
    let domain = from
        .rsplit_once('@')
        .map_or("innkeeper.invalid", |(_, domain)| domain);
    format!("<{public_id}@{}>", ascii_domain(domain))
}

/// Puts a letter together; the error says which address can't be one.
pub fn build(
    letter: &Rendered,
    addresses: &Addresses<'_>,
    message_id: &str,
    unsubscribe: &str,
    at: SystemTime,
) -> Result<Wire, String> {
    let to = mailbox(addresses.name, addresses.to)?;
    let from = mailbox(addresses.sender, addresses.from)?;
    let mut message = Message::builder()
        .from(from)
        .to(to)
        .date(at)
        .message_id(Some(message_id.to_owned()))
        .subject(letter.subject.clone())
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("List-Unsubscribe", &format!("<{unsubscribe}>")))
        .raw_header(header(
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click",
        ));
    if addresses.reply_to != addresses.from {
        message = message.reply_to(mailbox(addresses.sender, addresses.reply_to)?);
    }
    let body = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
    let message = message
        .multipart(body)
        .map_err(|error| format!("the letter can't be put together: {error}"))?;
    Ok(Wire {
        envelope: message.envelope().clone(),
        text: message.formatted(),
    })
}

/// Whether a letter can carry this address.
pub fn can_carry(address: &str) -> bool {
    mailbox("", address).is_ok()
}

/// An address with a name. What could end a header or begin another is no part of a name.
fn mailbox(name: &str, address: &str) -> Result<Mailbox, String> {
    let (local, domain) = address
        .rsplit_once('@')
        .ok_or_else(|| format!("'{address}' is not a mail address"))?;
    let address = Address::new(local, ascii_domain(domain))
        .map_err(|error| format!("'{address}' is not a mail address: {error}"))?;
    let name: String = one_line(name).chars().take(LONGEST_NAME).collect();
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// A domain as servers know it; as it is where it can't be one.
fn ascii_domain(domain: &str) -> String {
    idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned())
}

/// A header of ours: its name is known, its value ASCII.
fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), one_line(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn built(name: &str, subject: &str) -> String {
        let letter = Rendered {
            subject: one_line(subject),
            text: "Good day.\r\n.\r\nStill here.".into(),
            html: "<p>Good day.</p>".into(),
        };
        let addresses = Addresses {
            from: "hello@riverside.example",
            sender: name,
            reply_to: "desk@riverside.example",
            to: "guest@example.com",
            name,
        };
        let id = id("0190", addresses.from);
        let at = SystemTime::UNIX_EPOCH;
        let wire = build(
            &letter,
            &addresses,
            &id,
            "https://h.example/unsubscribe/t",
            at,
        );
        String::from_utf8(wire.unwrap().text).unwrap()
    }

    #[test]
    fn a_letter_has_the_headers_it_needs() {
        let text = built("Riverside", "Happy birthday");
        for line in [
            "Message-ID: <0190@riverside.example>",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000",
            "From: Riverside <hello@riverside.example>",
            "Reply-To: Riverside <desk@riverside.example>",
            "To: Riverside <guest@example.com>",
            "Subject: Happy birthday",
            "Auto-Submitted: auto-generated",
            "List-Unsubscribe: <https://h.example/unsubscribe/t>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "MIME-Version: 1.0",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "no {line} in\n{text}"
            );
        }
    }

    #[test]
    fn an_address_of_any_script_is_written_as_servers_know_it() {
        let mailbox = mailbox("欧阳娜娜", "娜娜@例子.中国").unwrap();
        assert_eq!(mailbox.email.user(), "娜娜");
        assert_eq!(mailbox.email.domain(), "xn--fsqu00a.xn--fiqs8s");
        assert!(super::mailbox("x", "nobody").is_err());
        assert!(super::mailbox("x", "a\r\nRCPT TO:<b@c.example>@d.example").is_err());
    }

    /// Texts with all that ends a line somewhere, and what would be a header if it did.
    const NASTY: &str = "(\\PC|[\\r\\n\\t\\x00\\x{85}\\x{2028}]|Bcc: x@y\\.example){0,40}";

    proptest! {
        #[test]
        fn no_name_and_no_subject_makes_a_header(name in NASTY, subject in NASTY) {
            let text = built(&name, &subject);
            let head = text.split("\r\n\r\n").next().unwrap();
            let known = ["Message-ID", "Date", "From", "Reply-To", "To", "Subject", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"];
            for line in head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
                let name = line.split(':').next().unwrap();
                prop_assert!(known.contains(&name), "{line}");
            }
            // Not asked within the macro, which would take the braces for its own.
            let has_nul = head.contains('\0');
            prop_assert!(!has_nul);
        }
    }
}
