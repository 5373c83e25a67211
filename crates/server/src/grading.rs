//! A submission's way: queued in the store, judged by a worker, finished and rewarded in one transaction, announced.
//!
//! The store is the truth; the queue in memory only says who is next. A submission that the queue has forgotten, through a restart
//! or for want of room, is found again by reading the unfinished ones.

mod announce;
mod finder;
mod together;
mod worker;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use codementor_core::audience::{Audience, Unfinished};
use codementor_core::judging::{Job, Judgement, TestOutcome};
use codementor_core::ports::{
    Clock, Judge, JudgeError, NewSubmission, Queued, Store, StoreError, StoreResult, UserEvents,
};
use codementor_core::{Submission, SubmissionId, UserId};
use codementor_judge::{FairQueue, Full};
use tokio::sync::{mpsc, oneshot};

use crate::catalogue::LiveCatalog;
use crate::metrics::Metrics;

use finder::Finder;
pub use worker::Workers;

/// Unfinished submissions one person may have.
pub const MAX_UNFINISHED: u32 = 3;
/// Runs (not submissions) one person may have under way.
const MAX_RUNS: u32 = 3;
/// Runs over the Judge0 API that one person may have under way.
const MAX_KEPT: usize = crate::judge0::PER_PERSON * crate::judge0::run::AT_ONCE;
/// Programs waiting, of everybody.
const QUEUE_BOUND: usize = 1_000;

/// Why a program is not judged.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The person has enough under way.
    #[error("too many programs of this person are under way")]
    TooMany,
    /// Everybody together has.
    #[error("the queue is full")]
    Full,
    /// The judge says no.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server stops; what is stored is judged after its next start.
    #[error("the server is stopping")]
    Stopping,
}

/// What a worker takes up.
enum Task {
    Submission(SubmissionId),
    Run(Box<Run>),
}

/// A program whose result nobody keeps.
struct Run {
    kind: &'static str,
    job: Job,
    progress: Option<mpsc::Sender<TestOutcome>>,
    reply: oneshot::Sender<Result<Judgement, JudgeError>>,
    since: Instant,
}

/// Takes programs in and sees them judged.
pub struct Grader {
    store: Arc<dyn Store>,
    judge: Arc<dyn Judge>,
    events: Arc<dyn UserEvents>,
    catalog: Arc<LiveCatalog>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    queue: FairQueue<UserId, Task>,
    /// Submissions that are in the queue or with a worker, so that none is taken up twice, and those set aside until a restart because
    /// the store cannot be made to finish them. Held for an instruction.
    known: Mutex<HashSet<SubmissionId>>,
    /// Requests that wait for a submission's end. Held for an instruction.
    waiting: Mutex<HashMap<SubmissionId, Vec<oneshot::Sender<()>>>>,
    /// Runs under way by person. Held for an instruction.
    runs: Mutex<HashMap<UserId, u32>>,
    finder: Finder,
    /// Whether the store is known to hold submissions that the queue does not, so that the next idle worker looks at once.
    overflowed: AtomicBool,
}

/// The parts a grader is made of.
pub struct Parts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Runs programs.
    pub judge: Arc<dyn Judge>,
    /// Events to users' sockets.
    pub events: Arc<dyn UserEvents>,
    /// The challenges on offer.
    pub catalog: Arc<LiveCatalog>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What is measured.
    pub metrics: Arc<Metrics>,
}

