//! Wishes as evidence: who told us or what showed it, when, how often, where.

use chrono::{Months, NaiveDate};
use diesel::prelude::*;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::{guests, preferences, users};
use crate::outbox::{self, Event};
use crate::text_enum;
use crate::vocabulary::wording::Reading;
use crate::vocabulary::{self, Feature};
use crate::words::Message;

text_enum! {
    /// How much it matters.
    pub enum Strength {
        /// Must have it.
        Must = "must",
        /// Likes it.
        Prefer = "prefer",
        /// Dislikes it.
        Avoid = "avoid",
        /// Must not have it.
        Never = "never",
    }
}

impl Strength {
    /// How much a wish matters of which nothing more is known: a need is a must.
    pub fn of(wish: Reading) -> Self {
        match (wish.is_wanted, wish.feature.need) {
            (true, true) => Self::Must,
            (true, false) => Self::Prefer,
            (false, true) => Self::Never,
            (false, false) => Self::Avoid,
        }
    }
}

text_enum! {
    /// How we know, the surest first.
    pub enum Source {
        /// The guest said so.
        Stated = "stated",
        /// Stays showed it.
        Observed = "observed",
        /// Another system said so.
        Imported = "imported",
        /// We conclude it.
        Inferred = "inferred",
    }
}

text_enum! {
    /// Why evidence counts no longer.
    pub enum Ending {
        /// It does not hold any more.
        Over = "over",
        /// Somebody said that it was never right: it is not concluded again until the guest says so.
        Wrong = "wrong",
        /// It contradicted something else, and somebody chose.
        Settled = "settled",
        /// Stays no longer bear it out.
        Unfounded = "unfounded",
    }
}

/// One piece of evidence for a wish.
#[derive(Clone, Debug, Queryable)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Preference {
    pub id: i64,
    pub person_id: i64,
    pub code: String,
    pub strength: Strength,
    pub source: Source,
    pub property_id: Option<i64>,
    pub noted_at_property_id: Option<i64>,
    pub noted_on: NaiveDate,
    pub noted_by: Option<String>,
    pub note: Option<String>,
    pub times: i64,
    pub chances: i64,
    pub confirmed_on: Option<NaiveDate>,
    pub noted_stay_id: Option<i64>,
}

/// Evidence older than this is asked again.
const FRESH: Months = Months::new(12);

impl Preference {
    /// What is wished for.
    pub fn feature(&self) -> Option<&'static Feature> {
        vocabulary::get(&self.code)
    }

    /// When it was last known to hold.
    pub fn as_of(&self) -> NaiveDate {
        self.confirmed_on
            .map_or(self.noted_on, |confirmed| confirmed.max(self.noted_on))
    }

    /// Whether it is so old that the clerk should ask again.
    pub fn is_stale(&self, today: NaiveDate) -> bool {
        self.as_of()
            .checked_add_months(FRESH)
            .is_some_and(|until| until < today)
    }

    /// Whether it is to be had, and not to be avoided.
    pub fn is_wanted(&self) -> bool {
        matches!(self.strength, Strength::Must | Strength::Prefer)
    }

    /// Whether it is an allergy.
    pub fn is_allergy(&self) -> bool {
        self.feature()
            .is_some_and(|feature| feature.kind == vocabulary::Kind::Allergy)
    }

    /// How we know, in words: "told us", "4 of 5 stays".
    pub fn evidence(&self) -> Message {
        match self.source {
            Source::Stated => Message::new("evidence-stated"),
            Source::Imported => Message::new("evidence-imported"),
            Source::Observed => Message::new("evidence-observed")
                .number("times", self.times)
                .number("chances", self.chances),
            Source::Inferred => Message::new("evidence-inferred")
                .number("times", self.times)
                .number("chances", self.chances),
        }
    }
}

/// All live evidence about these persons that holds at a house, the surest and newest first.
pub fn of_persons(conn: &mut Conn, persons: &[i64]) -> QueryResult<Vec<Preference>> {
    let mut found: Vec<Preference> = crate::with_ids!(
        preferences::table
            .inner_join(guests::table)
            .left_join(users::table.on(users::id.nullable().eq(preferences::noted_by)))
            .filter(preferences::retired_at.is_null())
            .select((
                preferences::id,
                guests::person_id,
                preferences::code,
                preferences::strength,
                preferences::source,
                preferences::property_id,
                preferences::noted_at_property_id,
                preferences::noted_on,
                users::display_name.nullable(),
                preferences::note,
                preferences::times,
                preferences::chances,
                preferences::confirmed_on,
                preferences::noted_stay_id,
            )),
        guests::person_id,
        persons
    )
    .load(conn)?;
    found.sort_by_key(|p| (p.source, std::cmp::Reverse(p.as_of()), p.id));
    Ok(found)
}

/// A wish to be noted.
pub struct NewPreference<'a> {
    /// The profile it was learned with.
    pub guest_id: i64,
    /// What.
    pub code: &'a str,
    /// How much.
    pub strength: Strength,
    /// How we know.
    pub source: Source,
    /// Where it holds; none is everywhere.
    pub property_id: Option<i64>,
    /// The house it was learned at, where it was one.
    pub noted_at: Option<i64>,
    /// During which stay.
    pub stay_id: Option<i64>,
    /// On which business date.
    pub noted_on: NaiveDate,
    /// By whom.
    pub noted_by: Option<i64>,
    /// In the guest's own words.
    pub note: Option<&'a str>,
    /// How many stays showed it, of how many that could have.
    pub seen: (i64, i64),
}

