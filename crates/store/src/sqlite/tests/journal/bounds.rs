//! What the journal refuses for the sake of memory, and how its rows are cut.

use bytes::Bytes;
use codementor_core::id::SessionId;
use codementor_core::journal::{Journal, MAX_ENTRY_BYTES, Snapshot};

use super::{folder, open};
use crate::contract::journal::fixtures::{add, edit_of, edits, refused, snapshot};
use crate::sqlite::query;

const MIB: usize = 1024 * 1024;
const LARGEST_ROW: i64 = 3 * 1024 * 1024;

#[tokio::test]
async fn a_tail_of_more_than_64_mib_is_an_error_that_says_so() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    for seq in 1..=32 {
        journal.append(session, vec![edit_of(seq, MAX_ENTRY_BYTES)]).await.unwrap();
    }
    let error = journal.load(session).await.unwrap_err();
    assert!(
        error.to_string().ends_with("the record since its last snapshot is larger than 64 MiB"),
        "{error}"
    );
    journal.put_snapshot(session, snapshot(1)).await.unwrap();
    assert_eq!(journal.load(session).await.unwrap().tail.len(), 31);
}

/// An entry takes memory beyond its data, and empty ones take no other.
#[tokio::test]
async fn many_small_entries_are_bounded_too() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    let empty = |first: u64| (first..first + 100_000).map(|seq| edit_of(seq, 0)).collect::<Vec<_>>();
    for round in 0..10 {
        add(&*journal, session, &empty(round * 100_000 + 1)).await;
    }
    refused(journal.load(session).await);
    let page = journal.read(session, 0, u32::MAX).await.unwrap();
    assert!((10_000..100_000).contains(&page.len()), "{}", page.len());
}

#[tokio::test]
async fn a_snapshot_of_more_than_64_mib_is_refused() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    let of = |size| Snapshot { seq: 0, data: Bytes::from(vec![1; size]) };
    refused(journal.put_snapshot(session, of(64 * MIB + 1)).await);
    journal.put_snapshot(session, of(64 * MIB)).await.unwrap();
    assert_eq!(journal.load(session).await.unwrap().snapshot, Some(of(64 * MIB)));
}

#[tokio::test]
async fn no_row_is_larger_than_what_reading_one_entry_may_cost() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    let mut entries: Vec<_> =
        (1..=9).map(|seq| edit_of(seq, if seq % 3 == 0 { MAX_ENTRY_BYTES } else { 100_000 })).collect();
    entries.extend(edits(10, 500));
    add(&*journal, session, &entries).await;
    journal.ping().await.unwrap();
    let sizes = journal.database.read(|conn| {
        query::all(conn, "SELECT length(data) FROM batches ORDER BY last", [], query::first::<i64>)
    });
    let sizes = sizes.await.unwrap();
    // An empty row never, and a batch of small ones in few.
    assert!(sizes.len() < 12, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size > 0 && *size < LARGEST_ROW), "{sizes:?}");
}
