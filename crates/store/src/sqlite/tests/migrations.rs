//! The schema's versions.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::super::format::{Format, JOURNAL, Migration, STORE};
use super::super::migrate::{Migrated, NotMigrated, migrate};
use super::{folder, used};
use crate::{Options, SqliteStore};

#[test]
fn the_lists_are_the_folders() {
    for (folder, format) in [("sqlite", STORE), ("journal", JOURNAL)] {
        is_listed(folder, format);
    }
}

fn is_listed(folder: &str, format: Format) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let listed: Vec<_> = format.migrations.iter().map(|migration| migration.file).collect();
    assert_eq!(listed, files);
    for (number, file) in (1..).zip(listed) {
        assert!(file.starts_with(&format!("{number:04}_")), "{file}");
    }
}

#[test]
fn migrating_is_done_once() {
    let (_folder, path) = folder();
    let options = Options::default();
    let migrated = SqliteStore::migrate(&path, &options).unwrap();
    assert_eq!(migrated, Migrated { from: 0, to: STORE.newest() });
    let again = SqliteStore::migrate(&path, &options).unwrap();
    assert_eq!(again, Migrated { from: STORE.newest(), to: STORE.newest() });
}

fn with_next(sql: &'static str) -> Format {
    let known =
        STORE.migrations.iter().map(|migration| Migration { file: migration.file, sql: migration.sql });
    let migrations: Vec<_> = known.chain([Migration { file: "next.sql", sql }]).collect();
    Format { migrations: migrations.leak(), ..STORE }
}

fn version(conn: &Connection) -> u32 {
    conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn submissions(conn: &Connection) -> u32 {
    conn.query_row("SELECT count(*) FROM submissions", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_step_keeps_the_data() {
    let (_folder, path) = folder();
    used(&path).await;
    let mut conn = Connection::open(&path).unwrap();
    let migrated = migrate(&mut conn, with_next("ALTER TABLE users ADD COLUMN motto TEXT;")).unwrap();
    assert_eq!(migrated, Migrated { from: STORE.newest(), to: STORE.newest() + 1 });
    assert_eq!((version(&conn), submissions(&conn)), (STORE.newest() + 1, 20));
}

#[tokio::test]
async fn a_failed_step_leaves_the_old_schema() {
    let (_folder, path) = folder();
    used(&path).await;
    let mut conn = Connection::open(&path).unwrap();
    for sql in [
        "DELETE FROM submissions; SELECT nonsense;",
        // Leaves submissions without a user.
        "PRAGMA foreign_keys = OFF; DELETE FROM users;",
    ] {
        conn.pragma_update(None, "foreign_keys", false).unwrap();
        let outcome = migrate(&mut conn, with_next(sql));
        assert!(matches!(outcome, Err(NotMigrated::Failed(_))), "{outcome:?}");
        assert_eq!((version(&conn), submissions(&conn)), (STORE.newest(), 20));
    }
}
