//! Writing challenges over REST: for mentors and admins.

mod archives;
mod offering;
mod wire;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Request, State};
use codementor_auth::Identity;
use codementor_catalog::{Template, inspect, template};
use codementor_core::catalogue::{
    FileSet, FileSetError, Listing, Origin, Removed, Save, Saved, StoredChallenge, is_reserved,
};
use codementor_core::{ChallengeId, Role, User};
use codementor_protocol::authoring as wire_authoring;
use codementor_protocol::challenge as wire_challenge;
use codementor_protocol::common::Page;
use codementor_protocol::problem::Problem;
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::{Json as JsonBody, Path, Query, Signed, parse, read_body_of};
use super::paging;
use super::problem::{ApiError, ApiResult};
use crate::app::{App, SharedApp};
use crate::authoring::{Access, Progress, access};
use crate::offered::Offered;
use crate::wire as wires;

/// The largest change in bytes: a file of 1 MiB, written as JSON, and others beside it.
const MAX_CHANGE: u64 = 4 * 1024 * 1024;
/// The longest a change may take to arrive.
const CHANGE_LIMIT: Duration = Duration::from_secs(30);

/// The routes of this module.
pub fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(detail, change, remove))
        .routes(routes!(state))
        .routes(routes!(preview))
        .merge(offering::routes())
        .merge(archives::routes())
}

/// Everybody else is told so before anything is looked up.
fn check_role(user: &User) -> ApiResult<()> {
    if user.role >= Role::Mentor {
        return Ok(());
    }
    Err(ApiError::forbidden("mentors_only", "Challenges are written by mentors and admins."))
}

fn check_rate(app: &App, identity: &Identity) -> ApiResult<()> {
    app.authoring_rate.check(identity.user.id, Instant::now()).map_err(|retry| {
        ApiError::too_many("That is a lot of changes. Please slow down.", retry.after.as_secs() + 1)
    })
}

/// A challenge as somebody sees it.
struct Seen {
    stored: StoredChallenge,
    /// Looked at before the store was: whoever reads that a verification is over reads what it found, too.
    progress: Option<Progress>,
}

impl Seen {
    /// After a change: what was verified before says nothing of it any more.
    fn done(stored: StoredChallenge) -> Self {
        Self { stored, progress: None }
    }
}

/// A challenge that this person may see.
async fn seen(app: &App, user: &User, id: &str) -> ApiResult<(Seen, Access)> {
    check_role(user)?;
    let id: ChallengeId = id.parse().map_err(|_| ApiError::not_found())?;
    let progress = app.verifier.progress(&id);
    let stored = app.store.stored_challenge(&id).await?.ok_or_else(ApiError::not_found)?;
    let access = access(user, &stored).ok_or_else(ApiError::not_found)?;
    Ok((Seen { stored, progress }, access))
}

/// A challenge that this person may change.
async fn mine(app: &App, user: &User, id: &str) -> ApiResult<StoredChallenge> {
    match seen(app, user, id).await? {
        (seen, Access::Write) => Ok(seen.stored),
        (_, Access::Read) => {
            Err(ApiError::forbidden("not_yours", "Only its author and admins change this challenge."))
        }
    }
}

async fn files(app: &App, stored: &StoredChallenge) -> ApiResult<FileSet> {
    // Gone only when somebody saved in this moment.
    app.store.challenge_files(&stored.content).await?.ok_or_else(|| conflict(stored))
}

fn conflict(stored: &StoredChallenge) -> ApiError {
    let detail = format!("This challenge was changed meanwhile: it is at revision {} now.", stored.revision);
    ApiError::new(StatusCode::CONFLICT, "revision_conflict", detail)
}

fn unfit(error: &FileSetError) -> ApiError {
    ApiError::invalid("files", error.to_string()).with_code("file_refused")
}

