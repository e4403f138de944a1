//! `/settings/offers`: the rules of a house, in their order, with which stands in the shadow of which.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::super::desk::View;
use super::super::form::Form;
use super::super::login::Nothing;
use super::super::page::Page;
use super::super::{Answer, AppError, Desk};
use super::typed::RuleForm;
use crate::error::FieldError;
use crate::offers::ladder::Ladder;
use crate::offers::rule::{self, Rule, Shadow};
use crate::offers::{Kind, Moment, Occasion, Pricing, SETTINGS, Settings, facts, shown, stored};
use crate::settings;
use crate::stays::Channel;
use crate::web::fields::{self, Wrong};
use crate::words::{Message, Money};

const PATH: &str = "/settings/offers";
/// The longest that price and room wait, in minutes.
const LONGEST_HOLD: i64 = 60;
/// More offers on a card would not be read.
const MOST_SHOWN: i64 = 5;

/// The page.
#[derive(Template)]
#[template(path = "settings_offers.html")]
struct RulesPage {
    page: Arc<Page>,
    lines: Vec<RuleLine>,
    ladder: Ladder,
    settings: Settings,
    typed: RuleForm,
    /// The rule that is being changed.
    changing: Option<i64>,
    errors: Wrong,
}

/// A rule as it is listed.
struct RuleLine {
    id: i64,
    name: String,
    priority: i64,
    what: String,
    who: String,
    limits: String,
    until: String,
    over: bool,
    shadows: Vec<String>,
}

impl RulesPage {
    fn error(&self, field: &str) -> Option<&str> {
        fields::at(&self.errors, field)
    }

    fn tiers(&self) -> Vec<(String, String)> {
        let tiers = self.page.reference.tiers.iter();
        tiers
            .map(|tier| (tier.code.clone(), self.page.words.code("tier", &tier.code)))
            .collect()
    }

    fn steps(&self) -> Vec<(String, String)> {
        let most = self.ladder.rungs().saturating_sub(1).max(1);
        (1..=most)
            .map(|steps| {
                let text = self.page.words.count("rule-steps", steps);
                (format!("step:{steps}"), text)
            })
            .collect()
    }

    fn types(&self) -> Vec<(String, String)> {
        let types = self.ladder.types().iter().skip(1);
        types
            .map(|kind| (format!("type:{}", kind.id), kind.name.clone()))
            .collect()
    }

    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }

    fn pricings(&self) -> &'static [Pricing] {
        Pricing::ALL
    }

    fn moments(&self) -> &'static [Moment] {
        Moment::ALL
    }

    fn occasions(&self) -> &'static [Occasion] {
        Occasion::ALL
    }

    fn channels(&self) -> &'static [Channel] {
        Channel::ALL
    }

    /// The word for a code of one of the lists.
    fn word(&self, prefix: &str, code: &str) -> String {
        self.page.say(&format!("{prefix}-{code}")).to_owned()
    }

    fn kept_back(&self, id: &i64) -> i64 {
        self.settings.kept_back(*id)
    }
}

/// Which rule is to be changed.
#[derive(Default, Deserialize)]
pub struct Choice {
    rule: Option<i64>,
}

/// `GET /settings/offers`
pub async fn page(desk: Desk, choice: web::Query<Choice>) -> HttpResponse {
    desk.page(move |view| {
        let house = view.house()?.clone();
        let typed = match choice.rule {
            None => RuleForm::fresh(view.page.today),
            Some(id) => RuleForm::of(&of_house(view, id)?, &house.currency),
        };
        show(view, typed, choice.rule, Vec::new())
    })
    .await
}

/// A rule of the house looked at.
fn of_house(view: &mut View<'_>, id: i64) -> Result<Rule, AppError> {
    let rule = stored::by_id(view.conn, id)?.ok_or(AppError::NotFound)?;
    view.in_house(rule.terms.property_id)?;
    if rule.terms.property_id != view.house()?.id {
        return Err(AppError::NotFound);
    }
    Ok(rule)
}

