//! Files of tests: all tests run in one process, which tells of each on its result descriptor as it goes.
//!
//! The learner's file shares that process with the tests, which the learner may read: whoever forges their results gains no more than
//! they would by writing down the answers that the tests name. What needs no more than a line to forge is refused all the same: every
//! line carries a word that the runner alone was given, and a test of which nothing was told has failed.

use std::collections::HashMap;
use std::fmt::Write;

use codementor_core::Verdict;
use codementor_core::judging::{Input, Job, Limits, TestCase, TestOutcome, TestSuite};
use codementor_core::ports::JudgeError;
use codementor_core::submission::cut;
use serde::Deserialize;
use serde_json::json;

use super::start::Startable;
use super::{Shared, told};
use crate::grade::{Asked, Graded, grade};
use crate::job::TESTS_LIMIT;
use crate::run::{self, Ran};

/// A line of the runner.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    /// The learner's file does not compile.
    Compile { message: String },
    /// The tests could not be loaded.
    Broken { message: String },
    /// A test begins.
    Begin { name: String, code: String },
    /// The test that began last has ended.
    End { ok: bool, failed: bool, message: String, output: String, ms: f64 },
    /// All tests have ended.
    Done,
}

/// What the runner told.
#[derive(Debug, Default)]
struct Heard {
    cases: Vec<Case>,
    broken: Option<String>,
    is_done: bool,
}

#[derive(Debug)]
struct Case {
    case: TestCase,
    /// None of one that was cut short.
    end: Option<End>,
}

#[derive(Debug)]
struct End {
    verdict: Verdict,
    message: String,
    output: String,
    ms: f64,
}

impl Shared {
    /// Runs all tests of a file. The inner error is what the compiler says of the learner's file.
    pub(super) async fn run_cases(
        &self,
        started: &Startable<'_>,
        job: &Job,
        suite: &TestSuite,
    ) -> Result<Result<Vec<TestOutcome>, String>, JudgeError> {
        let limits = started.limits(job.limits);
        let word = word();
        let input = json!({ "word": word, "solution": suite.solution, "tests": suite.file.name });
        let ran = {
            let _permit = self.permits(1).await?;
            let input = input.to_string();
            run::run(&self.client, &started.request(limits, &[]), started.given()?, None, input.as_bytes())
                .await
                .map_err(told)?
        };
        let heard = match hear(&ran.result, &word) {
            Ok(heard) => heard,
            Err(said) => return Ok(Err(said)),
        };
        outcomes(job, heard, ran, limits).map(Ok)
    }
}

/// A word that nobody can guess.
fn word() -> String {
    let bytes: [u8; 16] = rand::random();
    bytes.iter().fold(String::new(), |mut word, byte| {
        let _ = write!(word, "{byte:02x}");
        word
    })
}

/// Reads what the runner told; of lines that are not its own nothing is believed.
fn hear(result: &[u8], word: &str) -> Result<Heard, String> {
    let mut heard = Heard::default();
    let text = String::from_utf8_lossy(result);
    let own = text.lines().filter_map(|line| line.strip_prefix(word));
    for line in own.filter_map(|line| serde_json::from_str(line).ok()) {
        match line {
            Line::Compile { message } => return Err(cut(&message)),
            Line::Broken { message } => heard.broken = Some(message),
            Line::Begin { name, code } if heard.cases.len() < TESTS_LIMIT => {
                heard.cases.push(Case { case: TestCase { name, code }, end: None });
            }
            Line::Begin { .. } => heard.broken = Some(format!("there are more than {TESTS_LIMIT} tests")),
            Line::End { ok, failed, message, output, ms } => {
                let verdict = match (ok, failed) {
                    (true, _) => Verdict::Accepted,
                    (false, true) => Verdict::WrongAnswer,
                    (false, false) => Verdict::RuntimeError,
                };
                if let Some(case) = heard.cases.last_mut().filter(|case| case.end.is_none()) {
                    case.end = Some(End { verdict, message, output, ms });
                }
            }
            Line::Done => heard.is_done = true,
        }
    }
    Ok(heard)
}

