//! Events to users' sockets, with a short memory for reconnecting pages.
//!
//! The memory is bounded in events, in bytes and in time; what is forgotten is a `gap` to whoever asks for it.

mod memory;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use codementor_core::UserId;
use codementor_core::events::{EventId, UserEvent};
use codementor_core::ports::{Clock, Subscription, UserEvents};
use codementor_core::time::Timestamp;
use tokio::sync::broadcast;

use self::memory::Memory;

/// How long an event is remembered, in milliseconds.
const MEMORY_MS: i64 = 10 * 60 * 1000;
/// How often everybody's memory is looked through for what is older, in milliseconds.
const SWEEP_MS: i64 = 60 * 1000;
/// How many events a socket may lag behind before it must subscribe again.
const BACKLOG: usize = 64;
/// Users with a memory. The longest silent one without sockets is forgotten first.
const MAX_USERS: usize = 20_000;
/// What all memories together may weigh, in bytes.
const MAX_BYTES: usize = 128 * 1024 * 1024;

/// One user's channel.
struct Channel {
    /// New for each channel: one that was forgotten and comes back never gives a number twice.
    epoch: u64,
    /// The last number given; numbers begin at 1.
    sequence: u64,
    memory: Memory,
    /// Made for the first socket and dropped after the last: most users have none open, and a sender is thousands of bytes.
    sender: Option<broadcast::Sender<UserEvent>>,
    touched: Timestamp,
}

/// [`UserEvents`] within one process.
pub struct InProcessEvents {
    clock: Arc<dyn Clock>,
    /// Shared because any task publishes and any socket subscribes; held only for a few instructions, never across an await.
    channels: Mutex<Channels>,
}

/// Everybody's channels, and what they weigh together.
#[derive(Default)]
struct Channels {
    by_user: HashMap<UserId, Channel>,
    bytes: usize,
    swept: Option<Timestamp>,
}

impl InProcessEvents {
    /// An empty bus.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, channels: Mutex::default() }
    }

    fn with_channel<T>(&self, user: UserId, act: impl FnOnce(&mut Channel, Timestamp) -> T) -> T {
        let now = self.clock.now();
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).with(user, now, act)
    }
}

impl Channels {
    fn with<T>(&mut self, user: UserId, now: Timestamp, act: impl FnOnce(&mut Channel, Timestamp) -> T) -> T {
        if self.swept.is_none_or(|swept| (now.as_ms() - swept.as_ms()).abs() >= SWEEP_MS) {
            self.sweep(now);
        }
        if self.by_user.len() >= MAX_USERS && !self.by_user.contains_key(&user) {
            self.forget_idle(MAX_USERS / 10);
        }
        let channel = self.by_user.entry(user).or_insert_with(|| Channel::new(now));
        let before = channel.memory.bytes();
        channel.touched = now;
        channel.memory.forget_before(now.plus_ms(-MEMORY_MS));
        let result = act(channel, now);
        self.bytes = self.bytes + channel.memory.bytes() - before;
        if self.bytes > MAX_BYTES {
            self.lighten();
        }
        result
    }

    /// Forgets what is too old, and the channels that then hold nothing for anybody.
    fn sweep(&mut self, now: Timestamp) {
        let oldest = now.plus_ms(-MEMORY_MS);
        self.by_user.retain(|_, channel| {
            channel.memory.forget_before(oldest);
            channel.drop_idle_sender();
            channel.sender.is_some() || !channel.memory.is_empty() || channel.touched >= oldest
        });
        self.bytes = self.by_user.values().map(|channel| channel.memory.bytes()).sum();
        self.swept = Some(now);
    }

    /// Forgets the longest silent of those without sockets, so many of them.
    fn forget_idle(&mut self, count: usize) {
        let listening = |channel: &Channel| channel.receivers() > 0;
        let mut idle: Vec<(Timestamp, UserId)> = self
            .by_user
            .iter()
            .filter(|(_, channel)| !listening(channel))
            .map(|(user, channel)| (channel.touched, *user))
            .collect();
        idle.sort_unstable();
        for (_, user) in idle.into_iter().take(count) {
            if let Some(channel) = self.by_user.remove(&user) {
                self.bytes -= channel.memory.bytes();
            }
        }
    }

    /// Empties the memories of the longest silent until a quarter of the bound is free. Their channels stay: numbers go on.
    fn lighten(&mut self) {
        let mut order: Vec<(Timestamp, UserId)> =
            self.by_user.iter().map(|(user, channel)| (channel.touched, *user)).collect();
        order.sort_unstable();
        for (_, user) in order {
            if self.bytes <= MAX_BYTES / 4 * 3 {
                return;
            }
            if let Some(channel) = self.by_user.get_mut(&user) {
                self.bytes -= channel.memory.bytes();
                channel.memory = Memory::default();
            }
        }
    }
}

impl Channel {
    fn new(now: Timestamp) -> Self {
        Self { epoch: rand::random(), sequence: 0, memory: Memory::default(), sender: None, touched: now }
    }

    fn receivers(&self) -> usize {
        self.sender.as_ref().map_or(0, broadcast::Sender::receiver_count)
    }

    fn drop_idle_sender(&mut self) {
        if self.receivers() == 0 {
            self.sender = None;
        }
    }

    fn publish(&mut self, kind: &str, data: serde_json::Value, now: Timestamp) -> EventId {
        self.sequence += 1;
        let event = UserEvent { id: self.last(), kind: kind.into(), data: Arc::new(data) };
        self.memory.keep(now, event.clone());
        if let Some(sender) = &self.sender {
            // An error means that nobody listens now; the memory has it.
            let _ = sender.send(event);
        }
        self.drop_idle_sender();
        self.last()
    }

    fn subscribe(&mut self, after: Option<EventId>) -> Subscription {
        let (missed, gap) = after.map_or((Vec::new(), false), |after| self.missed(after));
        let live = self.sender.get_or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe();
        Subscription { missed, gap, last: self.last(), live }
    }

    fn last(&self) -> EventId {
        EventId { epoch: self.epoch, sequence: self.sequence }
    }

    fn missed(&self, after: EventId) -> (Vec<UserEvent>, bool) {
        if after.epoch != self.epoch || after.sequence > self.sequence {
            return (self.memory.after(0), true);
        }
        let missed = self.memory.after(after.sequence);
        let gap = (missed.len() as u64) < self.sequence - after.sequence;
        (missed, gap)
    }
}

#[async_trait]
impl UserEvents for InProcessEvents {
    async fn publish(&self, user: UserId, kind: &str, data: serde_json::Value) -> EventId {
        self.with_channel(user, |channel, now| channel.publish(kind, data, now))
    }

    async fn subscribe(&self, user: UserId, after: Option<EventId>) -> Subscription {
        self.with_channel(user, |channel, _| channel.subscribe(after))
    }
}

#[cfg(test)]
mod tests;
