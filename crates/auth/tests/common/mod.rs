//! A school with a real store in a folder of its own and a clock moved by hand.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "shared by several test programs; a test stops at what should not be"
)]

pub mod world;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use codementor_auth::{AuthService, SigningKey, Tokens};
use codementor_core::Timestamp;
use codementor_core::ports::{Clock, Store};
use codementor_store::{Options, Owner, SqliteStore};

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const DAY: i64 = 24 * 60 * MINUTE;

pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::SeqCst))
    }
}

pub struct School {
    pub store: Arc<dyn Store>,
    pub clock: Arc<HandClock>,
    pub auth: Arc<AuthService>,
    pub folder: tempfile::TempDir,
}

impl School {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(1_900_000_000_000)));
        let store: Arc<dyn Store> = Arc::new(open(folder.path()));
        let auth = Arc::new(service(folder.path(), &store, &clock));
        Self { store, clock, auth, folder }
    }

    /// Another process on the same database.
    pub fn second_node(&self) -> AuthService {
        let store: Arc<dyn Store> = Arc::new(open(self.folder.path()));
        service(self.folder.path(), &store, &self.clock)
    }
}

fn open(folder: &Path) -> SqliteStore {
    let options = Options { owner: Owner::Beside, ..Options::default() };
    SqliteStore::open(&folder.join("codementor.db"), &options).unwrap()
}

fn service(folder: &Path, store: &Arc<dyn Store>, clock: &Arc<HandClock>) -> AuthService {
    let key = SigningKey::load_or_create(folder, None).unwrap();
    let tokens = Tokens::new(&key, clock.clone());
    AuthService::new(store.clone(), clock.clone(), tokens)
}
