//! `/settings/loyalty`: rules, tiers and the catalogue, with what a change would do before it is kept.

use std::sync::Arc;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::desk::View;
use super::fields::{self, Wrong};
use super::form::Form;
use super::page::Page;
use super::{Answer, AppError, Desk};
use crate::error::FieldError;
use crate::loyalty::ledger::MOST;
use crate::loyalty::plan::{Plan, Preview};
use crate::loyalty::rewards::{self, NewReward, Reward};
use crate::words::Message;

const PATH: &str = "/settings/loyalty";

/// The page.
#[derive(Template)]
#[template(path = "settings_loyalty.html")]
struct ProgrammePage {
    page: Arc<Page>,
    plan: Plan,
    preview: Option<Preview>,
    rewards: Vec<Reward>,
    reward: RewardForm,
    errors: Wrong,
}

impl ProgrammePage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    /// What stands in a field that may be empty.
    fn text(&self, value: &Option<i64>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }

    fn tier(&self, code: &str) -> String {
        self.page.words.code("tier", code)
    }

    fn name<'a>(&self, reward: &'a Reward) -> &'a str {
        reward.name(self.page.words.language)
    }

    fn place(&self, reward: &Reward) -> &str {
        match reward.property_id {
            Some(id) => self.page.reference.name(id),
            None => self.page.say("staff-every-house"),
        }
    }

    fn told(&self, preview: &Preview) -> String {
        let words = self.page.words;
        let told = Message::new("programme-preview-told")
            .text("members", words.number(preview.members))
            .text("raised", words.number(preview.raised))
            .text("lost", words.number(preview.lost))
            .text("now", words.number(preview.points_now))
            .text("then", words.number(preview.points_then));
        words.tell(&told)
    }
}

/// The programme as typed; lists run in the order of the page.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PlanForm {
    act: String,
    life_months: String,
    most_per_stay: String,
    most_per_year: String,
    can_lose: bool,
    grace_days: String,
    one_step: bool,
    adjust_alone: String,
    nights: Vec<String>,
    tier_stays: Vec<String>,
    tier_points: Vec<String>,
    bonus: Vec<String>,
    lifetime: Vec<String>,
    rate: Vec<String>,
}

/// What was typed as whole numbers, and what is none.
#[derive(Default)]
struct Numbers(Vec<FieldError>);

impl Numbers {
    fn optional(&mut self, field: &'static str, text: &str) -> Option<i64> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            let message = Message::new("error-whole").text("text", text);
            self.0.push(FieldError::new(field, message));
        }
        number
    }

    fn required(&mut self, field: &'static str, text: &str, now: i64) -> i64 {
        if text.trim().is_empty() {
            let message = Message::new("error-whole").text("text", "");
            self.0.push(FieldError::new(field, message));
        }
        self.optional(field, text).unwrap_or(now)
    }
}

impl PlanForm {
    /// The plan it makes of the one that stands, and what can't be right.
    fn over(&self, mut plan: Plan) -> (Plan, Vec<FieldError>) {
        let mut numbers = Numbers::default();
        let settings = &mut plan.settings;
        let months = numbers.required("life_months", &self.life_months, 36);
        settings.life_months = u32::try_from(months).unwrap_or(0);
        settings.most_per_stay = numbers.optional("most_per_stay", &self.most_per_stay);
        settings.most_per_year = numbers.optional("most_per_year", &self.most_per_year);
        settings.can_lose = self.can_lose;
        settings.one_step = self.one_step;
        settings.grace_days = numbers.required("grace_days", &self.grace_days, 90);
        settings.adjust_alone = numbers.required("adjust_alone", &self.adjust_alone, 0);
        let at = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
        for (index, tier) in plan.tiers.iter_mut().enumerate() {
            tier.nights = numbers.required("nights", &at(&self.nights, index), tier.nights);
            tier.stays = numbers.optional("tier_stays", &at(&self.tier_stays, index));
            tier.points = numbers.optional("tier_points", &at(&self.tier_points, index));
            tier.bonus_percent = numbers.required("bonus", &at(&self.bonus, index), 0);
            tier.lifetime_nights = numbers.optional("lifetime", &at(&self.lifetime, index));
        }
        for (index, rule) in plan.earn.iter_mut().enumerate() {
            let rate = at(&self.rate, index);
            rule.points_per_hundred = numbers.required("rate", &rate, rule.points_per_hundred);
        }
        let mut faults = numbers.0;
        faults.extend(plan.faults());
        faults.dedup_by(|a, b| a.field == b.field);
        (plan, faults)
    }
}