fn show(
    view: &mut View<'_>,
    typed: RuleForm,
    changing: Option<i64>,
    errors: Vec<FieldError>,
) -> Result<Answer, AppError> {
    let house = view.house()?.clone();
    let ladder = Ladder::load(view.conn, house.id)?;
    let rules = stored::of_property(view.conn, house.id)?;
    let reference = view.reference();
    let rank = |code: &str| facts::rank(&reference, code).unwrap_or(-1);
    let shadows = rule::shadows(&rules, &rank);
    let lines = rules
        .iter()
        .map(|rule| RuleLine::of(rule, &rules, &shadows, &ladder, view))
        .collect::<Result<Vec<_>, _>>()?;
    let page = RulesPage {
        page: Arc::clone(&view.page),
        lines,
        ladder,
        settings: settings::get(view.conn, SETTINGS)?,
        typed,
        changing,
        errors: fields::wrong(&errors, view.words()),
    };
    Answer::page(&page)
}

impl RuleLine {
    fn of(
        rule: &Rule,
        rules: &[Rule],
        shadows: &[Shadow],
        ladder: &Ladder,
        view: &View<'_>,
    ) -> Result<Self, AppError> {
        let words = view.words();
        let name = |id: i64| {
            let found = rules.iter().find(|rule| rule.id == id);
            found.map_or("", |rule| rule.terms.name.as_str())
        };
        let above = shadows.iter().filter(|shadow| shadow.below == rule.id);
        let told = |shadow: &Shadow| {
            let key = if shadow.wholly {
                "rule-shadow-whole"
            } else {
                "rule-shadow-part"
            };
            words.fill(key, name(shadow.above))
        };
        Ok(Self {
            id: rule.id,
            name: rule.terms.name.clone(),
            priority: rule.terms.priority,
            what: what(rule, ladder, view)?,
            who: who(rule, view),
            limits: limits(rule, view)?,
            until: words.range(rule.terms.starts_on, rule.terms.ends_on),
            over: rule.terms.ends_on < view.page.today,
            shadows: above.map(told).collect(),
        })
    }
}

/// "River suite · 40 % of the difference".
fn what(rule: &Rule, ladder: &Ladder, view: &View<'_>) -> Result<String, AppError> {
    let (terms, words) = (&rule.terms, view.words());
    let currency = &view.house()?.currency;
    let target = match (terms.room_type_id, terms.steps) {
        (Some(id), _) => ladder.get(id).map(|kind| kind.name.clone()),
        (None, Some(steps)) => Some(words.count("rule-steps", steps)),
        (None, None) => None,
    };
    let title = shown::title(terms.kind, target.as_deref(), terms.value, currency, words);
    let price = match terms.pricing {
        Pricing::Free => words.say("offer-free").to_owned(),
        Pricing::Percent => words.count("rule-percent-of", terms.percent.unwrap_or(0)),
        Pricing::Fixed => {
            let money = Money::new(terms.price_minor.unwrap_or(0), currency);
            let key = if terms.kind.is_nightly() {
                "offer-price-night"
            } else {
                "offer-price-once"
            };
            words.tell(&Message::new(key).money("amount", money))
        }
    };
    Ok(format!("{title} · {price}"))
}

/// Whom it is for and when, in a few words.
fn who(rule: &Rule, view: &View<'_>) -> String {
    let (terms, words) = (&rule.terms, view.words());
    let mut parts = Vec::new();
    if let Some(tier) = &terms.tier {
        parts.push(words.fill("rule-from-tier", words.code("tier", tier)));
    }
    if let Some(stays) = terms.least_stays {
        parts.push(words.fill("rule-from-stay", words.ordinal(stays)));
    }
    parts.extend(
        terms
            .channels()
            .map(|channel| words.code("channel", channel)),
    );
    if terms.direct {
        parts.push(words.say("offer-why-direct").to_owned());
    }
    if terms.vip {
        parts.push(words.say("offer-why-vip").to_owned());
    }
    if let Some(occasion) = terms.occasion {
        parts.push(words.code("offer-occasion", occasion));
    }
    if terms.open_case {
        parts.push(words.say("offer-why-case").to_owned());
    }
    if terms.moment != Moment::Any {
        parts.push(words.code("offer-moment", terms.moment));
    }
    if let Some(most) = terms.occupancy_most {
        parts.push(words.count("rule-sold-most", most));
    }
    if let Some(most) = terms.days_most {
        parts.push(words.count("rule-days-most", most));
    }
    if parts.is_empty() {
        words.say("rule-everybody").to_owned()
    } else {
        parts.join(" · ")
    }
}

