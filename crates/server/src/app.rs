//! What the handlers share.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use codementor_auth::AuthService;
use codementor_auth::github::Github;
use codementor_bus::{RateLimiter, RateRule};
use codementor_core::UserId;
use codementor_core::journal::Journal;
use codementor_core::ports::{Clock, Judge, Store, UserEvents};
use codementor_hub::hub::Hub;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::authoring::Verifier;
use crate::catalogue::LiveCatalog;
use crate::config::Config;
use crate::grading::Grader;
use crate::http::cookies::Transport;
use crate::http::health::Health;
use crate::http::page::Page;
use crate::http::session_socket::Seen;
use crate::judge0::Judge0;
use crate::live::Changes;
use crate::live::recordings::Recordings;
use crate::live::tickets::Tickets;
use crate::live::tutor::Tutor;
use crate::metrics::Metrics;
use crate::sockets::{SignedOut, Slots};

/// Requests answered at once; more are told to come again.
const MAX_IN_FLIGHT: usize = 2_048;
/// Sign-outs a socket may lag behind.
const SIGN_OUTS: usize = 256;
/// People who come into sessions at once: enough to keep the readers of the database busy.
const MAX_JOINING: usize = 64;
/// Submits that wait for their verdict at once, fewer than those in flight; more are answered without it.
const MAX_WAITING: usize = 512;
/// Programs on terminals at once, as many as the judge has places for.
const MAX_TERMINALS: usize = 16;
/// Programs on terminals of one person: one to play with, and one to compare.
const MAX_TERMINALS_OF_USER: usize = 2;

/// Bodies over the Judge0 API that are read at once.
const MAX_JUDGE0_BODIES: usize = 8;

/// The parts of the running server. Each is safe to share by itself; nothing here is locked across an await.
pub struct App {
    /// The checked settings.
    pub config: Config,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Who is asking.
    pub auth: AuthService,
    /// Sign-in through GitHub, when it is set up.
    pub github: OnceLock<Github>,
    /// The challenges on offer.
    pub catalog: Arc<LiveCatalog>,
    /// Runs programs.
    pub judge: Arc<dyn Judge>,
    /// How many programs it judges at once, as workers come and go.
    pub judge_places: watch::Receiver<usize>,
    /// Events to users' sockets.
    pub events: Arc<dyn UserEvents>,
    /// The way of a submission.
    pub grader: Arc<Grader>,
    /// The way of a program handed in over the Judge0 API.
    pub judge0: Arc<Judge0>,
    /// The records of live sessions.
    pub journal: Arc<dyn Journal>,
    /// The open rooms of live sessions.
    pub hub: Arc<Hub>,
    /// What is measured.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The embedded page.
    pub page: Page,
    /// A permit a request.
    pub in_flight: Semaphore,
    /// A permit a submit that waits for its verdict.
    pub waiting: Semaphore,
    /// Whether the parts work, as asked a moment ago.
    pub health: Health,
    /// New guests and beginnings of GitHub sign-ins, by address.
    pub sign_in_rate: RateLimiter<IpAddr>,
    /// The sessions' tutor.
    pub tutor: Tutor,
    /// Recordings that were watched last.
    pub recordings: Recordings,
    /// A permit for packing or unpacking a recording's file.
    pub files: Semaphore,
    /// A permit for a body over the Judge0 API, which may be large.
    pub judge0_bodies: Semaphore,
    /// A permit for coming into a session. Thousands may come back at once after a restart; they take their turns.
    pub joining: Semaphore,
    /// Secrets that open one session's socket once.
    pub tickets: Tickets,
    /// What changed in live sessions.
    pub changes: Changes,
    /// Requests over sessions' sockets that were made before.
    pub seen: Seen,
    /// New sessions by person.
    pub session_rate: RateLimiter<UserId>,
    /// What people say in sessions, to each other and to the tutor, by person. Recordings keep all of it.
    pub word_rate: RateLimiter<UserId>,
    /// Verifications of challenges under way.
    pub verifier: Verifier,
    /// Changes of challenges by person.
    pub authoring_rate: RateLimiter<UserId>,
    /// Runs and submits by person.
    pub judge_rate: RateLimiter<UserId>,
    /// Cancelled when the server begins to stop: sockets say goodbye, new requests are refused.
    pub stopping: CancellationToken,
    /// Cancelled when all work is done or handed back: no connection is taken any more.
    pub closing: CancellationToken,
    /// Tells open sockets which sessions have ended. Bounded: a socket that lags behind asks whether its own still lives.
    pub signed_out: broadcast::Sender<SignedOut>,
    /// How many sockets there may be.
    pub socket_slots: Slots,
    /// How many programs on terminals there may be.
    pub terminal_slots: Slots,
    /// Open sockets, waited for when stopping.
    pub sockets: TaskTracker,
    /// The address people use; known once the server listens.
    pub public_url: OnceLock<Url>,
    ready: AtomicBool,
}

