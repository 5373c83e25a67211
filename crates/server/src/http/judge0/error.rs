//! Errors as Judge0 tells them: an object with `error`, or for wrong fields one from the field's name to what is wrong with it.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use codementor_core::ports::StoreError;
use codementor_protocol::judge0::Failure;
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::http::problem::{ApiError, Refused};

/// What is wrong with each field.
pub type Faults = BTreeMap<&'static str, Vec<String>>;

/// An answer that is an error.
#[derive(Debug)]
pub struct Error {
    status: StatusCode,
    code: &'static str,
    body: Value,
    retry_after: Option<u64>,
}

/// A handler's answer.
pub type Answer<T> = Result<T, Error>;

impl Error {
    /// An error with a stable code and a sentence for people.
    pub fn new(status: StatusCode, code: &'static str, error: impl Into<String>) -> Self {
        let failure = Failure { error: error.into(), code: code.to_owned() };
        // Two texts can be written as JSON.
        let body = serde_json::to_value(failure).unwrap_or_default();
        Self { status, code, body, retry_after: None }
    }

    /// 400.
    pub fn bad(code: &'static str, error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, error)
    }

    /// 404, also for what is somebody else's.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such submission")
    }

    /// 422 with what is wrong with the fields.
    #[must_use]
    pub fn unprocessable(body: Value) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, code: "invalid_request", body, retry_after: None }
    }

    /// The person has too much waiting, or everybody has.
    #[must_use]
    pub fn queue_is_full(status: StatusCode) -> Self {
        Self { retry_after: Some(2), ..Self::new(status, "queue_full", "queue is full") }
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self { retry_after: error.seconds(), ..Self::new(error.status(), error.code(), error.detail()) }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if self.status.is_client_error() {
            response.extensions_mut().insert(Refused(self.code));
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
