//! The judge of a process that has workers: itself, where it judges, and whoever is connected.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;
use codementor_core::Language;
use codementor_core::judging::{Job, Judgement, LanguageInfo, Protection, TestOutcome};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::terminal::{Terminal, TerminalRefusal, TerminalRequest};
use tokio::sync::{Notify, mpsc, watch};

use super::losses::{Losses, MOST_LOSSES, key_of};
use super::member::{Ended, Member, Turn, lock};
use super::message::State;
use super::{MOST_WORKERS, Observer};

/// The number of this process among the places; connections count from 1.
const OWN: u64 = 0;

/// A judge made of the judge of this process, where there is one, and of the workers that are connected. A program goes where the
/// largest part of the places is free, among those who have its language.
pub struct Pool {
    own: Option<Own>,
    /// Those who are connected, at most [`MOST_WORKERS`]. Held for a few instructions.
    members: Mutex<Vec<Arc<Member>>>,
    /// The number of the last connection.
    last: AtomicUsize,
    /// How many programs can be judged at once.
    places: watch::Sender<usize>,
    /// Told when a place becomes free or a worker comes or goes.
    freed: Arc<Notify>,
    /// Held for an instruction.
    losses: Mutex<Losses>,
    pub(super) observer: Arc<dyn Observer>,
}

/// A worker that was taken in, and what is to be said to it.
pub(super) struct Newcomer {
    pub(super) member: Arc<Member>,
    pub(super) to_say: mpsc::Receiver<Vec<u8>>,
}

/// The judge of this process.
struct Own {
    judge: Arc<dyn Judge>,
    places: usize,
    busy: AtomicUsize,
}

/// A free place.
enum Place<'a> {
    Own(OwnTurn<'a>),
    Worker(Turn),
}

/// A place of this process's own judge; free again when it is dropped.
struct OwnTurn<'a>(&'a Pool, &'a Own);

impl Drop for OwnTurn<'_> {
    fn drop(&mut self) {
        self.1.busy.fetch_sub(1, Ordering::AcqRel);
        self.0.freed.notify_waiters();
    }
}

/// What a job has been through.
#[derive(Default)]
struct Tried {
    /// Who did not judge it, by number.
    places: Vec<u64>,
    /// What was said last.
    error: Option<JudgeError>,
}

impl Tried {
    fn note(&mut self, place: u64, error: JudgeError) {
        self.places.push(place);
        self.error = Some(error);
    }
}

impl Pool {
    /// A pool of a judge of this process, if it judges, and so many programs of it at once.
    #[must_use]
    pub fn new(own: Option<(Arc<dyn Judge>, usize)>, observer: Arc<dyn Observer>) -> Arc<Self> {
        let own = own.map(|(judge, places)| Own { judge, places, busy: AtomicUsize::new(0) });
        let pool = Arc::new(Self {
            own,
            members: Mutex::default(),
            last: AtomicUsize::new(0),
            places: watch::Sender::new(0),
            freed: Arc::default(),
            losses: Mutex::default(),
            observer,
        });
        pool.count();
        pool
    }

    /// How many programs can be judged at once, as workers come and go.
    #[must_use]
    pub fn places(&self) -> watch::Receiver<usize> {
        self.places.subscribe()
    }

    /// How many workers are connected, and how many programs they judge at once.
    #[must_use]
    pub fn workers(&self) -> (usize, usize) {
        counted(&lock(&self.members))
    }

    /// Takes a worker in; `None` when there are too many.
    pub(super) fn join(&self, pid: u32, places: usize, state: State) -> Option<Newcomer> {
        let mut members = lock(&self.members);
        if members.len() >= MOST_WORKERS {
            return None;
        }
        let number = self.last.fetch_add(1, Ordering::Relaxed) as u64 + 1;
        let (member, to_say) = Member::new(number, pid, places, state, Arc::clone(&self.freed));
        let member = Arc::new(member);
        members.push(Arc::clone(&member));
        drop(members);
        self.count();
        Some(Newcomer { member, to_say })
    }

    /// A worker is gone. Tells how many programs were lost with it.
    pub(super) fn leave(&self, member: &Arc<Member>) -> usize {
        lock(&self.members).retain(|known| !Arc::ptr_eq(known, member));
        let lost = member.lose();
        self.count();
        lost
    }

    /// Counts places and workers anew, after one has come, gone or said that it goes.
    pub(super) fn count(&self) {
        // Told under the lock, so that what is told last is what is true.
        let members = lock(&self.members);
        let (workers, theirs) = counted(&members);
        let places = self.own.as_ref().map_or(0, |own| own.places) + theirs;
        self.places.send_if_modified(|known| std::mem::replace(known, places) != places);
        self.observer.changed(workers, places);
        drop(members);
        self.freed.notify_waiters();
    }

