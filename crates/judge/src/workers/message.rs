//! What is said on the socket.

use std::borrow::Cow;

use codementor_core::judging::{Job, Judgement, LanguageInfo, Protection, TestOutcome};
use codementor_core::ports::{Judge, JudgeError};
use serde::{Deserialize, Serialize};

/// No first message is longer, and no state, in bytes.
pub(super) const MAX_GREETING: usize = 64 * 1024;
/// No job is longer, in bytes. A challenge's files are far below, whatever has to be escaped in them.
pub(super) const MAX_JOB: usize = 64 << 20;
/// Nothing that a worker says is longer, in bytes: two outputs of 1 MiB and an answer, were they all control characters.
pub(super) const MAX_ANSWER: usize = 32 << 20;

/// Why a worker cannot judge is told in no more bytes.
const MAX_FAULT: usize = 1_000;

/// What the side with the queue says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToWorker<'a> {
    /// The greeting is answered; jobs may follow.
    Welcome,
    /// It is not let in, and why.
    Refused(String),
    /// The answer to [`FromWorker::Look`].
    Seen {
        /// How many are connected.
        workers: usize,
        /// How many programs those judge at once.
        places: usize,
    },
    /// A program to judge.
    Job {
        /// Not in use on this connection.
        id: u64,
        /// Whether somebody wants to hear of each run.
        with_progress: bool,
        /// What to judge.
        job: Cow<'a, Job>,
    },
    /// The answer to [`FromWorker::Leaving`]: no more jobs follow.
    Farewell,
    /// Nobody wants to know any more. It is answered by [`FromWorker::HandedBack`], unless the program has ended in between.
    Cancel {
        /// Which job.
        id: u64,
    },
}

/// What a worker says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromWorker {
    /// The first message of a worker.
    Hello {
        /// [`super::PROTOCOL`].
        protocol: u32,
        /// Its process, for people.
        pid: u32,
        /// How many programs it judges at once.
        places: usize,
        /// What it can do now.
        state: State,
    },
    /// The first and only message of one who wants to know who is there.
    Look {
        /// [`super::PROTOCOL`].
        protocol: u32,
    },
    /// It lives.
    Beat,
    /// It can do something else than before.
    State(State),
    /// A run of a job has ended.
    Outcome {
        /// Which job.
        id: u64,
        /// How.
        outcome: TestOutcome,
    },
    /// A job has ended.
    Done {
        /// Which.
        id: u64,
        /// How.
        result: Result<Judgement, JudgeError>,
    },
    /// A job was not judged to its end: it was cancelled, or the worker leaves.
    HandedBack {
        /// Which.
        id: u64,
    },
    /// It takes no more jobs, and goes when those it has are done. It is answered by [`ToWorker::Farewell`].
    Leaving,
}

/// What a worker can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// Why it cannot judge.
    pub fault: Option<String>,
    /// Its languages.
    pub languages: Vec<LanguageInfo>,
    /// The layers of its sandbox.
    pub protections: Vec<Protection>,
}

impl State {
    /// What a judge can do now.
    pub(super) fn of(judge: &dyn Judge) -> Self {
        let fault = judge.available().err().map(|error| match error {
            JudgeError::Unavailable(why) => why,
            other => other.to_string(),
        });
        // It may quote what a program has written.
        let fault = fault.map(|why| why[..why.floor_char_boundary(MAX_FAULT)].to_owned());
        Self { fault, languages: judge.languages(), protections: judge.protections() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use codementor_core::judging::{
        Checker, CheckerProgram, Entry, Expected, Input, JobTest, Limits, SourceFile, StopPolicy, TestCase,
        TestSuite, Tolerance, Types, ValidatorOptions, Verdict,
    };
    use codementor_core::{Language, value_type::ValueType};
    use serde_json::{Value, json};

    use super::*;
    use crate::workers::{PROTOCOL, frame};

    fn there_and_back(job: &Job) {
        let said = ToWorker::Job { id: 7, with_progress: true, job: Cow::Borrowed(job) };
        let bytes = frame::encode(&said, MAX_JOB).unwrap();
        let ToWorker::Job { job: heard, .. } = serde_json::from_slice(&bytes[4..]).unwrap() else { panic!() };
        assert_eq!(*heard, *job);
    }

    fn job(entry: Entry, tests: Vec<JobTest>, checker: Checker, stop: StopPolicy) -> Job {
        let limits = Limits::default();
        Job {
            language: Language::python(),
            source: "\u{1}\0\"\\é😀\r\n".to_owned(),
            entry,
            tests,
            limits,
            checker,
            stop,
        }
    }

    /// As deep as a reader of JSON goes.
    fn deep(levels: usize) -> Value {
        (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]))
    }

