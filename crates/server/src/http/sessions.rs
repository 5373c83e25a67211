//! Live sessions over REST.

mod people;
mod replay;

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use codementor_core::live::{Invitation, LiveChange, LiveSession, MAX_TITLE_CHARS, Part, Policy, Recording};
use codementor_core::submission::MAX_SOURCE_BYTES;
use codementor_core::{Challenge, InvitationId, Language, SessionId, Timestamp, User, UserId};
use codementor_protocol::common::Page;
use codementor_protocol::problem::Problem;
use codementor_protocol::session as wire_session;
use http::{HeaderValue, StatusCode, header};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::{Json as JsonBody, OptionalJson, Path, Query, Signed};
use super::paging;
use super::problem::{ApiError, ApiResult};
use crate::app::{App, SharedApp};
use crate::live::{self, Place, tickets};
use crate::offered::Offered;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(detail, change, end))
        .routes(routes!(join))
        .routes(routes!(ticket))
        .merge(people::routes())
        .merge(replay::routes())
}

/// The id of a session in a path.
pub(super) fn session_id(id: &str) -> ApiResult<SessionId> {
    id.parse().map_err(|_| ApiError::not_found())
}

pub(super) async fn place(app: &App, user: &User, id: &str) -> ApiResult<Place> {
    Ok(live::place(app, user, session_id(id)?).await?)
}

/// Makes a session. Whoever makes it is its driver; others join by its link.
#[utoipa::path(post, path = "/api/sessions", operation_id = "create_session", tag = "sessions", request_body = wire_session::CreateSession, responses(
    (status = 201, body = wire_session::Session),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`: no such challenge"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`code_too_large`, `body_too_large`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_request`, `unknown_language`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`rate_limited`"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "`database_unavailable`"),
))]
async fn create(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    OptionalJson(body): OptionalJson<wire_session::CreateSession>,
) -> ApiResult<Response> {
    let user = &identity.user;
    check_rate(&app, user.id)?;
    let challenge = match body.challenge_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => Some(super::challenges::find(&app, id)?),
        None => None,
    };
    let language = language(&app, body.language.as_deref(), challenge.as_deref())?;
    let code = code(body.code, challenge.as_deref(), &language)?;
    let session = LiveSession {
        id: SessionId::new(),
        title: match title(body.title.as_deref())? {
            Some(title) => title,
            None => default_title(challenge.as_deref(), user),
        },
        creator: user.id,
        challenge_id: challenge.map(|challenge| challenge.id.clone()),
        language,
        policy: body.policy.map_or(Policy::Free, live::wire::policy_from),
        recording: body.recording.map_or(Recording::On, live::wire::recording),
        timer_ends_at: None,
        created_at: app.clock.now(),
        ended_at: None,
    };
    // The text first: a session without its text would be worse than a text without its session.
    app.hub.begin(session.id, &code, session.created_at).await.map_err(live::LiveError::from)?;
    app.store.create_live(&session, Part::Driver, &plain_link(&session)).await?;
    let body = live::wire::session(&app, &session, Part::Driver).await?;
    let location = HeaderValue::try_from(format!("/api/sessions/{}", session.id))
        .map_err(|error| ApiError::internal(&error))?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response())
}

/// Slows down a person who makes more sessions than anybody can hold.
fn check_rate(app: &App, user: UserId) -> ApiResult<()> {
    app.session_rate.check(user, Instant::now()).map_err(|retry| {
        ApiError::too_many("That is a lot of sessions. Please slow down.", retry.after.as_secs() + 1)
    })
}

fn plain_link(session: &LiveSession) -> Invitation {
    Invitation {
        id: InvitationId::new(),
        session_id: session.id,
        secret_hash: None,
        part: Part::Navigator,
        created_at: session.created_at,
        expires_at: None,
    }
}

/// A title as it is kept: trimmed, on one line. `None` when there is none.
pub(crate) fn title(given: Option<&str>) -> ApiResult<Option<String>> {
    let Some(title) = given.map(str::trim).filter(|title| !title.is_empty()) else { return Ok(None) };
    if title.chars().count() > MAX_TITLE_CHARS {
        return Err(ApiError::invalid("title", format!("has more than {MAX_TITLE_CHARS} characters")));
    }
    if title.chars().any(is_invisible) {
        return Err(ApiError::invalid("title", "has control or invisible characters"));
    }
    Ok(Some(title.to_owned()))
}

/// Characters that make a line of text look like another. Fewer than names refuse: emoji belong in titles.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn default_title(challenge: Option<&Challenge>, user: &User) -> String {
    let title = challenge.map_or_else(|| format!("{}'s session", user.name), |known| known.title.clone());
    title.chars().take(MAX_TITLE_CHARS).collect()
}

/// The language that is asked for, the challenge's first, or Python.
fn language(app: &App, given: Option<&str>, challenge: Option<&Challenge>) -> ApiResult<Language> {
    let unknown = |why| ApiError::invalid("language", why).with_code("unknown_language");
    let python = || "python".parse().map_err(|error| ApiError::internal(&error));
    let offered = Offered::by(app.judge.as_ref());
    let Some(name) = given.filter(|name| !name.is_empty()) else {
        let Some(challenge) = challenge else { return python() };
        let known = offered.languages(challenge);
        let first = known.iter().find(|language| language.as_str() == "python").or_else(|| known.first());
        return first.map_or_else(python, |language| Ok((*language).clone()));
    };
    let language: Language = name.parse().map_err(|_| unknown("is no language"))?;
    let installed = app.judge.languages();
    // A machine without a judge knows none; sessions are of use there as well.
    if challenge.is_none() && !installed.is_empty() && !installed.iter().any(|known| known.id == language) {
        return Err(unknown("is not installed here"));
    }
    if challenge.is_some_and(|challenge| !offered.has(challenge, &language)) {
        return Err(unknown("this challenge is not offered in it"));
    }
    Ok(language)
}

