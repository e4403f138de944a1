//! The mail server: where it is, how a line to it is opened, and one letter's conversation over it.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::timeout;
use ureq::http::Uri;

use super::message::Wire;
use super::returned;
use super::stream::Held;

/// How long a server may take to take a line, and to answer a command.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it may take to store a letter (RFC 5321, 4.5.3.2.6).
const PATIENCE_FOR_TEXT: Duration = Duration::from_mins(10);

/// How long it may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(5);

/// A mail server.
#[derive(Clone, Debug)]
pub struct Server {
    host: String,
    port: u16,
    /// TLS from the first byte; else as soon as the server offers it.
    is_implicit: bool,
    credentials: Option<Credentials>,
}

impl Server {
    /// Reads `smtp://user:pass@host:port` or `smtps://…`; the error names the variable, never the password.
    pub fn parse(url: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("SMTP_URL: {why}; write smtp://user:password@host:port or smtps://…")
        };
        let uri: Uri = url.trim().parse().map_err(|_| wrong("is not an address"))?;
        let is_implicit = match uri.scheme_str() {
            Some("smtp") => false,
            Some("smtps") => true,
            _ => return Err(wrong("begins neither with smtp:// nor with smtps://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(wrong("names no host"));
        }
        let credentials = match authority.as_str().rsplit_once('@') {
            None => None,
            Some((user, _)) => {
                let (user, password) = user.split_once(':').unwrap_or((user, ""));
                let decoded = unescape(user).zip(unescape(password));
                let (user, password) =
                    decoded.ok_or_else(|| wrong("has a broken % in its user or password"))?;
                Some(Credentials::new(user, password))
            }
        };
        Ok(Self {
            host,
            port: authority
                .port_u16()
                .unwrap_or(if is_implicit { 465 } else { 587 }),
            is_implicit,
            credentials,
        })
    }

    /// Opens a line, encrypted where the server can, and signs in.
    pub async fn connect(&self) -> Result<Line, String> {
        let opened = timeout(PATIENCE, self.open()).await;
        let mut line = opened.map_err(|_| format!("{} did not answer in time", self.host))??;
        if let Some(credentials) = &self.credentials {
            if !self.is_implicit && !line.is_encrypted() && !self.is_here() {
                hang_up(&mut line).await;
                return Err(format!(
                    "{} offers no encryption; the password was not sent",
                    self.host
                ));
            }
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let signed_in = timeout(PATIENCE, line.auth(&mechanisms, credentials)).await;
            signed_in
                .map_err(|_| format!("{} did not answer in time", self.host))?
                .map_err(|error| format!("{} refused the sign-in: {}", self.host, told(&error)))?;
        }
        let offers = timeout(PATIENCE, line.command(Ehlo::new(ClientId::default()))).await;
        let offers = offers.map_err(|_| format!("{} did not answer in time", self.host))?;
        let pipelines =
            offers.is_ok_and(|offers| offers.message().any(|offer| offer == "PIPELINING"));
        Ok(Line {
            connection: line,
            pipelines,
        })
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, String> {
        let said = |error: Error| format!("{}: {}", self.host, told(&error));
        let hello = ClientId::default();
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|error| format!("{}:{}: {error}", self.host, self.port))?;
        let stream: Box<dyn AsyncTokioStream> = if self.is_implicit {
            let sealed = Held::sealed(stream, &self.host).await;
            Box::new(sealed.map_err(|error| format!("{}: {error}", self.host))?)
        } else {
            Box::new(Held::plain(stream).map_err(|error| error.to_string())?)
        };
        let opened = AsyncSmtpConnection::connect_with_transport(stream, &hello);
        let mut line = opened.await.map_err(said)?;
        if !self.is_implicit && line.can_starttls() && !self.is_here() {
            let tls = TlsParameters::new(self.host.clone()).map_err(said)?;
            line.starttls(tls, &hello).await.map_err(said)?;
        }
        Ok(line)
    }

    /// Whether the server is on this machine.
    fn is_here(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }
}

/// Takes `%40` for `@`.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// What became of a letter, as far as the line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server has it.
    Sent,
    /// Not now.
    Deferred,
    /// Never, because of the letter or of who sends it.
    Bounced,
    /// Never, because of the address.
    NoSuchAddress,
    /// Nobody knows: the text went out, and no answer came.
    Uncertain,
    /// The text was not to go out any more: it may be another's by now.
    NotBegun,
}

/// A command, and what it means when the server refuses it for good.
type Command = (String, Outcome);

/// A line to the server.
pub struct Line {
    connection: AsyncSmtpConnection,
    /// Whether it takes several commands before it answers (PIPELINING, RFC 2920), which lettre does not ask.
    pipelines: bool,
}

impl Line {
    /// Says goodbye, and waits no longer than is polite.
    pub async fn close(mut self) {
        hang_up(&mut self.connection).await;
    }
}

/// lettre's goodbye waits for an answer that may never come.
async fn hang_up(connection: &mut AsyncSmtpConnection) {
    let _ = timeout(GOODBYE, connection.abort()).await;
}

/// One letter's conversation.
pub struct Conversation<'a> {
    line: &'a mut Line,
    /// What both sides said.
    pub said: String,
    /// Whether the line can carry another letter.
    pub is_open: bool,
}

impl<'a> Conversation<'a> {
    /// About to begin.
    pub fn new(line: &'a mut Line) -> Self {
        Self {
            line,
            said: String::new(),
            is_open: true,
        }
    }

