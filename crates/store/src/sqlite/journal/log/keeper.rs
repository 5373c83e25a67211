//! The thread that keeps the log short: it brings what is pending into the tables, changes a full segment for the next, and
//! deletes what is on the disk in the tables.

use std::fs;
use std::io;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use codementor_core::ports::StoreResult;
use tokio::sync::watch;

use super::segment::{self, Segment};
use super::state::{Gate, Old, State};
use super::{Shared, fold_chunks};
use crate::sqlite::database::Database;
use crate::sqlite::sync::Flush;

/// How long appends gather before they come into the tables, unless there are many: the longer, the fewer rows are made anew.
const GATHER: Duration = Duration::from_secs(10);

/// How long after a failure the next attempt is made.
const PAUSE: Duration = Duration::from_secs(1);

/// A segment of this length takes no more than what comes until the next is there, in bytes.
const SEGMENT_BYTES: u64 = 16 * 1024 * 1024;

struct Keeper {
    shared: Arc<Shared>,
    database: Arc<Database>,
    /// Brings the tables to the disk.
    wal: Flush,
    /// How long a segment is written to.
    age: Duration,
    /// Whether the last attempt failed: one that goes on failing is told once.
    in_trouble: bool,
}

/// Starts the thread, which holds `mark` as long as it lives.
pub(super) fn start(
    shared: Arc<Shared>,
    database: Arc<Database>,
    wal: Flush,
    age: Duration,
    mark: watch::Receiver<()>,
) -> io::Result<()> {
    let mut keeper = Keeper { shared, database, wal, age, in_trouble: false };
    thread::Builder::new().name("journal-keep".to_owned()).spawn(move || {
        while keeper.wait() {
            keeper.keep();
        }
        keeper.end();
        drop(keeper);
        drop(mark);
    })?;
    Ok(())
}

impl Keeper {
    /// Waits for something to do. `false` when nothing will come any more.
    fn wait(&self) -> bool {
        let shared = &self.shared;
        let is_open = |gate| gate == Gate::Open;
        let mut state = shared.lock();
        if self.in_trouble {
            let waited = shared.wake.wait_timeout_while(state, PAUSE, |state| is_open(state.gate));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let is_idle = |state: &mut State| is_open(state.gate) && !state.has_work();
        state = match state.segment.rest_of(self.age) {
            // Nothing to delete.
            None => shared.wake.wait_while(state, is_idle).unwrap_or_else(PoisonError::into_inner),
            Some(rest) => {
                shared.wake.wait_timeout_while(state, rest, is_idle).unwrap_or_else(PoisonError::into_inner).0
            }
        };
        let waited =
            shared.wake.wait_timeout_while(state, GATHER, |state| is_open(state.gate) && !state.is_urgent());
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        is_open(state.gate)
    }

    fn keep(&mut self) {
        if self.shared.check().is_err() {
            // Until a restart; only the end is still to wait for.
            self.in_trouble = true;
            return;
        }
        let kept = self.fold().map_err(|error| error.to_string());
        let kept = kept.and_then(|()| self.change_segment().map_err(|error| error.to_string()));
        match kept {
            Ok(()) => self.in_trouble = false,
            Err(error) if !self.in_trouble => {
                tracing::warn!(error, "the journal's log cannot be brought into the tables; trying on");
                self.in_trouble = true;
            }
            Err(_) => {}
        }
        if let Err(error) = self.delete_old() {
            self.shared.fail(&error);
        }
    }

    fn fold(&self) -> StoreResult<()> {
        let chunks = self.shared.lock().pending.all();
        if chunks.is_empty() {
            return Ok(());
        }
        let work = chunks.clone();
        self.database.writer.run_blocking(move |conn| fold_chunks(conn, &work))?;
        self.shared.settle(&chunks);
        Ok(())
    }

    /// Begins the next segment when this one is long or old, or does not take frames. The one before is on the disk then, so that it
    /// is whole when anything is found behind it.
    fn change_segment(&self) -> io::Result<()> {
        let (file, number) = {
            let mut state = self.shared.lock();
            // Another one would not take more than an empty one does.
            state.failed_to_write &= !state.segment.is_empty();
            let is_old = state.segment.rest_of(self.age).is_some_and(|rest| rest.is_zero());
            if state.segment.len() < SEGMENT_BYTES && !is_old && !state.failed_to_write {
                return Ok(());
            }
            (Arc::clone(&state.segment.file), state.segment.next_number())
        };
        let next = Segment::create(&self.shared.folder, number)?;
        // Most of it, while appends go on.
        let synced = file.sync_data();
        let mut state = self.shared.lock();
        let finished = synced.and_then(|()| state.segment.finish());
        if let Err(error) = &finished {
            drop(state);
            self.shared.fail(error);
            return finished;
        }
        let old = std::mem::replace(&mut state.segment, next);
        let last = state.written;
        state.old.push(Old { path: old.path, last });
        state.synced = last;
        state.failed_to_write = false;
        Ok(())
    }

    /// Deletes the segments that are not needed any more.
    fn delete_old(&mut self) -> io::Result<()> {
        let done: Vec<_> = {
            let state = self.shared.lock();
            let folded = state.folded;
            state.old.iter().take_while(|old| old.last <= folded).map(|old| old.path.clone()).collect()
        };
        if done.is_empty() {
            return Ok(());
        }
        (self.wal)()?;
        for path in done {
            // One that stays is read once more at the next start and changes nothing.
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(%error, "a segment of the journal's log could not be deleted");
            }
            self.shared.lock().old.remove(0);
        }
        Ok(())
    }

    /// Brings the rest into the tables and deletes the log, or leaves it to the next start.
    fn end(&mut self) {
        let ended = self.shared.check().map_err(|fault| format!("{fault:?}"));
        let ended = ended.and_then(|()| self.fold().map_err(|error| error.to_string()));
        let ended = ended.and_then(|()| (self.wal)().map_err(|error| error.to_string()));
        let ended =
            ended.and_then(|()| segment::delete_all(&self.shared.folder).map_err(|error| error.to_string()));
        if let Err(error) = ended {
            tracing::warn!(error, "the journal's log stays until the next start");
            let synced = self.shared.lock().segment.finish();
            if let Err(error) = synced {
                self.shared.fail(&error);
            }
        }
    }
}
