//! Edits of the text: from members with a CRDT, from members without one, and by the server itself.

use bytes::Bytes;
use codementor_core::UserId;
use codementor_core::journal::{Kind, MAX_ENTRY_BYTES};
use codementor_protocol::session_event::{CodeChange, CodeUpdate, TextLimit};
use tokio::sync::oneshot;

use super::batch::{Batch, Deed};
use super::event::{ack_edit, error, event};
use super::shifts::Shifts;
use super::task::Task;
use super::{Hears, MemberId};
use crate::document::{RESERVED, Refusal, Splice, is_reserved};
use crate::outbox::Frame;
use crate::outline::Fit;
use crate::replay::splice::spanning;
use crate::wire::state_vector::StateVector;
use crate::wire::{ClientId, Update, message};

/// Close code of the contract: malformed message.
const MALFORMED: u16 = 4400;
/// How often the state vector is noted for members who fall behind, in versions.
const MARK_EVERY: u64 = 64;
/// How many of these notes are kept; who is further behind gets the whole document.
const MARKS: usize = 64;

/// The most `code-update`s about one update of the text. More are told as one, from the first place that changed to the last.
const MOST_CODE_UPDATES: usize = 256;

/// Clients that may write first by one connection. A page has one; it may bring what its other tabs wrote while they were offline.
const MAX_NEW_CLIENTS: usize = 64;

const READ_ONLY: &str = "You may not write here just now.";

