//! Clients of the HTTP interface: somebody, and a signed-in learner. They follow no redirects and keep no cookies unless asked to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use codementor_protocol::auth::{SignedIn, User};
use codementor_protocol::problem::Problem;
use codementor_protocol::progress::{Leaderboard, Progress};
use codementor_protocol::submission::{RunResult, Submission, SubmissionAccepted, SubmissionStatus};
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::eventually;

/// Longer than any answer the server promises.
const LIMIT: Duration = Duration::from_secs(100);

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked, for messages.
    pub asked: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The same answer, which must have this status.
    ///
    /// # Panics
    /// When it has another.
    #[must_use]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{} answered {}", self.asked, self.body);
        self
    }

    /// The body as JSON of a type.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.body))
    }

    /// The body as any JSON.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    #[track_caller]
    pub fn value(&self) -> Value {
        self.json()
    }

    /// A header's text; empty when it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The error that it must be, in the form that every error has.
    ///
    /// # Panics
    /// When it has another status or code, or is not a whole problem.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Problem {
        let problem = self.any_problem();
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (status, code),
            "{} answered {}",
            self.asked,
            self.body
        );
        problem
    }

    /// An error of any kind, in the form that every error has.
    ///
    /// # Panics
    /// When it is not a whole problem.
    #[track_caller]
    pub fn any_problem(&self) -> Problem {
        let asked = &self.asked;
        assert_eq!(
            self.header(CONTENT_TYPE.as_str()),
            "application/problem+json",
            "{asked}: {} {}",
            self.status,
            self.body
        );
        let problem: Problem = self.json();
        assert_eq!(problem.status, self.status.as_u16(), "{asked}");
        assert!(
            !problem.code.is_empty() && !problem.title.is_empty() && !problem.detail.is_empty(),
            "{asked}: {}",
            self.body
        );
        assert_eq!(problem.request_id.as_deref(), Some(self.header("x-request-id")), "{asked}");
        problem
    }

    /// The cookies it sets: name, value and attributes.
    #[must_use]
    pub fn cookies(&self) -> Vec<(String, String, String)> {
        let texts = self.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let parse = |text: &str| {
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=')?;
            Some((name.to_owned(), value.to_owned(), attributes.to_owned()))
        };
        texts.filter_map(parse).collect()
    }

    /// The value of a cookie it sets.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().into_iter().find(|(known, ..)| known == name).map(|(_, value, _)| value)
    }
}

/// Somebody who asks the server.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    /// The jar, when this client keeps cookies as a browser does. Shared by its clones; locked for a moment only.
    jar: Option<Arc<Mutex<BTreeMap<String, String>>>>,
}

impl Client {
    /// Somebody who is not signed in and keeps no cookies.
    ///
    /// # Panics
    /// When the client library cannot be set up.
    #[must_use]
    pub fn new(base: &str) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only when it was installed before, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let builder =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(LIMIT);
        let http = builder.build().expect("a client without settings can be made");
        Self { http, base: base.to_owned(), token: None, jar: None }
    }

    /// The same with a bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same as a browser: cookies that answers set are sent again, and no token.
    #[must_use]
    pub fn browser(&self) -> Self {
        Self { token: None, jar: Some(Arc::default()), ..self.clone() }
    }

    /// A cookie in the jar.
    #[must_use]
    pub fn jar_cookie(&self, name: &str) -> Option<String> {
        let jar = self.jar.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        jar.get(name).cloned()
    }

    /// Puts a cookie into the jar.
    pub fn set_cookie(&self, name: &str, value: &str) {
        if let Some(jar) = &self.jar {
            jar.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
        }
    }

    /// Asks another server, such as the same after a restart.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// A request that this client may still change.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(jar) = &self.jar {
            let jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
            let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if !cookies.is_empty() {
                request = request.header(COOKIE, cookies.join("; "));
            }
        }
        request
    }

    /// Sends a request and reads the answer. An error is one of the connection.
    ///
    /// # Errors
    /// When the server does not answer.
    ///
    /// # Panics
    /// When the request cannot be built.
    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let (http, request) = request.build_split();
        let request = request.expect("a request that can be built");
        let asked = format!("{} {}", request.method(), request.url().path());
        let response = http.execute(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = Answer { asked, status, headers, body: response.text().await? };
        if let Some(jar) = &self.jar {
            let mut jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
            for (name, value, attributes) in answer.cookies() {
                if attributes.contains("Max-Age=0") {
                    jar.remove(&name)
                } else {
                    jar.insert(name, value)
                };
            }
        }
        Ok(answer)
    }

    /// Sends a request and reads the answer.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_send(request).await.expect("the server answers")
    }

    /// GET
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST with a JSON body
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// POST without a body
    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path)).await
    }

    /// Signs in a new guest, who then asks by token.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn guest(&self, name: &str) -> Learner {
        let answer = self.post("/api/auth/guest", &json!({ "username": name })).await.expect(201);
        let cookie = answer.cookie("codementor_session").expect("a sign-in sets the session's cookie");
        let SignedIn { token, user, .. } = answer.json();
        Learner { client: self.with_token(&token), user, token, cookie }
    }
}

