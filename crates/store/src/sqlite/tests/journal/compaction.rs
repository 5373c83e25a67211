//! Compaction: what a snapshot takes in becomes few small rows, step by step, and reads back as it was.

use std::path::Path;
use std::sync::Arc;

use codementor_core::id::{SessionId, UserId};
use codementor_core::journal::{Entry, Journal, Kind};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;

use super::log::killed;
use super::{beside, folder, open};
use crate::SqliteJournal;
use crate::contract::fixtures::noon;
use crate::contract::journal::fixtures::{add, edits, record, refused, snapshot};
use crate::contract::random::seed;
use crate::sqlite::format::{Format, JOURNAL};
use crate::sqlite::journal::{FULL_BYTES, ROW_BYTES, STEP_BYTES, STEP_ROWS, insert, length, put_alone};
use crate::sqlite::migrate::{Found, found, migrate};
use crate::sqlite::query;

/// Somebody types a letter, in Yjs's format; two take turns.
fn letter(seq: u64) -> Entry {
    let person = (seq / 50 % 2) as u8;
    let client = [0xc3 + person, 0xa8, 0xf1, 0x95, 0x0a];
    let clock = |seq: u64| [seq as u8 | 0x80, (seq >> 7) as u8 & 0x7f];
    let text = b"for i in range(n):\n    total += values[i]\n";
    let data = [
        &[1, 1][..],
        &client,
        &clock(seq),
        &[0x84],
        &client,
        &clock(seq - 1),
        &[1, text[seq as usize % text.len()], 0],
    ]
    .concat();
    let author = Some(UserId::from_bytes([person; 16]));
    Entry { seq, at: noon(seq.cast_signed() * 177), author, kind: Kind::Edit, data: data.into() }
}

fn letters(first: u64, last: u64) -> Vec<Entry> {
    (first..=last).map(letter).collect()
}

/// The keys and the data of a session's rows, when nothing is under way any more.
async fn rows(journal: &SqliteJournal, session: SessionId) -> Vec<(i64, Vec<u8>)> {
    let rows = journal.database.write(move |conn| {
        let sql = "SELECT last, data FROM batches WHERE session = ?1 ORDER BY last";
        query::all(conn, sql, [session.to_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
    });
    rows.await.unwrap()
}

fn bytes(rows: &[(i64, Vec<u8>)]) -> usize {
    rows.iter().map(|(_, data)| data.len()).sum()
}

/// How much is in compressed rows.
fn compressed(rows: &[(i64, Vec<u8>)]) -> usize {
    let packed = rows.iter().filter(|(_, data)| data[0] == 2);
    packed.map(|(_, data)| length(&data.clone().into()).unwrap()).sum()
}

/// Rows as they are without compaction, each with so many entries.
async fn write_rows(journal: &SqliteJournal, session: SessionId, entries: &[Entry], each: usize) {
    let entries = entries.to_vec();
    let write =
        move |conn: &Connection| entries.chunks(each).try_for_each(|entries| insert(conn, session, entries));
    journal.database.write(write).await.unwrap();
}

#[tokio::test]
async fn a_recording_becomes_a_fraction_and_reads_as_before() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let (session, plain) = (SessionId::new(), SessionId::new());
    for first in (1..=20_000).step_by(1_000) {
        for session in [session, plain] {
            add(&*journal, session, &letters(first, first + 999)).await;
        }
        journal.put_snapshot(session, snapshot(first + 999)).await.unwrap();
    }
    add(&*journal, session, &letters(20_001, 20_010)).await;
    journal.ping().await.unwrap();
    let (compact, plain) = (rows(&journal, session).await, rows(&journal, plain).await);
    assert!(bytes(&compact) * 3 < bytes(&plain), "{} of {}", bytes(&compact), bytes(&plain));
    assert!(compact.len() < 10, "{}", compact.len());
    // What comes after the snapshot is as it was added.
    assert_eq!(compact.last().map(|(last, data)| (*last, data[0])), Some((20_010, 1)));
    let shared = journal.clone() as Arc<dyn Journal>;
    assert_eq!(record(&shared, session).await, letters(1, 20_010));
    assert_eq!(journal.load(session).await.unwrap().tail, letters(20_001, 20_010));
    for after in [0, 1, 999, 1_000, 1_001, 7_777, 19_999, 20_005] {
        assert_eq!(journal.read(session, after, 3).await.unwrap(), letters(after + 1, after + 3));
    }
    journal.append(session, letters(19_900, 20_010)).await.unwrap();
    assert_eq!(record(&(beside(&path) as Arc<dyn Journal>), session).await, letters(1, 20_010));
}

#[tokio::test]
async fn a_small_compressed_row_grows_and_a_full_one_is_left_alone() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    let mut full = Vec::new();
    for first in (1..=12_000).step_by(500) {
        add(&*journal, session, &letters(first, first + 499)).await;
        journal.put_snapshot(session, snapshot(first + 499)).await.unwrap();
        let rows = rows(&journal, session).await;
        assert!(rows.iter().all(|(_, data)| data[0] == 2));
        assert!(rows.starts_with(&full));
        let is_full = |data: &Vec<u8>| length(&data.clone().into()).unwrap() + 1 >= FULL_BYTES;
        assert!(rows.iter().rev().skip(1).all(|(_, data)| is_full(data)));
        full = rows.into_iter().take_while(|(_, data)| is_full(data)).collect();
        // Nothing came after it.
        journal.put_snapshot(session, snapshot(first + 499)).await.unwrap();
        assert!(self::rows(&journal, session).await.starts_with(&full));
    }
    assert!(full.len() > 2, "{}", full.len());
}

