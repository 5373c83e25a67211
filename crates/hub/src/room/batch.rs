//! What a batch of commands brings: entries for the journal, then words for the members.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use codementor_core::journal::Entry;

use super::people::Joined;
use super::{Hears, MemberId};
use crate::outbox::{Frame, Outbox, What};

/// The most commands of one batch.
pub(super) const MAX_COMMANDS: usize = 256;

/// What is done once the entries are kept.
pub(super) enum Deed {
    /// From here on a newcomer hears what is told.
    Admit(MemberId),
    /// A frame for all but one.
    Tell(Frame, Option<MemberId>),
    /// A frame for one.
    Answer(Arc<Outbox>, Frame),
    /// All that one lacks.
    CatchUp(Arc<Outbox>, Vec<Frame>),
    /// An end for one.
    Close(Arc<Outbox>, u16),
    /// An end for all.
    CloseAll(u16),
    /// Anything that waits for the same moment.
    Then(Box<dyn FnOnce() + Send>),
}

/// A batch.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    pub(super) deeds: Vec<Deed>,
}

/// What came of a batch.
#[derive(Default)]
pub(super) struct Told {
    /// Edits that were told.
    pub(super) edits: u64,
    /// To how many members each, added up.
    pub(super) deliveries: u64,
}

impl Batch {
    pub(super) fn answer(&mut self, outbox: &Arc<Outbox>, frame: Frame) {
        self.deeds.push(Deed::Answer(outbox.clone(), frame));
    }

    pub(super) fn tell_event(&mut self, event: &[u8], except: Option<MemberId>) {
        self.deeds.push(Deed::Tell(Frame::event(event), except));
    }

    /// Does what waited.
    pub(super) fn deliver(deeds: Vec<Deed>, members: &Members) -> Told {
        let mut told = Told::default();
        // One word to all is not queued; many are, and go with one write a member.
        if let [Deed::Tell(frame, except)] = deeds.as_slice() {
            members.values().for_each(|member| member.outbox.touch());
            tell(frame, |id| Some(*id) != *except, members, &mut told, Outbox::send);
            return told;
        }
        let mut coming: BTreeSet<MemberId> = deeds.iter().filter_map(Deed::admits).collect();
        for deed in deeds {
            match deed {
                Deed::Admit(member) => drop(coming.remove(&member)),
                Deed::Tell(frame, except) => {
                    let hears = |id: &MemberId| Some(*id) != except && !coming.contains(id);
                    tell(&frame, hears, members, &mut told, |outbox, frame| outbox.push(frame.clone()));
                }
                Deed::Answer(outbox, frame) => outbox.push(frame),
                Deed::CatchUp(outbox, frames) => outbox.catch_up(frames),
                Deed::Close(outbox, code) => outbox.close(code),
                Deed::CloseAll(code) => members.values().for_each(|member| member.outbox.finish(code)),
                Deed::Then(act) => act(),
            }
        }
        members.values().for_each(|member| member.outbox.flush());
        told
    }
}

impl Deed {
    fn admits(&self) -> Option<MemberId> {
        if let Self::Admit(member) = self { Some(*member) } else { None }
    }
}

fn tell(
    frame: &Frame,
    hears: impl Fn(&MemberId) -> bool,
    members: &Members,
    told: &mut Told,
    put: impl Fn(&Outbox, &Frame),
) {
    let is_event = frame.what() == What::Event;
    let mut count = 0;
    for (id, member) in members {
        if hears(id) && (!is_event || member.hears == Hears::Events) {
            put(&member.outbox, frame);
            count += 1;
        }
    }
    if let What::Text(_) = frame.what() {
        told.edits += 1;
        told.deliveries += count;
    }
}

/// Who is in the room.
pub(super) type Members = BTreeMap<MemberId, Joined>;
