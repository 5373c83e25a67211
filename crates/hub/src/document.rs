//! One shared text: the CRDT behind its whitelist, with what each person may write.
//!
//! Nothing here waits or talks to anybody; the room decides when. After [`Refusal::Broken`] the document must be made anew from what was
//! kept of it.

mod refusal;

use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use codementor_core::UserId;
use codementor_core::journal::MAX_ENTRY_BYTES;
use codementor_protocol::session_event::TextRoom;
use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, Observable, OffsetKind, Options, ReadTxn, TextRef, Transact};

pub use refusal::Refusal;

use crate::outline::{Bounds, Fit, Outline};
pub use crate::replay::splice::Splice;
use crate::replay::splice::{cuts, has_pairs, splices};
use crate::sequence::Lie;
use crate::wire::state_vector::StateVector;
use crate::wire::update::{Id, MAX_CLIENTS, ROOT, Section, encode_edit};
use crate::wire::{ClientId, Clock, Update};

/// The longest text, in UTF-16 units: 1 Mi, far beyond what a judge takes.
pub const MAX_TEXT: u64 = 1 << 20;
/// The most that may ever be written in one document, deleted or not, in UTF-16 units: 16 Mi.
pub const MAX_WRITTEN: u64 = 1 << 24;
/// The most runs of which a document may consist for something to be written in it: what one writes without moving the caret is one, and
/// what is deleted of it parts it. A paper of weeks has 12,000.
pub const MAX_RUNS: usize = 128 * 1024;
/// The most runs into which deletions may part it.
const MAX_RUNS_DELETING: usize = 2 * MAX_RUNS;
/// Where less than this can be written it is said beforehand, in UTF-16 units, or runs.
const ENOUGH: u64 = 1024;
/// The most work that an update may make, in the steps of `Sequence::effort`: about 0.7 s. To change every line of the longest text
/// from the first to the last is less; from the last to the first, as Monaco does, it may be more above 128 Ki.
const MAX_EFFORT: u64 = 7 << 20;
/// The bit that the clients have in common as which people write who have no CRDT. Browsers draw 32 bits.
pub(crate) const RESERVED: ClientId = 1 << 52;

/// A shared text.
pub struct Document {
    doc: Doc,
    text: TextRef,
    outline: Outline,
    /// Whose each client is: who first wrote as it. Nobody else writes as it afterwards.
    owners: HashMap<ClientId, UserId>,
    written: u64,
    /// Whether characters beyond the basic plane may stand in the text; `None` when nobody looked since it changed.
    has_pairs: Option<bool>,
}

/// What breaks a document once it is in it, in unit tests: no way is known to break the library through the whitelist.
#[cfg(test)]
pub(crate) const POISON: &[u8] = b"\x01break\x01";

impl Default for Document {
    fn default() -> Self {
        Self::new()
    }
}

impl Document {
    /// An empty text.
    #[must_use]
    pub fn new() -> Self {
        let options = Options { offset_kind: OffsetKind::Utf16, ..Options::default() };
        let doc = Doc::with_options(options);
        let text = doc.get_or_insert_text(ROOT);
        Self {
            doc,
            text,
            outline: Outline::default(),
            owners: HashMap::new(),
            written: 0,
            has_pairs: Some(false),
        }
    }

    /// From now on it is bounded in how many runs it has, and in how much work an update may make. What it has taken before is kept.
    pub fn guard(&mut self) {
        let bounds = Bounds { effort: MAX_EFFORT, runs: MAX_RUNS, runs_deleting: MAX_RUNS_DELETING };
        self.outline.limit(bounds);
    }

