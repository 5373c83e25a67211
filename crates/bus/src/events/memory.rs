//! What one user's channel remembers: the newest events, bounded in number and bytes.

use std::collections::VecDeque;

use codementor_core::events::UserEvent;
use codementor_core::time::Timestamp;
use serde_json::Value;

/// Events remembered for one user.
pub(super) const MAX_EVENTS: usize = 256;
/// What they may weigh together, in bytes. A larger event is not remembered at all.
pub(super) const MAX_BYTES: usize = 512 * 1024;

/// A list of events in order of their numbers, without holes.
#[derive(Default)]
pub(super) struct Memory {
    events: VecDeque<Kept>,
    bytes: usize,
}

struct Kept {
    at: Timestamp,
    event: UserEvent,
    bytes: usize,
}

impl Memory {
    /// Remembers the next event and forgets the oldest for it where a bound asks for that.
    pub(super) fn keep(&mut self, at: Timestamp, event: UserEvent) {
        let bytes = weight(&event.data);
        self.bytes += bytes;
        self.events.push_back(Kept { at, event, bytes });
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            self.forget_first();
        }
    }

    /// Forgets what is older.
    pub(super) fn forget_before(&mut self, oldest: Timestamp) {
        while self.events.front().is_some_and(|kept| kept.at < oldest) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some(kept) = self.events.pop_front() {
            self.bytes -= kept.bytes;
        }
    }

    /// The events with a larger number, oldest first.
    pub(super) fn after(&self, sequence: u64) -> Vec<UserEvent> {
        let later = self.events.iter().filter(|kept| kept.event.id.sequence > sequence);
        later.map(|kept| kept.event.clone()).collect()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

/// About what a value takes in memory, in bytes: its texts, and what holds each value and key.
fn weight(value: &Value) -> usize {
    const NODE: usize = 64;
    NODE + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + NODE + weight(value)).sum(),
    }
}