fn code(given: Option<String>, challenge: Option<&Challenge>, language: &Language) -> ApiResult<String> {
    let starter = || challenge.and_then(|known| known.starter(language)).map(str::to_owned);
    let code = given.or_else(starter).unwrap_or_default();
    if code.len() > MAX_SOURCE_BYTES {
        let detail = format!("The code is larger than {} KiB.", MAX_SOURCE_BYTES / 1024);
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "code_too_large", detail));
    }
    Ok(code)
}

/// The sessions one takes part in, newest first.
#[utoipa::path(get, path = "/api/sessions", operation_id = "list_sessions", tag = "sessions", params(wire_session::SessionQuery), responses(
    (status = 200, body = Page<wire_session::SessionSummary>),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_request`"),
))]
async fn list(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Query(query): Query<wire_session::SessionQuery>,
) -> ApiResult<Json<Page<wire_session::SessionSummary>>> {
    let limit = paging::limit(query.limit, 20)?;
    let before = query.cursor.as_deref().map(cursor).transpose()?;
    let mut found = app.store.lives_of(identity.user.id, before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_cursor =
        found.last().filter(|_| more).map(|last| format!("{}.{}", last.created_at.as_ms(), last.id));
    Ok(Json(Page { items: found.iter().map(|one| live::wire::summary(&app, one)).collect(), next_cursor }))
}

fn cursor(text: &str) -> ApiResult<(Timestamp, SessionId)> {
    let parsed = text
        .split_once('.')
        .and_then(|(at, id)| Some((Timestamp::from_ms(at.parse().ok()?), id.parse().ok()?)));
    parsed.ok_or_else(|| ApiError::invalid("cursor", "is not one of ours"))
}

/// A session that one takes part in.
#[utoipa::path(get, path = "/api/sessions/{id}", operation_id = "get_session", tag = "sessions", params(("id" = String, Path, description = "Its id")), responses(
    (status = 200, body = wire_session::Session),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`: there is none, or one does not take part"),
))]
async fn detail(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_session::Session>> {
    let place = place(&app, &identity.user, &id).await?;
    Ok(Json(live::wire::session(&app, &place.session, place.part).await?))
}

/// Changes title, language, policy, recording or timer. Everybody in the session hears `session-updated`.
#[utoipa::path(patch, path = "/api/sessions/{id}", operation_id = "change_session", tag = "sessions", params(("id" = String, Path, description = "Its id")),
    request_body = wire_session::ChangeSession, responses(
    (status = 200, body = wire_session::Session),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_allowed`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_request`, `unknown_language`"),
))]
async fn change(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<wire_session::ChangeSession>,
) -> ApiResult<Json<wire_session::Session>> {
    let place = place(&app, &identity.user, &id).await?;
    let challenge = place.session.challenge_id.as_ref().and_then(|id| app.catalog.get(id));
    let timer = match body.timer_seconds {
        None => None,
        Some(0) => Some(None),
        Some(seconds @ 1..=86_400) => Some(Some(app.clock.now().plus_ms(i64::from(seconds) * 1_000))),
        Some(_) => return Err(ApiError::invalid("timer_seconds", "must be 0 to 86,400")),
    };
    let change = LiveChange {
        title: title(body.title.as_deref())?,
        language: body
            .language
            .as_deref()
            .map(|name| language(&app, Some(name), challenge.as_deref()))
            .transpose()?,
        policy: body.policy.map(live::wire::policy_from),
        recording: body.recording.map(live::wire::recording),
        timer_ends_at: timer,
    };
    let session = live::change(&app, &identity.user, &place, &change).await?;
    Ok(Json(live::wire::session(&app, &session, place.part).await?))
}

/// Ends a session for everybody and archives it. What was recorded stays.
#[utoipa::path(delete, path = "/api/sessions/{id}", operation_id = "end_session", tag = "sessions", params(("id" = String, Path, description = "Its id")), responses(
    (status = 204, description = "Ended"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_allowed`: only whoever made it"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn end(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    let place = place(&app, &identity.user, &id).await?;
    live::end(&app, &identity.user, &place).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes part in a session, by its link or an invitation. Opening its socket does the same.
#[utoipa::path(post, path = "/api/sessions/{id}/join", operation_id = "join_session", tag = "sessions", params(("id" = String, Path, description = "Its id")),
    request_body = wire_session::JoinSession, responses(
    (status = 200, body = wire_session::Session),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`: there is none, it has ended, or the link does not let one in"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`session_full`"),
))]
async fn join(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
    OptionalJson(body): OptionalJson<wire_session::JoinSession>,
) -> ApiResult<Json<wire_session::Session>> {
    let place = live::enter(&app, &identity.user, session_id(&id)?, body.invite.as_deref()).await?;
    Ok(Json(live::wire::session(&app, &place.session, place.part).await?))
}

/// A secret that opens the session's socket once, within half a minute: `?ticket=`.
#[utoipa::path(post, path = "/api/sessions/{id}/ticket", operation_id = "session_ticket", tag = "sessions", params(("id" = String, Path, description = "Its id")), responses(
    (status = 201, body = wire_session::Ticket),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn ticket(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<wire_session::Ticket>)> {
    let place = place(&app, &identity.user, &id).await?;
    let lifetime = i64::try_from(tickets::LIFETIME.as_millis()).unwrap_or(i64::MAX);
    let expires_at = app.clock.now().plus_ms(lifetime).to_rfc3339();
    let ticket = app.tickets.give(identity, place.session.id, Instant::now());
    Ok((StatusCode::CREATED, Json(wire_session::Ticket { ticket, expires_at })))
}
