//! Files of tests in the real sandbox: what is found, what each test tells, and what cannot be forged with a line.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::Arc;

use codementor_core::judging::{
    Checker, Entry, Expected, Input, Job, JobTest, Judgement, Limits, SourceFile, StopPolicy, TestCase,
    TestSuite,
};
use codementor_core::ports::Judge;
use codementor_core::{Language, Verdict};
use common::{TestJudge, javascript, python};

const UNITTEST: &str = r#"
import unittest
from leap import leap_year, log

class LeapTest(unittest.TestCase):
    def test_second_by_name_first_by_line(self):
        self.assertIs(leap_year(2015), False)

    @unittest.skip("extra")
    def test_a_skipped_one_is_run(self):
        self.assertIs(leap_year(1996), True)

    def test_it_raises(self):
        with self.assertRaises(ValueError) as err:
            leap_year("x")
        self.assertEqual(err.exception.args[0], "no year")

    def test_sub_tests(self):
        for year in (1900, 2000):
            with self.subTest(year=year):
                self.assertEqual(leap_year(year), year == 2000)
"#;

const PYTEST: &str = r#"
import pytest
from leap import leap_year, log

@pytest.fixture
def year():
    yield 1996

@pytest.mark.parametrize("given,expected", [(2015, False), (1996, True)])
def test_rows(given, expected):
    assert leap_year(given) == expected

class TestLeap:
    @pytest.mark.skip(reason="later")
    def test_fixture(self, year):
        assert leap_year(year)

def test_raises():
    with pytest.raises(ValueError, match="no"):
        leap_year("x")
    assert 0.1 + 0.2 == pytest.approx(0.3)
"#;

const JEST: &str = r#"
import { describe, expect, test, xtest } from '@jest/globals';
import { isLeap, Year } from './leap';

describe('Leap', () => {
  let year;
  beforeEach(() => { year = 2015; });
  test('not divisible by 4', () => { expect(isLeap(year)).toBe(false); });
  xtest('divisible by 4', () => { expect(isLeap(1996)).toEqual(true); });
  describe('inner', () => {
    test.each([[1900, false], [2000, true]])('%i is %s', (given, expected) => { expect(isLeap(given)).toBe(expected); });
    test('throws', () => { expect(() => isLeap('x')).toThrow(new Error('no year')); expect({ a: 1, b: undefined }).toEqual({ a: 1 }); });
    test('waits', async () => { await expect(Promise.resolve(isLeap(4))).resolves.toBe(true); });
  });
});
"#;

fn solution(language: &Language) -> &'static str {
    if *language == python() {
        "def log():\n    print('called')\n\ndef leap_year(year):\n    log()\n    if isinstance(year, str):\n        raise ValueError('no year')\n    \
         return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)\n"
    } else {
        "export class Year {}\nexport const isLeap = (year) => {\n  console.log('called');\n  if (typeof year === 'string') throw new Error('no year');\n  \
         return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);\n};\n"
    }
}

fn job(language: &Language, tests: &str, source: &str, names: &[&str]) -> Job {
    let (solution, file) =
        if *language == python() { ("leap.py", "leap_test.py") } else { ("leap.js", "leap.spec.js") };
    let case = |name: &&str| JobTest {
        input: Input::Case(TestCase { name: (*name).to_owned(), code: String::new() }),
        expected: Some(Expected::Pass),
    };
    Job {
        language: language.clone(),
        source: source.to_owned(),
        entry: Entry::Tests(Arc::new(TestSuite {
            solution: solution.to_owned(),
            file: SourceFile { name: file.to_owned(), text: tests.to_owned() },
            others: Vec::new(),
        })),
        tests: names.iter().map(case).collect(),
        limits: Limits { time_ms: 3_000, memory_kb: 256 * 1024 },
        checker: Checker::Exact,
        stop: StopPolicy::Never,
    }
}

fn found(judgement: &Judgement) -> Vec<&str> {
    let cases = judgement.tests.iter().filter_map(|test| test.found.as_ref());
    cases.map(|case| case.name.as_str()).collect()
}

