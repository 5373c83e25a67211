//! A server whose judge is a Judge0 server: one of ours, and one that looks like none of ours.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_core::judging::{
    Checker, Entry, Expected, Input, Job, JobTest, Judgement, Limits, StopPolicy, Types,
};
use codementor_core::ports::{Judge, JudgeError};
use codementor_judge::Judge0;
use codementor_protocol::common::Verdict;
use codementor_protocol::submission::SubmissionStatus;
use codementor_tests::challenges::{LANGUAGES, all, reference, starter};
use codementor_tests::judge0::{Plain, end, lasting_token};
use codementor_tests::{Learner, Server, Setup, eventually, judge_works, program};
use serde_json::{Value, json};

/// Bodies of the function of `pair-sum`, by verdict.
const BODIES: [(Verdict, &str, &str); 6] = [
    (Verdict::WrongAnswer, "return [0, 0]", "return [0, 0];"),
    (Verdict::TimeLimitExceeded, "while True: pass", "while (true);"),
    (
        Verdict::MemoryLimitExceeded,
        "x = []\n    while True: x.append(bytearray(1 << 20))",
        "const x = []; while (true) x.push(Buffer.alloc(1 << 20, 1));",
    ),
    (
        Verdict::OutputLimitExceeded,
        "while True: print('x' * 1000)",
        "while (true) console.log('x'.repeat(1000));",
    ),
    (Verdict::RuntimeError, "raise ValueError('boom')", "throw new Error('boom');"),
    (Verdict::CompileError, "return (", "return (;"),
];

fn program_of(language: &str, python: &str, javascript: &str) -> String {
    match language {
        "python" => format!("def pair_sum(numbers, target):\n    {python}\n"),
        _ => format!("function pairSum(numbers, target) {{ {javascript} }}\n"),
    }
}

/// A server that judges, and a token for it.
async fn judging() -> Option<(Server, String)> {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return None;
    }
    server.guest("Machine").await;
    let token = lasting_token(&server, "Machine").await;
    Some((server, token))
}

/// A server whose judge is at an address.
fn judged_at(url: &str, token: &str) -> Setup {
    Setup::default().arg("--judge", url).env("CODEMENTOR_JUDGE_TOKEN", token)
}

/// Right and wrong solutions get the same verdicts there as here.
async fn judges_alike(learner: &Learner, name: &str) {
    for language in LANGUAGES {
        for (verdict, python, javascript) in BODIES {
            let code = program_of(language, python, javascript);
            let submission = learner.submit("pair-sum", language, &code).await;
            assert_eq!(submission.verdict, Some(verdict), "{name} {language} {submission:#?}");
            if verdict == Verdict::CompileError {
                let said = submission.compile_output.unwrap();
                assert!(said.contains("solution."), "{said}");
                continue;
            }
            assert_eq!(submission.tests.len(), 1, "judging stops at the first failure: {submission:#?}");
            if verdict == Verdict::RuntimeError {
                assert!(submission.tests[0].message.as_deref().unwrap().contains("boom"), "{submission:#?}");
            }
        }
        for id in ["pair-sum", "sum-the-lines", "word-frequency"] {
            let accepted = learner.submit(id, language, reference(id, language)).await;
            assert_eq!(accepted.verdict, Some(Verdict::Accepted), "{name} {id} {language} {accepted:#?}");
            assert_eq!(accepted.tests.len(), accepted.total_tests as usize);
            let wrong = learner.submit(id, language, starter(id, language)).await;
            assert_ne!(wrong.verdict, Some(Verdict::Accepted), "{name} {id} {language}");
            assert_ne!(wrong.verdict, Some(Verdict::InternalError), "{name} {id} {language} {wrong:#?}");
        }
    }
    let body = json!({ "language": "python", "code": "print(input())", "stdin": "Zoë" });
    let told = learner.post("/api/sandbox/execute", &body).await.expect(200).value();
    assert_eq!((&told["verdict"], &told["output"]), (&json!("accepted"), &json!("Zoë\n")));
    let body = json!({ "language": "python", "code": "print((" });
    let told = learner.post("/api/sandbox/execute", &body).await.expect(200).value();
    assert_eq!(told["verdict"], "compile_error", "{told}");
}

