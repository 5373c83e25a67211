//! The worker's side: connects, judges what it is given, goes when it is told to.

use std::collections::HashMap;
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codementor_core::judging::Job;
use codementor_core::ports::{Judge, JudgeError};
use futures_util::FutureExt;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::frame::{self, Broken};
use super::message::{FromWorker, MAX_ANSWER, MAX_GREETING, MAX_JOB, State, ToWorker};
use super::{BEAT, MOST_PLACES, PROTOCOL, SILENCE, door};
use crate::job::TESTS_LIMIT;

/// The first pause before connecting again; it doubles, up to the longest one.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The pause after the server did not let it in: somebody has to do something first.
const REFUSED_PAUSE: Duration = Duration::from_secs(10);
/// What waits to be said to the server, besides what runs wait to say.
const OUTBOX: usize = 64;
/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// A judge that works for another process.
pub struct Worker {
    judge: Arc<dyn Judge>,
    places: usize,
    folder: PathBuf,
    grace: Duration,
}

/// Why a connection has ended.
enum End {
    /// There is nobody, or not any more, and why.
    NoServer(String),
    /// The server does not let it in, and why.
    Refused(String),
    /// The worker is to stop, and has.
    Stopped,
}

impl Worker {
    /// A worker that judges `places` programs at once for the process with this data folder. When it is to stop, what runs may take
    /// `grace`; then it is handed back.
    #[must_use]
    pub fn new(judge: Arc<dyn Judge>, places: usize, folder: &Path, grace: Duration) -> Self {
        Self { judge, places: places.clamp(1, MOST_PLACES), folder: folder.to_owned(), grace }
    }

    /// Works until it is to stop, for one server after the other.
    pub async fn work(&self, stop: &CancellationToken) {
        let (mut pause, mut said) = (PAUSE, String::new());
        loop {
            let began = Instant::now();
            let end = tokio::select! {
                biased;
                // Only while there is no server: a connection sees to its own end.
                () = stop.cancelled() => return,
                connected = self.connect() => match connected {
                    Ok((reader, writer)) => self.serve(reader, writer, stop).await,
                    Err(end) => end,
                },
            };
            if began.elapsed() > SILENCE {
                (pause, said) = (PAUSE, String::new());
            }
            let wait = match end {
                End::Stopped => return,
                End::NoServer(why) => {
                    // Once, not every second.
                    if said != why {
                        tracing::info!(why, folder = %self.folder.display(), "waiting for the server");
                        said = why;
                    }
                    pause
                }
                End::Refused(why) => {
                    tracing::error!(why, "this worker and the server do not get together; trying again");
                    REFUSED_PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self) -> Result<(BufReader<OwnedReadHalf>, OwnedWriteHalf), End> {
        let nobody = |error: io::Error| End::NoServer(error.to_string());
        let stream: UnixStream = door::connect(&self.folder).await.map_err(nobody)?;
        if !door::is_one_of_us(&stream) {
            return Err(End::Refused("another user listens there".to_owned()));
        }
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let hello = FromWorker::Hello {
            protocol: PROTOCOL,
            pid: std::process::id(),
            places: self.places,
            state: State::of(&*self.judge),
        };
        let hello = frame::encode(&hello, MAX_GREETING).map_err(End::Refused)?;
        // One that does not take it says why, or has gone.
        let _ = timeout(SILENCE, writer.write_all(&hello)).await;
        match frame::read(&mut reader, MAX_GREETING, Some(SILENCE)).await {
            Ok(ToWorker::Welcome) => Ok((reader, writer)),
            Ok(ToWorker::Refused(why)) => Err(End::Refused(why)),
            Ok(_) => Err(End::Refused("it answers something else".to_owned())),
            Err(broken) => Err(End::NoServer(broken.to_string())),
        }
    }

    /// Works for a server until one of both goes.
    async fn serve(
        &self,
        reader: BufReader<OwnedReadHalf>,
        writer: OwnedWriteHalf,
        stop: &CancellationToken,
    ) -> End {
        tracing::info!(places = self.places, "connected to the server");
        let (outbox, to_say) = mpsc::channel(OUTBOX);
        let (heard, mut inbox) = mpsc::channel(1);
        // Both end with this connection.
        let mut halves = JoinSet::new();
        halves.spawn(listen(reader, heard));
        let mut speaking = JoinSet::new();
        speaking.spawn(speak(writer, to_say));
        let mut desk = Desk::new(self, outbox);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled(), if desk.going == Going::No => desk.leave(self.grace).await,
                () = desk.going.time_is_up() => desk.hand_back(),
                Some(ended) = desk.jobs.join_next() => desk.forget(ended.ok()),
                heard = inbox.recv() => match heard {
                    Some(Ok(message)) => desk.take(message).await,
                    Some(Err(broken)) => return desk.lost(&broken),
                    None => return desk.lost(&Broken::Gone),
                },
                _ = beat.tick() => desk.beat(),
            }
            if desk.is_cleared() {
                drop(desk);
                let _ = timeout(FAREWELL, speaking.join_next()).await;
                return End::Stopped;
            }
        }
    }
}

/// How far a worker has come with going.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Going {
    /// It stays.
    No,
    /// It has said so. What runs may take until then.
    Until(Instant),
    /// The server has said that no more will come.
    Dismissed(Instant),
    /// What ran longer is handed back.
    Over,
}

impl Going {
    async fn time_is_up(self) {
        match self {
            Self::Until(at) | Self::Dismissed(at) => sleep_until(at).await,
            Self::No | Self::Over => std::future::pending().await,
        }
    }
}

