//! What every answer carries, good or bad: an id, headers that keep browsers safe, and errors of one form.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_tests::Server;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn unknown_addresses_and_methods_are_told_as_every_error() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    for path in [
        "/api",
        "/api/",
        "/api/nope",
        "/api/challenges/",
        "/api/challenges/a/b/c",
        "/api//challenges",
        "/ws/",
        "/ws/x",
        "/api/auth",
        "/api/openapi.yaml",
    ] {
        ada.get(path).await.problem(404, "not_found");
    }
    // A learner's view may be anything without a dot; files that are not there are not there.
    for path in [
        "/robots.php",
        "/.env",
        "/_app/x.js",
        "/a/b.map",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd.txt",
        "/codementor.db",
        "/jwt.key",
    ] {
        let answer = ada.get(path).await;
        assert!(!answer.body.contains("root:"), "{path}");
        answer.problem(404, "not_found");
    }
    for (method, path) in [
        (Method::DELETE, "/api/challenges"),
        (Method::POST, "/api/challenges"),
        (Method::PUT, "/api/auth/me"),
        (Method::GET, "/api/auth/guest"),
        (Method::GET, "/api/auth/logout"),
        (Method::GET, "/api/challenges/pair-sum/submit"),
        (Method::PATCH, "/api/submissions"),
        (Method::POST, "/metrics"),
        (Method::DELETE, "/livez"),
        (Method::POST, "/readyz"),
        (Method::TRACE, "/api/challenges"),
        (Method::from_bytes(b"PROPFIND").unwrap(), "/api/challenges"),
        (Method::POST, "/api/openapi.json"),
    ] {
        let answer = ada.client.send(ada.client.request(method.clone(), path)).await;
        answer.problem(405, "wrong_method");
        assert!(!answer.header("allow").is_empty(), "{method} {path}");
    }
    assert_eq!(ada.client.send(ada.client.request(Method::POST, "/")).await.any_problem().status, 404);
    let described = server.client().get("/api/openapi.json").await.expect(200).value();
    assert!(described["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    for path in [
        "/api/auth/guest",
        "/api/challenges/{id}/submit",
        "/api/leaderboard",
        "/api/sandbox/execute",
        "/api/users/me/progress",
    ] {
        assert!(described["paths"][path].is_object(), "{path} is not described");
    }
}

#[tokio::test]
async fn every_answer_has_an_id_and_headers_that_keep_browsers_safe() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let large = json!({ "username": "x".repeat(600_000) });
    let api = [
        ada.get("/api/challenges").await,
        ada.get("/api/nope").await,
        ada.post("/api/auth/guest", &json!({})).await,
        ada.post("/api/auth/guest", &large).await,
        server.client().get("/api/auth/me").await,
        ada.get("/livez").await,
        ada.get("/metrics").await,
        ada.client.send(ada.client.request(Method::DELETE, "/api/challenges")).await,
        ada.client
            .send(ada.client.request(Method::GET, "/api/challenges").header("host", "evil.example"))
            .await,
    ];
    let mut ids = std::collections::BTreeSet::new();
    for answer in &api {
        assert!(ids.insert(answer.header("x-request-id").to_owned()), "ids are not given twice");
        assert!(answer.header("x-request-id").len() >= 8, "{}", answer.asked);
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'",
            "{}",
            answer.asked
        );
    }
    assert_eq!(api[0].header("cache-control"), "no-store");
    let page = [ada.get("/").await, ada.get("/challenges/pair-sum").await];
    for answer in api.iter().chain(&page) {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {}", answer.asked);
        }
        assert!(answer.header("permissions-policy").contains("camera=()"));
        assert!(
            answer.header("server").is_empty() && answer.header("access-control-allow-origin").is_empty()
        );
    }
    if page[0].status == 404 {
        page[0].problem(404, "no_page");
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "built without the page on CI");
        eprintln!("NOT TESTED: the page's policy; the binary was built without it");
        return;
    }
    let policies: Vec<&str> = page.iter().map(|answer| answer.header("content-security-policy")).collect();
    assert_ne!(policies[0], policies[1], "a nonce is used once");
    for policy in policies {
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'")
                && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(
            !policy.contains("unsafe")
                && !policy.contains('*')
                && !policy.contains("http:")
                && !policy.contains("https:"),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_any_other_replaced() {
    let server = Server::start().await;
    let client = server.client();
    let ask = async |id: &str| {
        let request = client.request(Method::GET, "/api/nope").header("x-request-id", id);
        client.send(request).await.problem(404, "not_found").request_id.unwrap()
    };
    for good in ["12345678", "a-b_c.d-0123456789", &"x".repeat(64)] {
        assert_eq!(ask(good).await, good);
    }
    for bad in [
        "short",
        "",
        &"x".repeat(65),
        "a b c d e f",
        "<script>alert(1)</script>",
        "\"};alert(1)//",
        "{{7*7}}{{7*7}}",
        "../../../../etc",
    ] {
        let id = ask(bad).await;
        assert!(
            id != bad && id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()),
            "{bad:?} became {id:?}"
        );
    }
}
