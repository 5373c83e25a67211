//! A small input on which a learner's program differs from the reference.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{TestReport, cut, show_expected};
use crate::judging::{Expected, Input, TestOutcome, Verdict};

/// A fresh input that is none of the tests, and what came of it. Its texts are as bounded as those of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterexample {
    /// How the program ended on it.
    pub verdict: Verdict,
    /// What went in, as it is shown.
    pub input: String,
    /// The same as arguments, for a function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<Value>>,
    /// What the reference answers.
    pub expected: String,
    /// What the program answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// What a function printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<String>,
    /// What was written to standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<String>,
    /// Why it was not accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How many runs it took to find it.
    pub runs: u32,
    /// Whether the kind of input was guessed from the examples, so that it may break a rule of the statement.
    pub inferred: bool,
}

impl Counterexample {
    /// What a learner is told of a run on an input with this answer.
    #[must_use]
    pub fn new(input: Input, expected: &Expected, outcome: &TestOutcome, runs: u32, inferred: bool) -> Self {
        let report = TestReport::own(&input, outcome);
        Self {
            verdict: report.verdict,
            input: report.input.unwrap_or_default(),
            args: match input {
                Input::Args(args) => Some(args),
                Input::Stdin(_) | Input::Case(_) => None,
            },
            expected: cut(&show_expected(expected).unwrap_or_default()),
            actual: report.actual,
            stdout: report.stdout,
            stderr: report.stderr,
            message: report.message,
            runs,
            inferred,
        }
    }
}
