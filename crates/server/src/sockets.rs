//! What open sockets share: how many there may be, and the word that a session has ended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use codementor_core::{AuthSessionId, UserId};

/// Sockets open at once, of everybody.
const MAX_SOCKETS: usize = 20_000;
/// Sockets of one person: more tabs than anybody looks at.
const MAX_OF_USER: usize = 20;

/// Whose session has ended. Every open socket hears it and compares in memory; only those it may concern ask further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedOut {
    /// This one session.
    Session(AuthSessionId),
    /// Sessions of this person, perhaps not all.
    User(UserId),
}

/// Why no further socket may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// This person has enough.
    User,
    /// Everybody together has.
    Server,
}

/// Counts what people have open: sockets, or programs on terminals. Cheap to clone; the clones share the count.
#[derive(Debug, Clone)]
pub struct Slots {
    /// Shared because a slot gives itself back wherever it is dropped; held for a few instructions.
    open: Arc<Mutex<Open>>,
    most: usize,
    most_of_user: usize,
}

impl Default for Slots {
    /// For sockets.
    fn default() -> Self {
        Self::new(MAX_SOCKETS, MAX_OF_USER)
    }
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_user: HashMap<UserId, usize>,
}

/// The right to one of them; given back when dropped.
#[derive(Debug)]
pub struct Slot {
    slots: Slots,
    user: UserId,
}

impl Slots {
    /// So many of everybody together, and so many of one person.
    #[must_use]
    pub fn new(most: usize, most_of_user: usize) -> Self {
        Self { open: Arc::default(), most, most_of_user }
    }

    /// Takes a slot, to be held as long as what it is for is open.
    ///
    /// # Errors
    /// When a bound is reached; nothing was taken.
    pub fn take(&self, user: UserId) -> Result<Slot, Full> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.by_user.get(&user).is_some_and(|count| *count >= self.most_of_user) {
            return Err(Full::User);
        }
        if open.total >= self.most {
            return Err(Full::Server);
        }
        open.total += 1;
        *open.by_user.entry(user).or_default() += 1;
        Ok(Slot { slots: self.clone(), user })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.slots.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total -= 1;
        if let Some(count) = open.by_user.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.by_user.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_twenty_and_gets_one_back_for_each_closed() {
        let slots = Slots::default();
        let (ada, ben) = (UserId::new(), UserId::new());
        let mut open: Vec<Slot> = (0..MAX_OF_USER).map(|_| slots.take(ada).unwrap()).collect();
        assert_eq!(slots.take(ada).unwrap_err(), Full::User);
        assert!(slots.take(ben).is_ok(), "somebody else is not concerned");
        open.pop();
        open.push(slots.take(ada).unwrap());
        assert_eq!(slots.take(ada).unwrap_err(), Full::User);
        drop(open);
        let left = slots.open.lock().unwrap();
        assert_eq!((left.total, left.by_user.len()), (0, 0));
    }

    #[test]
    fn everybody_together_is_bounded() {
        let slots = Slots::default();
        let open: Vec<Slot> = (0..MAX_SOCKETS).map(|_| slots.take(UserId::new()).unwrap()).collect();
        assert_eq!(slots.take(UserId::new()).unwrap_err(), Full::Server);
        drop(open);
        assert!(slots.take(UserId::new()).is_ok());
    }
}
