//! The JSON events of a session's socket: each row of the contract's table that exists, in both directions.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::session::Session;
use codementor_tests::{Live, Peer, Server};
use serde_json::{Value, json};

#[tokio::test]
async fn who_joins_finds_the_state_and_the_others_hear_of_it_once_a_person() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::with(&ada, &json!({ "code": "x = 1\n", "title": "T" })).await;
    let (mut a, state) = live.member(&server, &ada).await;
    assert_eq!((&state["code"], &state["may_write"]), (&json!("x = 1\n"), &json!(true)));
    assert_eq!((&state["user_id"], &state["messages"]), (&json!(ada.user.id), &json!([])));
    assert_eq!(state["session"]["title"], "T");
    assert_eq!(state["present"].as_array().unwrap().len(), 1);
    let (b, state) = live.member(&server, &ben).await;
    assert_eq!(state["present"].as_array().unwrap().len(), 2);
    let joined = a.event_of("user-joined").await.data;
    assert_eq!(
        (&joined["user_id"], &joined["username"], &joined["role"]),
        (&json!(ben.user.id), &json!("Ben"), &json!("navigator"))
    );
    // A second tab, and a tab without events, are the same person.
    let (tab, _) = live.member(&server, &ben).await;
    let editor = live.editor(&server, &ben).await;
    drop(b);
    drop(tab);
    let _ = a.done("session-message", &json!({ "message": "still?" }), "m").await;
    drop(editor);
    let left = a.event_of("user-left").await.data;
    assert_eq!(left["user_id"], json!(ben.user.id));
    assert!(!a.unasked().contains(&"user-joined".to_owned()), "{:?}", a.unasked());
    let (_again, _) = live.member(&server, &ben).await;
    assert_eq!(a.event_of("user-joined").await.data["user_id"], json!(ben.user.id));
}

#[tokio::test]
async fn edits_without_a_crdt_reach_editors_and_the_reverse() {
    let server = Server::start().await;
    let (ada, ben, cleo) = (server.guest("Ada").await, server.guest("Ben").await, server.guest("Cleo").await);
    let live = Live::with(&ada, &json!({ "code": "a😀c" })).await;
    let mut editor = live.editor(&server, &ada).await;
    let (mut b, state) = live.member(&server, &ben).await;
    let (mut c, _) = live.member(&server, &cleo).await;
    let version = state["version"].as_u64().unwrap();
    // UTF-16: the face takes two units.
    let _ = b.done("code-change", &json!({ "from": 3, "to": 4, "insert": "C!" }), "1").await;
    editor.until_text("a😀C!").await;
    let update = c.event_of("code-update").await.data;
    assert_eq!(
        update,
        json!({ "user_id": ben.user.id, "from": 3, "to": 4, "insert": "C!", "version": version + 1 })
    );
    editor.write(0, 1, "").await;
    for peer in [&mut b, &mut c] {
        let update = peer.event_of("code-update").await.data;
        assert_eq!(
            update,
            json!({ "user_id": ada.user.id, "from": 0, "to": 1, "insert": "", "version": version + 2 })
        );
    }
    assert!(!b.unasked().contains(&"code-update".to_owned()), "nobody hears of their own edits");
    // Meant for the version before: moved along.
    let edit = json!({ "from": 5, "to": 5, "insert": "end", "version": version + 1 });
    let _ = b.done("code-change", &edit, "2").await;
    editor.until_text("😀C!end").await;
    // Places within a character and behind the end, and the wrong way round.
    let _ = b.done("code-change", &json!({ "from": 1, "to": 1, "insert": "(" }), "3").await;
    editor.until_text("(😀C!end").await;
    let _ = b
        .done(
            "code-change",
            &json!({ "from": 4_000_000_000_u32, "to": 4_000_000_000_u32, "insert": ")" }),
            "4",
        )
        .await;
    editor.until_text("(😀C!end)").await;
    let _ = b.done("code-change", &json!({ "from": 9, "to": 5, "insert": "" }), "5").await;
    editor.until_text("(😀C!").await;
    let _ = b.done("code-change", &json!({ "from": 0, "to": 0, "insert": "" }), "6").await;
    for bad in [
        json!({}),
        json!({ "from": -1, "to": 0, "insert": "" }),
        json!({ "from": 0.5, "to": 1, "insert": "" }),
        json!({ "from": 9_007_199_254_740_993_u64, "to": 0, "insert": "" }),
        json!({ "from": 0, "to": 0, "insert": 7 }),
        json!({ "from": "0", "to": 0, "insert": "" }),
        json!([]),
        json!("x"),
    ] {
        assert_eq!(b.refused("code-change", &bad, "bad").await, "invalid", "{bad}");
    }
    let long = "x".repeat(1 << 20);
    assert_eq!(
        b.refused("code-change", &json!({ "from": 0, "to": 0, "insert": long }), "7").await,
        "too_large"
    );
    // A client with a CRDT may do without.
    b.send_event("join-session", &json!({ "code_updates": false }), Some("j")).await;
    let _ = b.answer("j").await;
    editor.write(0, 0, "#").await;
    while c.event_of("code-update").await.data["insert"] != "#" {}
    let _ = b.done("ping", &json!({}), "p").await;
    assert!(!b.unasked().contains(&"code-update".to_owned()));
}

