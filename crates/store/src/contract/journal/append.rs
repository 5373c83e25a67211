//! Adding entries.

use std::sync::Arc;

use bytes::Bytes;
use codementor_core::id::{SessionId, UserId};
use codementor_core::journal::{
    AppendError, Entry, Journal, Kind, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_ENTRY_BYTES,
};
use codementor_core::time::Timestamp;

use super::fixtures::{add, conflict, edit, edit_of, edits, is, record, rejected, session, snapshot};
use crate::contract::fixtures::{noon, race};

pub(crate) async fn entries_come_back_as_they_were(journal: Arc<dyn Journal>) {
    let (ada, grace) = (UserId::new(), UserId::new());
    let mut entries = Vec::new();
    let times = [0, 1, 1, 1_700_000_000_123, 1_795_089_600_000, i64::MAX];
    for (at, author) in times.into_iter().zip([None, Some(ada), Some(ada), Some(grace), None, Some(ada)]) {
        for (kind, data) in
            [(Kind::Edit, &[0, 255, 7][..]), (Kind::Event, b"{\"say\":\"\xc3\xbc\"}"), (Kind::Edit, b"")]
        {
            let seq = entries.len() as u64 + 1;
            entries.push(Entry {
                seq,
                at: Timestamp::from_ms(at),
                author,
                kind,
                data: Bytes::copy_from_slice(data),
            });
        }
    }
    // Together, one by one, and in between.
    for size in [entries.len(), 1, 4] {
        let session = SessionId::new();
        for batch in entries.chunks(size) {
            journal.append(session, batch.to_vec()).await.unwrap();
        }
        is(&journal, session, &entries).await;
    }
}

pub(crate) async fn batches_continue_each_other(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    for (first, last) in [(1, 1), (2, 3), (4, 4), (5, 50)] {
        journal.append(session, edits(first, last)).await.unwrap();
        is(&journal, session, &edits(1, last)).await;
    }
}

pub(crate) async fn an_empty_batch_changes_nothing(journal: Arc<dyn Journal>) {
    let unknown = SessionId::new();
    let known = session(&journal, 7).await;
    for session in [unknown, known] {
        journal.append(session, Vec::new()).await.unwrap();
    }
    is(&journal, unknown, &[]).await;
    is(&journal, known, &edits(1, 7)).await;
}

pub(crate) async fn what_does_not_go_on_at_the_end_is_a_conflict(journal: Arc<dyn Journal>) {
    let largest = i64::MAX.cast_unsigned();
    let unknown = SessionId::new();
    for seq in [2, largest] {
        conflict(journal.append(unknown, vec![edit(seq)]).await, 0);
    }
    is(&journal, unknown, &[]).await;

    let known = session(&journal, 7).await;
    for seq in [1, 6, 9, 100, largest] {
        conflict(journal.append(known, vec![edit(seq)]).await, 7);
    }
    for seq in [0, largest + 1, u64::MAX] {
        rejected(journal.append(known, vec![edit(seq)]).await);
    }
    is(&journal, known, &edits(1, 7)).await;
    journal.append(known, edits(8, 8)).await.unwrap();
}

pub(crate) async fn a_bad_batch_adds_nothing(journal: Arc<dyn Journal>) {
    let session = session(&journal, 3).await;
    let with = |entry: Entry| [edits(4, 9), vec![entry], edits(11, 12)].concat();
    for bad in [edit(11), edit(9), edit(1), edit(0), edit(u64::MAX), edit_of(10, MAX_ENTRY_BYTES + 1)] {
        rejected(journal.append(session, with(bad)).await);
        is(&journal, session, &edits(1, 3)).await;
    }
    conflict(journal.append(session, edits(3, 9)).await, 3);
    rejected(journal.append(session, vec![edit(u64::MAX), edit(0)]).await);
    is(&journal, session, &edits(1, 3)).await;
    journal.append(session, with(edit(10))).await.unwrap();
    is(&journal, session, &edits(1, 12)).await;
}

