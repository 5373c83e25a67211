//! `GET /ws`: who may open it, what it tells, how it resumes, how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::time::{Duration, Instant};

use codementor_protocol::event::Envelope;
use codementor_tests::challenges::{reference, starter};
use codementor_tests::socket::{Handshake, Socket};
use codementor_tests::{Learner, Server, eventually, judge_works};
use serde_json::{Value, json};

/// Makes three events: a run's.
async fn three_events(learner: &Learner) {
    let body = json!({ "language": "python", "code": starter("pair-sum", "python"), "run_id": "r" });
    let _ = learner.post("/api/challenges/pair-sum/run", &body).await.expect(200);
}

async fn events(socket: &mut Socket, count: usize) -> Vec<Envelope> {
    let mut events = Vec::new();
    for _ in 0..count {
        events.push(socket.event().await);
    }
    events
}

#[tokio::test]
async fn only_the_signed_in_from_this_site_may_open_it() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let own = server.url().to_owned();
    let host = server.authority();
    let open = async |handshake: Handshake| handshake.open(&server).await.map(drop);
    let new = Handshake::default;

    for good in [
        new().bearer(&ada.token),
        new().query_token(&ada.token),
        new().cookie(&ada.cookie).header("origin", &own),
        new().bearer(&ada.token).header("origin", &own),
    ] {
        assert_eq!(open(good.clone()).await, Ok(()), "{good:?}");
    }
    let foreign = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("{own}.evil.example"),
        format!("{own}0"),
        "http://localhost".to_owned(),
        "http://127.0.0.1".to_owned(),
        format!("ws://{host}"),
        format!("http://evil@{host}"),
        String::new(),
        own.replace("http://", "file://"),
    ];
    for origin in &foreign {
        for who in [new().cookie(&ada.cookie), new().bearer(&ada.token), new().query_token(&ada.token), new()]
        {
            assert_eq!(open(who.header("origin", origin)).await, Err(403), "{origin:?}");
        }
    }
    assert_eq!(open(new().cookie(&ada.cookie)).await, Err(403), "a cookie without an origin");
    assert_eq!(open(new()).await, Err(403));
    for bad in [
        new().header("origin", &own),
        new().bearer("nonsense"),
        new().query_token("nonsense"),
        new().query_token(""),
        new().query_token(&format!("{}x", ada.token)),
        new().cookie("nonsense").header("origin", &own),
        // A bad token is not made good by a good cookie.
        new().query_token("nonsense").cookie(&ada.cookie).header("origin", &own),
    ] {
        assert_eq!(open(bad.clone()).await, Err(401), "{bad:?}");
    }
    assert_eq!(open(new().bearer(&ada.token).header("host", "evil.example")).await, Err(421));
    let _ = ada.client.post_nothing("/api/auth/logout").await.expect(204);
    assert_eq!(open(new().query_token(&ada.token)).await, Err(401));
}

#[tokio::test]
async fn what_is_no_handshake_is_told_as_every_error() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let get = |name: &'static str, value: &'static str| {
        ada.client.request(reqwest::Method::GET, "/ws").header(name, value)
    };
    for request in [
        get("accept", "*/*"),
        get("upgrade", "websocket"),
        get("upgrade", "h2c").header("connection", "upgrade"),
        get("upgrade", "websocket").header("connection", "upgrade").header("sec-websocket-version", "13"),
        get("upgrade", "websocket")
            .header("connection", "upgrade")
            .header("sec-websocket-key", "x")
            .header("sec-websocket-version", "8"),
    ] {
        let status = ada.client.send(request).await.any_problem().status;
        assert!([400, 426].contains(&status), "{status}");
    }
    let posted = ada.client.post("/ws", &json!({})).await.any_problem().status;
    assert!([400, 405, 426].contains(&posted), "{posted}");
    let no_handshake = server.client().get("/ws/sessions/1").await.any_problem().status;
    assert!([400, 426].contains(&no_handshake), "{no_handshake}");
}

