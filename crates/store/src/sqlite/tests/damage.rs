//! Files that are not ours to change: damaged, foreign, newer. They stay byte for byte as they are.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::super::format::STORE;
use super::{folder, refusal, used};
use crate::OpenError;

const PAGE: usize = 4096;

/// Opening `path` is refused and leaves the file as it is.
fn refused_untouched(path: &Path) -> OpenError {
    let before = fs::read(path).unwrap();
    let error = refusal(path);
    assert!(fs::read(path).unwrap() == before, "the file was changed: {error}");
    assert!(error.to_string().contains("left untouched"), "{error}");
    error
}

#[tokio::test]
async fn an_overwritten_header_is_refused() {
    let (_folder, path) = folder();
    used(&path).await;
    let mut bytes = fs::read(&path).unwrap();
    bytes[..32].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let error = refused_untouched(&path);
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn any_overwritten_page_is_refused() {
    let (_folder, path) = folder();
    used(&path).await;
    let sound = fs::read(&path).unwrap();
    assert!(sound.len() > 20 * PAGE);
    for start in (0..sound.len()).step_by(PAGE) {
        let mut bytes = sound.clone();
        // Of the first page all but SQLite's header, which has a test of its own.
        bytes[start.max(100)..start + PAGE].fill(0xa5);
        fs::write(&path, bytes).unwrap();
        let error = refused_untouched(&path);
        assert!(matches!(error, OpenError::Corrupt { .. }), "page {}: {error}", start / PAGE + 1);
    }
}

#[tokio::test]
async fn a_truncated_file_is_refused() {
    let (_folder, path) = folder();
    used(&path).await;
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = refused_untouched(&path);
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
}

#[test]
fn another_kind_of_file_is_refused() {
    let (_folder, path) = folder();
    for content in ["x", "# Notes\n", &"long ".repeat(10_000)] {
        fs::write(&path, content).unwrap();
        let error = refused_untouched(&path);
        assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    }
}

#[test]
fn another_programs_database_is_refused() {
    for sql in [
        "CREATE TABLE users (id)",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 1",
        "PRAGMA journal_mode = WAL; CREATE TABLE notes (text)",
    ] {
        let (_folder, path) = folder();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let error = refused_untouched(&path);
        assert!(matches!(error, OpenError::Foreign { .. }), "{sql}: {error}");
        assert!(error.to_string().contains("not a CodeMentor database"));
    }
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let (_folder, path) = folder();
    used(&path).await;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", STORE.newest() + 1).unwrap();
    let error = refused_untouched(&path);
    let (found, known) = (STORE.newest() + 1, STORE.newest());
    assert!(
        matches!(error, OpenError::Newer { found: f, known: k, .. } if (f, k) == (found, known)),
        "{error}"
    );
}

/// The newer program was killed: what it wrote last is still in its log, and must stay there for it to find.
#[tokio::test]
async fn the_log_of_a_newer_database_is_left_alone() {
    let (_folder, path) = folder();
    used(&path).await;
    let (_copies, copy) = folder();
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", STORE.newest() + 1).unwrap();
    let log = |path: &Path| path.with_extension("db-wal");
    fs::copy(&path, &copy).unwrap();
    fs::copy(log(&path), log(&copy)).unwrap();
    let before = fs::read(log(&copy)).unwrap();
    assert!(!before.is_empty());

    let error = refused_untouched(&copy);
    assert!(matches!(error, OpenError::Newer { .. }), "{error}");
    assert!(fs::read(log(&copy)).unwrap() == before);
}
