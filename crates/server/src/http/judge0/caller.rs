//! Who asks: by our own token or cookie as everywhere, or by Judge0's header.

use axum::extract::FromRequestParts;
use codementor_auth::{Identity, SessionSecret};
use http::request::Parts;

use super::error::Error;
use crate::app::SharedApp;
use crate::http::extract::Signed;
use crate::http::problem::ApiError;

/// Judge0's header. No browser sends it by itself, so it needs no check of where a request comes from.
const X_AUTH_TOKEN: &str = "x-auth-token";

/// The signed-in person; everybody else gets 401.
///
/// `X-Auth-Token` has an access token, or the lasting one that `codementor admin token` makes.
pub struct Caller(pub Identity);

impl FromRequestParts<SharedApp> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &SharedApp) -> Result<Self, Error> {
        let Some(token) = parts.headers.get(X_AUTH_TOKEN) else {
            let Signed(identity) = Signed::from_request_parts(parts, app).await?;
            return Ok(Self(identity));
        };
        let token = token.to_str().map_err(|_| ApiError::unauthenticated())?.trim();
        let known = match SessionSecret::parse(token) {
            Ok(_) => app.auth.authenticate_cookie(token).await,
            Err(_) => app.auth.authenticate_bearer(token).await,
        };
        Ok(Self(known.map_err(ApiError::from)?))
    }
}
