//! What the judge is asked and what it answers. How it runs code is the judge crate's business.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::Language;
use crate::json_text;
use crate::value_type::ValueType;

/// How a test or a whole submission ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Right.
    Accepted,
    /// Ran to its end and was wrong.
    WrongAnswer,
    /// Used more CPU or wall time than allowed.
    TimeLimitExceeded,
    /// Used more memory than allowed.
    MemoryLimitExceeded,
    /// Wrote more than allowed.
    OutputLimitExceeded,
    /// Ended by an exception, a signal or a non-zero exit code.
    RuntimeError,
    /// Did not compile or parse.
    CompileError,
    /// The judge failed, not the program. Never the learner's fault.
    InternalError,
}

impl Verdict {
    /// The word on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::WrongAnswer => "wrong_answer",
            Self::TimeLimitExceeded => "time_limit_exceeded",
            Self::MemoryLimitExceeded => "memory_limit_exceeded",
            Self::OutputLimitExceeded => "output_limit_exceeded",
            Self::RuntimeError => "runtime_error",
            Self::CompileError => "compile_error",
            Self::InternalError => "internal_error",
        }
    }
}

/// Limits of one test run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// CPU time in milliseconds, of all processes together. Wall time is limited to twice this plus half a second.
    pub time_ms: u32,
    /// Memory in KiB, of all processes together.
    pub memory_kb: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time_ms: 2_000, memory_kb: 128 * 1024 }
    }
}

/// How an answer is compared with the expected one. The native challenge format defines each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Checker {
    /// The same JSON value, or the same bytes.
    Exact,
    /// The same lines, but for white space at line ends and blank lines at the end.
    Lines,
    /// The same words.
    Tokens,
    /// The same elements of the outermost list in any order.
    Unordered,
    /// The same lines in any order.
    Sorted,
    /// As exact (values) or tokens (text), with numbers within a tolerance.
    Float(Tolerance),
    /// As the default output validator of the problem package format has it.
    Validator(ValidatorOptions),
    /// A program decides, when the learner's program has ended.
    Program(Arc<CheckerProgram>),
    /// A program speaks with the learner's program while both run, and decides.
    Interactive(Arc<CheckerProgram>),
}

/// How far a number may be from the expected one. It is near enough when it is near enough in one of the two ways; without any it
/// must be the same.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Tolerance {
    /// The largest difference.
    pub absolute: Option<f64>,
    /// The largest difference as a part of the expected number.
    pub relative: Option<f64>,
}

impl Tolerance {
    /// The same tolerance in both ways.
    #[must_use]
    pub fn both(tolerance: f64) -> Self {
        Self { absolute: Some(tolerance), relative: Some(tolerance) }
    }
}

/// The options of the default output validator: <https://icpc.io/problem-package-format/spec/2025-09.html#default-output-validator-specification>.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ValidatorOptions {
    /// Upper and lower case are different.
    pub case_sensitive: bool,
    /// White space counts.
    pub space_sensitive: bool,
    /// Of words that are floating-point numbers in the expected answer.
    pub tolerance: Tolerance,
}

/// A teacher's program that decides whether an answer is right. It is run in a box, too: with `judge.in` (the test's input),
/// `judge.ans` (the expected answer), the folder `feedback/` and the arguments on its command line and the learner's output on its
/// standard input. It ends with 42 (right) or 43 (wrong), and may write `feedback/teammessage.txt` for the learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckerProgram {
    /// In which it is written.
    pub language: Language,
    /// Its main file.
    pub source: String,
    /// Files beside it, such as headers.
    pub files: Vec<SourceFile>,
    /// What follows on its command line.
    pub arguments: Vec<String>,
}

/// A file beside the one that is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its name, without any folder.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// A file of tests, in the style of the language's usual test library. Whoever sees the challenge may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestSuite {
    /// Under which name the tests load the learner's file.
    pub solution: String,
    /// The file with the tests.
    pub file: SourceFile,
    /// Other files that the tests load.
    pub others: Vec<SourceFile>,
}

