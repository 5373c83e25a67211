//! A worker that is connected, as the pool sees it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codementor_core::Language;
use codementor_core::judging::{Job, Judgement, TestOutcome};
use codementor_core::ports::JudgeError;
use tokio::sync::{Notify, mpsc, oneshot};

use super::frame::{self, Broken};
use super::message::{FromWorker, MAX_GREETING, MAX_JOB, State, ToWorker};

/// A connected worker.
#[derive(Debug)]
pub(super) struct Member {
    /// Which connection, from 1.
    pub(super) number: u64,
    /// Its process, as it says.
    pub(super) pid: u32,
    /// How many programs it judges at once.
    pub(super) places: usize,
    /// What it has said last that it can do. Held for an instruction.
    state: Mutex<State>,
    /// Held for an instruction.
    jobs: Mutex<Jobs>,
    /// What is to be said to it. Of each place a job and two cancellings may wait here, so it is never full. Used under the lock of `jobs`:
    /// no job follows the farewell.
    frames: mpsc::Sender<Vec<u8>>,
    /// Told when a place has become free.
    freed: Arc<Notify>,
}

/// What it has to do.
#[derive(Debug, Default)]
struct Jobs {
    /// Those that it has and has not answered, not more than it has places.
    running: HashMap<u64, Waiting>,
    last: u64,
    /// No more of them: it goes, or is gone.
    closed: bool,
}

/// Who waits for a job: nobody any more, when it was cancelled.
#[derive(Debug)]
struct Waiting {
    answer: Option<oneshot::Sender<Ended>>,
    progress: Option<mpsc::Sender<TestOutcome>>,
}

/// What became of a job in a worker's hands.
#[derive(Debug)]
pub(super) enum Ended {
    /// It was judged, or could not be.
    Judged(Result<Judgement, JudgeError>),
    /// The worker goes.
    HandedBack,
    /// The worker is gone.
    Lost,
}

impl Member {
    /// A worker that has greeted, and what is to be said to it.
    pub(super) fn new(
        number: u64,
        pid: u32,
        places: usize,
        state: State,
        freed: Arc<Notify>,
    ) -> (Self, mpsc::Receiver<Vec<u8>>) {
        let (frames, to_say) = mpsc::channel(4 * places + 1);
        let (state, jobs) = (Mutex::new(state), Mutex::default());
        (Self { number, pid, places, state, jobs, frames, freed }, to_say)
    }

    /// What it can do.
    pub(super) fn state(&self) -> State {
        lock(&self.state).clone()
    }

    /// Whether it can judge at all.
    pub(super) fn works(&self) -> bool {
        let state = lock(&self.state);
        state.fault.is_none() && !state.languages.is_empty()
    }

    /// Whether it can judge programs in this language.
    pub(super) fn has(&self, language: &Language) -> bool {
        let state = lock(&self.state);
        state.fault.is_none() && state.languages.iter().any(|known| known.id == *language)
    }

    /// Whether it takes jobs when it has a place.
    pub(super) fn is_open(&self) -> bool {
        !lock(&self.jobs).closed
    }

    /// How many jobs it has.
    pub(super) fn busy(&self) -> usize {
        lock(&self.jobs).running.len()
    }

    /// Takes one of its places.
    pub(super) fn place(self: &Arc<Self>) -> Option<Turn> {
        let mut jobs = lock(&self.jobs);
        if jobs.closed || jobs.running.len() >= self.places {
            return None;
        }
        jobs.last += 1;
        let id = jobs.last;
        let (answer, ended) = oneshot::channel();
        jobs.running.insert(id, Waiting { answer: Some(answer), progress: None });
        drop(jobs);
        Some(Turn { member: Arc::clone(self), id, is_said: false, ended })
    }

