//! Reading records back, each call within a bound of memory.

use std::ops::ControlFlow;

use codementor_core::id::SessionId;
use codementor_core::journal::{Entry, Kept};
use rusqlite::{Connection, params};

use super::encoding::Entries;
use super::log::{Change, Frame, folded};
use super::snapshots::{self, sealed};
use super::{append, trim};
use crate::sqlite::fault::{DbResult, Fault};

/// The most memory that a page's entries take, unless one alone takes more.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// The most memory that the entries after a snapshot take.
const TAIL_BYTES: usize = 64 * 1024 * 1024;

/// The rows with entries after a place.
pub(in crate::sqlite) const AFTER: &str =
    "SELECT last, sum, data FROM batches WHERE session = ?1 AND last > ?2 ORDER BY last";

/// What is in the log and not yet in the tables, of one session.
#[derive(Default)]
pub(super) struct Later {
    /// Whether the record was removed meanwhile: what the tables have of it is nothing.
    is_removed: bool,
    /// The entries after those of the tables.
    entries: Vec<Entry>,
}

impl Later {
    /// What these frames add to the tables as `conn` sees them.
    pub(super) fn of(conn: &Connection, frames: Vec<Frame>) -> DbResult<Self> {
        let folded = folded(conn)?;
        let mut later = Self::default();
        for frame in frames.into_iter().filter(|frame| frame.number > folded) {
            match frame.change {
                Change::Added { last, data } => {
                    for entry in Entries::of(last, data)? {
                        later.entries.push(entry?);
                    }
                }
                Change::Removed => later = Self { is_removed: true, entries: Vec::new() },
                Change::Beat => {}
            }
        }
        Ok(later)
    }
}

/// See [`codementor_core::journal::Journal::load`].
pub(super) fn load(conn: &Connection, session: SessionId, later: &Later) -> DbResult<Kept> {
    let snapshot = if later.is_removed { None } else { snapshots::kept(conn, session)? };
    let after = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
    if append::end(conn, session)?.cast_unsigned() < after {
        return Err(Fault::Malformed("record, which ends before its snapshot,"));
    }
    if !later.is_removed && trim::upto(conn, session)?.cast_unsigned() > after {
        return Err(Fault::Malformed("record, which begins behind its snapshot,"));
    }
    let mut tail = Vec::new();
    let mut size = 0;
    walk_all(conn, session, later, after, |entry| {
        size += cost(&entry);
        if size > TAIL_BYTES {
            return Err(Fault::Refused("the record since its last snapshot is larger than 64 MiB"));
        }
        tail.push(entry);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Kept { snapshot, tail })
}

/// See [`codementor_core::journal::Journal::read`].
pub(super) fn page(
    conn: &Connection,
    session: SessionId,
    later: &Later,
    after: u64,
    limit: u32,
) -> DbResult<Vec<Entry>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut page = Vec::new();
    let mut size = 0;
    if limit == 0 {
        return Ok(page);
    }
    let trimmed = if later.is_removed { 0 } else { trim::upto(conn, session)?.cast_unsigned() };
    walk_all(conn, session, later, after.max(trimmed), |entry| {
        size += cost(&entry);
        if size > PAGE_BYTES && !page.is_empty() {
            return Ok(ControlFlow::Break(()));
        }
        page.push(entry);
        Ok(if page.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(page)
}

/// The memory an entry takes.
fn cost(entry: &Entry) -> usize {
    entry.data.len() + size_of::<Entry>()
}

/// As [`walk`], with what is not yet in the tables.
fn walk_all(
    conn: &Connection,
    session: SessionId,
    later: &Later,
    after: u64,
    mut take: impl FnMut(Entry) -> DbResult<ControlFlow<()>>,
) -> DbResult<()> {
    let mut last = after;
    let mut flow = ControlFlow::Continue(());
    if !later.is_removed {
        walk(conn, session, after, |entry| {
            last = entry.seq;
            flow = take(entry)?;
            Ok(flow)
        })?;
    }
    let rest = later.entries.iter().filter(|entry| entry.seq > after);
    for entry in rest {
        if flow.is_break() {
            break;
        }
        if entry.seq != last + 1 {
            return Err(Fault::Malformed("record with a gap"));
        }
        last = entry.seq;
        flow = take(entry.clone())?;
    }
    Ok(())
}

/// Gives `take` the entries after a place in order, until it has enough. A gap is an error, also one before the first of them.
pub(super) fn walk(
    conn: &Connection,
    session: SessionId,
    after: u64,
    mut take: impl FnMut(Entry) -> DbResult<ControlFlow<()>>,
) -> DbResult<()> {
    // No record goes further than the largest key.
    let Ok(key) = i64::try_from(after) else { return Ok(()) };
    let mut next = after + 1;
    let mut statement = conn.prepare_cached(AFTER)?;
    let mut rows = statement.query(params![session.to_bytes(), key])?;
    while let Some(row) = rows.next()? {
        let (last, data) = sealed(session, row)?;
        // Only the first row may begin at or before `after`.
        for entry in Entries::of(last, data)?.skip_while(|entry| is_before(entry, after)) {
            let entry = entry?;
            if entry.seq != next {
                return Err(Fault::Malformed("record with a gap"));
            }
            next += 1;
            if take(entry)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn is_before(entry: &DbResult<Entry>, after: u64) -> bool {
    entry.as_ref().is_ok_and(|entry| entry.seq <= after)
}
