//! The store and the journal in a SQLite file each: one thread writes to a file, several read it, and none of them is a thread
//! of the async runtime. The journal has a log in front of its file, which callers write to themselves.
//!
//! Each aggregate has its file. They hand closures to [`writer::Writer`] and [`readers::Readers`], which own the connections;
//! nothing else may open one, except [`open`] and [`migrate`] before the threads start.

mod challenges;
mod connection;
mod contents;
mod database;
mod doors;
mod fault;
mod finish;
mod flows;
mod format;
mod journal;
mod judge0;
mod lane;
mod lives;
mod merge;
mod migrate;
mod open;
mod owner;
mod parts;
mod progress;
mod query;
mod readers;
mod rows;
mod sessions;
mod sign_in;
mod standings;
mod submissions;
mod sync;
mod users;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use codementor_core::UserId;
use codementor_core::ports::{Store, StoreResult};
use rusqlite::Connection;

pub use self::journal::SqliteJournal;
pub use self::migrate::Migrated;
pub use self::open::{OpenError, Schema};
pub use self::owner::Owner;

use self::database::Database;
use self::fault::DbResult;
use self::format::STORE;

/// A store in one SQLite file. Dropping it lets its threads end by themselves; [`Store::close`] waits for them.
#[derive(Debug)]
pub struct SqliteStore {
    database: Database,
}

/// How much of the machine a store may use, and how long it waits.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that read, each with its own connection. At least 1.
    pub readers: usize,
    /// Calls that may wait for the writer and, apart from these, for a reader. At least 1.
    pub queue: usize,
    /// How long a call waits for a place in a full queue before it is told that the store is unavailable.
    pub queue_timeout: Duration,
    /// How long a statement waits for another process's lock.
    pub busy_timeout: Duration,
    /// Who else may have the database open.
    pub owner: Owner,
    /// How long a journal's log is written to one file. So long what was removed from the journal may still be on the disk there.
    pub segment_age: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            queue: 256,
            queue_timeout: Duration::from_secs(2),
            busy_timeout: Duration::from_secs(5),
            owner: Owner::Sole,
            segment_age: Duration::from_secs(600),
        }
    }
}

impl SqliteStore {
    /// Opens the database at `path`, making it when there is none and bringing its schema to the newest version.
    ///
    /// Reads the whole file once to find damage, and waits up to `busy_timeout` for other processes, so call it before serving.
    /// Needs no async runtime.
    ///
    /// # Errors
    /// Says why the database cannot be used; a damaged, foreign or newer file is left byte for byte as it was.
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        Ok(Self { database: Database::open(path, options, STORE)? })
    }

    /// Brings the database at `path` to the newest schema without keeping it open, making it when there is none.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn migrate(path: &Path, options: &Options) -> Result<Migrated, OpenError> {
        open::migrate(path, options, STORE)
    }

    /// Looks at the database at `path` and its schema, changing nothing.
    ///
    /// # Errors
    /// As [`SqliteStore::open`], for what can be seen without opening it.
    pub fn look(path: &Path, options: &Options) -> Result<Schema, OpenError> {
        open::look(path, options, STORE, open::Depth::Whole)
    }

    /// The schema's version that this program works with.
    #[must_use]
    pub fn newest_schema() -> u32 {
        STORE.newest()
    }

    /// The login of a person who signs in with GitHub. `None` for guests, and when there is no such person.
    ///
    /// # Errors
    /// As every read.
    pub async fn github_login(&self, user: UserId) -> StoreResult<Option<String>> {
        self.read(move |conn| users::github_login(conn, user)).await
    }

    /// Sets every leaderboard to what the ledger says and returns how many rows were wrong. They should never be: this is a
    /// repair for a database changed by other hands.
    ///
    /// # Errors
    /// As every write. Nothing changes then.
    pub async fn rebuild_standings(&self) -> StoreResult<usize> {
        self.write(standings::rebuild_all).await
    }

    /// Runs `work` in the writer's transaction. It may run twice: it must depend on nothing but the database.
    async fn write<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> DbResult<T> + Send + 'static,
    {
        self.database.write(work).await
    }

    /// Runs `work` on a connection that can only read, in one snapshot.
    async fn read<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> DbResult<T> + Send + 'static,
    {
        self.database.read(work).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> StoreResult<()> {
        self.database.ping().await
    }

    async fn close(&self) {
        self.database.close().await;
    }
}
