//! Whole frames that were bent, from the corpus of known attacks and from honest sessions, against a document as a room holds
//! it: with whose each client is, edits of the server's own, answers for late joiners, and snapshots. One test, as it counts what the process allocates.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

mod seeds;

use bytes::Bytes;
use codementor_core::UserId;
use codementor_hub::document::{Document, Refusal, Splice};
use codementor_hub::outline::Fit;
use codementor_hub::snapshot;
use codementor_hub::wire::awareness::{self, Entry};
use codementor_hub::wire::read::write_number;
use codementor_hub::wire::state_vector::StateVector;
use codementor_hub::wire::{Message, Update, message};
use peak_alloc::PeakAlloc;
use rand::RngExt;
use rand::rngs::StdRng;
use seeds::{cases, seeded};
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, OffsetKind, Options, ReadTxn, Text, Transact};

/// The most that one frame may have the process allocate, in bytes: 8 MiB.
const MOST: usize = 8 << 20;
/// As which client the server edits for somebody without a CRDT: above what browsers draw.
const OURS: u64 = 1 << 52 | 5;

/// Frames that did harm to the library or to servers around it, as hexadecimal bytes.
const CORPUS: &[&str] = &[
    // Updates: a poison of every later encoding, panics on applying, 2^28 - 1 clients, forged blocks, a client twice, another root.
    "0002 13 010105 04a8012d017dc4030104010203",
    "0002 0c 010101b1c4b1bc2f00b11600",
    "0002 04 ffffff7f",
    "0002 07 01010100000a00",
    "0002 07 010101000a0500",
    "0002 17 020101000401046 3 6f64650161 0101000 0050001",
    "0002 0d 01010100040105 6f74686572 0161 00",
    "0002 0c 0101010009010463 6f6465 0161 00",
    "0002 0c 0101010005010463 6f6465 027b7d 00",
    "0002 10 010101ffffffff0f 04010463 6f6465 0161 00",
    "0002 0a 0001010100ffffffff0f",
    "0001 0a 0001010100ffffffff0f",
    // State vectors and awareness of as many; an end in the middle; nothing; unknown kinds.
    "0000 04 ffffff7f",
    "0000 03 010105",
    "01 04 ffffff7f",
    "01 06 01 07 01 02 7b7d",
    "00",
    "000200",
    "0200",
    "03",
    "04",
    "ffffffffffffffffff01",
];

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What this has the process allocate at most, at once.
fn cost<T>(act: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let done = act();
    (done, MEMORY.peak_usage().saturating_sub(before))
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

fn doc(client: u64) -> Doc {
    Doc::with_options(Options {
        client_id: yrs::block::ClientID::new(client),
        offset_kind: OffsetKind::Utf16,
        ..Options::default()
    })
}

/// Three people, each with a document of their own.
struct People {
    users: Vec<UserId>,
    docs: Vec<Doc>,
}

impl People {
    fn new() -> Self {
        Self {
            users: (0..3).map(|_| UserId::new()).collect(),
            docs: (0..3).map(|n| doc(1_000 + n)).collect(),
        }
    }

    /// What one of them says next.
    fn say(&self, rng: &mut StdRng, who: usize) -> Vec<u8> {
        let doc = &self.docs[who];
        if rng.random_bool(0.2) {
            let known =
                StateVector::read(&yrs::updates::encoder::Encode::encode_v1(&doc.transact().state_vector()));
            return message::step_1(&known.unwrap());
        }
        if rng.random_bool(0.2) {
            let entry = Entry {
                client: 1_000 + who as u64,
                clock: rng.random_range(0..99),
                state: r#"{"cursor":1}"#,
            };
            return message::awareness(&awareness::encode([entry].into_iter()));
        }
        let shared = doc.get_or_insert_text("code");
        let length = shared.len(&doc.transact());
        let mut edit = doc.transact_mut();
        if length > 2 && rng.random_bool(0.3) {
            let at = rng.random_range(0..length - 1);
            shared.remove_range(&mut edit, at, rng.random_range(1..=(length - at).min(3)));
        } else {
            let piece = ["a", "let x = 1;\n", "é", "日本", "😀", "}\n"][rng.random_range(0..6)];
            shared.insert(&mut edit, rng.random_range(0..=length), piece);
        }
        message::update(&edit.encode_update_v1())
    }

    fn hear(&self, update: &[u8]) {
        for doc in &self.docs {
            doc.transact_mut().apply_update(yrs::Update::decode_v1(update).unwrap()).unwrap();
        }
    }
}

/// A document as a room holds it, and the text as somebody without a CRDT follows it.
struct Room {
    document: Document,
    followed: Vec<u16>,
}

impl Room {
    fn new() -> Self {
        let mut document = Document::new();
        document.guard();
        Self { document, followed: Vec::new() }
    }

    /// Hears a frame; answers what of it the others are told.
    fn hear(&mut self, user: UserId, frame: &Bytes) -> Option<Bytes> {
        match Message::read(frame).ok()? {
            Message::Step1(known) => {
                let answer = Bytes::from(self.document.diff(&known));
                Update::read(answer).expect("an answer is what it would take itself");
                None
            }
            Message::Awareness(entries) => {
                let read = awareness::read(&entries).expect("the reader has passed it");
                let again = awareness::encode(read.clone().into_iter());
                assert_eq!(awareness::read(&again).unwrap(), read);
                None
            }
            Message::Step2(update) | Message::Update(update) => {
                match self.document.take_traced(user, &update) {
                    Ok((Fit::New, splices)) => {
                        self.follow(&splices);
                        Some(update.bytes)
                    }
                    Ok((Fit::Known | Fit::Gap, _)) => None,
                    Err(Refusal::Broken(why)) => panic!("it broke the document: {why}: {update:?}"),
                    Err(_) => None,
                }
            }
            Message::Empty | Message::Auth | Message::QueryAwareness => None,
        }
    }

    fn follow(&mut self, splices: &[Splice]) {
        for splice in splices {
            let at = splice.at as usize;
            self.followed.splice(at..at + splice.delete as usize, splice.insert.encode_utf16());
        }
    }

    /// Edits for somebody without a CRDT, which is where a bent update that was taken has killed servers.
    fn edit(&mut self, rng: &mut StdRng) -> Option<Bytes> {
        let length = self.document.length();
        let from = rng.random_range(0..=length);
        let to = rng.random_range(from..=(from + 3).min(length));
        let (update, splices) =
            self.document.splice_traced(UserId::from_bytes([7; 16]), OURS, (from, to), "s😀").unwrap()?;
        self.follow(&splices);
        Some(update)
    }

    /// All that a room promises of its document.
    fn check(&self) {
        let text = self.document.text();
        let units: Vec<u16> = text.encode_utf16().collect();
        assert_eq!(self.followed, units, "who follows without a CRDT sees something else");
        let whole = Bytes::from(self.document.diff(&StateVector::default()));
        let late = doc(3);
        late.transact_mut().apply_update(yrs::Update::decode_v1(&whole).unwrap()).unwrap();
        let seen = late.get_or_insert_text("code").get_string(&late.transact());
        assert_eq!(seen, text, "a late joiner sees something else");
        // The room closes and opens again.
        let state =
            snapshot::decode(&snapshot::encode(&self.document, b"[]")).expect("it reads what it wrote");
        assert_eq!(state.document.text(), text);
        assert_eq!(state.document.state_vector(), self.document.state_vector());
        assert_eq!(order(&state.document), order(&self.document));
        assert!(state.document.knows(&Update::read(whole).unwrap()));
    }
}

/// Everything ever written, unit by unit, however it is cut into runs.
fn order(document: &Document) -> Vec<(u64, u32)> {
    document.runs().flat_map(|(id, length)| (0..length).map(move |n| (id.client, id.clock + n))).collect()
}

fn bend(rng: &mut StdRng, frame: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bent = frame.to_vec();
    for _ in 0..[1, 1, 1, 2, 3][rng.random_range(0..5)] {
        let at = rng.random_range(0..bent.len().max(1));
        match rng.random_range(0..9) {
            0 if at < bent.len() => bent[at] = bent[at].wrapping_add([1, 255][rng.random_range(0..2)]),
            7 | 8 if at < bent.len() => bent[at] ^= 1 << rng.random_range(0..8),
            1 if at < bent.len() => bent[at] = rng.random(),
            2 if at < bent.len() => drop(bent.remove(at)),
            3 => bent.insert(at.min(bent.len()), rng.random()),
            4 => bent.truncate(at),
            5 => {
                // A large number where a small one was.
                let large: &[u8] =
                    [&[0xff, 0xff, 0x7f][..], &[0xff, 0xff, 0xff, 0xff, 0x0f]][rng.random_range(0..2)];
                let end = (at + 1).min(bent.len());
                bent.splice(at.min(end)..end, large.iter().copied());
            }
            _ => {
                let from = rng.random_range(0..=other.len());
                bent.truncate(at);
                bent.extend(&other[from..]);
            }
        }
    }
    bent
}

/// The update in a frame of an honest one.
fn inner(frame: &[u8]) -> Option<Bytes> {
    match Message::read(&Bytes::copy_from_slice(frame)).ok()? {
        Message::Update(update) | Message::Step2(update) => Some(update.bytes),
        _ => None,
    }
}

/// Who writes on, told as a block for each letter: the library would join them with a copy of all before, 7 GiB for these.
fn letters_one_by_one() {
    const LETTERS: u64 = 100_000;
    let mut update = Vec::new();
    for number in [1, LETTERS, 5, 0] {
        write_number(&mut update, number);
    }
    update.extend(b"\x04\x01\x04code\x01x");
    for clock in 0..LETTERS - 1 {
        update.extend(b"\x84\x05");
        write_number(&mut update, clock);
        update.extend(b"\x01y");
    }
    update.push(0);
    let frame = Bytes::from(message::update(&update));
    let mut room = Room::new();
    let (told, bytes) = cost(|| room.hear(UserId::new(), &frame));
    assert!(told.is_some_and(|told| told.len() < LETTERS as usize + 32), "it is one block");
    assert!(bytes <= MOST, "{bytes} bytes");
}

#[test]
fn bent_frames_neither_harm_a_document_nor_cost_much() {
    let mut rng = seeded();
    letters_one_by_one();
    let corpus: Vec<Vec<u8>> = CORPUS.iter().map(|hex| bytes_of(hex)).collect();
    let (mut tried, mut taken, mut dearest) = (0, 0, 0);
    let stranger = UserId::new();
    while tried < cases(20_000) {
        let people = People::new();
        let mut room = Room::new();
        for attack in &corpus {
            assert_eq!(room.hear(stranger, &attack.clone().into()), None, "{attack:02x?}");
        }
        for _ in 0..rng.random_range(2..14) {
            let who = rng.random_range(0..people.docs.len());
            let said = people.say(&mut rng, who);
            for _ in 0..4 {
                tried += 1;
                let seeds =
                    if rng.random_bool(0.2) { &corpus[rng.random_range(0..corpus.len())] } else { &said };
                let other = &corpus[rng.random_range(0..corpus.len())];
                // Most within the frame, which stays one: else nearly all are cut off.
                let frame = match inner(seeds) {
                    Some(update) if rng.random_bool(0.8) => message::update(&bend(&mut rng, &update, other)),
                    _ => bend(&mut rng, seeds, other),
                };
                let frame = Bytes::from(frame);
                // The person themselves, or somebody else.
                let user = if rng.random_bool(0.5) { people.users[who] } else { stranger };
                let (told, bytes) = cost(|| room.hear(user, &frame));
                dearest = dearest.max(bytes);
                assert!(bytes <= MOST, "{bytes} bytes for {frame:02x?}");
                if let Some(update) = told {
                    taken += 1;
                    people.hear(&update);
                }
            }
            // It may clash with what a bent one claimed; then that person has what nobody else gets.
            if let Some(update) = room.hear(people.users[who], &said.into()) {
                people.hear(&update);
            }
            if rng.random_bool(0.2)
                && let Some(update) = room.edit(&mut rng)
            {
                people.hear(&update);
            }
        }
        room.check();
    }
    println!("{taken} of {tried} bent frames were taken; the dearest cost {dearest} bytes");
    assert!(taken > 0, "nothing that was bent came through, so nothing was tried");
}
