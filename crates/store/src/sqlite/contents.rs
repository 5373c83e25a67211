//! What challenges are made of: a packed row a content, kept as long as a challenge needs it.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};

use codementor_core::catalogue::{ContentHash, FileSet, MAX_CONTENT_BYTES, MAX_STORE_BYTES};
use codementor_core::ports::{StoreError, StoreResult};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rusqlite::{Connection, Row, params};
use tokio::task::spawn_blocking;

use super::fault::{DbResult, Fault};
use super::query;
use super::rows::count;

const PUT: &str =
    "INSERT INTO challenge_contents (hash, files) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING";
pub(super) const FILES: &str = "SELECT files FROM challenge_contents WHERE hash = ?1";
/// Reads the heads of at most as many rows as there may be challenges, twice.
const USED: &str = "SELECT coalesce(sum(length(files)), 0) FROM challenge_contents";
pub(super) const FORGET: &str = "DELETE FROM challenge_contents WHERE hash = ?1
    AND NOT EXISTS (SELECT 1 FROM challenges WHERE content = ?1)
    AND NOT EXISTS (SELECT 1 FROM challenges WHERE offered = ?1)";

/// The most a content unpacks to: each byte may be six in JSON.
const MAX_JSON_BYTES: u64 = 6 * MAX_CONTENT_BYTES as u64 + 1024 * 1024;

/// A content as a row has it.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) hash: ContentHash,
    files: Vec<u8>,
}

/// Packs files, on a thread for such work.
pub(super) async fn pack(files: FileSet) -> StoreResult<Packed> {
    let work = move || {
        let hash = files.hash();
        let texts: BTreeMap<&str, &str> = files.iter().collect();
        let json = serde_json::to_vec(&texts).map_err(|error| StoreError::Failed(error.to_string()))?;
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        let written = packed.write_all(&json).and_then(|()| packed.finish());
        let files = written.map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(Packed { hash, files })
    };
    spawn_blocking(work).await.unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))
}

/// Unpacks a row's files.
fn unpack(row: &Row<'_>) -> DbResult<FileSet> {
    let packed = row.get_ref(0)?.as_blob().map_err(|_| Fault::Malformed("content"))?;
    let reader = BufReader::new(ZlibDecoder::new(packed).take(MAX_JSON_BYTES));
    let texts: BTreeMap<String, String> =
        serde_json::from_reader(reader).map_err(|_| Fault::Malformed("content"))?;
    let mut files = FileSet::default();
    for (path, text) in texts {
        files.insert(&path, text).map_err(|_| Fault::Malformed("content"))?;
    }
    Ok(files)
}

/// A content's files.
pub(super) fn files(conn: &Connection, hash: &ContentHash) -> DbResult<Option<FileSet>> {
    query::one(conn, FILES, [hash.as_bytes()], unpack)
}

/// Keeps a content. `false`: there is no room for it.
pub(super) fn put(conn: &Connection, packed: &Packed) -> DbResult<bool> {
    let used = query::one(conn, USED, [], |row| count(row, 0))?.unwrap_or(0);
    if used + packed.files.len() as u64 > MAX_STORE_BYTES {
        return Ok(false);
    }
    query::change(conn, PUT, params![packed.hash.as_bytes(), packed.files])?;
    Ok(true)
}

/// Removes a content that no challenge needs any more.
pub(super) fn forget(conn: &Connection, hash: &ContentHash) -> DbResult<()> {
    query::change(conn, FORGET, [hash.as_bytes()])?;
    Ok(())
}
