//! Submissions: handing in, listing, taking up. Finishing has its own file, [`super::finish`].

use async_trait::async_trait;
use codementor_core::audience::{Audience, SESSION_KEY, Unfinished};
use codementor_core::id::{ChallengeId, SubmissionId, UserId};
use codementor_core::ports::{
    ChallengeStatus, Finished, NewSubmission, Queued, StoreError, StoreResult, SubmissionFilter, Submissions,
};
use codementor_core::submission::{Counterexample, Report, Submission, SubmissionStatus};
use codementor_core::time::Timestamp;
use rusqlite::{Connection, params};

use super::fault::DbResult;
use super::finish::Finish;
use super::rows::{self, challenge, parsed, plain, submission_columns};
use super::{SqliteStore, query};

/// The longest page of a list.
const MAX_PAGE: u32 = 101;

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", submission_columns!(), " FROM submissions ", $rest)
    };
}

pub(super) const BY_ID: &str = select!("WHERE id = ?1");
pub(super) const BY_REQUEST: &str = select!("WHERE user_id = ?1 AND request_key = ?2");
/// Stops counting at the bound.
pub(super) const COUNT_UNFINISHED: &str = "SELECT count(*) FROM (
        SELECT 1 FROM submissions WHERE user_id = ?1 AND status <> 'finished' LIMIT ?2
    )";
const INSERT: &str = "INSERT INTO submissions
        (id, user_id, challenge_id, language, code, request_key, status, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued', ?7)";
/// Ids are ordered by time of creation; `'g'` stands behind every id.
pub(super) const OF_USER: &str =
    select!("WHERE user_id = ?1 AND id < coalesce(?2, 'g') ORDER BY id DESC LIMIT ?3");
pub(super) const OF_CHALLENGE: &str =
    select!("WHERE user_id = ?1 AND id < coalesce(?2, 'g') AND challenge_id = ?4 ORDER BY id DESC LIMIT ?3");
pub(super) const MARK_RUNNING: &str =
    "UPDATE submissions SET status = 'running' WHERE id = ?1 AND status = 'queued'";
/// Only once, and only of what was judged.
pub(super) const KEEP_COUNTEREXAMPLE: &str = "UPDATE submissions SET counterexample = ?2
    WHERE id = ?1 AND status = 'finished' AND counterexample IS NULL";
pub(super) const UNFINISHED: &str = "SELECT id, user_id, coalesce(substr(request_key, 1, length(?2)) = ?2, 0)
    FROM submissions WHERE status <> 'finished' ORDER BY id LIMIT ?1";
pub(super) const STATUSES: &str = "SELECT challenge_id, max(coalesce(verdict = 'accepted', 0))
    FROM submissions WHERE user_id = ?1 GROUP BY challenge_id";

#[async_trait]
impl Submissions for SqliteStore {
    async fn create_submission(&self, new: &NewSubmission, max_unfinished: u32) -> StoreResult<Queued> {
        let new = new.clone();
        self.write(move |conn| create(conn, &new, max_unfinished)).await
    }

    async fn submission(&self, id: SubmissionId) -> StoreResult<Option<Submission>> {
        self.read(move |conn| by_id(conn, id)).await
    }

    async fn submissions(&self, filter: &SubmissionFilter) -> StoreResult<Vec<Submission>> {
        let filter = filter.clone();
        self.read(move |conn| list(conn, &filter)).await
    }

    async fn mark_running(&self, id: SubmissionId) -> StoreResult<()> {
        self.write(move |conn| {
            query::change(conn, MARK_RUNNING, [id.to_string()])?;
            Ok(())
        })
        .await
    }

    async fn finish_submission(
        &self,
        id: SubmissionId,
        report: &Report,
        xp: u32,
        now: Timestamp,
    ) -> StoreResult<Option<Finished>> {
        let finish = Finish { id, report: report.clone(), xp, now };
        self.write(move |conn| finish.run(conn)).await
    }

    async fn keep_counterexample(&self, id: SubmissionId, found: &Counterexample) -> StoreResult<bool> {
        let text = serde_json::to_string(found).map_err(|error| StoreError::Failed(error.to_string()))?;
        self.write(move |conn| {
            Ok(query::change(conn, KEEP_COUNTEREXAMPLE, params![id.to_string(), text])? == 1)
        })
        .await
    }

    async fn unfinished(&self, limit: u32) -> StoreResult<Vec<Unfinished>> {
        self.read(move |conn| {
            query::all(conn, UNFINISHED, params![limit, SESSION_KEY], |row| {
                let audience = if plain(row, 2)? { Audience::Session } else { Audience::Person };
                let (id, user_id) = (parsed(row, 0, "submission id")?, parsed(row, 1, "user id")?);
                Ok(Unfinished { id, user_id, audience })
            })
        })
        .await
    }

    async fn challenge_statuses(&self, user: UserId) -> StoreResult<Vec<(ChallengeId, ChallengeStatus)>> {
        self.read(move |conn| {
            query::all(conn, STATUSES, [user.to_string()], |row| {
                let status = match plain(row, 1)? {
                    true => ChallengeStatus::Solved,
                    false => ChallengeStatus::Attempted,
                };
                Ok((challenge(row, 0)?, status))
            })
        })
        .await
    }
}

fn create(conn: &Connection, new: &NewSubmission, max_unfinished: u32) -> DbResult<Queued> {
    let user = new.user_id.to_string();
    if let Some(key) = &new.request_key
        && let Some(before) = query::one(conn, BY_REQUEST, params![user, key], rows::submission)?
    {
        return Ok(Queued::Repeated(before));
    }
    let unfinished = query::one(conn, COUNT_UNFINISHED, params![user, max_unfinished], query::first::<u32>)?;
    if unfinished.unwrap_or(0) >= max_unfinished {
        return Ok(Queued::TooMany);
    }
    query::change(
        conn,
        INSERT,
        params![
            new.id.to_string(),
            user,
            new.challenge_id.as_str(),
            new.language.as_str(),
            new.code,
            new.request_key,
            new.created_at.as_ms(),
        ],
    )?;
    Ok(Queued::New(queued(new)))
}

fn queued(new: &NewSubmission) -> Submission {
    Submission {
        id: new.id,
        user_id: new.user_id,
        challenge_id: new.challenge_id.clone(),
        language: new.language.clone(),
        code: new.code.clone(),
        status: SubmissionStatus::Queued,
        report: None,
        counterexample: None,
        xp_awarded: 0,
        created_at: new.created_at,
        finished_at: None,
    }
}

fn list(conn: &Connection, filter: &SubmissionFilter) -> DbResult<Vec<Submission>> {
    let user = filter.user_id.to_string();
    let before = filter.before.map(|id| id.to_string());
    let limit = filter.limit.clamp(1, MAX_PAGE);
    match &filter.challenge_id {
        None => query::all(conn, OF_USER, params![user, before, limit], rows::submission),
        Some(challenge) => {
            query::all(conn, OF_CHALLENGE, params![user, before, limit, challenge.as_str()], rows::submission)
        }
    }
}

/// Finds a submission.
pub(super) fn by_id(conn: &Connection, id: SubmissionId) -> DbResult<Option<Submission>> {
    query::one(conn, BY_ID, [id.to_string()], rows::submission)
}
