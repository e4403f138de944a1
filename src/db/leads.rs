//! Where keys lead: the profiles that share a key or a likeness, in one statement however many are asked for.
//!
//! It is prepared once and kept, and reads of a key that thousands share no more than says so.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};

use super::Conn;
use super::conn::MultiBackend;

/// What is asked for.
pub struct Asked<'a> {
    /// Kind and text of search keys.
    pub keys: &'a [(i16, &'a str)],
    /// Keys of likeness.
    pub likeness: &'a [i64],
    /// Profiles read of one key, at most.
    pub most: i64,
    /// Profiles read of one likeness, at most.
    pub most_alike: i64,
}

/// What one key leads to: its place in what was asked, likenesses after keys, and a profile.
pub type Lead = (usize, i64);

/// Where the keys lead.
pub fn leads(conn: &mut Conn, asked: &Asked<'_>) -> QueryResult<Vec<Lead>> {
    if asked.keys.is_empty() && asked.likeness.is_empty() {
        return Ok(Vec::new());
    }
    let written =
        |error: serde_json::Error| diesel::result::Error::SerializationError(error.into());
    let rows: Vec<(i64, i64)> = Leads {
        keys: serde_json::to_string(asked.keys).map_err(written)?,
        likeness: serde_json::to_string(asked.likeness).map_err(written)?,
        most: asked.most,
        most_alike: asked.most_alike,
    }
    .load(conn)?;
    let keys = asked.keys.len();
    Ok(rows
        .into_iter()
        .filter_map(|(place, guest_id)| {
            let place = match usize::try_from(place) {
                Ok(place) => place,
                Err(_) => keys + usize::try_from(-1 - place).ok()?,
            };
            Some((place, guest_id))
        })
        .collect())
}

/// The statement. Places of likenesses count down from -1.
#[derive(QueryId)]
struct Leads {
    keys: String,
    likeness: String,
    most: i64,
    most_alike: i64,
}

impl Query for Leads {
    type SqlType = (BigInt, BigInt);
}

impl RunQueryDsl<Conn> for Leads {}

impl QueryFragment<MultiBackend> for Leads {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        match out.backend() {
            MultiBackend::Sqlite(_) => {
                // There is no LATERAL: the profile behind the last one wanted bounds the index's range.
                out.push_sql("SELECT asked.key, held.guest_id FROM json_each(");
                out.push_bind_param::<Text, _>(&self.keys)?;
                out.push_sql(
                    ") AS asked CROSS JOIN guest_keys AS held \
                     ON held.kind = asked.value ->> 0 AND held.key = asked.value ->> 1 \
                     AND held.guest_id <= coalesce((SELECT last.guest_id FROM guest_keys AS last \
                     WHERE last.kind = asked.value ->> 0 AND last.key = asked.value ->> 1 \
                     ORDER BY last.guest_id LIMIT 1 OFFSET ",
                );
                out.push_bind_param::<BigInt, _>(&self.most)?;
                out.push_sql(
                    " - 1), 9223372036854775807) \
                     UNION ALL SELECT -1 - asked.key, alike.guest_id FROM json_each(",
                );
                out.push_bind_param::<Text, _>(&self.likeness)?;
                out.push_sql(
                    ") AS asked CROSS JOIN guest_likeness AS alike ON alike.key = asked.value \
                     AND alike.guest_id <= coalesce((SELECT last.guest_id FROM guest_likeness AS last \
                     WHERE last.key = asked.value ORDER BY last.guest_id LIMIT 1 OFFSET ",
                );
                out.push_bind_param::<BigInt, _>(&self.most_alike)?;
                out.push_sql(" - 1), 9223372036854775807)");
            }
            MultiBackend::Postgresql(_) => {
                out.push_sql(
                    "SELECT asked.place - 1, held.guest_id FROM jsonb_array_elements(CAST(",
                );
                out.push_bind_param::<Text, _>(&self.keys)?;
                out.push_sql(
                    " AS jsonb)) WITH ORDINALITY AS asked (key, place) CROSS JOIN LATERAL (\
                     SELECT guest_id FROM guest_keys WHERE kind = CAST(asked.key ->> 0 AS smallint) \
                     AND key = asked.key ->> 1 ORDER BY guest_id LIMIT ",
                );
                out.push_bind_param::<BigInt, _>(&self.most)?;
                out.push_sql(
                    ") AS held UNION ALL SELECT -asked.place, alike.guest_id \
                     FROM jsonb_array_elements_text(CAST(",
                );
                out.push_bind_param::<Text, _>(&self.likeness)?;
                out.push_sql(
                    " AS jsonb)) WITH ORDINALITY AS asked (key, place) CROSS JOIN LATERAL (\
                     SELECT guest_id FROM guest_likeness WHERE key = CAST(asked.key AS bigint) \
                     ORDER BY guest_id LIMIT ",
                );
                out.push_bind_param::<BigInt, _>(&self.most_alike)?;
                out.push_sql(") AS alike");
            }
        }
        Ok(())
    }
}
