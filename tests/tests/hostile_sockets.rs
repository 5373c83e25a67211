//! Frames and events that no honest client sends: each ends its own socket with the right code, and nobody else's.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::time::{Duration, Instant};

use codementor_tests::frames::{self, CLOSE, CONTINUATION, FIN, PING, TEXT, closed, frame, head};
use codementor_tests::socket::{Handshake, Socket};
use codementor_tests::{Server, Setup, eventually};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

/// The bystander hears and is heard, and the server is well.
async fn all_is_well(server: &Server, bystander: &mut Socket) {
    bystander.send(&json!({ "type": "ping", "id": "well" })).await;
    assert_eq!(bystander.event().await.kind, "ack");
    let _ = server.client().get("/livez").await.expect(200);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// Each reason has moved the counter of rejections.
async fn counted(server: &Server, reasons: &[&str]) {
    let metrics = server.client().get("/metrics").await.body;
    for reason in reasons {
        let line = format!("codementor_rejected_total{{kind=\"websocket\",reason=\"{reason}\"}}");
        assert!(metrics.contains(&line), "{line} is not counted");
    }
}

#[tokio::test]
async fn malformed_events_close_with_4400() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let mut bystander = Socket::of(&server, &server.guest("Ben").await).await;
    let deep = "[".repeat(10_000);
    let deep_data = format!("{{\"type\":\"ping\",\"data\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let long_id = json!({ "type": "ping", "id": "x".repeat(65) }).to_string();
    let texts = [
        "",
        " ",
        "x",
        "null",
        "true",
        "1e400",
        "[]",
        "{}",
        "{\"data\":1}",
        "{\"type\":1}",
        "{\"type\":null}",
        "{\"type\":{\"$gt\":\"\"}}",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\"}}",
        "{\"type\":\"ping\",\"type\":\"ping\"}",
        "{\"type\":\"ping\",\"id\":\"a\",\"id\":\"b\"}",
        "{\"type\":\"ping\",\"data\":{\"a\":1,\"a\":2}}",
        "{\"type\":\"ping\",\"data\":{\"a\":[{\"b\":1,\"b\":1}]}}",
        "{\"type\":\"ping\",\"id\":7}",
        "{\"type\":\"\\ud800\"}",
        "{\"type\":\"ping\",\"data\":1e400}",
        "\u{feff}{\"type\":\"ping\"}",
        "{\"type\":\"a\u{0}b\"}",
        "{'type':'ping'}",
        "{\"type\":\"resume\"}",
        "{\"type\":\"resume\",\"data\":{}}",
        "{\"type\":\"resume\",\"data\":{\"last_event_id\":9007199254740993}}",
        "{\"type\":\"resume\",\"data\":{\"last_event_id\":\"-1--1\"}}",
        "{\"type\":\"resume\",\"data\":{\"last_event_id\":\"99999999999999999999-1\"}}",
        "{\"type\":\"resume\",\"data\":{\"last_event_id\":\"../../etc\"}}",
        "{\"type\":\"resume\",\"data\":[]}",
        &deep,
        &deep_data,
        &long_id,
    ];
    for text in texts {
        let mut socket = Socket::of(&server, &ada).await;
        socket.send_raw(Message::text(text)).await.unwrap();
        assert_eq!(socket.closed().await, 4400, "{:?}", &text[..text.len().min(80)]);
    }
    for bytes in [vec![], vec![0], vec![0, 0, 1, 0], b"{\"type\":\"ping\"}".to_vec(), vec![255; 60_000]] {
        let mut socket = Socket::of(&server, &ada).await;
        socket.send_raw(Message::binary(bytes)).await.unwrap();
        assert_eq!(socket.closed().await, 4400, "a binary message");
    }
    all_is_well(&server, &mut bystander).await;
    counted(&server, &["malformed", "binary"]).await;
}

#[tokio::test]
async fn frames_against_the_protocol_close_with_1002_or_1007() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let mut bystander = Socket::of(&server, &server.guest("Ben").await).await;
    let ping = br#"{"type":"ping","id":"1"}"#;
    let unmasked = [&[FIN | TEXT, 24][..], &ping[..]].concat();
    let interrupted = [frame(TEXT, b"{"), frame(FIN | TEXT, b"}")].concat();
    let mut short_close = frame(FIN | CLOSE, &[3]);
    short_close.extend(frame(FIN | PING, b""));
    let cases: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("unmasked", unmasked, &[1002]),
        ("reserved bit 1 (compression)", frame(FIN | 0x40 | TEXT, ping), &[1002]),
        ("reserved bit 2", frame(FIN | 0x20 | TEXT, ping), &[1002]),
        ("reserved bit 3", frame(FIN | 0x10 | TEXT, ping), &[1002]),
        ("reserved data opcode", frame(FIN | 0x3, ping), &[1002]),
        ("reserved control opcode", frame(FIN | 0xb, b""), &[1002]),
        ("long ping", frame(FIN | PING, &[0; 126]), &[1002]),
        ("fragmented ping", frame(PING, b"a"), &[1002]),
        ("stray continuation", frame(FIN | CONTINUATION, b"a"), &[1002]),
        ("a message within a message", interrupted, &[1002]),
        ("a close of one byte", short_close, &[1002, 1005, 1006]),
        ("bad UTF-8", frame(FIN | TEXT, b"{\"type\":\"\xff\"}"), &[1007]),
        ("an encoded surrogate", frame(FIN | TEXT, b"{\"type\":\"\xed\xa0\x80\"}"), &[1007]),
        ("half a character at the end", frame(FIN | TEXT, b"\"\xf0\x9f\x98"), &[1007]),
        (
            "bad UTF-8 in fragments",
            [frame(TEXT, b"\"\xf0"), frame(FIN | CONTINUATION, b"\x28\"")].concat(),
            &[1007],
        ),
    ];
    for (what, bytes, codes) in cases {
        let mut raw = frames::open(&server, &ada.token).await;
        assert!(raw.send(&bytes).await, "{what}");
        let code = closed(&mut raw).await;
        assert!(codes.contains(&code), "{what}: closed with {code}, not {codes:?}");
    }
    all_is_well(&server, &mut bystander).await;
    counted(&server, &["protocol", "utf8"]).await;
}

