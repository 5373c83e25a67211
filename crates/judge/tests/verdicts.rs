//! Every way to fail, in every language and in the real sandbox.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use codementor_core::Verdict;
use codementor_core::judging::Limits;
use codementor_judge::Accounting;
use common::{javascript, python};
use serde_json::json;

const QUICK: Limits = Limits { time_ms: 300, memory_kb: 128 * 1024 };

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
