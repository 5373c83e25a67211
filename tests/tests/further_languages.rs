//! Challenges in languages in which their authors wrote nothing, in the real sandbox: what learners begin with compiles and is not
//! right, right solutions are accepted, and failures are told.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use codementor_catalog::{Files, parse};
use codementor_core::challenge::{Challenge, Kind, Selection};
use codementor_core::judging::Judgement;
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Language, Verdict};
use codementor_judge::{JudgeOptions, LocalJudge};
use codementor_tests::challenges::{all, challenge};
use codementor_tests::program::binary;
use futures_util::{StreamExt, stream};
use tempfile::TempDir;

/// Programs judged at once: the machine has other work.
const PARALLEL: usize = 2;

/// Languages and how their files end.
const FURTHER: [(&str, &str); 6] =
    [("c", "c"), ("cpp", "cpp"), ("go", "go"), ("java", "java"), ("rust", "rs"), ("typescript", "ts")];

/// The judge and those languages that it has; all of them on CI.
async fn judge() -> Option<(LocalJudge, Vec<Language>, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let launcher: [OsString; 2] = [binary().into(), "sandbox-launcher".into()];
    let judge = LocalJudge::start(JudgeOptions::new(launcher, folder.path().join("judge"), PARALLEL)).await;
    // What has worked once stays known, however busy the machine becomes.
    judge.try_all().await;
    let known = judge.languages();
    let is_known = |id: &str| known.iter().any(|language| language.id.as_str() == id);
    let (here, missing): (Vec<&str>, Vec<&str>) =
        FURTHER.iter().map(|(id, _)| *id).partition(|id| is_known(id));
    let why = judge.available().err().map(|error| error.to_string());
    if why.is_some() || !missing.is_empty() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{why:?}; not on CI: {missing:?}");
        eprintln!("NOT TESTED: {why:?}, {missing:?}");
    }
    let here = here.into_iter().map(|id| id.parse().unwrap()).collect();
    why.is_none().then_some((judge, here, folder))
}

async fn judged(judge: &LocalJudge, challenge: &Challenge, language: &Language, source: &str) -> Judgement {
    let job = challenge.job(language, source, Selection::All).unwrap();
    for _ in 0..4 {
        // A compiler that is late because the machine has other work says nothing of the program.
        match judge.judge(&job, None).await {
            Err(JudgeError::Failed(why)) => eprintln!("again, as {why}"),
            judgement => return judgement.unwrap(),
        }
    }
    judge.judge(&job, None).await.unwrap()
}

/// Enough challenges for each language: all types that are taken or returned are among them.
fn starters(languages: &[Language]) -> Vec<(&'static Challenge, &Language)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for challenge in all() {
        let types: Vec<String> = match &challenge.kind {
            Kind::Function(signature) => {
                let taken = signature.parameters.iter().map(|parameter| format!("takes {}", parameter.kind));
                taken.chain([format!("returns {}", signature.returns)]).collect()
            }
            Kind::Io | Kind::Tests(_) => vec!["a program".to_owned()],
        };
        for language in languages.iter().filter(|language| challenge.starters.contains_key(*language)) {
            let fresh = types.iter().filter(|kind| seen.insert(((*kind).clone(), language))).count();
            if fresh > 0 {
                found.push((challenge, language));
            }
        }
    }
    found
}

#[tokio::test]
async fn what_learners_begin_with_compiles_and_is_not_right() {
    let Some((judge, languages, _folder)) = judge().await else { return };
    let starters = starters(&languages);
    assert!(starters.len() >= 8 * languages.len(), "{}", starters.len());
    let judge = &judge;
    let faults = stream::iter(starters).map(|(challenge, language)| async move {
        let judgement = judged(judge, challenge, language, challenge.starter(language).unwrap()).await;
        let is_fine = matches!(judgement.verdict, Verdict::WrongAnswer | Verdict::RuntimeError);
        (!is_fine).then(|| format!("{} in {language}: {judgement:#?}", challenge.id))
    });
    let faults: Vec<_> = faults.buffer_unordered(PARALLEL).filter_map(async |fault| fault).collect().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Says one word and waits for none.
const CHECKER: &str = "import sys\nprint('5', flush=True)\nsys.exit(43)\n";

/// `sum-the-lines` as a conversation with a checker.
fn conversation() -> Challenge {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/catalog/challenges/sum-the-lines");
    let mut files = Files::default();
    let mut folders = vec![folder.clone()];
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
            let mut bytes = std::fs::read(&path).unwrap();
            if name == "challenge.toml" {
                bytes.extend(b"\n[checker]\nkind = \"interactive\"\n");
            }
            files.insert(&name, bytes).unwrap();
        }
    }
    files.insert("checker/checker.py", CHECKER.into()).unwrap();
    parse("sum-the-lines", files).unwrap()
}

