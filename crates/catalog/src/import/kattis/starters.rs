//! What a learner begins with: the program reads its input, and the rest is theirs.

/// The starter of a language.
pub(super) fn starter(language: &str) -> &'static str {
    match language {
        "python" => "import sys\n\nlines = sys.stdin.read().splitlines()\n",
        "javascript" => "const lines = require(\"fs\").readFileSync(0, \"utf8\").split(\"\\n\");\n",
        "typescript" => {
            "import { readFileSync } from \"fs\";\n\nconst lines: string[] = readFileSync(0, \"utf8\").split(\"\\n\");\n"
        }
        "c" => "#include <stdio.h>\n\nint main(void) {\n  return 0;\n}\n",
        "cpp" => "#include <iostream>\n\nint main() {\n  return 0;\n}\n",
        "rust" => {
            "use std::io;\n\nfn main() -> io::Result<()> {\n    let _text = io::read_to_string(io::stdin())?;\n    Ok(())\n}\n"
        }
        "go" => "package main\n\nfunc main() {\n}\n",
        "java" => {
            "public class Main {\n    public static void main(String[] args) throws Exception {\n    }\n}\n"
        }
        _ => "\n",
    }
}

/// The starter for a program that speaks with another: it must not read to the end of its input first.
pub(super) fn talking(language: &str) -> &'static str {
    match language {
        "python" => "line = input()\n# print(..., flush=True) says something at once\n",
        "javascript" => {
            "const lines = require(\"readline\").createInterface({ input: process.stdin });\n\nlines.on(\"line\", (line) => {\n});\n"
        }
        "typescript" => {
            "import * as readline from \"readline\";\n\nconst lines = readline.createInterface({ input: process.stdin });\n"
        }
        "rust" => {
            "use std::io;\n\nfn main() -> io::Result<()> {\n    let mut line = String::new();\n    io::stdin().read_line(&mut line)?;\n    Ok(())\n}\n"
        }
        other => starter(other),
    }
}
