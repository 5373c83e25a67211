//! What a process that was killed left in the log, in every state that it can be left in. The states are made from real files: a
//! folder is copied while the journal is open, which is what `kill -9` leaves.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codementor_core::id::SessionId;
use codementor_core::journal::{Entry, Journal};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{beside, folder, open};
use crate::contract::journal::fixtures::{
    conflict, edit, edit_of, edits, is, record, refused as refused_call, snapshot,
};
use crate::sqlite::query;

use crate::{OpenError, Options, SqliteJournal};

/// What a kill would leave now, with a place for a journal in it.
pub(super) fn killed(path: &Path) -> (TempDir, PathBuf) {
    let (folder, copy) = folder();
    copy_all(path.parent().unwrap(), folder.path());
    (folder, copy)
}

/// The same when the tables have nothing of the log yet.
async fn killed_early(path: &Path) -> (TempDir, PathBuf) {
    let (folder, copy) = folder();
    open(&copy).close().await;
    let log = segments(path)[0].parent().unwrap().to_owned();
    let to = folder.path().join(log.file_name().unwrap());
    fs::create_dir(&to).unwrap();
    copy_all(&log, &to);
    (folder, copy)
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&to).unwrap();
            copy_all(&entry.path(), &to);
        } else if entry.path().extension().is_none_or(|extension| extension != "lock") {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The segments of the log, oldest first.
fn segments(path: &Path) -> Vec<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push("-log");
    let mut segments: Vec<_> = fs::read_dir(name).unwrap().map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    segments
}

#[tokio::test]
async fn what_was_removed_does_not_stay_in_the_log() {
    let (_folder, path) = folder();
    let options = Options { segment_age: Duration::ZERO, ..Options::default() };
    let journal = Arc::new(SqliteJournal::open(&path, &options).unwrap());
    let session = SessionId::new();
    journal.append(session, edits(1, 3)).await.unwrap();
    journal.remove(session).await.unwrap();
    // Nobody writes any more, and the log is changed for an empty one by itself.
    journal.until_segment(2).await;
    let left: u64 = segments(&path).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(left < 100, "{left} bytes are left");
    journal.close().await;
}

/// Opens what a kill left, which must be this record.
pub(super) async fn holds(path: &Path, session: SessionId, entries: &[Entry]) {
    let journal = open(path) as Arc<dyn Journal>;
    assert_eq!(record(&journal, session).await, entries);
    journal.close().await;
}

fn refused(path: &Path) -> OpenError {
    let before = contents(path);
    let error = SqliteJournal::open(path, &Options::default()).unwrap_err();
    assert_eq!(contents(path), before, "{error}");
    error
}

/// The journal's file and its log.
fn contents(path: &Path) -> Vec<Vec<u8>> {
    let files = [path.to_owned()].into_iter().chain(segments(path));
    files.map(|path| fs::read(path).unwrap()).collect()
}

/// A journal whose sessions were written to in turns, nothing of which came into the tables on its own yet.
async fn two() -> (TempDir, PathBuf, Arc<SqliteJournal>, [SessionId; 2]) {
    let (folder, path) = folder();
    let journal = open(&path);
    let sessions = [SessionId::new(), SessionId::new()];
    for seq in 1..=20 {
        for session in sessions {
            journal.append(session, vec![edit(seq)]).await.unwrap();
        }
    }
    (folder, path, journal, sessions)
}

#[tokio::test]
async fn sessions_that_took_turns_are_there_after_a_kill_and_a_repeat_is_one() {
    let (_folder, path, journal, sessions) = two().await;
    let (_copy, copy) = killed(&path);
    for _ in 0..2 {
        let again = open(&copy);
        for session in sessions {
            again.append(session, edits(17, 20)).await.unwrap();
            conflict(again.append(session, edits(20, 21)).await, 20);
            is(&(again.clone() as Arc<dyn Journal>), session, &edits(1, 20)).await;
        }
        again.close().await;
    }
    is(&(journal as Arc<dyn Journal>), sessions[0], &edits(1, 20)).await;
}

#[tokio::test]
async fn many_appends_are_few_rows() {
    let (_folder, _path, journal, sessions) = two().await;
    for round in 0..5 {
        for seq in round * 4 + 21..round * 4 + 25 {
            journal.append(sessions[0], vec![edit(seq)]).await.unwrap();
        }
        journal.ping().await.unwrap();
    }
    let rows = journal.database.read(|conn| {
        query::all(conn, "SELECT count(*) FROM batches GROUP BY session", [], query::first::<i64>)
    });
    assert_eq!(rows.await.unwrap(), [1, 1]);
    is(&(journal as Arc<dyn Journal>), sessions[0], &edits(1, 40)).await;
}