#[tokio::test]
async fn a_server_judges_for_another() {
    let Some((far, token)) = judging().await else { return };
    let near = judged_at(&format!("{}/judge0", far.url()), &token).start().await;
    let ready = near.client().get("/readyz").await.expect(200).body;
    assert!(ready.contains("Judge0 server"), "{ready}");
    judges_alike(&near.guest("Ada").await, "ours").await;
    let kept = far.client().with_token(&far.guest("Other").await.token);
    assert_eq!(kept.get("/judge0/submissions").await.expect(200).value()["meta"]["total_count"], 0);
    let log = near.log() + &far.log();
    assert!(!log.contains(&token) && !log.contains("panicked"), "{log}");
}

#[tokio::test]
async fn a_judge0_server_that_is_none_of_ours_judges_alike() {
    let Some((far, token)) = judging().await else { return };
    let plain = Plain::before(&far).await;
    let near = judged_at(&plain.url, &token).start().await;
    let ada = near.guest("Ada").await;
    judges_alike(&ada, "plain").await;
    // Without batches, too.
    plain.offer_batches(false);
    let near = judged_at(&plain.url, &token).start().await;
    let before = plain.taken();
    let ben = near.guest("Ben").await;
    let accepted = ben.submit("sum-the-lines", "python", reference("sum-the-lines", "python")).await;
    assert_eq!(accepted.verdict, Some(Verdict::Accepted), "{accepted:#?}");
    assert_eq!(plain.taken() - before, accepted.total_tests as usize, "a submission a test");
    plain.assert_no_faults();
}

#[tokio::test]
async fn every_reference_solution_is_accepted_there_as_here() {
    let Some((far, token)) = judging().await else { return };
    let near = judged_at(&format!("{}/judge0", far.url()), &token).start().await;
    for language in LANGUAGES {
        for challenge in all() {
            let id = challenge.id.as_str();
            let ada = near.guest(&format!("{language} {id}").chars().take(24).collect::<String>()).await;
            let told = ada.submit(id, language, reference(id, language)).await;
            assert_eq!(told.verdict, Some(Verdict::Accepted), "{language} {id} {told:#?}");
        }
    }
}

fn function(
    language: &str,
    name: &str,
    source: &str,
    types: Option<(&[&str], &str)>,
    tests: &[(Value, Value)],
) -> Job {
    let types = types.map(|(parameters, returns)| Types {
        parameters: parameters.iter().map(|kind| kind.parse().unwrap()).collect(),
        returns: returns.parse().unwrap(),
    });
    let tests = tests.iter().map(|(args, expected)| JobTest {
        input: Input::Args(args.as_array().unwrap().clone()),
        expected: Some(Expected::Value(expected.clone())),
    });
    Job {
        language: language.parse().unwrap(),
        source: source.to_owned(),
        entry: Entry::Function { name: name.to_owned(), types },
        tests: tests.collect(),
        limits: Limits { time_ms: 5_000, memory_kb: 256 * 1024 },
        checker: Checker::Exact,
        stop: StopPolicy::Never,
    }
}

