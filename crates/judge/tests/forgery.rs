//! Programs that try to be accepted without being right, in the real sandbox.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use codementor_core::{Language, Verdict};
use serde_json::json;

/// None of these is right, whatever it pretends: 1 must be returned, and the run must end well.
const PYTHON: [&str; 14] = [
    "import os\nos.write(3, b'{\"value\":1}')\ndef f(): return 2\n",
    "import os\nos.write(3, b'{\"verdict\":\"accepted\"}')\nos._exit(0)\n",
    "import sys\nsys.exit(0)\n",
    "import os\ndef f(): os._exit(0)\n",
    "def f(): exit()\n",
    "import atexit, os\natexit.register(lambda: os._exit(0))\ndef f(): return 2\n",
    "import json, sys\njson.dumps = lambda *a, **k: '1'\nclass A:\n    def __eq__(self, o): return True\n    def __hash__(self): return 1\ndef f(): return A()\n",
    "import sys, os\nsys.stdout = sys.stderr = None\nos.close(3)\ndef f(): return 1\n",
    "class I(int):\n    def __repr__(self): return '1'\n    def __str__(self): return '1'\ndef f(): return I(2)\n",
    "import builtins\nbuiltins.compile = builtins.exec = lambda *a, **k: None\ndef f(): return 2\n",
    "print('{\"value\":1}')\nprint('accepted')\ndef f(): pass\n",
    "import os\ndef f():\n    if os.fork() == 0: os._exit(0)\n    os._exit(0)\n",
    "open('/box/sitecustomize.py', 'w').write('x')\nopen('/box/usercustomize.py', 'w').write('x')\ndef f(): return 0\n",
    "import atexit, os\natexit.register(lambda: os._exit(9))\ndef f(): return 1\n",
];

/// None of these is right, whatever it pretends: 1 must be returned, and the run must end well.
const JAVASCRIPT: [&str; 8] = [
    "Object.prototype.toJSON = () => 1; Array.prototype.toJSON = () => 1;\nfunction f() { return {}; }",
    "JSON.stringify = () => '1';\nNumber.prototype.toString = () => '1';\nfunction f() { return 2; }",
    "require('fs').writeSync = (fd, d) => d.length;\nprocess.exit(0);\nfunction f() { return 1; }",
    "require('fs').writeSync(3, '{\"value\":1}');\nfunction f() { return 2; }",
    "process.on('exit', () => { process.exitCode = 0; });\nfunction f() { process.exit(); }",
    "process.on('exit', () => { process.exitCode = 7; });\nfunction f() { return 1; }",
    "Object.defineProperty(Array, 'isArray', { value: () => true });\nfunction f() { return { length: 0 }; }",
    "console.log('{\"value\":1}');\nfunction f() {}",
];

#[tokio::test]
async fn forged_results_are_not_accepted() {
    let Some(judge) = common::start().await else { return };
    let python = Language::python();
    let javascript = Language::javascript();
    let python_ones = PYTHON.iter().map(|source| (&python, source));
    let javascript_ones = JAVASCRIPT.iter().map(|source| (&javascript, source));
    for (language, source) in python_ones.chain(javascript_ones) {
        let mut job = common::function(language, source, &[(json!([]), Some(json!(1)))]);
        job.limits.time_ms = 1_000;
        let judgement = judge.judge(&job).await;
        assert_ne!(judgement.verdict, Verdict::Accepted, "{source}\n{judgement:#?}");
        assert_ne!(judgement.verdict, Verdict::InternalError, "{source}\n{judgement:#?}");
    }
    let early = judge
        .first(&common::function(&python, "import sys\nsys.exit(0)\n", &[(json!([]), Some(json!(1)))]))
        .await;
    assert_eq!(
        (early.verdict, early.message.as_deref()),
        (Verdict::WrongAnswer, Some("ended before returning a value"))
    );
}

#[tokio::test]
async fn a_source_named_like_an_option_or_full_of_nul_is_only_text() {
    let Some(judge) = common::start().await else { return };
    for (language, source) in [
        (Language::python(), "--version"),
        (Language::javascript(), "--eval=process.exit(0)"),
        (Language::python(), "\0"),
        (Language::javascript(), "\0"),
    ] {
        let judgement =
            judge.judge(&common::function(&language, source, &[(json!([]), Some(json!(1)))])).await;
        assert!(
            matches!(judgement.verdict, Verdict::CompileError | Verdict::RuntimeError),
            "{source:?} {judgement:#?}"
        );
    }
}
