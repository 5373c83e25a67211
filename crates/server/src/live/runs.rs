//! Running and handing in the text of a session, for everybody in it.
//!
//! Handing in counts for several people: under the policy `driver` for the driver and the navigators who are there, under `free` for those
//! drivers and navigators who are there and have written in the text, and always for whoever handed it in. Mentors earn nothing by it
//! unless they hand it in themselves; viewers cannot. Each person earns a challenge's XP once, as everywhere.

mod progress;

use std::sync::Arc;
use std::time::Duration;

use codementor_core::audience::{Audience, SESSION_KEY};
use codementor_core::challenge::{Challenge, Kind, Selection};
use codementor_core::judging::{Checker, Entry, Input, Job, JobTest, StopPolicy};
use codementor_core::live::{LiveSession, Part, Policy};
use codementor_core::ports::NewSubmission;
use codementor_core::submission::{Report, examples};
use codementor_core::{Language, Submission, SubmissionId, User, UserId, Verdict};
use codementor_hub::room::{Announcement, Keep};
use codementor_protocol::session_event::{Earned, RunKind, RunStarted, SessionRunResult};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{LiveError, Place, with_room};
use crate::app::{App, SharedApp};
use crate::grading::Refusal;
use crate::http::problem::ApiError;
use crate::http::sandbox::LIMITS;
use crate::http::submissions::{check_program, check_rate, refused};
use crate::wire;

/// How long a session waits for the verdict of what was handed in.
const WAIT: Duration = Duration::from_secs(120);
/// The most people for whom one solution counts.
const MAX_TOGETHER: usize = 32;
/// The longest standard input, in bytes.
pub const MAX_STDIN: usize = 64 * 1024;

/// What is asked for.
#[derive(Debug, Clone)]
pub enum Wish {
    /// Run it: with the examples of the challenge, or on an input.
    Run(Option<String>),
    /// Hand it in.
    Submit,
}

/// Starts a run of the text as it is now. Everybody in the session hears that it started and how it ended, also when whoever asked goes
/// away in between.
///
/// # Errors
/// When they may not, or it cannot be run at all; nobody hears of it then.
pub async fn start(app: &SharedApp, user: &User, place: &Place, wish: Wish) -> Result<String, ApiError> {
    if place.part == Part::Viewer {
        return Err(LiveError::NotAllowed("Viewers watch; they neither run nor hand in.").into());
    }
    let session = place.session.clone();
    let code = with_room(&app.hub, &session, async |room| room.text().await).await?;
    start_with(app, user, session, wish, code).await
}

async fn start_with(
    app: &SharedApp,
    user: &User,
    session: LiveSession,
    wish: Wish,
    code: String,
) -> Result<String, ApiError> {
    check_program(app, session.language.as_str(), &code)?;
    check_rate(app, user.id)?;
    let challenge = session.challenge_id.as_ref().and_then(|id| app.catalog.get(id));
    let task = match (wish, challenge) {
        (Wish::Submit, Some(challenge)) => Task::Submit(challenge),
        (Wish::Run(stdin), Some(challenge)) => Task::Try(challenge, stdin),
        (Wish::Run(stdin), None) => Task::Execute(stdin.unwrap_or_default()),
        (Wish::Submit, None) => {
            let detail = "This session works on no challenge, so there is nothing to hand it in for.";
            return Err(ApiError::forbidden("no_challenge", detail));
        }
    };
    let run = Run::new(Audience::Session, user, session, task, code);
    let id = run.id.clone();
    run.announce(app, "run-started", &run.started(app)).await?;
    let app = app.clone();
    // A task of its own, which the stop waits for with the sockets: whoever asked may go away.
    let tracker = app.sockets.clone();
    tracker.spawn(async move {
        let result = run.perform(&app).await;
        app.tutor.note(run.session.id, result.verdict);
        if let Err(error) = run.announce(&app, "run-result", &result).await {
            tracing::warn!(%error, session = %run.session.id, "how a run ended could not be told");
        }
    });
    Ok(id)
}

/// Judges a text in this language by all tests of the session's challenge, or runs it on an input; nobody else hears of it and nobody
/// earns anything.
///
/// # Errors
/// When it cannot be run.
pub async fn judge(
    app: &SharedApp,
    user: &User,
    place: &Place,
    language: Language,
    stdin: Option<String>,
    code: String,
) -> Result<SessionRunResult, ApiError> {
    let session = LiveSession { language, ..place.session.clone() };
    check_program(app, session.language.as_str(), &code)?;
    check_rate(app, user.id)?;
    let challenge = session.challenge_id.as_ref().and_then(|id| app.catalog.get(id));
    let task = challenge.map_or_else(|| Task::Execute(stdin.unwrap_or_default()), Task::Judge);
    let run = Run::new(Audience::Person, user, session, task, code);
    match &run.task {
        Task::Judge(challenge) => run.judge(app, challenge).await,
        Task::Execute(stdin) => run.execute(app, stdin.clone()).await,
        Task::Submit(_) | Task::Try(..) => Err(LiveError::Missing.into()),
    }
}

