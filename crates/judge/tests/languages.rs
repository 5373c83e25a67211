//! Every verdict of every language, in the real sandbox.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use codementor_core::judging::{Checker, Limits, StopPolicy, TestOutcome};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Language, Verdict};
use codementor_judge::Accounting;
use serde_json::{Value, json};
use tokio::sync::mpsc;

const QUICK: Limits = Limits { time_ms: 300, memory_kb: 128 * 1024 };

fn python() -> Language {
    Language::python()
}

fn javascript() -> Language {
    Language::javascript()
}

#[tokio::test]
async fn a_function_is_called_and_its_value_compared() {
    let Some(judge) = common::start().await else { return };
    for (language, source) in [
        (python(), "def f(a, b):\n    print('hello')\n    return [a, b]\n"),
        (javascript(), "const f = (a, b) => { console.log('hello'); return [a, b]; };\n"),
    ] {
        let tests = [(json!([1, "x"]), Some(json!([1, "x"]))), (json!([1, 2]), Some(json!([2, 1])))];
        let judgement = judge.judge(&common::function(&language, source, &tests)).await;
        assert_eq!(judgement.verdict, Verdict::WrongAnswer, "{judgement:#?}");
        assert_eq!(judgement.tests[0].verdict, Verdict::Accepted, "{judgement:#?}");
        assert_eq!(judgement.tests[0].stdout, "hello\n");
        assert_eq!(judgement.tests[1].actual.as_deref(), Some("[1,2]"));
        assert!(judgement.memory_kb() > 500, "{judgement:#?}");
    }
}

#[tokio::test]
async fn a_javascript_function_may_be_written_in_every_usual_way() {
    let Some(judge) = common::start().await else { return };
    for source in [
        "function f(a) { return a + 1; }",
        "const f = (a) => a + 1; // the end",
        "let f = function (a) { return a + 1; }\n/* the end */",
        "var f; f = (a) => a + 1;",
        "module.exports = { f: (a) => a + 1 };",
        "exports.f = (a) => a + 1;",
        "module.exports = (a) => a + 1;",
        "export function f(a) { return a + 1; }",
        "export const f = (a) => a + 1;",
        "export default function (a) { return a + 1; }",
        "const g = (a) => a + 1; export { g as f };",
        "import { strict as assert } from 'node:assert'; export const f = (a) => { assert(true); return a + 1; };",
        "const one = await Promise.resolve(1); export const f = (a) => a + one;",
        "const { deepEqual } = require('node:assert'); async function f(a) { deepEqual([1], [1]); return a + 1; }",
        "#!/usr/bin/env node\n'use strict';\nfunction f(a) { return a + 1; }",
        "\u{feff}function f(a) { return a + 1; }",
        "class F { static f(a) { return a + 1; } }\nconst f = F.f;",
    ] {
        let outcome =
            judge.first(&common::function(&javascript(), source, &[(json!([1]), Some(json!(2)))])).await;
        assert_eq!(outcome.verdict, Verdict::Accepted, "{source}\n{outcome:#?}");
    }
}

