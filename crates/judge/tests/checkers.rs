//! Checkers that are programs, in the real sandbox: of an answer, and of a conversation.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::Arc;

use codementor_core::judging::{
    Checker, CheckerProgram, Expected, Input, Job, JobTest, Limits, SourceFile, StopPolicy,
};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Language, Verdict};
use common::{TestJudge, python};
use serde_json::json;

fn checker(language: Language, source: &str) -> Arc<CheckerProgram> {
    let (source, files, arguments) = (source.to_owned(), Vec::new(), vec!["limit=7".to_owned()]);
    Arc::new(CheckerProgram { language, source, files, arguments })
}

/// Takes any two numbers with the right sum; at least the first is positive.
const SUM: &str = r#"
import sys
judge_in, judge_ans, feedback, option = sys.argv[1:]
assert option == "limit=7"
wanted = int(open(judge_ans).read())
assert int(open(judge_in).read()) == wanted
words = sys.stdin.read().split()
if len(words) != 2 or sum(map(int, words)) != wanted:
    open(feedback + "teammessage.txt", "w").write(f"the sum is not {wanted}")
    sys.exit(43)
sys.exit(42)
"#;

/// The learner guesses a number; the answer says which.
const GUESS: &str = r#"
import sys
secret = int(open(sys.argv[2]).read())
for turn in range(10):
    line = sys.stdin.readline()
    if not line:
        open(sys.argv[3] + "teammessage.txt", "w").write("no guess")
        sys.exit(43)
    guess = int(line)
    if guess == secret:
        print("right", flush=True)
        sys.exit(42)
    print("higher" if guess < secret else "lower", flush=True)
open(sys.argv[3] + "teammessage.txt", "w").write("too many guesses")
sys.exit(43)
"#;

const GUESSER: &str = r#"
low, high = 1, 100
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    said = input()
    if said == "right":
        break
    low, high = (middle + 1, high) if said == "higher" else (low, middle - 1)
"#;

fn job(source: &str, input: &str, expected: &str, checker: Checker) -> Job {
    let mut job = common::program(&python(), source, input, Some(expected));
    job.limits = Limits { time_ms: 1_000, memory_kb: 64 * 1024 };
    job.checker = checker;
    job
}

#[tokio::test]
async fn a_program_decides_and_says_why() {
    let Some(judge) = common::start().await else { return };
    let ask = |source| job(source, "10\n", "10\n", Checker::Program(checker(python(), SUM)));
    let right = judge.first(&ask("print(3, 7)")).await;
    assert_eq!((right.verdict, right.message), (Verdict::Accepted, None));
    let wrong = judge.first(&ask("print(3, 8)")).await;
    assert_eq!(wrong.verdict, Verdict::WrongAnswer);
    assert_eq!(wrong.message.as_deref(), Some("the sum is not 10"));
    assert_eq!(wrong.actual.as_deref(), Some("3 8\n"));
    // What is wrong without it stays so, and nobody asks it about an input of the learner's own.
    let failed = judge.first(&ask("print(3, 7)\nexit(1)")).await;
    assert_eq!(failed.verdict, Verdict::RuntimeError);
    let mut own = ask("print('anything')");
    own.tests[0].expected = None;
    assert_eq!(judge.first(&own).await.verdict, Verdict::Accepted);
}

#[tokio::test]
async fn a_checker_may_be_compiled_have_files_and_judge_values() {
    let Some(judge) = common::start().await else { return };
    if !judge.judge.languages().iter().any(|language| language.id.as_str() == "cpp") {
        eprintln!("not run: no C++ here");
        return;
    }
    let source = "#include \"validate.h\"\nint main(int argc, char** argv) {\n  std::string text; std::getline(std::cin, text);\n  \
                  return decide(text == \"[2,1]\" || text == \"[1,2]\");\n}\n";
    let header = "#include <iostream>\n#include <string>\nint decide(bool right);\n";
    let other = "int decide(bool right) { return right ? 42 : 43; }\n";
    let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.to_owned() };
    let mut program = checker("cpp".parse().expect("a language"), source);
    Arc::get_mut(&mut program).expect("ours alone").files =
        vec![file("validate.h", header), file("decide.cc", other)];
    for (value, verdict) in [("[2, 1]", Verdict::Accepted), ("[3]", Verdict::WrongAnswer)] {
        let mut job = common::function(
            &python(),
            &format!("def f():\n    return {value}\n"),
            &[(json!([]), Some(json!([1, 2])))],
        );
        job.checker = Checker::Program(Arc::clone(&program));
        assert_eq!(judge.first(&job).await.verdict, verdict, "{value}");
    }
}

#[tokio::test]
async fn all_files_of_a_checker_are_compiled_together() {
    let Some(judge) = common::start().await else { return };
    let main = "#include <stdio.h>\nint is_right(long got);\n\
                int main(void) { long got; return scanf(\"%ld\", &got) == 1 && is_right(got) ? 42 : 43; }\n";
    let other = "int is_right(long got);\nint is_right(long got) { return got == 7; }\n";
    for (language, name) in [("c", "right.c"), ("cpp", "right.cpp"), ("cpp", "right.cc")] {
        let language: Language = language.parse().expect("a language");
        if !judge.judge.languages().iter().any(|known| known.id == language) {
            eprintln!("not run: no {language} here");
            continue;
        }
        let mut program = checker(language, main);
        Arc::get_mut(&mut program).expect("ours alone").files =
            vec![SourceFile { name: name.to_owned(), text: other.to_owned() }];
        for (source, verdict) in [("print(7)", Verdict::Accepted), ("print(8)", Verdict::WrongAnswer)] {
            let asked = job(source, "", "", Checker::Program(Arc::clone(&program)));
            assert_eq!(judge.first(&asked).await.verdict, verdict, "{name} {source}");
        }
    }
}

