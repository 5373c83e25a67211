//! What was written without waiting for the disk reaches it soon afterwards. Nothing happens while nothing is written.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How long writes gather for one fsync. Together with an fsync under way and its own it stays below the 50 ms that the journal promises.
const GATHER: Duration = Duration::from_millis(40);

/// Brings everything written so far to the disk.
pub(super) type Flush = Box<dyn FnMut() -> io::Result<()> + Send>;

/// The writer's end of the thread that flushes. Dropping it ends the thread after a last flush.
#[derive(Debug)]
pub(super) struct Syncer {
    /// One place: what waits in it stands for every write since the last flush began.
    writes: SyncSender<()>,
    /// Nothing is ever sent; its end cuts the gathering short.
    _open: SyncSender<Infallible>,
}

impl Syncer {
    /// Starts the thread. It sets `failed` when a flush fails, for good: the kernel may have dropped what it could not write, so
    /// a later success means nothing.
    pub(super) fn start(flush: Flush, failed: Arc<AtomicBool>) -> io::Result<Self> {
        let (writes, written) = sync_channel(1);
        let (open, closing) = sync_channel(1);
        thread::Builder::new()
            .name("store-sync".to_owned())
            .spawn(move || serve(flush, &written, &closing, &failed))?;
        Ok(Self { writes, _open: open })
    }

    /// Says that something was written.
    pub(super) fn written(&self) {
        // Full: a flush that begins later is due already. Without the thread: it failed, which `failed` says.
        let _ = self.writes.try_send(());
    }
}

fn serve(mut flush: Flush, written: &Receiver<()>, closing: &Receiver<Infallible>, failed: &AtomicBool) {
    while written.recv().is_ok() {
        let waited = closing.recv_timeout(GATHER);
        debug_assert!(matches!(waited, Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)));
        // Before the flush, so that a write during it asks for another.
        let _ = written.try_recv();
        if let Err(error) = flush() {
            tracing::error!(%error, "what was written could not be brought to the disk; nothing more is written until a restart");
            failed.store(true, Ordering::Release);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::watch;

    use super::*;

    /// Longer than any machine takes.
    const SOON: Duration = Duration::from_secs(20);

    struct Flushes {
        syncer: Option<Syncer>,
        failed: Arc<AtomicBool>,
        begun: Receiver<()>,
        results: SyncSender<io::Result<()>>,
        threads: watch::Sender<()>,
    }

    /// A thread whose flushes wait to be told their result.
    fn flushes() -> Flushes {
        let (begin, begun) = sync_channel(100);
        let (results, ends) = sync_channel(100);
        let threads = watch::Sender::new(());
        let mark = threads.subscribe();
        let flush: Flush = Box::new(move || {
            let _held_until_the_thread_ends = &mark;
            begin.send(()).unwrap();
            ends.recv().unwrap()
        });
        let failed = Arc::new(AtomicBool::new(false));
        let syncer = Syncer::start(flush, Arc::clone(&failed)).unwrap();
        syncer.written();
        Flushes { syncer: Some(syncer), failed, begun, results, threads }
    }

    #[tokio::test]
    async fn writes_gather_and_what_comes_during_a_flush_gets_another() {
        let mut flushes = flushes();
        flushes.begun.recv_timeout(SOON).unwrap();
        let syncer = flushes.syncer.take().unwrap();
        for _ in 0..1_000 {
            syncer.written();
        }
        flushes.results.send(Ok(())).unwrap();
        flushes.begun.recv_timeout(SOON).unwrap();
        flushes.results.send(Ok(())).unwrap();
        drop(syncer);
        flushes.threads.closed().await;
        assert_eq!(flushes.begun.try_iter().count(), 0, "a thousand writes were one flush, and idling none");
    }

    #[tokio::test]
    async fn the_last_write_is_flushed_before_the_thread_ends() {
        let mut flushes = flushes();
        flushes.begun.recv_timeout(SOON).unwrap();
        let syncer = flushes.syncer.take().unwrap();
        syncer.written();
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
        assert!(!flushes.failed.load(Ordering::Acquire));
        flushes.results.send(Err(io::Error::other("test"))).unwrap();
        flushes.threads.closed().await;
        syncer.written();
        assert!(flushes.failed.load(Ordering::Acquire));
    }
}
