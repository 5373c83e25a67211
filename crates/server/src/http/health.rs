//! Liveness, readiness, metrics.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::app::SharedApp;

/// One dependency.
#[derive(Debug, Serialize)]
struct Dependency {
    name: &'static str,
    ok: bool,
    /// Whether the server is of no use without it.
    required: bool,
    detail: String,
}

#[derive(Debug, Serialize)]
struct Readiness {
    status: &'static str,
    dependencies: Vec<Dependency>,
}

/// `GET /livez`: the process answers.
pub async fn live() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "status": "ok" }))
}

/// `GET /readyz`: 200 when new work is wanted, else 503; one entry a dependency either way.
pub async fn ready(State(app): State<SharedApp>) -> Response {
    let database = match app.store.ping().await {
        Ok(()) => Dependency::new("database", true, "sqlite"),
        Err(error) => {
            tracing::warn!(%error, "the database is not ready");
            Dependency::new("database", false, "does not answer")
        }
    };
    let judge = match app.judge.available() {
        Ok(()) => Dependency::new("judge", true, "local sandbox"),
        Err(error) => Dependency::new("judge", false, &error.to_string()),
    };
    let serving =
        Dependency::new("server", app.is_ready(), if app.is_ready() { "serving" } else { "stopping" });
    let dependencies = vec![serving, database, judge];
    for dependency in &dependencies {
        app.metrics.up.with_label_values(&[dependency.name]).set(i64::from(dependency.ok));
    }
    let ok = dependencies.iter().all(|dependency| dependency.ok);
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Readiness { status: if ok { "ok" } else { "unavailable" }, dependencies };
    (status, Json(body)).into_response()
}

impl Dependency {
    fn new(name: &'static str, ok: bool, detail: &str) -> Self {
        Self { name, ok, required: true, detail: detail.to_owned() }
    }
}

/// `GET /metrics`, in the text format of Prometheus.
pub async fn metrics(State(app): State<SharedApp>) -> Response {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], app.metrics.render()).into_response()
}