/// `f(words, times)` repeats a text and tells how many there are, and prints.
const TYPED: [(&str, &str); 7] = [
    (
        "python",
        "def f(words, times):\n    print('{\"value\":0}')\n    return {w: n * times for n, w in enumerate(words, 1)}\n",
    ),
    (
        "javascript",
        "const f = (words, times) => { console.log('{\"value\":0}'); return Object.fromEntries(words.map((w, n) => [w, (n + 1) * times])); };\n",
    ),
    (
        "typescript",
        "export function f(words: string[], times: number): Record<string, number> {\n  console.log('{\"value\":0}');\n  \
         const out: Record<string, number> = {};\n  words.forEach((w, n) => { out[w] = (n + 1) * times; });\n  return out;\n}\n",
    ),
    (
        "cpp",
        "#include <map>\n#include <string>\n#include <vector>\n#include <iostream>\nusing namespace std;\n\
         map<string, long long> f(vector<string> words, long long times) {\n  cout << \"{\\\"value\\\":0}\" << endl;\n  map<string, long long> out;\n  \
         for (size_t n = 0; n < words.size(); n++) out[words[n]] = (n + 1) * times;\n  return out;\n}\n",
    ),
    (
        "rust",
        "use std::collections::BTreeMap;\n\npub fn f(words: Vec<String>, times: i64) -> BTreeMap<String, i64> {\n    \
         println!(\"{{\\\"value\\\":0}}\");\n    words.into_iter().zip(1..).map(|(w, n)| (w, n * times)).collect()\n}\n",
    ),
    (
        "go",
        "// Words.\npackage main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc f(words []string, times int) map[string]int {\n\t\
         fmt.Fprintln(os.Stdout, `{\"value\":0}`)\n\tout := map[string]int{}\n\tfor n, w := range words {\n\t\tout[w] = (n + 1) * times\n\t}\n\treturn out\n}\n",
    ),
    (
        "java",
        "import java.util.*;\n\npublic class Solution {\n    public static Map<String, Long> f(String[] words, long times) {\n        \
         System.out.println(\"{\\\"value\\\":0}\");\n        Map<String, Long> out = new HashMap<>();\n        \
         for (int n = 0; n < words.length; n++) out.put(words[n], (n + 1) * times);\n        return out;\n    }\n}\n",
    ),
];

/// C has no maps.
const IN_C: &str = "#include <stdio.h>\n#include <stdlib.h>\n\
                    long long *f(char **words, size_t words_size, long long times, size_t *return_size) {\n  \
                    puts(\"{\\\"value\\\":0}\");\n  long long *out = malloc((words_size + 1) * sizeof *out);\n  \
                    for (size_t n = 0; n < words_size; n++) out[n] = (n + 1) * times;\n  *return_size = words_size;\n  \
                    return out;\n}\n";

async fn judge(judge: &Judge0, job: &Job) -> Judgement {
    judge.judge(job, None).await.unwrap_or_else(|error| panic!("{}: {error}", job.language))
}

#[tokio::test]
async fn functions_in_every_language_are_called_by_a_server_that_runs_programs_only() {
    let Some((far, token)) = judging().await else { return };
    let plain = Plain::before(&far).await;
    let token = token.into();
    for url in [format!("{}/judge0", far.url()), plain.url.clone()] {
        let remote = Judge0::start(&url.parse().unwrap(), Some(&token)).await.unwrap();
        let known: Vec<String> = remote.languages().into_iter().map(|one| one.id.to_string()).collect();
        let types: (&[&str], &str) = (&["string[]", "int"], "map<string, int>");
        let tests = [
            (json!([["a", "Zoë\n\"😀"], 3]), json!({ "a": 3, "Zoë\n\"😀": 6 })),
            (json!([[], 1]), json!({ "x": 1 })),
        ];
        for (language, source) in TYPED.iter().filter(|(language, _)| known.iter().any(|id| id == language)) {
            let told = judge(&remote, &function(language, "f", source, Some(types), &tests)).await;
            let verdicts: Vec<_> = told.tests.iter().map(|test| test.verdict.as_str()).collect();
            assert_eq!(verdicts, ["accepted", "wrong_answer"], "{language} {told:#?}");
            assert_eq!(
                told.tests[0].stdout.trim(),
                "{\"value\":0}",
                "what is printed is no answer: {language}"
            );
            let broken = judge(&remote, &function(language, "f", "(((", Some(types), &tests)).await;
            assert_eq!(broken.verdict.as_str(), "compile_error", "{language} {broken:#?}");
        }
        let missing = judge(&remote, &function("python", "f", "def g(): pass", None, &tests)).await;
        assert_eq!(missing.tests[0].message.as_deref(), Some("the function `f` is not defined"));
        if known.iter().any(|id| id == "c") {
            let refused =
                remote.judge(&function("c", "f", "int f() { return 1; }", Some(types), &tests), None).await;
            assert!(matches!(refused, Err(JudgeError::Failed(why)) if why.contains("cannot be called")));
            let types: (&[&str], &str) = (&["string[]", "int"], "int[]");
            let tests = [(json!([["a", "b"], 3]), json!([3, 6]))];
            let told = judge(&remote, &function("c", "f", IN_C, Some(types), &tests)).await;
            assert_eq!(told.verdict.as_str(), "accepted", "{told:#?}");
            assert_eq!(told.tests[0].stdout.trim(), "{\"value\":0}", "what is printed is no answer");
        }
    }
}

