//! Whether a challenge keeps its word: references are accepted, wrong solutions are not, nor are starters but those that are to be
//! refactored.

use std::fmt;

use codementor_core::challenge::{Selection, Task};
use codementor_core::judging::{StopPolicy, Verdict};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Challenge, Language};

/// A solution that got the wrong verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In which language.
    pub language: Language,
    /// `starter`, `reference`, or the wrong solution's path.
    pub file: String,
    /// What it got.
    pub verdict: Verdict,
    /// The first test that says so, and why, for a reference.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {} {}", self.language, self.file, self.verdict.as_str(), self.detail)
    }
}

/// Judges every solution of a challenge in every language.
///
/// # Errors
/// When the judge gives no verdict: then nothing is known about the challenge.
pub async fn verify(challenge: &Challenge, judge: &dyn Judge) -> Result<Vec<Fault>, JudgeError> {
    let mut faults = Vec::new();
    for (language, solutions) in &challenge.solutions {
        let reference = ("reference", &solutions.reference, true);
        let starter = ("starter", &solutions.starter, challenge.task == Task::Refactor);
        let wrong = solutions.wrong.iter().map(|(path, text)| (path.as_str(), text, false));
        for (file, source, should_pass) in [reference, starter].into_iter().chain(wrong) {
            let mut job = challenge
                .job(language, source, Selection::All)
                .map_err(|error| JudgeError::Failed(error.to_string()))?;
            job.stop = StopPolicy::FirstFailure;
            let judgement = judge.judge(&job, None).await?;
            if (judgement.verdict == Verdict::Accepted) == should_pass
                && judgement.verdict != Verdict::InternalError
            {
                continue;
            }
            let last = judgement.tests.last();
            let name =
                last.and_then(|outcome| challenge.tests.get(outcome.index)).map(|test| test.name.as_str());
            let message = last.and_then(|outcome| outcome.message.as_deref()).unwrap_or_default();
            faults.push(Fault {
                language: language.clone(),
                file: file.to_owned(),
                verdict: judgement.verdict,
                detail: format!("at {}: {message}", name.unwrap_or("no test")),
            });
        }
    }
    Ok(faults)
}
