//! Every language in the real sandbox: programs that read and write, what compilers say, and what they must not show or do.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use codementor_core::judging::{Entry, Expected, Input, Limits, Types};
use codementor_core::ports::Judge;
use codementor_core::{Language, Verdict};
use common::TestJudge;
use serde_json::{Value, json};

/// A program in each language that adds up the numbers it reads, and one whose second line does not compile.
const PROGRAMS: [(&str, &str, &str); 8] = [
    ("python", "print(sum(map(int, open(0).read().split())))\n", "x = 1\ndef (\n"),
    (
        "javascript",
        "console.log(require('fs').readFileSync(0, 'utf8').split(' ').reduce((a, b) => +a + +b));\n",
        "let x = 1;\nlet = = ;\n",
    ),
    (
        "typescript",
        "import { readFileSync } from 'fs';\nconst name: string = readFileSync(0, 'utf8');\n\
         console.log(name.split(' ').map(Number).reduce((a: number, b: number) => a + b));\n",
        "let x = 1;\nlet y: number = 'text';\n",
    ),
    (
        "c",
        "#include <stdio.h>\nint main(void) { int s = 0, n; while (scanf(\"%d\", &n) == 1) s += n; printf(\"%d\\n\", s); }\n",
        "int x;\nint main(void) { return y; }\n",
    ),
    (
        "cpp",
        "#include <iostream>\n#include <ranges>\nint main() { int s = 0, n; while (std::cin >> n) s += n; std::cout << s << '\\n'; }\n",
        "int x;\nint main() { return y; }\n",
    ),
    (
        "rust",
        "use std::io::Read;\nfn main() {\n    let mut text = String::new();\n    std::io::stdin().read_to_string(&mut text).unwrap();\n    \
         println!(\"{}\", text.split_whitespace().map(|n| n.parse::<i32>().unwrap()).sum::<i32>());\n}\n",
        "fn main() {\n    let x: i32 = \"text\";\n}\n",
    ),
    (
        "go",
        "package main\n\nimport (\n\t\"bufio\"\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\tin := bufio.NewReader(os.Stdin)\n\tsum, n := 0, 0\n\t\
         for {\n\t\tif _, err := fmt.Fscan(in, &n); err != nil {\n\t\t\tbreak\n\t\t}\n\t\tsum += n\n\t}\n\tfmt.Println(sum)\n}\n",
        "package main\nfunc main() { y() }\n",
    ),
    (
        "java",
        "import java.util.*;\n\npublic class Main {\n    record Sum(int value) {}\n    public static void main(String[] args) {\n        \
         Scanner in = new Scanner(System.in);\n        int sum = 0;\n        while (in.hasNextInt()) sum += in.nextInt();\n        \
         System.out.println(new Sum(sum).value());\n    }\n}\n",
        "public class Main {\n    int x = y;\n}\n",
    ),
];

fn language(id: &str) -> Language {
    id.parse().expect("a language")
}

/// The languages that are installed here; in CI that is all of them.
fn installed(judge: &TestJudge) -> Vec<(&'static str, &'static str, &'static str)> {
    let known = judge.judge.languages();
    let is_known = |id: &str| known.iter().any(|language| language.id.as_str() == id);
    let missing: Vec<_> = PROGRAMS.iter().map(|(id, ..)| *id).filter(|id| !is_known(id)).collect();
    assert!(std::env::var("CI").is_err() || missing.is_empty(), "not installed or not working: {missing:?}");
    if !missing.is_empty() {
        eprintln!("SKIPPED: not installed or not working: {missing:?}");
    }
    PROGRAMS.into_iter().filter(|(id, ..)| is_known(id)).collect()
}

async fn start() -> Option<TestJudge> {
    let judge = common::start().await?;
    judge.judge.try_all().await;
    Some(judge)
}