/// Whatever of the last append was written, the appends before it are there, and it is there whole or not at all.
#[tokio::test]
async fn an_end_that_is_torn_at_any_byte_is_cut() {
    let (_folder, path, journal, [session, _]) = two().await;
    let end_of = |segment: &Path| frames(&fs::read(segment).unwrap()).end as u64;
    let before = end_of(&segments(&path)[0]);
    journal.append(session, edits(21, 22)).await.unwrap();
    let (_all, all) = killed(&path);
    let after = end_of(&segments(&all)[0]);
    assert!(after > before + 50);
    let (_early, early) = killed_early(&all).await;
    for end in before..=after {
        let (_cut, cut) = killed(&early);
        let log = fs::OpenOptions::new().write(true).open(&segments(&cut)[0]).unwrap();
        log.set_len(end).unwrap();
        // A machine that ends may leave zeros in place of what was not on the disk.
        if end % 2 == 0 {
            log.set_len(after + 4096).unwrap();
        }
        drop(log);
        let last = if end == after { 22 } else { 20 };
        holds(&cut, session, &edits(1, last)).await;
    }
}

#[tokio::test]
async fn a_segment_whose_making_was_interrupted_is_nothing() {
    let (_folder, path, _journal, [session, _]) = two().await;
    for content in [&b""[..], b"CoMjL", &[0; 4096]] {
        let (_copy, copy) = killed_early(&path).await;
        fs::write(segments(&copy)[0].with_file_name("00000002.seg"), content).unwrap();
        holds(&copy, session, &edits(1, 20)).await;
    }
}

/// What was on the disk once and is not as it was there is damage, and nobody builds upon it.
#[tokio::test]
async fn damage_before_the_end_is_refused_and_left_as_it_is() {
    let (_folder, path, journal, [session, _]) = two().await;
    // The log is on the disk before this frame, which says so.
    journal.until_synced().await;
    journal.append(session, edits(21, 21)).await.unwrap();
    let (_copy, copy) = killed_early(&path).await;
    let log = segments(&copy)[0].clone();
    let sound = fs::read(&log).unwrap();
    let end = frames(&sound).end;
    for place in [0, 9, 20, 27, 28, 33, 40, 60, end / 2, end - 300] {
        let mut bent = sound.clone();
        bent[place] ^= 4;
        fs::write(&log, bent).unwrap();
        assert!(matches!(refused(&copy), OpenError::Corrupt { .. }), "{place}");
        assert!(SqliteJournal::check(&copy, &Options::default()).is_err(), "{place}");
    }
    fs::write(&log, &sound).unwrap();
    holds(&copy, session, &edits(1, 21)).await;
}

/// A log that belongs to another file, or one of which the beginning is gone.
#[tokio::test]
async fn a_log_that_does_not_fit_is_refused() {
    let (_folder, path, journal, [session, _]) = two().await;
    journal.ping().await.unwrap();
    journal.append(session, edits(21, 21)).await.unwrap();
    let (_late, late) = killed(&path);
    // The segment without its first frames, as if an older one were missing.
    let log = segments(&late)[0].clone();
    let bytes = fs::read(&log).unwrap();
    let first = 8 + u32::from_le_bytes(bytes[28..32].try_into().unwrap()) as usize;
    let (_cut, cut) = killed_early(&path).await;
    fs::write(&segments(&cut)[0], [&bytes[..28], &bytes[28 + first..]].concat()).unwrap();
    assert!(matches!(refused(&cut), OpenError::Corrupt { .. }));
    // Where the tables have these frames, nobody misses them.
    fs::write(&log, [&bytes[..28], &bytes[28 + first..]].concat()).unwrap();
    holds(&late, session, &edits(1, 21)).await;
}

/// Killed after the tables took the log and before it was deleted, or in the middle of that: nothing comes twice.
#[tokio::test]
async fn what_is_in_the_tables_and_the_log_is_there_once() {
    let (_folder, path, journal, sessions) = two().await;
    let (_before, before) = killed(&path);
    journal.ping().await.unwrap();
    journal.append(sessions[1], edits(21, 25)).await.unwrap();
    let (_after, after) = killed(&path);
    for session in sessions {
        let last = if session == sessions[1] { 25 } else { 20 };
        let (_copy, copy) = killed(&after);
        holds(&copy, session, &edits(1, last)).await;
        holds(&before, session, &edits(1, 20)).await;
    }
}

/// A removed record does not come back with the log, and one that began again is the new one.
#[tokio::test]
async fn what_was_removed_or_trimmed_does_not_come_back() {
    let (_folder, path, journal, [gone, again]) = two().await;
    let trimmed = SessionId::new();
    journal.append(trimmed, edits(1, 30)).await.unwrap();
    journal.put_snapshot(trimmed, snapshot(25)).await.unwrap();
    journal.trim(trimmed, 17).await.unwrap();
    journal.append(trimmed, edits(31, 33)).await.unwrap();
    journal.remove(gone).await.unwrap();
    journal.remove(again).await.unwrap();
    let (_bare, bare) = killed(&path);
    let other: Vec<_> = (1..=3).map(|seq| edit_of(seq, 7)).collect();
    journal.append(again, other.clone()).await.unwrap();
    let (_copy, copy) = killed(&path);
    for (path, begun) in [(bare, &[][..]), (copy, &other[..])] {
        let read = beside(&path) as Arc<dyn Journal>;
        assert_eq!(record(&read, again).await, begun);
        assert_eq!(record(&read, trimmed).await, edits(18, 33));
        read.close().await;
        holds(&path, gone, &[]).await;
        holds(&path, again, begun).await;
        holds(&path, trimmed, &edits(18, 33)).await;
    }
}

