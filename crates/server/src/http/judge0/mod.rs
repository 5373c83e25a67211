//! The API of Judge0 CE 1.13 under `/judge0`: <https://ce.judge0.com>. For signed-in people; what they hand in waits in the same fair
//! queue as everything else and is seen by them alone.
//!
//! What is ours alone: `tests`, `stop_on_failure` and `language` of a submission, `verdict` and `tests` of its end, the codes of errors,
//! and `callback_secret`. What is not offered is refused and never ignored: compiler options, arguments, more files, the network, several runs.

mod caller;
mod error;
mod info;
mod input;
mod languages;
pub mod view;

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use codementor_core::judge0::{Judge0Submission, Judge0Taken, NewJudge0};
use codementor_core::{Judge0Token, UserId};
use codementor_protocol::judge0::{
    Batch, Failure, Listing, Meta, NewBatch, NewSubmission, Options, Submission, Token,
};
use http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::caller::Caller;
use self::error::{Answer, Error};
use self::input::Reading;
use self::view::{Base64, Fields, show};
use super::extract::{MAX_BODY, Path, Query, read_body_of};
use super::problem::ApiError;
use super::submissions::check_rate;
use crate::app::{App, SharedApp};
use crate::judge0::kept::Asked;

/// The largest request body, in bytes: a test's largest input in base64, and what is around it.
const LARGEST_BODY: u64 = 16 << 20;
/// The most that an answer of several submissions is made of, in bytes.
const LARGEST_ANSWER: usize = 64 << 20;
/// The longest a body may take to arrive.
const BODY_LIMIT: Duration = Duration::from_secs(20);
/// The most submissions in a batch.
pub const MAX_BATCH: usize = 20;
/// How long `wait=true` waits before it answers with what there is.
const WAIT: Duration = Duration::from_secs(20);

/// The routes of this module.
pub fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(detail, remove))
        .routes(routes!(create_batch, batch))
        .merge(info::routes())
}

fn base64(options: &Options) -> Base64 {
    if options.base64_encoded.as_deref() == Some("true") { Base64::Yes } else { Base64::No }
}

fn fields(options: &Options) -> Answer<Fields> {
    Fields::parse(options.fields.as_deref())
}

/// Hands a program in. With `wait=true` the answer is the submission as it stands after up to 20 s.
#[utoipa::path(post, path = "/judge0/submissions", operation_id = "judge0_create", tag = "judge0", params(Options), request_body = NewSubmission, responses(
    (status = 201, body = Token, description = "its token; with `wait=true` the submission"),
    (status = 400, body = Failure, description = "`invalid_fields`, `invalid_json`"),
    (status = 401, body = Failure, description = "`unauthenticated`"),
    (status = 413, body = Failure, description = "`body_too_large`"),
    (status = 422, description = "what is wrong with each field: an object from its name to a list of texts"),
    (status = 429, body = Failure, description = "`queue_full`: a hundred of yours are not finished yet; `rate_limited`"),
    (status = 503, body = Failure, description = "`queue_full`: everybody's; `judge_unavailable`"),
))]
async fn create(
    State(app): State<SharedApp>,
    Caller(identity): Caller,
    options: Answered<Query<Options>>,
    request: Request,
) -> Answer<Response> {
    let Answered(Query(options)) = options;
    let (base64, fields) = (base64(&options), fields(&options)?);
    let new: NewSubmission = body(&app, request).await?;
    let (user, is_waiting) = (identity.user.id, options.wait.as_deref() == Some("true"));
    let asked =
        check(&app, base64, &[new])?.remove(0).map_err(|faults| Error::unprocessable(json!(faults)))?;
    let tokens = store(&app, user, vec![asked]).await?;
    let token = tokens[0];
    let known = if is_waiting { wait(&app, token).await? } else { None };
    let answer = match known {
        Some(kept) => show(&kept, app.judge0.is_running(token), base64, &fields),
        None => json!(Token { token: token.to_string() }),
    };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Hands up to twenty programs in. What is wrong with one stands in its place; the others are taken.
#[utoipa::path(post, path = "/judge0/submissions/batch", operation_id = "judge0_create_batch", tag = "judge0", params(Options), request_body = NewBatch, responses(
    (status = 201, body = Vec<Token>, description = "a token each, or what is wrong with its fields"),
    (status = 400, body = Failure, description = "`invalid_batch`, `invalid_json`"),
    (status = 401, body = Failure, description = "`unauthenticated`"),
    (status = 422, description = "none is taken"),
    (status = 429, body = Failure, description = "`queue_full`, `rate_limited`"),
    (status = 503, body = Failure, description = "`queue_full`, `judge_unavailable`"),
))]
async fn create_batch(
    State(app): State<SharedApp>,
    Caller(identity): Caller,
    options: Answered<Query<Options>>,
    request: Request,
) -> Answer<Response> {
    let Answered(Query(options)) = options;
    let batch: NewBatch = body(&app, request).await?;
    check_batch(batch.submissions.len())?;
    let checked = check(&app, base64(&options), &batch.submissions)?;
    let good: Vec<Asked> = checked.iter().filter_map(|one| one.as_ref().ok().cloned()).collect();
    let is_any_good = !good.is_empty();
    let mut tokens = store(&app, identity.user.id, good).await?.into_iter();
    let answers: Vec<Value> = checked
        .into_iter()
        .map(|one| match one {
            Ok(_) => json!(tokens.next().map(|token| Token { token: token.to_string() })),
            Err(faults) => json!(faults),
        })
        .collect();
    if !is_any_good {
        return Err(Error::unprocessable(json!(answers)));
    }
    Ok((StatusCode::CREATED, Json(answers)).into_response())
}

