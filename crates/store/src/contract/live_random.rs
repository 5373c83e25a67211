//! Random operations on live sessions and on their model, which must agree. The seed is printed; `CODEMENTOR_TEST_SEED` replays it.

use std::cmp::Reverse;
use std::sync::Arc;

use codementor_core::id::UserId;
use codementor_core::live::{Invitation, Knock, LiveChange, Part, Policy};
use codementor_core::ports::{SecretHash, Store};
use codementor_core::time::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::fixtures::{add_github, add_guest, github, noon};
use super::live_fixtures::{invitation, live_session};
use super::live_model::{Live, Place};
use super::random::seed;

const STEPS: usize = 1_200;
const CHECK_EVERY: usize = 60;
const ACCOUNTS: u64 = 4;
const PARTS: [Part; 4] = [Part::Driver, Part::Navigator, Part::Mentor, Part::Viewer];

pub(crate) async fn random_lives_agree_with_the_model(store: Arc<dyn Store>) {
    let mut run = Run {
        random: StdRng::seed_from_u64(seed()),
        store,
        lives: Vec::new(),
        guests: Vec::new(),
        known: Vec::new(),
        now: 0,
        named: 0,
    };
    for account in 0..ACCOUNTS {
        let user = add_github(&run.store, account, &format!("login{account}")).await;
        run.known.push(user.id);
    }
    for _ in 0..6 {
        run.newcomer().await;
    }
    run.create().await;
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
    lives: Vec<Live>,
    guests: Vec<UserId>,
    /// Signed in with GitHub, by account.
    known: Vec<UserId>,
    /// Milliseconds after noon. Several steps may happen in one.
    now: i64,
    named: u32,
}

impl Run {
    async fn step(&mut self) {
        self.now += self.random.random_range(0..2);
        match self.random.random_range(0..100) {
            0..2 if self.lives.len() < 12 => self.create().await,
            0..4 => self.newcomer().await,
            4..7 => self.merge().await,
            7..45 => self.enter().await,
            45..62 => self.set_part().await,
            62..72 => self.send_out().await,
            72..85 => self.invite().await,
            85..93 => self.revoke().await,
            93..99 => self.change().await,
            _ => self.end().await,
        }
    }

    fn now(&self) -> Timestamp {
        noon(self.now)
    }

    fn user(&mut self) -> UserId {
        let place = self.random.random_range(0..self.guests.len() + self.known.len());
        self.guests.iter().chain(&self.known).nth(place).copied().unwrap()
    }

    fn any_part(&mut self) -> Part {
        PARTS[self.random.random_range(0..PARTS.len())]
    }

    fn any_secret(&mut self) -> Option<SecretHash> {
        [None, Some([1; 32]), Some([2; 32])][self.random.random_range(0..3)]
    }

    /// One of the newest, else most would have ended.
    fn which(&mut self) -> usize {
        self.random.random_range(self.lives.len().saturating_sub(5)..self.lives.len())
    }

    fn link(&mut self, which: usize) -> Invitation {
        let lasts = [None, Some(0), Some(20), Some(200)][self.random.random_range(0..4)];
        Invitation {
            secret_hash: self.any_secret(),
            expires_at: lasts.map(|lasts| noon(self.now + lasts)),
            ..invitation(self.lives[which].id(), self.any_part(), self.now)
        }
    }

    async fn newcomer(&mut self) {
        self.named += 1;
        let user = add_guest(&self.store, &format!("guest {}", self.named)).await;
        self.guests.push(user.id);
    }

    async fn create(&mut self) {
        let session = live_session(self.user(), self.now);
        let (part, link) = (self.any_part(), invitation(session.id, Part::Navigator, self.now));
        self.store.create_live(&session, part, &link).await.unwrap();
        self.lives.push(Live::new(session, part, link));
    }

    async fn merge(&mut self) {
        if self.guests.len() < 4 {
            return self.newcomer().await;
        }
        let guest = self.guests.swap_remove(self.random.random_range(0..self.guests.len()));
        let account = self.random.random_range(0..ACCOUNTS);
        let identity = github(account, &format!("login{account}"));
        let signed_in = self.store.sign_in_github(&identity, Some(guest), "UTC", self.now()).await.unwrap();
        assert_eq!(signed_in.merged_guest, Some(guest));
        let person = self.known[usize::try_from(account).unwrap()];
        self.lives.iter_mut().for_each(|live| live.merge(guest, person));
    }

