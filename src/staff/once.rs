//! A write with a key happens once: the key is claimed, and the answer kept, in the transaction of its effect.
//!
//! Of two that race with one key, the second waits until the first is decided. A write that was refused leaves no key
//! behind: it had no effect, and may be tried again.

use chrono::TimeDelta;
use diesel::prelude::*;

use crate::clock;
use crate::db::Conn;
use crate::db::schema::idempotency_keys;
use crate::on_either;

/// Keys are kept for this long.
const KEPT: TimeDelta = TimeDelta::hours(48);

/// What a key stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing yet: it is this request's now.
    Ours,
    /// This very request, which was answered so.
    Answered {
        /// The status.
        status: u16,
        /// The body.
        body: String,
    },
    /// Another request.
    Another,
}

/// Claims a key of a token for a request. Call it first in the write transaction.
pub fn claim(conn: &mut Conn, token_id: i64, key: &str, request_hash: &[u8]) -> QueryResult<Claim> {
    let row = (
        idempotency_keys::token_id.eq(token_id),
        idempotency_keys::key.eq(key),
        idempotency_keys::request_hash.eq(request_hash),
        idempotency_keys::created_at.eq(clock::now()),
    );
    let claimed = on_either!(conn, |c| diesel::insert_into(idempotency_keys::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if claimed == 1 {
        return Ok(Claim::Ours);
    }
    type Row = (Vec<u8>, Option<i16>, Option<String>);
    let (hash, status, body): Row = idempotency_keys::table
        .find((token_id, key))
        .select((
            idempotency_keys::request_hash,
            idempotency_keys::status,
            idempotency_keys::body,
        ))
        .first(conn)?;
    Ok(match (status, body) {
        (Some(status), Some(body)) if hash == request_hash => Claim::Answered {
            status: u16::try_from(status).unwrap_or(200),
            body,
        },
        _ => Claim::Another,
    })
}

/// Forgets keys that were kept long enough.
pub fn forget(conn: &mut Conn) -> QueryResult<()> {
    let old = idempotency_keys::created_at.lt(clock::now() - KEPT);
    diesel::delete(idempotency_keys::table.filter(old)).execute(conn)?;
    Ok(())
}

/// Keeps what was answered, in the transaction that claimed the key.
pub fn answered(
    conn: &mut Conn,
    token_id: i64,
    key: &str,
    status: u16,
    body: &str,
) -> QueryResult<()> {
    diesel::update(idempotency_keys::table.find((token_id, key)))
        .set((
            idempotency_keys::status.eq(i16::try_from(status).unwrap_or(200)),
            idempotency_keys::body.eq(body),
        ))
        .execute(conn)?;
    Ok(())
}
