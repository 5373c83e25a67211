//! The task of a room.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use codementor_core::journal::{AppendError, Journal, Snapshot, batches};
use codementor_core::ports::{Clock, StoreError};
use codementor_core::{SessionId, Timestamp, UserId};
use serde_json::json;
use tokio::sync::mpsc;

use super::batch::{Batch, Deed, MAX_COMMANDS, Members};
use super::record::{Loaded, OpenError, load};
use super::{Access, Command, MAX_MEMBERS, MemberId, Newcomer, Unavailable, event};
use crate::document::{Document, Refusal};
use crate::outbox::{Frame, Outbox};
use crate::outline::Fit;
use crate::presence::{Identity, Presence};
use crate::snapshot;
use crate::wire::state_vector::StateVector;
use crate::wire::{ClientId, Message, Update, message};

/// How long an empty room stays open.
const IDLE: Duration = Duration::from_secs(30);
/// Entries between two snapshots.
const SNAPSHOT_EVERY: u64 = 1_000;
/// How often the state vector is noted for members who fall behind, in versions.
const MARK_EVERY: u64 = 64;
/// How many of these notes are kept; who is further behind gets the whole document.
const MARKS: usize = 64;
/// The first pause before a journal that failed is tried again; it doubles up to the longest.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Close codes of the contract.
const MALFORMED: u16 = 4400;
const RESTART: u16 = 1012;

/// A member, as the room knows them.
pub(crate) struct Joined {
    pub(super) user: UserId,
    pub(super) identity: Identity,
    pub(super) access: Access,
    pub(super) outbox: Arc<Outbox>,
}

/// The state of a room.
pub(crate) struct Task {
    session: SessionId,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    inbox: mpsc::Receiver<Command>,
    document: Document,
    /// The last entry of the record.
    seq: u64,
    /// The last entry that the kept snapshot takes in.
    kept: u64,
    at: Timestamp,
    /// Grows with each update.
    version: u64,
    marks: VecDeque<(u64, StateVector)>,
    members: Members,
    presence: Presence,
}

/// Why a room ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nobody was there for a while.
    Idle,
    /// Its journal has gone on without it, or cannot be read.
    Lost,
}

impl Task {
    /// Opens a session's document from its record.
    pub(crate) async fn open(
        session: SessionId,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        inbox: mpsc::Receiver<Command>,
    ) -> Result<Self, OpenError> {
        let Loaded { document, seq, kept, at } = load(&*journal, session).await?;
        Ok(Self {
            session,
            journal,
            clock,
            inbox,
            document,
            seq,
            kept,
            at,
            version: 0,
            marks: VecDeque::new(),
            members: Members::new(),
            presence: Presence::default(),
        })
    }

    /// Runs until the room has been empty for a while, or its journal is lost; then keeps a snapshot. `forget` takes the room out of
    /// the hub before it closes for good.
    pub(crate) async fn run(mut self, forget: impl FnOnce()) {
        let end = loop {
            if let ControlFlow::Break(end) = self.turn().await {
                break end;
            }
        };
        // What a room holds that lost its journal is not the truth, and must not be kept as if it were.
        if end == End::Idle {
            self.keep_snapshot().await;
        }
        forget();
        self.inbox.close();
        for member in self.members.values() {
            member.outbox.close(RESTART);
        }
        // Whoever still asks hears that the room is closing, by their answers being dropped.
        while self.inbox.recv().await.is_some() {}
    }

    async fn turn(&mut self) -> ControlFlow<End> {
        let first = if self.members.is_empty() {
            match tokio::time::timeout(IDLE, self.inbox.recv()).await {
                Ok(first) => first,
                Err(_) => return ControlFlow::Break(End::Idle),
            }
        } else {
            self.inbox.recv().await
        };
        let Some(first) = first else { return ControlFlow::Break(End::Idle) };
        let mut batch = Batch::default();
        let mut is_broken = self.obey(first, &mut batch);
        for _ in 1..MAX_COMMANDS {
            if is_broken {
                break;
            }
            let Ok(next) = self.inbox.try_recv() else { break };
            is_broken = self.obey(next, &mut batch);
        }
        self.finish(batch).await?;
        if is_broken {
            self.make_anew().await?;
        }
        if self.seq >= self.kept + SNAPSHOT_EVERY {
            self.keep_snapshot().await;
        }
        ControlFlow::Continue(())
    }