async fn compile(judge: &TestJudge, id: &str, source: &str) -> String {
    let judgement = judge.judge(&common::program(&language(id), source, "", None)).await;
    assert_eq!(judgement.verdict, Verdict::CompileError, "{id}: {judgement:#?}");
    assert!(judgement.tests.is_empty());
    judgement.compile_output.expect("what the compiler said")
}

#[tokio::test]
async fn a_program_in_each_language_reads_and_writes() {
    let Some(judge) = start().await else { return };
    for (id, source, _) in installed(&judge) {
        let mut job = common::program(&language(id), source, "3 4", Some("7\n"));
        job.limits = Limits { time_ms: 5_000, memory_kb: 128 * 1024 };
        for input in ["1 2", "40 2"] {
            let mut more = job.tests[0].clone();
            more.input = Input::Stdin(input.to_owned());
            more.expected = Some(Expected::Stdout(format!("{}\n", if input == "1 2" { 3 } else { 42 })));
            job.tests.push(more);
        }
        let judgement = judge.judge(&job).await;
        assert_eq!(judgement.verdict, Verdict::Accepted, "{id}: {judgement:#?}");
        for outcome in judgement.tests {
            eprintln!("{id}: {} ms, {} KiB", outcome.time_ms, outcome.memory_kb);
        }
    }
}

#[tokio::test]
async fn what_does_not_compile_is_told_with_its_line_and_without_the_machines_folders() {
    let Some(judge) = start().await else { return };
    for (id, _, broken) in installed(&judge) {
        let said = compile(&judge, id, broken).await;
        let is_named = [":2", "(2,", "line 2"].iter().any(|line| said.contains(line));
        assert!(is_named, "{id}: the line: {said}");
        assert!(
            !said.contains("/box") && !said.contains("/root") && !said.contains("/judge"),
            "{id}: {said}"
        );
        assert_eq!(compile(&judge, id, broken).await, said, "{id}: the same again");
    }
}

#[tokio::test]
async fn functions_are_called_in_typescript_too() {
    let Some(judge) = start().await else { return };
    if !installed(&judge).iter().any(|(id, ..)| *id == "typescript") {
        return;
    }
    let source = "export function f(words: string[]): Record<string, number> {\n  \
                  return Object.fromEntries(words.map((word) => [word, word.length]));\n}\n";
    let tests = [(json!([["a", "bcd"]]), Some(json!({"a": 1, "bcd": 3})))];
    let mut job = common::function(&language("typescript"), source, &tests);
    assert_eq!(judge.first(&job).await.verdict, Verdict::Accepted);
    job.source = source.replace("export ", "");
    assert_eq!(judge.first(&job).await.verdict, Verdict::Accepted);
    job.entry = Entry::Function { name: "g".to_owned(), types: None };
    assert_eq!(judge.first(&job).await.verdict, Verdict::RuntimeError);
}

fn types(parameters: &[&str], returns: &str) -> Option<Types> {
    let kind = |text: &str| text.parse().expect("a type");
    Some(Types { parameters: parameters.iter().map(|text| kind(text)).collect(), returns: kind(returns) })
}

/// A function `f` in each language that hands back what it is given: a number, a text, lists of lists, and what may be missing.
const ECHOES: [(&str, &str, &str, &str); 6] = [
    (
        "int",
        "long long f(long long x) { return x; }",
        "int f(x int) int { return x }",
        "static long f(long x) { return x; }",
    ),
    (
        "float",
        "double f(double x) { return x; }",
        "float64 f(x float64) float64 { return x }",
        "static double f(double x) { return x; }",
    ),
    (
        "string",
        "std::string f(std::string x) { return x; }",
        "string f(x string) string { return x }",
        "static String f(String x) { return x; }",
    ),
    (
        "bool[][]",
        "#include <vector>\nstd::vector<std::vector<bool>> f(std::vector<std::vector<bool>> x) { return x; }",
        "[][]bool f(x [][]bool) [][]bool { return x }",
        "static boolean[][] f(boolean[][] x) { return x; }",
    ),
    (
        "int?",
        "#include <optional>\nstd::optional<long long> f(std::optional<long long> x) { return x; }",
        "*int f(x *int) *int { return x }",
        "static Long f(Long x) { return x; }",
    ),
    (
        "map<string, int[]>",
        "#include <map>\n#include <vector>\n#include <string>\nstd::map<std::string, std::vector<long long>> f(\
         const std::map<std::string, std::vector<long long>> &x) { return x; }",
        "map[string][]int f(x map[string][]int) map[string][]int { return x }",
        "static java.util.Map<String, java.util.List<Long>> f(java.util.Map<String, java.util.List<Long>> x) { return x; }",
    ),
];