/// What a worker has to do for one server. Dropping it kills what runs.
struct Desk<'a> {
    worker: &'a Worker,
    outbox: mpsc::Sender<Vec<u8>>,
    /// Each tells its number when it has ended.
    jobs: JoinSet<u64>,
    /// What ends each job before its time.
    running: HashMap<u64, CancellationToken>,
    /// What the server was told last.
    state: State,
    going: Going,
}

impl<'a> Desk<'a> {
    fn new(worker: &'a Worker, outbox: mpsc::Sender<Vec<u8>>) -> Self {
        let state = State::of(&*worker.judge);
        Self { worker, outbox, jobs: JoinSet::new(), running: HashMap::new(), state, going: Going::No }
    }

    async fn say(&self, message: FromWorker) {
        say(&self.outbox, &message).await;
    }

    /// Says that it lives, or what has changed. When there is no room for it, there is no need: enough else is being said.
    fn beat(&mut self) {
        let state = State::of(&*self.worker.judge);
        let message = if state == self.state { FromWorker::Beat } else { FromWorker::State(state.clone()) };
        if let Ok(frame) = frame::encode(&message, MAX_GREETING)
            && self.outbox.try_send(frame).is_ok()
        {
            self.state = state;
        }
    }

    async fn take(&mut self, message: ToWorker<'static>) {
        match message {
            ToWorker::Job { id, .. }
                if self.going != Going::No || self.running.len() >= self.worker.places =>
            {
                self.say(FromWorker::HandedBack { id }).await;
            }
            ToWorker::Job { id, with_progress, job } => {
                let cancel = CancellationToken::new();
                self.running.insert(id, cancel.clone());
                let (judge, outbox) = (Arc::clone(&self.worker.judge), self.outbox.clone());
                let job = job.into_owned();
                self.jobs.spawn(async move {
                    perform(&*judge, id, &job, with_progress, &cancel, &outbox).await;
                    id
                });
            }
            ToWorker::Cancel { id } => {
                if let Some(cancel) = self.running.get(&id) {
                    cancel.cancel();
                }
            }
            ToWorker::Farewell => {
                if let Going::Until(at) = self.going {
                    self.going = Going::Dismissed(at);
                }
            }
            ToWorker::Welcome | ToWorker::Refused(_) | ToWorker::Seen { .. } => {
                tracing::warn!("the server says something that makes no sense here");
            }
        }
    }

    fn forget(&mut self, id: Option<u64>) {
        if let Some(id) = id {
            self.running.remove(&id);
        }
    }

    async fn leave(&mut self, grace: Duration) {
        self.going = Going::Until(Instant::now() + grace);
        self.say(FromWorker::Leaving).await;
    }

    fn hand_back(&mut self) {
        self.going = Going::Over;
        self.running.values().for_each(CancellationToken::cancel);
    }

    /// Whether it may go: nothing runs, and nothing more comes or is waited for.
    fn is_cleared(&self) -> bool {
        self.jobs.is_empty() && matches!(self.going, Going::Dismissed(_) | Going::Over)
    }

    fn lost(&self, broken: &Broken) -> End {
        if !self.running.is_empty() {
            tracing::warn!(programs = self.running.len(), "the server is gone; what ran for it is ended");
        }
        End::NoServer(broken.to_string())
    }
}

/// Judges one job and says what comes of it, whatever happens.
async fn perform(
    judge: &dyn Judge,
    id: u64,
    job: &Job,
    with_progress: bool,
    cancel: &CancellationToken,
    outbox: &mpsc::Sender<Vec<u8>>,
) {
    // Of a file of tests nobody knows before how many there are.
    let room = if job.tests.is_empty() { TESTS_LIMIT } else { job.tests.len() };
    let (progress, mut outcomes) = mpsc::channel(room);
    let telling = async {
        while let Some(outcome) = outcomes.recv().await {
            say(outbox, &FromWorker::Outcome { id, outcome }).await;
        }
    };
    let judging = AssertUnwindSafe(judge.judge(job, with_progress.then_some(progress))).catch_unwind();
    let ended = tokio::select! {
        biased;
        () = cancel.cancelled() => FromWorker::HandedBack { id },
        (result, ()) = async { tokio::join!(judging, telling) } => {
            let panicked = |_| Err(JudgeError::Failed("the worker panicked; its log has the reason".to_owned()));
            FromWorker::Done { id, result: result.unwrap_or_else(panicked) }
        }
    };
    say(outbox, &ended).await;
}

/// Has something said. What is too long to be said is a failure of its job.
async fn say(outbox: &mpsc::Sender<Vec<u8>>, message: &FromWorker) {
    let frame = match (frame::encode(message, MAX_ANSWER), message) {
        (Ok(frame), _) => Some(frame),
        (Err(why), FromWorker::Done { id, .. }) => {
            let result = Err(JudgeError::Failed(format!("the judgement is too large: {why}")));
            frame::encode(&FromWorker::Done { id: *id, result }, MAX_ANSWER).ok()
        }
        // Of one outcome less nobody is told before the end.
        (Err(_), _) => None,
    };
    if let Some(frame) = frame {
        // With the connection nobody is there to hear it.
        let _ = outbox.send(frame).await;
    }
}

async fn listen(
    mut reader: BufReader<OwnedReadHalf>,
    heard: mpsc::Sender<Result<ToWorker<'static>, Broken>>,
) {
    loop {
        let message = frame::read(&mut reader, MAX_JOB, None).await;
        let is_last = message.is_err();
        if heard.send(message).await.is_err() || is_last {
            return;
        }
    }
}

async fn speak(mut writer: OwnedWriteHalf, mut to_say: mpsc::Receiver<Vec<u8>>) {
    while let Some(frame) = to_say.recv().await {
        if writer.write_all(&frame).await.is_err() {
            return;
        }
    }
    // The other side hears that this was all.
    let _ = writer.shutdown().await;
}
