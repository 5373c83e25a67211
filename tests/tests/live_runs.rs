//! Running and handing in a session's text: told to all, counted for whom it counts, once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::collections::BTreeMap;

use codementor_tests::challenges::{challenge, reference, starter};
use codementor_tests::{Learner, Live, Peer, Server, judge_works};
use serde_json::{Value, json};

const ID: &str = "pair-sum";

fn xp(result: &Value) -> BTreeMap<String, u64> {
    let rows = result["xp"].as_array().unwrap();
    rows.iter()
        .map(|row| (row["username"].as_str().unwrap().to_owned(), row["xp_awarded"].as_u64().unwrap()))
        .collect()
}

async fn guests<const N: usize>(server: &Server, names: [&str; N]) -> [Learner; N] {
    let mut made = Vec::new();
    for name in names {
        made.push(server.guest(name).await);
    }
    made.try_into().unwrap()
}

/// Makes the text another one, by events.
async fn put(peer: &mut Peer, text: &str) {
    let all = json!({ "from": 0, "to": 4_000_000, "insert": text });
    let _ = peer.done("code-change", &all, &format!("put-{}", text.len())).await;
}

#[tokio::test]
async fn a_run_is_told_to_everybody() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let [ada, ben, vic] = guests(&server, ["Ada", "Ben", "Vic"]).await;
    let live = Live::with(&ada, &json!({ "challenge_id": ID })).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    live.join(&vic).await;
    let _ = live.set_role(&vic, "viewer").await;
    let (mut v, state) = live.member(&server, &vic).await;
    assert_eq!(state.get("last_run"), None, "nothing was run");
    put(&mut a, reference(ID, "python")).await;
    let run = b.done("run-code", &json!({}), "r").await;
    let mut results = Vec::new();
    for peer in [&mut a, &mut b, &mut v] {
        let started = peer.event_of("run-started").await.data;
        assert_eq!(
            (&started["run_id"], &started["username"], &started["kind"]),
            (&run["run_id"], &json!("Ben"), &json!("run"))
        );
        results.push(peer.event_of("run-result").await.data);
    }
    assert!(results.iter().all(|result| *result == results[0]));
    let result = &results[0];
    let (_, state) = live.member(&server, &ada).await;
    assert_eq!(&state["last_run"], result, "who comes later");
    assert_eq!(
        (&result["run_id"], &result["success"], &result["score"]),
        (&run["run_id"], &json!(true), &json!(100))
    );
    assert_eq!(
        result["tests"].as_array().unwrap().len(),
        codementor_core::submission::examples(challenge(ID)).len()
    );
    assert_eq!(result["xp"], json!([]), "a run brings nothing");
    assert_eq!(v.refused("run-code", &json!({}), "r").await, "not_allowed");
    assert_eq!(v.refused("submit-code", &json!({}), "s").await, "not_allowed");
    assert_eq!(b.refused("run-code", &json!({ "stdin": "x".repeat(64 * 1024 + 1) }), "big").await, "invalid");
    assert_eq!(b.refused("run-code", &json!({ "stdin": 7 }), "odd").await, "invalid");
    put(&mut a, "def (").await;
    let _ = b.done("run-code", &json!({}), "r2").await;
    let failed = a.event_of("run-result").await.data;
    assert_eq!(failed["success"], false);
    assert!(!failed["error"].as_str().unwrap().is_empty() || !failed["tests"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn without_a_challenge_a_program_runs_on_an_input() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let [ada] = guests(&server, ["Ada"]).await;
    let live = Live::with(&ada, &json!({ "code": "print(input()[::-1])" })).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let _ = a.done("run-code", &json!({ "stdin": "😀ab\n" }), "1").await;
    let result = a.event_of("run-result").await.data;
    assert_eq!((&result["output"], &result["verdict"]), (&json!("ba😀\n"), &json!("accepted")));
    assert_eq!(result["score"], Value::Null);
    assert_eq!(a.refused("submit-code", &json!({}), "2").await, "no_challenge");
    put(&mut a, "raise SystemExit(3)").await;
    let _ = a.done("run-code", &json!({}), "3").await;
    assert_eq!(a.event_of("run-result").await.data["verdict"], "runtime_error");
}

#[tokio::test]
async fn under_free_it_counts_for_those_who_are_there_and_wrote() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let [ada, ben, cleo, dan, mia] = guests(&server, ["Ada", "Ben", "Cleo", "Dan", "Mia"]).await;
    let live = Live::with(&ada, &json!({ "challenge_id": ID })).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    let (_c, _) = live.member(&server, &cleo).await;
    let mut d = live.editor(&server, &dan).await;
    live.join(&mia).await;
    let _ = live.set_role(&mia, "mentor").await;
    let mut m = live.editor(&server, &mia).await;
    // Dan writes and goes; Mia writes as a mentor; Cleo is there and does not write.
    for peer in [&mut d, &mut m] {
        peer.write(0, 0, "#\n").await;
        peer.settled().await;
    }
    drop(d);
    let _ = a.event_of("user-left").await;
    put(&mut b, starter(ID, "python")).await;
    let _ = a.done("submit-code", &json!({}), "1").await;
    let wrong = a.event_of("run-result").await.data;
    assert_eq!((&wrong["success"], &wrong["xp"]), (&json!(false), &json!([])));
    put(&mut b, reference(ID, "python")).await;
    let _ = a.done("submit-code", &json!({}), "2").await;
    let right = a.event_of("run-result").await.data;
    assert_eq!((&right["success"], &right["kind"]), (&json!(true), &json!("submit")));
    let each = u64::from(challenge(ID).xp());
    assert_eq!(xp(&right), BTreeMap::from([("Ada".to_owned(), each), ("Ben".to_owned(), each)]));
    // The same request again is the same, and another for the same gives nothing more.
    let again = a.ask("submit-code", &json!({}), "2").await;
    assert_eq!(again.kind, "ack");
    let (mut tab, _) = live.member(&server, &ada).await;
    assert_eq!(tab.ask("submit-code", &json!({}), "2").await.kind, "ack");
    let _ = b.done("submit-code", &json!({}), "3").await;
    let later = loop {
        let result = b.event_of("run-result").await.data;
        if result["username"] == "Ben" {
            break result;
        }
    };
    assert_eq!(xp(&later), BTreeMap::from([("Ben".to_owned(), 0)]), "Ada did not write, and did not hand in");
    for (learner, wanted) in [(&ada, each), (&ben, each), (&cleo, 0), (&dan, 0), (&mia, 0)] {
        assert_eq!(learner.progress().await.total_xp, wanted, "{}", learner.user.username);
    }
    let submissions = ada.get("/api/submissions?limit=100").await.value();
    assert_eq!(submissions["items"].as_array().unwrap().len(), 2, "{submissions}");
}

