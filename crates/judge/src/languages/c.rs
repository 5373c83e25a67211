//! C, as GCC. What calls a function takes the learner's file into itself, so that the compiler sees whether they agree.

use super::{Build, Declaration, Start, callers};

pub(super) const C: Declaration = Declaration {
    id: "c",
    name: "C",
    program: "sh",
    probe: &["-c", PROBE],
    source_names: ["solution.c", "solution.c"],
    build: Some(Build {
        // A program that checks may be several files; the one that calls a function takes the learner's in.
        script: "if [ \"$2\" = program ]; then set -- *.c; else cat > main.c; set -- main.c /judge/harness.c; fi\n\
                 exec \"$0\" -x c -std=gnu17 -O2 -Wall -o program \"$@\" -lm",
        output: "program",
        file: Some(("harness.c", callers::C_HARNESS)),
        once: None,
        caller: Some(callers::c),
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
