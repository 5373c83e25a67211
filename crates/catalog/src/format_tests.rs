//! Faults a teacher can make, and what they are told.

use super::*;
use codementor_core::judging::Checker;

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
        ("example = true", "example = false", "at least one"),
        ("\"t5\"\nexample = false", "\"t5\"\nexample = true", "examples come before hidden tests"),
    ] {
        let told = fault(HEAD, &tests.replace(from, to));
        assert!(told.contains(says), "{told:?} should say {says:?}");
    }
}

#[test]
fn one_example_is_enough_and_any_language_of_the_judge_may_be_the_only_one() {
    let head = HEAD.replace("kind = \"function\"", "kind = \"io\"");
    let head = &head[..head.find("[function]").unwrap()];
    let read = |files: &[(&str, &str)]| {
        let mut all = Files::default();
        let tests = "[[tests]]\nname = \"one\"\nexample = true\nstdin = \"1\"\nstdout = \"2\"\n";
        let usual =
            [("challenge.toml", head), ("tests.toml", tests), ("statement.md", "x"), ("editorial.md", "x")];
        for (path, text) in usual.iter().chain(files) {
            all.insert(path, text.as_bytes().to_vec()).unwrap();
        }
        parse("double", all)
    };
    for (language, ending) in LANGUAGES {
        let (starter, reference) =
            (format!("{language}/starter.{ending}"), format!("{language}/reference.{ending}"));
        let wrong = format!("{language}/wrong/a.{ending}");
        let challenge = read(&[(&starter, "x"), (&reference, "y"), (&wrong, "z")]).unwrap();
        let (known, solutions) = challenge.solutions.first_key_value().unwrap();
        assert_eq!((known.as_str(), solutions.wrong.len(), challenge.tests.len()), (language, 1, 1));
    }
    let stray = read(&[("c/starter.c", "x"), ("c/reference.c", "y"), ("c/wrong/a.abc", "z")]).unwrap_err();
    assert!(stray.fault.contains("c/wrong/a.abc"), "{stray}");
    let page = include_str!("../FORMAT.md");
    for (language, ending) in LANGUAGES {
        assert!(page.contains(&format!("`{language}` (`.{ending}`")), "{language} is not documented");
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

const SUITE: &str = r#"
format = 1
title = "Leap"
difficulty = "easy"
topics = ["math"]
kind = "tests"
order = 1
authors = ["Ada"]
license = "MIT"
task = "refactor"

[tests]
solution = "leap.py"
file = "leap_test.py"
"#;

fn suite(head: &str, tests: &str) -> Result<Challenge, FormatError> {
    let mut files = files(head, tests);
    files.take("editorial.md");
    files.insert("python/tests/leap_test.py", b"import leap".to_vec()).unwrap();
    files.insert("python/tests/data.json", b"{}".to_vec()).unwrap();
    parse("leap", files)
}

#[test]
fn a_file_of_tests_is_read() {
    let tests = "[[tests]]\nname = \"T.test_a\"\nexample = true\ncode = \"def test_a\"\n";
    let challenge = suite(SUITE, tests).unwrap();
    let Kind::Tests(suite_of) = &challenge.kind else { panic!("{:?}", challenge.kind) };
    assert_eq!((suite_of.solution.as_str(), suite_of.others.len()), ("leap.py", 1));
    assert_eq!((challenge.task, challenge.tests.len()), (Task::Refactor, 1));
    let fault = |head: &str, tests: &str| suite(head, tests).unwrap_err().fault;
    assert!(fault(SUITE, &tests.replace("true", "false")).contains("must be examples"));
    assert!(fault(SUITE, &format!("{tests}stdin = \"\"\n")).contains("needs no args"));
    assert!(fault(&SUITE.replace("leap_test.py", "other.py"), tests).contains("other.py"));
    assert!(fault(&SUITE.replace("\"leap.py", "\"../leap.py"), tests).contains("no plain name"));
    assert!(fault(&SUITE.replace("\"leap.py", "\"data.json"), tests).contains("learner's file"));
    assert!(fault(&format!("{SUITE}[checker]\nkind = \"exact\"\n"), tests).contains("no checker"));
}

#[test]
fn groups_hold_every_hidden_test_and_give_points() {
    let groups = "[[groups]]\nname = \"small\"\npoints = 30\n[[groups]]\nname = \"large\"\npoints = 70\n";
    let head = format!("{HEAD}{groups}");
    let grouped = |of: &dyn Fn(usize) -> Option<&'static str>| {
        let mut at = 0;
        let tests = tests_toml();
        let lines = tests.lines().map(|line| {
            let group = line.starts_with("name").then(|| of(at)).flatten();
            at += usize::from(line.starts_with("name"));
            group.map_or(format!("{line}\n"), |group| format!("{line}\ngroup = \"{group}\"\n"))
        });
        lines.collect::<String>()
    };
    let whole = |at: usize| (at > 1).then_some(if at < 4 { "small" } else { "large" });
    let challenge = parse("double", files(&head, &grouped(&whole))).unwrap();
    assert_eq!(challenge.groups[1].points, 70);
    assert!(fault(&head, &grouped(&|at| whole(at).filter(|_| at != 5))).contains("needs a group"));
    assert!(fault(&head, &grouped(&|at| (at > 1).then_some("small"))).contains("no test is in group large"));
    assert!(fault(HEAD, &grouped(&whole)).contains("needs a group"));
    let some = head.replace("points = 30", "points = 0");
    assert_eq!(parse("double", files(&some, &grouped(&whole))).unwrap().groups[0].points, 0);
    let none = some.replace("points = 70", "points = 0");
    assert!(fault(&none, &grouped(&whole)).contains("no group gives points"));
}

#[test]
fn checkers_have_their_own_options() {
    let checker = |text: &str, file: Option<(&str, &str)>| {
        let mut files = files(&format!("{HEAD}[checker]\n{text}\n"), &tests_toml());
        if let Some((path, text)) = file {
            files.insert(path, text.as_bytes().to_vec()).unwrap();
        }
        parse("double", files).map(|challenge| challenge.checker).map_err(|error| error.fault)
    };
    let both = Checker::Float(codementor_core::judging::Tolerance::both(0.5));
    assert_eq!(checker("kind = \"float\"\ntolerance = 0.5", None), Ok(both));
    let program =
        checker("kind = \"program\"\narguments = [\"x\"]", Some(("checker/checker.cpp", "int main;")));
    assert!(matches!(program, Ok(Checker::Program(program)) if program.language.as_str() == "cpp"));
    let java = checker("kind = \"program\"", Some(("checker/checker.java", "class Main {}")));
    assert!(matches!(java, Ok(Checker::Program(program)) if program.language.as_str() == "java"));
    for (text, file, fault) in [
        ("kind = \"float\"\nabsolute = 2.0", None, "between 0 and 1"),
        ("kind = \"exact\"\ntolerance = 0.5", None, "goes with"),
        ("kind = \"float\"\ncase_sensitive = true", None, "goes with"),
        ("kind = \"program\"", None, "needs one of"),
        ("kind = \"program\"", Some(("checker/checker.rb", "")), "needs one of"),
        ("kind = \"exact\"", Some(("checker/checker.py", "")), "knows no such file"),
        ("kind = \"sorted\"", None, "no checker sorted"),
        ("kind = \"interactive\"", None, "no checker interactive"),
    ] {
        let said = checker(text, file).unwrap_err();
        assert!(said.contains(fault), "{text}: {said}");
    }
}
