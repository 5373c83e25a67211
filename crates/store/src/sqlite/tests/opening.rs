//! Making and opening a database: permissions, races, what stands in the way.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::thread;

use codementor_core::ports::Store;
use rusqlite::Connection;

use super::crash::own_test;
use super::{folder, open, refusal, used};
use crate::{OpenError, Options, Schema, SqliteStore};

const PATH: &str = "CODEMENTOR_TEST_UNWRITABLE";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn only_the_owner_may_read() {
    let (_folder, path) = folder();
    let store = open(&path);
    store.ping().await.unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", path.display());
        assert_eq!(mode(file.as_ref()), 0o600, "{suffix}");
    }
    store.close().await;
    fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    open(&path).close().await;
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn closing_folds_the_log_into_the_file() {
    let (folder, path) = folder();
    used(&path).await;
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["codementor.db"]);
}

#[tokio::test]
async fn many_may_open_a_new_database_at_once() {
    let (_folder, path) = folder();
    // The file is there: a process must not open and close it beside SQLite, which would let go of SQLite's locks.
    fs::File::create(&path).unwrap();
    let stores: Vec<_> = thread::scope(|scope| {
        let openers: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&path))).collect();
        openers.into_iter().map(|opener| opener.join().unwrap()).collect()
    });
    for store in &stores {
        store.ping().await.unwrap();
    }
    for store in &stores {
        store.close().await;
    }
}

#[tokio::test]
async fn a_locked_database_is_told_as_such() {
    let (_folder, path) = folder();
    used(&path).await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = refusal(&path);
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
    assert!(error.to_string().ends_with("is locked by another process"));
    other.execute_batch("ROLLBACK").unwrap();
    open(&path).close().await;
}

#[test]
fn a_place_that_cannot_hold_a_file_is_refused() {
    let (folder, path) = folder();
    fs::write(&path, "").unwrap();
    for place in
        [path.join("beneath-a-file.db"), folder.path().join("no/such/folder.db"), folder.path().to_owned()]
    {
        let error = refusal(&place);
        assert!(matches!(error, OpenError::Inaccessible { .. }), "{error}");
        assert!(error.to_string().contains("cannot be opened or created"), "{error}");
    }
}

/// Root may write anywhere, so the attempt is made by a process of somebody else.
#[tokio::test]
async fn a_read_only_folder_is_refused() {
    let (folder, path) = folder();
    used(&path).await;
    fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o555)).unwrap();
    let before = fs::read(&path).unwrap();

    let mut child = own_test(module_path!(), "attempt_in_a_read_only_folder");
    child.env(PATH, folder.path());
    if fs::metadata(folder.path()).unwrap().uid() == 0 {
        child.uid(65_534);
    }
    match child.output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => println!("skipped: nobody else can run this test here ({error})"),
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
#[ignore = "run by a_read_only_folder_is_refused"]
fn attempt_in_a_read_only_folder() {
    let folder = std::env::var_os(PATH).unwrap();
    for name in ["new.db", "codementor.db"] {
        let error = refusal(&Path::new(&folder).join(name));
        assert!(matches!(error, OpenError::Inaccessible { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_database_has_one_owner_by_whatever_path() {
    let (folder, path) = folder();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let roundabout = folder.path().join(".").join("codementor.db");
    let owner = SqliteStore::open(&path, &Options::default()).unwrap();
    for way in [&path, &link, &roundabout] {
        assert!(matches!(refusal(way), OpenError::InUse { .. }), "{}", way.display());
        let migrated = SqliteStore::migrate(way, &Options::default());
        assert!(matches!(migrated, Err(OpenError::InUse { .. })), "{migrated:?}");
        // A command beside it may.
        open(way).close().await;
    }
    owner.close().await;
    drop(owner);
    SqliteStore::open(&link, &Options::default()).unwrap().close().await;
}

#[tokio::test]
async fn looking_changes_nothing() {
    let (folder, path) = folder();
    let look = |path: &Path| SqliteStore::look(path, &Options::default());
    assert_eq!(look(&path).unwrap(), Schema::Absent);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
    fs::write(&path, "").unwrap();
    assert_eq!(look(&path).unwrap(), Schema::Empty);
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    used(&path).await;
    let before = fs::read(&path).unwrap();
    assert_eq!(look(&path).unwrap(), Schema::Version(SqliteStore::newest_schema()));
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 0).unwrap();
    assert_eq!(look(&path).unwrap(), Schema::Version(0));
    let store = Connection::open(&path).unwrap();
    store.pragma_update(None, "user_version", SqliteStore::newest_schema()).unwrap();
    drop(store);
    assert_eq!(fs::read(&path).unwrap().len(), before.len());
}
