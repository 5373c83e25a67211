//! `codementor serve`: opens the parts, serves, stops in order.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use codementor_auth::github::{Github, GithubConfig};
use codementor_auth::{AuthService, ExposeSecret, SigningKey, Tokens};
use codementor_bus::InProcessEvents;
use codementor_core::journal::Journal;
use codementor_core::ports::{Clock, Store, UserEvents};
use codementor_core::time::SystemClock;
use codementor_hub::hub::Hub;
use codementor_judge::workers::Listening;
use codementor_store::{SqliteJournal, SqliteStore};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::app::{App, Parts, SharedApp};
use crate::catalogue::LiveCatalog;
use crate::config::{Config, Given, Roles};
use crate::grading::{self, Grader, Workers};
use crate::judge0::callbacks::Callbacks;
use crate::judge0::{self, Judge0};
use crate::judges::Judges;
use crate::metrics::Metrics;
use crate::{listen, parts, worker};

/// How long running judge jobs may take after the stop began, before they are handed back.
const JUDGE_GRACE: Duration = Duration::from_secs(3);
/// How long sockets may take to say goodbye.
const SOCKET_GRACE: Duration = Duration::from_secs(2);
/// How long rooms may take to write what was said in them and to keep a snapshot.
const ROOM_GRACE: Duration = Duration::from_secs(4);
/// The longest a stop may take, all in all.
const STOP_LIMIT: Duration = Duration::from_secs(9);

/// Runs the server, or a worker, until SIGTERM or SIGINT.
#[must_use]
pub fn main(given: &Given) -> ExitCode {
    // Fails only when it was installed before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let run = || -> Result<()> {
        let config = parts::settings(given)?;
        raise_file_limit();
        let runtime = runtime().enable_all().build()?;
        let result = runtime.block_on(async {
            match config.roles {
                Roles::Both | Roles::Web => run(config).await,
                Roles::Worker => worker::run(config).await,
            }
        });
        // Nothing that matters runs any more; blocking threads are not waited for.
        runtime.shutdown_timeout(Duration::from_secs(1));
        result
    };
    crate::report(run())
}

/// Where there is one core, one thread does it all and hands nothing to another.
fn runtime() -> tokio::runtime::Builder {
    match std::thread::available_parallelism() {
        Ok(cores) if cores.get() == 1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    }
}

/// Each socket is a file, and the usual limit of 1,024 is for programs that use `select`: takes all the system grants.
fn raise_file_limit() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, most)| setrlimit(Resource::RLIMIT_NOFILE, most, most));
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

async fn run(config: Config) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let _lock = parts::lock_data(&config.data)?;
    let listen_on = config.listen;
    let (app, listening) = open(config).await?;
    let listener =
        TcpListener::bind(listen_on).await.with_context(|| format!("cannot listen on {listen_on}"))?;
    let address = listener.local_addr()?;
    if app.public_url.get().is_none() {
        let _ = app.public_url.set(Url::parse(&format!("http://{address}"))?);
    }
    set_up_github(&app)?;
    let workers = Workers::start(&app.grader, app.judge_places.clone());
    app.set_ready(true);
    tell_state(&app);
    println!("listening on http://{address}");
    let mut server = tokio::spawn(listen::serve(listener, app.clone()));
    let ended = tokio::select! {
        _ = terminate.recv() => {
            tracing::info!("SIGTERM: stopping");
            Ok(())
        }
        _ = interrupt.recv() => {
            tracing::info!("SIGINT: stopping");
            Ok(())
        }
        // A process that no longer serves must not look as if it did.
        ended = &mut server => Err(anyhow!("the server ended by itself: {ended:?}")),
    };
    if tokio::time::timeout(STOP_LIMIT, stop(&app, workers, listening, server)).await.is_err() {
        tracing::error!("stopping took too long; what was under way is taken up by the next start");
    }
    ended
}

