//! The threads that read, each with a connection that cannot write. They take turns at one queue.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use codementor_core::ports::{StoreError, StoreResult};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::Options;
use super::fault::{DbResult, Fault};
use super::lane::{self, Lane};

type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

/// Many readers at once; they never wait for the writer, nor it for them.
#[derive(Debug)]
pub(super) struct Readers {
    lane: Lane<ReadJob>,
}

impl Readers {
    /// Starts one thread for each connection.
    pub(super) fn start(connections: Vec<Connection>, options: &Options) -> io::Result<Self> {
        let (lane, receiver) = Lane::new(options.queue, options.queue_timeout);
        let receiver = Arc::new(Mutex::new(receiver));
        for (number, connection) in connections.into_iter().enumerate() {
            let receiver = Arc::clone(&receiver);
            let mark = lane.thread_mark();
            thread::Builder::new().name(format!("store-read-{number}")).spawn(move || {
                serve(&connection, &receiver);
                drop(connection);
                drop(mark);
            })?;
        }
        Ok(Self { lane })
    }

    /// Runs `work` on some reader, in one snapshot of the database.
    pub(super) async fn run<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> DbResult<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = move |conn: &Connection| {
            // Nobody waits any more: a read has no effect to lose.
            if !reply.is_closed() {
                let _ = reply.send(in_snapshot(conn, work));
            }
        };
        self.lane.send(Box::new(job)).await?;
        match answer.await {
            Ok(result) => result.map_err(StoreError::from),
            Err(_) => Err(lane::closed()),
        }
    }

    /// Lets no more reads in and waits for those under way.
    pub(super) async fn close(&self) {
        drop(self.lane.shut());
        self.lane.ended().await;
    }
}

fn serve(connection: &Connection, receiver: &Mutex<mpsc::Receiver<ReadJob>>) {
    loop {
        // One idle thread waits inside the lock, the others for the lock. It is free again before the job runs.
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match job {
            Some(job) => job(connection),
            None => return,
        }
    }
}

fn in_snapshot<T>(conn: &Connection, work: impl FnOnce(&Connection) -> DbResult<T>) -> DbResult<T> {
    let snapshot = conn.unchecked_transaction()?;
    // The connection holds no state of ours that a panic could leave half changed; the snapshot ends either way.
    let result = catch_unwind(AssertUnwindSafe(|| work(&snapshot))).unwrap_or(Err(Fault::Panicked));
    snapshot.finish()?;
    result
}