fn values(kind: &str) -> Vec<Value> {
    match kind {
        "int" => vec![json!(0), json!(-7), json!(9_007_199_254_740_991_i64)],
        "float" => vec![json!(0.5), json!(-1e21), json!(3.0), json!(1e-7)],
        "string" => vec![json!(""), json!("plain"), json!("\"quoted\" \\ \n\t\u{1} zwölf 😀 \u{2028}")],
        "bool[][]" => vec![json!([]), json!([[]]), json!([[true, false], [], [true]])],
        "int?" => vec![json!(null), json!(5)],
        _ => vec![json!({}), json!({"a": [], "b c": [1, 2], "ü\"": [3]})],
    }
}

fn rust_type(kind: &str) -> &'static str {
    match kind {
        "int" => "i64",
        "float" => "f64",
        "string" => "String",
        "bool[][]" => "Vec<Vec<bool>>",
        "int?" => "Option<i64>",
        _ => "std::collections::BTreeMap<String, Vec<i64>>",
    }
}

#[tokio::test]
async fn functions_are_called_with_what_the_challenge_says_and_what_they_return_comes_back() {
    let Some(judge) = start().await else { return };
    let known = installed(&judge);
    for (kind, cpp, go, java) in ECHOES {
        let go = go.split_once(' ').expect("a type").1;
        let rust = format!("pub fn f(x: {0}) -> {0} {{ x }}\n", rust_type(kind));
        for (id, source) in [
            ("cpp", format!("#include <string>\n{cpp}\n")),
            ("go", format!("package main\n\nfunc {go}\n")),
            ("java", format!("public class Solution {{\n    public {java}\n}}\n")),
            ("rust", rust.clone()),
        ] {
            if !known.iter().any(|(installed, ..)| *installed == id) {
                continue;
            }
            let tests: Vec<_> = values(kind).into_iter().map(|value| (json!([value]), Some(value))).collect();
            let mut job = common::function(&language(id), &source, &tests);
            job.entry = Entry::Function { name: "f".to_owned(), types: types(&[kind], kind) };
            let judgement = judge.judge(&job).await;
            assert_eq!(judgement.verdict, Verdict::Accepted, "{id} {kind}: {judgement:#?}");
        }
    }
}

