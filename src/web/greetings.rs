//! `/greetings`: tonight's letters, what became of each, and what switches them off.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::form::Form;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::clock;
use crate::greetings::letter::{self, Facts, Links};
use crate::greetings::list::{self, Attempt, Row};
use crate::greetings::nightly;
use crate::greetings::outbox::{self, Recalled};
use crate::greetings::plan::WhyNot;
use crate::greetings::report::{self, Effect, Share};
use crate::greetings::runs::Run;
use crate::greetings::settings::Settings;
use crate::greetings::{Occasion, State};
use crate::words::Message;

const PATH: &str = "/greetings";
/// Letters on the page.
const LISTED: i64 = 200;

#[derive(Template)]
#[template(path = "greetings.html")]
struct GreetingsPage {
    page: Arc<Page>,
    settings: Settings,
    /// Whether there is a server to send with.
    sends: bool,
    rows: Vec<Row>,
    doubtful: Vec<Row>,
    run: Option<Run>,
    refused: Vec<(WhyNot, i64)>,
    counts: Vec<(State, i64)>,
    unsubscribed: i64,
    effect: Effect,
}

impl GreetingsPage {
    fn occasions(&self) -> &'static [Occasion] {
        Occasion::ALL
    }

    fn is_paused(&self, occasion: &Occasion) -> bool {
        self.settings.paused_occasions.contains(occasion)
    }

    /// When a letter leaves or left, on the house's clock.
    fn time(&self, row: &Row) -> String {
        let at = row.sent_at.unwrap_or(row.next_try_at);
        let house = self.page.property.as_ref();
        house
            .map_or(at, |house| house.local(at))
            .format("%H:%M")
            .to_string()
    }

    fn greeted(&self) -> String {
        told(self.effect.greeted)
    }

    fn held_back(&self) -> String {
        told(self.effect.held_back)
    }

    fn number(&self, number: &i64) -> String {
        self.page.words.number(number)
    }

    /// What the comparison says, in words.
    fn verdict(&self) -> String {
        let points = |share: f64| format!("{:+.1}", share * 100.0);
        match self.effect.difference() {
            None => self.page.say("greetings-effect-none").to_owned(),
            Some((difference, low, high)) => self.page.words.tell(
                &Message::new("greetings-effect")
                    .text("difference", points(difference))
                    .text("low", points(low))
                    .text("high", points(high)),
            ),
        }
    }
}

/// "12.5 % (5/40)".
fn told(share: Share) -> String {
    format!("{:.1} % ({}/{})", share.rate() * 100.0, share.had, share.of)
}

/// `GET /greetings`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let house = view.house()?.clone();
        let day = view.page.date;
        let settings = Settings::load(view.conn)?;
        let own = [house.id];
        let since = view.page.today - report::DAYS;
        let run = Run::of_day(view.conn, &own, day)?.pop();
        let page = GreetingsPage {
            page: Arc::clone(&view.page),
            sends: nightly::sends(),
            rows: list::of_day(view.conn, house.id, day, LISTED)?,
            doubtful: list::in_doubt(view.conn, house.id, LISTED)?,
            refused: run
                .as_ref()
                .map(|run| run.refused().into_iter().collect())
                .unwrap_or_default(),
            run,
            counts: report::by_state(view.conn, &own, since)?,
            unsubscribed: report::unsubscribed(view.conn, since)?,
            effect: report::effect(view.conn, &own, view.page.today, settings.window_days)?,
            settings,
        };
        let line = view.line("list_letters").detail(house.code.as_str());
        Ok(Answer::page(&page)?.look(line))
    })
    .await
}

/// What is switched.
#[derive(Deserialize)]
pub struct Switch {
    /// An occasion; none is all letters.
    #[serde(default)]
    occasion: String,
    #[serde(default)]
    off: String,
}

/// `POST /greetings/pause`
pub async fn pause(desk: Desk, form: Form<Switch>) -> HttpResponse {
    desk.act(form, PATH.into(), |view, switch| {
        let mut settings = Settings::load(view.conn)?;
        let is_off = switch.off == "yes";
        let what = if switch.occasion.is_empty() {
            settings.paused = is_off;
            None
        } else {
            let unknown = |_| AppError::BadForm("error-form-unreadable");
            let occasion: Occasion = switch.occasion.parse().map_err(unknown)?;
            settings
                .paused_occasions
                .retain(|paused| *paused != occasion);
            settings.paused_occasions.extend(is_off.then_some(occasion));
            Some(occasion)
        };
        settings.save(view.conn)?;
        if is_off {
            outbox::recall(view.conn, Recalled::Occasion(what))?;
        }
        let name = what.map_or("all", Occasion::as_str);
        let detail = if is_off {
            format!("{name}: off")
        } else {
            format!("{name}: on")
        };
        view.line("pause_letters")
            .detail(detail)
            .insert(view.conn)?;
        let name = match what {
            Some(occasion) => view.words().code("occasion-name", occasion),
            None => view.words().say("greetings-all").to_owned(),
        };
        let said = if is_off {
            "greetings-paused"
        } else {
            "greetings-goes-on"
        };
        Ok(Answer::see(PATH).say(view.words(), &Message::new(said).text("text", name)))
    })
    .await
}

