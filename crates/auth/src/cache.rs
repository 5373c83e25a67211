//! A short memory of live sessions, so that a request does not always cost a read of the database.
//!
//! An entry is believed for 5 seconds at most: that is how long a change made by another process may go unnoticed. A change made
//! by this process is seen at once, also by a read that was under way when the change happened.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use codementor_core::ports::{AuthSession, SecretHash};
use codementor_core::{AuthSessionId, Timestamp, User};
use moka::future::Cache;

/// The most entries kept.
const MAX_ENTRIES: u64 = 10_000;

/// How long an entry is believed, in milliseconds.
const TTL_MS: i64 = 5_000;

/// How a session is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// By the token's `sid`.
    Session(AuthSessionId),
    /// By the cookie.
    Secret(SecretHash),
}

/// A session and its user as the store had them.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub session: AuthSession,
    pub user: User,
}

#[derive(Clone)]
struct Entry {
    live: Live,
    read: ReadMark,
}

/// When a read of the store began. Taken *before* the read, given back with its result.
#[derive(Clone, Copy)]
pub(crate) struct ReadMark {
    at: Timestamp,
    generation: u64,
}

pub(crate) struct SessionCache {
    entries: Cache<Key, Entry>,
    /// Grows with each sign-out or change of a user. Entries of older generations do not count, so one change empties the cache: such
    /// changes are rare, and no bookkeeping can then forget a key.
    generation: AtomicU64,
}

impl SessionCache {
    pub fn new() -> Self {
        // The library's own time limit only frees memory; whether an entry counts is decided by our clock.
        let entries = Cache::builder()
            .max_capacity(MAX_ENTRIES)
            .time_to_live(Duration::from_millis(TTL_MS.unsigned_abs()))
            .build();
        Self { entries, generation: AtomicU64::new(0) }
    }

    pub fn begin_read(&self, now: Timestamp) -> ReadMark {
        ReadMark { at: now, generation: self.generation.load(Ordering::SeqCst) }
    }

    /// What is remembered under a key, with the mark of the read that brought it.
    pub async fn get(&self, key: &Key, now: Timestamp) -> Option<(Live, ReadMark)> {
        let entry = self.entries.get(key).await?;
        let age = now.as_ms() - entry.read.at.as_ms();
        let believed = entry.read.generation == self.generation.load(Ordering::SeqCst)
            && (0..TTL_MS).contains(&age)
            && entry.live.session.expires_at > now;
        believed.then_some((entry.live, entry.read))
    }

    pub async fn put(&self, key: Key, live: Live, read: ReadMark) {
        self.entries.insert(key, Entry { live, read }).await;
    }

    /// Call *after* the store has made a change, or may have made it.
    pub fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.entries.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use codementor_core::UserId;
    use codementor_core::name::UserName;
    use codementor_core::role::Role;
    use codementor_core::user::AccountKind;

    use super::*;

    const NOW: i64 = 1_900_000_000_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(NOW + ms)
    }

    fn live(ends_in_ms: i64) -> (Key, Live) {
        let user = User {
            id: UserId::new(),
            name: UserName::new("ada").unwrap(),
            role: Role::Learner,
            kind: AccountKind::Guest,
            time_zone: "UTC".to_owned(),
            created_at: at(0),
        };
        let session = AuthSession {
            id: AuthSessionId::new(),
            user_id: user.id,
            secret_hash: [7; 32],
            created_at: at(0),
            expires_at: at(ends_in_ms),
        };
        (Key::Session(session.id), Live { session, user })
    }

    async fn known(cache: &SessionCache, key: &Key, ms: i64) -> bool {
        cache.get(key, at(ms)).await.is_some()
    }

    #[tokio::test]
    async fn an_entry_is_believed_for_five_seconds() {
        let cache = SessionCache::new();
        let (key, live) = live(1_000_000);
        let read = cache.begin_read(at(0));
        cache.put(key, live, read).await;
        assert!(known(&cache, &key, 0).await);
        assert!(known(&cache, &key, 4_999).await);
        assert!(!known(&cache, &key, 5_000).await);
        assert!(!known(&cache, &key, -1).await, "a clock that jumps back makes nothing last longer");
    }

    #[tokio::test]
    async fn an_entry_ends_with_its_session() {
        let cache = SessionCache::new();
        let (key, live) = live(1_000);
        let read = cache.begin_read(at(0));
        cache.put(key, live, read).await;
        assert!(known(&cache, &key, 999).await);
        assert!(!known(&cache, &key, 1_000).await);
    }

    #[tokio::test]
    async fn a_change_is_seen_at_once_also_by_a_read_under_way() {
        let cache = SessionCache::new();
        let (key, live) = live(1_000_000);
        let early = cache.begin_read(at(0));
        cache.put(key, live.clone(), early).await;
        cache.forget_all();
        assert!(!known(&cache, &key, 0).await);
        cache.put(key, live.clone(), early).await;
        assert!(!known(&cache, &key, 0).await, "read before the change, remembered after it");
        let late = cache.begin_read(at(0));
        cache.put(key, live, late).await;
        assert!(known(&cache, &key, 0).await);
    }
}
