//! Live sessions over REST: made, found, changed, ended; and nothing of them for who does not take part.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::collections::BTreeSet;

use codementor_protocol::common::Page;
use codementor_protocol::session::{Policy, Session, SessionRole, SessionSummary};
use codementor_tests::challenges::{challenge, starter};
use codementor_tests::{Learner, Live, Server};
use serde_json::{Value, json};

/// A session id that nobody has.
const NOBODYS: &str = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

async fn list(learner: &Learner, query: &str) -> Page<SessionSummary> {
    learner.get(&format!("/api/sessions{query}")).await.expect(200).json()
}

#[tokio::test]
async fn a_session_has_sound_defaults() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let answer = ada.client.post_nothing("/api/sessions").await.expect(201);
    let made: Session = answer.json();
    assert_eq!(answer.header("location"), format!("/api/sessions/{}", made.id));
    assert_eq!(made.join_url, format!("{}/sessions/{}", server.url(), made.id));
    assert_eq!((made.title.as_str(), made.language.as_str()), ("Ada's session", "python"));
    assert_eq!((made.policy, made.recording, made.role), (Policy::Free, true, SessionRole::Driver));
    assert_eq!((&made.challenge_id, &made.timer_ends_at, &made.ended_at), (&None, &None, &None));
    assert_eq!(made.creator_id, ada.user.id);
    let [only] = made.participants.as_slice() else { panic!("{made:?}") };
    assert_eq!((&only.user_id, only.username.as_str()), (&ada.user.id, "Ada"));
    assert!(only.color.starts_with('#') && only.color.len() == 7, "{only:?}");
    let live = Live { id: made.id.clone(), creator: ada.clone() };
    assert_eq!(live.session().await, made);
    assert_eq!(live.editor(&server, &ada).await.text(), "");
}

#[tokio::test]
async fn a_session_is_made_as_it_is_wanted() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let wanted = json!({
        "title": "  Graphs & <b>trees</b>  ", "challenge_id": "pair-sum", "language": "javascript",
        "policy": "driver", "recording": false, "role": "mentor", "creator_id": NOBODYS, "id": NOBODYS,
    });
    let live = Live::with(&ada, &wanted).await;
    let session = live.session().await;
    assert_eq!(session.title, "Graphs & <b>trees</b>");
    assert_eq!(
        (session.challenge_id.as_deref(), session.language.as_str()),
        (Some("pair-sum"), "javascript")
    );
    assert_eq!((session.policy, session.recording), (Policy::Driver, false));
    assert_eq!((session.role, &session.creator_id), (SessionRole::Driver, &ada.user.id), "not as it says");
    assert_ne!(session.id, NOBODYS);
    assert_eq!(live.editor(&server, &ada).await.text(), starter("pair-sum", "javascript"));
    let named = Live::with(&ada, &json!({ "challenge_id": "pair-sum", "code": "own" })).await;
    assert_eq!(named.session().await.title, challenge("pair-sum").title);
    assert_eq!(named.editor(&server, &ada).await.text(), "own");
    let longest = "ß".repeat(32 * 1024);
    let long = Live::with(&ada, &json!({ "code": longest })).await;
    assert_eq!(long.editor(&server, &ada).await.text(), longest);
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let cases: Vec<(Value, u16, &str)> = vec![
        (json!({ "title": "x".repeat(81) }), 422, "invalid_request"),
        (json!({ "title": "a\u{202e}b" }), 422, "invalid_request"),
        (json!({ "title": "a\u{0}b" }), 422, "invalid_request"),
        (json!({ "title": "a\nb" }), 422, "invalid_request"),
        (json!({ "title": 7 }), 422, "invalid_request"),
        (json!({ "challenge_id": "no-such" }), 404, "not_found"),
        (json!({ "challenge_id": "../../etc/passwd" }), 404, "not_found"),
        (json!({ "challenge_id": { "$gt": "" } }), 422, "invalid_request"),
        (json!({ "language": "--version" }), 422, "unknown_language"),
        (json!({ "challenge_id": "pair-sum", "language": "cobol" }), 422, "unknown_language"),
        (json!({ "policy": "anarchy" }), 422, "invalid_request"),
        (json!({ "recording": "yes" }), 422, "invalid_request"),
        (json!({ "code": "x".repeat(64 * 1024 + 1) }), 413, "code_too_large"),
        (json!([]), 422, "invalid_request"),
    ];
    for (body, status, code) in &cases {
        let answer = ada.post("/api/sessions", body).await;
        let shown: String = body.to_string().chars().take(60).collect();
        assert_eq!(answer.any_problem().status, *status, "{shown}: {}", answer.body);
        if *status != 422 || *code == "unknown_language" {
            assert_eq!(answer.any_problem().code, *code, "{shown}");
        }
    }
    assert_eq!(list(&ada, "").await.items.len(), 0, "nothing came of any of them");
    server.client().post("/api/sessions", &json!({})).await.problem(401, "unauthenticated");
    let live = Live::of(&ada).await;
    for (body, status) in [
        (json!({ "timer_seconds": 86_401 }), 422),
        (json!({ "timer_seconds": -1 }), 422),
        (json!({ "timer_seconds": 1.5 }), 422),
        (json!({ "title": "x".repeat(81) }), 422),
        (json!({ "language": "no language" }), 422),
        (json!({ "policy": null, "title": null }), 200),
    ] {
        let answer = ada.patch(&live.path(""), &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
}

#[tokio::test]
async fn sessions_are_listed_newest_first_page_by_page() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let mut made = Vec::new();
    for n in 0..25 {
        made.push(Live::with(&ada, &json!({ "title": format!("No {n}") })).await.id);
    }
    made.reverse();
    let first = list(&ada, "").await;
    assert_eq!(first.items.len(), 20);
    let mut seen = Vec::new();
    let mut query = "?limit=7".to_owned();
    loop {
        let page = list(&ada, &query).await;
        seen.extend(page.items.into_iter().map(|one| one.id));
        let Some(cursor) = page.next_cursor else { break };
        query = format!("?limit=7&cursor={cursor}");
    }
    assert_eq!(seen.iter().collect::<BTreeSet<_>>(), made.iter().collect::<BTreeSet<_>>());
    let in_time: Vec<_> = seen.clone();
    assert_eq!(
        first.items.iter().map(|one| &one.id).collect::<Vec<_>>(),
        in_time[..20].iter().collect::<Vec<_>>()
    );
    // What Ben joins is on his list as well, with how many people are there.
    assert_eq!(list(&ben, "").await.items.len(), 0);
    let live = Live { id: made[3].clone(), creator: ada.clone() };
    let _here = (live.editor(&server, &ada).await, live.editor(&server, &ben).await);
    let [joined] = &list(&ben, "").await.items[..] else { panic!("one session") };
    assert_eq!((&joined.id, joined.present), (&live.id, 2));
    for bad in ["?limit=0", "?limit=101", "?limit=x", "?limit=-1", "?cursor=x", "?cursor=1.x", "?cursor=-1.5"]
    {
        let status = ada.get(&format!("/api/sessions{bad}")).await.any_problem().status;
        assert!([400, 422].contains(&status), "{bad}: {status}");
    }
}