#[tokio::test]
async fn what_conversations_begin_with_compiles_and_ends() {
    let Some((judge, languages, _folder)) = judge().await else { return };
    let challenge = conversation();
    for language in &languages {
        let judgement = judged(&judge, &challenge, language, challenge.starter(language).unwrap()).await;
        assert_eq!(judgement.verdict, Verdict::WrongAnswer, "{language}: {judgement:#?}");
    }
}

#[tokio::test]
async fn right_solutions_are_accepted_in_every_language() {
    let Some((judge, languages, _folder)) = judge().await else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("solutions");
    let solved = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let programs: Vec<_> =
        solved.flat_map(|path| FURTHER.map(|(id, ending)| (path.clone(), id, ending))).collect();
    assert!(programs.len() >= 6 * FURTHER.len());
    let (judge, languages) = (&judge, &languages);
    let faults = stream::iter(programs).map(|(path, id, ending)| async move {
        let challenge = challenge(&path.file_name().unwrap().to_string_lossy());
        let language = languages.iter().find(|language| language.as_str() == id)?;
        let source = std::fs::read_to_string(path.join(format!("solution.{ending}"))).unwrap();
        let judgement = judged(judge, challenge, language, &source).await;
        let is_right = judgement.verdict == Verdict::Accepted;
        (!is_right).then(|| format!("{} in {id}: {judgement:#?}", challenge.id))
    });
    let faults: Vec<_> = faults.buffer_unordered(PARALLEL).filter_map(async |fault| fault).collect().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Of `digital-root`: a wrong solution, one that fails and what is told of it, and one that does not end.
const FAILURES: [(&str, &str, &str, &str, &str); 6] = [
    (
        "c",
        "long long digital_root(long long n) { return n; }\n",
        "#include <stdlib.h>\nlong long digital_root(long long n) { return *(volatile long long *)(n - n); }\n",
        "SIGSEGV",
        "long long digital_root(long long n) { for (volatile int i = 0;; i = 1 - i); }\n",
    ),
    (
        "cpp",
        "long long digital_root(long long n) { return n; }\n",
        "#include <vector>\nlong long digital_root(long long n) { return std::vector<int>().at(n); }\n",
        "SIGABRT",
        "long long digital_root(long long n) { for (volatile int i = 0;; i = 1 - i); }\n",
    ),
    (
        "go",
        "package main\n\nfunc digitalRoot(n int) int { return n }\n",
        "package main\n\nfunc digitalRoot(n int) int { return []int{}[n] }\n",
        "index out of range",
        "package main\n\nfunc digitalRoot(n int) int {\n\tfor {\n\t}\n}\n",
    ),
    (
        "java",
        "class Solution { static long digitalRoot(long n) { return n; } }\n",
        "class Solution { static long digitalRoot(long n) { long[] none = {}; return none[(int) n]; } }\n",
        "ArrayIndexOutOfBounds",
        "class Solution { static long digitalRoot(long n) { while (true) if (n == -1) return n; } }\n",
    ),
    (
        "rust",
        "pub fn digital_root(n: i64) -> i64 { n }\n",
        "pub fn digital_root(n: i64) -> i64 { vec![0i64][n as usize + 1] }\n",
        "index out of bounds",
        "pub fn digital_root(n: i64) -> i64 { loop { std::hint::black_box(n); } }\n",
    ),
    (
        "typescript",
        "function digitalRoot(n: number): number { return n; }\n",
        "function digitalRoot(n: number): number { return JSON.parse(\"{\"); }\n",
        "SyntaxError",
        "function digitalRoot(n: number): number { for (;;); }\n",
    ),
];

#[tokio::test]
async fn failures_are_told_in_every_language() {
    let Some((judge, languages, _folder)) = judge().await else { return };
    let challenge = challenge("digital-root");
    for (id, wrong, fails, told, endless) in FAILURES {
        let language: Language = id.parse().unwrap();
        if !languages.contains(&language) {
            continue;
        }
        let judgement = judged(&judge, challenge, &language, wrong).await;
        assert_eq!(judgement.verdict, Verdict::WrongAnswer, "{id}: {judgement:#?}");
        let judgement = judged(&judge, challenge, &language, fails).await;
        assert_eq!(judgement.verdict, Verdict::RuntimeError, "{id}: {judgement:#?}");
        let last = judgement.tests.last().unwrap();
        let said = format!("{} {}", last.message.as_deref().unwrap_or_default(), last.stderr);
        assert!(said.contains(told), "{id}: {said}");
        let judgement = judged(&judge, challenge, &language, endless).await;
        assert_eq!(judgement.verdict, Verdict::TimeLimitExceeded, "{id}: {judgement:#?}");
    }
}
