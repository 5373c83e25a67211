//! Which requests were done, and how they were answered: who asks again after a lost answer gets it, and nothing happens twice.
//!
//! As long as the room is open, and for the newest requests only. What was refused is not remembered and may be tried again.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use codementor_core::UserId;

/// The requests that are remembered.
const MAX_ANSWERS: usize = 1_024;
/// The longest id that is remembered, in bytes; the contract allows no longer ones.
const MAX_ID: usize = 64;

/// The newest requests and their answers.
#[derive(Default)]
pub(super) struct Answers {
    known: HashMap<(UserId, String), Bytes>,
    /// Oldest first: what is in `known`, each once.
    order: VecDeque<(UserId, String)>,
}

impl Answers {
    /// How a request was answered before.
    pub(super) fn find(&self, user: UserId, id: Option<&str>) -> Option<Bytes> {
        self.known.get(&(user, id?.to_owned())).cloned()
    }

    /// Remembers the answer to a request that was done.
    pub(super) fn remember(&mut self, user: UserId, id: &str, answer: Bytes) {
        if id.len() > MAX_ID {
            return;
        }
        let key = (user, id.to_owned());
        if self.known.insert(key.clone(), answer).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MAX_ANSWERS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_remembered_for_each_person_and_no_more() {
        let (ada, ben) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let mut answers = Answers::default();
        for n in 0..MAX_ANSWERS + 10 {
            answers.remember(ada, &n.to_string(), Bytes::from(n.to_string()));
            answers.remember(ada, &n.to_string(), Bytes::from(n.to_string()));
        }
        assert_eq!((answers.known.len(), answers.order.len()), (MAX_ANSWERS, MAX_ANSWERS));
        assert_eq!(answers.find(ada, Some("9")), None);
        assert_eq!(answers.find(ada, Some("10")).unwrap(), "10");
        assert_eq!(answers.find(ben, Some("10")), None, "an id is its sender's");
        assert_eq!(answers.find(ada, None), None);
        answers.remember(ben, &"x".repeat(MAX_ID + 1), Bytes::new());
        assert_eq!(answers.known.len(), MAX_ANSWERS);
    }
}
