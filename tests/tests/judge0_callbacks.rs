//! The ends of submissions are told where people want it: signed, and nowhere but where the operator allows it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codementor_tests::judge0::end;
use codementor_tests::{Learner, Server, Setup, eventually, judge_works};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What was told: method, path, signature and body.
type Told = Arc<Mutex<Vec<(Method, String, String, Bytes)>>>;

/// Listens on loopback. `/again` fails once, `/away` sends elsewhere.
async fn listen() -> (String, Told, JoinSet<()>) {
    let told = Told::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().fallback(hear).with_state(Arc::clone(&told));
    let mut serving = JoinSet::new();
    serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
    (url, told, serving)
}

async fn hear(
    State(told): State<Told>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signature = headers.get("x-codementor-signature").map(|value| value.to_str().unwrap().to_owned());
    let mut told = told.lock().unwrap();
    let is_first = !told.iter().any(|(_, path, ..)| path == uri.path());
    told.push((method, uri.path().to_owned(), signature.unwrap_or_default(), body));
    match uri.path() {
        "/again" if is_first => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "/away" => Redirect::temporary("/elsewhere").into_response(),
        _ => StatusCode::OK.into_response(),
    }
}

/// HMAC-SHA256 by its definition (RFC 2104), for keys of 64 bytes.
fn hmac(key: &str, message: &[u8]) -> String {
    let keyed = |pad: u8| Sha256::new().chain_update(key.bytes().map(|byte| byte ^ pad).collect::<Vec<_>>());
    let inner = keyed(0x36).chain_update(message).finalize();
    keyed(0x5c).chain_update(inner).finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn hand_in(ada: &Learner, url: &str) -> String {
    let body = json!({ "source_code": "print('told')", "language_id": 71, "callback_url": url });
    let created = ada.post("/judge0/submissions", &body).await.expect(201).value();
    created["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_end_is_told_once_and_signed() {
    let (url, told, _serving) = listen().await;
    let server = Setup::default().arg("--judge0-callback-hosts", "hooks.example.org,127.0.0.1").start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let secret = ada.get("/judge0/callback_secret").await.expect(200).value();
    let secret = secret["secret"].as_str().unwrap();
    for path in ["/once", "/again", "/away"] {
        let token = hand_in(&ada, &format!("{url}{path}")).await;
        end(&ada, &token).await;
        let wanted = match path {
            "/once" => 1,
            "/again" => 2,
            _ => 3,
        };
        let heard = eventually("the end is told", async || {
            let told = told.lock().unwrap();
            let heard: Vec<_> = told.iter().filter(|(_, known, ..)| known == path).cloned().collect();
            (heard.len() >= wanted).then_some(heard)
        })
        .await;
        for (method, _, signature, body) in &heard {
            assert_eq!((method, signature), (&Method::PUT, &format!("sha256={}", hmac(secret, body))));
            let body: Value = serde_json::from_slice(body).unwrap();
            assert_eq!((&body["token"], &body["status"]["id"]), (&json!(token), &json!(3)));
            assert_eq!(STANDARD.decode(body["stdout"].as_str().unwrap()).unwrap(), b"told\n");
        }
        assert_eq!(heard.len(), wanted);
    }
    let paths: Vec<String> = told.lock().unwrap().iter().map(|(_, path, ..)| path.clone()).collect();
    assert!(!paths.iter().any(|path| path == "/elsewhere"), "a redirect was followed: {paths:?}");
}

#[tokio::test]
async fn nothing_is_told_where_the_operator_does_not_allow_it() {
    let (url, told, _serving) = listen().await;
    let port = url.rsplit(':').next().unwrap().to_owned();
    let server = Setup::default().arg("--judge0-callback-hosts", "hooks.example.org").start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    for bad in [
        url.clone(),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://hooks.example.org@127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}#@hooks.example.org/"),
        "gopher://hooks.example.org/".to_owned(),
        "//hooks.example.org/".to_owned(),
    ] {
        let body = json!({ "source_code": "print(1)", "language_id": 71, "callback_url": bad });
        let refused = ada.post("/judge0/submissions", &body).await.expect(422).value();
        assert!(refused["callback_url"][0].is_string(), "{bad}: {refused}");
    }
    assert!(told.lock().unwrap().is_empty());
    let server = Server::start().await;
    let off = server.guest("Ben").await;
    let body =
        json!({ "source_code": "print(1)", "language_id": 71, "callback_url": "https://hooks.example.org/" });
    let refused = off.post("/judge0/submissions", &body).await;
    assert!([422, 503].contains(&refused.status.as_u16()), "{}", refused.body);
}
