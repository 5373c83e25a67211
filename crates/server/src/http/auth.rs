//! Signing in and out.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, http::request::Parts};
use codementor_auth::github::{Begun, Completed, FlowKind, Github, Returned};
use codementor_auth::{ExposeSecret, Identity, LogoutScope, SignedIn};
use codementor_core::UserId;
use codementor_core::user::AccountKind;
use codementor_protocol::auth as wire_auth;
use codementor_protocol::problem::Problem;
use http::{HeaderMap, StatusCode, header};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::cookies;
use super::extract::{Json as JsonBody, MaybeSigned, OptionalJson, Query, Signed};
use super::problem::{ApiError, ApiResult};
use crate::app::{App, SharedApp};
use crate::sockets::SignedOut;
use crate::wire;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(options))
        .routes(routes!(guest))
        .routes(routes!(github_start, github_sign_in))
        .routes(routes!(github_callback))
        .routes(routes!(renew))
        .routes(routes!(me))
        .routes(routes!(logout))
        .routes(routes!(update_me))
}

/// The address a request came from.
pub struct Peer(IpAddr);

impl FromRequestParts<SharedApp> for Peer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &SharedApp) -> ApiResult<Self> {
        let address = parts.extensions.get::<SocketAddr>();
        address
            .map(|address| Self(address.ip()))
            .ok_or_else(|| ApiError::internal(&"a request without an address"))
    }
}

/// The ways to sign in here.
#[utoipa::path(get, path = "/api/auth/options", tag = "auth", responses((status = 200, body = wire_auth::SignInOptions)))]
async fn options(State(app): State<SharedApp>) -> Json<wire_auth::SignInOptions> {
    Json(wire_auth::SignInOptions { guest: app.config.guests, github: app.github.get().is_some() })
}

