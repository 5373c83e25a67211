//! The side with the queue: lets workers in and hears what they say.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codementor_core::judging::LanguageInfo;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::frame::{self, Broken};
use super::member::Member;
use super::message::{FromWorker, MAX_ANSWER, MAX_GREETING, State, ToWorker};
use super::pool::{Newcomer, Pool};
use super::{MOST_PLACES, MOST_WORKERS, PROTOCOL, SILENCE, door};

/// Connections at once, with those that have not greeted yet.
const MOST_CONNECTIONS: usize = MOST_WORKERS + 8;
/// The pause after a connection could not be taken: there are too many open files, most likely.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest text of a language or a layer, in bytes.
const MAX_TEXT: usize = 4_096;

/// A pool's socket. Dropping it ends all connections: what runs on workers is killed there.
#[derive(Debug)]
pub struct Listening {
    _bound: door::Bound,
    _tasks: JoinSet<()>,
}

impl Pool {
    /// Lets workers in through a socket in a folder. No other process may listen there.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn listen(self: &Arc<Self>, folder: &Path) -> io::Result<Listening> {
        let (listener, bound) = door::listen(folder)?;
        let pool = Arc::clone(self);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok(_) if connections.len() >= MOST_CONNECTIONS => pool.observer.refused("full"),
                        Ok((stream, _)) => {
                            let pool = Arc::clone(&pool);
                            connections.spawn(async move { attend(&pool, stream).await });
                        }
                        Err(error) => {
                            tracing::warn!(%error, "a judge worker could not be let in");
                            tokio::time::sleep(PAUSE).await;
                        }
                    },
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Ok(Listening { _bound: bound, _tasks: tasks })
    }
}

/// Sees a connection through.
async fn attend(pool: &Arc<Pool>, stream: UnixStream) {
    if !door::is_one_of_us(&stream) {
        tracing::warn!("a process of another user wants to be a judge worker; it is turned away");
        return pool.observer.refused("foreign_user");
    }
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let greeted = match frame::read(&mut reader, MAX_GREETING, Some(SILENCE)).await {
        Ok(first) => greet(pool, first),
        Err(broken) => return refuse(pool, &broken),
    };
    let (answer, let_in) = match greeted {
        Ok(Some(newcomer)) => (ToWorker::Welcome, Some(newcomer)),
        Ok(None) => {
            let (workers, places) = pool.workers();
            (ToWorker::Seen { workers, places }, None)
        }
        Err(Refused { reason, words }) => {
            tracing::warn!(why = words, "a judge worker is not let in");
            pool.observer.refused(reason);
            (ToWorker::Refused(words), None)
        }
    };
    let is_said = say(&mut writer, &answer).await;
    let Some(Newcomer { member, to_say }) = let_in else { return };
    // Whatever ends this task, an abort too, the pool loses the worker.
    let place = Joined { pool, member };
    if is_said.is_err() {
        return;
    }
    tracing::info!(pid = place.member.pid, places = place.member.places, "a judge worker is connected");
    let broken = tokio::select! {
        broken = hear(pool, &place.member, &mut reader) => broken,
        broken = speak(&mut writer, to_say) => broken,
    };
    refuse(pool, &broken);
}

/// A worker that is among the pool's; dropping it takes it out.
struct Joined<'a> {
    pool: &'a Pool,
    member: Arc<Member>,
}

impl Drop for Joined<'_> {
    fn drop(&mut self) {
        let pid = self.member.pid;
        match self.pool.leave(&self.member) {
            0 => tracing::info!(pid, "a judge worker has gone"),
            lost => tracing::warn!(pid, programs = lost, "a judge worker is lost; its programs go elsewhere"),
        }
    }
}

/// Why somebody is not let in.
struct Refused {
    reason: &'static str,
    words: String,
}

impl Refused {
    fn new(reason: &'static str, words: impl Into<String>) -> Self {
        Self { reason, words: words.into() }
    }
}

