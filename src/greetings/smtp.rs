//! The mail server: where it is, how a line to it is opened, and one letter's conversation over it.

use std::cell::Cell;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::timeout;
use ureq::http::Uri;

use super::message::Wire;
use super::tls::Sealed;

/// How long a server may take to take a line, and to answer a command.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it may take to store a letter (RFC 5321, 4.5.3.2.6).
const PATIENCE_FOR_TEXT: Duration = Duration::from_mins(10);

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
    pub async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let opened = timeout(PATIENCE, self.open()).await;
        let mut line = opened.map_err(|_| format!("{} did not answer in time", self.host))??;
        if let Some(credentials) = &self.credentials {
            if !self.is_implicit && !line.is_encrypted() && !self.is_here() {
                line.abort().await;
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
        Ok(line)
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, String> {
        let said = |error: Error| format!("{}: {}", self.host, told(&error));
        let hello = ClientId::default();
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|error| format!("{}:{}: {error}", self.host, self.port))?;
        // lettre leaves this off, and then each small write waits for the acknowledgement of the one before.
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        let stream: Box<dyn AsyncTokioStream> = if self.is_implicit {
            let sealed = Sealed::over(stream, &self.host).await;
            Box::new(sealed.map_err(|error| format!("{}: {error}", self.host))?)
        } else {
            Box::new(stream)
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
    /// The letter was not handed over: it is another's by now.
    NotOurs,
}

/// One letter's conversation.
pub struct Conversation<'a> {
    line: &'a mut AsyncSmtpConnection,
    /// What both sides said.
    pub said: String,
    /// Whether the line can carry another letter.
    pub is_open: bool,
}

impl<'a> Conversation<'a> {
    /// About to begin.
    pub fn new(line: &'a mut AsyncSmtpConnection) -> Self {
        Self {
            line,
            said: String::new(),
            is_open: true,
        }
    }

    /// Hands a letter over. `commit` is asked right before the text may go out, and must say that this is on record.
    pub async fn hand_over(&mut self, wire: &Wire, commit: impl Future<Output = bool>) -> Outcome {
        let mut parameters = Vec::new();
        let envelope = &wire.envelope;
        let mut addresses = envelope.to().iter().chain(envelope.from());
        if addresses.any(|address| !address.to_string().is_ascii()) {
            if !self
                .line
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                self.note("the server takes no addresses in this script (SMTPUTF8)");
                return Outcome::NoSuchAddress;
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !wire.text.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let mail = Mail::new(wire.envelope.from().cloned(), parameters);
        if let Err(outcome) = self.ask(mail, Outcome::Bounced).await {
            return outcome;
        }
        for to in wire.envelope.to() {
            if let Err(outcome) = self
                .ask(Rcpt::new(to.clone(), Vec::new()), Outcome::NoSuchAddress)
                .await
            {
                return outcome;
            }
        }
        if !commit.await {
            self.is_open = false;
            return Outcome::NotOurs;
        }
        if let Err(outcome) = self.ask(Data, Outcome::Bounced).await {
            return outcome;
        }
        self.text(&wire.text).await
    }

    /// Sends the text and waits for the answer that makes it the server's.
    async fn text(&mut self, text: &[u8]) -> Outcome {
        let is_through = Cell::new(false);
        // Asked for what follows the text, it is out but for the dot: from there on the server may have it.
        let parts = [text].into_iter().chain(std::iter::from_fn(|| {
            is_through.set(true);
            None
        }));
        self.note(&format!("> ({} bytes)", text.len()));
        match timeout(PATIENCE_FOR_TEXT, self.line.message_iter(parts)).await {
            Ok(Ok(response)) => {
                self.answered(&response);
                Outcome::Sent
            }
            Ok(Err(error)) => {
                self.note(&format!("< {}", told(&error)));
                match error.status() {
                    Some(_) => self.refused(&error, Outcome::Bounced),
                    None if is_through.get() => self.broken(Outcome::Uncertain),
                    None => self.broken(Outcome::Deferred),
                }
            }
            Err(_) => {
                self.note("< no answer in time");
                self.broken(Outcome::Uncertain)
            }
        }
    }

    async fn ask(
        &mut self,
        command: impl std::fmt::Display,
        if_never: Outcome,
    ) -> Result<(), Outcome> {
        self.note(&format!("> {}", command.to_string().trim_end()));
        match timeout(PATIENCE, self.line.command(command)).await {
            Ok(Ok(response)) => {
                self.answered(&response);
                Ok(())
            }
            Ok(Err(error)) => {
                self.note(&format!("< {}", told(&error)));
                Err(if error.status().is_some() {
                    self.refused(&error, if_never)
                } else {
                    self.broken(Outcome::Deferred)
                })
            }
            Err(_) => {
                self.note("< no answer in time");
                Err(self.broken(Outcome::Deferred))
            }
        }
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

/// Whether a refusal says that there is no such mailbox: not that it is full, nor that we may not send (RFC 3463, X.7):
/// a server set up wrongly must not mark every address of the house.
fn is_about_address(error: &Error) -> bool {
    let code = error
        .status()
        .map(|code| code.to_string())
        .unwrap_or_default();
    matches!(code.as_str(), "550" | "551" | "553") && !error.to_string().contains("5.7.")
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
