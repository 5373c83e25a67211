//! `kill -9` while people type: whatever anybody else has heard of is there afterwards.
//!
//! The seed is printed; `CODEMENTOR_TEST_SEED` replays it: what is typed, and after how many edits the server is killed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_core::UserId;
use codementor_hub::outline::Fit;
use codementor_hub::wire::Update;
use codementor_hub::wire::state_vector::StateVector;
use codementor_tests::{Learner, Live, Peer, Server};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tokio::sync::watch;

const ROUNDS: u32 = 50;
const WRITERS: usize = 3;
/// The most edits between two deaths.
const MOST: usize = 80;

/// Everything that `who` has is there for `fresh`.
fn has_all(fresh: &mut Peer, who: &Peer) -> bool {
    let all = Update::read(who.doc.diff(&StateVector::default()).into()).unwrap();
    let fit = fresh.doc.take(UserId::from_bytes([0; 16]), &all).unwrap();
    fit == Fit::Known
}

/// What `writer` heard of others is there for `fresh`. Its own last words may have told nobody.
fn knows(fresh: &Peer, writer: &Peer) -> bool {
    let (there, heard) = (fresh.doc.state_vector(), writer.doc.state_vector());
    heard.0.iter().all(|(client, clock)| {
        *client == writer.client || there.0.get(client).is_some_and(|there| there >= clock)
    })
}

/// Types until the server is gone, hearing the others meanwhile.
async fn type_on(peer: &mut Peer, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    while !peer.is_closed() {
        let length = u32::try_from(peer.text().encode_utf16().count()).unwrap();
        let at = rng.random_range(0..=length);
        let deleted = if rng.random_bool(0.2) { rng.random_range(0..4).min(length - at) } else { 0 };
        let insert = ["a", "é", "xyz ", "\n", ""][rng.random_range(0..5)];
        // Long texts only make this slow.
        let (deleted, insert) =
            if length > 2_000 { ((length - at).min(1_000), "") } else { (deleted, insert) };
        if !peer.try_write(at, at + deleted, insert).await {
            return;
        }
        peer.drain().await;
    }
}

/// Listens until the server is gone, telling how much was heard.
async fn listen(peer: &mut Peer, heard: &watch::Sender<usize>) {
    while !peer.is_closed() {
        peer.step().await;
        heard.send_replace(peer.heard);
    }
}

/// Writes one number after the other without a CRDT, and tells how many were acknowledged when the server is gone.
async fn count_on(peer: &mut Peer) -> usize {
    for n in 0.. {
        let event = json!({ "type": "code-change", "id": n.to_string(), "data": { "from": 4_000_000, "to": 4_000_000, "insert": "#" } });
        let sent = peer.send_raw(tokio_tungstenite::tungstenite::Message::text(event.to_string())).await;
        if sent.is_err() || !peer.is_answered(&n.to_string()).await {
            return n;
        }
    }
    0
}

#[tokio::test]
async fn what_anybody_heard_survives_kill_9() {
    let seed = std::env::var("CODEMENTOR_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(rand::random::<u64>);
    eprintln!("CODEMENTOR_TEST_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut server = Server::start().await;
    let mut learners: Vec<Learner> = Vec::new();
    for n in 0..WRITERS {
        learners.push(server.guest(&format!("Writer {n}")).await);
    }
    let (mut live, mut counting) = (Live::of(&learners[0]).await, Live::of(&learners[0]).await);
    let mut counted = 0;
    for round in 0..ROUNDS {
        let mut writers = Vec::new();
        for learner in &learners {
            writers.push(live.editor(&server, learner).await);
        }
        let mut reader = live.editor(&server, &learners[0]).await;
        let (mut counter, _) = counting.member(&server, &learners[0]).await;
        let kill_after = reader.heard + rng.random_range(1..MOST);
        let (heard, mut hears) = watch::channel(0);
        let seeds: Vec<u64> = (0..WRITERS).map(|_| rng.random()).collect();
        let typing = futures_util::future::join_all(
            writers.iter_mut().zip(seeds).map(|(writer, seed)| type_on(writer, seed)),
        );
        let killing = async {
            let _ = hears.wait_for(|heard| *heard >= kill_after).await;
            server.kill9().await;
        };
        let ((_, ()), (), acknowledged) = tokio::join!(
            async { tokio::join!(typing, listen(&mut reader, &heard)) },
            killing,
            count_on(&mut counter)
        );
        counted += acknowledged;
        server.restart().await;
        learners = learners.iter().map(|learner| learner.at(server.url())).collect();
        (live, counting) = (live.at(&server), counting.at(&server));
        let mut fresh = live.editor(&server, &learners[0]).await;
        assert!(has_all(&mut fresh, &reader), "round {round}: the reader had heard more");
        for writer in &writers {
            assert!(knows(&fresh, writer), "round {round}: a writer had heard more of the others");
        }
        let numbers = counting.editor(&server, &learners[0]).await.text().len();
        assert!(numbers >= counted, "round {round}: {counted} were acknowledged and {numbers} are there");
        counted = numbers;
    }
}