/// The challenges that did not come with the program: mentors see their own and what was published, admins all.
#[utoipa::path(get, path = "/api/authoring/challenges", operation_id = "list_authored", tag = "authoring", params(wire_authoring::AuthoringQuery), responses(
    (status = 200, body = Page<wire_authoring::AuthoredSummary>),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`"),
))]
async fn list(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Query(query): Query<wire_authoring::AuthoringQuery>,
) -> ApiResult<Json<Page<wire_authoring::AuthoredSummary>>> {
    check_role(&identity.user)?;
    let limit = paging::limit(query.limit, 50)?;
    let after = query.cursor.map(|cursor| cursor.parse()).transpose();
    let after = after.map_err(|_| ApiError::invalid("cursor", "is not one of ours"))?;
    let seen_by = (identity.user.role != Role::Admin).then_some(identity.user.id);
    let mut found = app.store.stored_challenges(&Listing { seen_by, after, limit: limit + 1 }).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_cursor = found.last().filter(|_| more).map(|last| last.id.to_string());
    let items = wire::summaries(&app, &identity.user, &found).await?;
    Ok(Json(Page { items, next_cursor }))
}

/// Begins a challenge: a draft that is a small, whole challenge.
#[utoipa::path(post, path = "/api/authoring/challenges", operation_id = "create_authored", tag = "authoring", request_body = wire_authoring::NewChallenge, responses(
    (status = 201, body = wire_authoring::AuthoredChallenge),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`id_taken`, `too_many_challenges`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_request`"),
))]
async fn create(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    JsonBody(body): JsonBody<wire_authoring::NewChallenge>,
) -> ApiResult<(StatusCode, Json<wire_authoring::AuthoredChallenge>)> {
    check_role(&identity.user)?;
    let id = new_id(&app, &body.id)?;
    let title = body.title.trim();
    if !(1..=80).contains(&title.chars().count()) || title.contains(char::is_control) {
        return Err(ApiError::invalid("title", "needs 1 to 80 characters"));
    }
    let kind = match body.template {
        wire_authoring::Template::Function => Template::Function,
        wire_authoring::Template::Io => Template::Io,
    };
    let files = template(kind, title, identity.user.name.as_str());
    let stored = save(&app, &identity, id, 0, files).await?;
    Ok((StatusCode::CREATED, Json(wire::whole(&app, &identity.user, &Seen::done(stored)).await?)))
}

fn new_id(app: &App, id: &str) -> ApiResult<ChallengeId> {
    let rule = "must be a-z, 0-9 and single inner hyphens, 2 to 64 characters";
    let id: ChallengeId = id.parse().map_err(|_| ApiError::invalid("id", rule))?;
    if is_reserved(&id) {
        return Err(ApiError::invalid("id", "has a meaning of its own"));
    }
    // Those that came with the program are always on offer; the store knows of all others.
    if app.catalog.get(&id).is_some() { Err(taken()) } else { Ok(id) }
}

fn taken() -> ApiError {
    ApiError::new(StatusCode::CONFLICT, "id_taken", "There is a challenge of this id already.")
}

/// Keeps a content as this person's. Revision 0: a new challenge.
async fn save(
    app: &App,
    identity: &Identity,
    id: ChallengeId,
    revision: u64,
    files: FileSet,
) -> ApiResult<StoredChallenge> {
    check_rate(app, identity)?;
    let user = identity.user.id;
    let title = inspect::title(&id, &files);
    let (origin, at) = (Origin::Authored(user), app.clock.now());
    let save = Save { id, revision, title, files, origin, by: Some(user), at };
    match app.store.save_challenge(&save).await? {
        Saved::Done(stored) => Ok(stored),
        Saved::Conflict(_) if revision == 0 => Err(taken()),
        Saved::Conflict(stored) => Err(conflict(&stored)),
        Saved::Missing => Err(ApiError::not_found()),
        Saved::Full => {
            let detail = "There is no room for more challenges; remove drafts that nobody needs.";
            Err(ApiError::new(StatusCode::CONFLICT, "too_many_challenges", detail))
        }
    }
}

