//! `/greetings/settings`: the house's voice and look, when and how many letters go out, and announced festivals.

use std::sync::Arc;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{NaiveDate, NaiveTime, TimeDelta, Timelike};
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::page::Page;
use super::{Answer, AppError, Desk, letter_preview};
use crate::error::FieldError;
use crate::greetings::Occasion;
use crate::greetings::festivals::{Announced, Festival};
use crate::greetings::letter::{Rendered, one_line};
use crate::greetings::message;
use crate::greetings::settings::{Look, Settings, Voice};
use crate::greetings::zones::DECENT;
use crate::guests::contacts::Email;
use crate::words::{Language, Message, Words};

const PATH: &str = "/greetings/settings";
/// How far an announced date lies from the computed one, in days.
const ANNOUNCED_WITHIN: i64 = 31;
/// Announced dates lie at most so many days ahead.
const AHEAD: TimeDelta = TimeDelta::days(5 * 366);

#[derive(Template)]
#[template(path = "greeting_settings.html")]
struct SettingsPage {
    page: Arc<Page>,
    typed: SettingsForm,
    announced: Vec<Announced>,
    date: DateForm,
    tried: Vec<(Language, Rendered)>,
    errors: Wrong,
}

/// Everything as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    sender: String,
    reply_to: String,
    look: Option<Look>,
    en_closing: String,
    en_signature: String,
    zh_closing: String,
    zh_signature: String,
    hour: String,
    days_before: String,
    days_after: String,
    expiry_days: String,
    least_points: String,
    miss_percent: String,
    a_month: String,
    held_back_percent: String,
    window_days: String,
    per_minute: String,
    connections: String,
    festival: Vec<Festival>,
    /// Pressed to see how letters would read, before anything is kept.
    look_first: Option<String>,
}

/// An announced date as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct DateForm {
    moved: Option<Festival>,
    date: String,
    house: String,
}

impl SettingsPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn looks(&self) -> &'static [Look] {
        Look::ALL
    }

    fn is_look(&self, look: &Look) -> bool {
        self.typed.look == Some(*look)
    }

    fn festivals(&self) -> &'static [Festival] {
        Festival::ALL
    }

    fn is_greeted(&self, festival: &Festival) -> bool {
        self.typed.festival.contains(festival)
    }

    fn is_moved(&self, festival: &Festival) -> bool {
        self.date.moved == Some(*festival)
    }

    /// A festival, where two of one name must be told apart.
    fn name(&self, festival: &Festival) -> String {
        match festival {
            Festival::EasterWestern => self.page.say("letters-easter-western").to_owned(),
            Festival::EasterOrthodox => self.page.say("letters-easter-orthodox").to_owned(),
            other => self.page.words.code("festival", other),
        }
    }

    /// The house an announced date is for, by its code; none is every house.
    fn code(&self, one: &Announced) -> &str {
        let house = one
            .property_id
            .and_then(|id| self.page.reference.property(id));
        house.map_or("", |house| house.code.as_str())
    }

    fn first(&self) -> Occasion {
        Occasion::Birthday
    }
}

impl SettingsForm {
    /// What stands, as it would be typed.
    fn of(settings: &Settings) -> Self {
        let all = Festival::ALL.iter().copied();
        Self {
            sender: settings.sender.clone(),
            reply_to: settings.reply_to.clone(),
            look: Some(settings.look),
            en_closing: settings.english.closing.clone(),
            en_signature: settings.english.signature.clone(),
            zh_closing: settings.chinese.closing.clone(),
            zh_signature: settings.chinese.signature.clone(),
            hour: format!("{:02}:{:02}", settings.hour / 60, settings.hour % 60),
            days_before: settings.days_before.to_string(),
            days_after: settings.days_after.to_string(),
            expiry_days: settings.expiry_days.to_string(),
            least_points: settings.least_points.to_string(),
            miss_percent: settings.miss_percent.to_string(),
            a_month: settings.a_month.to_string(),
            held_back_percent: settings.held_back_percent.to_string(),
            window_days: settings.window_days.to_string(),
            per_minute: settings.per_minute.to_string(),
            connections: settings.connections.to_string(),
            festival: all
                .filter(|festival| !settings.festivals_off.contains(festival))
                .collect(),
            look_first: None,
        }
    }

