//! Whole jobs in the real sandbox: programs and their text, checkers, many tests, large inputs, and what is refused.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use codementor_core::judging::{Checker, StopPolicy, TestOutcome};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Language, Verdict};
use common::{javascript, python};
use serde_json::{Value, json};
use tokio::sync::mpsc;

#[tokio::test]
async fn a_program_reads_and_writes_text() {
    let Some(judge) = common::start().await else { return };
    for (language, source) in [
        (python(), "a, b = map(int, input().split())\nprint(a + b)\n"),
        (python(), "import sys\nprint(sum(int(x) for x in sys.stdin.read().split()))\nexit()\n"),
        (python(), "if __name__ == '__main__':\n    print(sum(map(int, open(0).read().split())))\n"),
        (
            javascript(),
            "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number); console.log(a + b);",
        ),
        (
            javascript(),
            "const [a, b] = require('fs').readFileSync('/dev/stdin', 'utf8').split(' ').map(Number); console.log(a + b);",
        ),
        (
            javascript(),
            "require('readline').createInterface({ input: process.stdin }).on('line', (l) => console.log(l.split(' ').reduce((a, b) => +a + +b)));",
        ),
        (
            javascript(),
            "import fs from 'fs'; for await (const part of process.stdin) console.log(String(part).split(' ').reduce((a, b) => +a + +b));",
        ),
    ] {
        let mut job = common::program(&language, source, "3 4\n", Some("7\n"));
        let outcome = judge.first(&job).await;
        assert_eq!(outcome.verdict, Verdict::Accepted, "{source}\n{outcome:#?}");
        assert_eq!(outcome.actual.as_deref(), Some("7\n"));
        job.tests[0].expected = Some(codementor_core::judging::Expected::Stdout("8\n".to_owned()));
        assert_eq!(judge.first(&job).await.verdict, Verdict::WrongAnswer, "{source}");
        job.tests[0].expected = None;
        assert_eq!(judge.first(&job).await.verdict, Verdict::Accepted, "own input");
    }
}

#[tokio::test]
async fn each_checker_reaches_the_answer() {
    let Some(judge) = common::start().await else { return };
    let text = |checker, written: &str, expected: &str| {
        let mut job = common::program(
            &python(),
            &format!("import sys\nsys.stdout.write({written:?})\n"),
            "",
            Some(expected),
        );
        job.checker = checker;
        job
    };
    let value = |checker, returned: &str, expected: Value| {
        let mut job = common::function(
            &python(),
            &format!("def f():\n    return {returned}\n"),
            &[(json!([]), Some(expected))],
        );
        job.checker = checker;
        job
    };
    let float = || Checker::Float(codementor_core::judging::Tolerance::both(1e-6));
    for (job, right) in [
        (text(Checker::Exact, "a\n", "a\n"), true),
        (text(Checker::Exact, "a", "a\n"), false),
        (text(Checker::Lines, "a \n\n", "a"), true),
        (text(Checker::Tokens, "a\nb", "a b"), true),
        (text(float(), "0.3333333\n", "0.33333334"), true),
        (text(float(), "0.3", "0.33333334"), false),
        (value(Checker::Exact, "[1, 2]", json!([2, 1])), false),
        (value(Checker::Unordered, "[1, 2]", json!([2, 1])), true),
        (value(float(), "[0.1 + 0.2]", json!([0.3])), true),
    ] {
        let verdict = if right { Verdict::Accepted } else { Verdict::WrongAnswer };
        assert_eq!(judge.judge(&job).await.verdict, verdict, "{job:#?}");
    }
}

