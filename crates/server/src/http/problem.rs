//! Errors have two faces: the user's (RFC 9457) and the log's. A 500 says nothing of the inside.

use axum::Json;
use axum::response::{IntoResponse, Response};
use codementor_auth::AuthError;
use codementor_auth::github::GithubError;
use codementor_core::ports::{JudgeError, StoreError};
use codementor_protocol::problem::{FieldError, Problem};
use http::{HeaderValue, StatusCode, header};

use crate::grading::Refusal;

/// An answer that is an error.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    counting: Counting,
}

/// Under which reason a refusal is counted.
#[derive(Debug, Clone, Copy)]
enum Counting {
    /// The code itself.
    Code,
    /// A finer one than people are told.
    Reason(&'static str),
    /// Counted already, by who knew its kind.
    Done,
}

/// Stands in the extensions of an answer that turned a request away and is not counted yet: the reason, for the counter of rejections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// A handler's answer.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// An error with a stable code and a sentence for people.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let counting = Counting::Code;
        Self { status, code, detail: detail.into(), errors: Vec::new(), retry_after: None, counting }
    }

    /// 404. Also for what exists but is somebody else's: the two must look alike.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing here.")
    }

    /// 401.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Please sign in.")
    }

    /// 403.
    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 422 about one field.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error = FieldError { field: field.to_owned(), detail: detail.clone() };
        let summary = format!("`{field}`: {detail}");
        Self {
            errors: vec![error],
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", summary)
        }
    }

    /// 429 with the seconds to wait, at least 1.
    pub fn too_many(detail: impl Into<String>, retry_after: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).retry_after(retry_after)
    }

    /// 500; `inside` goes to the log only.
    pub fn internal(inside: &dyn std::fmt::Display) -> Self {
        tracing::error!(error = %inside, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side, not on yours. Please try again.",
        )
    }

    /// Names the code anew.
    #[must_use]
    pub fn with_code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// Names what the counter of rejections is told, where that is finer than the code.
    #[must_use]
    pub fn with_reason(self, reason: &'static str) -> Self {
        Self { counting: Counting::Reason(reason), ..self }
    }

    /// Says that the counter of rejections has it already.
    #[must_use]
    pub fn counted(self) -> Self {
        Self { counting: Counting::Done, ..self }
    }

    /// Says when to come again.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds.max(1)), ..self }
    }

    /// The status it answers.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code it answers.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What people are told.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// When to come again, in seconds, where that is said.
    #[must_use]
    pub fn seconds(&self) -> Option<u64> {
        self.retry_after
    }

    /// What the counter of rejections is told.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self.counting {
            Counting::Reason(reason) => reason,
            Counting::Code | Counting::Done => self.code,
        }
    }
}

impl ApiError {
    /// What is left to count: every 4xx once.
    fn refused(&self) -> Option<Refused> {
        match self.counting {
            _ if !self.status.is_client_error() => None,
            Counting::Code => Some(Refused(self.code)),
            Counting::Reason(reason) => Some(Refused(reason)),
            Counting::Done => None,
        }
    }
}

impl ApiError {
    /// The server drains; another node, or this one after its restart, will answer.
    #[must_use]
    pub fn stopping() -> Self {
        let detail = "The server is restarting. Please try again shortly.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", detail).retry_after(2)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let refused = self.refused();
        let body = Problem {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail,
            request_id: super::layers::current_request_id(),
            errors: self.errors,
        };
        let mut response = (self.status, Json(body)).into_response();
        if let Some(refused) = refused {
            response.extensions_mut().insert(refused);
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) => {
                tracing::warn!(error = %why, "the database is unavailable");
                let detail = "The database does not answer just now. Please try again shortly.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "database_unavailable", detail).retry_after(2)
            }
            StoreError::Failed(why) => Self::internal(&why),
        }
    }
}

impl From<JudgeError> for ApiError {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Unavailable(why) => {
                tracing::warn!(reason = %why, "judging is refused");
                let detail = "Programs cannot be run safely on this server, so they are not run. Nothing was handed in; an \
                              administrator finds the reason with `codementor doctor`.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "judge_unavailable", detail).retry_after(30)
            }
            JudgeError::Language(language) => {
                Self::invalid("language", format!("{language} is not installed here"))
                    .with_code("unknown_language")
            }
            JudgeError::Failed(why) => {
                tracing::error!(error = %why, "the judge failed");
                let detail = "The judge failed, not your program. Please try again.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "judge_failed", detail).retry_after(2)
            }
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unauthenticated(reason) => Self::unauthenticated().with_reason(reason.as_str()),
            AuthError::InvalidName(why) => {
                Self::invalid("username", why.to_string()).with_code("invalid_username")
            }
            AuthError::InvalidTimeZone => {
                let detail = "No such time zone; use an IANA name such as Europe/Berlin.";
                Self::invalid("time_zone", detail).with_code("invalid_time_zone")
            }
            AuthError::NameTaken => {
                let detail = "That name is taken. Please choose another.";
                Self::new(StatusCode::CONFLICT, "username_taken", detail)
            }
            AuthError::Store(error) => error.into(),
            AuthError::Internal(why) => Self::internal(&why),
        }
    }
}

impl From<GithubError> for ApiError {
    fn from(error: GithubError) -> Self {
        // Its flow has written the log's line already, as loud as who caused it deserves.
        let (code, detail, reason) = (error.code(), error.public(), error.reason());
        let told = match error {
            GithubError::Store(error) => error.into(),
            GithubError::Flow(_) => Self::new(StatusCode::BAD_REQUEST, code, detail),
            GithubError::Refused(_) => Self::new(StatusCode::FORBIDDEN, code, detail),
            GithubError::Slow => Self::new(StatusCode::GATEWAY_TIMEOUT, code, detail).retry_after(5),
            GithubError::Nonsense(_) | GithubError::Unreachable(_) => {
                Self::new(StatusCode::BAD_GATEWAY, code, detail).retry_after(5)
            }
        };
        told.with_reason(reason)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooMany => {
                Self::too_many("Three of your programs are still being judged. Please wait for them.", 1)
                    .with_code("too_many_running")
            }
            Refusal::Full => {
                let detail = "Many programs are waiting to be judged. Please try again shortly.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "queue_full", detail).retry_after(5)
            }
            Refusal::Judge(error) => error.into(),
            Refusal::Store(error) => error.into(),
            Refusal::Stopping => Self::stopping(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(error: ApiError) -> Option<Refused> {
        error.into_response().extensions().get().copied()
    }

    #[test]
    fn every_4xx_is_left_to_count_once() {
        assert_eq!(refused(ApiError::not_found()), Some(Refused("not_found")));
        let finer = ApiError::unauthenticated().with_reason("token_expired");
        assert_eq!(refused(finer), Some(Refused("token_expired")));
        assert_eq!(refused(ApiError::too_many("slower", 1).counted()), None);
        assert_eq!(refused(ApiError::internal(&"inside")), None);
    }
}