#[tokio::test]
async fn values_become_json_or_are_refused_in_words() {
    let Some(judge) = common::start().await else { return };
    let good: [(Language, &str, Value); 24] = [
        (python(), "(1, (2, 'x'))", json!([1, [2, "x"]])),
        (python(), "None", json!(null)),
        (python(), "True", json!(true)),
        (python(), "{'a': 1.5, 2: [None]}", json!({"a": 1.5, "2": [null]})),
        (python(), "2**53 - 1", json!(9_007_199_254_740_991_i64)),
        (python(), "'\\u00e9\\U0001f600\\x00\"'", json!("é😀\u{0}\"")),
        (python(), "1.0", json!(1)),
        (python(), "1e22", json!(1e22)),
        (python(), "[[]] * 3", json!([[], [], []])),
        (python(), "range(3).__class__ and list(range(3))", json!([0, 1, 2])),
        (python(), "args", json!([7, "s", null])),
        (javascript(), "[1, [2, 'x']]", json!([1, [2, "x"]])),
        (javascript(), "undefined", json!(null)),
        (javascript(), "[undefined, null]", json!([null, null])),
        (javascript(), "({ a: 1.5, b: undefined })", json!({"a": 1.5})),
        (javascript(), "10n", json!(10)),
        (javascript(), "-0", json!(0)),
        (javascript(), "new Map([['a', 1]])", json!({"a": 1})),
        (javascript(), "new Uint8Array([1, 2])", json!([1, 2])),
        (javascript(), "Promise.resolve(5)", json!(5)),
        (javascript(), "'\\u00e9\\u{1f600}\\0\"'", json!("é😀\u{0}\"")),
        (javascript(), "new Array(2)", json!([null, null])),
        (javascript(), "args", json!([7, "s", null])),
        (javascript(), "1e21", json!(1e21)),
    ];
    let job = |language: &Language, value: &str, expected| {
        let source = if *language == python() {
            format!("def f(*args):\n    args = list(args)\n    return {value}\n")
        } else {
            format!("function f(...args) {{ return {value}; }}\n")
        };
        common::function(language, &source, &[(json!([7, "s", null]), expected)])
    };
    for (language, value, expected) in good {
        let outcome = judge.first(&job(&language, value, Some(expected))).await;
        assert_eq!(outcome.verdict, Verdict::Accepted, "{value}\n{outcome:#?}");
    }
    let beyond = judge.first(&job(&python(), "10**400", Some(json!(1)))).await;
    assert_eq!(beyond.verdict, Verdict::WrongAnswer, "{beyond:#?}");
    assert_eq!(beyond.actual, Some(format!("1{}", "0".repeat(400))));
    for (language, value, words) in [
        (python(), "{1, 2}", "set has no JSON form"),
        (python(), "float('nan')", "NaN"),
        (python(), "[float('-inf')]", "infinity"),
        (python(), "object()", "object has no JSON form"),
        (python(), "b'x'", "bytes has no JSON form"),
        (python(), "(a := [], a.append(a))[0]", "contains itself"),
        (python(), "__import__('functools').reduce(lambda a, _: [a], range(100000), 0)", "nested too deeply"),
        (javascript(), "NaN", "NaN"),
        (javascript(), "[1/0]", "Infinity"),
        (javascript(), "new Set([1])", "Set has no JSON form"),
        (javascript(), "(() => 1)", "function has no JSON form"),
        (javascript(), "Symbol('x')", "symbol has no JSON form"),
        (javascript(), "((a) => (a.push(a), a))([])", "contains itself"),
        (
            javascript(),
            "((a) => { for (let i = 0; i < 1e5; i++) a = [a]; return a; })(0)",
            "nested too deeply",
        ),
    ] {
        let outcome = judge.first(&job(&language, value, Some(json!(1)))).await;
        assert_eq!(outcome.verdict, Verdict::RuntimeError, "{value}\n{outcome:#?}");
        let message = outcome.message.unwrap_or_default();
        assert!(message.contains(words), "{value}: {message}");
    }
}

#[tokio::test]
async fn exceptions_name_themselves_and_show_the_learners_lines_only() {
    let Some(judge) = common::start().await else { return };
    for (language, source, message, shown) in [
        (
            python(),
            "def g(x):\n    return 1 // x\n\ndef f(x):\n    return g(x)\n",
            "ZeroDivisionError: integer division or modulo by zero",
            "line 2, in g\n    return 1 // x",
        ),
        (python(), "class E(Exception): pass\nraise E('boom')\n", "E: boom", "line 2, in <module>"),
        (
            python(),
            "def f(x):\n    f(x)\n",
            "RecursionError: maximum recursion depth exceeded",
            "line 2, in f",
        ),
        (
            javascript(),
            "function g(x) {\n  return x.y.z;\n}\nfunction f(x) {\n  return g(x);\n}\n",
            "TypeError: Cannot read properties of undefined (reading 'z')",
            "at g (solution.js:2:14)",
        ),
        (
            javascript(),
            "class E extends Error { name = 'E'; }\nthrow new E('boom');\n",
            "E: boom",
            "solution.js:2",
        ),
        (
            javascript(),
            "function f(x) {\n  return f(x);\n}\n",
            "RangeError: Maximum call stack size exceeded",
            "solution.js:2",
        ),
        (javascript(), "function f() { throw 'text'; }\n", "Uncaught \"text\"", "text"),
        (
            javascript(),
            "async function f() { await 1; null.x; }\n",
            "TypeError: Cannot read properties of null (reading 'x')",
            "solution.js:1",
        ),
        (
            javascript(),
            "export function f() {\n  null.x;\n}\n",
            "TypeError: Cannot read properties of null (reading 'x')",
            "solution.js:2",
        ),
    ] {
        let outcome = judge.first(&common::function(&language, source, &[(json!([0]), None)])).await;
        assert_eq!(outcome.verdict, Verdict::RuntimeError, "{source}\n{outcome:#?}");
        assert_eq!(outcome.message.as_deref(), Some(message), "{outcome:#?}");
        assert!(outcome.stderr.contains(shown), "{outcome:#?}");
        assert!(!outcome.stderr.contains("harness") && !outcome.stderr.contains("/judge"), "{outcome:#?}");
        assert!(!outcome.stderr.contains("node:internal"), "{outcome:#?}");
    }
}

