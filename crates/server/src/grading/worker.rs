//! The workers: each takes one program at a time and sees it through. There are as many as the judge has places.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use codementor_core::challenge::Selection;
use codementor_core::judging::{Judgement, TestOutcome};
use codementor_core::ports::{Finished, JudgeError, StoreError, StoreResult};
use codementor_core::submission::Report;
use codementor_core::{Challenge, Submission, SubmissionId};
use futures_util::FutureExt;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Grader, Run, Task, lock};
use crate::wire;

/// How often a judge that failed is asked again.
const ATTEMPTS: u32 = 3;
/// The first pause before asking again; it doubles up to [`MAX_PAUSE`].
const PAUSE: Duration = Duration::from_millis(250);
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// Programs that are seen through at once, whatever places there are.
const MOST: usize = 128;
/// How often idle workers look for submissions that the queue has forgotten.
const REFILL: Duration = Duration::from_secs(5);

/// The running workers.
pub struct Workers {
    tasks: TaskTracker,
    /// No new programs.
    drain: CancellationToken,
    /// Running programs are handed back: they stay unfinished in the store and the next start takes them up.
    abort: CancellationToken,
}

/// Of so many places at the judge, one person's programs have one at a time. The tests of one program are run at once, so that even one
/// makes use of all processors.
const PLACES_A_PERSON: usize = 4;

impl Grader {
    /// Bounds how much of the judge one person has, as its places come and go.
    async fn share(&self, mut places: watch::Receiver<usize>, drain: &CancellationToken) {
        loop {
            let there = *places.borrow_and_update();
            self.queue.set_most_running(there.div_ceil(PLACES_A_PERSON));
            tokio::select! {
                () = drain.cancelled() => return,
                changed = places.changed() => if changed.is_err() {
                    return;
                },
            }
        }
    }
}

impl Workers {
    /// Starts workers for the judge's places, as these come and go, never very many. They first take up what a restart left
    /// unfinished.
    #[must_use]
    pub fn start(grader: &Arc<Grader>, places: watch::Receiver<usize>) -> Self {
        let workers = Self {
            tasks: TaskTracker::new(),
            drain: CancellationToken::new(),
            abort: CancellationToken::new(),
        };
        for number in 0..MOST {
            let (grader, place) = (grader.clone(), Place { number, places: places.clone() });
            let (drain, abort) = (workers.drain.clone(), workers.abort.clone());
            workers.tasks.spawn(async move { work(&grader, place, &drain, &abort).await });
        }
        let (bounded, drain) = (grader.clone(), workers.drain.clone());
        workers.tasks.spawn(async move { bounded.share(places, &drain).await });
        let (grader, drain) = (grader.clone(), workers.drain.clone());
        workers.tasks.spawn(async move { grader.find(&drain).await });
        workers.tasks.close();
        workers
    }

    /// Takes no new programs, lets running ones finish within `grace`, then hands them back. Runs that wait are refused,
    /// submissions that wait stay in the store.
    pub async fn stop(self, grader: &Grader, grace: Duration) {
        self.drain.cancel();
        grader.queue.close();
        while grader.queue.pop().await.is_some() {}
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            self.abort.cancel();
            self.tasks.wait().await;
        }
    }
}

/// A worker's place at the judge.
struct Place {
    /// From 0.
    number: usize,
    places: watch::Receiver<usize>,
}

impl Place {
    /// Waits until the judge has it. The first is there in any case: somebody must refuse programs while there is no judge.
    async fn is_there(&mut self) {
        let number = self.number;
        if number > 0 && self.places.wait_for(|places| number < *places).await.is_err() {
            // There will never be other places than now.
            std::future::pending().await
        }
    }