    /// Writes what was typed into what stands, or says what can't be right.
    fn apply(&self, words: &Words, settings: &mut Settings) -> Result<(), Vec<FieldError>> {
        let mut read = Reading {
            words,
            errors: Vec::new(),
        };
        settings.sender = read.phrase("sender", &self.sender, 60);
        settings.reply_to = read.address(&self.reply_to);
        settings.look = self.look.unwrap_or(settings.look);
        settings.english = Voice {
            closing: read.phrase("en_closing", &self.en_closing, 300),
            signature: read.phrase("en_signature", &self.en_signature, 100),
        };
        settings.chinese = Voice {
            closing: read.phrase("zh_closing", &self.zh_closing, 300),
            signature: read.phrase("zh_signature", &self.zh_signature, 100),
        };
        settings.hour = read.hour(&self.hour);
        settings.days_before = read.whole("days_before", &self.days_before, 1, 60);
        settings.days_after = read.whole("days_after", &self.days_after, 1, 60);
        settings.expiry_days = read.whole("expiry_days", &self.expiry_days, 4, 365);
        settings.least_points = read.whole("least_points", &self.least_points, 2, 1_000_000);
        settings.miss_percent = read.whole("miss_percent", &self.miss_percent, 100, 1_000);
        settings.a_month = read.whole("a_month", &self.a_month, 0, 30);
        settings.held_back_percent =
            read.whole("held_back_percent", &self.held_back_percent, 0, 50);
        settings.window_days = read.whole("window_days", &self.window_days, 1, 365);
        settings.per_minute = read.whole("per_minute", &self.per_minute, 1, 1_000_000);
        settings.connections = read.whole("connections", &self.connections, 1, 64);
        let all = Festival::ALL.iter().copied();
        settings.festivals_off = all
            .filter(|festival| !self.festival.contains(festival))
            .collect();
        if read.errors.is_empty() {
            Ok(())
        } else {
            Err(read.errors)
        }
    }
}

/// Reads fields one by one, and keeps what is wrong with each: which field, what stands there, and what would be right.
struct Reading<'a> {
    words: &'a Words,
    errors: Vec<FieldError>,
}

impl Reading<'_> {
    fn wrong(&mut self, field: &'static str, typed: &str, message: Message) {
        let name = self.words.code("letters-field", field);
        let message = message.text("field", name).text("text", typed.trim());
        self.errors.push(FieldError::new(field, message));
    }

    fn whole(&mut self, field: &'static str, typed: &str, least: i64, most: i64) -> i64 {
        let number = typed.trim().parse().ok();
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let message = Message::new("error-letters-number")
                .text("least", self.words.number(least))
                .text("most", self.words.number(most));
            self.wrong(field, typed, message);
        }
        number.unwrap_or(least)
    }

    /// One line, and nothing that could end it.
    fn phrase(&mut self, field: &'static str, typed: &str, most: i64) -> String {
        let line = one_line(typed);
        let length = i64::try_from(line.chars().count()).unwrap_or(i64::MAX);
        if length > most {
            let message = Message::new("error-letters-long").number("count", length);
            self.wrong(field, typed, message.number("most", most));
        }
        line
    }

    fn address(&mut self, typed: &str) -> String {
        let typed = typed.trim();
        if !typed.is_empty() && (Email::parse(typed).is_err() || !message::can_carry(typed)) {
            self.wrong("reply_to", typed, Message::new("error-letters-address"));
        }
        typed.to_owned()
    }

    fn hour(&mut self, typed: &str) -> i64 {
        let time = NaiveTime::parse_from_str(typed.trim(), "%H:%M").ok();
        let minutes = time.map(|time| i64::from(time.num_seconds_from_midnight() / 60));
        let minutes = minutes.filter(|minutes| (DECENT.0..=DECENT.1).contains(minutes));
        if minutes.is_none() {
            let message = Message::new("error-letters-hour")
                .time("least", DECENT.0)
                .time("most", DECENT.1);
            self.wrong("hour", typed, message);
        }
        minutes.unwrap_or(DECENT.0)
    }
}

/// `GET /greetings/settings`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let typed = SettingsForm::of(&Settings::load(view.conn)?);
        show(view, typed, DateForm::default(), Vec::new(), Vec::new())
    })
    .await
}

fn show(
    view: &mut View<'_>,
    typed: SettingsForm,
    date: DateForm,
    tried: Vec<(Language, Rendered)>,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let mut announced = Settings::load(view.conn)?.announced;
    announced.sort_by_key(|one| (one.date, one.festival, one.property_id));
    let page = SettingsPage {
        page: Arc::clone(&view.page),
        typed,
        announced,
        date,
        tried,
        errors: fields::wrong(&errors, view.words()),
    };
    Answer::page(&page)
}

