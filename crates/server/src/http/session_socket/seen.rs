//! Requests that were made before: whoever sends one again, after a connection was lost, gets the same answer and nothing happens twice.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use codementor_core::{SessionId, UserId};

/// How many are remembered; the oldest are forgotten.
const MAX: usize = 20_000;

type Key = (SessionId, UserId, String);

/// The newest requests, by session, person and the client's id.
#[derive(Debug, Default)]
pub struct Seen {
    /// Held for a few instructions.
    state: Mutex<(HashSet<Key>, VecDeque<Key>)>,
}

impl Seen {
    /// Remembers a request. `false`: it was made before.
    pub fn is_first(&self, session: SessionId, user: UserId, id: &str) -> bool {
        let key = (session, user, id.to_owned());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, order) = &mut *state;
        if !known.insert(key.clone()) {
            return false;
        }
        order.push_back(key);
        if order.len() > MAX
            && let Some(oldest) = order.pop_front()
        {
            known.remove(&oldest);
        }
        true
    }

    /// Forgets a request that came to nothing.
    pub fn forget(&self, session: SessionId, user: UserId, id: &str) {
        let key = (session, user, id.to_owned());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0.remove(&key) {
            state.1.retain(|known| *known != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_known_again_and_bounded() {
        let seen = Seen::default();
        let (session, ada, ben) = (SessionId::new(), UserId::new(), UserId::new());
        assert!(seen.is_first(session, ada, "1"));
        assert!(!seen.is_first(session, ada, "1"));
        assert!(seen.is_first(session, ben, "1"), "somebody else's is another");
        seen.forget(session, ada, "1");
        assert!(seen.is_first(session, ada, "1"));
        for n in 0..MAX {
            seen.is_first(session, ben, &format!("x{n}"));
        }
        let state = seen.state.lock().unwrap();
        assert_eq!((state.0.len(), state.1.len()), (MAX, MAX));
    }
}
