//! `codementor challenge check`: what an author sees of their challenge's tests.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codementor_tests::program::command;
use codementor_tests::{Server, judge_works};
use serde_json::Value;
use tempfile::TempDir;

/// A challenge's folder that may be changed.
struct Draft {
    folder: TempDir,
}

impl Draft {
    /// The built-in `thermostat`, in Python only.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/catalog/challenges/thermostat");
        copy(&from, &folder.path().join("thermostat"));
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("thermostat").join(name)
    }

    fn add(&self, name: &str, text: &str) {
        let old = fs::read_to_string(self.path(name)).unwrap_or_default();
        fs::write(self.path(name), old + text).unwrap();
    }

    /// Exit code, standard output and error.
    async fn check(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = command(self.folder.path());
        command.args(["challenge", "check", "--path", "thermostat", "--language", "python"]).args(args);
        let output = tokio::time::timeout(Duration::from_secs(180), command.output()).await.unwrap().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

async fn judge_is_there() -> bool {
    judge_works(&Server::start().await).await
}

#[tokio::test]
async fn a_good_challenge_passes_and_the_seed_decides_what_is_tried() {
    if !judge_is_there().await {
        return;
    }
    let draft = Draft::new();
    let (code, table, _) = draft.check(&["--limit", "6"]).await;
    assert_eq!(code, 0, "{table}");
    assert!(
        table.contains("thermostat") && table.contains("6 mutants") && table.contains("100.0 %"),
        "{table}"
    );
    let (code, json, _) = draft.check(&["--limit", "6", "--seed", "7", "--json"]).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &json["good"], &json["seed"]), (0, &Value::from(true), &Value::from(7)));
    let score = &json["challenges"][0]["scores"][0];
    assert_eq!((&score["language"], &score["mutants"]), (&Value::from("python"), &Value::from(6)), "{json}");
}

#[tokio::test]
async fn weak_tests_leave_survivors_with_the_line_that_differs() {
    if !judge_is_there().await {
        return;
    }
    let draft = Draft::new();
    // Far from every bound: nothing tells `<` from `<=`.
    let test = |n: i32, reading: i32, word: &str| {
        format!(
            "[[tests]]\nname = \"t{n}\"\nexample = {}\nargs = '[{reading}, -500, 500]'\nexpected = '\"{word}\"'\n\n",
            n < 2
        )
    };
    let tests = (0..6).map(|n| match n % 3 {
        0 => test(n, -900 - n, "heat"),
        1 => test(n, 900 + n, "cool"),
        _ => test(n, n, "rest"),
    });
    fs::write(draft.path("tests.toml"), tests.collect::<String>()).unwrap();
    for wrong in fs::read_dir(draft.path("python/wrong")).unwrap() {
        fs::remove_file(wrong.unwrap().path()).unwrap();
    }
    let (code, json, _) = draft.check(&["--json"]).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &json["good"]), (1, &Value::from(false)));
    let score = &json["challenges"][0]["scores"][0];
    let survivors = score["survivors"].as_array().unwrap();
    assert_eq!(survivors.len(), 2, "{json}");
    assert!(survivors.iter().all(|mutant| mutant["operator"] == "relational"));
    assert_eq!(survivors[0]["after"], "if reading <= low:");
    let (code, ..) = draft.check(&["--min", "50"]).await;
    assert_eq!(code, 0, "the bound is the author's");
    // What cannot be killed is marked; a mark for what is not there any more is told.
    draft.add(
        "challenge.toml",
        "\n[[mutation.equivalent]]\nlanguage = \"python\"\nline = \"if reading < low:\"\nmutant = \"if reading <= low:\"\nwhy = \"A test of the check.\"\n\n\
         [[mutation.equivalent]]\nlanguage = \"python\"\nline = \"gone\"\nmutant = \"gone, too\"\nwhy = \"A test of the check.\"\n",
    );
    let (code, table, _) = draft.check(&["--min", "50"]).await;
    assert_eq!(code, 1);
    assert!(table.contains("1 marked as equivalent") && table.contains("no such mutant any more"), "{table}");
}

#[tokio::test]
async fn what_does_not_keep_its_word_is_told_before_any_mutant() {
    if !judge_is_there().await {
        return;
    }
    let draft = Draft::new();
    fs::write(draft.path("python/reference.py"), "def thermostat(reading, low, high):\n    return 'rest'\n")
        .unwrap();
    let (code, table, _) = draft.check(&[]).await;
    assert_eq!(code, 1);
    assert!(table.contains("FAULT") && table.contains("reference: wrong_answer"), "{table}");
    draft.add("challenge.toml", "\n[generator.parameters]\nnobody = { range = [1, 2] }\n");
    let (code, _, error) = draft.check(&[]).await;
    assert!(code == 1 && error.contains("challenge.toml"), "{error}");
    let (code, _, error) = draft.check(&["no-such-challenge"]).await;
    assert!(code == 1 && !error.is_empty(), "{error}");
}
