//! `codementor import exercism`: tracks made by hand, and the real ones where `CODEMENTOR_CORPUS` says that they are.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::fs;
use std::path::{Path, PathBuf};

use codementor_protocol::challenge::{ChallengeDetail, ChallengeKind};
use codementor_protocol::common::Verdict;
use codementor_tests::import::{import, row};
use codementor_tests::{Server, eventually, judge_works};
use serde_json::json;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Adds an exercise to a track whose files end so: what the learner begins with, the tests, the example.
fn exercise(track: &Path, slug: &str, ending: &str, [starter, tests, example]: [&str; 3]) {
    let root = track.join("exercises/practice").join(slug);
    let (solution, test) = match ending {
        "py" => (format!("{}.py", slug.replace('-', "_")), format!("{}_test.py", slug.replace('-', "_"))),
        _ => (format!("{slug}.js"), format!("{slug}.spec.js")),
    };
    let proof = format!(".meta/example.{ending}");
    write(&root, &solution, starter);
    write(&root, &test, tests);
    write(&root, &proof, example);
    write(&root, ".docs/instructions.md", "# Instructions\n\nDouble a number.\n");
    write(&root, ".docs/hints.md", "# Hints\n\n## General\n\n- Twice is plus itself.\n");
    let config = json!({
        "authors": ["ada"],
        "contributors": ["grace"],
        "files": { "solution": [solution], "test": [test], "example": [proof] },
        "blurb": "Double it.",
        "source_url": "https://example.org/doubling"
    });
    write(&root, ".meta/config.json", &config.to_string());
}

fn track(root: &Path, slug: &str, exercises: &[&str]) {
    let practice: Vec<_> = exercises
        .iter()
        .map(|slug| json!({ "slug": slug, "name": format!("The {slug}"), "uuid": "x", "practices": ["numbers"], "prerequisites": [], "difficulty": 2 }))
        .collect();
    write(root, "config.json", &json!({ "slug": slug, "exercises": { "practice": practice } }).to_string());
    write(root, "LICENSE", "MIT License\n\nCopyright (c) 2021 Exercism\n");
}

const PYTHON_TESTS: &str = "import unittest\nfrom double import double\n\nclass DoubleTest(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(double(1), 2)\n\n    @unittest.skip('later')\n    def test_none(self):\n        self.assertEqual(double(0), 0)\n\n    def test_words(self):\n        with self.assertRaises(TypeError) as err:\n            double('x')\n        self.assertEqual(err.exception.args[0], 'no number')\n";
const PYTHON: &str =
    "def double(n):\n    if isinstance(n, str):\n        raise TypeError('no number')\n    return n * 2\n";
const SCRIPT_TESTS: &str = "import { describe, expect, test, xtest } from '@jest/globals';\nimport { double } from './double';\n\ndescribe('Double', () => {\n  test('one', () => {\n    expect(double(1)).toEqual(2);\n  });\n  xtest('none', () => {\n    expect(double(0)).toEqual(0);\n  });\n});\n";
const SCRIPT: &str = "export const double = (n) => n * 2;\n";