/// One of your submissions. It is kept for a day after its end, and while it is among the newest 500 and 32 MiB of yours.
#[utoipa::path(get, path = "/judge0/submissions/{token}", operation_id = "judge0_get", tag = "judge0", params(("token" = String, Path, description = "Its token"), Options), responses(
    (status = 200, body = Submission),
    (status = 400, body = Failure, description = "`invalid_fields`"),
    (status = 401, body = Failure, description = "`unauthenticated`"),
    (status = 404, body = Failure, description = "`not_found`"),
))]
async fn detail(
    State(app): State<SharedApp>,
    Caller(identity): Caller,
    Answered(Path(token)): Answered<Path<String>>,
    options: Answered<Query<Options>>,
) -> Answer<Json<Value>> {
    let Answered(Query(options)) = options;
    let fields = fields(&options)?;
    let kept = find(&app, identity.user.id, &token).await?.ok_or_else(Error::not_found)?;
    Ok(Json(show(&kept, app.judge0.is_running(kept.token), base64(&options), &fields)))
}

/// Removes one of your finished submissions and tells it for the last time, in base64.
#[utoipa::path(delete, path = "/judge0/submissions/{token}", operation_id = "judge0_remove", tag = "judge0", params(("token" = String, Path, description = "Its token"), Options), responses(
    (status = 200, body = Submission),
    (status = 400, body = Failure, description = "`not_finished`, `invalid_fields`"),
    (status = 401, body = Failure, description = "`unauthenticated`"),
    (status = 404, body = Failure, description = "`not_found`"),
))]
async fn remove(
    State(app): State<SharedApp>,
    Caller(identity): Caller,
    Answered(Path(token)): Answered<Path<String>>,
    options: Answered<Query<Options>>,
) -> Answer<Json<Value>> {
    let Answered(Query(options)) = options;
    let fields = fields(&options)?;
    let kept = find(&app, identity.user.id, &token).await?.ok_or_else(Error::not_found)?;
    if kept.result.is_none() {
        let (id, word) = if app.judge0.is_running(kept.token) { (2, "Processing") } else { (1, "In Queue") };
        let why = format!("submission cannot be deleted because its status is {id} ({word})");
        return Err(Error::bad("not_finished", why));
    }
    app.store.remove_judge0(kept.token).await?;
    Ok(Json(show(&kept, false, Base64::Yes, &fields)))
}

