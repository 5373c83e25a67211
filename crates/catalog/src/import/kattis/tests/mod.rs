//! Packages made by hand, of both versions, and what cannot be brought in.

mod points;
mod validators;

use std::fs;
use std::path::{Path, PathBuf};

use codementor_core::Verdict;
use codementor_core::challenge::Challenge;
use codementor_core::judging::{Checker, Tolerance, ValidatorOptions};

use super::problem::Version;
use super::*;
use crate::inspect;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A package in a folder of its own.
struct Made {
    _keep: tempfile::TempDir,
    root: PathBuf,
}

impl Made {
    /// One that doubles a number: two samples, four secret tests.
    fn new(version: Version) -> Self {
        let keep = tempfile::tempdir().unwrap();
        let root = keep.path().join("it");
        package(&root, version);
        Self { _keep: keep, root }
    }

    fn with(self, path: &str, text: &str) -> Self {
        write(&self.root, path, text);
        self
    }

    fn without(self, path: &str) -> Self {
        let path = self.root.join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap()
        } else {
            fs::remove_file(path).unwrap()
        }
        self
    }

    fn found(&self) -> Found {
        read(&self.root).remove(0)
    }

    #[track_caller]
    fn challenge(&self) -> Challenge {
        let found = self.found();
        let (id, files) = found.files.unwrap_or_else(|skip| panic!("{skip}"));
        inspect::read(&id, &files).unwrap_or_else(|fault| panic!("{fault:?}"))
    }

    #[track_caller]
    fn skip(&self) -> String {
        self.found().files.expect_err("it is left out").0
    }
}

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
    for (at, group) in ["sample", "sample", "secret/a", "secret/a", "secret/b", "secret/b"].iter().enumerate()
    {
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
        let (id, files) = one.files.as_ref().unwrap_or_else(|skip| panic!("{skip}"));
        let challenge = inspect::read(id, files).unwrap_or_else(|fault| panic!("{fault:?}"));
        assert_eq!((challenge.tests.len(), challenge.title.as_str()), (6, "Double"));
        assert_eq!((challenge.license.as_str(), &challenge.authors), ("CC0-1.0", &vec!["Ada".to_owned()]));
        assert_eq!(challenge.tests.iter().filter(|test| test.example).count(), 2);
        assert!(challenge.groups.is_empty());
        let promised: Vec<_> =
            one.promises.iter().map(|promise| (promise.file.as_str(), promise.required[0])).collect();
        assert_eq!(
            promised,
            [
                ("submissions/accepted/ada.py", Verdict::Accepted),
                ("submissions/accepted/other.py", Verdict::Accepted),
                ("submissions/run_time_error/fails.py", Verdict::RuntimeError),
                ("submissions/wrong_answer/plus.py", Verdict::WrongAnswer),
            ]
        );
        assert!(one.notes.iter().any(|note| note.contains("accepted/ada.kt")), "{:?}", one.notes);
    }
    // One package by itself.
    assert_eq!(read(&dir.path().join("old"))[0].name, "kattis-old");
}

#[test]
fn options_of_the_validator_choose_the_checker() {
    let made = Made::new(Version::V2025);
    assert_eq!(made.challenge().checker, Checker::Validator(ValidatorOptions::default()));
    let args = "output_validator_args: [case_sensitive, float_tolerance, 1e-4]\n";
    let made = made.with("data/secret/test_group.yaml", args).with("data/sample/test_group.yaml", args);
    let options =
        ValidatorOptions { case_sensitive: true, space_sensitive: false, tolerance: Tolerance::both(1e-4) };
    assert_eq!(made.challenge().checker, Checker::Validator(options));
    let other = made.with("data/secret/a/test_group.yaml", "output_validator_args: []\n");
    assert!(other.skip().contains("has one way to do so"), "{}", other.skip());
    // In the legacy version flags of the problem come first, and the nearest file holds.
    let made = Made::new(Version::Legacy)
        .with("problem.yaml", "validator_flags: case_sensitive\n")
        .with("data/testdata.yaml", "output_validator_flags: float_tolerance 1e-4\n");
    assert_eq!(made.challenge().checker, Checker::Validator(options));
}

#[test]
fn what_cannot_be_judged_says_why() {
    for (path, text, says) in [
        ("problem.yaml", "type: multi-pass", "multi-pass"),
        ("problem.yaml", "name: [", "problem.yaml"),
        ("problem.yaml", "validation: custom", "needs one"),
        ("data/secret/9.in", "x", "9.ans: missing"),
        ("data/secret/2.args", "x", "arguments"),
        ("data/secret/a/testdata.yaml", "output_validator_flags: case_sensitive", "one way"),
        ("data/secret/a/testdata.yaml", "grader_flags: [", "testdata.yaml"),
        ("data/secret/a/testdata.yaml", "grading: custom", "graded by a program"),
        ("data/secret/testdata.yaml", "grader_flags: accept_if_any_accepted", "although a test of it fails"),
        ("problem_statement/problem.en.tex", "\\begin{tikzpicture}", "tikzpicture"),
        ("include/python3/x.py", "", "include/"),
    ] {
        let made = Made::new(Version::Legacy).with(path, text);
        assert!(made.skip().contains(says), "{path}: {}", made.skip());
    }
    let made = Made::new(Version::Legacy).without("submissions/accepted");
    assert!(made.skip().contains("no accepted submission"));
    let made = Made::new(Version::Legacy).without("data/secret");
    assert!(made.skip().contains("no secret tests"));
    let made = Made::new(Version::Legacy).without("problem_statement/problem.en.tex");
    assert!(made.skip().contains("no statement"));
    assert!(made.with("problem_statement/problem.en.pdf", "%PDF").skip().contains("PDF only"));
}

