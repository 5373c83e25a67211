//! The three endpoints and the trap.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::stream;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{CLIENT_ID, CLIENT_SECRET, Endpoint, Grant, Mode, Person, Shared};

type Params = HashMap<String, String>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/login/oauth/authorize", get(authorize))
        .route("/login/oauth/access_token", post(token))
        .route("/api/v3/user", get(user))
        .route("/trap", any(trap))
        .with_state(shared)
}

async fn authorize(State(shared): State<Arc<Shared>>, Query(params): Query<Params>) -> Response {
    shared.hit(Endpoint::Authorize);
    shared.lock().last_authorize = params.clone();
    let mode = shared.mode(Endpoint::Authorize);
    let param = |name| params.get(name).map(String::as_str).unwrap_or_default();
    if param("client_id") != CLIENT_ID {
        return (StatusCode::NOT_FOUND, Html("<h1>404</h1>")).into_response();
    }
    let Some(mut back) = callback(&shared, param("redirect_uri")) else {
        return (StatusCode::BAD_REQUEST, "redirect_uri_mismatch").into_response();
    };
    if param("code_challenge").len() != 43 || param("code_challenge_method") != "S256" {
        return (StatusCode::BAD_REQUEST, "PKCE S256 is missing").into_response();
    }
    match mode {
        Mode::Denies => back
            .query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("error_description", "The user has denied your application access."),
        Mode::ServerError => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => back.query_pairs_mut().append_pair("code", &grant(&shared, &params)),
    };
    if let Some(state) = params.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    found(back.as_str())
}

async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(params): Form<Params>,
) -> Response {
    shared.hit(Endpoint::Token);
    let mode = shared.mode(Endpoint::Token);
    if mode == Mode::CodeRefused {
        return token_answer(&headers, &refused("bad_verification_code"));
    }
    if let Some(response) = misbehave(&shared, &mode).await {
        return response;
    }
    let mut answer = match redeem(&shared, &params) {
        Ok(token) => json!({"access_token": token, "scope": "read:user", "token_type": "bearer"}),
        Err(error) => refused(error),
    };
    pad(&mut answer, &mode);
    token_answer(&headers, &answer)
}

async fn user(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.hit(Endpoint::User);
    let mode = shared.mode(Endpoint::User);
    if let Some(response) = misbehave(&shared, &mode).await {
        return response;
    }
    if !headers.contains_key(header::USER_AGENT) {
        return (StatusCode::FORBIDDEN, "Request forbidden by administrative rules.").into_response();
    }
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let person = bearer.and_then(|token| shared.lock().tokens.get(token).cloned());
    let Some(person) = person else {
        return (StatusCode::UNAUTHORIZED, Json(json!({"message": "Bad credentials"}))).into_response();
    };
    let mut answer = profile(&person);
    pad(&mut answer, &mode);
    Json(answer).into_response()
}

async fn trap(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.hit(Endpoint::Trap);
    StatusCode::NO_CONTENT
}

/// The answer of a mode that does not even look at the request.
async fn misbehave(shared: &Shared, mode: &Mode) -> Option<Response> {
    match mode {
        Mode::Ok | Mode::Denies | Mode::CodeRefused | Mode::Huge => None,
        Mode::Slow => std::future::pending().await,
        Mode::ServerError => {
            Some((StatusCode::INTERNAL_SERVER_ERROR, Html("<h1>Unicorn!</h1>")).into_response())
        }
        Mode::Nonsense => Some(Json(json!({"answer": 42})).into_response()),
        Mode::Html => Some(Html("<!doctype html><title>Hello</title>").into_response()),
        Mode::Endless => Some(endless()),
        Mode::Broken => Some(broken()),
        Mode::Redirect => Some(found(&format!("{}/trap", shared.base_url))),
        Mode::Answer { status, content_type, body } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::OK);
            Some((status, [(header::CONTENT_TYPE, content_type.clone())], body.clone()).into_response())
        }
    }
}

/// Spaces for ever, which JSON allows before a value.
fn endless() -> Response {
    let spaces = Bytes::from_static(&[b' '; 4096]);
    let body = stream::repeat_with(move || Ok::<_, std::convert::Infallible>(spaces.clone()));
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response()
}

fn broken() -> Response {
    let part = Ok(Bytes::from_static(b"{\"id\": 58"));
    let end = Err(std::io::Error::other("told to break"));
    Body::from_stream(stream::iter([part, end])).into_response()
}

fn pad(answer: &mut Value, mode: &Mode) {
    if *mode == Mode::Huge {
        answer["padding"] = "x".repeat(10_000_000).into();
    }
}

/// The redirect address, when it is one that GitHub would take.
fn callback(shared: &Shared, wanted: &str) -> Option<Url> {
    let wanted = Url::parse(wanted).ok()?;
    let registered = shared.lock().callback.clone();
    let allowed = match registered {
        None => matches!(wanted.scheme(), "http" | "https"),
        Some(registered) => {
            let registered = Url::parse(&registered).ok()?;
            let folder = registered.path().trim_end_matches('/');
            let below = wanted.path().strip_prefix(folder);
            wanted.origin() == registered.origin()
                && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
    };
    allowed.then_some(wanted)
}

/// Gives out a code.
fn grant(shared: &Shared, params: &Params) -> String {
    let param = |name| params.get(name).cloned().unwrap_or_default();
    let code = random("");
    let mut state = shared.lock();
    let grant = Grant {
        redirect_uri: param("redirect_uri"),
        challenge: param("code_challenge"),
        person: state.person.clone(),
    };
    state.codes.insert(code.clone(), grant);
    code
}

/// Exchanges a code for a token. A code that was shown is used, whatever else is wrong.
fn redeem(shared: &Shared, params: &Params) -> Result<String, &'static str> {
    let param = |name| params.get(name).map(String::as_str).unwrap_or_default();
    if param("client_id") != CLIENT_ID || param("client_secret") != CLIENT_SECRET {
        return Err("incorrect_client_credentials");
    }
    let mut state = shared.lock();
    let grant = state.codes.remove(param("code")).ok_or("bad_verification_code")?;
    if param("redirect_uri") != grant.redirect_uri {
        return Err("redirect_uri_mismatch");
    }
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(param("code_verifier")));
    if challenge != grant.challenge {
        return Err("bad_verification_code");
    }
    let token = random("gho_");
    state.tokens.insert(token.clone(), grant.person);
    Ok(token)
}

fn refused(error: &str) -> Value {
    json!({
        "error": error,
        "error_description": "The code passed is incorrect or expired.",
        "error_uri": "https://docs.github.com/apps/managing-oauth-apps/troubleshooting/",
    })
}

/// As GitHub: status 200 also for refusals, JSON only when asked for, else a form.
fn token_answer(headers: &HeaderMap, answer: &Value) -> Response {
    let accepts_json = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("application/json"));
    if accepts_json {
        return Json(answer).into_response();
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in answer.as_object().into_iter().flatten() {
        form.append_pair(name, value.as_str().unwrap_or_default());
    }
    let content_type = "application/x-www-form-urlencoded; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], form.finish()).into_response()
}

fn profile(person: &Person) -> Value {
    json!({
        "login": person.login, "id": person.id, "node_id": "MDQ6VXNlcjU4MzIzMQ==", "type": "User", "site_admin": false,
        "avatar_url": "https://github.com/images/error/octocat_happy.gif", "name": "monalisa octocat", "email": null,
        "public_repos": 2, "followers": 20, "created_at": "2008-01-14T04:33:35Z",
    })
}

fn found(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

fn random(prefix: &str) -> String {
    let bytes: [u8; 18] = rand::random();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}
