//! Requests that were made before: whoever sends one again, after a connection was lost, gets the same answer and nothing happens twice.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use codementor_core::{SessionId, UserId};
use serde_json::Value;

/// How many are remembered; the oldest are forgotten.
const MAX: usize = 20_000;

type Key = (SessionId, UserId, String);

/// The newest requests, by session, person and the client's id, with what the `ack` said besides.
#[derive(Debug, Default)]
pub struct Seen {
    /// Held for a few instructions.
    state: Mutex<(HashMap<Key, Value>, VecDeque<Key>)>,
}

impl Seen {
    /// Remembers a request. When it was made before: what was answered; nothing while it is being done.
    pub fn before(&self, session: SessionId, user: UserId, id: &str) -> Option<Value> {
        let key = (session, user, id.to_owned());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, order) = &mut *state;
        if let Some(answer) = known.get(&key) {
            return Some(answer.clone());
        }
        known.insert(key.clone(), Value::Null);
        order.push_back(key);
        if order.len() > MAX
            && let Some(oldest) = order.pop_front()
        {
            known.remove(&oldest);
        }
        None
    }

    /// Remembers what a request was answered.
    pub fn answered(&self, session: SessionId, user: UserId, id: &str, answer: &Value) {
        let key = (session, user, id.to_owned());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = state.0.get_mut(&key) {
            *known = answer.clone();
        }
    }

    /// Forgets a request that came to nothing.
    pub fn forget(&self, session: SessionId, user: UserId, id: &str) {
        let key = (session, user, id.to_owned());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0.remove(&key).is_some() {
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
        assert_eq!(seen.before(session, ada, "1"), None);
        assert_eq!(seen.before(session, ada, "1"), Some(Value::Null));
        seen.answered(session, ada, "1", &Value::from(7));
        assert_eq!(seen.before(session, ada, "1"), Some(Value::from(7)));
        assert_eq!(seen.before(session, ben, "1"), None, "somebody else's is another");
        seen.forget(session, ada, "1");
        assert_eq!(seen.before(session, ada, "1"), None);
        for n in 0..MAX {
            let _ = seen.before(session, ben, &format!("x{n}"));
        }
        let state = seen.state.lock().unwrap();
        assert_eq!((state.0.len(), state.1.len()), (MAX, MAX));
    }
}