#[tokio::test]
async fn under_driver_it_counts_for_the_driver_and_the_navigators_who_are_there() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let [ada, ben, vic, away] = guests(&server, ["Ada", "Ben", "Vic", "Away"]).await;
    let live =
        Live::with(&ada, &json!({ "challenge_id": ID, "policy": "driver", "code": reference(ID, "python") }))
            .await;
    let (mut a, _) = live.member(&server, &ada).await;
    let (mut b, _) = live.member(&server, &ben).await;
    live.join(&away).await;
    live.join(&vic).await;
    let _ = live.set_role(&vic, "viewer").await;
    let _v = live.editor(&server, &vic).await;
    let _ = b.done("submit-code", &json!({}), "1").await;
    let each = u64::from(challenge(ID).xp());
    let result = a.event_of("run-result").await.data;
    assert_eq!(xp(&result), BTreeMap::from([("Ada".to_owned(), each), ("Ben".to_owned(), each)]));
    assert_eq!((away.progress().await.total_xp, vic.progress().await.total_xp), (0, 0));
    // Who has gone meanwhile takes nothing from the others, and the result is in the record of who comes back.
    let _ = b.done("submit-code", &json!({}), "2").await;
    drop(b);
    assert_eq!(a.event_of("run-result").await.data["success"], true);
    assert_eq!(ada.progress().await.total_xp, each);
}

#[tokio::test]
async fn a_replayed_request_gets_the_same_reply() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let [ada] = guests(&server, ["Ada"]).await;
    let live = Live::with(&ada, &json!({ "code": "print(1)" })).await;
    let (mut a, _) = live.member(&server, &ada).await;
    let first = a.ask("run-code", &json!({}), "same").await;
    let _ = a.event_of("run-result").await;
    let (mut back, _) = live.member(&server, &ada).await;
    assert_eq!(back.ask("run-code", &json!({}), "same").await, first);
    let _ = back.done("ping", &json!({}), "p").await;
    assert!(!back.unasked().contains(&"run-started".to_owned()), "and nothing happens twice");
}
