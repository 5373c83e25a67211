//! Bodies, parameters and ids that no honest client sends.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::auth::SignedIn;
use codementor_protocol::common::Role;
use codementor_tests::challenges::{reference, starter};
use codementor_tests::{Answer, Learner, Server, judge_works};
use reqwest::Method;
use serde_json::{Value, json};

async fn post_text(learner: &Learner, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request =
        learner.client.request(Method::POST, path).header("content-type", "application/json").body(body);
    learner.client.send(request).await
}

#[tokio::test]
async fn bodies_that_are_no_json_or_do_not_fit_are_refused() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let path = "/api/auth/guest";
    let deep = format!("{{\"username\":\"a\",\"x\":{}1", "[".repeat(10_000));
    let open = format!("{{\"username\":{}", "{\"a\":".repeat(10_000));
    let texts = [
        "",
        " ",
        "{",
        "}",
        "nul",
        "'a'",
        "{\"username\":\"a\"",
        "{\"username\":\"a\"} x",
        "{\"username\":\"a\"}{}",
        "\u{feff}{\"username\":\"a\"}",
        "{\"username\":1e400}",
        "{\"username\":\"\\ud800\"}",
        "{\"username\":\"\\udc00\\ud800\"}",
        "{\"username\":\"a\u{0}b\"}",
        "{\"username\":\"a\nb\"}",
        "{\"username\":\"\\x\"}",
        "{username:\"a\"}",
        "username=a",
        "{\"username\":NaN}",
        "{\"username\":01}",
        &deep,
    ];
    for text in texts {
        post_text(&ada, path, text.to_owned()).await.problem(400, "invalid_json");
    }
    for bytes in [
        b"{\"username\":\"\xff\"}".to_vec(),
        b"\xff\xfe{\0".to_vec(),
        b"{\"username\":\"caf\xe9\"}".to_vec(),
        vec![0; 100],
    ] {
        post_text(&ada, path, bytes).await.problem(400, "invalid_json");
    }
    for text in [
        "null",
        "[]",
        "7",
        "\"a\"",
        "{}",
        "{\"Username\":\"a\"}",
        "{\"username\":null}",
        "{\"username\":7}",
        "{\"username\":9007199254740993}",
        "{\"username\":[\"a\"]}",
        "{\"username\":{\"$gt\":\"\"}}",
        "{\"username\":true}",
        "{\"username\":\"a\",\"username\":\"b\"}",
        "{\"username\":\"a\",\"time_zone\":{}}",
        "{\"__proto__\":{\"username\":\"a\"}}",
        &open,
    ] {
        let problem = post_text(&ada, path, text.to_owned()).await.problem(422, "invalid_request");
        assert!(
            !problem.detail.contains("src/") && !problem.detail.contains("codementor_"),
            "{}",
            problem.detail
        );
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonx",
        "",
    ] {
        let request = ada
            .client
            .request(Method::POST, path)
            .header("content-type", kind)
            .body("{\"username\":\"Zed\"}");
        ada.client.send(request).await.problem(415, "not_json");
    }
    let request =
        ada.client.request(Method::POST, path).header("content-type", "Application/JSON; charset=utf-8");
    let _ = ada.client.send(request.body("{\"username\":\"Zed\"}")).await.expect(201);
    // What nobody reads may be as deep as it likes: it costs no stack.
    let deep = format!("{{\"username\":\"Deep\",\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let _ = post_text(&ada, path, deep).await.expect(201);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn numbers_and_names_beyond_reason_do_no_harm_in_programs_either() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let run = "/api/challenges/pair-sum/run";
    let with_args = |args: &str| {
        format!(
            "{{\"language\":\"python\",\"code\":\"def pair_sum(a, b): return repr(b)\",\"input\":{{\"args\":{args}}}}}"
        )
    };
    for (args, shown) in [
        ("[[], 9007199254740993]", "9007199254740993"),
        ("[[], -0.0]", "-0.0"),
        ("[[], 1e300]", "1e+300"),
        ("[[], \"\\u0000\"]", "x00"),
    ] {
        let answer = post_text(&ada, run, with_args(args)).await.expect(200).value();
        let actual = answer["tests"][0]["actual"].as_str().unwrap_or_default();
        assert!(actual.contains(shown), "{args}: {answer}");
    }
    post_text(&ada, run, with_args("[[], 1e400]")).await.problem(400, "invalid_json");
    post_text(&ada, run, with_args(&"[".repeat(10_000))).await.problem(400, "invalid_json");
    let nested = format!("[[], {}{}]", "[".repeat(100), "]".repeat(100));
    let _ = post_text(&ada, run, with_args(&nested)).await.expect(200);
    let body = json!({ "language": "python", "code": "a = '\u{0}'", "run_id": "\u{202e}" });
    let answer = ada.post(run, &body).await.expect(200).value();
    assert_eq!(answer["verdict"], "compile_error");
    for size in [513 * 1024, 2_000_000] {
        let body = json!({ "language": "python", "code": "x".repeat(size) });
        ada.post(run, &body).await.problem(413, "body_too_large");
    }
}

