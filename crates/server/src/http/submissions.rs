//! Running and handing in solutions.

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use codementor_auth::Identity;
use codementor_core::challenge::{Challenge, JobError, Selection};
use codementor_core::judging::{Input, TestOutcome};
use codementor_core::ports::{NewSubmission, SubmissionFilter};
use codementor_core::submission::{MAX_SOURCE_BYTES, Report, TestReport, examples};
use codementor_core::{Language, Role, Submission, SubmissionId, User, UserId};
use codementor_protocol::common::Page;
use codementor_protocol::event::RunUpdate;
use codementor_protocol::problem::Problem;
use codementor_protocol::submission as wire_submission;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::sync::mpsc;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::challenges::find;
use super::extract::{Json as JsonBody, Path, Query, Signed};
use super::paging;
use super::problem::{ApiError, ApiResult};
use crate::app::{App, SharedApp};
use crate::grading::Refusal;
use crate::offered::Offered;
use crate::wire;

/// How long a submit with `wait=true` waits before it answers 202 all the same.
const WAIT: Duration = Duration::from_secs(60);

/// The routes of this module.
pub fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(run))
        .routes(routes!(submit))
        .routes(routes!(list))
        .routes(routes!(detail))
}

/// Checks a language's name and whether the judge has it, and the size of the code.
pub fn check_program(app: &App, language: &str, code: &str) -> ApiResult<Language> {
    if code.len() > MAX_SOURCE_BYTES {
        let detail = format!("The code is larger than {} KiB.", MAX_SOURCE_BYTES / 1024);
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "code_too_large", detail));
    }
    app.judge.available()?;
    let unknown = || ApiError::invalid("language", "is not installed here").with_code("unknown_language");
    let language: Language = language.parse().map_err(|_| unknown())?;
    if app.judge.languages().iter().any(|known| known.id == language) { Ok(language) } else { Err(unknown()) }
}

/// Checks whether learners may write a challenge in a language here.
fn check_offered(app: &App, challenge: &Challenge, language: &Language) -> ApiResult<()> {
    let is_offered = Offered::by(app.judge.as_ref()).has(challenge, language);
    if is_offered { Ok(()) } else { Err(JobError::Language.into()) }
}

/// Slows down a person who asks for more programs than anybody can read the results of.
pub fn check_rate(app: &App, user: UserId) -> ApiResult<()> {
    app.judge_rate.check(user, Instant::now()).map_err(|retry| {
        app.metrics.reject("judge", "user_rate");
        ApiError::too_many(
            "That is faster than programs can be judged. Please slow down.",
            retry.after.as_secs() + 1,
        )
        .counted()
    })
}

impl From<JobError> for ApiError {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Language => {
                Self::invalid("language", "this challenge is not offered in it").with_code("unknown_language")
            }
            JobError::Input(why) => Self::invalid("input", why),
        }
    }
}

