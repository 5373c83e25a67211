//! Tests of what only SQLite can get wrong, and the contract every store keeps.

mod crash;
mod damage;
mod full;
mod journal;
mod migrations;
mod opening;
mod plans;
mod threads;
mod upkeep;

mod contract {
    crate::contract::store_contract!(crate::sqlite::tests::make);
}

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codementor_core::ports::Store;
use tempfile::TempDir;

use crate::contract::fixtures::Made;
use crate::{OpenError, Options, Owner, SqliteStore};

/// A folder with a place for a database.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("codementor.db");
    (folder, path)
}

/// Beside others that have it open.
fn open(path: &Path) -> Arc<SqliteStore> {
    let options = Options { owner: Owner::Beside, ..Options::default() };
    Arc::new(SqliteStore::open(path, &options).unwrap())
}

/// A database somebody has worked with, closed.
async fn used(path: &Path) {
    let store = open(path) as Arc<dyn Store>;
    let ada = crate::contract::fixtures::add_guest(&store, "ada").await;
    for number in 0..20 {
        let mut new = crate::contract::fixtures::new_submission(ada.id, &format!("challenge-{number}"));
        new.code = "x = 1\n".repeat(number * 100);
        crate::contract::fixtures::hand_in(&store, &new).await;
    }
    store.close().await;
}

/// Opens what must be refused at once.
fn refusal(path: &Path) -> OpenError {
    let options = Options { busy_timeout: Duration::from_millis(20), ..Options::default() };
    SqliteStore::open(path, &options).unwrap_err()
}

/// A fresh store for one case of the contract.
async fn make() -> Made {
    let (folder, path) = folder();
    Made { store: open(&path), _keep: Box::new(folder) }
}
