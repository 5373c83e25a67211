//! What a batch of commands brings: entries for the journal, then words for the members.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use codementor_core::journal::{Entry, Kind};
use codementor_core::{Timestamp, UserId};

use super::MemberId;
use super::task::Joined;
use crate::outbox::{Frame, Outbox};

/// The most commands of one batch.
pub(super) const MAX_COMMANDS: usize = 256;

/// What is done once the entries are kept.
pub(super) enum Deed {
    /// A frame for all but one.
    Tell(Frame, Option<MemberId>),
    /// A frame for one.
    Answer(Arc<Outbox>, Frame),
    /// All that one lacks.
    CatchUp(Arc<Outbox>, Vec<Frame>),
    /// An end for one.
    Close(Arc<Outbox>, u16),
    /// Anything that waits for the same moment.
    Then(Box<dyn FnOnce() + Send>),
}

/// A batch.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    pub(super) deeds: Vec<Deed>,
}

impl Batch {
    pub(super) fn edit(&mut self, seq: u64, at: Timestamp, author: UserId, update: Bytes) {
        self.entries.push(Entry { seq, at, author: Some(author), kind: Kind::Edit, data: update });
    }

    /// Does what waited.
    pub(super) fn deliver(deeds: Vec<Deed>, members: &Members) {
        for deed in deeds {
            match deed {
                Deed::Tell(frame, except) => {
                    let others = members.iter().filter(|(id, _)| Some(**id) != except);
                    others.for_each(|(_, member)| member.outbox.push(frame.clone()));
                }
                Deed::Answer(outbox, frame) => outbox.push(frame),
                Deed::CatchUp(outbox, frames) => outbox.catch_up(frames),
                Deed::Close(outbox, code) => outbox.close(code),
                Deed::Then(act) => act(),
            }
        }
    }
}

/// Who is in the room.
pub(super) type Members = BTreeMap<MemberId, Joined>;
