//! Recordings over REST.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use codementor_core::live::Recording as Recorded;
use codementor_hub::replay::Recording;
use codementor_hub::replay::file::{self, FileError, MAX_PACKED};
use codementor_protocol::problem::Problem;
use codementor_protocol::replay as wire_replay;
use codementor_protocol::{session as wire_session, session_event};
use http::{HeaderValue, StatusCode, header};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::super::extract::{Json as JsonBody, Path, Query, Signed, read_body_of};
use super::super::problem::{ApiError, ApiResult};
use super::place;
use crate::app::{App, SharedApp};
use crate::live::recordings::RecordingError;
use crate::live::runs::{self, MAX_STDIN};
use crate::live::{self, Place};

/// Entries at once, when nobody says how many.
const LIMIT: u32 = 1_000;
const MAX_LIMIT: u32 = 5_000;
/// The longest a file may take to arrive.
const UPLOAD_LIMIT: Duration = Duration::from_secs(60);
/// The longest reading a file may take.
const READ_LIMIT: Duration = Duration::from_secs(20);

pub(super) fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(replay))
        .routes(routes!(moment))
        .routes(routes!(statistics))
        .routes(routes!(run))
        .routes(routes!(restore))
        .routes(routes!(export))
        .routes(routes!(import))
}

async fn recording(app: &App, place: &Place) -> ApiResult<Arc<Recording>> {
    let not_recorded = || {
        let detail = "This session was not recorded, or what was recorded is forgotten.";
        ApiError::new(StatusCode::NOT_FOUND, "not_recorded", detail)
    };
    // The journal keeps a little of it all the same, for a crash.
    if place.session.recording == Recorded::Off {
        return Err(not_recorded());
    }
    app.recordings.get(place.session.id).await.map_err(|error| match error {
        RecordingError::None => not_recorded(),
        RecordingError::Store(error) => error.into(),
        RecordingError::Unfit(error) => ApiError::internal(&error),
        RecordingError::Stopping => ApiError::stopping(),
    })
}

/// A moment that something is done with; for looking, what is beyond the end is the end.
fn moment_of(recording: &Recording, seq: u64) -> ApiResult<u64> {
    if seq > recording.last_seq() {
        return Err(ApiError::invalid("seq", "there is no such entry"));
    }
    Ok(seq)
}

/// A recording from any place on: a header, the text there, and time-stamped entries.
#[utoipa::path(get, path = "/api/sessions/{id}/replay", operation_id = "get_replay", tag = "sessions",
    params(("id" = String, Path, description = "The session's id"), wire_replay::ReplayQuery), responses(
    (status = 200, body = wire_replay::Replay),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`, `not_recorded`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_request`"),
))]
async fn replay(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    Query(query): Query<wire_replay::ReplayQuery>,
) -> ApiResult<Json<wire_replay::Replay>> {
    let place = place(&app, &identity.user, &id).await?;
    let limit = match query.limit.unwrap_or(LIMIT) {
        limit @ 1..=MAX_LIMIT => limit as usize,
        _ => return Err(ApiError::invalid("limit", format!("must be 1 to {MAX_LIMIT}"))),
    };
    let recording = recording(&app, &place).await?;
    let after = match (&query.cursor, query.at_ms) {
        (Some(cursor), _) => cursor.parse().map_err(|_| ApiError::invalid("cursor", "is not one of ours"))?,
        (None, Some(at_ms)) => live::replay::seq_at(&recording, None, Some(at_ms)),
        (None, None) => 0,
    };
    let header = live::replay::header(&app, &place, &recording).await?;
    let steps = recording.steps(after, limit);
    let items: Vec<_> = steps.iter().map(|step| live::replay::entry(&recording, step)).collect();
    let last = steps.last().map_or(recording.last_seq(), |step| step.seq);
    Ok(Json(wire_replay::Replay {
        header,
        keyframe: wire_replay::Keyframe {
            seq: after.min(recording.last_seq()),
            code: recording.text_at(after),
        },
        items,
        next_cursor: (last < recording.last_seq()).then(|| last.to_string()),
    }))
}

