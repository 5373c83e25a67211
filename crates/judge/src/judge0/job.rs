//! A job on its way: which tests go together, how long they may take, and what is made of the answers.

use std::time::Duration;

use codementor_core::judging::{Checker, Job, Judgement, Limits, StopPolicy, TestOutcome};
use codementor_core::ports::JudgeError;
use codementor_core::submission::shorten;
use codementor_core::{Language, Verdict};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::api::{Answer, Bounds, packed};
use super::ended::{self, Ended, ended};
use super::languages::{RemoteLanguage, compiler_options, least_memory_kb};
use super::wrap::{Wrapped, wrap};
use super::{Remote, Shared};
use crate::grade::{Asked, Graded, grade, wall_ms};
use crate::job::input_of;
use crate::local::not_compiled;

/// How long a job may wait there beside its own time on the clock.
const PATIENCE: Duration = Duration::from_secs(120);
/// The longest a job may take.
const LONGEST: Duration = Duration::from_secs(900);
/// Inputs that go together, in bytes.
const TOGETHER: usize = 6 << 20;
/// Of a job that ends with its first failure no more tests than this go together at first, where a server would run all of them.
const FIRST: usize = 3;

/// What is asked of every run of a job.
pub(super) struct Asking<'a> {
    pub language: &'a RemoteLanguage,
    pub bounds: &'a Bounds,
    pub program: Wrapped,
    pub limits: Limits,
    /// Whether it is a server of ours.
    pub is_own: bool,
    /// Whether tests after a failed one are run.
    pub stop: StopPolicy,
    /// When nobody waits any longer.
    pub until: Instant,
}

impl Asking<'_> {
    /// A submission without its input.
    pub(super) fn body(&self) -> Value {
        let seconds = |ms: u32| f64::from(ms) / 1_000.0;
        let cpu = seconds(self.limits.time_ms).min(self.bounds.max_cpu_time_limit);
        let wall = seconds(wall_ms(self.limits)).min(self.bounds.max_wall_time_limit);
        let mut body = json!({
            "language_id": self.language.number,
            "source_code": packed(&self.program.source),
            "cpu_time_limit": cpu,
            "wall_time_limit": wall,
            "memory_limit": f64::from(self.limits.memory_kb).min(self.bounds.max_memory_limit),
        });
        if self.is_own {
            body["language"] = json!(self.language.info.id);
            body["stop_on_failure"] = json!(self.stop == StopPolicy::FirstFailure);
        } else if self.bounds.enable_compiler_options
            && let Some(options) = compiler_options(self.language)
        {
            body["compiler_options"] = json!(options);
        }
        body
    }
}

/// Judges a job.
pub(super) async fn judge(
    shared: &Shared,
    remote: &Remote,
    language: &RemoteLanguage,
    job: &Job,
    progress: Option<mpsc::Sender<TestOutcome>>,
) -> Result<Judgement, JudgeError> {
    if matches!(job.checker, Checker::Program(_) | Checker::Interactive(_)) {
        // The grader leaves the last word to the program, which only our own sandbox runs.
        return Err(JudgeError::Failed(
            "checkers that are programs are not run on a Judge0 server".to_owned(),
        ));
    }
    let program = wrap(language, &job.entry, &job.source).map_err(JudgeError::Failed)?;
    let inputs = inputs(job, program.marker.as_deref())?;
    let memory_kb = job.limits.memory_kb.max(least_memory_kb(&job.language));
    let limits = Limits { memory_kb, ..job.limits };
    let own_time = Duration::from_millis(u64::from(wall_ms(limits)) * job.tests.len() as u64);
    let asking = Asking {
        language,
        bounds: &remote.bounds,
        program,
        limits,
        is_own: remote.tests > 0,
        stop: job.stop.clone(),
        until: Instant::now() + (PATIENCE + own_time).min(LONGEST),
    };
    let mut judging = Judging::new(job, limits, asking.program.marker.clone(), progress);
    let mut next = 0;
    while next < inputs.len() && judging.done.is_none() {
        let size = together(&inputs[next..], most(remote, job, next));
        let group = &inputs[next..next + size];
        shared.submit(&asking, group, &mut |index, answer| judging.take(next + index, answer)).await?;
        next += size;
    }
    judging.judgement()
}

/// What the programs read, in the order of the tests. A caller reads its marker first.
fn inputs(job: &Job, marker: Option<&str>) -> Result<Vec<String>, JudgeError> {
    let input = |test| {
        let input = input_of(job, test)?;
        let input = String::from_utf8(input).map_err(|error| JudgeError::Failed(error.to_string()))?;
        Ok(marker.map_or(input.clone(), |marker| format!("{marker}\n{input}")))
    };
    job.tests.iter().map(input).collect()
}

