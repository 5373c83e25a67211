//! One way to GitHub and back: remembered at the start, bound to one browser, taken once.

use std::fmt;
use std::sync::Arc;

use codementor_core::UserId;
use codementor_core::ports::{Clock, OauthFlow, SecretHash, Store};
use codementor_core::time::zone;
use codementor_core::user::GithubIdentity;
use oauth2::PkceCodeChallenge;
use subtle::ConstantTimeEq as _;

use super::client::GithubClient;
use super::config::{ConfigError, GithubConfig};
use super::error::{FlowError, GithubError, Refusal};
use super::next::safe_next;
use crate::secret::{SessionSecret, sha256};

/// How long a person has for consenting, in milliseconds.
const FLOW_MS: i64 = 10 * 60 * 1000;

/// The longest code and error taken from the address. GitHub's codes have 20 characters.
const MAX_PARAM_BYTES: usize = 512;

/// Who receives GitHub's answer. It is part of the `state`, so that the code is exchanged with the address it was asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowKind {
    /// The server, at `/api/auth/github/callback`.
    Redirect,
    /// The page, at `/auth/github`.
    Spa,
}

/// A flow under way.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Where to send the browser.
    pub authorize_url: String,
    /// Goes into an `HttpOnly` cookie of this browser (`SameSite=Lax`, as GitHub sends the browser back from another site).
    pub browser_secret: SessionSecret,
    /// Seconds until flow and cookie lapse.
    pub expires_in: u64,
}

/// What the browser brought back, unchecked.
#[derive(Clone, Copy, Default)]
pub struct Returned<'a> {
    /// The code to exchange.
    pub code: Option<&'a str>,
    /// The state that began the flow.
    pub state: Option<&'a str>,
    /// GitHub's refusal, such as `access_denied`.
    pub error: Option<&'a str>,
}

/// The end of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// Who it is.
    pub identity: GithubIdentity,
    /// Path on this site to go to, checked.
    pub next: String,
    /// The guest who began the flow.
    pub guest: Option<UserId>,
    /// The browser's time zone, when it told a known one.
    pub time_zone: Option<String>,
}