async fn both(judge: &TestJudge, language: &Language, tests: &str) -> Vec<String> {
    let listed = judge.judge(&job(language, tests, solution(language), &[])).await;
    assert_eq!(listed.verdict, Verdict::Accepted, "{listed:#?}");
    assert!(listed.tests.iter().all(|test| test.found.as_ref().is_some_and(|case| !case.code.is_empty())));
    assert!(listed.tests.iter().any(|test| test.stdout.contains("called")), "{listed:#?}");
    let names = found(&listed);
    let again = judge.judge(&job(language, tests, solution(language), &names)).await;
    assert_eq!((again.verdict, again.tests.len()), (Verdict::Accepted, names.len()));
    names.into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn tests_are_found_in_the_order_of_the_file_and_skipped_ones_are_run() {
    let Some(judge) = common::start().await else { return };
    assert_eq!(
        both(&judge, &python(), UNITTEST).await,
        [
            "LeapTest.test_second_by_name_first_by_line",
            "LeapTest.test_a_skipped_one_is_run",
            "LeapTest.test_it_raises",
            "LeapTest.test_sub_tests"
        ]
    );
    assert_eq!(
        both(&judge, &python(), PYTEST).await,
        ["test_rows[2015-False]", "test_rows[1996-True]", "TestLeap.test_fixture", "test_raises"]
    );
    assert_eq!(
        both(&judge, &javascript(), JEST).await,
        [
            "Leap > not divisible by 4",
            "Leap > divisible by 4",
            "Leap > inner > 1900 is false",
            "Leap > inner > 2000 is true",
            "Leap > inner > throws",
            "Leap > inner > waits"
        ]
    );
}

#[tokio::test]
async fn a_wrong_answer_an_exception_and_what_does_not_compile_are_told_apart() {
    let Some(judge) = common::start().await else { return };
    let names = ["test_rows[2015-False]", "test_rows[1996-True]", "TestLeap.test_fixture", "test_raises"];
    let log = "def log():\n    pass\n";
    let wrong = format!("{log}def leap_year(year):\n    return False\n");
    let judgement = judge.judge(&job(&python(), PYTEST, &wrong, &names)).await;
    assert_eq!(judgement.verdict, Verdict::WrongAnswer);
    let verdicts: Vec<_> = judgement.tests.iter().map(|test| test.verdict).collect();
    assert_eq!(verdicts[..2], [Verdict::Accepted, Verdict::WrongAnswer]);
    assert_eq!(judgement.tests[1].message.as_deref(), Some("False == True does not hold"));

    let raises = format!("{log}def leap_year(year):\n    raise KeyError(year)\n");
    let judgement = judge.judge(&job(&python(), PYTEST, &raises, &names)).await;
    assert_eq!(judgement.tests[0].verdict, Verdict::RuntimeError);
    assert_eq!(judgement.tests[0].message.as_deref(), Some("KeyError: 2015"));
    let broken = judge.judge(&job(&python(), PYTEST, "def leap_year(:\n", &names)).await;
    assert_eq!(broken.verdict, Verdict::CompileError);
    assert!(broken.compile_output.is_some_and(|said| said.contains("leap.py\", line 1")));
    let stub = judge.judge(&job(&python(), PYTEST, "pass\n", &names)).await;
    assert_eq!((stub.verdict, stub.tests.len()), (Verdict::RuntimeError, 4));
    assert!(stub.tests[3].message.as_deref().is_some_and(|said| said.contains("leap_year")), "{stub:#?}");

    let names = ["Leap > not divisible by 4", "Leap > divisible by 4"];
    let wrong = "export const isLeap = () => true; export class Year {}";
    let judgement = judge.judge(&job(&javascript(), JEST, wrong, &names)).await;
    assert_eq!(judgement.tests[0].message.as_deref(), Some("expected true to be false"), "{judgement:#?}");
    assert_eq!(judgement.tests[1].verdict, Verdict::Accepted);
    let raises = "export const isLeap = () => { throw new RangeError('no') }; export class Year {}";
    let judgement = judge.judge(&job(&javascript(), JEST, raises, &names)).await;
    assert_eq!(judgement.tests[0].message.as_deref(), Some("RangeError: no"));
    assert!(judgement.tests[0].stderr.is_empty() && judgement.tests[0].verdict == Verdict::RuntimeError);
    let broken = judge.judge(&job(&javascript(), JEST, "export const isLeap = (;", &names)).await;
    assert_eq!(broken.verdict, Verdict::CompileError, "{broken:#?}");
    let stub = judge.judge(&job(&javascript(), JEST, "export const other = 1;", &names)).await;
    assert_eq!(stub.verdict, Verdict::RuntimeError, "{stub:#?}");
    let script = "class Year {}\nconst isLeap = () => false;\nmodule.exports = { isLeap, Year };\n";
    let judgement = judge.judge(&job(&javascript(), JEST, script, &names)).await;
    assert_eq!(judgement.tests[0].verdict, Verdict::Accepted, "{judgement:#?}");
}

#[tokio::test]
async fn what_stops_a_test_stops_those_after_it_and_what_was_told_stays() {
    let Some(judge) = common::start().await else { return };
    let names = ["test_rows[2015-False]", "test_rows[1996-True]", "test_raises"];
    let endless = "def log():\n    pass\ndef leap_year(year):\n    while year == 1996:\n        pass\n    return False\n";
    let judgement = judge.judge(&job(&python(), PYTEST, endless, &names)).await;
    let verdicts: Vec<_> = judgement.tests.iter().map(|test| test.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Accepted, Verdict::TimeLimitExceeded, Verdict::TimeLimitExceeded],
        "{judgement:#?}"
    );
    let early = "import os\ndef log():\n    pass\ndef leap_year(year):\n    os._exit(0)\n";
    let judgement = judge.judge(&job(&python(), PYTEST, early, &names)).await;
    assert_eq!(judgement.verdict, Verdict::WrongAnswer);
    assert_eq!(judgement.tests[2].message.as_deref(), Some("ended before this test"));
}