/// A reward as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RewardForm {
    code: String,
    name_en: String,
    name_zh: String,
    reward_points: String,
    house: String,
    is_off: bool,
}

/// `GET /settings/loyalty`
pub async fn page(desk: Desk) -> HttpResponse {
    desk.page(|view| {
        let plan = Plan::load(view.conn)?;
        show(view, plan, None, RewardForm::default(), Vec::new())
    })
    .await
}

fn show(
    view: &mut View<'_>,
    plan: Plan,
    preview: Option<Preview>,
    reward: RewardForm,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let page = ProgrammePage {
        page: Arc::clone(&view.page),
        plan,
        preview,
        rewards: rewards::all(view.conn)?,
        reward,
        errors: fields::wrong(&errors, view.words()),
    };
    Answer::page(&page)
}

/// `POST /settings/loyalty`: shows what it would do, or keeps it.
pub async fn save(desk: Desk, form: Form<PlanForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let (plan, faults) = form.over(Plan::load(view.conn)?);
            if !faults.is_empty() {
                return Err(AppError::Invalid(faults));
            }
            if form.act != "save" {
                let preview = plan.preview(view.conn, view.page.today)?;
                return show(view, plan, Some(preview), RewardForm::default(), Vec::new());
            }
            plan.save(view.conn)?;
            view.app.reference.forget();
            let detail = serde_json::to_string(&plan.settings)
                .map_err(|error| AppError::Internal(error.to_string()))?;
            view.line("set_programme")
                .detail(detail)
                .insert(view.conn)?;
            Ok(Answer::see(PATH).say(view.words(), &Message::new("programme-saved")))
        },
        |view, form, errors| {
            let (plan, _) = form.over(Plan::load(view.conn)?);
            show(view, plan, None, RewardForm::default(), errors)
        },
    )
    .await
}

/// `POST /settings/loyalty/rewards`: into the catalogue, or in the place of what goes by its code.
pub async fn reward(desk: Desk, form: Form<RewardForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let reward = read(view, form)?;
            reward.store(view.conn)?;
            view.line("set_reward")
                .detail(format!("{} {}", reward.code, reward.points))
                .insert(view.conn)?;
            let done = Message::new("reward-saved").text("text", &reward.code);
            Ok(Answer::see(PATH).say(view.words(), &done))
        },
        |view, form, errors| {
            let plan = Plan::load(view.conn)?;
            show(view, plan, None, form, errors)
        },
    )
    .await
}

fn read(view: &View<'_>, form: &RewardForm) -> Result<NewReward, AppError> {
    let mut errors = Vec::new();
    let mut text = |field: &'static str, text: &str, least: usize, most: usize| {
        let text = text.trim().to_owned();
        let fits = (least..=most).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) {
            let message = Message::new("error-characters")
                .number("least", least as i64)
                .number("most", most as i64);
            errors.push(FieldError::new(field, message));
        }
        text
    };
    let code = text("code", &form.code, 1, 32);
    let name_en = text("name_en", &form.name_en, 1, 100);
    let name_zh = Some(text("name_zh", &form.name_zh, 0, 100)).filter(|name| !name.is_empty());
    let points = form.reward_points.trim().parse().ok();
    let points = points.filter(|points| (1..=MOST).contains(points));
    if points.is_none() {
        let message = Message::new("error-between").number("least", 1);
        errors.push(FieldError::new(
            "reward_points",
            message.number("most", MOST),
        ));
    }
    let house = Some(form.house.trim()).filter(|code| !code.is_empty());
    let property = house.and_then(|code| view.page.reference.by_code(code));
    if house.is_some() && property.is_none() {
        let message = Message::new("error-no-house").text("text", &form.house);
        errors.push(FieldError::new("house", message));
    }
    match points {
        Some(points) if errors.is_empty() => Ok(NewReward {
            code,
            name_en,
            name_zh,
            points,
            property_id: property.map(|house| house.id),
            is_active: !form.is_off,
        }),
        _ => Err(AppError::Invalid(errors)),
    }
}
