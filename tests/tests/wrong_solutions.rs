//! The search for counterexamples against the wrong solutions that authors wrote: most get a small input, and none gets a test.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::ffi::OsString;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use codementor_catalog::counterexample::{pool, search};
use codementor_core::Language;
use codementor_core::challenge::{Challenge, Selection};
use codementor_core::judging::{StopPolicy, Verdict};
use codementor_core::ports::Judge;
use codementor_core::quality::Generator;
use codementor_core::submission::{Counterexample, show_input};
use codementor_judge::{JudgeOptions, LocalJudge};
use codementor_tests::challenges::{LANGUAGES, all};
use codementor_tests::program::binary;

/// Challenges that are looked at; `CODEMENTOR_TEST_ALL=1` takes all of them, which is some minutes.
const SAMPLE: usize = 5;

async fn judge(folder: &tempfile::TempDir) -> Option<LocalJudge> {
    let launcher: [OsString; 2] = [binary().into(), "sandbox-launcher".into()];
    let judge = LocalJudge::start(JudgeOptions::new(launcher, folder.path().join("judge"), 2)).await;
    if let Err(why) = judge.available() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no judge on CI: {why}");
        eprintln!("NOT TESTED: no judge here: {why}");
        return None;
    }
    Some(judge)
}

/// A sample that is another one every day.
fn sample() -> Vec<&'static Challenge> {
    if std::env::var("CODEMENTOR_TEST_ALL").is_ok() {
        return all().iter().collect();
    }
    let given = std::env::var("CODEMENTOR_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let day = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 86_400;
    let seed: u64 = given.unwrap_or_else(day);
    println!("CODEMENTOR_TEST_SEED={seed}");
    let start = usize::try_from(seed).unwrap() * SAMPLE;
    (start..start + SAMPLE).map(|n| &all()[n % all().len()]).collect()
}

async fn verdict(challenge: &Challenge, language: &Language, code: &str, judge: &LocalJudge) -> Verdict {
    let mut job = challenge.job(language, code, Selection::All).unwrap();
    job.stop = StopPolicy::FirstFailure;
    judge.judge(&job, None).await.unwrap().verdict
}

fn assert_fresh(challenge: &Challenge, found: &Counterexample) {
    let is_test =
        |test: &codementor_core::challenge::Test| show_input(&test.input).trim() == found.input.trim();
    assert!(!challenge.tests.iter().any(is_test), "{}: {found:?} is a test", challenge.id);
    assert!(found.input.len() <= 200, "{}: {found:?} is not small", challenge.id);
}

#[tokio::test]
async fn most_wrong_solutions_get_a_small_input() {
    let folder = tempfile::tempdir().unwrap();
    let Some(judge) = judge(&folder).await else { return };
    let (mut wrong, mut found, mut table) = (0, 0, String::new());
    for challenge in sample() {
        for language in LANGUAGES {
            let language: Language = language.parse().unwrap();
            let began = Instant::now();
            let pool = pool(challenge, &language, &judge, 1).await.unwrap();
            assert!(!pool.is_empty(), "{} in {language}", challenge.id);
            table.push_str(&format!(
                "{} {language}: pool in {:.1} s\n",
                challenge.id,
                began.elapsed().as_secs_f64()
            ));
            for (path, code) in &challenge.solutions[&language].wrong {
                let failed = verdict(challenge, &language, code, &judge).await;
                let began = Instant::now();
                let answer = search(challenge, &pool, &language, code, failed, &judge).await.unwrap();
                // What is only too slow for large inputs has no small one.
                wrong += usize::from(failed == Verdict::WrongAnswer);
                found += usize::from(failed == Verdict::WrongAnswer && answer.is_some());
                let shown = answer.as_ref().map(|answer| {
                    assert_fresh(challenge, answer);
                    format!("{:?} in {} runs: {:?}", answer.verdict, answer.runs, answer.input)
                });
                table.push_str(&format!(
                    "  {path} ({failed:?}), {:.1} s: {shown:?}\n",
                    began.elapsed().as_secs_f64()
                ));
            }
            println!("{}", std::mem::take(&mut table));
        }
    }
    println!("{found} of {wrong}");
    assert!(found * 10 >= wrong * 8, "{found} of {wrong}");
}

#[tokio::test]
async fn where_nothing_is_declared_the_examples_tell_what_inputs_are_like() {
    let folder = tempfile::tempdir().unwrap();
    let Some(judge) = judge(&folder).await else { return };
    let mut challenge = all().iter().find(|one| one.id.as_str() == "spiral-matrix").unwrap().clone();
    challenge.quality.generator = Generator::Inferred;
    let language = Language::python();
    let pool = pool(&challenge, &language, &judge, 1).await.unwrap();
    let code = "def spiral_matrix(grid):\n    return [number for row in grid for number in row]\n";
    let found = search(&challenge, &pool, &language, code, Verdict::WrongAnswer, &judge).await.unwrap();
    let found = found.expect("a table of two rows");
    assert_fresh(&challenge, &found);
    assert!(found.inferred);
    let rows = found.args.as_ref().unwrap()[0].as_array().unwrap();
    let widths: Vec<usize> = rows.iter().map(|row| row.as_array().unwrap().len()).collect();
    assert!(
        widths.len() >= 2 && widths.windows(2).all(|pair| pair[0] == pair[1]),
        "still a table: {found:?}"
    );
    // A guess says nothing about a program that fails in another way than on the tests.
    let crashing = "def spiral_matrix(grid):\n    raise ValueError\n";
    let none = search(&challenge, &pool, &language, crashing, Verdict::WrongAnswer, &judge).await.unwrap();
    assert_eq!(none, None);
    challenge.quality.generator = Generator::Off;
    assert!(
        codementor_catalog::counterexample::pool(&challenge, &language, &judge, 1).await.unwrap().is_empty()
    );
}