#[tokio::test]
async fn results_are_not_forged_with_a_line() {
    let Some(judge) = common::start().await else { return };
    let line = r#"{"event": "begin", "name": "test_rows[2015-False]", "code": ""}"#;
    let end = r#"{"event": "end", "ok": true, "failed": false, "message": "", "output": "", "ms": 0}"#;
    let head = "def log():\n    pass\ndef leap_year(year):\n    return 'wrong'\n";
    let python_tricks = [
        format!("import os\nos.write(3, b'{line}\\n{end}\\n')\nos._exit(0)\n"),
        "import unittest\nunittest.TestCase.assertIs = unittest.TestCase.assertEqual = lambda *a, **k: None\n".to_owned(),
        "import atexit, os\natexit.register(os._exit, 0)\n".to_owned(),
        "import sys\nsys.exit(0)\n".to_owned(),
        "import sys\nsys.stdout = sys.stderr = None\n".to_owned(),
    ];
    let names = ["LeapTest.test_second_by_name_first_by_line", "LeapTest.test_a_skipped_one_is_run"];
    for trick in python_tricks {
        let judgement = judge.judge(&job(&python(), UNITTEST, &format!("{trick}{head}"), &names)).await;
        assert_ne!(judgement.verdict, Verdict::Accepted, "{trick}\n{judgement:#?}");
        assert!(
            judgement.tests.iter().all(|test| test.verdict != Verdict::Accepted),
            "{trick}\n{judgement:#?}"
        );
    }
    let names = ["Leap > not divisible by 4", "Leap > divisible by 4"];
    for trick in [
        "Object.is = () => true;",
        "Array.prototype.every = () => true;",
        "process.exit(0);",
        "require('fs').writeSync(3, '{}');",
        "globalThis.expect = () => new Proxy({}, { get: () => () => {} });",
        "Object.prototype.then = undefined; Error.prototype.constructor = null;",
    ] {
        let source = format!(
            "import {{ createRequire }} from 'module'; const require = createRequire('/box/x.js');\n{trick}\nexport const isLeap = () => 'wrong'; export class Year {{}}\n"
        );
        let judgement = judge.judge(&job(&javascript(), JEST, &source, &names)).await;
        assert!(
            judgement.tests.iter().all(|test| test.verdict != Verdict::Accepted),
            "{trick}\n{judgement:#?}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_a_suite_is_refused() {
    let Some(judge) = common::start().await else { return };
    for name in ["../x.py", "-c.py", "", "a b.py", "leap_test.py"] {
        let mut bad = job(&python(), PYTEST, "", &["x"]);
        let Entry::Tests(suite) = &mut bad.entry else { unreachable!() };
        Arc::get_mut(suite).expect("ours alone").solution = name.to_owned();
        assert!(judge.judge.judge(&bad, None).await.is_err(), "{name:?}");
    }
    let empty = job(&python(), "import leap\n", "", &[]);
    assert!(judge.judge.judge(&empty, None).await.is_err(), "no tests are no success");
}
