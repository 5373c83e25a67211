//! Forged tokens, and requests that other sites make a browser send.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use codementor_tests::socket::Handshake;
use codementor_tests::{Learner, Server, Setup};
use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::Method;
use serde_json::{Value, json};

const KEY: &str = "a-key-of-the-tests-0123456789-abcdefghijklmnop";

async fn start() -> (Server, Learner) {
    let server = Setup::default().env("CODEMENTOR_JWT_SECRET", KEY).start().await;
    let ada = server.guest("Ada").await;
    (server, ada)
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// A token of any header and claims, signed with HMAC as `algorithm` says, whatever the header says.
fn forge(header: &Value, claims: &Value, key: &[u8], algorithm: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(key), algorithm).unwrap();
    format!("{message}.{signature}")
}

fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}

fn with(claims: &Value, changes: &Value) -> Value {
    let mut claims = claims.clone();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[tokio::test]
async fn forged_tokens_are_refused_everywhere() {
    let (server, ada) = start().await;
    let ben = server.guest("Ben").await;
    let honest = json!({ "typ": "JWT", "alg": "HS256" });
    let good = claims(&ada.token);
    let hs256 = |claims: &Value| forge(&honest, claims, KEY.as_bytes(), Algorithm::HS256);
    // The forge works: an honest token of its own is taken.
    let _ = server.client().with_token(&hs256(&good)).get("/api/auth/me").await.expect(200);

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let [head, body, signature] = ada.token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let mut forged = vec![
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{head}.{body}"),
        format!("{head}.{body}."),
        format!("{head}.{body}.{signature}.x"),
        format!("{}=", ada.token),
        format!("{head}.{body}.{}", "A".repeat(signature.len())),
        "x".repeat(5_000),
        format!("{head}.{body}.{signature}{}", "A".repeat(10_000)),
        format!("{}.{}.{signature}", part(&honest), part(&with(&good, &json!({ "sub": ben.user.id })))),
        hs256(&with(&good, &json!({ "sub": ben.user.id }))),
        hs256(&with(&good, &json!({ "sid": claims(&ben.token)["sid"] }))),
        hs256(&with(&good, &json!({ "sid": "0193e9a0-0000-7000-8000-000000000000" }))),
        hs256(&with(&good, &json!({ "exp": now - 60 }))),
        hs256(&with(&good, &json!({ "exp": 0 }))),
        hs256(&with(&good, &json!({ "exp": -1 }))),
        hs256(&with(&good, &json!({ "exp": (now + 600).to_string() }))),
        hs256(&with(&good, &json!({ "exp": null }))),
        hs256(&with(&good, &json!({ "exp": [now + 600] }))),
        hs256(&with(&good, &json!({ "iat": "now" }))),
        hs256(&with(&good, &json!({ "aud": "another-api" }))),
        hs256(&with(&good, &json!({ "aud": "" }))),
        hs256(&with(&good, &json!({ "aud": ["x"] }))),
        hs256(&with(&good, &json!({ "iss": "evil" }))),
        hs256(&with(&good, &json!({ "sub": { "$gt": "" } }))),
        hs256(&with(&good, &json!({ "sid": "../x" }))),
        hs256(&json!([])),
        hs256(&json!("x")),
        hs256(&json!({})),
    ];
    forged.extend(["exp", "aud", "iss", "sub", "sid", "iat", "jti"].map(|name| hs256(&without(&good, name))));
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let message = format!("{}.{}", part(&json!({ "typ": "JWT", "alg": none })), part(&good));
        forged.extend([format!("{message}."), format!("{message}.{signature}"), message]);
    }
    for (alg, algorithm) in [
        ("HS384", Algorithm::HS384),
        ("HS512", Algorithm::HS512),
        ("RS256", Algorithm::HS256),
        ("ES256", Algorithm::HS256),
        ("EdDSA", Algorithm::HS256),
        ("hs256", Algorithm::HS256),
        ("dir", Algorithm::HS256),
    ] {
        forged.push(forge(&json!({ "typ": "JWT", "alg": alg }), &good, KEY.as_bytes(), algorithm));
    }
    let own = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode("my own key"), "alg": "HS256" });
    for header in [
        json!({ "alg": "HS256", "kid": "../../../../dev/null" }),
        json!({ "alg": "HS256", "kid": "' UNION SELECT 'my own key" }),
        json!({ "alg": "HS256", "jwk": own }),
        json!({ "alg": "HS256", "jku": "http://127.0.0.1:1/jwks.json" }),
        json!({ "alg": "HS256", "x5u": "file:///etc/passwd" }),
    ] {
        for key in [&b""[..], b"\0", b"my own key"] {
            forged.push(forge(&header, &good, key, Algorithm::HS256));
        }
    }
    for key in ["", "secret", "codementor", &KEY[1..], &format!("{KEY} ")] {
        forged.push(forge(&honest, &good, key.as_bytes(), Algorithm::HS256));
    }
    for token in &forged {
        let shown = &token[..token.len().min(200)];
        let request = server
            .client()
            .request(Method::GET, "/api/auth/me")
            .header("authorization", format!("Bearer {token}"));
        let answer = server.client().send(request).await;
        assert_eq!(answer.status, 401, "{shown}");
        let problem = answer.problem(401, "unauthenticated");
        assert_eq!(problem.detail, "Please sign in.", "why is nobody's business");
    }
    for token in forged.iter().filter(|token| token.len() < 4_000) {
        assert_eq!(
            Handshake::default().query_token(token).open(&server).await.map(drop),
            Err(401),
            "{token}"
        );
    }
    let log = server.log();
    assert!(!log.contains("panicked") && !log.contains(KEY), "{log}");
    let _ = ada.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn tokens_outlive_a_restart_and_not_their_key() {
    let (mut server, ada) = start().await;
    server.restart().await;
    let _ = ada.at(server.url()).get("/api/auth/me").await.expect(200);
    let other = Server::start().await;
    ada.at(other.url()).get("/api/auth/me").await.problem(401, "unauthenticated");
    let key = std::fs::read_to_string(other.data().join("jwt.key")).unwrap();
    assert!(key.trim().len() >= 32);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(other.data().join("jwt.key")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    assert!(!server.data().join("jwt.key").exists(), "a configured key is not written down");
}

/// Every route that changes something, or runs a program.
fn changing() -> Vec<(Method, &'static str)> {
    vec![
        (Method::POST, "/api/auth/guest"),
        (Method::POST, "/api/auth/github"),
        (Method::POST, "/api/auth/renew"),
        (Method::POST, "/api/auth/logout"),
        (Method::PATCH, "/api/users/me"),
        (Method::POST, "/api/challenges/pair-sum/run"),
        (Method::POST, "/api/challenges/pair-sum/submit"),
        (Method::POST, "/api/sandbox/execute"),
        (Method::DELETE, "/api/nothing"),
        (Method::PUT, "/"),
    ]
}

#[tokio::test]
async fn other_sites_cannot_act_for_a_signed_in_browser() {
    let (server, ada) = start().await;
    let own = server.url().to_owned();
    let browser = server.client().browser();
    browser.set_cookie("codementor_session", &ada.cookie);
    let origins = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("{own}.evil.example"),
        format!("{own}1"),
        "http://127.0.0.1".to_owned(),
        "http://localhost".to_owned(),
        format!("http://evil@{}", server.authority()),
        format!("{own}/"),
        "file://".to_owned(),
        String::new(),
        "chrome-extension://abc".to_owned(),
        own.replace("http://", "ftp://"),
        format!("{own} https://evil.example"),
    ];
    for (method, path) in changing() {
        for origin in &origins {
            let request = browser
                .request(method.clone(), path)
                .header("origin", origin)
                .json(&json!({ "everywhere": true }));
            browser.send(request).await.problem(403, "foreign_origin");
        }
        for site in ["cross-site", "same-site", "nonsense", ""] {
            let request =
                browser.request(method.clone(), path).header("sec-fetch-site", site).json(&json!({}));
            browser.send(request).await.problem(403, "foreign_origin");
        }
        // Bearer clients have no reason to lie about it either.
        let request =
            ada.client.request(method, path).header("origin", "https://evil.example").json(&json!({}));
        ada.client.send(request).await.problem(403, "foreign_origin");
    }
    // Two origins are none.
    let request = browser
        .request(Method::POST, "/api/auth/logout")
        .header("origin", &own)
        .header("origin", "https://evil.example");
    let twice = browser.send(request).await;
    assert!([400, 403].contains(&twice.status.as_u16()), "{twice:?}");
    let _ = browser.get("/api/auth/me").await.expect(200);
    // Reading is safe by the browser's own rule: no answer allows another site to read it.
    let request = browser.request(Method::GET, "/api/auth/me").header("origin", "https://evil.example");
    let answer = browser.send(request).await.expect(200);
    assert!(
        answer.header("access-control-allow-origin").is_empty()
            && answer.header("access-control-allow-credentials").is_empty()
    );
    let request =
        browser.request(Method::OPTIONS, "/api/auth/logout").header("origin", "https://evil.example");
    let preflight = browser.send(request.header("access-control-request-method", "POST")).await;
    assert!(
        preflight.headers.keys().all(|name| !name.as_str().starts_with("access-control-")),
        "{preflight:?}"
    );

    for headers in [
        vec![("origin", own.as_str())],
        vec![("sec-fetch-site", "same-origin")],
        vec![("sec-fetch-site", "none")],
        vec![],
    ] {
        let request =
            headers.iter().fold(browser.request(Method::PATCH, "/api/users/me"), |request, (name, value)| {
                request.header(*name, *value)
            });
        let _ = browser.send(request.json(&json!({ "time_zone": "UTC" }))).await.expect(200);
    }
}

#[tokio::test]
async fn the_public_address_is_the_own_site() {
    let server = Setup::default().arg("--public-url", "https://code.example.org").start().await;
    let client = server.client();
    let ask = async |host: &str, origin: &str| {
        let request =
            client.request(Method::POST, "/api/auth/guest").header("host", host).header("origin", origin);
        client.send(request.json(&json!({ "username": "-" }))).await.any_problem().code
    };
    assert_eq!(ask("code.example.org", "https://code.example.org").await, "invalid_username");
    for origin in [
        "https://code.example.org.evil",
        "https://code.example.org:444",
        "https://evilcode.example.org",
        "https://evil.example",
    ] {
        assert_eq!(ask("code.example.org", origin).await, "foreign_origin", "{origin}");
    }
    assert_eq!(ask("other.example.org", "https://code.example.org").await, "foreign_host");
}