    async fn enter(&mut self) {
        let which = self.which();
        let part = self.random.random_bool(0.3).then(|| self.any_part());
        let knock = Knock { user_id: self.user(), secret_hash: self.any_secret(), part, at: self.now() };
        let live = &mut self.lives[which];
        assert_eq!(self.store.enter(live.id(), &knock).await.unwrap(), live.enter(&knock), "{knock:?}");
    }

    async fn set_part(&mut self) {
        let (which, user, part) = (self.which(), self.user(), self.any_part());
        let live = &mut self.lives[which];
        assert_eq!(self.store.set_part(live.id(), user, part).await.unwrap(), live.set_part(user, part));
    }

    async fn send_out(&mut self) {
        let (which, user, now) = (self.which(), self.user(), self.now());
        let live = &mut self.lives[which];
        assert_eq!(self.store.send_out(live.id(), user, now).await.unwrap(), live.send_out(user, now));
    }

    async fn invite(&mut self) {
        let which = self.which();
        let link = self.link(which);
        assert_eq!(self.store.invite(&link).await.unwrap(), self.lives[which].invite(&link));
    }

    async fn revoke(&mut self) {
        let (which, now) = (self.which(), self.now());
        let live = &mut self.lives[which];
        if live.links.is_empty() {
            return;
        }
        let link = live.links[self.random.random_range(0..live.links.len())].id;
        for _ in 0..2 {
            let mut sent = self.store.revoke_invitation(live.id(), link, now).await.unwrap();
            sent.iter_mut().for_each(|sent| sent.sort_unstable());
            assert_eq!(sent, live.revoke(link, now));
        }
    }

    async fn change(&mut self) {
        let (which, policy) = (self.which(), [Policy::Free, Policy::Driver][self.random.random_range(0..2)]);
        let change = LiveChange { policy: Some(policy), ..LiveChange::default() };
        let live = &mut self.lives[which];
        let open = live.session.ended_at.is_none();
        if open {
            live.session.policy = policy;
        }
        let changed = self.store.change_live(live.id(), &change).await.unwrap();
        assert_eq!(changed, open.then(|| live.session.clone()));
    }

    async fn end(&mut self) {
        let (which, now) = (self.which(), self.now());
        let live = &mut self.lives[which];
        assert_eq!(self.store.end_live(live.id(), now).await.unwrap(), live.session.ended_at.is_none());
        live.session.ended_at.get_or_insert(now);
    }

    async fn check(&self) {
        for live in &self.lives {
            self.check_live(live).await;
        }
        for user in self.guests.iter().chain(&self.known) {
            let mut expected: Vec<_> = self.lives.iter().filter(|live| live.part(*user).is_some()).collect();
            expected.sort_by_key(|live| Reverse((live.session.created_at, live.id().to_string())));
            let expected: Vec<_> = expected.into_iter().map(|live| live.session.clone()).collect();
            assert_eq!(self.store.lives_of(*user, None, 101).await.unwrap(), expected);
        }
    }

    async fn check_live(&self, live: &Live) {
        let id = live.id();
        assert_eq!(self.store.live(id).await.unwrap().as_ref(), Some(&live.session));
        assert_eq!(self.store.invitations(id, self.now()).await.unwrap(), live.open(self.now()));
        let expected = |is_shown: fn(&Place) -> bool| {
            let shown = live.places.iter().filter(|place| is_shown(place));
            shown.map(|place| (place.user, place.part)).collect::<Vec<_>>()
        };
        let now = self.store.participants(id).await.unwrap();
        assert!(now.iter().map(|one| (one.user_id, one.part)).eq(expected(Place::is_in)));
        let ever = self.store.everybody(id).await.unwrap();
        assert!(ever.iter().map(|one| (one.user_id, one.part)).eq(expected(|_| true)));
        for user in self.guests.iter().chain(&self.known) {
            assert_eq!(self.store.part(id, *user).await.unwrap(), live.part(*user));
        }
        assert!(live.part(live.session.creator).is_some());
    }
}
