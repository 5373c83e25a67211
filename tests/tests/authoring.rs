//! Writing challenges over REST: who may, what is published, what two do at once, and archives.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::authoring::{AuthoredChallenge, AuthoredState, Stage};
use codementor_protocol::challenge::{ChallengeDetail, NextChallenge};
use codementor_protocol::submission::Submission;
use codementor_tests::client::{Answer, Client, Learner};
use codementor_tests::program::run;
use codementor_tests::server::Server;
use codementor_tests::{eventually, judge_works};
use reqwest::Method;
use serde_json::{Value, json};

const ALL: &str = "/api/authoring/challenges";
const SOLUTION: &str = "def even_sum(numbers):\n    return sum(n for n in numbers if n % 2 == 0)\n";

async fn person(server: &Server, name: &str, role: &str) -> Learner {
    let person = server.guest(name).await;
    let data = server.data();
    let args = ["admin", "grant", name, role, "--data", data.to_str().unwrap()];
    let ended = run(server.folder(), &args, &[]).await;
    assert!(ended.status.success(), "{}", ended.text());
    eventually("the server notices the role", async || {
        (person.get("/api/auth/me").await.value()["role"] == role).then_some(())
    })
    .await;
    person
}

async fn begin(author: &Learner, id: &str) -> AuthoredChallenge {
    let body = json!({ "id": id, "title": "Even numbers", "template": "function" });
    author.post(ALL, &body).await.expect(201).json()
}

async fn put(author: &Learner, now: &AuthoredState, path: &str, text: &str) -> AuthoredState {
    let body = json!({ "revision": now.summary.revision, "put": { path: text } });
    author.patch(&format!("{ALL}/{}", now.summary.id), &body).await.expect(200).json()
}

async fn act(author: &Learner, id: &str, act: &str, content: &str) -> Answer {
    author.post(&format!("{ALL}/{id}/{act}"), &json!({ "content": content })).await
}

/// Verifies and waits for what was found.
async fn verified(author: &Learner, now: &AuthoredState) -> AuthoredState {
    let id = &now.summary.id;
    let _ = act(author, id, "verify", &now.summary.content).await.expect(202);
    eventually("it is verified", async || {
        let state: AuthoredState = author.get(&format!("{ALL}/{id}/state")).await.expect(200).json();
        assert_eq!(state.verification_problem, None);
        state.verifying.is_none().then_some(state)
    })
    .await
}

