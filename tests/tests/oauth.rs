//! Signing in with GitHub, through the server and through the page, and what a GitHub that misbehaves can do: nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use codementor_protocol::auth::{AccountKind, SignedIn, User};
use codementor_tests::github::{Endpoint, GithubStandIn, Mode};
use codementor_tests::github_flow::{begin, begin_spa, code_and_state, consent, setup, sign_in, sign_in_spa};
use codementor_tests::{Client, Server};
use serde_json::json;
use url::Url;

async fn start() -> (GithubStandIn, Server) {
    let github = GithubStandIn::start().await;
    let server = setup(&github).start().await;
    github.register_callback(server.url());
    (github, server)
}

fn parameters(url: &str) -> HashMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

async fn me(client: &Client) -> User {
    client.get("/api/auth/me").await.expect(200).json()
}

#[tokio::test]
async fn the_servers_flow_signs_in_with_state_and_pkce() {
    let (github, server) = start().await;
    let browser = server.client().browser();
    let url = begin(&browser, "/challenges/pair-sum?x=1#top").await;
    assert!(url.starts_with(&format!("{}/login/oauth/authorize?", github.base_url())), "{url}");
    let asked = parameters(&url);
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["code_challenge"].len(), 43);
    assert!(asked["state"].len() >= 32, "{asked:?}");
    assert_eq!(asked["redirect_uri"], format!("{}/api/auth/github/callback", server.url()));
    assert!(!url.contains("secret"), "{url}");
    let again = parameters(&begin(&server.client().browser(), "/").await);
    assert!(again["state"] != asked["state"] && again["code_challenge"] != asked["code_challenge"]);

    let back = consent(&github, &url).await;
    let answer = browser.get(&back).await.expect(303);
    assert_eq!(answer.header("location"), "/challenges/pair-sum?x=1#top");
    assert_eq!(browser.jar_cookie("codementor_oauth"), None);
    let user = me(&browser).await;
    assert_eq!((user.username.as_str(), user.kind), ("octocat", AccountKind::Github));
    assert_eq!((github.hits(Endpoint::Token), github.hits(Endpoint::User)), (1, 1));
}

#[tokio::test]
async fn a_new_persons_days_are_those_of_their_browser() {
    let (github, server) = start().await;
    let browser = server.client().browser();
    let answer = browser.get("/api/auth/github?next=/&time_zone=Asia%2FTokyo").await.expect(303);
    let _ = browser.get(&consent(&github, answer.header("location")).await).await.expect(303);
    assert_eq!(me(&browser).await.time_zone, "Asia/Tokyo");
}

#[tokio::test]
async fn the_pages_flow_answers_token_and_user() {
    let (github, server) = start().await;
    let browser = server.client().browser();
    let url = begin_spa(&browser).await;
    assert_eq!(parameters(&url)["redirect_uri"], format!("{}/auth/github", server.url()));
    let back = consent(&github, &url).await;
    assert!(back.starts_with("/auth/github?"), "{back}");
    let answer = browser.post("/api/auth/github", &code_and_state(&back)).await.expect(200);
    let signed_in: SignedIn = answer.json();
    assert_eq!(me(&browser).await, signed_in.user);
    assert_eq!(me(&server.client().with_token(&signed_in.token)).await, signed_in.user);
    let session = answer.cookies().into_iter().find(|(name, ..)| name == "codementor_session").unwrap();
    assert!(session.2.contains("HttpOnly"), "{session:?}");
}

#[tokio::test]
async fn several_sign_ins_are_one_person_also_under_a_new_login() {
    let (github, server) = start().await;
    let squatter = server.guest("octocat").await;
    let first: SignedIn = sign_in_spa(&github, &server.client().browser()).await.expect(200).json();
    assert_eq!(first.user.username, "octocat-2");
    github.set_user(583_231, "monalisa");
    let browser = server.client().browser();
    let _ = sign_in(&github, &browser).await.expect(303);
    assert_eq!(me(&browser).await, first.user);
    // The first device goes on.
    assert_eq!(me(&server.client().with_token(&first.token)).await, first.user);
    github.set_user(7, "octocat");
    let third: SignedIn = sign_in_spa(&github, &server.client().browser()).await.expect(200).json();
    assert_ne!(third.user.id, first.user.id);
    assert_ne!(third.user.id, squatter.user.id);
}

