//! `/settings/cases`: how long cases may take, what may be given alone, and what the house proposes.

use std::sync::Arc;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::cases::Severity;
use crate::cases::compensation::Kind;
use crate::cases::gestures::{self, Gesture, NewGesture};
use crate::cases::limits::{Limits, MoneyLimit};
use crate::cases::settings::{SETTINGS, Settings};
use crate::error::FieldError;
use crate::loyalty::ledger::MOST;
use crate::settings;
use crate::words::{Message, Money};

const PATH: &str = "/settings/cases";
/// The longest a case may take, in minutes: a month.
const LONGEST: i64 = 31 * 24 * 60;
/// The longest until the guest is asked, in days.
const LATEST: i64 = 90;
/// The most money of a limit or a gesture, in minor units.
const MOST_MONEY: i64 = 10_000_000_000;

/// The page.
#[derive(Template)]
#[template(path = "settings_cases.html")]
struct SettingsPage {
    page: Arc<Page>,
    typed: SettingsForm,
    gestures: Vec<Gesture>,
    gesture: GestureForm,
    errors: Wrong,
}

/// Everything as typed; the lists run in the order of the currencies.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    minor_minutes: String,
    serious_minutes: String,
    severe_minutes: String,
    follow_up_days: String,
    desk_points: String,
    desk_points_a_day: String,
    manager_points: String,
    currency: Vec<String>,
    desk: Vec<String>,
    desk_a_day: Vec<String>,
    manager: Vec<String>,
}

/// A rule as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct GestureForm {
    code: String,
    name_en: String,
    name_zh: String,
    gesture_kind: Option<Kind>,
    severity: Option<Severity>,
    tier: String,
    worth: String,
    gesture_currency: String,
    is_off: bool,
}

impl SettingsPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }

    fn severities(&self) -> &'static [Severity] {
        Severity::ALL
    }

    fn is_kind(&self, kind: &Kind) -> bool {
        self.gesture.gesture_kind.unwrap_or(Kind::Perk) == *kind
    }

    fn is_severity(&self, severity: &Severity) -> bool {
        self.gesture.severity.unwrap_or(Severity::Serious) == *severity
    }

    /// What is typed for a currency, by its place among them.
    fn limit(&self, list: &[String], index: &usize) -> String {
        list.get(*index).cloned().unwrap_or_default()
    }

    fn name<'a>(&self, gesture: &'a Gesture) -> &'a str {
        gesture.name(self.page.words.language)
    }

    fn worth(&self, gesture: &Gesture) -> String {
        self.page.words.tell(&gesture.worth())
    }
}

/// What the houses charge in, each once.
fn currencies(page: &Page) -> Vec<String> {
    let houses = &page.reference.properties;
    let mut all: Vec<String> = houses.iter().map(|house| house.currency.clone()).collect();
    all.sort();
    all.dedup();
    all
}

impl SettingsForm {
    /// What stands, as it would be typed.
    fn of(settings: &Settings, currencies: Vec<String>) -> Self {
        let optional = |number: Option<i64>| number.map(|number| number.to_string());
        let mut form = Self {
            minor_minutes: settings.minor_minutes.to_string(),
            serious_minutes: settings.serious_minutes.to_string(),
            severe_minutes: settings.severe_minutes.to_string(),
            follow_up_days: settings.follow_up_days.to_string(),
            desk_points: settings.limits.desk_points.to_string(),
            desk_points_a_day: settings.limits.desk_points_a_day.to_string(),
            manager_points: optional(settings.limits.manager_points).unwrap_or_default(),
            ..Self::default()
        };
        for currency in currencies {
            let limit = settings.limits.of(&currency);
            let major = |minor: i64| Money::new(minor, currency.as_str()).major();
            form.desk.push(major(limit.desk));
            form.desk_a_day.push(major(limit.desk_a_day));
            form.manager
                .push(limit.manager.map(major).unwrap_or_default());
            form.currency.push(currency);
        }
        form
    }

    /// The settings it makes, or what can't be right.
    fn read(&self) -> Result<Settings, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut whole = |field: &'static str, text: &str, least: i64, most: i64| {
            let number = text.trim().parse().ok();
            let number = number.filter(|number| (least..=most).contains(number));
            if number.is_none() {
                let message = Message::new("error-between").number("least", least);
                errors.push(FieldError::new(field, message.number("most", most)));
            }
            number.unwrap_or(least)
        };
        let manager_points = match self.manager_points.trim() {
            "" => None,
            typed => Some(whole("manager_points", typed, 0, MOST)),
        };
        let mut settings = Settings {
            minor_minutes: whole("minor_minutes", &self.minor_minutes, 1, LONGEST),
            serious_minutes: whole("serious_minutes", &self.serious_minutes, 1, LONGEST),
            severe_minutes: whole("severe_minutes", &self.severe_minutes, 1, LONGEST),
            follow_up_days: whole("follow_up_days", &self.follow_up_days, 0, LATEST),
            limits: Limits {
                money: Vec::new(),
                desk_points: whole("desk_points", &self.desk_points, 0, MOST),
                desk_points_a_day: whole("desk_points_a_day", &self.desk_points_a_day, 0, MOST),
                manager_points,
            },
        };
        for (index, currency) in self.currency.iter().enumerate() {
            let at = |list: &[String]| list.get(index).cloned().unwrap_or_default();
            let mut money = |field: &'static str, typed: String| {
                let minor = Money::parse(typed.trim(), currency).ok();
                let minor = minor.filter(|minor| (0..=MOST_MONEY).contains(minor));
                if minor.is_none() {
                    let message = Message::new("error-amount").text("text", typed);
                    errors.push(FieldError::new(field, message));
                }
                minor
            };
            let manager = at(&self.manager);
            settings.limits.money.push(MoneyLimit {
                desk: money("desk", at(&self.desk)).unwrap_or_default(),
                desk_a_day: money("desk_a_day", at(&self.desk_a_day)).unwrap_or_default(),
                manager: if manager.trim().is_empty() {
                    None
                } else {
                    money("manager", manager)
                },
                currency: currency.clone(),
            });
        }
        errors.dedup_by_key(|error| error.field);
        if errors.is_empty() {
            Ok(settings)
        } else {
            Err(errors)
        }
    }
}

