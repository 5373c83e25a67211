//! Talks to GitHub: one bounded client, two requests a sign-in.

use std::fmt;
use std::time::Duration;

use codementor_core::user::GithubIdentity;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse};
use oauth2::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, TokenResponse as _, TokenUrl,
};
use reqwest::{Response, StatusCode, Url, header};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::config::{ConfigError, Endpoints, GithubConfig, Limits};
use super::error::{GithubError, Nonsense, Refusal};
use super::flow::{FlowKind, refusal};

/// Reading the public profile is all that signing in needs.
const SCOPE: &str = "read:user";

/// How many sign-ins talk to GitHub at once. More wait, within their limit of time.
const AT_ONCE: usize = 64;

const USER_AGENT: &str = concat!("codementor/", env!("CARGO_PKG_VERSION"));

/// An OAuth client that knows where to authorise and where to get tokens.
type OauthClient = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// How the exchange of a code can fail.
type ExchangeError = RequestTokenError<GithubError, BasicErrorResponse>;

pub(super) struct GithubClient {
    to_server: OauthClient,
    to_page: OauthClient,
    http: Bounded,
    endpoints: Endpoints,
    total: Duration,
    slots: Semaphore,
}

/// An HTTP client that reads no more than it was told. Cheap to clone.
#[derive(Clone)]
struct Bounded {
    http: reqwest::Client,
    answer_bytes: usize,
}

impl GithubClient {
    pub fn new(config: &GithubConfig) -> Result<Self, ConfigError> {
        let endpoints = Endpoints::of(config)?;
        let client = |back: &Url| {
            BasicClient::new(ClientId::new(config.client_id.trim().to_owned()))
                .set_client_secret(ClientSecret::new(config.client_secret.expose_secret().trim().to_owned()))
                .set_auth_uri(AuthUrl::from_url(endpoints.authorize.clone()))
                .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
                .set_redirect_uri(RedirectUrl::from_url(back.clone()))
                .set_auth_type(AuthType::RequestBody)
        };
        Ok(Self {
            to_server: client(&endpoints.back_to_server),
            to_page: client(&endpoints.back_to_page),
            http: Bounded {
                http: http_client(&endpoints, &config.limits)?,
                answer_bytes: config.limits.answer_bytes,
            },
            total: config.limits.total,
            slots: Semaphore::new(AT_ONCE),
            endpoints,
        })
    }

    pub fn authorize_url(&self, kind: FlowKind, state: String, challenge: PkceCodeChallenge) -> String {
        let (url, _) = self
            .oauth(kind)
            .authorize_url(|| CsrfToken::new(state))
            .add_scope(Scope::new(SCOPE.to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        url.into()
    }

    /// Exchanges a code and asks whose it is, both within one limit of time.
    pub async fn identify(
        &self,
        kind: FlowKind,
        code: &str,
        verifier: String,
    ) -> Result<GithubIdentity, GithubError> {
        let both = async {
            // The semaphore is never closed; a closed one would only mean no limit.
            let _slot = self.slots.acquire().await;
            let token = self.exchange(kind, code, verifier).await?;
            self.http.user(self.endpoints.user.clone(), &token).await
        };
        tokio::time::timeout(self.total, both).await.map_err(|_| GithubError::Slow)?
    }

    async fn exchange(
        &self,
        kind: FlowKind,
        code: &str,
        verifier: String,
    ) -> Result<AccessToken, GithubError> {
        let answer: Result<BasicTokenResponse, ExchangeError> = self
            .oauth(kind)
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&|request| self.http.clone().token_request(request))
            .await;
        // What the library says of an answer it could not read contains the answer, and with it perhaps a token: it is dropped.
        let token = answer.map_err(|error| match error {
            RequestTokenError::ServerResponse(answer) => {
                GithubError::Refused(refusal(answer.error().as_ref()))
            }
            RequestTokenError::Request(error) => error,
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                GithubError::Nonsense(Nonsense::Shape)
            }
        })?;
        checked_token(token.access_token())
    }

    fn oauth(&self, kind: FlowKind) -> &OauthClient {
        match kind {
            FlowKind::Redirect => &self.to_server,
            FlowKind::Spa => &self.to_page,
        }
    }
}

impl Bounded {
    async fn user(&self, url: Url, token: &AccessToken) -> Result<GithubIdentity, GithubError> {
        let request = self
            .http
            .get(url)
            .header(header::ACCEPT, "application/json")
            .header("X-GitHub-Api-Version", "2022-11-28")
            .bearer_auth(token.secret());
        let response = request.send().await.map_err(trouble)?;
        let status = checked_status(response.status())?;
        if status.is_client_error() {
            return Err(GithubError::Refused(Refusal::Other(format!("the user request got {status}"))));
        }
        let body = self.body(response).await?;
        let user: UserAnswer =
            serde_json::from_slice(&body).map_err(|_| GithubError::Nonsense(Nonsense::Shape))?;
        user.checked()
    }

