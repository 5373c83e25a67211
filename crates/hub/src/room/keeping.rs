//! What a room keeps: entries, before anybody hears of them.

use std::ops::ControlFlow;
use std::time::Duration;

use bytes::Bytes;
use codementor_core::UserId;
use codementor_core::journal::{AppendError, Entry, Kind, batches};
use codementor_core::ports::StoreError;
use codementor_protocol::session_event::Storage;

use super::batch::Batch;
use super::event::event;
use super::record::load;
use super::task::{End, Task};
use crate::outbox::Frame;

/// The first pause before a journal that failed is tried again; it doubles up to the longest.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long the journal may take before members are told that nothing can be kept just now.
const PATIENCE: Duration = Duration::from_secs(3);

impl Task {
    /// Keeps what happened, then tells it.
    pub(super) async fn finish(&mut self, batch: Batch) -> ControlFlow<End> {
        let Batch { entries, deeds } = batch;
        let mut pause = PAUSE;
        let mut is_trouble_told = false;
        for part in batches(&entries) {
            while let Err(why) = self.append(part, &mut is_trouble_told).await {
                let AppendError::Store(StoreError::Unavailable(why)) = why else {
                    // Somebody else has written to this record: what this room knows is not the truth any more.
                    tracing::error!(session = %self.session, %why, "a room lost its journal");
                    return ControlFlow::Break(End::Lost);
                };
                tracing::error!(session = %self.session, %why, "a room cannot be written; trying again");
                self.tell_trouble(&mut is_trouble_told);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        if is_trouble_told {
            self.tell_storage("ok");
        }
        let told = Batch::deliver(deeds, &self.members);
        if told.edits > 0 {
            self.observer.told(told.edits, told.deliveries);
        }
        ControlFlow::Continue(())
    }

    /// One try. When it lasts long, it is waited for all the same, and members are told.
    async fn append(&self, entries: &[Entry], is_trouble_told: &mut bool) -> Result<(), AppendError> {
        let append = self.journal.append(self.session, entries.to_vec());
        tokio::pin!(append);
        match tokio::time::timeout(PATIENCE, &mut append).await {
            Ok(done) => done,
            Err(_) => {
                tracing::error!(session = %self.session, "a room waits for its journal");
                self.tell_trouble(is_trouble_told);
                append.await
            }
        }
    }

    fn tell_trouble(&self, is_told: &mut bool) {
        if !std::mem::replace(is_told, true) {
            self.tell_storage("unavailable");
        }
    }

    fn tell_storage(&self, state: &str) {
        let told = Frame::event(&event("storage", &Storage { state: state.to_owned() }));
        self.members.values().for_each(|member| member.outbox.send(&told));
    }

    pub(super) fn record(&mut self, author: Option<UserId>, kind: Kind, data: Bytes, batch: &mut Batch) {
        self.seq += 1;
        self.at = self.at.max(self.clock.now());
        batch.entries.push(Entry { seq: self.seq, at: self.at, author, kind, data });
    }

    /// Makes the document anew from what is kept: all that was ever told.
    pub(super) async fn make_anew(&mut self) -> ControlFlow<End> {
        tracing::error!(session = %self.session, "a document broke and is made anew");
        match load(&*self.journal, self.session).await {
            Ok(loaded) => {
                self.document = loaded.document;
                self.whole = None;
                ControlFlow::Continue(())
            }
            Err(error) => {
                tracing::error!(session = %self.session, %error, "a document could not be made anew");
                ControlFlow::Break(End::Lost)
            }
        }
    }
}
