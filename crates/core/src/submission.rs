//! A solution handed in, from the queue to its verdict.

use serde::{Deserialize, Serialize};

use crate::challenge::{Challenge, Group, Test, show_value};
use crate::id::{ChallengeId, Language, SubmissionId, UserId};
use crate::judging::{Entry, Expected, Input, Judgement, TestOutcome, Verdict};
use crate::time::Timestamp;

/// The largest source file a learner may hand in, in bytes.
pub const MAX_SOURCE_BYTES: usize = 64 * 1024;

/// The longest input, expected or actual value kept in a report, in bytes. Longer ones are cut with a mark.
pub const MAX_SHOWN_BYTES: usize = 4 * 1024;

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubmissionStatus {
    /// Waiting for a worker.
    Queued,
    /// With a worker.
    Running,
    /// Judged, once and for all.
    Finished,
}

impl SubmissionStatus {
    /// The word on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
        }
    }
}

/// What a learner is told of one test. Of a hidden test only that it was there, how it ended and what it cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestReport {
    /// The test's name; `hidden 1`, `hidden 2`… for hidden ones.
    pub name: String,
    /// How it ended.
    pub verdict: Verdict,
    /// CPU time in milliseconds.
    pub time_ms: u32,
    /// Peak memory in KiB.
    pub memory_kb: u32,
    /// Whether input and answers are kept from the learner.
    pub hidden: bool,
    /// The group it counts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What went in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// What should have come out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What came out.
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
}

/// The result of judging, ready to be stored and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The verdict of the whole.
    pub verdict: Verdict,
    /// Passed tests in percent of all tests, or the points of groups that passed in percent of all points, rounded down; 100 means all.
    pub score: u8,
    /// One row a test that ran.
    pub tests: Vec<TestReport>,
    /// How many tests there are, including those not run.
    pub total_tests: u32,
    /// What the compiler said.
    pub compile_output: Option<String>,
    /// CPU time of the slowest test in milliseconds.
    pub time_ms: u32,
    /// Peak memory of the largest test in KiB.
    pub memory_kb: u32,
}

/// A submission as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// Whose it is.
    pub user_id: UserId,
    /// For which challenge.
    pub challenge_id: ChallengeId,
    /// In which language.
    pub language: Language,
    /// The learner's file.
    pub code: String,
    /// Where it stands.
    pub status: SubmissionStatus,
    /// The result once finished.
    pub report: Option<Report>,
    /// A small input on which it differs from the reference, when one was found.
    pub counterexample: Option<Counterexample>,
    /// XP this submission brought.
    pub xp_awarded: u32,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// When it was judged.
    pub finished_at: Option<Timestamp>,
}

mod counterexample;

pub use counterexample::Counterexample;

impl TestReport {
    /// What the learner is told of `outcome`. `hidden_before` counts the hidden tests before this one.
    #[must_use]
    pub fn new(test: &Test, outcome: &TestOutcome, hidden_before: usize) -> Self {
        let bare = Self {
            name: format!("hidden {}", hidden_before + 1),
            verdict: outcome.verdict,
            time_ms: outcome.time_ms,
            memory_kb: outcome.memory_kb,
            hidden: true,
            group: test.group.clone(),
            input: None,
            expected: None,
            actual: None,
            stdout: None,
            stderr: None,
            message: None,
        };
        if !test.example {
            return bare;
        }
        Self {
            name: test.name.clone(),
            hidden: false,
            input: Some(cut(&show_input(&test.input))),
            expected: show_expected(&test.expected).as_deref().map(cut),
            ..bare
        }
        .with_output(outcome, !matches!(test.expected, Expected::Stdout(_)))
    }

    /// What the learner is told of a run on their own input.
    #[must_use]
    pub fn own(input: &Input, outcome: &TestOutcome) -> Self {
        Self {
            name: "your input".to_owned(),
            verdict: outcome.verdict,
            time_ms: outcome.time_ms,
            memory_kb: outcome.memory_kb,
            hidden: false,
            group: None,
            input: Some(cut(&show_input(input))),
            expected: None,
            actual: None,
            stdout: None,
            stderr: None,
            message: None,
        }
        .with_output(outcome, matches!(input, Input::Args(_)))
    }