#[tokio::test]
async fn a_call_takes_several_arguments_and_a_failure_is_told() {
    let Some(judge) = start().await else { return };
    let known = installed(&judge);
    for (id, right, throws) in [
        (
            "cpp",
            "#include <vector>\n#include <string>\nusing namespace std;\nvector<string> f(string a, vector<int> n) { return {a, to_string(n.size())}; }\n",
            "#include <stdexcept>\n#include <vector>\n#include <string>\nstd::vector<std::string> f(std::string, std::vector<long long>) \
             { throw std::runtime_error(\"no such thing\"); }\n",
        ),
        (
            "go",
            "package main\n\nimport \"fmt\"\n\nfunc f(a string, n []int) []string { fmt.Println(\"seen\"); return []string{a, fmt.Sprint(len(n))} }\n",
            "package main\n\nfunc f(a string, n []int) []string { panic(\"no such thing\") }\n",
        ),
        (
            "java",
            "class Solution {\n    static String[] f(String a, int[] n) { System.out.println(\"seen\"); return new String[] {a, \"\" + n.length}; }\n}\n",
            "class Solution {\n    static String[] f(String a, int[] n) { throw new IllegalStateException(\"no such thing\"); }\n}\n",
        ),
        (
            "rust",
            "pub fn f(a: String, n: Vec<i64>) -> Vec<String> { println!(\"seen\"); vec![a, n.len().to_string()] }\n",
            "pub fn f(a: String, n: Vec<i64>) -> Vec<String> { panic!(\"no such thing\") }\n",
        ),
    ] {
        if !known.iter().any(|(installed, ..)| *installed == id) {
            continue;
        }
        let right = right.replace("vector<int>", "vector<long long>");
        let tests =
            [(json!(["x", [1, 2, 3]]), Some(json!(["x", "3"]))), (json!(["", []]), Some(json!(["", "1"])))];
        let mut job = common::function(&language(id), &right, &tests);
        job.entry = Entry::Function { name: "f".to_owned(), types: types(&["string", "int[]"], "string[]") };
        let judgement = judge.judge(&job).await;
        let verdicts: Vec<_> = judgement.tests.iter().map(|test| test.verdict).collect();
        assert_eq!(verdicts, [Verdict::Accepted, Verdict::WrongAnswer], "{id}: {judgement:#?}");
        job.source = throws.to_owned();
        let judgement = judge.judge(&job).await;
        assert_eq!(judgement.verdict, Verdict::RuntimeError, "{id}: {judgement:#?}");
        assert!(judgement.tests[0].stderr.contains("no such thing"), "{id}: {judgement:#?}");
        job.source = right.replace(" f(", " g(");
        let verdict = judge.judge(&job).await.verdict;
        assert!(matches!(verdict, Verdict::CompileError | Verdict::RuntimeError), "{id}: {verdict:?}");
        job.entry = Entry::Function { name: "f".to_owned(), types: None };
        assert!(judge.judge.judge(&job, None).await.is_err(), "{id}");
    }
}

#[tokio::test]
async fn compiled_programs_have_the_same_limits() {
    let Some(judge) = start().await else { return };
    let limits = Limits { time_ms: 1_000, memory_kb: 32 * 1024 };
    for (source, verdict, message) in [
        ("int main(void) { for (;;) ; }", Verdict::TimeLimitExceeded, "processor time"),
        (
            "#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }",
            Verdict::MemoryLimitExceeded,
            "memory",
        ),
        (
            "#include <stdio.h>\nint main(void) { for (;;) puts(\"more\"); }",
            Verdict::OutputLimitExceeded,
            "wrote",
        ),
        ("int main(void) { return *(volatile int *)0; }", Verdict::RuntimeError, "SIGSEGV"),
        ("#include <stdlib.h>\nint main(void) { abort(); }", Verdict::RuntimeError, "SIGABRT"),
        ("int main(void) { return 3; }", Verdict::RuntimeError, "exit code 3"),
    ] {
        let mut job = common::program(&language("c"), source, "", None);
        job.limits = limits;
        let outcome = judge.first(&job).await;
        assert_eq!(outcome.verdict, verdict, "{source}\n{outcome:#?}");
        assert!(outcome.message.unwrap_or_default().contains(message), "{source}");
    }
    if installed(&judge).iter().any(|(id, ..)| *id == "java") {
        let source = "import java.util.*;\npublic class Main {\n    public static void main(String[] a) {\n        \
                      List<long[]> all = new ArrayList<>();\n        while (true) all.add(new long[1 << 16]);\n    }\n}\n";
        let outcome = judge.first(&common::program(&language("java"), source, "", None)).await;
        assert_eq!(outcome.verdict, Verdict::MemoryLimitExceeded, "{outcome:#?}");
    }
    // So many processes as there may be are too much for one limit or the other.
    let mut bomb =
        common::program(&language("c"), "#include <unistd.h>\nint main(void) { for (;;) fork(); }", "", None);
    bomb.limits = limits;
    let verdict = judge.first(&bomb).await.verdict;
    assert!(matches!(verdict, Verdict::TimeLimitExceeded | Verdict::MemoryLimitExceeded), "{verdict:?}");
    assert_eq!(judge.programs().await, 0, "nothing is left of it");
}

