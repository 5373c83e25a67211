//! Frames and events against the protocol at a session's socket: each ends its own connection with the right code, and nobody else's.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_tests::frames::{self, CONTINUATION, FIN, PING, TEXT, closed, frame, head};
use codementor_tests::live::{memory_kb, rejected};
use codementor_tests::raw::Raw;
use codementor_tests::{Learner, Live, Peer, Server};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

const BINARY: u8 = 0x2;

struct Scene {
    server: Server,
    live: Live,
    eve: Learner,
    ada: Peer,
    ben: Peer,
    counted: f64,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::start().await;
        let (ada, ben, eve) =
            (server.guest("Ada").await, server.guest("Ben").await, server.guest("Eve").await);
        let live = Live::of(&ada).await;
        let (a, b) = (live.editor(&server, &ada).await, live.editor(&server, &ben).await);
        let counted = rejected(&server).await;
        Self { server, live, eve, ada: a, ben: b, counted }
    }

    async fn raw(&self) -> Raw {
        frames::open_at(&self.server, &format!("/ws/sessions/{}?token={}", self.live.id, self.eve.token))
            .await
    }

    async fn all_is_well(mut self) {
        self.ada.write(0, 0, "well").await;
        self.ben.until_text("well").await;
        assert!(rejected(&self.server).await > self.counted, "nothing was counted");
        assert!(!self.server.log().contains("panicked"), "{}", self.server.log());
    }
}

#[tokio::test]
async fn frames_against_the_protocol_close_with_1002_or_1007() {
    let scene = Scene::new().await;
    let ask = [0, 0, 1, 0];
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("unmasked", [&[FIN | BINARY, 4][..], &ask].concat(), 1002),
        ("compressed", frame(FIN | 0x40 | BINARY, &ask), 1002),
        ("reserved bit", frame(FIN | 0x10 | BINARY, &ask), 1002),
        ("reserved data opcode", frame(FIN | 0x3, &ask), 1002),
        ("reserved control opcode", frame(FIN | 0xb, b""), 1002),
        ("long ping", frame(FIN | PING, &[0; 126]), 1002),
        ("fragmented ping", frame(PING, b"a"), 1002),
        ("stray continuation", frame(FIN | CONTINUATION, b"a"), 1002),
        ("bad UTF-8", frame(FIN | TEXT, b"\xff"), 1007),
    ];
    for (what, bytes, code) in cases {
        let mut raw = scene.raw().await;
        assert!(raw.send(&bytes).await, "{what}");
        assert_eq!(closed(&mut raw).await, code, "{what}");
    }
    scene.all_is_well().await;
}

#[tokio::test]
async fn too_much_closes_with_1009_before_it_is_sent() {
    let scene = Scene::new().await;
    let before = memory_kb(&scene.server);
    for length in [u64::MAX >> 1, 1 << 40, 1 << 32, 4 * 1024 * 1024 + 1] {
        let mut raw = scene.raw().await;
        assert!(raw.send(&[head(FIN | BINARY, length), vec![0; 4]].concat()).await);
        assert_eq!(closed(&mut raw).await, 1009, "{length} bytes announced");
    }
    let mut raw = scene.raw().await;
    let part = frame(CONTINUATION, &vec![0; 3 * 1024 * 1024]);
    let _ = raw.send(&[frame(BINARY, b"x"), part.clone(), part].concat()).await;
    assert!([1009, 1006].contains(&closed(&mut raw).await), "in fragments");
    let grown = memory_kb(&scene.server) - before;
    assert!(grown <= 16 * 1024, "the memory grew by {grown} KiB");
    scene.all_is_well().await;
}

#[tokio::test]
async fn pings_and_events_without_end_close_with_4429() {
    let scene = Scene::new().await;
    for (what, one) in [("pings", frame(FIN | PING, b"x")), ("empty messages", frame(FIN | BINARY, b""))] {
        let mut raw = scene.raw().await;
        let _ = raw.send(&one.repeat(5_000)).await;
        assert_eq!(closed(&mut raw).await, 4429, "{what}");
    }
    let (mut member, _) = scene.live.member(&scene.server, &scene.eve).await;
    for _ in 0..2_000 {
        let event = json!({ "type": "cursor-change", "data": { "line": 1, "column": 1 } });
        if member.send_raw(Message::text(event.to_string())).await.is_err() {
            break;
        }
    }
    assert_eq!(member.closed().await, 4429);
    scene.all_is_well().await;
}

#[tokio::test]
async fn a_text_for_who_did_not_ask_for_events_is_malformed() {
    let scene = Scene::new().await;
    for text in ["{\"type\":\"ping\"}", "", "x"] {
        let mut eve = scene.live.editor(&scene.server, &scene.eve).await;
        eve.send_raw(Message::text(text)).await.unwrap();
        assert_eq!(eve.closed().await, 4400, "{text:?}");
    }
    scene.all_is_well().await;
}

#[tokio::test]
async fn events_that_are_none_close_with_4400() {
    let scene = Scene::new().await;
    let deep = "[".repeat(10_000);
    let deep_data = format!("{{\"type\":\"ping\",\"data\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let long_id = json!({ "type": "ping", "id": "x".repeat(65) }).to_string();
    for text in [
        "",
        "x",
        "null",
        "1e400",
        "[]",
        "{}",
        "{\"data\":1}",
        "{\"type\":1}",
        "{\"type\":{\"$gt\":\"\"}}",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\"}}",
        "{\"type\":\"ping\",\"type\":\"ping\"}",
        "{\"type\":\"ping\",\"id\":7}",
        "{\"type\":\"\\ud800\"}",
        "{\"type\":\"ping\",\"data\":1e400}",
        "{\"type\":\"a\u{0}b\"}",
        &deep,
        &deep_data,
        &long_id,
    ] {
        let (mut eve, _) = scene.live.member(&scene.server, &scene.eve).await;
        eve.send_raw(Message::text(text)).await.unwrap();
        assert_eq!(eve.closed().await, 4400, "{:?}", &text[..text.len().min(60)]);
    }
    scene.all_is_well().await;
}
