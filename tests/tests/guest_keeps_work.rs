//! A guest who signs in with GitHub keeps what they did, and nothing of it counts twice.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::auth::{AccountKind, SignedIn, User};
use codementor_protocol::common::{Page, Verdict};
use codementor_protocol::progress::{Leaderboard, Profile, Progress};
use codementor_protocol::submission::Submission;
use codementor_tests::challenges::{challenge, reference, starter};
use codementor_tests::github::GithubStandIn;
use codementor_tests::github_flow::{begin, consent, setup, sign_in, sign_in_spa};
use codementor_tests::socket::Socket;
use codementor_tests::{Client, Learner, Server, judge_works};
use reqwest::Method;

const FIRST: &str = "pair-sum";
const SECOND: &str = "sum-the-lines";
const THIRD: &str = "group-anagrams";

fn xp(ids: &[&str]) -> u64 {
    ids.iter().map(|id| u64::from(challenge(id).xp())).sum()
}

async fn solve(learner: &Learner, id: &str) -> Submission {
    let submission = learner.submit(id, "python", reference(id, "python")).await;
    assert_eq!(submission.verdict, Some(Verdict::Accepted), "{submission:?}");
    submission
}

/// A guest in a browser: by token for the helpers, by cookie for the flow.
async fn guest_in_browser(server: &Server, name: &str) -> (Learner, Client) {
    let guest = server.guest(name).await;
    let browser = server.client().browser();
    browser.set_cookie("codementor_session", &guest.cookie);
    (guest, browser)
}

async fn progress(client: &Client) -> Progress {
    client.get("/api/users/me/progress").await.expect(200).json()
}

async fn submissions(client: &Client) -> Vec<Submission> {
    let page: Page<Submission> = client.get("/api/submissions?limit=100").await.expect(200).json();
    page.items
}

async fn ranks(client: &Client) -> Vec<(String, u64)> {
    let board: Leaderboard = client.get("/api/leaderboard").await.expect(200).json();
    assert_eq!(board.total as usize, board.items.len());
    board.items.into_iter().map(|entry| (entry.user.username, entry.xp)).collect()
}

#[tokio::test]
async fn a_guest_becomes_the_person_of_a_new_account() {
    let github = GithubStandIn::start().await;
    let server = setup(&github).start().await;
    if !judge_works(&server).await {
        return;
    }
    let (guest, browser) = guest_in_browser(&server, "Ada").await;
    let solved = solve(&guest, FIRST).await;
    let tried = guest.submit(SECOND, "python", starter(SECOND, "python")).await;
    assert_ne!(tried.verdict, Some(Verdict::Accepted));
    let before = guest.progress().await;

    let _ = sign_in(&github, &browser).await.expect(303);
    let user: User = browser.get("/api/auth/me").await.expect(200).json();
    assert_eq!(user, User { kind: AccountKind::Github, ..guest.user.clone() });
    assert_eq!(progress(&browser).await, before);
    let ids: Vec<String> = submissions(&browser).await.into_iter().map(|submission| submission.id).collect();
    assert_eq!(ids, [tried.id, solved.id]);
    assert_eq!(ranks(&browser).await, [("Ada".to_owned(), xp(&[FIRST]))]);
    // The sign-in gave new secrets: whoever knew the guest's knows nothing now.
    guest.get("/api/auth/me").await.problem(401, "unauthenticated");
    let old = server.client().browser();
    old.set_cookie("codementor_session", &guest.cookie);
    old.get("/api/auth/me").await.problem(401, "unauthenticated");

    // Solved again: nothing more.
    let signed_in: SignedIn = browser.post_nothing("/api/auth/renew").await.expect(200).json();
    let learner = Learner { client: server.client().with_token(&signed_in.token), ..guest };
    assert_eq!(solve(&learner, FIRST).await.xp_awarded, 0);
    assert_eq!(learner.progress().await.total_xp, xp(&[FIRST]));
}

#[tokio::test]
async fn a_guests_work_moves_to_a_known_account_and_counts_once() {
    let github = GithubStandIn::start().await;
    let server = setup(&github).start().await;
    if !judge_works(&server).await {
        return;
    }
    let signed_in: SignedIn = sign_in_spa(&github, &server.client().browser()).await.expect(200).json();
    let client = server.client().with_token(&signed_in.token);
    let person =
        Learner { client, user: signed_in.user.clone(), token: signed_in.token, cookie: String::new() };
    solve(&person, FIRST).await;
    solve(&person, SECOND).await;
    let rival = server.guest("Rival").await;
    solve(&rival, FIRST).await;

    let (guest, browser) = guest_in_browser(&server, "Ada").await;
    let twice = solve(&guest, FIRST).await;
    let fresh = solve(&guest, THIRD).await;
    assert_eq!(u64::from(twice.xp_awarded), xp(&[FIRST]));
    let mut socket = Socket::of(&server, &guest).await;
    assert_eq!(ranks(&server.client()).await.len(), 3);

    let merged: SignedIn = sign_in_spa(&github, &browser).await.expect(200).json();
    assert_eq!(merged.user, signed_in.user);
    let total = xp(&[FIRST, SECOND, THIRD]);
    for client in [&browser, &person.client] {
        let progress = progress(client).await;
        assert_eq!((progress.total_xp, progress.solved.total), (total, 3));
        let recent: Vec<_> = progress.recent.iter().map(|solve| solve.challenge_id.as_str()).collect();
        assert_eq!(recent, [THIRD, SECOND, FIRST]);
        let all = submissions(client).await;
        assert_eq!(all.len(), 4);
        assert_eq!(all.iter().map(|submission| u64::from(submission.xp_awarded)).sum::<u64>(), total);
        assert!(all.iter().any(|submission| submission.id == fresh.id));
    }
    assert_eq!(ranks(&browser).await, [("octocat".to_owned(), total), ("Rival".to_owned(), xp(&[FIRST]))]);
    let profile: Profile = browser.get("/api/users/octocat").await.expect(200).json();
    assert_eq!((profile.rank, profile.progress.total_xp), (Some(1), total));

    // The guest is gone: name, token, cookie and socket.
    guest.get("/api/auth/me").await.problem(401, "unauthenticated");
    server.client().get("/api/users/Ada").await.problem(404, "not_found");
    assert_eq!(socket.closed().await, 4401);
    let _ = server.guest("Ada").await;

    // The same once more, with nothing to move.
    let again: SignedIn = sign_in_spa(&github, &browser).await.expect(200).json();
    assert_eq!(again.user, signed_in.user);
    assert_eq!(progress(&browser).await.total_xp, total);
    let _ = browser.send(browser.request(Method::GET, "/api/auth/me")).await.expect(200);
}

#[tokio::test]
async fn who_became_a_guest_on_the_way_to_github_keeps_that_work() {
    let github = GithubStandIn::start().await;
    let server = setup(&github).start().await;
    let browser = server.client().browser();
    // Begun signed out; another tab of the same browser signs in as a guest before GitHub sends this one back.
    let authorize_url = begin(&browser, "/").await;
    let guest = server.guest("Ada").await;
    browser.set_cookie("codementor_session", &guest.cookie);
    let mut socket = Socket::of(&server, &guest).await;
    let back = consent(&github, &authorize_url).await;
    let _ = browser.get(&back).await.expect(303);
    let user: User = browser.get("/api/auth/me").await.expect(200).json();
    assert_eq!(user, User { kind: AccountKind::Github, ..guest.user.clone() });
    // The guest's session is over, and its sockets hear of it.
    guest.get("/api/auth/me").await.problem(401, "unauthenticated");
    assert_eq!(socket.closed().await, 4401);
}