    /// The closure through which the OAuth library reaches the network.
    async fn token_request(self, request: HttpRequest) -> Result<HttpResponse, GithubError> {
        let shape = |_| GithubError::Nonsense(Nonsense::Shape);
        let request = reqwest::Request::try_from(request).map_err(trouble)?;
        let response = self.http.execute(request).await.map_err(trouble)?;
        let mut status = checked_status(response.status())?;
        let content_type = response.headers().get(header::CONTENT_TYPE).cloned();
        let body = self.body(response).await?;
        let has_error = serde_json::from_slice::<Value>(&body).is_ok_and(|body| body["error"].is_string());
        match (status.is_success(), has_error) {
            // GitHub reports its refusals with status 200; the library looks for them under another one.
            (true, true) => status = StatusCode::BAD_REQUEST,
            (false, false) => {
                return Err(GithubError::Refused(Refusal::Other(format!("the token request got {status}"))));
            }
            _ => {}
        }
        let mut answer = oauth2::http::Response::builder().status(status);
        if let Some(content_type) = content_type {
            answer = answer.header(header::CONTENT_TYPE, content_type);
        }
        answer.body(body).map_err(shape)
    }

    /// Reads a body up to the limit; a longer one is not read on, dropping it closes the connection.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, GithubError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(trouble)? {
            if body.len() + chunk.len() > self.answer_bytes {
                return Err(GithubError::Nonsense(Nonsense::TooLong));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn http_client(endpoints: &Endpoints, limits: &Limits) -> Result<reqwest::Client, ConfigError> {
    // Without a provider the builder would panic.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(ConfigError::NoTls);
    }
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(limits.connect)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false);
    if endpoints.are_local() {
        builder = builder.no_proxy();
    }
    builder.build().map_err(ConfigError::Client)
}

/// Lets 200 and client errors through.
fn checked_status(status: StatusCode) -> Result<StatusCode, GithubError> {
    match status {
        StatusCode::OK => Ok(status),
        StatusCode::TOO_MANY_REQUESTS => Err(GithubError::Unreachable(format!("it answered {status}"))),
        _ if status.is_server_error() => Err(GithubError::Unreachable(format!("it answered {status}"))),
        _ if status.is_client_error() => Ok(status),
        _ if status.is_redirection() => Err(GithubError::Nonsense(Nonsense::Redirect(status))),
        _ => Err(GithubError::Nonsense(Nonsense::Status(status))),
    }
}

/// Names the kind of trouble with the network. The library's text is cut to its kind: it may quote addresses.
fn trouble(error: reqwest::Error) -> GithubError {
    let error = error.without_url();
    if error.is_connect() {
        GithubError::Unreachable("no connection".to_owned())
    } else if error.is_timeout() {
        GithubError::Slow
    } else {
        tracing::debug!(error = &error as &dyn std::error::Error, "talking to GitHub failed");
        GithubError::Unreachable("the connection broke".to_owned())
    }
}

fn checked_token(token: &AccessToken) -> Result<AccessToken, GithubError> {
    let text = token.secret();
    let plausible = (1..=1024).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if plausible { Ok(token.clone()) } else { Err(GithubError::Nonsense(Nonsense::Token)) }
}

/// The part of GitHub's user that matters.
#[derive(Deserialize)]
struct UserAnswer {
    id: u64,
    login: String,
}

impl UserAnswer {
    /// A login has letters, digits and hyphens, and an underscore in managed accounts. The id must fit the database's integers.
    fn checked(self) -> Result<GithubIdentity, GithubError> {
        let plausible_id = self.id > 0 && i64::try_from(self.id).is_ok();
        let plausible_login = (1..=100).contains(&self.login.len())
            && self.login.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if plausible_id && plausible_login {
            Ok(GithubIdentity { id: self.id, login: self.login })
        } else {
            Err(GithubError::Nonsense(Nonsense::User))
        }
    }
}

impl fmt::Debug for GithubClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GithubClient({})", self.endpoints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(json: &str) -> Option<GithubIdentity> {
        serde_json::from_str::<UserAnswer>(json).ok()?.checked().ok()
    }

    #[test]
    fn plausible_users_pass() {
        for login in ["octocat", "a", "ada-l", "mona_acme", "0x1", "trailing-"] {
            let found = user(&format!(r#"{{"login":"{login}","id":583231,"type":"User"}}"#)).unwrap();
            assert_eq!((found.id, found.login.as_str()), (583_231, login));
        }
    }

    #[test]
    fn implausible_users_do_not() {
        let long = "a".repeat(101);
        for id in ["0", "-1", "1.5", "1e3", "\"7\"", "null", "true", "9223372036854775808"] {
            assert_eq!(user(&format!(r#"{{"login":"ada","id":{id}}}"#)), None, "{id}");
        }
        for login in ["", "a b", "../x", "<b>", "é", "a\\u0000", "a\\u202eb", &long] {
            assert_eq!(user(&format!(r#"{{"login":"{login}","id":7}}"#)), None, "{login}");
        }
        for json in ["", "{}", "[]", "null", r#"{"id":7}"#, r#"{"login":"ada"}"#] {
            assert_eq!(user(json), None, "{json}");
        }
    }

    #[test]
    fn tokens_must_fit_a_header() {
        for bad in ["", "a b", "a\r\nb", "é", &"a".repeat(1025)] {
            assert!(checked_token(&AccessToken::new(bad.to_owned())).is_err());
        }
        assert!(
            checked_token(&AccessToken::new("gho_16C7e42F292c6912E7710c838347Ae178B4a".to_owned())).is_ok()
        );
    }
}
