//! Every built-in challenge keeps its word in the real sandbox: references are accepted, starters and wrong solutions are not.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::ffi::OsString;
use std::time::{Duration, Instant};

use codementor_core::ports::Judge;
use codementor_judge::{JudgeOptions, LocalJudge};
use codementor_tests::challenges::{LANGUAGES, all};
use codementor_tests::program::binary;
use futures_util::{StreamExt, stream};

/// Programs judged at once: the machine has other work.
const PARALLEL: usize = 2;

#[tokio::test]
async fn every_challenge_keeps_its_word() {
    let folder = tempfile::tempdir().unwrap();
    let launcher: [OsString; 2] = [binary().into(), "sandbox-launcher".into()];
    let judge = LocalJudge::start(JudgeOptions::new(launcher, folder.path().join("judge"), PARALLEL)).await;
    let known = judge.languages();
    let missing: Vec<_> =
        LANGUAGES.iter().filter(|id| !known.iter().any(|language| language.id.as_str() == **id)).collect();
    if let Err(why) = judge.available().map(|()| assert!(missing.is_empty(), "{missing:?}")) {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no judge on CI: {why}");
        eprintln!("NOT TESTED: no judge here: {why}");
        return;
    }
    let judge = &judge;
    let verified = stream::iter(all()).map(|challenge| async move {
        let began = Instant::now();
        let faults = codementor_catalog::verify(challenge, judge).await.expect("the judge gives verdicts");
        (challenge, faults, began.elapsed())
    });
    let rows: Vec<_> = verified.buffer_unordered(PARALLEL).collect().await;
    let mut table = String::new();
    for (challenge, faults, took) in &rows {
        let files: usize = challenge.solutions.values().map(|solutions| 2 + solutions.wrong.len()).sum();
        let state = if faults.is_empty() { "ok   " } else { "FAULT" };
        table.push_str(&format!(
            "{state} {:24} {files:3} files {:7.1} s\n",
            challenge.id.as_str(),
            took.as_secs_f64()
        ));
        faults.iter().for_each(|fault| table.push_str(&format!("        {fault}\n")));
    }
    assert_eq!(rows.len(), all().len());
    assert!(rows.iter().all(|(_, faults, _)| faults.is_empty()), "\n{table}");
    let slowest = rows.iter().map(|(_, _, took)| *took).max().unwrap();
    assert!(slowest < Duration::from_secs(240), "\n{table}");
}
