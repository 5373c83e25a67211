//! The log in front of the tables: an append is one `write` to a file, in the caller's task. What is in it comes into the tables
//! a moment later, many appends at a time, and is deleted when it is on the disk there.
//!
//! Nothing here may wait for the disk where an append waits, but for the one moment in which a full segment is changed for the next.

mod fold;
mod frame;
mod keeper;
mod pending;
mod read;
mod segment;
mod state;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codementor_core::id::SessionId;
use codementor_core::ports::StoreResult;
use rusqlite::Connection;
use tokio::sync::watch;

use self::pending::Chunk;
use self::segment::Segment;
use self::state::{Gate, State};
use super::append::Batch;
use crate::sqlite::database::Database;
use crate::sqlite::fault::{DbResult, Fault};
use crate::sqlite::sync::{Flush, Syncer};

pub(super) use self::fold::folded;
#[cfg(test)]
pub(in crate::sqlite) use self::fold::{FOLDED, SET_FOLDED};
pub(super) use self::frame::{Change, Frame};
pub(super) use self::read::{Unreadable, check, of_session};
pub(super) use self::segment::folder_of;
pub(super) use self::state::{Attempt, Known};

/// The log of an open journal. Dropping it brings what is pending into the tables and lets its threads end by themselves.
pub(super) struct Log {
    shared: Arc<Shared>,
    syncer: Syncer,
    /// The thread that keeps the log in order has a receiver while it lives.
    keeper: watch::Sender<()>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("folder", &self.shared.folder).finish_non_exhaustive()
    }
}

/// What appends and the threads share.
struct Shared {
    folder: PathBuf,
    /// Held for a few instructions and a `write`.
    state: Mutex<State>,
    /// Told when there is something to do for the keeper before its time.
    wake: Condvar,
    /// The disk failed, for good.
    failed: Arc<AtomicBool>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, error: &io::Error) {
        tracing::error!(%error, "the journal could not be brought to the disk; nothing more is written until a restart");
        self.failed.store(true, Ordering::Release);
    }

    /// Refuses when the disk failed: what was written may be gone.
    fn check(&self) -> DbResult<()> {
        if self.failed.load(Ordering::Acquire) { Err(Fault::Unsynced) } else { Ok(()) }
    }
}

/// Brings what an earlier process left in the log into the tables and deletes it. `wal` brings the tables to the disk.
/// Returns the number of the segment to go on with.
pub(super) fn recover(conn: &mut Connection, folder: &Path, wal: &mut Flush) -> Result<u64, Unreadable> {
    let told = |error| Unreadable::Io(folder.to_owned(), error);
    let left = segment::list(folder).map_err(told)?;
    let Some((last, _)) = left.last() else { return Ok(1) };
    let next = last + 1;
    let frames = read::recover(conn, folder)?;
    if frames > 0 {
        tracing::info!(frames, "the journal's log was recovered");
    }
    wal().map_err(told)?;
    for (_, path) in left {
        fs::remove_file(path).map_err(told)?;
    }
    // Before there is a new one: a frame behind a torn end would be damage.
    segment::sync(folder).map_err(told)?;
    Ok(next)
}

impl Log {
    /// Begins an empty log in `folder` with the segment `number`, which is written to for so long at most. `folded` is the last frame's number of the log before.
    pub(super) fn start(
        folder: PathBuf,
        (number, age): (u64, Duration),
        folded: u64,
        database: Arc<Database>,
        wal: Flush,
    ) -> io::Result<Self> {
        let segment = Segment::create(&folder, number)?;
        let failed = Arc::new(AtomicBool::new(false));
        let state = Mutex::new(State::new(segment, folded));
        let shared = Arc::new(Shared { folder, state, wake: Condvar::new(), failed: Arc::clone(&failed) });
        let keeper = watch::Sender::new(());
        let syncing = Arc::clone(&shared);
        let syncer = Syncer::start(Box::new(move || sync(&syncing)), failed)?;
        keeper::start(Arc::clone(&shared), database, wal, age, keeper.subscribe())?;
        Ok(Self { shared, syncer, keeper })
    }

