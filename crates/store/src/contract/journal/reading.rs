//! Reading records, and removing them.

use std::sync::Arc;

use codementor_core::id::SessionId;
use codementor_core::journal::{Journal, Kept};

use super::fixtures::{add, edit, edit_of, edits, is, record, session, snapshot};
use crate::contract::fixtures::race;

/// A page may take so many bytes, and a little more.
const ABOUT_4_MIB: usize = 5 * 1024 * 1024;

pub(crate) async fn an_unknown_session_is_empty(journal: Arc<dyn Journal>) {
    session(&journal, 3).await;
    let unknown = SessionId::new();
    assert_eq!(journal.load(unknown).await.unwrap(), Kept::default());
    assert_eq!(journal.read(unknown, 0, 10).await.unwrap(), []);
    journal.remove(unknown).await.unwrap();
}

pub(crate) async fn pages_continue_each_other(journal: Arc<dyn Journal>) {
    let session = session(&journal, 43).await;
    for limit in [1, 2, 5, 7, 42, 43, 44, u32::MAX] {
        let mut after = 0;
        while after < 43 {
            let page = journal.read(session, after, limit).await.unwrap();
            let last = after.saturating_add(limit.into()).min(43);
            assert_eq!(page, edits(after + 1, last));
            after = last;
        }
    }
}

pub(crate) async fn a_page_begins_anywhere(journal: Arc<dyn Journal>) {
    let session = session(&journal, 23).await;
    for after in 0..23 {
        assert_eq!(journal.read(session, after, 100).await.unwrap(), edits(after + 1, 23));
        assert_eq!(journal.read(session, after, 1).await.unwrap(), [edit(after + 1)]);
    }
}

pub(crate) async fn a_page_is_bounded_in_bytes(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    // Alone, and twenty together.
    for (first, last) in [(1, 1), (2, 2), (3, 22)] {
        let entries: Vec<_> = (first..=last).map(|seq| edit_of(seq, 900_000)).collect();
        add(&*journal, session, &entries).await;
    }
    let mut after = 0;
    let mut pages = 0;
    while after < 22 {
        let page = journal.read(session, after, u32::MAX).await.unwrap();
        assert!(page.iter().map(|entry| entry.data.len()).sum::<usize>() <= ABOUT_4_MIB);
        for entry in page {
            assert_eq!(entry, edit_of(after + 1, 900_000));
            after += 1;
        }
        pages += 1;
    }
    assert!(pages <= 8, "pages are not needlessly small: {pages}");
}

pub(crate) async fn one_entry_comes_however_large(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    let large = edit_of(2, codementor_core::journal::MAX_ENTRY_BYTES);
    journal.append(session, vec![edit(1), large.clone(), edit(3)]).await.unwrap();
    assert_eq!(journal.read(session, 1, 1).await.unwrap(), [large]);
}

pub(crate) async fn nothing_comes_after_the_end(journal: Arc<dyn Journal>) {
    let session = session(&journal, 6).await;
    for after in [6, 7, 1_000, i64::MAX.cast_unsigned(), u64::MAX] {
        assert_eq!(journal.read(session, after, 10).await.unwrap(), []);
    }
}

pub(crate) async fn a_removed_session_is_as_if_it_never_was(journal: Arc<dyn Journal>) {
    let (other, removed) = (session(&journal, 8).await, session(&journal, 13).await);
    journal.put_snapshot(removed, snapshot(9)).await.unwrap();
    for _ in 0..2 {
        journal.remove(removed).await.unwrap();
        assert_eq!(journal.load(removed).await.unwrap(), Kept::default());
        assert_eq!(record(&journal, removed).await, []);
    }
    is(&journal, other, &edits(1, 8)).await;
    journal.append(removed, edits(1, 2)).await.unwrap();
    is(&journal, removed, &edits(1, 2)).await;
}

pub(crate) async fn reads_see_whole_batches(journal: Arc<dyn Journal>) {
    let session = SessionId::new();
    race(2, |number| {
        let journal = Arc::clone(&journal);
        async move {
            for round in 0..50 {
                if number == 0 {
                    journal.append(session, edits(round * 10 + 1, round * 10 + 10)).await.unwrap();
                }
                let tail = journal.load(session).await.unwrap().tail;
                assert!(tail.len().is_multiple_of(10), "{}", tail.len());
            }
        }
    })
    .await;
}
