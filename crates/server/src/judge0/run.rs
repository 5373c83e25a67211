//! Runs what was handed in over the Judge0 API: each run is a job of its own in the fair queue, compiled once.

use std::time::Duration;

use codementor_core::judging::{
    Checker, Entry, Expected, Input, Job, JobTest, Judgement, StopPolicy, TestOutcome,
};
use codementor_core::ports::JudgeError;
use codementor_core::{UserId, Verdict};
use codementor_judge::{Exit, exit_of};
use codementor_protocol::judge0::{Status, TestResult};
use futures_util::{StreamExt, stream};

use super::kept::{Asked, Outcome, Run, description};
use crate::grading::{Grader, Refusal};

/// Runs of one submission that wait in the queue or run at once.
pub const AT_ONCE: usize = 2;
/// What is kept of all outputs of a submission with many tests, in bytes.
const KEPT: usize = 4 << 20;
/// How often a judge that failed is asked again.
const ATTEMPTS: u32 = 3;
/// The first pause before asking again; it doubles up to [`MAX_PAUSE`].
const PAUSE: Duration = Duration::from_millis(250);
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// It was not run; it stays unfinished in the store and is taken up again.
#[derive(Debug)]
pub struct Later;

/// Runs a submission to its end.
pub async fn run(grader: &Grader, user: UserId, asked: &Asked) -> Result<Outcome, Later> {
    match &asked.tests {
        None => {
            let judgement = judge(grader, user, asked, &asked.run).await?;
            Ok(single(judgement))
        }
        Some(tests) => many(grader, user, asked, tests).await,
    }
}

async fn many(grader: &Grader, user: UserId, asked: &Asked, tests: &[Run]) -> Result<Outcome, Later> {
    let runs = stream::iter(0..tests.len()).map(|index| judge(grader, user, asked, &tests[index]));
    let mut runs = std::pin::pin!(runs.buffered(AT_ONCE));
    let mut results = Vec::new();
    let mut outcome =
        Outcome { status_id: 3, verdict: Verdict::Accepted.as_str().to_owned(), ..Outcome::default() };
    let mut room = KEPT;
    while let Some(judgement) = runs.next().await {
        let judged = single(judgement?);
        if judged.compile_output.is_some() || judged.time_ms.is_none() {
            // It does not compile, or the judge failed: the same for every test.
            return Ok(Outcome { tests: Some(Vec::new()), ..judged });
        }
        outcome.time_ms = outcome.time_ms.max(judged.time_ms);
        outcome.memory_kb = outcome.memory_kb.max(judged.memory_kb);
        if outcome.status_id == 3 && judged.status_id != 3 {
            outcome.status_id = judged.status_id;
            outcome.verdict.clone_from(&judged.verdict);
            outcome.message.clone_from(&judged.message);
        }
        results.push(result(judged, &mut room));
        if outcome.status_id != 3 && asked.stop_on_failure {
            // Those that have begun are killed.
            break;
        }
    }
    Ok(Outcome { tests: Some(results), ..outcome })
}

fn result(judged: Outcome, room: &mut usize) -> TestResult {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let size = length(&judged.stdout) + length(&judged.stderr);
    let truncated = size > *room;
    if !truncated {
        *room -= size;
    }
    TestResult {
        status: status(judged.status_id),
        stdout: judged.stdout.filter(|_| !truncated),
        stderr: judged.stderr.filter(|_| !truncated),
        message: judged.message,
        exit_code: judged.exit_code,
        exit_signal: judged.exit_signal,
        time: judged.time_ms.map(seconds),
        memory: judged.memory_kb,
        verdict: judged.verdict,
        truncated,
    }
}

/// A status by its number.
#[must_use]
pub fn status(id: u32) -> Status {
    Status { id, description: description(id).to_owned() }
}

/// Seconds as Judge0 writes them.
#[must_use]
pub fn seconds(ms: u32) -> String {
    format!("{:.3}", f64::from(ms) / 1_000.0)
}

/// Judges one run, waiting for a place in the queue as long as it takes.
async fn judge(
    grader: &Grader,
    user: UserId,
    asked: &Asked,
    run: &Run,
) -> Result<Result<Judgement, String>, Later> {
    let (mut pause, mut failed) = (PAUSE, 0);
    loop {
        match grader.run_kept(user, "judge0", job(asked, run), None).await {
            Ok(judgement) => return Ok(Ok(judgement)),
            Err(Refusal::TooMany | Refusal::Full) => {}
            Err(Refusal::Judge(JudgeError::Failed(_))) if failed + 1 < ATTEMPTS => failed += 1,
            Err(Refusal::Judge(error @ (JudgeError::Failed(_) | JudgeError::Language(_)))) => {
                tracing::error!(%error, "the judge gave no verdict");
                return Ok(Err(match error {
                    JudgeError::Language(_) => error.to_string(),
                    _ => "the judge failed, not the program".to_owned(),
                }));
            }
            Err(Refusal::Judge(JudgeError::Unavailable(_)) | Refusal::Store(_) | Refusal::Stopping) => {
                return Err(Later);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MAX_PAUSE);
    }
}

fn job(asked: &Asked, run: &Run) -> Job {
    let test = JobTest {
        input: Input::Stdin(run.stdin.clone().unwrap_or_default()),
        expected: run.expected_output.clone().map(Expected::Stdout),
    };
    Job {
        language: asked.language.clone(),
        source: asked.source_code.clone(),
        entry: Entry::Program,
        tests: vec![test],
        limits: asked.limits.for_judge(),
        // White space at the ends of lines and of the text does not count, as there.
        checker: Checker::Lines,
        stop: StopPolicy::Never,
    }
}

/// What came of one run.
fn single(judgement: Result<Judgement, String>) -> Outcome {
    let judgement = match judgement {
        Ok(judgement) => judgement,
        Err(why) => return Outcome::broken(&why),
    };
    let verdict = judgement.verdict;
    let Some(test) = judgement.tests.into_iter().next() else {
        let status_id = if verdict == Verdict::CompileError { 6 } else { 13 };
        let (verdict, compile_output) = (verdict.as_str().to_owned(), judgement.compile_output);
        return Outcome { status_id, verdict, compile_output, ..Outcome::default() };
    };
    let (exit_code, exit_signal) = match exit_of(&test) {
        Exit::Code(code) => (Some(code), None),
        Exit::Signal(signal) => (None, Some(signal)),
    };
    Outcome {
        status_id: status_of(&test),
        verdict: verdict.as_str().to_owned(),
        stdout: some(test.stdout),
        stderr: some(test.stderr),
        compile_output: None,
        message: test.message,
        exit_code,
        exit_signal,
        time_ms: Some(test.time_ms),
        memory_kb: Some(test.memory_kb),
        tests: None,
    }
}

/// Judge0 tells null where there is nothing.
fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn status_of(test: &TestOutcome) -> u32 {
    match test.verdict {
        Verdict::Accepted => 3,
        Verdict::WrongAnswer => 4,
        Verdict::TimeLimitExceeded => 5,
        Verdict::CompileError => 6,
        Verdict::OutputLimitExceeded => 8,
        Verdict::InternalError => 13,
        // Judge0 has no status for memory: there, too, it is a program that was killed.
        Verdict::MemoryLimitExceeded => 12,
        Verdict::RuntimeError => match exit_of(test) {
            Exit::Signal(11) => 7,
            Exit::Signal(25) => 8,
            Exit::Signal(8) => 9,
            Exit::Signal(6) => 10,
            Exit::Signal(_) => 12,
            Exit::Code(_) => 11,
        },
    }
}