    fn with_output(mut self, outcome: &TestOutcome, is_function: bool) -> Self {
        let text = |text: &str| (!text.is_empty()).then(|| cut(text));
        self.actual = outcome
            .actual
            .as_deref()
            .map(|actual| cut(&if is_function { respell(actual) } else { actual.into() }));
        // A program's standard output is its answer already.
        self.stdout = if is_function { text(&outcome.stdout) } else { None };
        self.stderr = text(&outcome.stderr);
        self.message = outcome.message.as_deref().map(cut);
        self
    }
}

impl Report {
    /// The report on judging `challenge` as a whole or on its examples only: `tests` are those of the job, in its order.
    #[must_use]
    pub fn new(tests: &[&Test], judgement: &Judgement) -> Self {
        // Some may have been left out.
        let ran = judgement.tests.iter().filter_map(|outcome| Some((tests.get(outcome.index)?, outcome)));
        let hidden_before = |at: usize| tests[..at].iter().filter(|test| !test.example).count();
        let rows = ran.map(|(test, outcome)| TestReport::new(test, outcome, hidden_before(outcome.index)));
        Self::of_rows(rows.collect(), tests.len(), judgement)
    }

    /// The report on judging all tests of `challenge`, with its points.
    #[must_use]
    pub fn whole(challenge: &Challenge, judgement: &Judgement) -> Self {
        let report = Self::new(&challenge.tests.iter().collect::<Vec<_>>(), judgement);
        let accepted = |at| {
            judgement.tests.iter().any(|outcome| outcome.index == at && outcome.verdict == Verdict::Accepted)
        };
        let has_passed = |group: &&Group| {
            let own = challenge
                .tests
                .iter()
                .enumerate()
                .filter(|(_, test)| test.group.as_ref() == Some(&group.name));
            own.into_iter().all(|(at, _)| accepted(at))
        };
        let points = |groups: &mut dyn Iterator<Item = &Group>| {
            groups.map(|group| u64::from(group.points)).sum::<u64>()
        };
        let earned = points(&mut challenge.groups.iter().filter(has_passed));
        match (earned * 100).checked_div(points(&mut challenge.groups.iter())) {
            Some(score) => Self { score: u8::try_from(score).unwrap_or(100), ..report },
            None => report,
        }
    }

    /// The report on a run with the learner's own input.
    #[must_use]
    pub fn own(input: &Input, judgement: &Judgement) -> Self {
        let rows = judgement.tests.iter().map(|outcome| TestReport::own(input, outcome)).collect();
        Self::of_rows(rows, 1, judgement)
    }

    /// The report when the judge itself failed.
    #[must_use]
    pub fn internal_error(total_tests: usize) -> Self {
        let judgement =
            Judgement { verdict: Verdict::InternalError, compile_output: None, tests: Vec::new() };
        Self::of_rows(Vec::new(), total_tests, &judgement)
    }

    fn of_rows(tests: Vec<TestReport>, total: usize, judgement: &Judgement) -> Self {
        let passed = tests.iter().filter(|test| test.verdict == Verdict::Accepted).count();
        let score = (passed * 100).checked_div(total).unwrap_or(0);
        Self {
            verdict: judgement.verdict,
            score: u8::try_from(score).unwrap_or(100),
            tests,
            total_tests: u32::try_from(total).unwrap_or(u32::MAX),
            compile_output: judgement.compile_output.as_deref().map(cut),
            time_ms: judgement.time_ms(),
            memory_kb: judgement.memory_kb(),
        }
    }
}

/// The tests of `challenge` that are shown.
#[must_use]
pub fn examples(challenge: &Challenge) -> Vec<&Test> {
    challenge.tests.iter().filter(|test| test.example).collect()
}

/// An input as the learner sees it: arguments separated by commas, or the text.
#[must_use]
pub fn show_input(input: &Input) -> String {
    match input {
        Input::Args(args) => args.iter().map(show_value).collect::<Vec<_>>().join(", "),
        Input::Stdin(text) => text.clone(),
        Input::Case(case) => case.code.clone(),
    }
}

