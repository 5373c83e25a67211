//! Compaction: what a snapshot takes in is read seldom, so it goes into few large rows, compressed. Nothing is forgotten.
//!
//! It goes from the record's beginning on, a bounded step a snapshot, so that an old and large record is brought over in many small
//! transactions. What is damaged stays as it is, with all that lies behind it.

use bytes::Bytes;
use codementor_core::id::SessionId;
use rusqlite::{Connection, params};

use super::append::{INSERT, ROW_BYTES};
use super::encoding::{Entries, Growing, sum};
use super::packed;
use super::snapshots::{KEPT_SEQ, sealed};
use crate::sqlite::fault::{DbResult, Fault};
use crate::sqlite::query;

/// A step reads no further row when it has read this much, not compressed, in bytes: with a snapshot every 1,000 entries it keeps
/// up with 1 KB an entry. Its memory and its work are bounded by this and one row.
pub(in crate::sqlite) const STEP_BYTES: usize = 1024 * 1024;

/// Nor more rows than this.
pub(in crate::sqlite) const STEP_ROWS: u32 = 2_048;

/// A row with this much in it, not compressed, is left alone from then on, in bytes. A smaller one is made anew with what comes after
/// it.
pub(in crate::sqlite) const FULL_BYTES: usize = 64 * 1024;

pub(in crate::sqlite) const PACKED: &str = "SELECT upto FROM packed WHERE session = ?1";
pub(in crate::sqlite) const SET_PACKED: &str =
    "INSERT OR REPLACE INTO packed (session, upto) VALUES (?1, ?2)";
pub(in crate::sqlite) const REMOVE_PACKED: &str = "DELETE FROM packed WHERE session = ?1";
/// The rows that a step may take, those the snapshot takes in whole.
pub(in crate::sqlite) const LEFT: &str = "SELECT last, sum, data FROM batches \
     WHERE session = ?1 AND last > ?2 AND last <= ?3 ORDER BY last LIMIT ?4";
/// Removes the rows that it took.
pub(in crate::sqlite) const COMPACTED: &str =
    "DELETE FROM batches WHERE session = ?1 AND last > ?2 AND last <= ?3";

/// A row: its key and its data.
type Row = (i64, Bytes);

/// Makes a step with what the kept snapshot takes in. Its failure is told here.
pub(super) fn compact(conn: &Connection, session: SessionId) -> DbResult<()> {
    let done = step(conn, session);
    if let Err(error) = &done {
        tracing::warn!(%session, ?error, "a record could not be compacted");
    }
    done
}

fn step(conn: &Connection, session: SessionId) -> DbResult<()> {
    let Some(kept) = query::one(conn, KEPT_SEQ, [session.to_bytes()], query::first::<i64>)? else {
        return Ok(());
    };
    let begin = query::one(conn, PACKED, [session.to_bytes()], query::first)?.unwrap_or(0);
    let rows = take(conn, session, begin, kept)?;
    let Some((end, _)) = rows.last() else { return Ok(()) };
    if let [(_, row)] = &rows[..]
        && packed::is_packed(row)
        && packed::length(row)? < FULL_BYTES
    {
        // Nothing came after it.
        return Ok(());
    }
    let Merged { rows: merged, upto } = merge(&rows)?;
    if merged != rows {
        query::change(conn, COMPACTED, params![session.to_bytes(), begin, end])?;
        for (last, data) in merged {
            let sum = sum(session, last, &data);
            query::change(conn, INSERT, params![session.to_bytes(), last, sum, &data[..]])?;
        }
    }
    if let Some(upto) = upto {
        query::change(conn, SET_PACKED, params![session.to_bytes(), upto])?;
    }
    Ok(())
}

/// The rows of one step.
fn take(conn: &Connection, session: SessionId, begin: i64, kept: i64) -> DbResult<Vec<Row>> {
    let mut statement = conn.prepare_cached(LEFT)?;
    let mut left = statement.query(params![session.to_bytes(), begin, kept, STEP_ROWS])?;
    let mut taken = Vec::new();
    let mut size = 0;
    while size < STEP_BYTES
        && let Some(row) = left.next()?
    {
        let row = sealed(session, row)?;
        size += packed::length(&row.1)?;
        taken.push(row);
    }
    Ok(taken)
}

#[derive(Default)]
struct Merged {
    rows: Vec<Row>,
    /// The key of the last row that is full.
    upto: Option<i64>,
}

/// Puts the entries of rows that follow each other into as few as they go into. A gap must stay one: it is an error.
fn merge(rows: &[Row]) -> DbResult<Merged> {
    let mut merged = Merged::default();
    let mut row = Growing::default();
    let mut end = None;
    for (last, data) in rows {
        for entry in Entries::of(*last, data.clone())? {
            let entry = entry?;
            if end.is_some_and(|end| entry.seq != end + 1) {
                return Err(Fault::Malformed("record with a gap"));
            }
            end = Some(entry.seq);
            row.push(entry);
            if row.len() >= ROW_BYTES {
                merged.add(std::mem::take(&mut row))?;
            }
        }
    }
    merged.add(row)?;
    Ok(merged)
}

impl Merged {
    fn add(&mut self, row: Growing) -> DbResult<()> {
        let Some((last, data)) = row.finish() else { return Ok(()) };
        let last = i64::try_from(last).map_err(|_| Fault::Malformed("batch's place"))?;
        if data.len() >= FULL_BYTES {
            self.upto = Some(last);
        }
        self.rows.push((last, packed::pack(data).into()));
        Ok(())
    }
}
