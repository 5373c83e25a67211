//! A bounded queue that is fair between users: whoever has the fewest items running is next, and among those each gets one turn a
//! round. So one who floods it, or whose items take long, waits behind their own work only.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::Hash;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

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
    waiting: HashMap<K, VecDeque<T>>,
    /// Users with waiting items, each once; of those with equally few running the first is next.
    turns: VecDeque<K>,
    /// How many items of a user have been popped and are not done; never 0.
    running: HashMap<K, usize>,
    length: usize,
    closed: bool,
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
            waiting: HashMap::new(),
            turns: VecDeque::new(),
            running: HashMap::new(),
            length: 0,
            closed: false,
        };
        Self { state: Mutex::new(state), news: Notify::new(), capacity, per_user }
    }

    /// Adds an item behind the user's own.
    ///
    /// # Errors
    /// [`Full`] with the item when there is no room or the queue is closed.
    pub fn try_push(&self, user: K, item: T) -> Result<(), Full<T>> {
        let mut state = self.lock();
        if state.closed {
            return Err(Full::Closed(item));
        }
        if state.length >= self.capacity {
            return Err(Full::Queue(item));
        }
        let own = state.waiting.get(&user).map_or(0, VecDeque::len);
        if own >= self.per_user {
            return Err(Full::User(item));
        }
        if own == 0 {
            state.turns.push_back(user.clone());
        }
        state.waiting.entry(user).or_default().push_back(item);
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

impl<K: Eq + Hash + Clone, T> State<K, T> {
    fn take(&mut self) -> Option<(K, T)> {
        let running = |user: &K| self.running.get(user).copied().unwrap_or(0);
        let (next, _) = self.turns.iter().enumerate().min_by_key(|(_, user)| running(user))?;
        let user = self.turns.remove(next)?;
        let own = self.waiting.get_mut(&user)?;
        let item = own.pop_front()?;
        if own.is_empty() {
            self.waiting.remove(&user);
        } else {
            self.turns.push_back(user.clone());
        }
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
        self.queue.lock().done(&self.user);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_flood_delays_only_its_author() {
        let queue = FairQueue::new(100, 50);
        for number in 0..50 {
            queue.try_push("flooder", number).unwrap();
        }
        queue.try_push("ann", 100).unwrap();
        queue.try_push("bob", 200).unwrap();
        queue.try_push("ann", 101).unwrap();
        let mut order = Vec::new();
        for _ in 0..6 {
            order.push(queue.pop().await.unwrap().0);
        }
        assert_eq!(order, [0, 100, 200, 1, 101, 2]);
        assert_eq!(queue.len(), 47);
    }

    #[tokio::test]
    async fn whoever_has_the_fewest_running_is_next() {
        let queue = FairQueue::new(100, 50);
        for number in 0..4 {
            queue.try_push("slow", number).unwrap();
        }
        let (_, first) = queue.pop().await.unwrap();
        queue.try_push("ann", 10).unwrap();
        queue.try_push("ann", 11).unwrap();
        let (ann, anns) = queue.pop().await.unwrap();
        assert_eq!(ann, 10, "nothing of hers runs");
        let (second, seconds) = queue.pop().await.unwrap();
        assert_eq!(second, 1, "one each, and it is their turn");
        assert_eq!(queue.pop().await.unwrap().0, 11);
        drop((first, seconds, anns));
        queue.try_push("bob", 20).unwrap();
        assert_eq!(queue.pop().await.unwrap().0, 2, "all that ran is done and forgotten");
        assert!(queue.lock().running.is_empty());
    }

    #[test]
    fn both_bounds_hold_and_give_the_item_back() {
        let queue = FairQueue::new(3, 2);
        queue.try_push(1, "a").unwrap();
        queue.try_push(1, "b").unwrap();
        assert!(matches!(queue.try_push(1, "c"), Err(Full::User("c"))));
        queue.try_push(2, "d").unwrap();
        assert_eq!(queue.try_push(3, "e").map_err(Full::into_inner), Err("e"));
        queue.close();
        assert!(matches!(queue.try_push(4, "f"), Err(Full::Closed("f"))));
    }

    #[tokio::test]
    async fn a_closed_queue_is_emptied_and_then_ends() {
        let queue = FairQueue::new(10, 10);
        queue.try_push("ann", 1).unwrap();
        queue.close();
        assert_eq!(queue.pop().await.map(|(item, _)| item), Some(1));
        assert!(queue.pop().await.is_none());
    }

    #[tokio::test]
    async fn every_item_wakes_somebody_and_the_end_wakes_all() {
        let queue = Arc::new(FairQueue::new(1_000, 1_000));
        let poppers: Vec<_> = (0..8)
            .map(|_| {
                let queue = Arc::clone(&queue);
                tokio::spawn(async move {
                    let mut count = 0;
                    while queue.pop().await.is_some() {
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        for number in 0..1_000 {
            queue.try_push(number % 7, number).unwrap();
            if number % 10 == 0 {
                tokio::task::yield_now().await;
            }
        }
        queue.close();
        let mut sum = 0;
        for popper in poppers {
            sum += popper.await.unwrap();
        }
        assert_eq!(sum, 1_000);
    }
}