/// How many tests go together at most.
fn most(remote: &Remote, job: &Job, next: usize) -> usize {
    let batch = remote.bounds.max_submission_batch_size.clamp(1, 20);
    match remote.tests {
        0 if job.stop == StopPolicy::FirstFailure && next == 0 => batch.min(FIRST),
        0 => batch,
        many => many,
    }
}

/// How many of the next inputs go together: at least one.
fn together(inputs: &[String], most: usize) -> usize {
    let mut held = 0;
    let fit = inputs.iter().take(most).take_while(|input| {
        held += input.len();
        held <= TOGETHER
    });
    fit.count().max(1)
}

/// Whether more answers are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    More,
    NoMore,
}

/// What has come of a job so far.
struct Judging<'a> {
    job: &'a Job,
    language: &'a Language,
    limits: Limits,
    marker: Option<String>,
    progress: Option<mpsc::Sender<TestOutcome>>,
    tests: Vec<TestOutcome>,
    verdict: Verdict,
    /// Set when the job has ended before its last test.
    done: Option<Result<Judgement, JudgeError>>,
}

impl<'a> Judging<'a> {
    fn new(
        job: &'a Job,
        limits: Limits,
        marker: Option<String>,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Self {
        let language = &job.language;
        let (tests, verdict) = (Vec::new(), Verdict::Accepted);
        Self { job, language, limits, marker, progress, tests, verdict, done: None }
    }

    /// Takes the answer to a test; they come in their order.
    fn take(&mut self, index: usize, answer: &Answer) -> Wanted {
        let run = ended::Run { language: self.language, limits: self.limits, marker: self.marker.as_deref() };
        let graded = match ended(run, answer) {
            Ended::Ran(ran) => grade(self.asked(index), ran),
            Ended::NotCompiled(said) => Graded::NotCompiled(codementor_core::submission::cut(&said)),
            Ended::Broken(why) => Graded::Broken(format!("the Judge0 server failed: {why}")),
        };
        match graded {
            Graded::Ran(outcome) => self.note(outcome),
            Graded::NotCompiled(said) => self.end(Ok(not_compiled(said))),
            Graded::Broken(why) => self.end(Err(JudgeError::Failed(why))),
        }
    }

    fn asked(&self, index: usize) -> Asked<'a> {
        let job = self.job;
        Asked {
            index,
            entry: &job.entry,
            expected: job.tests[index].expected.as_ref(),
            checker: &job.checker,
            limits: self.limits,
        }
    }

    fn end(&mut self, end: Result<Judgement, JudgeError>) -> Wanted {
        self.done = Some(end);
        Wanted::NoMore
    }

    fn note(&mut self, mut outcome: TestOutcome) -> Wanted {
        if self.job.tests.len() > 1 {
            shorten(&mut outcome, &self.job.entry);
        }
        if let Some(progress) = &self.progress {
            // Whoever does not keep up finds all of it in the judgement.
            let _ = progress.try_send(outcome.clone());
        }
        if self.verdict == Verdict::Accepted {
            self.verdict = outcome.verdict;
        }
        self.tests.push(outcome);
        if self.verdict != Verdict::Accepted && self.job.stop == StopPolicy::FirstFailure {
            let tests = std::mem::take(&mut self.tests);
            return self.end(Ok(Judgement { verdict: self.verdict, compile_output: None, tests }));
        }
        Wanted::More
    }

    fn judgement(self) -> Result<Judgement, JudgeError> {
        let Self { tests, verdict, job, done, .. } = self;
        match done {
            Some(end) => end,
            // Nothing run must never mean accepted.
            None if tests.len() != job.tests.len() => {
                Err(JudgeError::Failed("the Judge0 server left out a test".to_owned()))
            }
            None => Ok(Judgement { verdict, compile_output: None, tests }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_go_together_by_number_and_by_size() {
        let inputs = |sizes: &[usize]| sizes.iter().map(|size| "x".repeat(*size)).collect::<Vec<_>>();
        assert_eq!(together(&inputs(&[1, 1, 1]), 2), 2);
        assert_eq!(together(&inputs(&[1, 1, 1]), 20), 3);
        assert_eq!(together(&inputs(&[TOGETHER + 1, 1]), 20), 1);
        assert_eq!(together(&inputs(&[TOGETHER - 1, 1, 1]), 20), 2);
    }
}
