//! What a booking asks for in the guest's own words, read into wishes for a clerk to confirm with one key.
//!
//! Nothing is taken from words alone: a reading becomes a stated wish when somebody says so, and is not shown again for
//! this stay when somebody says it was misread.

use diesel::prelude::*;

use super::Stay;
use super::arrive::{Acting, hold, record};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{guests, stay_readings};
use crate::error::Fault;
use crate::guests::preferences::{self, NewPreference, Preference, Source, Strength, Verdict};
use crate::text_enum;
use crate::vocabulary::Feature;
use crate::vocabulary::wording;
use crate::words::Message;

text_enum! {
    /// What a clerk says of a reading.
    pub enum Judgement {
        /// The guest asks for it.
        Confirmed = "confirmed",
        /// The words say something else.
        Dismissed = "dismissed",
    }
}

/// A wish that words seem to ask for.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// What.
    pub feature: &'static Feature,
    /// How much it would matter.
    pub strength: Strength,
    /// The words it was read in.
    pub words: String,
}

impl Suggestion {
    /// Whether this evidence says the same already, or more.
    fn is_known_from(&self, evidence: &Preference) -> bool {
        let is_wanted = matches!(self.strength, Strength::Must | Strength::Prefer);
        evidence.code == self.feature.code
            && evidence.is_wanted() == is_wanted
            && evidence.source == Source::Stated
    }
}

/// What the words of a booking seem to ask for and nobody knows yet. Pure; [`undecided`] leaves out what was judged.
pub fn suggestions(stay: &Stay, evidence: &[Preference]) -> Vec<Suggestion> {
    let mut all: Vec<Suggestion> = Vec::new();
    for words in stay.requested_words() {
        for reading in wording::read(words) {
            let code = reading.feature.code;
            let suggestion = Suggestion {
                feature: reading.feature,
                strength: Strength::of(reading),
                words: words.to_owned(),
            };
            let is_asked = reading.is_wanted && stay.requested_codes().any(|asked| asked == code);
            let is_known = evidence.iter().any(|known| suggestion.is_known_from(known));
            if !is_asked && !is_known && all.iter().all(|known| known.feature.code != code) {
                all.push(suggestion);
            }
        }
    }
    all
}

/// The suggestions that nobody has judged; no query where there are none.
pub fn undecided(
    conn: &mut Conn,
    stay: &Stay,
    evidence: &[Preference],
) -> QueryResult<Vec<Suggestion>> {
    let mut all = suggestions(stay, evidence);
    if all.is_empty() {
        return Ok(all);
    }
    let decided: Vec<String> = stay_readings::table
        .filter(stay_readings::stay_id.eq(stay.id))
        .select(stay_readings::code)
        .load(conn)?;
    all.retain(|suggestion| !decided.iter().any(|code| code == suggestion.feature.code));
    Ok(all)
}

/// The guest asks for it: it becomes a wish the guest stated, in the words it was read in.
pub fn confirm(
    conn: &mut Conn,
    stay_id: i64,
    code: &str,
    acting: Acting,
) -> Result<Suggestion, Fault> {
    let (stay, suggestion) = judge(conn, stay_id, code, Judgement::Confirmed, acting)?;
    NewPreference {
        guest_id: stay.guest_id,
        code: suggestion.feature.code,
        strength: suggestion.strength,
        source: Source::Stated,
        property_id: None,
        noted_at: Some(stay.property_id),
        stay_id: Some(stay.id),
        noted_on: acting.today,
        noted_by: acting.by.user_id(),
        note: Some(&suggestion.words),
        seen: (1, 1),
    }
    .note(conn)?;
    record(conn, &stay, "confirm_reading", acting, Some(code))?;
    Ok(suggestion)
}

/// The words say something else: not shown again for this stay.
pub fn dismiss(
    conn: &mut Conn,
    stay_id: i64,
    code: &str,
    acting: Acting,
) -> Result<Suggestion, Fault> {
    let (stay, suggestion) = judge(conn, stay_id, code, Judgement::Dismissed, acting)?;
    record(conn, &stay, "dismiss_reading", acting, Some(code))?;
    Ok(suggestion)
}

/// Takes a judgement back: the reading is asked about again, and the wish it made is gone.
pub fn reopen(conn: &mut Conn, stay_id: i64, code: &str, acting: Acting) -> Result<(), Fault> {
    let stay = hold(conn, stay_id)?;
    let judged = stay_readings::table.find((stay_id, code));
    let judgement: Option<Judgement> = judged
        .select(stay_readings::verdict)
        .first(conn)
        .optional()?;
    let Some(judgement) = judgement else {
        return Err(Message::new("refused-reading").into());
    };
    diesel::delete(judged).execute(conn)?;
    if judgement == Judgement::Confirmed {
        let (person_id, by) = (person_of(conn, &stay)?, acting.by.user_id());
        let noted = preferences::of_persons(conn, &[person_id])?;
        let noted = noted.into_iter().find(|one| {
            one.code == code && one.source == Source::Stated && one.noted_stay_id == Some(stay.id)
        });
        if let Some(noted) = noted {
            let retire = Verdict::Retire;
            preferences::judge(conn, person_id, noted.id, retire, by, acting.today)?;
        }
    }
    record(conn, &stay, "reopen_reading", acting, Some(code))
}

/// Stores what was said of a suggestion that still stands.
fn judge(
    conn: &mut Conn,
    stay_id: i64,
    code: &str,
    judgement: Judgement,
    acting: Acting,
) -> Result<(Stay, Suggestion), Fault> {
    let stay = hold(conn, stay_id)?;
    let person_id = person_of(conn, &stay)?;
    let evidence = preferences::of_persons(conn, &[person_id])?;
    let standing = undecided(conn, &stay, &evidence)?;
    let suggestion = standing.into_iter().find(|one| one.feature.code == code);
    let suggestion = suggestion.ok_or_else(|| Message::new("refused-reading"))?;
    diesel::insert_into(stay_readings::table)
        .values((
            stay_readings::stay_id.eq(stay_id),
            stay_readings::code.eq(code),
            stay_readings::verdict.eq(judgement),
            stay_readings::decided_by.eq(acting.by.user_id()),
            stay_readings::decided_at.eq(clock::now()),
        ))
        .execute(conn)?;
    Ok((stay, suggestion))
}

fn person_of(conn: &mut Conn, stay: &Stay) -> QueryResult<i64> {
    guests::table
        .find(stay.guest_id)
        .select(guests::person_id)
        .first(conn)
}
