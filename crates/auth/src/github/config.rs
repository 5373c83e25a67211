//! Where GitHub is and who we are to it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;

/// The GitHub that everybody knows.
const GITHUB: &str = "https://github.com";

/// Bounds on talking to GitHub.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one connection to be made.
    pub connect: Duration,
    /// For everything after the browser has come back.
    pub total: Duration,
    /// For one answer's body, in bytes.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(8), answer_bytes: 64 * 1024 }
    }
}

/// Settings of GitHub sign-in.
#[derive(Debug, Clone)]
pub struct GithubConfig {
    /// `https://github.com`, or the address of a GitHub Enterprise server.
    pub base_url: String,
    /// Address of the REST API. By default derived from `base_url`: `https://api.github.com`, `https://api.NAME.ghe.com`, else
    /// `{base_url}/api/v3`.
    pub api_url: Option<String>,
    /// Id of the OAuth app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// This site's address, where the browser comes back to. Register it as the OAuth app's callback URL: both
    /// `/api/auth/github/callback` and `/auth/github` below it are used.
    pub public_url: String,
    /// Bounds; the default suits.
    pub limits: Limits,
}

impl GithubConfig {
    /// For github.com.
    #[must_use]
    pub fn new(client_id: &str, client_secret: SecretString, public_url: &str) -> Self {
        Self {
            base_url: GITHUB.to_owned(),
            api_url: None,
            client_id: client_id.to_owned(),
            client_secret,
            public_url: public_url.to_owned(),
            limits: Limits::default(),
        }
    }
}

/// What is wrong with the settings of GitHub sign-in.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A setting is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A setting is not an address that can be used.
    #[error("{0} must be an http or https address without user, query and fragment")]
    Url(&'static str),
    /// `rustls` has no provider yet: a fault of the program, not of the settings.
    #[error("no TLS provider is installed; install one before GitHub sign-in is set up")]
    NoTls,
    /// The HTTP client cannot be made, for example because the system has no certificates.
    #[error("no HTTP client: {0}")]
    Client(#[source] reqwest::Error),
}

/// The addresses that follow from the settings.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    pub authorize: Url,
    pub token: Url,
    pub user: Url,
    /// Where GitHub sends the browser when the server takes the answer.
    pub back_to_server: Url,
    /// The same when the page takes it.
    pub back_to_page: Url,
}

impl Endpoints {
    pub fn of(config: &GithubConfig) -> Result<Self, ConfigError> {
        if config.client_id.trim().is_empty() {
            return Err(ConfigError::Empty("the GitHub client id"));
        }
        if secrecy::ExposeSecret::expose_secret(&config.client_secret).trim().is_empty() {
            return Err(ConfigError::Empty("the GitHub client secret"));
        }
        let base = base(&config.base_url, "the GitHub base URL")?;
        let api = match &config.api_url {
            Some(text) => self::base(text, "the GitHub API URL")?,
            None => api_of(&base),
        };
        let public = self::base(&config.public_url, "the public URL")?;
        Ok(Self {
            authorize: below(&base, "login/oauth/authorize"),
            token: below(&base, "login/oauth/access_token"),
            user: below(&api, "user"),
            back_to_server: below(&public, "api/auth/github/callback"),
            back_to_page: below(&public, "auth/github"),
        })
    }

    /// Whether both ends that get secrets are on this machine; then no proxy may come between.
    pub fn are_local(&self) -> bool {
        [&self.token, &self.user].into_iter().all(is_loopback)
    }
}

fn base(text: &str, what: &'static str) -> Result<Url, ConfigError> {
    let url = Url::parse(text.trim()).map_err(|_| ConfigError::Url(what))?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain {
        return Err(ConfigError::Url(what));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        tracing::warn!(%url, "{what} is plain http: secrets travel unprotected");
    }
    Ok(url)
}

fn api_of(base: &Url) -> Url {
    let mut api = base.clone();
    let host = base.host_str().unwrap_or_default().to_owned();
    let own_api_host = host == "github.com" || host.ends_with(".ghe.com");
    if own_api_host && api.set_host(Some(&format!("api.{host}"))).is_ok() {
        api.set_path("");
        return api;
    }
    below(base, "api/v3")
}

/// `path` appended to the path of `base`, which may have one itself.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.authorize, self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(base_url: &str) -> GithubConfig {
        GithubConfig {
            base_url: base_url.to_owned(),
            ..GithubConfig::new("id", "hush-hush".into(), "https://school.example/")
        }
    }

    fn endpoints(base_url: &str) -> Endpoints {
        Endpoints::of(&config(base_url)).unwrap()
    }

    #[test]
    fn the_api_follows_from_the_base() {
        let public = endpoints("https://github.com/");
        assert_eq!(public.authorize.as_str(), "https://github.com/login/oauth/authorize");
        assert_eq!(public.token.as_str(), "https://github.com/login/oauth/access_token");
        assert_eq!(public.user.as_str(), "https://api.github.com/user");
        assert_eq!(endpoints("https://acme.ghe.com").user.as_str(), "https://api.acme.ghe.com/user");
        let own = endpoints("http://127.0.0.1:8123");
        assert_eq!(own.user.as_str(), "http://127.0.0.1:8123/api/v3/user");
        assert!(own.are_local() && !public.are_local());
        let below_a_path = endpoints("https://git.example/gh/");
        assert_eq!(below_a_path.token.as_str(), "https://git.example/gh/login/oauth/access_token");
        assert_eq!(below_a_path.user.as_str(), "https://git.example/gh/api/v3/user");
    }

    #[test]
    fn the_api_can_be_set() {
        let config = GithubConfig {
            api_url: Some("http://127.0.0.1:9/v9/".to_owned()),
            ..config("https://github.com")
        };
        assert_eq!(Endpoints::of(&config).unwrap().user.as_str(), "http://127.0.0.1:9/v9/user");
    }

    #[test]
    fn the_ways_back_are_on_this_site() {
        let found = endpoints("https://github.com");
        assert_eq!(found.back_to_server.as_str(), "https://school.example/api/auth/github/callback");
        assert_eq!(found.back_to_page.as_str(), "https://school.example/auth/github");
    }

    #[test]
    fn unusable_settings_are_refused() {
        for bad in [
            "",
            "github.com",
            "ftp://github.com",
            "https://user:pw@github.com",
            "https://github.com?x=1",
            "https://github.com#x",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ] {
            assert!(matches!(Endpoints::of(&config(bad)), Err(ConfigError::Url(_))), "{bad}");
        }
        let mut empty = config("https://github.com");
        empty.client_id = " ".to_owned();
        assert!(matches!(Endpoints::of(&empty), Err(ConfigError::Empty(_))));
        empty.client_id = "id".to_owned();
        empty.client_secret = "".into();
        assert!(matches!(Endpoints::of(&empty), Err(ConfigError::Empty(_))));
    }

    #[test]
    fn debug_hides_the_secret() {
        assert!(!format!("{:?}", config("https://github.com")).contains("hush-hush"));
    }
}
