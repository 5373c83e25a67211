//! What every request passes: an id, the guard, time and size limits, metrics, one log line, security headers.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tracing::Instrument;

use super::guard;
use super::problem::{ApiError, Refused};
use crate::app::SharedApp;

/// The longest a request may take to its answer's head; submits that wait have their own, shorter limit.
const REQUEST_LIMIT: Duration = Duration::from_secs(75);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request that this task answers.
pub(super) fn current_request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// The outermost layer of every route.
pub async fn outer(State(app): State<SharedApp>, request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let span = tracing::debug_span!("request", id = %id);
    let header = HeaderValue::try_from(&id).ok();
    let mut response = REQUEST_ID.scope(id, observe(&app, request, next).instrument(span)).await;
    if let Some(id) = header {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}

/// The client's id when it is harmless, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(X_REQUEST_ID).and_then(|id| id.to_str().ok());
    let harmless = |id: &&str| {
        (8..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    given.filter(harmless).map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), str::to_owned)
}

async fn observe(app: &SharedApp, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_label(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let is_api = ["/api", "/ws", "/judge0"].iter().any(|api| request.uri().path().starts_with(api));
    let route = route.as_ref().map_or("page", MatchedPath::as_str);
    app.metrics.http_in_flight.inc();
    // Counts down also when the client goes away and this future is dropped.
    let _in_flight = Decrement(&app.metrics.http_in_flight);
    let mut response = answer(app, request, next).await;
    if let Some(Refused(reason)) = response.extensions_mut().remove::<Refused>() {
        app.metrics.reject("http", reason);
    }
    let took = started.elapsed();
    let status = response.status();
    app.metrics.http_requests.with_label_values(&[method, route, status.as_str()]).inc();
    app.metrics.http_seconds.with_label_values(&[method, route]).observe(took.as_secs_f64());
    if status.is_server_error() {
        tracing::warn!(
            id = current_request_id(),
            method,
            route,
            status = status.as_u16(),
            ms = took.as_secs_f64() * 1e3,
            "request failed"
        );
    } else {
        tracing::debug!(method, route, status = status.as_u16(), ms = took.as_secs_f64() * 1e3, "request");
    }
    secure(app, response.headers_mut(), is_api);
    response
}

struct Decrement<'a>(&'a prometheus::IntGauge);

impl Drop for Decrement<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Known methods only, so that a client cannot grow the metrics.
fn method_label(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

async fn answer(app: &SharedApp, request: Request, next: Next) -> Response {
    if let Err(refusal) = guard::check(app, &request) {
        return refusal.into_response();
    }
    if is_watched(request.uri().path()) {
        return next.run(request).await;
    }
    if app.stopping.is_cancelled() {
        return ApiError::stopping().into_response();
    }
    let Ok(_permit) = app.in_flight.try_acquire() else {
        app.metrics.reject("http", "overloaded");
        let detail = "The server has more requests than it can answer. Please try again shortly.";
        return ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail)
            .retry_after(1)
            .into_response();
    };
    match tokio::time::timeout(REQUEST_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = "The answer took too long. Please try again.";
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", detail).retry_after(5).into_response()
        }
    }
}

/// What the operator's machines ask is answered whatever the load, and while the server stops.
fn is_watched(path: &str) -> bool {
    matches!(path, "/livez" | "/readyz" | "/metrics")
}

/// Headers of every answer. A page's own policy, set before, stays.
fn secure(app: &SharedApp, headers: &mut HeaderMap, is_api: bool) {
    let fixed: [(HeaderName, &'static str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(nothing);
    if is_api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if app.is_https() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}