impl NewPreference<'_> {
    /// Notes the wish; the same wish from the same kind of source is confirmed instead of noted twice.
    /// Returns its id. Call it inside a write transaction.
    pub fn note(&self, conn: &mut Conn) -> QueryResult<i64> {
        let known: Vec<(i64, Option<i64>)> = preferences::table
            .filter(
                preferences::guest_id
                    .eq(self.guest_id)
                    .and(preferences::code.eq(self.code)),
            )
            .filter(
                preferences::source
                    .eq(self.source)
                    .and(preferences::retired_at.is_null()),
            )
            .select((preferences::id, preferences::property_id))
            .load(conn)?;
        let known = known
            .into_iter()
            .find(|(_, place)| *place == self.property_id)
            .map(|(id, _)| id);
        let (times, chances) = self.seen;
        let change = known.map_or("noted", |_| "confirmed");
        let event = Event::of_preference(change, self.guest_id, self.code);
        let event = match self.noted_at {
            Some(house) => event.house(house),
            None => event,
        };
        outbox::tell(conn, [event])?;
        if let Some(id) = known {
            diesel::update(preferences::table.find(id))
                .set((
                    preferences::strength.eq(self.strength),
                    preferences::confirmed_on.eq(self.noted_on),
                    preferences::confirmed_by.eq(self.noted_by),
                    preferences::times.eq(times),
                    preferences::chances.eq(chances),
                    self.note.map(|note| preferences::note.eq(note)),
                ))
                .execute(conn)?;
            return Ok(id);
        }
        self.insert(conn)
    }

    /// Stores it as new evidence, and tells nobody. Returns its id.
    pub fn insert(&self, conn: &mut Conn) -> QueryResult<i64> {
        let (times, chances) = self.seen;
        diesel::insert_into(preferences::table)
            .values((
                (
                    preferences::guest_id.eq(self.guest_id),
                    preferences::code.eq(self.code),
                    preferences::strength.eq(self.strength),
                    preferences::source.eq(self.source),
                    preferences::property_id.eq(self.property_id),
                    preferences::noted_at_property_id.eq(self.noted_at),
                    preferences::noted_stay_id.eq(self.stay_id),
                ),
                preferences::noted_on.eq(self.noted_on),
                preferences::noted_by.eq(self.noted_by),
                preferences::note.eq(self.note),
                preferences::times.eq(times),
                preferences::chances.eq(chances),
                preferences::created_at.eq(clock::now()),
            ))
            .returning(preferences::id)
            .get_result(conn)
    }
}

/// What a clerk does with a piece of evidence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It still holds.
    Confirm,
    /// It does not hold (any more); what was concluded was wrong.
    Retire,
    /// It gives way to what contradicts it.
    GiveWay,
    /// It was taken out by mistake.
    Restore,
}

impl Verdict {
    /// What others are told.
    fn change(self) -> &'static str {
        match self {
            Self::Confirm => "confirmed",
            Self::Retire | Self::GiveWay => "retired",
            Self::Restore => "noted",
        }
    }

    fn ending(self, source: Source) -> Ending {
        match (self, source) {
            (Self::GiveWay, _) => Ending::Settled,
            (_, Source::Stated | Source::Imported) => Ending::Over,
            (_, Source::Observed | Source::Inferred) => Ending::Wrong,
        }
    }
}

/// Does with evidence of a person what somebody says; how it was known. None where it is not theirs, or stands otherwise
/// by now.
pub fn judge(
    conn: &mut Conn,
    person_id: i64,
    preference_id: i64,
    verdict: Verdict,
    by: Option<i64>,
    on: NaiveDate,
) -> QueryResult<Option<Source>> {
    type Found = (i64, String, Source, Option<i64>, bool);
    let found: Option<Found> = preferences::table
        .inner_join(guests::table)
        .filter(preferences::id.eq(preference_id))
        .filter(guests::person_id.eq(person_id))
        .select((
            preferences::guest_id,
            preferences::code,
            preferences::source,
            preferences::property_id,
            preferences::retired_at.is_not_null(),
        ))
        .first(conn)
        .optional()?;
    let Some((guest_id, code, source, place, is_retired)) = found else {
        return Ok(None);
    };
    if is_retired != (verdict == Verdict::Restore) {
        return Ok(None);
    }
    let row = preferences::table.find(preference_id);
    match verdict {
        Verdict::Confirm => diesel::update(row)
            .set((
                preferences::confirmed_on.eq(on),
                preferences::confirmed_by.eq(by),
            ))
            .execute(conn)?,
        Verdict::Retire | Verdict::GiveWay => diesel::update(row)
            .set((
                preferences::retired_at.eq(clock::now()),
                preferences::retired_by.eq(by),
                preferences::retired_as.eq(verdict.ending(source)),
            ))
            .execute(conn)?,
        Verdict::Restore => {
            // The same may have been noted anew in the meantime.
            if stands(conn, guest_id, &code, source, place)? {
                return Ok(None);
            }
            diesel::update(row)
                .set((
                    preferences::retired_at.eq(None::<chrono::NaiveDateTime>),
                    preferences::retired_by.eq(None::<i64>),
                    preferences::retired_as.eq(None::<Ending>),
                ))
                .execute(conn)?
        }
    };
    outbox::tell(
        conn,
        [Event::of_preference(verdict.change(), guest_id, &code)],
    )?;
    Ok(Some(source))
}

fn stands(
    conn: &mut Conn,
    guest_id: i64,
    code: &str,
    source: Source,
    place: Option<i64>,
) -> QueryResult<bool> {
    let places: Vec<Option<i64>> = preferences::table
        .filter(
            preferences::guest_id
                .eq(guest_id)
                .and(preferences::code.eq(code)),
        )
        .filter(
            preferences::source
                .eq(source)
                .and(preferences::retired_at.is_null()),
        )
        .select(preferences::property_id)
        .load(conn)?;
    Ok(places.contains(&place))
}
