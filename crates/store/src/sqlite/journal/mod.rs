//! The journal in one SQLite file of its own, with the store's machinery: one thread writes, several read.
//!
//! A commit does not wait for the disk. It is with the kernel, where the end of the process cannot harm it, and the log is
//! brought to the disk within 50 ms. When that fails once, nothing more is written until a restart.

mod append;
mod encoding;
mod read;
mod snapshots;
mod trim;

use std::path::Path;

use async_trait::async_trait;
use codementor_core::id::SessionId;
use codementor_core::journal::{AppendError, Entry, Journal, Kept, Snapshot};
use codementor_core::ports::{StoreError, StoreResult};

use super::database::Database;
use super::format::JOURNAL;
use super::{Migrated, OpenError, Options, Schema, open};

#[cfg(test)]
pub(super) use self::append::{END, INSERT, REMOVE};
#[cfg(test)]
pub(super) use self::read::AFTER;
#[cfg(test)]
pub(super) use self::snapshots::{KEPT, KEPT_SEQ, PUT, REMOVE_SNAPSHOT};
#[cfg(test)]
pub(super) use self::trim::{FORGET, REMOVE_TRIM, SET_UPTO, SHORTEN, UPTO};

/// A journal in one SQLite file. Dropping it lets its threads end by themselves; [`Journal::close`] waits for them.
#[derive(Debug)]
pub struct SqliteJournal {
    pub(super) database: Database,
}

impl SqliteJournal {
    /// Opens the journal at `path`, making it when there is none and bringing its schema to the newest version.
    ///
    /// Reads the whole file once to find damage, and waits up to `busy_timeout` for other processes, so call it before serving.
    /// Needs no async runtime.
    ///
    /// # Errors
    /// Says why the file cannot be used; a damaged, foreign or newer file is left byte for byte as it was. The store's
    /// database is foreign here.
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        Ok(Self { database: Database::open(path, options, JOURNAL)? })
    }

    /// Brings the journal at `path` to the newest schema without keeping it open, making it when there is none.
    ///
    /// # Errors
    /// As [`SqliteJournal::open`].
    pub fn migrate(path: &Path, options: &Options) -> Result<Migrated, OpenError> {
        open::migrate(path, options, JOURNAL)
    }

    /// The schema's version that this program works with.
    #[must_use]
    pub fn newest_schema() -> u32 {
        JOURNAL.newest()
    }

    /// Looks at the journal at `path` and its schema, changing nothing.
    ///
    /// # Errors
    /// As [`SqliteJournal::open`], for what can be seen without opening it.
    pub fn look(path: &Path, options: &Options) -> Result<Schema, OpenError> {
        open::look(path, options, JOURNAL)
    }
}

/// An unreadable row is [`codementor_core::ports::StoreError::Failed`], whatever comes before or after it.
#[async_trait]
impl Journal for SqliteJournal {
    async fn append(&self, session: SessionId, entries: Vec<Entry>) -> Result<(), AppendError> {
        let batch = append::Batch::new(session, &entries).map_err(StoreError::from)?;
        let Some(batch) = batch else { return Ok(()) };
        // The batch has its own copy; what waits in the queue is held once.
        drop(entries);
        let outcome = self.database.write(move |conn| batch.write(conn)).await?;
        outcome.map_err(|end| AppendError::Conflict { end })
    }

    async fn load(&self, session: SessionId) -> StoreResult<Kept> {
        self.database.read(move |conn| read::load(conn, session)).await
    }

    async fn put_snapshot(&self, session: SessionId, snapshot: Snapshot) -> StoreResult<()> {
        snapshots::check(&snapshot)?;
        self.database.write(move |conn| snapshots::put(conn, session, &snapshot)).await
    }

    async fn trim(&self, session: SessionId, upto: u64) -> StoreResult<()> {
        self.database.write(move |conn| trim::trim(conn, session, upto)).await
    }

    async fn read(&self, session: SessionId, after: u64, limit: u32) -> StoreResult<Vec<Entry>> {
        self.database.read(move |conn| read::page(conn, session, after, limit)).await
    }

    async fn remove(&self, session: SessionId) -> StoreResult<()> {
        self.database.write(move |conn| append::remove(conn, session)).await
    }

    async fn ping(&self) -> StoreResult<()> {
        self.database.ping().await
    }

    async fn close(&self) {
        self.database.close().await;
    }
}
