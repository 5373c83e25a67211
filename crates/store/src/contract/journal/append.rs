//! Adding entries.

use std::sync::Arc;

use bytes::Bytes;
use codementor_core::id::{SessionId, UserId};
use codementor_core::journal::{Entry, Journal, Kind, MAX_ENTRY_BYTES};
use codementor_core::time::Timestamp;

use super::fixtures::{edit, edit_of, edits, is, record, refused, session};
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

pub(crate) async fn what_does_not_go_on_at_the_end_is_refused(journal: Arc<dyn Journal>) {
    let unknown = SessionId::new();
    for seq in [0, 2, u64::MAX] {
        refused(journal.append(unknown, vec![edit(seq)]).await);
    }
    is(&journal, unknown, &[]).await;

    let known = session(&journal, 7).await;
    let largest = i64::MAX.cast_unsigned();
    for seq in [0, 1, 6, 7, 9, 100, largest, largest + 1, u64::MAX] {
        refused(journal.append(known, vec![edit(seq)]).await);
    }
    is(&journal, known, &edits(1, 7)).await;
    journal.append(known, edits(8, 8)).await.unwrap();
}

pub(crate) async fn a_bad_batch_adds_nothing(journal: Arc<dyn Journal>) {
    let session = session(&journal, 3).await;
    let with = |entry: Entry| [edits(4, 9), vec![entry], edits(11, 12)].concat();
    for bad in [edit(11), edit(9), edit(1), edit(0), edit(u64::MAX), edit_of(10, MAX_ENTRY_BYTES + 1)] {
        refused(journal.append(session, with(bad)).await);
        is(&journal, session, &edits(1, 3)).await;
    }
    refused(journal.append(session, edits(3, 9)).await);
    refused(journal.append(session, vec![edit(u64::MAX), edit(0)]).await);
    is(&journal, session, &edits(1, 3)).await;
    journal.append(session, with(edit(10))).await.unwrap();
    is(&journal, session, &edits(1, 12)).await;
}

pub(crate) async fn the_largest_entry_is_kept_and_a_larger_refused(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    let entries = [edit(1), edit_of(2, MAX_ENTRY_BYTES), edit(3)];
    journal.append(session, entries.to_vec()).await.unwrap();
    refused(journal.append(session, vec![edit_of(4, MAX_ENTRY_BYTES + 1)]).await);
    is(&journal, session, &entries).await;
}

pub(crate) async fn a_large_batch_is_kept_whole(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    let mut entries: Vec<_> = (1..=12).map(|seq| edit_of(seq, 1 << (seq + 9))).collect();
    entries.extend(edits(13, 10_000));
    journal.append(session, entries.clone()).await.unwrap();
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
                    refused(journal.append(session, edits(first + 1, first + 2)).await);
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
        outcomes.into_iter().filter(Result::is_err).for_each(refused);
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
                written += usize::from(journal.append(session, batch.collect()).await.is_ok());
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
