//! Adding to a record, and removing it.

use codementor_core::id::SessionId;
use codementor_core::journal::{Entry, MAX_ENTRY_BYTES};
use rusqlite::{Connection, params};

use super::{encoding, snapshots};
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
    data: Vec<u8>,
}

impl Batch {
    /// `None` when there are no entries.
    pub(super) fn new(session: SessionId, entries: &[Entry]) -> DbResult<Option<Self>> {
        let Some(first) = entries.first() else { return Ok(None) };
        if entries.iter().any(|entry| entry.data.len() > MAX_ENTRY_BYTES) {
            return Err(Fault::Refused("an entry is too large"));
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

    /// Adds them when the record ends right before them.
    pub(super) fn write(&self, conn: &Connection) -> DbResult<()> {
        if end(conn, self.session)? != self.after {
            return Err(Fault::Refused("the entries do not go on where the record ends"));
        }
        for row in &self.rows {
            query::change(conn, INSERT, params![self.session.to_bytes(), row.last, row.sum, row.data])?;
        }
        Ok(())
    }
}

const NO_PLACE: Fault = Fault::Refused("an entry's place is out of range");

impl BatchRow {
    fn new(session: SessionId, entries: &[Entry]) -> DbResult<Self> {
        let last = entries.last().and_then(|entry| i64::try_from(entry.seq).ok()).ok_or(NO_PLACE)?;
        let data = encoding::encode(entries);
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

/// The place of a record's last entry; 0 when there is none.
pub(super) fn end(conn: &Connection, session: SessionId) -> DbResult<i64> {
    Ok(query::one(conn, END, [session.to_bytes()], query::first)?.unwrap_or(0))
}

/// Removes a record and its snapshot.
pub(super) fn remove(conn: &Connection, session: SessionId) -> DbResult<()> {
    query::change(conn, REMOVE, [session.to_bytes()])?;
    query::change(conn, snapshots::REMOVE_SNAPSHOT, [session.to_bytes()])?;
    Ok(())
}