    /// Adds a batch, unless the record ends elsewhere. Everything is done when this returns.
    pub(super) fn append(&self, batch: &Batch, known: Option<Known>) -> StoreResult<Attempt> {
        self.shared.check()?;
        let change = Change::Added { last: batch.last, data: batch.data.clone() };
        let mut state = self.shared.lock();
        let attempt = state.add(batch.session, batch.after, change, known);
        if !matches!(attempt, Ok(Attempt::Ends(_) | Attempt::Unknown(_))) {
            self.written(state);
        }
        attempt
    }

    /// Forgets a record. In the tables that is so when they were brought up to date.
    pub(super) fn remove(&self, session: SessionId) -> StoreResult<()> {
        self.write(session, Change::Removed)
    }

    /// Writes something that means nothing.
    pub(super) fn beat(&self) -> StoreResult<()> {
        self.write(SessionId::from_bytes([0; 16]), Change::Beat)
    }

    fn write(&self, session: SessionId, change: Change) -> StoreResult<()> {
        self.shared.check()?;
        let mut state = self.shared.lock();
        let written = state.write(session, change);
        self.written(state);
        written
    }

    /// Tells the threads what an attempt to write left to do.
    fn written(&self, state: MutexGuard<'_, State>) {
        let is_due = state.is_due();
        drop(state);
        if is_due {
            self.shared.wake.notify_one();
        }
        self.syncer.written();
    }

    /// Whether something of a session is not in the tables yet.
    pub(super) fn is_pending(&self, session: SessionId) -> bool {
        self.shared.lock().is_pending(session)
    }

    /// Brings into the tables whatever was added before this was called.
    pub(super) async fn fold(&self, database: &Database) -> StoreResult<()> {
        self.shared.check()?;
        let chunks = self.shared.lock().pending.all();
        if chunks.is_empty() {
            return Ok(());
        }
        let work = chunks.clone();
        database.write(move |conn| fold_chunks(conn, &work)).await?;
        self.shared.settle(&chunks);
        Ok(())
    }

    /// As if the disk had failed.
    #[cfg(test)]
    pub(super) fn fail(&self) {
        self.shared.fail(&io::Error::other("test"));
    }

    /// Whether all of it is on the disk.
    #[cfg(test)]
    pub(super) fn is_synced(&self) -> bool {
        let state = self.shared.lock();
        state.synced == state.written
    }

    /// The number of the segment that is written to, when the ones before it are deleted.
    #[cfg(test)]
    pub(super) fn segment(&self) -> u64 {
        let state = self.shared.lock();
        state.segment.next_number() - 1 - state.old.len() as u64
    }

    /// Refuses when the disk failed.
    pub(super) fn check(&self) -> StoreResult<()> {
        Ok(self.shared.check()?)
    }

    /// Lets nothing more in, brings everything into the tables and deletes the log. When that fails, the log stays for the next start.
    pub(super) async fn close(&self) {
        self.shut();
        self.keeper.closed().await;
    }

    fn shut(&self) {
        self.shared.lock().gate = Gate::Shut;
        self.shared.wake.notify_all();
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.shut();
    }
}

impl Shared {
    fn settle(&self, chunks: &[Arc<Chunk>]) {
        let mut state = self.lock();
        let folded = state.pending.settle(chunks);
        state.folded = state.folded.max(folded);
    }
}

fn fold_chunks(conn: &Connection, chunks: &[Arc<Chunk>]) -> DbResult<()> {
    fold::fold(conn, chunks.iter().flat_map(|chunk| &chunk.frames))
}

/// Brings all that was written to the disk.
fn sync(shared: &Shared) -> io::Result<()> {
    let (file, written) = {
        let state = shared.lock();
        (Arc::clone(&state.segment.file), state.written)
    };
    file.sync_data()?;
    let mut state = shared.lock();
    state.synced = state.synced.max(written);
    Ok(())
}
