//! Challenges that did not come with the program. Their contents have their own file, [`super::contents`].

use async_trait::async_trait;
use codementor_core::catalogue::{
    Challenges, ContentHash, FileSet, Listing, MAX_OF_AUTHOR, MAX_STORED, Offers, Origin, Published, Removed,
    Save, Saved, Stage, StoredChallenge, Verification,
};
use codementor_core::id::{ChallengeId, UserId};
use codementor_core::ports::{StoreError, StoreResult};
use codementor_core::time::Timestamp;
use rusqlite::{Connection, Row, params};

use super::contents::{self, Packed};
use super::fault::{DbResult, Fault};
use super::rows::{challenge, count, parsed, plain, time};
use super::{SqliteStore, query};

/// The columns of a stored challenge, which [`stored`] reads.
macro_rules! columns {
    () => {
        "id, title, author, format, stage, content, offered, verification, revision, created_at, changed_at, changed_by"
    };
}

pub(super) const BY_ID: &str = concat!("SELECT ", columns!(), " FROM challenges WHERE id = ?1");
const INSERT: &str = "INSERT INTO challenges
        (id, title, author, format, stage, content, revision, created_at, changed_at, changed_by)
    VALUES (?1, ?2, ?3, ?4, 'draft', ?5, 1, ?6, ?6, ?7)";
pub(super) const CHANGE: &str = "UPDATE challenges
    SET title = ?2, content = ?3, revision = revision + 1, changed_at = ?4, changed_by = ?5 WHERE id = ?1";
pub(super) const NOTE: &str = "UPDATE challenges SET verification = ?3 WHERE id = ?1 AND content = ?2";
pub(super) const OFFER: &str = "UPDATE challenges SET stage = 'published', offered = content WHERE id = ?1";
pub(super) const WITHDRAW: &str = "UPDATE challenges SET stage = 'withdrawn', offered = NULL WHERE id = ?1";
pub(super) const REMOVE: &str = "DELETE FROM challenges WHERE id = ?1";
/// Walks at most all challenges, which are bounded, in the order of their ids.
pub(super) const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM challenges WHERE id > ?1 AND (?2 IS NULL OR author = ?2 OR stage <> 'draft') ORDER BY id LIMIT ?3"
);
pub(super) const COUNT_OF_AUTHOR: &str = "SELECT count(*) FROM challenges WHERE author = ?1";
const COUNT: &str = "SELECT count(*) FROM challenges";
pub(super) const REVISION: &str = "SELECT revision FROM challenge_offers WHERE id = 1";
pub(super) const NEXT_REVISION: &str = "UPDATE challenge_offers SET revision = revision + 1 WHERE id = 1";
const OFFERED: &str = "SELECT id, offered FROM challenges WHERE offered IS NOT NULL";

/// The most challenges a list shows: a page and one.
const MAX_PAGE: u32 = 101;
/// The longest title kept, in characters.
const MAX_TITLE: usize = 200;

#[async_trait]
impl Challenges for SqliteStore {
    async fn save_challenge(&self, save: &Save) -> StoreResult<Saved> {
        let save = save.clone();
        // Packing takes a while: not on the writer's thread.
        let packed = contents::pack(save.files.clone()).await?;
        self.write(move |conn| keep(conn, &save, &packed)).await
    }

    async fn stored_challenge(&self, id: &ChallengeId) -> StoreResult<Option<StoredChallenge>> {
        let id = id.clone();
        self.read(move |conn| by_id(conn, &id)).await
    }

    async fn stored_challenges(&self, listing: &Listing) -> StoreResult<Vec<StoredChallenge>> {
        let after = listing.after.as_ref().map_or(String::new(), ToString::to_string);
        let seen_by = listing.seen_by.map(|user| user.to_string());
        let limit = listing.limit.clamp(1, MAX_PAGE);
        self.read(move |conn| query::all(conn, LIST, params![after, seen_by, limit], stored)).await
    }

    async fn challenge_files(&self, content: &ContentHash) -> StoreResult<Option<FileSet>> {
        let content = *content;
        self.read(move |conn| contents::files(conn, &content)).await
    }

    async fn note_verification(&self, id: &ChallengeId, found: &Verification) -> StoreResult<bool> {
        let (id, content) = (id.clone(), found.content);
        let found = serde_json::to_string(found).map_err(|error| StoreError::Failed(error.to_string()))?;
        self.write(move |conn| {
            let noted = query::change(conn, NOTE, params![id.as_str(), content.as_bytes(), found])?;
            Ok(noted == 1)
        })
        .await
    }

    async fn publish_challenge(&self, id: &ChallengeId, content: &ContentHash) -> StoreResult<Published> {
        let (id, content) = (id.clone(), *content);
        self.write(move |conn| publish(conn, &id, &content)).await
    }

    async fn withdraw_challenge(&self, id: &ChallengeId) -> StoreResult<Option<StoredChallenge>> {
        let id = id.clone();
        self.write(move |conn| withdraw(conn, &id)).await
    }

    async fn remove_challenge(&self, id: &ChallengeId, revision: u64) -> StoreResult<Removed> {
        let id = id.clone();
        self.write(move |conn| remove(conn, &id, revision)).await
    }

    async fn offers(&self, known: Option<u64>) -> StoreResult<Option<Offers>> {
        self.read(move |conn| {
            let revision = query::one(conn, REVISION, [], |row| count(row, 0))?.unwrap_or(0);
            if known == Some(revision) {
                return Ok(None);
            }
            let items = query::all(conn, OFFERED, [], |row| Ok((challenge(row, 0)?, hash(row, 1)?)))?;
            Ok(Some(Offers { revision, items }))
        })
        .await
    }
}

