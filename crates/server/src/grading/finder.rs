//! Looks for a small input on which a failed submission differs from the reference, after its verdict is stored and told.
//!
//! One search at a time, and only while no worker has anything to do: each few runs wait for that anew, so nobody's verdict waits for
//! longer than those. What finds no place, no quiet moment or nothing leaves the submission as it is.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use codementor_catalog::counterexample::{Pool, pool, search};
use codementor_core::judging::{Job, Judgement, LanguageInfo, Protection, TestOutcome, Verdict};
use codementor_core::ports::{Judge, JudgeError, StoreResult};
use codementor_core::submission::Counterexample;
use codementor_core::{Challenge, Language, Submission, SubmissionId};
use codementor_protocol::event::CounterexampleUpdate;
use futures_util::FutureExt;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Grader, lock};
use crate::wire;

/// Submissions that wait for their search. Further ones get none.
const WAITING: usize = 64;
/// How long a search may wait for quiet moments, all in all, before it is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pools that are kept: a class works on few challenges at a time.
const POOLS: usize = 64;
/// Answers that are kept: the same solution is often handed in again, and by everybody in a session.
const ANSWERS: usize = 32;
/// Decides the inputs of every pool, so that everybody who makes the same mistake is told the same.
const SEED: u64 = 20_26;

/// What the grader knows of searches.
pub(super) struct Finder {
    wanted: mpsc::Sender<SubmissionId>,
    /// Taken by the one task that searches. Held for an instruction.
    taken: Mutex<Option<mpsc::Receiver<SubmissionId>>>,
    /// Workers that have something to do.
    busy: watch::Sender<usize>,
}

impl Default for Finder {
    fn default() -> Self {
        let (wanted, taken) = mpsc::channel(WAITING);
        Self { wanted, taken: Mutex::new(Some(taken)), busy: watch::Sender::new(0) }
    }
}

impl Finder {
    /// Counts a worker as busy until the answer is dropped.
    pub(super) fn busy(&self) -> Busy<'_> {
        self.busy.send_modify(|busy| *busy += 1);
        Busy(&self.busy)
    }
}

/// A worker that has something to do.
pub(super) struct Busy<'a>(&'a watch::Sender<usize>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|busy| *busy = busy.saturating_sub(1));
    }
}

impl Grader {
    /// Asks for a search, where one makes sense and there is room.
    pub(super) async fn want_counterexample(&self, submission: &Submission) {
        let failed = submission.report.as_ref().is_some_and(|report| is_answerable(report.verdict));
        if failed && self.finder.wanted.try_send(submission.id).is_err() {
            self.count("full");
            self.announce_counterexample(submission, None).await;
        }
    }

    fn count(&self, result: &str) {
        self.metrics.counterexamples.with_label_values(&[result]).inc();
    }

    async fn announce_counterexample(&self, submission: &Submission, found: Option<&Counterexample>) {
        let event = CounterexampleUpdate {
            submission_id: submission.id.to_string(),
            challenge_id: submission.challenge_id.to_string(),
            counterexample: found.map(wire::counterexample),
        };
        self.send(submission, "counterexample-update", &event).await;
    }

    /// Searches until the server stops. Only the first caller does.
    pub(super) async fn find(self: &Arc<Self>, drain: &CancellationToken) {
        let Some(mut wanted) = lock(&self.finder.taken).take() else { return };
        let mut memory = Memory::default();
        loop {
            let id = tokio::select! {
                biased;
                () = drain.cancelled() => return,
                id = wanted.recv() => id,
            };
            let Some(id) = id else { return };
            let found = AssertUnwindSafe(self.find_one(id, &mut memory)).catch_unwind();
            tokio::select! {
                biased;
                // What runs is killed; the submission stays without one.
                () = drain.cancelled() => return,
                found = found => match found {
                    Ok(Ok(result)) => self.count(result),
                    Ok(Err(error)) => tracing::warn!(%error, submission = %id, "a submission could not be read or changed"),
                    Err(_) => tracing::error!(submission = %id, "looking for a counterexample panicked"),
                },
            }
        }
    }

