//! Tests of what only the journal in SQLite can get wrong, and the contract every journal keeps.

mod bounds;
mod compaction;
mod crash;
mod damage;
mod full;
mod log;
mod measure;
mod restarts;
mod sync;
mod trims;

mod contract {
    crate::contract::journal::journal_contract!(crate::sqlite::tests::journal::make);
}

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codementor_core::journal::Journal;
use tempfile::TempDir;

use crate::contract::fixtures::Made;
use crate::{Options, Owner, SqliteJournal};

/// A folder with a place for a journal.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    (folder, path)
}

/// As its owner.
fn open(path: &Path) -> Arc<SqliteJournal> {
    Arc::new(SqliteJournal::open(path, &Options::default()).unwrap())
}

/// To read it, whoever owns it.
fn beside(path: &Path) -> Arc<SqliteJournal> {
    let options = Options { owner: Owner::Beside, ..Options::default() };
    Arc::new(SqliteJournal::open(path, &options).unwrap())
}

/// A fresh journal for one case of the contract.
async fn make() -> Made<dyn Journal> {
    let (folder, path) = folder();
    Made { store: open(&path), _keep: Box::new(folder) }
}