pub(crate) async fn the_largest_batch_is_kept_and_a_larger_refused(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    let most = MAX_BATCH_ENTRIES as u64;
    rejected(journal.append(session, edits(1, most + 1)).await);
    journal.append(session, edits(1, most)).await.unwrap();
    let largest = MAX_BATCH_BYTES / MAX_ENTRY_BYTES;
    let mut full: Vec<_> = (most + 1..).take(largest).map(|seq| edit_of(seq, MAX_ENTRY_BYTES)).collect();
    full.push(edit_of(most + 1 + largest as u64, 1));
    rejected(journal.append(session, full.clone()).await);
    is(&journal, session, &edits(1, most)).await;
    full.pop();
    journal.append(session, full.clone()).await.unwrap();
    is(&journal, session, &[edits(1, most), full].concat()).await;
}

/// Whoever does not know whether they were heard says the same again.
pub(crate) async fn the_same_entries_again_are_added_once(journal: Arc<dyn Journal>) {
    let session = session(&journal, 3).await;
    // Of several rows, by several people, and at several times.
    let author = Some(UserId::new());
    let batch: Vec<_> = (4..=9)
        .map(|seq: u64| Entry { author, at: noon(seq.cast_signed()), ..edit_of(seq, 150_000) })
        .chain([Entry { kind: Kind::Event, ..edit(10) }, edit_of(11, 0)])
        .collect();
    let whole = [edits(1, 3), batch.clone()].concat();
    for _ in 0..3 {
        journal.append(session, batch.clone()).await.unwrap();
        is(&journal, session, &whole).await;
    }
    // However they came there, and as many of them as there are.
    for first in 0..whole.len() {
        journal.append(session, whole[first..].to_vec()).await.unwrap();
    }
    is(&journal, session, &whole).await;
    // Other entries at these places are others.
    let changes: [fn(&mut Entry); 4] = [
        |entry| entry.at = noon(-1),
        |entry| entry.author = None,
        |entry| entry.kind = Kind::Event,
        |entry| entry.data = vec![7; 149_999].into(),
    ];
    for change in changes {
        for place in [0, 5] {
            let mut other = batch.clone();
            change(&mut other[place]);
            conflict(journal.append(session, other).await, 11);
        }
    }
    // Nor are they the end when something follows, or is missing.
    conflict(journal.append(session, batch[..7].to_vec()).await, 11);
    conflict(journal.append(session, [batch.clone(), edits(12, 12)].concat()).await, 11);
    journal.append(session, edits(12, 12)).await.unwrap();
    conflict(journal.append(session, batch).await, 12);
    is(&journal, session, &[whole, edits(12, 12)].concat()).await;
}

pub(crate) async fn raced_repetitions_are_added_once(journal: Arc<dyn Journal>) {
    let session = session(&journal, 2).await;
    for round in 0..10 {
        let batch = edits(3 + round * 4, 6 + round * 4);
        race(6, |_| {
            let (journal, batch) = (Arc::clone(&journal), batch.clone());
            async move { journal.append(session, batch).await.unwrap() }
        })
        .await;
    }
    is(&journal, session, &edits(1, 42)).await;
}

/// Whoever stops waiting at any moment, and tries again, has added what they wanted once.
pub(crate) async fn a_cancelled_append_is_tried_again(journal: Arc<dyn Journal>) {
    let session = session(&journal, 0).await;
    for round in 0..60_u64 {
        let batch = edits(round * 3 + 1, round * 3 + 3);
        let attempt = tokio::spawn({
            let (journal, batch) = (Arc::clone(&journal), batch.clone());
            async move { journal.append(session, batch).await }
        });
        for _ in 0..round % 5 {
            tokio::task::yield_now().await;
        }
        attempt.abort();
        journal.append(session, batch).await.unwrap();
    }
    is(&journal, session, &edits(1, 180)).await;
}

pub(crate) async fn repeated_entries_that_were_trimmed_are_a_conflict(journal: Arc<dyn Journal>) {
    let session = session(&journal, 5).await;
    journal.append(session, edits(6, 9)).await.unwrap();
    journal.put_snapshot(session, snapshot(7)).await.unwrap();
    journal.trim(session, 5).await.unwrap();
    journal.append(session, edits(6, 9)).await.unwrap();
    journal.trim(session, 6).await.unwrap();
    conflict(journal.append(session, edits(6, 9)).await, 9);
    journal.append(session, edits(7, 9)).await.unwrap();
    assert_eq!(record(&journal, session).await, edits(7, 9));
}