#[tokio::test]
async fn a_compiler_shows_nothing_of_this_machine() {
    let Some(judge) = start().await else { return };
    let secret = std::fs::read_to_string("/etc/passwd").expect("a file of the host's");
    let line = secret.lines().next().expect("a line").to_owned();
    for (id, source) in [
        ("c", "#include \"/etc/passwd\"\nint main(void) { return 0; }\n".to_owned()),
        ("c", "#include \"/proc/self/environ\"\nint main(void) { return x; }\n".to_owned()),
        ("c", "__asm__(\".incbin \\\"/etc/shadow\\\"\");\nint main(void) { return 0; }\n".to_owned()),
        (
            "cpp",
            "#include \"/dev/stdin\"\n#include \"/proc/1/environ\"\nint main() { return x; }\n".to_owned(),
        ),
        ("rust", "fn main() { compile_error!(include_str!(\"/etc/passwd\")); }\n".to_owned()),
        ("rust", "fn main() { println!(\"{}\", concat!(env!(\"PATH\"), env!(\"TOOL\"))); }\n".to_owned()),
        (
            "rust",
            "const S: &str = include_str!(\"/etc/shadow\");\nfn main() { println!(\"{S}\"); }\n".to_owned(),
        ),
    ] {
        if !installed(&judge).iter().any(|(known, ..)| *known == id) {
            continue;
        }
        let said = compile(&judge, id, &source).await;
        assert!(!said.contains(&line) && !said.contains("PATH=/root"), "{id}: {said}");
    }
}

#[tokio::test]
async fn a_compiler_is_bounded_in_time_memory_and_size() {
    let Some(judge) = start().await else { return };
    let deep = "template <int N> struct S { typedef typename S<N - 1>::T A; typedef typename S<N - 2>::T T; A x; T y; };\n\
                template <> struct S<0> { typedef int T; };\ntemplate <> struct S<1> { typedef int T; };\n\
                template <class A, class B> struct P { P<P<A, B>, P<B, A>> *p; static const int v = P<P<A, B>, P<B, A>>::v; };\n\
                int main() { return P<int, char>::v; }\n";
    let large = "char data[1u << 30] = {1};\nint main(void) { return data[5]; }\n";
    let bomb = "#define A x x x x x x x x x x\n#define B A A A A A A A A A A\n#define C B B B B B B B B B B\n#define D C C C C C C C C C C\n\
                #define E D D D D D D D D D D\n#define F E E E E E E E E E E\n#define G F F F F F F F F F F\n#define H G G G G G G G G G G\n\
                #define x int y;\nint main(void) { H H H H }\n";
    for (id, source) in [("cpp", deep), ("c", large), ("c", bomb)] {
        compile(&judge, id, source).await;
    }
    assert_eq!(judge.programs().await, 0, "nothing is left of them");
}

#[tokio::test]
async fn what_a_program_writes_cannot_be_executed() {
    let Some(judge) = start().await else { return };
    let mut job = common::program(
        &language("c"),
        "#include <stdio.h>\n#include <unistd.h>\nint main(void) { char at[200] = {0}; readlink(\"/proc/self/exe\", at, 199); \
         FILE *f = fopen(\"/box/other\", \"w\"); fputs(\"#!/bin/sh\\n\", f); fclose(f); \
         execl(\"/box/other\", \"other\", NULL); perror(\"exec\"); return 0; }\n",
        "",
        None,
    );
    job.limits = Limits { time_ms: 2_000, memory_kb: 32 * 1024 };
    let outcome = judge.first(&job).await;
    assert_eq!(outcome.verdict, Verdict::Accepted, "{outcome:#?}");
    assert!(outcome.stderr.contains("Permission denied"), "{outcome:#?}");
}
