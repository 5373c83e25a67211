//! Sign-in with GitHub against the stand-in, with the real store.

#![allow(clippy::unwrap_used, reason = "a test stops at what should not be")]

mod common;

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codementor_auth::github::{Completed, FlowError, FlowKind, GithubError, Nonsense, Refusal, Returned};
use codementor_auth::{ExposeSecret as _, SessionSecret};
use codementor_core::UserId;
use codementor_tests::github::{CLIENT_SECRET, Endpoint, GithubStandIn, Mode};
use common::MINUTE;
use common::world::{Back, SITE, World};

#[tokio::test]
async fn the_whole_way_gives_an_identity() {
    let world = World::new().await;
    world.stand_in.set_user(42, "ada-l");
    let guest = UserId::new();
    let (server, page) = ("/api/auth/github/callback", "/auth/github");
    for (kind, path, zone) in [
        (FlowKind::Redirect, server, Some("Europe/Berlin")),
        (FlowKind::Redirect, server, Some("Mars/Olympus")),
        (FlowKind::Spa, page, None),
    ] {
        let begun = world.github.begin(Some("/sessions/1?x=y"), Some(guest), zone, kind).await.unwrap();
        assert_eq!(begun.expires_in, 600);
        let back = world.consent(&begun).await;
        assert_eq!(back.path, format!("{SITE}{path}"));
        let done = world.finish(&back, Some(&begun.browser_secret.expose())).await.unwrap();
        assert_eq!((done.identity.id, done.identity.login.as_str()), (42, "ada-l"));
        assert_eq!(done.next, "/sessions/1?x=y");
        assert_eq!(done.guest, Some(guest));
        assert_eq!(done.time_zone.as_deref(), zone.filter(|zone| *zone != "Mars/Olympus"));
        let signed_in =
            world.school.auth.sign_in_github(&done.identity, done.guest, None, None).await.unwrap();
        assert_eq!(signed_in.identity.user.name.as_str(), "ada-l");
    }
}

#[tokio::test]
async fn the_way_there_asks_for_little_and_hides_the_verifier() {
    let world = World::new().await;
    let begun = world.begin().await;
    world.consent(&begun).await;
    let params = world.stand_in.last_authorize();
    assert_eq!(params["scope"], "read:user");
    assert_eq!(params["code_challenge_method"], "S256");
    assert_eq!(params["response_type"], "code");
    assert_eq!(params["state"].len(), 44);
    assert!(!begun.authorize_url.contains(CLIENT_SECRET));
    assert!(!begun.authorize_url.contains(&begun.browser_secret.expose()));
    let other = world.begin().await;
    assert_ne!(other.authorize_url, begun.authorize_url);
}

#[tokio::test]
async fn next_never_leaves_the_site() {
    let world = World::new().await;
    for evil in ["//evil.example", "/\\evil.example", "javascript:alert(1)", "https://evil.example"] {
        let begun = world.github.begin(Some(evil), None, None, FlowKind::Redirect).await.unwrap();
        let back = world.consent(&begun).await;
        let done = world.finish(&back, Some(&begun.browser_secret.expose())).await.unwrap();
        assert_eq!(done.next, "/", "{evil}");
    }
}

