//! Updates of a shared text: who wrote what after which clock, and what was deleted.
//!
//! The layout is Yjs's update format v1 (<https://github.com/yjs/yjs>, `src/utils/encoding.js` and `src/structs/`): for each client its
//! blocks in order of their clocks, then ranges that are deleted. A block of a plain text is a text or a deleted text. It names its
//! neighbours, or, when it has none, the text it belongs to.

use bytes::Bytes;

use super::read::{Malformed, Reader};
pub use super::rewrite::encode_edit;
use super::rewrite::{rewrite, write_deleted};
use super::{ClientId, Clock, MAX_CLOCK};

/// The name of the one shared text.
pub const ROOT: &str = "code";

/// The most clients one update may speak of: as many as a room may have.
pub const MAX_CLIENTS: usize = 2_000;

/// The most blocks of which a client may tell at once, joined as far as they can be. A paper that two wrote for weeks has 12,000.
pub const MAX_BLOCKS: usize = 64 * 1024;
/// The most deleted ranges of which a client may tell at once: each answer to a first step names all there are.
pub const MAX_RANGES: usize = 256 * 1024;

pub(super) const DELETED: u8 = 1;
pub(super) const STRING: u8 = 4;
const KIND: u8 = 0x1f;
const HAS_KEY: u8 = 0x20;
pub(super) const HAS_RIGHT: u8 = 0x40;
pub(super) const HAS_LEFT: u8 = 0x80;
/// The parent is named, not pointed at.
pub(super) const NAMED: u64 = 1;

/// A place in the text: the unit that a client wrote at a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id {
    /// Who wrote it.
    pub client: ClientId,
    /// When, on that client's clock.
    pub clock: Clock,
}

/// A run of units that a client wrote one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The clock of its first unit.
    pub clock: Clock,
    /// How many units.
    pub length: Clock,
    /// What stood to its left when it was written.
    pub left: Option<Id>,
    /// What stood to its right.
    pub right: Option<Id>,
    /// Whether it was deleted since.
    pub is_deleted: bool,
}

impl Block {
    /// Whether `next`, which begins where this ends, was written on from here: then both are one block to Yjs (`Item.mergeWith`).
    pub(super) fn goes_on(&self, client: ClientId, next: &Self) -> bool {
        let last = Id { client, clock: next.clock - 1 };
        next.left == Some(last) && next.right == self.right && next.is_deleted == self.is_deleted
    }
}

/// The blocks of one client, without a gap between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Who wrote them.
    pub client: ClientId,
    /// In order of their clocks; never empty.
    pub blocks: Vec<Block>,
}

impl Section {
    /// The first clock.
    #[must_use]
    pub fn start(&self) -> Clock {
        self.blocks.first().map_or(0, |block| block.clock)
    }

    /// The first clock behind it.
    #[must_use]
    pub fn end(&self) -> Clock {
        self.blocks.last().map_or(0, |block| block.clock + block.length)
    }
}

/// Units of one client that are deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Who wrote them.
    pub client: ClientId,
    /// The first clock.
    pub start: Clock,
    /// The first clock behind them.
    pub end: Clock,
}

/// An update that is well-formed and speaks of one plain text only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// As it came, but for blocks and deleted ranges that are one, which are joined.
    pub bytes: Bytes,
    /// What was written, each client once, in order of their ids.
    pub sections: Vec<Section>,
    /// What was deleted: each client's ranges together, ascending, apart from each other.
    pub deleted: Vec<Range>,
}

impl Update {
    /// Reads all of `bytes`.
    ///
    /// # Errors
    /// When they are anything else than an update of a plain text.
    pub fn read(bytes: Bytes) -> Result<Self, Malformed> {
        Self::read_up_to(bytes, usize::MAX, usize::MAX)
    }

    /// Reads what a client tells.
    ///
    /// # Errors
    /// As [`Self::read`], and when it speaks of more than [`MAX_BLOCKS`] or [`MAX_RANGES`].
    pub fn read_told(bytes: Bytes) -> Result<Self, Malformed> {
        Self::read_up_to(bytes, MAX_BLOCKS, MAX_RANGES)
    }

    fn read_up_to(bytes: Bytes, blocks: usize, ranges: usize) -> Result<Self, Malformed> {
        let mut reader = Reader::new(&bytes);
        let (sections, are_whole) = read_sections(&mut reader, blocks)?;
        let written = bytes.len() - reader.remaining();
        let (deleted, are_apart) = read_deleted(&mut reader, ranges)?;
        reader.end()?;
        if are_whole && are_apart {
            return Ok(Self { bytes, sections, deleted });
        }
        let mut joined = if are_whole { bytes[..written].to_vec() } else { rewrite(&bytes, |_| 0)? };
        if are_apart {
            joined.extend_from_slice(&bytes[written..]);
        } else {
            write_deleted(&mut joined, &deleted);
        }
        Ok(Self { bytes: joined.into(), sections, deleted })
    }

    /// The same without what was written before each client's `known` clock.
    ///
    /// # Errors
    /// When a character would be cut, which nobody wrote in two parts.
    pub fn beyond(&self, known: impl Fn(ClientId) -> Clock) -> Result<Self, Malformed> {
        let mut bytes = rewrite(&self.bytes, known)?;
        write_deleted(&mut bytes, &self.deleted);
        Self::read(bytes.into())
    }

    /// What it says that a client wrote.
    #[must_use]
    pub fn section(&self, client: ClientId) -> Option<&Section> {
        place_of(&self.sections, client).and_then(|place| self.sections.get(place))
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty() && self.deleted.is_empty()
    }
}

