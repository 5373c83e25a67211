//! Adding to a record, and removing it.

use std::ops::ControlFlow;

use bytes::Bytes;
use codementor_core::id::SessionId;
use codementor_core::journal::{Entry, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_ENTRY_BYTES};
use rusqlite::{Connection, params};

use super::encoding::{self, Entries};
use super::snapshots::{self, sealed};
use super::{compact, packed, read, trim};
use crate::sqlite::fault::{DbResult, Fault};
use crate::sqlite::query;

/// A row that has this many bytes of data takes no further entry: reading one entry costs no more than this and
/// [`MAX_ENTRY_BYTES`].
pub(in crate::sqlite) const ROW_BYTES: usize = 256 * 1024;

/// A row of fewer bytes is written again with what comes after it: that costs no further page.
const JOINED_BYTES: i64 = 4 * 1024;

pub(in crate::sqlite) const END: &str =
    "SELECT last FROM batches WHERE session = ?1 ORDER BY last DESC LIMIT 1";
pub(in crate::sqlite) const INSERT: &str =
    "INSERT INTO batches (session, last, sum, data) VALUES (?1, ?2, ?3, ?4)";
pub(in crate::sqlite) const SMALL_ROW: &str =
    "SELECT last, sum, data FROM batches WHERE session = ?1 AND last = ?2 AND length(data) < ?3";
pub(in crate::sqlite) const REMOVE_ROW: &str = "DELETE FROM batches WHERE session = ?1 AND last = ?2";
pub(in crate::sqlite) const REMOVE: &str = "DELETE FROM batches WHERE session = ?1";

/// Entries ready to be added.
pub(super) struct Batch {
    pub(super) session: SessionId,
    /// The last entry before them.
    pub(super) after: i64,
    /// The last of them.
    pub(super) last: i64,
    /// All of them as in a row.
    pub(super) data: Bytes,
}

impl Batch {
    /// `None` when there are no entries.
    pub(super) fn new(session: SessionId, entries: &[Entry]) -> DbResult<Option<Self>> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(None) };
        if entries.iter().any(|entry| entry.data.len() > MAX_ENTRY_BYTES) {
            return Err(Fault::Refused("an entry is too large"));
        }
        if entries.len() > MAX_BATCH_ENTRIES {
            return Err(Fault::Refused("there are too many entries at once"));
        }
        if entries.iter().map(|entry| entry.data.len()).sum::<usize>() > MAX_BATCH_BYTES {
            return Err(Fault::Refused("the entries are too large together"));
        }
        if !follow_each_other(entries) {
            return Err(Fault::Refused("the entries do not follow each other"));
        }
        let after = first.seq.checked_sub(1).ok_or(NO_PLACE)?;
        let after = i64::try_from(after).map_err(|_| NO_PLACE)?;
        let last = i64::try_from(last.seq).map_err(|_| NO_PLACE)?;
        Ok(Some(Self { session, after, last, data: encoding::encode(entries).into() }))
    }

    /// Where the record ends, and whether it does so with exactly these entries, however they came there.
    pub(super) fn is_end(&self, conn: &Connection) -> DbResult<(i64, bool)> {
        let end = end(conn, self.session)?;
        if self.last != end || trim::upto(conn, self.session)? > self.after {
            return Ok((end, false));
        }
        let mut wanted = Entries::all(self.last, self.data.clone());
        let mut is_same = true;
        read::walk(conn, self.session, self.after.cast_unsigned(), |entry| {
            let is_next = wanted.next().transpose()?.is_some_and(|wanted| wanted == entry);
            is_same &= is_next;
            Ok(if is_same { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok((end, is_same))
    }
}

fn follow_each_other(entries: &[Entry]) -> bool {
    entries.windows(2).all(|pair| pair[0].seq.checked_add(1) == Some(pair[1].seq))
}

const NO_PLACE: Fault = Fault::Refused("an entry's place is out of range");

/// Adds entries where the record ends. What stands there in a small row moves in with them: who types slowly does not leave a row
/// for each moment.
pub(super) fn add(conn: &Connection, session: SessionId, mut entries: Vec<Entry>) -> DbResult<()> {
    let Some(first) = entries.first() else { return Ok(()) };
    let end = end(conn, session)?;
    if end.checked_add(1).map(i64::cast_unsigned) != Some(first.seq) || !follow_each_other(&entries) {
        return Err(Fault::Malformed("log that does not go on where a record ends"));
    }
    if let Some(mut before) = small_end(conn, session, end)? {
        query::change(conn, REMOVE_ROW, params![session.to_bytes(), end])?;
        before.append(&mut entries);
        entries = before;
    }
    insert(conn, session, &entries)
}

/// Adds rows with these entries.
pub(in crate::sqlite) fn insert(conn: &Connection, session: SessionId, entries: &[Entry]) -> DbResult<()> {
    for row in in_rows(entries) {
        let last = row.last().and_then(|entry| i64::try_from(entry.seq).ok()).ok_or(NO_PLACE)?;
        let data = encoding::encode(row);
        query::change(
            conn,
            INSERT,
            params![session.to_bytes(), last, encoding::sum(session, last, &data), data],
        )?;
    }
    Ok(())
}

/// The entries of the record's last row, when it is small and sound. A compressed one is large: what comes after it is compressed
/// with it later.
fn small_end(conn: &Connection, session: SessionId, end: i64) -> DbResult<Option<Vec<Entry>>> {
    let row = query::one(conn, SMALL_ROW, params![session.to_bytes(), end, JOINED_BYTES], |row| {
        sealed(session, row)
    });
    match row {
        Ok(Some((_, data))) if packed::is_packed(&data) => Ok(None),
        Ok(Some((last, data))) => Ok(Entries::of(last, data).and_then(Iterator::collect).ok()),
        Ok(None) | Err(Fault::Malformed(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Splits entries into what goes into one row each.
fn in_rows(mut entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    std::iter::from_fn(move || {
        let mut size = 0;
        let full = entries.iter().position(|entry| {
            size += entry.data.len();
            size >= ROW_BYTES
        });
        let (row, rest) = entries.split_at(full.map_or(entries.len(), |full| full + 1));
        entries = rest;
        (!row.is_empty()).then_some(row)
    })
}

/// The place of a record's last entry, also when that was forgotten; 0 when there never was one.
pub(super) fn end(conn: &Connection, session: SessionId) -> DbResult<i64> {
    match query::one(conn, END, [session.to_bytes()], query::first)? {
        Some(last) => Ok(last),
        None => trim::upto(conn, session),
    }
}

/// Removes a record and its snapshot.
pub(super) fn remove(conn: &Connection, session: SessionId) -> DbResult<()> {
    query::change(conn, REMOVE, [session.to_bytes()])?;
    query::change(conn, snapshots::REMOVE_SNAPSHOT, [session.to_bytes()])?;
    query::change(conn, trim::REMOVE_TRIM, [session.to_bytes()])?;
    query::change(conn, compact::REMOVE_PACKED, [session.to_bytes()])?;
    Ok(())
}