    /// Hears what it says.
    ///
    /// # Errors
    /// When that does not fit what was said before.
    pub(super) fn hear(&self, message: FromWorker) -> Result<(), Broken> {
        match message {
            FromWorker::Beat => Ok(()),
            FromWorker::State(state) => {
                *lock(&self.state) = state;
                self.freed.notify_waiters();
                Ok(())
            }
            FromWorker::Outcome { id, outcome } => {
                let jobs = lock(&self.jobs);
                let waiting = jobs.running.get(&id).ok_or_else(unknown)?;
                if let Some(progress) = &waiting.progress {
                    // Whoever does not keep up finds all of it in the judgement.
                    let _ = progress.try_send(outcome);
                }
                Ok(())
            }
            FromWorker::Done { id, result } => self.end(id, Ended::Judged(result)),
            FromWorker::HandedBack { id } => self.end(id, Ended::HandedBack),
            FromWorker::Leaving => {
                let mut jobs = lock(&self.jobs);
                jobs.closed = true;
                self.say(&ToWorker::Farewell);
                drop(jobs);
                Ok(())
            }
            FromWorker::Hello { .. } | FromWorker::Look { .. } => {
                Err(Broken::Garbage("it greets again".to_owned()))
            }
        }
    }

    /// Has something short said. There is room for it, unless the connection has ended.
    fn say(&self, message: &ToWorker<'_>) -> bool {
        frame::encode(message, MAX_GREETING).is_ok_and(|frame| self.frames.try_send(frame).is_ok())
    }

    fn end(&self, id: u64, ended: Ended) -> Result<(), Broken> {
        let waiting = lock(&self.jobs).running.remove(&id).ok_or_else(unknown)?;
        self.freed.notify_waiters();
        if let Some(answer) = waiting.answer {
            // Somebody who no longer waits is no fault.
            let _ = answer.send(ended);
        }
        Ok(())
    }

    /// It is gone: whoever waits for one of its jobs hears so. Tells how many those are.
    pub(super) fn lose(&self) -> usize {
        let mut jobs = lock(&self.jobs);
        jobs.closed = true;
        let lost = std::mem::take(&mut jobs.running);
        drop(jobs);
        lost.into_values().filter_map(|waiting| waiting.answer?.send(Ended::Lost).ok()).count()
    }
}

/// A place of a worker, for one job. Dropping it has the program killed.
#[derive(Debug)]
pub(super) struct Turn {
    member: Arc<Member>,
    id: u64,
    is_said: bool,
    ended: oneshot::Receiver<Ended>,
}

impl Turn {
    /// Whose.
    pub(super) fn member(&self) -> &Member {
        &self.member
    }

    /// Has a job judged.
    pub(super) async fn judge(mut self, job: &Job, progress: Option<mpsc::Sender<TestOutcome>>) -> Ended {
        let with_progress = progress.is_some();
        let said = ToWorker::Job { id: self.id, with_progress, job: Cow::Borrowed(job) };
        let frame = match frame::encode(&said, MAX_JOB) {
            Ok(frame) => frame,
            Err(why) => {
                return Ended::Judged(Err(JudgeError::Failed(format!("the job is too large: {why}"))));
            }
        };
        {
            let mut jobs = lock(&self.member.jobs);
            if jobs.closed {
                return Ended::HandedBack;
            }
            if let Some(waiting) = jobs.running.get_mut(&self.id) {
                waiting.progress = progress;
            }
            self.is_said = self.member.frames.try_send(frame).is_ok();
        }
        if !self.is_said {
            return Ended::Lost;
        }
        (&mut self.ended).await.unwrap_or(Ended::Lost)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut jobs = lock(&self.member.jobs);
        if !self.is_said {
            jobs.running.remove(&self.id);
            drop(jobs);
            self.member.freed.notify_waiters();
            return;
        }
        // The place is free when the worker says that the program is gone.
        let Some(waiting) = jobs.running.get_mut(&self.id) else { return };
        (waiting.answer, waiting.progress) = (None, None);
        self.member.say(&ToWorker::Cancel { id: self.id });
        drop(jobs);
    }
}

fn unknown() -> Broken {
    Broken::Garbage("it speaks of a job that it does not have".to_owned())
}

/// A lock whose holder panicked guards data that is whole all the same: every change here is one step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
