//! Adding to a record, and removing it.

use std::ops::ControlFlow;

use bytes::Bytes;
use codementor_core::id::SessionId;
use codementor_core::journal::{Entry, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_ENTRY_BYTES};
use rusqlite::{Connection, params};

use super::encoding::{self, Entries};
use super::{read, snapshots, trim};
use crate::sqlite::fault::{DbResult, Fault};
use crate::sqlite::query;

/// A row that has this many bytes of data takes no further entry: reading one entry costs no more than this and
/// [`MAX_ENTRY_BYTES`].
pub(super) const ROW_BYTES: usize = 256 * 1024;

pub(in crate::sqlite) const END: &str =
    "SELECT last FROM batches WHERE session = ?1 ORDER BY last DESC LIMIT 1";
pub(in crate::sqlite) const INSERT: &str =
    "INSERT INTO batches (session, last, sum, data) VALUES (?1, ?2, ?3, ?4)";
pub(in crate::sqlite) const REMOVE: &str = "DELETE FROM batches WHERE session = ?1";

/// Entries ready to be added, encoded before they wait for the writer.
pub(super) struct Batch {
    session: SessionId,
    /// The last entry before them.
    after: i64,
    rows: Vec<BatchRow>,
}

struct BatchRow {
    last: i64,
    sum: u32,
    data: Bytes,
}

impl Batch {
    /// `None` when there are no entries.
    pub(super) fn new(session: SessionId, entries: &[Entry]) -> DbResult<Option<Self>> {
        let Some(first) = entries.first() else { return Ok(None) };
        if entries.iter().any(|entry| entry.data.len() > MAX_ENTRY_BYTES) {
            return Err(Fault::Refused("an entry is too large"));
        }
        if entries.len() > MAX_BATCH_ENTRIES {
            return Err(Fault::Refused("there are too many entries at once"));
        }
        if entries.iter().map(|entry| entry.data.len()).sum::<usize>() > MAX_BATCH_BYTES {
            return Err(Fault::Refused("the entries are too large together"));
        }
        if entries.windows(2).any(|pair| pair[0].seq.checked_add(1) != Some(pair[1].seq)) {
            return Err(Fault::Refused("the entries do not follow each other"));
        }
        let after = first.seq.checked_sub(1).ok_or(NO_PLACE)?;
        let after = i64::try_from(after).map_err(|_| NO_PLACE)?;
        let rows =
            in_rows(entries).map(|entries| BatchRow::new(session, entries)).collect::<DbResult<_>>()?;
        Ok(Some(Self { session, after, rows }))
    }

    /// Adds them when the record ends right before them. They are added, too, when it ends with them already. Otherwise tells where it
    /// ends.
    pub(super) fn write(&self, conn: &Connection) -> DbResult<Result<(), u64>> {
        let end = end(conn, self.session)?;
        if end != self.after {
            return Ok(if self.is_end(conn, end)? { Ok(()) } else { Err(end.cast_unsigned()) });
        }
        for row in &self.rows {
            let data: &[u8] = &row.data;
            query::change(conn, INSERT, params![self.session.to_bytes(), row.last, row.sum, data])?;
        }
        Ok(Ok(()))
    }

    /// Whether a record that ends at `end` does so with exactly these entries, however they came there.
    fn is_end(&self, conn: &Connection, end: i64) -> DbResult<bool> {
        let ends_alike = self.rows.last().is_some_and(|row| row.last == end);
        if !ends_alike || trim::upto(conn, self.session)? > self.after {
            return Ok(false);
        }
        let mut wanted = self.rows.iter().flat_map(|row| Entries::all(row.last, row.data.clone()));
        let mut is_same = true;
        read::walk(conn, self.session, self.after.cast_unsigned(), |entry| {
            let is_next = wanted.next().transpose()?.is_some_and(|wanted| wanted == entry);
            is_same &= is_next;
            Ok(if is_same { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(is_same)
    }
}

const NO_PLACE: Fault = Fault::Refused("an entry's place is out of range");

impl BatchRow {
    fn new(session: SessionId, entries: &[Entry]) -> DbResult<Self> {
        let last = entries.last().and_then(|entry| i64::try_from(entry.seq).ok()).ok_or(NO_PLACE)?;
        let data = Bytes::from(encoding::encode(entries));
        Ok(Self { last, sum: encoding::sum(session, last, &data), data })
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
    Ok(())
}
