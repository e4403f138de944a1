//! What the house proposes when it has something to make good: rules that are data, and the choice among them (pure).

use diesel::prelude::*;

use super::compensation::{Compensation, Kind, State};
use super::{Case, Severity};
use crate::db::Conn;
use crate::db::schema::case_gestures;
use crate::on_either;
use crate::properties::Property;
use crate::properties::reference::Tier;
use crate::words::{Language, Message, Money};

/// A rule: what is proposed for which cases of which guests.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Gesture {
    pub id: i64,
    pub code: String,
    pub name_en: String,
    pub name_zh: Option<String>,
    pub kind: Kind,
    /// For what is at least as grave.
    #[diesel(deserialize_as = i16)]
    pub severity: Severity,
    /// For guests of at least this tier; none is for everybody.
    pub tier: Option<String>,
    /// What it costs, in minor units; zero for points.
    pub cost_minor: i64,
    /// What the houses it is for charge in.
    pub currency: String,
    /// Above zero for points.
    pub points: i64,
    pub is_active: bool,
}

impl Gesture {
    /// Its name in a language; the English one where it has none.
    pub fn name(&self, language: Language) -> &str {
        match (language, &self.name_zh) {
            (Language::ZhCn, Some(name)) => name,
            _ => &self.name_en,
        }
    }

    /// What it costs the house.
    pub fn cost(&self) -> Money {
        Money::new(self.cost_minor, self.currency.as_str())
    }

    /// What it is worth, beside its name.
    pub fn worth(&self) -> Message {
        match self.kind {
            Kind::Points => Message::new("points-worth").number("count", self.points),
            _ => Message::new("gesture-money").money("amount", self.cost()),
        }
    }
}

/// All rules, for the graver first.
pub fn all(conn: &mut Conn) -> QueryResult<Vec<Gesture>> {
    case_gestures::table
        .order((case_gestures::severity.desc(), case_gestures::id))
        .select((
            case_gestures::id,
            case_gestures::code,
            case_gestures::name_en,
            case_gestures::name_zh,
            case_gestures::kind,
            case_gestures::severity,
            case_gestures::tier,
            case_gestures::cost_minor,
            case_gestures::currency,
            case_gestures::points,
            case_gestures::is_active,
        ))
        .load(conn)
}

/// What is proposed for a case to a guest of a tier in a house: of the rules that fit, the one for the graver case, the
/// higher tier, the greater worth. Nothing where a gesture was made already, or is being asked for. Pure.
pub fn propose<'a>(
    case: &Case,
    tier: Option<&str>,
    house: &Property,
    rules: &'a [Gesture],
    tiers: &[Tier],
    given: &[Compensation],
) -> Option<&'a Gesture> {
    let was_made = given.iter().any(|one| {
        one.case_id == case.id && one.gesture_id.is_some() && one.state != State::Refused
    });
    if was_made || !case.is_open() {
        return None;
    }
    let rank = |code: &str| {
        let tier = tiers.iter().find(|tier| tier.code == code);
        tier.map(|tier| tier.rank)
    };
    let guest = tier.and_then(rank);
    let fits = |rule: &&Gesture| {
        rule.is_active
            && rule.severity <= case.severity
            && rule.currency == house.currency
            && (rule.kind != Kind::Points || tier.is_some())
            && rule
                .tier
                .as_deref()
                .is_none_or(|code| rank(code).is_some_and(|asked| guest >= Some(asked)))
    };
    let weight = |rule: &&Gesture| {
        let asked = rule.tier.as_deref().and_then(rank);
        (rule.severity, asked, rule.cost_minor, rule.points)
    };
    rules.iter().filter(fits).max_by_key(weight)
}

/// A rule to be kept, under its code.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = case_gestures, treat_none_as_null = true)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct NewGesture {
    pub code: String,
    pub name_en: String,
    pub name_zh: Option<String>,
    pub kind: Kind,
    pub severity: i16,
    pub tier: Option<String>,
    pub cost_minor: i64,
    pub currency: String,
    pub points: i64,
    pub is_active: bool,
}

