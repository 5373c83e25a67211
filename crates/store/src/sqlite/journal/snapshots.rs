//! The newest snapshot of each record.

use bytes::Bytes;
use codementor_core::id::SessionId;
use codementor_core::journal::Snapshot;
use rusqlite::{Connection, Row, params};

use super::append;
use super::encoding::sum;
use crate::sqlite::fault::{DbResult, Fault};
use crate::sqlite::query;

/// The largest snapshot. Opening a session holds one in memory.
pub(super) const MAX_SNAPSHOT_BYTES: usize = 64 * 1024 * 1024;

pub(in crate::sqlite) const KEPT: &str = "SELECT seq, sum, data FROM snapshots WHERE session = ?1";
pub(in crate::sqlite) const KEPT_SEQ: &str = "SELECT seq FROM snapshots WHERE session = ?1";
pub(in crate::sqlite) const PUT: &str =
    "INSERT OR REPLACE INTO snapshots (session, seq, sum, data) VALUES (?1, ?2, ?3, ?4)";
pub(in crate::sqlite) const REMOVE_SNAPSHOT: &str = "DELETE FROM snapshots WHERE session = ?1";

/// Refuses a snapshot whatever the record.
pub(super) fn check(snapshot: &Snapshot) -> DbResult<()> {
    if snapshot.data.len() > MAX_SNAPSHOT_BYTES {
        return Err(Fault::Refused("the snapshot is larger than 64 MiB"));
    }
    Ok(())
}

/// Keeps a snapshot unless it is older than the kept one.
pub(in crate::sqlite) fn put(conn: &Connection, session: SessionId, snapshot: &Snapshot) -> DbResult<()> {
    let end = append::end(conn, session)?;
    let Some(seq) = i64::try_from(snapshot.seq).ok().filter(|seq| *seq <= end) else {
        return Err(Fault::Refused("the snapshot is from beyond the record's end"));
    };
    let kept: Option<i64> = query::one(conn, KEPT_SEQ, [session.to_bytes()], query::first)?;
    if kept.is_none_or(|kept| kept <= seq) {
        let data: &[u8] = &snapshot.data;
        query::change(conn, PUT, params![session.to_bytes(), seq, sum(session, seq, data), data])?;
    }
    Ok(())
}

/// The kept snapshot.
pub(super) fn kept(conn: &Connection, session: SessionId) -> DbResult<Option<Snapshot>> {
    query::one(conn, KEPT, [session.to_bytes()], |row| {
        let (seq, data) = sealed(session, row)?;
        let seq = u64::try_from(seq).map_err(|_| Fault::Malformed("snapshot's place"))?;
        Ok(Snapshot { seq, data })
    })
}

/// Reads a row of key, sum and data that is as it was written.
pub(super) fn sealed(session: SessionId, row: &Row<'_>) -> DbResult<(i64, Bytes)> {
    let key = row.get(0)?;
    let data = row.get_ref(2)?.as_blob().map_err(|_| Fault::Malformed("row of the journal"))?;
    if row.get::<_, i64>(1)? != i64::from(sum(session, key, data)) {
        return Err(Fault::Malformed("row of the journal"));
    }
    Ok((key, Bytes::copy_from_slice(data)))
}