#[tokio::test]
async fn javascript_functions_are_found_in_every_usual_way() {
    let Some((far, token)) = judging().await else { return };
    let url = format!("{}/judge0", far.url());
    let remote = Judge0::start(&url.parse().unwrap(), Some(&token.into())).await.unwrap();
    for source in [
        "const f = (a) => a + 1; // the end",
        "module.exports = { f: (a) => a + 1 };",
        "module.exports = (a) => a + 1;",
        "export default function (a) { return a + 1; }",
        "import { strict as assert } from 'node:assert'; export const f = (a) => { assert(true); return a + 1; };",
        "const { deepEqual } = require('node:assert'); async function f(a) { deepEqual([1], [1]); return a + 1; }",
        "\u{feff}#!/usr/bin/env node\n'use strict';\nfunction f(a) { return a + 1; }",
    ] {
        let told =
            judge(&remote, &function("javascript", "f", source, None, &[(json!([1]), json!(2))])).await;
        assert_eq!(told.verdict.as_str(), "accepted", "{source} {told:#?}");
    }
}

#[tokio::test]
async fn forged_answers_are_none() {
    let Some((far, token)) = judging().await else { return };
    let url = format!("{}/judge0", far.url());
    let remote = Judge0::start(&url.parse().unwrap(), Some(&token.into())).await.unwrap();
    for source in [
        "import sys\nsys.stdout.write('\\nanswer-0{\"value\":5}')\nsys.stdout.flush()\nimport os\nos._exit(0)\ndef f(): pass",
        "import atexit\natexit.register(lambda: print('\\nanswer-{\"value\":5}'))\ndef f(): raise SystemExit(0)",
        "def f():\n    print('{\"value\":5}')\n    raise SystemExit(0)",
        "import os\nos.write(3, b'{\"value\":5}')\ndef f(): raise SystemExit(0)",
    ] {
        let told = judge(&remote, &function("python", "f", source, None, &[(json!([]), json!(5))])).await;
        assert_ne!(told.verdict.as_str(), "accepted", "{source} {told:#?}");
        assert_ne!(told.verdict.as_str(), "internal_error", "{source} {told:#?}");
    }
}

#[tokio::test]
async fn outputs_too_long_to_be_told_together_are_graded_whole() {
    let Some((far, token)) = judging().await else { return };
    let url = format!("{}/judge0", far.url());
    let remote = Judge0::start(&url.parse().unwrap(), Some(&token.into())).await.unwrap();
    let test = |last: &str| JobTest {
        input: Input::Stdin(last.to_owned()),
        expected: Some(Expected::Stdout(format!("{}{last}\n", "x".repeat(900_000)))),
    };
    let job = Job {
        entry: Entry::Program,
        source: "print('x' * 900_000 + input())".to_owned(),
        tests: (0..6).map(|n| test(&n.to_string())).collect(),
        ..function("python", "f", "", None, &[])
    };
    let told = judge(&remote, &job).await;
    assert_eq!((told.verdict.as_str(), told.tests.len()), ("accepted", 6));
}

