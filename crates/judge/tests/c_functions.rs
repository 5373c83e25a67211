//! Functions in C, in the real sandbox: how values come and go, and what becomes of those that make no sense.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use codementor_core::judging::{Entry, Job, Types};
use codementor_core::{Language, Verdict};
use common::TestJudge;
use serde_json::{Value, json};

fn c() -> Language {
    "c".parse().expect("a language")
}

fn job(source: &str, (parameters, returns): (&[&str], &str), tests: &[(Value, Value)]) -> Job {
    let tests: Vec<_> = tests.iter().map(|(args, expected)| (args.clone(), Some(expected.clone()))).collect();
    let mut job = common::function(&c(), source, &tests);
    let kind = |text: &&str| text.parse().expect("a type");
    let types = Types { parameters: parameters.iter().map(kind).collect(), returns: kind(&returns) };
    job.entry = Entry::Function { name: "f".to_owned(), types: Some(types) };
    job
}

async fn verdicts(judge: &TestJudge, job: &Job) -> Vec<Verdict> {
    let judgement = judge.judge(job).await;
    assert_ne!(judgement.verdict, Verdict::CompileError, "{:?}", judgement.compile_output);
    judgement.tests.iter().map(|test| test.verdict).collect()
}

/// For each type a function that hands back what it is given, and values of it.
fn echoes() -> Vec<(&'static str, String, Vec<Value>)> {
    let list = |item: &str| {
        format!(
            "#include <stdbool.h>\n#include <stddef.h>\n{item}*f({item}*x, size_t n, size_t *size) {{ *size = n; return x; }}\n"
        )
    };
    let table = |item: &str| {
        format!(
            "#include <stdbool.h>\n#include <stddef.h>\n{item}**f({item}**x, size_t n, size_t *m, size_t *size, size_t **sizes) \
             {{ *size = n; *sizes = m; return x; }}\n"
        )
    };
    let texts = json!(["", "plain", "\"quoted\" \\ / \n\t\u{8}\u{c}\r\u{1} zwölf 😀 \u{2028}", "b\\u0062"]);
    vec![
        (
            "int",
            "long long f(long long x) { return x; }".into(),
            vec![json!(0), json!(-7), json!(9_007_199_254_740_991_i64)],
        ),
        (
            "float",
            "double f(double x) { return x; }".into(),
            vec![json!(0.5), json!(-1e21), json!(3.0), json!(1e-7)],
        ),
        (
            "bool",
            "#include <stdbool.h>\nbool f(bool x) { return x; }".into(),
            vec![json!(true), json!(false)],
        ),
        (
            "string",
            "const char *f(const char *x) { return x; }".into(),
            texts.as_array().expect("texts").clone(),
        ),
        ("string?", "char *f(const char *x) { return (char *)x; }".into(), vec![json!(null), json!("")]),
        (
            "int?",
            "long long *f(const long long *x) { return (long long *)x; }".into(),
            vec![json!(null), json!(-5)],
        ),
        ("float?", "const double *f(const double *x) { return x; }".into(), vec![json!(null), json!(0.25)]),
        (
            "int[]",
            list("long long "),
            vec![json!([]), json!([1, -2, 3]), json!((0..1_000).collect::<Vec<_>>())],
        ),
        ("float[]", list("double "), vec![json!([]), json!([0.5, 1e300])]),
        ("bool[]", list("bool "), vec![json!([]), json!([true, false, true])]),
        ("string[]", list("char *"), vec![json!([]), texts.clone()]),
        ("string[]", list("const char *"), vec![texts.clone()]),
        ("int[][]", table("long long "), vec![json!([]), json!([[], [1, 2], [3]])]),
        ("bool[][]", table("bool "), vec![json!([[true], []])]),
        ("string[][]", table("char *"), vec![json!([]), json!([texts, [], ["x"]])]),
    ]
}

#[tokio::test]
async fn what_a_function_is_given_comes_back() {
    let Some(judge) = common::start().await else { return };
    for (kind, source, values) in echoes() {
        let tests: Vec<_> = values.into_iter().map(|value| (json!([value]), value)).collect();
        let judgement = judge.judge(&job(&source, (&[kind], kind), &tests)).await;
        assert_eq!(judgement.verdict, Verdict::Accepted, "{kind}: {source}\n{judgement:#?}");
        assert_eq!(judgement.tests.len(), tests.len());
    }
}

#[tokio::test]
async fn the_learners_file_has_its_own_names_and_headers() {
    let Some(judge) = common::start().await else { return };
    let shape: (&[&str], &str) = (&["string", "int[]", "int"], "string[]");
    let tests = [(json!(["x", [3, 1, 2], 2]), json!(["x", "1"]))];
    let source = "#include <stdio.h>\n#include <stdlib.h>\n#define length 2\nstatic int read(const void *a, const void *b) \
                  { return *(long long *)a - *(long long *)b; }\nint write(void) { return 1; }\nint judge_at = 5, index;\n\
                  static char **f(const char *a, long long *n, size_t n_size, int k, size_t *size) {\n\
                  qsort(n, n_size, sizeof *n, read);\nprintf(\"seen %d\\n\", k);\nchar **all = malloc(length * sizeof *all);\n\
                  all[0] = (char *)a;\nall[1] = malloc(20);\nsprintf(all[1], \"%lld\", n[0] * write());\n*size = length;\nreturn all;\n}\n";
    let judgement = judge.judge(&job(source, shape, &tests)).await;
    assert_eq!(judgement.verdict, Verdict::Accepted, "{judgement:#?}");
    assert_eq!(judgement.tests[0].stdout, "seen 2\n");
}