fn flow_error(answer: Result<Completed, GithubError>) -> (FlowError, &'static str, &'static str) {
    let error = answer.unwrap_err();
    let (text, code) = (error.public(), error.code());
    match error {
        GithubError::Flow(reason) => (reason, text, code),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn bad_states_get_one_answer_and_never_reach_github() {
    let world = World::new().await;
    let begun = world.begin().await;
    let cookie = begun.browser_secret.expose();
    let good = world.consent(&begun).await;
    let with_state = |state: Option<&str>| Back { state: state.map(str::to_owned), ..good.clone() };
    let other = world.begin().await;
    let foreign = world.consent(&other).await;
    let mut answers = vec![
        (world.finish(&with_state(None), Some(&cookie)).await, FlowError::Missing),
        (world.finish(&with_state(Some("")), Some(&cookie)).await, FlowError::Missing),
        (world.finish(&with_state(Some("x")), Some(&cookie)).await, FlowError::Malformed),
    ];
    let made_up = format!("r{}", SessionSecret::generate().expose());
    answers.push((world.finish(&with_state(Some(&made_up)), Some(&cookie)).await, FlowError::Unknown));
    answers.push((world.finish(&foreign, Some(&cookie)).await, FlowError::OtherBrowser));
    answers.push((world.finish(&good, None).await, FlowError::OtherBrowser));
    answers.push((world.finish(&good, Some(&cookie)).await, FlowError::Unknown));
    let seen: Vec<_> = answers
        .into_iter()
        .map(|(answer, expected)| {
            let (reason, text, code) = flow_error(answer);
            assert_eq!(reason, expected);
            (text, code)
        })
        .collect();
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "one public answer");
    assert_eq!(world.stand_in.hits(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_state_works_once_also_in_a_race() {
    let world = World::new().await;
    let begun = world.begin().await;
    let back = world.consent(&begun).await;
    let cookie = begun.browser_secret.expose();
    let (first, second) =
        tokio::join!(world.finish(&back, Some(&cookie)), world.finish(&back, Some(&cookie)));
    assert_eq!([&first, &second].iter().filter(|answer| answer.is_ok()).count(), 1);
    let third = flow_error(world.finish(&back, Some(&cookie)).await);
    assert_eq!(third.0, FlowError::Unknown);
    assert_eq!(world.stand_in.hits(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_flow_lasts_ten_minutes() {
    let world = World::new().await;
    for (wait, works) in [(10 * MINUTE - 1, true), (10 * MINUTE, false)] {
        let begun = world.begin().await;
        let back = world.consent(&begun).await;
        world.school.clock.advance(wait);
        let answer = world.finish(&back, Some(&begun.browser_secret.expose())).await;
        assert_eq!(answer.is_ok(), works);
    }
}

#[tokio::test]
async fn a_missing_or_odd_code_is_refused() {
    let world = World::new().await;
    for (code, expected) in [
        (None, FlowError::Missing),
        (Some(""), FlowError::Missing),
        (Some("a b"), FlowError::Malformed),
        (Some("\0"), FlowError::Malformed),
    ] {
        let begun = world.begin().await;
        let back = Back { code: code.map(str::to_owned), ..world.consent(&begun).await };
        let answer = world.finish(&back, Some(&begun.browser_secret.expose())).await;
        assert_eq!(flow_error(answer).0, expected);
    }
    assert_eq!(world.stand_in.hits(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_person_may_say_no() {
    let world = World::new().await;
    world.stand_in.set_mode(Mode::Denies);
    let answer = world.sign_in().await;
    assert!(matches!(answer, Err(GithubError::Refused(Refusal::Denied))), "{answer:?}");
    assert_eq!(world.stand_in.hits(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_code_works_once_and_for_its_flow_only() {
    let world = World::new().await;
    let (first, second) = (world.begin().await, world.begin().await);
    let back = world.consent(&first).await;
    // The code of one flow with the state of another: PKCE notices.
    let mixed = Back { code: back.code.clone(), ..world.consent(&second).await };
    let answer = world.finish(&mixed, Some(&second.browser_secret.expose())).await;
    assert!(matches!(answer, Err(GithubError::Refused(Refusal::Code))), "{answer:?}");
    let answer = world.finish(&back, Some(&first.browser_secret.expose())).await;
    assert!(matches!(answer, Err(GithubError::Refused(Refusal::Code))), "{answer:?}");
    let begun = world.begin().await;
    let late = world.consent(&begun).await;
    world.stand_in.expire_codes();
    let answer = world.finish(&late, Some(&begun.browser_secret.expose())).await;
    assert!(matches!(answer, Err(GithubError::Refused(Refusal::Code))), "{answer:?}");
    assert!(world.sign_in().await.is_ok(), "the next try works");
}

#[tokio::test]
async fn a_wrong_secret_is_the_operators_matter() {
    let stand_in = GithubStandIn::start().await;
    let base_url = stand_in.base_url().to_owned();
    let world = World::with(stand_in, |config| {
        config.base_url = base_url;
        config.client_secret = "wrong-secret".into();
    });
    let error = world.sign_in().await.unwrap_err();
    assert!(matches!(error, GithubError::Refused(Refusal::Setup(_))), "{error:?}");
    assert!(error.public().contains("not set up"));
}

#[tokio::test]
async fn each_misbehaviour_has_its_error_at_both_endpoints() {
    let world = World::new().await;
    let answer = |status, content_type: &str, body: &str| Mode::Answer {
        status,
        content_type: content_type.to_owned(),
        body: body.to_owned(),
    };
    let json = "application/json";
    let cases = [
        (Mode::ServerError, "github_unreachable"),
        (Mode::Broken, "github_unreachable"),
        (Mode::Nonsense, "github_nonsense"),
        (Mode::Html, "github_nonsense"),
        (Mode::Endless, "github_nonsense"),
        (Mode::Huge, "github_nonsense"),
        (Mode::Redirect, "github_nonsense"),
        (answer(200, json, ""), "github_nonsense"),
        (answer(200, json, &"[".repeat(60_000)), "github_nonsense"),
        (answer(204, json, ""), "github_nonsense"),
        (answer(429, json, "{}"), "github_unreachable"),
        (answer(503, "text/html", "<h1>Unicorn!"), "github_unreachable"),
        (answer(401, json, "{\"message\":\"Bad credentials\"}"), "github_refused"),
        (answer(404, "text/html", "<h1>404"), "github_refused"),
    ];
    for (mode, code) in cases {
        for endpoint in [Endpoint::Token, Endpoint::User] {
            world.stand_in.set_mode(Mode::Ok);
            world.stand_in.set_mode_of(endpoint, mode.clone());
            let error = world.sign_in().await.unwrap_err();
            assert_eq!(error.code(), code, "{endpoint:?} {mode:?}: {error:?}");
        }
    }
    world.stand_in.set_mode(Mode::Ok);
    assert!(world.sign_in().await.is_ok());
    assert_eq!(world.stand_in.hits(Endpoint::Trap), 0, "no redirect is followed");
}

#[tokio::test]
async fn what_github_says_of_a_person_is_checked() {
    let world = World::new().await;
    for (id, login) in [(0, "ada"), (u64::MAX, "ada"), (7, ""), (7, "<b>"), (7, "a/../b")] {
        world.stand_in.set_user(id, login);
        let answer = world.sign_in().await;
        assert!(matches!(answer, Err(GithubError::Nonsense(Nonsense::User))), "{id} {login:?}: {answer:?}");
    }
    world.stand_in.set_mode_of(
        Endpoint::Token,
        Mode::Answer {
            status: 200,
            content_type: "application/json".to_owned(),
            body: r#"{"access_token":"a\r\nX-Evil: 1","token_type":"bearer"}"#.to_owned(),
        },
    );
    let answer = world.sign_in().await;
    assert!(matches!(answer, Err(GithubError::Nonsense(Nonsense::Token))), "{answer:?}");
}

#[tokio::test]
async fn a_slow_github_is_given_up_after_eight_seconds() {
    for endpoint in [Endpoint::Token, Endpoint::User] {
        let world = World::new().await;
        world.stand_in.set_mode_of(endpoint, Mode::Slow);
        let begun = world.begin().await;
        let back = world.consent(&begun).await;
        let github = world.github.clone();
        let cookie = begun.browser_secret.expose();
        let finishing = tokio::spawn(async move {
            let returned = Returned { code: back.code.as_deref(), state: back.state.as_deref(), error: None };
            github.finish(returned, Some(&cookie)).await
        });
        world.stand_in.asked(endpoint, 1).await;
        // Everything is now waiting for GitHub; only time can end it.
        tokio::time::pause();
        let before = tokio::time::Instant::now();
        let answer = finishing.await.unwrap();
        assert!(matches!(answer, Err(GithubError::Slow)), "{answer:?}");
        assert!(before.elapsed() <= Duration::from_secs(8) + Duration::from_millis(10));
        tokio::time::resume();
    }
}

#[tokio::test]
async fn an_absent_github_is_unreachable() {
    let stand_in = GithubStandIn::start().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base_url = stand_in.base_url().to_owned();
    // The browser reaches GitHub, the server does not reach its API.
    let world = World::with(stand_in, |config| {
        config.base_url = base_url;
        config.api_url = Some(format!("http://{nobody}"));
    });
    let answer = world.sign_in().await;
    assert!(matches!(answer, Err(GithubError::Unreachable(_))), "{answer:?}");
}

#[tokio::test]
async fn a_failing_database_is_named_as_such() {
    let world = World::new().await;
    let begun = world.begin().await;
    let back = world.consent(&begun).await;
    world.school.store.close().await;
    let answer = world.finish(&back, Some(&begun.browser_secret.expose())).await;
    assert!(matches!(answer, Err(GithubError::Store(_))), "{answer:?}");
    let answer = world.github.begin(None, None, None, FlowKind::Spa).await;
    assert!(matches!(answer, Err(GithubError::Store(_))), "{answer:?}");
    assert_eq!(world.stand_in.hits(Endpoint::Token), 0);
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_logged_even_at_the_finest_level() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::new().await;
    let mut secrets = vec![CLIENT_SECRET.to_owned(), "gho_".to_owned()];
    let leaky = Mode::Answer {
        status: 200,
        content_type: "application/json".to_owned(),
        body: r#"{"access_token":"gho_leak","token_type":[]}"#.to_owned(),
    };
    for mode in [Mode::Ok, Mode::CodeRefused, Mode::ServerError, leaky, Mode::Broken] {
        world.stand_in.set_mode_of(Endpoint::Token, mode);
        let begun = world.begin().await;
        let back = world.consent(&begun).await;
        let answer = world.finish(&back, Some(&begun.browser_secret.expose())).await;
        secrets.extend([back.code, back.state].into_iter().flatten());
        secrets.push(begun.browser_secret.expose());
        tracing::info!(?answer, github = ?world.github, "done");
        if let Ok(done) = answer {
            let auth = &world.school.auth;
            let signed_in = auth.sign_in_github(&done.identity, None, None, None).await.unwrap();
            secrets.push(signed_in.cookie.expose());
            secrets.push(signed_in.token.expose_secret().to_owned());
            tracing::info!(?signed_in, "signed in");
        }
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("GitHub sign-in failed"));
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
}
