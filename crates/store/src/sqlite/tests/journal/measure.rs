//! How fast a journal is, with a row a batch as it has and with a row an entry as it might have:
//! `cargo test --release -p codementor-store -- --ignored --nocapture --exact sqlite::tests::journal::measure::appends`

use std::sync::Arc;
use std::time::{Duration, Instant};

use codementor_core::id::{SessionId, UserId};
use codementor_core::journal::{Entry, Journal};
use codementor_core::ports::StoreResult;
use rusqlite::{Connection, params};

use super::{folder, open};
use crate::SqliteJournal;
use crate::contract::fixtures::{noon, race};
use crate::contract::journal::fixtures::edits;
use crate::sqlite::fault::DbResult;
use crate::sqlite::query;

const SESSIONS: usize = 50;
const LASTING: Duration = Duration::from_secs(4);

/// What a journal of a row an entry would have.
const SCHEMA: &str = "CREATE TABLE entries (
        session BLOB NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, author BLOB, kind INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (session, seq)
    ) STRICT, WITHOUT ROWID";
const END: &str = "SELECT seq FROM entries WHERE session = ?1 ORDER BY seq DESC LIMIT 1";
const INSERT: &str =
    "INSERT INTO entries (session, seq, at, author, kind, data) VALUES (?1, ?2, ?3, ?4, 0, ?5)";

#[derive(Debug, Clone, Copy)]
enum Rows {
    Batch,
    Entry,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn appends() {
    for rows in [Rows::Batch, Rows::Entry, Rows::Batch, Rows::Entry] {
        for size in [1, 20] {
            measure(rows, size).await;
        }
    }
}

async fn measure(rows: Rows, size: u64) {
    let (_folder, path) = folder();
    let journal = open(&path);
    journal.database.write(|conn| query::change(conn, SCHEMA, [])).await.unwrap();
    let begun = Instant::now();
    let times = race(SESSIONS, |_| append_for_a_while(Arc::clone(&journal), rows, size)).await;
    let seconds = begun.elapsed().as_secs_f64();
    let mut times: Vec<_> = times.into_iter().flatten().collect();
    times.sort_unstable();
    let entries = times.len() as u64 * size;
    journal.close().await;
    let bytes = std::fs::metadata(&path).unwrap().len();
    println!(
        "a row {rows:?}, batches of {size}: {:.0} appends/s, {:.0} entries/s, p50 {:?}, p99 {:?}, {} bytes an entry",
        times.len() as f64 / seconds,
        entries as f64 / seconds,
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        bytes / entries,
    );
}

async fn append_for_a_while(journal: Arc<SqliteJournal>, rows: Rows, size: u64) -> Vec<Duration> {
    let (session, author) = (SessionId::new(), Some(UserId::new()));
    let mut times = Vec::new();
    let mut end = 0;
    let begun = Instant::now();
    while begun.elapsed() < LASTING {
        let batch = edits(end + 1, end + size).into_iter();
        let batch: Vec<_> =
            batch.map(|entry| Entry { author, at: noon(entry.seq.cast_signed()), ..entry }).collect();
        let asked = Instant::now();
        match rows {
            Rows::Batch => journal.append(session, batch).await.unwrap(),
            Rows::Entry => append_rows(&journal, session, batch).await.unwrap(),
        }
        times.push(asked.elapsed());
        end += size;
    }
    times
}

async fn append_rows(journal: &SqliteJournal, session: SessionId, batch: Vec<Entry>) -> StoreResult<()> {
    journal.database.write(move |conn| insert_rows(conn, session, &batch)).await
}

fn insert_rows(conn: &Connection, session: SessionId, batch: &[Entry]) -> DbResult<()> {
    let end: Option<i64> = query::one(conn, END, [session.to_bytes()], query::first)?;
    assert_eq!(end.unwrap_or(0) + 1, batch[0].seq.cast_signed());
    for entry in batch {
        let author = entry.author.map(UserId::to_bytes);
        let data: &[u8] = &entry.data;
        query::change(
            conn,
            INSERT,
            params![session.to_bytes(), entry.seq.cast_signed(), entry.at.as_ms(), author, data],
        )?;
    }
    Ok(())
}
