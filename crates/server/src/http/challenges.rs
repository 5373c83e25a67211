//! The catalogue, hints and editorials.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use codementor_auth::Identity;
use codementor_catalog::choose;
use codementor_core::ports::ChallengeStatus;
use codementor_core::{Challenge, ChallengeId, Difficulty};
use codementor_protocol::challenge as wire_challenge;
use codementor_protocol::challenge::Status;
use codementor_protocol::common::Page;
use codementor_protocol::problem::Problem;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::{MaybeSigned, Path, Query, Signed};
use super::paging;
use super::problem::{ApiError, ApiResult};
use crate::app::{App, SharedApp};
use crate::offered::Offered;
use crate::wire;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(next))
        .routes(routes!(detail))
        .routes(routes!(hint))
        .routes(routes!(editorial))
}

type Statuses = BTreeMap<ChallengeId, ChallengeStatus>;

/// Finds a challenge by the id in a path.
pub fn find(app: &App, id: &str) -> ApiResult<Arc<Challenge>> {
    let id: ChallengeId = id.parse().map_err(|_| ApiError::not_found())?;
    app.catalog.get(&id).ok_or_else(ApiError::not_found)
}

async fn statuses(app: &App, identity: Option<&Identity>) -> ApiResult<Statuses> {
    match identity {
        None => Ok(Statuses::new()),
        Some(who) => Ok(app.store.challenge_statuses(who.user.id).await?.into_iter().collect()),
    }
}

fn status(statuses: &Statuses, id: &ChallengeId) -> Status {
    match statuses.get(id) {
        None => Status::Todo,
        Some(ChallengeStatus::Attempted) => Status::Attempted,
        Some(ChallengeStatus::Solved) => Status::Solved,
    }
}

