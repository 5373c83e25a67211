//! What of a job can be wrong before anything runs.

use codementor_core::judging::{Checker, Entry, Input, Job, JobTest};
use codementor_core::ports::JudgeError;

use crate::wire::MAX_GIVEN;

/// A longer source is a compile error, in bytes. Learners' files are bounded more narrowly; what calls a function may stand around one.
pub const SOURCE_LIMIT: usize = 192 * 1024;
/// A job with more tests is refused.
pub const TESTS_LIMIT: usize = 200;
/// A test with a longer input is refused, in bytes.
pub const INPUT_LIMIT: usize = 8 * 1024 * 1024;

/// A program or a file of tests with more files beside it is refused. Two more are a checker's input and answer.
const MAX_FILES: usize = MAX_GIVEN - 3;

/// Whether a job can be judged at all.
pub(crate) fn check_job(job: &Job) -> Result<(), JudgeError> {
    if job.tests.is_empty() && !matches!(job.entry, Entry::Tests(_)) {
        // Nothing run must never mean accepted.
        return Err(JudgeError::Failed("a job without tests".to_owned()));
    }
    if job.tests.len() > TESTS_LIMIT {
        return Err(JudgeError::Failed(format!("more than {TESTS_LIMIT} tests")));
    }
    let identifier = |name: &str| {
        let head = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
        (1..=100).contains(&name.len())
            && name.starts_with(head)
            && name.chars().all(|c| head(c) || c.is_ascii_digit())
    };
    match &job.entry {
        // The name becomes part of a program.
        Entry::Function { name, .. } if !identifier(name) => {
            Err(JudgeError::Failed(format!("{name:?} is no name of a function")))
        }
        Entry::Tests(suite) => {
            let all = [&suite.file].into_iter().chain(&suite.others).map(|file| file.name.as_str());
            check_names(&all.chain([suite.solution.as_str()]).collect::<Vec<_>>())
        }
        Entry::Function { .. } | Entry::Program => match &job.checker {
            Checker::Program(program) | Checker::Interactive(program) => {
                check_names(&program.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>())
            }
            _ => Ok(()),
        },
    }
}

/// Whether files can lie beside each other in a box.
fn check_names(names: &[&str]) -> Result<(), JudgeError> {
    if names.len() > MAX_FILES {
        return Err(JudgeError::Failed(format!("more than {MAX_FILES} files")));
    }
    let is_plain = |name: &str| {
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        (1..=100).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && name.chars().all(rest)
    };
    match names.iter().enumerate().find(|(at, name)| !is_plain(name) || names[..*at].contains(name)) {
        Some((_, name)) => Err(JudgeError::Failed(format!("{name:?} is no name of a file, or comes twice"))),
        None => Ok(()),
    }
}

/// What a test's program reads.
pub(crate) fn input_of(job: &Job, test: &JobTest) -> Result<Vec<u8>, JudgeError> {
    let input = match (&job.entry, &test.input) {
        (Entry::Function { .. }, Input::Args(values)) => {
            serde_json::to_vec(values).map_err(|error| JudgeError::Failed(error.to_string()))?
        }
        (Entry::Program, Input::Stdin(text)) => text.clone().into_bytes(),
        _ => return Err(JudgeError::Failed("a test's input does not fit the entry".to_owned())),
    };
    if input.len() > INPUT_LIMIT {
        return Err(JudgeError::Failed(format!("a test's input is longer than {} MiB", INPUT_LIMIT >> 20)));
    }
    Ok(input)
}
