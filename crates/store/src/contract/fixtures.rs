//! People, submissions and reports to test with.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;

use codementor_core::id::{ChallengeId, Language, SubmissionId, UserId};
use codementor_core::judging::Verdict;
use codementor_core::ledger::{Period, Scope};
use codementor_core::name::UserName;
use codementor_core::ports::{Created, Finished, NewSubmission, Queued, Standings, Store};
use codementor_core::role::Role;
use codementor_core::submission::{Report, Submission, TestReport};
use codementor_core::time::Timestamp;
use codementor_core::user::{AccountKind, GithubIdentity, User};
use futures_util::future::join_all;

pub(crate) const DAY: i64 = 86_400_000;

/// A store, or what else has a contract, and what must live as long as it does.
pub(crate) struct Made<T: ?Sized = dyn Store> {
    pub(crate) store: Arc<T>,
    pub(crate) _keep: Box<dyn Any + Send>,
}

/// Thursday 2026-11-19, 12:00 UTC, and so many milliseconds.
pub(crate) fn noon(plus_ms: i64) -> Timestamp {
    Timestamp::from_ms(1_795_089_600_000 + plus_ms)
}

pub(crate) fn name(text: &str) -> UserName {
    UserName::new(text).unwrap()
}

pub(crate) fn challenge(slug: &str) -> ChallengeId {
    slug.parse().unwrap()
}

pub(crate) fn guest(text: &str) -> User {
    User {
        id: UserId::new(),
        name: name(text),
        role: Role::Learner,
        kind: AccountKind::Guest,
        time_zone: "Europe/Berlin".to_owned(),
        created_at: noon(0),
    }
}

/// Adds a guest.
pub(crate) async fn add_guest(store: &Arc<dyn Store>, text: &str) -> User {
    let user = guest(text);
    assert_eq!(store.create_user(&user).await.unwrap(), Created::New(()));
    user
}

pub(crate) fn github(id: u64, login: &str) -> GithubIdentity {
    GithubIdentity { id, login: login.to_owned() }
}

/// Adds somebody who signed in with GitHub.
pub(crate) async fn add_github(store: &Arc<dyn Store>, id: u64, login: &str) -> User {
    let signed_in = store.sign_in_github(&github(id, login), None, "UTC", noon(0)).await.unwrap();
    signed_in.user
}

/// A Python submission of now.
pub(crate) fn new_submission(user: UserId, slug: &str) -> NewSubmission {
    NewSubmission {
        id: SubmissionId::new(),
        user_id: user,
        challenge_id: challenge(slug),
        language: Language::python(),
        code: "print(42)\n".to_owned(),
        request_key: None,
        created_at: noon(0),
    }
}

/// Stores a submission that must be new.
pub(crate) async fn hand_in(store: &Arc<dyn Store>, new: &NewSubmission) -> Submission {
    match store.create_submission(new, u32::MAX).await.unwrap() {
        Queued::New(submission) => submission,
        other => panic!("not new: {other:?}"),
    }
}

pub(crate) fn report(verdict: Verdict) -> Report {
    Report {
        verdict,
        score: if verdict == Verdict::Accepted { 100 } else { 50 },
        tests: vec![test_report("one", verdict)],
        total_tests: 2,
        compile_output: None,
        time_ms: 12,
        memory_kb: 3_456,
    }
}

pub(crate) fn test_report(name: &str, verdict: Verdict) -> TestReport {
    TestReport {
        name: name.to_owned(),
        verdict,
        time_ms: 12,
        memory_kb: 3_456,
        hidden: false,
        group: None,
        input: Some("[1, 2]".to_owned()),
        expected: None,
        actual: Some("\"Ünï\u{0}\"\n".to_owned()),
        stdout: None,
        stderr: Some(String::new()),
        message: None,
    }
}

/// Finishes a submission that exists.
pub(crate) async fn finish(
    store: &Arc<dyn Store>,
    id: SubmissionId,
    verdict: Verdict,
    xp: u32,
    at: Timestamp,
) -> Finished {
    let finished = store.finish_submission(id, &report(verdict), xp, at).await.unwrap();
    finished.unwrap()
}

/// Hands in an accepted solution and returns the submission.
pub(crate) async fn solve_in(
    store: &Arc<dyn Store>,
    user: UserId,
    slug: &str,
    language: Language,
    xp: u32,
    at: Timestamp,
) -> Submission {
    let new = NewSubmission { language, created_at: at, ..new_submission(user, slug) };
    hand_in(store, &new).await;
    finish(store, new.id, Verdict::Accepted, xp, at).await.submission
}

/// Hands in an accepted Python solution.
pub(crate) async fn solve(
    store: &Arc<dyn Store>,
    user: UserId,
    slug: &str,
    xp: u32,
    at: Timestamp,
) -> Submission {
    solve_in(store, user, slug, Language::python(), xp, at).await
}

/// A leaderboard of [`noon`].
pub(crate) fn scope(period: Period) -> Scope {
    Scope::new(period, noon(0), None)
}

/// The first page of the leaderboard of all time.
pub(crate) async fn all_time(store: &Arc<dyn Store>) -> Standings {
    store.standings(&scope(Period::All), None, 0, 100).await.unwrap()
}

/// Names and XP in the order of a leaderboard.
pub(crate) fn places(standings: &Standings) -> Vec<(u64, &str, u64)> {
    standings.items.iter().map(|place| (place.rank, place.user.name.as_str(), place.xp)).collect()
}

/// Runs `count` tasks at once, on all threads.
pub(crate) async fn race<T, F, Fut>(count: usize, task: F) -> Vec<T>
where
    T: Send + 'static,
    F: Fn(usize) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|number| tokio::spawn(task(number))).collect();
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}
