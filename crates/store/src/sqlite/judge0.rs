//! Programs handed in over the Judge0 API, within the bounds of their port.

use async_trait::async_trait;
use codementor_core::id::{Judge0Token, UserId};
use codementor_core::judge0::{
    Judge0Submission, Judge0Submissions, Judge0Taken, MAX_KEPT, MAX_KEPT_BYTES, MAX_UNFINISHED,
    MAX_UNFINISHED_BYTES, MAX_UNFINISHED_IN_ALL, NewJudge0,
};
use codementor_core::ports::StoreResult;
use codementor_core::time::Timestamp;
use rusqlite::{Connection, Row, params};

use super::fault::DbResult;
use super::rows::{count, parsed, plain, time};
use super::{SqliteStore, query};

/// The longest page of a list.
const MAX_PAGE: u32 = 100;
/// How many are forgotten at once for their age.
const SWEPT: u32 = 100;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT token, user_id, request, result, created_at, finished_at FROM judge0_submissions ",
            $rest
        )
    };
}

pub(super) const BY_TOKEN: &str = select!("WHERE token = ?1");
pub(super) const OF_USER: &str = select!("WHERE user_id = ?1 ORDER BY seq DESC LIMIT ?3 OFFSET ?2");
pub(super) const COUNT_OF_USER: &str = "SELECT count(*) FROM judge0_submissions WHERE user_id = ?1";
pub(super) const UNFINISHED_OF_USER: &str = "SELECT count(*), coalesce(sum(bytes), 0) FROM judge0_submissions WHERE user_id = ?1 AND finished_at IS NULL";
/// Walks an index of the unfinished ones, which are few.
const COUNT_UNFINISHED: &str = "SELECT count(*) FROM judge0_submissions WHERE finished_at IS NULL";
const UNFINISHED: &str =
    "SELECT token, user_id FROM judge0_submissions WHERE finished_at IS NULL ORDER BY seq LIMIT ?1";
const INSERT: &str = "INSERT INTO judge0_submissions (token, user_id, created_at, bytes, request)
    VALUES (?1, ?2, ?3, ?4, ?5)";
pub(super) const FINISH: &str = "UPDATE judge0_submissions
    SET finished_at = ?3, result = ?2, bytes = bytes + ?4
    WHERE token = ?1 AND finished_at IS NULL RETURNING user_id";
/// The person's finished ones, newest first, with one more than may be kept.
pub(super) const SIZES: &str = "SELECT seq, bytes FROM judge0_submissions
    WHERE user_id = ?1 AND finished_at IS NOT NULL ORDER BY seq DESC LIMIT ?2";
pub(super) const TRIM: &str = "DELETE FROM judge0_submissions
    WHERE user_id = ?1 AND seq <= ?2 AND finished_at IS NOT NULL";
pub(super) const REMOVE: &str = "DELETE FROM judge0_submissions WHERE token = ?1 AND finished_at IS NOT NULL";
pub(super) const SWEEP: &str = "DELETE FROM judge0_submissions WHERE seq IN (
        SELECT seq FROM judge0_submissions WHERE finished_at < ?1 ORDER BY finished_at LIMIT ?2
    )";

#[async_trait]
impl Judge0Submissions for SqliteStore {
    async fn create_judge0(&self, new: &[NewJudge0]) -> StoreResult<Judge0Taken> {
        let new = new.to_vec();
        self.write(move |conn| create(conn, &new)).await
    }

    async fn judge0(&self, token: Judge0Token) -> StoreResult<Option<Judge0Submission>> {
        self.read(move |conn| query::one(conn, BY_TOKEN, [token.to_string()], submission)).await
    }

    async fn judge0_of(
        &self,
        user: UserId,
        offset: u64,
        limit: u32,
    ) -> StoreResult<(Vec<Judge0Submission>, u64)> {
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        self.read(move |conn| {
            let user = user.to_string();
            let total = query::one(conn, COUNT_OF_USER, [&user], |row| count(row, 0))?;
            let limit = limit.clamp(1, MAX_PAGE);
            Ok((query::all(conn, OF_USER, params![user, offset, limit], submission)?, total.unwrap_or(0)))
        })
        .await
    }