#[tokio::test]
async fn a_challenge_is_written_verified_published_solved_and_withdrawn() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (grace, ada) = (person(&server, "Grace", "mentor").await, server.guest("Ada").await);
    let draft = begin(&grace, "even-numbers").await;
    assert_eq!((draft.state.summary.stage, draft.state.summary.revision), (Stage::Draft, 1));
    let preview: ChallengeDetail = grace.get(&format!("{ALL}/even-numbers/preview")).await.expect(200).json();
    assert_eq!((preview.examples.len(), preview.authors), (2, vec!["Grace".to_owned()]));

    // A wrong reference is found and named; nothing of it can be published.
    let now =
        put(&grace, &draft.state, "python/reference.py", "def even_sum(numbers):\n    return 0\n").await;
    let now = verified(&grace, &now).await;
    let found = now.verification.clone().unwrap();
    assert!(found.current && found.faults[0].file == "python/reference.py", "{found:?}");
    act(&grace, "even-numbers", "publish", &now.summary.content).await.problem(409, "not_verified");
    // What is no challenge at all is told without the judge.
    let broken = put(&grace, &now, "tests.toml", "[[tests]]\n").await;
    grace.get(&format!("{ALL}/even-numbers/preview")).await.problem(422, "no_challenge");
    let broken = verified(&grace, &broken).await;
    assert_eq!(broken.verification.unwrap().faults[0].file, "tests.toml");

    let now = put(&grace, &broken_state(&grace).await, "tests.toml", &draft.files["tests.toml"]).await;
    let now = put(&grace, &now, "python/reference.py", SOLUTION).await;
    ada.get("/api/challenges/even-numbers").await.problem(404, "not_found");
    let now = verified(&grace, &now).await;
    assert!(now.summary.verified, "{now:?}");
    // Another content than the verified one is refused, by hash and by what is stored.
    let other = put(&grace, &now, "statement.md", "Something else.").await;
    act(&grace, "even-numbers", "publish", &now.summary.content).await.problem(409, "revision_conflict");
    act(&grace, "even-numbers", "publish", &other.summary.content).await.problem(409, "not_verified");
    let now = verified(&grace, &other).await;
    let now: AuthoredState =
        act(&grace, "even-numbers", "publish", &now.summary.content).await.expect(200).json();
    assert_eq!(now.summary.stage, Stage::Published);

    // At once on offer, solved for its XP, and changed without learners seeing it.
    let offered: ChallengeDetail = ada.get("/api/challenges/even-numbers").await.expect(200).json();
    assert_eq!(offered.statement, "Something else.");
    let solved = ada.submit("even-numbers", "python", SOLUTION).await;
    assert_eq!(solved.xp_awarded, 10);
    let now = put(&grace, &now, "statement.md", "Not yet.").await;
    let offered: ChallengeDetail = ada.get("/api/challenges/even-numbers").await.expect(200).json();
    assert_eq!(offered.statement, "Something else.");
    let path = format!("{ALL}/even-numbers?revision={}", now.summary.revision);
    grace.delete(&path).await.problem(409, "was_published");

    let _ = grace.client.post_nothing(&format!("{ALL}/even-numbers/withdraw")).await.expect(200);
    ada.get("/api/challenges/even-numbers").await.problem(404, "not_found");
    let kept: Submission = ada.get(&format!("/api/submissions/{}", solved.id)).await.expect(200).json();
    assert_eq!(kept.code, SOLUTION);
    assert_eq!(ada.progress().await.total_xp, 10);
    let next: NextChallenge = ada.get("/api/challenges/next").await.expect(200).json();
    assert_ne!(next.challenge.unwrap().id, "even-numbers");
    let taken = json!({ "id": "even-numbers", "title": "Again", "template": "io" });
    grace.post(ALL, &taken).await.problem(409, "id_taken");
}

/// The server stops reading, which a client that still writes may hear of as the end of its connection.
async fn too_large(server: &Server, author: &Learner, method: Method, path: &str, body: Vec<u8>) {
    // Connections of its own: nobody else goes on with one that ends.
    let client = Client::new(server.url()).with_token(&author.token);
    let request = client.request(method, path).header("content-type", "application/json").body(body);
    if let Ok(answer) = client.try_send(request).await {
        answer.problem(413, "body_too_large");
    }
}

async fn broken_state(author: &Learner) -> AuthoredState {
    author.get(&format!("{ALL}/even-numbers/state")).await.expect(200).json()
}

#[tokio::test]
async fn everybody_sees_and_changes_what_is_theirs() {
    let server = Server::start().await;
    let (grace, other) = (person(&server, "Grace", "mentor").await, person(&server, "Mary", "mentor").await);
    let (admin, ada) = (person(&server, "Root", "admin").await, server.guest("Ada").await);
    let draft = begin(&grace, "mine").await.state;
    let one = format!("{ALL}/mine");

    // Learners are told so before anything is looked up; visitors are asked to sign in.
    for path in [ALL, &one, &format!("{ALL}/nothing"), &format!("{one}/preview"), &format!("{one}/archive")] {
        ada.get(path).await.problem(403, "mentors_only");
        server.client().get(path).await.problem(401, "unauthenticated");
    }
    let new = json!({ "id": "hers", "title": "Hers", "template": "io" });
    ada.post(ALL, &new).await.problem(403, "mentors_only");
    act(&ada, "mine", "publish", &draft.summary.content).await.problem(403, "mentors_only");

    // Somebody else's draft looks like none.
    other.get(&one).await.problem(404, "not_found");
    act(&other, "mine", "verify", &draft.summary.content).await.problem(404, "not_found");
    other.delete(&format!("{one}?revision=1")).await.problem(404, "not_found");
    assert_eq!(other.get(ALL).await.expect(200).value()["items"], json!([]));

    // Admins see and change all; the author stays who it was.
    let seen: AuthoredChallenge = admin.get(&one).await.expect(200).json();
    assert!(seen.state.summary.may_edit && seen.state.summary.author.as_deref() == Some("Grace"));
    let changed = put(&admin, &draft, "statement.md", "By the admin.").await;
    assert_eq!(changed.summary.changed_by.as_deref(), Some("Root"));
    assert_eq!(changed.summary.author.as_deref(), Some("Grace"));

    for bad in ["x", "../x", "A", "next", "generate"] {
        let body = json!({ "id": bad, "title": "Bad", "template": "io" });
        grace.post(ALL, &body).await.problem(422, "invalid_request");
    }
    let builtin = json!({ "id": "pair-sum", "title": "Mine now", "template": "io" });
    grace.post(ALL, &builtin).await.problem(409, "id_taken");
}