    /// Keeps what happened, then tells it.
    async fn finish(&mut self, batch: Batch) -> ControlFlow<End> {
        let Batch { entries, deeds } = batch;
        let mut pause = PAUSE;
        for part in batches(&entries) {
            while let Err(why) = self.journal.append(self.session, part.to_vec()).await {
                let AppendError::Store(StoreError::Unavailable(why)) = why else {
                    // Somebody else has written to this record: what this room knows is not the truth any more.
                    tracing::error!(session = %self.session, %why, "a room lost its journal");
                    return ControlFlow::Break(End::Lost);
                };
                tracing::error!(session = %self.session, %why, "a room cannot be written; trying again");
                if pause == PAUSE {
                    self.tell_all(&event("storage", &json!({ "state": "unavailable" })));
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        if pause > PAUSE {
            self.tell_all(&event("storage", &json!({ "state": "ok" })));
        }
        Batch::deliver(deeds, &self.members);
        ControlFlow::Continue(())
    }

    fn tell_all(&self, event: &Bytes) {
        self.members.values().for_each(|member| member.outbox.push(Frame::Event(event.clone())));
    }

    /// Does what a command asks; tells whether the document broke over it.
    fn obey(&mut self, command: Command, batch: &mut Batch) -> bool {
        match command {
            Command::Join(id, newcomer, outbox, reply) => {
                let joined = self.join(id, newcomer, outbox, batch);
                batch.deeds.push(Deed::Then(Box::new(move || {
                    // Who no longer waits leaves, too.
                    let _ = reply.send(joined);
                })));
            }
            Command::Leave(member) => self.leave(member, batch),
            Command::Message(member, message) => return self.hear(member, message, batch),
            Command::CatchUp(member, version) => self.catch_up(member, version, batch),
            Command::Splice(user, place, insert) => return self.splice(user, place, &insert, batch),
            Command::SetAccess(user, access) => self.set_access(user, access, batch),
            Command::Text(reply) => {
                let text = self.document.text();
                batch.deeds.push(Deed::Then(Box::new(move || {
                    let _ = reply.send(text);
                })));
            }
        }
        false
    }

    fn join(
        &mut self,
        id: MemberId,
        newcomer: Newcomer,
        outbox: Arc<Outbox>,
        batch: &mut Batch,
    ) -> Result<(), Unavailable> {
        if self.members.len() >= MAX_MEMBERS {
            return Err(Unavailable::Full);
        }
        let Newcomer { user, identity, access } = newcomer;
        // What they wrote while they were away.
        let ask = Frame::Binary(message::step_1(&self.document.state_vector()).into());
        batch.deeds.push(Deed::Answer(outbox.clone(), ask));
        if let Some(all) = self.presence.all() {
            batch.deeds.push(Deed::Answer(outbox.clone(), Frame::Binary(all)));
        }
        self.members.insert(id, Joined { user, identity, access, outbox });
        Ok(())
    }

    fn leave(&mut self, member: MemberId, batch: &mut Batch) {
        self.members.remove(&member);
        if let Some(frame) = self.presence.leave(member) {
            batch.deeds.push(Deed::Tell(Frame::Binary(frame), None));
        }
    }

    fn set_access(&mut self, user: UserId, access: Access, batch: &mut Batch) {
        let ask = Bytes::from(message::step_1(&self.document.state_vector()));
        for member in self.members.values_mut().filter(|member| member.user == user) {
            if member.access == Access::Read && access == Access::Write {
                // What they wrote while they might not is still theirs to give.
                batch.deeds.push(Deed::Answer(member.outbox.clone(), Frame::Binary(ask.clone())));
            }
            member.access = access;
        }
    }

    fn hear(&mut self, id: MemberId, message: Message, batch: &mut Batch) -> bool {
        let Some(member) = self.members.get(&id) else { return false };
        let outbox = member.outbox.clone();
        match message {
            Message::Empty | Message::Auth => {}
            Message::Step1(known) => {
                let update = message::step_2(&self.document.diff(&known));
                batch.deeds.push(Deed::Answer(outbox, Frame::Text(update.into(), self.version)));
            }
            Message::QueryAwareness => {
                let all = self.presence.all();
                batch.deeds.extend(all.map(|all| Deed::Answer(outbox, Frame::Binary(all))));
            }
            Message::Awareness(entries) => {
                let frame = self.presence.take(id, &member.identity, &entries);
                batch.deeds.extend(frame.map(|frame| Deed::Tell(Frame::Binary(frame), Some(id))));
            }
            Message::Step2(update) | Message::Update(update) if update.is_empty() => drop(update),
            Message::Step2(update) | Message::Update(update) => {
                if member.access == Access::Read {
                    let refusal = event("error", &json!({ "code": "read_only" }));
                    batch.deeds.push(Deed::Answer(outbox, Frame::Event(refusal)));
                    return false;
                }
                let user = member.user;
                return self.write(user, Some((id, outbox)), &update, batch);
            }
        }
        false
    }

    /// Takes an update from a member, or from the room itself.
    fn write(
        &mut self,
        author: UserId,
        from: Option<(MemberId, Arc<Outbox>)>,
        update: &Update,
        batch: &mut Batch,
    ) -> bool {
        let (id, outbox) = from.unzip();
        let answer = |batch: &mut Batch, frame| {
            batch.deeds.extend(outbox.clone().map(|outbox| Deed::Answer(outbox, frame)));
        };
        match self.document.take(author, update) {
            Ok(Fit::New) => self.written(author, id, update.bytes.clone(), batch),
            Ok(Fit::Known) => {}
            // They have more than they said: they shall say it.
            Ok(Fit::Gap) => {
                answer(batch, Frame::Binary(message::step_1(&self.document.state_vector()).into()));
            }
            Err(Refusal::TooLarge) => {
                answer(batch, Frame::Event(event("error", &json!({ "code": "too_large" }))))
            }
            Err(refusal) => {
                tracing::debug!(session = %self.session, %author, %refusal, "an update was refused");
                batch.deeds.extend(outbox.clone().map(|outbox| Deed::Close(outbox, MALFORMED)));
                return matches!(refusal, Refusal::Broken(_));
            }
        }
        false
    }

    fn written(&mut self, author: UserId, from: Option<MemberId>, update: Bytes, batch: &mut Batch) {
        self.seq += 1;
        self.at = self.at.max(self.clock.now());
        self.version += 1;
        let frame = Frame::Text(message::update(&update).into(), self.version);
        batch.edit(self.seq, self.at, author, update);
        batch.deeds.push(Deed::Tell(frame, from));
        if self.version.is_multiple_of(MARK_EVERY) {
            self.marks.push_back((self.version, self.document.state_vector()));
            if self.marks.len() > MARKS {
                self.marks.pop_front();
            }
        }
    }

    fn splice(&mut self, user: UserId, place: (u32, u32), insert: &str, batch: &mut Batch) -> bool {
        match self.document.splice(user, client_of(user), place, insert) {
            Ok(Some(update)) => self.written(user, None, update, batch),
            Ok(None) => {}
            Err(refusal) => {
                tracing::debug!(session = %self.session, %user, %refusal, "an edit was refused");
                return matches!(refusal, Refusal::Broken(_));
            }
        }
        false
    }

    fn catch_up(&self, member: MemberId, version: u64, batch: &mut Batch) {
        let Some(member) = self.members.get(&member) else { return };
        let known = self.marks.iter().rev().find(|(mark, _)| *mark <= version);
        let known = known.map(|(_, known)| known.clone()).unwrap_or_default();
        let text = message::step_2(&self.document.diff(&known));
        let mut frames = vec![Frame::Text(text.into(), self.version)];
        frames.extend(self.presence.all().map(Frame::Binary));
        batch.deeds.push(Deed::CatchUp(member.outbox.clone(), frames));
    }

    /// Makes the document anew from what is kept: all that was ever told.
    async fn make_anew(&mut self) -> ControlFlow<End> {
        tracing::error!(session = %self.session, "a document broke and is made anew");
        match load(&*self.journal, self.session).await {
            Ok(loaded) => {
                self.document = loaded.document;
                ControlFlow::Continue(())
            }
            Err(error) => {
                tracing::error!(session = %self.session, %error, "a document could not be made anew");
                ControlFlow::Break(End::Lost)
            }
        }
    }

    async fn keep_snapshot(&mut self) {
        if self.seq == self.kept {
            return;
        }
        let snapshot = Snapshot { seq: self.seq, data: snapshot::encode(&self.document) };
        match self.journal.put_snapshot(self.session, snapshot).await {
            Ok(()) => self.kept = self.seq,
            // The record has everything; opening it only takes longer.
            Err(error) => tracing::warn!(session = %self.session, %error, "a snapshot could not be kept"),
        }
    }
}

/// The client as which a person without a CRDT writes: always the same, from the random end of their id, and no number that browsers
/// draw (they draw 32 bits).
fn client_of(user: UserId) -> ClientId {
    let text = user.to_string();
    let digits = text.bytes().rev().filter_map(|byte| char::from(byte).to_digit(16)).take(13);
    let random = digits.fold(0, |number: u64, digit| number << 4 | u64::from(digit));
    (1 << 52) | (random >> 1)
}
