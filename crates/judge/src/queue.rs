//! A bounded queue that is fair between users: whoever has the fewest items running is next, and among those each gets one turn a
//! round. So one who floods it, or whose items take long, waits behind their own work only. How many items of one user may run at once can
//! be bounded, so that others find the machine less busy with them.
//!
//! What people in a live session wait for goes before what single people wait for, but not for ever: while single people wait, at most
//! [`IN_A_ROW`] items of sessions are taken one after the other. Each of the two lines is fair by itself; how much a user has running, and
//! how much one may have waiting, counts over both.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::Hash;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use codementor_core::Audience;
use tokio::sync::Notify;

/// Items of sessions that are taken one after the other while somebody waits alone.
pub const IN_A_ROW: usize = 3;

/// A queue of `T` from users `K`. Share it in an `Arc`; any number of tasks may push and pop.
pub struct FairQueue<K, T> {
    /// Shared by pushers and poppers; held for a few instructions, never across an await.
    state: Mutex<State<K, T>>,
    /// Wakes one popper for each push, all for the end.
    news: Notify,
    capacity: usize,
    per_user: usize,
}

struct State<K, T> {
    /// What people in sessions wait for.
    sessions: Line<K, T>,
    /// What single people wait for.
    people: Line<K, T>,
    /// Items of sessions taken since a single person last got a turn or none of them waited.
    in_a_row: usize,
    /// How many items of a user have been popped and are not done; never 0.
    running: HashMap<K, usize>,
    /// How many items of one user run at once.
    most_running: usize,
    length: usize,
    closed: bool,
}

/// Users who wait, and for what.
struct Line<K, T> {
    waiting: HashMap<K, VecDeque<T>>,
    /// Users with waiting items, each once; of those with equally few running the first is next.
    turns: VecDeque<K>,
}

/// Why an item was not taken. The item is given back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Full<T> {
    /// The whole queue is full. Trying again later helps.
    Queue(T),
    /// This user has as many items waiting as one may have.
    User(T),
    /// The queue is closed.
    Closed(T),
}

impl<T> Full<T> {
    /// The item that was not taken.
    pub fn into_inner(self) -> T {
        match self {
            Self::Queue(item) | Self::User(item) | Self::Closed(item) => item,
        }
    }
}

impl<T> fmt::Debug for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queue(_) => "Full::Queue",
            Self::User(_) => "Full::User",
            Self::Closed(_) => "Full::Closed",
        })
    }
}

impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queue(_) => "the queue is full",
            Self::User(_) => "this user has too much waiting",
            Self::Closed(_) => "the queue is closed",
        })
    }
}

impl<T> std::error::Error for Full<T> {}

impl<K: Eq + Hash + Clone, T> FairQueue<K, T> {
    /// An empty queue of at most `capacity` items, at most `per_user` of one user.
    #[must_use]
    pub fn new(capacity: usize, per_user: usize) -> Self {
        let state = State {
            sessions: Line::new(),
            people: Line::new(),
            in_a_row: 0,
            running: HashMap::new(),
            most_running: usize::MAX,
            length: 0,
            closed: false,
        };
        Self { state: Mutex::new(state), news: Notify::new(), capacity, per_user }
    }

    /// Bounds how many items of one user run at once, from now on and until the queue is closed. At least one does.
    pub fn set_most_running(&self, most: usize) {
        self.lock().most_running = most.max(1);
        self.news.notify_one();
    }

    /// Adds an item behind the user's own that are for the same audience.
    ///
    /// # Errors
    /// [`Full`] with the item when there is no room or the queue is closed.
    pub fn try_push(&self, user: K, audience: Audience, item: T) -> Result<(), Full<T>> {
        let mut state = self.lock();
        if state.closed {
            return Err(Full::Closed(item));
        }
        if state.length >= self.capacity {
            return Err(Full::Queue(item));
        }
        if state.sessions.of(&user) + state.people.of(&user) >= self.per_user {
            return Err(Full::User(item));
        }
        match audience {
            Audience::Session => state.sessions.push(user, item),
            Audience::Person => state.people.push(user, item),
        }
        state.length += 1;
        drop(state);
        self.news.notify_one();
        Ok(())
    }