fn limits(rule: &Rule, view: &View<'_>) -> Result<String, AppError> {
    let (terms, words) = (&rule.terms, view.words());
    let mut parts = Vec::new();
    if let Some(most) = terms.per_day {
        parts.push(words.count("rule-a-day", most));
    }
    if let Some(most) = terms.per_guest {
        parts.push(words.count("rule-a-guest", most));
    }
    if let Some(budget) = terms.budget_minor {
        let money = Money::new(budget, &view.house()?.currency);
        parts.push(words.tell(&Message::new("rule-in-all").money("amount", money)));
    }
    if parts.is_empty() {
        return Ok(words.say("rule-no-limit").to_owned());
    }
    Ok(parts.join(" · "))
}

/// `POST /settings/offers`: a new rule, or another text for one.
pub async fn save(desk: Desk, form: Form<RuleForm>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let house = view.house()?.clone();
            view.in_house(house.id)?;
            let ladder = Ladder::load(view.conn, house.id)?;
            let terms = form.terms(&house, &ladder).map_err(AppError::Invalid)?;
            let id = match form.id() {
                Some(id) => {
                    let id = of_house(view, id)?.id;
                    stored::change(view.conn, id, &terms)?;
                    id
                }
                None => stored::add(view.conn, &terms, Some(view.clerk.user_id))?,
            };
            view.line("set_offer_rule")
                .detail(format!("{id} {}", terms.name))
                .insert(view.conn)?;
            view.app.offers.forget(house.id);
            let done = Message::new("rule-saved").text("text", &terms.name);
            Ok(Answer::see(PATH).say(view.words(), &done))
        },
        |view, form, errors| {
            let changing = form.id();
            show(view, form, changing, errors)
        },
    )
    .await
}

/// `POST /settings/offers/{rule}/retire`
pub async fn retire(desk: Desk, rule: web::Path<i64>, form: Form<Nothing>) -> HttpResponse {
    let id = *rule;
    desk.act(form, PATH.to_owned(), move |view, _| {
        let rule = of_house(view, id)?;
        stored::retire(view.conn, id)?;
        view.line("retire_offer_rule")
            .detail(format!("{id} {}", rule.terms.name))
            .insert(view.conn)?;
        view.app.offers.forget(rule.terms.property_id);
        let done = Message::new("rule-retired").text("text", &rule.terms.name);
        Ok(Answer::see(PATH).say(view.words(), &done))
    })
    .await
}

/// What holds for all rules; kept rooms in the order of the page.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Decisions {
    hold_minutes: String,
    most_shown: String,
    kept: Vec<String>,
}

/// `POST /settings/offers/decisions`
pub async fn decide(desk: Desk, form: Form<Decisions>) -> HttpResponse {
    desk.submit(
        form,
        |view, form| {
            let house = view.house()?.clone();
            view.in_house(house.id)?;
            let ladder = Ladder::load(view.conn, house.id)?;
            let mut decided: Settings = settings::get(view.conn, SETTINGS)?;
            let mut errors = Vec::new();
            let mut number = |field: &'static str, text: &str, least: i64, most: i64| {
                let number = text.trim().parse().ok();
                let number = number.filter(|number| (least..=most).contains(number));
                if number.is_none() {
                    let message = Message::new("error-between").number("least", least);
                    errors.push(FieldError::new(field, message.number("most", most)));
                }
                number.unwrap_or(least)
            };
            decided.hold_minutes = number("hold_minutes", &form.hold_minutes, 1, LONGEST_HOLD);
            let shown = number("most_shown", &form.most_shown, 1, MOST_SHOWN);
            decided.most_shown = usize::try_from(shown).unwrap_or(1);
            for (kind, kept) in ladder.types().iter().zip(&form.kept) {
                let kept = if kept.trim().is_empty() { "0" } else { kept };
                let kept = number("kept", kept, 0, 1_000);
                decided.protected.insert(kind.id, kept);
            }
            if !errors.is_empty() {
                return Err(AppError::Invalid(errors));
            }
            settings::set(view.conn, SETTINGS, &decided)?;
            view.line("set_offers").insert(view.conn)?;
            view.app.offers.forget(house.id);
            Ok(Answer::see(PATH).say(view.words(), &Message::new("rule-decided")))
        },
        |view, _, errors| {
            let today: NaiveDate = view.page.today;
            show(view, RuleForm::fresh(today), None, errors)
        },
    )
    .await
}
