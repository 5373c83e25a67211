//! Signing in through the stand-in of GitHub, step by step as a browser takes them.

use serde_json::{Value, json};
use url::Url;

use crate::client::{Answer, Client};
use crate::github::{CLIENT_ID, CLIENT_SECRET, GithubStandIn};
use crate::server::Setup;

/// A server that knows the stand-in.
#[must_use]
pub fn setup(github: &GithubStandIn) -> Setup {
    Setup::default()
        .arg("--github-base-url", github.base_url())
        .arg("--github-client-id", CLIENT_ID)
        .env("CODEMENTOR_GITHUB_CLIENT_SECRET", CLIENT_SECRET)
}

/// Begins a flow that returns to the server. Tells GitHub's address.
///
/// # Panics
/// When the answer is no redirect.
pub async fn begin(browser: &Client, next: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.append_pair("next", next).finish();
    let answer = browser.get(&format!("/api/auth/github?{query}")).await.expect(303);
    answer.header("location").to_owned()
}

/// Begins a flow that returns to the page. Tells GitHub's address.
///
/// # Panics
/// When it does not begin.
pub async fn begin_spa(browser: &Client) -> String {
    let answer = browser.get("/api/auth/github?flow=spa").await.expect(200).value();
    answer["authorize_url"].as_str().expect("an address").to_owned()
}

/// Consents at GitHub. Tells path and query of the way back.
///
/// # Panics
/// When GitHub does not send the browser back.
pub async fn consent(github: &GithubStandIn, authorize_url: &str) -> String {
    let back = Url::parse(&github.authorize(authorize_url).await).expect("an address");
    format!("{}?{}", back.path(), back.query().unwrap_or_default())
}

/// Code and state from the way back, as the page posts them.
///
/// # Panics
/// When one is missing.
#[must_use]
pub fn code_and_state(back: &str) -> Value {
    let url = Url::parse("http://page").and_then(|base| base.join(back)).expect("a path");
    let find =
        |wanted| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    json!({ "code": find("code").expect("a code"), "state": find("state").expect("a state") })
}

/// The whole way through the server: the answer of the callback.
///
/// # Panics
/// When a step before it fails.
pub async fn sign_in(github: &GithubStandIn, browser: &Client) -> Answer {
    let authorize_url = begin(browser, "/").await;
    browser.get(&consent(github, &authorize_url).await).await
}

/// The whole way through the page: the answer of the exchange.
///
/// # Panics
/// When a step before it fails.
pub async fn sign_in_spa(github: &GithubStandIn, browser: &Client) -> Answer {
    let authorize_url = begin_spa(browser).await;
    let back = consent(github, &authorize_url).await;
    browser.post("/api/auth/github", &code_and_state(&back)).await
}
