//! Faults a teacher can make, and what they are told.

use super::*;

const HEAD: &str = r#"
format = 1
title = "Double"
difficulty = "easy"
topics = ["math"]
kind = "function"
order = 1
hints = ["a", "b", "c"]
authors = ["Ada"]
license = "MIT"

[function]
names = { python = "double" }
parameters = [{ name = "n", type = "int" }]
returns = "int"
"#;

fn tests_toml() -> String {
    let test = |n: i32| {
        format!("[[tests]]\nname = \"t{n}\"\nexample = {}\nargs = '[{n}]'\nexpected = '{}'\n", n < 2, n * 2)
    };
    (0..7).map(test).collect()
}

fn files(head: &str, tests: &str) -> Files {
    let mut files = Files::default();
    for (path, text) in [
        ("challenge.toml", head),
        ("tests.toml", tests),
        ("statement.md", "Double it."),
        ("editorial.md", "Times two."),
        ("python/starter.py", "def double(n):\n    pass\n"),
        ("python/reference.py", "def double(n):\n    return 2 * n\n"),
        ("python/wrong/plus.py", "# adds two\ndef double(n):\n    return n + 2\n"),
    ] {
        files.insert(path, text.as_bytes().to_vec()).unwrap();
    }
    files
}

fn fault(head: &str, tests: &str) -> String {
    parse("double", files(head, tests)).unwrap_err().fault
}

#[test]
fn a_whole_challenge_is_read() {
    let challenge = parse("double", files(HEAD, &tests_toml())).unwrap();
    assert_eq!(challenge.tests.len(), 7);
    assert_eq!(challenge.tests[5].input, Input::Args(vec![5.into()]));
    assert_eq!(challenge.solutions[&Language::python()].wrong.len(), 1);
    assert_eq!(challenge.checker, Checker::Exact);
}

#[test]
fn faults_are_named() {
    let tests = tests_toml();
    for (from, to, says) in [
        ("format = 1", "format = 2", "format must be 1"),
        ("\"math\"", "\"maths\"", "unknown topic maths"),
        ("[\"a\", \"b\", \"c\"]", "[\"a\"]", "exactly three hints"),
        ("order = 1", "order = 1\nordre = 2", "ordre"),
        ("kind = \"function\"", "kind = \"io\"", "[function] goes with"),
        ("double\" }", "dou-ble\" }", "no identifier"),
        ("double\" }", "def\" }", "def is a reserved word of python"),
        ("\"n\", type", "\"in\", type", "in is a reserved word of python"),
        ("type = \"int\"", "type = \"integer\"", "unknown type integer"),
        ("returns = \"int\"", "returns = \"int[\"", "unknown type int["),
        ("python = \"double\"", "javascript = \"double\"", "no name for python"),
    ] {
        let told = fault(&HEAD.replace(from, to), &tests);
        assert!(told.contains(says), "{told:?} should say {says:?}");
    }
    for (from, to, says) in [
        ("'[3]'", "'[3, 4]'", "t3: args has 2 values"),
        ("'[3]'", "'[3'", "t3: args: EOF"),
        ("'[3]'", "'[9007199254740992]'", "2^53"),
        ("'[3]'", "'[1e300]'", "2^53"),
        ("'[3]'", &format!("'{}{}'", "[".repeat(102), "]".repeat(102)), "t3: args: more than 100 lists"),
        ("\"t3\"", "\"t2\"", "two tests are called t2"),
        ("args = '[3]'", "args_file = '../x'", "lie in data/"),
        ("args = '[3]'", "stdin = '3'", "needs args and expected"),
        ("example = true", "example = false", "at least two"),
        ("\"t5\"\nexample = false", "\"t5\"\nexample = true", "examples come before hidden tests"),
    ] {
        let told = fault(HEAD, &tests.replace(from, to));
        assert!(told.contains(says), "{told:?} should say {says:?}");
    }
}

#[test]
fn stray_files_are_refused() {
    let mut stray = files(HEAD, &tests_toml());
    stray.insert("notes.txt", b"hm".to_vec()).unwrap();
    assert!(parse("double", stray).unwrap_err().fault.contains("notes.txt"));
}

#[test]
fn the_documented_topics_are_the_known_ones() {
    let page = include_str!("../FORMAT.md");
    for topic in TOPICS {
        assert!(page.contains(&format!("`{topic}`")), "{topic} is not documented");
    }
}
