//! A full disk: refused as unavailable, nothing half, and well again when there is room.

use std::fmt::Debug;
use std::sync::Arc;

use codementor_core::id::SessionId;
use codementor_core::journal::{AppendError, Journal};
use codementor_core::ports::{StoreError, StoreResult};

use super::{folder, open};
use crate::SqliteJournal;
use crate::contract::fixtures::race;
use crate::contract::journal::fixtures::{edit_of, edits, is, session, snapshot};
use crate::sqlite::query;

/// Lets the file have so many pages at most, but not less than it has.
async fn limit_pages(journal: &SqliteJournal, sql: &'static str) {
    journal.database.write(move |conn| query::one(conn, sql, [], query::first::<i64>)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_tables_are_full_the_log_takes_what_memory_holds_and_then_nothing() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let shared = journal.clone() as Arc<dyn Journal>;
    let known = session(&shared, 5).await;
    shared.ping().await.unwrap();
    limit_pages(&journal, "PRAGMA max_page_count = 1").await;

    let large = |seq: u64| edit_of(seq, 1_000_000);
    let ends = race(4, |_| {
        let journal = Arc::clone(&shared);
        async move {
            let session = SessionId::new();
            let mut end = 0;
            let refused = loop {
                match journal.append(session, vec![large(end + 1)]).await {
                    Ok(()) => end += 1,
                    Err(refused) => break refused,
                }
            };
            assert!(matches!(refused, AppendError::Store(StoreError::Unavailable(_))), "{refused:?}");
            (session, end)
        }
    })
    .await;
    let taken: u64 = ends.iter().map(|(_, end)| end).sum();
    assert!((20..=40).contains(&taken), "{taken} MB");
    let (pending, _) = ends.iter().find(|(_, end)| *end > 0).unwrap();
    unavailable(shared.load(*pending).await);
    unavailable(shared.ping().await);
    // What needs no more room goes on.
    assert_eq!(shared.read(known, 0, 100).await.unwrap(), edits(1, 5));
    journal.put_snapshot(known, snapshot(5)).await.unwrap();

    limit_pages(&journal, "PRAGMA max_page_count = 1000000").await;
    for (session, end) in ends {
        shared.append(session, vec![large(end + 1)]).await.unwrap();
        is(&shared, session, &(1..=end + 1).map(large).collect::<Vec<_>>()).await;
    }
    shared.ping().await.unwrap();
    journal.close().await;
}

/// The log outlives an end on a full disk.
#[tokio::test]
async fn what_found_no_room_in_the_tables_is_there_after_a_restart() {
    let (_folder, path) = folder();
    let journal = open(&path);
    limit_pages(&journal, "PRAGMA max_page_count = 1").await;
    let session = SessionId::new();
    journal.append(session, vec![edit_of(1, 1_000_000)]).await.unwrap();
    journal.close().await;
    drop(journal);
    let journal = open(&path);
    assert_eq!(journal.load(session).await.unwrap().tail, [edit_of(1, 1_000_000)]);
    journal.append(session, vec![edit_of(1, 1_000_000)]).await.unwrap();
    journal.append(session, edits(2, 2)).await.unwrap();
}

fn unavailable<T: Debug>(result: StoreResult<T>) {
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
}
