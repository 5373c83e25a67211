//! `kill -9` at random moments loses nothing that was acknowledged and gives nothing twice.
//!
//! The seed is printed; `CODEMENTOR_TEST_SEED` replays it. What is replayed is what is sent and after how many answers the server is
//! killed, not how threads take turns.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::collections::{BTreeMap, BTreeSet};

use codementor_protocol::auth::{SignedIn, User};
use codementor_protocol::common::{Page, Verdict};
use codementor_protocol::submission::{Submission, SubmissionAccepted};
use codementor_tests::challenges::{LANGUAGES, challenge, reference, starter};
use codementor_tests::{Learner, Server, judge_works, program};
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;

const ROUNDS: usize = 4;
const LEARNERS: usize = 3;
const CHALLENGES: [&str; 3] = ["pair-sum", "second-largest", "digital-root"];

/// One request, the same whenever it is sent again.
#[derive(Debug, Clone)]
struct Planned {
    key: String,
    challenge: &'static str,
    language: &'static str,
    right: bool,
}

impl Planned {
    fn random(key: String, rng: &mut StdRng) -> Self {
        let challenge = CHALLENGES[rng.random_range(0..CHALLENGES.len())];
        let language = LANGUAGES[rng.random_range(0..LANGUAGES.len())];
        Self { key, challenge, language, right: rng.random_bool(0.6) }
    }

    fn request(&self, learner: &Learner) -> reqwest::RequestBuilder {
        let solution = if self.right { reference } else { starter };
        let body = json!({ "language": self.language, "code": solution(self.challenge, self.language) });
        let path = format!("/api/challenges/{}/submit", self.challenge);
        learner.client.request(Method::POST, &path).header("idempotency-key", &self.key).json(&body)
    }
}

/// What one learner has sent: the id where it was acknowledged.
type Sent = Vec<(Planned, Option<String>)>;

/// Sends until the server is gone or all is sent. Each answer counts one up.
async fn send(learner: &Learner, plan: &[Planned], answers: &watch::Sender<usize>) -> Sent {
    let mut sent = Sent::new();
    for planned in plan {
        loop {
            let answer = learner.client.try_send(planned.request(learner)).await;
            answers.send_modify(|count| *count += 1);
            match answer {
                Err(_) => {
                    sent.push((planned.clone(), None));
                    return sent;
                }
                Ok(answer) if answer.status == 202 => {
                    sent.push((planned.clone(), Some(answer.json::<SubmissionAccepted>().submission_id)));
                    break;
                }
                Ok(answer) => assert_eq!(answer.status, 429, "{}", answer.body),
            }
        }
    }
    sent
}

async fn all_submissions(learner: &Learner) -> Vec<Submission> {
    let page: Page<Submission> = learner.get("/api/submissions?limit=100").await.expect(200).json();
    assert_eq!(page.next_cursor, None);
    page.items
}