#[tokio::test]
async fn too_much_closes_with_1009_before_it_is_sent() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let mut bystander = Socket::of(&server, &server.guest("Ben").await).await;
    let mut socket = Socket::of(&server, &ada).await;
    // The server may close before all is taken.
    let _ = socket.send_raw(Message::text("x".repeat(70 * 1024))).await;
    assert_eq!(socket.closed().await, 1009);
    for length in [u64::MAX >> 1, 1 << 40, 1 << 32, 70 * 1024] {
        let mut raw = frames::open(&server, &ada.token).await;
        let began = Instant::now();
        assert!(raw.send(&[head(FIN | TEXT, length), vec![0; 4]].concat()).await);
        assert_eq!(closed(&mut raw).await, 1009, "{length} bytes announced");
        assert!(began.elapsed() < Duration::from_secs(5), "{length}: {:?}", began.elapsed());
    }
    let mut raw = frames::open(&server, &ada.token).await;
    let fragments = [
        frame(TEXT, &[b'x'; 30_000]),
        frame(CONTINUATION, &[b'x'; 30_000]),
        frame(CONTINUATION, &[b'x'; 30_000]),
    ];
    let _ = raw.send(&fragments.concat()).await;
    assert_eq!(closed(&mut raw).await, 1009, "in fragments");
    // The largest that is allowed is looked at.
    let mut socket = Socket::of(&server, &ada).await;
    let padded = json!({ "type": "ping", "id": "big", "data": "x".repeat(60_000) });
    socket.send(&padded).await;
    assert_eq!(socket.event().await.kind, "ack");
    all_is_well(&server, &mut bystander).await;
    counted(&server, &["too_big"]).await;
}

