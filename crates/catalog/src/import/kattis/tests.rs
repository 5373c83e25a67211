//! Packages made by hand, of both versions, and what cannot be brought in.

use std::fs;
use std::path::Path;

use codementor_core::Verdict;
use codementor_core::judging::{Checker, Tolerance, ValidatorOptions};

use super::problem::Version;
use super::*;
use crate::inspect;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A package that doubles a number.
fn package(root: &Path, version: Version) {
    let (yaml, statement) = match version {
        Version::Legacy => ("name: Double\nauthor: Ada\nlicense: cc0\n", "problem_statement/problem.en.tex"),
        Version::V2025 => (
            "problem_format_version: 2025-09\nname: Double\nuuid: x\ncredits: Ada\nlicense: cc0\nlimits: {time_limit: 2}\n",
            "statement/problem.en.md",
        ),
    };
    write(root, "problem.yaml", yaml);
    write(root, statement, "Double the number.");
    for (at, group) in ["sample", "sample", "secret", "secret", "secret/a", "secret/b"].iter().enumerate() {
        write(root, &format!("data/{group}/{at}.in"), &format!("{at}\n"));
        write(root, &format!("data/{group}/{at}.ans"), &format!("{}\n", at * 2));
    }
    write(root, "submissions/accepted/ada.py", "print(2 * int(input()))\n");
    write(root, "submissions/accepted/other.py", "n = int(input())\nprint(n + n)\n");
    write(root, "submissions/accepted/ada.kt", "fun main() {}\n");
    write(root, "submissions/wrong_answer/plus.py", "print(2 + int(input()))\n");
    write(root, "submissions/run_time_error/fails.py", "raise SystemExit(1)\n");
}

fn read(root: &Path) -> Vec<Found> {
    kattis(&Folder::open(root).unwrap()).unwrap()
}

#[test]
fn both_versions_become_challenges() {
    let dir = tempfile::tempdir().unwrap();
    package(&dir.path().join("old"), Version::Legacy);
    package(&dir.path().join("new"), Version::V2025);
    write(dir.path(), "notes/README.md", "no package");
    let found = read(dir.path());
    assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["kattis-new", "kattis-old"]);
    for one in &found {
        let (id, files) = one.files.as_ref().unwrap();
        let challenge = inspect::read(id, files).unwrap_or_else(|fault| panic!("{fault:?}"));
        assert_eq!((challenge.tests.len(), challenge.title.as_str()), (6, "Double"));
        assert_eq!((challenge.license.as_str(), &challenge.authors), ("CC0-1.0", &vec!["Ada".to_owned()]));
        assert_eq!(challenge.tests.iter().filter(|test| test.example).count(), 2);
        let promised: Vec<_> =
            one.promises.iter().map(|promise| (promise.file.as_str(), promise.verdicts[0])).collect();
        assert_eq!(
            promised,
            [
                ("submissions/accepted/ada.py", Verdict::Accepted),
                ("submissions/accepted/other.py", Verdict::Accepted),
                ("submissions/run_time_error/fails.py", Verdict::RuntimeError),
                ("submissions/wrong_answer/plus.py", Verdict::WrongAnswer),
            ]
        );
    }
    // One package by itself.
    assert_eq!(read(&dir.path().join("old"))[0].name, "kattis-old");
}

#[test]
fn options_of_the_validator_choose_the_checker() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("it");
    package(&root, Version::V2025);
    let checked = || {
        let found = read(&root);
        let (id, files) = found[0].files.as_ref().unwrap();
        inspect::read(id, files).unwrap().checker
    };
    assert_eq!(checked(), Checker::Validator(ValidatorOptions::default()));
    write(
        &root,
        "data/secret/test_group.yaml",
        "output_validator_args: [case_sensitive, float_tolerance, 1e-4]\n",
    );
    let options =
        ValidatorOptions { case_sensitive: true, space_sensitive: false, tolerance: Tolerance::both(1e-4) };
    assert_eq!(checked(), Checker::Validator(options));
}

#[test]
fn what_cannot_be_judged_says_why() {
    for (path, text, says) in [
        ("problem.yaml", "type: scoring", "scoring"),
        ("output_validators/v.py", "x", "output_validators/"),
        ("data/secret/9.in", "x", "9.ans: missing"),
        ("data/secret/2.args", "x", "arguments"),
        ("data/secret/a/testdata.yaml", "output_validator_flags: case_sensitive", "of their own"),
        ("problem_statement/problem.en.tex", "\\includegraphics{x}", "\\includegraphics"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("it");
        package(&root, Version::Legacy);
        write(&root, path, text);
        let found = read(&root);
        let why = &found[0].files.as_ref().unwrap_err().0;
        assert!(why.contains(says), "{path}: {why}");
    }
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("it");
    package(&root, Version::Legacy);
    fs::remove_dir_all(root.join("submissions/accepted")).unwrap();
    assert!(read(&root)[0].files.as_ref().unwrap_err().0.contains("no accepted submission"));
    fs::remove_file(root.join("data/sample/1.in")).unwrap();
    assert!(read(&root)[0].files.as_ref().unwrap_err().0.contains("two samples"));
}