/// One outcome for each test of the job; without any, for each that was found.
fn outcomes(job: &Job, heard: Heard, ran: Ran, limits: Limits) -> Result<Vec<TestOutcome>, JudgeError> {
    let (memory_kb, stderr) = (ran.reply.memory_kb, String::from_utf8_lossy(&ran.stderr).into_owned());
    let memory_kb = u32::try_from(memory_kb).unwrap_or(u32::MAX);
    // How the process ended says why a test has not.
    let asked = Asked { index: 1, entry: &job.entry, expected: None, checker: &job.checker, limits };
    let end = match grade(asked, Ran { result: Vec::new(), ..ran }) {
        Graded::Ran(outcome) => outcome,
        Graded::Broken(reason) => return Err(JudgeError::Failed(reason)),
        Graded::NotCompiled(said) => return Err(JudgeError::Failed(said)),
    };
    // What ended the process, or what kept the tests from beginning.
    let (verdict, message) = match (end.verdict, end.message, &heard.broken) {
        (Verdict::Accepted | Verdict::RuntimeError, _, Some(broken)) => {
            (Verdict::RuntimeError, broken.clone())
        }
        (Verdict::Accepted, ..) => (Verdict::WrongAnswer, "ended before this test".to_owned()),
        (verdict, message, _) => (verdict, message.unwrap_or_default()),
    };
    let wanted: Vec<Option<TestCase>> = if job.tests.is_empty() {
        if !heard.is_done || heard.cases.is_empty() {
            return Err(JudgeError::Failed(format!(
                "the tests cannot be listed: {message}\n{}",
                cut(&stderr)
            )));
        }
        heard.cases.iter().map(|found| Some(found.case.clone())).collect()
    } else {
        let case = |input: &Input| match input {
            Input::Case(case) => Some(case.clone()),
            Input::Args(_) | Input::Stdin(_) => None,
        };
        job.tests.iter().map(|test| case(&test.input)).collect()
    };
    let mut ends: HashMap<String, Option<End>> = HashMap::new();
    for found in heard.cases {
        // A name that comes twice counts as passed when all of that name have.
        let end = found.end;
        let worst = ends.entry(found.case.name).or_insert_with(|| None);
        let is_worse = worst.as_ref().is_none_or(|known| known.verdict == Verdict::Accepted);
        if is_worse && end.is_some() {
            *worst = end;
        }
    }
    let outcome = |(index, case): (usize, Option<TestCase>)| {
        let end = case.as_ref().and_then(|case| ends.get(&case.name)).and_then(Option::as_ref);
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        TestOutcome {
            index,
            verdict: end.map_or(verdict, |end| end.verdict),
            time_ms: end.map_or(0, |end| milliseconds(end.ms)),
            memory_kb,
            actual: None,
            stdout: end.map(|end| end.output.clone()).unwrap_or_default(),
            stderr: if end.is_none() { stderr.clone() } else { String::new() },
            message: text(end.map_or(&message, |end| &end.message)),
            found: case.filter(|_| job.tests.is_empty()),
        }
    };
    Ok(wanted.into_iter().enumerate().map(outcome).collect())
}

/// The process's own word, and so within bounds whatever it says.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from floats saturate")]
fn milliseconds(ms: f64) -> u32 {
    ms.round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_with_the_word_are_believed() {
        let told = concat!(
            "w{\"event\":\"begin\",\"name\":\"a\",\"code\":\"\"}\n",
            "{\"event\":\"end\",\"ok\":true,\"failed\":false,\"message\":\"\",\"output\":\"\",\"ms\":1}\n",
            "w{\"event\":\"end\",\"ok\":false,\"failed\":true,\"message\":\"no\",\"output\":\"\",\"ms\":1e300}\n",
            "w{\"event\":\"end\",\"ok\":true,\"failed\":false,\"message\":\"\",\"output\":\"\",\"ms\":1}\n",
            "wnonsense\nx{\"event\":\"done\"}\n",
        );
        let heard = hear(told.as_bytes(), "w").unwrap();
        assert!(!heard.is_done && heard.cases.len() == 1);
        let end = heard.cases[0].end.as_ref().unwrap();
        assert_eq!((end.verdict, milliseconds(end.ms)), (Verdict::WrongAnswer, u32::MAX));
        assert!(hear(b"w{\"event\":\"compile\",\"message\":\"m\"}\n", "w").is_err());
    }
}
