//! TypeScript, as its compiler; what comes out is run as JavaScript.

use super::javascript::{HARNESS, LEAST_MEMORY_KB, options};
use super::{Build, Declaration, Start};

pub(super) const TYPESCRIPT: Declaration = Declaration {
    id: "typescript",
    name: "TypeScript",
    program: "sh",
    probe: &["-c", PROBE],
    source_names: ["solution.ts", "solution.ts"],
    build: Some(Build {
        script: "\"$1\" \"$0\" --target es2022 --lib es2022,dom --module commonjs --moduleDetection force --strict --esModuleInterop \
                 --pretty false --outDir out --removeComments false /judge/node.d.ts solution.ts >&2 && mv out/solution.js solution.js",
        output: "solution.js",
        file: Some(("node.d.ts", include_str!("node.d.ts"))),
        once: None,
        caller: None,
    }),
    start: Start::Harness(HARNESS),
    tests: None,
    least_memory_kb: LEAST_MEMORY_KB,
    options,
    env: &[],
    smoke: "function smoke(a: number, b: number): number { return a + b; }\n",
};

const PROBE: &str = r#"tsc=$(readlink -f "$(command -v tsc)") && node=$(readlink -f "$(command -v node)") && module=${tsc%/bin/tsc} &&
version=$("$node" -p "require('$module/package.json').version") &&
printf '{"version":"%s","executable":"%s","runtime":"%s","needs":["/usr/share/nodejs","/usr/share/node_modules"],"tools":["%s"]}' \
"$version" "$tsc" "$node" "$module""#;