#[tokio::test]
async fn cursors_are_told_with_the_name_that_the_server_knows() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::of(&ada).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    let cursor = json!({ "line": 3, "column": 7, "selection": { "anchor": [1, 2] }, "user_id": "x", "username": "Root" });
    let _ = b.done("cursor-change", &cursor, "1").await;
    let told = a.event_of("cursor-update").await.data;
    let wanted = json!({ "user_id": ben.user.id, "username": "Ben", "line": 3, "column": 7, "selection": { "anchor": [1, 2] } });
    assert_eq!(told, wanted);
    let big = json!({ "line": 1, "column": 1, "selection": "x".repeat(1100) });
    assert_eq!(b.refused("cursor-change", &big, "2").await, "invalid");
    assert_eq!(b.refused("cursor-change", &json!({ "line": -1, "column": 0 }), "3").await, "invalid");
}

#[tokio::test]
async fn messages_are_told_bounded_and_remembered() {
    let mut server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::of(&ada).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    let longest = "ß".repeat(4_000);
    for (n, (text, shown)) in [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("  trimmed\n", "trimmed"),
        ("a\u{202e}b\u{200b}", "a\u{202e}b\u{200b}"),
        (longest.as_str(), longest.as_str()),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("m{n}");
        let _ = b.done("session-message", &json!({ "message": text, "username": "Root" }), &id).await;
        for peer in [&mut a] {
            let told = peer.event_of("new-message").await.data;
            assert_eq!((&told["message"], &told["username"]), (&json!(shown), &json!("Ben")));
            assert_eq!(told["user_id"], json!(ben.user.id));
            assert!(told["id"].is_string() && told["at"].is_string());
        }
    }
    for bad in [
        json!(""),
        json!(" \n"),
        json!("a\u{0}b"),
        json!("\u{1b}[2J"),
        json!("x".repeat(4_001)),
        json!(7),
        Value::Null,
    ] {
        assert_eq!(b.refused("session-message", &json!({ "message": bad }), "bad").await, "invalid");
    }
    for n in 0..100 {
        let _ = a.done("session-message", &json!({ "message": format!("No {n}") }), &format!("n{n}")).await;
    }
    server.kill9().await;
    server.restart().await;
    let live = live.at(&server);
    let (_peer, state) = live.member(&server, &ben.at(server.url())).await;
    let messages = state["messages"].as_array().unwrap();
    let texts: Vec<&str> = messages.iter().map(|one| one["message"].as_str().unwrap()).collect();
    assert_eq!(texts, (0..100).map(|n| format!("No {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn nobody_talks_without_end() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::of(&ada).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    let said = said_until_refused(&mut a, "session-message").await;
    assert!(said >= 120, "{said}");
    // Neither does a second window help, nor the tutor.
    let (mut second, _) = live.member(&server, &ada).await;
    let asked = said_until_refused(&mut second, "ai-tutor-message").await;
    assert!(asked < 60, "{asked}");
    let _ = b.done("session-message", &json!({ "message": "word" }), "b").await;
}

/// How much somebody says before it is too much.
async fn said_until_refused(speaker: &mut Peer, kind: &str) -> u32 {
    for said in 0..1_000 {
        let answer = speaker.ask(kind, &json!({ "message": "word" }), &format!("{kind} {said}")).await;
        if answer.kind == "error" {
            assert_eq!(answer.data["code"], "rate_limited");
            return said;
        }
    }
    panic!("all of it is taken");
}

#[tokio::test]
async fn changes_and_the_timer_are_told_to_all() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::of(&ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    let body = json!({ "title": "New", "language": "javascript", "timer_seconds": 300, "recording": false });
    let now: Session = ada.patch(&live.path(""), &body).await.expect(200).json();
    assert_eq!((now.title.as_str(), now.language.as_str(), now.recording), ("New", "javascript", false));
    let told: Session =
        serde_json::from_value(b.event_of("session-updated").await.data["session"].clone()).unwrap();
    assert!(told.timer_ends_at.is_some() && told.timer_ends_at == now.timer_ends_at);
    assert_eq!((told.title, told.recording), (now.title, false));
    let (_late, state) = live.member(&server, &ada).await;
    assert_eq!(state["session"]["timer_ends_at"], json!(now.timer_ends_at));
    let stopped: Session = ada.patch(&live.path(""), &json!({ "timer_seconds": 0 })).await.expect(200).json();
    assert_eq!(stopped.timer_ends_at, None);
    assert_eq!(b.event_of("session-updated").await.data["session"]["timer_ends_at"], Value::Null);
}

#[tokio::test]
async fn without_recording_the_text_survives_and_what_happened_is_forgotten() {
    let mut server = Server::start().await;
    let ada = server.guest("Ada").await;
    let live = Live::with(&ada, &json!({ "code": "kept", "recording": false })).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let _ = a.done("session-message", &json!({ "message": "a secret word" }), "1").await;
    a.sync().await;
    a.write(0, 0, "well ").await;
    a.settled().await;
    server.kill9().await;
    server.restart().await;
    let live = live.at(&server);
    assert_eq!(live.editor(&server, &live.creator).await.text(), "well kept");
    // Recorded first, then not any more: the messages stay for who is there, the record goes.
    let on = Live::with(&live.creator, &json!({})).await;
    let (mut a, _) = on.member(&server, &live.creator).await;
    let _ = a.done("code-change", &json!({ "from": 0, "to": 0, "insert": "text" }), "2").await;
    let _ = a.done("session-message", &json!({ "message": "a word on record" }), "3").await;
    // The room closes and keeps a snapshot, with the message.
    let _ = server.terminate().await;
    server.restart().await;
    let on = on.at(&server);
    let (mut a, state) = on.member(&server, &on.creator).await;
    assert_eq!(state["messages"][0]["message"], "a word on record");
    let _ = on.creator.patch(&on.path(""), &json!({ "recording": false })).await.expect(200);
    assert_eq!(a.event_of("session-updated").await.data["session"]["recording"], false);
    server.restart().await;
    let on = on.at(&server);
    let (_, state) = on.member(&server, &on.creator).await;
    assert_eq!((&state["code"], &state["messages"]), (&json!("text"), &json!([])));
}

#[tokio::test]
async fn an_end_is_told_and_closes_with_1000() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    for way in ["socket", "rest"] {
        let live = Live::of(&ada).await;
        let (mut a, _) = live.member(&server, &ada).await;
        let (mut b, _) = live.member(&server, &ben).await;
        let mut editor = live.editor(&server, &ben).await;
        assert_eq!(b.refused("end-session", &json!({}), "1").await, "not_allowed");
        editor.write(0, 0, "last words").await;
        editor.settled().await;
        if way == "socket" {
            a.send_event("end-session", &json!({}), Some("2")).await;
        } else {
            live.end().await;
        }
        for peer in [&mut a, &mut b] {
            assert_eq!(peer.event_of("session-ended").await.data["user_id"], json!(ada.user.id), "{way}");
            assert_eq!(peer.closed().await, 1000, "{way}");
            assert_eq!(peer.text(), "last words", "{way}");
        }
        assert_eq!(editor.closed().await, 1000);
    }
}

#[tokio::test]
async fn unknown_events_are_refused_by_name_and_requests_are_answered_once() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::of(&ada).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    for kind in
        ["", "__proto__", "Join-Session", "session-state", "ack", "new-message", "\u{0}", "user-joined"]
    {
        assert_eq!(a.refused(kind, &json!({ "x": [1] }), "1").await, "unknown_type", "{kind:?}");
    }
    // Without an id an event that fits is not answered, and does what it says.
    a.send_event("session-message", &json!({ "message": "one" }), None).await;
    assert_eq!(b.event_of("new-message").await.data["message"], "one");
    let _ = a.done("ping", &json!({}), "p").await;
    assert_eq!(a.unasked(), ["user-joined"]);
    // Fields nobody knows are left alone.
    a.send_event(
        "session-message",
        &json!({ "message": "two", "__proto__": { "x": 1 }, "at": 0 }),
        Some("2"),
    )
    .await;
    assert_eq!(a.answer("2").await.kind, "ack");
    assert_eq!(b.event_of("new-message").await.data["message"], "two");
}

#[tokio::test]
async fn the_tutor_answers_everybody_without_a_model_and_says_so() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let live = Live::with(&ada, &json!({ "challenge_id": "pair-sum" })).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    for (n, level) in [1, 2].into_iter().enumerate() {
        let asked = b.done("ai-tutor-message", &json!({ "message": "And now?" }), &format!("t{n}")).await;
        for peer in [&mut a, &mut b] {
            let first = loop {
                let piece = peer.event_of("ai-tutor-delta").await.data;
                if piece["message_id"] == asked["message_id"] {
                    break piece["delta"].as_str().unwrap().to_owned();
                }
            };
            let told = peer.event_of("ai-tutor-response").await.data;
            assert_eq!((&told["message_id"], &told["hint_level"]), (&asked["message_id"], &json!(level)));
            assert_eq!((&told["source"], &told["username"]), (&json!("offline"), &json!("Ben")));
            assert!(told["message"].as_str().unwrap().starts_with(&first), "{told}");
        }
    }
    assert_eq!(b.refused("ai-tutor-message", &json!({ "message": " " }), "empty").await, "invalid");
    // Who comes later reads both.
    let (_peer, state) = live.member(&server, &ada).await;
    let said: Vec<&str> =
        state["messages"].as_array().unwrap().iter().map(|one| one["user_id"].as_str().unwrap()).collect();
    let ben = ben.user.id;
    assert_eq!(said, [ben.as_str(), "tutor", ben.as_str(), "tutor"]);
}