#[tokio::test]
async fn event_loops_threads_and_pipes_work() {
    for accounting in [Accounting::Auto, Accounting::Sampler] {
        let Some(judge) = common::start_with(accounting, 2).await else { return };
        for (language, source) in [
            (
                python(),
                "import asyncio\nasync def add(a, b):\n    await asyncio.sleep(0.001)\n    return a + b\nasync def main():\n    \
                 loop = asyncio.get_running_loop()\n    far = await loop.run_in_executor(None, sum, [1, 2])\n    \
                 return sum(await asyncio.gather(*[add(1, 2) for _ in range(20)])) + far\ndef f():\n    return asyncio.run(main())\n",
            ),
            (
                python(),
                "import socket, select\ndef f():\n    a, b = socket.socketpair()\n    a.sendall(b'x' * 60)\n    a.shutdown(socket.SHUT_WR)\n    \
                 select.select([b], [], [], 1)\n    return len(b.recv(99)) + 3\n",
            ),
            (
                python(),
                "import os, threading\ndef f():\n    r, w = os.pipe()\n    t = threading.Thread(target=os.write, args=(w, b'y' * 63))\n    \
                 t.start()\n    t.join()\n    return len(os.read(r, 99))\n",
            ),
            (
                javascript(),
                "const { Worker } = require('node:worker_threads');\nfunction f() { return new Promise((done) => new Worker(\
                 'require(\"node:worker_threads\").parentPort.postMessage(63)', { eval: true }).on('message', done)); }",
            ),
            (
                javascript(),
                "async function f() { let n = 0; await Promise.all(Array.from({ length: 63 }, () => new Promise((done) => \
                 setTimeout(() => { n++; done(); }, 1)))); return n; }",
            ),
        ] {
            let mut job = common::function(&language, source, &[(json!([]), Some(json!(63)))]);
            job.limits = Limits { time_ms: 5_000, memory_kb: 256 * 1024 };
            let outcome = judge.first(&job).await;
            assert_eq!(outcome.verdict, Verdict::Accepted, "{accounting:?} {source}\n{outcome:#?}");
        }
    }
}

#[tokio::test]
async fn a_missing_function_is_named() {
    let Some(judge) = common::start().await else { return };
    for (language, source) in [
        (python(), "def g():\n    pass\n"),
        (javascript(), "function g() {}\n"),
        (javascript(), "export const g = 1;"),
    ] {
        let outcome = judge.first(&common::function(&language, source, &[(json!([]), Some(json!(1)))])).await;
        assert_eq!(outcome.verdict, Verdict::RuntimeError);
        assert_eq!(outcome.message.as_deref(), Some("the function `f` is not defined"), "{outcome:#?}");
    }
}

#[tokio::test]
async fn what_does_not_parse_is_a_compile_error_in_the_compilers_words() {
    let Some(judge) = common::start().await else { return };
    for (language, source, words) in [
        (python(), "def f(:\n    pass\n", "File \"solution.py\", line 1"),
        (python(), "def f():\nreturn 1\n", "IndentationError"),
        (python(), "x = 'a\0b'\n", "null bytes"),
        (javascript(), "let x = ;\n", "solution.js:1\nlet x = ;\n        ^"),
        (javascript(), "const a = 1;\nconst a = 2;\n", "SyntaxError"),
        (javascript(), "export function f( {\n", "SyntaxError"),
        (javascript(), "}); process.exit(0); (function () {", "SyntaxError"),
    ] {
        for job in [
            common::function(&language, source, &[(json!([]), None), (json!([]), None)]),
            common::program(&language, source, "", Some("")),
        ] {
            let judgement = judge.judge(&job).await;
            assert_eq!(judgement.verdict, Verdict::CompileError, "{source}\n{judgement:#?}");
            assert!(judgement.tests.is_empty());
            let output = judgement.compile_output.unwrap_or_default();
            assert!(output.contains(words), "{source}\n{output}");
            assert!(!output.contains("harness") && !output.contains("/judge"), "{output}");
        }
    }
}

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
    let float = Checker::Float { tolerance: 1e-6 };
    for (job, right) in [
        (text(Checker::Exact, "a\n", "a\n"), true),
        (text(Checker::Exact, "a", "a\n"), false),
        (text(Checker::Lines, "a \n\n", "a"), true),
        (text(Checker::Tokens, "a\nb", "a b"), true),
        (text(float, "0.3333333\n", "0.33333334"), true),
        (text(float, "0.3", "0.33333334"), false),
        (value(Checker::Exact, "[1, 2]", json!([2, 1])), false),
        (value(Checker::Unordered, "[1, 2]", json!([2, 1])), true),
        (value(float, "[0.1 + 0.2]", json!([0.3])), true),
    ] {
        let verdict = if right { Verdict::Accepted } else { Verdict::WrongAnswer };
        assert_eq!(judge.judge(&job).await.verdict, verdict, "{job:#?}");
    }
}