/// What is done with the text.
enum Task {
    /// Handed in.
    Submit(Arc<Challenge>),
    /// Run on the examples, or on an input.
    Try(Arc<Challenge>, Option<String>),
    /// Judged by all tests, for nothing.
    Judge(Arc<Challenge>),
    /// Run without a challenge.
    Execute(String),
}

struct Run {
    id: String,
    user: User,
    session: LiveSession,
    task: Task,
    code: String,
    /// Who hears of it.
    audience: Audience,
}

impl Run {
    fn new(audience: Audience, user: &User, session: LiveSession, task: Task, code: String) -> Self {
        Self { id: Uuid::new_v4().to_string(), user: user.clone(), session, task, code, audience }
    }

    async fn announce(
        &self,
        app: &App,
        kind: &'static str,
        data: &impl serde::Serialize,
    ) -> Result<(), LiveError> {
        let announcement = Announcement::new(Some(self.user.id), kind, data, Keep::Record);
        super::announce(app, &self.session, &announcement).await
    }

    fn kind(&self) -> RunKind {
        match self.task {
            Task::Submit(_) => RunKind::Submit,
            Task::Try(..) | Task::Judge(_) | Task::Execute(_) => RunKind::Run,
        }
    }

    fn started(&self, app: &App) -> RunStarted {
        RunStarted {
            run_id: self.id.clone(),
            kind: self.kind(),
            user_id: self.user.id.to_string(),
            username: self.user.name.to_string(),
            at: app.clock.now().to_rfc3339(),
        }
    }

    async fn perform(&self, app: &SharedApp) -> SessionRunResult {
        let result = tokio::select! {
            result = async {
                match &self.task {
                    Task::Submit(challenge) => self.submit(app, challenge).await,
                    Task::Try(challenge, stdin) => self.run(app, challenge, stdin.as_deref()).await,
                    Task::Judge(challenge) => self.judge(app, challenge).await,
                    Task::Execute(stdin) => self.execute(app, stdin.clone()).await,
                }
            } => result,
            () = app.stopping.cancelled() => Err(ApiError::stopping()),
        };
        result.unwrap_or_else(|error| SessionRunResult {
            error: error.detail().to_owned(),
            ..self.empty(app, Verdict::InternalError)
        })
    }

    fn empty(&self, app: &App, verdict: Verdict) -> SessionRunResult {
        SessionRunResult {
            run_id: self.id.clone(),
            kind: self.kind(),
            user_id: self.user.id.to_string(),
            username: self.user.name.to_string(),
            success: verdict == Verdict::Accepted,
            verdict: wire::verdict(verdict),
            score: None,
            tests: Vec::new(),
            output: String::new(),
            error: String::new(),
            time_ms: 0,
            memory_kb: 0,
            xp: Vec::new(),
            at: app.clock.now().to_rfc3339(),
        }
    }

    fn reported(&self, app: &App, report: &Report, score: Option<u8>) -> SessionRunResult {
        SessionRunResult {
            score,
            tests: report.tests.iter().map(wire::test_report).collect(),
            error: report.compile_output.clone().unwrap_or_default(),
            time_ms: report.time_ms,
            memory_kb: report.memory_kb,
            ..self.empty(app, report.verdict)
        }
    }

    async fn run(
        &self,
        app: &App,
        challenge: &Challenge,
        stdin: Option<&str>,
    ) -> Result<SessionRunResult, ApiError> {
        let own = match (stdin, &challenge.kind) {
            (Some(stdin), Kind::Io) => Some(Input::Stdin(stdin.to_owned())),
            _ => None,
        };
        let selection = own.clone().map_or(Selection::Examples, Selection::Own);
        let job = challenge.job(&self.session.language, &self.code, selection)?;
        let (progress, outcomes) = mpsc::channel(job.tests.len().max(1));
        let told = self.tell_outcomes(app, challenge, own.as_ref(), outcomes);
        let (judgement, ()) =
            tokio::join!(app.grader.run_for(self.audience, self.user.id, "run", job, Some(progress)), told);
        let judgement = judgement.map_err(|refusal| refused(app, refusal))?;
        Ok(match own {
            Some(input) => self.reported(app, &Report::own(&input, &judgement), None),
            None => {
                let report = Report::new(&examples(challenge), &judgement);
                self.reported(app, &report, Some(report.score))
            }
        })
    }