#[tokio::test]
async fn events_from_a_client_are_acknowledged_or_refused_by_id() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, &server.guest("Ada").await).await;
    socket.send(&json!({ "type": "ping", "id": "1" })).await;
    let ack = socket.event().await;
    assert_eq!((ack.kind.as_str(), ack.id.as_deref()), ("ack", Some("1")));
    for kind in ["", "__proto__", "submission-update", "Ping", "\u{0}", "join-session"] {
        socket.send(&json!({ "type": kind, "data": { "x": [1] }, "id": "2" })).await;
        let error = socket.event().await;
        assert_eq!((error.kind.as_str(), error.id.as_deref()), ("error", Some("2")), "{kind:?}");
        assert_eq!(error.data["code"], "unknown_type");
        assert!(error.data["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
    // Fields nobody knows are left alone; an event without an id is not answered.
    socket.send(&json!({ "type": "ping", "extra": 1 })).await;
    socket.send(&json!({ "type": "resume", "data": { "last_event_id": "nonsense" } })).await;
    assert_eq!(socket.closed().await, 4400);
}

#[tokio::test]
async fn what_was_missed_comes_after_a_resume() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let (mut first, mut second) = (Socket::of(&server, &ada).await, Socket::of(&server, &ada).await);
    three_events(&ada).await;
    let seen = events(&mut first, 3).await;
    assert_eq!(events(&mut second, 3).await, seen, "every socket of a person hears the same");
    drop(first);
    three_events(&ada).await;
    let later = events(&mut second, 3).await;
    let all: Vec<Envelope> = [seen.clone(), later].concat();
    let ids: std::collections::BTreeSet<_> = all.iter().map(|event| event.id.clone().unwrap()).collect();
    assert_eq!(ids.len(), 6);

    // Resumed at each place: exactly what came after it, in order, and nothing twice.
    for (place, last) in all.iter().enumerate() {
        let mut socket = Socket::of(&server, &ada).await;
        socket.send(&json!({ "type": "resume", "data": { "last_event_id": last.id }, "id": "r" })).await;
        assert_eq!(events(&mut socket, all.len() - place - 1).await, all[place + 1..]);
        let resumed = socket.event().await;
        assert_eq!((resumed.kind.as_str(), &resumed.data), ("resumed", &json!({ "gap": false })));
        assert_eq!(socket.event().await.kind, "ack");
    }
    // A place of somebody else's, or of a server before this one, is a gap.
    let ben = server.guest("Ben").await;
    let mut socket = Socket::of(&server, &ben).await;
    socket.send(&json!({ "type": "resume", "data": { "last_event_id": all[5].id } })).await;
    assert_eq!(socket.event().await.data, json!({ "gap": true }));
}

#[tokio::test]
async fn after_a_restart_a_resume_says_that_something_was_forgotten() {
    let mut server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let mut socket = Socket::of(&server, &ada).await;
    three_events(&ada).await;
    let last = events(&mut socket, 3).await.pop().unwrap().id;
    server.restart().await;
    assert_eq!(socket.closed().await, 1006);
    let ada = ada.at(server.url());
    let mut socket = Socket::of(&server, &ada).await;
    socket.send(&json!({ "type": "resume", "data": { "last_event_id": last } })).await;
    let resumed = socket.event().await;
    assert_eq!((resumed.kind.as_str(), &resumed.data), ("resumed", &json!({ "gap": true })));
}

#[tokio::test]
async fn signing_out_closes_the_sockets_of_that_session_only() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let (mut first, mut second) = (Socket::of(&server, &ada).await, Socket::of(&server, &ada).await);
    let mut other = Socket::of(&server, &ben).await;
    let began = Instant::now();
    let _ = ada.client.post_nothing("/api/auth/logout").await.expect(204);
    assert_eq!((first.closed().await, second.closed().await), (4401, 4401));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    other.send(&json!({ "type": "ping", "id": "p" })).await;
    assert_eq!(other.event().await.kind, "ack");
}

#[tokio::test]
async fn a_stop_says_come_back_and_ends_well_with_sockets_and_programs_open() {
    let mut server = Server::start().await;
    let mut sockets = Vec::new();
    let mut learners = Vec::new();
    for n in 0..8 {
        let learner = server.guest(&format!("Learner {n}")).await;
        sockets.push(Socket::of(&server, &learner).await);
        learners.push(learner);
    }
    // One that does not read, and programs under way: four seconds each.
    let silent = codementor_tests::frames::open(&server, &learners[0].token).await;
    let judged = judge_works(&server).await;
    let mut submissions = Vec::new();
    if judged {
        for learner in &learners[..3] {
            let code = format!("import time\ntime.sleep(0.25)\n{}", reference("pair-sum", "python"));
            submissions.push(learner.try_submit("pair-sum", "python", &code).await.unwrap());
        }
    }
    let client = server.client();
    let began = Instant::now();
    server.signal_stop();
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, 1012);
    }
    let status = server.ended().await;
    let took = began.elapsed();
    assert!(status.success(), "{status:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(client.try_send(client.request(reqwest::Method::GET, "/livez")).await.is_err());
    drop(silent);

    // What was handed in before is judged after the next start.
    server.restart().await;
    for (learner, id) in learners.iter().zip(&submissions) {
        let finished = learner.at(server.url()).finished(id).await;
        assert_eq!(finished.verdict, Some(codementor_protocol::common::Verdict::Accepted), "{finished:#?}");
        assert_eq!(finished.xp_awarded, 10);
    }
}

#[tokio::test]
async fn closed_sockets_are_not_counted_any_more() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let sockets = async || {
        let text = server.client().get("/metrics").await.expect(200).body;
        let line = text.lines().find(|line| line.starts_with("codementor_websockets ")).unwrap().to_owned();
        line.rsplit(' ').next().unwrap().parse::<u32>().unwrap()
    };
    let open: Vec<Socket> = futures_util::future::join_all((0..5).map(|_| Socket::of(&server, &ada))).await;
    assert_eq!(sockets().await, 5);
    drop(open);
    eventually("the gauge is back at 0", async || (sockets().await == 0).then_some(())).await;
    let ready: Value = server.client().get("/readyz").await.value();
    assert_eq!(ready["status"], "ok", "{ready}");
}