/// Sign-in with GitHub. One per process.
pub struct Github {
    client: GithubClient,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Github {
    /// Checks the settings and makes the HTTP client. Talks to nobody.
    ///
    /// # Errors
    /// Says which setting is wrong.
    pub fn new(
        config: &GithubConfig,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConfigError> {
        Ok(Self { client: GithubClient::new(config)?, store, clock })
    }

    /// Begins a flow. `guest` is the guest who is signed in on this browser, when there is one. An unknown time zone is forgotten.
    ///
    /// # Errors
    /// [`GithubError::Store`] only.
    pub async fn begin(
        &self,
        next: Option<&str>,
        guest: Option<UserId>,
        time_zone: Option<&str>,
        kind: FlowKind,
    ) -> Result<Begun, GithubError> {
        let state = new_state(kind);
        let browser_secret = SessionSecret::generate();
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = OauthFlow {
            state_hash: sha256(state.as_bytes()),
            browser_hash: browser_secret.hash(),
            pkce_verifier: verifier.secret().clone(),
            next: safe_next(next.unwrap_or("/")).to_owned(),
            guest,
            time_zone: time_zone.filter(|name| zone(name).is_some()).map(str::to_owned),
            expires_at: self.clock.now().plus_ms(FLOW_MS),
        };
        self.store.put_flow(&flow).await?;
        Ok(Begun {
            authorize_url: self.client.authorize_url(kind, state, challenge),
            browser_secret,
            expires_in: FLOW_MS.unsigned_abs() / 1000,
        })
    }

    /// Ends a flow: checks state and browser, exchanges the code, asks GitHub who it is. `browser_secret` is the cookie's text.
    ///
    /// # Errors
    /// See [`GithubError`]. The flow is over in any case, but for [`GithubError::Store`] on reading it.
    pub async fn finish(
        &self,
        returned: Returned<'_>,
        browser_secret: Option<&str>,
    ) -> Result<Completed, GithubError> {
        let result = self.try_finish(returned, browser_secret).await;
        if let Err(error) = &result {
            log(error);
        }
        result
    }

    async fn try_finish(
        &self,
        returned: Returned<'_>,
        browser_secret: Option<&str>,
    ) -> Result<Completed, GithubError> {
        let (kind, state_hash) = read_state(returned.state).map_err(GithubError::Flow)?;
        let now = self.clock.now();
        let flow = self
            .store
            .take_flow(&state_hash, now)
            .await?
            .filter(|flow| flow.expires_at > now)
            .ok_or(GithubError::Flow(FlowError::Unknown))?;
        check_browser(&flow, browser_secret).map_err(GithubError::Flow)?;
        if let Some(error) = returned.error {
            return Err(GithubError::Refused(refusal(error)));
        }
        let code = read_code(returned.code).map_err(GithubError::Flow)?;
        let identity = self.client.identify(kind, code, flow.pkce_verifier).await?;
        // Checked again: what is in the database may be older than the rule.
        let next = safe_next(&flow.next).to_owned();
        Ok(Completed { identity, next, guest: flow.guest, time_zone: flow.time_zone })
    }
}

fn new_state(kind: FlowKind) -> String {
    let letter = match kind {
        FlowKind::Redirect => 'r',
        FlowKind::Spa => 's',
    };
    format!("{letter}{}", SessionSecret::generate().expose())
}

fn read_state(state: Option<&str>) -> Result<(FlowKind, SecretHash), FlowError> {
    let state = state.filter(|text| !text.is_empty()).ok_or(FlowError::Missing)?;
    let (kind, secret) = if let Some(rest) = state.strip_prefix('r') {
        (FlowKind::Redirect, rest)
    } else if let Some(rest) = state.strip_prefix('s') {
        (FlowKind::Spa, rest)
    } else {
        return Err(FlowError::Malformed);
    };
    SessionSecret::parse(secret).map_err(|_| FlowError::Malformed)?;
    Ok((kind, sha256(state.as_bytes())))
}

fn check_browser(flow: &OauthFlow, secret: Option<&str>) -> Result<(), FlowError> {
    let secret = secret.and_then(|text| SessionSecret::parse(text).ok());
    let same = secret.is_some_and(|secret| secret.hash().ct_eq(&flow.browser_hash).into());
    if same { Ok(()) } else { Err(FlowError::OtherBrowser) }
}

fn read_code(code: Option<&str>) -> Result<&str, FlowError> {
    let code = code.filter(|text| !text.is_empty()).ok_or(FlowError::Missing)?;
    let plausible = code.len() <= MAX_PARAM_BYTES && code.bytes().all(|b| b.is_ascii_graphic());
    if plausible { Ok(code) } else { Err(FlowError::Malformed) }
}

/// What an error code of GitHub means. The code comes from outside: only a plausible one is repeated.
pub(super) fn refusal(error: &str) -> Refusal {
    let plausible = error.len() <= 64 && error.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    match error {
        "access_denied" => Refusal::Denied,
        "bad_verification_code" | "invalid_grant" => Refusal::Code,
        "incorrect_client_credentials"
        | "invalid_client"
        | "redirect_uri_mismatch"
        | "application_suspended" => Refusal::Setup(error.to_owned()),
        _ if plausible => Refusal::Other(error.to_owned()),
        _ => Refusal::Other("an unreadable error code".to_owned()),
    }
}

/// What the operator must act on is an error; what people and strangers cause is not.
fn log(error: &GithubError) {
    match error {
        GithubError::Refused(Refusal::Setup(_)) | GithubError::Store(_) => {
            tracing::error!(%error, "GitHub sign-in failed");
        }
        GithubError::Slow | GithubError::Nonsense(_) | GithubError::Unreachable(_) => {
            tracing::warn!(%error, "GitHub sign-in failed");
        }
        GithubError::Refused(_) => tracing::info!(%error, "GitHub sign-in failed"),
        GithubError::Flow(_) => tracing::debug!(%error, "GitHub sign-in failed"),
    }
}

impl fmt::Debug for Returned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Returned([redacted])")
    }
}

impl fmt::Debug for Github {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_knows_its_kind() {
        for kind in [FlowKind::Redirect, FlowKind::Spa] {
            let state = new_state(kind);
            assert_eq!(read_state(Some(&state)).unwrap(), (kind, sha256(state.as_bytes())));
        }
    }

    #[test]
    fn a_state_of_another_kind_is_another_state() {
        let state = new_state(FlowKind::Redirect);
        let swapped = state.replacen('r', "s", 1);
        assert_ne!(read_state(Some(&state)).unwrap().1, read_state(Some(&swapped)).unwrap().1);
    }

    #[test]
    fn bad_states_are_refused() {
        assert_eq!(read_state(None), Err(FlowError::Missing));
        assert_eq!(read_state(Some("")), Err(FlowError::Missing));
        let good = new_state(FlowKind::Spa);
        for n in 1..good.len() {
            assert_eq!(read_state(Some(&good[..n])), Err(FlowError::Malformed));
        }
        for bad in ["x".to_owned(), format!("x{}", &good[1..]), format!("{good}x"), "é".repeat(22)] {
            assert_eq!(read_state(Some(&bad)), Err(FlowError::Malformed), "{bad}");
        }
    }

    #[test]
    fn bad_codes_are_refused() {
        assert_eq!(read_code(Some("abc123")), Ok("abc123"));
        assert_eq!(read_code(None), Err(FlowError::Missing));
        assert_eq!(read_code(Some("")), Err(FlowError::Missing));
        for bad in ["a b", "a\0", "é", &"a".repeat(513)] {
            assert_eq!(read_code(Some(bad)), Err(FlowError::Malformed));
        }
    }

    #[test]
    fn only_plausible_error_codes_are_repeated() {
        assert_eq!(refusal("access_denied"), Refusal::Denied);
        assert_eq!(refusal("server_error"), Refusal::Other("server_error".to_owned()));
        for odd in ["<script>", "a b", "x\ny", &"a".repeat(65)] {
            assert!(!refusal(odd).to_string().contains(odd));
        }
    }
}
