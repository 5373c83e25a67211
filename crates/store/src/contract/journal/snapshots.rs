//! Snapshots.

use std::sync::Arc;

use bytes::Bytes;
use codementor_core::id::SessionId;
use codementor_core::journal::{Journal, Kept, Snapshot};

use super::fixtures::{conflict, edits, record, refused, session, snapshot};
use crate::contract::fixtures::race;

async fn keeps(journal: &Arc<dyn Journal>, session: SessionId, seq: u64, last: u64) {
    let kept = journal.load(session).await.unwrap();
    assert_eq!(kept, Kept { snapshot: Some(snapshot(seq)), tail: edits(seq + 1, last) });
}

pub(crate) async fn the_tail_begins_after_the_snapshot(journal: Arc<dyn Journal>) {
    let (session, other) = (session(&journal, 12).await, session(&journal, 2).await);
    for seq in 1..=12 {
        journal.put_snapshot(session, snapshot(seq)).await.unwrap();
        keeps(&journal, session, seq, 12).await;
    }
    journal.append(session, edits(13, 15)).await.unwrap();
    keeps(&journal, session, 12, 15).await;
    assert_eq!(journal.load(other).await.unwrap(), Kept { snapshot: None, tail: edits(1, 2) });
}

pub(crate) async fn a_newer_one_takes_the_place_of_an_older(journal: Arc<dyn Journal>) {
    let session = session(&journal, 12).await;
    let large = Snapshot { seq: 5, data: Bytes::from(vec![7; 3_000_000]) };
    journal.put_snapshot(session, large.clone()).await.unwrap();
    assert_eq!(journal.load(session).await.unwrap().snapshot, Some(large));
    journal.put_snapshot(session, snapshot(11)).await.unwrap();
    keeps(&journal, session, 11, 12).await;
    let again = Snapshot { seq: 11, data: Bytes::new() };
    journal.put_snapshot(session, again.clone()).await.unwrap();
    assert_eq!(journal.load(session).await.unwrap().snapshot, Some(again));
}

pub(crate) async fn an_older_one_is_ignored(journal: Arc<dyn Journal>) {
    let session = session(&journal, 12).await;
    journal.put_snapshot(session, snapshot(9)).await.unwrap();
    for seq in [0, 1, 8] {
        journal.put_snapshot(session, snapshot(seq)).await.unwrap();
        keeps(&journal, session, 9, 12).await;
    }
}

pub(crate) async fn one_from_beyond_the_end_is_refused(journal: Arc<dyn Journal>) {
    let unknown = SessionId::new();
    refused(journal.put_snapshot(unknown, snapshot(1)).await);
    assert_eq!(journal.load(unknown).await.unwrap(), Kept::default());
    let known = session(&journal, 12).await;
    journal.put_snapshot(known, snapshot(10)).await.unwrap();
    for seq in [13, 14, 1_000, i64::MAX.cast_unsigned() + 1, u64::MAX] {
        refused(journal.put_snapshot(known, snapshot(seq)).await);
        keeps(&journal, known, 10, 12).await;
    }
}

pub(crate) async fn the_record_stays_behind_a_snapshot(journal: Arc<dyn Journal>) {
    let session = session(&journal, 12).await;
    journal.put_snapshot(session, snapshot(12)).await.unwrap();
    keeps(&journal, session, 12, 12).await;
    assert_eq!(record(&journal, session).await, edits(1, 12));
    conflict(journal.append(session, edits(1, 1)).await, 12);
}

pub(crate) async fn a_snapshot_of_nothing_is_kept(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    journal.put_snapshot(session, snapshot(0)).await.unwrap();
    keeps(&journal, session, 0, 0).await;
    journal.append(session, edits(1, 3)).await.unwrap();
    keeps(&journal, session, 0, 3).await;
}

pub(crate) async fn raced_snapshots_leave_the_newest(journal: Arc<dyn Journal>) {
    let session = session(&journal, 20).await;
    race(20, |number| {
        let journal = Arc::clone(&journal);
        async move { journal.put_snapshot(session, snapshot(number as u64 + 1)).await.unwrap() }
    })
    .await;
    keeps(&journal, session, 20, 20).await;
}
