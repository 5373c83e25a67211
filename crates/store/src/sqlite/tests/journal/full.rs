//! A full disk: refused as unavailable, nothing half, and well again when there is room.

use std::sync::Arc;

use codementor_core::id::SessionId;
use codementor_core::journal::{AppendError, Journal};
use codementor_core::ports::StoreError;

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
async fn a_full_disk_is_unavailable_until_there_is_room() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let shared = journal.clone() as Arc<dyn Journal>;
    let known = session(&shared, 5).await;
    limit_pages(&journal, "PRAGMA max_page_count = 1").await;

    // Small ones first: the batch fails in its middle.
    let large = |first: u64| [edits(first, first + 3), vec![edit_of(first + 4, 90_000)]].concat();
    let attempts = race(30, |_| {
        let journal = Arc::clone(&shared);
        async move {
            let session = SessionId::new();
            let outcome = journal.append(session, large(1)).await;
            // Needs no more room, and shares its commit with those that do.
            journal.put_snapshot(known, snapshot(5)).await.unwrap();
            (session, outcome)
        }
    })
    .await;
    for (session, outcome) in attempts {
        assert!(matches!(outcome, Err(AppendError::Store(StoreError::Unavailable(_)))), "{outcome:?}");
        is(&shared, session, &[]).await;
    }
    let outcome = shared.append(known, large(6)).await;
    assert!(matches!(outcome, Err(AppendError::Store(StoreError::Unavailable(_)))), "{outcome:?}");
    assert_eq!(shared.read(known, 0, 100).await.unwrap(), edits(1, 5));
    // Forgetting needs no room, and beating changes a page in place.
    shared.ping().await.unwrap();

    limit_pages(&journal, "PRAGMA max_page_count = 1000000").await;
    shared.append(known, large(6)).await.unwrap();
    assert_eq!(shared.read(known, 5, 100).await.unwrap(), large(6));
    journal.close().await;
    assert_eq!(open(&path).load(known).await.unwrap().tail, large(6));
}
