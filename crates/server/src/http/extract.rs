//! What handlers take out of a request, with our own answers to what does not fit.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use codementor_auth::{AuthError, Identity};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::cookies;
use super::problem::{ApiError, ApiResult};
use crate::app::SharedApp;

/// The largest request body in bytes: a source file of 64 KiB escaped as JSON, and its input.
pub const MAX_BODY: usize = 512 * 1024;
/// The longest a body may take to arrive.
const BODY_LIMIT: Duration = Duration::from_secs(10);

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<SharedApp> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &SharedApp) -> ApiResult<Self> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(is_json) {
            let detail = "The body must be JSON, with `content-type: application/json`.";
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", detail));
        }
        let bytes = read_body(request).await?;
        parse(&bytes).map(Self)
    }
}

/// A JSON body that may be left out.
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequest<SharedApp> for OptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &SharedApp) -> ApiResult<Self> {
        let bytes = read_body(request).await?;
        if bytes.is_empty() { Ok(Self(T::default())) } else { parse(&bytes).map(Self) }
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

async fn read_body(request: Request) -> ApiResult<bytes::Bytes> {
    read_body_of(request, MAX_BODY as u64, BODY_LIMIT).await
}

/// A body of at most `max` bytes that arrives within `limit`.
///
/// # Errors
/// 413 and 408 when it does not, 400 when it ends early.
pub async fn read_body_of(request: Request, max: u64, limit: Duration) -> ApiResult<bytes::Bytes> {
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let body = Limited::new(request.into_body(), max).collect();
    match tokio::time::timeout(limit, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => {
            let detail = format!("The body is larger than {} KiB.", max / 1024);
            Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail))
        }
        Ok(Err(_)) => Err(ApiError::new(StatusCode::BAD_REQUEST, "body", "The body ended early.")),
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_timeout",
            "The body took too long to arrive.",
        )),
    }
}

/// Reads JSON.
///
/// # Errors
/// 400 when it is none, 422 when it is another.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (status, code) = match error.classify() {
            serde_json::error::Category::Data => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_request"),
            _ => (StatusCode::BAD_REQUEST, "invalid_json"),
        };
        ApiError::new(status, code, format!("The body does not fit: {error}."))
    })
}

/// Query parameters.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<SharedApp> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SharedApp) -> ApiResult<Self> {
        let query: Result<axum::extract::Query<T>, QueryRejection> =
            axum::extract::Query::from_request_parts(parts, state).await;
        query.map(|query| Self(query.0)).map_err(|rejection| {
            ApiError::new(StatusCode::BAD_REQUEST, "invalid_query", rejection.body_text())
        })
    }
}

/// The parts of a path. What does not fit the route's parts names nothing that exists.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<SharedApp> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SharedApp) -> ApiResult<Self> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|_| ApiError::not_found())
    }
}

/// The signed-in person; everybody else gets 401.
pub struct Signed(pub Identity);

impl FromRequestParts<SharedApp> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> ApiResult<Self> {
        MaybeSigned::from_request_parts(parts, app).await?.0.map(Self).ok_or_else(ApiError::unauthenticated)
    }
}

/// The signed-in person, or nobody. A token that is not good is 401 also here; a stale cookie is nobody.
pub struct MaybeSigned(pub Option<Identity>);

impl FromRequestParts<SharedApp> for MaybeSigned {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> ApiResult<Self> {
        if let Some(token) = bearer(&parts.headers)? {
            return Ok(Self(Some(app.auth.authenticate_bearer(token).await?)));
        }
        match cookies::session(&parts.headers, app.transport()) {
            None => Ok(Self(None)),
            Some(secret) => match app.auth.authenticate_cookie(secret).await {
                Ok(identity) => Ok(Self(Some(identity))),
                Err(AuthError::Unauthenticated(_)) => Ok(Self(None)),
                Err(error) => Err(error.into()),
            },
        }
    }
}

/// The bearer token, when there is an `Authorization` header at all.
fn bearer(headers: &HeaderMap) -> ApiResult<Option<&str>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let value = value.to_str().map_err(|_| ApiError::unauthenticated())?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(ApiError::unauthenticated()),
    }
}
