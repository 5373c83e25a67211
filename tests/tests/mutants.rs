//! The built-in challenges' tests kill the mutants of their references: of a sample that is another one every day, at least 95 %.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::ffi::OsString;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use codementor_catalog::score::{Options, Score, score};
use codementor_core::ports::Judge;
use codementor_judge::{JudgeOptions, LocalJudge};
use codementor_tests::challenges::all;
use codementor_tests::program::binary;

/// Mutants of each reference: all of them would take a quarter of an hour on two cores (`codementor challenge check --limit 2000`).
const SAMPLE: usize = 6;
const PARALLEL: usize = 2;
/// Of each reference's mutants this many may survive a sample: at 95 % one does now and then.
const SURVIVORS: usize = 1;

fn seed() -> u64 {
    let given = std::env::var("CODEMENTOR_TEST_SEED").ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 86_400)
}

#[tokio::test]
async fn the_tests_of_every_challenge_kill_mutants() {
    let folder = tempfile::tempdir().unwrap();
    let launcher: [OsString; 2] = [binary().into(), "sandbox-launcher".into()];
    let judge = LocalJudge::start(JudgeOptions::new(launcher, folder.path().join("judge"), PARALLEL)).await;
    if let Err(why) = judge.available() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no judge on CI: {why}");
        eprintln!("NOT TESTED: no judge here: {why}");
        return;
    }
    let seed = seed();
    println!("CODEMENTOR_TEST_SEED={seed}");
    let began = Instant::now();
    let mut scores: Vec<(&str, Score)> = Vec::new();
    for challenge in all() {
        for language in challenge.solutions.keys() {
            let options = Options { seed, limit: SAMPLE, parallel: PARALLEL };
            let found =
                score(challenge, language, &judge, options, || {}).await.expect("the judge gives verdicts");
            scores.push((challenge.id.as_str(), found));
        }
    }
    let mutants: usize = scores.iter().map(|(_, score)| score.mutants).sum();
    let killed: usize = scores.iter().map(|(_, score)| score.killed).sum();
    let mut table = format!(
        "{killed} of {mutants} mutants killed in {:.0} s, seed {seed}\n",
        began.elapsed().as_secs_f64()
    );
    for (id, score) in &scores {
        let lines = score.survivors.iter().map(|mutant| format!("{id} {}: {mutant}\n", score.language));
        table.extend(
            lines.chain(
                score.stale.iter().map(|mark| format!("{id} {}: stale mark {mark:?}\n", score.language)),
            ),
        );
    }
    println!("{table}");
    assert!(killed * 100 >= mutants * 95, "{table}");
    assert!(
        scores.iter().all(|(_, score)| score.survivors.len() <= SURVIVORS && score.stale.is_empty()),
        "{table}"
    );
}
