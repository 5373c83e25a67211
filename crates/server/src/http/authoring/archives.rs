//! Challenges as archives: uploaded and taken away.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use codementor_catalog::import::archive::{self, ArchiveError, MAX_ARCHIVE_BYTES};
use codementor_protocol::authoring as wire_authoring;
use codementor_protocol::problem::Problem;
use http::{HeaderValue, StatusCode, header};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::super::extract::{Path, Query, Signed, read_body_of};
use super::super::problem::{ApiError, ApiResult};
use super::{Seen, check_rate, check_role, mine, new_id, save, seen, wire};
use crate::app::SharedApp;

/// The longest an archive may take to arrive.
const UPLOAD_LIMIT: Duration = Duration::from_secs(60);

pub(super) fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new().routes(routes!(upload)).routes(routes!(download))
}

/// Brings a challenge in as a draft: a `.zip` or `.tar.gz` of at most 8 MiB with its files, at the top or in one folder.
#[utoipa::path(post, path = "/api/authoring/import", operation_id = "upload_authored", tag = "authoring", params(wire_authoring::UploadQuery),
    request_body(content_type = "application/octet-stream", description = "The archive"), responses(
    (status = 201, body = wire_authoring::AuthoredChallenge, description = "A new draft"),
    (status = 200, body = wire_authoring::AuthoredChallenge, description = "The files replace those of `revision`"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`, `not_yours`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`id_taken`, `revision_conflict`, `too_many_challenges`"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`body_too_large`"),
    (status = 422, body = Problem, content_type = "application/problem+json",
        description = "`archive_unreadable`, `archive_too_many_files`, `archive_too_large`, `archive_ratio`, `archive_link`, `archive_path`, `archive_not_text`, `archive_no_challenge`; `invalid_request` when it has no usable `id`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`rate_limited`"),
))]
async fn upload(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Query(query): Query<wire_authoring::UploadQuery>,
    request: Request,
) -> ApiResult<(StatusCode, Json<wire_authoring::AuthoredChallenge>)> {
    check_role(&identity.user)?;
    check_rate(&app, &identity)?;
    // One at a time: each unpacks in memory.
    let _turn = app.files.acquire().await.map_err(|_| ApiError::stopping())?;
    let body = read_body_of(request, MAX_ARCHIVE_BYTES as u64, UPLOAD_LIMIT).await?;
    let unpacked = tokio::task::spawn_blocking(move || archive::unpack(&body)).await;
    let (folder, files) =
        unpacked.map_err(|error| ApiError::internal(&error))?.map_err(|error| unfit(&error))?;
    let name = query.id.or(folder).ok_or_else(|| {
        ApiError::invalid("id", "is needed: the archive has no folder whose name could be it")
    })?;
    let revision = query.revision.unwrap_or(0);
    let (status, id) = match revision {
        0 => (StatusCode::CREATED, new_id(&app, &name)?),
        _ => (StatusCode::OK, mine(&app, &identity.user, &name).await?.id),
    };
    let stored = save(&app, &identity, id, revision, files).await?;
    Ok((status, Json(wire::whole(&app, &identity.user, &Seen::done(stored)).await?)))
}

fn unfit(error: &ArchiveError) -> ApiError {
    ApiError::invalid("archive", error.to_string()).with_code(error.code())
}

/// The working copy as a `.zip`, to keep or to bring in elsewhere.
#[utoipa::path(get, path = "/api/authoring/challenges/{id}/archive", operation_id = "download_authored", tag = "authoring", params(("id" = String, Path, description = "Slug")), responses(
    (status = 200, content_type = "application/zip", description = "The archive"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn download(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let (Seen { stored, .. }, _) = seen(&app, &identity.user, &id).await?;
    let files = super::files(&app, &stored).await?;
    let _turn = app.files.acquire().await.map_err(|_| ApiError::stopping())?;
    let folder = stored.id.to_string();
    let packed = tokio::task::spawn_blocking(move || archive::pack(&folder, &files)).await;
    let packed =
        packed.map_err(|error| ApiError::internal(&error))?.map_err(|error| ApiError::internal(&error))?;
    let name = HeaderValue::try_from(format!("attachment; filename=\"{}.zip\"", stored.id));
    let name = name.map_err(|error| ApiError::internal(&error))?;
    let kind = HeaderValue::from_static("application/zip");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], packed).into_response())
}
