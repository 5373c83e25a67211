//! What each edit of a record did to the text, found from the order of all that was ever written.
//!
//! Units keep their order for ever: what is written later only comes between. So the last document knows at which place every unit
//! stands among all, and the text's place of a unit at any time is the count of units before it that stand then. No edit walks through
//! the text.

use std::collections::HashMap;

use super::splice::{Splice, Trace};
use crate::deletions::Deletions;
use crate::document::Document;
use crate::wire::read::Reader;
use crate::wire::update::{Id, Range, Section};
use crate::wire::{ClientId, Clock, Malformed, Update};

/// What half a character is shown as.
const HALF: u16 = 0xfffd;

/// A text, edit by edit, of which the end is known.
pub(super) struct Weave {
    /// Where each client's units begin in what follows, and how many it has written so far.
    clients: HashMap<ClientId, (usize, Clock)>,
    /// Each unit's place among all.
    ranks: Vec<u32>,
    /// What each unit is.
    units: Vec<u16>,
    states: Vec<State>,
    /// What was deleted so far: nothing of it is looked at again.
    deleted: Deletions,
    standing: Counts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not yet, or no more.
    Away,
    /// It comes with the present edit.
    Comes,
    Stands,
    /// It goes with the present edit.
    Goes,
}

impl Weave {
    /// Before the first of the edits that led to `end`.
    pub(super) fn before(end: &Document) -> Self {
        let mut clients = HashMap::new();
        let mut total = 0;
        for (client, clock) in end.state_vector().0 {
            clients.insert(client, (total, 0));
            total += clock as usize;
        }
        let mut ranks = vec![0; total];
        let mut rank = 0;
        for (id, length) in end.runs() {
            let from = clients.get(&id.client).map_or(0, |(base, _)| base + id.clock as usize);
            for place in ranks.iter_mut().skip(from).take(length as usize) {
                *place = rank;
                rank += 1;
            }
        }
        let standing = Counts(vec![0; total + 1]);
        let (units, states) = (vec![0; total], vec![State::Away; total]);
        Self { clients, ranks, units, states, deleted: Deletions::default(), standing }
    }

    /// Goes on with an edit that was taken and was new, and tells what it did.
    pub(super) fn take(&mut self, update: &Update) -> Result<Trace, Malformed> {
        let mut texts = texts(update)?;
        let mut changed = Vec::new();
        let mut borders = Vec::new();
        for section in &update.sections {
            let texts = texts.remove(&section.client).unwrap_or_default();
            self.write(section, &texts, &mut changed, &mut borders);
        }
        for range in &update.deleted {
            borders.extend([range.start, range.end].map(|clock| Id { client: range.client, clock }));
        }
        let mut splices: Vec<Splice> = borders.into_iter().filter_map(|border| self.cut(border)).collect();
        let cuts = splices.len();
        for range in &update.deleted {
            self.delete(range, &mut changed);
        }
        splices.extend(self.settle(changed));
        Ok(Trace { splices, cuts })
    }

    /// Notes what of a section is new, and where its blocks' neighbours must be apart.
    fn write(
        &mut self,
        section: &Section,
        texts: &[Option<&str>],
        changed: &mut Vec<usize>,
        borders: &mut Vec<Id>,
    ) {
        let Some((base, known)) = self.clients.get_mut(&section.client) else { return };
        for (block, text) in section.blocks.iter().zip(texts) {
            let end = block.clock + block.length;
            if end <= *known {
                continue;
            }
            // What is known of it is not looked at again.
            let left = if block.clock < *known { None } else { block.left };
            borders.extend(left.map(|left| Id { clock: left.clock + 1, ..left }));
            borders.extend(block.right);
            let skipped = known.saturating_sub(block.clock) as usize;
            let units = text.unwrap_or_default().encode_utf16().enumerate().skip(skipped);
            for (n, unit) in units {
                let place = *base + block.clock as usize + n;
                // The first half came before.
                let is_half = n == skipped && (0xdc00..0xe000).contains(&unit);
                self.units[place] = if is_half { HALF } else { unit };
                self.states[place] = State::Comes;
                changed.push(place);
            }
            *known = end;
        }
    }

