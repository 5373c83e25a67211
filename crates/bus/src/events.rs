//! Events to users' sockets, with a short memory for reconnecting pages.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use codementor_core::UserId;
use codementor_core::events::{EventId, UserEvent};
use codementor_core::ports::{Clock, Subscription, UserEvents};
use codementor_core::time::Timestamp;
use tokio::sync::broadcast;

/// Events remembered for one user.
const MEMORY: usize = 256;
/// How long an event is remembered, in milliseconds.
const MEMORY_MS: i64 = 10 * 60 * 1000;
/// How many events a socket may lag behind before it is told to fetch anew.
const BACKLOG: usize = 64;
/// Users with a memory. The longest silent one without sockets is forgotten first.
const MAX_USERS: usize = 20_000;

/// One user's channel.
struct Channel {
    /// The last number given; numbers begin at 1.
    sequence: u64,
    recent: VecDeque<(Timestamp, UserEvent)>,
    sender: broadcast::Sender<UserEvent>,
    touched: Timestamp,
}

/// [`UserEvents`] within one process.
pub struct InProcessEvents {
    epoch: u64,
    clock: Arc<dyn Clock>,
    /// Shared because any task publishes and any socket subscribes; held only for a few instructions, never across an await.
    channels: Mutex<HashMap<UserId, Channel>>,
}

impl InProcessEvents {
    /// An empty bus of a new epoch.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { epoch: u64::from(rand::random::<u32>()), clock, channels: Mutex::default() }
    }

    fn with_channel<T>(&self, user: UserId, act: impl FnOnce(&mut Channel, Timestamp) -> T) -> T {
        let now = self.clock.now();
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if channels.len() >= MAX_USERS && !channels.contains_key(&user) {
            make_room(&mut channels, now);
        }
        let channel = channels.entry(user).or_insert_with(|| Channel {
            sequence: 0,
            recent: VecDeque::new(),
            sender: broadcast::channel(BACKLOG).0,
            touched: now,
        });
        channel.touched = now;
        channel.forget_before(now.plus_ms(-MEMORY_MS));
        act(channel, now)
    }
}

impl Channel {
    fn forget_before(&mut self, oldest: Timestamp) {
        while self.recent.front().is_some_and(|(at, _)| *at < oldest) {
            self.recent.pop_front();
        }
    }

    fn missed(&self, after: Option<EventId>, epoch: u64) -> (Vec<UserEvent>, bool) {
        let Some(after) = after else {
            return (Vec::new(), false);
        };
        if after.epoch != epoch || after.sequence > self.sequence {
            return (self.recent.iter().map(|(_, event)| event.clone()).collect(), true);
        }
        let missed: Vec<UserEvent> = self
            .recent
            .iter()
            .map(|(_, event)| event)
            .filter(|e| e.id.sequence > after.sequence)
            .cloned()
            .collect();
        let gap = (missed.len() as u64) < self.sequence - after.sequence;
        (missed, gap)
    }
}

/// Forgets expired channels without sockets, and when that is not enough the longest silent tenth of those without sockets.
fn make_room(channels: &mut HashMap<UserId, Channel>, now: Timestamp) {
    let oldest = now.plus_ms(-MEMORY_MS);
    channels.retain(|_, channel| channel.sender.receiver_count() > 0 || channel.touched >= oldest);
    if channels.len() < MAX_USERS {
        return;
    }
    let mut idle: Vec<(Timestamp, UserId)> = channels
        .iter()
        .filter(|(_, channel)| channel.sender.receiver_count() == 0)
        .map(|(user, channel)| (channel.touched, *user))
        .collect();
    idle.sort_unstable();
    for (_, user) in idle.into_iter().take(MAX_USERS / 10) {
        channels.remove(&user);
    }
}

#[async_trait]
impl UserEvents for InProcessEvents {
    async fn publish(&self, user: UserId, kind: &str, data: serde_json::Value) -> EventId {
        let epoch = self.epoch;
        self.with_channel(user, |channel, now| {
            channel.sequence += 1;
            let id = EventId { epoch, sequence: channel.sequence };
            let event = UserEvent { id, kind: kind.into(), data: Arc::new(data) };
            if channel.recent.len() == MEMORY {
                channel.recent.pop_front();
            }
            channel.recent.push_back((now, event.clone()));
            // An error means that nobody listens now; the memory has it.
            let _ = channel.sender.send(event);
            id
        })
    }

    async fn subscribe(&self, user: UserId, after: Option<EventId>) -> Subscription {
        let epoch = self.epoch;
        self.with_channel(user, |channel, _| {
            let (missed, gap) = channel.missed(after, epoch);
            Subscription { missed, gap, live: channel.sender.subscribe() }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use codementor_core::time::SystemClock;
    use serde_json::json;

    use super::*;

    struct HandClock(AtomicI64);

    impl Clock for HandClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_ms(self.0.load(Ordering::Relaxed))
        }
    }

    #[tokio::test]
    async fn live_and_missed_events_arrive_in_order_once() {
        let bus = InProcessEvents::new(Arc::new(SystemClock));
        let user = UserId::new();
        let first = bus.publish(user, "a", json!(1)).await;
        bus.publish(user, "b", json!(2)).await;
        let mut subscription = bus.subscribe(user, Some(first)).await;
        bus.publish(user, "c", json!(3)).await;
        assert!(!subscription.gap);
        assert_eq!(subscription.missed.iter().map(|e| &*e.kind).collect::<Vec<_>>(), ["b"]);
        assert_eq!(&*subscription.live.recv().await.unwrap().kind, "c");
        assert!(bus.subscribe(UserId::new(), None).await.missed.is_empty());
    }

    #[tokio::test]
    async fn what_is_forgotten_is_a_gap() {
        let clock = Arc::new(HandClock(AtomicI64::new(1_000_000)));
        let bus = InProcessEvents::new(clock.clone());
        let user = UserId::new();
        let first = bus.publish(user, "x", json!(0)).await;
        for n in 0..MEMORY {
            bus.publish(user, "x", json!(n)).await;
        }
        let full = bus.subscribe(user, Some(first)).await;
        assert_eq!((full.missed.len(), full.gap), (MEMORY, false));
        bus.publish(user, "x", json!("one more")).await;
        assert!(bus.subscribe(user, Some(first)).await.gap);
        clock.0.fetch_add(MEMORY_MS + 1, Ordering::Relaxed);
        let late = bus.subscribe(user, Some(first)).await;
        assert_eq!((late.missed.len(), late.gap), (0, true));
    }

    #[tokio::test]
    async fn numbers_of_another_life_are_a_gap() {
        let bus = InProcessEvents::new(Arc::new(SystemClock));
        let user = UserId::new();
        let foreign = EventId { epoch: u64::MAX, sequence: 1 };
        assert!(bus.subscribe(user, Some(foreign)).await.gap);
        let future = EventId { sequence: 99, ..bus.publish(user, "x", json!(1)).await };
        assert!(bus.subscribe(user, Some(future)).await.gap);
    }

    #[tokio::test]
    async fn the_number_of_users_is_bounded() {
        let bus = InProcessEvents::new(Arc::new(SystemClock));
        let watched = UserId::new();
        let _socket = bus.subscribe(watched, None).await;
        for _ in 0..MAX_USERS + 10 {
            bus.publish(UserId::new(), "x", json!(null)).await;
        }
        let channels = bus.channels.lock().unwrap();
        assert!(channels.len() <= MAX_USERS);
        assert!(channels.contains_key(&watched));
    }
}