/// Up to twenty of your submissions.
#[utoipa::path(get, path = "/judge0/submissions/batch", operation_id = "judge0_get_batch", tag = "judge0", params(Options), responses(
    (status = 200, body = Batch),
    (status = 400, body = Failure, description = "`invalid_batch`, `invalid_fields`"),
    (status = 413, body = Failure, description = "`answer_too_large`: all of them together hold more than 64 MiB"),
    (status = 401, body = Failure, description = "`unauthenticated`"),
))]
async fn batch(
    State(app): State<SharedApp>,
    Caller(identity): Caller,
    options: Answered<Query<Options>>,
) -> Answer<Json<Value>> {
    let Answered(Query(options)) = options;
    let (base64, fields) = (base64(&options), fields(&options)?);
    let tokens = options.tokens.as_deref().unwrap_or_default().trim();
    let tokens: Vec<&str> = tokens.split(',').filter(|token| !token.is_empty()).take(MAX_BATCH + 1).collect();
    check_batch(tokens.len())?;
    let mut submissions = Vec::with_capacity(tokens.len());
    let mut held = 0;
    for token in tokens {
        let kept = find(&app, identity.user.id, token.trim()).await?;
        held +=
            kept.as_ref().map_or(0, |kept| kept.request.len() + kept.result.as_ref().map_or(0, String::len));
        if held > LARGEST_ANSWER {
            let told = "these submissions are too long to be told together";
            return Err(Error::new(StatusCode::PAYLOAD_TOO_LARGE, "answer_too_large", told));
        }
        let shown = kept.map(|kept| show(&kept, app.judge0.is_running(kept.token), base64, &fields));
        submissions.push(shown.unwrap_or(Value::Null));
    }
    Ok(Json(json!({ "submissions": submissions })))
}

/// Your submissions, newest first.
#[utoipa::path(get, path = "/judge0/submissions", operation_id = "judge0_list", tag = "judge0", params(Options), responses(
    (status = 200, body = Listing),
    (status = 400, body = Failure, description = "`invalid_page`, `invalid_fields`"),
    (status = 401, body = Failure, description = "`unauthenticated`"),
))]
async fn list(
    State(app): State<SharedApp>,
    Caller(identity): Caller,
    options: Answered<Query<Options>>,
) -> Answer<Json<Value>> {
    let Answered(Query(options)) = options;
    let (base64, fields) = (base64(&options), fields(&options)?);
    let page = page_number("page", options.page.as_deref(), 1, u64::from(u32::MAX))?;
    let per_page = page_number("per_page", options.per_page.as_deref(), 20, 100)?;
    let limit = u32::try_from(per_page).unwrap_or(1);
    let (kept, total_count) = app.store.judge0_of(identity.user.id, (page - 1) * per_page, limit).await?;
    let shown: Vec<Value> =
        kept.iter().map(|kept| show(kept, app.judge0.is_running(kept.token), base64, &fields)).collect();
    let total_pages = total_count.div_ceil(per_page);
    let meta = Meta {
        current_page: page,
        next_page: (page < total_pages).then_some(page + 1),
        prev_page: (page > 1).then_some(page - 1),
        total_pages,
        total_count,
    };
    Ok(Json(json!({ "submissions": shown, "meta": meta })))
}

fn page_number(name: &'static str, given: Option<&str>, default: u64, most: u64) -> Answer<u64> {
    let Some(text) = given else { return Ok(default) };
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| {
        let shown: String = text.chars().take(20).collect();
        Error::bad("invalid_page", format!("invalid {name}: {shown}"))
    })
}

fn check_batch(size: usize) -> Answer<()> {
    let told = match size {
        0 => "there should be at least one submission in a batch".to_owned(),
        1..=MAX_BATCH => return Ok(()),
        _ => format!("number of submissions in a batch should be less than or equal to {MAX_BATCH}"),
    };
    Err(Error::bad("invalid_batch", told))
}