/// A challenge with all its files, for who may see them.
#[utoipa::path(get, path = "/api/authoring/challenges/{id}", operation_id = "get_authored", tag = "authoring", params(("id" = String, Path, description = "Slug")), responses(
    (status = 200, body = wire_authoring::AuthoredChallenge),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`: also somebody else's draft"),
))]
async fn detail(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_authoring::AuthoredChallenge>> {
    let (seen, _) = seen(&app, &identity.user, &id).await?;
    Ok(Json(wire::whole(&app, &identity.user, &seen).await?))
}

/// How a challenge stands, without its files: what to ask while it is being verified.
#[utoipa::path(get, path = "/api/authoring/challenges/{id}/state", operation_id = "get_authored_state", tag = "authoring", params(("id" = String, Path, description = "Slug")), responses(
    (status = 200, body = wire_authoring::AuthoredState),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn state(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_authoring::AuthoredState>> {
    let (seen, _) = seen(&app, &identity.user, &id).await?;
    Ok(Json(wire::state(&app, &identity.user, &seen).await?))
}

/// Changes files of the working copy. What learners see stays until it is published anew.
#[utoipa::path(patch, path = "/api/authoring/challenges/{id}", operation_id = "change_authored", tag = "authoring", params(("id" = String, Path, description = "Slug")), request_body = wire_authoring::ChangeFiles, responses(
    (status = 200, body = wire_authoring::AuthoredState),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`, `not_yours`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`revision_conflict`: somebody else saved meanwhile; nothing was kept"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`body_too_large`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`file_refused`: a path or size that no challenge may have"),
))]
async fn change(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    request: Request,
) -> ApiResult<Json<wire_authoring::AuthoredState>> {
    let stored = mine(&app, &identity.user, &id).await?;
    let body = read_body_of(request, MAX_CHANGE, CHANGE_LIMIT).await?;
    let body: wire_authoring::ChangeFiles = parse(&body)?;
    if body.revision != stored.revision {
        return Err(conflict(&stored));
    }
    let mut files = files(&app, &stored).await?;
    for path in &body.remove {
        files.remove(path);
    }
    for (path, text) in body.put {
        files.insert(&path, text).map_err(|error| unfit(&error))?;
    }
    let stored = save(&app, &identity, stored.id, body.revision, files).await?;
    Ok(Json(wire::state(&app, &identity.user, &Seen::done(stored)).await?))
}

/// Removes a draft that was never published. Others can be withdrawn.
#[utoipa::path(delete, path = "/api/authoring/challenges/{id}", operation_id = "remove_authored", tag = "authoring",
    params(("id" = String, Path, description = "Slug"), wire_authoring::RevisionQuery), responses(
    (status = 204, description = "It is gone"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`, `not_yours`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`revision_conflict`, `was_published`"),
))]
async fn remove(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    Query(query): Query<wire_authoring::RevisionQuery>,
) -> ApiResult<StatusCode> {
    let stored = mine(&app, &identity.user, &id).await?;
    match app.store.remove_challenge(&stored.id, query.revision).await? {
        Removed::Done => Ok(StatusCode::NO_CONTENT),
        Removed::Missing => Err(ApiError::not_found()),
        Removed::Conflict if stored.revision != query.revision => Err(conflict(&stored)),
        Removed::Conflict => {
            let detail = "It was published once, and submissions name it: withdraw it instead.";
            Err(ApiError::new(StatusCode::CONFLICT, "was_published", detail))
        }
    }
}

/// The working copy as learners would see it.
#[utoipa::path(get, path = "/api/authoring/challenges/{id}/preview", operation_id = "preview_authored", tag = "authoring", params(("id" = String, Path, description = "Slug")), responses(
    (status = 200, body = wire_challenge::ChallengeDetail),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`no_challenge`: the files are none yet; `errors` names the file"),
))]
async fn preview(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_challenge::ChallengeDetail>> {
    let (Seen { stored, .. }, _) = seen(&app, &identity.user, &id).await?;
    let files = files(&app, &stored).await?;
    let challenge = understood(stored.id, Arc::new(files)).await?;
    let offered = Offered::by(app.judge.as_ref());
    Ok(Json(wires::challenge_detail(&challenge, &offered, wire_challenge::Status::Todo)))
}

/// The challenge that the files are.
async fn understood(id: ChallengeId, files: Arc<FileSet>) -> ApiResult<codementor_core::Challenge> {
    let read = tokio::task::spawn_blocking(move || inspect::read(&id, &files)).await;
    read.map_err(|error| ApiError::internal(&error))?
        .map_err(|fault| ApiError::invalid(&fault.file, fault.message).with_code("no_challenge"))
}
