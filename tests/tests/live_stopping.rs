//! Sessions when the server stops, when somebody does not read, and when everybody comes back at once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::time::{Duration, Instant};

use codementor_core::UserId;
use codementor_hub::outline::Fit;
use codementor_hub::wire::Update;
use codementor_hub::wire::state_vector::StateVector;
use codementor_tests::live::{memory_kb, metric};
use codementor_tests::{Learner, Live, Peer, Server, eventually};
use futures_util::StreamExt;
use futures_util::future::join_all;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;

/// Everything that `who` has is there for `fresh`.
fn has_all(fresh: &mut Peer, who: &Peer) -> bool {
    let all = Update::read(who.doc.diff(&StateVector::default()).into()).unwrap();
    fresh.doc.take(UserId::from_bytes([0; 16]), &all).unwrap() == Fit::Known
}

#[tokio::test]
async fn a_stop_among_many_who_type_closes_with_1012_and_loses_nothing() {
    const SESSIONS: usize = 10;
    const TYPING: usize = 50;
    let mut server = Server::start().await;
    let mut lives = Vec::new();
    let mut readers = Vec::new();
    for n in 0..SESSIONS {
        let ada = server.guest(&format!("Ada {n}")).await;
        let live = Live::with(&ada, &json!({ "code": "hello" })).await;
        readers.push(live.editor(&server, &ada).await);
        lives.push(live);
    }
    // Two pages a person: no more than so many may sign in from one address at once.
    let people = crowd(&server, SESSIONS * TYPING / 2).await;
    let people: Vec<_> = people.iter().cycle().take(SESSIONS * TYPING).cloned().collect();
    let mut writers = arrive(&server, &lives, &people).await;
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

/// Five people say 7 MB, and short words last: more than waits on the way and in the outbox for who does not read.
async fn flood(server: &Server, live: &Live) {
    let mut speakers = Vec::new();
    for n in 0..5 {
        let learner = server.guest(&format!("Speaker {n}")).await;
        speakers.push(live.member(server, &learner).await.0);
    }
    join_all(speakers.iter_mut().map(async |speaker| {
        for n in 0..110 {
            let message = if n < 85 { "😀".repeat(4_000) } else { n.to_string() };
            speaker.send_event("session-message", &json!({ "message": message }), None).await;
            speaker.drain().await;
        }
        let _ = speaker.done("ping", &json!({}), "said").await;
    }))
    .await;
}

/// Somebody who joined and does not read any more, behind a small buffer.
async fn silent(server: &Server, live: &Live) -> Peer {
    silent_as("Ben", server, live).await
}

/// The same, by name.
async fn silent_as(name: &str, server: &Server, live: &Live) -> Peer {
    let door = live.door(&server.guest(name).await).receive_buffer(4 * 1024);
    let mut silent = Peer::new(door.open(server).await.unwrap());
    silent.send_event("join-session", &json!({}), Some("join")).await;
    let _ = silent.answer("join").await;
    silent.sync().await;
    silent
}

#[tokio::test]
async fn who_fell_behind_still_gets_the_answers_to_their_requests() {
    let server = Server::start().await;
    let live = Live::of(&server.guest("Ada").await).await;
    let mut silent = silent(&server, &live).await;
    flood(&server, &live).await;
    let edit = json!({ "from": 0, "to": 0, "insert": "!" });
    silent.send_event("code-change", &edit, Some("edit")).await;
    assert_eq!(silent.answer("edit").await.kind, "ack");
}

#[tokio::test]
async fn a_session_with_a_large_text_can_be_joined() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let live = Live::of(&ada).await;
    let mut writer = live.editor(&server, &ada).await;
    writer.write(0, 0, &"€".repeat(400_000)).await;
    writer.settled().await;
    let (_, state) = live.member(&server, &ada).await;
    assert_eq!(state["code"], json!(writer.text()));
}

#[tokio::test]
async fn who_does_not_read_costs_little_and_is_brought_up_to_date() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let live = Live::of(&ada).await;
    let mut writer = live.editor(&server, &ada).await;
    let mut lively = live.editor(&server, &ada).await;
    let mut silent = silent(&server, &live).await;
    let before = memory_kb(&server);
    flood(&server, &live).await;
    for n in 0..100 {
        writer.write(0, 0, &format!("{n} ")).await;
    }
    lively.until_equal(&writer).await;
    let grown = memory_kb(&server) - before;
    assert!(grown < 48 * 1024, "7 MB were told to six, and the memory grew by {grown} KiB");
    // It reads again: what waited on the way, then one difference and the state anew.
    let heard = silent.heard;
    silent.until_equal(&writer).await;
    assert!(silent.heard - heard < 10, "{} updates were kept for who did not read", silent.heard - heard);
    while silent.event_of("session-state").await.data["code"] != json!(writer.text()) {}
    silent.write(0, 0, "back ").await;
    lively.until_equal(&silent).await;
}