pub(crate) async fn the_largest_entry_is_kept_and_a_larger_refused(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    let entries = [edit(1), edit_of(2, MAX_ENTRY_BYTES), edit(3)];
    journal.append(session, entries.to_vec()).await.unwrap();
    rejected(journal.append(session, vec![edit_of(4, MAX_ENTRY_BYTES + 1)]).await);
    is(&journal, session, &entries).await;
}

pub(crate) async fn large_batches_are_kept_whole(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    let mut entries: Vec<_> = (1..=12).map(|seq| edit_of(seq, 1 << (seq + 9))).collect();
    entries.extend(edits(13, 10_000));
    add(&*journal, session, &entries).await;
    is(&journal, session, &entries).await;
}

pub(crate) async fn sessions_are_apart(journal: Arc<dyn Journal>) {
    let (first, second) = (session(&journal, 4).await, session(&journal, 9).await);
    journal.append(first, edits(5, 6)).await.unwrap();
    is(&journal, first, &edits(1, 6)).await;
    is(&journal, second, &edits(1, 9)).await;
}

pub(crate) async fn many_sessions_append_at_once_and_a_bad_one_fails_alone(journal: Arc<dyn Journal>) {
    let written = race(60, |number| {
        let journal = Arc::clone(&journal);
        async move {
            let session = SessionId::new();
            for round in 0..20 {
                let first = round * 3 + 1;
                let bad = number % 3 == 0;
                if bad {
                    conflict(journal.append(session, edits(first + 1, first + 2)).await, first - 1);
                }
                journal.append(session, edits(first, first + 2)).await.unwrap();
            }
            session
        }
    })
    .await;
    for session in written {
        is(&journal, session, &edits(1, 60)).await;
    }
}

pub(crate) async fn a_raced_place_goes_to_one(journal: Arc<dyn Journal>) {
    let session = session(&journal, 5).await;
    for round in 0..10 {
        let first = 6 + round * 2;
        let batch = |number: usize| {
            let mine = |entry| Entry { at: noon(number as i64), ..entry };
            edits(first, first + 1).into_iter().map(mine).collect::<Vec<_>>()
        };
        let outcomes = race(8, |number| {
            let (journal, batch) = (Arc::clone(&journal), batch(number));
            async move { journal.append(session, batch).await }
        })
        .await;
        let winners: Vec<_> = (0..8).filter(|number| outcomes[*number].is_ok()).collect();
        assert_eq!(winners.len(), 1);
        assert_eq!(journal.read(session, first - 1, 9).await.unwrap(), batch(winners[0]));
        outcomes.into_iter().filter(Result::is_err).for_each(|lost| conflict(lost, first + 1));
    }
}

/// Whoever is refused looks where the record ends and tries again: nothing is lost, doubled or mixed.
pub(crate) async fn racing_writers_leave_one_whole_record(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    let written = race(6, |number| {
        let journal = Arc::clone(&journal);
        async move {
            let author = Some(UserId::new());
            let mut end = 0;
            let mut written = 0;
            while written < 10 {
                let first = end + 1;
                let last = end + 1 + number as u64;
                let batch = edits(first, last).into_iter().map(|entry| Entry { author, ..entry });
                match journal.append(session, batch.collect()).await {
                    Err(AppendError::Conflict { .. }) => {}
                    outcome => {
                        outcome.unwrap();
                        written += 1;
                    }
                }
                end += journal.read(session, end, 1_000).await.unwrap().len() as u64;
            }
            (author, number + 1)
        }
    })
    .await;
    let record = record(&journal, session).await;
    assert!(record.iter().map(|entry| entry.seq).eq(1..=210));
    for (author, size) in written {
        let runs = record.chunk_by(|one, next| one.author == next.author);
        let runs: Vec<_> = runs.filter(|run| run[0].author == author).map(<[Entry]>::len).collect();
        assert_eq!(runs.iter().sum::<usize>(), 10 * size);
        assert!(runs.iter().all(|run| run.is_multiple_of(size)), "{runs:?} of {size}");
    }
}
