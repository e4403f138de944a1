//! A profile as pages show it: who this is, and how to say it.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::guests;
use crate::words::Message;

/// The part of a profile that says who somebody is.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = guests)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Guest {
    pub id: i64,
    pub public_id: String,
    pub person_id: i64,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub native_name: Option<String>,
    pub salutation: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub country: Option<String>,
    pub language: Option<String>,
    pub vip_level: Option<i64>,
}

impl Guest {
    /// The profile with that opaque id.
    pub fn by_public_id(conn: &mut Conn, public_id: &str) -> QueryResult<Option<Self>> {
        guests::table
            .filter(guests::public_id.eq(public_id))
            .select(Self::as_select())
            .first(conn)
            .optional()
    }

    /// The profiles with these ids, the oldest first.
    pub fn by_ids(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        guests::table
            .filter(guests::id.eq_any(ids))
            .order(guests::id)
            .select(Self::as_select())
            .load(conn)
    }

    /// All profiles of a person, the oldest first.
    pub fn of_person(conn: &mut Conn, person_id: i64) -> QueryResult<Vec<Self>> {
        guests::table
            .filter(guests::person_id.eq(person_id))
            .order(guests::id)
            .select(Self::as_select())
            .load(conn)
    }

    /// The name in its own script, or as written in ours.
    pub fn name(&self) -> String {
        self.native_name.clone().unwrap_or_else(|| self.romanised())
    }

    /// The romanised name where the name's own script is another.
    pub fn also(&self) -> Option<String> {
        let romanised = self.romanised();
        (self.native_name.is_some()
            && !romanised.is_empty()
            && self.native_name.as_deref() != Some(&romanised))
        .then_some(romanised)
    }

    /// The name in Latin letters, in the order its owner uses.
    fn romanised(&self) -> String {
        let (first, second) = if self.family_name_first() {
            (&self.family_name, &self.given_name)
        } else {
            (&self.given_name, &self.family_name)
        };
        [first, second]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn family_name_first(&self) -> bool {
        let language = self.language.as_deref().unwrap_or_default();
        let east_asian = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}');
        ["zh", "ko", "ja", "vi", "hu"]
            .iter()
            .any(|tag| language.starts_with(tag))
            || self
                .native_name
                .as_deref()
                .is_some_and(|name| name.chars().any(east_asian))
    }

    /// How the clerk addresses the guest: "Ms Ouyang", 欧阳娜娜女士; the name alone where no form of address is known.
    pub fn addressed(&self) -> Message {
        let key = match self.salutation.as_deref().map(str::to_lowercase).as_deref() {
            Some("mr" | "mr." | "先生") => "addressed-mr",
            Some("ms" | "ms." | "miss" | "女士" | "小姐") => "addressed-ms",
            Some("mrs" | "mrs." | "太太" | "夫人") => "addressed-mrs",
            Some("dr" | "dr." | "博士") => "addressed-dr",
            Some("prof" | "prof." | "教授") => "addressed-prof",
            _ => return Message::new("addressed-plain").text("name", self.name()),
        };
        let family = self.family_name.clone().unwrap_or_else(|| self.name());
        Message::new(key)
            .text("family", family)
            .text("name", self.name())
    }

    /// Years completed at a date.
    pub fn age_on(&self, date: NaiveDate) -> Option<u32> {
        date.years_since(self.birth_date?)
    }

    /// BCP 47 tag for marking the name's language up, by its script.
    pub fn name_language(&self) -> Option<&'static str> {
        self.native_name.as_deref()?.chars().find_map(|c| match c {
            '\u{ac00}'..='\u{d7af}' => Some("ko"),
            '\u{3040}'..='\u{30ff}' => Some("ja"),
            '\u{3400}'..='\u{9fff}' => Some("zh"),
            '\u{0400}'..='\u{04ff}' => Some("ru"),
            '\u{0600}'..='\u{06ff}' => Some("ar"),
            '\u{0590}'..='\u{05ff}' => Some("he"),
            '\u{0e00}'..='\u{0e7f}' => Some("th"),
            '\u{0900}'..='\u{097f}' => Some("hi"),
            _ => None,
        })
    }
}
