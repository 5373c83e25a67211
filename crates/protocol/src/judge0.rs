//! Bodies of the API that is compatible with Judge0: <https://ce.judge0.com>. Their names are Judge0's; times are in seconds, memory is
//! in kilobytes. What is ours alone says so.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// What a query asks for. Each is read as Judge0 reads it: what is not `true` is not.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Options {
    /// `true`: texts travel in base64, both ways.
    pub base64_encoded: Option<String>,
    /// `true`: the answer waits up to 20 s for the submission's end.
    pub wait: Option<String>,
    /// The fields that are told: a list with commas, or `*` for all.
    pub fields: Option<String>,
    /// Of a batch: at most 20, with commas.
    pub tokens: Option<String>,
    /// From 1.
    pub page: Option<String>,
    /// 1 to 100, usually 20.
    pub per_page: Option<String>,
}

/// A program to run. Texts are in base64 where the query says `base64_encoded=true`. Numbers may be given as texts.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default)]
pub struct NewSubmission {
    /// The program.
    #[schema(value_type = String)]
    pub source_code: Value,
    /// One of `GET /judge0/languages`.
    #[schema(value_type = Option<u32>)]
    pub language_id: Value,
    /// Ours: the language by its name, such as `python`, instead of `language_id`.
    #[schema(value_type = Option<String>)]
    pub language: Value,
    /// Its standard input.
    #[schema(value_type = Option<String>)]
    pub stdin: Value,
    /// What it should write; without it every program that ends well is accepted. White space at the ends of lines and of the text
    /// does not count.
    #[schema(value_type = Option<String>)]
    pub expected_output: Value,
    /// Ours: many runs of one program, which is compiled once; instead of `stdin` and `expected_output`. At most 200.
    #[schema(value_type = Option<Vec<TestInput>>)]
    pub tests: Value,
    /// Ours: whether tests after one that is not accepted are left out.
    #[schema(value_type = Option<bool>)]
    pub stop_on_failure: Value,
    /// Processor time in seconds, of all processes together.
    #[schema(value_type = Option<f64>)]
    pub cpu_time_limit: Value,
    /// Taken and told, without an effect: a program is killed when its time is up.
    #[schema(value_type = Option<f64>)]
    pub cpu_extra_time: Value,
    /// Time on the clock in seconds. It is twice the processor time and half a second; a shorter one lowers both.
    #[schema(value_type = Option<f64>)]
    pub wall_time_limit: Value,
    /// Memory in kilobytes, of all processes together. A runtime that does not start with so little gets what it needs to.
    #[schema(value_type = Option<f64>)]
    pub memory_limit: Value,
    /// Taken and told, without an effect: the stack counts as memory.
    #[schema(value_type = Option<u32>)]
    pub stack_limit: Value,
    /// Taken and told, without an effect: the sandbox has its own bound.
    #[schema(value_type = Option<u32>)]
    pub max_processes_and_or_threads: Value,
    /// Taken and told, without an effect: the sandbox has its own bound, 1 MiB for an output.
    #[schema(value_type = Option<u32>)]
    pub max_file_size: Value,
    /// Only 1.
    #[schema(value_type = Option<u32>)]
    pub number_of_runs: Value,
    /// Only false.
    #[schema(value_type = Option<bool>)]
    pub enable_per_process_and_thread_time_limit: Value,
    /// Only false.
    #[schema(value_type = Option<bool>)]
    pub enable_per_process_and_thread_memory_limit: Value,
    /// Only false.
    #[schema(value_type = Option<bool>)]
    pub redirect_stderr_to_stdout: Value,
    /// Only false.
    #[schema(value_type = Option<bool>)]
    pub enable_network: Value,
    /// Only empty.
    #[schema(value_type = Option<String>)]
    pub compiler_options: Value,
    /// Only empty.
    #[schema(value_type = Option<String>)]
    pub command_line_arguments: Value,
    /// Only empty.
    #[schema(value_type = Option<String>)]
    pub additional_files: Value,
    /// Where the finished submission is sent by `PUT`, with its default fields and in base64. Its host must be one that the operator
    /// allows. `x-codementor-signature` is `sha256=` and the HMAC-SHA256 of the body in hexadecimal, with the secret of
    /// `GET /judge0/callback_secret`.
    #[schema(value_type = Option<String>)]
    pub callback_url: Value,
}

/// Ours: one of the runs of a submission.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default)]
pub struct TestInput {
    /// The program's standard input.
    #[schema(value_type = Option<String>)]
    pub stdin: Value,
    /// What it should write.
    #[schema(value_type = Option<String>)]
    pub expected_output: Value,
}

/// Several programs to run.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewBatch {
    /// 1 to 20.
    pub submissions: Vec<NewSubmission>,
}