fn by_id(conn: &Connection, id: &ChallengeId) -> DbResult<Option<StoredChallenge>> {
    query::one(conn, BY_ID, [id.as_str()], stored)
}

/// One that was written in this transaction.
fn reread(conn: &Connection, id: &ChallengeId) -> DbResult<StoredChallenge> {
    by_id(conn, id)?.ok_or(Fault::Malformed("challenge"))
}

fn keep(conn: &Connection, save: &Save, packed: &Packed) -> DbResult<Saved> {
    let known = by_id(conn, &save.id)?;
    match &known {
        None if save.revision > 0 => return Ok(Saved::Missing),
        Some(known) if known.revision != save.revision => return Ok(Saved::Conflict(known.clone())),
        Some(known) if known.content == packed.hash => return Ok(Saved::Done(known.clone())),
        None if !has_room(conn, &save.origin)? => return Ok(Saved::Full),
        _ => {}
    }
    if !contents::put(conn, packed)? {
        return Ok(Saved::Full);
    }
    let title: String = save.title.chars().take(MAX_TITLE).collect();
    let (id, hash) = (save.id.as_str(), packed.hash.as_bytes());
    let (at, by) = (save.at.as_ms(), save.by.map(|by| by.to_string()));
    match known {
        None => {
            let (author, format) = match &save.origin {
                Origin::Authored(author) => (Some(author.to_string()), None),
                Origin::Imported { format } => (None, Some(format.as_str())),
            };
            query::change(conn, INSERT, params![id, title, author, format, hash, at, by])?;
        }
        Some(known) => {
            query::change(conn, CHANGE, params![id, title, hash, at, by])?;
            contents::forget(conn, &known.content)?;
        }
    }
    Ok(Saved::Done(reread(conn, &save.id)?))
}

fn has_room(conn: &Connection, origin: &Origin) -> DbResult<bool> {
    let counted = |sql, of: Option<String>| match of {
        None => query::one(conn, sql, [], |row| count(row, 0)),
        Some(of) => query::one(conn, sql, [of], |row| count(row, 0)),
    };
    let of_author = match origin {
        Origin::Authored(author) => counted(COUNT_OF_AUTHOR, Some(author.to_string()))?.unwrap_or(0),
        Origin::Imported { .. } => 0,
    };
    let all = counted(COUNT, None)?.unwrap_or(0);
    Ok(all < u64::from(MAX_STORED) && of_author < u64::from(MAX_OF_AUTHOR))
}

fn publish(conn: &Connection, id: &ChallengeId, content: &ContentHash) -> DbResult<Published> {
    let Some(known) = by_id(conn, id)? else { return Ok(Published::Missing) };
    if known.content != *content || !known.is_verified() {
        return Ok(Published::Unverified);
    }
    if known.offered != Some(*content) {
        query::change(conn, OFFER, [id.as_str()])?;
        query::change(conn, NEXT_REVISION, [])?;
        if let Some(before) = known.offered {
            contents::forget(conn, &before)?;
        }
    }
    Ok(Published::Done(Box::new(reread(conn, id)?)))
}

fn withdraw(conn: &Connection, id: &ChallengeId) -> DbResult<Option<StoredChallenge>> {
    let Some(known) = by_id(conn, id)? else { return Ok(None) };
    if let Some(offered) = known.offered {
        query::change(conn, WITHDRAW, [id.as_str()])?;
        query::change(conn, NEXT_REVISION, [])?;
        contents::forget(conn, &offered)?;
    }
    Ok(Some(reread(conn, id)?))
}

fn remove(conn: &Connection, id: &ChallengeId, revision: u64) -> DbResult<Removed> {
    let Some(known) = by_id(conn, id)? else { return Ok(Removed::Missing) };
    if known.revision != revision || known.stage != Stage::Draft {
        return Ok(Removed::Conflict);
    }
    query::change(conn, REMOVE, [id.as_str()])?;
    contents::forget(conn, &known.content)?;
    Ok(Removed::Done)
}

fn hash(row: &Row<'_>, column: usize) -> DbResult<ContentHash> {
    Ok(ContentHash::from_bytes(plain(row, column)?))
}

fn stored(row: &Row<'_>) -> DbResult<StoredChallenge> {
    let user = |column| -> DbResult<Option<UserId>> {
        let text: Option<String> = plain(row, column)?;
        text.map(|text| text.parse()).transpose().map_err(|_| Fault::Malformed("user id"))
    };
    let origin = match (user(2)?, plain::<Option<String>>(row, 3)?) {
        (Some(author), None) => Origin::Authored(author),
        (None, Some(format)) => Origin::Imported { format },
        _ => return Err(Fault::Malformed("origin")),
    };
    let verification: Option<String> = plain(row, 7)?;
    let verification = verification.map(|text| serde_json::from_str(&text)).transpose();
    Ok(StoredChallenge {
        id: challenge(row, 0)?,
        title: plain(row, 1)?,
        origin,
        stage: parsed(row, 4, "stage")?,
        content: hash(row, 5)?,
        offered: plain::<Option<[u8; 32]>>(row, 6)?.map(ContentHash::from_bytes),
        verification: verification.map_err(|_| Fault::Malformed("verification"))?,
        revision: count(row, 8)?,
        created_at: time(row, 9)?,
        changed_at: Timestamp::from_ms(plain(row, 10)?),
        changed_by: user(11)?,
    })
}