#[tokio::test]
async fn acknowledged_work_survives_kill_9_and_counts_once() {
    let seed = std::env::var("CODEMENTOR_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(rand::random::<u64>);
    eprintln!("CODEMENTOR_TEST_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let mut learners = Vec::new();
    for n in 0..LEARNERS {
        learners.push(server.guest(&format!("Learner {n}")).await);
    }
    let mut sent: Vec<Sent> = vec![Sent::new(); LEARNERS];
    for round in 0..ROUNDS {
        let plans: Vec<Vec<Planned>> = (0..LEARNERS)
            .map(|_| (0..4).map(|n| Planned::random(format!("{round}-{n}"), &mut rng)).collect())
            .collect();
        let kill_after = rng.random_range(1..40);
        let (answers, mut counted) = watch::channel(0);
        let sending =
            join_all(learners.iter().zip(&plans).map(|(learner, plan)| send(learner, plan, &answers)));
        let killing = async {
            // Also when all was sent before: judging goes on, and is interrupted.
            let _ = counted.wait_for(|count| *count >= kill_after.min(LEARNERS * 3)).await;
            server.kill9().await;
        };
        let (results, ()) = tokio::join!(sending, killing);
        server.restart().await;
        learners = learners.iter().map(|learner| learner.at(server.url())).collect();
        for (learner, (all, result)) in learners.iter().zip(sent.iter_mut().zip(results)) {
            check_sessions(learner).await;
            for (_, id) in &result {
                if let Some(id) = id {
                    let _ = learner.submission(id).await;
                }
            }
            all.extend(settle(learner, result).await);
        }
    }
    for (learner, sent) in learners.iter().zip(&sent) {
        check_once(learner, sent).await;
    }
    check_board(&learners).await;
}

/// Sends again what got no answer: the key makes sure that it is one submission.
async fn settle(learner: &Learner, result: Sent) -> Sent {
    let mut settled = Sent::new();
    for (planned, id) in result {
        let id = match id {
            Some(id) => id,
            None => loop {
                match learner.client.send(planned.request(learner)).await {
                    answer if answer.status == 202 => {
                        break answer.json::<SubmissionAccepted>().submission_id;
                    }
                    answer => assert_eq!(answer.status, 429, "{}", answer.body),
                }
            },
        };
        settled.push((planned, Some(id)));
    }
    settled
}

/// The token and the cookie from before are good.
async fn check_sessions(learner: &Learner) {
    let me: User = learner.get("/api/auth/me").await.expect(200).json();
    assert_eq!(me, learner.user);
    let browser = learner.client.browser();
    browser.set_cookie("codementor_session", &learner.cookie);
    let renewed: SignedIn = browser.post_nothing("/api/auth/renew").await.expect(200).json();
    assert_eq!(renewed.user, learner.user);
}

/// Every submission is there once, is finished with the right verdict, and each solved challenge gave its XP once.
async fn check_once(learner: &Learner, sent: &Sent) {
    let mut xp: BTreeMap<&str, u32> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for (planned, id) in sent {
        let id = id.clone().unwrap();
        let finished = learner.finished(&id).await;
        let wanted = if planned.right { Verdict::Accepted } else { Verdict::WrongAnswer };
        // A starter of a program may also fail otherwise.
        assert_eq!(
            finished.verdict == Some(Verdict::Accepted),
            wanted == Verdict::Accepted,
            "{planned:?} {finished:#?}"
        );
        assert_ne!(finished.verdict, Some(Verdict::InternalError), "{finished:#?}");
        *xp.entry(planned.challenge).or_default() += finished.xp_awarded;
        assert!(ids.insert(id), "two requests became one submission");
    }
    let stored: BTreeSet<String> =
        all_submissions(learner).await.into_iter().map(|submission| submission.id).collect();
    assert_eq!(stored, ids, "exactly what was sent is stored");
    let mut total = 0;
    for (id, got) in xp {
        let solved = sent.iter().any(|(planned, _)| planned.challenge == id && planned.right);
        let wanted = if solved { challenge(id).xp() } else { 0 };
        assert_eq!(got, wanted, "{id}: {sent:#?}");
        total += u64::from(wanted);
    }
    assert_eq!(learner.progress().await.total_xp, total);
}

async fn check_board(learners: &[Learner]) {
    let board = learners[0].leaderboard().await;
    for learner in learners {
        let wanted = learner.progress().await.total_xp;
        let row = board.items.iter().find(|entry| entry.user.id == learner.user.id);
        assert_eq!(row.map_or(0, |entry| entry.xp), wanted, "{board:?}");
    }
}

#[tokio::test]
async fn a_sign_out_survives_kill_9_too() {
    let mut server = Server::start().await;
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let _ = ada.client.post_nothing("/api/auth/logout").await.expect(204);
    server.kill9().await;
    server.restart().await;
    ada.at(server.url()).get("/api/auth/me").await.problem(401, "unauthenticated");
    let browser = server.client().browser();
    browser.set_cookie("codementor_session", &ada.cookie);
    browser.get("/api/auth/me").await.problem(401, "unauthenticated");
    let _ = ben.at(server.url()).get("/api/auth/me").await.expect(200);
    let body = json!({ "username": "Ada" });
    server.client().post("/api/auth/guest", &body).await.problem(409, "username_taken");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused_and_the_first_goes_on() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let data = server.data().display().to_string();
    for command in [&["serve", "--listen", "127.0.0.1:0", "--data", &data][..], &["migrate", "--data", &data]]
    {
        let refused = program::run(server.folder(), command, &[]).await;
        assert!(!refused.status.success(), "{command:?}: {}", refused.text());
        assert!(refused.stderr.contains("in use") && refused.stderr.contains(&data), "{}", refused.stderr);
        assert!(refused.stdout.is_empty(), "{}", refused.stdout);
    }
    let _ = ada.get("/api/auth/me").await.expect(200);
    let _ = server.guest("Ben").await;
}