/// Checks what is handed in; a fault of one is none of the others.
fn check(app: &App, base64: Base64, new: &[NewSubmission]) -> Answer<Vec<Result<Asked, error::Faults>>> {
    app.judge.available().map_err(ApiError::from)?;
    let languages = languages::installed(app);
    let callback = |url: &str| app.judge0.callbacks.check(url).map(|_| ());
    let reading = Reading { languages: &languages, base64, callback: &callback };
    Ok(new.iter().map(|new| reading.read(new)).collect())
}

/// Stores what was asked and has it taken up, also when the client hangs up in between.
async fn store(app: &SharedApp, user: UserId, asked: Vec<Asked>) -> Answer<Vec<Judge0Token>> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    check_rate(app, user)?;
    let now = app.clock.now();
    let new = asked.iter().map(|asked| {
        let request = serde_json::to_string(asked).map_err(|error| ApiError::internal(&error))?;
        Ok(NewJudge0 { token: Judge0Token::new(), user_id: user, request, created_at: now })
    });
    let new = new.collect::<Result<Vec<_>, ApiError>>()?;
    let app = app.clone();
    let stored = tokio::spawn(async move {
        let taken = app.store.create_judge0(&new).await?;
        let tokens: Vec<_> = new.iter().map(|new| new.token).collect();
        if taken == Judge0Taken::All {
            tokens.iter().for_each(|token| app.judge0.take_up(user, *token));
        }
        Ok::<_, Error>((taken, tokens))
    });
    let (taken, tokens) = stored.await.map_err(|error| ApiError::internal(&error))??;
    match taken {
        Judge0Taken::All => Ok(tokens),
        Judge0Taken::TooMany => Err(Error::queue_is_full(StatusCode::TOO_MANY_REQUESTS)),
        Judge0Taken::Full => Err(Error::queue_is_full(StatusCode::SERVICE_UNAVAILABLE)),
    }
}

/// The submission as it stands when it has ended or nobody waits any longer.
async fn wait(app: &App, token: Judge0Token) -> Answer<Option<Judge0Submission>> {
    // Who finds no place among the waiting gets it as it stands.
    if let Ok(_place) = app.waiting.try_acquire() {
        tokio::select! {
            () = app.judge0.wait(token, WAIT) => {}
            () = app.stopping.cancelled() => {}
        }
    }
    Ok(app.store.judge0(token).await?)
}

/// A submission of this person. Everybody else's look like missing ones.
async fn find(app: &App, user: UserId, token: &str) -> Answer<Option<Judge0Submission>> {
    let Ok(token) = token.parse() else { return Ok(None) };
    let kept = app.store.judge0(token).await?;
    Ok(kept.filter(|kept| kept.user_id == user))
}

/// A JSON body, which may be larger than elsewhere; of large ones few are read at once.
async fn body<T: DeserializeOwned>(app: &App, request: Request) -> Answer<T> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let told = "the body must be JSON, with content-type: application/json";
        return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", told));
    }
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    // Who sends large bodies slowly holds up large bodies only.
    let is_small = length.is_some_and(|length: u64| length <= MAX_BODY as u64);
    let place = if is_small { None } else { app.judge0_bodies.try_acquire().ok() };
    if !is_small && place.is_none() {
        return Err(Error::queue_is_full(StatusCode::SERVICE_UNAVAILABLE));
    }
    let bytes = read_body_of(request, LARGEST_BODY, BODY_LIMIT).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Error::bad("invalid_json", format!("the body does not fit: {error}")))
}

/// An extractor whose refusal is told as Judge0 tells errors.
struct Answered<T>(T);

impl<T> axum::extract::FromRequestParts<SharedApp> for Answered<T>
where
    T: axum::extract::FromRequestParts<SharedApp, Rejection = ApiError>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, app: &SharedApp) -> Result<Self, Error> {
        Ok(Self(T::from_request_parts(parts, app).await?))
    }
}