    /// Looks for one, keeps it and tells of it, or that there is none. Answers the word for it among the metrics.
    async fn find_one(&self, id: SubmissionId, memory: &mut Memory) -> StoreResult<&'static str> {
        let Some(submission) = self.store.submission(id).await? else { return Ok("none") };
        let looked = self.look(&submission, memory).await;
        let (found, result) = match looked {
            Ok(Some(found)) => (Some(found), "found"),
            Ok(None) => (None, "none"),
            Err(error) => {
                tracing::info!(%error, submission = %id, "no counterexample was looked for to the end");
                (None, "failed")
            }
        };
        if let Some(found) = &found
            && !self.store.keep_counterexample(id, found).await?
        {
            return Ok("none");
        }
        self.announce_counterexample(&submission, found.as_ref()).await;
        Ok(result)
    }

    async fn look(
        &self,
        submission: &Submission,
        memory: &mut Memory,
    ) -> Result<Option<Counterexample>, JudgeError> {
        let verdict = submission.report.as_ref().map(|report| report.verdict);
        let challenge = self.catalog.get(&submission.challenge_id);
        let (Some(challenge), Some(verdict)) = (challenge, verdict) else { return Ok(None) };
        let judge = Patient { grader: self, until: Instant::now() + PATIENCE };
        memory.answer(&challenge, submission, verdict, &judge).await
    }

    /// Waits until no worker has anything to do and nothing waits for one.
    async fn quiet(&self) {
        let mut busy = self.finder.busy.subscribe();
        loop {
            // The sender lives as long as the grader.
            let _ = busy.wait_for(|busy| *busy == 0).await;
            if self.queue.is_empty() {
                return;
            }
            let _ = busy.changed().await;
        }
    }
}

/// Whether an input can show how a program fails.
fn is_answerable(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Accepted | Verdict::CompileError | Verdict::InternalError)
}

/// What was made before, bounded; the oldest goes first. A challenge that is another object has changed since.
#[derive(Default)]
struct Memory {
    /// By the language of the reference.
    pools: VecDeque<(Arc<Challenge>, Language, Pool)>,
    answers: VecDeque<(Arc<Challenge>, Language, String, Option<Counterexample>)>,
}

impl Memory {
    async fn answer(
        &mut self,
        challenge: &Arc<Challenge>,
        submission: &Submission,
        failed: Verdict,
        judge: &dyn Judge,
    ) -> Result<Option<Counterexample>, JudgeError> {
        let (language, code) = (&submission.language, &submission.code);
        let is_same = |of: &Arc<Challenge>, other: &Language| Arc::ptr_eq(of, challenge) && other == language;
        let known = self.answers.iter().find(|(of, other, text, _)| is_same(of, other) && text == code);
        if let Some((.., answer)) = known {
            return Ok(answer.clone());
        }
        // A reference in another language answers as well.
        let Some(reference) = challenge.reference_language(language) else { return Ok(None) };
        let is_ready =
            |of: &Arc<Challenge>, other: &Language| Arc::ptr_eq(of, challenge) && other == reference;
        let place = match self.pools.iter().position(|(of, other, _)| is_ready(of, other)) {
            Some(place) => place,
            None => {
                let made = pool(challenge, reference, judge, SEED).await?;
                self.pools.truncate(POOLS - 1);
                self.pools.push_front((challenge.clone(), reference.clone(), made));
                0
            }
        };
        let answer = search(challenge, &self.pools[place].2, language, code, failed, judge).await?;
        self.answers.truncate(ANSWERS - 1);
        self.answers.push_front((challenge.clone(), language.clone(), code.clone(), answer.clone()));
        Ok(answer)
    }
}

/// The judge for those who let everybody else go first.
struct Patient<'a> {
    grader: &'a Grader,
    until: Instant,
}

#[async_trait]
impl Judge for Patient<'_> {
    async fn judge(
        &self,
        job: &Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError> {
        let late = || JudgeError::Failed("others had the judge all the time".to_owned());
        tokio::time::timeout_at(self.until, self.grader.quiet()).await.map_err(|_| late())?;
        self.grader.judge.judge(job, progress).await
    }

    fn languages(&self) -> Vec<LanguageInfo> {
        self.grader.judge.languages()
    }

    fn protections(&self) -> Vec<Protection> {
        self.grader.judge.protections()
    }

    fn available(&self) -> Result<(), JudgeError> {
        self.grader.judge.available()
    }
}
