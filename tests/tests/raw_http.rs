//! Bytes on the wire that no HTTP library sends: smuggling, odd hosts, endless heads and bodies.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::time::{Duration, Instant};

use codementor_tests::Server;
use codementor_tests::raw::{Raw, ask};

/// A second request, which must never be answered when it hides in the body of a first.
const SMUGGLED: &str = "GET /api/smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

#[tokio::test]
async fn heads_that_could_mean_two_things_are_refused() {
    let server = Server::start().await;
    let host = server.authority();
    let post = |headers: &str, body: &str| {
        format!(
            "POST /api/auth/guest HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{headers}\r\n{body}"
        )
    };
    let cases = [
        ("two lengths", post("Content-Length: 2\r\nContent-Length: 60\r\n", &format!("{{}}{SMUGGLED}"))),
        ("a list of lengths", post("Content-Length: 2, 60\r\n", &format!("{{}}{SMUGGLED}"))),
        ("a signed length", post("Content-Length: +2\r\n", "{}")),
        ("a negative length", post("Content-Length: -1\r\n", "{}")),
        ("a hexadecimal length", post("Content-Length: 0x2\r\n", "{}")),
        ("a length beyond numbers", post("Content-Length: 99999999999999999999\r\n", "{}")),
        ("an unknown encoding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
        ("chunked not last", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")),
        ("a space before the colon", post("Content-Length : 2\r\n", "{}")),
        ("a folded header", post("X-A: b\r\n Content-Length: 2\r\n", "{}")),
        ("a NUL in a header", post("X-A: b\0c\r\n", "")),
        ("a bare carriage return", post("X-A: b\rContent-Length: 2\r\n", "")),
        (
            "a chunk of no size",
            post("Transfer-Encoding: chunked\r\n", &format!("zz\r\n{{}}\r\n0\r\n\r\n{SMUGGLED}")),
        ),
        ("a chunk of negative size", post("Transfer-Encoding: chunked\r\n", "-1\r\n{}\r\n0\r\n\r\n")),
        (
            "a chunk beyond numbers",
            post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
        ),
        ("no host", "GET /api/challenges HTTP/1.1\r\n\r\n".to_owned()),
        ("two hosts", format!("GET /api/challenges HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n")),
        ("no version", format!("GET /api/challenges\r\nHost: {host}\r\n\r\n")),
        ("another protocol", "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n".to_owned()),
        ("HTTP/2 by surprise", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("a space in the target", format!("GET /api/ challenges HTTP/1.1\r\nHost: {host}\r\n\r\n")),
    ];
    for (what, request) in cases {
        let answer = ask(&server, request.as_bytes()).await;
        assert!(
            answer.status == 400 || (answer.status == 0 && answer.text.is_empty()),
            "{what}: {}",
            answer.text
        );
        assert_eq!(
            answer.text.matches("HTTP/1.1 ").count(),
            usize::from(answer.status == 400),
            "{what}: {}",
            answer.text
        );
        assert!(!answer.text.contains("smuggled"), "{what}");
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
    let _ = server.client().get("/livez").await.expect(200);
}

#[tokio::test]
async fn a_smuggled_request_is_never_answered() {
    let server = Server::start().await;
    let host = server.authority();
    let bodies = [
        format!("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}"),
        format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{SMUGGLED}"),
        format!("Content-Length: 0\r\nContent-Length: 60\r\n\r\n{SMUGGLED}"),
    ];
    for body in bodies {
        let mut raw = Raw::connect(&server).await;
        raw.send(format!("POST /api/auth/logout HTTP/1.1\r\nHost: {host}\r\n{body}").as_bytes()).await;
        let text = raw.rest().await;
        assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{body:?}\n{text}");
    }
}

#[tokio::test]
async fn two_statements_of_a_bodys_length_are_refused() {
    let server = Server::start().await;
    for lengths in
        ["Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4"]
    {
        let request = format!(
            "POST /api/auth/logout HTTP/1.1\r\nHost: {}\r\n{lengths}\r\n\r\n0\r\n\r\n",
            server.authority()
        );
        let answer = ask(&server, request.as_bytes()).await;
        assert_eq!(answer.status, 400, "{lengths:?}: {}", answer.text);
        assert!(answer.text.contains("\"code\":\"ambiguous_length\""), "{}", answer.text);
    }
}

#[tokio::test]
async fn two_statements_of_a_bodys_length_are_refused_on_a_used_connection() {
    let server = Server::start().await;
    let host = server.authority();
    // A body that is read and refused keeps its connection open.
    let honest = format!(
        "POST /api/auth/guest HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{{\"username\":\"\"}}"
    );
    let both = format!(
        "POST /api/auth/logout HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}"
    );
    let mut one_by_one = Raw::connect(&server).await;
    for _ in 0..2 {
        one_by_one.send(honest.as_bytes()).await;
        assert_eq!(one_by_one.answer().await.status, 422);
    }
    one_by_one.send(both.as_bytes()).await;
    assert_eq!(one_by_one.rest().await.matches(" 400 Bad Request").count(), 1);

    let mut at_once = Raw::connect(&server).await;
    at_once.send(format!("{honest}{honest}{both}").as_bytes()).await;
    let answers = at_once.rest().await;
    let statuses: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).filter_map(|one| one.get(..3)).collect();
    assert_eq!(statuses, ["422", "422", "400"], "{answers}");
}

#[tokio::test]
async fn a_chunked_request_is_answered_and_is_the_connections_last() {
    let server = Server::start().await;
    let request = format!(
        "POST /api/auth/guest HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n{{\"username\":\"Ada\"}}\r\n0\r\n\r\n{SMUGGLED}",
        server.authority()
    );
    let mut raw = Raw::connect(&server).await;
    raw.send(request.as_bytes()).await;
    let text = raw.rest().await;
    assert!(text.starts_with("HTTP/1.1 201 "), "{text}");
    assert!(text.contains("connection: close\r\n"), "{text}");
    assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{text}");
}

#[tokio::test]
async fn only_own_hosts_are_answered() {
    let server = Server::start().await;
    let port = server.authority().rsplit(':').next().unwrap().to_owned();
    let get = |host: &str| {
        format!("GET /api/challenges?limit=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    };
    for good in [
        server.authority().to_owned(),
        "localhost".to_owned(),
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
        "[::1]:1".to_owned(),
    ] {
        assert_eq!(ask(&server, get(&good).as_bytes()).await.status, 200, "{good}");
    }
    let foreign = [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1.nip.io".to_owned(),
        "localhost.evil.example".to_owned(),
        "localhost:80@evil.example".to_owned(),
        "evil.example#localhost".to_owned(),
        "0x7f000001".to_owned(),
        "localhost.".to_owned(),
        "127.1".to_owned(),
        "[::1].evil.example".to_owned(),
        "локалхост".to_owned(),
    ];
    for host in foreign {
        let answer = ask(&server, get(&host).as_bytes()).await;
        assert!([400, 421].contains(&answer.status), "{host}: {}", answer.text);
        if answer.status == 421 {
            assert!(answer.text.contains("\"code\":\"foreign_host\""), "{}", answer.text);
        }
    }
    let empty = ask(&server, get("").as_bytes()).await;
    assert!([400, 421].contains(&empty.status), "{}", empty.text);
}

#[tokio::test]
async fn a_head_of_megabytes_is_cut_off() {
    let server = Server::start().await;
    let host = server.authority();
    let mut raw = Raw::connect(&server).await;
    raw.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\nX-Large: ").as_bytes()).await;
    let piece = vec![b'a'; 1024 * 1024];
    let mut taken = 0;
    while taken < 20 && raw.send(&piece).await {
        taken += 1;
    }
    assert!(taken < 20, "20 MB of head were taken");
    let answer = raw.answer().await;
    assert!([0, 400, 431].contains(&answer.status), "{}", answer.text);
    let many = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{}\r\n", "A: b\r\n".repeat(5_000));
    assert!([0, 400, 431].contains(&ask(&server, many.as_bytes()).await.status));
    let long = format!("GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n", "a".repeat(100_000));
    assert!([0, 400, 414, 431].contains(&ask(&server, long.as_bytes()).await.status));
    let _ = server.client().get("/livez").await.expect(200);
}

#[tokio::test]
async fn a_head_a_byte_at_a_time_is_answered_408() {
    let server = Server::start().await;
    let (began, mut raw) = (Instant::now(), Raw::connect(&server).await);
    let mut silent = Raw::connect(&server).await;
    for byte in b"GET / HTTP/1.1\r\nHost: a" {
        assert!(raw.send(&[*byte]).await);
    }
    let answer = raw.answer().await;
    assert_eq!(answer.status, 408, "{}", answer.text);
    let took = began.elapsed();
    assert!((10..25).contains(&took.as_secs()), "{took:?}");
    let (_, body) = answer.text.split_once("\r\n\r\n").unwrap();
    let problem: serde_json::Value =
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {}", answer.text));
    assert_eq!((problem["code"].as_str(), problem["status"].as_u64()), (Some("head_timeout"), Some(408)));
    assert!(raw.some().await.is_empty(), "the connection is closed");
    assert!(silent.some().await.is_empty(), "a connection that says nothing is closed");
}

#[tokio::test]
async fn bodies_without_end_are_given_up() {
    let server = Server::start().await;
    let head = format!(
        "POST /api/auth/guest HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        server.authority()
    );
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut fast = Raw::connect(&server).await;
    fast.send(head.as_bytes()).await;
    let mut taken = 0;
    while taken < 1_000 && fast.send(chunk.as_bytes()).await {
        taken += 1;
        if taken == 20 {
            break;
        }
    }
    let answer = fast.answer().await;
    assert_eq!(answer.status, 413, "{}", answer.text);
    assert!(answer.text.contains("\"code\":\"body_too_large\""), "{}", answer.text);

    let (mut stalled, mut dribbled) = (Raw::connect(&server).await, Raw::connect(&server).await);
    let began = Instant::now();
    stalled.send(format!("{head}1\r\n{{\r\n").as_bytes()).await;
    let length = head.replace("Transfer-Encoding: chunked", "Content-Length: 1000");
    dribbled.send(format!("{length}{{").as_bytes()).await;
    for raw in [&mut stalled, &mut dribbled] {
        let answer = raw.answer().await;
        assert_eq!(answer.status, 408, "{}", answer.text);
        assert!(answer.text.contains("\"code\":\"body_timeout\""), "{}", answer.text);
    }
    assert!((5..20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn packed_bodies_are_refused_unread() {
    let server = Server::start().await;
    for coding in ["gzip", "br", "deflate", "zstd", "identity", "gzip, gzip"] {
        let request = format!(
            "POST /api/auth/guest HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: 1000\r\n\r\n",
            server.authority()
        );
        let began = Instant::now();
        let answer = ask(&server, request.as_bytes()).await;
        assert_eq!(answer.status, 415, "{}", answer.text);
        assert!(answer.text.contains("\"code\":\"compressed_body\""), "{}", answer.text);
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn five_hundred_idle_connections_are_no_burden() {
    let server = Server::start().await;
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(Raw::connect(&server).await);
    }
    let began = Instant::now();
    let _ = server.client().get("/api/challenges").await.expect(200);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}