    /// A free place for a job, waiting for one. None when there is nobody who could judge it.
    async fn place(&self, language: &Language, tried: &Tried) -> Result<Place<'_>, JudgeError> {
        loop {
            let mut news = pin!(self.freed.notified());
            // From here on no place becomes free unnoticed.
            news.as_mut().enable();
            if let Some(place) = self.pick(language, tried)? {
                return Ok(place);
            }
            news.await;
        }
    }

    /// The best free place. `None` when there are places and none is free.
    fn pick(&self, language: &Language, tried: &Tried) -> Result<Option<Place<'_>>, JudgeError> {
        let members = lock(&self.members);
        let has = |languages: &[LanguageInfo]| languages.iter().any(|known| known.id == *language);
        let own = self.own.as_ref().filter(|own| {
            !tried.places.contains(&OWN) && own.judge.available().is_ok() && has(&own.judge.languages())
        });
        let fit = |member: &&Arc<Member>| {
            !tried.places.contains(&member.number) && member.is_open() && member.has(language)
        };
        let best = members.iter().filter(fit).map(|member| (member, free(member.busy(), member.places)));
        let best = best.max_by_key(|(_, free)| *free);
        let own = own.map(|own| (own, free(own.busy.load(Ordering::Acquire), own.places)));
        match (own, best) {
            (None, None) => {
                drop(members);
                Err(tried.error.clone().unwrap_or_else(|| self.nobody(language)))
            }
            (Some((own, ours)), theirs) if ours > 0 && theirs.is_none_or(|(_, theirs)| theirs <= ours) => {
                // Only under the lock, so that there are never more than places.
                own.busy.fetch_add(1, Ordering::AcqRel);
                Ok(Some(Place::Own(OwnTurn(self, own))))
            }
            (_, Some((member, _))) => Ok(member.place().map(Place::Worker)),
            (Some(_), None) => Ok(None),
        }
    }

    /// Why nobody can judge a program.
    fn nobody(&self, language: &Language) -> JudgeError {
        self.available().err().unwrap_or_else(|| JudgeError::Language(language.clone()))
    }

    /// Refuses what has cost too many workers.
    fn check_losses(&self, job: &Job) -> Result<(), JudgeError> {
        let now = Instant::now();
        if lock(&self.losses).is_empty(now) {
            return Ok(());
        }
        let key = key_of(job);
        if lock(&self.losses).of(&key, now) < MOST_LOSSES { Ok(()) } else { Err(too_costly()) }
    }

    /// Notes that a job's worker is lost. Tells what to say of it: after too many losses it is not tried again.
    fn note_loss(&self, job: &Job, worker: u64) -> Result<JudgeError, JudgeError> {
        if lock(&self.losses).note(key_of(job), worker, Instant::now()) >= MOST_LOSSES {
            return Err(too_costly());
        }
        Ok(JudgeError::Unavailable("the worker that judged it is gone, and there is no other".to_owned()))
    }

    fn note_end(&self, job: &Job) {
        if !lock(&self.losses).is_empty(Instant::now()) {
            let key = key_of(job);
            lock(&self.losses).forget(&key);
        }
    }
}

/// How many workers take jobs, and how many at once.
fn counted(members: &[Arc<Member>]) -> (usize, usize) {
    let open = members.iter().filter(|member| member.is_open());
    open.fold((0, 0), |(count, places), member| (count + 1, places + member.places))
}

fn too_costly() -> JudgeError {
    JudgeError::Failed(format!("{MOST_LOSSES} workers were lost with this program"))
}

/// How much is free, in parts of a thousand; more than none where a place is.
fn free(busy: usize, places: usize) -> usize {
    places.saturating_sub(busy) * 1_000 / places.max(1)
}

#[async_trait]
impl Judge for Pool {
    async fn judge(
        &self,
        job: &Job,
        mut progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError> {
        self.check_losses(job)?;
        let mut tried = Tried::default();
        loop {
            // Of a second try nobody is told before its end: it would be the same again.
            let told = progress.take();
            match self.place(&job.language, &tried).await? {
                Place::Own(turn) => match turn.1.judge.judge(job, told).await {
                    Err(error @ (JudgeError::Unavailable(_) | JudgeError::Language(_))) => {
                        tried.note(OWN, error)
                    }
                    result => return result,
                },
                Place::Worker(turn) => {
                    let number = turn.member().number;
                    match turn.judge(job, told).await {
                        Ended::Judged(Err(
                            error @ (JudgeError::Unavailable(_) | JudgeError::Language(_)),
                        )) => {
                            tried.note(number, error);
                        }
                        Ended::Judged(result) => {
                            self.note_end(job);
                            return result;
                        }
                        Ended::HandedBack => tried.note(number, stopping()),
                        Ended::Lost => tried.note(number, self.note_loss(job, number)?),
                    }
                }
            }
        }
    }

    fn languages(&self) -> Vec<LanguageInfo> {
        let own = self.own.as_ref().map(|own| own.judge.languages()).unwrap_or_default();
        let members = lock(&self.members).clone();
        let theirs =
            members.iter().filter(|member| member.works()).flat_map(|member| member.state().languages);
        let mut all = BTreeMap::new();
        for language in own.into_iter().chain(theirs) {
            all.entry(language.id.clone()).or_insert(language);
        }
        all.into_values().collect()
    }

    fn protections(&self) -> Vec<Protection> {
        match &self.own {
            Some(own) => own.judge.protections(),
            None => lock(&self.members).first().map(|member| member.state().protections).unwrap_or_default(),
        }
    }

    fn available(&self) -> Result<(), JudgeError> {
        let own = self.own.as_ref().map(|own| own.judge.available());
        let members = lock(&self.members).clone();
        if own == Some(Ok(())) || members.iter().any(|member| member.is_open() && member.works()) {
            return Ok(());
        }
        let theirs = || members.iter().find_map(|member| member.state().fault).map(JudgeError::Unavailable);
        Err(own.and_then(Result::err).or_else(theirs).unwrap_or_else(no_worker))
    }

    async fn terminal(&self, request: TerminalRequest) -> Result<Terminal, TerminalRefusal> {
        match &self.own {
            Some(own) => own.judge.terminal(request).await,
            None => Err(TerminalRefusal::Unsupported),
        }
    }
}

fn no_worker() -> JudgeError {
    let why = "no judge worker is connected; start `codementor worker` with the same data folder";
    JudgeError::Unavailable(why.to_owned())
}

fn stopping() -> JudgeError {
    JudgeError::Unavailable("the worker that judged it stops, and there is no other".to_owned())
}