#[tokio::test]
async fn a_stop_policy_and_progress_are_kept() {
    let Some(judge) = common::start().await else { return };
    let tests: Vec<_> = (0..5).map(|number| (json!([number]), Some(json!(number)))).collect();
    let mut job = common::function(&python(), "def f(x):\n    return x if x != 2 else 0\n", &tests);
    let verdicts = |tests: &[TestOutcome]| {
        tests.iter().map(|test| test.verdict == Verdict::Accepted).collect::<Vec<_>>()
    };

    let (sender, mut progress) = mpsc::channel(10);
    let judgement = judge.judge.judge(&job, Some(sender)).await.expect("a judgement");
    assert_eq!(judgement.verdict, Verdict::WrongAnswer);
    assert_eq!(verdicts(&judgement.tests), [true, true, false, true, true]);
    let mut told = Vec::new();
    while let Some(outcome) = progress.recv().await {
        told.push(outcome);
    }
    assert_eq!(told, judgement.tests);

    job.stop = StopPolicy::FirstFailure;
    let (sender, progress) = mpsc::channel(1);
    drop(progress);
    let judgement = judge.judge.judge(&job, Some(sender)).await.expect("a judgement");
    assert_eq!(verdicts(&judgement.tests), [true, true, false]);
}

#[tokio::test]
async fn of_many_tests_only_what_is_shown_is_kept() {
    let Some(judge) = common::start().await else { return };
    let source = "import sys\ndef f(x):\n    sys.stdout.write('o' * 900000)\n    sys.stderr.write('e' * 900000)\n    return 'r' * 900000\n";
    let lengths = |outcome: &TestOutcome| {
        let actual = outcome.actual.as_deref().unwrap_or_default();
        [actual.len(), outcome.stdout.len(), outcome.stderr.len()]
    };
    let many = judge.judge(&common::function(&python(), source, &vec![(json!([1]), None); 3])).await;
    assert_eq!((many.verdict, many.tests.len()), (Verdict::Accepted, 3));
    for outcome in &many.tests {
        assert!(
            lengths(outcome).iter().all(|length| (4_000..5_000).contains(length)),
            "{:?}",
            lengths(outcome)
        );
    }
    let one = judge.first(&common::function(&python(), source, &[(json!([1]), None)])).await;
    assert_eq!(lengths(&one), [900_002, 900_000, 900_000]);
}

#[tokio::test]
async fn jobs_that_cannot_be_judged_are_refused() {
    let Some(judge) = common::start().await else { return };
    let cobol: Language = "cobol".parse().expect("a name");
    let refused = judge.judge.judge(&common::program(&cobol, "", "", None), None).await;
    assert_eq!(refused, Err(JudgeError::Language(cobol)));

    let long = common::program(&python(), &"#".repeat(10 << 20), "", None);
    let judgement = judge.judge(&long).await;
    assert_eq!(judgement.verdict, Verdict::CompileError);

    let mut named = common::function(&javascript(), "", &[(json!([]), None)]);
    named.entry =
        codementor_core::judging::Entry::Function { name: "f; process.exit()".to_owned(), types: None };
    assert!(matches!(judge.judge.judge(&named, None).await, Err(JudgeError::Failed(_))));

    let many = common::function(&python(), "def f(): pass", &vec![(json!([]), None); 201]);
    assert!(matches!(judge.judge.judge(&many, None).await, Err(JudgeError::Failed(_))));
    let none = common::function(&python(), "def f(): pass", &[]);
    assert!(
        matches!(judge.judge.judge(&none, None).await, Err(JudgeError::Failed(_))),
        "nothing run is not accepted"
    );
    let large = common::program(&python(), "", &"x".repeat(9 << 20), None);
    assert!(matches!(judge.judge.judge(&large, None).await, Err(JudgeError::Failed(_))));
}

#[tokio::test]
async fn inputs_of_megabytes_and_results_up_to_the_limit_pass() {
    let Some(judge) = common::start().await else { return };
    let numbers: Vec<u32> = (0..150_000).collect();
    for (language, source) in
        [(python(), "def f(x):\n    return x\n"), (javascript(), "function f(x) { return x; }\n")]
    {
        let job = common::function(&language, source, &[(json!([numbers]), Some(json!(numbers)))]);
        let outcome = judge.first(&job).await;
        assert_eq!(outcome.verdict, Verdict::Accepted, "{:?}", outcome.message);
        let source = if language == python() {
            "def f(x):\n    return 'x' * 2000000\n"
        } else {
            "function f() { return 'x'.repeat(2e6); }"
        };
        let outcome = judge.first(&common::function(&language, source, &[(json!([1]), None)])).await;
        assert_eq!(outcome.verdict, Verdict::OutputLimitExceeded, "{:?}", outcome.message);
    }
}
