//! HTTP: the routes, what every request passes, and how errors are told.

pub mod auth;
pub mod authoring;
pub mod challenges;
pub mod cookies;
pub mod extract;
pub mod guard;
pub mod health;
pub mod judge0;
pub mod layers;
pub mod page;
pub mod paging;
pub mod problem;
pub mod sandbox;
pub mod session_socket;
pub mod sessions;
pub mod socket;
pub mod submissions;
pub mod terminal;
pub mod users;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::{HeaderValue, StatusCode, header};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use crate::app::SharedApp;
use problem::ApiError;

#[derive(OpenApi)]
#[openapi(
    info(title = "CodeMentor", description = "A real-time coding school. Errors are RFC 9457 problems with a stable `code`.",
        license(name = "MIT", identifier = "MIT")),
    security((), ("bearer" = []), ("cookie" = [])),
    components(schemas(
        codementor_protocol::event::Envelope,
        codementor_protocol::event::Hello,
        codementor_protocol::event::Resume,
        codementor_protocol::event::Resumed,
        codementor_protocol::event::SubmissionUpdate,
        codementor_protocol::event::CounterexampleUpdate,
        codementor_protocol::event::RunUpdate,
        codementor_protocol::event::ProgressUpdate,
        codementor_protocol::event::LeaderboardUpdate,
        codementor_protocol::session_event::Join,
        codementor_protocol::session_event::SessionState,
        codementor_protocol::session_event::Presence,
        codementor_protocol::session_event::CodeChange,
        codementor_protocol::session_event::CodeUpdate,
        codementor_protocol::session_event::CursorChange,
        codementor_protocol::session_event::CursorUpdate,
        codementor_protocol::session_event::SessionMessage,
        codementor_protocol::session_event::NewMessage,
        codementor_protocol::session_event::RoleChange,
        codementor_protocol::session_event::RoleChanged,
        codementor_protocol::session_event::SessionUpdated,
        codementor_protocol::session_event::RunCode,
        codementor_protocol::session_event::RunStarted,
        codementor_protocol::session_event::RunProgress,
        codementor_protocol::session_event::SessionRunResult,
        codementor_protocol::session_event::SessionEnded,
        codementor_protocol::session_event::Storage,
        codementor_protocol::session_event::TextLimit,
        codementor_protocol::session_event::TutorMessage,
        codementor_protocol::session_event::TutorDelta,
        codementor_protocol::session_event::TutorResponse,
        codementor_protocol::replay::Restored,
        codementor_protocol::terminal::TerminalStart,
        codementor_protocol::terminal::TerminalSize,
        codementor_protocol::terminal::TerminalEnded,
    ))
)]
struct Description;

fn api() -> (Router<SharedApp>, utoipa::openapi::OpenApi) {
    let (router, mut description) = OpenApiRouter::with_openapi(Description::openapi())
        .merge(auth::routes())
        .merge(challenges::routes())
        .merge(authoring::routes())
        .merge(submissions::routes())
        .merge(sandbox::routes())
        .merge(users::routes())
        .merge(sessions::routes())
        .merge(judge0::routes())
        .split_for_parts();
    let components = description.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let cookie = ApiKey::Cookie(ApiKeyValue::new("codementor_session"));
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    (router, description)
}

/// The API's description as pretty JSON: what `/api/openapi.json` serves and `web/openapi.json` keeps.
///
/// # Errors
/// When it cannot be written as JSON, which a test rules out.
pub fn description() -> Result<String, serde_json::Error> {
    api().1.to_pretty_json()
}

/// All routes, ready to serve.
pub fn router(app: SharedApp) -> Router {
    let (api, description) = api();
    let description = description.to_json().unwrap_or_default();
    let described = move || {
        let body = description.clone();
        async move { ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body) }
    };
    api.route("/api/openapi.json", get(described))
        .route("/ws", any(socket::connect))
        .route("/ws/terminal", any(terminal::connect))
        .route("/ws/sessions/{id}", any(session_socket::connect))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(page::serve)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn_with_state(app.clone(), layers::outer))
        .with_state(app)
}

async fn wrong_method() -> Response {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "This address takes other methods.")
        .into_response()
}