    /// Hands a letter over. That its text goes out is on record; `may_go` is asked right before it does.
    pub async fn hand_over(&mut self, wire: &Wire, may_go: impl Fn() -> bool) -> Outcome {
        let commands = match self.commands(wire) {
            Ok(commands) => commands,
            Err(outcome) => return outcome,
        };
        let at_once = if self.line.pipelines {
            commands.len()
        } else {
            1
        };
        for group in commands.chunks(at_once) {
            if !may_go() {
                return self.broken(Outcome::NotBegun);
            }
            if let Err(outcome) = self.ask(group).await {
                return outcome;
            }
        }
        // The answers may have taken long.
        if !may_go() {
            return self.broken(Outcome::NotBegun);
        }
        self.text(&wire.text).await
    }

    /// What is said before the text.
    fn commands(&mut self, wire: &Wire) -> Result<Vec<Command>, Outcome> {
        let mut parameters = Vec::new();
        let envelope = &wire.envelope;
        let is_foreign = |address: &Address| !address.to_string().is_ascii();
        let is_theirs = envelope.to().iter().any(is_foreign);
        if is_theirs || envelope.from().is_some_and(is_foreign) {
            let server = self.line.connection.server_info();
            if !server.supports_feature(Extension::SmtpUtfEight) {
                self.note("the server takes no addresses in this script (SMTPUTF8)");
                return Err(if is_theirs {
                    Outcome::NoSuchAddress
                } else {
                    Outcome::Bounced
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !wire.text.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let mail = Mail::new(envelope.from().cloned(), parameters);
        let mut commands = vec![(mail.to_string(), Outcome::Bounced)];
        commands.extend(envelope.to().iter().map(|to| {
            let to = Rcpt::new(to.clone(), Vec::new());
            (to.to_string(), Outcome::NoSuchAddress)
        }));
        commands.push((Data.to_string(), Outcome::Bounced));
        Ok(commands)
    }

    /// Sends the text and waits for the answer that makes it the server's.
    async fn text(&mut self, text: &[u8]) -> Outcome {
        self.note(&format!("> ({} bytes)", text.len()));
        match timeout(PATIENCE_FOR_TEXT, self.line.connection.message(text)).await {
            Ok(Ok(response)) => {
                self.answered(&response);
                Outcome::Sent
            }
            Ok(Err(error)) => {
                self.note(&format!("< {}", told(&error)));
                if error.status().is_some() {
                    self.refused(&error, Outcome::Bounced)
                } else {
                    // Text and dot went out together: the server may have it.
                    self.broken(Outcome::Uncertain)
                }
            }
            Err(_) => {
                self.note("< no answer in time");
                self.broken(Outcome::Uncertain)
            }
        }
    }

    /// Says some commands at once, and hears an answer to each.
    async fn ask(&mut self, commands: &[Command]) -> Result<(), Outcome> {
        let mut all = String::new();
        for (command, _) in commands {
            self.note(&format!("> {}", command.trim_end()));
            all.push_str(command);
        }
        let mut first = Some(all);
        for (_, if_never) in commands {
            let connection = &mut self.line.connection;
            let answer = match first.take() {
                Some(all) => timeout(PATIENCE, connection.command(all)).await,
                None => timeout(PATIENCE, connection.read_response()).await,
            };
            match answer {
                Ok(Ok(response)) => self.answered(&response),
                Ok(Err(error)) => {
                    self.note(&format!("< {}", told(&error)));
                    return Err(if error.status().is_some() {
                        self.refused(&error, *if_never)
                    } else {
                        self.broken(Outcome::Deferred)
                    });
                }
                Err(_) => {
                    self.note("< no answer in time");
                    return Err(self.broken(Outcome::Deferred));
                }
            }
        }
        Ok(())
    }

    /// What a refusal means. The transaction is over; the line is given up rather than reset.
    fn refused(&mut self, error: &Error, if_never: Outcome) -> Outcome {
        self.is_open = false;
        match if_never {
            _ if !error.is_permanent() => Outcome::Deferred,
            Outcome::NoSuchAddress if !is_about_address(error) => Outcome::Bounced,
            never => never,
        }
    }

    fn broken(&mut self, outcome: Outcome) -> Outcome {
        self.is_open = false;
        outcome
    }

    fn answered(&mut self, response: &Response) {
        let words: Vec<&str> = response.message().collect();
        self.note(&format!("< {} {}", response.code(), words.join(" / ")));
    }

    fn note(&mut self, line: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.said, "{line}");
    }
}

/// Whether a refusal says that there is no such mailbox, by its enhanced status (RFC 3463): not that it is full, nor that we
/// may not send. A server set up wrongly must not mark every address of the house.
fn is_about_address(error: &Error) -> bool {
    let text = error.to_string();
    let status = text
        .split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .find(|word| word.starts_with("5.") && word.split('.').count() == 3);
    status.is_some_and(returned::is_about_address)
}

/// An error with its causes, in one line.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            let _ = write!(text, ": {inner_text}");
        }
        cause = inner.source();
    }
    super::letter::one_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_server_is_read_and_a_wrong_one_named_without_its_password() {
        let server = Server::parse("smtp://desk%40hotel:se%3Acret@mail.example:2525").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("mail.example", 2525));
        assert_eq!(
            server.credentials,
            Some(Credentials::new("desk@hotel".into(), "se:cret".into()))
        );
        let server = Server::parse("smtps://[::1]").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("::1", 465));
        assert!(server.is_implicit && server.is_here() && server.credentials.is_none());
        for wrong in [
            "mail.example",
            "http://a:hidden@b",
            "smtp://u:hid%den@h",
            "smtp://",
        ] {
            let error = Server::parse(wrong).unwrap_err();
            assert!(
                error.starts_with("SMTP_URL: ") && !error.contains("hid"),
                "{error}"
            );
        }
    }
}
