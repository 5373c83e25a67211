//! Who takes part in a session, and invitations to it.

use axum::Json;
use axum::extract::State;
use codementor_core::live::{MAX_INVITATIONS, Part};
use codementor_protocol::problem::Problem;
use codementor_protocol::session as wire_session;
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::super::extract::{Json as JsonBody, OptionalJson, Path, Signed};
use super::super::problem::{ApiError, ApiResult};
use super::place;
use crate::app::SharedApp;
use crate::live::{self, Wanted};

/// The longest an invitation may be set to last, in seconds: a year.
const MAX_SECONDS: u32 = 31_536_000;

pub(super) fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(set_role, send_out))
        .routes(routes!(invitations, invite))
        .routes(routes!(revoke))
}

/// Gives a participant another role, with effect at once. For whoever made the session and mentors in it; the driver may hand over the
/// keyboard.
#[utoipa::path(patch, path = "/api/sessions/{id}/participants/{user_id}", operation_id = "change_participant", tag = "sessions",
    params(("id" = String, Path, description = "The session's id"), ("user_id" = String, Path, description = "Whose role")),
    request_body = wire_session::ChangeParticipant, responses(
    (status = 200, body = wire_session::Session),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_allowed`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn set_role(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path((id, user_id)): Path<(String, String)>,
    JsonBody(body): JsonBody<wire_session::ChangeParticipant>,
) -> ApiResult<Json<wire_session::Session>> {
    let here = place(&app, &identity.user, &id).await?;
    let user = user_id.parse().map_err(|_| ApiError::not_found())?;
    live::set_part(&app, &identity.user, &here, user, live::wire::part(body.role)).await?;
    let now = place(&app, &identity.user, &id).await?;
    Ok(Json(live::wire::session(&app, &now.session, now.part).await?))
}

/// Sends a participant out; their sockets close with 4403. Anybody may leave for good by sending themselves out.
#[utoipa::path(delete, path = "/api/sessions/{id}/participants/{user_id}", operation_id = "send_out_participant", tag = "sessions",
    params(("id" = String, Path, description = "The session's id"), ("user_id" = String, Path, description = "Who")), responses(
    (status = 204, description = "They take part no more"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_allowed`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn send_out(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path((id, user_id)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    let here = place(&app, &identity.user, &id).await?;
    let user = user_id.parse().map_err(|_| ApiError::not_found())?;
    live::send_out(&app, &identity.user, &here, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The open invitations of a session. For whoever made it and mentors in it.
#[utoipa::path(get, path = "/api/sessions/{id}/invitations", operation_id = "list_invitations", tag = "sessions", params(("id" = String, Path, description = "The session's id")), responses(
    (status = 200, body = wire_session::Invitations),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_allowed`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn invitations(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_session::Invitations>> {
    let here = place(&app, &identity.user, &id).await?;
    here.check_manages(&identity.user)?;
    let found = app.store.invitations(here.session.id, app.clock.now()).await?;
    let items = found.iter().take(MAX_INVITATIONS as usize);
    Ok(Json(wire_session::Invitations {
        items: items.map(|one| live::wire::invitation(&app, one, None)).collect(),
    }))
}

/// Makes an invitation: a link with a secret, shown once.
#[utoipa::path(post, path = "/api/sessions/{id}/invitations", operation_id = "create_invitation", tag = "sessions", params(("id" = String, Path, description = "The session's id")),
    request_body = wire_session::CreateInvitation, responses(
    (status = 201, body = wire_session::Invitation),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_allowed`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`session_full`: it has 20 already"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_request`"),
))]
async fn invite(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    OptionalJson(body): OptionalJson<wire_session::CreateInvitation>,
) -> ApiResult<(StatusCode, Json<wire_session::Invitation>)> {
    let here = place(&app, &identity.user, &id).await?;
    let part = body.role.map_or(Part::Navigator, live::wire::part);
    if part == Part::Driver {
        return Err(ApiError::invalid("role", "a session has one driver; nobody becomes it by a link"));
    }
    if body.expires_in_seconds.is_some_and(|seconds| seconds == 0 || seconds > MAX_SECONDS) {
        return Err(ApiError::invalid("expires_in_seconds", format!("must be 1 to {MAX_SECONDS}")));
    }
    let wanted = Wanted {
        part,
        expires_in_seconds: body.expires_in_seconds,
        is_plain: body.plain.unwrap_or_default(),
    };
    let (invitation, secret) = live::invite(&app, &identity.user, &here, wanted).await?;
    Ok((StatusCode::CREATED, Json(live::wire::invitation(&app, &invitation, secret.as_deref()))))
}

/// Revokes an invitation: it lets nobody in any more, and those who came by it are sent out; their sockets close with 4403.
#[utoipa::path(delete, path = "/api/sessions/{id}/invitations/{invitation_id}", operation_id = "revoke_invitation", tag = "sessions",
    params(("id" = String, Path, description = "The session's id"), ("invitation_id" = String, Path, description = "Which")), responses(
    (status = 204, description = "Revoked"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_allowed`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn revoke(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path((id, invitation_id)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    let here = place(&app, &identity.user, &id).await?;
    let invitation = invitation_id.parse().map_err(|_| ApiError::not_found())?;
    live::revoke(&app, &identity.user, &here, invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}