/// `GET /settings/cases`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let typed = standing(view)?;
        show(view, typed, GestureForm::default(), Vec::new())
    })
    .await
}

fn standing(view: &mut View<'_>) -> Result<SettingsForm, AppError> {
    let settings: Settings = settings::get(view.conn, SETTINGS)?;
    Ok(SettingsForm::of(&settings, currencies(&view.page)))
}

fn show(
    view: &mut View<'_>,
    typed: SettingsForm,
    gesture: GestureForm,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let page = SettingsPage {
        page: Arc::clone(&view.page),
        typed,
        gestures: gestures::all(view.conn)?,
        gesture,
        errors: fields::wrong(&errors, view.words()),
    };
    Answer::page(&page)
}

/// `POST /settings/cases`
pub async fn save(desk: Desk, form: Form<SettingsForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let settings = form.read().map_err(AppError::Invalid)?;
            settings::set(view.conn, SETTINGS, &settings)?;
            let detail = serde_json::to_string(&settings)
                .map_err(|error| AppError::Internal(error.to_string()))?;
            view.line("set_cases").detail(detail).insert(view.conn)?;
            Ok(Answer::see(PATH).say(view.words(), &Message::new("done-set-cases")))
        },
        |view, form, errors| show(view, form, GestureForm::default(), errors),
    )
    .await
}

/// `POST /settings/cases/gestures`: a rule, in the place of what goes by its code.
pub async fn gesture(desk: Desk, form: Form<GestureForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let gesture = read(view, form)?;
            gesture.store(view.conn)?;
            view.line("set_gesture")
                .detail(format!("{} {}", gesture.code, gesture.is_active))
                .insert(view.conn)?;
            let done = Message::new("done-set-gesture").text("text", &gesture.code);
            Ok(Answer::see(PATH).say(view.words(), &done))
        },
        |view, form, errors| {
            let typed = standing(view)?;
            show(view, typed, form, errors)
        },
    )
    .await
}

fn read(view: &View<'_>, form: &GestureForm) -> Result<NewGesture, AppError> {
    let mut errors = Vec::new();
    let mut text = |field: &'static str, text: &str, least: usize, most: usize| {
        let text = text.trim().to_owned();
        let fits = (least..=most).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) {
            let message = Message::new("error-characters").number("least", least as i64);
            errors.push(FieldError::new(field, message.number("most", most as i64)));
        }
        text
    };
    let code = text("code", &form.code, 1, 32);
    let name_en = text("name_en", &form.name_en, 1, 100);
    let name_zh = Some(text("name_zh", &form.name_zh, 0, 100)).filter(|name| !name.is_empty());
    let kind = form.gesture_kind.unwrap_or(Kind::Perk);
    let all = currencies(&view.page);
    let currency = all.iter().find(|one| **one == form.gesture_currency);
    let currency = currency.or(all.first()).cloned().unwrap_or_default();
    let worth = form.worth.trim();
    let (least, worth) = match kind {
        Kind::Points => (1, worth.parse().ok().filter(|points| *points <= MOST)),
        Kind::Money => (1, Money::parse(worth, &currency).ok()),
        Kind::Perk => (0, Money::parse(worth, &currency).ok()),
    };
    let worth = worth.filter(|worth| (least..=MOST_MONEY).contains(worth));
    if worth.is_none() {
        let message = Message::new("error-gesture-worth").text("text", &form.worth);
        errors.push(FieldError::new("worth", message));
    }
    let tier = Some(form.tier.trim()).filter(|tier| !tier.is_empty());
    let tiers = &view.page.reference.tiers;
    if tier.is_some_and(|code| !tiers.iter().any(|tier| tier.code == code)) {
        let message = Message::new("error-gesture-tier").text("text", &form.tier);
        errors.push(FieldError::new("tier", message));
    }
    match worth {
        Some(worth) if errors.is_empty() => Ok(NewGesture {
            code,
            name_en,
            name_zh,
            kind,
            severity: form.severity.unwrap_or(Severity::Serious).into(),
            tier: tier.map(Into::into),
            cost_minor: if kind == Kind::Points { 0 } else { worth },
            currency,
            points: if kind == Kind::Points { worth } else { 0 },
            is_active: !form.is_off,
        }),
        _ => Err(AppError::Invalid(errors)),
    }
}
