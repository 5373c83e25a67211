//! Bringing frames into the tables. How far they came stands there, too, and changes in the same transaction: so a frame counts
//! once, however often it is brought, and a record that was removed does not come back with an older frame.

use std::collections::BTreeMap;

use codementor_core::id::SessionId;
use codementor_core::journal::Entry;
use rusqlite::Connection;

use super::frame::{Change, Frame};
use crate::sqlite::fault::{DbResult, Fault};
use crate::sqlite::journal::append;
use crate::sqlite::journal::encoding::Entries;
use crate::sqlite::query;

pub(in crate::sqlite) const FOLDED: &str = "SELECT folded FROM log WHERE id = 1";
pub(in crate::sqlite) const SET_FOLDED: &str = "UPDATE log SET folded = ?1 WHERE id = 1";

/// The last frame that is in the tables.
pub(in crate::sqlite::journal) fn folded(conn: &Connection) -> DbResult<u64> {
    let folded: Option<i64> = query::one(conn, FOLDED, [], query::first)?;
    folded.and_then(|folded| u64::try_from(folded).ok()).ok_or(Fault::Malformed("place in the log"))
}

/// Brings frames that follow each other into the tables, except those that are there. A record's entries that lie together here
/// become rows as large as they may be.
pub(super) fn fold<'f>(conn: &Connection, frames: impl IntoIterator<Item = &'f Frame>) -> DbResult<()> {
    let begin = folded(conn)?;
    let mut end = begin;
    let mut added = BTreeMap::new();
    for frame in frames.into_iter().skip_while(|frame| frame.number <= begin) {
        if frame.number != end + 1 {
            return Err(Fault::Malformed("log with a gap"));
        }
        end = frame.number;
        gather(conn, frame, &mut added)?;
    }
    for (session, entries) in added {
        append::add(conn, session, entries)?;
    }
    if end > begin {
        query::change(conn, SET_FOLDED, [end.cast_signed()])?;
    }
    Ok(())
}

fn gather(conn: &Connection, frame: &Frame, added: &mut BTreeMap<SessionId, Vec<Entry>>) -> DbResult<()> {
    match &frame.change {
        Change::Added { last, data } => {
            let entries = added.entry(frame.session).or_default();
            for entry in Entries::of(*last, data.clone())? {
                entries.push(entry?);
            }
        }
        Change::Removed => {
            added.remove(&frame.session);
            append::remove(conn, frame.session)?;
        }
        Change::Beat => {}
    }
    Ok(())
}