/// Runs code on the examples, or on the learner's own input. Nothing is stored, nothing earned.
#[utoipa::path(post, path = "/api/challenges/{id}/run", tag = "submissions", params(("id" = String, Path, description = "Slug")),
    request_body = wire_submission::RunRequest, responses(
    (status = 200, body = wire_submission::RunResult),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`code_too_large`, `body_too_large`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`unknown_language`, `invalid_request`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_running`, `rate_limited`"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "`judge_unavailable`, `queue_full`"),
))]
async fn run(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<wire_submission::RunRequest>,
) -> ApiResult<Json<wire_submission::RunResult>> {
    let challenge = find(&app, &id)?;
    let language = check_program(&app, &body.language, &body.code)?;
    if body.run_id.as_ref().is_some_and(|id| id.len() > 64) {
        return Err(ApiError::invalid("run_id", "has more than 64 characters"));
    }
    check_offered(&app, &challenge, &language)?;
    check_rate(&app, identity.user.id)?;
    let own = body.input.map(own_input).transpose()?;
    let selection = own.clone().map_or(Selection::Examples, Selection::Own);
    let job = challenge.job(&language, &body.code, selection)?;
    let total = job.tests.len();
    let (progress, outcomes) = body.run_id.as_ref().map(|_| mpsc::channel(total.max(1))).unzip();
    let announce =
        announce(&app, &identity, &challenge, own.as_ref(), body.run_id.as_deref(), outcomes, total);
    let (judgement, ()) = tokio::join!(app.grader.run(identity.user.id, "run", job, progress), announce);
    let judgement = judgement.map_err(|refusal| refused(&app, refusal))?;
    let report = match &own {
        Some(input) => Report::own(input, &judgement),
        None => Report::new(&examples(&challenge), &judgement),
    };
    Ok(Json(wire::run_result(&report)))
}

fn own_input(input: wire_submission::OwnInput) -> ApiResult<Input> {
    match (input.args, input.stdin) {
        (Some(args), None) => Ok(Input::Args(args)),
        (None, Some(stdin)) => Ok(Input::Stdin(stdin)),
        _ => Err(ApiError::invalid("input", "needs either `args` or `stdin`")),
    }
}

async fn announce(
    app: &App,
    identity: &Identity,
    challenge: &Challenge,
    own: Option<&Input>,
    run_id: Option<&str>,
    outcomes: Option<mpsc::Receiver<TestOutcome>>,
    total: usize,
) {
    let (Some(run_id), Some(mut outcomes)) = (run_id, outcomes) else { return };
    let shown = examples(challenge);
    let mut tests_done = 0;
    while let Some(outcome) = outcomes.recv().await {
        tests_done += 1;
        let report = match (own, shown.get(outcome.index)) {
            (Some(input), _) => TestReport::own(input, &outcome),
            (None, Some(test)) => TestReport::new(test, &outcome, 0),
            (None, None) => continue,
        };
        let update = RunUpdate {
            run_id: run_id.to_owned(),
            test: wire::test_report(&report),
            tests_done,
            total_tests: u32::try_from(total).unwrap_or(u32::MAX),
        };
        if let Ok(data) = serde_json::to_value(&update) {
            app.events.publish(identity.user.id, "run-update", data).await;
        }
    }
}

/// Hands a solution in. With the header `idempotency-key`, the same request again answers the same submission.
#[utoipa::path(post, path = "/api/challenges/{id}/submit", tag = "submissions",
    params(("id" = String, Path, description = "Slug"), wire_submission::SubmitQuery,
        ("idempotency-key" = Option<String>, Header, description = "At most 64 visible ASCII characters")),
    request_body = wire_submission::SubmitRequest, responses(
    (status = 202, body = wire_submission::SubmissionAccepted, description = "Queued; `location` names it"),
    (status = 200, body = wire_submission::Submission, description = "With `wait=true`: finished"),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`code_too_large`, `body_too_large`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`unknown_language`, `invalid_request`, `idempotency_key_reused`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_running`, `rate_limited`"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "`judge_unavailable`, `queue_full`, `database_unavailable`"),
))]
async fn submit(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    Query(query): Query<wire_submission::SubmitQuery>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<wire_submission::SubmitRequest>,
) -> ApiResult<Response> {
    let challenge = find(&app, &id)?;
    let language = check_program(&app, &body.language, &body.code)?;
    check_offered(&app, &challenge, &language)?;
    check_rate(&app, identity.user.id)?;
    let new = NewSubmission {
        id: SubmissionId::new(),
        user_id: identity.user.id,
        challenge_id: challenge.id.clone(),
        language,
        code: body.code,
        request_key: request_key(&headers)?,
        created_at: app.clock.now(),
    };
    let submission = app.grader.submit(new.clone()).await.map_err(|refusal| refused(&app, refusal))?;
    check_same(&new, &submission)?;
    if query.wait == Some(true) && wait(&app, submission.id).await? {
        let finished = app.store.submission(submission.id).await?.ok_or_else(ApiError::not_found)?;
        return Ok(Json(on_wire(&app, &finished)).into_response());
    }
    let location = HeaderValue::try_from(format!("/api/submissions/{}", submission.id))
        .map_err(|e| ApiError::internal(&e))?;
    let body = wire_submission::SubmissionAccepted { submission_id: submission.id.to_string() };
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(body)).into_response())
}

/// Counts and tells why the grader did not take a program.
pub fn refused(app: &App, refusal: Refusal) -> ApiError {
    let reason = match &refusal {
        Refusal::TooMany => "too_many_running",
        Refusal::Full => "queue_full",
        // Nobody was turned away for what they did.
        _ => return refusal.into(),
    };
    app.metrics.reject("judge", reason);
    ApiError::from(refusal).counted()
}

