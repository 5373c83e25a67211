//! The write-ahead log reaches the disk soon after a commit that did not wait for it. Nothing happens while nothing is written.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

/// How long commits gather for one fsync. Together with an fsync under way and its own it stays below the 50 ms that the journal promises.
const GATHER: Duration = Duration::from_millis(10);

/// Brings everything written so far to the disk.
pub(super) type Flush = Box<dyn FnMut() -> io::Result<()> + Send>;

/// The writer's end of the thread that flushes. Dropping it ends the thread after a last flush.
#[derive(Debug)]
pub(super) struct Syncer {
    /// One place: what waits in it stands for every commit since the last flush began.
    commits: SyncSender<()>,
    /// Set by the thread, read by the writer.
    failed: Arc<AtomicBool>,
    /// Nothing is ever sent; its end cuts the gathering short.
    _open: SyncSender<Infallible>,
}

impl Syncer {
    /// Starts the thread, which holds `mark` as long as it lives, and flushes once: an earlier process may have ended
    /// between a commit and its flush.
    pub(super) fn start(flush: Flush, mark: watch::Receiver<()>) -> io::Result<Self> {
        let (commits, committed) = sync_channel(1);
        let (open, closing) = sync_channel(1);
        let failed = Arc::new(AtomicBool::new(false));
        let syncer = Self { commits, failed: Arc::clone(&failed), _open: open };
        syncer.committed();
        thread::Builder::new().name("store-sync".to_owned()).spawn(move || {
            serve(flush, &committed, &closing, &failed);
            drop(mark);
        })?;
        Ok(syncer)
    }

    /// Says that something was committed.
    pub(super) fn committed(&self) {
        // Full: a flush that begins later is due already. Without the thread: it failed, which `failed` says.
        let _ = self.commits.try_send(());
    }

    /// Whether a flush failed, for good: the kernel may have dropped what it could not write, so a later success means nothing.
    pub(super) fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }
}

fn serve(mut flush: Flush, committed: &Receiver<()>, closing: &Receiver<Infallible>, failed: &AtomicBool) {
    while committed.recv().is_ok() {
        let waited = closing.recv_timeout(GATHER);
        debug_assert!(matches!(waited, Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)));
        // Before the flush, so that a commit during it asks for another.
        let _ = committed.try_recv();
        if let Err(error) = flush() {
            tracing::error!(%error, "the log could not be brought to the disk; nothing more is written until a restart");
            failed.store(true, Ordering::Release);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than any machine takes.
    const SOON: Duration = Duration::from_secs(20);

    struct Flushes {
        syncer: Option<Syncer>,
        begun: Receiver<()>,
        results: SyncSender<io::Result<()>>,
        threads: watch::Sender<()>,
    }

    /// A thread whose flushes wait to be told their result.
    fn flushes() -> Flushes {
        let (begin, begun) = sync_channel(100);
        let (results, ends) = sync_channel(100);
        let threads = watch::Sender::new(());
        let flush: Flush = Box::new(move || {
            begin.send(()).unwrap();
            ends.recv().unwrap()
        });
        let syncer = Some(Syncer::start(flush, threads.subscribe()).unwrap());
        Flushes { syncer, begun, results, threads }
    }

    #[tokio::test]
    async fn commits_gather_and_what_comes_during_a_flush_gets_another() {
        let mut flushes = flushes();
        flushes.begun.recv_timeout(SOON).unwrap();
        let syncer = flushes.syncer.take().unwrap();
        for _ in 0..1_000 {
            syncer.committed();
        }
        flushes.results.send(Ok(())).unwrap();
        flushes.begun.recv_timeout(SOON).unwrap();
        flushes.results.send(Ok(())).unwrap();
        drop(syncer);
        flushes.threads.closed().await;
        assert_eq!(flushes.begun.try_iter().count(), 0, "a thousand commits were one flush, and idling none");
    }

    #[tokio::test]
    async fn the_last_commit_is_flushed_before_the_thread_ends() {
        let mut flushes = flushes();
        flushes.begun.recv_timeout(SOON).unwrap();
        let syncer = flushes.syncer.take().unwrap();
        syncer.committed();
        drop(syncer);
        for _ in 0..2 {
            flushes.results.send(Ok(())).unwrap();
        }
        flushes.threads.closed().await;
        assert_eq!(flushes.begun.try_iter().count(), 1);
    }

    #[tokio::test]
    async fn a_failure_is_for_good() {
        let mut flushes = flushes();
        flushes.begun.recv_timeout(SOON).unwrap();
        let syncer = flushes.syncer.take().unwrap();
        assert!(!syncer.failed());
        flushes.results.send(Err(io::Error::other("test"))).unwrap();
        flushes.threads.closed().await;
        syncer.committed();
        assert!(syncer.failed());
    }
}
