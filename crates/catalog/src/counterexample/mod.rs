//! A small input on which a learner's program differs from the reference: made from the author's rules or program or from what the
//! examples have in common, never from a hidden test, and never equal to one.
//!
//! First a [`Pool`]: fresh inputs, smallest first, each with the reference's answer. Making it is asked once of a challenge and a
//! language; whoever fails afterwards runs on it only. The first input on which the learner's program fails is then made smaller for as
//! long as it fails in the same way, and tried once more within the challenge's own limits. Every step is a few runs, so that whoever
//! owns the judge can let others go first in between.

mod infer;
mod pool;
mod rules;
mod shrink;

use std::collections::BTreeSet;

use codementor_core::judging::{Expected, Input, Job, JobTest, Limits, StopPolicy, TestOutcome, Verdict};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::quality::Rules;
use codementor_core::submission::{Counterexample, MAX_SHOWN_BYTES};
use codementor_core::{Challenge, Language};
use serde_json::Value;

pub use pool::{Pool, pool};

/// Runs asked for at once. Others wait no longer than for these.
const CHUNK: usize = 6;
/// Runs of the learner's program and of the reference that making an input smaller may take.
const SHRINKING_RUNS: u32 = 60;
/// What the learner's program may take at least, in milliseconds of CPU time, whatever the reference takes.
const LEAST_TIME_MS: u32 = 500;
/// The same when it is in another language, whose runtime may need longer to start.
const LEAST_OTHER_TIME_MS: u32 = 2_000;

/// Looks for a counterexample. `language` is that of `code`, whatever that of the reference is. `failed` is how the program failed on the tests.
///
/// # Errors
/// When the judge gives no answer.
pub async fn search(
    challenge: &Challenge,
    pool: &Pool,
    language: &Language,
    code: &str,
    failed: Verdict,
    judge: &dyn Judge,
) -> Result<Option<Counterexample>, JudgeError> {
    let mut search = Search { challenge, pool, language, code, judge, runs: 0, tried: BTreeSet::new() };
    let Some(found) = search.first(failed).await? else { return Ok(None) };
    let smallest = match &pool.rules {
        Some(rules) => search.shrink(rules, found).await?,
        None => found,
    };
    search.confirm(smallest).await
}

/// An input with its answer, and how the learner's program fails on it.
struct Failing {
    input: Input,
    expected: Expected,
    verdict: Verdict,
}

struct Search<'a> {
    challenge: &'a Challenge,
    pool: &'a Pool,
    language: &'a Language,
    code: &'a str,
    judge: &'a dyn Judge,
    runs: u32,
    /// Inputs that need not be tried again, as text.
    tried: BTreeSet<String>,
}