#[tokio::test]
async fn exercises_are_run_to_be_known_and_judged_to_be_offered() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (folder, data) = (server.folder().to_owned(), server.data());
    let (python, script) = (folder.join("python"), folder.join("javascript"));
    track(&python, "python", &["double", "tidy", "liar", "broken", "gone"]);
    let stub = "def double(n):\n    pass\n";
    exercise(&python, "double", "py", [stub, PYTHON_TESTS, PYTHON]);
    // What is right already is to be written better.
    let tests = "from tidy import tidy\n\ndef test_tidy():\n    assert tidy() == 1\n";
    exercise(
        &python,
        "tidy",
        "py",
        ["def tidy():\n    return 0 + 1\n", tests, "def tidy():\n    return 1\n"],
    );
    exercise(
        &python,
        "liar",
        "py",
        [
            "def liar(): pass\n",
            "from liar import liar\n\ndef test_it():\n    assert liar() == 1\n",
            "def liar(): return 2\n",
        ],
    );
    exercise(&python, "broken", "py", ["\n", "import no_such_module\n", "\n"]);
    track(&script, "javascript", &["double"]);
    exercise(&script, "double", "js", ["export const double = (n) => {};\n", SCRIPT_TESTS, SCRIPT]);

    let ended = import("exercism", &folder, &data, &["python"]).await;
    assert!(!ended.status.success(), "{}", ended.text());
    let of = |name: &str| row(&ended, &format!("exercism-python-{name}"));
    assert!(of("double").0 == "imported" && of("double").1.contains("draft"), "{}", ended.text());
    assert!(of("broken").0 == "failed" && of("broken").1.contains("no_such_module"), "{}", ended.text());
    assert!(of("gone").0 == "skipped" && of("gone").1.contains("not in this checkout"), "{}", ended.text());
    server.client().get("/api/challenges/exercism-python-double").await.problem(404, "not_found");

    let ended = import("exercism", &folder, &data, &["python", "--verify"]).await;
    assert!(!ended.status.success(), "{}", ended.text());
    let of = |name: &str| row(&ended, &format!("exercism-python-{name}"));
    assert!(of("double").0 == "unchanged" && of("double").1.contains("published"), "{}", ended.text());
    assert!(of("tidy").1.contains("published"), "{}", ended.text());
    assert!(of("liar").0 == "failed" && of("liar").1.contains("must be accepted"), "{}", ended.text());
    let ended = import("exercism", &folder, &data, &["javascript", "--verify"]).await;
    assert!(ended.status.success(), "{}", ended.text());

    let client = server.client();
    let offered = async |id: &str| -> ChallengeDetail {
        let path = format!("/api/challenges/{id}");
        eventually("the server offers it", async || {
            let answer = client.get(&path).await;
            (answer.status == 200).then(|| answer.json())
        })
        .await
    };
    let double = offered("exercism-python-double").await;
    assert_eq!(
        (double.kind, double.summary.languages.as_slice()),
        (ChallengeKind::Tests, &["python".to_owned()][..])
    );
    assert_eq!(
        (double.authors.as_slice(), double.license.as_str()),
        (&["ada".to_owned(), "grace".to_owned()][..], "MIT")
    );
    assert_eq!(double.source.as_deref(), Some("https://example.org/doubling"));
    assert_eq!((double.statement.as_str(), double.test_count), ("Double a number.", 3));
    assert!(double.examples.iter().all(|example| example.input.contains("double")), "{double:#?}");
    assert_eq!(double.starter_code["python"], stub);
    assert!(offered("exercism-python-tidy").await.refactoring && !double.refactoring);

    // Skipped tests count, and which one fails is told with what it does.
    let ada = server.guest("Ada").await;
    let wrong = ada.submit("exercism-python-double", "python", "def double(n):\n    return n + 1\n").await;
    assert_eq!(wrong.verdict, Some(Verdict::WrongAnswer), "{wrong:#?}");
    assert!(wrong.tests.iter().any(|test| test.name.ends_with("test_none")), "{wrong:#?}");
    let right = ada.submit("exercism-python-double", "python", PYTHON).await;
    assert_eq!((right.verdict, right.xp_awarded), (Some(Verdict::Accepted), 10), "{right:#?}");
    offered("exercism-javascript-double").await;
    let right = ada.submit("exercism-javascript-double", "javascript", SCRIPT).await;
    assert_eq!((right.verdict, right.total_tests), (Some(Verdict::Accepted), 2), "{right:#?}");
}

#[tokio::test]
async fn what_is_no_track_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    write(folder.path(), "none/x", "");
    track(&folder.path().join("cobol"), "cobol", &["double"]);
    for (name, word) in [("none", "config.json"), ("cobol", "cobol"), ("nowhere", "nowhere")] {
        let ended = import("exercism", folder.path(), &data, &[name]).await;
        assert!(!ended.status.success() && ended.stderr.contains(word), "{}", ended.text());
    }
}

#[tokio::test]
async fn the_real_tracks_are_verified_whole() {
    let Some(corpus) = std::env::var_os("CODEMENTOR_CORPUS") else {
        eprintln!("not run: CODEMENTOR_CORPUS names no folder with exercism/");
        return;
    };
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    for track in ["python", "javascript"] {
        let path = PathBuf::from(&corpus).join("exercism").join(track);
        let path = path.to_str().expect("a path of text");
        for status in ["imported", "unchanged"] {
            let ended = import("exercism", server.folder(), &server.data(), &[path, "--verify"]).await;
            assert!(ended.status.success(), "{}", ended.text());
            let rows: Vec<&str> = ended.stdout.lines().filter(|line| line.contains("published")).collect();
            assert!(rows.len() >= 10 && rows.iter().all(|row| row.starts_with(status)), "{}", ended.text());
        }
    }
}
