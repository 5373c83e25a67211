//! Random operations with restarts and kills between them, and a disk that is full in the middle of a frame.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use codementor_core::id::SessionId;
use codementor_core::journal::{AppendError, Journal};
use codementor_core::ports::StoreError;
use rusqlite::Connection;

use super::log::{holds, killed};
use super::{folder, open};
use crate::contract::journal::fixtures::edit_of;
use crate::contract::journal::random::random_operations;
use crate::sqlite::tests::crash::{own_test, say};

/// Restarts and kills between random operations change nothing of what they must agree on.
#[tokio::test]
async fn random_operations_agree_with_the_model_over_restarts_and_kills() {
    let (first, path) = folder();
    let state = Mutex::new((first, path));
    let journal = open(&state.lock().unwrap().1);
    random_operations(journal, async |journal, number| {
        let path = state.lock().unwrap().1.clone();
        let (folder, copy) = killed(&path);
        if number % 2 == 0 {
            journal.close().await;
            drop(journal);
            return open(&path) as Arc<dyn Journal>;
        }
        drop(journal);
        *state.lock().unwrap() = (folder, copy.clone());
        open(&copy)
    })
    .await;
}

const PATH: &str = "CODEMENTOR_TEST_FULL";
const WORDS: &[&str] = &["added ", "refused"];

/// Adds until the log takes no more, and says what it took.
#[tokio::test]
#[ignore = "run by the test that limits its files"]
async fn append_until_refused() {
    let path = PathBuf::from(std::env::var_os(PATH).unwrap());
    let journal = open(&path);
    let session = SessionId::from_bytes([7; 16]);
    // The tables take nothing meanwhile, so that the log's files grow.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for seq in 1.. {
        match journal.append(session, vec![edit_of(seq, 10_001)]).await {
            Ok(()) => say(&format!("added {seq}")),
            Err(AppendError::Store(StoreError::Unavailable(_))) => break,
            Err(other) => panic!("{other}"),
        }
    }
    say("refused");
    other.execute_batch("ROLLBACK").unwrap();
    // There is room again in a while, and the same entry again is one.
    loop {
        let kept = journal.load(session).await.unwrap().tail;
        let next = kept.len() as u64 + 1;
        if journal.append(session, vec![edit_of(next, 10_001)]).await.is_ok() {
            say(&format!("added {next}"));
            break;
        }
    }
    std::future::pending().await
}

/// A file that may not grow any more takes a frame in part. Nothing of it is seen, and the log goes on.
#[tokio::test]
async fn a_frame_that_found_no_room_is_as_if_it_never_was() {
    let (_folder, path) = folder();
    open(&path).close().await;
    let child = own_test(module_path!(), "append_until_refused");
    let mut limited = Command::new("sh");
    // In units of 512 bytes or of 1 KiB, as the shell has it. Writing over the limit is an error and no signal.
    limited.args(["-c", "trap '' XFSZ; ulimit -S -f 1000; exec \"$0\" \"$@\""]);
    limited.arg(child.get_program()).args(child.get_args()).env(PATH, &path);
    let child = limited.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let (said, last) = said_until_last(child);
    assert!(said > 20, "{said}");
    assert_eq!(last, said + 1, "what was refused was added after that");
    let session = SessionId::from_bytes([7; 16]);
    holds(&path, session, &(1..=last).map(|seq| edit_of(seq, 10_001)).collect::<Vec<_>>()).await;
}

/// The last entry before the refusal and the one after it. Kills the child then.
fn said_until_last(mut child: Child) -> (u64, u64) {
    let mut added = Vec::new();
    let mut refused = None;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if line == WORDS[1] {
            refused = Some(added.len());
            let raised = Command::new("prlimit")
                .args(["--fsize=unlimited", "--pid", &child.id().to_string()])
                .status();
            assert!(raised.unwrap().success());
        } else if let Some(seq) = line.strip_prefix(WORDS[0]) {
            added.push(seq.parse().unwrap());
            if refused.is_some() {
                break;
            }
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let refused = refused.expect("it was refused");
    (added[refused - 1], *added.last().unwrap())
}
