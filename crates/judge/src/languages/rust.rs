//! Rust, as rustc; it links with the system's C compiler.

use super::{Build, Declaration, Start};

pub(super) const RUST: Declaration = Declaration {
    id: "rust",
    name: "Rust",
    program: "sh",
    probe: &["-c", PROBE],
    source_name: "solution.rs",
    build: Some(Build {
        script: "exec \"$0\" --edition 2021 -C opt-level=2 -C codegen-units=1 -C strip=debuginfo -C linker=gcc --crate-name solution \
                 -o program solution.rs",
        output: "program",
        file: None,
    }),
    start: Start::Itself,
    least_memory_kb: 8 * 1024,
    options: |_| Vec::new(),
    env: &[],
    smoke: "fn main() {\n    let text = std::io::read_to_string(std::io::stdin()).unwrap();\n    \
            println!(\"{}\", text.split_whitespace().map(|n| n.parse::<i64>().unwrap()).sum::<i64>());\n}\n",
};

/// The sysroot has the compiler itself; what is in `PATH` may only choose one.
const PROBE: &str = r#"command -v cc >/dev/null && sysroot=$(rustc --print sysroot) && version=$(rustc --version | cut -d' ' -f2) &&
printf '{"version":"%s","executable":"%s/bin/rustc","tools":["%s"]}' "$version" "$sysroot" "$sysroot""#;