#[tokio::test]
async fn a_full_segment_is_followed_by_another_and_deleted() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let (session, held) = (SessionId::new(), SessionId::new());
    let begun = Connection::open(&path).unwrap();
    // Nobody else writes to the tables meanwhile, so nothing is deleted.
    begun.execute_batch("BEGIN IMMEDIATE").unwrap();
    let large = |seq| edit_of(seq, 1_000_000);
    for seq in 1..=17 {
        journal.append(session, vec![large(seq)]).await.unwrap();
    }
    begun.execute_batch("ROLLBACK").unwrap();
    journal.ping().await.unwrap();
    journal.until_segment(2).await;
    journal.append(held, edits(1, 3)).await.unwrap();
    assert_eq!(segments(&path).len(), 1, "the first is in the tables and deleted");
    journal.append(session, vec![large(18)]).await.unwrap();
    let (_copy, copy) = killed(&path);
    holds(&copy, held, &edits(1, 3)).await;
    holds(&copy, session, &(1..=18).map(large).collect::<Vec<_>>()).await;
}

/// The same log cut into two segments where the first ends early, as only damage can.
#[tokio::test]
async fn a_torn_end_that_frames_follow_is_damage() {
    let (_folder, path, journal, [session, _]) = two().await;
    journal.append(session, edits(21, 21)).await.unwrap();
    let (_copy, copy) = killed_early(&path).await;
    let first = segments(&copy)[0].clone();
    let second = first.with_file_name("00000002.seg");
    let mut bytes = fs::read(&first).unwrap();
    let Range { start: last, end } = frames(&bytes);
    assert!(bytes[end..].iter().all(|byte| *byte == 0), "room for frames to come");
    bytes.truncate(end);
    // A header of its own: the same salt under the next number.
    let mut header = bytes[..24].to_vec();
    header[8] = 2;
    header.extend(crc32fast::hash(&header).to_le_bytes());
    fs::write(&second, [&header[..], &bytes[last..]].concat()).unwrap();
    for zeros in [0, 1, 5000] {
        fs::write(&first, [&bytes[..last], &vec![0; zeros]].concat()).unwrap();
        let (_whole, whole) = killed_early(&copy).await;
        holds(&whole, session, &edits(1, 21)).await;
    }
    for end in [&bytes[..last - 1], &[&bytes[..last], &[1]].concat()] {
        fs::write(&first, end).unwrap();
        assert!(matches!(refused(&copy), OpenError::Corrupt { .. }));
    }
    fs::remove_file(&first).unwrap();
    assert!(matches!(refused(&copy), OpenError::Corrupt { .. }));
}

/// The last frame of a segment. Zeros may follow.
fn frames(segment: &[u8]) -> Range<usize> {
    let (mut last, mut place) = (28, 28);
    while let Some(length) = segment.get(place..place + 4) {
        match u32::from_le_bytes(length.try_into().unwrap()) as usize {
            0 => break,
            length => (last, place) = (place, place + 8 + length),
        }
    }
    last..place
}

/// Whoever reads beside the owner sees all that was added, and changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_beside_sees_all_and_changes_nothing() {
    let (_folder, path, journal, [session, other]) = two().await;
    let read = beside(&path) as Arc<dyn Journal>;
    for round in 0..200 {
        let end = 21 + round;
        journal.append(session, vec![edit(end)]).await.unwrap();
        if round % 40 == 17 {
            journal.put_snapshot(other, snapshot(20)).await.unwrap();
            journal.ping().await.unwrap();
        }
        assert_eq!(record(&read, session).await, edits(1, end));
        assert_eq!(read.read(session, end - 1, 5).await.unwrap(), edits(end, end));
    }
    assert_eq!(read.load(other).await.unwrap().snapshot, Some(snapshot(20)));
    assert!(read.append(session, edits(221, 221)).await.is_err());
    refused_call(read.put_snapshot(session, snapshot(3)).await);
    refused_call(read.trim(session, 0).await);
    refused_call(read.remove(session).await);
    refused_call(read.ping().await);
    read.close().await;
    drop(journal);
}

/// After a kill nobody owns the journal; what the log has is read all the same, and stays.
#[tokio::test]
async fn what_a_kill_left_is_read_without_being_recovered() {
    let (_folder, path, _journal, [session, _]) = two().await;
    let (_copy, copy) = killed_early(&path).await;
    let before = contents(&copy);
    for _ in 0..2 {
        let read = beside(&copy) as Arc<dyn Journal>;
        assert_eq!(record(&read, session).await, edits(1, 20));
        read.close().await;
    }
    assert_eq!(
        SqliteJournal::migrate(&copy, &Options::default()).unwrap().to,
        SqliteJournal::newest_schema()
    );
    SqliteJournal::check(&copy, &Options::default()).unwrap();
    assert_eq!(contents(&copy), before);
    holds(&copy, session, &edits(1, 20)).await;
}