#[tokio::test]
async fn who_never_reads_again_is_closed_as_too_slow() {
    let server = Server::start().await;
    let live = Live::of(&server.guest("Ada").await).await;
    let silent = silent(&server, &live).await;
    flood(&server, &live).await;
    eventually("it is given up", async || {
        let slow = metric(&server, "codementor_rejected_total", "too_slow").await;
        (slow > 0.5).then_some(())
    })
    .await;
    assert_eq!(live.session().await.participants.len(), 7, "they may come back");
    drop(silent);
}

/// A peer whose machine is gone neither answers nor takes anything, and the connection does not end by itself.
#[tokio::test]
async fn who_is_gone_without_a_word_has_left_within_half_a_minute() {
    let server = Server::start().await;
    let quiet = Live::of(&server.guest("Ada").await).await;
    let busy = Live::of(&server.guest("Bea").await).await;
    let gone = join_all([("Cyd", &quiet), ("Dan", &busy)].map(async |(name, live)| {
        let (mut stays, _) = live.member(&server, &live.creator).await;
        let gone = silent_as(name, &server, live).await;
        let began = Instant::now();
        let _ = stays.event_of("user-joined").await;
        let mut writer = live.editor(&server, &live.creator).await;
        let mut reader = live.editor(&server, &live.creator).await;
        let left = stays.event_of("user-left");
        tokio::pin!(left);
        let left = loop {
            // Where nobody writes, the only words are pings.
            let writes = async {
                writer.write(0, 0, "word ").await;
                reader.until_text("word ").await;
                writer.write(0, 5, "").await;
                reader.until_text("").await;
            };
            tokio::select! {
                left = &mut left => break left,
                () = writes, if live.id == busy.id => {}
            }
        };
        assert_eq!(left.data["username"], name);
        drop(gone);
        began.elapsed()
    }))
    .await;
    assert!(gone.iter().all(|took| (14..30).contains(&took.as_secs())), "{gone:?}");
}

/// So many people, each with an account of their own.
async fn crowd(server: &Server, count: usize) -> Vec<Learner> {
    let client = server.client();
    let client = &client;
    let people = (0..count).map(async |n| client.guest(&format!("Learner {n}")).await);
    futures_util::stream::iter(people).buffer_unordered(16).collect().await
}

/// They all open an editor at once, each in the next session.
async fn arrive(server: &Server, lives: &[Live], people: &[Learner]) -> Vec<Peer> {
    let began = Instant::now();
    let all = join_all(people.iter().zip(lives.iter().cycle()).map(async |(learner, live)| {
        // A server that is asked too much at once says so, and is asked again.
        let socket =
            eventually("the socket opens", async || match live.door(learner).plain().open(server).await {
                Ok(socket) => Some(socket),
                Err(status) => {
                    assert!([429, 503].contains(&status), "{status}");
                    None
                }
            })
            .await;
        let mut peer = Peer::new(socket);
        peer.sync().await;
        assert_eq!(peer.text(), "hello");
        peer
    }))
    .await;
    println!("{} came in {:?}", people.len(), began.elapsed());
    all
}

#[tokio::test]
async fn two_thousand_come_back_at_once() {
    const SESSIONS: usize = 8;
    const PEOPLE: usize = 2_000;
    raise_file_limit();
    let mut server = Server::start().await;
    let mut lives = Vec::new();
    for n in 0..SESSIONS {
        let ada = server.guest(&format!("Ada {n}")).await;
        lives.push(Live::with(&ada, &json!({ "code": "hello" })).await);
    }
    // With twenty windows each, as an account has at most.
    let people = crowd(&server, PEOPLE / 20).await;
    let people: Vec<_> = people.iter().cycle().take(PEOPLE).cloned().collect();
    let first = arrive(&server, &lives, &people).await;
    server.kill9().await;
    drop(first);
    server.restart().await;
    let lives: Vec<Live> = lives.iter().map(|live| live.at(&server)).collect();
    let mut back = arrive(&server, &lives, &people).await;
    assert!((metric(&server, "codementor_websockets", "").await - PEOPLE as f64).abs() < 0.5);
    for live in &lives {
        live.editor(&server, &live.creator).await.write(5, 5, " all").await;
    }
    join_all(back.iter_mut().map(|peer| peer.until_text("hello all"))).await;
    assert!(server.terminate().await.success());
}

/// Each of this test's sockets is a file.
fn raise_file_limit() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
    assert!(most > 2_500, "this test needs 2,500 open files and may have {most}");
}

#[tokio::test]
async fn a_session_takes_three_hundred_and_no_more() {
    let mut server = Server::start().await;
    let ada = server.guest("Ada").await;
    let live = Live::with(&ada, &json!({ "code": "hello" })).await;
    let people = crowd(&server, 299).await;
    let _all = arrive(&server, std::slice::from_ref(&live), &people).await;
    let mut writer = live.editor(&server, &live.creator).await;
    // One more has no place, and is told so.
    let eve = server.guest("Eve").await;
    assert_eq!(live.closed_at_once(&server, live.door(&eve)).await, 4403);
    writer.write(5, 5, "!").await;
    writer.settled().await;
    assert!(server.terminate().await.success());
}
