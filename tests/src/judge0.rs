//! Judge0 both ways: asking a server of ours as a Judge0 client would, and a stand-in of a Judge0 server that is none of ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use reqwest::{Client as Http, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::client::Learner;
use crate::server::Server;
use crate::{eventually, program};

/// Makes the lasting token with which a program signs in as a person.
///
/// # Panics
/// When the command fails.
pub async fn lasting_token(server: &Server, name: &str) -> String {
    let data = server.data().display().to_string();
    let ended = program::run(server.folder(), &["admin", "token", name, "--data", &data], &[]).await;
    assert!(ended.status.success(), "{}", ended.text());
    ended.stdout.trim().to_owned()
}

/// Hands a program in and waits for its end, told with all its fields.
///
/// # Panics
/// When it is refused or does not end.
pub async fn run(learner: &Learner, submission: &Value) -> Value {
    let created = learner.post("/judge0/submissions", submission).await.expect(201).value();
    end(learner, created["token"].as_str().expect("a token")).await
}

/// Waits for a submission's end.
///
/// # Panics
/// When it does not end.
pub async fn end(learner: &Learner, token: &str) -> Value {
    eventually("the program has ended", async || {
        let path = format!("/judge0/submissions/{token}?fields=*");
        let kept = learner.get(&path).await.expect(200).value();
        (kept["status_id"].as_u64() > Some(2)).then_some(kept)
    })
    .await
}

/// A Judge0 server that is none of ours, as far as its clients can see: the programs are run by one of ours, which it stands before.
/// What is ours alone is neither told nor taken.
#[derive(Debug)]
pub struct Plain {
    /// Its address.
    pub url: String,
    seen: Arc<Seen>,
    _serving: JoinSet<()>,
}

#[derive(Debug)]
struct Seen {
    base: String,
    http: Http,
    /// Submissions taken.
    taken: AtomicUsize,
    /// Whether batches are offered.
    batches: AtomicBool,
    /// Whether it answers at all.
    works: AtomicBool,
    /// Faults of its clients.
    faults: std::sync::Mutex<Vec<String>>,
}

impl Plain {
    /// Stands before a server.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn before(server: &Server) -> Self {
        let seen = Arc::new(Seen {
            base: format!("{}/judge0", server.url()),
            http: Http::builder().no_proxy().build().expect("a client without settings can be made"),
            taken: AtomicUsize::new(0),
            batches: AtomicBool::new(true),
            works: AtomicBool::new(true),
            faults: std::sync::Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let routes = Router::new().fallback(pass_on).with_state(Arc::clone(&seen));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap_or_default() });
        Self { url, seen, _serving: serving }
    }

    /// How many submissions it has taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.seen.taken.load(Ordering::SeqCst)
    }

    /// Offers batches or not.
    pub fn offer_batches(&self, offered: bool) {
        self.seen.batches.store(offered, Ordering::SeqCst);
    }

    /// Answers, or answers 500 to everything.
    pub fn work(&self, works: bool) {
        self.seen.works.store(works, Ordering::SeqCst);
    }

    /// What its clients did that no client of Judge0 may do.
    ///
    /// # Panics
    /// When they did something.
    pub fn assert_no_faults(&self) {
        let faults = self.seen.faults.lock().expect("no holder panics");
        assert!(faults.is_empty(), "{faults:?}");
    }
}

/// Passes a request on and takes away what is ours alone.
async fn pass_on(State(seen): State<Arc<Seen>>, request: Request) -> Response {
    if !seen.works.load(Ordering::SeqCst) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 32 << 20).await.unwrap_or_default();
    let path = head.uri.path().to_owned();
    let is_batch = path == "/submissions/batch";
    if is_batch && !seen.batches.load(Ordering::SeqCst) {
        let told = json!({ "error": "batched submissions are not allowed" });
        return (StatusCode::BAD_REQUEST, axum::Json(told)).into_response();
    }
    let mut asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let single = std::slice::from_mut(&mut asked);
    let submissions = match single[0].get("submissions") {
        Some(_) => single[0]["submissions"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default(),
        None => single,
    };
    if head.method == http_post() {
        seen.taken.fetch_add(submissions.len(), Ordering::SeqCst);
    }
    for one in submissions {
        let Some(fields) = one.as_object_mut() else { continue };
        for ours in ["tests", "language", "stop_on_failure"] {
            if fields.remove(ours).is_some() {
                seen.faults.lock().expect("no holder panics").push(format!("{ours} was sent"));
            }
        }
        // Ours takes none, and needs none.
        fields.remove("compiler_options");
    }
    let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut passed = seen.http.request(head.method.clone(), format!("{}{path}{query}", seen.base));
    if let Some(token) = head.headers.get("x-auth-token") {
        passed = passed.header("x-auth-token", token);
    }
    if !body.is_empty() {
        passed = passed.json(&asked);
    }
    let Ok(answer) = passed.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, after) = (answer.status(), answer.headers().get("retry-after").cloned());
    let mut told: Value = answer.json().await.unwrap_or_default();
    forget_ours(&path, &seen, &mut told);
    let mut response = Response::new(Body::from(told.to_string()));
    *response.status_mut() = status;
    if let Some(after) = after {
        response.headers_mut().insert("retry-after", after);
    }
    response
}

fn http_post() -> reqwest::Method {
    reqwest::Method::POST
}

fn forget_ours(path: &str, seen: &Seen, told: &mut Value) {
    match path {
        "/about" => *told = json!({ "version": "1.13.1", "homepage": "https://judge0.com" }),
        "/languages" => {
            for language in told.as_array_mut().into_iter().flatten() {
                if let Some(fields) = language.as_object_mut() {
                    fields.remove("language");
                }
            }
        }
        "/config_info" => {
            told["enable_compiler_options"] = json!(true);
            told["enable_batched_submissions"] = json!(seen.batches.load(Ordering::SeqCst));
        }
        _ => {}
    }
}
