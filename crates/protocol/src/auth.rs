//! Signing in and out.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::common::Role;

/// `POST /api/auth/guest`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GuestSignIn {
    /// 1 to 32 characters: letters, digits, single spaces and `_ - . '`.
    pub username: String,
    /// IANA time zone in which the person's days are counted, such as `Europe/Berlin`. Default `UTC`.
    #[serde(default)]
    pub time_zone: Option<String>,
}

/// Query of `GET /api/auth/github`
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GithubStart {
    /// Path on this site to go to afterwards; anything else is replaced by `/`.
    pub next: Option<String>,
    /// `redirect` (default): answers 303 to GitHub, which returns to the server. `spa`: answers the address as JSON, and GitHub returns
    /// to the page `/auth/github`, which posts `code` and `state`.
    #[param(inline)]
    pub flow: Option<GithubFlow>,
    /// IANA time zone of the browser, for a new person's streak; an unknown one counts as none.
    pub time_zone: Option<String>,
}

/// Who receives GitHub's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GithubFlow {
    /// The server.
    Redirect,
    /// The page.
    Spa,
}

/// The answer to `GET /api/auth/github?flow=spa`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GithubAuthorize {
    /// Where to send the browser.
    pub authorize_url: String,
}

/// Query of `GET /api/auth/github/callback`
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GithubCallback {
    /// The code to exchange.
    pub code: Option<String>,
    /// The state that began the flow.
    pub state: Option<String>,
    /// GitHub's refusal, such as `access_denied`.
    pub error: Option<String>,
}

/// `POST /api/auth/github`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GithubSignIn {
    /// The code that GitHub gave.
    pub code: String,
    /// The state that GitHub gave back.
    pub state: String,
}

/// A successful sign-in. The answer also sets the session cookie.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// JWT for `Authorization: Bearer`.
    pub token: String,
    /// Seconds until `token` lapses; `POST /api/auth/renew` gives a new one.
    pub expires_in: u64,
    /// Who is signed in.
    pub user: User,
}

/// How somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// By name, bound to this browser's cookie.
    Guest,
    /// Through GitHub.
    Github,
}

/// The signed-in person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Stable id.
    pub id: String,
    /// Unique name.
    pub username: String,
    /// What they may do.
    pub role: Role,
    /// How they sign in.
    pub kind: AccountKind,
    /// IANA time zone in which their days are counted.
    pub time_zone: String,
    /// When they first came.
    pub created_at: String,
}

/// `POST /api/auth/logout`; the body may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Logout {
    /// Also sign out every other device.
    #[serde(default)]
    pub everywhere: bool,
}

/// `GET /api/auth/options`: the ways to sign in here.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInOptions {
    /// By name.
    pub guest: bool,
    /// Through GitHub.
    pub github: bool,
}

/// `PATCH /api/users/me`
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct UpdateMe {
    /// New IANA time zone.
    #[serde(default)]
    pub time_zone: Option<String>,
}