    /// Parts what stands on both sides of a border; tells so when that is seen.
    fn cut(&mut self, border: Id) -> Option<Splice> {
        let (base, known) = *self.clients.get(&border.client)?;
        if border.clock == 0 || border.clock >= known {
            return None;
        }
        let place = base + border.clock as usize - 1;
        let pair = &mut self.units[place..place + 2];
        if !((0xd800..0xdc00).contains(&pair[0]) && (0xdc00..0xe000).contains(&pair[1])) {
            return None;
        }
        pair.fill(HALF);
        let at = self.standing.before(self.ranks[place]);
        (self.states[place] == State::Stands).then(|| Splice {
            at,
            delete: 2,
            insert: "\u{fffd}\u{fffd}".to_owned(),
        })
    }

    fn delete(&mut self, range: &Range, changed: &mut Vec<usize>) {
        let Some((base, _)) = self.clients.get(&range.client) else { return };
        for part in self.deleted.standing(*range) {
            for place in base + part.start as usize..base + part.end as usize {
                match self.states[place] {
                    State::Stands => {
                        self.states[place] = State::Goes;
                        changed.push(place);
                    }
                    State::Comes => self.states[place] = State::Away,
                    State::Away | State::Goes => {}
                }
            }
        }
        self.deleted.add(range);
    }

    /// Does what was noted, from the text's beginning to its end.
    fn settle(&mut self, mut changed: Vec<usize>) -> Vec<Splice> {
        changed.sort_unstable_by_key(|place| self.ranks[*place]);
        let mut splices: Vec<(Clock, Clock, Vec<u16>)> = Vec::new();
        for place in changed {
            let rank = self.ranks[place];
            let at = self.standing.before(rank);
            let state = self.states[place];
            if state == State::Away {
                continue;
            }
            if splices.last().is_none_or(|(begun, _, units)| begun + units.len() as Clock != at) {
                splices.push((at, 0, Vec::new()));
            }
            let Some((_, delete, insert)) = splices.last_mut() else { continue };
            if state == State::Comes {
                insert.push(self.units[place]);
                self.states[place] = State::Stands;
                self.standing.add(rank, 1);
            } else {
                *delete += 1;
                self.states[place] = State::Away;
                self.standing.add(rank, -1);
            }
        }
        // Halves were parted, so these are texts.
        let splice = |(at, delete, insert): (Clock, Clock, Vec<u16>)| Splice {
            at,
            delete,
            insert: String::from_utf16_lossy(&insert),
        };
        splices.into_iter().map(splice).collect()
    }
}

/// How many units stand before a place, as sums over ranges of powers of two (Fenwick, <https://doi.org/10.1002/spe.4380240306>).
struct Counts(Vec<i32>);

impl Counts {
    fn add(&mut self, rank: u32, count: i32) {
        let mut at = rank as usize + 1;
        while let Some(sum) = self.0.get_mut(at) {
            *sum += count;
            at += at & at.wrapping_neg();
        }
    }

    fn before(&self, rank: u32) -> Clock {
        let mut at = rank as usize;
        let mut sum = 0;
        while at > 0 {
            sum += self.0[at];
            at &= at - 1;
        }
        // Never less than none, and no more than a document may hold.
        sum.unsigned_abs()
    }
}

/// The text of each block, by client; `None` for a deleted one. The update was read before, so its layout is known to be right.
fn texts(update: &Update) -> Result<HashMap<ClientId, Vec<Option<&str>>>, Malformed> {
    const HAS_LEFT: u8 = 0x80;
    const HAS_RIGHT: u8 = 0x40;
    const KIND: u8 = 0x1f;
    const DELETED: u8 = 1;
    let mut reader = Reader::new(&update.bytes);
    let mut texts = HashMap::new();
    for _ in 0..reader.count(5)? {
        let count = reader.count(2)?;
        let client = reader.client()?;
        reader.clock()?;
        let mut own = Vec::with_capacity(count);
        for _ in 0..count {
            let info = reader.byte()?;
            for _ in 0..u8::from(info & HAS_LEFT != 0) + u8::from(info & HAS_RIGHT != 0) {
                reader.client()?;
                reader.clock()?;
            }
            if info & (HAS_LEFT | HAS_RIGHT) == 0 {
                reader.number(1)?;
                reader.text()?;
            }
            let is_deleted = info & KIND == DELETED;
            own.push(if is_deleted { reader.clock().map(|_| None)? } else { Some(reader.text()?) });
        }
        texts.insert(client, own);
    }
    Ok(texts)
}
