//! The record of live sessions: every edit and every event, who did it and when. Recovery, replay and authorship all read it.

use async_trait::async_trait;
use bytes::Bytes;

use crate::id::{SessionId, UserId};
use crate::ports::{StoreError, StoreResult};
use crate::time::Timestamp;

/// The largest content of an entry, in bytes: 2 MiB, more than any message of a client.
pub const MAX_ENTRY_BYTES: usize = 2 * 1024 * 1024;
/// The most entries of one [`Journal::append`].
pub const MAX_BATCH_ENTRIES: usize = 512;
/// The most content of one [`Journal::append`], in bytes: 8 MiB.
pub const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

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

/// Why entries were not added.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The record does not end right before them. Somebody else writes to it, so what the caller knows of it is not the truth;
    /// trying again will not help.
    #[error("the entries do not go on where the record ends, at {end}")]
    Conflict {
        /// The place of the record's last entry; 0 when there is none.
        end: u64,
    },
    /// [`StoreError::Unavailable`]: perhaps they were added all the same, see [`Journal::append`]. [`StoreError::Failed`]: what
    /// was given can never be added, or the record is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Splits entries into as few batches as [`MAX_BATCH_ENTRIES`] and [`MAX_BATCH_BYTES`] allow. An entry that is larger than any may
/// be is a batch of its own.
pub fn batches(mut entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fitting = entries.iter().take(MAX_BATCH_ENTRIES).take_while(|entry| {
            bytes += entry.data.len();
            bytes <= MAX_BATCH_BYTES
        });
        let (batch, rest) = entries.split_at(fitting.count().max(1).min(entries.len()));
        entries = rest;
        (!batch.is_empty()).then_some(batch)
    })
}

/// Keeps the records of sessions.
///
/// "There is no record" is an empty [`Kept`]; "it could not be read" is an error, and never the former.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Adds entries to a session's record, all or none. They must go on where it ends, or [`AppendError::Conflict`] answers and
    /// nothing is added. Once this has returned they survive the end of the process at any moment, and within 50 ms that of the
    /// machine. Cheap enough to be awaited before anybody hears of an edit: commonly it returns without having waited for anything.
    ///
    /// Adding the very entries again that the record ends with is answered like the first time and adds nothing. So whoever
    /// stopped waiting, or was told [`StoreError::Unavailable`], tries again with the same entries; once they were trimmed, that
    /// is a conflict.
    ///
    /// Entries that do not follow each other, more than [`MAX_BATCH_ENTRIES`] or [`MAX_BATCH_BYTES`] of them, one of more than
    /// [`MAX_ENTRY_BYTES`] and places outside 1 to 2^63 - 1 are [`StoreError::Failed`].
    async fn append(&self, session: SessionId, entries: Vec<Entry>) -> Result<(), AppendError>;
    /// What is needed to open a session.
    async fn load(&self, session: SessionId) -> StoreResult<Kept>;
    /// Keeps a snapshot, in place of an older one. One that is older than the kept one is ignored, and one from beyond the record's end
    /// is refused.
    async fn put_snapshot(&self, session: SessionId, snapshot: Snapshot) -> StoreResult<()>;
    /// Forgets the entries up to and with `upto`: for sessions that are not recorded. The record goes on where it ended, also when
    /// no entry is left. What the kept snapshot does not take in is refused, as [`StoreError::Failed`]; what was forgotten before
    /// is nothing to do.
    async fn trim(&self, session: SessionId, upto: u64) -> StoreResult<()>;
    /// The record after the entry `after` (0: from the beginning), in order: at most `limit` entries and about 4 MiB, but at least one
    /// when there is any. What was trimmed is left out.
    async fn read(&self, session: SessionId, after: u64, limit: u32) -> StoreResult<Vec<Entry>>;
    /// Removes a session's record. A later one begins at 1.
    async fn remove(&self, session: SessionId) -> StoreResult<()>;
    /// Whether a read and a write would succeed now, wherever a write of this journal goes on its way.
    async fn ping(&self) -> StoreResult<()>;
    /// Waits for writes under way, brings everything to the disk and closes. Later calls answer [`StoreError::Unavailable`].
    async fn close(&self);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(sizes: &[usize]) -> Vec<Entry> {
        let entry = |(seq, size): (u64, &usize)| Entry {
            seq,
            at: Timestamp::from_ms(0),
            author: None,
            kind: Kind::Edit,
            data: vec![0; *size].into(),
        };
        (1..).zip(sizes).map(entry).collect()
    }

    fn lengths(sizes: &[usize]) -> Vec<usize> {
        let entries = entries(sizes);
        assert!(batches(&entries).flatten().eq(&entries));
        batches(&entries).map(<[Entry]>::len).collect()
    }

    #[test]
    fn batches_are_as_large_as_they_may_be() {
        const MIB: usize = 1024 * 1024;
        assert!(lengths(&[]).is_empty());
        assert_eq!(lengths(&[1; 512]), [512]);
        assert_eq!(lengths(&[0; 1_025]), [512, 512, 1]);
        assert_eq!(lengths(&[2 * MIB; 9]), [4, 4, 1]);
        assert_eq!(lengths(&[2 * MIB, 2 * MIB, 2 * MIB, MIB, MIB, 1]), [5, 1]);
        assert_eq!(lengths(&[1, 9 * MIB, 9 * MIB, 1]), [1, 1, 1, 1]);
    }
}
