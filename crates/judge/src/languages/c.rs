//! C, as GCC.

use super::{Build, Declaration, Start};

pub(super) const C: Declaration = Declaration {
    id: "c",
    name: "C",
    program: "sh",
    probe: &["-c", PROBE],
    source_names: ["solution.c", "solution.c"],
    build: Some(Build {
        script: "exec \"$0\" -x c -std=gnu17 -O2 -Wall -o program *.c -lm",
        output: "program",
        file: None,
        caller: None,
    }),
    start: Start::Itself,
    tests: None,
    least_memory_kb: 8 * 1024,
    options: |_| Vec::new(),
    env: &[],
    smoke: "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + b); }\n",
};

const PROBE: &str = r#"version=$(gcc -dumpfullversion -dumpversion) &&
printf '{"version":"%s","executable":"%s"}' "$version" "$(command -v gcc)""#;