#[tokio::test]
async fn limits_have_their_own_verdicts() {
    let Some(judge) = common::start().await else { return };
    limits_hold(&judge).await;
}

#[tokio::test]
async fn limits_hold_with_the_sampler_too() {
    let Some(judge) = common::start_with(Accounting::Sampler, 4).await else { return };
    limits_hold(&judge).await;
}

async fn limits_hold(judge: &common::TestJudge) {
    for (language, source, verdict) in [
        (python(), "while True: pass\n", Verdict::TimeLimitExceeded),
        (javascript(), "while (true);\n", Verdict::TimeLimitExceeded),
        (python(), "import time\ntime.sleep(100)\n", Verdict::TimeLimitExceeded),
        (javascript(), "setInterval(() => {}, 1000);\n", Verdict::TimeLimitExceeded),
        (
            python(),
            "import os, time\nfor _ in range(3): os.fork()\nwhile True: pass\n",
            Verdict::TimeLimitExceeded,
        ),
        (python(), "x = []\nwhile True: x.append(bytearray(1 << 20))\n", Verdict::MemoryLimitExceeded),
        (python(), "x = bytearray(4 << 30)\n", Verdict::MemoryLimitExceeded),
        (
            javascript(),
            "const x = []; while (true) x.push(new Array(1000).fill(x.length));\n",
            Verdict::MemoryLimitExceeded,
        ),
        (
            javascript(),
            "const x = []; while (true) x.push(Buffer.alloc(1 << 20, 1));\n",
            Verdict::MemoryLimitExceeded,
        ),
        (python(), "while True: print('x' * 1000)\n", Verdict::OutputLimitExceeded),
        (javascript(), "while (true) console.error('x'.repeat(1000));\n", Verdict::OutputLimitExceeded),
        (python(), "import sys\nsys.exit(3)\n", Verdict::RuntimeError),
        (javascript(), "process.exitCode = 3;\n", Verdict::RuntimeError),
    ] {
        let mut job = common::program(&language, source, "", None);
        job.limits =
            Limits { time_ms: if verdict == Verdict::TimeLimitExceeded { 300 } else { 5_000 }, ..QUICK };
        let outcome = judge.first(&job).await;
        assert_eq!(
            outcome.verdict,
            verdict,
            "{source}\n{:?} {}",
            outcome.message,
            &outcome.stderr[..outcome.stderr.len().min(2_000)]
        );
        assert!(outcome.message.is_some());
    }
}

#[tokio::test]
async fn exit_codes_and_signals_are_told() {
    let Some(judge) = common::start().await else { return };
    for (language, source, message) in [
        (python(), "import sys\nsys.exit(3)\n", "ended with exit code 3"),
        (python(), "import sys\nsys.exit('no')\n", "ended with exit code 1"),
        (javascript(), "process.exit(4)\n", "ended with exit code 4"),
        (python(), "import os\nos.abort()\n", "killed by SIGABRT"),
        (python(), "import ctypes\nctypes.string_at(0)\n", "killed by SIGSEGV"),
        (
            javascript(),
            "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1e6);\n",
            "killed by SIGTERM",
        ),
    ] {
        let outcome = judge.first(&common::program(&language, source, "", None)).await;
        assert_eq!(outcome.verdict, Verdict::RuntimeError, "{outcome:#?}");
        assert_eq!(outcome.message.as_deref(), Some(message), "{outcome:#?}");
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
async fn jobs_that_cannot_be_judged_are_refused() {
    let Some(judge) = common::start().await else { return };
    let cobol: Language = "cobol".parse().expect("a name");
    let refused = judge.judge.judge(&common::program(&cobol, "", "", None), None).await;
    assert_eq!(refused, Err(JudgeError::Language(cobol)));

    let long = common::program(&python(), &"#".repeat(10 << 20), "", None);
    let judgement = judge.judge(&long).await;
    assert_eq!(judgement.verdict, Verdict::CompileError);

    let mut named = common::function(&javascript(), "", &[(json!([]), None)]);
    named.entry = codementor_core::judging::Entry::Function { name: "f; process.exit()".to_owned() };
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