    /// Waits until there are more places, or fewer.
    async fn change(&mut self) {
        if self.places.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

async fn work(grader: &Grader, mut place: Place, drain: &CancellationToken, abort: &CancellationToken) {
    loop {
        tokio::select! {
            biased;
            () = drain.cancelled() => return,
            () = place.is_there() => {}
        }
        if grader.overflowed.load(Ordering::Acquire) {
            grader.refill().await;
        }
        let task = tokio::select! {
            biased;
            () = drain.cancelled() => return,
            task = grader.queue.pop() => task,
            () = place.change() => continue,
            () = tokio::time::sleep(REFILL) => {
                grader.refill().await;
                continue;
            }
        };
        // While it is held the person's other programs stand behind those of people who have fewer running.
        let Some((task, _running)) = task else { return };
        grader.note_length();
        let _busy = grader.finder.busy();
        tokio::select! {
            biased;
            () = abort.cancelled() => return,
            handled = AssertUnwindSafe(grader.handle(task)).catch_unwind() => if handled.is_err() {
                // A submission stays known, so that it is not taken up again and again; the message is in the log.
                tracing::error!("a worker panicked; it goes on with the next program");
            },
        }
    }
}

/// What became of a submission in a worker's hands.
enum Graded {
    /// It is finished.
    Done,
    /// It is left unfinished in the store, to be taken up again.
    Later,
    /// The store cannot be made to finish it; trying again before a restart will not help.
    SetAside,
}

impl Grader {
    async fn handle(&self, task: Task) {
        match task {
            Task::Run(run) => self.handle_run(*run).await,
            Task::Submission(id) => {
                let graded = self.grade(id).await.unwrap_or_else(|error| match error {
                    StoreError::Unavailable(why) => {
                        tracing::warn!(%why, submission = %id, "a submission could not be graded; trying again");
                        Graded::Later
                    }
                    StoreError::Failed(why) => {
                        tracing::error!(%why, submission = %id, "a submission cannot be graded; set aside until a restart");
                        Graded::SetAside
                    }
                });
                if !matches!(graded, Graded::SetAside) {
                    lock(&self.known).remove(&id);
                }
                if matches!(graded, Graded::Later) {
                    self.overflowed.store(true, Ordering::Release);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn handle_run(&self, run: Run) {
        let Run { kind, job, progress, mut reply, since } = run;
        let result = tokio::select! {
            // Whoever asked went away: the program is killed.
            () = reply.closed() => return,
            result = self.judge.judge(&job, progress) => result,
        };
        if let Ok(judgement) = &result {
            self.measure(kind, job.language.as_str(), judgement.verdict.as_str(), since.elapsed());
        }
        // Nobody to tell is no fault.
        let _ = reply.send(result);
    }

    fn measure(&self, kind: &str, language: &str, verdict: &str, took: Duration) {
        self.metrics.judged.with_label_values(&[kind, language, verdict]).inc();
        self.metrics.judge_seconds.with_label_values(&[kind]).observe(took.as_secs_f64());
    }

    async fn grade(&self, id: SubmissionId) -> StoreResult<Graded> {
        let Some(submission) = self.store.submission(id).await? else { return Ok(Graded::Done) };
        if submission.report.is_some() {
            self.wake(id);
            return Ok(Graded::Done);
        }
        self.store.mark_running(id).await?;
        let (report, xp) = match self.catalog.get(&submission.challenge_id) {
            Some(challenge) => {
                self.announce_running(&submission, challenge.tests.len()).await;
                let Some(report) = self.report(&submission, &challenge).await else {
                    return Ok(Graded::Later);
                };
                (report, challenge.xp())
            }
            // The challenge is gone since; the submission must end all the same.
            None => (Report::internal_error(0), 0),
        };
        // The wall clock may have been set back in between.
        let waited = self.clock.now().as_ms() - submission.created_at.as_ms();
        let took = Duration::from_millis(u64::try_from(waited).unwrap_or(0));
        self.measure("submission", submission.language.as_str(), report.verdict.as_str(), took);
        let finished = self.finish(id, &report, xp).await?;
        self.wake(id);
        if let Some(finished) = finished.filter(|finished| finished.first) {
            self.announce_finished(&finished.submission).await;
            self.want_counterexample(&finished.submission).await;
        }
        Ok(Graded::Done)
    }

    /// Tries until an unavailable store takes it: the verdict is known and must not be lost while the process lives.
    async fn finish(&self, id: SubmissionId, report: &Report, xp: u32) -> StoreResult<Option<Finished>> {
        let mut pause = PAUSE;
        loop {
            match self.store.finish_submission(id, report, xp, self.clock.now()).await {
                Err(StoreError::Unavailable(why)) => {
                    tracing::error!(%why, submission = %id, "a verdict could not be stored; trying again");
                }
                result => return result,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    /// The report, or nothing when there is no judge just now: the submission then waits for one.
    async fn report(&self, submission: &Submission, challenge: &Challenge) -> Option<Report> {
        match self.judgement(submission, challenge).await {
            Ok(judgement) => Some(Report::whole(challenge, &judgement)),
            Err(JudgeError::Unavailable(why)) => {
                tracing::warn!(%why, submission = %submission.id, "the judge is unavailable; the submission waits");
                None
            }
            Err(error) => {
                tracing::error!(%error, submission = %submission.id, "the judge gave no verdict");
                Some(Report::internal_error(challenge.tests.len()))
            }
        }
    }

    async fn judgement(
        &self,
        submission: &Submission,
        challenge: &Challenge,
    ) -> Result<Judgement, JudgeError> {
        let job = challenge
            .job(&submission.language, &submission.code, Selection::All)
            .map_err(|error| JudgeError::Failed(error.to_string()))?;
        let mut pause = PAUSE;
        let mut attempt = 1;
        loop {
            let (progress, outcomes) = mpsc::channel(job.tests.len().max(1));
            let announced = self.announce_tests(submission, challenge, outcomes);
            match tokio::join!(self.judge.judge(&job, Some(progress)), announced).0 {
                Err(JudgeError::Failed(why)) if attempt < ATTEMPTS => {
                    tracing::warn!(%why, attempt, "the judge failed; trying again");
                }
                result => return result,
            }
            attempt += 1;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    fn wake(&self, id: SubmissionId) {
        for sender in lock(&self.waiting).remove(&id).unwrap_or_default() {
            // Somebody who no longer waits is no fault.
            let _ = sender.send(());
        }
    }

    async fn announce_tests(
        &self,
        submission: &Submission,
        challenge: &Challenge,
        mut outcomes: mpsc::Receiver<TestOutcome>,
    ) {
        let mut done = 0;
        while let Some(outcome) = outcomes.recv().await {
            done += 1;
            let Some(test) = challenge.tests.get(outcome.index) else { continue };
            let hidden = challenge.tests[..outcome.index].iter().filter(|test| !test.example).count();
            let report = codementor_core::submission::TestReport::new(test, &outcome, hidden);
            self.announce_test(submission, wire::test_report(&report), done, challenge.tests.len()).await;
        }
    }
}
