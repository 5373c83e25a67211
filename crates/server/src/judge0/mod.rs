//! The way of a program handed in over the Judge0 API: stored first, then run as soon as it is its person's turn, ended once.
//!
//! Each unfinished submission has a task that waits for its turn; the store bounds how many there are. What a task leaves unfinished, and
//! what a restart left, is found again among the store's unfinished ones.

pub mod callbacks;
pub mod kept;
pub mod run;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codementor_core::judge0::{KEPT_MS, MAX_UNFINISHED_IN_ALL};
use codementor_core::ports::{Clock, Judge, Store, StoreError, StoreResult};
use codementor_core::{Judge0Token, UserId};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::callbacks::Callbacks;
use self::kept::{Asked, Outcome};
use self::run::Later;
use crate::grading::Grader;

/// Submissions of one person that are under way at once.
pub const PER_PERSON: usize = 3;
/// Submissions of everybody that are under way at once: so many are in memory.
const IN_MEMORY: usize = 32;
/// How often the store's unfinished ones are looked for.
const LOOK: Duration = Duration::from_secs(5);
/// The first pause before a store that is unavailable is asked again; it doubles up to [`MAX_PAUSE`].
const PAUSE: Duration = Duration::from_millis(250);
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// Sees submissions over the Judge0 API through.
pub struct Judge0 {
    store: Arc<dyn Store>,
    judge: Arc<dyn Judge>,
    grader: Arc<Grader>,
    clock: Arc<dyn Clock>,
    /// Tells the ends.
    pub callbacks: Callbacks,
    /// Submissions in the hands of a task, and how they stand. Held for an instruction.
    known: Mutex<HashMap<Judge0Token, Known>>,
    /// The turns of each person who has a submission in the hands of a task. Held for an instruction.
    people: Mutex<HashMap<UserId, Arc<Semaphore>>>,
    in_memory: Semaphore,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

/// A submission in the hands of a task.
struct Known {
    is_running: bool,
    /// Told at its end.
    ended: Arc<Notify>,
}

/// The parts it is made of.
pub struct Parts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Runs programs.
    pub judge: Arc<dyn Judge>,
    /// The fair queue before it.
    pub grader: Arc<Grader>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Tells the ends.
    pub callbacks: Callbacks,
}

impl Judge0 {
    /// Starts it; what a restart left unfinished is taken up first.
    #[must_use]
    pub fn start(parts: Parts) -> Arc<Self> {
        let judge0 = Arc::new(Self {
            store: parts.store,
            judge: parts.judge,
            grader: parts.grader,
            clock: parts.clock,
            callbacks: parts.callbacks,
            known: Mutex::default(),
            people: Mutex::default(),
            in_memory: Semaphore::new(IN_MEMORY),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        });
        let looking = Arc::clone(&judge0);
        judge0.tasks.spawn(async move {
            // Whatever is cancelled here is in the store.
            looking.stopping.clone().run_until_cancelled_owned(looking.keep_looking()).await
        });
        judge0
    }

    /// Lets go of what is under way: it stays unfinished in the store. Call it after the grader has stopped.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Takes up a submission that is stored.
    pub fn take_up(self: &Arc<Self>, user: UserId, token: Judge0Token) {
        let mut known = lock(&self.known);
        if self.stopping.is_cancelled() || known.contains_key(&token) {
            return;
        }
        known.insert(token, Known { is_running: false, ended: Arc::default() });
        drop(known);
        let turns = Arc::clone(
            lock(&self.people).entry(user).or_insert_with(|| Arc::new(Semaphore::new(PER_PERSON))),
        );
        let judge0 = Arc::clone(self);
        self.tasks.spawn(async move {
            let _taken = Taken { judge0: &judge0, user, token };
            let seen = judge0.see_through(turns, user, token);
            judge0.stopping.run_until_cancelled(seen).await;
        });
    }

    /// Whether it is being run.
    #[must_use]
    pub fn is_running(&self, token: Judge0Token) -> bool {
        lock(&self.known).get(&token).is_some_and(|known| known.is_running)
    }

