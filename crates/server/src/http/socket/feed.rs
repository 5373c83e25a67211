//! One socket's view of its user's events: in order, each once, and nothing withheld that the bus still remembers.

use std::sync::Arc;

use codementor_core::UserId;
use codementor_core::events::{EventId, UserEvent};
use codementor_core::ports::{Subscription, UserEvents};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// What a socket has to send next.
#[derive(Debug)]
pub(super) enum Next {
    /// An event that just happened.
    Event(UserEvent),
    /// The socket was too slow for the bus: [`Feed::catch_up`] has what it missed.
    Lagged,
    /// The bus is gone.
    Closed,
}

/// Events to send at once, oldest first.
#[derive(Debug)]
pub(super) struct Missed {
    pub(super) events: Vec<UserEvent>,
    /// Whether some are forgotten.
    pub(super) gap: bool,
}

pub(super) struct Feed {
    bus: Arc<dyn UserEvents>,
    user: UserId,
    live: broadcast::Receiver<UserEvent>,
    /// Everything after `from` and up to `to` was sent over this socket, as far as the bus remembers it.
    from: EventId,
    to: EventId,
}

impl Feed {
    /// Follows a user's events from now on.
    pub(super) async fn open(bus: Arc<dyn UserEvents>, user: UserId) -> Self {
        let Subscription { last, live, .. } = bus.subscribe(user, None).await;
        Self { bus, user, live, from: last, to: last }
    }

    /// Waits for the next event. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Next {
        match self.live.recv().await {
            Ok(event) => {
                self.to = event.id;
                Next::Event(event)
            }
            Err(RecvError::Lagged(_)) => Next::Lagged,
            Err(RecvError::Closed) => Next::Closed,
        }
    }

    /// What happened since the last event this socket got.
    pub(super) async fn catch_up(&mut self) -> Missed {
        self.resume(self.to).await
    }

    /// What happened after an event that the client knows, without what this socket has sent already.
    pub(super) async fn resume(&mut self, after: EventId) -> Missed {
        let subscription = self.bus.subscribe(self.user, Some(after)).await;
        let (from, to) = (self.from, self.to);
        let sent = |id: EventId| from.epoch == id.epoch && from < id && id <= to;
        let events = subscription.missed.into_iter().filter(|event| !sent(event.id)).collect();
        self.live = subscription.live;
        self.to = subscription.last;
        self.from = sent_from(from, to, after, subscription.last);
        Missed { events, gap: subscription.gap }
    }
}

/// Where the events sent without a hole begin, after those since `after` were sent too, up to `last`.
fn sent_from(from: EventId, to: EventId, after: EventId, last: EventId) -> EventId {
    // A number the bus never gave: all it remembers was sent.
    let after = if after.epoch == last.epoch && after <= last { after.sequence } else { 0 };
    let sequence = if from.epoch != last.epoch {
        after
    } else if after > to.sequence {
        // The client knows these from elsewhere, and might say otherwise later: rather twice than never.
        after
    } else {
        after.min(from.sequence)
    };
    EventId { epoch: last.epoch, sequence }
}

#[cfg(test)]
mod tests {
    use codementor_bus::InProcessEvents;
    use codementor_core::time::SystemClock;
    use serde_json::json;

    use super::*;

    struct School {
        bus: Arc<InProcessEvents>,
        user: UserId,
    }

    impl School {
        fn new() -> Self {
            Self { bus: Arc::new(InProcessEvents::new(Arc::new(SystemClock))), user: UserId::new() }
        }

        async fn feed(&self) -> Feed {
            Feed::open(self.bus.clone(), self.user).await
        }

        async fn publish(&self, count: u64) -> EventId {
            let mut last = self.bus.publish(self.user, "x", json!(0)).await;
            for n in 1..count {
                last = self.bus.publish(self.user, "x", json!(n)).await;
            }
            last
        }
    }

    fn numbers(missed: &Missed) -> Vec<u64> {
        missed.events.iter().map(|event| event.id.sequence).collect()
    }

    async fn take(feed: &mut Feed, count: u64) {
        for _ in 0..count {
            assert!(matches!(feed.next().await, Next::Event(_)));
        }
    }

    #[tokio::test]
    async fn after_a_lag_everything_remembered_comes_in_order() {
        let school = School::new();
        let mut feed = school.feed().await;
        school.publish(3).await;
        take(&mut feed, 3).await;
        school.publish(200).await;
        assert!(matches!(feed.next().await, Next::Lagged));
        let missed = feed.catch_up().await;
        assert_eq!((numbers(&missed), missed.gap), ((4..=203).collect(), false));
        school.publish(1).await;
        let Next::Event(event) = feed.next().await else { panic!("an event") };
        assert_eq!(event.id.sequence, 204, "and goes on after it");
    }

    #[tokio::test]
    async fn a_resume_during_a_lag_withholds_nothing() {
        let school = School::new();
        let known = school.publish(2).await;
        let mut feed = school.feed().await;
        school.publish(1).await;
        take(&mut feed, 1).await;
        school.publish(200).await;
        // The client resumes before this socket noticed that it lags: 3 was sent, 4 to 203 were not.
        let missed = feed.resume(known).await;
        assert_eq!((numbers(&missed), missed.gap), ((4..=203).collect(), false));
    }

    #[tokio::test]
    async fn what_was_forgotten_during_a_lag_is_a_gap() {
        let school = School::new();
        let mut feed = school.feed().await;
        school.publish(300).await;
        assert!(matches!(feed.next().await, Next::Lagged));
        let missed = feed.catch_up().await;
        assert_eq!((numbers(&missed), missed.gap), ((45..=300).collect(), true));
        assert_eq!(numbers(&feed.catch_up().await), Vec::<u64>::new(), "nothing twice");
    }

    #[tokio::test]
    async fn nothing_is_sent_twice_however_often_it_is_resumed() {
        let school = School::new();
        let second = school.publish(2).await;
        let first = EventId { sequence: 1, ..second };
        school.publish(2).await;
        let mut feed = school.feed().await;
        school.publish(2).await;
        take(&mut feed, 2).await;
        assert_eq!(numbers(&feed.resume(second).await), [3, 4]);
        assert_eq!(numbers(&feed.resume(second).await), Vec::<u64>::new());
        assert_eq!(numbers(&feed.resume(first).await), [2]);
        let foreign = EventId { epoch: second.epoch.wrapping_add(1), sequence: 9 };
        let missed = feed.resume(foreign).await;
        assert_eq!((numbers(&missed), missed.gap), (vec![1], true));
    }

    #[tokio::test]
    async fn what_a_client_claimed_to_know_is_sent_when_it_says_otherwise() {
        let school = School::new();
        let mut feed = school.feed().await;
        let first = school.publish(1).await;
        let third = school.publish(2).await;
        assert_eq!(numbers(&feed.resume(third).await), Vec::<u64>::new());
        assert_eq!(numbers(&feed.resume(first).await), [2, 3]);
    }
}