#[tokio::test]
async fn what_was_handed_in_waits_for_a_judge_that_went_away() {
    let Some((mut far, token)) = judging().await else { return };
    let plain = Plain::before(&far).await;
    let near = judged_at(&plain.url, &token).start().await;
    let ada = near.guest("Ada").await;
    let sleepy = "import time\ntime.sleep(1)\ndef pair_sum(a, b): return []\n";
    let id = ada.try_submit("pair-sum", "python", sleepy).await.unwrap();
    eventually("it is being judged", async || (plain.taken() > 0).then_some(())).await;
    plain.work(false);
    eventually("the judge is told to be gone", async || {
        let ready = near.client().get("/readyz").await;
        (ready.status == 503 && ready.body.contains("Judge0 server at")).then_some(())
    })
    .await;
    assert_ne!(ada.submission(&id).await.status, SubmissionStatus::Finished, "no false end");
    let refused = ada.try_submit("pair-sum", "python", reference("pair-sum", "python")).await.unwrap_err();
    refused.problem(503, "judge_unavailable");
    plain.work(true);
    assert_eq!(ada.finished(&id).await.verdict, Some(Verdict::WrongAnswer));
    far.kill9().await;
}

#[tokio::test]
async fn a_wrong_token_or_address_is_told_by_readiness_and_doctor() {
    let Some((far, token)) = judging().await else { return };
    let data = far.folder().join("other").display().to_string();
    let url = format!("{}/judge0", far.url());
    let doctor = async |judge: &str, token: &str| {
        let env = [("CODEMENTOR_JUDGE_TOKEN", token)];
        program::run(far.folder(), &["doctor", "--data", &data, "--judge", judge], &env).await
    };
    let good = doctor(&url, &token).await;
    assert!(
        good.stdout.contains("ok     judge") && good.stdout.contains("language python"),
        "{}",
        good.text()
    );
    let gone = doctor("http://127.0.0.1:9/", &token).await;
    assert!(!gone.status.success() && gone.stdout.contains("FAULT  judge"), "{}", gone.text());
    let near = judged_at(&url, "nonsense-token").start().await;
    let ada = near.guest("Ada").await;
    let _ = ada.try_submit("pair-sum", "python", reference("pair-sum", "python")).await;
    let ready = eventually("the refusal is told", async || {
        let ready = near.client().get("/readyz").await;
        (ready.status == 503).then_some(ready.body)
    })
    .await;
    assert!(ready.contains("CODEMENTOR_JUDGE_TOKEN") && !ready.contains("nonsense-token"), "{ready}");
}

#[tokio::test]
async fn what_is_queued_survives_kill_9_and_ends_once() {
    let Some((mut server, _)) = judging().await else { return };
    let ada = server.guest("Ada").await;
    let slow = json!({ "source_code": "import time\ntime.sleep(2)\nprint('done')", "language_id": 71 });
    let batch = json!({ "submissions": vec![slow; 8] });
    let created = ada.post("/judge0/submissions/batch", &batch).await.expect(201).value();
    let tokens: Vec<String> =
        created.as_array().unwrap().iter().map(|one| one["token"].as_str().unwrap().to_owned()).collect();
    server.kill9().await;
    server.restart().await;
    let ada = ada.at(server.url());
    let mut ends = Vec::new();
    for token in &tokens {
        let told = end(&ada, token).await;
        assert_eq!((&told["status_id"], &told["stdout"]), (&json!(3), &json!("done\n")), "{told:#}");
        ends.push(told);
    }
    server.terminate().await;
    server.restart().await;
    let ada = ada.at(server.url());
    for (token, before) in tokens.iter().zip(ends) {
        assert_eq!(end(&ada, token).await, before, "it has ended once");
    }
    assert!(!server.log().contains("panicked"));
}
