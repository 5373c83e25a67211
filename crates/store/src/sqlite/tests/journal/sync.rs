//! What commits survive: the settings, and what happens when the disk fails behind them.

use std::fmt::Debug;
use std::os::unix::fs::symlink;

use codementor_core::id::SessionId;
use codementor_core::journal::{AppendError, Journal};
use codementor_core::ports::{StoreError, StoreResult};

use super::{folder, open};
use crate::contract::journal::fixtures::{edits, snapshot};
use crate::sqlite::query;

#[tokio::test]
async fn commits_wait_for_the_kernel_and_not_for_the_disk() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let settings = journal.database.write(|conn| {
        let synchronous = query::one(conn, "PRAGMA synchronous", [], query::first::<i64>)?;
        Ok((synchronous, query::one(conn, "PRAGMA journal_mode", [], query::first::<String>)?))
    });
    assert_eq!(settings.await.unwrap(), (Some(1), Some("wal".to_owned())));
}

/// SQLite keeps the log beside the file and not beside the link.
#[tokio::test]
async fn the_log_is_found_behind_a_link() {
    let (folder, path) = folder();
    let link = folder.path().join("link.db");
    symlink(&path, &link).unwrap();
    for way in [&path, &link] {
        let journal = open(way);
        journal.append(SessionId::new(), edits(1, 3)).await.unwrap();
        journal.close().await;
    }
}

#[tokio::test]
async fn closing_leaves_one_file_and_further_calls_are_unavailable() {
    let (folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    journal.append(session, edits(1, 3)).await.unwrap();
    journal.close().await;
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.iter().filter(|name| *name != "journal.db.lock").collect::<Vec<_>>(), ["journal.db"]);
    let late = journal.append(session, edits(4, 4)).await;
    assert!(matches!(late, Err(AppendError::Store(StoreError::Unavailable(_)))), "{late:?}");
    let late = journal.load(session).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
}

/// What a failed flush did not write may be gone for good, so nothing may be built upon it.
#[tokio::test]
async fn a_failed_flush_ends_the_writing() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let (kept, pending) = (SessionId::new(), SessionId::new());
    journal.append(kept, edits(1, 3)).await.unwrap();
    assert_eq!(journal.load(kept).await.unwrap().tail, edits(1, 3));
    journal.append(pending, edits(1, 3)).await.unwrap();
    journal.fail_the_disk();
    for session in [kept, pending] {
        let late = journal.append(session, edits(4, 4)).await;
        assert!(matches!(late, Err(AppendError::Store(StoreError::Unavailable(_)))), "{late:?}");
        unavailable(journal.put_snapshot(session, snapshot(3)).await);
        unavailable(journal.trim(session, 0).await);
        unavailable(journal.remove(session).await);
    }
    unavailable(journal.ping().await);
    assert_eq!(journal.load(kept).await.unwrap().tail, edits(1, 3));
    journal.close().await;
    drop(journal);
    let journal = open(&path);
    assert_eq!(journal.load(pending).await.unwrap().tail, edits(1, 3));
    journal.append(kept, edits(4, 4)).await.unwrap();
}

fn unavailable<T: Debug>(result: StoreResult<T>) {
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
}
