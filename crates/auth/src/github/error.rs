//! Why a GitHub sign-in did not come to an end.
//!
//! `Display` and `Debug` are for the log and hold no secrets; [`GithubError::public`] is for the person.

use codementor_core::ports::StoreError;
use reqwest::StatusCode;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum GithubError {
    /// What came back belongs to no flow of this browser. One public answer for all reasons.
    #[error("no such sign-in: {0}")]
    Flow(FlowError),
    /// GitHub, or the person there, said no.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// GitHub did not answer in time.
    #[error("GitHub did not answer in time")]
    Slow,
    /// GitHub, or something in its place, answered what it never should.
    #[error("GitHub's answer makes no sense: {0}")]
    Nonsense(Nonsense),
    /// GitHub cannot be reached or has trouble of its own.
    #[error("GitHub cannot be reached: {0}")]
    Unreachable(String),
    /// Our database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no flow was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// No `state`, or no `code`.
    #[error("state or code is missing")]
    Missing,
    /// A `state` or code that is not of the right form.
    #[error("state or code is malformed")]
    Malformed,
    /// Never begun, used before, or expired.
    #[error("the state is unknown, used or expired")]
    Unknown,
    /// Begun in another browser (the cookie is missing or another one). The flow is over.
    #[error("the flow was begun in another browser")]
    OtherBrowser,
}

/// Why GitHub said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The person did not consent.
    #[error("access denied by the person")]
    Denied,
    /// The code is wrong, used or expired.
    #[error("the code was not accepted")]
    Code,
    /// Our client id, secret or callback address is wrong: the operator must act.
    #[error("this school is not set up correctly at GitHub ({0})")]
    Setup(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// In which way an answer makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Nonsense {
    /// Longer than any honest answer.
    #[error("the answer is too long")]
    TooLong,
    /// Sends us elsewhere.
    #[error("the answer is a redirect ({0})")]
    Redirect(StatusCode),
    /// Another status than any of those GitHub uses here.
    #[error("the status is {0}")]
    Status(StatusCode),
    /// Not the JSON that was asked for.
    #[error("the answer is not the expected JSON")]
    Shape,
    /// The access token cannot be one.
    #[error("the access token is malformed")]
    Token,
    /// No positive id or no plausible login.
    #[error("the user has no plausible id and login")]
    User,
}

impl GithubError {
    /// What the person is told.
    #[must_use]
    pub fn public(&self) -> &'static str {
        match self {
            Self::Flow(_) => "This sign-in is no longer valid. Please start it again.",
            Self::Refused(Refusal::Denied) => "You cancelled the sign-in at GitHub. Nothing was changed.",
            Self::Refused(Refusal::Setup(_)) => {
                "Sign-in with GitHub is not set up correctly here. Please tell the people who run this school."
            }
            Self::Refused(_) => "GitHub did not accept this sign-in. Please start it again.",
            Self::Slow | Self::Nonsense(_) | Self::Unreachable(_) => {
                "GitHub did not answer properly. Nothing was changed; please try again in a moment."
            }
            Self::Store(_) => "Signing in is not possible at the moment. Please try again shortly.",
        }
    }

    /// A stable code for API answers.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Flow(_) => "sign_in_expired",
            Self::Refused(Refusal::Denied) => "github_denied",
            Self::Refused(_) => "github_refused",
            Self::Slow => "github_slow",
            Self::Nonsense(_) => "github_nonsense",
            Self::Unreachable(_) => "github_unreachable",
            Self::Store(_) => "database_unavailable",
        }
    }

    /// A stable label for the counter of rejections, finer than [`Self::code`].
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Flow(FlowError::Missing) => "state_missing",
            Self::Flow(FlowError::Malformed) => "state_malformed",
            Self::Flow(FlowError::Unknown) => "state_unknown",
            Self::Flow(FlowError::OtherBrowser) => "state_other_browser",
            Self::Refused(Refusal::Code) => "github_code",
            Self::Refused(Refusal::Setup(_)) => "github_setup",
            _ => self.code(),
        }
    }
}
