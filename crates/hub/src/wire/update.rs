//! Updates of a shared text: who wrote what after which clock, and what was deleted.
//!
//! The layout is Yjs's update format v1 (<https://github.com/yjs/yjs>, `src/utils/encoding.js` and `src/structs/`): for each client its
//! blocks in order of their clocks, then ranges that are deleted. A block of a plain text is a text or a deleted text. It names its
//! neighbours, or, when it has none, the text it belongs to.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::read::{Malformed, Reader, write_bytes, write_number};
use super::{ClientId, Clock, MAX_CLOCK};

/// The name of the one shared text.
pub const ROOT: &str = "code";

/// The most clients one update may speak of: as many as a room may have.
pub const MAX_CLIENTS: usize = 2_000;

const DELETED: u8 = 1;
const STRING: u8 = 4;
const KIND: u8 = 0x1f;
const HAS_KEY: u8 = 0x20;
const HAS_RIGHT: u8 = 0x40;
const HAS_LEFT: u8 = 0x80;
/// The parent is named, not pointed at.
const NAMED: u64 = 1;

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
    /// As it came.
    pub bytes: Bytes,
    /// What was written, each client once, in order of their ids.
    pub sections: Vec<Section>,
    /// What was deleted.
    pub deleted: Vec<Range>,
}

impl Update {
    /// Reads all of `bytes`.
    ///
    /// # Errors
    /// When they are anything else than an update of a plain text.
    pub fn read(bytes: Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(&bytes);
        let sections = read_sections(&mut reader)?;
        let deleted = read_deleted(&mut reader)?;
        reader.end()?;
        Ok(Self { bytes, sections, deleted })
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

/// Writes the update of one edit: a text from `at` on between its neighbours, and units that are deleted.
#[must_use]
pub fn encode_edit(
    at: Id,
    (left, right): (Option<Id>, Option<Id>),
    insert: &str,
    deleted: &[Range],
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(insert.len() + 48);
    write_number(&mut bytes, u64::from(!insert.is_empty()));
    if !insert.is_empty() {
        write_number(&mut bytes, 1);
        write_id(&mut bytes, at);
        let flag = |id: Option<Id>, flag| if id.is_some() { flag } else { 0 };
        bytes.push(STRING | flag(left, HAS_LEFT) | flag(right, HAS_RIGHT));
        left.iter().chain(&right).for_each(|id| write_id(&mut bytes, *id));
        if left.is_none() && right.is_none() {
            write_number(&mut bytes, NAMED);
            write_bytes(&mut bytes, ROOT.as_bytes());
        }
        write_bytes(&mut bytes, insert.as_bytes());
    }
    let mut clients: BTreeMap<ClientId, Vec<&Range>> = BTreeMap::new();
    for range in deleted {
        clients.entry(range.client).or_default().push(range);
    }
    write_number(&mut bytes, clients.len() as u64);
    for (client, mut ranges) in clients {
        ranges.sort_unstable_by_key(|range| range.start);
        write_number(&mut bytes, client);
        write_number(&mut bytes, ranges.len() as u64);
        for range in ranges {
            write_number(&mut bytes, u64::from(range.start));
            write_number(&mut bytes, u64::from(range.end - range.start));
        }
    }
    bytes
}

fn write_id(bytes: &mut Vec<u8>, id: Id) {
    write_number(bytes, id.client);
    write_number(bytes, u64::from(id.clock));
}

fn read_sections(reader: &mut Reader<'_>) -> Result<Vec<Section>, Malformed> {
    // A block takes two bytes at least, a section three more.
    let count = clients(reader, 5)?;
    let mut sections = Vec::with_capacity(count);
    for _ in 0..count {
        let blocks = reader.count(2)?;
        let client = reader.client()?;
        sections.push(read_section(reader, client, blocks)?);
    }
    sections.sort_unstable_by_key(|section| section.client);
    if sections.windows(2).any(|pair| pair[0].client == pair[1].client) {
        return Err(Malformed::Contradiction);
    }
    Ok(sections)
}

fn clients(reader: &mut Reader<'_>, smallest: usize) -> Result<usize, Malformed> {
    let count = reader.count(smallest)?;
    if count > MAX_CLIENTS { Err(Malformed::TooMuch) } else { Ok(count) }
}

fn read_section(reader: &mut Reader<'_>, client: ClientId, count: usize) -> Result<Section, Malformed> {
    if count == 0 {
        return Err(Malformed::Contradiction);
    }
    let mut clock = reader.clock()?;
    // What is promised is believed as far as an ordinary message goes.
    let mut blocks = Vec::with_capacity(count.min(1024));
    for _ in 0..count {
        let block = read_block(reader, Id { client, clock })?;
        clock += block.length;
        blocks.push(block);
    }
    Ok(Section { client, blocks })
}

fn read_block(reader: &mut Reader<'_>, at: Id) -> Result<Block, Malformed> {
    let info = reader.byte()?;
    if info & HAS_KEY != 0 {
        return Err(Malformed::Content);
    }
    let left = if info & HAS_LEFT == 0 { None } else { Some(read_neighbour(reader, at)?) };
    let right = if info & HAS_RIGHT == 0 { None } else { Some(read_neighbour(reader, at)?) };
    if left.is_none() && right.is_none() && (reader.number(NAMED)? != NAMED || reader.text()? != ROOT) {
        return Err(Malformed::Content);
    }
    let length = match info & KIND {
        STRING => units(reader.text()?)?,
        DELETED => reader.clock()?,
        _ => return Err(Malformed::Content),
    };
    let fits = at.clock.checked_add(length).is_some_and(|end| end <= MAX_CLOCK);
    if length == 0 || !fits {
        return Err(Malformed::Number);
    }
    Ok(Block { clock: at.clock, length, left, right, is_deleted: info & KIND == DELETED })
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

fn read_deleted(reader: &mut Reader<'_>) -> Result<Vec<Range>, Malformed> {
    // A range takes two bytes at least, a client two more.
    let count = clients(reader, 4)?;
    let mut clients = Vec::with_capacity(count);
    let mut deleted = Vec::new();
    for _ in 0..count {
        let client = reader.client()?;
        clients.push(client);
        let ranges = reader.count(2)?;
        for _ in 0..ranges {
            let (start, length) = (reader.clock()?, reader.clock()?);
            let end = start.checked_add(length).filter(|end| length > 0 && *end <= MAX_CLOCK);
            deleted.push(Range { client, start, end: end.ok_or(Malformed::Number)? });
        }
    }
    clients.sort_unstable();
    if clients.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Malformed::Contradiction);
    }
    Ok(deleted)
}
