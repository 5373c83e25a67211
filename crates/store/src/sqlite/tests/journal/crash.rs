//! `kill -9` at random moments: every acknowledged entry is there unless it was forgotten, no batch is half, and the one whose answer
//! was never heard is added once by trying again. `CODEMENTOR_TEST_SEED` replays the
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
const WORDS: &[&str] = &["opening", "added ", "forgot "];

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

/// The batch after a place.
fn batch(session: SessionId, end: u64) -> Vec<Entry> {
    (end + 1..=end + batch_size(end + 1)).map(|seq| entry(session, seq)).collect()
}

/// Whether a session is recorded. Others forget most of what their snapshots take in, up to the middle of a batch.
fn is_recorded(session: SessionId) -> bool {
    session.to_bytes()[0].is_multiple_of(2)
}

async fn work(journal: &Arc<dyn Journal>, session: SessionId) {
    let mut end = end(journal, session).await;
    loop {
        let batch = batch(session, end);
        end += batch.len() as u64;
        journal.append(session, batch).await.unwrap();
        say(&format!("added {session} {end}"));
        if end.is_multiple_of(4) {
            journal.put_snapshot(session, snapshot(end)).await.unwrap();
            let upto = end - end % 8;
            if !is_recorded(session) {
                journal.trim(session, upto).await.unwrap();
                say(&format!("forgot {session} {upto}"));
            }
        }
    }
}

/// Where a record ends, by the way of a room.
async fn end(journal: &Arc<dyn Journal>, session: SessionId) -> u64 {
    let kept = journal.load(session).await.unwrap();
    let snapshot = kept.snapshot.map_or(0, |snapshot| snapshot.seq);
    kept.tail.last().map_or(snapshot, |last| last.seq)
}

/// What a killed process said of each session.
#[derive(Default)]
struct Known {
    /// The last acknowledged entry.
    added: BTreeMap<SessionId, u64>,
    /// The last entry that was acknowledged to be forgotten.
    forgot: BTreeMap<SessionId, u64>,
}

impl Known {
    fn hear(&mut self, said: &[String]) {
        for line in said {
            let (of, session, last) = match line.split(' ').collect::<Vec<_>>()[..] {
                ["added", session, last] => (&mut self.added, session, last),
                ["forgot", session, last] => (&mut self.forgot, session, last),
                _ => continue,
            };
            of.insert(session.parse().unwrap(), last.parse().unwrap());
        }
    }
}

async fn check(path: &Path, known: &mut Known) {
    let journal = open(path);
    let shared = journal.clone() as Arc<dyn Journal>;
    for (session, added) in &mut known.added {
        check_session(&shared, *session, *added, known.forgot.get(session).copied().unwrap_or(0)).await;
        // Whether the answer to this one was lost or it was never asked for: afterwards it is there once.
        let next = batch(*session, *added);
        let last = next.last().unwrap().clone();
        shared.append(*session, next).await.unwrap();
        *added = last.seq;
        assert_eq!(record(&shared, *session).await.last(), Some(&last));
    }
    journal.close().await;
    let conn = Connection::open(path).unwrap();
    let check: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

async fn check_session(journal: &Arc<dyn Journal>, session: SessionId, added: u64, forgot: u64) {
    let end = end(journal, session).await;
    assert!(end >= added, "{end} of {added} acknowledged");
    assert!(ends_a_batch(end), "half a batch, up to {end}");
    let record = record(journal, session).await;
    let first = record.first().map_or(end, |first| first.seq - 1) + 1;
    assert!(record.iter().eq((first..=end).map(|seq| entry(session, seq)).collect::<Vec<_>>().iter()));
    assert!(first > forgot && (first == 1 || !is_recorded(session)), "{first} after {forgot}");
    let kept = journal.load(session).await.unwrap();
    let snapshot = kept.snapshot.map_or(0, |snapshot| snapshot.seq);
    assert!(kept.tail.iter().eq(record.iter().filter(|entry| entry.seq > snapshot)));
    assert!(first <= snapshot + 1);
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
    let mut known = Known::default();
    for _ in 0..ROUNDS {
        let said = kill_after(start(&path, &sessions), random.random_range(1..300), WORDS);
        known.hear(&said);
        check(&path, &mut known).await;
    }
    let (added, forgot) = (known.added.values().sum::<u64>(), known.forgot.values().sum::<u64>());
    println!("{added} acknowledged entries, {forgot} of them forgotten, survived {ROUNDS} kills");
}