#[tokio::test]
async fn a_refusal_changes_nothing() {
    let (github, server) = start().await;
    let browser = server.client().browser();
    let _ = browser.post("/api/auth/guest", &json!({ "username": "Ada" })).await.expect(201);
    github.set_mode(Mode::Denies);
    let answer = sign_in(&github, &browser).await.expect(303);
    assert_eq!(answer.header("location"), "/signin?error=github_denied");
    assert_eq!(me(&browser).await.username, "Ada");
    assert_eq!(github.hits(Endpoint::Token), 0);
    github.set_mode(Mode::Ok);
    let _ = sign_in(&github, &browser).await.expect(303);
    assert_eq!((me(&browser).await.username.as_str(), me(&browser).await.kind), ("Ada", AccountKind::Github));
}

#[tokio::test]
async fn whatever_github_answers_is_a_clean_refusal() {
    let (github, server) = start().await;
    let deep =
        Mode::Answer { status: 200, content_type: "application/json".to_owned(), body: "[".repeat(10_000) };
    let odd = |body: &str| Mode::Answer {
        status: 200,
        content_type: "application/json".to_owned(),
        body: body.to_owned(),
    };
    let modes = [
        Mode::CodeRefused,
        Mode::ServerError,
        Mode::Nonsense,
        Mode::Html,
        Mode::Endless,
        Mode::Huge,
        Mode::Broken,
        Mode::Redirect,
        deep,
        odd("{\"id\":-1,\"login\":\"x\",\"access_token\":\"a b\\r\\nc\"}"),
        odd("null"),
    ];
    for mode in modes {
        for endpoint in [Endpoint::Token, Endpoint::User] {
            if mode == Mode::CodeRefused && endpoint == Endpoint::User {
                continue;
            }
            github.set_mode(Mode::Ok);
            github.set_mode_of(endpoint, mode.clone());
            let began = Instant::now();
            let browser = server.client().browser();
            let answer = sign_in_spa(&github, &browser).await;
            let problem = answer.any_problem();
            let wanted: &[u16] = if mode == Mode::CodeRefused { &[403] } else { &[502, 504] };
            assert!(wanted.contains(&problem.status), "{mode:?} at {endpoint:?}: {}", answer.body);
            assert!(began.elapsed() < Duration::from_secs(20), "{mode:?} at {endpoint:?}");
            assert_eq!(browser.jar_cookie("codementor_session"), None, "{mode:?} at {endpoint:?}");
            // The server's own flow ends on the page that says so.
            let answer = sign_in(&github, &server.client().browser()).await.expect(303);
            assert_eq!(answer.header("location"), format!("/signin?error={}", problem.code));
        }
    }
    assert_eq!(github.hits(Endpoint::Trap), 0, "a redirect was followed");
    github.set_mode(Mode::Ok);
    let _ = sign_in_spa(&github, &server.client().browser()).await.expect(200);
    assert!(!server.log().contains("gho_"), "a token of GitHub stands in the log");
}