impl Grader {
    /// A grader without workers yet.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            store: parts.store,
            judge: parts.judge,
            events: parts.events,
            catalog: parts.catalog,
            clock: parts.clock,
            metrics: parts.metrics,
            queue: FairQueue::new(QUEUE_BOUND, (MAX_UNFINISHED + MAX_RUNS) as usize + MAX_KEPT),
            known: Mutex::default(),
            waiting: Mutex::default(),
            runs: Mutex::default(),
            finder: Finder::default(),
            overflowed: AtomicBool::new(true),
        })
    }

    /// Stores a submission and queues it. The same request twice is the same submission.
    ///
    /// # Errors
    /// When the judge cannot judge, the person or everybody has too much under way, or the store does not answer.
    pub async fn submit(self: &Arc<Self>, new: NewSubmission) -> Result<Submission, Refusal> {
        self.judge.available()?;
        if self.queue.len() >= QUEUE_BOUND {
            return Err(Refusal::Full);
        }
        let (grader, audience) = (self.clone(), new.audience());
        // A task of its own: what is stored is queued, also when the client hangs up in between.
        let stored = tokio::spawn(async move {
            match grader.store.create_submission(&new, MAX_UNFINISHED).await? {
                Queued::New(submission) | Queued::Repeated(submission) => {
                    if submission.report.is_none() {
                        grader.enqueue(Unfinished {
                            id: submission.id,
                            user_id: submission.user_id,
                            audience,
                        });
                    }
                    Ok(submission)
                }
                Queued::TooMany => Err(Refusal::TooMany),
            }
        });
        stored.await.map_err(|_| Refusal::Stopping)?
    }

    /// Waits until a submission is finished, or until the time is up. Tells which.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn wait(&self, id: SubmissionId, limit: Duration) -> StoreResult<bool> {
        let mut waiter = Waiter::new(&self.waiting, id);
        // It may have ended before we began to wait.
        let finished =
            |submission: Option<Submission>| submission.is_none_or(|submission| submission.report.is_some());
        Ok(finished(self.store.submission(id).await?)
            || tokio::time::timeout(limit, &mut waiter.receiver).await.is_ok_and(|woken| woken.is_ok()))
    }

    /// Judges a program of which nothing is stored. Dropping the future takes it back.
    ///
    /// # Errors
    /// When the judge cannot judge, or the person or everybody has too much under way.
    pub async fn run(
        &self,
        user: UserId,
        kind: &'static str,
        job: Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, Refusal> {
        self.run_for(Audience::Person, user, kind, job, progress).await
    }

    /// The same for a program that more people than this one may wait for.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_for(
        &self,
        audience: Audience,
        user: UserId,
        kind: &'static str,
        job: Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, Refusal> {
        self.judge.available()?;
        let _slot = RunSlot::take(&self.runs, user).ok_or(Refusal::TooMany)?;
        self.queue_run(audience, user, kind, job, progress).await
    }

    /// The same for a program that is stored elsewhere, whose person's number under way is bounded there.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_kept(
        &self,
        user: UserId,
        kind: &'static str,
        job: Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, Refusal> {
        self.judge.available()?;
        self.queue_run(Audience::Person, user, kind, job, progress).await
    }

    async fn queue_run(
        &self,
        audience: Audience,
        user: UserId,
        kind: &'static str,
        job: Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, Refusal> {
        let (reply, answer) = oneshot::channel();
        let run = Run { kind, job, progress, reply, since: Instant::now() };
        self.queue.try_push(user, audience, Task::Run(Box::new(run))).map_err(|full| match full {
            Full::User(_) => Refusal::TooMany,
            Full::Queue(_) => Refusal::Full,
            Full::Closed(_) => Refusal::Stopping,
        })?;
        self.note_length();
        Ok(answer.await.map_err(|_| Refusal::Stopping)??)
    }

    fn enqueue(&self, Unfinished { id, user_id, audience }: Unfinished) {
        if !lock(&self.known).insert(id) {
            return;
        }
        if self.queue.try_push(user_id, audience, Task::Submission(id)).is_err() {
            lock(&self.known).remove(&id);
            self.overflowed.store(true, Ordering::Release);
        }
        self.note_length();
    }

    /// Takes up what the store has and the queue has not. A judge that cannot judge leaves it where it is safe.
    async fn refill(&self) {
        if self.queue.len() >= QUEUE_BOUND / 2 || self.judge.available().is_err() {
            return;
        }
        self.overflowed.store(false, Ordering::Release);
        // Those set aside stay among the oldest, so there must be room for more than them.
        let room = u32::try_from(QUEUE_BOUND + lock(&self.known).len()).unwrap_or(u32::MAX);
        match self.store.unfinished(room).await {
            Ok(unfinished) => {
                unfinished.into_iter().for_each(|one| self.enqueue(one));
            }
            Err(error) => {
                tracing::warn!(%error, "unfinished submissions could not be read; trying again");
                self.overflowed.store(true, Ordering::Release);
            }
        }
    }

    fn note_length(&self) {
        self.metrics.judge_queue.set(i64::try_from(self.queue.len()).unwrap_or(i64::MAX));
    }
}

/// A request that waits for a submission's end; leaves no trace when dropped.
struct Waiter<'a> {
    waiting: &'a Mutex<HashMap<SubmissionId, Vec<oneshot::Sender<()>>>>,
    id: SubmissionId,
    receiver: oneshot::Receiver<()>,
}

impl<'a> Waiter<'a> {
    fn new(waiting: &'a Mutex<HashMap<SubmissionId, Vec<oneshot::Sender<()>>>>, id: SubmissionId) -> Self {
        let (sender, receiver) = oneshot::channel();
        lock(waiting).entry(id).or_default().push(sender);
        Self { waiting, id, receiver }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.receiver.close();
        let mut waiting = lock(self.waiting);
        if let Some(senders) = waiting.get_mut(&self.id) {
            senders.retain(|sender| !sender.is_closed());
            if senders.is_empty() {
                waiting.remove(&self.id);
            }
        }
    }
}

/// One of a person's runs; gives its place back when dropped.
struct RunSlot<'a> {
    runs: &'a Mutex<HashMap<UserId, u32>>,
    user: UserId,
}

impl<'a> RunSlot<'a> {
    fn take(runs: &'a Mutex<HashMap<UserId, u32>>, user: UserId) -> Option<Self> {
        let mut counts = lock(runs);
        let count = counts.entry(user).or_default();
        if *count >= MAX_RUNS {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Self { runs, user })
    }
}

impl Drop for RunSlot<'_> {
    fn drop(&mut self) {
        let mut counts = lock(self.runs);
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

/// A lock whose holder panicked guards data that is whole all the same: every change here is one step.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
