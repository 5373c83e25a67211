//! Forgetting the beginning of a record. Where it begins since is kept, so that a record without entries ends where it ended, and
//! a lost row is never taken for a forgotten one.

use codementor_core::id::SessionId;
use rusqlite::{Connection, params};

use super::encoding::{self, Entries, sum};
use super::packed;
use super::read::AFTER;
use super::snapshots::{KEPT_SEQ, sealed};
use crate::sqlite::fault::{DbResult, Fault};
use crate::sqlite::query;

pub(in crate::sqlite) const UPTO: &str = "SELECT upto, sum, x'' FROM trims WHERE session = ?1";
pub(in crate::sqlite) const SET_UPTO: &str =
    "INSERT OR REPLACE INTO trims (session, upto, sum) VALUES (?1, ?2, ?3)";
pub(in crate::sqlite) const REMOVE_TRIM: &str = "DELETE FROM trims WHERE session = ?1";
pub(in crate::sqlite) const FORGET: &str = "DELETE FROM batches WHERE session = ?1 AND last <= ?2";
pub(in crate::sqlite) const SHORTEN: &str =
    "UPDATE batches SET sum = ?3, data = ?4 WHERE session = ?1 AND last = ?2";

/// The last forgotten entry; 0 when there is none.
pub(super) fn upto(conn: &Connection, session: SessionId) -> DbResult<i64> {
    let upto = query::one(conn, UPTO, [session.to_bytes()], |row| sealed(session, row))?;
    Ok(upto.map_or(0, |(upto, _)| upto))
}

/// See [`codementor_core::journal::Journal::trim`].
pub(super) fn trim(conn: &Connection, session: SessionId, to: u64) -> DbResult<()> {
    let kept: Option<i64> = query::one(conn, KEPT_SEQ, [session.to_bytes()], query::first)?;
    let Some(to) = i64::try_from(to).ok().filter(|to| *to <= kept.unwrap_or(0)) else {
        return Err(Fault::Refused("the kept snapshot does not take in what is to be forgotten"));
    };
    if to <= upto(conn, session)? {
        return Ok(());
    }
    query::change(conn, FORGET, params![session.to_bytes(), to])?;
    shorten(conn, session, to)?;
    query::change(conn, SET_UPTO, params![session.to_bytes(), to, sum(session, to, &[])])?;
    Ok(())
}

/// Takes the entries up to `to` out of the row that has later ones, too.
fn shorten(conn: &Connection, session: SessionId, to: i64) -> DbResult<()> {
    let first = query::one(conn, AFTER, params![session.to_bytes(), to], |row| sealed(session, row))?;
    let Some((last, data)) = first else { return Ok(()) };
    let is_packed = packed::is_packed(&data);
    let entries = Entries::of(last, data)?.collect::<DbResult<Vec<_>>>()?;
    let begins = entries.partition_point(|entry| entry.seq <= to.cast_unsigned());
    if begins > 0 {
        let data = encoding::encode(&entries[begins..]);
        let data = if is_packed { packed::pack(data) } else { data };
        query::change(conn, SHORTEN, params![session.to_bytes(), last, sum(session, last, &data), data])?;
    }
    Ok(())
}
