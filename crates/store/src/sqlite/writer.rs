//! The one thread that writes. Writes that wait together share one commit, so one wait for the disk; each keeps its own savepoint and error.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use codementor_core::ports::{StoreError, StoreResult};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::Options;
use super::fault::{DbResult, Fault};
use super::lane::{self, Lane};

/// The most writes that share a commit: bounds how long the first of them waits.
const MAX_GROUP: usize = 64;

/// The single writer.
#[derive(Debug)]
pub(super) struct Writer {
    lane: Lane<Box<dyn WriteJob>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection, options: &Options) -> io::Result<Self> {
        let (lane, mut receiver) = Lane::new(options.queue, options.queue_timeout);
        let mark = lane.thread_mark();
        thread::Builder::new().name("store-write".to_owned()).spawn(move || {
            serve(&connection, &mut receiver);
            drop(connection);
            drop(mark);
        })?;
        Ok(Self { lane })
    }

    /// Runs `work` in a transaction and answers after its commit. Once it has a place in the queue it runs, also when
    /// the caller stops waiting.
    pub(super) async fn run<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> DbResult<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Pending { work, outcome: None, reply };
        self.lane.send(Box::new(job)).await?;
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(lane::closed()),
        }
    }

    /// As [`Writer::run`] without waiting for the answer, only for a place in the queue.
    pub(super) async fn post<F>(&self, work: F) -> StoreResult<()>
    where
        F: Fn(&Connection) -> DbResult<()> + Send + 'static,
    {
        let (reply, _) = oneshot::channel();
        self.lane.send(Box::new(Pending { work, outcome: None, reply })).await
    }

    /// As [`Writer::run`], for threads that are not of the async runtime.
    pub(super) fn run_blocking<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> DbResult<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.lane.send_blocking(Box::new(Pending { work, outcome: None, reply }))?;
        answer.blocking_recv().unwrap_or_else(|_| Err(lane::closed()))
    }

    /// Lets no more writes in; the thread ends when the returned sender is dropped and the queue is empty.
    pub(super) fn shut(&self) -> Option<impl Send + use<>> {
        self.lane.shut()
    }

    /// Waits until the thread has ended.
    pub(super) async fn ended(&self) {
        self.lane.ended().await;
    }
}

/// A write whose result type is known only to its caller.
trait WriteJob: Send {
    /// Does the work within a transaction and keeps the outcome. `false` when it failed, so its changes must be undone.
    fn attempt(&mut self, conn: &Connection) -> bool;
    /// Tells the caller the outcome, which is committed now.
    fn answer(self: Box<Self>);
    /// Tells the caller that the transaction failed, whatever the outcome was.
    fn refuse(self: Box<Self>, why: Fault);
}

struct Pending<T, F> {
    work: F,
    outcome: Option<DbResult<T>>,
    reply: oneshot::Sender<StoreResult<T>>,
}

impl<T, F> WriteJob for Pending<T, F>
where
    T: Send,
    F: Fn(&Connection) -> DbResult<T> + Send,
{
    fn attempt(&mut self, conn: &Connection) -> bool {
        // What the work changed is undone by its savepoint, and it owns nothing that outlives it.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(conn))).unwrap_or(Err(Fault::Panicked));
        self.outcome.insert(outcome).is_ok()
    }

    fn answer(self: Box<Self>) {
        let outcome = self.outcome.unwrap_or(Err(Fault::Panicked));
        // An error here means the caller stopped waiting.
        let _ = self.reply.send(outcome.map_err(StoreError::from));
    }

    fn refuse(self: Box<Self>, why: Fault) {
        let _ = self.reply.send(Err(why.into()));
    }
}

fn serve(conn: &Connection, receiver: &mut mpsc::Receiver<Box<dyn WriteJob>>) {
    let mut group = Vec::with_capacity(MAX_GROUP);
    while receiver.blocking_recv_many(&mut group, MAX_GROUP) > 0 {
        write_group(conn, &mut group);
    }
}

/// Commits a group together. When that fails, each alone: one that fills the disk must not take the others with it.
fn write_group(conn: &Connection, group: &mut Vec<Box<dyn WriteJob>>) {
    if group.len() > 1 && commit(conn, group).is_ok() {
        group.drain(..).for_each(|job| job.answer());
        return;
    }
    for mut job in group.drain(..) {
        match commit(conn, std::slice::from_mut(&mut job)) {
            Ok(()) => job.answer(),
            Err(why) => job.refuse(why),
        }
    }
}

/// Runs jobs in one transaction, undoing those that fail, and commits.
fn commit(conn: &Connection, jobs: &mut [Box<dyn WriteJob>]) -> DbResult<()> {
    let transaction = Rollback::begin(conn)?;
    for job in jobs {
        run(conn, "SAVEPOINT job")?;
        let done = job.attempt(conn);
        if conn.is_autocommit() {
            // Errors such as a full disk can end the whole transaction at once, and with it what earlier jobs did.
            return Err(lost_transaction());
        }
        if !done {
            run(conn, "ROLLBACK TO job")?;
        }
        run(conn, "RELEASE job")?;
    }
    transaction.commit()
}

/// A transaction that is undone unless committed.
struct Rollback<'c> {
    conn: &'c Connection,
}

impl<'c> Rollback<'c> {
    fn begin(conn: &'c Connection) -> DbResult<Self> {
        run(conn, "BEGIN IMMEDIATE")?;
        Ok(Self { conn })
    }

    fn commit(self) -> DbResult<()> {
        // On failure `drop` rolls back.
        run(self.conn, "COMMIT")
    }
}

impl Drop for Rollback<'_> {
    fn drop(&mut self) {
        if !self.conn.is_autocommit()
            && let Err(error) = run(self.conn, "ROLLBACK")
        {
            tracing::error!(?error, "a transaction could not be rolled back");
        }
    }
}

fn run(conn: &Connection, sql: &str) -> DbResult<()> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn lost_transaction() -> Fault {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
    let message = "the transaction was undone, the disk may be full".to_owned();
    Fault::Sqlite(rusqlite::Error::SqliteFailure(code, Some(message)))
}