#[tokio::test]
async fn of_two_who_change_one_revision_one_is_told() {
    let server = Server::start().await;
    let grace = person(&server, "Grace", "mentor").await;
    let draft = begin(&grace, "mine").await.state;
    let body = |text: &str| json!({ "revision": draft.summary.revision, "put": { "statement.md": text } });
    let path = format!("{ALL}/mine");
    let _ = grace.patch(&path, &body("first")).await.expect(200);
    grace.patch(&path, &body("second")).await.problem(409, "revision_conflict");
    let kept: AuthoredChallenge = grace.get(&path).await.expect(200).json();
    assert_eq!((kept.files["statement.md"].as_str(), kept.state.summary.revision), ("first", 2));
    // Nothing of a refused change is kept, and a file that no challenge may have is refused.
    for (file, text) in
        [("../x", "x".to_owned()), ("statement.md/x", "x".into()), ("big", "x".repeat(1_100_000))]
    {
        let body = json!({ "revision": 2, "put": { file: text, "editorial.md": "x" } });
        grace.patch(&path, &body).await.problem(422, "file_refused");
    }
    too_large(&server, &grace, Method::PATCH, &path, vec![b' '; 5_000_000]).await;
    let unchanged: AuthoredChallenge = grace.get(&path).await.expect(200).json();
    assert_eq!(unchanged, kept);
    grace.delete(&format!("{path}?revision=1")).await.problem(409, "revision_conflict");
    let _ = grace.delete(&format!("{path}?revision=2")).await.expect(204);
    grace.get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn archives_go_out_and_come_in() {
    let server = Server::start().await;
    let grace = person(&server, "Grace", "mentor").await;
    let draft = begin(&grace, "mine").await;
    let request = grace.client.request(Method::GET, &format!("{ALL}/mine/archive"));
    let archive = request.send().await.unwrap();
    assert_eq!(archive.headers()["content-type"], "application/zip");
    assert_eq!(archive.headers()["content-disposition"], "attachment; filename=\"mine.zip\"");
    let archive = archive.bytes().await.unwrap();

    let upload = async |query: &str, body: Vec<u8>| {
        let request = grace.client.request(Method::POST, &format!("/api/authoring/import{query}"));
        grace.client.send(request.header("content-type", "application/octet-stream").body(body)).await
    };
    upload("", archive.to_vec()).await.problem(409, "id_taken");
    let copy: AuthoredChallenge = upload("?id=a-copy", archive.to_vec()).await.expect(201).json();
    assert_eq!((copy.files == draft.files, copy.state.summary.stage), (true, Stage::Draft));
    // In place of a revision that is seen.
    upload("?id=mine&revision=7", archive.to_vec()).await.problem(409, "revision_conflict");
    let _ = upload("?id=mine&revision=1", archive.to_vec()).await.expect(200);
    upload("?id=nothing&revision=1", archive.to_vec()).await.problem(404, "not_found");
    upload("?id=Bad", archive.to_vec()).await.problem(422, "invalid_request");
    upload("", b"no archive".to_vec()).await.problem(422, "archive_unreadable");
    too_large(&server, &grace, Method::POST, "/api/authoring/import", vec![0; 9 * 1024 * 1024]).await;
    let listed: Value = grace.get(ALL).await.expect(200).value();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}
