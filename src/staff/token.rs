//! API bearer tokens: shown once, stored hashed.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::role::{Houses, Right, Role};
use crate::clock;
use crate::db::Conn;
use crate::db::schema::{api_token_properties, api_tokens};
use crate::secret;

/// How often at most the last use of a token is written.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// A program that calls with a token in force.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The token.
    pub token_id: i64,
    /// What the token is called; also the source of what the program tells.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Where.
    pub houses: Houses,
    /// Its last use is to be written again; see [`Bearer::touch`].
    pub is_due: bool,
}

impl Bearer {
    /// Whose token this is; none where it is unknown or revoked. One query.
    pub fn by_token(conn: &mut Conn, token: &str) -> QueryResult<Option<Self>> {
        type Row = (Token, Option<i64>);
        let rows: Vec<Row> = api_tokens::table
            .left_join(api_token_properties::table)
            .filter(api_tokens::token_hash.eq(secret::token_hash(token)))
            .filter(api_tokens::revoked_at.is_null())
            .select((
                Token::as_select(),
                api_token_properties::property_id.nullable(),
            ))
            .load(conn)?;
        let allowed = rows.iter().filter_map(|(_, house)| *house).collect();
        let now = clock::now();
        Ok(rows.into_iter().next().map(|(token, _)| Self {
            token_id: token.id,
            role: token.role,
            houses: if token.all_properties {
                Houses::All
            } else {
                Houses::Only(allowed)
            },
            is_due: token.last_used_at.is_none_or(|used| now - used > TOUCH),
            name: token.name,
        }))
    }

    /// Writes when the token was used last, at most once a minute.
    pub fn touch(&self, conn: &mut Conn) -> QueryResult<()> {
        if self.is_due {
            diesel::update(api_tokens::table.find(self.token_id))
                .set(api_tokens::last_used_at.eq(clock::now()))
                .execute(conn)?;
        }
        Ok(())
    }

    /// Whether its role has a right.
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }
}

/// A token as it is listed; the token itself is not kept.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = api_tokens)]
#[allow(missing_docs, reason = "the columns of the table")]
pub struct Token {
    pub id: i64,
    pub name: String,
    pub role: Role,
    pub all_properties: bool,
    pub created_at: NaiveDateTime,
    pub last_used_at: Option<NaiveDateTime>,
    pub revoked_at: Option<NaiveDateTime>,
}

impl Token {
    /// Makes a token and returns it, this once. Call it inside a write transaction.
    pub fn issue(conn: &mut Conn, name: &str, role: Role, houses: &Houses) -> QueryResult<String> {
        let token = format!("ik_{}", secret::token());
        let id: i64 = diesel::insert_into(api_tokens::table)
            .values((
                api_tokens::name.eq(name),
                api_tokens::token_hash.eq(secret::token_hash(&token)),
                api_tokens::role.eq(role),
                api_tokens::all_properties.eq(*houses == Houses::All),
                api_tokens::created_at.eq(clock::now()),
            ))
            .returning(api_tokens::id)
            .get_result(conn)?;
        if let Houses::Only(houses) = houses {
            for property_id in houses {
                diesel::insert_into(api_token_properties::table)
                    .values((
                        api_token_properties::token_id.eq(id),
                        api_token_properties::property_id.eq(property_id),
                    ))
                    .execute(conn)?;
            }
        }
        Ok(token)
    }

    /// All tokens by name.
    pub fn all(conn: &mut Conn) -> QueryResult<Vec<Self>> {
        api_tokens::table
            .order(api_tokens::name)
            .select(Self::as_select())
            .load(conn)
    }

    /// Revokes the token of that name; false where there is none in force.
    pub fn revoke(conn: &mut Conn, name: &str) -> QueryResult<bool> {
        let revoked = diesel::update(
            api_tokens::table.filter(
                api_tokens::name
                    .eq(name)
                    .and(api_tokens::revoked_at.is_null()),
            ),
        )
        .set(api_tokens::revoked_at.eq(clock::now()))
        .execute(conn)?;
        Ok(revoked == 1)
    }
}
