//! The bus: order, gaps, and the bounds of its memory.

use std::sync::atomic::{AtomicI64, Ordering};

use codementor_core::time::SystemClock;
use serde_json::{Value, json};

use super::memory::{self, MAX_EVENTS};
use super::*;

struct HandClock(AtomicI64);

impl HandClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_000_000_000)))
    }

    fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::Relaxed))
    }
}

fn users(bus: &InProcessEvents) -> usize {
    bus.channels.lock().unwrap().by_user.len()
}

fn bytes(bus: &InProcessEvents) -> usize {
    let channels = bus.channels.lock().unwrap();
    assert_eq!(
        channels.bytes,
        channels.by_user.values().map(|channel| channel.memory.bytes()).sum::<usize>()
    );
    channels.bytes
}

/// About 64 KiB.
fn large() -> Value {
    json!("x".repeat(64 * 1024))
}

#[tokio::test]
async fn live_and_missed_events_arrive_in_order_once() {
    let bus = InProcessEvents::new(Arc::new(SystemClock));
    let user = UserId::new();
    let first = bus.publish(user, "a", json!(1)).await;
    let second = bus.publish(user, "b", json!(2)).await;
    let mut subscription = bus.subscribe(user, Some(first)).await;
    bus.publish(user, "c", json!(3)).await;
    assert!(!subscription.gap);
    assert_eq!(subscription.last, second);
    assert_eq!(subscription.missed.iter().map(|e| &*e.kind).collect::<Vec<_>>(), ["b"]);
    assert_eq!(&*subscription.live.recv().await.unwrap().kind, "c");
    assert!(bus.subscribe(UserId::new(), None).await.missed.is_empty());
}

#[tokio::test]
async fn what_is_forgotten_is_a_gap() {
    let clock = HandClock::new();
    let bus = InProcessEvents::new(clock.clone());
    let user = UserId::new();
    let first = bus.publish(user, "x", json!(0)).await;
    for n in 0..MAX_EVENTS {
        bus.publish(user, "x", json!(n)).await;
    }
    let full = bus.subscribe(user, Some(first)).await;
    assert_eq!((full.missed.len(), full.gap), (MAX_EVENTS, false));
    bus.publish(user, "x", json!("one more")).await;
    assert!(bus.subscribe(user, Some(first)).await.gap);
    clock.advance(MEMORY_MS + 1);
    let late = bus.subscribe(user, Some(first)).await;
    assert_eq!((late.missed.len(), late.gap), (0, true));
}

#[tokio::test]
async fn numbers_of_another_life_are_a_gap() {
    let bus = InProcessEvents::new(Arc::new(SystemClock));
    let user = UserId::new();
    let last = bus.publish(user, "x", json!(1)).await;
    let foreign = EventId { epoch: last.epoch.wrapping_add(1), sequence: 1 };
    assert!(bus.subscribe(user, Some(foreign)).await.gap);
    let future = EventId { sequence: 99, ..last };
    assert!(bus.subscribe(user, Some(future)).await.gap);
}

#[tokio::test]
async fn a_forgotten_channel_never_gives_a_number_twice() {
    let clock = HandClock::new();
    let bus = InProcessEvents::new(clock.clone());
    let user = UserId::new();
    let before = bus.publish(user, "x", json!(1)).await;
    clock.advance(MEMORY_MS + SWEEP_MS + 1);
    bus.publish(UserId::new(), "x", json!(null)).await;
    assert_eq!(users(&bus), 1, "the silent user is forgotten");
    let after = bus.publish(user, "x", json!(2)).await;
    assert_ne!(before, after);
    let resumed = bus.subscribe(user, Some(before)).await;
    assert_eq!((resumed.missed.len(), resumed.gap), (1, true));
}

#[tokio::test]
async fn what_is_old_is_swept_whoever_is_active() {
    let clock = HandClock::new();
    let bus = InProcessEvents::new(clock.clone());
    let watched = UserId::new();
    let socket = bus.subscribe(watched, None).await;
    for _ in 0..100 {
        bus.publish(UserId::new(), "x", large()).await;
    }
    bus.publish(watched, "x", large()).await;
    assert!(bytes(&bus) > 100 * 64 * 1024);
    clock.advance(MEMORY_MS + SWEEP_MS);
    bus.publish(UserId::new(), "x", json!(null)).await;
    assert!(bytes(&bus) < 1024, "{}", bytes(&bus));
    assert_eq!(users(&bus), 2, "who has a socket open stays");
    drop(socket);
}

#[tokio::test]
async fn a_users_memory_is_bounded_in_bytes() {
    let bus = InProcessEvents::new(Arc::new(SystemClock));
    let user = UserId::new();
    let first = bus.publish(user, "x", json!(0)).await;
    for _ in 0..MAX_EVENTS {
        bus.publish(user, "x", large()).await;
        assert!(bytes(&bus) <= memory::MAX_BYTES);
    }
    let resumed = bus.subscribe(user, Some(first)).await;
    assert!(resumed.gap && resumed.missed.len() >= 6, "{}", resumed.missed.len());
    let huge = json!("x".repeat(memory::MAX_BYTES));
    let last = bus.publish(user, "x", huge).await;
    assert_eq!(bytes(&bus), 0, "an event over the bound is not remembered");
    let before = EventId { sequence: last.sequence - 1, ..last };
    assert!(bus.subscribe(user, Some(before)).await.gap);
}

#[tokio::test]
async fn all_memories_together_are_bounded_in_bytes() {
    let clock = HandClock::new();
    let bus = InProcessEvents::new(clock.clone());
    let data = json!("x".repeat(memory::MAX_BYTES - 1024));
    let first = UserId::new();
    let known = bus.publish(first, "x", data.clone()).await;
    for _ in 0..MAX_BYTES / memory::MAX_BYTES + 8 {
        clock.advance(1);
        bus.publish(UserId::new(), "x", data.clone()).await;
        assert!(bytes(&bus) <= MAX_BYTES);
    }
    let zero = EventId { sequence: 0, ..known };
    let resumed = bus.subscribe(first, Some(zero)).await;
    assert_eq!(
        (resumed.missed.len(), resumed.gap, resumed.last),
        (0, true, known),
        "the longest silent first"
    );
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
    assert!(channels.by_user.len() <= MAX_USERS);
    assert!(channels.by_user.contains_key(&watched));
}
