//! How long work shows itself: a bar on a terminal, a plain line every few seconds otherwise.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const BETWEEN_LINES: Duration = Duration::from_secs(3);

/// Progress of one piece of work.
pub struct Shown {
    bar: Option<ProgressBar>,
    total: Option<u64>,
    unit: &'static str,
    note: String,
    last: Instant,
}

impl Shown {
    /// Starts showing; `total` is what [`Shown::at`] will reach, where that is known.
    pub fn new(total: Option<u64>, unit: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = match total {
                Some(total) => ProgressBar::new(total),
                None => ProgressBar::new_spinner(),
            };
            let style = ProgressStyle::with_template("{bar:40} {percent}% {msg} [{elapsed}]");
            if let (Ok(style), Some(_)) = (style, total) {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            total,
            unit,
            note: String::new(),
            last: Instant::now(),
        }
    }

    /// What else is told from now on, beside the count.
    pub fn note(&mut self, note: String) {
        self.note = note;
    }

    /// The work has come to `position` of the total, having done `count` units.
    pub fn at(&mut self, position: u64, count: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
            bar.set_message(format!("{count} {}{}", self.unit, self.beside()));
        } else if self.last.elapsed() >= BETWEEN_LINES {
            self.last = Instant::now();
            match self.total.filter(|total| *total > 0) {
                Some(total) => eprintln!(
                    "{count} {} ({}%){}",
                    self.unit,
                    (position * 100 / total).min(100),
                    self.beside()
                ),
                None => eprintln!("{count} {}{}", self.unit, self.beside()),
            }
        }
    }

    fn beside(&self) -> String {
        if self.note.is_empty() {
            String::new()
        } else {
            format!(", {}", self.note)
        }
    }

    /// Takes the bar away.
    pub fn done(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
