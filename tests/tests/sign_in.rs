//! Guests, cookies, tokens, signing out, roles.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::auth::{AccountKind, SignedIn, User};
use codementor_protocol::common::Role;
use codementor_tests::challenges::starter;
use codementor_tests::github::GithubStandIn;
use codementor_tests::socket::{Handshake, Socket};
use codementor_tests::{Server, Setup, eventually, github_flow, judge_works, program};
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test]
async fn a_guest_needs_a_free_and_honest_name() {
    let server = Server::start().await;
    let client = server.client();
    let options = client.get("/api/auth/options").await.expect(200).value();
    assert_eq!(options, json!({ "guest": true, "github": false }));

    let body = json!({ "username": "  Ada Lovelace ", "time_zone": "europe/berlin" });
    let answer: SignedIn = client.post("/api/auth/guest", &body).await.expect(201).json();
    assert_eq!(answer.user.username, "Ada Lovelace");
    assert_eq!(answer.user.time_zone, "Europe/Berlin");
    assert_eq!((answer.user.role, answer.user.kind), (Role::Learner, AccountKind::Guest));
    assert!((60..=3600).contains(&answer.expires_in), "{}", answer.expires_in);

    for same in ["Ada Lovelace", "ada lovelace", "ＡＤＡ Lovelace", " Ada Lovelace"] {
        client.post("/api/auth/guest", &json!({ "username": same })).await.problem(409, "username_taken");
    }
    for bad in [
        "",
        "   ",
        "a\u{202e}b",
        "a\u{200b}b",
        "a\u{200d}b",
        "\u{feff}ab",
        "a\u{0}b",
        "a\nb",
        "a\tb",
        "a\u{7f}b",
        "a  b",
        "-a",
        "<b>a</b>",
        "a/b",
        "a@b",
        "😀",
        "\u{301}a",
        "a\u{2066}b",
        "__proto__",
        "../x",
    ] {
        let answer = client.post("/api/auth/guest", &json!({ "username": bad })).await;
        let problem = answer.problem(422, "invalid_username");
        assert_eq!(problem.errors[0].field, "username", "{bad:?}");
    }
    for long in ["x".repeat(33), "x".repeat(100_000)] {
        client.post("/api/auth/guest", &json!({ "username": long })).await.problem(422, "invalid_username");
    }
    for good in ["Zoë", "渡辺", "O'Neil", "a.b-c_d 2", &"x".repeat(32)] {
        let _ = client.guest(good).await;
    }
    let bad_zone = json!({ "username": "Zoneless", "time_zone": "Mars/Olympus" });
    client.post("/api/auth/guest", &bad_zone).await.problem(422, "invalid_time_zone");
    let _ = client.guest("Zoneless").await;
}

