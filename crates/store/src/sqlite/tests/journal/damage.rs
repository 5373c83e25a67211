//! Rows changed by other hands are errors, and neither file is taken for the other.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use codementor_core::id::SessionId;
use codementor_core::journal::{Entry, Journal, MAX_ENTRY_BYTES};
use codementor_core::ports::Store;
use rusqlite::Connection;

use super::{folder, open};
use crate::contract::journal::fixtures::{edit_of, edits, refused, session, snapshot};
use crate::sqlite::format::JOURNAL;
use crate::sqlite::tests;
use crate::{OpenError, Options, Schema, SqliteJournal, SqliteStore};

/// Entries that are large enough not to share a row with those brought into the tables before them.
fn large(first: u64, last: u64) -> Vec<Entry> {
    (first..=last).map(|seq| edit_of(seq, 1_000)).collect()
}

/// A record of three rows with a snapshot in the first.
async fn used(path: &Path) -> (SessionId, SessionId) {
    let journal = open(path);
    let shared = journal.clone() as Arc<dyn Journal>;
    let (damaged, sound) = (SessionId::new(), session(&shared, 5).await);
    for first in [1, 6, 11] {
        shared.append(damaged, large(first, first + 4)).await.unwrap();
        shared.ping().await.unwrap();
    }
    shared.put_snapshot(damaged, snapshot(2)).await.unwrap();
    journal.close().await;
    (damaged, sound)
}

/// Changes rows of the first session, whose id is `?1`.
async fn after(sql: &str) -> (Arc<SqliteJournal>, SessionId) {
    let (folder, path) = folder();
    let (damaged, sound) = used(&path).await;
    let other = Connection::open(&path).unwrap();
    assert_eq!(other.execute(sql, [damaged.to_bytes()]).unwrap(), 1, "{sql}");
    drop(other);
    let journal = open(&path);
    // The rest can be read as before. The files live on without their names.
    assert_eq!(journal.load(sound).await.unwrap().tail, edits(1, 5));
    drop(folder);
    (journal, damaged)
}

#[tokio::test]
async fn a_row_that_changed_is_an_error() {
    for set in [
        "data = substr(data, 1, length(data) - 1)",
        "data = CAST(data || 'x' AS BLOB)",
        "data = x''",
        "data = CAST(hex(data) AS BLOB)",
        "data = zeroblob(length(data))",
        "sum = sum + 1",
        "sum = -sum",
        "sum = 1 << 40",
        "session = zeroblob(16)",
        "last = 11",
        "last = 4",
    ] {
        let (journal, session) =
            after(&format!("UPDATE batches SET {set} WHERE session = ?1 AND last = 10")).await;
        refused(journal.load(session).await);
        refused(journal.read(session, 0, 100).await);
    }
}

#[tokio::test]
async fn a_missing_row_is_an_error() {
    for last in [5, 10] {
        let (journal, session) =
            after(&format!("DELETE FROM batches WHERE session = ?1 AND last = {last}")).await;
        refused(journal.load(session).await);
        refused(journal.read(session, 0, 100).await);
        refused(journal.read(session, 3, 100).await);
        // What lies behind it can be read.
        assert_eq!(journal.read(session, 10, 100).await.unwrap(), large(11, 15));
    }
}

#[tokio::test]
async fn a_snapshot_that_changed_is_an_error() {
    for set in ["data = x'00'", "sum = sum - 1", "seq = 3", "session = zeroblob(16)"] {
        let (journal, session) = after(&format!("UPDATE snapshots SET {set} WHERE session = ?1")).await;
        if set.starts_with("session") {
            refused(journal.load(SessionId::from_bytes([0; 16])).await);
        } else {
            refused(journal.load(session).await);
        }
        assert_eq!(journal.read(session, 0, 100).await.unwrap(), large(1, 15));
    }
}

#[tokio::test]
async fn a_record_that_ends_before_its_snapshot_is_an_error() {
    let (folder, path) = folder();
    let (damaged, _) = used(&path).await;
    Connection::open(&path).unwrap().execute("DELETE FROM batches", []).unwrap();
    refused(open(&path).load(damaged).await);
    drop(folder);
}

#[tokio::test]
async fn a_trim_that_changed_is_an_error() {
    let (_folder, path) = folder();
    let (session, _) = used(&path).await;
    let trimmed = open(&path);
    trimmed.trim(session, 2).await.unwrap();
    trimmed.close().await;
    drop(trimmed);
    for sql in [
        "UPDATE trims SET upto = 3 WHERE session = ?1",
        "UPDATE trims SET sum = sum + 1, upto = 2 WHERE session = ?1",
        // What is missing and was not forgotten is a gap.
        "DELETE FROM trims WHERE session = ?1",
    ] {
        let other = Connection::open(&path).unwrap();
        assert_eq!(other.execute(sql, [session.to_bytes()]).unwrap(), 1, "{sql}");
        drop(other);
        let journal = open(&path);
        refused(journal.read(session, 0, 100).await);
        // Nothing hides what lies behind it.
        assert_eq!(journal.read(session, 9, 100).await.is_ok(), sql.starts_with("DELETE"));
        journal.close().await;
    }
}

#[tokio::test]
async fn a_record_that_begins_behind_its_snapshot_is_an_error() {
    let (_folder, path) = folder();
    let (session, _) = used(&path).await;
    let trimmed = open(&path);
    trimmed.trim(session, 2).await.unwrap();
    trimmed.close().await;
    drop(trimmed);
    Connection::open(&path).unwrap().execute("DELETE FROM snapshots", []).unwrap();
    refused(open(&path).load(session).await);
}

/// Opening a large journal does not read all of it. Who asks for what is damaged is told, and who checks, too.
#[tokio::test]
async fn damage_in_a_large_file_is_found_by_checking_and_by_reading() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let large = SessionId::new();
    for seq in 1..=35 {
        journal.append(large, vec![edit_of(seq, MAX_ENTRY_BYTES)]).await.unwrap();
    }
    journal.close().await;
    drop(journal);
    SqliteJournal::check(&path, &Options::default()).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&[0xff; 4096], 4096 * 8192).unwrap();
    assert!(matches!(SqliteJournal::check(&path, &Options::default()), Err(OpenError::Corrupt { .. })));
    let journal = open(&path);
    refused(journal.read(large, 0, 100).await.and(journal.read(large, 16, 100).await));
}

#[tokio::test]
async fn neither_file_is_taken_for_the_other() {
    let (folder, journal) = folder();
    used(&journal).await;
    let store = folder.path().join("codementor.db");
    tests::open(&store).close().await;
    let before = [&journal, &store].map(|path| fs::read(path).unwrap());

    let options = Options::default();
    let error = SqliteStore::open(&journal, &options).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert!(error.to_string().contains("not a CodeMentor database (it is CodeMentor's journal)"), "{error}");
    let error = SqliteJournal::open(&store, &options).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert!(error.to_string().contains("not a CodeMentor journal (it is CodeMentor's database)"), "{error}");
    assert!(before == [&journal, &store].map(|path| fs::read(path).unwrap()));
    assert_eq!(SqliteJournal::look(&journal, &options).unwrap(), Schema::Version(JOURNAL.newest()));
    assert_eq!(SqliteJournal::migrate(&journal, &options).unwrap().from, JOURNAL.newest());
}