impl Search<'_> {
    /// The smallest input of the pool on which the program fails.
    async fn first(&mut self, failed: Verdict) -> Result<Option<Failing>, JudgeError> {
        for chunk in self.pool.items.chunks(CHUNK) {
            let tests = chunk.iter().cloned().map(|(input, expected)| (input, Some(expected))).collect();
            let outcomes = self.learner(tests, self.limits()).await?;
            let failing = outcomes.iter().find(|outcome| self.counts(outcome.verdict, failed));
            if let Some((outcome, (input, expected))) = failing.and_then(|o| Some((o, chunk.get(o.index)?))) {
                let (input, expected) = (input.clone(), expected.clone());
                return Ok(Some(Failing { input, expected, verdict: outcome.verdict }));
            }
            if outcomes.is_empty() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Where the inputs are guesses, a program that fails in another way than on the tests may fail because of the guess; and being late
    /// on a busy machine says little of one that was in time there.
    fn counts(&self, verdict: Verdict, failed: Verdict) -> bool {
        let is_sure = !self.pool.inferred && verdict != Verdict::TimeLimitExceeded;
        is_failure(verdict) && (is_sure || verdict == failed)
    }

    async fn shrink(&mut self, rules: &Rules, mut current: Failing) -> Result<Failing, JudgeError> {
        'smaller: while let Input::Args(args) = &current.input {
            let mut candidates = shrink::smaller(args);
            candidates.retain(|args| rules::fits(rules, args) && self.tried.insert(text_of(args)));
            candidates.retain(|args| !self.pool.is_known(args));
            for chunk in candidates.chunks(CHUNK) {
                if self.runs + 2 * CHUNK as u32 > SHRINKING_RUNS {
                    break 'smaller;
                }
                if let Some(found) = self.fails_alike(chunk, current.verdict).await? {
                    current = found;
                    continue 'smaller;
                }
            }
            break;
        }
        Ok(current)
    }

    /// The first of these arguments on which the reference answers and the program fails in this way.
    async fn fails_alike(
        &mut self,
        candidates: &[Vec<Value>],
        verdict: Verdict,
    ) -> Result<Option<Failing>, JudgeError> {
        let inputs = candidates.iter().cloned().map(Input::Args).collect();
        self.runs += candidates.len() as u32;
        let answered = pool::answered(self.challenge, &self.pool.language, inputs, self.judge).await?.0;
        let tests = answered.iter().cloned().map(|(input, expected)| (input, Some(expected))).collect();
        let outcomes = self.learner(tests, self.limits()).await?;
        let failing = outcomes.iter().find(|outcome| outcome.verdict == verdict);
        let found = failing.and_then(|outcome| answered.get(outcome.index)).cloned();
        Ok(found.map(|(input, expected)| Failing { input, expected, verdict }))
    }

    /// Tries an input alone and within the challenge's own limits, and writes down what comes out.
    async fn confirm(&mut self, failing: Failing) -> Result<Option<Counterexample>, JudgeError> {
        let Failing { input, expected, verdict } = failing;
        let test = (input.clone(), Some(expected.clone()));
        let outcomes = self.learner(vec![test], self.challenge.limits).await?;
        let outcome = outcomes.first().filter(|outcome| outcome.verdict == verdict);
        Ok(outcome
            .map(|outcome| Counterexample::new(input, &expected, outcome, self.runs, self.pool.inferred)))
    }

    /// The learner's program on some inputs. Nothing when it does not compile.
    async fn learner(
        &mut self,
        tests: Vec<(Input, Option<Expected>)>,
        limits: Limits,
    ) -> Result<Vec<TestOutcome>, JudgeError> {
        if tests.is_empty() {
            return Ok(Vec::new());
        }
        self.runs = self.runs.saturating_add(u32::try_from(tests.len()).unwrap_or(u32::MAX));
        let job = job(self.challenge, self.language, self.code, tests, limits)?;
        Ok(self.judge.judge(&job, None).await?.tests)
    }

    /// Ten times what the reference took: an endless program must not hold up others for as long as the challenge allows. Whether it is
    /// really endless is confirmed in the end.
    fn limits(&self) -> Limits {
        let most = self.challenge.limits.time_ms;
        let is_alike = *self.language == self.pool.language;
        let least = if is_alike { LEAST_TIME_MS } else { LEAST_OTHER_TIME_MS };
        let time_ms = self.pool.slowest_ms.saturating_mul(10).max(least).min(most);
        Limits { time_ms, ..self.challenge.limits }
    }
}

fn is_failure(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Accepted | Verdict::CompileError | Verdict::InternalError)
}

/// A job of a challenge with other tests.
fn job(
    challenge: &Challenge,
    language: &Language,
    source: &str,
    tests: Vec<(Input, Option<Expected>)>,
    limits: Limits,
) -> Result<Job, JudgeError> {
    let mut job = challenge
        .job(language, source, codementor_core::challenge::Selection::Examples)
        .map_err(|error| JudgeError::Failed(error.to_string()))?;
    job.tests = tests.into_iter().map(|(input, expected)| JobTest { input, expected }).collect();
    (job.stop, job.limits) = (StopPolicy::Never, limits);
    Ok(job)
}

/// Arguments as one text, so that equal ones are found equal: `1.0` is `1`.
fn text_of(args: &[Value]) -> String {
    args.iter().map(plain).collect::<Value>().to_string()
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        Value::Number(number) if number.is_f64() => match number.as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within 2^53")]
            Some(float) if float.fract() == 0.0 && float.abs() < 9e15 => Value::from(float as i64),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

/// Whether a text is short enough to be kept whole.
fn is_short(text: &str) -> bool {
    text.len() <= MAX_SHOWN_BYTES / 2
}

#[cfg(test)]
mod tests;