    /// Takes the next item, waiting for one. The item counts as running until its [`Running`] is dropped. `None` when the queue is
    /// closed and empty. Dropping the future loses nothing.
    pub async fn pop(&self) -> Option<(T, Running<'_, K, T>)> {
        loop {
            let mut news = pin!(self.news.notified());
            // From here on nothing that is pushed or closed goes unnoticed.
            news.as_mut().enable();
            {
                let mut state = self.lock();
                if let Some((user, item)) = state.take() {
                    // One wake-up may stand for several pushes.
                    if state.length > 0 {
                        self.news.notify_one();
                    }
                    return Some((item, Running { queue: self, user }));
                }
                if state.closed {
                    return None;
                }
            }
            news.await;
        }
    }

    /// Takes no more items. What waits can still be popped.
    pub fn close(&self) {
        self.lock().closed = true;
        self.news.notify_waiters();
    }

    /// How many items wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().length
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, State<K, T>> {
        // Nothing in here panics half-way, so a poisoned state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone, T> Line<K, T> {
    fn new() -> Self {
        Self { waiting: HashMap::new(), turns: VecDeque::new() }
    }

    /// How many items of this user wait.
    fn of(&self, user: &K) -> usize {
        self.waiting.get(user).map_or(0, VecDeque::len)
    }

    fn push(&mut self, user: K, item: T) {
        if self.of(&user) == 0 {
            self.turns.push_back(user.clone());
        }
        self.waiting.entry(user).or_default().push_back(item);
    }

    fn take(&mut self, running: &HashMap<K, usize>, most: usize) -> Option<(K, T)> {
        let running = |user: &K| running.get(user).copied().unwrap_or(0);
        let (next, first) = self.turns.iter().enumerate().min_by_key(|(_, user)| running(user))?;
        if running(first) >= most {
            return None;
        }
        let user = self.turns.remove(next)?;
        let own = self.waiting.get_mut(&user)?;
        let item = own.pop_front()?;
        if own.is_empty() {
            self.waiting.remove(&user);
        } else {
            self.turns.push_back(user.clone());
        }
        Some((user, item))
    }
}

impl<K: Eq + Hash + Clone, T> State<K, T> {
    fn take(&mut self) -> Option<(K, T)> {
        let somebody_is_alone = !self.people.turns.is_empty();
        let sessions_first = !somebody_is_alone || self.in_a_row < IN_A_ROW;
        // What is left when the queue is closed goes to whoever asks.
        let most = if self.closed { usize::MAX } else { self.most_running };
        let mut of_session = if sessions_first { self.sessions.take(&self.running, most) } else { None };
        let of_person = if of_session.is_none() { self.people.take(&self.running, most) } else { None };
        if of_session.is_none() && of_person.is_none() && !sessions_first {
            of_session = self.sessions.take(&self.running, most);
        }
        self.in_a_row = if of_session.is_some() && somebody_is_alone { self.in_a_row + 1 } else { 0 };
        let (user, item) = of_session.or(of_person)?;
        self.length -= 1;
        *self.running.entry(user.clone()).or_default() += 1;
        Some((user, item))
    }

    fn done(&mut self, user: &K) {
        if let Some(count) = self.running.get_mut(user) {
            *count -= 1;
            if *count == 0 {
                self.running.remove(user);
            }
        }
    }
}

/// An item that has been popped and is not done. Keep it as long as the work takes.
pub struct Running<'a, K: Eq + Hash + Clone, T> {
    queue: &'a FairQueue<K, T>,
    user: K,
}

impl<K: Eq + Hash + Clone, T> Drop for Running<'_, K, T> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.done(&self.user);
        if state.length > 0 {
            // It may be what kept another item of this user waiting.
            self.queue.news.notify_one();
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