    async fn judge(&self, app: &App, challenge: &Challenge) -> Result<SessionRunResult, ApiError> {
        let job = challenge.job(&self.session.language, &self.code, Selection::All)?;
        let judgement = app.grader.run_for(self.audience, self.user.id, "run", job, None).await;
        let judgement = judgement.map_err(|refusal| refused(app, refusal))?;
        let report = Report::whole(challenge, &judgement);
        Ok(self.reported(app, &report, Some(report.score)))
    }

    async fn execute(&self, app: &App, stdin: String) -> Result<SessionRunResult, ApiError> {
        let job = Job {
            language: self.session.language.clone(),
            source: self.code.clone(),
            entry: Entry::Program,
            tests: vec![JobTest { input: Input::Stdin(stdin), expected: None }],
            limits: LIMITS,
            checker: Checker::Exact,
            stop: StopPolicy::Never,
        };
        let judgement = app.grader.run_for(self.audience, self.user.id, "execute", job, None).await;
        let judgement = judgement.map_err(|refusal| refused(app, refusal))?;
        let told = crate::http::sandbox::result(&judgement);
        Ok(SessionRunResult {
            output: told.output,
            error: told.error,
            time_ms: told.time_ms,
            memory_kb: told.memory_kb,
            ..self.empty(app, judgement.verdict)
        })
    }

    async fn submit(&self, app: &SharedApp, challenge: &Challenge) -> Result<SessionRunResult, ApiError> {
        let others = self.others(app).await?;
        let first = self.submission(app, challenge, self.user.id);
        let id = first.id;
        let rest = others.iter().map(|(user, _)| self.submission(app, challenge, *user)).collect();
        let finished = tokio::select! {
            finished = app.grader.submit_together(first, rest, WAIT) => finished,
            () = self.tell_updates(app, self.user.id, id) => Err(Refusal::Stopping),
        };
        let finished = finished.map_err(|refusal| refused(app, refusal))?;
        let Some(first) = finished.first() else { return Ok(self.empty(app, Verdict::InternalError)) };
        let Some(report) = &first.report else {
            let detail = "The verdict takes long; it will stand among your submissions.";
            return Ok(SessionRunResult {
                error: detail.to_owned(),
                ..self.empty(app, Verdict::InternalError)
            });
        };
        let result = self.reported(app, report, Some(report.score));
        Ok(SessionRunResult { xp: self.earned(&finished, &others), ..result })
    }

    fn earned(&self, finished: &[Submission], others: &[(UserId, String)]) -> Vec<Earned> {
        let name = |user: UserId| {
            let other = others.iter().find(|(id, _)| *id == user);
            other.map_or_else(|| self.user.name.to_string(), |(_, name)| name.clone())
        };
        let accepted = finished
            .iter()
            .filter(|one| one.report.as_ref().is_some_and(|report| report.verdict == Verdict::Accepted));
        accepted
            .map(|one| Earned {
                user_id: one.user_id.to_string(),
                username: name(one.user_id),
                xp_awarded: one.xp_awarded,
            })
            .collect()
    }

    /// For whom it counts besides whoever handed it in.
    async fn others(&self, app: &App) -> Result<Vec<(UserId, String)>, LiveError> {
        let people = with_room(&app.hub, &self.session, async |room| room.people().await).await?;
        let named = app.store.participants(self.session.id).await?;
        Ok(people
            .into_iter()
            .filter(|person| person.user != self.user.id)
            .filter(|person| matches!(person.part, Part::Driver | Part::Navigator))
            .filter(|person| self.session.policy == Policy::Driver || person.has_written)
            .filter_map(|person| {
                let known = named.iter().find(|participant| participant.user_id == person.user)?;
                Some((person.user, known.name.to_string()))
            })
            .take(MAX_TOGETHER)
            .collect())
    }

    fn submission(&self, app: &App, challenge: &Challenge, user: UserId) -> NewSubmission {
        NewSubmission {
            id: SubmissionId::new(),
            user_id: user,
            challenge_id: challenge.id.clone(),
            language: self.session.language.clone(),
            code: self.code.clone(),
            request_key: Some(format!("{SESSION_KEY}{}", self.id)),
            created_at: app.clock.now(),
        }
    }
}