/// However few bytes it takes, it is not written again with each entry that comes.
#[tokio::test]
async fn nothing_joins_a_compressed_row() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    add(&*journal, session, &letters(1, 100)).await;
    journal.put_snapshot(session, snapshot(100)).await.unwrap();
    let compressed = rows(&journal, session).await;
    assert!(compressed.len() == 1 && bytes(&compressed) < 2_000);
    for seq in 101..=110 {
        journal.append(session, letters(seq, seq)).await.unwrap();
        journal.ping().await.unwrap();
        let rows = rows(&journal, session).await;
        assert!(rows.starts_with(&compressed) && rows.len() == 2);
    }
    journal.put_snapshot(session, snapshot(110)).await.unwrap();
    assert_eq!(rows(&journal, session).await.len(), 1);
}

/// Only whole rows are taken, and a snapshot of nothing takes none.
#[tokio::test]
async fn what_no_snapshot_takes_in_stays() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    write_rows(&journal, session, &letters(1, 900), 300).await;
    let before = rows(&journal, session).await;
    for (seq, whole) in [(0, 0), (299, 0), (300, 1), (599, 1), (899, 2), (900, 3)] {
        journal.put_snapshot(session, snapshot(seq)).await.unwrap();
        let rows = rows(&journal, session).await;
        let plain = rows.iter().filter(|(_, data)| data[0] == 1).count();
        assert_eq!((plain, rows.len() - plain), (3 - whole, whole.min(1)), "{seq}");
        assert!(rows.ends_with(&before[whole..]));
    }
}

/// An old recording is brought over in steps, whose bounds are on bytes and on rows.
#[tokio::test]
async fn an_old_recording_is_brought_over_in_bounded_steps() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let (large, many) = (SessionId::new(), SessionId::new());
    let entries = letters(1, 300_000);
    write_rows(&journal, large, &entries, entries.len()).await;
    write_rows(&journal, many, &entries[..5_000], 1).await;

    let all = bytes(&rows(&journal, large).await);
    assert!(all > 3 * STEP_BYTES, "{all}");
    let (mut done, mut steps) = (0, 0);
    while rows(&journal, large).await.iter().any(|(_, data)| data[0] == 1) {
        journal.put_snapshot(large, snapshot(300_000)).await.unwrap();
        let now = compressed(&rows(&journal, large).await);
        assert!(now > done && now - done <= STEP_BYTES + 2 * ROW_BYTES, "{now} after {done}");
        (done, steps) = (now, steps + 1);
    }
    assert!(steps > 3, "{steps}");

    for left in [5_000 - STEP_ROWS as usize, 5_001 - 2 * STEP_ROWS as usize, 0] {
        journal.put_snapshot(many, snapshot(5_000)).await.unwrap();
        let plain = rows(&journal, many).await.iter().filter(|(_, data)| data[0] == 1).count();
        assert_eq!(plain, left);
    }
    let journal = journal as Arc<dyn Journal>;
    assert_eq!(record(&journal, large).await, entries);
    assert_eq!(record(&journal, many).await, entries[..5_000]);
}

