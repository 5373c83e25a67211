//! A judge that is a Judge0 server somewhere else: <https://ce.judge0.com>. The programs run there; what comes out is graded here, by
//! the same grader and checkers as in our own sandbox, so the expected answers never leave this machine.
//!
//! The server is asked again and again what it can; while it cannot be reached, judging is refused, and what was handed in waits.
//! Where it is another server of ours, a submission carries many tests and is compiled once.
//!
//! What comes from there is a stranger's: bounded, read leniently, never trusted to be well-formed. Limits beyond what the server
//! allows are cut to that. A future that is dropped stops asking; a program that runs there ends by its own limits.

mod api;
mod ended;
mod http;
mod job;
mod languages;
mod submit;
mod wrap;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use codementor_core::Language;
use codementor_core::judging::{Job, Judgement, LanguageInfo, Protection, TestOutcome};
use codementor_core::ports::{Judge, JudgeError};
use reqwest::Url;
use secrecy::SecretString;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::api::{About, Bounds, Listed};
use self::http::{Fault, Http};
use self::languages::RemoteLanguage;
use crate::job::{SOURCE_LIMIT, check_job};
use crate::local::not_compiled;

/// How long the first look may take before the server starts without an answer.
const FIRST_LOOK: Duration = Duration::from_secs(8);
/// How often a server that works is asked what it can.
const LOOK: Duration = Duration::from_secs(30);
/// The first pause before a server that does not work is asked again; it doubles up to [`MAX_PAUSE`].
const PAUSE: Duration = Duration::from_millis(500);
const MAX_PAUSE: Duration = Duration::from_secs(15);
/// What is read of a description, in bytes.
const DESCRIPTION: usize = 1 << 20;
/// What our own server calls itself.
pub const IMPLEMENTATION: &str = "codementor";

/// A judge behind the API of Judge0.
pub struct Judge0 {
    shared: Arc<Shared>,
    /// The task that asks what the server can; dropping the set ends it.
    _prober: JoinSet<()>,
}

struct Shared {
    http: Http,
    shown: String,
    /// What is known of the server. Held for an instruction.
    state: Mutex<State>,
    /// Wakes the prober.
    news: Notify,
}

/// What is known of the server.
#[derive(Clone)]
struct State {
    /// What it could do when it was last asked and answered.
    remote: Option<Arc<Remote>>,
    /// Why nothing can be asked of it now.
    fault: Option<String>,
}

/// What the server can do.
struct Remote {
    languages: BTreeMap<Language, RemoteLanguage>,
    bounds: Bounds,
    /// How many tests a submission may carry: our own extension. 0 for a server that is not ours.
    tests: usize,
    version: String,
}

impl Judge0 {
    /// Looks at the server at `url`, which may have a path, such as `https://example.org/judge0`. What fails is told by
    /// [`Judge::available`] and tried again from time to time. `token` is sent as `X-Auth-Token`.
    ///
    /// # Errors
    /// When no client can be made of these settings.
    pub async fn start(url: &Url, token: Option<&SecretString>) -> Result<Self, String> {
        let shared = Arc::new(Shared {
            http: Http::new(url, token)?,
            shown: url.to_string(),
            state: Mutex::new(State { remote: None, fault: Some("it has not answered yet".to_owned()) }),
            news: Notify::new(),
        });
        if timeout(FIRST_LOOK, shared.look()).await.is_err() {
            shared.set_down("it does not answer in time".to_owned());
        }
        let mut prober = JoinSet::new();
        prober.spawn(Arc::clone(&shared).keep_looking());
        Ok(Self { shared, _prober: prober })
    }
}

