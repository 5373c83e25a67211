//! Rust, as rustc; it links with the system's C compiler.

use super::{Build, Declaration, Start, callers};

pub(super) const RUST: Declaration = Declaration {
    id: "rust",
    name: "Rust",
    program: "sh",
    probe: &["-c", PROBE],
    source_names: ["solution.rs", "solution.rs"],
    build: Some(Build {
        script: "file=solution.rs\n\
                 [ \"$2\" = program ] || { file=main.rs; cat > main.rs; }\n\
                 exec \"$0\" --edition 2021 -C opt-level=2 -C codegen-units=1 -C strip=debuginfo -C linker=gcc --crate-name solution \
                 -o program $file",
        output: "program",
        file: Some(("harness.rs", callers::RUST_HARNESS)),
        once: None,
        caller: Some(callers::rust),
    }),
    start: Start::Itself,
    tests: None,
    least_memory_kb: 8 * 1024,
    options: |_| Vec::new(),
    env: &[],
    smoke: "fn main() {\n    let text = std::io::read_to_string(std::io::stdin()).unwrap();\n    \
            println!(\"{}\", text.split_whitespace().map(|n| n.parse::<i64>().unwrap()).sum::<i64>());\n}\n",
};

/// The sysroot has the compiler itself; what is in `PATH` may only choose one.
const PROBE: &str = r#"command -v gcc >/dev/null && sysroot=$(rustc --print sysroot) && version=$(rustc --version | cut -d' ' -f2) &&
printf '{"version":"%s","executable":"%s/bin/rustc","tools":["%s"]}' "$version" "$sysroot" "$sysroot""#;