/// Lets a worker in; `None` is somebody who only looks.
fn greet(pool: &Pool, first: FromWorker) -> Result<Option<Newcomer>, Refused> {
    let (protocol, worker) = match first {
        FromWorker::Look { protocol } => (protocol, None),
        FromWorker::Hello { protocol, pid, places, state } => (protocol, Some((pid, places, state))),
        _ => return Err(Refused::new("garbage", "the first message must be a greeting")),
    };
    if protocol != PROTOCOL {
        let words =
            format!("it speaks version {protocol}, the server {PROTOCOL}; start both from the same program");
        return Err(Refused::new("version", words));
    }
    let Some((pid, places, state)) = worker else { return Ok(None) };
    if !(1..=MOST_PLACES).contains(&places) || !is_sound(&state) {
        return Err(Refused::new("garbage", "what it says of itself makes no sense"));
    }
    let joined = pool.join(pid, places, state);
    joined.map(Some).ok_or_else(|| Refused::new("full", format!("there are {MOST_WORKERS} workers already")))
}

/// Whether what a worker says of itself can be shown to people.
fn is_sound(state: &State) -> bool {
    let is_short = |text: &str| text.len() <= MAX_TEXT;
    let language = |one: &LanguageInfo| is_short(&one.name) && is_short(&one.version);
    state.fault.as_deref().is_none_or(is_short)
        && state.languages.len() <= 64
        && state.languages.iter().all(language)
        && state.protections.len() <= 64
        && state.protections.iter().all(|layer| is_short(&layer.name) && is_short(&layer.note))
}

/// Hears a worker until it is gone.
async fn hear(pool: &Pool, member: &Member, reader: &mut BufReader<OwnedReadHalf>) -> Broken {
    loop {
        let message: FromWorker = match frame::read(reader, MAX_ANSWER, Some(SILENCE)).await {
            Ok(message) => message,
            Err(broken) => return broken,
        };
        let is_leaving = matches!(message, FromWorker::Leaving);
        if let FromWorker::State(state) = &message
            && !is_sound(state)
        {
            return Broken::Garbage("what it says of itself makes no sense".to_owned());
        }
        if let Err(broken) = member.hear(message) {
            return broken;
        }
        if is_leaving {
            tracing::info!(pid = member.pid, "a judge worker leaves");
            pool.count();
        }
    }
}

/// Says what is to be said until the worker takes no more.
async fn speak(writer: &mut OwnedWriteHalf, mut to_say: mpsc::Receiver<Vec<u8>>) -> Broken {
    while let Some(frame) = to_say.recv().await {
        match timeout(SILENCE, writer.write_all(&frame)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Broken::Gone,
            Err(_) => return Broken::Slow,
        }
    }
    Broken::Gone
}

async fn say(writer: &mut OwnedWriteHalf, message: &ToWorker<'_>) -> io::Result<()> {
    let frame = frame::encode(message, MAX_GREETING).map_err(io::Error::other)?;
    timeout(SILENCE, writer.write_all(&frame)).await?
}

/// Counts what was a fault of the other side's.
fn refuse(pool: &Pool, broken: &Broken) {
    if let Some(reason) = broken.reason() {
        tracing::warn!(why = %broken, "the connection of a judge worker is ended");
        pool.observer.refused(reason);
    }
}

/// What the server says of its workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How many are connected.
    pub workers: usize,
    /// How many programs those judge at once.
    pub places: usize,
}

/// Asks the process that listens in a folder for its workers.
///
/// # Errors
/// When there is none, or it does not answer well.
pub async fn look(folder: &Path) -> io::Result<Seen> {
    let (mut reader, mut writer) = door::connect(folder).await?.into_split();
    let asked =
        frame::encode(&FromWorker::Look { protocol: PROTOCOL }, MAX_GREETING).map_err(io::Error::other)?;
    timeout(SILENCE, writer.write_all(&asked)).await??;
    match frame::read(&mut reader, MAX_GREETING, Some(SILENCE)).await.map_err(io::Error::other)? {
        ToWorker::Seen { workers, places } => Ok(Seen { workers, places }),
        ToWorker::Refused(why) => Err(io::Error::other(why)),
        _ => Err(io::Error::other("it answers something else")),
    }
}
