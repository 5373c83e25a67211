//! `kill -9` at random moments: what was acknowledged is there, and the database is sound. `CODEMENTOR_TEST_SEED` replays the
//! choice of moments; what the child was doing then is up to the machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use codementor_core::id::{SubmissionId, UserId};
use codementor_core::judging::Verdict;
use codementor_core::ports::{Store, Submissions, Users};
use codementor_core::submission::SubmissionStatus;
use futures_util::{StreamExt, stream};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;

use super::{folder, open};
use crate::contract::fixtures::{add_guest, finish, hand_in, name, new_submission, noon};
use crate::contract::random::seed;

const PATH: &str = "CODEMENTOR_TEST_CRASH";
const ROUND: &str = "CODEMENTOR_TEST_ROUND";
const ROUNDS: u32 = 8;
const XP: u32 = 10;
const WORDS: &[&str] = &["opening", "user ", "queued ", "finished "];

/// A process that runs one ignored test of this binary.
pub(super) fn own_test(module: &str, test: &str) -> Command {
    let (_, module) = module.split_once("::").unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--nocapture", &format!("{module}::{test}")]);
    command
}

fn start(path: &Path, round: u32) -> Child {
    own_test(module_path!(), "work_until_killed")
        .env(PATH, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Says what is acknowledged, one line a write, in one piece.
pub(super) fn say(line: &str) {
    std::io::stdout().write_all(format!("{line}\n").as_bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the tests that kill it"]
async fn work_until_killed() {
    let path = std::env::var_os(PATH).unwrap();
    let round = std::env::var(ROUND).unwrap();
    say("opening");
    let store = open(Path::new(&path)) as Arc<dyn Store>;
    let user = add_guest(&store, &format!("user {round}")).await.id;
    say(&format!("user {user}"));
    // Every challenge twice, so that racing solutions of one challenge are among what is interrupted.
    stream::iter(0_u32..).for_each_concurrent(8, |number| work(&store, user, number / 2)).await;
}

async fn work(store: &Arc<dyn Store>, user: UserId, number: u32) {
    let new = new_submission(user, &format!("challenge-{number}"));
    hand_in(store, &new).await;
    say(&format!("queued {}", new.id));
    let finished = finish(store, new.id, Verdict::Accepted, XP, noon(number.into())).await;
    say(&format!("finished {} {}", new.id, finished.submission.xp_awarded));
}

/// Reads so many lines that begin with one of `words`, kills, and reads what was said before the end. The other lines are the
/// test harness's.
pub(super) fn kill_after(mut child: Child, lines: u32, words: &[&str]) -> Vec<String> {
    let is_ours = |line: &str| words.iter().any(|word| line.starts_with(word));
    let mut said = Vec::new();
    let mut killed = false;
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        // A line without its end was not said.
        if let Some(whole) = line.strip_suffix('\n') {
            said.push(whole.to_owned());
        }
        line.clear();
        if !killed && said.iter().filter(|line| is_ours(line)).count() >= lines as usize {
            child.kill().unwrap();
            killed = true;
        }
    }
    assert!(killed, "the child ended by itself: {said:#?}");
    child.wait().unwrap();
    said.retain(|line| is_ours(line));
    said
}

/// What was acknowledged: submissions, with the XP of the finished ones.
fn acknowledged(said: &[String]) -> BTreeMap<SubmissionId, Option<u32>> {
    let mut known = BTreeMap::new();
    for line in said {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["queued", id] => known.insert(id.parse().unwrap(), None),
            ["finished", id, xp] => known.insert(id.parse().unwrap(), Some(xp.parse().unwrap())),
            _ => None,
        };
    }
    known
}

async fn check(path: &Path, known: &BTreeMap<SubmissionId, Option<u32>>) {
    let store = open(path);
    for (id, xp) in known {
        let found = store.submission(*id).await.unwrap().expect("an acknowledged submission is there");
        if let Some(xp) = xp {
            assert_eq!((found.status, found.xp_awarded), (SubmissionStatus::Finished, *xp));
        }
    }
    assert_eq!(store.rebuild_standings().await.unwrap(), 0);
    store.close().await;
    sound(path);
}

/// No damage, no dangling reference, no finished submission without its entry, no challenge rewarded twice.
fn sound(path: &Path) {
    let conn = Connection::open(path).unwrap();
    let check: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    assert!(!conn.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let awarded = number("SELECT coalesce(sum(xp_awarded), 0) FROM submissions");
    assert_eq!(awarded, number("SELECT coalesce(sum(xp), 0) FROM ledger"));
    let solved =
        number("SELECT count(DISTINCT user_id || challenge_id) FROM submissions WHERE verdict = 'accepted'");
    assert_eq!(awarded, solved * i64::from(XP));
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9() {
    let mut random = StdRng::seed_from_u64(seed());
    let (_folder, path) = folder();
    let mut known = BTreeMap::new();
    for round in 0..ROUNDS {
        let said = kill_after(start(&path, round), random.random_range(2..400), WORDS);
        known.extend(acknowledged(&said));
        check(&path, &known).await;
    }
    println!("{} acknowledged submissions survived {ROUNDS} kills", known.len());
    let store = open(&path);
    assert!(store.user_by_name(&name("user 0")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_kill_while_the_database_is_made_harms_nothing() {
    for round in 0..ROUNDS {
        let (_folder, path) = folder();
        kill_after(start(&path, round), 1, WORDS);
        check(&path, &BTreeMap::new()).await;
    }
}
