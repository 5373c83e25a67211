//! The tasks of HumanEval in the real sandbox: the reference of each is accepted, and no stub is.
//!
//! `cargo xtask test` fetches them and says where they lie; without that this is not run, and is named as such.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::ffi::OsString;
use std::io::Read;
use std::sync::Arc;

use codementor_core::judging::{
    Checker, Entry, Expected, Input, Job, JobTest, Limits, SourceFile, StopPolicy, TestCase, TestSuite,
};
use codementor_core::ports::Judge;
use codementor_core::{Language, Verdict};
use codementor_judge::{JudgeOptions, LocalJudge};
use codementor_tests::program::binary;
use flate2::read::GzDecoder;
use futures_util::{StreamExt, stream};
use serde::Deserialize;

/// Programs judged at once: the machine has other work.
const PARALLEL: usize = 2;
/// How many tasks there are.
const TASKS: usize = 164;
/// More is not read.
const MAX_BYTES: u64 = 16 << 20;

#[derive(Deserialize)]
struct Task {
    task_id: String,
    /// Imports, helpers, and the function's head with what it is to do.
    prompt: String,
    entry_point: String,
    canonical_solution: String,
    /// Declares `check(candidate)`.
    test: String,
}

impl Task {
    fn job(&self, body: &str) -> Job {
        let function = &self.entry_point;
        let tests = format!(
            "from solution import *\nfrom solution import {function}\n\n{}\n\n\ndef test_task():\n    check({function})\n",
            self.test
        );
        let suite = TestSuite {
            solution: "solution.py".to_owned(),
            file: SourceFile { name: "task_test.py".to_owned(), text: tests },
            others: Vec::new(),
        };
        let case = TestCase { name: "test_task".to_owned(), code: String::new() };
        Job {
            language: Language::python(),
            source: format!("{}{body}", self.prompt),
            entry: Entry::Tests(Arc::new(suite)),
            tests: vec![JobTest { input: Input::Case(case), expected: Some(Expected::Pass) }],
            limits: Limits { time_ms: 10_000, memory_kb: 256 * 1024 },
            checker: Checker::Exact,
            stop: StopPolicy::Never,
        }
    }
}

fn tasks(packed: &[u8]) -> Vec<Task> {
    let mut text = String::new();
    GzDecoder::new(packed).take(MAX_BYTES).read_to_string(&mut text).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn every_reference_is_accepted_and_no_stub_is() {
    let Some(path) = std::env::var_os("CODEMENTOR_HUMANEVAL") else {
        eprintln!("not run: CODEMENTOR_HUMANEVAL names no HumanEval.jsonl.gz; `cargo xtask test` fetches it");
        return;
    };
    let tasks = tasks(&std::fs::read(path).unwrap());
    assert_eq!(tasks.len(), TASKS);
    let folder = tempfile::tempdir().unwrap();
    let launcher: [OsString; 2] = [binary().into(), "sandbox-launcher".into()];
    let judge = LocalJudge::start(JudgeOptions::new(launcher, folder.path().join("judge"), PARALLEL)).await;
    if let Err(why) = judge.available() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no judge on CI: {why}");
        eprintln!("NOT TESTED: no judge here: {why}");
        return;
    }
    let judge = &judge;
    let asked = tasks.iter().flat_map(|task| [(task, Verdict::Accepted), (task, Verdict::WrongAnswer)]);
    let judged = stream::iter(asked).map(|(task, wanted)| async move {
        let body = if wanted == Verdict::Accepted { &task.canonical_solution } else { "    pass\n" };
        let judgement = judge.judge(&task.job(body), None).await.unwrap();
        let is_right = (judgement.verdict == Verdict::Accepted) == (wanted == Verdict::Accepted);
        let why = judgement.tests.first().and_then(|outcome| outcome.message.clone());
        (!is_right).then(|| format!("{}: {} {why:?}", task.task_id, judgement.verdict.as_str()))
    });
    let wrong: Vec<String> =
        judged.buffer_unordered(PARALLEL).filter_map(|told| async { told }).collect().await;
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), 2 * TASKS, wrong.join("\n"));
}