/// How handlers hold it.
pub type SharedApp = Arc<App>;

/// The parts that differ between processes.
pub struct Parts {
    /// The checked settings.
    pub config: Config,
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Who is asking.
    pub auth: AuthService,
    /// The challenges on offer.
    pub catalog: Arc<LiveCatalog>,
    /// Runs programs.
    pub judge: Arc<dyn Judge>,
    /// How many programs it judges at once, as workers come and go.
    pub judge_places: watch::Receiver<usize>,
    /// Events to users' sockets.
    pub events: Arc<dyn UserEvents>,
    /// The way of a submission.
    pub grader: Arc<Grader>,
    /// The way of a program handed in over the Judge0 API.
    pub judge0: Arc<Judge0>,
    /// The records of live sessions.
    pub journal: Arc<dyn Journal>,
    /// The open rooms of live sessions.
    pub hub: Arc<Hub>,
    /// What is measured.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl App {
    /// Joins the parts.
    #[must_use]
    pub fn new(parts: Parts) -> SharedApp {
        let public_url = OnceLock::new();
        if let Some(url) = &parts.config.public_url {
            let _ = public_url.set(url.clone());
        }
        Arc::new(Self {
            config: parts.config,
            store: parts.store,
            auth: parts.auth,
            github: OnceLock::new(),
            catalog: parts.catalog,
            judge: parts.judge,
            judge_places: parts.judge_places,
            events: parts.events,
            grader: parts.grader,
            judge0: parts.judge0,
            judge0_bodies: Semaphore::new(MAX_JUDGE0_BODIES),
            tutor: Tutor::default(),
            recordings: Recordings::new(parts.journal.clone()),
            files: Semaphore::new(1),
            joining: Semaphore::new(MAX_JOINING),
            journal: parts.journal,
            hub: parts.hub,
            metrics: parts.metrics,
            clock: parts.clock,
            page: Page::load(),
            in_flight: Semaphore::new(MAX_IN_FLIGHT),
            waiting: Semaphore::new(MAX_WAITING),
            health: Health::default(),
            sign_in_rate: RateLimiter::new(RateRule { burst: 500, per_second: 20.0 }),
            tickets: Tickets::default(),
            changes: Changes::default(),
            seen: Seen::default(),
            session_rate: RateLimiter::new(RateRule { burst: 60, per_second: 2.0 }),
            word_rate: RateLimiter::new(RateRule { burst: 120, per_second: 1.0 }),
            verifier: Verifier::default(),
            authoring_rate: RateLimiter::new(RateRule { burst: 60, per_second: 2.0 }),
            judge_rate: RateLimiter::new(RateRule { burst: 30, per_second: 5.0 }),
            stopping: CancellationToken::new(),
            closing: CancellationToken::new(),
            signed_out: broadcast::Sender::new(SIGN_OUTS),
            socket_slots: Slots::default(),
            terminal_slots: Slots::new(MAX_TERMINALS, MAX_TERMINALS_OF_USER),
            sockets: TaskTracker::new(),
            public_url,
            ready: AtomicBool::new(false),
        })
    }

    /// The address people use, once it is known.
    #[must_use]
    pub fn public_url(&self) -> Option<&Url> {
        self.public_url.get()
    }

    /// Whether people come over HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url().is_some_and(|url| url.scheme() == "https")
    }

    /// How cookies may travel.
    #[must_use]
    pub fn transport(&self) -> Transport {
        if self.is_https() { Transport::Secure } else { Transport::Plain }
    }

    /// Says whether new work is wanted.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
    }

    /// Whether new work is wanted: started, and not stopping.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }
}