/// An expected answer as the learner sees it; a test that says itself what is right has none.
#[must_use]
pub fn show_expected(expected: &Expected) -> Option<String> {
    match expected {
        Expected::Value(value) => Some(show_value(value)),
        Expected::Stdout(text) => Some(text.clone()),
        Expected::Pass => None,
    }
}

/// A returned value in the spelling of expected ones, so that equal values look equal.
fn respell(json: &str) -> String {
    serde_json::from_str(json).map_or_else(|_| json.to_owned(), |value| show_value(&value))
}

/// Cuts the texts of an outcome to what is shown of them, for a judge that holds many. A report on it is the same as before.
pub fn shorten(outcome: &mut TestOutcome, entry: &Entry) {
    let is_value = matches!(entry, Entry::Function { .. });
    if let Some(actual) = outcome.actual.as_mut().filter(|actual| actual.len() > MAX_SHOWN_BYTES) {
        *actual = cut(&if is_value { respell(actual) } else { actual.clone() });
    }
    for text in [Some(&mut outcome.stdout), Some(&mut outcome.stderr), outcome.message.as_mut()] {
        if let Some(text) = text.filter(|text| text.len() > MAX_SHOWN_BYTES) {
            *text = cut(text);
        }
    }
}

/// What a cut text ends with.
const MARK: (&str, &str) = ("… (", " bytes in all)");

/// Cuts a text at [`MAX_SHOWN_BYTES`], at a character's boundary, and says so. Cutting twice is the same as cutting once.
#[must_use]
pub fn cut(text: &str) -> String {
    if text.len() <= MAX_SHOWN_BYTES || is_cut(text) {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(MAX_SHOWN_BYTES);
    format!("{}{}{}{}", &text[..end], MARK.0, text.len(), MARK.1)
}

/// Whether a text has been cut: no longer than a cut one, and with the mark. A learner who writes the mark shows a few bytes more.
fn is_cut(text: &str) -> bool {
    let rest = text.strip_suffix(MARK.1).and_then(|text| text.rsplit_once(MARK.0));
    rest.is_some_and(|(kept, number)| {
        kept.len() <= MAX_SHOWN_BYTES
            && number.len() <= 20
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(actual: String, stdout: String) -> TestOutcome {
        let (stderr, message) = ("é".repeat(9_999), Some("m".repeat(1 << 20)));
        let verdict = Verdict::RuntimeError;
        TestOutcome {
            index: 0,
            verdict,
            time_ms: 1,
            memory_kb: 1,
            actual: Some(actual),
            stdout,
            stderr,
            message,
            found: None,
        }
    }

    #[test]
    fn shortening_changes_no_report() {
        let list = format!("[{}1]", "1,".repeat(3_000));
        let text = "x".repeat(10_000);
        let function = || (Input::Args(Vec::new()), Entry::Function { name: "f".to_owned(), types: None });
        let program = || (Input::Stdin(String::new()), Entry::Program);
        for ((input, entry), mut outcome) in [
            (function(), outcome(list.clone(), text.clone())),
            (function(), outcome(list.clone(), list.clone())),
            (function(), outcome("[1,2]".to_owned(), "short".to_owned())),
            (program(), outcome(text.clone(), text.clone())),
            (program(), outcome(list.clone(), list)),
        ] {
            let whole = TestReport::own(&input, &outcome);
            shorten(&mut outcome, &entry);
            assert_eq!(TestReport::own(&input, &outcome), whole);
            shorten(&mut outcome, &entry);
            assert_eq!(TestReport::own(&input, &outcome), whole);
            let shown = [whole.actual, whole.stdout, whole.stderr, whole.message];
            assert!(shown.into_iter().flatten().all(|text| text.len() <= MAX_SHOWN_BYTES + 40));
        }
    }

    #[test]
    fn a_forged_mark_hides_nothing_from_the_cut() {
        let long = format!("{}… (1 bytes in all)", "x".repeat(5_000));
        assert!(cut(&long).len() < 4_200);
        let short = format!("{}… (7000 bytes in all)", "x".repeat(MAX_SHOWN_BYTES));
        assert_eq!(cut(&short), short);
    }
}
