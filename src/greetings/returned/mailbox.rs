//! What stands in a mailbox: delivery reports (RFC 3464) and feedback reports (RFC 5965) among all else that arrives there.

use std::io::BufRead;

use mail_parser::mailbox::mbox::MessageIterator;
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::{Kind, Report};
use crate::greetings::letter::one_line;

/// The letters of a mailbox file, one by one.
pub fn letters(file: impl BufRead) -> impl Iterator<Item = Result<Vec<u8>, String>> {
    MessageIterator::new(file).map(|letter| {
        let letter = letter.map_err(|error| error.to_string())?;
        Ok(letter.contents().to_vec())
    })
}

/// What one letter reports; nothing where it is no report.
pub fn read(letter: &[u8]) -> Vec<Report> {
    let Some(message) = MessageParser::default().parse(letter) else {
        return Vec::new();
    };
    let message_id = original(&message);
    message
        .parts
        .iter()
        .filter(|part| is(part, "message"))
        .flat_map(|part| {
            let text = String::from_utf8_lossy(part.contents());
            match subtype(part).as_str() {
                "delivery-status" | "global-delivery-status" => bounces(&text),
                "feedback-report" => complaint(&text).into_iter().collect(),
                _ => Vec::new(),
            }
        })
        .map(|report| match &message_id {
            Some(_) => Report {
                message_id: message_id.clone(),
                ..report
            },
            None => of_nobody(report),
        })
        .collect()
}

/// Anybody can write to a mailbox: a report that does not come with the letter it is about marks nobody.
fn of_nobody(report: Report) -> Report {
    match report.kind {
        Kind::Bounce => Report {
            status: None,
            ..report
        },
        Kind::Complaint => Report {
            address: None,
            ..report
        },
    }
}

fn is(part: &MessagePart<'_>, kind: &str) -> bool {
    part.content_type()
        .is_some_and(|found| found.ctype().eq_ignore_ascii_case(kind))
}

fn subtype(part: &MessagePart<'_>) -> String {
    let found = part.content_type().and_then(|found| found.subtype());
    found.unwrap_or_default().to_ascii_lowercase()
}

/// The `Message-ID` of the letter a report is about: it comes with the whole letter, or with its headers.
fn original(report: &Message<'_>) -> Option<String> {
    report.parts.iter().find_map(|part| {
        let id = match &part.body {
            PartType::Message(letter) => letter.message_id().map(str::to_owned),
            _ if matches!(
                subtype(part).as_str(),
                "rfc822-headers" | "global-headers" | "rfc822" | "global"
            ) =>
            {
                let headers = MessageParser::default().parse_headers(part.contents());
                headers.and_then(|letter| letter.message_id().map(str::to_owned))
            }
            _ => None,
        };
        Some(format!("<{}>", id?))
    })
}

/// The recipients a delivery report says were not reached. Its fields come in groups, the first about the letter, each other about a
/// recipient.
fn bounces(text: &str) -> Vec<Report> {
    let text = text.replace("\r\n", "\n");
    let groups = text.split("\n\n").filter_map(fields);
    groups
        .filter(|group| group("Action").is_some_and(|action| action.eq_ignore_ascii_case("failed")))
        .map(|group| {
            let to = group("Original-Recipient").or_else(|| group("Final-Recipient"));
            let status = group("Status");
            let said = group("Diagnostic-Code").map(|code| typed(&code).to_owned());
            let words = [status.clone(), said, group("Remote-MTA")];
            Report {
                kind: Kind::Bounce,
                message_id: None,
                address: to.map(|to| typed(&to).to_lowercase()),
                // Some write words after the number.
                status: status.and_then(|status| status.split(' ').next().map(str::to_owned)),
                detail: words.into_iter().flatten().collect::<Vec<_>>().join("\n"),
            }
        })
        .collect()
}

/// What a feedback report complains of. Others tell that a letter is no spam, or who fails at signing.
fn complaint(text: &str) -> Option<Report> {
    let field = fields(text)?;
    let feedback = field("Feedback-Type")?.to_ascii_lowercase();
    let to = field("Original-Rcpt-To").map(|to| to.trim_matches(['<', '>']).to_lowercase());
    let words = [
        Some(feedback.clone()),
        field("User-Agent"),
        field("Reporting-MTA"),
    ];
    matches!(
        feedback.as_str(),
        "abuse" | "fraud" | "opt-out" | "opt-out-list"
    )
    .then(|| Report {
        kind: Kind::Complaint,
        message_id: None,
        address: to,
        status: None,
        detail: words.into_iter().flatten().collect::<Vec<_>>().join("\n"),
    })
}

/// The fields of a group, which are written as headers are.
fn fields(group: &str) -> Option<impl Fn(&str) -> Option<String>> {
    let group = format!("{}\n\n", group.trim_matches('\n'));
    let fields: Vec<(String, String)> = {
        let message = MessageParser::default().parse_headers(group.as_bytes())?;
        let raw = message.headers_raw();
        raw.map(|(name, value)| (name.to_owned(), one_line(value)))
            .collect()
    };
    Some(move |name: &str| {
        let mut fields = fields.iter();
        let (_, value) = fields.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value.clone())
    })
}

/// A value without its type: `rfc822; ada@example.com`.
fn typed(value: &str) -> &str {
    let (_, value) = value.split_once(';').unwrap_or(("", value));
    value.trim().trim_matches(['<', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAILBOX: &[u8] = include_bytes!("../../../tests/fixtures/bounces.mbox");

    fn reports() -> Vec<Vec<Report>> {
        letters(MAILBOX)
            .map(|letter| read(&letter.unwrap()))
            .collect()
    }

    #[test]
    fn reports_are_found_among_other_letters() {
        let counts: Vec<usize> = reports().iter().map(Vec::len).collect();
        assert_eq!(counts, [1, 1, 2, 0, 1, 0, 0, 0]);
    }

    #[test]
    fn a_delivery_report_says_who_was_not_reached_and_why() {
        let all = reports();
        let gone = &all[0][0];
        assert_eq!(gone.kind, Kind::Bounce);
        assert_eq!(
            gone.message_id.as_deref(),
            Some("<01900000-0000-7000-8000-000000000001@hotel.example>")
        );
        assert_eq!(gone.address.as_deref(), Some("nana.ouyang@example.com"));
        assert_eq!(gone.status.as_deref(), Some("5.1.1"));
        assert!(
            gone.detail
                .contains("550 5.1.1 <nana.ouyang@example.com>: Recipient address rejected"),
            "{}",
            gone.detail
        );
        // Without the letter it is about, it can say nothing against an address.
        let unnamed = &all[1][0];
        assert_eq!((&unnamed.message_id, &unnamed.status), (&None, &None));
    }

    #[test]
    fn a_feedback_report_names_the_letter_it_complains_of() {
        let all = reports();
        let spam = &all[4][0];
        assert_eq!(spam.kind, Kind::Complaint);
        assert_eq!(
            spam.message_id.as_deref(),
            Some("<01900000-0000-7000-8000-000000000001@hotel.example>")
        );
        assert_eq!(spam.address.as_deref(), Some("nana.ouyang@example.com"));
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_arrives_breaks_the_reading(cut in 0..MAILBOX.len(), byte: u8, at in 0..MAILBOX.len()) {
            let mut mail = MAILBOX.to_vec();
            mail[at] = byte;
            mail.truncate(cut);
            letters(mail.as_slice()).for_each(|letter| drop(letter.map(|letter| read(&letter))));
            drop(read(&mail));
        }
    }
}
