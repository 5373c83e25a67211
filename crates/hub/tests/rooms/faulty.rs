//! A journal that fails on command, over the real one.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use codementor_core::SessionId;
use codementor_core::journal::{AppendError, Entry, Journal, Kept, Snapshot};
use codementor_core::ports::{StoreError, StoreResult};
use codementor_store::SqliteJournal;
use tokio::sync::watch;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Works,
    /// Nothing is done, and trying again may help.
    Unavailable,
    /// Nothing is done, and trying again does not help.
    Failed,
    /// The record is said to have gone on.
    Conflict,
    /// No answer until the mood changes; then what that says.
    Hangs,
    /// One call fails as if it were unavailable, the next ones hang.
    FailsOnce,
    /// It is done, and said not to be.
    DoesAndDenies,
}

/// A kind of call: its mood, and how often it was made.
pub struct Way {
    mood: watch::Sender<Mood>,
    /// The mood of the next call alone.
    once: Mutex<Option<Mood>>,
    calls: watch::Sender<u64>,
}

impl Way {
    fn new() -> Self {
        Self { mood: watch::Sender::new(Mood::Works), once: Mutex::new(None), calls: watch::Sender::new(0) }
    }

    pub fn turns(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// The next call goes like this, and the ones after it as before.
    pub fn turns_once(&self, mood: Mood) {
        *self.once.lock().unwrap() = Some(mood);
    }

    pub fn calls(&self) -> u64 {
        *self.calls.borrow()
    }

    /// Waits until it was called so often in all.
    pub async fn called(&self, times: u64) {
        self.calls.subscribe().wait_for(|calls| *calls >= times).await.unwrap();
    }

    /// Does the work or not, as the mood is.
    async fn go<T>(&self, work: impl Future<Output = Result<T, AppendError>>) -> Result<T, AppendError> {
        let mut mood = self.mood.subscribe();
        self.calls.send_modify(|calls| *calls += 1);
        let now = *mood.wait_for(|mood| *mood != Mood::Hangs).await.unwrap();
        let now = self.once.lock().unwrap().take().unwrap_or(now);
        let unavailable = || AppendError::Store(StoreError::Unavailable("on command".to_owned()));
        match now {
            Mood::Works | Mood::Hangs => work.await,
            Mood::FailsOnce => {
                self.mood.send_replace(Mood::Hangs);
                Err(unavailable())
            }
            Mood::Unavailable => Err(unavailable()),
            Mood::Failed => Err(AppendError::Store(StoreError::Failed("on command".to_owned()))),
            Mood::Conflict => Err(AppendError::Conflict { end: 99 }),
            Mood::DoesAndDenies => {
                work.await?;
                Err(unavailable())
            }
        }
    }

    async fn go_plain<T>(&self, work: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
        let done = self.go(async { work.await.map_err(AppendError::Store) }).await;
        done.map_err(|error| match error {
            AppendError::Store(error) => error,
            AppendError::Conflict { .. } => StoreError::Failed("on command".to_owned()),
        })
    }
}

/// A journal that fails on command.
pub struct Faulty {
    inner: SqliteJournal,
    pub append: Way,
    pub load: Way,
    pub snapshot: Way,
}

impl Faulty {
    pub fn over(inner: SqliteJournal) -> Arc<Self> {
        Arc::new(Self { inner, append: Way::new(), load: Way::new(), snapshot: Way::new() })
    }
}

#[async_trait]
impl Journal for Faulty {
    async fn append(&self, session: SessionId, entries: Vec<Entry>) -> Result<(), AppendError> {
        self.append.go(self.inner.append(session, entries)).await
    }

    async fn load(&self, session: SessionId) -> StoreResult<Kept> {
        self.load.go_plain(self.inner.load(session)).await
    }

    async fn put_snapshot(&self, session: SessionId, snapshot: Snapshot) -> StoreResult<()> {
        self.snapshot.go_plain(self.inner.put_snapshot(session, snapshot)).await
    }

    async fn trim(&self, session: SessionId, upto: u64) -> StoreResult<()> {
        self.inner.trim(session, upto).await
    }

    async fn read(&self, session: SessionId, after: u64, limit: u32) -> StoreResult<Vec<Entry>> {
        self.inner.read(session, after, limit).await
    }

    async fn remove(&self, session: SessionId) -> StoreResult<()> {
        self.inner.remove(session).await
    }

    async fn ping(&self) -> StoreResult<()> {
        self.inner.ping().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
