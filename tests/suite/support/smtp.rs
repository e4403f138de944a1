//! A mail server: a real one on loopback, which takes, delays, refuses and breaks off as it is told.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What happens to a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is taken.
    Take,
    /// It is taken after a while.
    Delay(Duration),
    /// The address is refused with this answer.
    RefuseAddress(&'static str),
    /// The letter is refused with this answer, after its text.
    RefuseText(&'static str),
    /// The line breaks in the middle of the text.
    CutText,
    /// It is taken, and the line breaks before anybody is told.
    TakeAndCut,
}

/// A letter that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    pub from: String,
    pub to: String,
    pub text: String,
}

impl Taken {
    /// A header, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next()?;
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let line = unfolded.split("\r\n").find(|line| {
            line.split_once(':')
                .is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
        })?;
        Some(line.split_once(':')?.1.trim().to_owned())
    }
}

#[derive(Default)]
struct State {
    fates: VecDeque<Fate>,
    always: Option<Fate>,
    taken: Vec<Taken>,
    lines: usize,
    /// Whether it asks for one command at a time.
    is_plain: bool,
    /// Commands that came before the answer to the one before.
    ahead: usize,
}

/// The server; its threads end with the test's process.
#[derive(Clone)]
pub struct Smtp {
    pub address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Smtp {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new((Mutex::new(State::default()), Condvar::new()));
        let theirs = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&theirs);
                state.0.lock().unwrap().lines += 1;
                // A sender that was killed leaves a broken line.
                thread::spawn(move || drop(serve(&stream.unwrap(), &state)));
            }
        });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// What happens to the next letters; those after them are taken.
    pub fn next(&self, fates: impl IntoIterator<Item = Fate>) {
        self.state.0.lock().unwrap().fates.extend(fates);
    }

    /// What happens to all letters, until told otherwise.
    pub fn always(&self, fate: Option<Fate>) {
        self.state.0.lock().unwrap().always = fate;
    }

    /// The letters that were taken, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.0.lock().unwrap().taken.clone()
    }

    /// One command at a time from here on, on new lines: no PIPELINING.
    pub fn one_at_a_time(&self) {
        self.state.0.lock().unwrap().is_plain = true;
    }

    /// How many commands came before the answer to the one before.
    pub fn ahead(&self) -> usize {
        self.state.0.lock().unwrap().ahead
    }

    /// How many lines were opened.
    pub fn lines(&self) -> usize {
        self.state.0.lock().unwrap().lines
    }

    /// Waits until so many letters were taken; how many were when the time was over.
    pub fn until_taken(&self, count: usize, patience: Duration) -> usize {
        let end = Instant::now() + patience;
        let mut state = self.state.0.lock().unwrap();
        while state.taken.len() < count {
            let Some(left) = end.checked_duration_since(Instant::now()) else {
                break;
            };
            state = self.state.1.wait_timeout(state, left).unwrap().0;
        }
        state.taken.len()
    }
}

fn serve(stream: &TcpStream, state: &(Mutex<State>, Condvar)) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut say = |text: &str| writer.write_all(format!("{text}\r\n").as_bytes());
    say("220 test ESMTP")?;
    let (mut from, mut to, mut fate) = (String::new(), String::new(), Fate::Take);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        state.0.lock().unwrap().ahead += usize::from(!reader.buffer().is_empty());
        let line = line.trim_end();
        let verb = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        match verb.as_str() {
            "EHLO" => {
                say("250-test")?;
                if !state.0.lock().unwrap().is_plain {
                    say("250-PIPELINING")?;
                }
                say("250-8BITMIME\r\n250 SMTPUTF8")?;
            }
            "MAIL" => {
                from = inside(line);
                say("250 2.1.0 sender ok")?;
            }
            "RCPT" => {
                to = inside(line);
                fate = {
                    let mut state = state.0.lock().unwrap();
                    let always = state.always.clone();
                    always
                        .or_else(|| state.fates.pop_front())
                        .unwrap_or(Fate::Take)
                };
                match fate {
                    Fate::RefuseAddress(answer) => say(answer)?,
                    _ => say("250 2.1.5 recipient ok")?,
                }
            }
            "DATA" => {
                say("354 go on")?;
                let Some(text) = text(&mut reader, fate == Fate::CutText)? else {
                    return Ok(());
                };
                if let Fate::RefuseText(answer) = fate {
                    say(answer)?;
                    continue;
                }
                if let Fate::Delay(time) = fate {
                    thread::sleep(time);
                }
                let count = {
                    let mut held = state.0.lock().unwrap();
                    held.taken.push(Taken {
                        from: from.clone(),
                        to: to.clone(),
                        text,
                    });
                    state.1.notify_all();
                    held.taken.len()
                };
                if fate == Fate::TakeAndCut {
                    return Ok(());
                }
                say(&format!("250 2.0.0 taken as {count}"))?;
            }
            "RSET" | "NOOP" => say("250 2.0.0 ok")?,
            "QUIT" => return say("221 2.0.0 bye"),
            _ => say("502 5.5.1 what?")?,
        }
    }
}

/// What stands in the angle brackets.
fn inside(line: &str) -> String {
    let address = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    address.map_or("", |(address, _)| address).to_owned()
}

/// Reads a text up to its dot; none where the line ends, or is to break in the middle.
fn text(reader: &mut impl BufRead, is_cut: bool) -> std::io::Result<Option<String>> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || (is_cut && text.len() > 200) {
            return Ok(None);
        }
        if line == ".\r\n" {
            return Ok(Some(text));
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
