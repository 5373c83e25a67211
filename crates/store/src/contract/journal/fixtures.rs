//! Entries to test with.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use codementor_core::id::SessionId;
use codementor_core::journal::{AppendError, Entry, Journal, Kept, Kind, Snapshot, batches};
use codementor_core::ports::{StoreError, StoreResult};

use crate::contract::fixtures::noon;

/// The session's own edit of 40 bytes.
pub(crate) fn edit(seq: u64) -> Entry {
    let data = format!("{seq:040}");
    Entry { seq, at: noon(0), author: None, kind: Kind::Edit, data: data.into() }
}

/// An edit of so many bytes.
pub(crate) fn edit_of(seq: u64, size: usize) -> Entry {
    Entry { data: vec![seq as u8; size].into(), ..edit(seq) }
}

/// The edits from one place to another.
pub(crate) fn edits(first: u64, last: u64) -> Vec<Entry> {
    (first..=last).map(edit).collect()
}

/// A session with the edits up to a place, added five at a time.
pub(crate) async fn session(journal: &Arc<dyn Journal>, last: u64) -> SessionId {
    let session = SessionId::new();
    for batch in edits(1, last).chunks(5) {
        journal.append(session, batch.to_vec()).await.unwrap();
    }
    session
}

/// A snapshot of that place.
pub(crate) fn snapshot(seq: u64) -> Snapshot {
    Snapshot { seq, data: Bytes::from(format!("as of {seq}")) }
}

/// The whole record, page by page.
pub(crate) async fn record(journal: &Arc<dyn Journal>, session: SessionId) -> Vec<Entry> {
    let mut record: Vec<Entry> = Vec::new();
    loop {
        let after = record.last().map_or(0, |entry| entry.seq);
        let page = journal.read(session, after, 1_000).await.unwrap();
        if page.is_empty() {
            return record;
        }
        record.extend(page);
    }
}

/// The record is these entries, by both ways to it.
pub(crate) async fn is(journal: &Arc<dyn Journal>, session: SessionId, entries: &[Entry]) {
    assert_eq!(record(journal, session).await, entries);
    let kept = journal.load(session).await.unwrap();
    assert_eq!(kept, Kept { snapshot: None, tail: entries.to_vec() });
}

/// Adds entries in as many batches as they need.
pub(crate) async fn add(journal: &dyn Journal, session: SessionId, entries: &[Entry]) {
    for batch in batches(entries) {
        journal.append(session, batch.to_vec()).await.unwrap();
    }
}

/// The entries were refused because the record ends there.
pub(crate) fn conflict(outcome: Result<(), AppendError>, expected: u64) {
    assert!(matches!(outcome, Err(AppendError::Conflict { end }) if end == expected), "{outcome:?}");
}

/// The entries can never be added.
pub(crate) fn rejected(outcome: Result<(), AppendError>) {
    assert!(matches!(outcome, Err(AppendError::Store(StoreError::Failed(_)))), "{outcome:?}");
}

pub(crate) fn refused<T: Debug>(result: StoreResult<T>) {
    assert!(matches!(result, Err(StoreError::Failed(_))), "{result:?}");
}
