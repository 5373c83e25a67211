//! Liveness, readiness, metrics.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use codementor_core::ports::StoreResult;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::app::{App, SharedApp};
use crate::config::{JudgeAt, Roles};

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

/// How old an answer about the database or the journal may be: asking costs a write to the disk, and anybody may ask us.
const FRESH: Duration = Duration::from_secs(1);

/// Whether a file of the store worked when it was last asked.
#[derive(Debug)]
struct Known {
    began: Instant,
    /// When it was last asked, in milliseconds since `began`; 0 before the first time.
    asked: AtomicU64,
    works: AtomicBool,
}

/// Whether the database and the journal worked when they were last asked.
#[derive(Debug, Default)]
pub struct Health {
    database: Known,
    journal: Known,
}

impl Default for Known {
    fn default() -> Self {
        Self { began: Instant::now(), asked: AtomicU64::new(0), works: AtomicBool::new(true) }
    }
}

impl Known {
    /// Asks, unless somebody did a moment ago or is doing so: their answer, or the one before, stands.
    async fn works(&self, name: &'static str, ping: impl Future<Output = StoreResult<()>>) -> bool {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let asked = self.asked.load(Ordering::Acquire);
        let is_fresh = asked > 0 && now - asked.min(now) < FRESH.as_millis() as u64;
        let is_ours = || self.asked.compare_exchange(asked, now, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if !is_fresh && is_ours() {
            let works = ping.await.inspect_err(|error| {
                tracing::warn!(%error, "the {name} is not ready");
            });
            self.works.store(works.is_ok(), Ordering::Release);
        }
        self.works.load(Ordering::Acquire)
    }
}

/// Asks each part, and notes the answers in the metrics.
async fn dependencies(app: &App) -> Vec<Dependency> {
    let (database, journal) = tokio::join!(
        app.health.database.works("database", app.store.ping()),
        app.health.journal.works("journal", app.journal.ping()),
    );
    let file = |name, works| Dependency::new(name, works, if works { "sqlite" } else { "does not answer" });
    let judge = match app.judge.available() {
        Ok(()) => Dependency::new("judge", true, judge_name(app)),
        Err(error) => Dependency::new("judge", false, &error.to_string()),
    };
    let serving =
        Dependency::new("server", app.is_ready(), if app.is_ready() { "serving" } else { "stopping" });
    let dependencies = vec![serving, file("database", database), file("journal", journal), judge];
    for dependency in &dependencies {
        app.metrics.up.with_label_values(&[dependency.name]).set(i64::from(dependency.ok));
    }
    dependencies
}

fn judge_name(app: &App) -> &'static str {
    match app.config.judge {
        JudgeAt::Here if app.config.roles == Roles::Web => "worker processes",
        JudgeAt::Here if app.metrics.judge_workers.get() > 0 => "local sandbox and worker processes",
        JudgeAt::Here => "local sandbox",
        JudgeAt::Server { .. } => "Judge0 server",
    }
}

/// `GET /readyz`: 200 when new work is wanted, else 503; one entry a dependency either way.
pub async fn ready(State(app): State<SharedApp>) -> Response {
    let dependencies = dependencies(&app).await;
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
    let _ = dependencies(&app).await;
    app.metrics.rooms.set(i64::try_from(app.hub.open_rooms()).unwrap_or(i64::MAX));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], app.metrics.render()).into_response()
}