#[tokio::test]
async fn floods_close_with_4429() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let mut bystander = Socket::of(&server, &server.guest("Ben").await).await;
    let event = frame(FIN | TEXT, br#"{"type":"ping"}"#);
    for (what, one) in [("events", event), ("pings", frame(FIN | PING, b"x"))] {
        let mut raw = frames::open(&server, &ada.token).await;
        // Fewer than a rest allows pass.
        raw.send(&one.repeat(20)).await;
        raw.send(&frame(FIN | TEXT, br#"{"type":"ping","id":"still here"}"#)).await;
        loop {
            let (opcode, payload) = frames::next(&mut raw).await.expect("an open socket");
            if opcode == TEXT {
                assert!(String::from_utf8_lossy(&payload).contains("still here"));
                break;
            }
        }
        let _ = raw.send(&one.repeat(5_000)).await;
        let code = closed(&mut raw).await;
        assert_eq!(code, 4429, "{what}");
    }
    all_is_well(&server, &mut bystander).await;
    counted(&server, &["rate_limit"]).await;
}

#[tokio::test]
async fn a_person_has_twenty_sockets_and_no_more() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let mut bystander = Socket::of(&server, &ben).await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(Socket::of(&server, &ada).await);
    }
    for _ in 0..3 {
        let refused = Handshake::default().bearer(&ada.token).open(&server).await.map(drop);
        assert_eq!(refused, Err(429), "before the upgrade");
    }
    let request = ada
        .client
        .request(reqwest::Method::GET, "/ws")
        .header("upgrade", "websocket")
        .header("connection", "upgrade")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-version", "13");
    let answer = ada.client.send(request).await;
    answer.problem(429, "too_many_sockets");
    assert!(!answer.header("retry-after").is_empty());
    let metrics = server.client().get("/metrics").await.body;
    assert!(metrics.contains("\ncodementor_websockets 21\n"), "the refused are not counted as open");
    // Each that closes makes room for one.
    drop(open.pop());
    eventually("a closed socket gives its place back", async || {
        Handshake::default().bearer(&ada.token).open(&server).await.ok()
    })
    .await;
    all_is_well(&server, &mut bystander).await;
}

#[tokio::test]
async fn a_message_without_end_is_given_up() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let mut bystander = Socket::of(&server, &server.guest("Ben").await).await;
    let fragments = frame(CONTINUATION, b"").repeat(100);
    let with_pings = [fragments.clone(), frame(FIN | PING, b"x")].concat();
    let a_byte_at_a_time = b"x".to_vec();
    let cases = [
        ("fragments", frame(TEXT, b"{"), fragments),
        ("fragments with pings between", frame(TEXT, b"{"), with_pings),
        ("a payload a byte at a time", [head(FIN | TEXT, 60_000), vec![0; 4]].concat(), a_byte_at_a_time),
    ];
    let given_up = cases.map(async |(what, beginning, more)| {
        let mut raw = frames::open(&server, &ada.token).await;
        let began = Instant::now();
        assert!(raw.send(&beginning).await);
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        while raw.send(&more).await {
            ticks.tick().await;
            assert!(began.elapsed() < Duration::from_secs(15), "{what}: still awaited");
        }
        assert!(began.elapsed() > Duration::from_secs(8), "{what}: {:?}", began.elapsed());
    });
    futures_util::future::join_all(given_up).await;
    // One that only begins is told why.
    let mut raw = frames::open(&server, &ada.token).await;
    assert!(raw.send(&frame(TEXT, b"{")).await);
    assert_eq!(closed(&mut raw).await, 4408);
    all_is_well(&server, &mut bystander).await;
    counted(&server, &["slow_message"]).await;
}

#[tokio::test]
async fn a_peer_that_fell_silent_is_gone_within_half_a_minute() {
    let server = Setup::default().start().await;
    let ada = server.guest("Ada").await;
    let mut raw = frames::open(&server, &ada.token).await;
    let began = Instant::now();
    let mut pings = 0;
    while let Some((opcode, _)) = frames::next(&mut raw).await {
        pings += u32::from(opcode == PING);
    }
    let took = began.elapsed();
    assert!(pings >= 2, "{pings} pings");
    assert!((19..29).contains(&took.as_secs()), "{took:?}");
}