/// Somebody signed in, asking by token.
#[derive(Debug, Clone)]
pub struct Learner {
    /// Sends the token.
    pub client: Client,
    /// Who it is.
    pub user: User,
    /// The token.
    pub token: String,
    /// The session cookie's value.
    pub cookie: String,
}

impl Learner {
    /// The same person at another address, such as the same server after a restart.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { client: self.client.at(base), ..self.clone() }
    }

    /// GET
    pub async fn get(&self, path: &str) -> Answer {
        self.client.get(path).await
    }

    /// POST with a JSON body
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.client.post(path, body).await
    }

    /// PATCH with a JSON body
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.client.send(self.client.request(Method::PATCH, path).json(body)).await
    }

    /// DELETE
    pub async fn delete(&self, path: &str) -> Answer {
        self.client.send(self.client.request(Method::DELETE, path)).await
    }

    /// Hands code in without waiting. Tells its id, or why not.
    ///
    /// # Errors
    /// The answer, when it is not 202.
    pub async fn try_submit(&self, challenge: &str, language: &str, code: &str) -> Result<String, Answer> {
        let body = json!({ "language": language, "code": code });
        let answer = self.post(&format!("/api/challenges/{challenge}/submit"), &body).await;
        match answer.status.as_u16() {
            202 => Ok(answer.json::<SubmissionAccepted>().submission_id),
            _ => Err(answer),
        }
    }

    /// Hands code in and waits for the finished submission.
    ///
    /// # Panics
    /// When it is refused or not judged in time.
    pub async fn submit(&self, challenge: &str, language: &str, code: &str) -> Submission {
        let body = json!({ "language": language, "code": code });
        let answer =
            self.post(&format!("/api/challenges/{challenge}/submit?wait=true"), &body).await.expect(200);
        let submission: Submission = answer.json();
        assert_eq!(submission.status, SubmissionStatus::Finished);
        submission
    }

    /// Runs code on the examples.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn run(&self, challenge: &str, language: &str, code: &str) -> RunResult {
        let body = json!({ "language": language, "code": code });
        self.post(&format!("/api/challenges/{challenge}/run"), &body).await.expect(200).json()
    }

    /// A submission by its id.
    ///
    /// # Panics
    /// When there is none.
    pub async fn submission(&self, id: &str) -> Submission {
        self.get(&format!("/api/submissions/{id}")).await.expect(200).json()
    }

    /// Waits until a submission is finished.
    ///
    /// # Panics
    /// When it is not in time.
    pub async fn finished(&self, id: &str) -> Submission {
        eventually("the submission is finished", async || {
            let submission = self.submission(id).await;
            (submission.status == SubmissionStatus::Finished).then_some(submission)
        })
        .await
    }

    /// What they have reached.
    ///
    /// # Panics
    /// When the server does not tell.
    pub async fn progress(&self) -> Progress {
        self.get("/api/users/me/progress").await.expect(200).json()
    }

    /// The leaderboard of all time, as they see it.
    ///
    /// # Panics
    /// When the server does not tell.
    pub async fn leaderboard(&self) -> Leaderboard {
        self.get("/api/leaderboard").await.expect(200).json()
    }
}