    /// A text as it was, with whose each client is.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn restore(
        update: &Update,
        owners: impl IntoIterator<Item = (ClientId, UserId)>,
    ) -> Result<Self, Refusal> {
        let mut document = Self::new();
        let written = update.sections.iter().map(|section| u64::from(section.end())).sum();
        match document.outline.take(update)? {
            Fit::New => document.apply(&update.bytes)?,
            Fit::Known => {}
            Fit::Gap => return Err(Refusal::Broken("a part of it is missing".to_owned())),
        }
        document.written = written;
        document.has_pairs = None;
        document.owners.extend(owners);
        Ok(document)
    }

    /// An update without what is here already of what was written. To be taken and passed on in its place: libraries differ in what they
    /// look at of the neighbours of what they know, and cut a character there or do not.
    ///
    /// # Errors
    /// When it tells part of a character again.
    pub fn news<'a>(&self, update: &'a Update) -> Result<Cow<'a, Update>, Refusal> {
        let known = |client| self.outline.clock(client);
        if update.sections.iter().all(|section| section.start() >= known(section.client)) {
            return Ok(Cow::Borrowed(update));
        }
        update.beyond(known).map(Cow::Owned).map_err(|_| Refusal::Lie(Lie))
    }

    /// Takes an update of `author` when it fits and is new; else tells how it does not fit.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn take(&mut self, author: UserId, update: &Update) -> Result<Fit, Refusal> {
        self.take_with(author, update, |document| {
            document.has_pairs = None;
            document.apply(&update.bytes)
        })
    }

    /// As [`Self::take`], and tells what became of the text: changes to do in order, each in the coordinates that the one before left.
    /// None of them cuts a character, and an update that cut one (Yjs shows U+FFFD for each half then) says so by the first of them.
    /// The library walks through all that was ever written to tell: it costs a multiple of [`Self::take`] in a long document.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn take_traced(&mut self, author: UserId, update: &Update) -> Result<(Fit, Vec<Splice>), Refusal> {
        let mut splices = Vec::new();
        let fit = self.take_with(author, update, |document| {
            splices = document.apply_traced(&update.bytes)?;
            Ok(())
        })?;
        Ok((fit, splices))
    }

    fn take_with(
        &mut self,
        author: UserId,
        update: &Update,
        apply: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) -> Result<Fit, Refusal> {
        self.check_clients(author, update)?;
        let written = self.check_size(update)?;
        let fit = self.outline.take(update)?;
        if fit == Fit::New {
            apply(self)?;
            for section in &update.sections {
                self.owners.entry(section.client).or_insert(author);
            }
            self.written += written;
        }
        Ok(fit)
    }

    /// How much more it can hold.
    #[must_use]
    pub fn room(&self) -> TextRoom {
        let runs = self.outline.runs_left() as u64;
        if MAX_WRITTEN.saturating_sub(self.written).min(runs) < ENOUGH {
            TextRoom::Spent
        } else if MAX_TEXT.saturating_sub(u64::from(self.length())) < ENOUGH {
            TextRoom::Full
        } else {
            TextRoom::Free
        }
    }

    /// What it cost so far to take all that it took, in the steps of `Sequence::effort`.
    #[must_use]
    pub fn effort(&self) -> u64 {
        self.outline.effort()
    }

    /// Whether an update brings nothing.
    #[must_use]
    pub fn knows(&self, update: &Update) -> bool {
        self.outline.knows(update)
    }

    /// Replaces the units from `from` up to `to` by a text, as `client` of `author`, for who has no CRDT. Places behind the end count as
    /// the end, and one within a character beyond the basic plane as before it. Answers the update to pass on, unless nothing changes.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn splice(
        &mut self,
        author: UserId,
        client: ClientId,
        place: (Clock, Clock),
        insert: &str,
    ) -> Result<Option<Bytes>, Refusal> {
        let Some(update) = self.edit(client, place, insert)? else { return Ok(None) };
        self.take(author, &update)?;
        Ok(Some(update.bytes))
    }

    /// As [`Self::splice`], and tells what became of the text, as [`Self::take_traced`] does.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn splice_traced(
        &mut self,
        author: UserId,
        client: ClientId,
        place: (Clock, Clock),
        insert: &str,
    ) -> Result<Option<(Bytes, Vec<Splice>)>, Refusal> {
        let Some(update) = self.edit(client, place, insert)? else { return Ok(None) };
        let (_, splices) = self.take_traced(author, &update)?;
        Ok(Some((update.bytes, splices)))
    }

    /// The update that [`Self::splice`] is, unless it is none.
    fn edit(
        &self,
        client: ClientId,
        (from, to): (Clock, Clock),
        insert: &str,
    ) -> Result<Option<Update>, Refusal> {
        let text = self.text();
        let from = boundary(&text, from);
        let deleted = self.outline.visible(from, boundary(&text, to).max(from));
        let bytes = Bytes::from(encode_edit(
            Id { client, clock: self.outline.clock(client) },
            self.outline.neighbours(from),
            insert,
            &deleted,
        ));
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(Refusal::TooLarge);
        }
        let update = Update::read(bytes).map_err(|error| Refusal::Broken(error.to_string()))?;
        Ok(Some(update).filter(|update| !update.is_empty()))
    }

    /// What somebody lacks who has `known`, as an update.
    #[must_use]
    pub fn diff(&self, known: &StateVector) -> Vec<u8> {
        let known = known.0.iter().map(|(client, clock)| (ClientID::new(*client), *clock)).collect();
        self.doc.transact().encode_diff_v1(&known)
    }

    /// How far each client has written.
    #[must_use]
    pub fn state_vector(&self) -> StateVector {
        self.outline.state_vector()
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.text.get_string(&self.doc.transact())
    }

    /// The text's length, in UTF-16 units.
    #[must_use]
    pub fn length(&self) -> Clock {
        self.outline.length()
    }

    /// Whose a client is, once it has written.
    #[must_use]
    pub fn owner(&self, client: ClientId) -> Option<UserId> {
        self.owners.get(&client).copied()
    }

    /// Whose each client is.
    pub fn owners(&self) -> impl Iterator<Item = (ClientId, UserId)> {
        self.owners.iter().map(|(client, owner)| (*client, *owner))
    }

    /// Everything ever written, in order.
    pub fn runs(&self) -> impl Iterator<Item = (Id, Clock)> {
        self.outline.runs()
    }

    /// How many clients of an update have written nothing yet.
    #[must_use]
    pub fn new_clients(&self, update: &Update) -> usize {
        update.sections.iter().filter(|section| self.outline.clock(section.client) == 0).count()
    }

    fn check_clients(&self, author: UserId, update: &Update) -> Result<(), Refusal> {
        for section in &update.sections {
            let known = self.outline.clock(section.client);
            let is_foreign = self.owner(section.client).is_some_and(|owner| owner != author);
            if section.end() > known && is_foreign {
                return Err(Refusal::Foreign(section.client));
            }
        }
        // There are as many reserved ones as people, who shall not be refused for what others did.
        let fresh =
            |section: &&Section| !is_reserved(section.client) && self.outline.clock(section.client) == 0;
        let fresh = update.sections.iter().filter(fresh).count();
        if fresh > 0 && self.outline.client_count() + fresh > MAX_CLIENTS {
            return Err(Refusal::TooManyClients);
        }
        Ok(())
    }

    /// How much it writes, when there is room for it.
    fn check_size(&self, update: &Update) -> Result<u64, Refusal> {
        let fresh = |section: &Section| {
            section.end().saturating_sub(self.outline.clock(section.client).max(section.start()))
        };
        let written: u64 = update.sections.iter().map(|section| u64::from(fresh(section))).sum();
        let length = u64::from(self.length());
        let is_full = length + written > MAX_TEXT || self.written + written > MAX_WRITTEN;
        if written > 0 && is_full {
            return Err(Refusal::TooLarge);
        }
        Ok(written)
    }

    /// Applies an update and tells what became of the text. The whole text is looked at only while it has characters that can be cut.
    fn apply_traced(&mut self, bytes: &[u8]) -> Result<Vec<Splice>, Refusal> {
        const TRACE: &str = "trace";
        let could_cut = self.has_pairs.take().unwrap_or_else(|| has_pairs(&self.text()));
        let before = could_cut.then(|| self.text());
        let heard = Arc::new(Mutex::new(Vec::new()));
        self.text.observe(TRACE, {
            let heard = heard.clone();
            move |transaction, event| {
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = event.delta(transaction).to_vec();
            }
        });
        let applied = self.apply(bytes);
        self.text.unobserve(TRACE);
        applied?;
        let delta = std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
        let mut splices = splices(&delta).map_err(|error| Refusal::Broken(error.to_string()))?;
        self.has_pairs = Some(splices.iter().any(|splice| has_pairs(&splice.insert)));
        if let Some(before) = before {
            let after = self.text();
            self.has_pairs = Some(has_pairs(&after));
            splices.splice(0..0, cuts(&before, &splices, &after));
        }
        Ok(splices)
    }

    fn apply(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let apply = || -> Result<(), String> {
            let update = yrs::Update::decode_v1(bytes).map_err(|error| error.to_string())?;
            let mut transaction = self.doc.transact_mut();
            transaction.apply_update(update).map_err(|error| error.to_string())?;
            #[cfg(test)]
            assert!(!bytes.windows(POISON.len()).any(|part| part == POISON), "the library broke on command");
            if transaction.has_missing_updates() {
                Err("parts of it wait for others".to_owned())
            } else {
                Ok(())
            }
        };
        match catch_unwind(AssertUnwindSafe(apply)) {
            Ok(result) => result.map_err(Refusal::Broken),
            Err(_) => Err(Refusal::Broken("the library panicked".to_owned())),
        }
    }
}

/// The place `at`, or the one before when it is within a character. In UTF-16 units.
fn boundary(text: &str, at: Clock) -> Clock {
    let mut reached = 0;
    for c in text.chars() {
        let next = reached + c.len_utf16() as Clock;
        if next > at {
            return reached;
        }
        reached = next;
    }
    reached
}

/// Whether nobody but the server makes such a client.
pub(crate) fn is_reserved(client: ClientId) -> bool {
    client & RESERVED != 0
}
