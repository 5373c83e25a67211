//! Forgetting the beginning of records.

use std::sync::Arc;

use codementor_core::id::SessionId;
use codementor_core::journal::{Journal, Kept};

use super::fixtures::{conflict, edit_of, edits, is, record, refused, session, snapshot};
use crate::contract::fixtures::race;

pub(crate) async fn what_is_trimmed_is_forgotten_and_the_rest_goes_on(journal: Arc<dyn Journal>) {
    let (trimmed, other) = (session(&journal, 23).await, session(&journal, 9).await);
    journal.put_snapshot(trimmed, snapshot(17)).await.unwrap();
    // In a row, at its end, twice, and backwards.
    for (upto, begins) in [(0, 0), (3, 3), (5, 5), (5, 5), (2, 5), (11, 11), (17, 17)] {
        journal.trim(trimmed, upto).await.unwrap();
        assert_eq!(record(&journal, trimmed).await, edits(begins + 1, 23));
        for after in 0..23 {
            let next = after.max(begins);
            assert_eq!(journal.read(trimmed, after, 4).await.unwrap(), edits(next + 1, 23.min(next + 4)));
        }
        let kept = Kept { snapshot: Some(snapshot(17)), tail: edits(18, 23) };
        assert_eq!(journal.load(trimmed).await.unwrap(), kept);
    }
    journal.append(trimmed, edits(24, 30)).await.unwrap();
    assert_eq!(record(&journal, trimmed).await, edits(18, 30));
    is(&journal, other, &edits(1, 9)).await;
}

pub(crate) async fn what_no_snapshot_takes_in_is_not_trimmed(journal: Arc<dyn Journal>) {
    let unknown = SessionId::new();
    journal.trim(unknown, 0).await.unwrap();
    refused(journal.trim(unknown, 1).await);
    let session = session(&journal, 12).await;
    refused(journal.trim(session, 1).await);
    is(&journal, session, &edits(1, 12)).await;
    journal.put_snapshot(session, snapshot(8)).await.unwrap();
    for upto in [9, 12, 13, i64::MAX.cast_unsigned() + 1, u64::MAX] {
        refused(journal.trim(session, upto).await);
        assert_eq!(record(&journal, session).await, edits(1, 12));
    }
    journal.trim(session, 8).await.unwrap();
}

pub(crate) async fn a_record_without_entries_ends_where_it_ended(journal: Arc<dyn Journal>) {
    let session = session(&journal, 12).await;
    journal.put_snapshot(session, snapshot(12)).await.unwrap();
    journal.trim(session, 12).await.unwrap();
    assert_eq!(record(&journal, session).await, []);
    let kept = Kept { snapshot: Some(snapshot(12)), tail: Vec::new() };
    assert_eq!(journal.load(session).await.unwrap(), kept);
    for first in [1, 12, 14] {
        conflict(journal.append(session, edits(first, first)).await, 12);
    }
    journal.put_snapshot(session, snapshot(11)).await.unwrap();
    refused(journal.put_snapshot(session, snapshot(13)).await);
    journal.put_snapshot(session, snapshot(12)).await.unwrap();
    journal.append(session, edits(13, 14)).await.unwrap();
    assert_eq!(record(&journal, session).await, edits(13, 14));
    assert_eq!(journal.load(session).await.unwrap(), Kept { tail: edits(13, 14), ..kept });
}

pub(crate) async fn a_removed_record_is_not_trimmed_any_more(journal: Arc<dyn Journal>) {
    let session = session(&journal, 12).await;
    journal.put_snapshot(session, snapshot(12)).await.unwrap();
    journal.trim(session, 12).await.unwrap();
    journal.remove(session).await.unwrap();
    assert_eq!(journal.load(session).await.unwrap(), Kept::default());
    journal.append(session, edits(1, 2)).await.unwrap();
    is(&journal, session, &edits(1, 2)).await;
}

pub(crate) async fn a_row_of_large_entries_is_trimmed_at_each(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    let entries: Vec<_> = (1..=12).map(|seq| edit_of(seq, 60_000)).collect();
    journal.append(session, entries.clone()).await.unwrap();
    journal.put_snapshot(session, snapshot(12)).await.unwrap();
    for upto in 1..=12 {
        journal.trim(session, upto).await.unwrap();
        assert_eq!(record(&journal, session).await, entries[usize::try_from(upto).unwrap()..]);
    }
}

/// Nobody reads a gap, whatever is written and forgotten meanwhile.
pub(crate) async fn raced_trims_leave_whole_records(journal: Arc<dyn Journal>) {
    let session = session(&journal, 0).await;
    race(3, |number| {
        let journal = Arc::clone(&journal);
        async move {
            for round in 0..40_u64 {
                let end = round * 7 + 7;
                match number {
                    0 => {
                        journal.append(session, edits(end - 6, end)).await.unwrap();
                        journal.put_snapshot(session, snapshot(end - 2)).await.unwrap();
                    }
                    1 => {
                        let kept = journal.load(session).await.unwrap().snapshot;
                        let upto = kept.map_or(0, |snapshot| snapshot.seq).saturating_sub(3);
                        journal.trim(session, upto).await.unwrap();
                    }
                    _ => {
                        let page = journal.read(session, 0, 1_000).await.unwrap();
                        assert!(page.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq));
                        let Kept { snapshot, tail } = journal.load(session).await.unwrap();
                        let first = snapshot.map_or(0, |snapshot| snapshot.seq) + 1;
                        assert!(tail.iter().map(|entry| entry.seq).eq(first..first + tail.len() as u64));
                    }
                }
            }
        }
    })
    .await;
    assert_eq!(record(&journal, session).await.last().unwrap().seq, 280);
}