#[tokio::test]
async fn a_name_is_given_once_also_in_a_race() {
    let server = Server::start().await;
    let client = server.client();
    let body = json!({ "username": "Racer" });
    let answers = join_all((0..12).map(|_| client.post("/api/auth/guest", &body))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    answers.iter().filter(|answer| answer.status != 201).for_each(|answer| {
        answer.problem(409, "username_taken");
    });
}

#[tokio::test]
async fn guests_can_be_turned_off() {
    let server = Setup::default().arg("--guests", "off").start().await;
    let options = server.client().get("/api/auth/options").await.value();
    assert_eq!(options["guest"], false);
    server.client().post("/api/auth/guest", &json!({ "username": "Ada" })).await.problem(403, "guests_off");
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_both_ways_sign_in() {
    let server = Server::start().await;
    let browser = server.client().browser();
    let answer = browser.post("/api/auth/guest", &json!({ "username": "Ada" })).await.expect(201);
    let session = answer.cookies().into_iter().find(|(name, ..)| name == "codementor_session").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(session.2.contains(part), "{part}: {session:?}");
    }
    assert!(!session.2.contains("Secure") && !session.2.contains("Domain"), "{session:?}");
    let SignedIn { token, user, .. } = answer.json();
    assert!(!answer.body.contains(&session.1), "the cookie's secret stands in no body");

    assert_eq!(browser.get("/api/auth/me").await.expect(200).json::<User>(), user);
    let bearer = server.client().with_token(&token);
    assert_eq!(bearer.get("/api/auth/me").await.expect(200).json::<User>(), user);

    // A token that is not good is never overlooked, a stale cookie is.
    let request = browser.request(reqwest::Method::GET, "/api/challenges").bearer_auth("nonsense");
    browser.send(request).await.problem(401, "unauthenticated");
    let stale = server.client().browser();
    stale.set_cookie("codementor_session", "nonsense");
    let _ = stale.get("/api/challenges").await.expect(200);
    let refused = stale.get("/api/auth/me").await;
    refused.problem(401, "unauthenticated");
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    for scheme in ["Basic YTpi", "Bearer", "bearer  ", "Digest x"] {
        let request =
            server.client().request(reqwest::Method::GET, "/api/auth/me").header("authorization", scheme);
        server.client().send(request).await.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn behind_https_cookies_are_secure() {
    let server = Setup::default().arg("--public-url", "https://code.example.org").start().await;
    let answer = server.client().post("/api/auth/guest", &json!({ "username": "Ada" })).await.expect(201);
    let (name, secret, attributes) = answer.cookies().into_iter().next().unwrap();
    assert!(attributes.contains("Secure"), "{attributes}");
    assert_eq!(name, "__Host-codementor_session");
    assert!(attributes.contains("Path=/;") && !attributes.contains("Domain"), "{attributes}");
    let browser = server.client().browser();
    browser.set_cookie("codementor_session", &secret);
    browser.get("/api/auth/me").await.problem(401, "unauthenticated");
    browser.set_cookie(&name, &secret);
    let _ = browser.get("/api/auth/me").await.expect(200);
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn a_cookie_renews_the_token_and_logging_out_revokes_both_at_once() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let ben = server.guest("Ben").await;
    let browser = server.client().browser();
    browser.set_cookie("codementor_session", &ada.cookie);
    let renewed: SignedIn = browser.post_nothing("/api/auth/renew").await.expect(200).json();
    assert_eq!(renewed.user, ada.user);
    assert_ne!(renewed.token, ada.token);
    ada.client.post_nothing("/api/auth/renew").await.problem(401, "unauthenticated");

    let tokens = [ada.client.clone(), server.client().with_token(&renewed.token)];
    for client in &tokens {
        let _ = client.get("/api/auth/me").await.expect(200);
    }
    let answer = tokens[1].post_nothing("/api/auth/logout").await.expect(204);
    assert_eq!(answer.cookie("codementor_session").as_deref(), Some(""));
    for client in tokens.iter().chain([&browser]) {
        client.get("/api/auth/me").await.problem(401, "unauthenticated");
        client.post_nothing("/api/auth/logout").await.problem(401, "unauthenticated");
    }
    browser.post_nothing("/api/auth/renew").await.problem(401, "unauthenticated");
    let _ = ben.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn logging_out_by_cookie_ends_the_token_too_and_nonsense_ends_nothing() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let browser = server.client().browser();
    browser.set_cookie("codementor_session", &ada.cookie);
    for bad in [json!({ "everywhere": "yes" }), json!([1]), json!("all")] {
        assert_eq!(browser.post("/api/auth/logout", &bad).await.any_problem().status, 422);
    }
    let _ = browser.post("/api/auth/logout", &json!({})).await.expect(204);
    assert_eq!(browser.jar_cookie("codementor_session"), None);
    ada.get("/api/auth/me").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn everywhere_means_every_device_of_this_person_only() {
    let github = GithubStandIn::start().await;
    let server = github_flow::setup(&github).start().await;
    let ben = server.guest("Ben").await;
    let (mut devices, mut sockets) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let browser = server.client().browser();
        let signed_in: SignedIn = github_flow::sign_in_spa(&github, &browser).await.expect(200).json();
        devices.push((browser, server.client().with_token(&signed_in.token)));
        let socket = Handshake::default().bearer(&signed_in.token).open(&server).await;
        sockets.push(socket.expect("the socket opens"));
    }
    let mut bens = Socket::of(&server, &ben).await;
    let _ = devices[0].1.post_nothing("/api/auth/logout").await.expect(204);
    assert_eq!(sockets.remove(0).closed().await, 4401);
    for socket in &mut sockets {
        socket.send(&json!({ "type": "ping", "id": "still here" })).await;
        let _ = socket.event_of("ack").await;
    }
    devices[0].0.get("/api/auth/me").await.problem(401, "unauthenticated");
    let _ = devices[1].1.get("/api/auth/me").await.expect(200);
    let _ = devices[1].1.post("/api/auth/logout", &json!({ "everywhere": true })).await.expect(204);
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, 4401);
    }
    bens.send(&json!({ "type": "ping", "id": "still here" })).await;
    let _ = bens.event_of("ack").await;
    for (browser, bearer) in &devices {
        browser.get("/api/auth/me").await.problem(401, "unauthenticated");
        bearer.get("/api/auth/me").await.problem(401, "unauthenticated");
    }
    let _ = ben.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn a_time_zone_can_be_changed_and_nothing_else() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let patch = |body| ada.client.request(reqwest::Method::PATCH, "/api/users/me").json(&body);
    let body = json!({ "time_zone": "Asia/Tokyo", "role": "admin", "username": "Root", "xp": 1_000_000, "kind": "github" });
    let changed: User = ada.client.send(patch(body)).await.expect(200).json();
    assert_eq!(changed, User { time_zone: "Asia/Tokyo".to_owned(), ..ada.user.clone() });
    ada.client.send(patch(json!({ "time_zone": "Mars/Olympus" }))).await.problem(422, "invalid_time_zone");
    assert_eq!(ada.get("/api/auth/me").await.json::<User>(), changed);
}

#[tokio::test]
async fn an_operator_grants_roles_beside_a_running_server() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (learner, mentor, other) =
        (server.guest("Learner").await, server.guest("Mentor").await, server.guest("Other").await);
    let id = learner.try_submit("pair-sum", "python", starter("pair-sum", "python")).await.unwrap();
    let path = format!("/api/submissions/{id}");
    let theirs = "/api/submissions?username=Learner";
    for somebody in [&mentor, &other] {
        somebody.get(&path).await.problem(404, "not_found");
        somebody.get(theirs).await.problem(404, "not_found");
        somebody.get("/api/challenges/pair-sum/editorial").await.problem(403, "not_solved");
    }
    let data = server.data().display().to_string();
    let grant = async |name: &str, role: &str| {
        program::run(server.folder(), &["admin", "grant", name, role, "--data", &data], &[]).await
    };
    let granted = grant("mentor", "mentor").await;
    assert!(granted.status.success(), "{}", granted.text());
    eventually("the server notices the role", async || (mentor.get(&path).await.status == 200).then_some(()))
        .await;
    let listed = mentor.get(theirs).await.expect(200).value();
    assert_eq!(listed["items"][0]["id"], id.as_str());
    let _ = mentor.get("/api/challenges/pair-sum/editorial").await.expect(200);
    assert_eq!(mentor.get("/api/auth/me").await.json::<User>().role, Role::Mentor);
    other.get(&path).await.problem(404, "not_found");

    // A mentor reads learners' code: not that of other mentors or admins. An admin reads everybody's.
    for role in ["mentor", "admin"] {
        assert!(grant("Learner", role).await.status.success());
        let hidden = async || (mentor.get(&path).await.status == 404).then_some(());
        eventually("the mentor sees it no more", hidden).await;
        mentor.get(theirs).await.problem(404, "not_found");
        let _ = mentor.get("/api/submissions?username=Mentor").await.expect(200);
    }
    let admin = grant("Other", "admin").await;
    assert!(admin.stdout.contains("guest") && admin.stderr.contains("warning"), "{}", admin.text());
    eventually("the admin sees it", async || (other.get(&path).await.status == 200).then_some(())).await;
    let _ = other.get(theirs).await.expect(200);
    assert!(grant("Learner", "learner").await.status.success());
    eventually("the mentor sees it again", async || (mentor.get(&path).await.status == 200).then_some(()))
        .await;

    let nobody = grant("Nobody", "mentor").await;
    assert!(!nobody.status.success() && nobody.stderr.contains("Nobody"), "{}", nobody.text());
    assert!(!grant("Other", "king").await.status.success());
    let back = grant("Mentor", "learner").await;
    assert!(back.status.success(), "{}", back.text());
    eventually("the server notices the loss", async || (mentor.get(&path).await.status == 404).then_some(()))
        .await;
}
