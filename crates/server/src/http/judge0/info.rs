//! What the server is and has: languages, statuses, settings. The first of these are for everybody.

use axum::Json;
use axum::extract::State;
use codementor_judge::{IMPLEMENTATION, TESTS_LIMIT};
use codementor_protocol::judge0::{About, CallbackSecret, Failure, Implementation, Language, Status};
use serde_json::{Map, Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::caller::Caller;
use super::error::{Answer, Error};
use super::input::RANGES;
use super::{Answered, MAX_BATCH, languages};
use crate::app::SharedApp;
use crate::http::extract::Path;
use crate::judge0::PER_PERSON;
use crate::judge0::kept::STATUSES;
use crate::judge0::run::status;

/// The version of Judge0 whose API this is.
const VERSION: &str = "1.13.1";

pub(super) fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(about))
        .routes(routes!(list_languages))
        .routes(routes!(all_languages))
        .routes(routes!(language))
        .routes(routes!(statuses))
        .routes(routes!(config_info))
        .routes(routes!(system_info))
        .routes(routes!(workers))
        .routes(routes!(callback_secret))
}

/// What answers here.
#[utoipa::path(get, path = "/judge0/about", operation_id = "judge0_about", tag = "judge0", responses((status = 200, body = About)))]
async fn about() -> Json<About> {
    let implementation = Implementation {
        name: IMPLEMENTATION.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tests: TESTS_LIMIT,
    };
    Json(About { version: VERSION.to_owned(), implementation })
}

/// The languages installed here.
#[utoipa::path(get, path = "/judge0/languages", operation_id = "judge0_languages", tag = "judge0", responses((status = 200, body = Vec<Language>)))]
async fn list_languages(State(app): State<SharedApp>) -> Json<Vec<Language>> {
    Json(languages::installed(&app))
}

/// The same: no language is archived.
#[utoipa::path(get, path = "/judge0/languages/all", operation_id = "judge0_all_languages", tag = "judge0", responses((status = 200, body = Vec<Language>)))]
async fn all_languages(State(app): State<SharedApp>) -> Json<Vec<Language>> {
    Json(languages::installed(&app))
}

/// A language installed here.
#[utoipa::path(get, path = "/judge0/languages/{id}", operation_id = "judge0_language", tag = "judge0", params(("id" = u32, Path, description = "Its number")), responses(
    (status = 200, body = Language),
    (status = 404, body = Failure, description = "`not_found`"),
))]
async fn language(
    State(app): State<SharedApp>,
    Answered(Path(id)): Answered<Path<String>>,
) -> Answer<Json<Language>> {
    let found = languages::installed(&app).into_iter().find(|known| known.id.to_string() == id);
    found.map(Json).ok_or_else(Error::not_found)
}

/// How submissions can stand.
#[utoipa::path(get, path = "/judge0/statuses", operation_id = "judge0_statuses", tag = "judge0", responses((status = 200, body = Vec<Status>)))]
async fn statuses() -> Json<Vec<Status>> {
    Json((1..).take(STATUSES.len()).map(status).collect())
}

/// The limits of submissions: what is taken when nothing is asked for, and the most that is given.
#[utoipa::path(get, path = "/judge0/config_info", operation_id = "judge0_config_info", tag = "judge0", responses(
    (status = 200, description = "Judge0's settings"),
    (status = 401, body = Failure, description = "`unauthenticated`"),
))]
async fn config_info(State(app): State<SharedApp>, Caller(_): Caller) -> Json<Value> {
    let mut info = Map::new();
    for range in RANGES {
        info.insert(range.name.to_owned(), json!(range.default));
        info.insert(format!("max_{}", range.name), json!(range.most));
    }
    for (name, value) in [
        ("maintenance_mode", json!(false)),
        ("enable_wait_result", json!(true)),
        ("enable_compiler_options", json!(false)),
        ("allowed_languages_for_compile_options", json!([])),
        ("enable_command_line_arguments", json!(false)),
        ("enable_submission_delete", json!(true)),
        ("enable_callbacks", json!(app.judge0.callbacks.are_allowed())),
        ("enable_additional_files", json!(false)),
        ("enable_network", json!(false)),
        ("allow_enable_network", json!(false)),
        ("max_queue_size", json!(codementor_core::judge0::MAX_UNFINISHED)),
        ("enable_per_process_and_thread_time_limit", json!(false)),
        ("allow_enable_per_process_and_thread_time_limit", json!(false)),
        ("enable_per_process_and_thread_memory_limit", json!(false)),
        ("allow_enable_per_process_and_thread_memory_limit", json!(false)),
        ("number_of_runs", json!(1)),
        ("max_number_of_runs", json!(1)),
        ("redirect_stderr_to_stdout", json!(false)),
        ("enable_batched_submissions", json!(true)),
        ("max_submission_batch_size", json!(MAX_BATCH)),
    ] {
        info.insert(name.to_owned(), value);
    }
    Json(Value::Object(info))
}

/// What keeps programs apart here.
#[utoipa::path(get, path = "/judge0/system_info", operation_id = "judge0_system_info", tag = "judge0", responses(
    (status = 200, description = "the layers of the sandbox, and whether each is active"),
    (status = 401, body = Failure, description = "`unauthenticated`"),
))]
async fn system_info(State(app): State<SharedApp>, Caller(_): Caller) -> Json<Value> {
    let layers = app.judge.protections().into_iter();
    Json(layers.map(|layer| (layer.name, Value::Bool(layer.active))).collect::<Map<_, _>>().into())
}

/// The queue and who works on it.
#[utoipa::path(get, path = "/judge0/workers", operation_id = "judge0_workers", tag = "judge0", responses(
    (status = 200, description = "one queue"),
    (status = 401, body = Failure, description = "`unauthenticated`"),
))]
async fn workers(State(app): State<SharedApp>, Caller(_): Caller) -> Json<Value> {
    let works = app.judge.available().is_ok();
    let available = if works { *app.judge_places.borrow() } else { 0 };
    let (working, size) = app.judge0.load();
    Json(json!([{
        "queue": "default",
        "size": size,
        "available": available,
        "idle": available.saturating_sub(working),
        "working": working,
        "paused": 0,
        "failed": 0,
        "per_person": PER_PERSON,
    }]))
}

/// Ours: what callbacks to you are signed with.
#[utoipa::path(get, path = "/judge0/callback_secret", operation_id = "judge0_callback_secret", tag = "judge0", responses(
    (status = 200, body = CallbackSecret),
    (status = 401, body = Failure, description = "`unauthenticated`"),
))]
async fn callback_secret(State(app): State<SharedApp>, Caller(identity): Caller) -> Json<CallbackSecret> {
    Json(app.judge0.callbacks.secret(identity.user.id))
}