/// A key names one request: what was handed in under it before must be what is handed in now.
fn check_same(asked: &NewSubmission, answered: &Submission) -> ApiResult<()> {
    let same = answered.challenge_id == asked.challenge_id
        && answered.language == asked.language
        && answered.code == asked.code;
    if same {
        return Ok(());
    }
    let detail = "This idempotency key was used for another solution. Please use a new one.";
    Err(ApiError::invalid("idempotency-key", detail).with_code("idempotency_key_reused"))
}

/// Waits for a submission's end; a stopping server waits no longer, its next start goes on with the submission.
async fn wait(app: &App, id: SubmissionId) -> ApiResult<bool> {
    // Who finds no place among the waiting asks again by the submission's id.
    let Ok(_place) = app.waiting.try_acquire() else { return Ok(false) };
    tokio::select! {
        done = app.grader.wait(id, WAIT) => Ok(done?),
        () = app.stopping.cancelled() => Ok(false),
    }
}

fn request_key(headers: &HeaderMap) -> ApiResult<Option<String>> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().unwrap_or_default();
    if (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(Some(key.to_owned()))
    } else {
        Err(ApiError::invalid("idempotency-key", "needs 1 to 64 visible ASCII characters"))
    }
}

fn on_wire(app: &App, submission: &Submission) -> wire_submission::Submission {
    let total = app.catalog.get(&submission.challenge_id).map_or(0, |challenge| challenge.tests.len());
    wire::submission(submission, u32::try_from(total).unwrap_or(u32::MAX))
}

/// A submission: one's own, for mentors a learner's, for admins anybody's. Everybody else's look like missing ones.
#[utoipa::path(get, path = "/api/submissions/{id}", operation_id = "get_submission", tag = "submissions", params(("id" = String, Path, description = "Its id")), responses(
    (status = 200, body = wire_submission::Submission),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn detail(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_submission::Submission>> {
    let id: SubmissionId = id.parse().map_err(|_| ApiError::not_found())?;
    let submission = app.store.submission(id).await?.ok_or_else(ApiError::not_found)?;
    if submission.user_id != identity.user.id {
        let owner = app.store.user(submission.user_id).await?.ok_or_else(ApiError::not_found)?;
        check_sight(&identity.user, &owner)?;
    }
    Ok(Json(on_wire(&app, &submission)))
}

/// One's own submissions, newest first; by `username` for mentors a learner's, for admins anybody's.
#[utoipa::path(get, path = "/api/submissions", operation_id = "list_submissions", tag = "submissions", params(wire_submission::SubmissionQuery), responses(
    (status = 200, body = Page<wire_submission::Submission>),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`: no such person, or not yours to see"),
))]
async fn list(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Query(query): Query<wire_submission::SubmissionQuery>,
) -> ApiResult<Json<Page<wire_submission::Submission>>> {
    let limit = paging::limit(query.limit, 20)?;
    let challenge_id =
        query.challenge_id.map(|id| id.parse().map_err(|_| ApiError::not_found())).transpose()?;
    let invalid = || ApiError::invalid("cursor", "is not one of ours");
    let before = query.cursor.map(|cursor| cursor.parse().map_err(|_| invalid())).transpose()?;
    let user_id = whose(&app, &identity, query.username.as_deref()).await?;
    // One more than wanted tells whether there is a next page.
    let filter = SubmissionFilter { user_id, challenge_id, before, limit: limit + 1 };
    let mut found = app.store.submissions(&filter).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_cursor = found.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Json(Page { items: found.iter().map(|submission| on_wire(&app, submission)).collect(), next_cursor }))
}

async fn whose(app: &App, identity: &Identity, name: Option<&str>) -> ApiResult<UserId> {
    let Some(name) = name else { return Ok(identity.user.id) };
    let user = super::users::find(app, name).await?;
    check_sight(&identity.user, &user)?;
    Ok(user.id)
}

/// Whose code somebody may read. What they may not looks like what does not exist.
fn check_sight(asker: &User, owner: &User) -> ApiResult<()> {
    let may = match asker.role {
        Role::Admin => true,
        Role::Mentor => owner.role == Role::Learner,
        Role::Learner => false,
    };
    if may || asker.id == owner.id { Ok(()) } else { Err(ApiError::not_found()) }
}
