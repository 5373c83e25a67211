//! Go, without modules: a file has the standard library. Its cache lives as long as the box.

use super::{Build, Declaration, Start, callers};

pub(super) const GO: Declaration = Declaration {
    id: "go",
    name: "Go",
    program: "sh",
    probe: &["-c", PROBE],
    source_names: ["solution.go", "solution.go"],
    build: Some(Build {
        script: "export GOROOT=${0%/bin/go} GOCACHE=/tmp/cache GOFLAGS=-mod=mod GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=0\n\
                 [ \"$2\" = program ] || { cat > main.go; cp /judge/harness.go .; set -- \"$@\" main.go harness.go; }\n\
                 shift 2\n\
                 exec \"$0\" build -o program solution.go \"$@\"",
        output: "program",
        file: Some(("harness.go", callers::GO_HARNESS)),
        caller: Some(callers::go),
    }),
    start: Start::Itself,
    tests: None,
    least_memory_kb: 32 * 1024,
    options: |_| Vec::new(),
    env: &["GOMAXPROCS=2"],
    smoke: "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tvar a, b int\n\tfmt.Scan(&a, &b)\n\tfmt.Println(a + b)\n}\n",
};

const PROBE: &str = r#"go=$(readlink -f "$(command -v go)") && root=${go%/bin/go} && version=$(head -n 1 "$root/VERSION") && version=${version#go} &&
printf '{"version":"%s","executable":"%s/bin/go","tools":["%s","/usr/share/go-%s"]}' "$version" "$root" "$root" "${version%.*}""#;