/// Signs in a new guest.
#[utoipa::path(post, path = "/api/auth/guest", tag = "auth", request_body = wire_auth::GuestSignIn, responses(
    (status = 201, body = wire_auth::SignedIn, description = "Signed in; the answer also sets the session cookie"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`guests_off`"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "`username_taken`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_username`, `invalid_time_zone`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`rate_limited`"),
))]
async fn guest(
    State(app): State<SharedApp>,
    Peer(peer): Peer,
    JsonBody(body): JsonBody<wire_auth::GuestSignIn>,
) -> ApiResult<Response> {
    if !app.config.guests {
        return Err(ApiError::forbidden(
            "guests_off",
            "Guests cannot sign in here. Please sign in with GitHub.",
        ));
    }
    check_rate(&app, peer)?;
    let signed_in = app.auth.sign_in_guest(&body.username, body.time_zone.as_deref()).await?;
    Ok(with_session(&app, &signed_in, (StatusCode::CREATED, Json(answer(&signed_in)))))
}

fn check_rate(app: &App, peer: IpAddr) -> ApiResult<()> {
    app.sign_in_rate.check(peer, Instant::now()).map_err(|retry| {
        app.metrics.reject("auth", "address_rate");
        ApiError::too_many(
            "Many sign-ins came from your address. Please try again shortly.",
            retry.after.as_secs() + 1,
        )
        .counted()
    })
}

/// Begins a sign-in with GitHub: state and PKCE. Answers 303 to GitHub, or with `flow=spa` its address as JSON.
#[utoipa::path(get, path = "/api/auth/github", tag = "auth", params(wire_auth::GithubStart), responses(
    (status = 303, description = "To GitHub"),
    (status = 200, body = wire_auth::GithubAuthorize, description = "With `flow=spa`"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "`github_off`"),
))]
async fn github_start(
    State(app): State<SharedApp>,
    Peer(peer): Peer,
    MaybeSigned(identity): MaybeSigned,
    Query(query): Query<wire_auth::GithubStart>,
) -> ApiResult<Response> {
    check_rate(&app, peer)?;
    let kind = match query.flow {
        Some(wire_auth::GithubFlow::Spa) => FlowKind::Spa,
        Some(wire_auth::GithubFlow::Redirect) | None => FlowKind::Redirect,
    };
    let guest = identity.as_ref().and_then(guest_id);
    let begun = github(&app)?.begin(query.next.as_deref(), guest, query.time_zone.as_deref(), kind).await?;
    let Begun { authorize_url, browser_secret, expires_in } = begun;
    let mut response = match kind {
        FlowKind::Redirect => Redirect::to(&authorize_url).into_response(),
        FlowKind::Spa => Json(wire_auth::GithubAuthorize { authorize_url }).into_response(),
    };
    let cookie = cookies::set_oauth(&browser_secret.expose(), expires_in, app.transport());
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Where GitHub sends the browser back to. Goes on to the page that was wanted, or to `/signin?error=CODE`.
#[utoipa::path(get, path = "/api/auth/github/callback", tag = "auth", params(wire_auth::GithubCallback), responses(
    (status = 303, description = "To the page that was wanted, or to `/signin?error=CODE`"),
))]
async fn github_callback(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
    headers: HeaderMap,
    Query(query): Query<wire_auth::GithubCallback>,
) -> Response {
    let returned = Returned {
        code: query.code.as_deref(),
        state: query.state.as_deref(),
        error: query.error.as_deref(),
    };
    match finish(&app, identity.as_ref(), &headers, returned).await {
        Ok((signed_in, next)) => with_session(&app, &signed_in, Redirect::to(&next)),
        Err(error) => {
            app.metrics.reject("auth", error.reason());
            let mut response = Redirect::to(&format!("/signin?error={}", error.code())).into_response();
            forget_flow(&app, &mut response);
            response
        }
    }
}

/// Ends a sign-in with GitHub for a page that received GitHub's answer itself.
#[utoipa::path(post, path = "/api/auth/github", tag = "auth", request_body = wire_auth::GithubSignIn, responses(
    (status = 200, body = wire_auth::SignedIn, description = "Signed in; the answer also sets the session cookie"),
    (status = 400, body = Problem, content_type = "application/problem+json", description = "`sign_in_expired`: unknown, used, expired or foreign state"),
    (status = 403, body = Problem, content_type = "application/problem+json", description = "`github_denied`, `github_refused`"),
    (status = 502, body = Problem, content_type = "application/problem+json", description = "`github_nonsense`, `github_unreachable`"),
    (status = 504, body = Problem, content_type = "application/problem+json", description = "`github_slow`"),
))]
async fn github_sign_in(
    State(app): State<SharedApp>,
    MaybeSigned(identity): MaybeSigned,
    headers: HeaderMap,
    JsonBody(body): JsonBody<wire_auth::GithubSignIn>,
) -> ApiResult<Response> {
    let returned = Returned { code: Some(&body.code), state: Some(&body.state), error: None };
    match finish(&app, identity.as_ref(), &headers, returned).await {
        Ok((signed_in, _)) => Ok(with_session(&app, &signed_in, Json(answer(&signed_in)))),
        Err(error) => {
            app.metrics.reject("auth", error.reason());
            Err(error.counted())
        }
    }
}

async fn finish(
    app: &App,
    identity: Option<&Identity>,
    headers: &HeaderMap,
    returned: Returned<'_>,
) -> ApiResult<(SignedIn, String)> {
    let completed = github(app)?.finish(returned, cookies::oauth(headers, app.transport())).await?;
    let Completed { identity: account, next, guest, time_zone } = completed;
    // Who began it signed out may have become a guest in another tab meanwhile: that work is theirs too.
    let guest = guest.or_else(|| identity.and_then(guest_id));
    let time_zone = identity.map(|who| who.user.time_zone.as_str()).or(time_zone.as_deref());
    let signed_in = app.auth.sign_in_github(&account, guest, time_zone, identity).await?;
    if let Some(previous) = identity {
        tell_sockets(app, SignedOut::Session(previous.session_id));
    }
    if let Some(guest) = signed_in.merged_guest {
        tell_sockets(app, SignedOut::User(guest));
    }
    Ok((signed_in, next))
}

fn guest_id(who: &Identity) -> Option<UserId> {
    (who.user.kind == AccountKind::Guest).then_some(who.user.id)
}

fn github(app: &App) -> ApiResult<&Github> {
    let off =
        || ApiError::new(StatusCode::NOT_FOUND, "github_off", "Sign-in with GitHub is not set up here.");
    app.github.get().ok_or_else(off)
}

/// A new access token for the session cookie.
#[utoipa::path(post, path = "/api/auth/renew", tag = "auth", responses(
    (status = 200, body = wire_auth::SignedIn),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
))]
async fn renew(State(app): State<SharedApp>, headers: HeaderMap) -> ApiResult<Response> {
    let cookie = cookies::session(&headers, app.transport()).ok_or_else(ApiError::unauthenticated)?;
    let renewed = app.auth.renew(cookie).await?;
    let body = wire_auth::SignedIn {
        token: renewed.token.expose_secret().to_owned(),
        expires_in: renewed.expires_in,
        user: wire::user(&renewed.identity.user),
    };
    let mut response = Json(body).into_response();
    if renewed.identity.cookie_until.is_some() {
        response.headers_mut().append(header::SET_COOKIE, cookies::set_session(cookie, app.transport()));
    }
    Ok(response)
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/auth/me", tag = "auth", responses(
    (status = 200, body = wire_auth::User),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
))]
async fn me(Signed(identity): Signed) -> Json<wire_auth::User> {
    Json(wire::user(&identity.user))
}

/// Signs out: revokes this device's token and cookie at once, or those of all devices.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", request_body = Option<wire_auth::Logout>, responses(
    (status = 204, description = "Signed out"),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
))]
async fn logout(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    OptionalJson(body): OptionalJson<wire_auth::Logout>,
) -> ApiResult<Response> {
    let scope = if body.everywhere { LogoutScope::Everywhere } else { LogoutScope::ThisDevice };
    app.auth.logout(&identity, scope).await?;
    tell_sockets(
        &app,
        match scope {
            LogoutScope::ThisDevice => SignedOut::Session(identity.session_id),
            LogoutScope::Everywhere => SignedOut::User(identity.user.id),
        },
    );
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().append(header::SET_COOKIE, cookies::clear_session(app.transport()));
    Ok(response)
}

/// Changes one's own settings.
#[utoipa::path(patch, path = "/api/users/me", tag = "users", request_body = wire_auth::UpdateMe, responses(
    (status = 200, body = wire_auth::User),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`invalid_time_zone`"),
))]
async fn update_me(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    JsonBody(body): JsonBody<wire_auth::UpdateMe>,
) -> ApiResult<Json<wire_auth::User>> {
    let Some(time_zone) = body.time_zone else { return Ok(Json(wire::user(&identity.user))) };
    let user = app.auth.set_time_zone(identity.user.id, &time_zone).await?;
    user.map(|user| Json(wire::user(&user))).ok_or_else(ApiError::unauthenticated)
}

fn answer(signed_in: &SignedIn) -> wire_auth::SignedIn {
    wire_auth::SignedIn {
        token: signed_in.token.expose_secret().to_owned(),
        expires_in: signed_in.expires_in,
        user: wire::user(&signed_in.identity.user),
    }
}

/// Puts the session's cookie on an answer and takes the flow's away.
fn with_session(app: &App, signed_in: &SignedIn, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let cookie = cookies::set_session(&signed_in.cookie.expose(), app.transport());
    response.headers_mut().append(header::SET_COOKIE, cookie);
    forget_flow(app, &mut response);
    response
}

fn tell_sockets(app: &App, ended: SignedOut) {
    // An error means that no socket is open.
    let _ = app.signed_out.send(ended);
}

fn forget_flow(app: &App, response: &mut Response) {
    response.headers_mut().append(header::SET_COOKIE, cookies::clear_oauth(app.transport()));
}