/// Readiness first, then sockets and judge jobs, then connections, the store last.
async fn stop(
    app: &SharedApp,
    workers: Workers,
    listening: Option<Listening>,
    server: tokio::task::JoinHandle<()>,
) {
    app.set_ready(false);
    app.stopping.cancel();
    app.sockets.close();
    let goodbyes = async {
        if tokio::time::timeout(SOCKET_GRACE, app.sockets.wait()).await.is_err() {
            tracing::warn!("some sockets did not say goodbye in time");
        }
    };
    let rooms = async {
        if tokio::time::timeout(ROOM_GRACE, app.hub.stop()).await.is_err() {
            tracing::error!(
                "some sessions could not be put away in time; their records have all that was told"
            );
        }
    };
    tokio::join!(goodbyes, rooms, workers.stop(&app.grader, JUDGE_GRACE));
    app.judge0.stop().await;
    drop(listening);
    app.closing.cancel();
    // It has ended already when it was what made the process stop.
    if !server.is_finished()
        && let Err(error) = server.await
    {
        tracing::error!(%error, "the server did not end well");
    }
    app.catalog.stop();
    app.journal.close().await;
    app.store.close().await;
    tracing::info!("stopped");
}

async fn open(config: Config) -> Result<(SharedApp, Option<Listening>)> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store: Arc<dyn Store> = Arc::new(open_store(&config)?);
    let key = SigningKey::load_or_create(
        &config.data,
        config.jwt_secret.as_ref().map(|secret| secret.expose_secret()),
    )?;
    let auth = AuthService::new(store.clone(), clock.clone(), Tokens::new(&key, clock.clone()));
    let catalog = LiveCatalog::start(store.clone(), codementor_catalog::builtin()?).await?;
    let events: Arc<dyn UserEvents> = Arc::new(InProcessEvents::new(clock.clone()));
    let metrics = Arc::new(Metrics::new()?);
    let Judges { judge, places, listening } = Judges::start(&config, &metrics).await?;
    let journal: Arc<dyn Journal> = Arc::new(open_journal(&config)?);
    let hub = Arc::new(Hub::new(journal.clone(), clock.clone(), metrics.clone()));
    metrics.build_info.with_label_values(&[env!("CARGO_PKG_VERSION"), env!("CODEMENTOR_COMMIT")]).set(1);
    let grader = Grader::new(grading::Parts {
        store: store.clone(),
        judge: judge.clone(),
        events: events.clone(),
        catalog: catalog.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
    });
    let callbacks =
        Callbacks::start(config.callback_hosts.clone(), key.derive("judge0 callbacks"), metrics.clone())?;
    let judge0 = Judge0::start(judge0::Parts {
        store: store.clone(),
        judge: judge.clone(),
        grader: grader.clone(),
        clock: clock.clone(),
        callbacks,
    });
    let app = App::new(Parts {
        config,
        store,
        auth,
        catalog,
        judge,
        judge_places: places,
        events,
        grader,
        judge0,
        journal,
        hub,
        metrics,
        clock,
    });
    Ok((app, listening))
}

/// Opens the database, bringing it to the newest schema.
///
/// # Errors
/// When it is corrupt, newer than this program, or cannot be opened; it is then left as it was.
pub fn open_store(config: &Config) -> Result<SqliteStore> {
    Ok(SqliteStore::open(&config.database, &codementor_store::Options::default())?)
}

/// Opens the journal of live sessions, a file beside the database.
///
/// # Errors
/// As [`open_store`].
pub fn open_journal(config: &Config) -> Result<SqliteJournal> {
    let path = parts::journal_path(config);
    Ok(SqliteJournal::open(&path, &codementor_store::Options::default())?)
}

fn set_up_github(app: &SharedApp) -> Result<()> {
    let Some(github) = &app.config.github else { return Ok(()) };
    let public_url = app.public_url().map(Url::as_str).unwrap_or_default();
    let settings = GithubConfig {
        base_url: github.base_url.to_string(),
        ..GithubConfig::new(&github.client_id, github.client_secret.clone(), public_url)
    };
    let client =
        Github::new(&settings, app.store.clone(), app.clock.clone()).context("sign-in with GitHub")?;
    let _ = app.github.set(client);
    Ok(())
}

fn tell_state(app: &SharedApp) {
    if let Err(error) = app.judge.available() {
        tracing::error!(%error, "learners' programs will not be judged");
    }
    if !app.page.is_built() {
        tracing::warn!("this program was built without its page");
    }
    if !app.config.guests && app.github.get().is_none() {
        tracing::warn!("nobody can sign in: guests are off and GitHub is not set up");
    }
    let languages = parts::language_names(&*app.judge);
    tracing::info!(challenges = app.catalog.now().iter().count(), languages, "ready");
}
