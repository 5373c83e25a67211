//! Progress, profiles and leaderboards.

use axum::Json;
use axum::extract::State;
use codementor_core::ledger::{Period, Scope};
use codementor_core::name::UserName;
use codementor_core::{Language, User};
use codementor_protocol::problem::Problem;
use codementor_protocol::progress as wire_progress;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::{MaybeSigned, Path, Query, Signed};
use super::paging;
use super::problem::{ApiError, ApiResult};
use crate::app::{App, SharedApp};
use crate::{progress, wire};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new().routes(routes!(my_progress)).routes(routes!(profile)).routes(routes!(leaderboard))
}

/// Finds a person by the name in a path or query.
pub async fn find(app: &App, name: &str) -> ApiResult<User> {
    let name = UserName::kept(name).map_err(|_| ApiError::not_found())?;
    app.store.user_by_name(&name).await?.ok_or_else(ApiError::not_found)
}

/// What the signed-in person has reached.
#[utoipa::path(get, path = "/api/users/me/progress", tag = "users", responses(
    (status = 200, body = wire_progress::Progress),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
))]
async fn my_progress(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
) -> ApiResult<Json<wire_progress::Progress>> {
    let progress =
        progress::of_user(&*app.store, &app.catalog.now(), &identity.user, app.clock.now()).await?;
    Ok(Json(progress))
}

/// A person's public profile.
#[utoipa::path(get, path = "/api/users/{name}", tag = "users", params(("name" = String, Path, description = "Username")), responses(
    (status = 200, body = wire_progress::Profile),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn profile(
    State(app): State<SharedApp>,
    MaybeSigned(_): MaybeSigned,
    Path(name): Path<String>,
) -> ApiResult<Json<wire_progress::Profile>> {
    let user = find(&app, &name).await?;
    let now = app.clock.now();
    let progress = progress::of_user(&*app.store, &app.catalog.now(), &user, now).await?;
    let standings = app.store.standings(&Scope::new(Period::All, now, None), Some(user.id), 0, 1).await?;
    Ok(Json(wire_progress::Profile {
        username: user.name.to_string(),
        role: wire::role(user.role),
        joined_at: user.created_at.to_rfc3339(),
        progress,
        rank: standings.me.map(|(rank, _)| rank),
    }))
}

/// Who has the most XP, in a period and language.
#[utoipa::path(get, path = "/api/leaderboard", tag = "users", params(wire_progress::LeaderboardQuery), responses(
    (status = 200, body = wire_progress::Leaderboard),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_request`"),
))]
async fn leaderboard(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
    Query(query): Query<wire_progress::LeaderboardQuery>,
) -> ApiResult<Json<wire_progress::Leaderboard>> {
    let limit = paging::limit(query.limit, 20)?;
    let offset = paging::offset(query.cursor.as_deref())?;
    let period: Period = query.period.as_deref().unwrap_or("all").parse().map_err(|error| {
        let error: codementor_core::ledger::UnknownPeriod = error;
        ApiError::invalid("period", error.to_string())
    })?;
    let language: Option<Language> = query
        .language
        .filter(|language| !language.is_empty())
        .map(|language| language.parse().map_err(|_| ApiError::invalid("language", "is no language")))
        .transpose()?;
    let scope = Scope::new(period, app.clock.now(), language.as_ref());
    let me = identity.map(|who| who.user.id);
    let standings = app.store.standings(&scope, me, offset, limit).await?;
    let end = offset + standings.items.len() as u64;
    let items = standings.items.iter().map(|standing| wire_progress::LeaderboardEntry {
        rank: standing.rank,
        user: wire_progress::LeaderboardUser {
            id: standing.user.id.to_string(),
            username: standing.user.name.to_string(),
        },
        xp: standing.xp,
    });
    Ok(Json(wire_progress::Leaderboard {
        items: items.collect(),
        me: standings.me.map(|(rank, xp)| wire_progress::OwnPlace { rank, xp }),
        total: standings.total,
        next_cursor: (end < standings.total && !standings.items.is_empty()).then(|| paging::cursor(end)),
    }))
}
