//! A bounded queue to threads that own connections: how calls get in, how they are turned away, and how the threads end.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codementor_core::ports::{StoreError, StoreResult};
use tokio::sync::{mpsc, watch};

/// The calling end of a queue of jobs.
pub(super) struct Lane<J> {
    /// `None` once shut. Shared by all callers, held only to clone or take it.
    sender: Mutex<Option<mpsc::Sender<J>>>,
    /// Each thread holds a receiver while it lives; nothing is ever sent.
    threads: watch::Sender<()>,
    patience: Duration,
}

impl<J> fmt::Debug for Lane<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").finish_non_exhaustive()
    }
}

impl<J> Lane<J> {
    /// A lane of `capacity` places, and the end its threads take jobs from.
    pub(super) fn new(capacity: usize, patience: Duration) -> (Self, mpsc::Receiver<J>) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let lane = Self { sender: Mutex::new(Some(sender)), threads: watch::Sender::new(()), patience };
        (lane, receiver)
    }

    /// What a thread holds as long as it lives.
    pub(super) fn thread_mark(&self) -> watch::Receiver<()> {
        self.threads.subscribe()
    }

    /// Puts a job in, waiting a bounded time for a place.
    pub(super) async fn send(&self, job: J) -> StoreResult<()> {
        let sender = self.lock().clone().ok_or_else(closed)?;
        match sender.send_timeout(job, self.patience).await {
            Ok(()) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
                Err(StoreError::Unavailable("too many calls are waiting".to_owned()))
            }
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(closed()),
        }
    }

    /// Puts a job in, waiting for a place as long as it takes; for threads that are not of the async runtime.
    pub(super) fn send_blocking(&self, job: J) -> StoreResult<()> {
        let sender = self.lock().clone().ok_or_else(closed)?;
        sender.blocking_send(job).map_err(|_| closed())
    }

    /// Lets no more jobs in. The threads end when the returned sender is dropped and the queue is empty.
    pub(super) fn shut(&self) -> Option<mpsc::Sender<J>> {
        self.lock().take()
    }

    /// Waits until every thread has ended.
    pub(super) async fn ended(&self) {
        self.threads.closed().await;
    }

    fn lock(&self) -> MutexGuard<'_, Option<mpsc::Sender<J>>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer after [`Lane::shut`], also when a thread ended without answering.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}
