//! The journal: a log that takes what is appended at once, and one SQLite file of its own that takes it from there a moment
//! later, with the store's machinery: one thread writes, several read.
//!
//! An append is with the kernel when it is answered, where the end of the process cannot harm it, and on the disk within 50 ms.
//! When that fails once, nothing more is written until a restart. Whatever reads or changes a record brings what the log has of it
//! into the tables first, so that only the tables are read.

mod append;
mod compact;
mod encoding;
mod log;
mod packed;
mod read;
mod snapshots;
mod trim;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use codementor_core::id::SessionId;
use codementor_core::journal::{AppendError, Entry, Journal, Kept, Snapshot};
use codementor_core::ports::{StoreError, StoreResult};
use rusqlite::Connection;

use self::append::Batch;
use self::log::{Attempt, Known, Log, Unreadable};
use self::read::Later;
use super::database::Database;
use super::fault::{DbResult, Fault};
use super::format::JOURNAL;
use super::open::{self, Depth};
use super::sync::Flush;
use super::{Migrated, OpenError, Options, Owner, Schema};

#[cfg(test)]
pub(super) use self::append::{END, INSERT, REMOVE, REMOVE_ROW, ROW_BYTES, SMALL_ROW, insert};
#[cfg(test)]
pub(super) use self::compact::{
    COMPACTED, FULL_BYTES, LEFT, PACKED, REMOVE_PACKED, SET_PACKED, STEP_BYTES, STEP_ROWS,
};
#[cfg(test)]
pub(super) use self::encoding::Entries;
#[cfg(test)]
pub(super) use self::log::{FOLDED, SET_FOLDED};
#[cfg(test)]
pub(super) use self::packed::length;
#[cfg(test)]
pub(super) use self::read::AFTER;
#[cfg(test)]
pub(super) use self::snapshots::{KEPT, KEPT_SEQ, PUT, REMOVE_SNAPSHOT, put as put_alone};
#[cfg(test)]
pub(super) use self::trim::{FORGET, REMOVE_TRIM, SET_UPTO, SHORTEN, UPTO};

/// A journal in one SQLite file and a log beside it. Dropping it lets its threads end by themselves; [`Journal::close`] waits for
/// them.
#[derive(Debug)]
pub struct SqliteJournal {
    pub(super) database: Arc<Database>,
    side: Side,
}

/// Whose the log is.
#[derive(Debug)]
enum Side {
    /// This journal's, which alone writes.
    Owner(Log),
    /// Another process's, or nobody's; its folder. It is read.
    Beside(PathBuf),
}