    async fn unfinished_judge0(&self, limit: u32) -> StoreResult<Vec<(Judge0Token, UserId)>> {
        self.read(move |conn| {
            query::all(conn, UNFINISHED, [limit], |row| {
                Ok((parsed(row, 0, "token")?, parsed(row, 1, "user id")?))
            })
        })
        .await
    }

    async fn finish_judge0(&self, token: Judge0Token, result: &str, now: Timestamp) -> StoreResult<bool> {
        let result = result.to_owned();
        self.write(move |conn| finish(conn, token, &result, now)).await
    }

    async fn remove_judge0(&self, token: Judge0Token) -> StoreResult<bool> {
        self.write(move |conn| Ok(query::change(conn, REMOVE, [token.to_string()])? > 0)).await
    }

    async fn forget_judge0(&self, finished_before: Timestamp) -> StoreResult<u32> {
        self.write(move |conn| {
            let forgotten = query::change(conn, SWEEP, params![finished_before.as_ms(), SWEPT])?;
            Ok(u32::try_from(forgotten).unwrap_or(u32::MAX))
        })
        .await
    }
}

fn create(conn: &Connection, new: &[NewJudge0]) -> DbResult<Judge0Taken> {
    let Some(first) = new.first() else { return Ok(Judge0Taken::All) };
    let (added, bytes) = (new.len() as u64, new.iter().map(|new| new.request.len() as u64).sum::<u64>());
    let user = first.user_id.to_string();
    let own = query::one(conn, UNFINISHED_OF_USER, [&user], |row| Ok((count(row, 0)?, count(row, 1)?)))?;
    let (number, held) = own.unwrap_or_default();
    if number + added > u64::from(MAX_UNFINISHED) || held + bytes > MAX_UNFINISHED_BYTES {
        return Ok(Judge0Taken::TooMany);
    }
    let all = query::one(conn, COUNT_UNFINISHED, [], |row| count(row, 0))?.unwrap_or(0);
    if all + added > u64::from(MAX_UNFINISHED_IN_ALL) {
        return Ok(Judge0Taken::Full);
    }
    for new in new {
        let bytes = i64::try_from(new.request.len()).unwrap_or(i64::MAX);
        query::change(
            conn,
            INSERT,
            params![new.token.to_string(), user, new.created_at.as_ms(), bytes, new.request],
        )?;
    }
    Ok(Judge0Taken::All)
}

fn finish(conn: &Connection, token: Judge0Token, result: &str, now: Timestamp) -> DbResult<bool> {
    let bytes = i64::try_from(result.len()).unwrap_or(i64::MAX);
    let finished = params![token.to_string(), result, now.as_ms(), bytes];
    let Some(user) = query::one(conn, FINISH, finished, query::first::<String>)? else {
        return Ok(false);
    };
    trim(conn, &user)?;
    Ok(true)
}

/// Forgets the oldest finished submissions of a person beyond the bounds.
fn trim(conn: &Connection, user: &str) -> DbResult<()> {
    let sizes = query::all(conn, SIZES, params![user, MAX_KEPT + 1], |row| {
        Ok((plain::<i64>(row, 0)?, count(row, 1)?))
    })?;
    let mut held = 0;
    let beyond = sizes.into_iter().enumerate().find(|(place, (_, bytes))| {
        held += bytes;
        *place >= MAX_KEPT as usize || held > MAX_KEPT_BYTES
    });
    if let Some((_, (seq, _))) = beyond {
        query::change(conn, TRIM, params![user, seq])?;
    }
    Ok(())
}

fn submission(row: &Row<'_>) -> DbResult<Judge0Submission> {
    Ok(Judge0Submission {
        token: parsed(row, 0, "token")?,
        user_id: parsed(row, 1, "user id")?,
        request: plain(row, 2)?,
        result: plain(row, 3)?,
        created_at: time(row, 4)?,
        finished_at: plain::<Option<i64>>(row, 5)?.map(Timestamp::from_ms),
    })
}
