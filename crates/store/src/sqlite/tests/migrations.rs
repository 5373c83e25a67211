//! The schema's versions.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::super::migrate::{MIGRATIONS, Migrated, Migration, NotMigrated, migrate, newest};
use super::{folder, used};
use crate::{Options, SqliteStore};

#[test]
fn the_list_is_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let listed: Vec<_> = MIGRATIONS.iter().map(|migration| migration.file).collect();
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
    assert_eq!(migrated, Migrated { from: 0, to: newest() });
    let again = SqliteStore::migrate(&path, &options).unwrap();
    assert_eq!(again, Migrated { from: newest(), to: newest() });
}

fn with_next(sql: &'static str) -> Vec<Migration> {
    let known = MIGRATIONS.iter().map(|migration| Migration { file: migration.file, sql: migration.sql });
    known.chain([Migration { file: "next.sql", sql }]).collect()
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
    let migrated = migrate(&mut conn, &with_next("ALTER TABLE users ADD COLUMN motto TEXT;")).unwrap();
    assert_eq!(migrated, Migrated { from: newest(), to: newest() + 1 });
    assert_eq!((version(&conn), submissions(&conn)), (newest() + 1, 20));
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
        let outcome = migrate(&mut conn, &with_next(sql));
        assert!(matches!(outcome, Err(NotMigrated::Failed(_))), "{outcome:?}");
        assert_eq!((version(&conn), submissions(&conn)), (newest(), 20));
    }
}