impl Shared {
    /// Held for an instruction; every change is one step, so a poisoned one is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_down(&self, why: String) {
        let mut state = self.state();
        if state.fault.is_none() {
            tracing::warn!(server = %self.shown, %why, "the Judge0 server cannot be used");
        }
        state.fault = Some(why);
    }

    fn up(&self) -> Result<Arc<Remote>, JudgeError> {
        let state = self.state().clone();
        match (state.fault, state.remote) {
            (None, Some(remote)) => Ok(remote),
            (fault, _) => Err(self.unavailable(&fault.unwrap_or_default())),
        }
    }

    fn unavailable(&self, why: &str) -> JudgeError {
        JudgeError::Unavailable(format!("the Judge0 server at {}: {why}", self.shown))
    }

    /// Turns a fault of the server into the answer that a job gets. What is down is not asked again before it has answered a look.
    fn told(&self, fault: Fault) -> JudgeError {
        match fault {
            Fault::Said(status, said) => {
                JudgeError::Failed(format!("the Judge0 server answers {status}: {said}"))
            }
            Fault::Down(why) | Fault::Busy(why, _) | Fault::Refused(why) => {
                self.set_down(why.clone());
                self.news.notify_one();
                self.unavailable(&why)
            }
        }
    }

    async fn keep_looking(self: Arc<Self>) {
        let mut pause = PAUSE;
        loop {
            let is_up = self.state().fault.is_none();
            if is_up {
                pause = PAUSE;
                let _ = timeout(LOOK, self.news.notified()).await;
                if self.state().fault.is_none() {
                    self.look().await;
                    continue;
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(MAX_PAUSE);
            self.look().await;
        }
    }

    /// Asks the server what it can.
    async fn look(&self) {
        match self.remote().await {
            Ok(remote) => {
                let mut state = self.state();
                if state.fault.is_some() {
                    tracing::info!(server = %self.shown, languages = remote.languages.len(), "the Judge0 server answers");
                }
                *state = State { remote: Some(Arc::new(remote)), fault: None };
            }
            Err(Fault::Down(why) | Fault::Busy(why, _) | Fault::Refused(why)) => self.set_down(why),
            Err(Fault::Said(status, said)) => self.set_down(format!("it answers {status}: {said}")),
        }
    }

    async fn remote(&self) -> Result<Remote, Fault> {
        let listed: Vec<Listed> = self.http.get_once(&["languages"], DESCRIPTION).await?;
        let about: About = self.optional("about").await?;
        let bounds: Bounds = self.optional("config_info").await?;
        let languages = languages::ours(&listed);
        if languages.is_empty() {
            return Err(Fault::Down("it has none of the languages that are judged here".to_owned()));
        }
        let own = about.implementation.filter(|own| own.name == IMPLEMENTATION);
        let tests = own.map_or(0, |own| own.tests.min(crate::job::TESTS_LIMIT));
        let version = about.version.unwrap_or_default().chars().take(40).collect();
        Ok(Remote { languages, bounds, tests, version })
    }

    /// What a server need not have.
    async fn optional<T: serde::de::DeserializeOwned + Default>(&self, path: &str) -> Result<T, Fault> {
        match self.http.get_once(&[path], DESCRIPTION).await {
            Err(Fault::Said(..)) => Ok(T::default()),
            answer => answer,
        }
    }
}

#[async_trait]
impl Judge for Judge0 {
    async fn judge(
        &self,
        job: &Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError> {
        let remote = self.shared.up()?;
        let unknown = || JudgeError::Language(job.language.clone());
        let language = remote.languages.get(&job.language).ok_or_else(unknown)?;
        check_job(job)?;
        if job.source.len() > SOURCE_LIMIT {
            return Ok(not_compiled(format!("the program is longer than {} KiB", SOURCE_LIMIT >> 10)));
        }
        job::judge(&self.shared, &remote, language, job, progress).await
    }

    fn languages(&self) -> Vec<LanguageInfo> {
        let remote = self.shared.state().remote.clone();
        remote
            .map(|remote| remote.languages.values().map(|one| one.info.clone()).collect())
            .unwrap_or_default()
    }

    fn calls_functions(&self, language: &Language) -> bool {
        let remote = self.shared.state().remote.clone();
        remote.is_some_and(|remote| remote.languages.get(language).is_some_and(wrap::is_new_enough))
    }

    /// The one layer that can be told from here: programs do not run on this machine.
    fn protections(&self) -> Vec<Protection> {
        let state = self.shared.state().clone();
        let note = match state.remote {
            Some(remote) if remote.tests > 0 => format!("{}, a server like this one", self.shared.shown),
            Some(remote) => format!("{}, Judge0 {}", self.shared.shown, remote.version),
            None => self.shared.shown.clone(),
        };
        vec![Protection { name: "another machine".to_owned(), active: state.fault.is_none(), note }]
    }

    fn available(&self) -> Result<(), JudgeError> {
        self.shared.up().map(|_| ())
    }
}
