//! Functions in every language, in the real sandbox: how they are found and called, and what becomes of what they return.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use codementor_core::judging::{Job, Limits};
use codementor_core::{Language, Verdict};
use codementor_judge::Accounting;
use common::{javascript, python};
use serde_json::{Value, json};

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

/// A function that is called with 7, "s" and null and returns `value`.
fn returning(language: &Language, value: &str, expected: Value) -> Job {
    let source = if *language == python() {
        format!("def f(*args):\n    args = list(args)\n    return {value}\n")
    } else {
        format!("function f(...args) {{ return {value}; }}\n")
    };
    common::function(language, &source, &[(json!([7, "s", null]), Some(expected))])
}

#[tokio::test]
async fn values_become_json() {
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
    for (language, value, expected) in good {
        let outcome = judge.first(&returning(&language, value, expected)).await;
        assert_eq!(outcome.verdict, Verdict::Accepted, "{value}\n{outcome:#?}");
    }
}

#[tokio::test]
async fn a_number_too_large_to_read_is_a_wrong_answer_that_is_shown() {
    let Some(judge) = common::start().await else { return };
    let beyond = judge.first(&returning(&python(), "10**400", json!(1))).await;
    assert_eq!(beyond.verdict, Verdict::WrongAnswer, "{beyond:#?}");
    assert_eq!(beyond.actual, Some(format!("1{}", "0".repeat(400))));
}

#[tokio::test]
async fn values_without_a_json_form_are_refused_in_words() {
    let Some(judge) = common::start().await else { return };
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
        let outcome = judge.first(&returning(&language, value, json!(1))).await;
        assert_eq!(outcome.verdict, Verdict::RuntimeError, "{value}\n{outcome:#?}");
        let message = outcome.message.unwrap_or_default();
        assert!(message.contains(words), "{value}: {message}");
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
