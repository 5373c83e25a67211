//! A stand-in of GitHub's sign-in: a real HTTP server on loopback.
//!
//! It checks what GitHub checks (client id and secret, redirect address, PKCE, codes that work once, `User-Agent`, `Accept`), and a
//! little more: a flow without PKCE S256 is refused. It can be told to misbehave in each way that was ever seen, and a trap tells
//! whether a redirect was followed.

mod browser;
mod routes;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The client id that the stand-in knows.
pub const CLIENT_ID: &str = "Iv1.codementor-tests";

/// The secret of [`CLIENT_ID`].
pub const CLIENT_SECRET: &str = "stand-in-secret-5d41402abc4b2a76b9719d911017c592";

/// What the stand-in does when it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Works as GitHub does.
    Ok,
    /// The person does not consent: the browser comes back with `error=access_denied`.
    Denies,
    /// No code is accepted: status 200 and an `error`, as GitHub does.
    CodeRefused,
    /// Status 500.
    ServerError,
    /// Never answers; ends when the client gives up.
    Slow,
    /// Well-formed JSON of another shape.
    Nonsense,
    /// A page where JSON is expected.
    Html,
    /// A body without end; ends when the client closes.
    Endless,
    /// A right answer with 10 MB of padding.
    Huge,
    /// The connection breaks in the middle of the body.
    Broken,
    /// A redirect to the trap.
    Redirect,
    /// Exactly this.
    Answer {
        /// The status.
        status: u16,
        /// The `Content-Type`.
        content_type: String,
        /// The body.
        body: String,
    },
}

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `/login/oauth/authorize`, by the browser.
    Authorize,
    /// `/login/oauth/access_token`, by the server.
    Token,
    /// `/api/v3/user`, by the server.
    User,
    /// Where redirects lead. Nobody should come here.
    Trap,
}

/// A running stand-in. Dropping it stops it.
#[derive(Debug)]
pub struct GithubStandIn {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// What the routes and the test share; only ever locked for a moment.
#[derive(Debug)]
struct Shared {
    base_url: String,
    state: Mutex<State>,
    /// How often each endpoint was asked; a channel, so that a test can wait for it.
    hits: watch::Sender<HashMap<Endpoint, usize>>,
}

#[derive(Debug)]
struct State {
    modes: HashMap<Endpoint, Mode>,
    person: Person,
    callback: Option<String>,
    codes: HashMap<String, Grant>,
    tokens: HashMap<String, Person>,
    last_authorize: HashMap<String, String>,
}

/// Somebody with an account.
#[derive(Debug, Clone)]
struct Person {
    id: u64,
    login: String,
}

/// What a code stands for.
#[derive(Debug, Clone)]
struct Grant {
    redirect_uri: String,
    challenge: String,
    person: Person,
}

impl GithubStandIn {
    /// Starts one on a free port of loopback, with the person `octocat` (583231).
    ///
    /// # Panics
    /// When loopback has no free port.
    #[expect(clippy::expect_used, reason = "a test without its stand-in must stop")]
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared {
            base_url: format!("http://{address}"),
            state: Mutex::new(State {
                modes: HashMap::new(),
                person: Person { id: 583_231, login: "octocat".to_owned() },
                callback: None,
                codes: HashMap::new(),
                tokens: HashMap::new(),
                last_authorize: HashMap::new(),
            }),
            hits: watch::Sender::new(HashMap::new()),
        });
        let routes = routes::router(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // Serving never ends by itself; the task is aborted on drop.
            let _ = axum::serve(listener, routes).await;
        });
        Self { address, shared, server }
    }

    /// For `--github-base-url`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// Sets the mode of all endpoints.
    pub fn set_mode(&self, mode: Mode) {
        for endpoint in [Endpoint::Authorize, Endpoint::Token, Endpoint::User] {
            self.set_mode_of(endpoint, mode.clone());
        }
    }

    /// Sets the mode of one endpoint.
    pub fn set_mode_of(&self, endpoint: Endpoint, mode: Mode) {
        self.shared.lock().modes.insert(endpoint, mode);
    }

    /// Sets who sits at the browser, from the next consent on.
    pub fn set_user(&self, id: u64, login: &str) {
        self.shared.lock().person = Person { id, login: login.to_owned() };
    }

    /// Registers the callback address: from now on a redirect address must have its scheme, host and port, and a path below its path.
    /// Before, any address is taken.
    pub fn register_callback(&self, url: &str) {
        self.shared.lock().callback = Some(url.to_owned());
    }

    /// Makes all codes given out so far worthless, as GitHub does after ten minutes.
    pub fn expire_codes(&self) {
        self.shared.lock().codes.clear();
    }

    /// Parameters of the last request to `/login/oauth/authorize`.
    #[must_use]
    pub fn last_authorize(&self) -> HashMap<String, String> {
        self.shared.lock().last_authorize.clone()
    }

    /// How often an endpoint was asked.
    #[must_use]
    pub fn hits(&self, endpoint: Endpoint) -> usize {
        self.shared.hits.borrow().get(&endpoint).copied().unwrap_or(0)
    }

    /// Waits until an endpoint was asked `n` times in all.
    pub async fn asked(&self, endpoint: Endpoint, n: usize) {
        let enough = |hits: &HashMap<_, _>| hits.get(&endpoint).is_some_and(|hits| *hits >= n);
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.shared.hits.subscribe().wait_for(enough).await;
    }

    /// Plays the person who consents (or does not, see [`Mode::Denies`]): asks for the authorize address as a browser would, without
    /// following the redirect, and returns where it leads.
    ///
    /// # Panics
    /// When the answer is no redirect, or the address is not this stand-in's.
    pub async fn authorize(&self, url: &str) -> String {
        browser::redirect_of(self.address, self.base_url(), url).await
    }
}

impl Drop for GithubStandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hit(&self, endpoint: Endpoint) {
        self.hits.send_modify(|hits| *hits.entry(endpoint).or_default() += 1);
    }

    fn mode(&self, endpoint: Endpoint) -> Mode {
        self.lock().modes.get(&endpoint).cloned().unwrap_or(Mode::Ok)
    }
}