#[tokio::test]
async fn a_github_that_never_answers_is_given_up_and_others_are_served_meanwhile() {
    let (github, server) = start().await;
    github.set_mode_of(Endpoint::Token, Mode::Slow);
    let browser = server.client().browser();
    let waiting = sign_in_spa(&github, &browser);
    let others = async {
        github.asked(Endpoint::Token, 1).await;
        let began = Instant::now();
        let _ = server.client().get("/api/challenges").await.expect(200);
        assert!(began.elapsed() < Duration::from_secs(5));
    };
    let (answer, ()) = tokio::join!(waiting, others);
    answer.problem(504, "github_slow");
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_github_that_is_gone_is_a_502() {
    let (github, server) = start().await;
    let browser = server.client().browser();
    let url = begin_spa(&browser).await;
    let back = consent(&github, &url).await;
    drop(github);
    browser.post("/api/auth/github", &code_and_state(&back)).await.problem(502, "github_unreachable");
}

#[tokio::test]
async fn a_state_works_once_in_the_browser_that_began_and_codes_work_once() {
    let (github, server) = start().await;
    let expired = |answer: codementor_tests::Answer| {
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(answer.header("location"), "/signin?error=sign_in_expired");
        assert!(answer.cookie("codementor_session").is_none_or(|value| value.is_empty()));
    };
    // Another browser, and then the flow is over for the right one too.
    let (victim, attacker) = (server.client().browser(), server.client().browser());
    let back = consent(&github, &begin(&attacker, "/").await).await;
    expired(victim.get(&back).await);
    expired(attacker.get(&back).await);
    // A browser with a flow of its own does not take another's answer.
    let back = consent(&github, &begin(&attacker, "/").await).await;
    let _ = begin(&victim, "/").await;
    expired(victim.get(&back).await);
    // Replayed.
    let browser = server.client().browser();
    let url = begin(&browser, "/").await;
    let oauth = browser.jar_cookie("codementor_oauth").unwrap();
    let back = consent(&github, &url).await;
    let _ = browser.get(&back).await.expect(303);
    let before = github.hits(Endpoint::Token);
    browser.set_cookie("codementor_oauth", &oauth);
    expired(browser.get(&back).await);
    assert_eq!(github.hits(Endpoint::Token), before, "a used state asks GitHub nothing");
    // Missing, malformed, foreign.
    let code = code_and_state(&back)["code"].as_str().unwrap().to_owned();
    let unknown = "r".to_owned() + &"A".repeat(43);
    let queries = [
        String::new(),
        format!("code={code}"),
        format!("code={code}&state="),
        format!("code={code}&state=x"),
        format!("code={code}&state={unknown}"),
        format!("code={code}&state={}", "x".repeat(10_000)),
        format!("state={unknown}"),
        "code=%00&state=%00".to_owned(),
        "error=access_denied".to_owned(),
    ];
    for query in queries {
        let browser = server.client().browser();
        let _ = begin(&browser, "/").await;
        expired(browser.get(&format!("/api/auth/github/callback?{query}")).await);
    }
    // A new flow with a code that was used, and with one that has expired.
    let spa = server.client().browser();
    let url = begin_spa(&spa).await;
    let state = parameters(&url)["state"].clone();
    let body = json!({ "code": code, "state": state });
    spa.post("/api/auth/github", &body).await.problem(403, "github_refused");
    spa.post("/api/auth/github", &body).await.problem(400, "sign_in_expired");
    let back = consent(&github, &begin_spa(&spa).await).await;
    github.expire_codes();
    spa.post("/api/auth/github", &code_and_state(&back)).await.problem(403, "github_refused");
}

#[tokio::test]
async fn the_way_back_stays_on_this_site() {
    let (github, server) = start().await;
    let evil = [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/%2f/evil.example",
        "/%5cevil.example",
        "///evil.example",
        "/./..//evil.example",
        "/\t/evil.example",
        "/a\r\nset-cookie: x=1",
        "evil",
        "",
        "/a//b",
        "data:text/html,x",
        " /a",
        "/\u{202e}a",
    ];
    for next in evil {
        let browser = server.client().browser();
        let answer = browser.get(&consent(&github, &begin(&browser, next).await).await).await.expect(303);
        assert_eq!(answer.header("location"), "/", "{next:?}");
    }
    let browser = server.client().browser();
    let answer =
        browser.get(&consent(&github, &begin(&browser, "/leaderboard?period=week").await).await).await;
    assert_eq!(answer.header("location"), "/leaderboard?period=week");
}

#[tokio::test]
async fn without_settings_there_is_no_github() {
    let server = Server::start().await;
    server.client().get("/api/auth/github").await.problem(404, "github_off");
    let body = json!({ "code": "x", "state": "y" });
    server.client().post("/api/auth/github", &body).await.problem(404, "github_off");
    let answer = server.client().get("/api/auth/github/callback?code=x&state=y").await.expect(303);
    assert_eq!(answer.header("location"), "/signin?error=github_off");
}