#[tokio::test]
async fn another_signature_does_not_compile_and_the_compiler_says_why() {
    let Some(judge) = common::start().await else { return };
    let shape: (&[&str], &str) = (&["int[]"], "int[]");
    for (source, told) in [
        ("#include <stddef.h>\nlong long *g(long long *x, size_t n, size_t *s) { return x; }", "'f'"),
        ("#include <stddef.h>\nint *f(int *x, size_t n, size_t *s) { return x; }", "incompatible"),
        ("#include <stddef.h>\nlong long *f(long long *x, int n, int *s) { return x; }", "'int *'"),
        ("#include <stddef.h>\nlong long f(long long *x, size_t n, size_t *s) { return 1; }", "pointer"),
        ("#include <stddef.h>\nlong long *f(long long *x, size_t n) { return x; }", "too many arguments"),
        (
            "#include <stddef.h>\nlong long *f(long long *x, size_t n, size_t *s) { return y; }",
            "solution.c:2:",
        ),
    ] {
        let judgement = judge.judge(&job(source, shape, &[(json!([[1]]), json!([1]))])).await;
        assert_eq!(judgement.verdict, Verdict::CompileError, "{source}\n{judgement:#?}");
        let said = judgement.compile_output.expect("what the compiler said").replace(['‘', '’'], "'");
        assert!(
            said.contains(told) && !said.contains("/judge") && !said.contains("/box"),
            "{source}\n{said}"
        );
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_a_failure_in_words() {
    let Some(judge) = common::start().await else { return };
    let list = "#include <stdint.h>\n#include <stdlib.h>\nlong long *f(long long *x, size_t n, size_t *size) { BODY }\n";
    for (body, told) in [
        ("*size = 3; return NULL;", "NULL for a list"),
        ("*size = SIZE_MAX; return x;", "SIG"),
        ("*size = 1; return (long long *)(uintptr_t)n;", "SIGSEGV"),
        ("free(x); free(x); abort();", "SIGABRT"),
        ("exit(0);", "ended before returning a value"),
        ("_Exit(3);", "exit code 3"),
    ] {
        let source = list.replace("BODY", body);
        let outcome = judge.first(&job(&source, (&["int[]"], "int[]"), &[(json!([[1]]), json!([1]))])).await;
        assert!(
            matches!(
                outcome.verdict,
                Verdict::RuntimeError | Verdict::WrongAnswer | Verdict::MemoryLimitExceeded
            ),
            "{body}\n{outcome:#?}"
        );
        let said = outcome.message.clone().unwrap_or_default();
        let is_told = said.contains(told) || outcome.verdict == Verdict::MemoryLimitExceeded;
        assert!(is_told, "{body}\n{outcome:#?}");
    }
    let text = "const char *f(void) { return (const char *)0; }";
    let outcome = judge.first(&job(text, (&[], "string"), &[(json!([]), json!(""))])).await;
    assert!(outcome.message.is_some_and(|said| said.contains("NULL for a text")));
    let number = "#include <math.h>\ndouble f(double x) { return sqrt(x); }";
    let outcome = judge.first(&job(number, (&["float"], "float"), &[(json!([-1.0]), json!(0.0))])).await;
    assert!(outcome.message.is_some_and(|said| said.contains("NaN")));
    let text = "const char *f(const char *x) { return x; }";
    let odd = job(text, (&["string"], "string"), &[(json!(["a\u{0}b"]), json!("a\u{0}b"))]);
    assert!(judge.first(&odd).await.message.is_some_and(|said| said.contains("character 0")));
    let odd = job(text, (&["string"], "string"), &[(json!([7]), json!(7))]);
    assert!(judge.first(&odd).await.message.is_some_and(|said| said.contains("declared types")));
    let map = job(text, (&["map<string, int>"], "int"), &[(json!([{}]), json!(1))]);
    assert!(
        codementor_core::ports::Judge::judge(&judge.judge, &map, None).await.is_err(),
        "maps have no form"
    );
}

#[tokio::test]
async fn forged_answers_are_not_accepted() {
    let Some(judge) = common::start().await else { return };
    let head = "#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n";
    for body in [
        "long long f(void) { write(3, \"{\\\"value\\\":1}\", 11); return 2; }",
        "long long f(void) { write(3, \"{\\\"verdict\\\":\\\"accepted\\\"}\", 22); _exit(0); }",
        "long long f(void) { puts(\"{\\\"value\\\":1}\"); exit(0); }",
        "static void late(void) { _exit(0); }\nlong long f(void) { atexit(late); return 2; }",
        "long long f(void) { if (fork() == 0) _exit(0); _exit(0); }",
        "__attribute__((constructor)) static void early(void) { _exit(0); }\nlong long f(void) { return 1; }",
        "long long f(void) { close(3); return 1; }",
    ] {
        let mut job = job(&format!("{head}{body}\n"), (&[], "int"), &[(json!([]), json!(1))]);
        job.limits.time_ms = 1_000;
        let verdicts = verdicts(&judge, &job).await;
        assert!(
            !matches!(verdicts[..], [Verdict::Accepted | Verdict::InternalError]),
            "{body}\n{verdicts:?}"
        );
    }
}
