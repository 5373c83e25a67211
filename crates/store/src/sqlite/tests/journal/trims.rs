//! What is trimmed is out of the file's rows, and not only out of sight.

use std::sync::Arc;

use codementor_core::journal::Journal;

use super::{folder, open};
use crate::contract::journal::fixtures::{edits, record, session, snapshot};
use crate::sqlite::journal::Entries;
use crate::sqlite::query;

#[tokio::test]
async fn rows_hold_nothing_that_was_forgotten() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let shared = journal.clone() as Arc<dyn Journal>;
    let session = session(&shared, 15).await;
    journal.put_snapshot(session, snapshot(15)).await.unwrap();
    for upto in [1, 4, 5, 8, 12, 15] {
        journal.trim(session, upto).await.unwrap();
        let rows = journal.database.read(|conn| {
            let sql = "SELECT last, data FROM batches ORDER BY last";
            query::all(conn, sql, [], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))
        });
        let entries = |(last, data): (i64, Vec<u8>)| Entries::of(last, data.into()).unwrap();
        let held: Vec<_> = rows.await.unwrap().into_iter().flat_map(entries).map(Result::unwrap).collect();
        assert_eq!(held, edits(upto + 1, 15));
    }
    assert_eq!(record(&shared, session).await, []);
}

#[tokio::test]
async fn a_trimmed_record_ends_where_it_ended_after_a_restart() {
    let (_folder, path) = folder();
    let journal = open(&path);
    let session = session(&(journal.clone() as Arc<dyn Journal>), 7).await;
    journal.put_snapshot(session, snapshot(7)).await.unwrap();
    journal.trim(session, 7).await.unwrap();
    journal.close().await;
    drop(journal);
    let journal = open(&path);
    assert_eq!(journal.load(session).await.unwrap().snapshot, Some(snapshot(7)));
    journal.append(session, edits(8, 9)).await.unwrap();
    assert_eq!(journal.read(session, 0, 9).await.unwrap(), edits(8, 9));
}
