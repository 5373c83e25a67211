//! A full disk: refused as unavailable, nothing acknowledged that is not there, and well again when there is room.

use std::sync::Arc;

use codementor_core::ports::{NewSubmission, Queued, Store, StoreError};

use super::super::query;
use super::{folder, open};
use crate::SqliteStore;
use crate::contract::fixtures::{add_guest, new_submission, noon, race, solve};

/// Lets the database have so many pages at most, but not less than it has.
async fn limit_pages(store: &SqliteStore, sql: &'static str) {
    store.write(move |conn| query::one(conn, sql, [], query::first::<i64>)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_unavailable_until_there_is_room() {
    let (_folder, path) = folder();
    let store = open(&path);
    let shared = store.clone() as Arc<dyn Store>;
    let ada = add_guest(&shared, "ada").await;
    solve(&shared, ada.id, "two-sum", 10, noon(0)).await;
    limit_pages(&store, "PRAGMA max_page_count = 1").await;

    let large = || NewSubmission { code: "x".repeat(60_000), ..new_submission(ada.id, "run-length") };
    let attempts = race(30, |_| {
        let store = Arc::clone(&shared);
        let new = large();
        async move {
            let outcome = store.create_submission(&new, 100).await;
            // Needs no more room, and shares its commit with those that do.
            store.set_time_zone(ada.id, "UTC").await.unwrap();
            (new.id, outcome)
        }
    })
    .await;
    for (id, outcome) in attempts {
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
        assert_eq!(shared.submission(id).await.unwrap(), None);
    }
    assert!(shared.unfinished(10).await.unwrap().is_empty());
    assert_eq!(shared.ledger_summary(ada.id).await.unwrap().total_xp, 10);

    limit_pages(&store, "PRAGMA max_page_count = 1000000").await;
    let outcome = shared.create_submission(&large(), 100).await.unwrap();
    assert!(matches!(outcome, Queued::New(_)));
    shared.ping().await.unwrap();
    shared.close().await;
    open(&path).close().await;
}