#[derive(Template)]
#[template(path = "greeting.html")]
struct LetterPage {
    page: Arc<Page>,
    row: Row,
    attempts: Vec<Attempt>,
    subject: String,
    text: String,
}

impl LetterPage {
    fn moment(&self, at: &chrono::NaiveDateTime) -> String {
        let house = self.page.property.as_ref();
        let local = house.map_or(*at, |house| house.local(*at));
        format!(
            "{} {}",
            self.page.words.date(local.date()),
            local.format("%H:%M:%S")
        )
    }
}

/// `GET /greetings/letters/{id}`
pub async fn letter(desk: Desk, id: web::Path<String>) -> HttpResponse {
    desk.page(move |view| {
        let row = find(view, &id)?;
        let settings = Settings::load(view.conn)?;
        let facts: Facts = serde_json::from_str(&row.facts).unwrap_or_default();
        let links = Links {
            unsubscribe: view.words().say("greetings-link").to_owned(),
            me: view.words().say("greetings-link").to_owned(),
        };
        let rendered = letter::render(row.occasion, row.language, &facts, &settings, &links)?;
        let line = view
            .line("read_letter")
            .guest(row.guest_id)
            .detail(row.public_id.as_str());
        let page = LetterPage {
            page: Arc::clone(&view.page),
            attempts: list::attempts(view.conn, row.id)?,
            row,
            subject: rendered.subject,
            text: rendered.text,
        };
        Ok(Answer::page(&page)?.look(line))
    })
    .await
}

/// A letter of a house the clerk's rights hold for.
fn find(view: &mut View<'_>, id: &str) -> Result<Row, AppError> {
    let row = list::by_public_id(view.conn, id)?.ok_or(AppError::NotFound)?;
    view.in_house(row.property_id)?;
    Ok(row)
}

/// What a person knows about a letter that nobody else knows about.
#[derive(Deserialize)]
pub struct Decided {
    #[serde(default)]
    answer: String,
    /// Where several are decided: those that were shown.
    #[serde(default)]
    letter: Vec<String>,
}

impl Decided {
    fn arrived(&self) -> bool {
        self.answer == "arrived"
    }

    fn told(&self) -> &'static str {
        if self.arrived() { "arrived" } else { "again" }
    }
}

/// `POST /greetings/doubtful`: the same of all letters in doubt that were shown.
pub async fn decide_all(desk: Desk, form: Form<Decided>) -> HttpResponse {
    desk.act(form, PATH.into(), |view, decided| {
        let house = view.house()?.clone();
        let mut rows = list::in_doubt(view.conn, house.id, LISTED)?;
        rows.retain(|row| decided.letter.contains(&row.public_id));
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let count = list::decide(view.conn, &ids, decided.arrived(), clock::now())?;
        for row in &rows {
            let detail = format!("{}: {}", row.public_id, decided.told());
            view.line("decide_letter")
                .guest(row.guest_id)
                .detail(detail)
                .insert(view.conn)?;
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let said = Message::new("greetings-decided-all").number("count", count);
        Ok(Answer::see(PATH).say(view.words(), &said))
    })
    .await
}

/// `POST /greetings/letters/{id}`
pub async fn decide(desk: Desk, id: web::Path<String>, form: Form<Decided>) -> HttpResponse {
    let back = format!("{PATH}/letters/{id}");
    desk.act(form, back.clone(), move |view, decided| {
        let row = find(view, &id)?;
        let arrived = decided.arrived();
        if list::decide(view.conn, &[row.id], arrived, clock::now())? == 0 {
            return Err(AppError::Refused(Message::new("refused-letter-decided")));
        }
        let detail = format!("{}: {}", row.public_id, decided.told());
        view.line("decide_letter")
            .guest(row.guest_id)
            .detail(detail)
            .insert(view.conn)?;
        let said = if arrived {
            "greetings-decided-arrived"
        } else {
            "greetings-decided-again"
        };
        Ok(Answer::see(back).say(view.words(), &Message::new(said)))
    })
    .await
}
