//! Running and handing in code.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::common::Verdict;

/// `POST /api/challenges/{id}/run`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunRequest {
    /// Such as `python`.
    pub language: String,
    /// The learner's file, at most 64 KiB.
    pub code: String,
    /// The learner's own input instead of the examples; then nothing is expected.
    #[serde(default)]
    pub input: Option<OwnInput>,
    /// Any text of up to 64 characters; when given, each finished test is also sent over the user's socket as `run-update` with it.
    #[serde(default)]
    pub run_id: Option<String>,
}

/// An input of the learner's own: `args` for a function, `stdin` for a program.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct OwnInput {
    /// Arguments of the function, as JSON values.
    #[serde(default)]
    pub args: Option<Vec<Value>>,
    /// Standard input of the program.
    #[serde(default)]
    pub stdin: Option<String>,
}

/// The answer to a run: as a submission, but nothing is stored and nothing earned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunResult {
    /// The first verdict that is not accepted, else accepted. With an own input accepted means: ran to its end.
    pub verdict: Verdict,
    /// Passed tests in percent.
    pub score: u8,
    /// One row a test.
    pub tests: Vec<TestReport>,
    /// What the compiler or parser said.
    #[schema(required)]
    pub compile_output: Option<String>,
    /// CPU time of the slowest test in milliseconds.
    pub time_ms: u32,
    /// Peak memory in KiB.
    pub memory_kb: u32,
}

/// `POST /api/challenges/{id}/submit`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubmitRequest {
    /// Such as `python`.
    pub language: String,
    /// The learner's file, at most 64 KiB.
    pub code: String,
}

/// Query of submit.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubmitQuery {
    /// `true`: answer with the finished submission instead of its id.
    pub wait: Option<bool>,
}

/// The answer to a submit that does not wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionAccepted {
    /// Its id, for `GET /api/submissions/{id}` and the events `submission-update`.
    pub submission_id: String,
}

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SubmissionStatus {
    /// Waiting.
    Queued,
    /// Being judged.
    Running,
    /// Judged.
    Finished,
}

/// One test of a run or submission. Hidden tests show only name, verdict, time and memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TestReport {
    /// The test's name, or `hidden N`.
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

/// A fresh input, none of the tests, on which a program differs from the reference: the smallest that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Counterexample {
    /// How the program ended on it.
    pub verdict: Verdict,
    /// What went in.
    pub input: String,
    /// The same as arguments, for a function.
    #[schema(required)]
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
    /// Whether the kind of input was guessed from the examples; it may then break a rule of the statement.
    pub inferred: bool,
}

/// A submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Submission {
    /// Its id.
    pub id: String,
    /// For which challenge.
    pub challenge_id: String,
    /// In which language.
    pub language: String,
    /// The learner's file.
    pub code: String,
    /// Where it stands.
    pub status: SubmissionStatus,
    /// The result, once finished.
    #[schema(required)]
    pub verdict: Option<Verdict>,
    /// Passed tests in percent, once finished.
    #[schema(required)]
    pub score: Option<u8>,
    /// One row a test that ran; judging stops at the first failure.
    pub tests: Vec<TestReport>,
    /// How many tests there are in all.
    pub total_tests: u32,
    /// What the compiler or parser said.
    #[schema(required)]
    pub compile_output: Option<String>,
    /// CPU time of the slowest test in milliseconds.
    pub time_ms: u32,
    /// Peak memory in KiB.
    pub memory_kb: u32,
    /// A small input on which a failed submission differs from the reference. It is looked for after the verdict, so it comes later, by
    /// the event `counterexample-update` too; not every failure has one.
    #[schema(required)]
    pub counterexample: Option<Counterexample>,
    /// XP this submission brought; 0 when the challenge was solved before.
    pub xp_awarded: u32,
    /// Achievements it brought.
    pub achievements: Vec<String>,
    /// Quality analysis, when there is one.
    #[schema(required)]
    pub analysis: Option<Value>,
    /// The tutor's feedback, when there is some.
    #[schema(required)]
    pub feedback: Option<Value>,
    /// When it was handed in.
    pub created_at: String,
    /// When it was judged.
    #[schema(required)]
    pub finished_at: Option<String>,
}

/// Query of `GET /api/submissions`
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubmissionQuery {
    /// Only those for this challenge.
    pub challenge_id: Option<String>,
    /// Whose, by name; mentors and admins only. Default: one's own.
    pub username: Option<String>,
    /// Page size, 1 to 100, default 20.
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}
