//! A school beside a stand-in of GitHub, and the browser between them.

use std::sync::Arc;

use codementor_auth::github::{Begun, Completed, FlowKind, Github, GithubConfig, GithubError, Returned};
use codementor_tests::github::{CLIENT_ID, CLIENT_SECRET, GithubStandIn};
use reqwest::Url;

use super::School;

/// Where the school is, for GitHub.
pub const SITE: &str = "http://127.0.0.1:8080";

pub struct World {
    pub school: School,
    pub stand_in: GithubStandIn,
    pub github: Arc<Github>,
}

/// What the browser brings back.
#[derive(Debug, Clone, Default)]
pub struct Back {
    pub path: String,
    pub code: Option<String>,
    pub state: Option<String>,
    pub error: Option<String>,
}

impl World {
    pub async fn new() -> Self {
        let stand_in = GithubStandIn::start().await;
        stand_in.register_callback(SITE);
        let base_url = stand_in.base_url().to_owned();
        Self::with(stand_in, |config| config.base_url = base_url)
    }

    pub fn with(stand_in: GithubStandIn, change: impl FnOnce(&mut GithubConfig)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let school = School::new();
        let mut config = GithubConfig::new(CLIENT_ID, CLIENT_SECRET.into(), SITE);
        change(&mut config);
        let github = Github::new(&config, school.store.clone(), school.clock.clone()).unwrap();
        Self { school, stand_in, github: Arc::new(github) }
    }

    pub async fn begin(&self) -> Begun {
        self.github.begin(Some("/challenges"), None, None, FlowKind::Redirect).await.unwrap()
    }

    pub async fn consent(&self, begun: &Begun) -> Back {
        let url = Url::parse(&self.stand_in.authorize(&begun.authorize_url).await).unwrap();
        let param = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        Back {
            path: format!("{}{}", url.origin().ascii_serialization(), url.path()),
            code: param("code"),
            state: param("state"),
            error: param("error"),
        }
    }

    pub async fn finish(&self, back: &Back, cookie: Option<&str>) -> Result<Completed, GithubError> {
        let returned = Returned {
            code: back.code.as_deref(),
            state: back.state.as_deref(),
            error: back.error.as_deref(),
        };
        self.github.finish(returned, cookie).await
    }

    /// The whole way.
    pub async fn sign_in(&self) -> Result<Completed, GithubError> {
        let begun = self.begin().await;
        let back = self.consent(&begun).await;
        self.finish(&back, Some(&begun.browser_secret.expose())).await
    }
}