#[test]
fn few_tests_are_enough() {
    let made = Made::new(Version::Legacy)
        .without("data/sample/1.in")
        .without("data/secret/a")
        .without("data/secret/b/4.in");
    let challenge = made.challenge();
    assert_eq!(challenge.tests.iter().map(|test| test.example).collect::<Vec<_>>(), [true, false]);
    let made = made.without("data/sample");
    let challenge = made.challenge();
    assert_eq!((challenge.tests.len(), challenge.tests[0].example), (1, true));
    assert!(made.found().notes.iter().any(|note| note.contains("no samples")));
}

#[test]
fn large_tests_have_files_and_many_small_ones_do_not() {
    let mut made = Made::new(Version::Legacy).with("data/secret/a/2.in", &"1 ".repeat(2_000));
    for at in 10..160 {
        made = made
            .with(&format!("data/secret/a/{at}.in"), "1\n")
            .with(&format!("data/secret/a/{at}.ans"), "2\n");
    }
    assert_eq!(made.challenge().tests.len(), 156);
    let found = made.found();
    let (_, files) = found.files.unwrap();
    let paths: Vec<_> = files.iter().map(|(path, _)| path).filter(|path| path.starts_with("data/")).collect();
    assert_eq!(paths, ["data/secret/a/2.ans", "data/secret/a/2.in"]);
    for at in 160..220 {
        made = made
            .with(&format!("data/secret/b/{at}.in"), "1\n")
            .with(&format!("data/secret/b/{at}.ans"), "2\n");
    }
    assert!(made.skip().contains("more than 200 tests"));
}

#[test]
fn a_solution_in_any_language_of_the_judge_is_a_reference() {
    let java = "public class Ada {\n    public static void main(String[] a) {}\n}\n";
    let made = Made::new(Version::Legacy)
        .without("submissions/accepted")
        .with("submissions/accepted/ada.cc", "int main() {}\n")
        .with("submissions/accepted/Ada.java", java)
        .with("submissions/accepted/one/one.rs", "fn main() {}\n")
        .with("submissions/accepted/two/a.go", "package main\n")
        .with("submissions/accepted/two/b.go", "package main\n")
        .with("submissions/accepted/latin.c", "int main(void) { return 0; }\n");
    fs::write(made.root.join("submissions/accepted/latin.c"), b"// \xe9\n").unwrap();
    let challenge = made.challenge();
    let known: Vec<_> = challenge.solutions.keys().map(ToString::to_string).collect();
    assert_eq!(known, ["cpp", "java", "rust"]);
    let notes = made.found().notes.join("; ");
    assert!(notes.contains("latin.c is no UTF-8") && notes.contains("1 more"), "{notes}");
    // Of a problem for some languages only, others are no references.
    let some = made.with("problem.yaml", "name: X\nlanguages: [java, python3]\n").challenge();
    assert_eq!(some.solutions.keys().map(ToString::to_string).collect::<Vec<_>>(), ["java"]);
}

#[test]
fn limits_and_titles_are_found_where_they_are() {
    let made = Made::new(Version::Legacy);
    assert_eq!(made.challenge().limits.time_ms, 5_000);
    assert!(made.found().notes.iter().any(|note| note.contains("how long")));
    let made = made.with("domjudge-problem.ini", "color = red\ntimelimit = '3'\n");
    assert_eq!(made.challenge().limits.time_ms, 3_000);
    let made = made.with(".timelimit", "1.5\n");
    assert_eq!(made.challenge().limits.time_ms, 1_500);
    let made = made.with("problem.yaml", "limits:\n");
    assert_eq!((made.challenge().limits.time_ms, made.challenge().title.as_str()), (1_500, "it"));
    let made = made.with("problem_statement/problem.en.tex", "\\problemname{Say $n \\le 3$}\nX");
    assert_eq!(made.challenge().title, "Say n ≤ 3");
    let made =
        made.with("problem_statement/problem.en.tex", "%% plainproblemname: Three\n\\problemname{X}\nX");
    assert_eq!(made.challenge().title, "Three");
}

#[test]
fn statements_are_taken_in_the_language_there_is() {
    let made = Made::new(Version::V2025)
        .with("statement/problem.sv.md", "# Titel\n\n![bild](x.png) Hej {{n}}\n{{nextsample}}\n");
    let made =
        made.with("problem.yaml", "problem_format_version: 2025-09\nname: {sv: Hej}\nconstants: {n: 7}\n");
    assert_eq!(made.challenge().statement, "Double the number.");
    let made = made.without("statement/problem.en.md");
    assert_eq!(made.challenge().statement, format!("{} Hej 7", statement::PICTURE));
    let notes = made.found().notes.join("; ");
    assert!(notes.contains("is in sv") && notes.contains("left out: 1"), "{notes}");
}

#[test]
fn odd_names_and_links_do_no_harm() {
    let made = Made::new(Version::Legacy)
        .with("data/secret/.hidden.in", "x")
        .with("data/secret/-rf.in", "x")
        .with("data/secret/a b\u{1b}[2J.in", "x")
        .with("submissions/accepted/.x.py", "x")
        .with("submissions/..odd/x.py", "x");
    assert_eq!(made.challenge().tests.len(), 6);
    std::os::unix::fs::symlink("/etc/passwd", made.root.join("data/secret/a/link.in")).unwrap();
    assert!(made.skip().contains("links are not followed"));
    let dir = tempfile::tempdir().unwrap();
    package(&dir.path().join("Not a slug"), Version::Legacy);
    assert!(read(dir.path())[0].files.as_ref().unwrap_err().0.contains("no slug"));
}
