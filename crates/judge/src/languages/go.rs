//! Go, without modules: a file has the standard library. Its cache lives as long as the box. Since Go 1.20 the library comes as source
//! only, and would be compiled with every program; so the parts that programs here use are compiled once, into the cache that each
//! box begins with.

use super::{Build, Declaration, Start, callers};

pub(super) const GO: Declaration = Declaration {
    id: "go",
    name: "Go",
    program: "sh",
    probe: &["-c", PROBE],
    source_names: ["solution.go", "solution.go"],
    build: Some(Build {
        script: "export GOROOT=${0%/bin/go} GOCACHE=/tmp/cache GOFLAGS=-mod=mod GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=0\n\
                 files=solution.go\n\
                 [ \"$2\" = program ] || { cat > main.go; cp /judge/harness.go .; files=\"$files main.go harness.go\"; }\n\
                 [ -z \"${3-}\" ] || { cp -rs \"$3/whole\" /tmp/cache; date +%s > /tmp/cache/trim.txt; }\n\
                 exec \"$0\" build -o program $files",
        output: "program",
        file: Some(("harness.go", callers::GO_HARNESS)),
        once: Some(STANDARD_LIBRARY),
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
once=true && for file in "$root"/pkg/*/fmt.a; do [ ! -e "$file" ] || once=false; done &&
printf '{"version":"%s","executable":"%s/bin/go","tools":["%s","/usr/share/go-%s"],"once":%s}' "$version" "$root" "$root" "${version%.*}" "$once""#;

/// With the settings of the build above, on which the cache's keys depend. What a version does not have is left out.
const STANDARD_LIBRARY: &str = r#"umask 022
export PATH=/usr/bin:/bin HOME="$PWD" GOROOT="${0%/bin/go}" GOCACHE="$PWD/whole" GOFLAGS=-mod=mod GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=0
"$0" list std | grep -Ex "bufio|bytes|cmp|compress/gzip|container/(heap|list|ring)|context|crypto/(md5|rand|sha1|sha256|sha512)|embed|\
encoding/(base32|base64|binary|csv|hex|json)|errors|flag|fmt|hash/(adler32|crc32|crc64|fnv|maphash)|html|index/suffixarray|io|iter|log|maps|\
math|math/(big|bits|cmplx|rand|rand/v2)|os|path|path/filepath|reflect|regexp|runtime|runtime/debug|slices|sort|strconv|strings|sync|\
sync/atomic|text/(tabwriter|template)|time|unicode|unicode/(utf16|utf8)|unique|unsafe" > packages
printf 'package main\n\nfunc main() {}\n' > main.go
"$0" build $(cat packages)
"$0" build -o program main.go
rm -f whole/trim.txt"#;