#[tokio::test]
async fn what_is_foreign_looks_like_what_is_not_there() {
    let server = Server::start().await;
    let (ada, eve) = (server.guest("Ada").await, server.guest("Eve").await);
    let live = Live::of(&ada).await;
    let invited = live.invite(&json!({})).await;
    let person = format!("/participants/{}", ada.user.id);
    let invitation = format!("/invitations/{}", invited.invitation.id);
    let body = json!({ "role": "viewer", "title": "x" });
    let ways: Vec<(&str, &str)> = vec![
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/ticket"),
        ("GET", "/invitations"),
        ("POST", "/invitations"),
        ("DELETE", &invitation),
        ("PATCH", &person),
        ("DELETE", &person),
    ];
    for (method, below) in ways {
        let mut bodies = Vec::new();
        for id in [live.id.as_str(), NOBODYS, "x", "%2e%2e", "%00"] {
            let path = format!("/api/sessions/{id}{below}");
            let request = eve.client.request(method.parse().unwrap(), &path);
            let request = if method == "GET" || method == "DELETE" { request } else { request.json(&body) };
            let answer = eve.client.send(request).await;
            let mut problem = answer.problem(404, "not_found");
            problem.request_id = None;
            bodies.push(serde_json::to_string(&problem).unwrap());
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{method} {below}: {bodies:#?}");
    }
    // The same for who takes part, about what is not in this session.
    for (method, below) in [
        ("DELETE", format!("/invitations/{NOBODYS}")),
        ("DELETE", "/invitations/x".to_owned()),
        ("DELETE", format!("/participants/{}", eve.user.id)),
        ("DELETE", "/participants/x".to_owned()),
        ("PATCH", format!("/participants/{}", eve.user.id)),
    ] {
        let request = ada.client.request(method.parse().unwrap(), &live.path(&below));
        let request = if method == "PATCH" { request.json(&body) } else { request };
        let _ = ada.client.send(request).await.problem(404, "not_found");
    }
    assert_eq!(live.session().await.participants.len(), 1);
}

#[tokio::test]
async fn an_ended_session_is_looked_at_and_not_entered() {
    let server = Server::start().await;
    let (ada, ben, eve) = (server.guest("Ada").await, server.guest("Ben").await, server.guest("Eve").await);
    let live = Live::of(&ada).await;
    live.join(&ben).await;
    let _ = ben.delete(&live.path("")).await.problem(403, "not_allowed");
    live.end().await;
    live.end().await;
    let ended = live.session().await;
    assert!(ended.ended_at.is_some());
    let _ = ben.get(&live.path("")).await.expect(200);
    let _ = eve.client.post_nothing(&live.path("/join")).await.problem(404, "not_found");
    let _ = ben.client.post_nothing(&live.path("/join")).await.problem(404, "not_found");
    for learner in [&ada, &ben, &eve] {
        assert_eq!(live.closed_at_once(&server, live.door(learner)).await, 4404);
    }
    let _ = ada.patch(&live.path(""), &json!({ "title": "x" })).await.problem(403, "not_allowed");
    let _ = ada.post(&live.path("/invitations"), &json!({})).await.problem(403, "not_allowed");
    assert!(list(&ada, "").await.items[0].ended_at.is_some());
    assert_eq!(live.session().await, ended);
}

#[tokio::test]
async fn many_sessions_at_once_are_too_many() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let made =
        futures_util::future::join_all((0..90).map(|_| ada.client.post_nothing("/api/sessions"))).await;
    let refused: Vec<_> = made.iter().filter(|answer| answer.status != 201).collect();
    assert!(!refused.is_empty());
    for answer in refused {
        answer.problem(429, "rate_limited");
        assert!(!answer.header("retry-after").is_empty());
    }
    let _ = Live::of(&server.guest("Ben").await).await;
}
