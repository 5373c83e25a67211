//! Sessions when the server stops, when somebody does not read, and when everybody comes back at once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::time::{Duration, Instant};

use codementor_core::UserId;
use codementor_hub::outline::Fit;
use codementor_hub::wire::Update;
use codementor_hub::wire::state_vector::StateVector;
use codementor_tests::live::{memory_kb, metric};
use codementor_tests::{Live, Peer, Server, eventually};
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::json;

/// Everything that `who` has is there for `fresh`.
fn has_all(fresh: &mut Peer, who: &Peer) -> bool {
    let all = Update::read(who.doc.diff(&StateVector::default()).into()).unwrap();
    fresh.doc.take(UserId::from_bytes([0; 16]), &all).unwrap() == Fit::Known
}

#[tokio::test]
async fn a_stop_among_many_who_type_closes_with_1012_and_loses_nothing() {
    const SESSIONS: usize = 10;
    const TYPING: usize = 5;
    let mut server = Server::start().await;
    let mut lives = Vec::new();
    let (mut writers, mut readers) = (Vec::new(), Vec::new());
    for n in 0..SESSIONS {
        let ada = server.guest(&format!("Ada {n}")).await;
        let live = Live::of(&ada).await;
        for _ in 0..TYPING {
            writers.push(live.editor(&server, &ada).await);
        }
        readers.push(live.editor(&server, &ada).await);
        lives.push(live);
    }
    let typing = join_all(writers.iter_mut().map(async |writer| {
        while !writer.is_closed() && writer.try_write(0, 0, "x").await {
            writer.drain().await;
        }
        writer.closed().await
    }));
    let reading = join_all(readers.iter_mut().map(async |reader| reader.closed().await));
    let stopping = async {
        let client = server.client();
        eventually("much was told", async || {
            let text = client.get("/metrics").await.body;
            let line = text.lines().find(|line| line.starts_with("codementor_edits_total "))?.to_owned();
            (line.rsplit(' ').next()?.parse::<u64>().ok()? > 500).then_some(())
        })
        .await;
        server.signal_stop();
        Instant::now()
    };
    let (typed, read, began) = tokio::join!(typing, reading, stopping);
    let status = server.ended().await;
    let took = began.elapsed();
    assert!(status.success(), "{status:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(read.iter().all(|code| *code == 1012), "{read:?}");
    // Who writes into a closing socket may see the connection end before they read the goodbye.
    assert!(typed.iter().all(|code| [1012, 1006].contains(code)), "{typed:?}");
    assert!(typed.contains(&1012), "{typed:?}");
    server.restart().await;
    for (live, reader) in lives.iter().zip(&readers) {
        let live = live.at(&server);
        let mut fresh = live.editor(&server, &live.creator).await;
        assert!(has_all(&mut fresh, reader), "something that was told is lost");
    }
}

#[tokio::test]
async fn who_does_not_read_costs_little_and_is_brought_up_to_date() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::of(&ada).await;
    let mut writer = live.editor(&server, &ada).await;
    let mut lively = live.editor(&server, &ada).await;
    let door = live.door(&ben).plain().receive_buffer(4 * 1024);
    let mut silent = Peer::new(door.open(&server).await.unwrap());
    silent.sync().await;
    let heard = silent.heard;
    let paste = "0123456789abcdef".repeat(4 * 1024);
    // Warm: what the first of them costs is no measure.
    writer.write(0, 0, &paste).await;
    lively.until_equal(&writer).await;
    let before = memory_kb(&server);
    for _ in 0..200 {
        writer.write(0, 64 * 1024, &paste).await;
        lively.until_equal(&writer).await;
    }
    let grown = memory_kb(&server) - before;
    assert!(grown < 48 * 1024, "13 MB were told, and the memory grew by {grown} KiB");
    // It reads again: what waited on the way, then one difference.
    silent.until_equal(&writer).await;
    assert!(silent.heard - heard < 200, "{} messages were kept for who did not read", silent.heard - heard);
    silent.write(0, 0, "back ").await;
    lively.until_equal(&silent).await;
}

#[tokio::test]
async fn three_hundred_come_back_at_once() {
    const PEOPLE: usize = 299;
    let mut server = Server::start().await;
    let ada = server.guest("Ada").await;
    let live = Live::with(&ada, &json!({ "code": "hello" })).await;
    let client = server.client();
    let names = futures_util::stream::iter(0..PEOPLE);
    let people: Vec<_> =
        names.map(async |n| client.guest(&format!("Learner {n}")).await).buffer_unordered(16).collect().await;
    let open = async |server: &Server, live: &Live| {
        let began = Instant::now();
        let all = join_all(people.iter().map(async |learner| {
            // A server that is asked too much at once says so, and is asked again.
            let socket = eventually("the socket opens", async || {
                match live.door(learner).plain().open(server).await {
                    Ok(socket) => Some(socket),
                    Err(status) => {
                        assert!([429, 503].contains(&status), "{status}");
                        None
                    }
                }
            })
            .await;
            let mut peer = Peer::new(socket);
            peer.sync().await;
            assert_eq!(peer.text(), "hello");
            peer
        }))
        .await;
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        all
    };
    let first = open(&server, &live).await;
    server.kill9().await;
    drop(first);
    server.restart().await;
    let live = live.at(&server);
    let mut back = open(&server, &live).await;
    let mut writer = live.editor(&server, &live.creator).await;
    assert!((metric(&server, "codementor_websockets", "").await - 300.0).abs() < 0.5);
    // One more has no place, and is told so.
    let eve = server.guest("Eve").await;
    assert_eq!(live.closed_at_once(&server, live.door(&eve)).await, 4403);
    writer.write(5, 5, " all").await;
    join_all(back.iter_mut().map(|peer| peer.until_text("hello all"))).await;
    assert!(server.terminate().await.success());
}