/// The challenges on offer, easy ones first.
#[utoipa::path(get, path = "/api/challenges", operation_id = "list_challenges", tag = "challenges", params(wire_challenge::ChallengeQuery), responses(
    (status = 200, body = Page<wire_challenge::ChallengeSummary>),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_request`: a filter that is not known"),
))]
async fn list(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
    Query(query): Query<wire_challenge::ChallengeQuery>,
) -> ApiResult<Json<Page<wire_challenge::ChallengeSummary>>> {
    let limit = paging::limit(query.limit, 50)? as usize;
    let offset = paging::offset(query.cursor.as_deref())?;
    let wanted = filter(&query)?;
    let wanted_statuses = status_filter(query.status.as_deref())?;
    let statuses = statuses(&app, identity.as_ref()).await?;
    let catalog = app.catalog.now();
    let offered = Offered::by(app.judge.as_ref());
    let is_here = |challenge: &Challenge| {
        wanted.language.as_ref().is_none_or(|language| offered.has(challenge, language))
    };
    let mut found = catalog
        .select(&wanted)
        .filter(|challenge| is_here(challenge))
        .map(|challenge| (challenge, status(&statuses, &challenge.id)))
        .filter(|(_, status)| wanted_statuses.is_empty() || wanted_statuses.contains(status))
        .skip(usize::try_from(offset).unwrap_or(usize::MAX));
    let items: Vec<_> = found
        .by_ref()
        .take(limit)
        .map(|(challenge, status)| wire::challenge_summary(challenge, &offered, status))
        .collect();
    let next_cursor = found.next().map(|_| paging::cursor(offset + items.len() as u64));
    Ok(Json(Page { items, next_cursor }))
}

fn filter(query: &wire_challenge::ChallengeQuery) -> ApiResult<codementor_catalog::Query> {
    let difficulties = words(query.difficulty.as_deref())
        .map(|word| {
            word.parse::<Difficulty>().map_err(|error| ApiError::invalid("difficulty", error.to_string()))
        })
        .collect::<ApiResult<Vec<_>>>()?;
    let language = match query.language.as_deref().filter(|language| !language.is_empty()) {
        None => None,
        Some(name) => Some(name.parse().map_err(|_| ApiError::invalid("language", "is no language"))?),
    };
    let search = query.q.as_deref().unwrap_or_default();
    if search.chars().count() > 100 {
        return Err(ApiError::invalid("q", "has more than 100 characters"));
    }
    Ok(codementor_catalog::Query {
        difficulties,
        topics: words(query.topic.as_deref()).map(str::to_owned).collect(),
        language,
        words: search.split_whitespace().map(str::to_lowercase).collect(),
    })
}

fn words(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty()).take(20)
}

fn status_filter(list: Option<&str>) -> ApiResult<Vec<Status>> {
    words(list)
        .map(|word| match word {
            "todo" => Ok(Status::Todo),
            "attempted" => Ok(Status::Attempted),
            "solved" => Ok(Status::Solved),
            _ => Err(ApiError::invalid("status", "use todo, attempted or solved")),
        })
        .collect()
}

/// The challenge to do next, and why.
#[utoipa::path(get, path = "/api/challenges/next", operation_id = "next_challenge", tag = "challenges", responses(
    (status = 200, body = wire_challenge::NextChallenge),
))]
async fn next(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
) -> ApiResult<Json<wire_challenge::NextChallenge>> {
    let statuses = statuses(&app, identity.as_ref()).await?;
    let choice = choose(&app.catalog.now(), &statuses);
    let offered = Offered::by(app.judge.as_ref());
    let challenge = choice
        .challenge
        .map(|challenge| wire::challenge_summary(&challenge, &offered, status(&statuses, &challenge.id)));
    Ok(Json(wire_challenge::NextChallenge { challenge, reason: choice.reason }))
}

/// A challenge: never its hidden tests or reference solutions.
#[utoipa::path(get, path = "/api/challenges/{id}", operation_id = "get_challenge", tag = "challenges", params(("id" = String, Path, description = "Slug")), responses(
    (status = 200, body = wire_challenge::ChallengeDetail),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn detail(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_challenge::ChallengeDetail>> {
    let challenge = find(&app, &id)?;
    let statuses = statuses(&app, identity.as_ref()).await?;
    let offered = Offered::by(app.judge.as_ref());
    Ok(Json(wire::challenge_detail(&challenge, &offered, status(&statuses, &challenge.id))))
}

/// A hint, from 1 (a nudge) to 3 (a plan).
#[utoipa::path(get, path = "/api/challenges/{id}/hints/{level}", tag = "challenges",
    params(("id" = String, Path, description = "Slug"), ("level" = u32, Path, description = "1 to `hint_levels`")), responses(
    (status = 200, body = wire_challenge::Hint),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn hint(
    State(app): State<SharedApp>,
    Signed(_): Signed,
    Path((id, level)): Path<(String, String)>,
) -> ApiResult<Json<wire_challenge::Hint>> {
    let challenge = find(&app, &id)?;
    let level: usize = level.parse().map_err(|_| ApiError::not_found())?;
    let hint =
        level.checked_sub(1).and_then(|index| challenge.hints.get(index)).ok_or_else(ApiError::not_found)?;
    Ok(Json(wire_challenge::Hint { level: u32::try_from(level).unwrap_or(u32::MAX), hint: hint.clone() }))
}

/// How to solve it and why, for those who have.
#[utoipa::path(get, path = "/api/challenges/{id}/editorial", tag = "challenges",
    params(("id" = String, Path, description = "Slug")), responses(
    (status = 200, body = wire_challenge::Editorial),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`not_solved`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`not_found`"),
))]
async fn editorial(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<wire_challenge::Editorial>> {
    let challenge = find(&app, &id)?;
    let statuses = statuses(&app, Some(&identity)).await?;
    let mentor = identity.user.role >= codementor_core::Role::Mentor;
    if !mentor && status(&statuses, &challenge.id) != Status::Solved {
        return Err(ApiError::forbidden(
            "not_solved",
            "The editorial opens once you have solved the challenge.",
        ));
    }
    Ok(Json(wire_challenge::Editorial { editorial: challenge.editorial.clone() }))
}