impl NewGesture {
    /// Keeps it, in the place of what goes by its code.
    pub fn store(&self, conn: &mut Conn) -> QueryResult<()> {
        on_either!(conn, |c| diesel::insert_into(case_gestures::table)
            .values(self)
            .on_conflict(case_gestures::code)
            .do_update()
            .set(self)
            .execute(c))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guests::notes::Team;
    use crate::properties::Times;

    fn house() -> Property {
        Property {
            id: 1,
            code: "RIV".into(),
            name: "Riverside".into(),
            time_zone: "Asia/Shanghai".into(),
            currency: "CNY".into(),
            country: None,
            language: "zh-CN".into(),
            day_starts_at: 240,
            times: Times::default(),
        }
    }

    fn case(severity: Severity) -> Case {
        Case {
            id: 7,
            guest_id: 1,
            person_id: 1,
            stay_id: None,
            property_id: 1,
            room_id: None,
            room: None,
            team: Team::FrontDesk,
            severity,
            feature: None,
            summary: "noise".into(),
            owner_id: None,
            owner: None,
            opened_at: "2026-11-20T10:00:00".parse().unwrap(),
            due_at: None,
            closed_at: None,
            resolution: None,
            outcome: None,
            guest_words: None,
        }
    }

    fn rule(id: i64, severity: Severity, tier: Option<&str>, kind: Kind, worth: i64) -> Gesture {
        Gesture {
            id,
            code: format!("R{id}"),
            name_en: format!("rule {id}"),
            name_zh: None,
            kind,
            severity,
            tier: tier.map(Into::into),
            cost_minor: if kind == Kind::Points { 0 } else { worth },
            currency: "CNY".into(),
            points: if kind == Kind::Points { worth } else { 0 },
            is_active: true,
        }
    }

    fn tiers() -> Vec<Tier> {
        ["member", "silver", "gold"]
            .iter()
            .zip(0..)
            .map(|(code, rank)| Tier {
                code: (*code).into(),
                rank,
                nights: rank * 5,
                stays: None,
                points: None,
                bonus_percent: 0,
                lifetime_nights: None,
            })
            .collect()
    }

    #[test]
    fn the_graver_the_case_and_the_higher_the_tier_the_more_is_proposed() {
        let rules = [
            rule(1, Severity::Minor, None, Kind::Perk, 3_000),
            rule(2, Severity::Serious, None, Kind::Perk, 9_000),
            rule(3, Severity::Serious, Some("gold"), Kind::Money, 20_000),
            rule(4, Severity::Severe, None, Kind::Money, 40_000),
            rule(5, Severity::Serious, Some("silver"), Kind::Points, 2_000),
        ];
        let (house, tiers) = (house(), tiers());
        let proposed = |severity, tier| {
            propose(&case(severity), tier, &house, &rules, &tiers, &[]).map(|rule| rule.id)
        };
        assert_eq!(proposed(Severity::Minor, None), Some(1));
        assert_eq!(proposed(Severity::Serious, None), Some(2));
        assert_eq!(proposed(Severity::Serious, Some("member")), Some(2));
        assert_eq!(proposed(Severity::Serious, Some("silver")), Some(5));
        assert_eq!(proposed(Severity::Serious, Some("gold")), Some(3));
        assert_eq!(proposed(Severity::Severe, Some("gold")), Some(4));
    }

    #[test]
    fn nothing_is_proposed_twice_for_what_is_closed_or_in_another_currency() {
        let mut rules = vec![rule(1, Severity::Minor, None, Kind::Perk, 3_000)];
        let (house, tiers) = (house(), tiers());
        let mut given = Compensation {
            id: 1,
            case_id: 7,
            kind: Kind::Perk,
            cost_minor: 3_000,
            currency: "CNY".into(),
            points: 0,
            perk: Some("tea".into()),
            reason: "noise".into(),
            gesture_id: Some(1),
            stay_id: None,
            account_id: None,
            state: State::Waiting,
            asked_by: 1,
            asked_name: None,
            asked_at: "2026-11-20T10:00:00".parse().unwrap(),
        };
        let open = case(Severity::Serious);
        let none = |case: &Case, rules: &[Gesture], given: &[Compensation]| {
            propose(case, None, &house, rules, &tiers, given).is_none()
        };
        assert!(none(&open, &rules, std::slice::from_ref(&given)));
        given.state = State::Refused;
        assert!(!none(&open, &rules, &[given]));
        let mut closed = open.clone();
        closed.closed_at = Some(closed.opened_at);
        assert!(none(&closed, &rules, &[]));
        rules[0].currency = "EUR".into();
        assert!(none(&open, &rules, &[]));
    }
}