#[tokio::test]
async fn a_checker_with_a_fault_gives_no_verdict() {
    let Some(judge) = common::start().await else { return };
    for (language, source, why) in [
        ("python", "import sys\nsys.exit(1)\n", "exit code 1"),
        ("python", "print('accepted')\n", "exit code 0"),
        ("python", "while True:\n    pass\n", "used more"),
        ("cpp", "int main() { return }", "does not compile"),
        ("cobol", "", "not installed"),
    ] {
        let program = checker(language.parse().expect("a language"), source);
        for make in [Checker::Program, Checker::Interactive] {
            let asked = job("print(input())", "1\n", "1\n", make(Arc::clone(&program)));
            let error = judge.judge.judge(&asked, None).await;
            let said = match error {
                Err(error @ (JudgeError::Failed(_) | JudgeError::Language(_))) => error.to_string(),
                // A program that waits for a checker which says nothing runs out of time first.
                Ok(judgement)
                    if judgement.verdict == Verdict::TimeLimitExceeded
                        || judgement.verdict == Verdict::RuntimeError =>
                {
                    continue;
                }
                other => panic!("{source}: {other:?}"),
            };
            assert!(said.contains(why), "{source}: {said}");
        }
    }
}

async fn play(judge: &TestJudge, source: &str) -> codementor_core::judging::TestOutcome {
    judge.first(&job(source, "", "42\n", Checker::Interactive(checker(python(), GUESS)))).await
}

#[tokio::test]
async fn a_checker_speaks_with_a_program() {
    let Some(judge) = common::start().await else { return };
    let right = play(&judge, GUESSER).await;
    assert_eq!(right.verdict, Verdict::Accepted, "{right:#?}");
    let said = right.actual.expect("a conversation");
    assert!(said.starts_with("> 50\n< lower\n> 25\n< higher\n"), "{said}");
    let wrong = play(&judge, "while True:\n    print(1, flush=True)\n    input()\n").await;
    assert_eq!(
        (wrong.verdict, wrong.message.as_deref()),
        (Verdict::WrongAnswer, Some("too many guesses")),
        "{:?}",
        wrong.actual
    );
    let silent = play(&judge, "pass").await;
    assert_eq!((silent.verdict, silent.message.as_deref()), (Verdict::WrongAnswer, Some("no guess")));
    let failed = play(&judge, "print(50, flush=True)\ninput()\nraise ValueError('x')\n").await;
    assert_eq!(failed.verdict, Verdict::RuntimeError, "{failed:#?}");
    let waits = play(&judge, "input()").await;
    assert_eq!(waits.verdict, Verdict::TimeLimitExceeded);
    let floods = play(&judge, "while True:\n    print('9' * 1000)\n").await;
    assert_ne!(floods.verdict, Verdict::Accepted);
    assert_eq!(judge.programs().await, 0, "nothing is left of them");
}

#[tokio::test]
async fn many_conversations_at_once_do_not_stand_in_each_others_way() {
    for parallel in [1, 2] {
        let Some(judge) = common::start_with(codementor_judge::Accounting::Auto, parallel).await else {
            return;
        };
        let mut asked = job(GUESSER, "", "42\n", Checker::Interactive(checker(python(), GUESS)));
        let test = |secret: u32| JobTest {
            input: Input::Stdin(String::new()),
            expected: Some(Expected::Stdout(format!("{secret}\n"))),
        };
        asked.tests = (1..=12).map(|secret| test(secret * 8)).collect();
        let judgement = judge.judge(&asked).await;
        assert_eq!(
            (judgement.verdict, judgement.tests.len()),
            (Verdict::Accepted, 12),
            "{parallel}: {judgement:#?}"
        );
    }
}

#[tokio::test]
async fn of_a_group_the_rest_is_left_out_after_a_failure() {
    let Some(judge) = common::start().await else { return };
    let mut asked = common::program(&python(), "print(int(input()) % 3)", "", None);
    let test = |number: u32| JobTest {
        input: Input::Stdin(format!("{number}\n")),
        expected: Some(Expected::Stdout("0\n".to_owned())),
    };
    asked.tests = [0, 1, 3, 2, 6, 9].map(test).into();
    asked.stop = StopPolicy::FirstFailureOfGroup(vec![0, 1, 2, 1, 2, 2]);
    for _ in 0..3 {
        let judgement = judge.judge(&asked).await;
        let told: Vec<_> = judgement.tests.iter().map(|test| test.index).collect();
        // The fourth is of the second's group; at once with it, it may have begun.
        assert!(told == [0, 1, 2, 4, 5] || told == [0, 1, 2, 3, 4, 5], "{told:?}");
        assert_eq!(judgement.verdict, Verdict::WrongAnswer);
    }
    asked.stop = StopPolicy::FirstFailureOfGroup(vec![0; 6]);
    let Some(judge) = common::start_with(codementor_judge::Accounting::Auto, 1).await else { return };
    assert_eq!(judge.judge(&asked).await.tests.len(), 2);
}