/// The end of the process between a snapshot and the compaction leaves both for the next.
#[tokio::test]
async fn a_kill_before_compaction_loses_nothing() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    write_rows(&journal, session, &letters(1, 2_000), 100).await;
    journal.database.write(move |conn| put_alone(conn, session, &snapshot(2_000))).await.unwrap();
    let (_copy, path) = killed(&path);
    let journal = open(&path);
    let shared = journal.clone() as Arc<dyn Journal>;
    assert_eq!(rows(&journal, session).await.len(), 20);
    assert_eq!(record(&shared, session).await, letters(1, 2_000));
    journal.put_snapshot(session, snapshot(2_000)).await.unwrap();
    assert_eq!(rows(&journal, session).await.len(), 1);
    assert_eq!(record(&shared, session).await, letters(1, 2_000));
}

#[tokio::test]
async fn every_byte_of_a_compressed_row_is_guarded() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    add(&*journal, session, &edits(1, 30)).await;
    journal.put_snapshot(session, snapshot(30)).await.unwrap();
    let [(last, sound)] = &rows(&journal, session).await[..] else { panic!("it is one row") };
    assert!(sound[0] == 2 && sound.len() < 500);
    let other = Connection::open(&path).unwrap();
    let set = |data: &[u8]| {
        let sql = "UPDATE batches SET data = ?3 WHERE session = ?1 AND last = ?2";
        assert_eq!(other.execute(sql, rusqlite::params![session.to_bytes(), last, data]).unwrap(), 1);
    };
    for place in 0..sound.len() {
        for bit in 0..8 {
            let mut damaged = sound.clone();
            damaged[place] ^= 1 << bit;
            set(&damaged);
            refused(journal.read(session, 0, 100).await);
        }
    }
    set(sound);
    assert_eq!(journal.read(session, 0, 100).await.unwrap(), edits(1, 30));
}

/// Whoever compacts must not hide a gap, nor make a damaged row look sound.
#[tokio::test]
async fn damage_is_left_as_it_is() {
    for sql in [
        "DELETE FROM batches WHERE session = ?1 AND last = 300",
        "UPDATE batches SET data = CAST(data || x'00' AS BLOB) WHERE session = ?1 AND last = 300",
        "UPDATE batches SET sum = sum + 1 WHERE session = ?1 AND last = 300",
    ] {
        let (_folder, path) = folder();
        let journal = open(&path);
        let session = SessionId::new();
        write_rows(&journal, session, &letters(1, 600), 100).await;
        let other = Connection::open(&path).unwrap();
        assert_eq!(other.execute(sql, [session.to_bytes()]).unwrap(), 1);
        let damaged = rows(&journal, session).await;
        journal.put_snapshot(session, snapshot(600)).await.unwrap();
        assert!(rows(&journal, session).await == damaged, "{sql}");
        assert_eq!(journal.load(session).await.unwrap().snapshot, Some(snapshot(600)));
        refused(journal.read(session, 0, 1_000).await);
        assert_eq!(journal.read(session, 300, 1_000).await.unwrap(), letters(301, 600));
    }
}

/// A removed record's successor is compacted from its beginning on.
#[tokio::test]
async fn a_record_after_a_removed_one_is_compacted() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = SessionId::new();
    for last in [4_000, 2_000] {
        write_rows(&journal, session, &letters(1, last), 500).await;
        journal.put_snapshot(session, snapshot(last)).await.unwrap();
        assert!(rows(&journal, session).await.iter().all(|(_, data)| data[0] == 2));
        journal.remove(session).await.unwrap();
    }
    let packed = journal
        .database
        .read(|conn| query::one(conn, "SELECT count(*) FROM packed", [], query::first::<i64>));
    assert_eq!(packed.await.unwrap(), Some(0));
}

/// The schema before there were compressed rows.
fn older() -> Format {
    Format { migrations: &JOURNAL.migrations[..3], ..JOURNAL }
}