/// `POST /greetings/settings`
pub async fn save(desk: Desk, form: Form<SettingsForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let mut settings = Settings::load(view.conn)?;
            form.apply(view.words(), &mut settings)
                .map_err(AppError::Invalid)?;
            if form.look_first.is_some() {
                let link = view.words().say("greetings-link");
                let mut tried = Vec::new();
                for language in Language::ALL {
                    let occasion = Occasion::Birthday;
                    let letter = letter_preview::write(view, &settings, occasion, *language, link)?;
                    tried.push((*language, letter));
                }
                return show(view, form.clone(), DateForm::default(), tried, Vec::new());
            }
            settings.save(view.conn)?;
            let detail = serde_json::to_string(&settings)
                .map_err(|error| AppError::Internal(error.to_string()))?;
            view.line("set_letters").detail(detail).insert(view.conn)?;
            Ok(Answer::see(PATH).say(view.words(), &Message::new("letters-saved")))
        },
        |view, form, errors| show(view, form, DateForm::default(), Vec::new(), errors),
    )
    .await
}

/// `POST /greetings/settings/dates`: a festival's announced date, in the place of another of that time.
pub async fn announce(desk: Desk, form: Form<DateForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let new = announced(view, form)?;
            let mut settings = Settings::load(view.conn)?;
            settings.announced.retain(|old| {
                let is_other = old.festival != new.festival || old.property_id != new.property_id;
                is_other || (old.date - new.date).num_days().abs() > ANNOUNCED_WITHIN
            });
            let said = Message::new("letters-announced")
                .text("text", view.words().code("festival", new.festival))
                .date("date", new.date);
            let detail = format!("{} {}", new.festival, new.date);
            settings.announced.push(new);
            settings.save(view.conn)?;
            view.line("announce_festival")
                .detail(detail)
                .insert(view.conn)?;
            Ok(Answer::see(PATH).say(view.words(), &said))
        },
        |view, form, errors| {
            let typed = SettingsForm::of(&Settings::load(view.conn)?);
            show(view, typed, form, Vec::new(), errors)
        },
    )
    .await
}

/// `POST /greetings/settings/dates/remove`: the computed date holds again.
pub async fn withdraw(desk: Desk, form: Form<DateForm>) -> HttpResponse {
    desk.act(form, PATH.into(), |view, form| {
        let mut settings = Settings::load(view.conn)?;
        let property_id = house(view, &form.house)?;
        let date: Option<NaiveDate> = form.date.parse().ok();
        let count = settings.announced.len();
        settings.announced.retain(|old| {
            Some(old.festival) != form.moved
                || Some(old.date) != date
                || old.property_id != property_id
        });
        if settings.announced.len() == count {
            return Err(AppError::NotFound);
        }
        settings.save(view.conn)?;
        view.line("withdraw_festival")
            .detail(form.date)
            .insert(view.conn)?;
        Ok(Answer::see(PATH).say(view.words(), &Message::new("letters-withdrawn")))
    })
    .await
}

fn announced(view: &View<'_>, form: &DateForm) -> Result<Announced, AppError> {
    let one = |field, message| AppError::Invalid(vec![FieldError::new(field, message)]);
    let words = view.words();
    let festival = form
        .moved
        .ok_or_else(|| one("moved", Message::new("error-letters-festival")))?;
    let typed = form.date.trim();
    let date: NaiveDate = typed
        .parse()
        .map_err(|_| one("date", Message::new("error-no-date").text("text", typed)))?;
    let far = date > view.page.today + AHEAD || date < view.page.today - TimeDelta::days(366);
    if far {
        let message = Message::new("error-letters-date-far").date("date", date);
        return Err(one("date", message));
    }
    let computed = festival.nearest(date);
    if let Some(computed) = computed
        && (computed - date).num_days().abs() > ANNOUNCED_WITHIN
    {
        let message = Message::new("error-letters-date")
            .text("text", words.code("festival", festival))
            .date("date", date)
            .date("computed", computed);
        return Err(one("date", message));
    }
    Ok(Announced {
        festival,
        date,
        property_id: house(view, &form.house)?,
    })
}

/// A house by its code; none is every house.
fn house(view: &View<'_>, code: &str) -> Result<Option<i64>, AppError> {
    if code.is_empty() {
        return Ok(None);
    }
    let houses = &view.page.reference.properties;
    let house = houses.iter().find(|house| house.code == code);
    let house = house.ok_or(AppError::NotFound)?;
    Ok(Some(view.in_house(house.id)?.id))
}