    #[test]
    fn every_kind_of_job_arrives_as_it_was() {
        let file = |name: &str| SourceFile { name: name.to_owned(), text: "a\nb".to_owned() };
        let types = Types {
            parameters: vec![
                "map<string, int[]>".parse().unwrap(),
                ValueType::Optional(Box::new(ValueType::Any)),
            ],
            returns: ValueType::Float,
        };
        let function = Entry::Function { name: "f".to_owned(), types: Some(types) };
        let numbers = json!([u64::MAX, i64::MIN, 0.1, 1e300, -0.0, "x", { "b": null, "a": [true] }]);
        let values = vec![
            JobTest { input: Input::Args(vec![numbers.clone()]), expected: Some(Expected::Value(numbers)) },
            JobTest { input: Input::Args(vec![deep(126)]), expected: Some(Expected::Value(deep(127))) },
        ];
        let program = Arc::new(CheckerProgram {
            language: "cpp".parse().unwrap(),
            source: "int main() {}".to_owned(),
            files: vec![file("testlib.h")],
            arguments: vec!["--strict".to_owned()],
        });
        let suite =
            TestSuite { solution: "leap.py".to_owned(), file: file("leap_test.py"), others: vec![file("x")] };
        let case = TestCase { name: "A › b".to_owned(), code: "assert 1".to_owned() };
        let text = |expected| vec![JobTest { input: Input::Stdin("1 2\n".to_owned()), expected }];
        let groups = StopPolicy::FirstFailureOfGroup(vec![0, 1]);
        there_and_back(&job(function, values, Checker::Float(Tolerance::both(1e-9)), groups));
        let validator = ValidatorOptions { case_sensitive: true, ..ValidatorOptions::default() };
        for checker in [
            Checker::Exact,
            Checker::Validator(validator),
            Checker::Program(program.clone()),
            Checker::Interactive(program),
        ] {
            there_and_back(&job(Entry::Program, text(None), checker, StopPolicy::Never));
        }
        let tests = vec![JobTest { input: Input::Case(case), expected: Some(Expected::Pass) }];
        there_and_back(&job(Entry::Tests(Arc::new(suite)), tests, Checker::Exact, StopPolicy::FirstFailure));
    }

    #[test]
    fn what_was_found_by_a_file_of_tests_arrives() {
        let outcome = TestOutcome {
            index: 0,
            verdict: Verdict::WrongAnswer,
            time_ms: 1,
            memory_kb: 2,
            actual: None,
            stdout: "\u{fffd}\0".to_owned(),
            stderr: String::new(),
            message: Some("no".to_owned()),
            found: Some(TestCase { name: "a".to_owned(), code: "b".to_owned() }),
        };
        let judgement =
            Judgement { verdict: Verdict::WrongAnswer, compile_output: None, tests: vec![outcome] };
        let said = FromWorker::Done { id: 1, result: Ok(judgement.clone()) };
        let bytes = frame::encode(&said, MAX_ANSWER).unwrap();
        let FromWorker::Done { result, .. } = serde_json::from_slice(&bytes[4..]).unwrap() else { panic!() };
        assert_eq!(result, Ok(judgement));
    }

    /// When this fails, what is said has changed: then [`PROTOCOL`] changes, too.
    #[test]
    fn the_words_of_this_protocol() {
        let test = JobTest { input: Input::Args(vec![json!(1)]), expected: Some(Expected::Value(json!([]))) };
        let entry = Entry::Function { name: "f".to_owned(), types: None };
        let job = job(entry, vec![test], Checker::Exact, StopPolicy::Never);
        let said = ToWorker::Job {
            id: 7,
            with_progress: false,
            job: Cow::Owned(Job { source: "x".to_owned(), ..job }),
        };
        let job = json!({
            "language": "python", "source": "x", "entry": { "Function": { "name": "f", "types": null } },
            "tests": [{ "input": { "Args": "[1]" }, "expected": { "Value": "[]" } }],
            "limits": { "time_ms": 2000, "memory_kb": 131_072 }, "checker": "Exact", "stop": "Never",
        });
        let wanted = json!({ "Job": { "id": 7, "with_progress": false, "job": job } });
        assert_eq!((PROTOCOL, serde_json::to_value(said).unwrap()), (1, wanted));
        let state = State { fault: None, languages: Vec::new(), protections: Vec::new() };
        let said = FromWorker::Hello { protocol: PROTOCOL, pid: 3, places: 2, state };
        let state = json!({ "fault": null, "languages": [], "protections": [] });
        let wanted = json!({ "Hello": { "protocol": 1, "pid": 3, "places": 2, "state": state } });
        assert_eq!(serde_json::to_value(said).unwrap(), wanted);
    }
}