/// Where a client's section is among those of an update.
#[must_use]
pub fn place_of(sections: &[Section], client: ClientId) -> Option<usize> {
    sections.binary_search_by_key(&client, |section| section.client).ok()
}

/// The sections, and whether every block is as long as it can be.
fn read_sections(reader: &mut Reader<'_>, mut most: usize) -> Result<(Vec<Section>, bool), Malformed> {
    // A block takes two bytes at least, a section three more.
    let count = clients(reader, 5)?;
    let mut sections = Vec::with_capacity(count);
    let mut is_joined = true;
    for _ in 0..count {
        let blocks = reader.count(2)?;
        let client = reader.client()?;
        let section = read_section(reader, client, blocks, most)?;
        most -= section.blocks.len();
        is_joined &= section.blocks.len() == blocks;
        sections.push(section);
    }
    sections.sort_unstable_by_key(|section| section.client);
    if sections.windows(2).any(|pair| pair[0].client == pair[1].client) {
        return Err(Malformed::Contradiction);
    }
    Ok((sections, is_joined))
}

fn clients(reader: &mut Reader<'_>, smallest: usize) -> Result<usize, Malformed> {
    let count = reader.count(smallest)?;
    if count > MAX_CLIENTS { Err(Malformed::TooMuch) } else { Ok(count) }
}

fn read_section(
    reader: &mut Reader<'_>,
    client: ClientId,
    count: usize,
    most: usize,
) -> Result<Section, Malformed> {
    if count == 0 {
        return Err(Malformed::Contradiction);
    }
    let mut clock = reader.clock()?;
    // What is promised is believed as far as an ordinary message goes.
    let mut blocks: Vec<Block> = Vec::with_capacity(count.min(1024));
    for _ in 0..count {
        let (next, _) = read_block(reader, Id { client, clock })?;
        clock += next.length;
        let is_full = blocks.len() == most;
        match blocks.last_mut() {
            Some(block) if block.goes_on(client, &next) => block.length += next.length,
            _ if is_full => return Err(Malformed::TooManyEdits),
            _ => blocks.push(next),
        }
    }
    Ok(Section { client, blocks })
}

/// A block, and its text if it has one.
pub(super) fn read_block<'a>(reader: &mut Reader<'a>, at: Id) -> Result<(Block, &'a str), Malformed> {
    let info = reader.byte()?;
    if info & HAS_KEY != 0 {
        return Err(Malformed::Content);
    }
    let left = if info & HAS_LEFT == 0 { None } else { Some(read_neighbour(reader, at)?) };
    let right = if info & HAS_RIGHT == 0 { None } else { Some(read_neighbour(reader, at)?) };
    if left.is_none() && right.is_none() && (reader.number(NAMED)? != NAMED || reader.text()? != ROOT) {
        return Err(Malformed::Content);
    }
    let (length, text) = match info & KIND {
        STRING => {
            let text = reader.text()?;
            (units(text)?, text)
        }
        DELETED => (reader.clock()?, ""),
        _ => return Err(Malformed::Content),
    };
    let fits = at.clock.checked_add(length).is_some_and(|end| end <= MAX_CLOCK);
    if length == 0 || !fits {
        return Err(Malformed::Number);
    }
    Ok((Block { clock: at.clock, length, left, right, is_deleted: info & KIND == DELETED }, text))
}

/// A neighbour stood there before: of one's own units only earlier ones can be.
fn read_neighbour(reader: &mut Reader<'_>, at: Id) -> Result<Id, Malformed> {
    let id = Id { client: reader.client()?, clock: reader.clock()? };
    if id.client == at.client && id.clock >= at.clock { Err(Malformed::Contradiction) } else { Ok(id) }
}

/// The length of a text as Yjs counts it.
fn units(text: &str) -> Result<Clock, Malformed> {
    let units = text.chars().map(char::len_utf16).sum::<usize>();
    Clock::try_from(units).map_err(|_| Malformed::TooMuch)
}

/// The deleted ranges in order, and whether they came so. What overlaps or touches is joined: the CRDT library would look at what lies
/// in each anew.
fn read_deleted(reader: &mut Reader<'_>, most: usize) -> Result<(Vec<Range>, bool), Malformed> {
    // A range takes two bytes at least, a client two more.
    let count = clients(reader, 4)?;
    let mut clients = Vec::with_capacity(count);
    let mut deleted: Vec<Range> = Vec::new();
    let mut are_apart = true;
    for _ in 0..count {
        let client = reader.client()?;
        clients.push(client);
        let ranges = reader.count(2)?;
        let first = deleted.len();
        if ranges > most - first {
            return Err(Malformed::TooManyEdits);
        }
        for _ in 0..ranges {
            let (start, length) = (reader.clock()?, reader.clock()?);
            let end = start.checked_add(length).filter(|end| length > 0 && *end <= MAX_CLOCK);
            deleted.push(Range { client, start, end: end.ok_or(Malformed::Number)? });
        }
        are_apart &= deleted[first..].is_sorted_by(|one, next| one.end < next.start);
    }
    clients.sort_unstable();
    if clients.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Malformed::Contradiction);
    }
    if !are_apart {
        join_ranges(&mut deleted);
    }
    Ok((deleted, are_apart))
}

/// Sorts ranges, each client's together, and joins those that overlap or touch.
pub(crate) fn join_ranges(ranges: &mut Vec<Range>) {
    ranges.sort_unstable_by_key(|range| (range.client, range.start));
    ranges.dedup_by(|next, range| {
        let is_one = next.client == range.client && next.start <= range.end;
        if is_one {
            range.end = range.end.max(next.end);
        }
        is_one
    });
}