/// How the program is entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// A whole program.
    Program,
    /// A function of this name, called with the test's arguments.
    Function {
        /// An identifier in the language.
        name: String,
        /// What it takes and returns, for languages in which a call needs to know.
        types: Option<Types>,
    },
    /// A file that tests load. All tests run in one go; those of the job say which must be there.
    Tests(Arc<TestSuite>),
}

/// What a function takes and returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Types {
    /// One for each parameter.
    pub parameters: Vec<ValueType>,
    /// Of what it returns.
    pub returns: ValueType,
}

/// What goes into one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// Arguments of a function.
    Args(#[serde(with = "json_text")] Vec<Value>),
    /// Standard input of a program.
    Stdin(String),
    /// One test of a file of tests.
    Case(TestCase),
}

/// A test of a file of tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCase {
    /// Its name: class and method, or the descriptions around it.
    pub name: String,
    /// What it does, to be shown.
    pub code: String,
}

/// What must come out of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Expected {
    /// The value a function returns.
    Value(#[serde(with = "json_text")] Value),
    /// What a program writes.
    Stdout(String),
    /// That the test does not fail.
    Pass,
}

/// One run of a job. Without an expected answer a run that ends well is accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobTest {
    /// What goes in.
    pub input: Input,
    /// What must come out; it never enters the sandbox.
    pub expected: Option<Expected>,
}

/// Whether tests after a failed one are run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopPolicy {
    /// Run every test.
    Never,
    /// Stop at the first test that is not accepted.
    FirstFailure,
    /// After a test that is not accepted leave out the rest of its group. One number for each test.
    FirstFailureOfGroup(Vec<usize>),
}

/// One program and the runs it must stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The language of `source`.
    pub language: Language,
    /// The learner's file, untrusted.
    pub source: String,
    /// How it is entered.
    pub entry: Entry,
    /// The runs, in order. Of a file of tests without any here all are run, and told with what was found.
    pub tests: Vec<JobTest>,
    /// Limits of each run.
    pub limits: Limits,
    /// How answers are compared.
    pub checker: Checker,
    /// Whether to go on after a failure.
    pub stop: StopPolicy,
}

/// How one run ended. Texts are valid UTF-8, lossily decoded, and cut at the judge's output limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestOutcome {
    /// Which test of the job, from 0.
    pub index: usize,
    /// How it ended.
    pub verdict: Verdict,
    /// CPU time used, in milliseconds.
    pub time_ms: u32,
    /// Peak memory, in KiB.
    pub memory_kb: u32,
    /// The value returned, as JSON text; for a program what it wrote. `None` when there is none.
    pub actual: Option<String>,
    /// What was written to standard output.
    pub stdout: String,
    /// What was written to standard error.
    pub stderr: String,
    /// Why it was not accepted, in words for the learner: an exception's name, a signal's, a limit, what a checker says.
    pub message: Option<String>,
    /// The test of a file of tests, when the job named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<TestCase>,
}

/// How a whole job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The first verdict that is not accepted, else accepted.
    pub verdict: Verdict,
    /// What the compiler or parser said, when it said anything.
    pub compile_output: Option<String>,
    /// The runs made, in order; fewer than asked after a stop, none after a compile error.
    pub tests: Vec<TestOutcome>,
}

impl Judgement {
    /// CPU time of the slowest run, in milliseconds.
    #[must_use]
    pub fn time_ms(&self) -> u32 {
        self.tests.iter().map(|test| test.time_ms).max().unwrap_or(0)
    }

    /// Peak memory of the largest run, in KiB.
    #[must_use]
    pub fn memory_kb(&self) -> u32 {
        self.tests.iter().map(|test| test.memory_kb).max().unwrap_or(0)
    }
}

/// A language the judge can run here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageInfo {
    /// Its name in the API.
    pub id: Language,
    /// Its name for people.
    pub name: String,
    /// What the toolchain says of itself, such as `3.11.7`.
    pub version: String,
}

/// One layer of the sandbox and whether it is active on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// Such as `pid namespace` or `memory cgroup`.
    pub name: String,
    /// Whether it is active.
    pub active: bool,
    /// What is used instead, or how to get it.
    pub note: String,
}
