//! C++, as GCC.

use super::{Build, Declaration, Start, callers};

pub(super) const CPP: Declaration = Declaration {
    id: "cpp",
    name: "C++",
    program: "sh",
    probe: &["-c", PROBE],
    source_names: ["solution.cpp", "solution.cpp"],
    build: Some(Build {
        script: "file=solution.cpp\n\
                 [ \"$2\" = program ] || { file=main.cpp; cat > main.cpp; }\n\
                 for other in *.cc *.cxx *.cpp; do\n\
                 case \"$other\" in solution.cpp|main.cpp) ;; *) [ ! -f \"$other\" ] || file=\"$file $other\";; esac\n\
                 done\n\
                 exec \"$0\" -x c++ -std=gnu++20 -O2 -Wall -o program $file",
        output: "program",
        file: Some(("harness.hpp", callers::CPP_HARNESS)),
        once: None,
        caller: Some(callers::cpp),
    }),
    start: Start::Itself,
    tests: None,
    least_memory_kb: 8 * 1024,
    options: |_| Vec::new(),
    env: &[],
    smoke: "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n",
};

const PROBE: &str = r#"version=$(g++ -dumpfullversion -dumpversion) &&
printf '{"version":"%s","executable":"%s"}' "$version" "$(command -v g++)""#;
