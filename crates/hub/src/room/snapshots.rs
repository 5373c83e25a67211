//! Snapshots, so that nobody reads a record from its beginning. They are kept while the room goes on.

use std::ops::RangeInclusive;

use codementor_core::journal::Snapshot;
use codementor_core::live::Recording;
use codementor_core::ports::StoreError;
use tokio::task::{JoinError, JoinHandle};

use super::record::Memory;
use super::task::Task;
use crate::snapshot;

/// Entries between two snapshots: of a small document, and of a large one at most.
const EVERY: RangeInclusive<u64> = 1_000..=4_000;
/// Bytes of a snapshot for which the next one comes an entry later: what is large is not written anew for little.
const BYTES_AN_ENTRY: u64 = 64;
/// How laborious the entries between two snapshots may be together, in the steps of `Sequence::effort`: to do them again takes a second or
/// two.
const EFFORT: u64 = 1 << 24;
/// Entries until a snapshot that failed is tried again.
const AGAIN: u64 = 32;

/// How far a record is in snapshots.
pub(super) struct Snapshots {
    /// The last entry that the kept one takes in.
    kept: u64,
    /// The entry with which the next is due.
    due: u64,
    /// What the document had cost when the last one was begun.
    effort: u64,
    /// The room waits for the next.
    is_urgent: bool,
    /// The one that is being kept, and up to which entry it goes.
    under_way: Option<JoinHandle<Result<u64, StoreError>>>,
}

impl Snapshots {
    /// Those of a record whose snapshot takes in the entries up to `kept`.
    pub(super) fn new(kept: u64) -> Self {
        Self { kept, due: kept + distance(0), effort: 0, is_urgent: false, under_way: None }
    }

    /// Waits until the one under way is kept or has failed; for ever when there is none. Dropping the future loses nothing.
    pub(super) async fn ended(&mut self) -> Result<Result<u64, StoreError>, JoinError> {
        let Some(under_way) = &mut self.under_way else { return std::future::pending().await };
        let ended = under_way.await;
        self.under_way = None;
        ended
    }

    /// The room goes on when the next one is kept, which is due now.
    pub(super) fn hurry(&mut self) {
        self.is_urgent = true;
    }
}

impl Task {
    /// Begins to keep a snapshot when one is due and none is under way.
    pub(super) async fn see_to_snapshots(&mut self) {
        if std::mem::take(&mut self.snapshots.is_urgent) {
            self.keep_snapshot().await;
        } else if self.is_snapshot_due() && self.snapshots.under_way.is_none() {
            self.begin_snapshot();
        }
    }

    fn is_snapshot_due(&self) -> bool {
        self.seq >= self.snapshots.due || self.document.effort() - self.snapshots.effort >= EFFORT
    }

    /// Notes what became of a snapshot.
    pub(super) fn end_snapshot(&mut self, ended: Result<Result<u64, StoreError>, JoinError>) {
        let why = match ended {
            Ok(Ok(kept)) => {
                self.snapshots.kept = kept;
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        // The record has everything; opening it only takes longer, and what is not recorded goes later.
        tracing::warn!(session = %self.session, why, "a snapshot could not be kept");
        self.snapshots.due = self.seq + AGAIN;
    }

    /// Keeps a snapshot now.
    pub(super) async fn keep_snapshot(&mut self) {
        if self.snapshots.under_way.is_some() {
            let ended = self.snapshots.ended().await;
            self.end_snapshot(ended);
        }
        self.begin_snapshot();
        let ended = self.snapshots.ended().await;
        self.end_snapshot(ended);
    }

    /// Encodes a snapshot and lets it be kept; then the entries that it takes in are forgotten when the session is not recorded.
    fn begin_snapshot(&mut self) {
        let (session, seq, journal) = (self.session, self.seq, self.journal.clone());
        let forgets = self.settings.recording == Recording::Off;
        // The kept one may remember what is to be forgotten.
        let snapshot = (seq != self.snapshots.kept || forgets).then(|| {
            let memory = if forgets { &Memory::default() } else { &self.memory };
            let memory = serde_json::to_vec(memory).unwrap_or_default();
            Snapshot { seq, data: snapshot::encode(&self.document, &memory) }
        });
        self.snapshots.due = seq + distance(snapshot.as_ref().map_or(0, |snapshot| snapshot.data.len()));
        self.snapshots.effort = self.document.effort();
        self.snapshots.under_way = Some(tokio::spawn(async move {
            if let Some(snapshot) = snapshot {
                journal.put_snapshot(session, snapshot).await?;
            }
            if forgets {
                journal.trim(session, seq).await?;
            }
            Ok(seq)
        }));
    }
}

/// Entries from a snapshot of so many bytes to the next.
fn distance(bytes: usize) -> u64 {
    (bytes as u64 / BYTES_AN_ENTRY).clamp(*EVERY.start(), *EVERY.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_documents_are_written_anew_less_often() {
        let distances = [0, 64_000, 128_000, 10_000_000].map(distance);
        assert_eq!(distances, [1_000, 1_000, 2_000, 4_000]);
    }
}