impl SqliteJournal {
    /// Opens the journal at `path`, making it when there is none and bringing its schema to the newest version. What a process that
    /// was killed left in the log, the folder at `path` with `-log` behind its name, comes into the file.
    ///
    /// [`Owner::Beside`] recovers nothing and takes no part in the log: what it opens reads both, also while another process writes,
    /// and every other call fails. Look first: a file that is not there, or has an older schema, is made or migrated all the same.
    ///
    /// A file of at most 64 MiB is read whole once to find damage; of a larger one the header and the schema, and each row when it
    /// is asked for. Waits up to `busy_timeout` for other processes, so call it before serving. Needs no async runtime.
    ///
    /// # Errors
    /// Says why the file cannot be used; a damaged, foreign or newer file is left byte for byte as it was, and a damaged log, too.
    /// The store's database is foreign here.
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let inaccessible = |error| open::inaccessible(path, &error);
        if options.owner == Owner::Beside {
            let database = Arc::new(Database::open(path, options, JOURNAL)?);
            return Ok(Self { database, side: Side::Beside(log::folder_of(path).map_err(inaccessible)?) });
        }
        let (database, recovered) = open::open_after(path, options, JOURNAL, |conn| recover(path, conn))?;
        let Recovered { folder, next, folded, wal } = recovered;
        let database = Arc::new(database);
        let log = Log::start(folder, (next, options.segment_age), folded, Arc::clone(&database), wal)
            .map_err(inaccessible)?;
        Ok(Self { database, side: Side::Owner(log) })
    }

    /// Brings the journal at `path` to the newest schema without keeping it open, making it when there is none. The log is left for
    /// the next opening: its frames are of no schema.
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

    /// Looks at the journal at `path` and its schema as opening does, changing nothing.
    ///
    /// # Errors
    /// As [`SqliteJournal::open`], for what can be seen without opening it.
    pub fn look(path: &Path, options: &Options) -> Result<Schema, OpenError> {
        open::look(path, options, JOURNAL, Depth::Opening)
    }

    /// The same, reading all of the file, however large, and of its log. Its server may be running.
    ///
    /// # Errors
    /// As [`SqliteJournal::look`].
    pub fn check(path: &Path, options: &Options) -> Result<Schema, OpenError> {
        let schema = open::look(path, options, JOURNAL, Depth::Whole)?;
        if schema != Schema::Absent {
            let folder = log::folder_of(path).map_err(|error| open::inaccessible(path, &error))?;
            log::check(&folder).map_err(|error| unreadable(path, error))?;
        }
        Ok(schema)
    }

    /// As if the disk had failed.
    #[cfg(test)]
    pub(super) fn fail_the_disk(&self) {
        if let Side::Owner(log) = &self.side {
            log.fail();
        }
    }

    /// Waits until the log is on the disk.
    #[cfg(test)]
    pub(super) async fn until_synced(&self) {
        while matches!(&self.side, Side::Owner(log) if !log.is_synced()) {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until this segment is written to and those before it are deleted.
    #[cfg(test)]
    pub(super) async fn until_segment(&self, number: u64) {
        while matches!(&self.side, Side::Owner(log) if log.segment() < number) {
            tokio::task::yield_now().await;
        }
    }

    /// The log, to write to it.
    fn log(&self) -> StoreResult<&Log> {
        match &self.side {
            Side::Owner(log) => Ok(log),
            Side::Beside(_) => {
                Err(StoreError::Failed("the journal was opened beside its owner, to be read".to_owned()))
            }
        }
    }

    /// Brings what the log has of a session into the tables, for those who write there.
    async fn fold(&self, session: SessionId) -> StoreResult<()> {
        let log = self.log()?;
        log.check()?;
        if log.is_pending(session) { log.fold(&self.database).await } else { Ok(()) }
    }

    /// Reads a record: from the tables when they are this process's to keep up to date, else with what the log has more.
    async fn read_record<T, F>(&self, session: SessionId, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, &Later) -> DbResult<T> + Send + 'static,
    {
        match &self.side {
            Side::Owner(log) => {
                if log.is_pending(session) {
                    log.fold(&self.database).await?;
                }
                self.database.read(move |conn| work(conn, &Later::default())).await
            }
            Side::Beside(folder) => {
                let folder = folder.clone();
                let read = move |conn: &Connection| {
                    // First the log: what comes into the tables meanwhile is then in both.
                    let frames = log::of_session(&folder, session)?;
                    work(conn, &Later::of(conn, frames)?)
                };
                self.database.read(read).await
            }
        }
    }

    /// Adds a batch that does not go on where this process knows that the record ends: perhaps it is the end. `None`: it goes on
    /// there by now.
    async fn repeat(&self, batch: &Arc<Batch>) -> Result<Option<()>, AppendError> {
        self.fold(batch.session).await?;
        let asked = Arc::clone(batch);
        let (end, is_same) = self.database.read(move |conn| asked.is_end(conn)).await?;
        match is_same {
            true => Ok(Some(())),
            false if end == batch.after => Ok(None),
            false => Err(conflict(end)),
        }
    }
}

fn conflict(end: i64) -> AppendError {
    AppendError::Conflict { end: end.cast_unsigned() }
}

/// What the log begins with.
struct Recovered {
    folder: PathBuf,
    next: u64,
    folded: u64,
    wal: Flush,
}

fn recover(path: &Path, conn: &mut Connection) -> Result<Recovered, OpenError> {
    let inaccessible = |error| open::inaccessible(path, &error);
    let folder = log::folder_of(path).map_err(inaccessible)?;
    let mut wal = open::flush(path).map_err(inaccessible)?;
    let recovered = log::recover(conn, &folder, &mut wal);
    let next = recovered.map_err(|error| unreadable(path, error))?;
    let folded = log::folded(conn).map_err(|error| unreadable(path, Unreadable::Fault(error)))?;
    Ok(Recovered { folder, next, folded, wal })
}

fn unreadable(path: &Path, error: Unreadable) -> OpenError {
    let path = path.to_owned();
    match error {
        Unreadable::Io(path, error) => open::inaccessible(&path, &error),
        Unreadable::Damaged(detail) => OpenError::Corrupt { path, detail },
        Unreadable::Fault(Fault::Sqlite(error)) => open::told(&path, JOURNAL, &error),
        Unreadable::Fault(Fault::Malformed(what)) => {
            OpenError::Corrupt { path, detail: format!("its log does not fit it: a {what}") }
        }
        Unreadable::Fault(fault) => OpenError::Inaccessible { path, detail: format!("{fault:?}") },
    }
}

/// An unreadable row is [`StoreError::Failed`], whatever comes before or after it.
#[async_trait]
impl Journal for SqliteJournal {
    async fn append(&self, session: SessionId, entries: Vec<Entry>) -> Result<(), AppendError> {
        let batch = Batch::new(session, &entries).map_err(StoreError::from)?;
        let Some(batch) = batch.map(Arc::new) else { return Ok(()) };
        // The batch has its own copy; whatever is to be waited for holds it once.
        drop(entries);
        let log = self.log()?;
        let mut known = None;
        loop {
            match log.append(&batch, known.take())? {
                Attempt::Added => return Ok(()),
                Attempt::Unknown(at) => {
                    let end = self.database.read(move |conn| append::end(conn, session)).await?;
                    known = Some(Known { at, end });
                }
                Attempt::Ends(end) if end != batch.last => return Err(conflict(end)),
                Attempt::Ends(_) => {
                    if self.repeat(&batch).await?.is_some() {
                        return Ok(());
                    }
                }
                // Whatever keeps the tables from taking more is no fault of these entries.
                Attempt::Full => log.fold(&self.database).await.map_err(as_unavailable)?,
            }
        }
    }

    async fn load(&self, session: SessionId) -> StoreResult<Kept> {
        self.read_record(session, move |conn, later| read::load(conn, session, later)).await
    }

    async fn put_snapshot(&self, session: SessionId, snapshot: Snapshot) -> StoreResult<()> {
        snapshots::check(&snapshot)?;
        self.fold(session).await?;
        self.database.write(move |conn| snapshots::put(conn, session, &snapshot)).await?;
        // The snapshot is kept whatever becomes of this, and the next one tries again.
        if let Err(error) = self.database.post(move |conn| compact::compact(conn, session)).await {
            tracing::warn!(%session, %error, "a record is not compacted now");
        }
        Ok(())
    }

    async fn trim(&self, session: SessionId, upto: u64) -> StoreResult<()> {
        self.fold(session).await?;
        self.database.write(move |conn| trim::trim(conn, session, upto)).await
    }

    async fn read(&self, session: SessionId, after: u64, limit: u32) -> StoreResult<Vec<Entry>> {
        self.read_record(session, move |conn, later| read::page(conn, session, later, after, limit)).await
    }

    async fn remove(&self, session: SessionId) -> StoreResult<()> {
        let log = self.log()?;
        log.remove(session)?;
        log.fold(&self.database).await
    }

    async fn ping(&self) -> StoreResult<()> {
        let log = self.log()?;
        log.beat()?;
        log.fold(&self.database).await?;
        self.database.ping().await
    }

    async fn close(&self) {
        if let Side::Owner(log) = &self.side {
            log.close().await;
        }
        self.database.close().await;
    }
}

fn as_unavailable(error: StoreError) -> StoreError {
    match error {
        StoreError::Failed(why) => StoreError::Unavailable(why),
        other => other,
    }
}
