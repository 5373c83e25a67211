//! JavaScript, as Node.js.

use super::{Declaration, Harness, Start, TestRunner};

/// Loads the learner's file and writes what a function returns.
pub(super) const HARNESS: Harness =
    Harness { name: "harness.cjs", text: include_str!("harness.cjs"), compiled: None };
/// Memory of Node.js beside the heap of JavaScript values, in KiB.
const BESIDE_HEAP_KB: u32 = 40 * 1024;

pub(super) const JAVASCRIPT: Declaration = Declaration {
    id: "javascript",
    name: "JavaScript",
    program: "node",
    probe: &["-e", PROBE],
    source_names: ["solution.js", "solution.js"],
    build: None,
    start: Start::Harness(HARNESS),
    tests: Some(TestRunner {
        files: &[("tests.cjs", include_str!("tests.cjs")), ("expect.cjs", include_str!("expect.cjs"))],
        options: &["--experimental-vm-modules", "--no-warnings"],
    }),
    least_memory_kb: LEAST_MEMORY_KB,
    options,
    env: &[],
    smoke: "function smoke(a, b) { return a + b; }\n",
};

/// Less does not let Node.js start, in KiB.
pub(super) const LEAST_MEMORY_KB: u32 = 96 * 1024;

/// So that garbage is collected before the box's limit is reached, and a full heap is told from a crash.
pub(super) fn options(memory_kb: u32) -> Vec<String> {
    vec![format!("--max-old-space-size={}", memory_kb.saturating_sub(BESIDE_HEAP_KB).max(16 * 1024) / 1024)]
}

/// Some distributions keep parts of Node.js in `/usr/share`.
const PROBE: &str = r#"
const fs = require("fs");
const needs = ["/usr/share/nodejs", "/usr/share/node_modules"].filter((path) => fs.existsSync(path));
console.log(JSON.stringify({ version: process.versions.node, executable: fs.realpathSync(process.execPath), needs }));
"#;