    /// How many submissions run, and how many wait.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        let known = lock(&self.known);
        let running = known.values().filter(|known| known.is_running).count();
        (running, known.len() - running)
    }

    /// Waits until a submission is out of the hands of its task, or until the time is up.
    pub async fn wait(&self, token: Judge0Token, limit: Duration) {
        let Some(ended) = lock(&self.known).get(&token).map(|known| Arc::clone(&known.ended)) else { return };
        let mut told = std::pin::pin!(ended.notified());
        // From here on its end does not go unnoticed.
        told.as_mut().enable();
        if lock(&self.known).contains_key(&token) {
            let _ = tokio::time::timeout(limit, told).await;
        }
    }

    async fn see_through(&self, turns: Arc<Semaphore>, user: UserId, token: Judge0Token) {
        // Neither is ever closed.
        let (Ok(_turn), Ok(_room)) = (turn(turns).await, self.in_memory.acquire().await) else { return };
        if let Err(error) = self.run(user, token).await {
            tracing::warn!(%error, submission = %token, "a submission over the Judge0 API could not be finished; it waits");
        }
    }

    async fn run(&self, user: UserId, token: Judge0Token) -> StoreResult<()> {
        let Some(submission) = self.store.judge0(token).await? else { return Ok(()) };
        if submission.result.is_some() {
            return Ok(());
        }
        if let Some(known) = lock(&self.known).get_mut(&token) {
            known.is_running = true;
        }
        let asked = serde_json::from_str::<Asked>(&submission.request);
        let outcome = match &asked {
            Ok(asked) => match run::run(&self.grader, user, asked).await {
                Ok(outcome) => outcome,
                Err(Later) => return Ok(()),
            },
            // It must end all the same.
            Err(error) => {
                tracing::error!(%error, submission = %token, "a kept submission over the Judge0 API cannot be read");
                Outcome::broken("it cannot be read any more")
            }
        };
        let result =
            serde_json::to_string(&outcome).map_err(|error| StoreError::Failed(error.to_string()))?;
        if self.finish(token, &result).await?
            && let Some(url) = asked.ok().and_then(|asked| asked.callback_url)
            && let Some(submission) = self.store.judge0(token).await?
        {
            self.callbacks.tell(&url, &submission);
        }
        Ok(())
    }

    /// Tries until an unavailable store takes it: what came out is known and must not be lost while the process lives.
    async fn finish(&self, token: Judge0Token, result: &str) -> StoreResult<bool> {
        let mut pause = PAUSE;
        loop {
            match self.store.finish_judge0(token, result, self.clock.now()).await {
                Err(StoreError::Unavailable(why)) => {
                    tracing::error!(%why, submission = %token, "a result could not be stored; trying again");
                }
                result => return result,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    async fn keep_looking(self: Arc<Self>) {
        loop {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "submissions over the Judge0 API could not be read; trying again");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Takes up what the store has and no task has, and forgets what is old.
    async fn look(self: &Arc<Self>) -> StoreResult<()> {
        if self.judge.available().is_ok() {
            for (token, user) in self.store.unfinished_judge0(MAX_UNFINISHED_IN_ALL).await? {
                self.take_up(user, token);
            }
        }
        self.store.forget_judge0(self.clock.now().plus_ms(-KEPT_MS)).await?;
        Ok(())
    }
}

async fn turn(turns: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, tokio::sync::AcquireError> {
    turns.acquire_owned().await
}

/// A submission in the hands of a task; lets go of it when dropped, also when the task panics.
struct Taken<'a> {
    judge0: &'a Judge0,
    user: UserId,
    token: Judge0Token,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(known) = lock(&self.judge0.known).remove(&self.token) {
            known.ended.notify_waiters();
        }
        let mut people = lock(&self.judge0.people);
        if people.get(&self.user).is_some_and(|turns| Arc::strong_count(turns) == 1) {
            people.remove(&self.user);
        }
    }
}

/// What is kept of an outcome; one that cannot be read has ended inside.
#[must_use]
pub fn outcome(result: &str) -> Outcome {
    serde_json::from_str(result).unwrap_or_else(|_| Outcome::broken("its result cannot be read any more"))
}

/// A lock whose holder panicked guards data that is whole all the same: every change here is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
