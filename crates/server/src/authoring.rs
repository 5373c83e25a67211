//! Writing challenges: who may do what, and verifying in the background.
//!
//! A mentor's draft is theirs until it is published; then other mentors see it, and only its author and admins change it. What was
//! imported belongs to the admins. Learners have no part in it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use codementor_catalog::inspect;
use codementor_core::catalogue::{ContentHash, FileSet, MAX_FAULTS, Stage, StoredChallenge, Verification};
use codementor_core::judging::{Job, Judgement, LanguageInfo, Protection, TestOutcome};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Challenge, ChallengeId, Role, User, UserId};
use tokio::sync::mpsc;

use crate::app::SharedApp;
use crate::grading::{Grader, Refusal};

/// Verifications of everybody that are under way or came to no end.
const MAX_RUNNING: usize = 32;
/// Verifications of one person that are under way.
const MAX_OF_PERSON: usize = 2;
/// How long a program waits for its turn when its person or everybody has enough under way.
const PAUSE: Duration = Duration::from_millis(300);

/// What somebody may do with a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Look at all of it, and take it away.
    Read,
    /// Also change, verify, publish, withdraw and remove it.
    Write,
}

/// What this person may do with it. `None`: it looks as if it did not exist.
#[must_use]
pub fn access(user: &User, stored: &StoredChallenge) -> Option<Access> {
    match user.role {
        Role::Admin => Some(Access::Write),
        Role::Mentor if stored.author() == Some(user.id) => Some(Access::Write),
        Role::Mentor if stored.stage != Stage::Draft => Some(Access::Read),
        Role::Mentor | Role::Learner => None,
    }
}

/// The verifications of this process. A restart forgets those under way: nothing was noted, and they can be begun again.
#[derive(Default)]
pub struct Verifier {
    /// Held for an instruction.
    known: Mutex<BTreeMap<ChallengeId, Known>>,
}

/// One verification.
enum Known {
    Running {
        content: ContentHash,
        by: UserId,
        done: Arc<AtomicU32>,
        total: u32,
    },
    /// The judge gave no verdict.
    Broken(String),
}

/// What people are told of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It is under way.
    Running {
        /// Of which content.
        content: ContentHash,
        /// Programs that are judged.
        done: u32,
        /// Programs there are.
        total: u32,
    },
    /// It came to no end, and why.
    Broken(String),
}

/// Why a verification does not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// The challenge is being verified.
    Already,
    /// The person has enough under way.
    Person,
    /// Everybody together has.
    Full,
}

impl Verifier {
    /// How the verification of a challenge goes.
    #[must_use]
    pub fn progress(&self, id: &ChallengeId) -> Option<Progress> {
        Some(match self.lock().get(id)? {
            Known::Running { content, done, total, .. } => {
                Progress::Running { content: *content, done: done.load(Ordering::Relaxed), total: *total }
            }
            Known::Broken(why) => Progress::Broken(why.clone()),
        })
    }

    /// Begins to verify a content in the background.
    ///
    /// # Errors
    /// When too much is under way.
    pub fn begin(&self, app: &SharedApp, by: UserId, work: Work) -> Result<(), Busy> {
        let total = u32::try_from(inspect::programs(&work.challenge)).unwrap_or(u32::MAX);
        let done = Arc::new(AtomicU32::new(0));
        self.enter(by, &work, total, &done)?;
        let app = app.clone();
        tokio::spawn(async move {
            let judge = Queued { grader: app.grader.clone(), judge: app.judge.clone(), by, done };
            let ended = work.run(&app, &judge).await;
            let id = &work.challenge.id;
            match ended {
                Ok(()) => app.verifier.lock().remove(id),
                Err(why) => {
                    tracing::warn!(%why, challenge = %id, "a challenge could not be verified");
                    app.verifier.lock().insert(id.clone(), Known::Broken(why))
                }
            };
        });
        Ok(())
    }

    fn enter(&self, by: UserId, work: &Work, total: u32, done: &Arc<AtomicU32>) -> Result<(), Busy> {
        let mut known = self.lock();
        if matches!(known.get(&work.challenge.id), Some(Known::Running { .. })) {
            return Err(Busy::Already);
        }
        let running = known.values().filter(|known| matches!(known, Known::Running { .. })).count();
        let mine = known
            .values()
            .filter(|known| matches!(known, Known::Running { by: of, .. } if *of == by))
            .count();
        if running >= MAX_RUNNING {
            return Err(Busy::Full);
        }
        if mine >= MAX_OF_PERSON {
            return Err(Busy::Person);
        }
        if known.len() >= 2 * MAX_RUNNING {
            known.retain(|_, known| matches!(known, Known::Running { .. }));
        }
        let running = Known::Running { content: work.content, by, done: done.clone(), total };
        known.insert(work.challenge.id.clone(), running);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ChallengeId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be verified.
pub struct Work {
    /// The challenge that the files are.
    pub challenge: Challenge,
    /// The files.
    pub files: FileSet,
    /// Their hash.
    pub content: ContentHash,
}

impl Work {
    async fn run(&self, app: &SharedApp, judge: &Queued) -> Result<(), String> {
        let mut faults = inspect::inspect(&self.challenge, &self.files, judge).await;
        if let Ok(faults) = &mut faults {
            faults.extend(inspect::thin(&self.challenge));
            faults.truncate(MAX_FAULTS);
        }
        let found = Verification {
            content: self.content,
            at: app.clock.now(),
            judge: inspect::versions(&self.challenge, judge),
            faults: faults.map_err(|error| error.to_string())?,
        };
        let noted = app.store.note_verification(&self.challenge.id, &found).await;
        noted.map_err(|error| error.to_string())?;
        Ok(())
    }
}

/// The judge by way of the fair queue, as a person's programs; counts them.
struct Queued {
    grader: Arc<Grader>,
    judge: Arc<dyn Judge>,
    by: UserId,
    done: Arc<AtomicU32>,
}

#[async_trait]
impl Judge for Queued {
    async fn judge(
        &self,
        job: &Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError> {
        loop {
            match self.grader.run(self.by, "verify", job.clone(), progress.clone()).await {
                Ok(judgement) => {
                    self.done.fetch_add(1, Ordering::Relaxed);
                    return Ok(judgement);
                }
                // They try something else at the same time; there is room again in a moment.
                Err(Refusal::TooMany | Refusal::Full) => tokio::time::sleep(PAUSE).await,
                Err(Refusal::Judge(error)) => return Err(error),
                Err(error @ (Refusal::Store(_) | Refusal::Stopping)) => {
                    return Err(JudgeError::Unavailable(error.to_string()));
                }
            }
        }
    }

    fn languages(&self) -> Vec<LanguageInfo> {
        self.judge.languages()
    }

    fn protections(&self) -> Vec<Protection> {
        self.judge.protections()
    }

    fn available(&self) -> Result<(), JudgeError> {
        self.judge.available()
    }
}