/// The text at a moment, and who wrote what of it.
#[utoipa::path(get, path = "/api/sessions/{id}/replay/moment", operation_id = "get_replay_moment", tag = "sessions",
    params(("id" = String, Path, description = "The session's id"), wire_replay::MomentQuery), responses(
    (status = 200, body = wire_replay::Moment),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`, `not_recorded`"),
))]
async fn moment(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    Query(query): Query<wire_replay::MomentQuery>,
) -> ApiResult<Json<wire_replay::Moment>> {
    let place = place(&app, &identity.user, &id).await?;
    let recording = recording(&app, &place).await?;
    let seq = live::replay::seq_at(&recording, query.seq, query.at_ms);
    Ok(Json(live::replay::moment(&recording, seq)))
}

/// Who did how much.
#[utoipa::path(get, path = "/api/sessions/{id}/replay/statistics", operation_id = "get_replay_statistics", tag = "sessions",
    params(("id" = String, Path, description = "The session's id")), responses(
    (status = 200, body = wire_replay::ReplayStatistics),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`, `not_recorded`"),
))]
async fn statistics(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_replay::ReplayStatistics>> {
    let place = place(&app, &identity.user, &id).await?;
    let recording = recording(&app, &place).await?;
    let told =
        tokio::task::spawn_blocking(move || live::replay::statistics(&place.session, &recording)).await;
    Ok(Json(told.map_err(|error| ApiError::internal(&error))?))
}

/// Judges the text as it was, in the language that it was in: by all tests of the challenge, or without one on an input. Nothing is stored,
/// nothing earned.
#[utoipa::path(post, path = "/api/sessions/{id}/replay/run", operation_id = "run_replay_moment", tag = "sessions",
    params(("id" = String, Path, description = "The session's id")), request_body = wire_replay::ReplayRun, responses(
    (status = 200, body = session_event::SessionRunResult),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`, `not_recorded`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`unknown_language`, `invalid_request`: there is no such moment, or the input is too large"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_running`, `rate_limited`"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "`judge_unavailable`, `queue_full`"),
))]
async fn run(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<wire_replay::ReplayRun>,
) -> ApiResult<Json<session_event::SessionRunResult>> {
    let place = place(&app, &identity.user, &id).await?;
    if body.stdin.as_ref().is_some_and(|stdin| stdin.len() > MAX_STDIN) {
        return Err(ApiError::invalid("stdin", "is larger than 64 KiB"));
    }
    let recording = recording(&app, &place).await?;
    let seq = moment_of(&recording, body.seq)?;
    let language = live::replay::language_at(&recording, &place.session.language, seq);
    let code = recording.text_at(seq);
    Ok(Json(runs::judge(&app, &identity.user, &place, language, body.stdin, code).await?))
}

/// Makes the text of a session that goes on what it was, as an edit of whoever asks.
#[utoipa::path(post, path = "/api/sessions/{id}/restore", operation_id = "restore_session", tag = "sessions",
    params(("id" = String, Path, description = "The session's id")), request_body = wire_replay::Restore, responses(
    (status = 204, description = "It is"),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_allowed`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`, `not_recorded`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_request`: there is no such moment, or its text would be too long now"),
))]
async fn restore(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<wire_replay::Restore>,
) -> ApiResult<StatusCode> {
    let place = place(&app, &identity.user, &id).await?;
    let recording = recording(&app, &place).await?;
    let seq = moment_of(&recording, body.seq)?;
    live::replay::restore(&app, &identity.user, &place, recording.text_at(seq), seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The recording as one file, to keep or to bring in elsewhere.
#[utoipa::path(get, path = "/api/sessions/{id}/export", operation_id = "export_session", tag = "sessions",
    params(("id" = String, Path, description = "The session's id")), responses(
    (status = 200, content_type = "application/octet-stream", description = "The file"),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`, `not_recorded`"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`recording_too_large`"),
))]
async fn export(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let place = place(&app, &identity.user, &id).await?;
    let _turn = app.files.acquire().await.map_err(|_| ApiError::stopping())?;
    let recording = recording(&app, &place).await?;
    let people = live::replay::header(&app, &place, &recording).await?.people;
    let entries =
        app.recordings.entries(place.session.id).await.map_err(|error| ApiError::internal(&error))?;
    let told = live::replay::told(&place.session, &people);
    let packed = tokio::task::spawn_blocking(move || live::replay::pack(&told, &entries)).await;
    let packed = packed.map_err(|error| ApiError::internal(&error))?.map_err(|_| {
        let detail = "This recording is larger than a file may be.";
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "recording_too_large", detail)
    })?;
    let name = format!("attachment; filename=\"session-{}.codementor\"", place.session.id);
    let name = HeaderValue::try_from(name).map_err(|error| ApiError::internal(&error))?;
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], packed).into_response())
}

/// Brings a recording in: an ended session of one's own, to be watched. At most 64 MiB.
#[utoipa::path(post, path = "/api/sessions/import", operation_id = "import_session", tag = "sessions",
    request_body(content_type = "application/octet-stream", description = "A file of an export"), responses(
    (status = 201, body = wire_session::Session),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`body_too_large`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`not_a_session_file`: what is wrong with it"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`rate_limited`"),
))]
async fn import(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    request: Request,
) -> ApiResult<(StatusCode, Json<wire_session::Session>)> {
    super::check_rate(&app, identity.user.id)?;
    // One at a time: each may be unpacked to 256 MiB.
    let _turn = app.files.acquire().await.map_err(|_| ApiError::stopping())?;
    let body = read_body_of(request, MAX_PACKED, UPLOAD_LIMIT).await?;
    let until = Instant::now() + READ_LIMIT;
    let read = tokio::task::spawn_blocking(move || file::read_while(&body[..], |_| Instant::now() < until));
    let file = read.await.map_err(|error| ApiError::internal(&error))?.map_err(unreadable)?;
    let place = live::replay::bring_in(&app, &identity.user, file).await?;
    Ok((StatusCode::CREATED, Json(live::wire::session(&app, &place.session, place.part).await?)))
}

fn unreadable(error: FileError) -> ApiError {
    ApiError::invalid("file", error.to_string()).with_code("not_a_session_file")
}
