//! How good the tests of a challenge are: the share of its references' mutants that they kill.

use std::collections::BTreeMap;

use codementor_core::challenge::{JobError, Selection};
use codementor_core::judging::{Limits, StopPolicy, Verdict};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::quality::Equivalent;
use codementor_core::{Challenge, Language};
use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::mutants::{Mutant, mutants, sample};

/// A mutant may take this many times as long as the slowest test of the reference, and [`SLACK_MS`]: one that takes longer is nearly always
/// endless, and is only then given the challenge's own limit.
const SLOWNESS: u32 = 5;
/// See [`SLOWNESS`]. Starting an interpreter on a busy machine takes longer at times.
const SLACK_MS: u32 = 150;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Decides which mutants are taken.
    pub seed: u64,
    /// How many of each reference, at most.
    pub limit: usize,
    /// How many are judged at once.
    pub parallel: usize,
}

/// How the tests of one challenge do in one language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Which language.
    pub language: Language,
    /// How many mutants were judged, without those that are no programs or marked as equivalent.
    pub mutants: usize,
    /// How many of them were not accepted.
    pub killed: usize,
    /// How many mutants are marked as equivalent.
    pub equivalent: usize,
    /// The accepted ones.
    pub survivors: Vec<Mutant>,
    /// Marks that fit no mutant of the reference any more: line and mutant.
    pub stale: Vec<(String, String)>,
}

impl Score {
    /// Killed mutants in percent; 100 when there are none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
    pub fn percent(&self) -> f64 {
        if self.mutants == 0 { 100.0 } else { self.killed as f64 * 100.0 / self.mutants as f64 }
    }
}

/// Judges mutants of one reference. `done` hears of each as it ends.
///
/// # Errors
/// When the judge gives no verdict, or the reference is not accepted: then the tests say nothing.
pub async fn score(
    challenge: &Challenge,
    language: &Language,
    judge: &dyn Judge,
    options: Options,
    mut done: impl FnMut(),
) -> Result<Score, JudgeError> {
    let failed = |why: String| JudgeError::Failed(why);
    let missing = || failed(JobError::Language.to_string());
    let reference = &challenge.solutions.get(language).ok_or_else(missing)?.reference;
    let limits = limits(challenge, language, reference, judge).await?;
    let (wanted, equivalent, stale) = unmarked(challenge, language, mutants(language, reference));
    let chosen = sample(wanted, options.seed, options.limit);
    let judged = stream::iter(&chosen).map(|mutant| async move {
        let verdict = verdict(challenge, language, &mutant.apply(reference), judge, limits).await;
        verdict.map(|verdict| (mutant, verdict))
    });
    let mut judged = judged.buffered(options.parallel.max(1));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut survivors = Vec::new();
    while let Some(result) = judged.next().await {
        let (mutant, verdict) = result?;
        *counts.entry(verdict.as_str()).or_default() += 1;
        if verdict == Verdict::Accepted {
            survivors.push(mutant.clone());
        }
        done();
    }
    // What does not compile tells nothing about the tests.
    let mutants = chosen.len() - counts.get(Verdict::CompileError.as_str()).unwrap_or(&0);
    let killed = mutants - survivors.len();
    Ok(Score { language: language.clone(), mutants, killed, equivalent, survivors, stale })
}

/// The mutants that are not marked as equivalent, how many are, and the marks that fit none.
fn unmarked(
    challenge: &Challenge,
    language: &Language,
    mutants: Vec<Mutant>,
) -> (Vec<Mutant>, usize, Vec<(String, String)>) {
    let fits =
        |mark: &Equivalent, mutant: &Mutant| mark.before == mutant.before && mark.after == mutant.after;
    let marks: Vec<&Equivalent> =
        challenge.quality.equivalents.iter().filter(|mark| mark.language == *language).collect();
    let stale = marks.iter().filter(|mark| !mutants.iter().any(|mutant| fits(mark, mutant)));
    let stale = stale.map(|mark| (mark.before.clone(), mark.after.clone())).collect();
    let all = mutants.len();
    let wanted: Vec<Mutant> =
        mutants.into_iter().filter(|mutant| !marks.iter().any(|mark| fits(mark, mutant))).collect();
    let equivalent = all - wanted.len();
    (wanted, equivalent, stale)
}

/// Judges the reference, and gives a mutant some times what it took.
async fn limits(
    challenge: &Challenge,
    language: &Language,
    reference: &str,
    judge: &dyn Judge,
) -> Result<Limits, JudgeError> {
    let mut job = challenge
        .job(language, reference, Selection::All)
        .map_err(|error| JudgeError::Failed(error.to_string()))?;
    job.stop = StopPolicy::FirstFailure;
    let judgement = judge.judge(&job, None).await?;
    if judgement.verdict != Verdict::Accepted {
        let verdict = judgement.verdict.as_str();
        return Err(JudgeError::Failed(format!("the reference in {language} gets {verdict}")));
    }
    let time_ms = (judgement.time_ms() * SLOWNESS + SLACK_MS).min(challenge.limits.time_ms);
    Ok(Limits { time_ms, ..challenge.limits })
}

/// A mutant's verdict. One that is late within the lowered limit has the challenge's own on the test where it was: on a busy machine
/// being late says little.
async fn verdict(
    challenge: &Challenge,
    language: &Language,
    source: &str,
    judge: &dyn Judge,
    limits: Limits,
) -> Result<Verdict, JudgeError> {
    let mut job = challenge
        .job(language, source, Selection::All)
        .map_err(|error| JudgeError::Failed(error.to_string()))?;
    (job.stop, job.limits) = (StopPolicy::FirstFailure, limits);
    let mut judgement = judge.judge(&job, None).await?;
    if judgement.verdict == Verdict::TimeLimitExceeded {
        job.limits = challenge.limits;
        let late = judgement.tests.last().and_then(|outcome| job.tests.get(outcome.index)).cloned();
        let whole = std::mem::replace(&mut job.tests, late.into_iter().collect());
        judgement = judge.judge(&job, None).await?;
        if judgement.verdict == Verdict::Accepted {
            job.tests = whole;
            judgement = judge.judge(&job, None).await?;
        }
    }
    match judgement.verdict {
        Verdict::InternalError => Err(JudgeError::Failed("the judge failed on a mutant".to_owned())),
        verdict => Ok(verdict),
    }
}
