//! An open file: its writer, its readers, and whose it is.

use std::path::Path;

use codementor_core::ports::{StoreError, StoreResult};
use rusqlite::Connection;

use super::fault::DbResult;
use super::format::Format;
use super::readers::Readers;
use super::writer::Writer;
use super::{OpenError, Options, open, owner, query};

const BEATS: &str = "SELECT beats FROM heartbeat WHERE id = 1";
const BEAT: &str = "UPDATE heartbeat SET beats = beats + 1 WHERE id = 1";

/// Dropping it lets its threads end by themselves; [`Database::close`] waits for them.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) writer: Writer,
    pub(super) readers: Readers,
    pub(super) _held: owner::Held,
}

impl Database {
    /// See [`super::SqliteStore::open`].
    pub(super) fn open(path: &Path, options: &Options, format: Format) -> Result<Self, OpenError> {
        open::open(path, options, format)
    }

    /// Runs `work` in the writer's transaction. It may run twice: it must depend on nothing but the database.
    pub(super) async fn write<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> DbResult<T> + Send + 'static,
    {
        self.writer.run(work).await
    }

    /// The same without waiting for it. It must tell its failures itself; when the commit fails, nobody hears.
    pub(super) async fn post<F>(&self, work: F) -> StoreResult<()>
    where
        F: Fn(&Connection) -> DbResult<()> + Send + 'static,
    {
        self.writer.post(work).await
    }

    /// Runs `work` on a connection that can only read, in one snapshot.
    pub(super) async fn read<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> DbResult<T> + Send + 'static,
    {
        self.readers.run(work).await
    }

    /// Reads and writes the row that every kind of file has for this.
    pub(super) async fn ping(&self) -> StoreResult<()> {
        let beats = self.read(|conn| query::one(conn, BEATS, [], query::first::<i64>)).await?;
        // A real write: only that finds a full disk.
        let changed = self.write(|conn| query::change(conn, BEAT, [])).await?;
        match (beats, changed) {
            (Some(_), 1) => Ok(()),
            _ => Err(StoreError::Failed("the heartbeat row is missing".to_owned())),
        }
    }

    /// Lets no more work in and waits for what is under way.
    pub(super) async fn close(&self) {
        // The writer stays until the readers are gone: the last connection to close folds the write-ahead log into the file, and
        // only the writer's can.
        let writer = self.writer.shut();
        self.readers.close().await;
        drop(writer);
        self.writer.ended().await;
    }
}
