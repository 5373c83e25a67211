//! `kill -9` at random moments: every acknowledged entry is there, and no batch is half. `CODEMENTOR_TEST_SEED` replays the
//! choice of moments; what the child was doing then is up to the machine.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;

use codementor_core::id::{SessionId, UserId};
use codementor_core::journal::{Entry, Journal, Kind};
use futures_util::{StreamExt, stream};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;

use super::{folder, open};
use crate::contract::fixtures::noon;
use crate::contract::journal::fixtures::{record, snapshot};
use crate::contract::random::seed;
use crate::sqlite::tests::crash::{kill_after, own_test, say};

const PATH: &str = "CODEMENTOR_TEST_CRASH";
const IDS: &str = "CODEMENTOR_TEST_SESSIONS";
const ROUNDS: u32 = 20;
const SESSIONS: usize = 8;
const WORDS: &[&str] = &["opening", "added "];

fn start(path: &Path, sessions: &[SessionId]) -> Child {
    let sessions: Vec<_> = sessions.iter().map(SessionId::to_string).collect();
    own_test(module_path!(), "append_until_killed")
        .env(PATH, path)
        .env(IDS, sessions.join(","))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// How many entries the batch has that begins at a place. The largest fill many pages.
fn batch_size(first: u64) -> u64 {
    1 + first * 7 % 40
}

/// The entry at a place, the same in every process.
fn entry(session: SessionId, seq: u64) -> Entry {
    let size = if seq.is_multiple_of(97) { 30_000 } else { seq % 200 };
    Entry {
        seq,
        at: noon(seq.cast_signed()),
        author: seq.is_multiple_of(3).then(|| UserId::from_bytes(session.to_bytes())),
        kind: if seq.is_multiple_of(5) { Kind::Event } else { Kind::Edit },
        data: vec![seq as u8; size as usize].into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test that kills it"]
async fn append_until_killed() {
    let path = std::env::var_os(PATH).unwrap();
    let sessions = std::env::var(IDS).unwrap();
    say("opening");
    let journal = open(Path::new(&path)) as Arc<dyn Journal>;
    let sessions = stream::iter(sessions.split(',').map(|id| id.parse().unwrap()));
    sessions.for_each_concurrent(SESSIONS, |session| work(&journal, session)).await;
}

async fn work(journal: &Arc<dyn Journal>, session: SessionId) {
    let mut end = record(journal, session).await.len() as u64;
    loop {
        let last = end + batch_size(end + 1);
        journal.append(session, (end + 1..=last).map(|seq| entry(session, seq)).collect()).await.unwrap();
        say(&format!("added {session} {last}"));
        end = last;
        if end.is_multiple_of(4) {
            journal.put_snapshot(session, snapshot(end)).await.unwrap();
        }
    }
}

/// The last acknowledged entry of each session.
fn acknowledged(said: &[String], known: &mut BTreeMap<SessionId, u64>) {
    for line in said {
        if let ["added", session, last] = line.split(' ').collect::<Vec<_>>()[..] {
            known.insert(session.parse().unwrap(), last.parse().unwrap());
        }
    }
}

async fn check(path: &Path, known: &BTreeMap<SessionId, u64>) {
    let journal = open(path);
    let shared = journal.clone() as Arc<dyn Journal>;
    for (session, last) in known {
        let record = record(&shared, *session).await;
        let end = record.len() as u64;
        assert!(end >= *last, "{end} of {last} acknowledged");
        assert!(record.iter().eq((1..=end).map(|seq| entry(*session, seq)).collect::<Vec<_>>().iter()));
        assert!(ends_a_batch(end), "half a batch, up to {end}");
        let kept = shared.load(*session).await.unwrap();
        let snapshot = kept.snapshot.map_or(0, |snapshot| snapshot.seq);
        assert_eq!(kept.tail, record[usize::try_from(snapshot).unwrap()..]);
    }
    journal.close().await;
    let conn = Connection::open(path).unwrap();
    let check: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

fn ends_a_batch(end: u64) -> bool {
    let mut last = 0;
    while last < end {
        last += batch_size(last + 1);
    }
    last == end
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9() {
    let mut random = StdRng::seed_from_u64(seed());
    let (_folder, path) = folder();
    let sessions: Vec<_> = (0..SESSIONS).map(|_| SessionId::new()).collect();
    let mut known = BTreeMap::new();
    for _ in 0..ROUNDS {
        let said = kill_after(start(&path, &sessions), random.random_range(1..300), WORDS);
        acknowledged(&said, &mut known);
        check(&path, &known).await;
    }
    println!("{} acknowledged entries survived {ROUNDS} kills", known.values().sum::<u64>());
}
