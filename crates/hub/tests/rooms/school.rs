//! A hub over a real journal in a temporary folder.

use std::sync::Arc;

use codementor_core::journal::{Entry, Journal};
use codementor_core::live::Part;
use codementor_core::ports::Clock;
use codementor_core::time::SystemClock;
use codementor_core::{SessionId, UserId};
use codementor_hub::hub::{Hub, Unobserved};
use codementor_hub::room::{Announcement, Keep, Room, Settings};
use codementor_store::{Options, SqliteJournal};
use tempfile::TempDir;

use crate::client::Client;
use crate::faulty::Faulty;

/// A hub and its journal.
pub struct School {
    pub hub: Hub,
    pub journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    folder: Arc<TempDir>,
}

impl School {
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// A hub over a journal that fails on command.
    pub fn with_faults() -> (Self, Arc<Faulty>) {
        let (journal, folder) = journal();
        let journal = Faulty::over(journal);
        (Self::over(journal.clone(), Arc::new(SystemClock), folder), journal)
    }

    /// A hub with its own time.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        let (journal, folder) = journal();
        Self::over(Arc::new(journal), clock, folder)
    }

    /// Another hub over the same record, as after a restart.
    pub fn restarted(&self) -> Self {
        Self::over(self.journal.clone(), self.clock.clone(), self.folder.clone())
    }

    fn over(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>, folder: Arc<TempDir>) -> Self {
        let hub = Hub::new(journal.clone(), clock.clone(), Arc::new(Unobserved));
        Self { hub, journal, clock, folder }
    }

    pub async fn room(&self, session: SessionId) -> Room {
        self.hub.room(session, Settings::default()).await.unwrap()
    }

    /// Somebody who may write and hears everything.
    pub async fn client(&self, session: SessionId, name: &str, id: u64) -> Client {
        self.client_with(session, name, id, Part::Navigator).await
    }

    pub async fn client_with(&self, session: SessionId, name: &str, id: u64, part: Part) -> Client {
        let mut client = Client::offline(id);
        client.name = name.to_owned();
        client.part = part;
        client.reconnect(self, session).await;
        client
    }

    /// The whole record.
    pub async fn record(&self, session: SessionId) -> Vec<Entry> {
        let mut record: Vec<Entry> = Vec::new();
        loop {
            let after = record.last().map_or(0, |last| last.seq);
            let more = self.journal.read(session, after, 1_000).await.unwrap();
            if more.is_empty() {
                return record;
            }
            record.extend(more);
        }
    }
}

fn journal() -> (SqliteJournal, Arc<TempDir>) {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let journal = SqliteJournal::open(&folder.path().join("journal.db"), &Options::default()).unwrap();
    (journal, folder)
}

/// An event of the server that is not kept.
pub fn notice(kind: &'static str) -> Announcement {
    Announcement::new(None, kind, &serde_json::json!({}), Keep::Forget)
}

/// A chat message, which is kept.
pub fn chat(user: UserId, text: &str) -> Announcement {
    let message = serde_json::json!({
        "id": "1", "user_id": user.to_string(), "username": "Somebody", "message": text, "at": "2026-01-01T00:00:00Z"
    });
    Announcement::new(Some(user), "new-message", &message, Keep::Record)
}