#[tokio::test]
async fn nobody_gives_themselves_a_role_xp_or_somebody_elses_work() {
    let server = Server::start().await;
    let body = json!({
        "username": "Mallory", "role": "admin", "xp": 1_000_000, "total_xp": 1_000_000, "kind": "github", "id": "1", "created_at": "1970-01-01",
        "user": { "role": "admin" }, "is_admin": true, "__proto__": { "role": "admin" }, "constructor": { "prototype": { "role": "admin" } },
    });
    let signed_in: SignedIn = server.client().post("/api/auth/guest", &body).await.expect(201).json();
    assert_eq!(signed_in.user.role, Role::Learner);
    let mallory = server.client().with_token(&signed_in.token);
    let me = mallory.get("/api/auth/me?role=admin").await.expect(200).value();
    assert_eq!((me["role"].as_str(), me["kind"].as_str()), (Some("learner"), Some("guest")));
    assert!(me["id"] != "1" && me["created_at"].as_str().is_some_and(|at| at > "2020"));
    assert_eq!(mallory.get("/api/users/me/progress").await.value()["total_xp"], 0);
    if !judge_works(&server).await {
        return;
    }
    let victim = server.guest("Victim").await;
    let body = json!({
        "language": "python", "code": starter("pair-sum", "python"), "user_id": victim.user.id, "verdict": "accepted", "status": "finished",
        "xp_awarded": 1000, "score": 100, "challenge_id": "edit-distance", "tests": [],
    });
    let submission = mallory
        .post("/api/challenges/pair-sum/submit?wait=true&user=Victim", &body)
        .await
        .expect(200)
        .value();
    assert_eq!(
        (submission["verdict"].as_str(), submission["xp_awarded"].as_u64()),
        (Some("wrong_answer"), Some(0))
    );
    assert_eq!(submission["challenge_id"], "pair-sum");
    assert_eq!(victim.get("/api/submissions").await.value()["items"], json!([]));
}

#[tokio::test]
async fn what_is_foreign_looks_exactly_like_what_is_missing() {
    let server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let mut foreign = Vec::new();
    if judge_works(&server).await {
        foreign.push(ben.submit("pair-sum", "python", reference("pair-sum", "python")).await.id);
    }
    let same = |answer: &Answer| {
        let mut problem: Value = serde_json::to_value(answer.problem(404, "not_found")).unwrap();
        problem["request_id"].take();
        let mut headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        (problem, headers)
    };
    let missing = same(&ada.get("/api/submissions/0193e9a0-0000-7000-8000-000000000000").await);
    let ids = [
        "x",
        "0",
        "-1",
        "..",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "%7B%22$gt%22%3A%22%22%7D",
        "__proto__",
        "null",
        "%00",
        "%ff",
        "%F0%9F%98%80",
        "1%27%20OR%20%271%27=%271",
        "9007199254740993",
        &ben.user.id,
        &"9".repeat(2000),
    ];
    for id in ids.iter().map(ToString::to_string).chain(foreign) {
        let answers = [
            ada.get(&format!("/api/submissions/{id}")).await,
            ada.get(&format!("/api/challenges/{id}")).await,
            ada.get(&format!("/api/challenges/{id}/hints/1")).await,
            ada.get(&format!("/api/challenges/pair-sum/hints/{id}9")).await,
            ada.get(&format!("/api/challenges/{id}/editorial")).await,
            ada.get(&format!("/api/users/{id}%00")).await,
            ada.get(&format!("/api/submissions?username={id}%00")).await,
            ada.post(&format!("/api/challenges/{id}/run"), &json!({ "language": "python", "code": "" }))
                .await,
            ada.post(&format!("/api/challenges/{id}/submit"), &json!({ "language": "python", "code": "" }))
                .await,
        ];
        for answer in &answers {
            // The library resolves dots before it sends.
            if id != ".." {
                assert_eq!(same(answer), missing, "{} with {id:?}", answer.asked);
            }
        }
    }
    assert_eq!(same(&ada.get("/api/submissions?username=Ben").await), missing);
    assert_eq!(same(&ada.get("/api/submissions?username=Nobody").await), missing);
    assert_eq!(same(&ada.get("/api/submissions?challenge_id=../x").await).0, missing.0);
}
