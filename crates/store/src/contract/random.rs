//! Random operations on a store and on the model, which must agree. The seed is printed; `CODEMENTOR_TEST_SEED` replays it.

use std::collections::BTreeSet;
use std::sync::Arc;

use codementor_core::id::{Language, SubmissionId, UserId};
use codementor_core::judging::Verdict;
use codementor_core::ledger::{Period, Scope};
use codementor_core::ports::{ChallengeStatus, NewSubmission, Store, SubmissionFilter};
use codementor_core::time::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::fixtures::{DAY, add_guest, challenge, finish, github, hand_in, new_submission, noon};
use super::model::{Handed, Model};

const STEPS: usize = 600;
const CHECK_EVERY: usize = 50;

/// The seed of this run.
pub(crate) fn seed() -> u64 {
    let given = std::env::var("CODEMENTOR_TEST_SEED").ok();
    let seed = given.map_or_else(rand::random, |text| text.parse().unwrap());
    println!("replay with CODEMENTOR_TEST_SEED={seed}");
    seed
}

pub(crate) async fn random_operations_agree_with_the_model(store: Arc<dyn Store>) {
    let mut run = Run {
        store,
        random: StdRng::seed_from_u64(seed()),
        model: Model::default(),
        users: Vec::new(),
        guests: Vec::new(),
        accounts: 0,
    };
    run.newcomer().await;
    for step in 0..STEPS {
        run.step().await;
        if step % CHECK_EVERY == 0 {
            run.check().await;
        }
    }
    run.check().await;
}

struct Run {
    store: Arc<dyn Store>,
    random: StdRng,
    model: Model,
    users: Vec<UserId>,
    guests: Vec<UserId>,
    accounts: u64,
}

impl Run {
    async fn step(&mut self) {
        match self.random.random_range(0..100) {
            0..6 => self.newcomer().await,
            6..12 => self.sign_in().await,
            12..50 => self.hand_in().await,
            _ => self.finish().await,
        }
    }

    async fn newcomer(&mut self) {
        let number: u64 = self.random.random();
        let user = add_guest(&self.store, &format!("guest {number:x}")).await;
        self.users.push(user.id);
        self.guests.push(user.id);
    }

    /// A guest signs in with a new account or a known one.
    async fn sign_in(&mut self) {
        if self.guests.is_empty() {
            return;
        }
        let guest = self.guests.swap_remove(self.random.random_range(0..self.guests.len()));
        let account = self.random.random_range(0..=self.accounts);
        let identity = github(account, &format!("login{account}"));
        let signed_in = self.store.sign_in_github(&identity, Some(guest), "UTC", noon(0)).await.unwrap();
        if account == self.accounts {
            self.accounts += 1;
            assert_eq!((signed_in.user.id, signed_in.merged_guest), (guest, None));
        } else {
            assert_eq!(signed_in.merged_guest, Some(guest));
            self.model.merge(guest, signed_in.user.id);
            self.users.retain(|user| *user != guest);
        }
    }

    async fn hand_in(&mut self) {
        let language = match self.random.random_range(0..3) {
            0 => Language::javascript(),
            _ => Language::python(),
        };
        let user = self.users[self.random.random_range(0..self.users.len())];
        let slug = format!("challenge-{}", self.random.random_range(0..12));
        let new = NewSubmission { language: language.clone(), ..new_submission(user, &slug) };
        hand_in(&self.store, &new).await;
        self.model.hand_in(Handed {
            id: new.id,
            user,
            challenge: challenge(&slug),
            language,
            accepted: None,
            xp: 0,
        });
    }

    /// Finishes something, sometimes again.
    async fn finish(&mut self) {
        if self.model.handed.is_empty() {
            return;
        }
        let id = self.any_submission();
        let accepted = self.random.random_bool(0.6);
        let verdict = if accepted { Verdict::Accepted } else { Verdict::WrongAnswer };
        let xp = [0, 10, 10, 25, 50][self.random.random_range(0..5)];
        let at = self.moment();
        let finished = finish(&self.store, id, verdict, xp, at).await;
        let expected = self.model.finish(id, accepted, xp, at);
        assert_eq!((finished.submission.xp_awarded, finished.first), expected);
    }

    fn any_submission(&mut self) -> SubmissionId {
        let place = self.random.random_range(0..self.model.handed.len());
        // Near the newest, else most picks would be finished ones.
        let place = place.max(self.model.handed.len().saturating_sub(20));
        *self.model.handed.keys().nth(place).unwrap()
    }

    /// Within four months, with many equal moments.
    fn moment(&mut self) -> Timestamp {
        noon(self.random.random_range(-60..60) * DAY + self.random.random_range(0..3))
    }

    async fn check(&mut self) {
        for user in self.users.clone() {
            self.check_person(user).await;
        }
        for _ in 0..8 {
            self.check_board().await;
        }
    }

    async fn check_person(&self, user: UserId) {
        let summary = self.store.ledger_summary(user).await.unwrap();
        let told = (summary.total_xp, summary.active, summary.solved.len());
        assert_eq!(told, self.model.summary(user));
        assert!(summary.solved.is_sorted_by(|a, b| a.at >= b.at));

        let statuses = self.store.challenge_statuses(user).await.unwrap();
        let statuses: BTreeSet<_> =
            statuses.into_iter().map(|(id, status)| (id, status == ChallengeStatus::Solved)).collect();
        assert_eq!(statuses, self.model.statuses(user));

        let filter = SubmissionFilter { user_id: user, challenge_id: None, before: None, limit: 100 };
        let listed = self.store.submissions(&filter).await.unwrap();
        let expected = self.model.handed.values().rev().filter(|handed| handed.user == user);
        let expected: Vec<_> = expected.take(100).map(|handed| (handed.id, handed.xp)).collect();
        let listed: Vec<_> = listed.iter().map(|one| (one.id, one.xp_awarded)).collect();
        assert_eq!(listed, expected);
    }

    async fn check_board(&mut self) {
        let period = [Period::All, Period::Month, Period::Week][self.random.random_range(0..3)];
        let language = [None, Some(Language::python())][self.random.random_range(0..2)].clone();
        let scope = Scope::new(period, self.moment(), language.as_ref());
        let me = self.users[self.random.random_range(0..self.users.len())];
        let offset = self.random.random_range(0..4);
        let limit = self.random.random_range(1..=100);

        let expected = self.model.board(&scope);
        let board = self.store.standings(&scope, Some(me), offset, limit).await.unwrap();
        let skipped = usize::try_from(offset).unwrap();
        let page: Vec<_> = board.items.iter().map(|place| (place.user.id, place.xp)).collect();
        let wanted: Vec<_> = expected.iter().skip(skipped).take(limit as usize).copied().collect();
        assert_eq!(page, wanted, "{scope:?}");
        assert_eq!(board.total, expected.len() as u64);
        let place = expected.iter().position(|(user, _)| *user == me);
        assert_eq!(board.me, place.map(|place| (place as u64 + 1, expected[place].1)));
    }
}
