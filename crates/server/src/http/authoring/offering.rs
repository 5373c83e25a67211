//! Verifying, publishing and withdrawing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use codementor_core::catalogue::{ContentFault, ContentHash, Published, StoredChallenge, Verification};
use codementor_protocol::authoring as wire_authoring;
use codementor_protocol::problem::Problem;
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::super::extract::{Json as JsonBody, Path, Signed};
use super::super::problem::{ApiError, ApiResult};
use super::super::submissions;
use super::{Seen, mine, seen, wire};
use crate::app::SharedApp;
use crate::authoring::{Busy, Work};

pub(super) fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new().routes(routes!(verify)).routes(routes!(publish)).routes(routes!(withdraw))
}

/// The content somebody means, which must be the working copy as it is.
fn meant(stored: &StoredChallenge, content: &str) -> ApiResult<ContentHash> {
    let content: ContentHash =
        content.parse().map_err(|_| ApiError::invalid("content", "is no hash of a content"))?;
    if content == stored.content { Ok(content) } else { Err(super::conflict(stored)) }
}

/// Begins to verify the working copy: every reference must be accepted, no starter and no wrong solution. `verifying` tells how far it
/// is, `verification` what was found.
#[utoipa::path(post, path = "/api/authoring/challenges/{id}/verify", operation_id = "verify_authored", tag = "authoring", params(("id" = String, Path, description = "Slug")), request_body = wire_authoring::OfContent, responses(
    (status = 202, body = wire_authoring::AuthoredState),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`, `not_yours`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`revision_conflict`, `verifying`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`rate_limited`, `too_many_running`"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "`judge_unavailable`, `queue_full`"),
))]
async fn verify(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<wire_authoring::OfContent>,
) -> ApiResult<(StatusCode, Json<wire_authoring::AuthoredState>)> {
    let stored = mine(&app, &identity.user, &id).await?;
    let content = meant(&stored, &body.content)?;
    app.judge.available()?;
    submissions::check_rate(&app, identity.user.id)?;
    let files = super::files(&app, &stored).await?;
    let shared = Arc::new(files.clone());
    let name = stored.id.clone();
    let read = tokio::task::spawn_blocking(move || codementor_catalog::inspect::read(&name, &shared)).await;
    match read.map_err(|error| ApiError::internal(&error))? {
        // Found without the judge, and told in the same place.
        Err(fault) => note(&app, &stored, fault).await?,
        Ok(challenge) => {
            let work = Work { challenge, files, content };
            app.verifier.begin(&app, identity.user.id, work).map_err(busy)?;
        }
    }
    let (seen, _) = seen(&app, &identity.user, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(wire::state(&app, &identity.user, &seen).await?)))
}

async fn note(app: &SharedApp, stored: &StoredChallenge, fault: ContentFault) -> ApiResult<()> {
    let found =
        Verification { content: stored.content, at: app.clock.now(), judge: Vec::new(), faults: vec![fault] };
    app.store.note_verification(&stored.id, &found).await?;
    Ok(())
}

fn busy(busy: Busy) -> ApiError {
    match busy {
        Busy::Already => {
            let detail = "This challenge is being verified already.";
            ApiError::new(StatusCode::CONFLICT, "verifying", detail)
        }
        Busy::Person => {
            ApiError::too_many("Two of your challenges are being verified. Please wait for them.", 2)
                .with_code("too_many_running")
        }
        Busy::Full => {
            let detail = "Many challenges are being verified. Please try again shortly.";
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "queue_full", detail).retry_after(5)
        }
    }
}

/// Offers the working copy to learners from now on, when exactly this content has passed verification.
#[utoipa::path(post, path = "/api/authoring/challenges/{id}/publish", operation_id = "publish_authored", tag = "authoring", params(("id" = String, Path, description = "Slug")), request_body = wire_authoring::OfContent, responses(
    (status = 200, body = wire_authoring::AuthoredState),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`, `not_yours`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`revision_conflict`, `not_verified`"),
))]
async fn publish(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<wire_authoring::OfContent>,
) -> ApiResult<Json<wire_authoring::AuthoredState>> {
    let stored = mine(&app, &identity.user, &id).await?;
    let content = meant(&stored, &body.content)?;
    match app.store.publish_challenge(&stored.id, &content).await? {
        Published::Done(stored) => {
            app.catalog.refresh().await;
            Ok(Json(wire::state(&app, &identity.user, &Seen::done(*stored)).await?))
        }
        Published::Missing => Err(ApiError::not_found()),
        Published::Unverified => {
            let detail = "Only what has passed verification, as it is now, can be published.";
            Err(ApiError::new(StatusCode::CONFLICT, "not_verified", detail))
        }
    }
}

/// Offers it to learners no more. Their submissions stay, and so does its id.
#[utoipa::path(post, path = "/api/authoring/challenges/{id}/withdraw", operation_id = "withdraw_authored", tag = "authoring", params(("id" = String, Path, description = "Slug")), responses(
    (status = 200, body = wire_authoring::AuthoredState),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`mentors_only`, `not_yours`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn withdraw(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_authoring::AuthoredState>> {
    let stored = mine(&app, &identity.user, &id).await?;
    let stored = app.store.withdraw_challenge(&stored.id).await?.ok_or_else(ApiError::not_found)?;
    app.catalog.refresh().await;
    Ok(Json(wire::state(&app, &identity.user, &Seen::done(stored)).await?))
}