impl Task {
    /// Takes an update from a member. Tells whether the document broke over it.
    pub(super) fn hear_update(&mut self, id: MemberId, update: &Update, batch: &mut Batch) -> bool {
        let Some(member) = self.members.get(&id) else { return false };
        let (user, hears, new_clients) = (member.user, member.hears, member.new_clients);
        let outbox = member.outbox.clone();
        if !self.may_write(user) {
            // Every answer to a first step names all that was ever deleted; who says nothing new writes nothing.
            if self.document.knows(update) {
                return false;
            }
            self.observer.refused("read_only");
            batch.answer(&outbox, refusal(hears, "read_only", READ_ONLY));
            return false;
        }
        let fresh = self.document.new_clients(update);
        let news = self.document.news(update);
        let taken = match &news {
            Ok(_) if fresh > 0 && new_clients + fresh > MAX_NEW_CLIENTS => Err(Refusal::TooManyClients),
            Ok(update) => self.take(user, update),
            Err(refusal) => Err(refusal.clone()),
        };
        match taken {
            Ok((Fit::New, splices)) => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.new_clients += fresh;
                }
                let bytes = news.map_or_else(|_| update.bytes.clone(), |news| news.bytes.clone());
                self.written(Some(user), Some(id), bytes, splices, batch);
            }
            Ok((Fit::Known, _)) => {}
            // They have more than they said: they shall say it.
            Ok((Fit::Gap, _)) => {
                let ask = message::step_1(&self.document.state_vector());
                batch.answer(&outbox, Frame::binary(&ask));
            }
            Err(refused @ (Refusal::TooLarge | Refusal::TooLaborious)) => {
                self.observer.refused(reason(&refused));
                batch.answer(&outbox, refusal(hears, "too_large", too_much(&refused)));
            }
            Err(refusal) => {
                tracing::debug!(session = %self.session, %user, %refusal, "an update was refused");
                self.observer.refused(reason(&refusal));
                batch.deeds.push(Deed::Close(outbox, MALFORMED));
                return matches!(refusal, Refusal::Broken(_));
            }
        }
        false
    }

    /// What it did to the text is only worked out where somebody wants to know.
    fn take(&mut self, user: UserId, update: &Update) -> Result<(Fit, Vec<Splice>), Refusal> {
        self.check(user, update)?;
        if self.members.values().any(|member| member.code_updates) {
            self.document.take_traced(user, update)
        } else {
            let fit = self.document.take(user, update)?;
            if fit == Fit::New {
                self.shifts = Shifts::new(self.version + 1);
            }
            Ok((fit, Vec::new()))
        }
    }

    /// What only a room refuses.
    fn check(&self, user: UserId, update: &Update) -> Result<(), Refusal> {
        if update.bytes.len() > MAX_ENTRY_BYTES {
            return Err(Refusal::TooLarge);
        }
        // Whose a client is that has written nothing is known where it is shown, or where it is the one as which somebody writes who has no
        // CRDT. Else anybody could make it theirs first.
        let is_foreign = |client: &ClientId| {
            let is_anothers = self.presence.shown_by(*client).is_some_and(|other| other != user);
            self.document.owner(*client).is_none()
                && (is_anothers || is_reserved(*client) && *client != client_of(user))
        };
        let foreign = update.sections.iter().map(|section| section.client).find(is_foreign);
        foreign.map_or(Ok(()), |client| Err(Refusal::Foreign(client)))
    }

    fn written(
        &mut self,
        author: Option<UserId>,
        from: Option<MemberId>,
        update: Bytes,
        splices: Vec<Splice>,
        batch: &mut Batch,
    ) -> Frame {
        self.version += 1;
        let frame = Frame::text(&message::update(&update), self.version);
        self.record(author, Kind::Edit, update, batch);
        batch.deeds.push(Deed::Tell(frame.clone(), from));
        self.tell_splices(author, from, splices, batch);
        self.tell_limit(batch);
        if self.version.is_multiple_of(MARK_EVERY) {
            self.marks.push_back((self.version, self.document.state_vector()));
            if self.marks.len() > MARKS {
                self.marks.pop_front();
            }
        }
        frame
    }

    fn tell_limit(&mut self, batch: &mut Batch) {
        let state = self.document.room();
        if std::mem::replace(&mut self.text_limit, state) != state {
            batch.tell_event(&event("text-limit", &TextLimit { state }), None);
        }
    }

    fn tell_splices(
        &mut self,
        author: Option<UserId>,
        from: Option<MemberId>,
        mut splices: Vec<Splice>,
        batch: &mut Batch,
    ) {
        if splices.len() > MOST_CODE_UPDATES {
            splices = spanning(&splices, &self.document.text()).into_iter().collect();
            // Where in it something older belongs is not known any more.
            self.shifts = Shifts::new(self.version);
        }
        for splice in splices {
            let update = CodeUpdate {
                user_id: author.map(|author| author.to_string()),
                from: splice.at,
                to: splice.at + splice.delete,
                insert: splice.insert.clone(),
                version: self.version,
            };
            let told = Frame::event(&event("code-update", &update));
            for (id, member) in &self.members {
                if member.code_updates && Some(*id) != from {
                    batch.answer(&member.outbox, told.clone());
                }
            }
            self.shifts.push(self.version, &splice);
        }
    }

    /// Edits for a member without a CRDT. Tells whether the document broke over it.
    pub(super) fn edit(
        &mut self,
        id: MemberId,
        change: CodeChange,
        asked: Option<String>,
        batch: &mut Batch,
    ) -> bool {
        let Some(member) = self.members.get(&id) else { return false };
        let (user, outbox, is_synced) = (member.user, member.outbox.clone(), member.is_synced);
        let refuse = |batch: &mut Batch, code, why| {
            batch.answer(&outbox, Frame::answer(&error(asked.as_deref(), code, why)));
            false
        };
        if let Some(answer) = self.answers.find(user, asked.as_deref()) {
            batch.answer(&outbox, Frame::answer(&answer));
            return false;
        }
        if !self.may_write(user) {
            self.observer.refused("read_only");
            return refuse(batch, "read_only", READ_ONLY);
        }
        let Some(mut place) = self.shifts.place(&change, self.version) else {
            let why = "The text has changed too much since. Please join again.";
            return refuse(batch, "stale_version", why);
        };
        match self.document.splice_traced(user, client_of(user), place, &change.insert) {
            Ok(Some((update, splices))) => {
                // One replacement is one change; within a character it begins before what was asked for.
                if let Some(splice) = splices.first() {
                    place = (splice.at, splice.at + splice.delete);
                }
                let frame = self.written(Some(user), Some(id), update, splices, batch);
                // It was written as another client than the one whose document this connection may hold as well.
                if is_synced {
                    batch.answer(&outbox, frame);
                }
            }
            // Nothing goes and nothing comes.
            Ok(None) => place = (0, 0),
            Err(refused @ (Refusal::TooLarge | Refusal::TooLaborious)) => {
                self.observer.refused(reason(&refused));
                return refuse(batch, "too_large", too_much(&refused));
            }
            Err(refusal) => {
                tracing::debug!(session = %self.session, %user, %refusal, "an edit was refused");
                self.observer.refused(reason(&refusal));
                refuse(batch, "refused", "This edit cannot be made.");
                return matches!(refusal, Refusal::Broken(_));
            }
        }
        if let Some(asked) = asked {
            let answer = ack_edit(&asked, place, self.version);
            self.answers.remember(user, &asked, answer.clone());
            batch.answer(&outbox, Frame::answer(&answer));
        }
        false
    }

    /// Makes the text another one.
    pub(super) fn replace(
        &mut self,
        author: UserId,
        text: &str,
        done: oneshot::Sender<bool>,
        batch: &mut Batch,
    ) -> bool {
        let (place, insert) = difference(&self.document.text(), text);
        let result = self.document.splice_traced(author, client_of(author), place, &insert);
        let is_broken = matches!(result, Err(Refusal::Broken(_)));
        let is_done = result.is_ok();
        if let Ok(Some((update, splices))) = result {
            self.written(Some(author), None, update, splices, batch);
        }
        batch.deeds.push(Deed::Then(Box::new(move || {
            // Who no longer waits loses nothing.
            let _ = done.send(is_done);
        })));
        is_broken
    }

    pub(super) fn catch_up(&self, member: MemberId, version: u64, batch: &mut Batch) {
        let Some(outbox) = self.members.get(&member).map(|member| member.outbox.clone()) else { return };
        let known = self.marks.iter().rev().find(|(mark, _)| *mark <= version);
        let known = known.map(|(_, known)| known.clone()).unwrap_or_default();
        // One difference, whatever newcomers get.
        let mut frames = vec![self.difference(&known)];
        frames.extend(self.presence.all().map(|all| Frame::binary(&all)));
        batch.deeds.push(Deed::CatchUp(outbox, frames));
    }

    /// What somebody lacks who has `known`. Who has nothing gets what everybody gets who has nothing: each version is encoded once.
    pub(super) fn lacking(&mut self, known: &StateVector) -> Frame {
        if !known.0.is_empty() {
            return self.difference(known);
        }
        match &self.whole {
            Some((version, frame)) if *version == self.version => frame.clone(),
            _ => {
                let frame = self.difference(known);
                self.whole = Some((self.version, frame.clone()));
                frame
            }
        }
    }

    fn difference(&self, known: &StateVector) -> Frame {
        Frame::text(&message::step_2(&self.document.diff(known)), self.version)
    }
}