#[tokio::test]
async fn an_older_file_goes_on_and_an_older_program_refuses_a_newer_file() {
    let (_folder, path) = folder();
    let session = SessionId::new();
    let mut conn = Connection::open(&path).unwrap();
    migrate(&mut conn, older()).unwrap();
    insert(&conn, session, &letters(1, 3_000)).unwrap();
    drop(conn);
    let journal = open(&path);
    journal.append(session, letters(3_001, 3_002)).await.unwrap();
    journal.put_snapshot(session, snapshot(3_001)).await.unwrap();
    assert_eq!(record(&(journal.clone() as Arc<dyn Journal>), session).await, letters(1, 3_002));
    assert!(rows(&journal, session).await[0].1[0] == 2);
    journal.close().await;
    assert_eq!(found(&Connection::open(&path).unwrap(), older()).unwrap(), Found::Newer(JOURNAL.newest()));
}

/// Records of thousands of entries, of all sizes and as compressible as code or not at all.
#[tokio::test]
async fn random_records_read_back_the_same_over_compaction_and_restarts() {
    let mut random = StdRng::seed_from_u64(seed());
    let (first, path) = folder();
    let (mut keep, mut path) = (vec![first], path);
    let mut journal = open(&path);
    let mut model = Model { id: SessionId::new(), record: Vec::new(), kept: 0, trimmed: 0 };
    for _ in 0..250 {
        match random.random_range(0..100) {
            0..50 => model.append(&journal, &mut random).await,
            50..80 => model.put_snapshot(&journal, &mut random).await,
            80..86 => model.trim(&journal, &mut random).await,
            86..88 => model.remove(&journal).await,
            88..94 => {
                journal.close().await;
                drop(journal);
                journal = open(&path);
            }
            94..96 => {
                let (folder, copy) = killed(&path);
                keep.push(folder);
                drop(journal);
                path = copy;
                journal = open(&path);
            }
            _ => model.check(&(journal.clone() as Arc<dyn Journal>), &path).await,
        }
    }
    model.check(&(journal as Arc<dyn Journal>), &path).await;
}

/// What a record should be.
struct Model {
    id: SessionId,
    /// Also what was trimmed.
    record: Vec<Entry>,
    kept: u64,
    trimmed: u64,
}

impl Model {
    fn end(&self) -> u64 {
        self.record.len() as u64
    }

    async fn append(&mut self, journal: &SqliteJournal, random: &mut StdRng) {
        let count = *[1, 30, 400, 3_000].get(random.random_range(0..4)).unwrap();
        let most = *[2, 40, 40, 400].get(random.random_range(0..4)).unwrap();
        let kinds = [1, 4, 256][random.random_range(0..3)];
        let mut added = Vec::new();
        for seq in self.end() + 1..=self.end() + random.random_range(1..=count) {
            let size = match random.random_range(0..4_000) {
                0 => random.random_range(0..600_000),
                _ => random.random_range(0..most),
            };
            let data: Vec<u8> = (0..size).map(|_| random.random_range(0..kinds) as u8).collect();
            added.push(Entry { data: data.into(), ..letter(seq) });
        }
        add(journal, self.id, &added).await;
        self.record.extend(added);
    }

    async fn put_snapshot(&mut self, journal: &SqliteJournal, random: &mut StdRng) {
        let seq = if random.random() { self.end() } else { random.random_range(0..=self.end()) };
        journal.put_snapshot(self.id, snapshot(seq)).await.unwrap();
        self.kept = self.kept.max(seq);
    }

    async fn trim(&mut self, journal: &SqliteJournal, random: &mut StdRng) {
        let upto = random.random_range(0..=self.kept);
        journal.trim(self.id, upto).await.unwrap();
        self.trimmed = self.trimmed.max(upto);
    }

    async fn remove(&mut self, journal: &SqliteJournal) {
        journal.remove(self.id).await.unwrap();
        *self = Self { id: self.id, record: Vec::new(), kept: 0, trimmed: 0 };
    }

    /// Also to who reads beside the owner.
    async fn check(&self, journal: &Arc<dyn Journal>, path: &Path) {
        let left = &self.record[self.trimmed as usize..];
        let tail = journal.load(self.id).await.unwrap().tail;
        assert!(tail == self.record[self.kept as usize..]);
        for journal in [journal, &(beside(path) as Arc<dyn Journal>)] {
            assert!(record(journal, self.id).await == left);
        }
    }
}