/// A submission. Which of the fields are told is asked by `fields`: a list, or `*` for all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[derive(Default)]
pub struct Submission {
    /// Its token.
    pub token: String,
    /// The program.
    pub source_code: String,
    /// Its language.
    pub language_id: u32,
    /// Its language.
    pub language: Named,
    /// Its standard input.
    pub stdin: Option<String>,
    /// What it should have written.
    pub expected_output: Option<String>,
    /// What it wrote. What is not UTF-8 comes as U+FFFD.
    pub stdout: Option<String>,
    /// What it wrote to standard error.
    pub stderr: Option<String>,
    /// What the compiler said.
    pub compile_output: Option<String>,
    /// Why it did not end well.
    pub message: Option<String>,
    /// Its exit code.
    pub exit_code: Option<i32>,
    /// The signal that killed it.
    pub exit_signal: Option<i32>,
    /// How it stands.
    pub status: Status,
    /// How it stands.
    pub status_id: u32,
    /// When it was handed in.
    pub created_at: String,
    /// When it was finished.
    pub finished_at: Option<String>,
    /// Processor time in seconds, as a text; of several tests the longest.
    pub time: Option<String>,
    /// Not measured.
    pub wall_time: Option<String>,
    /// Memory in kilobytes; of several tests the most.
    pub memory: Option<u32>,
    /// As asked for.
    pub cpu_time_limit: f64,
    /// As asked for.
    pub cpu_extra_time: f64,
    /// As asked for.
    pub wall_time_limit: f64,
    /// As asked for.
    pub memory_limit: f64,
    /// As asked for.
    pub stack_limit: u32,
    /// As asked for.
    pub max_processes_and_or_threads: u32,
    /// As asked for.
    pub max_file_size: u32,
    /// Always 1.
    pub number_of_runs: u32,
    /// Always false.
    pub enable_per_process_and_thread_time_limit: bool,
    /// Always false.
    pub enable_per_process_and_thread_memory_limit: bool,
    /// Always false.
    pub redirect_stderr_to_stdout: bool,
    /// Always false.
    pub enable_network: bool,
    /// Always null.
    pub compiler_options: Option<String>,
    /// Always null.
    pub command_line_arguments: Option<String>,
    /// Always null.
    pub additional_files: Option<String>,
    /// Where the end is told.
    pub callback_url: Option<String>,
    /// Ours: our word for how it ended, such as `memory_limit_exceeded`.
    pub verdict: Option<String>,
    /// Ours: the runs made, where `tests` were handed in; in their order, fewer after a stop, none when it does not compile.
    pub tests: Option<Vec<TestResult>>,
}

/// Ours: how one of the runs of a submission ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TestResult {
    /// How it ended.
    pub status: Status,
    /// What it wrote.
    pub stdout: Option<String>,
    /// What it wrote to standard error.
    pub stderr: Option<String>,
    /// Why it did not end well.
    pub message: Option<String>,
    /// Its exit code.
    pub exit_code: Option<i32>,
    /// The signal that killed it.
    pub exit_signal: Option<i32>,
    /// Processor time in seconds, as a text.
    pub time: Option<String>,
    /// Memory in kilobytes.
    pub memory: Option<u32>,
    /// Our word for how it ended.
    pub verdict: String,
    /// Whether the outputs are left out, because all of them together are more than 4 MiB.
    pub truncated: bool,
}

/// How a submission stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// 1 to 14.
    pub id: u32,
    /// In words.
    pub description: String,
}

/// A language by number and name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Named {
    /// Its number.
    pub id: u32,
    /// Its name and version.
    pub name: String,
}

/// A token to ask for a submission with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// The token.
    pub token: String,
}

/// Several submissions; what is not yours or not there is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Batch {
    /// In the order of the tokens.
    pub submissions: Vec<Option<Submission>>,
}

/// A page of your submissions, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Listing {
    /// The page.
    pub submissions: Vec<Submission>,
    /// Where it stands.
    pub meta: Meta,
}

/// Where a page stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Meta {
    /// From 1.
    pub current_page: u64,
    /// The next one, if any.
    pub next_page: Option<u64>,
    /// The one before, if any.
    pub prev_page: Option<u64>,
    /// How many pages there are.
    pub total_pages: u64,
    /// How many submissions there are.
    pub total_count: u64,
}

/// An error, but for wrong fields: those are told as an object from the field's name to a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// For people.
    pub error: String,
    /// Ours: stable, for programs.
    pub code: String,
}

/// A language installed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Language {
    /// Judge0's number: 50 C, 54 C++, 60 Go, 62 Java, 63 JavaScript, 71 Python, 73 Rust, 74 TypeScript.
    pub id: u32,
    /// Its name and version.
    pub name: String,
    /// Always false.
    pub is_archived: bool,
    /// Ours: its name in the rest of this API.
    pub language: String,
}

/// What this server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct About {
    /// The version of Judge0 whose API this is.
    pub version: String,
    /// Ours: what answers.
    pub implementation: Implementation,
}

/// Ours: what answers in Judge0's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Implementation {
    /// `codementor`
    pub name: String,
    /// Its version.
    pub version: String,
    /// How many tests a submission may have.
    pub tests: usize,
}

/// Ours: what callbacks to you are signed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallbackSecret {
    /// The key of the HMAC-SHA256: these characters, as they are. It changes only with the server's signing key.
    pub secret: String,
    /// The header that has the signature.
    pub header: String,
}