/// What whoever wanted too much at once is told.
fn too_much(refused: &Refusal) -> &'static str {
    match refused {
        Refusal::TooLaborious => "This changes too much at once. The text stays as it is.",
        _ => "The text would be too long. It stays as it is.",
    }
}

/// Word that an update was not taken, in what the member understands.
fn refusal(hears: Hears, code: &str, why: &str) -> Frame {
    match hears {
        Hears::Events => Frame::answer(&error(None, code, why)),
        Hears::Messages => Frame::binary(&message::denied(why)),
    }
}

/// The smallest single replacement, in UTF-16 units, that makes one text another.
fn difference(old: &str, new: &str) -> ((u32, u32), String) {
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let same = |(a, b): &(char, char)| a == b;
    let head: usize = old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail: usize =
        old_rest.chars().rev().zip(new_rest.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let from = units(&old[..head]);
    let to = from + units(&old_rest[..old_rest.len() - tail]);
    ((from, to), new_rest[..new_rest.len() - tail].to_owned())
}

fn reason(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Lie(_) => "lie",
        Refusal::Foreign(_) => "foreign_client",
        Refusal::TooManyClients => "too_many_clients",
        Refusal::TooLarge => "too_large",
        Refusal::TooLaborious => "too_laborious",
        Refusal::Broken(_) => "broken",
    }
}

/// The client as which a person without a CRDT writes: always the same, from the random end of their id, and no number that browsers
/// draw (they draw 32 bits).
pub(super) fn client_of(user: UserId) -> ClientId {
    let text = user.to_string();
    let digits = text.bytes().rev().filter_map(|byte| char::from(byte).to_digit(16)).take(13);
    let random = digits.fold(0, |number: u64, digit| number << 4 | u64::from(digit));
    RESERVED | (random >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_differ_in_one_place() {
        for (old, new, place, insert) in [
            ("", "", (0, 0), ""),
            ("abc", "abc", (3, 3), ""),
            ("abc", "axc", (1, 2), "x"),
            ("aa", "aaa", (2, 2), "a"),
            ("😀x", "😀yx", (2, 2), "y"),
            ("😀", "😁", (0, 2), "😁"),
        ] {
            assert_eq!(difference(old, new), (place, insert.to_owned()), "{old} {new}");
        }
    }
}
