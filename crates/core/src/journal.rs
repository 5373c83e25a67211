//! The record of live sessions: every edit and every event, who did it and when. Recovery, replay and authorship all read it.

use async_trait::async_trait;
use bytes::Bytes;

use crate::id::{SessionId, UserId};
use crate::ports::StoreResult;
use crate::time::Timestamp;

/// The largest content of an entry, in bytes: 2 MiB, more than any message of a client.
pub const MAX_ENTRY_BYTES: usize = 2 * 1024 * 1024;

/// Something that happened in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the session's record: 1, 2, 3 and so on without a gap.
    pub seq: u64,
    /// When. Times of a record never run backwards; the writer sees to that.
    pub at: Timestamp,
    /// Who did it. `None` for the session itself.
    pub author: Option<UserId>,
    /// How to read `data`.
    pub kind: Kind,
    /// An update in Yjs's format v1, or an event as JSON.
    pub data: Bytes,
}

/// What an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An edit of the shared text.
    Edit,
    /// Anything else that everybody saw: a message, a run, a change of roles.
    Event,
}

/// A session's text as of a place in its record, so that nobody reads the record from its beginning to open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last entry it takes in.
    pub seq: u64,
    /// What the room wrote; only the room reads it.
    pub data: Bytes,
}

/// What is needed to open a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The newest snapshot.
    pub snapshot: Option<Snapshot>,
    /// Every entry after it, in order.
    pub tail: Vec<Entry>,
}

/// Keeps the records of sessions.
///
/// "There is no record" is an empty [`Kept`]; "it could not be read" is an error, and never the former.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Adds entries to a session's record, all or none. They must go on where it ends, or [`crate::ports::StoreError::Failed`]
    /// answers and nothing is added. Once this has returned they survive the end of the process at any moment, and within 50 ms that
    /// of the machine.
    async fn append(&self, session: SessionId, entries: Vec<Entry>) -> StoreResult<()>;
    /// What is needed to open a session.
    async fn load(&self, session: SessionId) -> StoreResult<Kept>;
    /// Keeps a snapshot, in place of an older one. One that is older than the kept one is ignored, and one from beyond the record's end
    /// is refused.
    async fn put_snapshot(&self, session: SessionId, snapshot: Snapshot) -> StoreResult<()>;
    /// The record after the entry `after` (0: from the beginning), in order: at most `limit` entries and about 4 MiB, but at least one
    /// when there is any.
    async fn read(&self, session: SessionId, after: u64, limit: u32) -> StoreResult<Vec<Entry>>;
    /// Removes a session's record.
    async fn remove(&self, session: SessionId) -> StoreResult<()>;
}
